"""The mirrors that customers keep: dnf reposync, debmirror, apt-cacher-ng. Each refreshes from the site with the key and can then
install from what it holds, signatures checked."""
import glob
import os
import re
import shutil
import subprocess

from customer import Apt, Dnf, installer
from packyard_site import free_port, run


def number_of(version):
    assert version and version.startswith("1."), f"version {version}"
    return int(version[2:].split("-")[0])


class Reposync:
    """Packages and metadata as one repomd.xml names them; a client then installs from the copy."""

    def __init__(self, site, key):
        self.site = site
        self.dnf = Dnf(site, "reposync", key, repo_gpgcheck=0)
        self.folder = f"{site.folder}/reposync"
        run([*installer(), "rpm", "--root", f"{self.dnf.machine()}", "--import", f"{site.public_keys}/lts.asc"])

    def refresh(self):
        outcome = self.dnf("--setopt=plugins=1", "reposync", "--refresh", "--repoid=packyard", f"--download-path={self.folder}", "--download-metadata",
                           "--gpgcheck", "--newest-only", rights=installer())
        assert outcome.returncode == 0, outcome.text
        names = glob.glob(f"{self.folder}/packyard/packages/a/acme-loop-*.rpm")
        return max(number_of(re.search(r"acme-loop-(1\.\d+)-", name).group(1)) for name in names)

    def install_from_it(self):
        client = Dnf(self.site, "from-reposync", None, repo_gpgcheck=0)
        path = f"{client.root}/etc/yum.repos.d/packyard.repo"
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"(?m)^baseurl=.*", f"baseurl=file://{self.folder}/packyard/", file.read())
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        outcome = client.install("acme-loop", "acme-tools")
        assert "acme-loop" in client.installed() and "acme-tools" in client.installed(), outcome.text

    def close(self):
        pass


class Debmirror:
    """Fetches Packages by its plain name, so a publication in between can make it stop and try again later; what it holds must stay whole."""

    def __init__(self, site, key):
        self.site = site
        self.home, self.folder = f"{site.folder}/debmirror-home", f"{site.folder}/debmirror"
        os.makedirs(self.home)
        with open(os.open(f"{self.home}/.debmirror.conf", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(f'$user="subscriber";\n$passwd="{key}";\n1;\n')
        run(["gpg", "--homedir", self.home, "--batch", "--yes", "--dearmor", "--output", f"{self.home}/keys.gpg", f"{site.public_keys}/lts.asc"])
        self.interrupted = 0

    def once(self):
        return subprocess.run(["debmirror", self.folder, "--method=http", f"--host=127.0.0.1:{self.site.front_port}", "--root=deb/core/2025",
                               f"--dist={self.site.suite}", "--section=main", "--arch=amd64", "--nosource", "--diff=none",
                               "--rsync-extra=none", f"--keyring={self.home}/keys.gpg", "--check-gpg", "--progress"],
                              env={**os.environ, "HOME": self.home, "LC_ALL": "C"}, capture_output=True, text=True, timeout=300, check=False)

    def refresh(self):
        for _ in range(20):
            outcome = self.once()
            if outcome.returncode == 0:
                names = glob.glob(f"{self.folder}/pool/{self.site.suite}/a/acme-loop/acme-loop_*.deb")
                return max(number_of(re.search(r"_(1\.\d+)_", name).group(1)) for name in names)
            self.interrupted += 1
        raise AssertionError(f"debmirror stopped 20 times: {outcome.stdout[-1500:]}{outcome.stderr[-1500:]}")

    def install_from_it(self):
        client = Apt(self.site, "from-debmirror", None)
        path = f"{client.root}/etc/apt/sources.list.d/packyard.list"
        with open(path, encoding="utf-8") as file:
            text = file.read().replace(f"{self.site.url}/deb/core/2025", f"file:{self.folder}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        update = client.update()
        assert update.returncode == 0 and "W:" not in update.text, update.text
        outcome = client.install("acme-loop", "publicsuffix")
        assert {"acme-loop", "publicsuffix"} <= set(client.installed()), outcome.text

    def close(self):
        pass


class AptCacherNg:
    """A caching mirror inside the customer's network. It sends no customer's key on, so it holds one itself, in its own settings."""

    def __init__(self, site, key):
        self.site = site
        folder = f"{site.folder}/apt-cacher-ng"
        self.port = free_port(largest=32767)  # apt-cacher-ng knows no larger ones
        for part in ("cache", "log", "conf"):
            os.makedirs(f"{folder}/{part}")
        with open(os.open(f"{folder}/conf/acng.conf", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            backend = site.url.replace("http://", f"http://subscriber:{key}@")
            file.write(f"CacheDir: {folder}/cache\nLogDir: {folder}/log\nPort: {self.port}\nBindAddress: localhost\nForeGround: 1\n"
                       f"PidFile: {folder}/pid\nSupportDir: /usr/lib/apt-cacher-ng\nRemap-packyard: /packyard ; {backend}/deb/core/2025\n")
        site.spawn("apt-cacher-ng", [shutil.which("apt-cacher-ng", path=os.environ["PATH"] + ":/usr/sbin"), "-c", f"{folder}/conf"])
        site.wait_for(lambda: site.request("/", port=self.port).status > 0, "apt-cacher-ng")
        self.client = self.make_client("acng")

    def make_client(self, name):
        client = Apt(self.site, name, None)
        path = f"{client.root}/etc/apt/sources.list.d/packyard.list"
        with open(path, encoding="utf-8") as file:
            text = file.read().replace(f"{self.site.url}/deb/core/2025", f"http://127.0.0.1:{self.port}/packyard")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return client

    def refresh(self):
        update = self.client.update()
        assert update.returncode == 0 and not re.search(r"(?m)^(W|E|Err)", update.text), update.text
        return number_of(self.client.candidate("acme-loop"))

    def install_from_it(self):
        client = self.make_client("from-acng")
        update = client.update()
        assert update.returncode == 0, update.text
        outcome = client.install("acme-loop", "publicsuffix")
        assert {"acme-loop", "publicsuffix"} <= set(client.installed()), outcome.text

    def close(self):
        pass
