#!/usr/bin/env python3
"""Images through the real nginx and the real gate, over a tree of two components: who gets what, in the words of the OCI specification."""
import http.client
import http.server
import json
import os
import signal
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from packyard_site import ROOT, Site, mistyped, run  # noqa: E402
from published_images import INDEX, MANIFEST, PublishedImages, digest_of  # noqa: E402

CHALLENGE = 'Basic realm="packyard", charset="UTF-8"'
FOREVER, AGAIN = "private, max-age=31536000, immutable", "private, no-cache"
CORE, PLUS = "core/2025/server", "plus/2025/server"
NONE = "sha256:" + "0" * 64
WRITING = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")
COSIGN = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n"


class OciFront(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.images = PublishedImages(cls.site.published)
        cls.indexes = {}
        cls.platforms = {}
        cls.sboms = {}
        for name in (CORE, PLUS):
            index, platforms = cls.images.add_multi_arch(name, "1.4.2")
            cls.images.repository(name)["tags"].update({"latest": digest_of(index), "amd64-only": digest_of(platforms[0])})
            cls.indexes[name], cls.platforms[name] = index, platforms
            cls.sboms[name] = cls.images.add_referrer(name, index, "application/spdx+json", f"{name} owns an sbom".encode(), {"org.example.k": "v"})
        cls.images.publish()
        with open(f"{cls.site.public_keys}/cosign.pub", "w", encoding="ascii") as file:
            file.write(COSIGN)
        cls.site.start()
        cls.core, cls.plus = (cls.site.create_key(component)["key"] for component in ("core", "plus"))

    def blobs(self, name):
        return list(self.images.repository(name)["blobs"])

    def ask(self, path, key=None, method="GET", **more):
        return self.site.request(path, key, method=method, **more)

    def assert_error(self, answer, status, code, has_body=True):
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (status, "application/json"), answer.body)
        self.assertEqual(answer.headers["Docker-Distribution-Api-Version"], "registry/2.0")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertIsNone(answer.headers["Docker-Content-Digest"])
        if has_body:
            error = json.loads(answer.body)["errors"][0]
            self.assertEqual(error["code"], code)
            self.assertTrue(error["message"])

    def every_path(self, name):
        digests = list(self.images.repository(name)["manifests"])
        return ["/v2/", "/v2", f"/v2/{name}/tags/list", f"/v2/{name}/manifests/1.4.2", f"/v2/{name}/manifests/none",
                *(f"/v2/{name}/manifests/{digest}" for digest in digests), *(f"/v2/{name}/blobs/{digest}" for digest in self.blobs(name)),
                f"/v2/{name}/blobs/{NONE}", f"/v2/{name}/referrers/{digests[0]}"]

    def test_without_a_key_the_challenge_everywhere(self):
        for path in self.every_path(CORE):
            for method in ("GET", "HEAD", *WRITING):
                for key in (None, mistyped(self.core)):
                    with self.subTest(path=path, method=method):
                        answer = self.ask(path, key, method)
                        self.assert_error(answer, 401, "UNAUTHORIZED", has_body=method != "HEAD")
                        self.assertEqual(answer.headers["WWW-Authenticate"], CHALLENGE)
                        self.assertNotIn(b"owns", answer.body)
        # What podman sends when it knows no key: an empty user and password.
        answer = self.ask("/v2/", headers=[("Authorization", "Basic Og==")])
        self.assert_error(answer, 401, "UNAUTHORIZED")

    def test_the_front_says_it_in_the_gates_words(self):
        gone = self.site.create_key("core")
        self.site.revoke(gone["id"])
        path = f"/v2/{CORE}/manifests/1.4.2"
        for key, path in ((None, path), ("pky_x", path), (gone["key"], path), (self.plus, path)):
            said = self.ask(path, key)
            headers = [("X-Original-URI", path), ("X-Original-Method", "GET")]
            gate = self.ask("/auth/nginx", key, headers=headers, port=self.site.gate_port)
            self.assertEqual((said.status, said.body), (gate.status, gate.body))

    def test_ping_with_any_key(self):
        for path in ("/v2/", "/v2"):
            for key in (self.core, self.plus):
                answer = self.ask(path, key)
                self.assertEqual((answer.status, answer.body, answer.headers["Content-Type"]), (200, b"{}", "application/json"))
                self.assertEqual(answer.headers.get_all("Docker-Distribution-Api-Version"), ["registry/2.0"])

    def test_manifests_by_tag_and_digest(self):
        wanted = [("1.4.2", self.indexes[CORE], INDEX, AGAIN), ("amd64-only", self.platforms[CORE][0], MANIFEST, AGAIN),
                  (digest_of(self.indexes[CORE]), self.indexes[CORE], INDEX, FOREVER), (digest_of(self.sboms[CORE]), self.sboms[CORE], MANIFEST, FOREVER)]
        for reference, data, kind, caching in wanted:
            answer = self.ask(f"/v2/{CORE}/manifests/{reference}", self.core)
            self.assertEqual((answer.status, answer.body), (200, data))
            self.assertEqual((answer.headers["Content-Type"], answer.headers["Docker-Content-Digest"]), (kind, digest_of(data)))
            self.assertEqual(answer.headers.get_all("Cache-Control"), [caching])
            self.assertEqual(answer.headers["Content-Length"], str(len(data)))
            self.assertIsNone(answer.headers["Content-Encoding"])
            for name in ("Content-Type", "Docker-Content-Digest", "X-Content-Type-Options"):
                self.assertEqual(len(answer.headers.get_all(name)), 1, name)
            again = self.ask(f"/v2/{CORE}/manifests/{reference}", self.core, headers=[("If-None-Match", answer.headers["ETag"])])
            self.assertEqual((again.status, again.body), (304, b""))
        self.assert_error(self.ask(f"/v2/{CORE}/manifests/none", self.core), 404, "MANIFEST_UNKNOWN")
        self.assert_error(self.ask(f"/v2/{CORE}/manifests/.INVALID_MANIFEST_NAME", self.core), 404, "MANIFEST_UNKNOWN")
        self.assert_error(self.ask(f"/v2/{CORE}/manifests/sha256:totallywrong", self.core), 400, "DIGEST_INVALID")
        self.assert_error(self.ask("/v2/core/2025/none/manifests/1", self.core), 404, "NAME_UNKNOWN")

    def test_blobs_are_files_of_the_front(self):
        for digest in self.blobs(CORE):
            with open(f"{self.site.published}/pool/oci/{CORE}/blobs/sha256/{digest[7:]}", "rb") as file:
                data = file.read()
            path = f"/v2/{CORE}/blobs/{digest}"
            answer = self.ask(path, self.core)
            self.assertEqual((answer.status, answer.body, answer.headers["Content-Type"]), (200, data, "application/octet-stream"))
            self.assertEqual((answer.headers["Docker-Content-Digest"], answer.headers["Cache-Control"]), (digest, FOREVER))
            self.assertEqual(answer.headers["Content-Length"], str(len(data)))
            head = self.ask(path, self.core, "HEAD")
            self.assertEqual((head.status, head.body, head.headers["Content-Length"]), (200, b"", str(len(data))))
            self.assertEqual(head.headers["Docker-Content-Digest"], digest)
            if len(data) > 10:
                part = self.ask(path, self.core, headers=[("Range", "bytes=2-5")])
                self.assertEqual((part.status, part.body, part.headers["Content-Range"]), (206, data[2:6], f"bytes 2-5/{len(data)}"))
                self.assertEqual(part.headers["Docker-Content-Digest"], digest)
                self.assertEqual(self.ask(path, self.core, headers=[("Range", "bytes=999999-")]).status, 416)
        self.assert_error(self.ask(f"/v2/{CORE}/blobs/{NONE}", self.core), 404, "BLOB_UNKNOWN")
        self.assert_error(self.ask(f"/v2/{CORE}/blobs/{NONE}", self.core, "HEAD"), 404, "BLOB_UNKNOWN", has_body=False)
        self.assert_error(self.ask(f"/v2/{CORE}/blobs/sha256:short", self.core), 400, "DIGEST_INVALID")
        self.assert_error(self.ask(f"/v2/{CORE}/blobs/sha512:{'0' * 128}", self.core), 404, "BLOB_UNKNOWN")

    def test_a_link_in_the_pool_is_not_followed(self):
        link = f"{self.site.published}/pool/oci/{CORE}/blobs/sha256/{'1' * 64}"
        os.symlink("/etc/passwd", link)
        self.addCleanup(os.remove, link)
        self.assert_error(self.ask(f"/v2/{CORE}/blobs/sha256:{'1' * 64}", self.core), 403, "DENIED")

    def test_head_and_get_on_one_connection(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.site.front_port, timeout=30)
        self.addCleanup(connection.close)
        authorization = {"Authorization": "Basic " + __import__("base64").b64encode(f"u:{self.core}".encode()).decode()}
        for path in (*self.every_path(CORE), f"/v2/{PLUS}/manifests/1.4.2"):
            answers = []
            for method in ("HEAD", "GET", "HEAD"):
                connection.request(method, path, headers=authorization)
                answer = connection.getresponse()
                body = answer.read()
                self.assertEqual(len(body), 0 if method == "HEAD" else int(answer.headers["Content-Length"]), path)
                answers.append((answer.status, sorted(item for item in answer.headers.items() if item[0] not in ("Date", "Connection"))))
            self.assertEqual(answers[0], answers[1], path)
            self.assertEqual(answers[0], answers[2], path)

    def test_tags_and_pages(self):
        answer = self.ask(f"/v2/{CORE}/tags/list", self.core)
        self.assertEqual(json.loads(answer.body), {"name": CORE, "tags": ["1.4.2", "amd64-only", "latest"]})
        page = self.ask(f"/v2/{CORE}/tags/list?n=2", self.core)
        self.assertEqual(json.loads(page.body)["tags"], ["1.4.2", "amd64-only"])
        link = page.headers["Link"]
        self.assertTrue(link.endswith('>; rel="next"'), link)
        self.assertEqual(json.loads(self.ask(link[1:link.index(">")], self.core).body)["tags"], ["latest"])

    def test_referrers(self):
        path = f"/v2/{CORE}/referrers/{digest_of(self.indexes[CORE])}"
        answer = self.ask(path, self.core)
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, INDEX))
        self.assertEqual(json.loads(answer.body)["manifests"], [
            {"mediaType": MANIFEST, "digest": digest_of(self.sboms[CORE]), "size": len(self.sboms[CORE]), "artifactType": "application/spdx+json",
             "annotations": {"org.example.k": "v"}}])
        filtered = self.ask(path + "?artifactType=application%2Fspdx%2Bjson", self.core)
        self.assertEqual((len(json.loads(filtered.body)["manifests"]), filtered.headers["OCI-Filters-Applied"]), (1, "artifactType"))
        self.assertEqual(json.loads(self.ask(path + "?artifactType=a/b", self.core).body)["manifests"], [])

    def test_another_components_image_does_not_exist(self):
        for name, other, key, other_key in ((CORE, PLUS, self.core, self.plus), (PLUS, CORE, self.plus, self.core)):
            foreign = set(self.images.repository(other)["manifests"]) - set(self.images.repository(name)["manifests"])
            self.assertEqual(len(foreign), 4)
            for digest in foreign:
                self.assertEqual(self.ask(f"/v2/{other}/manifests/{digest}", other_key).status, 200)
                self.assert_error(self.ask(f"/v2/{name}/manifests/{digest}", key), 404, "MANIFEST_UNKNOWN")
                self.assertEqual(json.loads(self.ask(f"/v2/{name}/referrers/{digest}", key).body)["manifests"], [])
                answer = self.ask(f"/v2/{other}/manifests/{digest}", key)
                self.assert_error(answer, 401, "UNAUTHORIZED")
                self.assertEqual(answer.headers["X-Packyard-Reason"], "wrong_component")
            for digest in set(self.blobs(other)) - set(self.blobs(name)):
                self.assertEqual(self.ask(f"/v2/{other}/blobs/{digest}", other_key).status, 200)
                self.assert_error(self.ask(f"/v2/{name}/blobs/{digest}", key), 404, "BLOB_UNKNOWN")
                self.assert_error(self.ask(f"/v2/{other}/blobs/{digest}", key), 401, "UNAUTHORIZED")

    def test_no_spelling_crosses_over(self):
        tails = [f"manifests/{digest_of(self.indexes[PLUS])}", "manifests/1.4.2", "tags/list", *(f"blobs/{digest}" for digest in self.blobs(PLUS))]
        for pattern in ("/v2/core/../plus/2025/server/T", "/v2/core%2f..%2fplus/2025/server/T", "/v2/plus%2f2025%2fserver/T", "/v2/core/2025%2fserver/T",
                        "/v2/%70lus/2025/server/T", "/v2/core/2025/server/../../../plus/2025/server/T", "/v2//plus/2025/server/T", "//v2/plus/2025/server/T",
                        "/v2/./plus/2025/server/T", "/V2/plus/2025/server/T", "/%762/plus/2025/server/T", "/v2/core/2025/server/blobs/..%2f..%2f..%2fplus/T",
                        "/v2/core/2025/server/manifests/..%2f..%2f..%2f..%2fplus/2025/server/T", "/gpg/..%2fv2/plus/2025/server/T", "/v2\\plus/2025/server/T",
                        "/v2/plus/2025/server/T#/v2/core", "/v2/plus/2025/server/T?/v2/core/", "http://core/v2/plus/2025/server/T",
                        "/v2/.core/2025/server/manifests/.x/../../../../plus/2025/server/T", "/v2/core;/../plus/2025/server/T"):
            for tail in tails:
                path = pattern.replace("T", tail)
                with self.subTest(path=path):
                    answer = self.ask(path, self.core)
                    self.assertIn(answer.status, (400, 401, 403, 404))
                    self.assertNotIn(b"plus/2025/server owns", answer.body)
                    self.assertNotIn(self.indexes[PLUS], answer.body)
        for path in (f"/v2/core%2f2025/server/blobs/{NONE}", f"/v2/core/2025/server/blobs%2f{NONE}", f"/v2/core/2025/server/blobs/sha256%3a{'0' * 64}",
                     "/v2/core/2025/server/manifests/1.4.2%00", "/v2/core/2025/server/manifests/..", "/v2/_catalog", "/v2/core/2025/server/manifests/1/2"):
            with self.subTest(path=path):
                self.assertEqual(self.ask(path, self.core).status, 400 if "%00" in path else 403)
        # What the file server keeps beside blobs is nobody's address.
        for path in ("/pool/oci/core/2025/server/blobs/sha256/" + self.blobs(CORE)[0][7:], "/oci/core/2025/server/repository.json",
                     "/v2/core/2025/server/repository.json", "/generations/oci/core/2025/server/000001/repository.json"):
            self.assertIn(self.ask(path, self.core).status, (403, 404))

    def test_pushing(self):
        for path in ("/v2/", f"/v2/{CORE}/blobs/uploads/", f"/v2/{CORE}/blobs/uploads/?digest={NONE}", f"/v2/{CORE}/blobs/uploads/1",
                     f"/v2/{CORE}/manifests/1.4.2", f"/v2/{CORE}/blobs/{self.blobs(CORE)[0]}"):
            for method in WRITING:
                with self.subTest(path=path, method=method):
                    answer = self.ask(path, self.core, method)
                    self.assert_error(answer, 405, "UNSUPPORTED")
                    self.assertEqual(answer.headers.get_all("Allow"), ["GET, HEAD"])
                    self.assertIsNone(answer.headers["WWW-Authenticate"])
            self.assert_error(self.ask(path, self.core, "PUT", body=b"{}"), 405, "UNSUPPORTED")
            self.assert_error(self.ask(path, self.core, "PUT", body=b"x" * 100_000), 405, "UNSUPPORTED")
        self.assert_error(self.ask(f"/v2/{PLUS}/blobs/uploads/", self.core, "POST"), 401, "UNAUTHORIZED")
        self.assert_error(self.ask(f"/v2/{CORE}/blobs/uploads/", self.core), 404, "BLOB_UPLOAD_UNKNOWN")
        self.assertEqual(self.ask(f"/v2/{CORE}/manifests/1.4.2", self.core).body, self.indexes[CORE])

    def test_the_public_key_needs_no_key(self):
        answer = self.ask("/gpg/cosign.pub")
        self.assertEqual((answer.status, answer.headers["Content-Type"], answer.body.decode()), (200, "text/plain", COSIGN))

    def test_verify_sh_finds_nothing(self):
        foreign = [*(set(self.blobs(PLUS)) - set(self.blobs(CORE))), *self.images.repository(PLUS)["manifests"]]
        checks = ["public-keys", "registry-challenge", "registry-pull", "registry-scope", "registry-push"]
        outcome = run([f"{ROOT}/verify.sh", "--base-url", self.site.url, "--test-component", "core", "--other-component", "plus", "--year", "2025",
                       "--image", "server", "--test-key-file", "-", *[word for digest in foreign for word in ("--foreign-digest", digest)],
                       *[word for check in checks for word in ("--only", check)]], input=self.core, check=False)
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)
        for check in ("images", "image-key", *checks):
            self.assertIn(f"ok    {check}: ", outcome.stdout)

    def test_a_new_release_is_seen_at_once_and_old_digests_stay(self):
        name = "core/2025/moving"
        first, _ = self.images.add_multi_arch(name, "latest")
        self.images.publish()
        self.assertEqual(self.ask(f"/v2/{name}/manifests/latest", self.core).body, first)
        second, _ = self.images.add_multi_arch(name, "latest", lambda architecture: f"{name} owns {architecture}, newer".encode())
        self.images.publish()
        self.assertEqual(self.ask(f"/v2/{name}/manifests/latest", self.core).body, second)
        self.assertEqual(self.ask(f"/v2/{name}/manifests/{digest_of(first)}", self.core).body, first)

    def test_secrets_stay_out_of_the_logs(self):
        self.ask(f"/v2/{CORE}/tags/list?n=1&last={self.core}", self.core)
        for name in ("front/access.log", "front/error.log", "serve.log"):
            with open(f"{self.site.folder}/{name}", encoding="utf-8") as file:
                text = file.read()
            self.assertNotIn(self.core, text)
            self.assertNotIn(self.plus, text)

    def test_without_the_gate_503_as_json(self):
        self.site.stop("serve", signal.SIGKILL)
        try:
            for path in ("/v2/", f"/v2/{CORE}/manifests/1.4.2", f"/v2/{CORE}/blobs/{self.blobs(CORE)[0]}"):
                answer = self.ask(path, self.core)
                self.assert_error(answer, 503, "UNAVAILABLE")
                self.assertEqual(answer.headers.get_all("Retry-After"), ["5"])
        finally:
            self.site.start_serve()
        self.site.wait_for(lambda: self.ask("/v2/", self.core).status == 200, "the gate to come back")


