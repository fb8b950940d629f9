"""A customer's machine: real apt and dnf below a folder of its own, with the files the documentation tells customers to write."""
import glob
import os
import subprocess

from packyard_site import PARTS, run


def installer():
    """What gives the right to install below the folder: rpm changes its root folder, so a substitute like fakeroot is not enough."""
    if os.getuid() == 0:
        return []
    assert subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0, "installing needs root or password-less sudo"
    return ["sudo", "-n"]


class Apt:
    def __init__(self, site, name, key, component="core"):
        self.root = f"{site.folder}/apt-{name}"
        etc = f"{self.root}/etc/apt"
        for part in ("sources.list.d", "auth.conf.d", "keyrings"):
            os.makedirs(f"{etc}/{part}")
        with open(f"{etc}/keyrings/lts.asc", "wb") as file:
            file.write(site.request("/gpg/lts.asc").body)
        with open(f"{etc}/sources.list.d/packyard.list", "w", encoding="utf-8") as file:
            file.write(f"deb [signed-by={etc}/keyrings/lts.asc] {site.url}/deb/{component}/2025 {site.suite} main\n")
        if key:
            with open(os.open(f"{etc}/auth.conf.d/packyard.conf", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
                file.write(f"machine {site.url}/deb/{component}/ login subscriber password {key}\n")

    def __call__(self, *command, rights=()):
        outcome = run([*rights, f"{PARTS}/apt-client", self.root, *command], check=False)
        outcome.text = outcome.stdout + outcome.stderr
        return outcome

    def update(self):
        return self("apt-get", "update")

    def candidate(self, package):
        """The version apt would install, or None: what counts, whatever the exit status says."""
        for line in self("apt-cache", "policy", package).stdout.splitlines():
            if line.startswith("  Candidate: "):
                version = line.removeprefix("  Candidate: ")
                return None if version == "(none)" else version
        return None

    def install(self, *packages):
        return self("apt-get", "install", "-y", *packages, rights=installer())

    def installed(self):
        text = run(["dpkg-query", "--admindir", f"{self.root}/machine/var/lib/dpkg", "-W", "-f", "${Package} ${Version} ${db:Status-Status}\\n"],
                   check=False).stdout
        return {line.split()[0]: line.split()[1] for line in text.splitlines() if line.endswith(" installed")}

    def lists(self):
        return [name for name in glob.glob(f"{self.root}/lists/*") if os.path.isfile(name) and not name.endswith("lock")]


class Dnf:
    def __init__(self, site, name, key, component="core", repo_gpgcheck=1):
        self.root = f"{site.folder}/dnf-{name}"
        os.makedirs(f"{self.root}/etc/yum.repos.d")
        with open(os.open(f"{self.root}/etc/yum.repos.d/packyard.repo", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(f"[packyard]\nname=packyard\nbaseurl={site.url}/rpm/{component}/2025/{site.rpm_target}/\nenabled=1\ngpgcheck=1\n"
                       f"repo_gpgcheck={repo_gpgcheck}\ngpgkey={site.url}/gpg/lts.asc\n")
            if key:
                file.write(f"username=subscriber\npassword={key}\n")

    def __call__(self, *command, rights=()):
        outcome = run([*rights, f"{PARTS}/dnf-client", self.root, *command], check=False)
        outcome.text = outcome.stdout + outcome.stderr
        return outcome

    def refresh(self):
        return self("makecache", "--refresh")

    def install(self, *packages):
        return self("install", *packages, rights=installer())

    def available(self, name):
        """Newest version-release the metadata lists, without asking the site again."""
        outcome = self("--cacheonly", "repoquery", "--latest-limit=1", "--queryformat=found %{version}-%{release}", name)
        found = [line.split()[1] for line in outcome.stdout.splitlines() if line.startswith("found ")]
        return found[-1] if found else None

    def installed(self):
        text = run([*installer(), "rpm", "--root", f"{self.root}/machine", "-qa", "--queryformat", "%{NAME} %{VERSION}-%{RELEASE}\\n"], check=False).stdout
        return dict(line.split() for line in text.splitlines() if not line.startswith("gpg-pubkey"))
