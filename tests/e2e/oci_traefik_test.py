#!/usr/bin/env python3
"""Images through a real Traefik: the same addresses and answers as behind nginx alone, from the gate, the registry and the file server.

PACKYARD_TRAEFIK names the traefik binary (3.7.12 or newer); run by tests/e2e/run when it is set."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from packyard_site import ROOT, Site, run  # noqa: E402
from published_images import INDEX, PublishedImages, digest_of  # noqa: E402

CORE, PLUS = "core/2025/server", "plus/2025/server"
CHALLENGE = 'Basic realm="packyard", charset="UTF-8"'


class OciTraefik(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site(proxies="traefik")
        cls.addClassCleanup(cls.site.close)
        cls.images = PublishedImages(cls.site.published)
        cls.indexes = {name: cls.images.add_multi_arch(name, "1.4.2")[0] for name in (CORE, PLUS)}
        cls.images.publish()
        cls.site.start_serve()
        cls.site.start_front("--gate", "none")
        cls.port, traefik = cls.site.render_traefik()
        cls.site.spawn("traefik", traefik)
        cls.site.wait_for(lambda: cls.site.request("/gpg/lts.asc", port=cls.port).status == 200, "traefik")
        cls.site.wait_for(lambda: cls.site.request("/v2/", port=cls.port).status == 401, "the gate behind traefik")
        cls.core, cls.plus = (cls.site.create_key(component)["key"] for component in ("core", "plus"))

    def ask(self, path, key=None, method="GET", **more):
        return self.site.request(path, key, method=method, port=self.port, **more)

    def assert_error(self, answer, status, code):
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (status, "application/json"), answer.body)
        self.assertEqual(json.loads(answer.body)["errors"][0]["code"], code)

    def blobs(self, name):
        return self.images.repository(name)["blobs"]

    def test_pulling(self):
        self.assertEqual(self.ask("/v2/", self.core).body, b"{}")
        self.assertEqual(self.ask("/v2", self.core).body, b"{}")
        for reference in ("1.4.2", digest_of(self.indexes[CORE])):
            answer = self.ask(f"/v2/{CORE}/manifests/{reference}", self.core)
            self.assertEqual((answer.status, answer.body, answer.headers["Content-Type"]), (200, self.indexes[CORE], INDEX))
            self.assertEqual(answer.headers["Docker-Content-Digest"], digest_of(self.indexes[CORE]))
            head = self.ask(f"/v2/{CORE}/manifests/{reference}", self.core, "HEAD")
            self.assertEqual((head.status, head.headers["Content-Length"]), (200, str(len(self.indexes[CORE]))))
        for digest, size in self.blobs(CORE).items():
            answer = self.ask(f"/v2/{CORE}/blobs/{digest}", self.core)
            self.assertEqual((answer.status, digest_of(answer.body), answer.headers["Content-Length"]), (200, digest, str(size)))
            self.assertEqual(answer.headers["Docker-Content-Digest"], digest)
            self.assertEqual(self.ask(f"/v2/{CORE}/blobs/{digest}", self.core, "HEAD").headers["Content-Length"], str(size))
            self.assertEqual(self.ask(f"/v2/{CORE}/blobs/{digest}", self.core, headers=[("Range", "bytes=0-0")]).status, 206)
        self.assertEqual(json.loads(self.ask(f"/v2/{CORE}/tags/list?n=5", self.core).body)["tags"], ["1.4.2"])
        referrers = self.ask(f"/v2/{CORE}/referrers/{digest_of(self.indexes[CORE])}?artifactType=application%2Fspdx%2Bjson", self.core)
        self.assertEqual((referrers.headers["Content-Type"], referrers.headers["OCI-Filters-Applied"]), (INDEX, "artifactType"))

    def test_refusals(self):
        for path in ("/v2/", f"/v2/{CORE}/manifests/1.4.2", *(f"/v2/{CORE}/blobs/{digest}" for digest in self.blobs(CORE))):
            for method in ("GET", "POST"):
                answer = self.ask(path, method=method)
                self.assert_error(answer, 401, "UNAUTHORIZED")
                self.assertEqual(answer.headers["WWW-Authenticate"], CHALLENGE)
            self.assertEqual(self.ask(path, method="HEAD").status, 401)
        for digest in set(self.blobs(PLUS)) - set(self.blobs(CORE)):
            self.assert_error(self.ask(f"/v2/{CORE}/blobs/{digest}", self.core), 404, "BLOB_UNKNOWN")
            self.assert_error(self.ask(f"/v2/{PLUS}/blobs/{digest}", self.core), 401, "UNAUTHORIZED")
        self.assert_error(self.ask(f"/v2/{CORE}/manifests/{digest_of(self.indexes[PLUS])}", self.core), 404, "MANIFEST_UNKNOWN")
        self.assert_error(self.ask(f"/v2/{CORE}/manifests/.INVALID", self.core), 404, "MANIFEST_UNKNOWN")
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for path in (f"/v2/{CORE}/blobs/uploads/", f"/v2/{CORE}/manifests/1.4.2", f"/v2/{CORE}/blobs/{next(iter(self.blobs(CORE)))}"):
                answer = self.ask(path, self.core, method, body=b"{}")
                self.assert_error(answer, 405, "UNSUPPORTED")
                self.assertEqual(answer.headers["Allow"], "GET, HEAD")
        for path in ("/v2/core%2f..%2fplus/2025/server/manifests/1.4.2", "/v2/core/../plus/2025/server/manifests/1.4.2",
                     "/v2/core/2025/server/blobs/..%2f..%2fplus"):
            answer = self.ask(path, self.core)
            self.assertIn(answer.status, (400, 401, 403))
            self.assertNotIn(b"plus/2025/server owns", answer.body)

    def test_verify_sh_finds_nothing(self):
        foreign = [*(set(self.blobs(PLUS)) - set(self.blobs(CORE))), digest_of(self.indexes[PLUS])]
        checks = ["registry-challenge", "registry-pull", "registry-scope", "registry-push"]
        outcome = run([f"{ROOT}/verify.sh", "--base-url", f"http://127.0.0.1:{self.port}", "--test-component", "core", "--other-component", "plus",
                       "--year", "2025", "--image", "server", "--test-key-file", "-",
                       *[word for digest in foreign for word in ("--foreign-digest", digest)],
                       *[word for check in checks for word in ("--only", check)]], input=self.core, check=False)
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)
        for check in checks:
            self.assertIn(f"ok    {check}: ", outcome.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