class WhatTravels(unittest.TestCase):
    """A back end that writes down what it hears, in the registry's place."""

    def test_only_what_is_needed_reaches_the_registry(self):
        heard = []

        class Recorder(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                heard.append((self.requestline, dict(self.headers), self.rfile.read(int(self.headers.get("Content-Length", 0)))))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        recorder = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
        self.addCleanup(recorder.server_close)
        threading.Thread(target=recorder.serve_forever, daemon=True).start()
        self.addCleanup(recorder.shutdown)
        site = Site()
        self.addCleanup(site.close)
        site.start_serve()
        site.start_front("--registry", f"127.0.0.1:{recorder.server_port}")
        site.wait_for(lambda: site.request("/v2/").status == 401, "the front to reach the gate")
        key = site.create_key("core")["key"]
        path = "/v2/core/2025/server/tags/list?n=1&last=%31"
        headers = [("Accept", "a/b"), ("Cookie", "c=d"), ("X-Forwarded-For", "1.2.3.4"), ("X-Packyard-Release", "000001"), ("If-None-Match", '"x"'),
                   ("Connection", "keep-alive, X-Other"), ("Range", "bytes=0-1"), ("Proxy-Authorization", "Basic eDp5")]
        answer = site.request(path, key, headers=headers, body=b"a body")
        self.assertEqual((answer.status, answer.body), (200, b"{}"))
        self.assertEqual(heard, [(f"GET {path} HTTP/1.1", {"Host": "packyard", "If-None-Match": '"x"'}, b"")])
        site.request(path, None, headers=headers)
        site.request(path, key, method="PUT")
        self.assertEqual(len(heard), 1, "refused requests do not travel at all")


if __name__ == "__main__":
    unittest.main(verbosity=2)
