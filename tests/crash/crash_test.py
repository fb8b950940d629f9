#!/usr/bin/env python3
"""Kills a promotion, or the signing of published images anew, with SIGKILL at system calls that change the store, drawn from every such
call by name.

  tests/crash/crash_test.py [--points N] [--seed N] [--images]

After each kill: `current` resolves, the served tree verifies and is wholly the old content or wholly the new, and the next
run ends with the new content live and in order. Prints each point that failed, then the figures.
"""
import argparse
import collections
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

SOURCE = os.environ.get("PACKYARD_SOURCE_DIR") or os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("PACKYARD_BUILD_DIR") or os.path.join(SOURCE, "build/release")
sys.path.insert(0, os.path.join(SOURCE, "tests/bench"))
sys.path.insert(0, os.path.join(SOURCE, "tests/e2e"))
import bench_site  # noqa: E402  pylint: disable=wrong-import-position
from image_shapes import small_image  # noqa: E402  pylint: disable=wrong-import-position

PRESS = os.path.join(BUILD, "packyard-press")
KILL_AT_CALL = os.path.join(BUILD, "kill_at_call")
KILLED = 99
SETTINGS = """site: crash.example.org
components: [{name: core, years: [2025]}]
targets:
  rpm: [{name: el9-x86_64, keep: 1}]
  deb: [{suite: bookworm, architectures: [amd64], origin: Crash, label: Crash, keep: 1}]
  oci: [{image: server, floating_tags: [latest]}]
storage: {staging: staging, state: state, published: public, public_keys: keys}
retention: {keep_for_days: 1, keep_generations_min: 2}
"""


