#!/usr/bin/env python3
"""verify.sh must notice each broken property, by name, and must never show the key. Real bash, curl and openssl against
tests/e2e/breakable_site.py."""
import json
import os
import ssl
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
from breakable_site import FOREIGN_DIGESTS, KEY, BreakableSite  # noqa: E402

# what is broken: the check that must fail
BREAKS = {
    "no-public-key": "public-keys", "public-key-type": "public-keys", "private-key-served": "public-keys", "image-key-rubbish": "image-key",
    "unsigned": "allow", "no-rpm-signature": "allow", "closed": "targets", "no-challenge": "challenge", "no-gate": "challenge",
    "forbidden-not-challenged": "challenge", "pointer-open": "challenge", "any-key": "wrong-key", "breaks-on-odd-authorization": "wrong-key",
    "every-component": "wrong-component", "prefix-match": "wrong-component", "other-component-404": "wrong-component",
    "index-damaged": "indexes", "index-missing": "indexes", "index-open": "indexes", "content-encoding": "indexes",
    "package-open": "package", "package-missing": "package", "package-rubbish": "package",
    "public-cache": "caching", "pointer-kept": "caching", "refusal-cached": "caching",
    "date-in-future": "dates", "valid-until-past": "dates", "valid-until-near": "dates",
    "accepts-put": "methods", "answers-options": "methods", "accepts-delete": "methods", "method-breaks": "methods",
    "decodes": "crossing", "decodes-twice": "crossing", "backslash": "crossing", "semicolon": "crossing", "resolves-dots": "crossing",
    "merges-slashes": "crossing", "cuts-at-nul": "crossing", "cuts-at-hash": "crossing",
    "public-folder-traversal": "open-prefix", "public-folder-open": "open-prefix",
    "trusts-original-uri": "spoofed-headers", "trusts-forwarded-uri": "spoofed-headers",
    "registry-plain-errors": "registry-challenge", "registry-no-challenge": "registry-challenge", "registry-ping-open": "registry-challenge",
    "registry-charset": "registry-pull", "registry-no-digest": "registry-pull", "registry-head-differs": "registry-pull",
    "registry-blob-open": "registry-pull", "registry-blob-damaged": "registry-pull", "registry-no-referrers": "registry-pull",
    "registry-every-component": "registry-scope", "registry-shares-blobs": "registry-scope", "registry-shares-manifests": "registry-scope",
    "registry-foreign-referrers": "registry-scope", "registry-plain-404": "registry-scope", "registry-decodes": "registry-scope",
    "registry-accepts-push": "registry-push", "registry-push-403": "registry-push",
    "lists-folder": "hidden", "lists-tree": "hidden", "contents-served": "hidden", "metrics-open": "hidden", "admin-open": "hidden",
}
TARGETS = ["--year", "2025", "--rpm-target", "el9-x86_64", "--deb-suite", "bookworm", "--other-component", "plus", "--image", "server",
           *[word for digest in FOREIGN_DIGESTS for word in ("--foreign-digest", digest)]]
GROUPS = {"image-key": "public-keys", "targets": "allow"}  # printed under a name of their own


def verify(url, *options, key=KEY, component="core", targets=True, environment=None):
    command = [f"{ROOT}/verify.sh", "--base-url", url, "--test-component", component, "--test-key-file", "-", *options]
    return subprocess.run(command + (TARGETS if targets else []), input=key + "\n", text=True, capture_output=True, timeout=300,
                          env=environment or os.environ)


def verdicts(outcome):
    return {check["id"]: check["result"] for check in json.loads(outcome.stdout)["checks"]}


