#!/usr/bin/env python3
"""./quickstart --detach leaves a working site and says where; again, it starts over; --stop ends it and nothing else."""
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from packyard_site import ROOT, clean_environment, run  # noqa: E402
from customer import installer  # noqa: E402


class Quickstart(unittest.TestCase):
    def setUp(self):
        self.state = tempfile.mkdtemp(prefix="packyard-quickstart-")
        os.chmod(self.state, 0o755)
        self.addCleanup(self.clean)

    def clean(self):
        self.quickstart("--stop", check=False)
        run([*installer(), "rm", "-rf", f"{self.state}/clients"], check=False)
        shutil.rmtree(self.state, ignore_errors=True)

    def quickstart(self, *arguments, check=True):
        return run([f"{ROOT}/quickstart", *arguments], check=check, env=clean_environment(QUICKSTART_STATE=self.state))

    def answers(self, url):
        try:
            return urllib.request.urlopen(url, timeout=10).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def test_detach_again_and_stop(self):
        shown = self.quickstart("--detach").stdout
        for expected in ("installed media-types", "installed acme-server", "401", "0 failed", "done: everything worked", "[quickstart-core]", "openssl verified its signature",
                         "docker login", "cosign verify --key cosign.pub"):
            self.assertIn(expected, shown)
        path = f"{self.state}/env"
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding="utf-8") as file:
            env = dict(line.strip().split("=", 1) for line in file)
        self.assertEqual(set(env), {"BASE_URL", "ADMIN_URL", "KEY", "COMPONENT", "CONFIG"})
        self.assertNotIn(env["KEY"], shown)
        outcome = subprocess.run([f"{ROOT}/verify.sh", "--base-url", env["BASE_URL"], "--test-component", env["COMPONENT"], "--test-key-file", "-"],
                                 input=env["KEY"], text=True, capture_output=True, timeout=300, check=False)
        self.assertEqual(outcome.returncode, 0, outcome.stdout)
        self.assertEqual(self.answers(f"{env['ADMIN_URL']}/api/v1/keys"), 200)
        self.assertTrue(os.path.exists(env["CONFIG"]))
        self.assert_no_secret_leaks(env["KEY"])
        self.assertIn("done: everything worked", self.quickstart("--detach").stdout)
        self.assertEqual(self.answers(f"{env['BASE_URL']}/healthz"), 200)
        self.quickstart("--stop")
        self.assertEqual(self.answers(f"{env['BASE_URL']}/healthz"), 0)
        self.assertEqual(self.answers(f"{env['ADMIN_URL']}/api/v1/keys"), 0)
        self.assertFalse(os.path.exists(path))

    def assert_no_secret_leaks(self, key):
        """The key stands in files that only their owner reads; the passphrase and the image key's password too."""
        with open(f"{self.state}/signing/passphrase", encoding="ascii") as file:
            secrets = [key.encode(), file.read().encode()]
        with open(f"{self.state}/signing-images/password", encoding="ascii") as file:
            secrets.append(file.read().encode())
        for folder, _, names in os.walk(self.state):
            for name in names:
                path = os.path.join(folder, name)
                if not os.path.isfile(path) or os.path.islink(path):
                    continue
                try:
                    with open(path, "rb") as file:
                        data = file.read()
                except PermissionError:  # the superuser's own (dnf's key rings): an ordinary user cannot read it either
                    continue
                if any(secret in data for secret in secrets):
                    self.assertEqual(os.stat(path).st_mode & 0o077, 0, path)
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    line = file.read()
            except OSError:
                continue
            self.assertFalse(any(secret in line for secret in secrets), line)

    def test_stop_leaves_other_processes_alone(self):
        with subprocess.Popen(["sleep", "600"]) as bystander:
            with open(f"{self.state}/serve.pid", "w", encoding="ascii") as file:
                file.write(str(bystander.pid))
            self.quickstart("--stop")
            self.assertIsNone(bystander.poll())
            bystander.kill()

    def test_wrong_usage(self):
        self.assertEqual(self.quickstart("--nonsense", check=False).returncode, 2)
        self.assertEqual(self.quickstart("--once", "--stop", check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