class CrashSite:
    """A store with two releases, a third one staged; copied anew for every point, always to the same folder."""

    def __init__(self, folder, images):
        self.images, self.command = images, ["release", "refresh", "--images"] if images else ["promote"]
        self.folder, self.template = os.path.join(folder, "site"), os.path.join(folder, "template")
        os.makedirs(os.path.join(folder, "key"), mode=0o700)
        key = bench_site.Key(os.path.join(folder, "key"))
        # Variables of the test itself are none of the press's settings.
        for name in [name for name in os.environ if name.startswith("PACKYARD_")]:
            del os.environ[name]
        self.environment = {**os.environ, **key.secrets()}
        site = bench_site.Site(self.folder, key)
        self.folder_of_images = os.path.join(folder, "images")
        with open(site.settings, "w", encoding="utf-8") as file:
            file.write(SETTINGS)
        self.settings = site.settings
        self.make_image_key(os.path.join(folder, "key/cosign"))
        packages = os.path.join(folder, "packages")
        os.makedirs(packages)
        rpms = bench_site.build_rpms(packages, 3, 100)
        debs = {(name, version): bench_site.write_deb(packages, name, version, version.encode() * 50)
                for name in ("acme", "tool", "fresh") for version in ("1.0", "1.5", "2.0")}
        site.stage("deb", "bookworm", [debs["acme", "1.0"], debs["tool", "1.0"]])
        site.stage("rpm", "el9-x86_64", rpms[:1])
        self.stage_images(site, {"1.0": "one", "latest": "one"})
        self.promote()
        site.stage("deb", "bookworm", [debs["acme", "1.5"]])
        self.stage_images(site, {"1.5": "one and a half"})
        self.promote()
        self.age_first_release()
        self.old = self.content()
        if images:
            self.make_image_key(os.path.join(folder, "key/cosign-new"))
        else:
            site.stage("deb", "bookworm", [debs["acme", "2.0"], debs["fresh", "1.0"]])
            site.stage("rpm", "el9-x86_64", rpms[1:])
            # A new tag, one that moves, and another tag on an image that is signed already.
            self.stage_images(site, {"2.0": "two", "latest": "two", "1.0-again": "one"})
        shutil.copytree(self.folder, self.template, symlinks=True)
        log = os.path.join(folder, "calls")
        status, said = self.killed_at(0, log)
        if status != 0:
            raise SystemExit(f"crash: {self.command} itself fails with status {status}: {said[-1500:]}")
        with open(log, encoding="utf-8", errors="replace") as file:
            self.calls = [line.rstrip("\n").split(" ", 1) for line in file]
        self.new = self.content()
        assert self.old != self.new
        self.check_verifies("the undisturbed run")

    def make_image_key(self, folder):
        with open(os.open(folder + ".password", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write("crash")
        self.environment |= {"COSIGN_PRIVATE_KEY_FILE": os.path.join(folder, "cosign.key"), "COSIGN_PASSWORD_FILE": folder + ".password"}
        bench_site.run([PRESS, "signing-key", "new-cosign", "--output-folder", folder, "--config", self.settings], env=self.environment)
        shutil.copy(os.path.join(folder, "cosign.pub"), os.path.join(self.folder, "keys"))

    def stage_images(self, site, contents):
        for tag, content in contents.items():
            site.stage("oci", "server", [bench_site.with_digest(path) for path in small_image(os.path.join(self.folder_of_images, content), tag, content)])

    def promote(self):
        bench_site.run([PRESS, "promote", "--config", self.settings], env=self.environment)

    def age_first_release(self):
        """It becomes old enough for retention, so that removing its files is among the calls of the promotion that is killed."""
        subprocess.run(["sqlite3", os.path.join(self.folder, "state/catalog.db"),
                        "UPDATE release SET superseded_at = superseded_at - 400000 WHERE number = 1"], check=True)

    def reset(self):
        shutil.rmtree(self.folder)
        shutil.copytree(self.template, self.folder, symlinks=True)

    def killed_at(self, point, log):
        """Exit status, and what it said."""
        with open(self.folder + ".log", "w+b") as said:  # no pipe: what it started may outlive it
            status = subprocess.run([KILL_AT_CALL, log, str(point), PRESS, *self.command, "--json", "--config", self.settings], env=self.environment,
                                    stdout=subprocess.DEVNULL, stderr=said, check=False).returncode
            said.seek(0)
            return status, said.read().decode(errors="replace")

    def content(self):
        """Every package that the live release lists, by target."""
        with open(os.path.join(self.folder, "public/current/release.json"), encoding="utf-8") as file:
            targets = json.load(file)["targets"]
        listed = {}
        for target in targets:
            with open(os.path.join(self.folder, "public/current", target, "contents.json"), encoding="utf-8") as file:
                listed[target] = sorted(package["path"] for package in json.load(file)["packages"])
        return listed

    def check_verifies(self, when):
        outcome = subprocess.run([PRESS, "verify", "--config", self.settings], env=self.environment, capture_output=True, check=False)
        if outcome.returncode != 0:
            raise AssertionError(f"{when}: verify ends with {outcome.returncode}: {(outcome.stdout + outcome.stderr).decode()[-1500:]}")

    def try_point(self, point, log):
        self.reset()
        status, said = self.killed_at(point, log)
        if status == 0:
            return None  # threads took other turns: it ended with fewer calls
        if status != KILLED:
            raise AssertionError(f"was not killed, status {status}: {said[-1500:]}")
        seen = self.content()
        if seen not in (self.old, self.new):
            raise AssertionError(f"what is served is neither old nor new: {seen}")
        if seen == self.new or not self.images:  # what another key signed does not verify with the new one
            self.check_verifies("after the kill")
        again = subprocess.run([PRESS, *self.command, "--config", self.settings], env=self.environment, capture_output=True, check=False)
        if again.returncode != 0:
            raise AssertionError(f"the next run ends with {again.returncode}: {again.stderr.decode()[-1500:]}")
        if self.content() != self.new:
            raise AssertionError(f"after the next run not the new content: {self.content()}")
        self.check_verifies("after the next run")
        left = os.listdir(os.path.join(self.folder, "state/incoming"))
        if left:
            raise AssertionError(f"left in incoming: {left}")
        staged = [name for path, folders, names in os.walk(os.path.join(self.folder, "staging")) if "/.archive" not in path for name in names]
        if staged:
            raise AssertionError(f"published files left in staging: {staged}")
        return seen == self.new


def choose(calls, wanted, seed):
    """Point numbers: every kind of call gets a share, rare kinds whole, the last and first calls of each kind always."""
    by_name = collections.defaultdict(list)
    for number, (name, _) in enumerate(calls, 1):
        by_name[name].append(number)
    draw = random.Random(seed)
    for numbers in by_name.values():
        draw.shuffle(numbers)
    chosen = []
    while len(chosen) < min(wanted, len(calls)):
        for numbers in by_name.values():
            if numbers and len(chosen) < wanted:
                chosen.append(numbers.pop())
    return sorted(chosen)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--images", action="store_true", help="kill packyard release refresh --images after a change of the image key")
    options = parser.parse_args()
    started, tested, outcomes, failures = time.monotonic(), collections.Counter(), collections.Counter(), []
    with tempfile.TemporaryDirectory(prefix="packyard-crash-") as folder:
        site = CrashSite(folder, options.images)
        log = os.path.join(folder, "killed")
        for point in choose(site.calls, options.points, options.seed):
            name, subject = site.calls[point - 1]
            try:
                shows_new = site.try_point(point, log)
                if shows_new is None:
                    continue
                outcomes["new" if shows_new else "old"] += 1
            except AssertionError as failure:
                failures.append(point)
                print(f"FAILED point {point} {name} {re.sub(re.escape(folder), '', subject)}: {failure}", flush=True)
            tested[name] += 1
        calls = len(site.calls)
    print(f"{sum(tested.values())} points of {calls} tested: " + ", ".join(f"{name} {count}" for name, count in sorted(tested.items())))
    print(f"{outcomes['old']} served the old content, {outcomes['new']} the new, {len(failures)} failed; {time.monotonic() - started:.0f} s")
    return 1 if failures or not tested else 0


if __name__ == "__main__":
    sys.exit(main())
