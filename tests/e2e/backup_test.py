#!/usr/bin/env python3
"""Backups of a site that works: taken while customers download, keys are made and a promotion publishes; the machine's folders wiped; restored, after
which the same keys open the same files of the same release and apt goes on. A drill tries an old key and finds each kind of damage. How long each took is printed."""
import contextlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from customer import Apt  # noqa: E402
from package_shapes import make_deb, quickstart_rpms  # noqa: E402
from packyard_site import BUILD, Site, clean_environment, run  # noqa: E402
from s3_staging_test import TestServer  # noqa: E402

REPOMD = "/rpm/core/2025/el9-x86_64/repodata/repomd.xml"


def files_below(folder):
    return sorted(os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def seconds(what, action):
    start = time.monotonic()
    result = action()
    print(f"   {what}: {time.monotonic() - start:.1f} s", flush=True)
    return result


class BackedUpSite(Site):
    """A site with a place for backups beside it, as on another disk, and the operator's identity elsewhere."""

    def __init__(self, more="", encrypted=True, destination=None):
        super().__init__()
        self.vault, self.identity = f"{self.folder}/vault", f"{self.folder}/identity"
        run(["age-keygen", "--output", self.identity])
        recipient = run(["age-keygen", "-y", self.identity]).stdout.strip()
        self.write_settings(f"backup:\n  destination: {destination or self.vault}\n" + (f"  recipients: [{recipient}]\n" if encrypted else "") + more)

    def deb(self, version):
        folder = f"{self.folder}/debs"
        os.makedirs(folder, exist_ok=True)
        make_deb(folder, "acme-kept", version)
        self.stage("core", "deb", [f"{folder}/acme-kept_{version}_all.deb"])

    def publish(self, version):
        self.deb(version)
        self.promote()

    def backup(self, *options):
        return json.loads(self.packyard("backup", "--json", *options).stdout)

    def drill(self, *options, check=True):
        outcome = self.packyard("restore", "--drill", "--identity", self.identity, *options, check=check)
        if check and options != ("--json",):
            assert all(line.startswith("OK: ") for line in outcome.stdout.splitlines()[:-1]), outcome.stdout
        return outcome

    def release(self):
        return int(os.path.basename(os.readlink(f"{self.published}/current")))

    def manifest(self, backup):
        return [json.loads(line) for line in read(f"{self.vault}/manifests/{backup}").splitlines()]

    def key_file(self, key, name="test-key"):
        path = f"{self.folder}/{name}"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(key + "\n")
        return path

    def published_bytes(self, key):
        """What a customer gets of everything that the live release lists."""
        got = {}
        for target in ("rpm/core/2025/el9-x86_64", "deb/core/2025/bookworm"):
            for package in json.loads(read(f"{self.published}/current/{target}/contents.json"))["packages"]:
                path = "/" + package["path"].removeprefix("pool/")
                answer = self.request(path, key)
                assert answer.status == 200, (path, answer.status)
                got[path] = answer.body
        for path in (REPOMD, "/deb/core/2025/dists/bookworm/InRelease", "/gpg/lts.asc"):
            got[path] = self.request(path, key).body
        return got


class Load:
    """Customers who download, an operator who makes keys, and a promotion, until told to stop."""

    def __init__(self, site, key):
        self.site, self.key, self.ended = site, key, threading.Event()
        self.downloads, self.refused, self.keys, self.failures = 0, [], [], []
        self.threads = [threading.Thread(target=self.attempt, args=(part,)) for part in (self.download, self.make_keys, self.promote)]
        self.promoted = threading.Event()

    def attempt(self, part):
        try:
            part()
        except Exception as failure:  # noqa: BLE001
            self.failures.append(f"{part.__name__}: {failure}")
        finally:
            if part == self.promote:
                self.promoted.set()

    def download(self):
        while not self.ended.is_set():
            answer = self.site.request(REPOMD, self.key)
            self.downloads += 1
            if answer.status != 200:
                self.refused.append(answer.status)

    def make_keys(self):
        while not self.ended.is_set():
            self.keys.append(self.site.create_key("core", f"under load {len(self.keys)}")["key"])

    def promote(self):
        self.site.publish("2.0")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.promoted.wait(540)
        self.ended.set()
        for thread in self.threads:
            thread.join(60)


class WipedMachine(unittest.TestCase):
    def test_the_same_keys_open_the_same_files(self):
        site = BackedUpSite()
        self.addCleanup(site.close)
        site.stage("core", "rpm", quickstart_rpms())
        site.publish("1.0")
        site.start()
        key, revoked = site.create_key("core")["key"], site.create_key("core")
        site.revoke(revoked["id"])
        with Load(site, key) as load:
            site.wait_for(lambda: load.keys, "a first key under load")
            early = list(load.keys)
            made = seconds("backup under load", site.backup)
            promoted_meanwhile = load.promoted.is_set()
        self.assertEqual((load.failures, load.refused), ([], []))
        self.assertGreater(load.downloads, 0)
        print(f"   meanwhile {load.downloads} downloads, {len(load.keys)} keys made, promotion {'before' if promoted_meanwhile else 'during or after'}")
        self.assertIn(f"release {made['release']} verifies", seconds("drill", site.drill).stdout)
        site.publish("3.0")
        apt = Apt(site, "kept", key)
        self.assertEqual(apt.update().returncode, 0)
        self.assertEqual(apt.candidate("acme-kept"), "3.0")
        last = seconds("backup of what is new", site.backup)
        self.assertEqual(last["release"], site.release())
        before, keys = site.published_bytes(key), self.rows(site)
        late = site.create_key("core")["key"]
        self.wipe(site)
        restored = seconds("restore", lambda: site.packyard("restore", "--identity", site.identity))
        self.assertIn("OK: restored", restored.stdout)
        self.assertEqual(site.release(), last["release"])
        site.start()
        self.assertEqual(site.published_bytes(key), before)
        for other in early:
            self.assertEqual(site.request(REPOMD, other).status, 200)
        for other in (revoked["key"], late, None):
            self.assertEqual(site.request(REPOMD, other).status, 401)
        self.assertEqual(self.rows(site), keys)
        verified = site.packyard("verify", check=False)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        self.assertEqual(apt.update().returncode, 0)
        self.assertEqual(apt.candidate("acme-kept"), "3.0")
        site.publish("4.0")
        self.assertEqual(apt.update().returncode, 0)
        self.assertEqual(apt.candidate("acme-kept"), "4.0")
        self.assertEqual(read(f"{site.folder}/state/restored/settings/packyard.yml"), read(site.config))

    def rows(self, site):
        """All keys, without what use changes."""
        with contextlib.closing(sqlite3.connect(f"file:{site.folder}/state/keys.db?mode=ro", uri=True)) as database:
            return database.execute("SELECT id, label, digest, pepper_id, created_at, revoked_at FROM keys ORDER BY id").fetchall()

    def wipe(self, site):
        for name in list(site.processes):
            site.stop(name)
        for folder in ("state", "public", "public_keys", "staging"):
            shutil.rmtree(f"{site.folder}/{folder}")
        shutil.rmtree(site.front)
        os.mkdir(site.front)

    def test_without_any_settings_into_a_folder(self):
        site = BackedUpSite()
        self.addCleanup(site.close)
        site.publish("1.0")
        site.start()
        site.create_key("core")
        site.backup()
        for name in list(site.processes):
            site.stop(name)
        into = f"{site.folder}/into"
        command = [f"{BUILD}/packyard", "restore", "--from", site.vault, "--identity", site.identity, "--into", into]
        restored = run(command, cwd="/", env=clean_environment())
        self.assertIn(f"settings are in {into}/settings", restored.stdout)
        self.assertEqual(read(f"{into}/settings/packyard.yml"), read(site.config))
        self.assertEqual([path.removeprefix(into) for path in files_below(f"{into}/public")],
                         [path.removeprefix(site.folder) for path in files_below(site.published)])
        for folder, mode in (("state", 0o700), ("state/peppers", 0o700), ("public", 0o755), ("state/keys.db", 0o600)):
            self.assertEqual(stat.S_IMODE(os.stat(f"{into}/{folder}").st_mode), mode, folder)
        again = run(command, check=False, cwd="/", env=clean_environment())
        self.assertEqual(again.returncode, 4, again.stderr)
        self.assertIn("a restore overwrites nothing", again.stderr)


class Drill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = site = BackedUpSite()
        cls.addClassCleanup(site.close)
        site.stage("core", "rpm", quickstart_rpms())
        site.publish("1.0")
        site.start()
        cls.key, cls.revoked = site.create_key("core")["key"], site.create_key("core")
        cls.made = site.backup()
        site.revoke(cls.revoked["id"])
        cls.lines = site.manifest(cls.made["backup"])

    def test_an_old_key_opens_and_nothing_of_the_site_changes(self):
        before = files_below(self.site.folder)
        drill = seconds("drill", lambda: self.site.drill("--test-key-file", self.site.key_file(self.key)))
        for expected in ("OK: the gate started with 2 keys", "OK: the test key opens", "OK: release 1 verifies as customers read it", "can be restored"):
            self.assertIn(expected, drill.stdout)
        self.assertNotIn(self.key, drill.stdout + drill.stderr)
        new = set(files_below(self.site.folder)) - set(before) - {f"{self.site.folder}/state/backup.lock", f"{self.site.folder}/test-key"}
        self.assertEqual({path for path in new if "/state/keys.db-" not in path and "/state/catalog.db-" not in path}, set())
        self.assertEqual(self.site.request(REPOMD, self.key).status, 200)
        # It was good when the backup was made; a key that never was one is not.
        self.site.drill("--test-key-file", self.site.key_file(self.revoked["key"]))
        wrong = self.site.drill("--test-key-file", self.site.key_file("pky_" + "0" * 40), check=False)
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("FAILED: the test key does not open", wrong.stdout)

    def test_json(self):
        report = json.loads(self.site.drill("--json").stdout)
        self.assertEqual((report["ok"], report["backup"], report["release"]), (True, self.made["backup"], 1))
        self.assertTrue(all(check["ok"] for check in report["checks"]))

    def test_another_identity_is_no_damage(self):
        other = f"{self.site.folder}/other-identity"
        run(["age-keygen", "--output", other])
        refused = self.site.packyard("restore", "--drill", "--identity", other, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("no identity matched", refused.stderr)
        self.assertIn("--identity", self.site.packyard("restore", "--drill", check=False).stderr)

    def damage(self, path, change, *expected):
        """Changes one object, demands that the drill names what it belongs to, and puts it back."""
        whole = read(path)
        try:
            if change is None:
                os.unlink(path)
            else:
                with open(path, "wb") as file:
                    file.write(change(whole))
            drill = self.site.drill(check=False)
            self.assertEqual(drill.returncode, 1, drill.stdout + drill.stderr)
            for words in ("FAILED: ", "can NOT be restored", *expected):
                self.assertIn(words, drill.stdout)
        finally:
            with open(path, "wb") as file:
                file.write(whole)

    def test_each_damage_is_found_and_named(self):
        def flipped(data):
            return data[:len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1:]

        package = next(line for line in self.lines if line.get("file", "").endswith(".rpm"))
        blob = f"{self.site.vault}/blobs/{package['sha256'][:2]}/{package['sha256']}"
        self.damage(blob, flipped, package["file"], "holds other bytes")
        self.damage(blob, lambda data: data[:-1], package["file"], "ends after")
        self.damage(blob, lambda data: data + b"x", package["file"], "more than")
        self.damage(blob, None, package["file"])
        secrets = [line for line in self.lines if "secret" in line]
        number = next(index for index, line in enumerate(secrets) if line["secret"] == "keys/keys.db")
        database = f"{self.site.vault}/secrets/{self.made['backup']}/{number:04}"
        self.damage(database, lambda data: data[:len(data) // 2], "keys/keys.db", "ends after")
        self.damage(database, flipped, "keys/keys.db", "holds other bytes")
        manifest = f"{self.site.vault}/manifests/{self.made['backup']}"
        self.damage(manifest, flipped, self.made["backup"], "the manifest is damaged")
        self.damage(manifest, lambda data: data[:-100], self.made["backup"], "the manifest is damaged")
        self.site.drill()


class WhatIsKept(unittest.TestCase):
    def site(self, **options):
        site = BackedUpSite(**options)
        self.addCleanup(site.close)
        site.publish("1.0")
        site.start()
        site.create_key("core")
        return site

    def metric(self, site, name):
        for path in files_below(f"{site.folder}/state/metrics"):
            for line in read(path).decode().splitlines():
                if line.startswith(name + " "):
                    return int(line.split()[1])
        return None

    def test_nothing_secret_lies_there_in_the_clear(self):
        site = self.site(more="  also: [token]\n")
        with open(f"{site.folder}/token", "w", encoding="ascii") as file:
            file.write("a-token-of-the-operator")
        site.backup()
        peppers = [read(path) for path in files_below(f"{site.folder}/state/peppers")]
        for path in files_below(site.vault):
            data = read(path)
            self.assertFalse(any(secret in data for secret in (*peppers, b"SQLite format 3", b"a-token-of-the-operator")), path)
            self.assertEqual(os.stat(os.path.dirname(path)).st_mode & 0o077, 0, path)
        self.assertTrue(all(read(path).startswith(b"age-encryption.org/v1\n") for path in files_below(f"{site.vault}/secrets")))
        self.assertEqual(self.metric(site, "packyard_backup_succeeded"), 1)
        self.assertAlmostEqual(self.metric(site, "packyard_backup_last_success_timestamp_seconds"), time.time(), delta=600)

    def test_without_a_recipient_it_must_be_said(self):
        site = self.site(encrypted=False)
        refused = site.packyard("backup", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("--unencrypted", refused.stderr)
        self.assertEqual(files_below(site.vault), [])
        self.assertEqual(self.metric(site, "packyard_backup_succeeded"), 0)
        self.assertIsNone(self.metric(site, "packyard_backup_last_success_timestamp_seconds"))
        self.assertFalse(site.backup("--unencrypted")["encrypted"])
        self.assertIn("can be restored", site.packyard("restore", "--drill").stdout)

    def test_retention(self):
        site = self.site(more="  keep_before_change: 2\n")
        first = site.backup("--before-change")["backup"]
        for version in ("2.0", "3.0"):
            site.publish(version)
            site.backup("--before-change")
        dailies = [site.backup() for _ in range(3)]
        listed = site.packyard("restore", "--list").stdout.split()
        self.assertNotIn(first, listed)
        self.assertEqual(len([name for name in listed if name.endswith("-before-change")]), 2)
        # Of one day the newest stays (the test may run over midnight).
        self.assertEqual(listed[-1], dailies[-1]["backup"])
        self.assertLessEqual(len([name for name in listed if name.endswith("-daily")]), 2)
        for name in listed:
            site.drill("--backup", name)
        named = {f"{site.vault}/blobs/{line['sha256'][:2]}/{line['sha256']}" for name in listed for line in site.manifest(name) if "file" in line}
        self.assertEqual(set(files_below(f"{site.vault}/blobs")), named)

    def test_on_s3_and_a_failure_half_way_loses_nothing(self):
        with contextlib.closing(TestServer()) as server:
            site = self.site(destination=f"{{s3: {{endpoint: '{server.endpoint}', bucket: staging, prefix: site-a}}}}")
            secret = site.key_file(server.secret_key, "s3-secret")
            given = clean_environment(PACKYARD_CONFIG=site.config, PACKYARD_BACKUP_ACCESS_KEY=server.access_key, PACKYARD_BACKUP_SECRET_KEY_FILE=secret)

            def packyard(*arguments, check=True):
                return run([f"{BUILD}/packyard", *arguments], check=check, env=given)

            first = json.loads(packyard("backup", "--json").stdout)
            site.publish("2.0")
            server.lie({"lie": "status", "status": 403, "code": "AccessDenied", "method": "PUT", "contains": "manifests", "times": 100})
            failed = packyard("backup", check=False)
            self.assertNotEqual(failed.returncode, 0)
            self.assertNotIn(server.secret_key, failed.stdout + failed.stderr)
            self.assertEqual(self.metric(site, "packyard_backup_succeeded"), 0)
            server.lie()
            self.assertEqual(packyard("restore", "--list").stdout.split(), [first["backup"]])
            self.assertIn("release 1 verifies", packyard("restore", "--drill", "--identity", site.identity).stdout)
            # Killed while the server puts it off: it has put all but the manifest, and databases lie in its scratch folder.
            server.lie({"lie": "status", "status": 503, "code": "SlowDown", "method": "PUT", "contains": "manifests", "times": 10000})
            killed = subprocess.Popen([f"{BUILD}/packyard", "backup"], env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                site.wait_for(lambda: len({key.split("/")[2] for key in server.bucket.keys("site-a/secrets/")}) > 2, "the secrets of a third backup")
            finally:
                killed.kill()
                killed.wait(60)
            self.assertTrue(os.path.isdir(f"{site.folder}/state/backup.scratch"))
            server.lie()
            self.assertEqual(packyard("restore", "--list").stdout.split(), [first["backup"]])
            second = json.loads(packyard("backup", "--json").stdout)
            self.assertFalse(os.path.exists(f"{site.folder}/state/backup.scratch"))
            self.assertEqual({key.split("/")[2] for key in server.bucket.keys("site-a/secrets/")}, {second["backup"]})
            self.assertEqual((second["release"], second["new_blobs"]), (2, 0))
            self.assertIn("release 2 verifies", packyard("restore", "--drill", "--identity", site.identity).stdout)
            without = run([f"{BUILD}/packyard", "backup"], check=False, env=clean_environment(PACKYARD_CONFIG=site.config))
            self.assertIn("PACKYARD_BACKUP_ACCESS_KEY is not set", without.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
