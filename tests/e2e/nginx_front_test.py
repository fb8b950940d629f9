#!/usr/bin/env python3
"""The real nginx in front of the real gate, over a tree of two components whose every byte says whose it is."""
import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from packyard_site import ROOT, Site, mistyped, run  # noqa: E402

HEX = "0123456789abcdef" * 4
RPM, DEB = "2025/el9-x86_64", "2025"
FOREVER, AGAIN = "private, max-age=31536000, immutable", "private, no-cache"

# address below the component: content type, caching, file below public/
SERVED = {
    "/rpm/{c}/2025/el9-x86_64/repodata/repomd.xml": ("text/xml", AGAIN, "generations/rpm/{c}/2025/el9-x86_64/000007/repomd.xml"),
    "/rpm/{c}/2025/el9-x86_64/repodata/repomd.xml.asc": ("application/pgp-signature", AGAIN, "generations/rpm/{c}/2025/el9-x86_64/000007/repomd.xml.asc"),
    "/rpm/{c}/2025/el9-x86_64/repodata/repomd.xml.key": ("application/pgp-keys", AGAIN, "generations/rpm/{c}/2025/el9-x86_64/000007/repomd.xml.key"),
    f"/rpm/{{c}}/2025/el9-x86_64/repodata/{HEX}-primary.xml.zst": ("application/zstd", FOREVER, f"index/rpm/{{c}}/2025/el9-x86_64/{HEX}-primary.xml.zst"),
    f"/rpm/{{c}}/2025/el9-x86_64/repodata/{HEX}-other.xml.gz": ("application/gzip", FOREVER, f"index/rpm/{{c}}/2025/el9-x86_64/{HEX}-other.xml.gz"),
    "/rpm/{c}/2025/el9-x86_64/packages/l/lib++-1.0~rc1^x-1.el9.x86_64.rpm":
        ("application/x-rpm", FOREVER, "pool/rpm/{c}/2025/el9-x86_64/packages/l/lib++-1.0~rc1^x-1.el9.x86_64.rpm"),
    "/deb/{c}/2025/dists/bookworm/InRelease": ("text/plain", AGAIN, "generations/deb/{c}/2025/bookworm/000003/InRelease"),
    "/deb/{c}/2025/dists/bookworm/Release": ("text/plain", AGAIN, "generations/deb/{c}/2025/bookworm/000003/Release"),
    "/deb/{c}/2025/dists/bookworm/Release.gpg": ("application/pgp-signature", AGAIN, "generations/deb/{c}/2025/bookworm/000003/Release.gpg"),
    "/deb/{c}/2025/dists/bookworm/main/binary-amd64/Packages":
        ("text/plain", AGAIN, "generations/deb/{c}/2025/bookworm/000003/main/binary-amd64/Packages"),
    "/deb/{c}/2025/dists/bookworm/main/binary-amd64/Packages.xz":
        ("application/x-xz", AGAIN, "generations/deb/{c}/2025/bookworm/000003/main/binary-amd64/Packages.xz"),
    "/deb/{c}/2025/dists/bookworm/main/binary-amd64/Packages.gz":
        ("application/gzip", AGAIN, "generations/deb/{c}/2025/bookworm/000003/main/binary-amd64/Packages.gz"),
    "/deb/{c}/2025/dists/bookworm/main/Contents-amd64.gz":
        ("application/gzip", AGAIN, "generations/deb/{c}/2025/bookworm/000003/main/Contents-amd64.gz"),
    f"/deb/{{c}}/2025/dists/bookworm/main/binary-amd64/by-hash/SHA256/{HEX}":
        ("application/octet-stream", FOREVER, f"index/deb/{{c}}/2025/bookworm/by-hash/SHA256/{HEX}"),
    "/deb/{c}/2025/pool/bookworm/a/acme/acme_1.0+1~x_amd64.deb":
        ("application/vnd.debian.binary-package", FOREVER, "pool/deb/{c}/2025/pool/bookworm/a/acme/acme_1.0+1~x_amd64.deb"),
}
# Files that exist below public/ and are nobody's.
NEVER = ["/rpm/{c}/2025/el9-x86_64/repodata/contents.json", "/rpm/{c}/2025/el9-x86_64/contents.json", "/deb/{c}/2025/dists/bookworm/contents.json",
         "/rpm/{c}/2025/el9-x86_64/repodata/", "/rpm/{c}/2025/el9-x86_64/packages/l/", "/deb/{c}/2025/dists/bookworm/", "/deb/{c}/2025/pool/bookworm/",
         "/rpm/{c}/2025/el9-x86_64/repodata/.hidden", "/release.json", "/current/release.json", "/releases/000042/release.json",
         "/pool/rpm/{c}/2025/el9-x86_64/packages/l/lib++-1.0~rc1^x-1.el9.x86_64.rpm", "/rpm/{c}/2025/el9-x86_64/packages/l/outside.rpm",
         "/generations/rpm/{c}/2025/el9-x86_64/000007/repomd.xml", "/.packyard/auth", "/auth", "/auth/nginx", "/metrics", "/api/v1/keys"]
