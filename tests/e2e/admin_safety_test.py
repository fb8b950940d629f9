#!/usr/bin/env python3
"""The running admin against web pages and against bodies: names that a rebinding attack uses, forms and fetches of other sites, every field with
every wrong type, and thousands of broken bodies from a fixed seed. Nothing may be changed, told or broken by them.

E2E_FUZZED_BODIES: how many (2000; 10000 for the evidence). E2E_SEED: another seed."""
import copy
import json
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from packyard_site import BUILD, Site  # noqa: E402
from raw_connection import RawConnection  # noqa: E402

BODIES = int(os.environ.get("E2E_FUZZED_BODIES", "2000"))
SEED = int(os.environ.get("E2E_SEED", "20260131"))
KEYS = "/api/v1/keys"
GOOD = {"components": ["core", "plus"], "label": "Customer A", "years": ["2025"], "formats": ["rpm"], "addresses": ["203.0.113.0/24"],
        "not_before": "2026-01-31T00:00:00Z", "expires_at": "2999-01-31T00:00:00Z", "grace_seconds": 60, "metadata": {"contract": "C-7", "n": 1}}
# JSON values of every kind; a field refuses all but its own.
VALUES = {"null": None, "true": True, "zero": 0, "number": 7, "negative": -1, "fraction": 1.5, "huge": 10 ** 30, "text": "x", "empty text": "", "list": [], "list of numbers": [1],
          "list of lists": [["core"]], "list of null": [None], "object": {}, "object in a list": [{}], "deep": [[[[[[[[]]]]]]]]}
FITS = {"components": [], "label": ["text"], "years": ["null", "list"], "formats": ["null", "list"], "addresses": ["null", "list"], "not_before": ["null"],
        "expires_at": ["null"], "grace_seconds": ["null", "zero", "number"], "metadata": ["null", "object"]}


