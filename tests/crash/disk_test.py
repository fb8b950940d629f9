#!/usr/bin/env python3
"""A promotion on a full disk and on a read-only one: a clear error, nothing published, nothing lost, and the next run works.

The store lies on a small file system of its own, mounted in a namespace of this test only (unshare), so nothing else sees it.
"""
import os
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("PACKYARD_SOURCE_DIR") or os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("PACKYARD_BUILD_DIR") or os.path.join(SOURCE, "build/release")
sys.path.insert(0, os.path.join(SOURCE, "tests/bench"))
import bench_site  # noqa: E402  pylint: disable=wrong-import-position

PRESS = os.path.join(BUILD, "packyard-press")
DISK_BYTES = 16 << 20
FAILED = 3


class SmallDisk:
    def __init__(self, folder):
        self.folder, self.disk = folder, os.path.join(folder, "disk")
        os.makedirs(self.disk)
        os.makedirs(os.path.join(folder, "key"), mode=0o700)
        os.makedirs(os.path.join(folder, "debs"))
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", self.disk], check=True)
        key = bench_site.Key(os.path.join(folder, "key"))
        for name in [name for name in os.environ if name.startswith("PACKYARD_")]:
            del os.environ[name]
        self.environment = {**os.environ, **key.secrets()}
        self.site = bench_site.Site(os.path.join(self.disk, "site"), key)
        self.staging = os.path.join(folder, "staging")
        with open(self.site.settings, encoding="utf-8") as file:
            text = file.read()
        with open(self.site.settings, "w", encoding="utf-8") as file:
            file.write(text.replace("staging: staging", f"staging: {self.staging}"))

    def stage(self, name, payload_bytes):
        path, digest = bench_site.write_deb(os.path.join(self.folder, "debs"), name, "1.0", os.urandom(payload_bytes))
        target = os.path.join(self.staging, "core/2025/deb/bookworm")
        os.makedirs(target, exist_ok=True)
        shutil.copy(path, target)
        with open(os.path.join(target, os.path.basename(path) + ".sha256"), "w", encoding="utf-8") as file:
            file.write(digest)

    def unstage(self):
        shutil.rmtree(os.path.join(self.staging, "core"))

    def staged(self):
        return sorted(name for path, _, names in os.walk(os.path.join(self.staging, "core")) for name in names)

    def promote(self, wanted, words=""):
        outcome = subprocess.run([PRESS, "promote", "--config", self.site.settings], env=self.environment, capture_output=True, text=True, check=False)
        if outcome.returncode != wanted or words not in outcome.stderr:
            raise SystemExit(f"disk_test: expected status {wanted} and {words!r}, got {outcome.returncode}: {outcome.stderr[-1000:]}")

    def check(self, release):
        live = os.readlink(os.path.join(self.disk, "site/public/current"))
        if live != f"releases/{release:06}":
            raise SystemExit(f"disk_test: {live} is live, expected {release}")
        subprocess.run([PRESS, "verify", "--config", self.site.settings], env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def fill(self):
        block = b"x" * 4096
        descriptor = os.open(os.path.join(self.disk, "fill"), os.O_WRONLY | os.O_CREAT)
        try:
            while os.write(descriptor, block) == len(block):
                pass
        except OSError:
            pass
        os.close(descriptor)


def test(folder):
    small = SmallDisk(folder)
    small.stage("first", 100)
    small.promote(0)
    small.check(1)
    small.stage("large", DISK_BYTES)
    before = small.staged()
    small.promote(FAILED, "No space left on device")
    small.check(1)
    assert small.staged() == before and not os.listdir(os.path.join(small.disk, "site/state/incoming"))
    small.unstage()
    small.stage("second", 100)
    small.fill()
    small.promote(FAILED, "full")
    assert small.staged() == ["second_1.0_amd64.deb", "second_1.0_amd64.deb.sha256"]
    os.remove(os.path.join(small.disk, "fill"))
    small.check(1)
    small.promote(0)
    small.check(2)
    small.stage("third", 100)
    subprocess.run(["mount", "-o", "remount,ro", small.disk], check=True)
    small.promote(FAILED, "Read-only file system")
    small.check(2)
    assert small.staged() == ["third_1.0_amd64.deb", "third_1.0_amd64.deb.sha256"]
    subprocess.run(["mount", "-o", "remount,rw", small.disk], check=True)
    small.promote(0)
    small.check(3)
    print("disk_test: too large a package, a full disk and a read-only one: refused, nothing lost, the next run published")


def main():
    if len(sys.argv) == 2:
        test(sys.argv[1])
        return 0
    with tempfile.TemporaryDirectory(prefix="packyard-disk-") as folder:
        # The file system goes with the namespace.
        as_root = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
        return subprocess.run([*as_root, sys.executable, os.path.abspath(__file__), folder], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
