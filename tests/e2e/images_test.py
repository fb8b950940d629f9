#!/usr/bin/env python3
"""Images in one release with packages: pulled with the key through nginx and the registry, every digest and signature checked with
openssl alone; nothing of another component, before and after a rollback and a retention run. The tools of other suites: run_containers."""
import base64
import json
import os
import re
import shutil
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from image_shapes import cyclone_dx, small_image  # noqa: E402
from image_site import ImageSite  # noqa: E402
from package_shapes import make_deb  # noqa: E402
from packyard_site import run  # noqa: E402
from registry_client import ACCEPT, Registry, user_tags  # noqa: E402

RETENTION = "retention: {keep_for_days: 1, keep_generations_min: 2}"


class Images(unittest.TestCase):
    def setUp(self):
        self.site = ImageSite(floating=["latest"])
        self.addCleanup(self.site.close)
        self.site.write_settings(RETENTION)
        self.folder = f"{self.site.folder}/images"
        self.stage("core", "1.4.1")
        self.stage("plus", "9.0")
        self.site.promote()
        self.stage("core", "1.4.2")
        self.stage("core", "latest", "1.4.2")
        self.site.stage_image("core", [cyclone_dx(f"{self.folder}/1.4.2.cdx.json", "busybox", "1.36")])
        self.site.stage("core", "deb", [make_deb(self.site.folder, "acme-beside", "1.4.2")])
        self.site.promote()
        self.site.start()
        self.core = Registry(self.site, self.site.create_key("core")["key"])
        self.plus = Registry(self.site, self.site.create_key("plus")["key"], component="plus")
        self.public_key = self.site.request("/gpg/cosign.pub").body

    def stage(self, component, tag, content=None):
        self.site.stage_image(component, small_image(f"{self.folder}/{component}", tag, f"{component} {content or tag}"))

    def assert_verifies(self):
        verified = self.site.packyard("verify", check=False)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def test_pulled_and_verified(self):
        self.assertEqual(sorted(user_tags(self.core.tags())), ["1.4.1", "1.4.2", "latest"])
        for tag in ("1.4.1", "1.4.2", "latest"):
            held = self.core.verify(tag, self.public_key, tag)
            self.assertEqual(len(held), 3)
            self.assertEqual(set(self.core.pull(tag)), set(held))
            for digest in held:
                self.assertIn(digest, self.core.verify(digest, self.public_key, tag))
        self.assertEqual(len(self.plus.verify("9.0", self.public_key, "9.0")), 3)
        # One release: the package beside the image came with it.
        self.assertEqual(self.site.request("/deb/core/2025/pool/bookworm/a/acme-beside/acme-beside_1.4.2_all.deb", self.core.key).status, 200)
        self.assert_verifies()

    def test_sbom_is_a_signed_referrer(self):
        top = next(iter(self.core.pull("1.4.2", blobs=False)))
        sbom, = self.core.referrers(top, "application/vnd.cyclonedx+json")
        _, body, _ = self.core.manifest(sbom["digest"])
        layer, = json.loads(body)["layers"]
        with open(f"{self.folder}/1.4.2.cdx.json", "rb") as file:
            self.assertEqual(self.core.blob(layer["digest"], layer["size"]), file.read())
        self.assertTrue(self.core.legacy_signatures(sbom["digest"], self.public_key))
        self.assertTrue(self.core.bundle_statements(sbom["digest"], self.public_key))

    def test_skopeo_pulls_with_the_key_only(self):
        def skopeo(*words, text=None):
            return run(["skopeo", *words], check=False, input=text)
        for name, key in (("good", self.core.key), ("plus", self.plus.key)):
            login = skopeo("login", "--tls-verify=false", "--authfile", f"{self.folder}/{name}.json", "--username", "subscriber", "--password-stdin",
                           self.site.host, text=key)
            self.assertEqual(login.returncode, 0, login.stderr)
        bad = skopeo("login", "--tls-verify=false", "--authfile", f"{self.folder}/bad.json", "--username", "subscriber", "--password-stdin", self.site.host,
                     text="pky_" + "A" * 38)
        self.assertNotEqual(bad.returncode, 0)
        for name, works in (("good", True), ("plus", False), ("none", False)):
            logged_in = ["--src-authfile", f"{self.folder}/{name}.json"] if name != "none" else ["--src-no-creds"]
            copy = skopeo("copy", "--all", "--src-tls-verify=false", *logged_in, f"docker://{self.site.reference('1.4.2')}", f"oci:{self.folder}/{name}:1.4.2")
            self.assertEqual(copy.returncode == 0, works, copy.stderr)
            if not works:
                self.assertRegex(copy.stderr, "unauthorized|authentication required")

    def cosign(self, tag, *options):
        """What a cosign of this machine says of a tag, by tag and by digest; None where there is none."""
        if shutil.which("cosign") is None:
            return None
        with open(f"{self.folder}/config.json", "w", encoding="utf-8") as file:
            login = base64.b64encode(f"subscriber:{self.core.key}".encode()).decode()
            json.dump({"auths": {self.site.host: {"auth": login}}}, file)
        reference = self.site.reference(tag)
        return run(["env", f"DOCKER_CONFIG={self.folder}", "cosign", "verify", "--insecure-ignore-tlog", "--allow-http-registry", "--key",
                    f"{self.site.public_keys}/cosign.pub", "-a", f"tag={tag}", *options, reference], check=False)

    def assert_signed_by(self, key, tags):
        for tag in tags:
            self.core.verify(tag, key, tag)
            checked = self.cosign(tag)
            self.assertTrue(checked is None or checked.returncode == 0, checked and checked.stderr)

    def test_a_new_key_and_site_sign_what_is_published_anew(self):
        before = {tag: list(self.core.pull(tag)) for tag in ("1.4.1", "1.4.2", "latest")}
        sboms = [entry["digest"] for entry in self.core.referrers(before["1.4.2"][0], "application/vnd.cyclonedx+json")]
        self.site.change_key("second")
        key = self.site.request("/gpg/cosign.pub").body
        self.assertNotEqual(key, self.public_key)
        self.stage("core", "1.5.0")
        refused = self.site.packyard("promote", check=False)
        self.assertEqual(refused.returncode, 1, refused.stdout + refused.stderr)
        command = re.search(r"packyard (release refresh --images --component core --year 2025 --target server)", refused.stderr)
        self.assertTrue(command, refused.stderr)
        told = self.site.packyard(*command[1].split()).stdout
        for tag in before:
            self.assertRegex(told, rf"resealed server:{re.escape(tag)} ")
        self.assertEqual({tag: list(self.core.pull(tag)) for tag in before}, before)
        self.assert_signed_by(key, before)
        top = before["1.4.2"][0]
        self.assertEqual([entry["digest"] for entry in self.core.referrers(top, "application/vnd.cyclonedx+json")], sboms)
        self.assertTrue(self.core.legacy_signatures(sboms[0], key) and self.core.bundle_statements(sboms[0], key))
        self.assertIn("nothing to do", self.site.packyard("release", "refresh", "--images", "--component", "core").stdout)
        # The other component's repository follows when it is asked to; until then the whole site does not verify.
        self.assertNotEqual(self.site.packyard("verify", check=False).returncode, 0)
        self.site.packyard("release", "refresh", "--images")
        self.assertEqual(len(self.plus.verify("9.0", key, "9.0")), 3)
        self.assert_verifies()
        self.site.promote()
        self.assert_signed_by(key, [*before, "1.5.0"])
        # Back to before the change of the key: those tags, with the signatures of today.
        self.site.packyard("release", "rollback", "--component", "core", "--to", "1")
        self.assertEqual(user_tags(self.core.tags()), ["1.4.1"])
        self.assert_signed_by(key, ["1.4.1"])
        self.core.verify(top, key, "1.4.2")
        self.assert_verifies()

    def all_digests(self, registry):
        """(manifests, blobs) that the live release says a repository holds."""
        component = registry.name.split("/", maxsplit=1)[0]
        held = self.site.published_repository(component)
        return set(held["manifests"]), set(held["blobs"])

    def assert_apart(self):
        """Neither component's key opens what only the other holds, under its own name or the other's."""
        for asker, other in ((self.core, self.plus), (self.plus, self.core)):
            own_manifests, own_blobs = self.all_digests(asker)
            manifests, blobs = self.all_digests(other)
            self.assertTrue(manifests - own_manifests and blobs - own_blobs)
            for digest in manifests - own_manifests:
                for method in ("GET", "HEAD"):
                    self.assertEqual(asker.ask(f"manifests/{digest}", method, ACCEPT).status, 404, digest)
                referrers = asker.ask(f"referrers/{digest}")
                self.assertTrue(referrers.status == 404 or json.loads(referrers.body)["manifests"] == [], referrers.body)
                self.assertEqual(self.site.request(f"/v2/{other.name}/manifests/{digest}", asker.key, headers=ACCEPT).status, 401)
            for digest in blobs - own_blobs:
                self.assertEqual(asker.ask(f"blobs/{digest}").status, 404, digest)
                self.assertEqual(asker.ask(f"blobs/{digest}", "HEAD").status, 404, digest)
                self.assertEqual(self.site.request(f"/v2/{other.name}/blobs/{digest}", asker.key).status, 401)

    def test_nothing_of_another_component(self):
        self.assert_apart()
        before, pinned = self.all_digests(self.core), next(iter(self.core.pull("1.4.2", blobs=False)))
        self.site.packyard("release", "rollback")
        self.assertEqual(user_tags(self.core.tags()), ["1.4.1"])
        self.assertEqual(self.core.ask("manifests/1.4.2", headers=ACCEPT).status, 404)
        # What a cluster has pinned stays readable and verifiable by digest.
        self.core.pull(pinned)
        self.core.verify(pinned, self.public_key, "1.4.2")
        self.assertLessEqual(before[0], self.all_digests(self.core)[0])
        self.assert_apart()
        self.assert_verifies()

    def test_nothing_of_another_component_after_retention(self):
        self.site.write_settings(RETENTION.replace("}", ", untagged_images: remove}"))
        pinned = next(iter(self.core.pull("1.4.2", blobs=False)))
        self.site.packyard("release", "rollback")
        for number in range(3):
            self.stage("core", f"2.{number}")
            self.stage("plus", f"9.{number + 1}")
            # A release stays while one of its targets has no two newer ones.
            self.site.stage("core", "deb", [make_deb(self.site.folder, "acme-beside", f"2.{number}")])
            self.site.promote()
            with sqlite3.connect(f"{self.site.folder}/state/catalog.db") as catalog:
                catalog.execute("UPDATE release SET superseded_at = superseded_at - 400000 WHERE superseded_at IS NOT NULL")
        self.stage("core", "3.0")
        self.site.promote()
        self.assertEqual(self.core.ask(f"manifests/{pinned}", headers=ACCEPT).status, 404)
        self.assertEqual(sorted(user_tags(self.core.tags())), ["1.4.1", "2.0", "2.1", "2.2", "3.0"])
        for tag in user_tags(self.core.tags()):
            self.core.verify(tag, self.public_key, tag)
        self.assert_apart()
        self.assert_verifies()


if __name__ == "__main__":
    unittest.main(verbosity=2)
