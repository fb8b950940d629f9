#!/usr/bin/env python3
"""The admin's OpenAPI document against the real program: every operation is brought to every status that the document gives it and
to no other one, and every body fits its schema (JSON Schema 2020-12)."""
import contextlib
import http.client
import json
import os
import sqlite3
import unittest
import urllib.parse

import jsonschema

from packyard_process import Site

TOKENS = {"support": "read", "ops": "keys", "boss": "all"}
JSON, LINES = "application/json", "application/x-ndjson"
NO_KEY = "key_aaaaaaaaaaaaaaaa"


class OpenApiTest(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        for name in TOKENS:
            path = os.path.join(self.site.folder, f"token_{name}")
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
                file.write(f"{name}-" * 10 + "\n")
        tokens = ", ".join(f"{{name: {name}, role: {role}, file: token_{name}}}" for name, role in TOKENS.items())
        self.site.write_settings(f"{{listen: '127.0.0.1:0', tokens: [{tokens}]}}")
        self.reached = set()
        self.start_admin()
        self.document = json.loads(self.raw("GET", "/api/v1/openapi.json")[2])

    def start_admin(self):
        self.admin = self.site.start("admin")
        self.address = urllib.parse.urlsplit(self.admin.admin_url()).netloc

    def raw(self, method, path, body=None, media=JSON, who="boss", **headers):
        connection = http.client.HTTPConnection(self.address, timeout=60)
        with contextlib.closing(connection):
            sent = {"Authorization": f"Bearer {who}-{who}-" if who is None else "Bearer " + f"{who}-" * 10}
            if who is None:
                sent = {}
            if body is not None and media:
                sent["Content-Type"] = media
            connection.request(method, path, body=body.encode() if isinstance(body, str) else body,
                               headers={**sent, **{name.replace("_", "-"): value for name, value in headers.items()}})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def resolved(self, node):
        while "$ref" in node:
            found = self.document
            for name in node["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            node = found
        return node

    def fits(self, schema, value, what):
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "components": self.document["components"]}
        errors = [error.message for error in jsonschema.Draft202012Validator(whole).iter_errors(value)]
        self.assertEqual(errors, [], what)

    def ask(self, operation, status, *arguments, id_=None, query="", **more):
        """Asks, wants the status, and holds the answer against the document."""
        method, path = operation
        answer = self.raw(method.upper(), path.replace("{id}", id_ or "") + query, *arguments, **more)
        self.assertEqual(answer[0], status, (operation, answer[2]))
        described = self.resolved(self.document["paths"][path][method]["responses"][str(status)])
        media = answer[1]["Content-Type"]
        schema = described["content"][media]["schema"]
        lines = answer[2].decode().splitlines() if media == LINES else None
        if lines is None:
            self.fits(schema, json.loads(answer[2]), (operation, status))
        else:
            of = schema["description"].split(": ")[1].split(" ")[0]
            for line in lines:
                self.fits({"$ref": f"#/components/schemas/{of}"}, json.loads(line), (operation, status))
        for name in described.get("headers", {}):
            if name in ("Retry-After", "WWW-Authenticate"):
                self.assertIn(name, answer[1])
        self.reached.add((method, path, status))
        return lines if lines is not None else json.loads(answer[2])

    def make(self, label="x"):
        return self.ask(("post", "/api/v1/keys"), 201, json.dumps({"component": "core", "label": label}))

    # What goes right, and what one operation alone can get wrong.
    def exercise_keys(self):
        keys, one = "/api/v1/keys", "/api/v1/keys/{id}"
        made = self.make()
        id_ = made["id"]
        many = "".join(json.dumps({"components": ["core", "plus"], "label": f"n{n}", "metadata": {"n": n}}) + "\n" for n in range(3))
        self.ask(("post", keys), 201, many, LINES)
        self.ask(("post", keys), 400, '{"component":"core"}')
        self.ask(("get", keys), 200, query="?limit=2")
        self.ask(("get", keys), 400, query="?limit=none")
        self.ask(("get", one), 200, id_=id_)
        self.ask(("patch", one), 200, '{"years":["2025"],"expires_at":"2999-01-01T00:00:00Z"}', id_=id_)
        self.ask(("patch", one), 400, '{"years":["25"]}', id_=id_)
        self.ask(("post", one + "/rotate"), 200, '{"overlap_seconds":3600}', id_=id_)
        self.ask(("post", one + "/rotate"), 400, "{}", id_=id_)
        self.ask(("get", one + "/usage"), 200, id_=id_, query="?from=2026-01-01&limit=1")
        self.ask(("get", one + "/usage"), 400, id_=id_, query="?from=today")
        for verb in ("suspend", "resume"):
            self.ask(("post", one + "/" + verb), 200, "{}", id_=id_)
            self.ask(("post", one + "/" + verb), 400, '{"x":1}', id_=id_)
        question = {"key": made["key"], "uri": "/rpm/core/2025/el9-x86_64/repodata/repomd.xml"}
        self.ask(("post", "/api/v1/check"), 200, json.dumps(question))
        self.ask(("post", "/api/v1/check"), 200, json.dumps({**question, "uri": "/rpm/plus/2025/x/"}))
        self.ask(("post", "/api/v1/check"), 400, "{}")
        self.ask(("post", "/api/v1/check"), 404, json.dumps({"key_id": NO_KEY, "uri": "/v2/"}))
        exported = self.ask(("get", "/api/v1/export"), 200)
        self.assertEqual(len(exported), 4)
        self.ask(("get", "/api/v1/export"), 400, query="?limit=0")
        self.assertEqual(self.ask(("post", "/api/v1/import"), 200, "\n".join(exported), LINES), {"imported": 0, "skipped": 4})
        self.ask(("post", "/api/v1/import"), 400, "{", LINES)
        self.ask(("post", "/api/v1/import"), 409, exported[0].replace('"pepper_id":"', '"pepper_id":"other'), LINES)
        self.ask(("delete", one), 200, id_=id_)
        self.ask(("delete", one), 400, "{}", id_=id_)
        self.ask(("post", one + "/rotate"), 409, '{"overlap_seconds":0}', id_=id_)
        for verb in ("suspend", "resume"):
            self.ask(("post", one + "/" + verb), 409, "{}", id_=id_)
        self.id = id_

    def exercise_promotions(self):
        promotions = "/api/v1/promotions"
        first = self.ask(("post", promotions), 202, '{"component":"core","dry_run":true}')
        self.assertEqual(first["requested_by"], "boss")
        self.ask(("post", promotions), 400, '{"component":"other"}')
        self.ask(("get", promotions), 200, query="?limit=1")
        self.ask(("get", promotions), 400, query="?limit=0")
        self.ask(("get", promotions + "/{id}"), 200, id_=first["id"])
        self.ask(("get", promotions + "/{id}"), 404, id_="prm_999999")
        for _ in range(63):
            self.ask(("post", promotions), 202, "{}")
        self.ask(("post", promotions), 429, "{}")
        self.promotion = first["id"]

    def operations(self):
        for path, operations in self.document["paths"].items():
            for method in operations:
                if method != "parameters":
                    has_body = method in ("post", "patch")
                    yield (method, path), {"id_": self.promotion if "promotions" in path else self.id}, ["{}"] if has_body else []

    # What any operation can get wrong.
    def exercise_the_guard(self):
        for operation, which, body in self.operations():
            method, path = operation
            statuses = self.document["paths"][path][method]["responses"]
            self.ask(operation, 421, *body, Host="evil.example", **which)
            self.ask(operation, 403, *body, Sec_Fetch_Site="cross-site", **which)
            if self.document["paths"][path][method]["x-packyard-role"] != "read":
                self.ask(operation, 403, *body, who="support", **which)
            if "401" in statuses:
                self.ask(operation, 401, *body, who=None, **which)
            self.ask(operation, 413, " " * (64 * 1024 + 1), **which)
            if method == "get":
                self.ask(operation, 400, "{}", **which)
            if "415" in statuses:
                self.ask(operation, 415, "{}", "text/plain", **which)
            if "404" in statuses and path.startswith("/api/v1/keys/"):
                body = ['{"overlap_seconds":0}'] if path.endswith("/rotate") else body
                self.ask(operation, 404, *body, id_=NO_KEY)

    def good_body(self, operation):
        method, path = operation
        bodies = {"/api/v1/keys": '{"component":"core","label":"x"}', "/api/v1/keys/{id}": '{"label":"changed"}',
                  "/api/v1/keys/{id}/rotate": '{"overlap_seconds":0}', "/api/v1/import": self.exported,
                  "/api/v1/check": json.dumps({"key_id": self.id, "uri": "/v2/"})}
        if method not in ("post", "patch"):
            return []
        return [bodies.get(path, "{}"), LINES if path == "/api/v1/import" else JSON]

    def all_give(self, status, is_meant):
        for operation, which, _ in self.operations():
            if str(status) in self.document["paths"][operation[1]][operation[0]]["responses"] and is_meant(operation[1]):
                self.ask(operation, status, *self.good_body(operation), **which)

    # Our own failures, for real: a database that went away, a damaged one, a queue that is no folder.
    def exercise_failures(self):
        self.id = self.make("for failures")["id"]
        self.exported = "\n".join(self.ask(("get", "/api/v1/export"), 200))
        database, away = self.site.state("keys.db"), self.site.state("keys.db.away")
        os.rename(database, away)
        self.all_give(503, lambda path: "promotions" not in path)
        os.rename(away, database)
        queue = self.site.state("queue")
        os.rename(queue, queue + ".away")
        with open(queue, "w", encoding="utf-8"):
            pass
        self.all_give(503, lambda path: "promotions" in path)
        os.remove(queue)
        os.rename(queue + ".away", queue)
        self.admin.stop()
        self.start_admin()
        self.ask(("get", "/api/v1/keys"), 200)
        self.damage(database)
        self.all_give(500, lambda path: True)

    @staticmethod
    def damage(database):
        """Every page but the first; a write through another connection then has the admin read the file anew."""
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            with open(database, "r+b") as file:
                size = os.path.getsize(database)
                file.seek(4096)
                file.write(b"\xff" * (size - 4096))
            connection.execute("PRAGMA application_id = 1")

    def test_every_status_is_reached_and_no_other(self):
        self.ask(("get", "/healthz"), 200, who=None)
        self.ask(("get", "/api/v1/openapi.json"), 200)
        self.exercise_keys()
        self.exercise_promotions()
        self.exercise_the_guard()
        self.exercise_failures()
        described = {(method, path, int(status)) for path, operations in self.document["paths"].items()
                     for method, operation in operations.items() if method != "parameters" for status in operation["responses"]}
        self.assertEqual(described - self.reached, set())


if __name__ == "__main__":
    unittest.main()