# facts 1.6 and 1.7: {c} the own component, {o} the other one. Not one of them may bring a byte of the other component.
ATTACKS = ["/rpm/{c}/../{o}/T", "/rpm/{c}/%2e%2e/{o}/T", "/rpm/{c}/%2E./{o}/T", "/rpm//{o}//T", "//rpm/{o}/T", "///rpm/{c}/T", "/rpm/./{o}/T",
           "/%72pm/{o}/T", "/rpm/%6flus/T", "/rpm/{c}/..%2f{o}/T", "/rpm/{c}/..%2F{o}/T", "/rpm/{c}%2f..%2f{o}/T", "/rpm%2f{o}%2fT", "/rpm%2f{o}/T",
           "/rpm/{c}/..%5c{o}/T", "/rpm/{c}/..\\{o}/T", "/rpm/{c}%00/../{o}/T", "/rpm/{c}/..;/{o}/T", "/rpm/{c};a=b/../{o}/T", "/rpm/{c}/%3b/../../{o}/T",
           "/rpm/{c}/%252e%252e/{o}/T", "/rpm/{c}/%c0%ae%c0%ae/{o}/T", "/rpm/{o}/T#/rpm/{c}/T", "/rpm/{c}/x%23/../../{o}/T", "/RPM/{o}/T", "/Rpm/{o}/T",
           "http://evil/rpm/{o}/T", "http://{c}/rpm/{o}/T", "/rpm/{c}/T/../../../../../{o}/T", "/rpm/{c}/2025/el9-x86_64/repodata/..%2f..%2f..%2f..%2f{o}/T",
           "/rpm/{c}/%2e%2e%2f{o}/T", "/gpg/../rpm/{o}/T", "/gpg/..%2frpm/{o}/T", "/gpg../rpm/{o}/T", "/healthz/../rpm/{o}/T", "/rpm/{o}/T?/rpm/{c}/T",
           "/rpm/{o}/T?x=/rpm/{c}/", "/rpm/{c}/..", "/rpm/{c}/.", "*", "/rpm/{c}/%zz", "/rpm/{c}/%"]
SPOOFED = ["X-Original-URI", "X-Original-Url", "X-Original-Method", "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-Prefix", "X-Rewrite-URL",
           "X-Envoy-Original-Path", "X-Packyard-Release", "X-Packyard-Reason", "X_Original_URI", "Forwarded"]


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_tree(public):
    for component in ("core", "plus"):
        for url, (_, _, file) in SERVED.items():
            put(f"{public}/{file.format(c=component)}", f"{component} owns {url}")
        for target, generation in (("rpm/{c}/2025/el9-x86_64", "000007"), ("deb/{c}/2025/bookworm", "000003")):
            target = target.format(c=component)
            put(f"{public}/generations/{target}/{generation}/contents.json", f"{component} owns contents")
            put(f"{public}/generations/{target}/{generation}/.hidden", f"{component} owns hidden")
            link = f"{public}/releases/000042/{target}"
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.symlink(f"../../../../../generations/{target}/{generation}", link)
        os.symlink("/etc/passwd", f"{public}/pool/rpm/{component}/2025/el9-x86_64/packages/l/outside.rpm")
    put(f"{public}/releases/000042/release.json", "core plus owns release")
    os.symlink("releases/000042", f"{public}/current")


