#!/usr/bin/env python3
"""packyard admin and packyard keys, the real program: keys from creation to revocation, restarts, and what goes wrong."""
import json
import os
import re
import resource
import shutil
import stat
import unittest
import urllib.error
import urllib.request

import packyard_process
from packyard_process import Site

KEY = re.compile(r"pky_[0-9A-Za-z]{36}")


class KeysTest(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def start_admin(self):
        admin = self.site.start("admin")
        self.url = admin.admin_url()
        return admin

    def keys(self, *arguments, status=0):
        done = packyard_process.run("keys", "--admin", self.url, *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def create(self, *more):
        done = self.keys("create", "--component", "core", "--label", "Müller & Söhne", *more)
        return done.stdout.strip(), re.search(r"key_[0-9A-Za-z]{16}", done.stderr).group()

    def fails_to_start(self, wanted):
        admin = self.site.start("admin")
        self.assertIsNone(admin.port("admin_ready"))
        self.assertIn(admin.stop(), (1, 3))
        self.assertIn(wanted, admin.log())

    def test_from_creation_to_revocation(self):
        self.start_admin()
        done = self.keys("create", "--component", "core", "--label", "Müller & Söhne", "--expires-at", "2999-01-01T00:00:00Z")
        key = done.stdout.strip()
        self.assertRegex(done.stdout, r"\Apky_[0-9A-Za-z]{36}\n\Z")
        self.assertNotIn(key, done.stderr)
        identity = re.search(r"key_[0-9A-Za-z]{16}", done.stderr).group()

        self.assertIn("Müller & Söhne", self.keys("list").stdout)
        listed = json.loads(self.keys("list", "--json").stdout)
        self.assertEqual([row["id"] for row in listed], [identity])
        self.assertEqual(listed[0]["expires_at"], "2999-01-01T00:00:00Z")
        self.assertIn("active", self.keys("show", identity).stdout)
        self.assertIn("revoked", self.keys("revoke", identity).stdout)
        first = json.loads(self.keys("--json", "revoke", identity).stdout)
        self.assertEqual(json.loads(self.keys("revoke", identity, "--json").stdout), first)
        for done in (self.keys("list"), self.keys("list", "--json"), self.keys("show", identity)):
            self.assertNotIn(key, done.stdout + done.stderr)

    def test_a_key_with_everything_changed_rotated_and_suspended(self):
        self.start_admin()
        key, identity = self.create("--component", "plus", "--year", "2025", "--format", "rpm", "--address", "203.0.113.0/24",
                                    "--expires-at", "2999-01-01T00:00:00Z", "--grace-seconds", "86400", "--metadata", '{"contract": "C-7"}')
        shown = self.keys("show", identity).stdout
        for part in ("core plus", "2025", "rpm", "203.0.113.0/24", "86400 s", '{"contract":"C-7"}'):
            self.assertIn(part, shown)
        changed = json.loads(self.keys("change", identity, "--json", "--year", "all", "--expires-at", "none", "--metadata", "none").stdout)
        self.assertEqual((changed["years"], changed["expires_at"], changed["metadata"], changed["formats"]), ([], None, {}, ["rpm"]))
        self.assertIn("no limit", shown)
        limited = json.loads(self.keys("change", identity, "--json", "--requests-per-day", "1000", "--addresses-per-day", "5").stdout)
        self.assertEqual((limited["requests_per_day"], limited["addresses_per_day"]), (1000, 5))
        limited = self.keys("change", identity, "--requests-per-day", "none").stdout
        self.assertTrue("no limit" in limited and "at most 5 a day" in limited, limited)
        self.assertIn("limit_invalid", self.keys("change", identity, "--addresses-per-day", "257", status=1).stderr)
        rotated = self.keys("rotate", identity, "--overlap-seconds", "3600")
        self.assertRegex(rotated.stdout, r"\Apky_[0-9A-Za-z]{36}\n\Z")
        self.assertNotEqual(rotated.stdout.strip(), key)
        self.assertEqual(len(json.loads(self.keys("show", identity, "--json").stdout)["former_secrets"]), 1)
        self.assertIn("suspended", self.keys("suspend", identity).stdout)
        self.assertIn("active", self.keys("resume", identity).stdout)
        self.keys("revoke", identity)
        self.assertIn("key_revoked", self.keys("resume", identity, status=1).stderr)
        for wrong in (("rotate", identity), ("change",), ("change", identity, "--metadata", "[]"), ("change", identity, "--grace-seconds", "1d"),
                      ("change", identity, "--requests-per-day", "many")):
            self.keys(*wrong, status=2)

    def test_lists_are_filtered(self):
        self.start_admin()
        _, first = self.create()
        _, second = self.create("--metadata", '{"contract": "C-77"}')
        self.keys("revoke", first)
        ids = lambda *filters: [row["id"] for row in json.loads(self.keys("list", "--json", *filters).stdout)]
        self.assertEqual(sorted(ids()), sorted([first, second]))
        self.assertEqual(ids("--status", "revoked"), [first])
        self.assertEqual(ids("--search", "c-77"), [second])
        self.assertEqual(ids("--component", "plus"), [])
        self.assertIn("query_invalid", self.keys("list", "--status", "lost", status=1).stderr)

    def test_a_check_says_what_the_gate_would(self):
        self.start_admin()
        key, identity = self.create()
        core, plus = "/rpm/core/2025/el9-x86_64/x", "/rpm/plus/2025/el9-x86_64/x"
        self.assertTrue(self.keys("check", core, "--id", identity).stdout.startswith("allow (ok, status 200)"))
        self.assertIn("deny (wrong_component, status 401)", self.keys("check", plus, "--id", identity, status=1).stdout)
        done = packyard_process.run("keys", "--admin", self.url, "check", core, standard_input=key + "\n")
        self.assertEqual((done.returncode, done.stdout.startswith("allow")), (0, True), done.stderr)
        self.assertNotIn(key, done.stdout + done.stderr)
        self.assertEqual(packyard_process.run("keys", "--admin", self.url, "check", core, standard_input="").returncode, 2)

    def test_keys_move_to_another_installation_with_their_peppers(self):
        self.start_admin()
        wanted = "".join(json.dumps({"component": "core", "label": f"Customer {number}"}) + "\n" for number in range(1500))
        made = packyard_process.run("keys", "--admin", self.url, "create-many", "-", standard_input=wanted)
        self.assertEqual(made.returncode, 0, made.stderr)
        rows = [json.loads(line) for line in made.stdout.splitlines()]
        self.assertEqual((len(rows), len({row["key"] for row in rows})), (1500, 1500))
        exported = self.keys("export").stdout
        self.assertEqual(exported.count("\n"), 1500)
        self.assertNotRegex(exported, KEY)
        other = Site()
        self.addCleanup(other.close)
        first = other.start("admin").admin_url()

        def imported(url, status):
            done = packyard_process.run("keys", "--admin", url, "import", "-", standard_input=exported)
            self.assertEqual(done.returncode, status, done.stderr)
            return done.stderr

        self.assertIn("pepper_unknown", imported(first, 1))
        (pepper,) = os.listdir(self.site.state("peppers"))
        shutil.copy2(self.site.state(f"peppers/{pepper}"), other.state("peppers"))
        second = other.start("admin").admin_url()
        self.assertIn("imported 1500 keys, 0 were", imported(second, 0))
        self.assertIn("imported 0 keys, 1500 were", imported(second, 0))
        done = packyard_process.run("keys", "--admin", second, "check", "/rpm/core/2025/el9-x86_64/x", standard_input=rows[7]["key"] + "\n")
        self.assertEqual((done.returncode, done.stdout.startswith("allow")), (0, True), done.stderr)

    def test_json_holds_the_key_once(self):
        self.start_admin()
        done = self.keys("create", "--json", "--component", "plus", "--label", "x")
        answer = json.loads(done.stdout)
        self.assertRegex(answer["key"], KEY)
        self.assertEqual(done.stdout.count(answer["key"]), 1)
        self.assertEqual(done.stderr, "")
        self.assertEqual(answer["component"], "plus")

    def test_exit_statuses(self):
        admin = self.start_admin()
        self.assertIn("component_unknown", self.keys("create", "--component", "other", "--label", "x", status=1).stderr)
        self.assertIn("label_invalid", self.keys("create", "--component", "core", "--label", "a\nb", status=1).stderr)
        self.assertIn("key_not_found", self.keys("show", "key_0123456789abcdef", status=1).stderr)
        self.keys("revoke", "key_0123456789abcdef", status=1)
        for wrong in ((), ("create",), ("create", "--component", "core"), ("show",), ("show", "../keys"), ("show", "a?b"), ("list", "x"), ("delete", "x")):
            self.keys(*wrong, status=2)
        self.assertIn("Exit codes", self.keys("--help").stdout)
        self.assertEqual(packyard_process.run("keys", "--admin", "ftp://x", "list").returncode, 2)
        self.assertEqual(admin.stop(), 0)
        self.assertIn(self.url, self.keys("list", status=3).stderr)

    def test_keys_survive_a_restart_and_two_admins_share_them(self):
        first = self.start_admin()
        self.create()
        self.start_admin()
        self.create()
        self.assertEqual(len(json.loads(self.keys("list", "--json").stdout)), 2)
        self.assertEqual(first.stop(), 0)
        self.start_admin()
        self.assertEqual(len(json.loads(self.keys("list", "--json").stdout)), 2)

    def test_what_it_keeps_is_private(self):
        self.start_admin()
        key, _ = self.create()
        for folder, folders, files in os.walk(self.site.state("")):
            for name in files + folders:
                path = os.path.join(folder, name)
                self.assertEqual(stat.S_IMODE(os.lstat(path).st_mode) & 0o077, 0, path)
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(key.encode(), file.read(), name)
        self.assertEqual(len(os.listdir(self.site.state("peppers"))), 1)

    def test_a_missing_pepper_stops_the_start(self):
        admin = self.start_admin()
        self.create()
        admin.stop()
        (pepper,) = os.listdir(self.site.state("peppers"))
        shutil.move(self.site.state(f"peppers/{pepper}"), self.site.folder)
        self.fails_to_start(pepper)
        self.assertEqual(os.listdir(self.site.state("peppers")), [])
        shutil.move(os.path.join(self.site.folder, pepper), self.site.state("peppers"))
        self.start_admin()
        os.chmod(self.site.state(f"peppers/{pepper}"), 0o644)
        self.fails_to_start("chmod 600")

    def test_a_damaged_database_stops_the_start(self):
        with open(self.site.state("keys.db"), "wb") as file:
            file.write(b"not a database" * 1000)
        self.fails_to_start("backup")

    def test_only_loopback_unless_told_otherwise(self):
        self.site.write_settings("{listen: '0.0.0.0:0'}")
        self.fails_to_start("allow_non_loopback")
        self.site.write_settings("{listen: '0.0.0.0:0', allow_non_loopback: true}")
        self.fails_to_start("admin.token_file")
        self.site.write_settings("{listen: '0.0.0.0:0', allow_non_loopback: true, token_file: state/token}")
        self.fails_to_start("state/token")
        token = self.site.state("token")
        with open(os.open(token, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write("t" * 40)
        self.site.write_settings("{listen: '0.0.0.0:0', allow_non_loopback: true, token_file: state/token, allowed_hosts: ['not a name']}")
        self.fails_to_start("allowed_hosts")
        self.site.write_settings("{listen: '0.0.0.0:0', allow_non_loopback: true, token_file: state/token}")
        admin = self.start_admin()
        self.assertIn("token_needed", self.keys("list", status=1).stderr)
        self.keys("list", "--token-file", token)
        self.assertEqual(packyard_process.run("keys", "--admin", self.url, "list", PACKYARD_ADMIN_TOKEN_FILE=token).returncode, 0)
        with urllib.request.urlopen(f"{self.url}/healthz", timeout=30) as answer:
            self.assertEqual(answer.status, 200)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{self.url}/api/v1/keys", timeout=30)
        self.assertEqual((refused.exception.code, refused.exception.headers["WWW-Authenticate"]), (401, 'Bearer realm="packyard admin"'))
        refused.exception.close()
        self.assertNotIn("t" * 40, admin.log())

    def test_a_disk_that_takes_no_more_gives_503_and_then_goes_on(self):
        admin = self.start_admin()
        _, identity = self.create()
        resource.prlimit(admin.pid, resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
        self.assertRegex(self.keys("create", "--component", "core", "--label", "x", status=3).stderr, "(store|audit)_unavailable")
        self.keys("revoke", identity, status=3)
        request = urllib.request.Request(f"{self.url}/api/v1/keys", data=b'{"component":"core","label":"x"}', headers={"Content-Type": "application/json"})
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        self.assertEqual(refused.exception.code, 503)
        self.assertRegex(json.load(refused.exception)["error"]["code"], "(store|audit)_unavailable")
        refused.exception.close()
        self.assertEqual(json.loads(self.keys("list", "--json").stdout)[0]["status"], "active")
        self.assertRegex(admin.log(), "(key_store|audit_log)_failed")
        resource.prlimit(admin.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.keys("revoke", identity)
        self.create()

    def test_no_core_file(self):
        admin = self.start_admin()
        self.assertEqual(resource.prlimit(admin.pid, resource.RLIMIT_CORE), (0, 0))


if __name__ == "__main__":
    unittest.main()
