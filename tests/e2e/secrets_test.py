#!/usr/bin/env python3
"""No secret in a log, an error, a process list, a core file or a file that others may read: greps for the very secrets it made."""
import os
import stat
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from package_shapes import customer_debs, quickstart_rpms  # noqa: E402
from packyard_site import ROOT, Site, run  # noqa: E402


def text_of(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


class ProcessList(threading.Thread):
    """Reads every command line of this machine again and again until told to stop."""

    def __init__(self):
        super().__init__()
        self.ended, self.lines = threading.Event(), set()

    def run(self):
        while not self.ended.is_set():
            for pid in filter(str.isdigit, os.listdir("/proc")):
                self.lines.add(text_of(f"/proc/{pid}/cmdline"))


class Secrets(unittest.TestCase):
    def test_none_leaks(self):
        processes = ProcessList()
        processes.start()
        with Site() as site:
            try:
                shown = self.use(site)
            finally:
                processes.ended.set()
                processes.join()
            seen = {"standard output and error": shown.encode(), "process list": b"\n".join(processes.lines)}
            self.assertIn(b"packyard", seen["process list"])
            for folder, _, names in os.walk(site.folder):
                for name in names:
                    path = os.path.join(folder, name)
                    if os.path.islink(path) or not os.path.isfile(path):
                        continue
                    if name.endswith(".log") or os.stat(path).st_mode & (stat.S_IRGRP | stat.S_IROTH):
                        seen[path] = text_of(path)
            for where, data in seen.items():
                for what, secret in self.secrets.items():
                    self.assertNotIn(secret, data, f"{what} stands in {where}")

    def use(self, site):
        """Every way in which a secret comes near an output; returns all that was printed."""
        printed = []
        site.stage("core", "deb", customer_debs()[:2])
        site.stage("core", "rpm", quickstart_rpms()[:2])
        outcome = site.promote()
        printed += [outcome.stdout, outcome.stderr, site.packyard("check-config").stdout]
        site.start()
        keys = [site.create_key("core")["key"], site.create_key("plus")["key"]]
        site.revoke(site.create_key("core")["id"])
        url = "/deb/core/2025/dists/bookworm/InRelease"
        for key in (*keys, keys[0][:-1], keys[0] + "x"):
            site.request(url, key)
            site.request(url, key, method="POST")
            site.request(url + "%2f", key)
            site.request("/deb/plus/2025/dists/bookworm/InRelease", key, headers=[("X-Forwarded-Uri", "/x")])
        site.admin("POST", "/api/v1/keys", {"component": "core", "label": "x", "key": keys[0]})
        printed.append(str(site.admin("GET", "/api/v1/keys")))
        outcome = run([f"{ROOT}/verify.sh", "--base-url", site.url, "--test-component", "core", "--test-key-file", "-", "--year", "2025", "--deb-suite",
                       "bookworm"], input=keys[0], check=False)
        printed += [outcome.stdout, outcome.stderr]
        # A wrong passphrase is an error that must not show the right key's material either.
        wrong = f"{site.folder}/wrong-passphrase"
        with open(os.open(wrong, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write("wrong-passphrase-of-this-test")
        site.stage("core", "deb", customer_debs()[2:3])
        outcome = site.packyard("promote", check=False, passphrase_file=wrong)
        self.assertNotEqual(outcome.returncode, 0)
        printed += [outcome.stdout, outcome.stderr]
        limits = text_of(f"/proc/{site.processes['serve'].pid}/limits").decode()
        self.assertRegex(limits, r"Max core file size +0 ", "a core file of serve would hold the peppers")
        private = text_of(f"{site.signing}/private.asc").split(b"\n\n", 1)[1].split(b"\n")
        self.secrets = {"a key": keys[0].encode(), "another key": keys[1].encode(), "the passphrase": text_of(f"{site.signing}/passphrase"),
                        "the private key": private[len(private) // 2], "a wrong passphrase": b"wrong-passphrase-of-this-test"}
        for folder, _, names in os.walk(f"{site.folder}/state/peppers"):
            for name in names:
                self.secrets[f"pepper {name}"] = text_of(os.path.join(folder, name))
        return "".join(printed)


if __name__ == "__main__":
    unittest.main(verbosity=2)
