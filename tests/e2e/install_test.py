#!/usr/bin/env python3
"""Real apt and real dnf of this machine refresh and install through the gate, signatures checked; and get nothing without the right key."""
import datetime
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from customer import Apt, Dnf, installer  # noqa: E402
from package_shapes import customer_debs, quickstart_rpms  # noqa: E402
from packyard_site import Site, run  # noqa: E402


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.close)
        debs, rpms = customer_debs(), quickstart_rpms()
        cls.site.stage("core", "deb", debs)
        cls.site.stage("core", "rpm", rpms)
        cls.site.stage("plus", "deb", [path for path in debs if "/media-types_" in path])
        cls.site.stage("plus", "rpm", [path for path in rpms if "/acme-tools-" in path])
        cls.site.promote()
        cls.site.start()
        cls.good = cls.site.create_key("core")["key"]
        revoked = cls.site.create_key("core")
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
        expired = cls.site.create_key("core", expires_at=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
        cls.site.revoke(revoked["id"])
        url = "/deb/core/2025/dists/bookworm/InRelease"
        cls.site.wait_for(lambda: cls.site.request(url, expired["key"]).status == 401, "the key to expire")
        cls.bad = {"no-key": None, "other-component": cls.site.create_key("plus")["key"], "revoked": revoked["key"], "expired": expired["key"]}
        cls.reasons = {name: cls.site.request(url, key).headers["X-Packyard-Reason"] for name, key in cls.bad.items()}

    @classmethod
    def close(cls):
        run([*installer(), "rm", "-rf", *[f"{cls.site.folder}/{kind}-good/machine" for kind in ("apt", "dnf")]])
        cls.site.close()

    def test_apt_installs(self):
        apt = Apt(self.site, "good", self.good)
        update = apt.update()
        self.assertEqual(update.returncode, 0, update.text)
        self.assertNotRegex(update.text, r"(?m)^(W|E|Err)")
        self.assertRegex(apt.candidate("media-types") or update.text, r"^\d")
        self.assertRegex(apt.candidate("libstdc++6") or update.text, r"^\d")
        install = apt.install("media-types", "publicsuffix")
        self.assertEqual({"media-types", "publicsuffix"}, set(apt.installed()), install.text)
        self.assertTrue(os.path.exists(f"{apt.root}/machine/etc/mime.types"))
        download = apt("apt-get", "download", "libstdc++6")
        self.assertEqual(download.returncode, 0, download.text)

    def test_dnf_installs(self):
        dnf = Dnf(self.site, "good", self.good)
        refresh = dnf.refresh()
        self.assertEqual(refresh.returncode, 0, refresh.text)
        install = dnf.install("acme-server", "acme-tools", "libacme++")
        self.assertEqual(install.returncode, 0, install.text)
        self.assertEqual({"acme-server": "3.0~rc2-2.el9", "acme-tools": "1.4.2-1.el9", "acme-data": "2025.11-1.el9",
                          "libacme++": "0.9^20251101git1a2b3c-1.el9"}, dnf.installed())

    def test_apt_gets_nothing_with_a_wrong_key(self):
        for name, key in self.bad.items():
            with self.subTest(key=name):
                apt = Apt(self.site, name, key)
                self.assertRegex(apt.update().text, r"401 +Unauthorized")
                self.assertEqual(apt.lists(), [])
                self.assertIsNone(apt.candidate("media-types"))
                self.assertNotEqual(apt.install("media-types").returncode, 0)
                self.assertEqual(apt.installed(), {})

    def test_dnf_gets_nothing_with_a_wrong_key(self):
        for name, key in self.bad.items():
            with self.subTest(key=name):
                dnf = Dnf(self.site, name, key)
                install = dnf.install("acme-tools")
                self.assertNotEqual(install.returncode, 0, install.text)
                self.assertIn("Status code: 401", install.text)
                self.assertNotIn("acme-tools", dnf.installed())

    def test_the_operator_sees_why(self):
        self.assertEqual(len(set(self.reasons.values())), 4, self.reasons)

    def test_a_wrong_signing_key_stops_both_clients(self):
        stranger = f"{self.site.folder}/stranger.asc"
        from packyard_site import signing_key
        with open(f"{signing_key('stranger')}/lts.asc", "rb") as source, open(stranger, "wb") as target:
            target.write(source.read())
        apt = Apt(self.site, "stranger", self.good)
        os.replace(stranger, f"{apt.root}/etc/apt/keyrings/lts.asc")
        self.assertRegex(apt.update().text, "NO_PUBKEY|not signed|signature")
        self.assertIsNone(apt.candidate("media-types"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
