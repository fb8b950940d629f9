#!/usr/bin/env python3
"""Clients that never stop asking while versions change under them: no failure, no client more than one publish behind; and mirrors
made meanwhile hold together, signatures checked.   E2E_PUBLISHES: how many (200)."""
import glob
import os
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from customer import Apt, Dnf  # noqa: E402
from mirrors import AptCacherNg, Debmirror, Reposync  # noqa: E402
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
        self.failures, self.rounds, self.behind_most = [], 0, 0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            live_before = self.publisher.live
            try:
                seen = self.round_once()
                self.behind_most = max(self.behind_most, live_before - seen)
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


def number_of(version):
    assert version and version.startswith("1."), f"version {version}"
    return int(version[2:].split("-")[0])


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
        return number_of(dnf.available("acme-loop"))

    def test_clients_and_mirrors_while_versions_change(self):
        apt, dnf = Apt(self.site, "loop", self.key), Dnf(self.site, "loop", self.key, repo_gpgcheck=0)
        mirrors = [Reposync(self.site, self.key), Debmirror(self.site, self.key), AptCacherNg(self.site, self.key)]
        for mirror in mirrors:
            self.addCleanup(mirror.close)
        loops = [Loop("apt", self.publisher, lambda: self.apt_round(apt)), Loop("dnf", self.publisher, lambda: self.dnf_round(dnf))]
        loops += [Loop(type(mirror).__name__, self.publisher, mirror.refresh) for mirror in mirrors]
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
        for loop in loops:
            print(f"\n{loop.name}: {loop.rounds} rounds during {PUBLISHES} publishes, {len(loop.failures)} failures, at most {loop.behind_most} behind", end="")
        print()
        self.assertEqual([failure for loop in loops for failure in loop.failures][:3], [])
        for loop in loops:
            self.assertGreater(loop.rounds, 1, loop.name)
        for loop in loops[:2]:
            self.assertLessEqual(loop.behind_most, 1, loop.name)
        for mirror in mirrors:
            mirror.refresh()
            mirror.install_from_it()
        self.site.packyard("verify")


if __name__ == "__main__":
    unittest.main(verbosity=2)