class NginxFront(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        make_tree(cls.site.published)
        cls.site.start()
        cls.core = cls.site.create_key("core")["key"]
        cls.plus = cls.site.create_key("plus")["key"]

    def test_every_address_is_served_from_its_place(self):
        for url, (kind, caching, _) in SERVED.items():
            with self.subTest(url=url):
                answer = self.site.request(url.format(c="core"), self.core)
                self.assertEqual((answer.status, answer.body.decode()), (200, f"core owns {url}"))
                self.assertEqual(answer.headers["Content-Type"].split(";")[0], kind)
                self.assertEqual(answer.headers["Cache-Control"], caching)
                self.assertIsNone(answer.headers["Content-Encoding"])
                self.assertTrue(answer.headers["ETag"])
                self.assertEqual(answer.headers["Server"], "nginx")
                # As apt writes it.
                self.assertEqual(self.site.request(url.format(c="core").replace("+", "%2b").replace("^", "%5e"), self.core).status, 200)

    def test_half_requests_and_conditions(self):
        url = "/deb/core/2025/dists/bookworm/InRelease"
        whole = self.site.request(url, self.core)
        part = self.site.request(url, self.core, headers=[("Range", "bytes=5-8")])
        self.assertEqual((part.status, part.body), (206, whole.body[5:9]))
        self.assertEqual(self.site.request(url, self.core, headers=[("If-None-Match", whole.headers["ETag"])]).status, 304)
        head = self.site.request(url, self.core, method="HEAD")
        self.assertEqual((head.status, head.body, head.headers["Content-Length"]), (200, b"", str(len(whole.body))))
        self.assertEqual(self.site.request(url, headers=[("If-None-Match", whole.headers["ETag"])]).status, 401)
        self.assertEqual(self.site.request(url, headers=[("Range", "bytes=0-1")]).status, 401)

    def test_without_the_right_key_nothing(self):
        for url in SERVED:
            for component, key in (("core", None), ("core", self.plus), ("plus", self.core), ("plus", mistyped(self.core))):
                with self.subTest(url=url, component=component):
                    answer = self.site.request(url.format(c=component), key)
                    self.assertEqual(answer.status, 401)
                    self.assertEqual(answer.headers["WWW-Authenticate"], 'Basic realm="packyard", charset="UTF-8"')
                    self.assertTrue(answer.headers["X-Packyard-Reason"])
                    self.assertEqual(answer.headers["Cache-Control"], "no-store")
                    self.assertNotIn(b"owns", answer.body)

    def test_what_is_nobodys_stays_hidden(self):
        for pattern in NEVER:
            for component in ("core", "plus"):
                for key in (None, self.core):
                    url = pattern.format(c=component)
                    with self.subTest(url=url):
                        answer = self.site.request(url, key)
                        self.assertIn(answer.status, (401, 403, 404))
                        self.assertNotIn(b"owns", answer.body)
                        self.assertNotIn(b"root:", answer.body)
        self.assertEqual(self.site.request("/gpg/").status, 403)

    def test_no_spelling_crosses_over(self):
        for own, other, key in (("core", "plus", self.core), ("plus", "core", self.plus)):
            for pattern in ATTACKS:
                for tail in ("2025/el9-x86_64/repodata/repomd.xml", "2025/el9-x86_64/packages/l/lib++-1.0~rc1^x-1.el9.x86_64.rpm"):
                    url = pattern.format(c=own, o=other).replace("T", tail)
                    with self.subTest(url=url):
                        answer = self.site.request(url, key)
                        self.assertNotIn(f"{other} owns".encode(), answer.body)
                        self.assertIn(answer.status, (200, 400, 401, 403, 404))
                        # Without a key not even the own component's bytes.
                        self.assertNotIn(b"owns", self.site.request(url).body)
        for url in ("/rpm/core/..%2fplus/2025/el9-x86_64/repodata/repomd.xml", "/rpm/core/2025/el9-x86_64/x/../repodata/repomd.xml",
                    "/rpm/core//2025/el9-x86_64/repodata/repomd.xml", "/rpm/core/2025/el9-x86_64%2frepodata/repomd.xml",
                    "/rpm/core/2025/el9-x86_64/repodata%5crepomd.xml", "/rpm/core/2025/el9-x86_64/repodata/repomd.xml#x"):
            with self.subTest(url=url):
                self.assertEqual(self.site.request(url, self.core).status, 403)

    def test_a_client_cannot_name_the_address_in_headers(self):
        own, other = "/rpm/core/2025/el9-x86_64/repodata/repomd.xml", "/rpm/plus/2025/el9-x86_64/repodata/repomd.xml"
        for name in SPOOFED:
            with self.subTest(header=name):
                self.assertEqual(self.site.request(other, self.core, headers=[(name, own)]).status, 401)
                self.assertEqual(self.site.request(own, None, headers=[(name, "/gpg/lts.asc")]).status, 401)
                # The front deletes them: a customer behind a proxy of their own that adds such a header is still served.
                self.assertEqual(self.site.request(own, self.core, headers=[(name, other)]).body, f"core owns {own.replace('core', '{c}')}".encode())
        both = [("Connection", "close, Authorization, X-Original-URI")]
        self.assertEqual(self.site.request(other, self.core, headers=both).status, 401)

    def test_only_reading(self):
        url = "/rpm/core/2025/el9-x86_64/repodata/repomd.xml"
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "MKCOL", "COPY", "TRACE"):
            with self.subTest(method=method):
                self.assertIn(self.site.request(url, self.core, method=method).status, (403, 405))
        self.assertEqual(self.site.request(url, self.core, method="PUT", body=b"x" * 100).status, 403)
        self.assertEqual(self.site.request(url, self.core).body, b"core owns /rpm/{c}/2025/el9-x86_64/repodata/repomd.xml")

    def test_public_keys_and_health_need_no_key(self):
        answer = self.site.request("/gpg/lts.asc")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/plain"))
        self.assertIn(b"BEGIN PGP PUBLIC KEY BLOCK", answer.body)
        self.assertEqual(self.site.request("/healthz").status, 200)

    def test_secrets_stay_out_of_the_logs(self):
        self.site.request(f"/rpm/core/2025/el9-x86_64/repodata/repomd.xml?key={self.core}", self.core)
        self.site.request("/rpm/core/2025/none", self.plus)
        for name in ("access.log", "error.log"):
            with open(f"{self.site.front}/{name}", encoding="utf-8") as file:
                text = file.read()
            self.assertNotIn(self.core, text)
            self.assertNotIn(self.plus, text)
            self.assertNotIn("subscriber", text)

    def test_without_the_gate_503_and_a_time_to_come_back(self):
        self.site.stop("serve", signal.SIGKILL)
        try:
            for key in (self.core, None):
                answer = self.site.request("/rpm/core/2025/el9-x86_64/repodata/repomd.xml", key)
                self.assertEqual((answer.status, answer.headers["Retry-After"]), (503, "5"))
                self.assertNotIn(b"owns", answer.body)
            self.assertEqual(self.site.request("/gpg/lts.asc").status, 200)
        finally:
            self.site.start_serve()
        url = "/rpm/core/2025/el9-x86_64/repodata/repomd.xml"
        self.site.wait_for(lambda: self.site.request(url, self.core).status == 200, "the gate to come back with its keys")


