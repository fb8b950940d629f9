#!/usr/bin/env python3
"""packyard audit, the real program: what the admin did is there line by line, and whatever is changed in the files is found."""
import json
import os
import re
import signal
import unittest
import urllib.error
import urllib.request

import packyard_process
from packyard_process import Site

TOKENS = {"support": "read", "ops": "keys", "boss": "all"}


class AuditTest(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        for name in TOKENS:
            path = os.path.join(self.site.folder, f"token_{name}")
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"{name}-" * 10 + "\n")
            os.chmod(path, 0o600)
        tokens = ", ".join(f"{{name: {name}, role: {role}, file: token_{name}}}" for name, role in TOKENS.items())
        self.site.write_settings(f"{{listen: '127.0.0.1:0', tokens: [{tokens}]}}")
        self.log_file, self.head_file = self.site.state("audit-admin/admin.log"), self.site.state("audit-admin/admin.head")

    def start_admin(self):
        self.admin = self.site.start("admin")
        self.url = self.admin.admin_url()

    def keys(self, who, *arguments, status=0):
        token = os.path.join(self.site.folder, f"token_{who}")
        done = packyard_process.run("keys", "--admin", self.url, "--token-file", token, *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def audit(self, *arguments, status=0):
        done = packyard_process.run("audit", *arguments, PACKYARD_CONFIG=self.site.settings)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def make_some(self):
        done = self.keys("ops", "create", "--component", "core", "--label", "Müller & Söhne")
        self.secrets = [done.stdout.strip()]
        self.id = re.search(r"key_[0-9A-Za-z]{16}", done.stderr).group()
        self.secrets.append(self.keys("boss", "rotate", self.id, "--overlap-seconds", "60").stdout.strip())
        self.keys("ops", "suspend", self.id)
        self.keys("ops", "resume", self.id)
        self.keys("boss", "revoke", self.id)

    def test_who_did_what(self):
        self.start_admin()
        self.make_some()
        self.keys("support", "list")
        self.assertIn("role", self.keys("support", "revoke", self.id, status=1).stderr)
        lines = [json.loads(line) for line in self.audit("show", "--json").stdout.splitlines()]
        self.assertEqual([(line["actor"], line["action"]) for line in lines],
                         [("ops", "key_created"), ("boss", "key_rotated"), ("ops", "key_suspended"), ("ops", "key_resumed"),
                          ("boss", "key_revoked")])
        for before, line in zip(lines, lines[1:]):
            self.assertEqual(before["after"], line["before"])
        self.assertEqual(lines[0]["after"]["label"], "Müller & Söhne")
        self.assertEqual({line["address"] for line in lines}, {"127.0.0.1"})
        with open(self.log_file, encoding="utf-8") as file:
            text = file.read()
        for secret in self.secrets:
            self.assertNotIn(secret, text)
        self.assertEqual(os.stat(self.log_file).st_mode & 0o777, 0o600)
        self.assertRegex(self.audit("show", "--object", self.id, "--count", "1").stdout, r"boss \(127.0.0.1\) key_revoked key_")
        self.assertRegex(self.audit("verify").stdout, r"\Aadmin: whole, 5 lines, head 5:[0-9a-f]{64}\npress: there is no log here, .*\n\Z")

    def test_every_flipped_bit_is_found(self):
        self.start_admin()
        self.make_some()
        self.admin.stop()
        with open(self.log_file, "rb") as file:
            whole = file.read()
        starts = [0] + [at + 1 for at, byte in enumerate(whole) if byte == 10]
        for at in range(7, len(whole), max(1, len(whole) // 60)):
            damaged = bytearray(whole)
            damaged[at] ^= 1 << (at % 8)
            with open(self.log_file, "wb") as file:
                file.write(damaged)
            done = self.audit("verify", "--log", "admin", "--json", status=1)
            line = sum(1 for start in starts[1:] if start <= at) + 1
            found = [finding["line"] for finding in json.loads(done.stdout)["findings"]]
            self.assertTrue(found and min(abs(one - line) for one in found) <= 1, (at, line, done.stdout))

    def test_a_line_taken_away_or_moved_is_found(self):
        self.start_admin()
        self.make_some()
        head = self.audit("verify", "--log", "admin", "--json").stdout
        head = json.loads(head)["head"]
        self.admin.stop()
        with open(self.log_file, "rb") as file:
            lines = file.read().splitlines(keepends=True)
        for changed in (lines[:1] + lines[2:], lines[:-1], lines[1:], [lines[1], lines[0], *lines[2:]], lines + lines[-1:], []):
            with open(self.log_file, "wb") as file:
                file.write(b"".join(changed))
            self.audit("verify", status=1)
        os.remove(self.log_file)
        os.remove(self.head_file)
        self.assertIn("removed", self.audit("verify", status=1).stderr)
        self.start_admin()
        self.keys("ops", "create", "--component", "core", "--label", "x")
        self.audit("verify")  # a new log is whole as such
        self.audit("verify", "--log", "admin", "--expect", head, status=1)  # but not the one it was

    def test_nothing_changes_that_cannot_be_written_down(self):
        self.start_admin()
        self.make_some()
        os.rename(os.path.dirname(self.log_file), os.path.dirname(self.log_file) + ".away")
        with open(os.path.dirname(self.log_file), "w", encoding="utf-8"):
            pass
        done = self.keys("ops", "create", "--component", "core", "--label", "y", status=3)
        self.assertIn("audit_unavailable", done.stderr)
        self.assertEqual(len(json.loads(self.keys("support", "list", "--json").stdout)), 1)
        os.remove(os.path.dirname(self.log_file))
        os.rename(os.path.dirname(self.log_file) + ".away", os.path.dirname(self.log_file))
        self.keys("ops", "create", "--component", "core", "--label", "y")
        self.audit("verify")

    def test_a_line_without_its_change_is_named_at_the_next_start(self):
        self.start_admin()
        self.make_some()
        self.admin.child.send_signal(signal.SIGKILL)
        self.admin.child.wait()
        # As if the last change had not reached the database: its line is kept, the row is not.
        os.remove(self.site.state("keys.db"))
        for leftover in ("keys.db-wal", "keys.db-shm"):
            if os.path.exists(self.site.state(leftover)):
                os.remove(self.site.state(leftover))
        self.start_admin()
        lines = [json.loads(line) for line in self.audit("show", "--json").stdout.splitlines()]
        self.assertEqual({line["outcome"] for line in lines[5:]}, {"failed"})
        self.assertEqual(len(lines), 10)
        self.audit("verify")

    def test_usage(self):
        self.audit("verify", "--expect", "nonsense", status=2)
        self.audit("verify", "--log", "admin", "--expect", "nonsense", status=1)
        self.assertIn("Exit codes", self.audit("--help").stdout)
        self.assertIn("there is none", self.audit("verify", status=1).stderr)


if __name__ == "__main__":
    unittest.main()
