"""The mirrors that customers keep: dnf reposync, debmirror, apt-cacher-ng. Each refreshes from the site with the key and can then
install from what it holds, signatures checked."""
import glob
import os
import re
import shutil
import subprocess

from customer import Apt, Dnf
from packyard_site import free_port, run


def number_of(version):
    assert version and version.startswith("1."), f"version {version}"
    return int(version[2:].split("-")[0])


def install_loop_package(client):
    """The number that apt installed, the mirror's signature checked."""
    update = client.update()
    assert update.returncode == 0 and not re.search(r"(?m)^(W|E|Err)", update.text), update.text
    outcome = client.install("acme-loop", "media-types")
    assert "media-types" in client.installed(), outcome.text
    return number_of(client.installed()["acme-loop"])


class Stopped(Exception):
    """A mirror's run ended because a publication came between two of its requests; what it holds is untouched, the next run goes on."""


class Mirror:
    """interrupted counts the runs that stopped between two files of different releases (repomd.xml and its .asc; Release, Release.gpg
    and Packages by plain name; reposync's two reads of repomd.xml): the one gap that the protocols leave to a client that reads
    pointers one after the other."""
    attempts_max = 20

    def __init__(self):
        self.interrupted = 0

    def refresh(self):
        stopped = None
        for _ in range(self.attempts_max):
            try:
                return self.once()
            except Stopped as reason:
                stopped = reason
                self.interrupted += 1
        raise AssertionError(f"{type(self).__name__} stopped {self.attempts_max} times in a row: {stopped}")


class Reposync(Mirror):
    """Packages and metadata as one repomd.xml names them, its signature checked and kept; a client then installs from the copy."""

    def __init__(self, site, key):
        super().__init__()
        self.site = site
        self.dnf = Dnf(site, "reposync", key)
        self.folder = f"{site.folder}/reposync"

    def once(self):
        outcome = self.dnf("--setopt=plugins=1", "reposync", "--refresh", "--repoid=packyard", f"--download-path={self.folder}", "--download-metadata",
                           "--newest-only")
        if outcome.returncode != 0 and "GPG signature verification error" in outcome.text:
            raise Stopped(outcome.text)
        assert outcome.returncode == 0, outcome.text
        names = glob.glob(f"{self.folder}/packyard/packages/a/acme-loop-*.rpm")
        fetched = max(number_of(re.search(r"acme-loop-(1\.\d+)-", name).group(1)) for name in names)
        # reposync decides what to fetch by one copy of the metadata and keeps another, fetched afterwards.
        if self.listed() != fetched:
            raise Stopped(f"reposync fetched 1.{fetched} and kept metadata of 1.{self.listed()}")
        return fetched

    def listed(self):
        """The newest number in the metadata that the mirror keeps."""
        with open(f"{self.folder}/packyard/repodata/repomd.xml", encoding="utf-8") as file:
            primary = re.search(r'"(repodata/[0-9a-f]+-primary\.xml\.zst)"', file.read()).group(1)
        text = run(["zstd", "-dcq", f"{self.folder}/packyard/{primary}"]).stdout
        return max(number_of(version) for version in re.findall(r'<name>acme-loop</name>\s*<arch>noarch</arch>\s*<version [^>]*ver="([^"]*)"', text))

    def install_from_it(self):
        client = Dnf(self.site, "from-reposync", None)
        path = f"{client.root}/etc/yum.repos.d/packyard.repo"
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"(?m)^baseurl=.*", f"baseurl=file://{self.folder}/packyard/", file.read())
        assert "\nrepo_gpgcheck=1\n" in text and "\ngpgcheck=1\n" in text
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        outcome = client.install("acme-loop", "acme-tools")
        assert "acme-tools" in client.installed(), outcome.text
        return number_of(client.installed()["acme-loop"])


class Debmirror(Mirror):
    def __init__(self, site, key):
        super().__init__()
        self.site = site
        self.home, self.folder = f"{site.folder}/debmirror-home", f"{site.folder}/debmirror"
        os.makedirs(self.home)
        with open(os.open(f"{self.home}/.debmirror.conf", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(f'$user="subscriber";\n$passwd="{key}";\n1;\n')
        run(["gpg", "--homedir", self.home, "--batch", "--yes", "--dearmor", "--output", f"{self.home}/keys.gpg", f"{site.public_keys}/lts.asc"])

    def once(self):
        outcome = subprocess.run(["debmirror", self.folder, "--method=http", f"--host=127.0.0.1:{self.site.front_port}", "--root=deb/core/2025",
                                  f"--dist={self.site.suite}", "--section=main", "--arch=amd64", "--nosource", "--diff=none", "--rsync-extra=none",
                                  f"--keyring={self.home}/keys.gpg", "--check-gpg", "--progress"],
                                 env={**os.environ, "HOME": self.home, "LC_ALL": "C"}, capture_output=True, text=True, timeout=300, check=False)
        if outcome.returncode != 0:
            raise Stopped(f"{outcome.stdout[-1500:]}{outcome.stderr[-1500:]}")
        names = glob.glob(f"{self.folder}/pool/{self.site.suite}/a/acme-loop/acme-loop_*.deb")
        return max(number_of(re.search(r"_(1\.\d+)_", name).group(1)) for name in names)

    def install_from_it(self):
        client = Apt(self.site, "from-debmirror", None)
        path = f"{client.root}/etc/apt/sources.list.d/packyard.list"
        with open(path, encoding="utf-8") as file:
            text = file.read().replace(f"{self.site.url}/deb/core/2025", f"file:{self.folder}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return install_loop_package(client)


class AptCacherNg(Mirror):
    """A caching mirror inside the customer's network. It sends no customer's key on, so it holds one itself, in its own settings."""

    def __init__(self, site, key):
        super().__init__()
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

    def once(self):
        update = self.client.update()
        assert update.returncode == 0 and not re.search(r"(?m)^(W|E|Err)", update.text), update.text
        return number_of(self.client.candidate("acme-loop"))

    def install_from_it(self):
        return install_loop_package(self.make_client("from-acng"))