class VerifySh(unittest.TestCase):
    def test_a_good_site_passes_every_check(self):
        with BreakableSite() as site:
            outcome = verify(site.url, "--json")
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)
        results = verdicts(outcome)
        self.assertNotIn("fail", results.values())
        self.assertTrue(set(BREAKS.values()) - {"image-key"} <= set(k for k, v in results.items() if v == "ok"), results)

    def test_every_broken_property_is_noticed(self):
        for broken, check in BREAKS.items():
            with self.subTest(broken=broken), BreakableSite(broken) as site:
                outcome = verify(site.url, "--json", "--only", GROUPS.get(check, check))
                self.assertEqual(outcome.returncode, 1, f"{broken}: {outcome.stdout}{outcome.stderr}")
                self.assertEqual(verdicts(outcome).get(check), "fail", f"{broken}: {outcome.stdout}")

    def test_a_valid_until_far_away_is_fine(self):
        with BreakableSite("valid-until-good") as site:
            self.assertEqual(verify(site.url, "--only", "dates").returncode, 0)

    def test_targets_are_found_without_naming_them(self):
        with BreakableSite() as site:
            outcome = verify(site.url, "--only", "allow", targets=False)
        self.assertEqual(outcome.returncode, 0, outcome.stdout)
        self.assertIn("rpm/core/2025/el9-x86_64 deb/core/2025/bookworm", outcome.stdout)

    def test_a_named_target_that_is_not_there_fails(self):
        with BreakableSite() as site:
            outcome = verify(site.url, "--only", "allow", "--deb-suite", "trixie")
        self.assertEqual(outcome.returncode, 1, outcome.stdout)
        self.assertIn("FAIL  targets", outcome.stdout)

    def test_images_are_found_by_name_and_tag_or_missed(self):
        with BreakableSite() as site:
            named = verify(site.url, "--image", "server:1.4.2", "--year", "2025", "--only", "registry-pull", targets=False)
            missing = verify(site.url, "--image", "other", "--year", "2025", "--only", "registry-pull", targets=False)
            none = verify(site.url, "--json", targets=False)
        self.assertEqual(named.returncode, 0, named.stdout)
        self.assertIn("ok    images: the key opens 1 image(s): core/2025/server:1.4.2", named.stdout)
        self.assertIn("manifests and 2 blobs arrive whole", named.stdout)
        self.assertEqual(missing.returncode, 1)
        self.assertIn("FAIL  images: image other answers to the key", missing.stdout)
        self.assertEqual({name: result for name, result in verdicts(none).items() if name.startswith("registry")},
                         {f"registry-{name}": "skip" for name in ("challenge", "pull", "scope", "push")})

    def test_plain_http_beyond_loopback_fails(self):
        with BreakableSite() as site:
            outcome = verify(site.url.replace("127.0.0.1", "0.0.0.0"), "--only", "transport")
        self.assertIn("FAIL  transport", outcome.stdout)
        self.assertEqual(outcome.returncode, 1)

    def test_tap_counts_every_line(self):
        with BreakableSite("any-key") as site:
            lines = verify(site.url, "--tap").stdout.splitlines()
        results = [line for line in lines if line.startswith(("ok ", "not ok "))]
        self.assertIn(f"1..{len(results)}", lines)
        self.assertTrue(any(line.startswith("not ok ") and "wrong-key" in line for line in lines))
        self.assertTrue(lines[-1].startswith("# ") and "failed" in lines[-1])

    def test_wrong_usage_and_a_silent_site_have_their_own_status(self):
        self.assertEqual(verify("http://127.0.0.1:1").returncode, 3)
        for options in (["--year"], ["--nonsense"], ["--only"], ["--deb-suite", "Bad Suite"], ["--other-component", "core"],
                        ["--image", "Server"], ["--image", "a:-b"], ["--foreign-digest", "sha256:00"]):
            self.assertEqual(verify("http://127.0.0.1:1", *options, targets=False).returncode, 2, options)
        self.assertEqual(verify("http://user:secret@127.0.0.1:1").returncode, 2)
        self.assertEqual(verify("http://127.0.0.1:1", key="").returncode, 2)
        self.assertEqual(verify("http://127.0.0.1:1", key='with"quote').returncode, 2)

    def test_the_key_is_neither_printed_nor_on_a_command_line(self):
        with tempfile.TemporaryDirectory() as folder, BreakableSite("echoes") as site:
            # Every program it starts goes through one that writes down its arguments.
            for program in ("curl", "grep", "sed", "sha256sum", "mktemp", "rm", "sort", "openssl"):
                real = subprocess.run(["which", program], text=True, capture_output=True, check=True).stdout.strip()
                with open(f"{folder}/{program}", "w", encoding="utf-8") as script:
                    script.write(f'#!/bin/bash\nprintf "%s\\n" "$0 $*" >>{folder}/arguments\nexec {real} "$@"\n')
                os.chmod(f"{folder}/{program}", 0o755)
            environment = dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}")
            outcome = verify(site.url, environment=environment)
            with open(f"{folder}/arguments", encoding="utf-8") as log:
                arguments = log.read()
        self.assertIn("curl", arguments)
        self.assertNotIn(KEY, arguments)
        self.assertNotIn(KEY, outcome.stdout + outcome.stderr)
        self.assertIn("(the key)", outcome.stdout)  # it was echoed, noticed, and taken out


class Certificates(unittest.TestCase):
    def context(self, folder, days):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem",
                        "-days", str(days), "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
        return context

    def outcome(self, days, *options):
        with tempfile.TemporaryDirectory() as folder, BreakableSite(tls_context=self.context(folder, days)) as site:
            return verify(site.url, *[option.replace("CERT", f"{folder}/cert.pem") for option in options], "--only", "certificate")

    def test_a_good_one_passes(self):
        outcome = self.outcome(90, "--cacert", "CERT")
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)
        self.assertIn("ok    certificate: accepted, valid until", outcome.stdout)

    def test_one_that_expires_soon_fails(self):
        outcome = self.outcome(5, "--cacert", "CERT")
        self.assertEqual(outcome.returncode, 1, outcome.stdout)
        self.assertIn("FAIL  certificate", outcome.stdout)
        self.assertEqual(self.outcome(5, "--cacert", "CERT", "--days", "3").returncode, 0)

    def test_one_that_nobody_trusts_fails(self):
        outcome = self.outcome(90)
        self.assertEqual(outcome.returncode, 1, outcome.stdout)
        self.assertIn("FAIL  certificate", outcome.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
