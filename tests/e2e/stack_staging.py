"""Staging servers that lie or fail, before the real press container of tests/e2e/run_stack: what is published is what was staged, or nothing is.
(line, function of the stack)"""
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import urllib.request

from package_shapes import make_deb
from packyard_site import ROOT
from s3_client import Bucket
from stack import PROJECT

TARGET = "core/2025/deb/bookworm"
# What passes, and what no second try mends: (words, lies about the object {name}, is it published in the end?)
LIES = [
    ("503 SlowDown and 500, then none", [{"lie": "status", "status": 503, "code": "SlowDown", "contains": "list-type", "times": 2},
                                         {"lie": "status", "status": 500, "code": "InternalError", "method": "GET", "contains": "{name}", "times": 1}], True),
    ("truncated twice, reset once", [{"lie": "truncate", "method": "GET", "contains": "{name}", "times": 2},
                                     {"lie": "reset", "method": "GET", "contains": ".sha256", "times": 1}], True),
    ("slow", [{"lie": "slow", "method": "GET", "contains": "{name}", "seconds": 0.001, "times": 1}], True),
    ("silent once", [{"lie": "silent", "method": "GET", "contains": "{name}", "seconds": 5, "times": 1}], True),
    ("the archive's copy loses half", [{"lie": "lost_put", "method": "PUT", "contains": ".archive", "times": 1}], True),
    ("truncated for ever", [{"lie": "truncate", "method": "GET", "contains": "{name}", "times": 10000}], False),
    ("a wrong length", [{"lie": "short", "method": "GET", "contains": "{name}", "times": 10000}], False),
    ("other bytes", [{"lie": "corrupt", "method": "GET", "contains": "{name}", "times": 10000}], False),
    ("503 SlowDown for ever", [{"lie": "status", "status": 503, "code": "SlowDown", "times": 10000}], False),
    ("500 for ever", [{"lie": "status", "status": 500, "code": "InternalError", "method": "GET", "contains": "{name}", "times": 10000}], False),
    ("reset for ever", [{"lie": "reset", "method": "GET", "contains": "{name}", "times": 10000}], False),
    ("half a listing", [{"lie": "cut_xml", "contains": "list-type", "times": 10000}], False),
]


class LyingServer:
    """tests/support/s3_server.py with the stack's two keys, on this machine's address in the network `stage`: the press asks it instead of the real one."""

    def __init__(self, stack):
        gateway = stack.docker("network", "inspect", f"{PROJECT}_stage", "--format", "{{range .IPAM.Config}}{{.Gateway}}{{end}}").strip()
        keys = []
        for name in ("access", "secret"):
            with open(f"{stack.secrets}/rustfs_{name}_key", encoding="ascii") as file:
                keys.append(file.read())
        self.process = subprocess.Popen([sys.executable, f"{ROOT}/tests/support/s3_server.py", "--host", gateway, "--access-key", keys[0], "--secret-key",
                                         keys[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.endpoint = f"http://{gateway}:{int(self.process.stdout.readline())}"
        self.bucket = Bucket(self.endpoint, *keys, "staging")

    def lie(self, *lies):
        with urllib.request.urlopen(f"{self.endpoint}/-/lies", json.dumps(lies).encode(), timeout=30):
            pass

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


def live_release(stack):
    return os.readlink(f"{stack.data}/tree/public/current")


def published_digest(stack, package):
    answer = stack.ask(f"/deb/core/2025/pool/bookworm/a/{package}/{package}_1.0-1_all.deb", stack.key)
    return hashlib.sha256(answer.body).hexdigest() if answer.status == 200 else answer.status


def lying(stack):
    with contextlib.closing(LyingServer(stack)) as server, stack.signing_keys_on_the_disk():
        for number, (words, lies, passes) in enumerate(LIES):
            package = f"acme-lie-{stack.mark}-{number}"
            path = make_deb(stack.folder, package, "1.0-1")
            name = os.path.basename(path)
            with open(path, "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
            server.bucket.put_file(f"{TARGET}/{name}", path)
            before = live_release(stack)
            server.lie(*({**lie, **({"contains": lie["contains"].replace("{name}", name)} if "contains" in lie else {})} for lie in lies))
            told = stack.promote(check=False, STAGING_ENDPOINT=server.endpoint)
            server.lie()
            if not passes:
                assert told.returncode != 0 and live_release(stack) == before, (words, told.returncode, told.stdout, told.stderr)
                assert published_digest(stack, package) == 404 and f"{TARGET}/{name}" in server.bucket.keys(), words
            again = stack.promote(check=False, STAGING_ENDPOINT=server.endpoint)
            assert again.returncode == 0, (words, again.stdout, again.stderr)
            assert published_digest(stack, package) == digest, (words, told.stdout + told.stderr)
            assert not [key for key in server.bucket.keys() if not key.startswith(".archive/")], words
            print(f"      | {words} | status {told.returncode} | {'published' if passes else 'nothing published, nothing lost; published without it'} |")
        verified = stack.promote("verify", check=False)
        assert verified.returncode == 0, verified.stdout + verified.stderr


CASES = [("staging: a server that truncates, cuts, lies, slows or resets loses nothing and publishes nothing wrong", lying)]
