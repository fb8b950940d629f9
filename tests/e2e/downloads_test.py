#!/usr/bin/env python3
"""A hundred and more real .debs and every RPM shape, published and fetched back through the gate with equal checksums."""
import hashlib
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from customer import Apt, Dnf  # noqa: E402
from package_shapes import archive_debs, quickstart_rpms, rpm_shapes, signed_copy  # noqa: E402
from packyard_site import Site, run, signing_key  # noqa: E402


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Downloads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.debs = archive_debs()
        # One that carries a signature by a key we know already.
        signed = signed_copy(next(path for path in quickstart_rpms() if "/acme-tools-" in path), f"{cls.site.folder}/signed", signing_key())
        cls.rpms = [*rpm_shapes(), signed]
        cls.site.stage("core", "deb", cls.debs)
        cls.site.stage("core", "rpm", cls.rpms)
        cls.site.promote()
        cls.site.start()
        cls.key = cls.site.create_key("core")["key"]

    def contents(self, target):
        with open(f"{self.site.published}/current/{target}/contents.json", encoding="utf-8") as file:
            return json.load(file)["packages"]

    def fetch_all(self, target):
        """File name → bytes of every listed package, as a client asks for them."""
        got = {}
        for package in self.contents(target):
            url = "/" + package["path"].removeprefix("pool/")
            for spelling in {url, url.replace("+", "%2b").replace("~", "%7e").replace("^", "%5e").replace(":", "%3a")}:
                answer = self.site.request(spelling, self.key)
                self.assertEqual(answer.status, 200, spelling)
                self.assertEqual((sha256(answer.body), len(answer.body)), (package["sha256"], package["size_bytes"]), spelling)
            self.assertEqual(self.site.request(url).status, 401, url)
            got[os.path.basename(url)] = answer.body
        return got

    def test_debs_arrive_as_they_were_staged(self):
        self.assertGreaterEqual(len(self.debs), 100)
        got = self.fetch_all("deb/core/2025/bookworm")
        self.assertEqual({name: sha256(body) for name, body in got.items()}, {os.path.basename(path): sha256(read(path)) for path in self.debs})
        for mark in ("+", "~", "_all.deb", "_amd64.deb"):
            self.assertTrue(any(mark in name for name in got), mark)
        versions = [package["version"] for package in self.contents("deb/core/2025/bookworm")]
        self.assertTrue(any(":" in version for version in versions), "no epoch among them")

    def test_rpms_arrive_signed(self):
        self.assertGreaterEqual(len(self.rpms), 20)
        got = self.fetch_all("rpm/core/2025/el9-x86_64")
        self.assertEqual(set(got), {os.path.basename(path) for path in self.rpms})
        with tempfile.TemporaryDirectory() as folder:
            for name, body in got.items():
                with open(f"{folder}/{name}", "wb") as file:
                    file.write(body)
            database = ["--dbpath", f"{folder}/db"]
            os.mkdir(f"{folder}/db")
            run(["rpmkeys", *database, "--import", f"{self.site.public_keys}/lts.asc"])
            checked = run(["rpmkeys", *database, "--checksig", *[f"{folder}/{name}" for name in got]]).stdout
        self.assertEqual(checked.count(": digests signatures OK"), len(got), checked)

    def spellings(self, agent):
        """The package addresses that a client asked for with success, as it wrote them."""
        with open(f"{self.site.front}/access.log", encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        return [line["path"] for line in lines
                if line["agent"].startswith(agent) and line["status"] == 200 and line["path"].endswith((".deb", ".rpm"))]

    def assert_same_files(self, folder, ending, target):
        fetched = {sha256(read(f"{folder}/{name}")) for name in os.listdir(folder) if name.endswith(ending)}
        self.assertEqual(fetched, {package["sha256"] for package in self.contents(target)})

    def test_apt_fetches_every_deb(self):
        apt = Apt(self.site, "downloads", self.key)
        update = apt.update()
        self.assertEqual(update.returncode, 0, update.text)
        packages = self.contents("deb/core/2025/bookworm")
        download = apt("apt-get", "download", *[f"{package['name']}={package['version']}" for package in packages])
        self.assertEqual(download.returncode, 0, download.text)
        self.assert_same_files(apt.root, ".deb", "deb/core/2025/bookworm")
        asked = self.spellings("Debian APT")
        print(f"apt fetched {len(packages)}; of the addresses {sum('%2b' in path for path in asked)} hold %2b, {sum('%7e' in path for path in asked)} hold %7e ",
              end="")
        self.assertTrue(any("%2b" in path for path in asked), "apt has changed its spelling: this case no longer covers it")

    def test_dnf_fetches_every_rpm(self):
        dnf = Dnf(self.site, "downloads", self.key)
        packages = self.contents("rpm/core/2025/el9-x86_64")
        names = [os.path.basename(package["path"]).removesuffix(".rpm") for package in packages]
        download = dnf("--setopt=plugins=1", "download", f"--downloaddir={dnf.root}/fetched", *names)
        self.assertEqual(download.returncode, 0, download.text)
        self.assert_same_files(f"{dnf.root}/fetched", ".rpm", "rpm/core/2025/el9-x86_64")
        asked = self.spellings("libdnf")
        print(f"dnf fetched {len(packages)}; of the addresses {sum('%2b' in path for path in asked)} hold %2b, {sum('%5e' in path for path in asked)} hold %5e ",
              end="")


if __name__ == "__main__":
    unittest.main(verbosity=2)
