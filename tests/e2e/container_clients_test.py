#!/usr/bin/env python3
"""The clients of other suites, each in a container of its own, against a site on this machine: apt 3, dnf 4.23, dnf5, zypper, rpm 6.
Run by tests/e2e/run_containers, which makes the images."""
import datetime
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from package_shapes import customer_debs, quickstart_rpms  # noqa: E402
from packyard_site import Site, run  # noqa: E402

SUITES = os.environ.get("E2E_SUITES", "trixie sid").split()

APT = """
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/*valid*
install -d /etc/apt/keyrings /etc/apt/auth.conf.d
cp /site/lts.asc /etc/apt/keyrings/lts.asc
echo "deb [signed-by=/etc/apt/keyrings/lts.asc] $URL/deb/core/2025 bookworm main" >/etc/apt/sources.list.d/packyard.list
umask 077
[ -z "$KEY" ] || echo "machine $URL/deb/core/ login subscriber password $KEY" >/etc/apt/auth.conf.d/packyard.conf
apt-get --version | head -n 1
options="-o Acquire::Check-Date=true -o Acquire::Check-Valid-Until=true -o Acquire::Retries=0"
apt-get $options update 2>&1
apt-cache policy publicsuffix
apt-get $options install -y publicsuffix libjs-jquery 2>&1
dpkg-query -W -f 'INSTALLED ${Package} ${Version} ${db:Status-Status}\\n' publicsuffix libjs-jquery 2>&1
"""

DNF = """
mkdir -p /repos /inst
umask 077
printf '[packyard]\\nname=packyard\\nbaseurl=%s/rpm/core/2025/el9-x86_64/\\nenabled=1\\ngpgcheck=1\\nrepo_gpgcheck=1\\ngpgkey=%s/gpg/lts.asc\\n' "$URL" "$URL" >/repos/packyard.repo
printf 'skip_if_unavailable=0\\n' >>/repos/packyard.repo
[ -z "$KEY" ] || printf 'username=subscriber\\npassword=%s\\n' "$KEY" >>/repos/packyard.repo
$PROGRAM --version | head -n 3
more=
[ "$PROGRAM" != dnf5 ] || more=--use-host-config
$PROGRAM -y --installroot=/inst $more --setopt=reposdir=/repos --releasever=9 makecache 2>&1
$PROGRAM -y --installroot=/inst $more --setopt=reposdir=/repos --releasever=9 install acme-server acme-tools libacme++ 2>&1
rpm --root /inst -qa --queryformat 'INSTALLED %{NAME} %{VERSION}-%{RELEASE}\\n'
"""

ZYPPER = """
mkdir -p /inst/etc/zypp/credentials.d /inst/etc/zypp/repos.d
umask 077
[ -z "$KEY" ] || printf 'username=subscriber\\npassword=%s\\n' "$KEY" >/inst/etc/zypp/credentials.d/packyard
printf '[packyard]\\nname=packyard\\nbaseurl=%s/rpm/core/2025/el9-x86_64?credentials=packyard\\nenabled=1\\ngpgcheck=1\\nrepo_gpgcheck=1\\npkg_gpgcheck=1\\ngpgkey=%s/gpg/lts.asc\\n' \
  "$URL" "$URL" >/inst/etc/zypp/repos.d/packyard.repo
zypper --version
zypper --root /inst --non-interactive --gpg-auto-import-keys refresh 2>&1 </dev/null
zypper --root /inst --non-interactive install --no-recommends acme-server acme-tools libacme++ 2>&1 </dev/null
rpm --root /inst -qa --queryformat 'INSTALLED %{NAME} %{VERSION}-%{RELEASE}\\n'
"""

RPMKEYS = """
rpm --version
mkdir -p /db
rpmkeys --dbpath /db --import /site/lts.asc
rpmkeys --dbpath /db --checksig --verbose /site/rpms/*.rpm
echo "STATUS $?"
"""


class ContainerClients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.site.stage("core", "deb", customer_debs())
        cls.site.stage("core", "rpm", quickstart_rpms())
        cls.site.promote()
        cls.site.start()
        cls.good = cls.site.create_key("core")["key"]
        revoked = cls.site.create_key("core")
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
        expired = cls.site.create_key("core", expires_at=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
        cls.site.revoke(revoked["id"])
        cls.site.wait_for(lambda: cls.site.request("/deb/core/2025/dists/bookworm/InRelease", expired["key"]).status == 401, "the key to expire")
        cls.bad = {"no key": "", "another component's": cls.site.create_key("plus")["key"], "revoked": revoked["key"], "expired": expired["key"]}
        cls.handed = f"{cls.site.folder}/handed"
        os.makedirs(f"{cls.handed}/rpms")
        run(["cp", f"{cls.site.public_keys}/lts.asc", cls.handed])
        for folder, _, names in os.walk(f"{cls.site.published}/pool/rpm/core"):
            for name in names:
                run(["cp", f"{folder}/{name}", f"{cls.handed}/rpms/"])

    def in_container(self, suite, script, key="", program=""):
        # The key reaches the container through a file of variables, not through docker's command line.
        path = f"{self.site.folder}/container.env"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(f"URL={self.site.url}\nKEY={key}\nPROGRAM={program}\nLC_ALL=C\nDEBIAN_FRONTEND=noninteractive\n")
        return subprocess.run(["docker", "run", "--rm", "--init", "--network", "host", "--user", "root", "--env-file", path, "--volume",
                               f"{self.handed}:/site:ro", f"packyard-e2e-clients:{suite}", "bash", "-c", script],
                              capture_output=True, text=True, timeout=540, check=False, errors="replace").stdout

    def installed(self, text):
        return {line.split()[1] for line in text.splitlines() if line.startswith("INSTALLED ") and "gpg-pubkey" not in line and "not-installed" not in line}

    def check(self, suite, script, expected, refusal, program=""):
        text = self.in_container(suite, script, self.good, program)
        self.assertEqual(self.installed(text) & expected, expected, text)
        self.assertNotRegex(text, "(?i)signature verification failed|not signed|GPG check FAILED")
        print(f"\n{suite}: {next((line for line in text.splitlines() if line.strip()), '')}: installed {' '.join(sorted(expected))}", end="")
        for name, key in self.bad.items():
            with self.subTest(suite=suite, key=name):
                text = self.in_container(suite, script, key, program)
                self.assertEqual(self.installed(text) & expected, set(), text)
                self.assertRegex(text, refusal)

    def test_apt(self):
        for suite in SUITES:
            self.check(suite, APT, {"publicsuffix", "libjs-jquery"}, r"401 +Unauthorized")

    def test_dnf(self):
        for suite in SUITES:
            self.check(suite, DNF, {"acme-server", "acme-tools", "acme-data", "libacme++"}, "401", "dnf5" if suite == "sid" else "dnf")

    def test_zypper(self):
        for suite in SUITES:
            self.check(suite, ZYPPER, {"acme-server", "acme-tools", "acme-data", "libacme++"}, r"(?i)login|authentication|permission|401")

    def test_rpm_accepts_every_signature(self):
        for suite in SUITES:
            text = self.in_container(suite, RPMKEYS)
            self.assertIn("STATUS 0", text)
            self.assertNotRegex(text, "NOT OK|NOKEY|BAD")
            self.assertRegex(text, r"(?i)RSA/SHA256 signature, .*: OK")
            print(f"\n{suite}: {text.splitlines()[0]} accepts {text.count('.rpm:')} packages", end="")


if __name__ == "__main__":
    unittest.main(verbosity=2)
