#!/usr/bin/env python3
"""Staging on S3: CI puts packages into a bucket, the press takes them from there, real apt and dnf install them; and a server that lies or
fails, at any step, loses nothing and publishes nothing wrong.

The server is tests/support/s3_server.py; programs named by PACKYARD_S3_SERVERS (versitygw, minio; ':' between) are tried beside it."""
import contextlib
import json
import os
import subprocess
import sys
import unittest
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, f"{HERE}/../support")
from customer import Apt, Dnf, installer  # noqa: E402
from package_shapes import make_deb, quickstart_rpms  # noqa: E402
from packyard_site import BUILD, ROOT, Site, clean_environment, run  # noqa: E402
from s3_client import Bucket  # noqa: E402
from s3_programs import started  # noqa: E402

DEB_TARGET = "core/2025/deb/bookworm"


class TestServer:
    """tests/support/s3_server.py, which lies when told to."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, f"{ROOT}/tests/support/s3_server.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.endpoint = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        self.access_key, self.secret_key = "AKIDTEST", "test/secret+key"
        self.bucket = Bucket(self.endpoint, self.access_key, self.secret_key, "staging")

    def lie(self, *lies):
        with urllib.request.urlopen(f"{self.endpoint}/-/lies", json.dumps(lies).encode(), timeout=30):
            pass

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


class S3Site(Site):
    """A site whose staging is a prefix of a server's bucket."""

    def __init__(self, server, prefix="in"):
        self.server, self.prefix, self.bucket = server, prefix, server.bucket
        super().__init__()
        self.secret_file = f"{self.folder}/secret-key"
        with open(os.open(self.secret_file, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(server.secret_key + "\n")
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text.replace("staging: staging", f"staging: {{s3: {{endpoint: '{server.endpoint}', bucket: staging, prefix: {prefix}}}}}"))

    def stage_files(self, folder, files):
        for path in files:
            self.bucket.put_file(f"{self.prefix}/{folder}/{os.path.basename(path)}", path)

    def packyard(self, *arguments, check=True, timeout=540, passphrase_file=None):
        keys = {"PACKYARD_STAGING_ACCESS_KEY": self.server.access_key, "PACKYARD_STAGING_SECRET_KEY_FILE": self.secret_file}
        return run([f"{BUILD}/packyard", *arguments], check=check, timeout=timeout,
                   env=clean_environment(PACKYARD_CONFIG=self.config, **self.secrets(), **keys))

    def staged(self):
        return [key.removeprefix(f"{self.prefix}/") for key in self.bucket.keys(f"{self.prefix}/") if "/.archive/" not in key]

    def archived(self):
        return [key.removeprefix(f"{self.prefix}/.archive/") for key in self.bucket.keys(f"{self.prefix}/.archive/")]


def deb(site, name, version="1.0"):
    folder = f"{site.folder}/debs"
    os.makedirs(folder, exist_ok=True)
    make_deb(folder, name, version)
    return f"{folder}/{name}_{version}_all.deb"


class S3Staging(unittest.TestCase):
    def publish_and_install(self, server):
        site = S3Site(server)
        self.addCleanup(site.close)
        package = deb(site, "acme-s3", "1.0+s3~1")
        rpms = quickstart_rpms()
        site.stage_files(DEB_TARGET, [package])
        site.stage_files(f"core/2025/rpm/{site.rpm_target}", rpms)
        self.assertIn("acme-s3", site.promote("--dry-run").stdout)
        self.assertEqual(len(site.staged()), 2 * (1 + len(rpms)))
        site.promote()
        self.assertEqual(site.staged(), [])
        name = os.path.basename(package)
        self.assertIn(f"000001/{DEB_TARGET}/{name}", site.archived())
        self.assertEqual(len(site.archived()), 2 * (1 + len(rpms)))
        with open(package, "rb") as file:
            self.assertEqual(site.bucket.get(f"{site.prefix}/.archive/000001/{DEB_TARGET}/{name}"), file.read())
        self.assertIn("nothing new", site.promote().stdout)
        verified = site.packyard("verify", check=False)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        site.start()
        key = site.create_key("core")["key"]
        apt, dnf = Apt(site, "s3", key), Dnf(site, "s3", key)
        self.addCleanup(run, [*installer(), "rm", "-rf", f"{apt.root}/machine", f"{dnf.root}/machine"])
        self.assertEqual(apt.update().returncode, 0)
        self.assertEqual(apt.candidate("acme-s3"), "1.0+s3~1")
        install = dnf.install("acme-tools")
        self.assertEqual(install.returncode, 0, install.text)

    def test_publishes_and_installs(self):
        with contextlib.closing(TestServer()) as server:
            self.publish_and_install(server)

    def test_publishes_and_installs_from_real_servers(self):
        for program in filter(None, os.environ.get("PACKYARD_S3_SERVERS", "").split(":")):
            with self.subTest(server=os.path.basename(program)), started(os.path.abspath(program)) as server:
                self.publish_and_install(server)
                self.doCleanups()


class Liar(unittest.TestCase):
    """One site; each case stages a package of its own, and the server lies while it is promoted."""

    @classmethod
    def setUpClass(cls):
        cls.server = TestServer()
        cls.addClassCleanup(cls.server.close)
        cls.site = S3Site(cls.server)
        cls.addClassCleanup(cls.site.close)
        cls.number = 0

    def setUp(self):
        type(self).number += 1
        self.name = f"acme-liar-{self.number}"
        self.package = deb(self.site, self.name)
        self.site.stage_files(DEB_TARGET, [self.package])
        self.addCleanup(self.server.lie)

    def pool(self):
        found = []
        for folder, _, names in os.walk(f"{self.site.published}/pool"):
            found += [os.path.join(folder, name) for name in names]
        return found

    def published_bytes(self):
        for path in self.pool():
            if os.path.basename(path).startswith(self.name):
                with open(path, "rb") as file:
                    return file.read()
        return None

    def staged_bytes(self):
        with open(self.package, "rb") as file:
            return file.read()

    def demand_published(self):
        self.assertEqual(self.published_bytes(), self.staged_bytes())
        self.assertEqual(self.site.staged(), [])
        verified = self.site.packyard("verify", check=False)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def demand_refused_then_published(self, *lies):
        """With the lies nothing is published and nothing lost; without them the same staging is."""
        before, staged = sorted(self.pool()), self.site.staged()
        self.server.lie(*lies)
        refused = self.site.promote(check=False)
        self.server.lie()
        self.assertNotEqual(refused.returncode, 0, refused.stdout + refused.stderr)
        self.assertNotIn(self.server.secret_key, refused.stdout + refused.stderr)
        self.assertEqual(sorted(self.pool()), before)
        self.assertEqual(self.site.staged(), staged)
        self.site.promote()
        self.demand_published()
        return refused

    def test_what_passes_by_itself_is_not_noticed(self):
        target = f"/{self.name}_1.0_all.deb"
        self.server.lie({"lie": "status", "status": 503, "code": "SlowDown", "contains": "list-type", "times": 2},
                        {"lie": "status", "status": 500, "code": "InternalError", "method": "GET", "contains": target, "times": 1},
                        {"lie": "truncate", "method": "GET", "contains": target, "times": 2},
                        {"lie": "reset", "method": "GET", "contains": ".sha256", "times": 1},
                        {"lie": "error_in_ok", "method": "PUT", "contains": ".archive", "times": 1},
                        {"lie": "forget", "method": "DELETE", "times": 1})
        self.site.promote()
        self.demand_published()

    def test_other_bytes(self):
        refused = self.demand_refused_then_published({"lie": "corrupt", "method": "GET", "contains": f"{self.name}_1.0_all.deb", "times": 100})
        self.assertIn(self.name, refused.stderr)

    def test_a_shorter_length(self):
        self.demand_refused_then_published({"lie": "short", "method": "GET", "contains": f"{self.name}_1.0_all.deb", "times": 100})

    def test_other_bytes_in_the_checksum_file(self):
        self.demand_refused_then_published({"lie": "corrupt", "method": "GET", "contains": ".sha256", "times": 100})

    def test_listings_that_are_none(self):
        for kind in ("xml", "cut_xml"):
            self.server.lie({"lie": kind, "contains": "list-type", "times": 1})
            refused = self.site.promote(check=False)
            self.assertNotEqual(refused.returncode, 0, kind)
        self.demand_refused_then_published({"lie": "error_in_ok", "code": "InvalidRequest", "contains": "list-type", "times": 1})

    def test_rights_that_are_missing(self):
        refused = self.demand_refused_then_published({"lie": "status", "status": 403, "code": "AccessDenied", "times": 1})
        self.assertIn("give the access key the rights", refused.stderr)

    def test_an_archive_that_fails_after_the_switch(self):
        self.server.lie({"lie": "status", "status": 403, "code": "AccessDenied", "method": "PUT", "contains": ".archive", "times": 100})
        self.assertIn("housekeeping_put_off", self.site.promote().stderr)
        self.assertEqual(self.published_bytes(), self.staged_bytes())
        self.assertTrue(self.site.staged())
        self.assertNotEqual(self.site.promote(check=False).returncode, 0)
        self.server.lie()
        self.site.promote()
        self.demand_published()

    def test_a_copy_that_lost_half(self):
        self.server.lie({"lie": "lost_put", "method": "PUT", "contains": ".archive", "times": 1})
        self.assertIn("housekeeping_put_off", self.site.promote().stderr)
        self.assertTrue(self.site.staged())
        self.server.lie()
        self.site.promote()
        self.demand_published()

    def test_without_keys_it_says_which(self):
        settings = {"PACKYARD_CONFIG": self.site.config, **self.site.secrets()}
        for given, wanted in (({}, "PACKYARD_STAGING_ACCESS_KEY"), ({"PACKYARD_STAGING_ACCESS_KEY": "a"}, "PACKYARD_STAGING_SECRET_KEY")):
            refused = run([f"{BUILD}/packyard", "promote"], check=False, env=clean_environment(**settings, **given))
            self.assertEqual(refused.returncode, 1)
            self.assertIn(f"{wanted} is not set", refused.stderr)
        shown = run([f"{BUILD}/packyard", "check-config"], env=clean_environment(**settings, PACKYARD_STAGING_ACCESS_KEY="AKIA-NEVER-SHOWN")).stdout
        self.assertIn("PACKYARD_STAGING_ACCESS_KEY: set by variable", shown)
        self.assertIn("PACKYARD_STAGING_SECRET_KEY: not set", shown)
        self.assertNotIn("AKIA-NEVER-SHOWN", shown)
        self.site.promote()
        self.demand_published()


if __name__ == "__main__":
    unittest.main(verbosity=2)
