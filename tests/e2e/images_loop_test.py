#!/usr/bin/env python3
"""Clients that never stop pulling while images are promoted, the press is killed and releases are rolled back: no pull fails, no byte or
signature is wrong.   E2E_PUBLISHES: how many publications (200)."""
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from image_shapes import small_image  # noqa: E402
from image_site import ImageSite  # noqa: E402
from packyard_site import BUILD, clean_environment, run  # noqa: E402
from registry_client import Registry  # noqa: E402

PUBLISHES = int(os.environ.get("E2E_PUBLISHES", "200"))


class Loop(threading.Thread):
    """Repeats one client's round until told to stop."""

    def __init__(self, name, round_once):
        super().__init__(name=name)
        self.round_once, self.failures, self.rounds, self.seen = round_once, [], 0, set()
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            try:
                self.seen.add(self.round_once())
            except (AssertionError, OSError) as failure:
                self.failures.append(f"{self.name}, round {self.rounds}: {failure}")
            self.rounds += 1


class ImagesLoop(unittest.TestCase):
    def setUp(self):
        self.site = ImageSite(floating=["latest"])
        self.addCleanup(self.site.close)
        self.folder = f"{self.site.folder}/images"
        self.stage(0)
        self.site.promote()
        self.site.start()
        self.registry = Registry(self.site, self.site.create_key("core")["key"])
        self.public_key = self.site.request("/gpg/cosign.pub").body
        self.draw = random.Random(7)
        self.promotion_s = 1.0
        self.counts = {"promoted": 1, "killed": 0, "rolled back": 0}
        login = run(["skopeo", "login", "--tls-verify=false", "--authfile", f"{self.site.folder}/auth.json", "--username", "subscriber", "--password-stdin",
                     self.site.host], input=self.registry.key, check=False)
        self.assertEqual(login.returncode, 0, login.stderr)

    def stage(self, number):
        """A tag that never moves, and one that always does."""
        for tag in (f"1.{number}", "latest"):
            self.site.stage_image("core", small_image(self.folder, tag, f"content {number}", layer_bytes=200_000))

    # ---- what happens meanwhile -----------------------------------------------------------------------------------------
    def promote(self):
        started = time.monotonic()
        self.site.promote()
        self.promotion_s = time.monotonic() - started
        self.counts["promoted"] += 1

    def promote_killed(self):
        """A promotion that ends by SIGKILL somewhere; the next one finds whatever is left."""
        process = subprocess.Popen([f"{BUILD}/packyard", "promote"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                                   env=clean_environment(PACKYARD_CONFIG=self.site.config, **self.site.secrets()))
        time.sleep(self.draw.uniform(0, self.promotion_s))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            self.counts["killed"] += 1
        process.wait()

    def publish(self, number):
        self.stage(number)
        if number % 3 == 0:
            self.promote_killed()
        self.promote()
        if number % 5 == 0:
            self.site.packyard("release", "rollback")
            self.counts["rolled back"] += 1

    # ---- clients --------------------------------------------------------------------------------------------------------
    def pull_latest(self):
        held = self.registry.pull("latest")
        for digest in held:
            self.registry.legacy_signatures(digest, self.public_key)
            self.registry.bundle_statements(digest, self.public_key)
        return next(iter(held))

    def pull_pinned(self):
        """What a cluster does: a digest it saw once, long after the tag has moved on."""
        if not self.pinned:
            self.pinned.append(next(iter(self.registry.pull("latest", blobs=False))))
        digest = self.draw_pinned.choice(self.pinned)
        self.registry.pull(digest)
        self.pinned.append(next(iter(self.registry.pull("latest", blobs=False))))
        return digest

    def skopeo_pulls(self):
        folder = f"{self.site.folder}/skopeo"
        shutil.rmtree(folder, ignore_errors=True)
        copy = run(["skopeo", "copy", "--all", "--src-tls-verify=false", "--src-authfile", f"{self.site.folder}/auth.json",
                    f"docker://{self.site.reference('latest')}", f"oci:{folder}:latest"], check=False)
        assert copy.returncode == 0, copy.stderr
        with open(f"{folder}/index.json", "rb") as file:
            return file.read()

    def test_no_pull_fails(self):
        self.pinned, self.draw_pinned = [], random.Random(8)
        loops = [Loop("by tag", self.pull_latest), Loop("by digest", self.pull_pinned), Loop("skopeo", self.skopeo_pulls)]
        started = time.monotonic()
        for loop in loops:
            loop.start()
        try:
            for number in range(1, PUBLISHES + 1):
                self.publish(number)
        finally:
            for loop in loops:
                loop.ended.set()
            for loop in loops:
                loop.join()
        print(f"\n{PUBLISHES} publications in {time.monotonic() - started:.0f} s: " + ", ".join(f"{count} {what}" for what, count in self.counts.items()), end="")
        for loop in loops:
            print(f"\n{loop.name}: {loop.rounds} pulls, {len(loop.seen)} images seen, {len(loop.failures)} failures", end="")
        self.assertEqual([failure for loop in loops for failure in loop.failures][:3], [])
        for loop in loops:
            self.assertGreater(len(loop.seen), 1, loop.name)
        self.assertGreater(self.counts["killed"], 0)
        verified = self.site.packyard("verify", check=False)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