class AdminSafety(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.site.spawn("admin", [f"{BUILD}/packyard", "admin"], PACKYARD_CONFIG=cls.site.config)
        cls.site.wait_for(lambda: cls.site.admin("GET", "/healthz")[0] == 200, "the admin")
        cls.key = cls.site.create_key("core", label="stays as it is")

    def setUp(self):
        self.before = self.state()

    def tearDown(self):
        self.assertEqual(self.state(), self.before)

    def state(self):
        status, rows = self.site.admin("GET", KEYS)
        self.assertEqual(status, 200)
        return rows

    def send(self, method, path, headers, body=b""):
        """The answer to bytes as they stand."""
        connection = RawConnection(self.site.admin_port)
        try:
            length = f"Content-Length: {len(body)}\r\n" if body or method != "GET" else ""
            connection.send(f"{method} {path} HTTP/1.1\r\n{''.join(f'{line}{chr(13)}{chr(10)}' for line in headers)}{length}Connection: close\r\n\r\n".encode("latin-1") + body)
            answers = connection.answers([method])
            self.assertEqual(len(answers), 1, (method, path, headers))
            return answers[0]
        finally:
            connection.close()

    def refused(self, *request):
        answer = self.send(*request)
        self.assertIn(answer.status, (400, 403, 405, 413, 415, 421), (request, answer.body))
        for told in (self.key["id"].encode(), b"stays as it is"):
            self.assertNotIn(told, answer.body)
        head = answer.head.lower()
        self.assertNotIn(b"access-control-", head)
        self.assertNotIn(b"set-cookie", head)
        return answer

    # ---- web pages ------------------------------------------------------------------------------------------------------------
    def test_dns_rebinding(self):
        """The page's own name leads to 127.0.0.1: for the browser it is one site, with every header and type."""
        port = self.site.admin_port
        good = json.dumps({"component": "core", "label": "rebound"}).encode()
        for name in ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}", f"localhost.evil.example:{port}", f"127.0.0.1.nip.io:{port}", f"0.0.0.0:{port}",
                     f"[::]:{port}", f"localhost.:{port}", f"127.1:{port}", f"2130706433:{port}", f"0x7f000001:{port}", f"[::ffff:127.0.0.1]:{port}", f"localtest.me:{port}",
                     f"evil.example@127.0.0.1:{port}", f"127.0.0.1:{port}@evil.example", f"127.0.0.1, evil.example:{port}", ""):
            own = [f"Host: {name}", f"Origin: http://{name}", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors"]
            for method, path, more, body in (("GET", KEYS, [], b""), ("GET", f"{KEYS}/{self.key['id']}", [], b""), ("GET", "/api/v1/export", [], b""), ("HEAD", KEYS, [], b""),
                                             ("POST", KEYS, ["Content-Type: application/json"], good), ("DELETE", f"{KEYS}/{self.key['id']}", [], b""),
                                             ("POST", f"{KEYS}/{self.key['id']}/suspend", ["Content-Type: application/json"], b"{}")):
                self.refused(method, path, own + more, body)
                self.refused(method, path, own[:1] + more, body)
                self.refused(method, f"http://{name}{path}", [f"Host: localhost:{port}", *more], body)
        self.refused("GET", KEYS, [])
        self.refused("GET", KEYS, ["Host: localhost", "Host: evil.example"])
        self.refused("GET", KEYS, ["Host: evil.example", "X-Forwarded-Host: localhost", "Forwarded: host=localhost", "X-Host: localhost"])

    def test_cross_site_forms_and_fetches(self):
        port = self.site.admin_port
        here = f"Host: 127.0.0.1:{port}"
        body = json.dumps({"component": "core", "label": "forged"}).encode()
        forms = {"a form": "application/x-www-form-urlencoded", "a text form": "text/plain", "a form with files": "multipart/form-data; boundary=x", "a beacon": "text/plain;charset=UTF-8",
                 "no type": None, "JSON by name only": "text/json", "JSON as a parameter": "text/plain; application/json", "two types": "text/plain, application/json",
                 "JSON in another charset": "application/json; charset=utf-16", "CSP report": "application/csp-report"}
        for path in (KEYS, f"{KEYS}/{self.key['id']}/rotate", f"{KEYS}/{self.key['id']}/suspend", "/api/v1/import", "/api/v1/check"):
            for kind in forms.values():
                for sent in (body, b'{"component":"core","label":"forged', b"component=core&label=forged"):
                    # As old browsers send it: nothing but the type tells.
                    self.refused("POST", path, [here] + ([f"Content-Type: {kind}"] if kind else []), sent)
        for origin in ("http://evil.example", "null", "http://127.0.0.1", f"http://localhost:{port}", f"http://127.0.0.1:{port}.evil.example", f"http://evil.example:{port}", f"http://127.0.0.1:{port}/",
                       f"ftp://127.0.0.1:{port}", f"http://x@127.0.0.1:{port}", "chrome-extension://abc", "file://"):
            for method, path, sent in (("POST", KEYS, body), ("GET", KEYS, b""), ("DELETE", f"{KEYS}/{self.key['id']}", b""), ("PATCH", f"{KEYS}/{self.key['id']}", b'{"label":"forged"}')):
                self.refused(method, path, [here, f"Origin: {origin}", "Content-Type: application/json"], sent)
        for site in ("cross-site", "same-site", "nonsense", "none, cross-site"):
            for method, path, sent in (("POST", KEYS, body), ("GET", KEYS, b""), ("GET", "/api/v1/export", b""), ("DELETE", f"{KEYS}/{self.key['id']}", b"")):
                self.refused(method, path, [here, f"Sec-Fetch-Site: {site}", "Content-Type: application/json"], sent)
        for asked in ("POST", "DELETE", "PATCH"):
            answer = self.refused("OPTIONS", KEYS, [here, "Origin: http://evil.example", f"Access-Control-Request-Method: {asked}", "Access-Control-Request-Headers: content-type"])
            self.assertEqual(answer.status, 403)
        # What no page can do without asking first, and what a method override would make of a form.
        self.refused("POST", f"{KEYS}/{self.key['id']}", [here, "X-HTTP-Method-Override: DELETE", "Content-Type: application/x-www-form-urlencoded"], b"_method=DELETE")

    # ---- bodies -----------------------------------------------------------------------------------------------------------------
    def post(self, path, body, kind="application/json", method="POST"):
        return self.send(method, path, [f"Host: 127.0.0.1:{self.site.admin_port}", f"Content-Type: {kind}"], body)

    def test_every_field_with_every_wrong_type(self):
        tried = 0
        for field, fits in FITS.items():
            for name, value in VALUES.items():
                if name in fits:
                    continue
                body = json.dumps({**GOOD, field: value}).encode()
                for method, path in (("POST", KEYS), ("PATCH", f"{KEYS}/{self.key['id']}")):
                    answer = self.post(path, body, method=method)
                    self.assertIn(answer.status, (400, 422), (field, name, answer.body))
                    self.assertTrue(json.loads(answer.body)["error"], answer.body)
                    tried += 1
        for path, fields in ((f"{KEYS}/{self.key['id']}/rotate", ["overlap_seconds"]), ("/api/v1/check", ["key", "uri", "id", "method"])):
            for field in fields:
                for name, value in VALUES.items():
                    if (field, name) in (("overlap_seconds", "zero"), ("overlap_seconds", "number")):
                        continue
                    answer = self.post(path, json.dumps({field: value}).encode())
                    self.assertIn(answer.status, (400, 422), (path, field, name, answer.body))
                    tried += 1
        for body in (b"", b"null", b"1", b"[]", b'"x"', b"true", b"{", b"}", b"{}{}", b"\xef\xbb\xbf{}", b"{} ", b"\x00", b'{"label":1}' * 2, b'{"label":"a","label":"b"}',
                     b'{"component":"core","label":"\xff"}', b'{"component":"core","label":"\\ud800"}', b'{"component":"core","label":"\\u0000"}', b"[" * 60000, b'{"a":' * 10000,
                     b'{"component":"core","label":"' + b"a" * 60000 + b'"}', b'{"component":"core","label":"' + b"a" * 70000 + b'"}', b"1e999999", b'{"grace_seconds":1e400}',
                     b'{"component":"core","label":"x","grace_seconds":18446744073709551616}', b"{'component':'core'}", b'{"component":"core",}', b"NaN", b'{"label":NaN}'):
            self.assertIn(self.post(KEYS, body).status, (400, 413, 422), body[:50])
            tried += 1
        print(f"\n{tried} bodies of wrong types refused")

    def test_fuzzed_bodies(self):
        generator = random.Random(SEED)
        seen, made = {}, []
        for number in range(BODIES):
            body, kind = self.fuzzed(generator)
            path = generator.choice([KEYS, KEYS, f"{KEYS}/{self.key['id']}/rotate", "/api/v1/check", "/api/v1/import", f"{KEYS}/none/suspend"])
            answer = self.post(path, body, kind)
            seen[answer.status] = seen.get(answer.status, 0) + 1
            said = (number, SEED, path, kind, body[:300], answer.status, answer.body[:300])
            self.assertIn(answer.status, (200, 201, 400, 404, 409, 413, 415, 422), said)
            if answer.status >= 400:
                self.assertTrue(json.loads(answer.body)["error"], said)
            if answer.status == 201:
                made += [json.loads(line)["id"] for line in answer.body.splitlines() if line]
            if path.endswith("/rotate"):
                self.assertNotEqual(answer.status, 200, said)
        print(f"\n{BODIES} bodies, seed {SEED}: " + ", ".join(f"{status}: {count}" for status, count in sorted(seen.items())) + f"; {len(made)} keys made of bodies that stayed whole")
        self.assertGreater(seen.get(400, 0) + seen.get(422, 0), BODIES // 2)
        # Those are keys in good order, and nothing else has come or changed.
        rows = self.state()
        self.assertEqual({row["id"] for row in rows} - {row["id"] for row in self.before}, set(made))
        self.assertEqual([row for row in rows if row["id"] not in made], self.before)
        self.before = self.state()

    @staticmethod
    def fuzzed(generator):
        """A good body, damaged in one of many ways; sometimes not at all."""
        document = copy.deepcopy(generator.choice([GOOD, {"component": "core", "label": "x"}, {"key": "pky_x", "uri": "/rpm/core/2025/el9-x86_64/x"}]))
        how = generator.randrange(8)
        if how == 0:
            document[generator.choice(list(document))] = generator.choice(list(VALUES.values()))
        elif how == 1:
            document[generator.choice(["", "id", "key", "digest", "LABEL", "label ", "__proto__", "constructor", "\u0000", "a" * 300])] = generator.choice(list(VALUES.values()))
        elif how == 2:
            del document[generator.choice(list(document))]
        text = json.dumps(document, ensure_ascii=generator.random() < 0.5).encode()
        if how == 3:
            text = text[:generator.randrange(len(text))]
        elif how == 4:
            data = bytearray(text)
            for _ in range(generator.randrange(1, 6)):
                data[generator.randrange(len(data))] = generator.randrange(256)
            text = bytes(data)
        elif how == 5:
            at = generator.randrange(len(text))
            text = text[:at] + generator.choice([b"\x00", b"{", b"}", b"[", b"\"", b"\\", b",", b":", b"\xf0\x9f", b"\\ud83d", b"1e9999", b"//", b"/*", b"\r\n"]) * generator.randrange(1, 200) + text[at:]
        elif how == 6:
            text = generator.randbytes(generator.randrange(0, 400))
        elif how == 7:
            text = text * generator.randrange(2, 5) if generator.random() < 0.5 else b"\n".join([text] * generator.randrange(2, 5))
        return text, generator.choice(["application/json"] * 12 + ["application/x-ndjson"] * 3 + ["application/json; charset=utf-8", "text/plain", ""])


if __name__ == "__main__":
    unittest.main(verbosity=2)
