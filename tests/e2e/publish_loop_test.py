#!/usr/bin/env python3
"""Clients that never stop asking while versions change under them: no failure, no client behind; and mirrors made meanwhile hold
together, signatures checked.   E2E_PUBLISHES: how many (200).

A publication is live when `packyard promote` has returned. A round of a client (refresh, download the newest) is behind by: number of
the newest publication live before the round began, minus the number the round brought home. Seeing a newer one than that is no fault:
it came while the round ran. Asked for is one at most; held to here is none, since every pointer is revalidated with every refresh."""
import glob
import os
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from customer import Apt, Dnf  # noqa: E402
from mirrors import AptCacherNg, Debmirror, Reposync, number_of  # noqa: E402
from package_shapes import HEAD, ONE_FILE, build_rpms, cached, customer_debs, files_in, make_deb, quickstart_rpms  # noqa: E402
from packyard_site import Site  # noqa: E402

PUBLISHES = int(os.environ.get("E2E_PUBLISHES", "200"))


def versions():
    def make(folder):
        for number in range(1, PUBLISHES + 1):
            make_deb(folder, "acme-loop", f"1.{number}")
        build_rpms({f"acme-loop-{number}": HEAD.format(name="acme-loop", version=f"1.{number}", tags="BuildArch: noarch") + ONE_FILE
                    for number in range(1, PUBLISHES + 1)}, folder)
    return cached(f"loop-{PUBLISHES}", make)


class Loop(threading.Thread):
    """Repeats one client's round until told to stop; a round returns the number it saw."""

    def __init__(self, name, publisher, round_once):
        super().__init__(name=name)
        self.publisher, self.round_once = publisher, round_once
        self.failures, self.rounds, self.behind_most, self.seen = [], 0, 0, set()
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            live_before = self.publisher.live
            try:
                seen = self.round_once()
                self.behind_most = max(self.behind_most, live_before - seen)
                self.seen.add(seen)
            except AssertionError as failure:
                self.failures.append(f"{self.name}, round {self.rounds}, publish {live_before}: {failure}")
            self.rounds += 1


class Publisher:
    def __init__(self, site, folder):
        self.site, self.folder, self.live = site, folder, 0

    def publish(self, number):
        self.site.stage("core", "deb", files_in(self.folder, f"_1.{number}_all.deb"))
        self.site.stage("core", "rpm", files_in(self.folder, f"-1.{number}-1.el9.noarch.rpm"))
        self.site.promote()
        self.live = number


class PublishLoop(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.publisher = Publisher(self.site, versions())
        self.site.stage("core", "deb", [path for path in customer_debs() if "/publicsuffix_" in path or "/media-types_" in path])
        self.site.stage("core", "rpm", quickstart_rpms())
        self.publisher.publish(1)
        self.site.start()
        self.key = self.site.create_key("core")["key"]

    def apt_round(self, apt):
        update = apt.update()
        assert update.returncode == 0 and not any(line.startswith(("W:", "E:", "Err")) for line in update.text.splitlines()), update.text
        version = apt.candidate("acme-loop")
        for old in glob.glob(f"{apt.root}/*.deb"):
            os.remove(old)
        download = apt("apt-get", "download", "acme-loop")
        assert glob.glob(f"{apt.root}/acme-loop_{version}_all.deb"), download.text
        return number_of(version)

    def dnf_round(self, dnf):
        refresh = dnf.refresh()
        assert refresh.returncode == 0, refresh.text
        for old in glob.glob(f"{dnf.root}/fetched/*.rpm"):
            os.remove(old)
        download = dnf("--setopt=plugins=1", "download", f"--downloaddir={dnf.root}/fetched", "acme-loop")
        fetched = [os.path.basename(path) for path in glob.glob(f"{dnf.root}/fetched/*.rpm")]
        assert len(fetched) == 1, f"{fetched} {download.text}"
        return number_of(fetched[0].removeprefix("acme-loop-"))

    def test_clients_and_mirrors_while_versions_change(self):
        apt, dnf = Apt(self.site, "loop", self.key), Dnf(self.site, "loop", self.key, repo_gpgcheck=0)
        mirrors = [Reposync(self.site, self.key), Debmirror(self.site, self.key), AptCacherNg(self.site, self.key)]
        loops = [Loop("apt", self.publisher, lambda: self.apt_round(apt)), Loop("dnf", self.publisher, lambda: self.dnf_round(dnf))]
        loops += [Loop(type(mirror).__name__, self.publisher, mirror.refresh) for mirror in mirrors]
        started = time.monotonic()
        for loop in loops:
            loop.start()
        try:
            for number in range(2, PUBLISHES + 1):
                self.publisher.publish(number)
        finally:
            for loop in loops:
                loop.ended.set()
            for loop in loops:
                loop.join()
        print(f"\n{PUBLISHES} publishes in {time.monotonic() - started:.0f} s", end="")
        for loop in loops:
            print(f"\n{loop.name}: {loop.rounds} rounds, {len(loop.seen)} versions seen, {len(loop.failures)} failures, at most {loop.behind_most} behind", end="")
        print("\nstopped between two releases and run again: " + ", ".join(f"{type(mirror).__name__} {mirror.interrupted}" for mirror in mirrors))
        self.assertEqual([failure for loop in loops for failure in loop.failures][:3], [])
        for loop in loops:
            self.assertGreater(len(loop.seen), 1, loop.name)
            self.assertLessEqual(loop.behind_most, 0, loop.name)
        # From the mirrors as the loop left them: what a publication left half fetched would show here.
        for mirror in mirrors:
            self.assertGreater(mirror.install_from_it(), 1, type(mirror).__name__)
        for mirror in mirrors:
            self.assertEqual(mirror.refresh(), PUBLISHES, type(mirror).__name__)
        verified = self.site.packyard("verify", check=False)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