class HttpsFront(unittest.TestCase):
    def test_the_certificate_is_the_one_named(self):
        site = Site()
        self.addCleanup(site.close)
        certificate = f"{site.folder}/cert.pem"
        run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{site.folder}/key.pem", "-out", certificate, "-days", "90",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"])
        site.start_serve()
        site.start_front("--tls-certificate", certificate, "--tls-certificate-key", f"{site.folder}/key.pem")
        url = f"https://127.0.0.1:{site.front_port}/gpg/lts.asc"
        site.wait_for(lambda: run(["curl", "-s", "--cacert", certificate, url], check=False).returncode == 0, "https")
        self.assertNotEqual(run(["curl", "-s", url], check=False).returncode, 0)
        self.assertIn("Strict-Transport-Security: ", run(["curl", "-s", "-D", "-", "--cacert", certificate, url]).stdout)


class Render(unittest.TestCase):
    def render(self, *options):
        return run([f"{ROOT}/compose/nginx/render", *options], check=False)

    def test_wrong_values_make_no_configuration(self):
        good = ["--published", "/srv/public", "--public-keys", "/srv/keys", "--state", "/srv/state"]
        self.assertEqual(self.render(*good).returncode, 0)
        for wrong in (good[2:], [*good, "--nonsense", "x"], [*good, "--listen"], [*good, "--state", "relative"], [*good, "--gate", "a;b"],
                      [*good, "--published", "/srv/a b"], [*good, "--published", '/srv/"'], [*good, "--tls-certificate", "/srv/cert"]):
            outcome = self.render(*wrong)
            self.assertEqual((outcome.returncode, outcome.stdout), (2, ""), wrong)


if __name__ == "__main__":
    unittest.main(verbosity=2)
