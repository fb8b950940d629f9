"""A scratch site for benchmarks: a signing key, settings, generated packages, and running a command with its time and memory."""
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PRESS = os.path.join(os.environ.get("PACKYARD_BUILD_DIR", os.path.join(ROOT, "build/release")), "packyard-press")
PASSPHRASE = "bench passphrase"


def run(arguments, **options):
    """Runs to the end, raises with the output when it fails; returns seconds of wall time and the peak memory in MiB."""
    started = time.monotonic()
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if status != 0:
        raise SystemExit(f"bench: {' '.join(arguments)}: status {status}\n{output.decode(errors='replace')[-3000:]}")
    return seconds, usage.ru_maxrss / 1024


class Key:
    """The contract's recipe: RSA 4096 with an RSA subkey and a passphrase, in a GnuPG home of its own."""

    def __init__(self, folder):
        self.home = os.path.join(folder, "gnupg")
        os.makedirs(self.home, mode=0o700)
        self.passphrase_file = os.path.join(folder, "passphrase")
        with open(os.open(self.passphrase_file, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(PASSPHRASE)
        with open(os.path.join(self.home, "gpg-agent.conf"), "w", encoding="utf-8") as file:
            file.write("allow-preset-passphrase\nmax-cache-ttl 86400\n")
        recipe = (
            "Key-Type: RSA\nKey-Length: 4096\nKey-Usage: sign,cert\nSubkey-Type: RSA\nSubkey-Length: 4096\nSubkey-Usage: sign\n"
            f"Name-Real: Bench\nName-Email: bench@example.org\nExpire-Date: 0\nPassphrase: {PASSPHRASE}\n%commit\n"
        )
        self.environment = {**os.environ, "GNUPGHOME": self.home}
        subprocess.run(["gpg", "--batch", "--quiet", "--gen-key"], input=recipe.encode(), env=self.environment, check=True, capture_output=True)
        listing = self.gpg("--with-colons", "--list-keys").decode()
        self.id = next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr"))
        self.private_file = os.path.join(folder, "private.asc")
        secret = self.gpg("--pinentry-mode", "loopback", "--passphrase-file", self.passphrase_file, "--armor", "--export-secret-keys", self.id)
        with open(os.open(self.private_file, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(secret)
        self.public_file = os.path.join(folder, "lts.asc")
        with open(self.public_file, "wb") as file:
            file.write(self.gpg("--armor", "--export", self.id))

    def unlock(self):
        """Gives the agent the passphrase beforehand, so that the reference tools are not slowed by unlocking for every package."""
        for line in self.gpg("--with-colons", "--with-keygrip", "--list-secret-keys").decode().splitlines():
            if line.startswith("grp"):
                subprocess.run(["/usr/lib/gnupg/gpg-preset-passphrase", "--preset", line.split(":")[9]], input=PASSPHRASE.encode(),
                               env=self.environment, check=True)

    def gpg(self, *arguments):
        return subprocess.run(["gpg", "--batch", *arguments], env=self.environment, check=True, capture_output=True).stdout

    def secrets(self):
        return {"GPG_PRIVATE_KEY_FILE": self.private_file, "GPG_PASSPHRASE_FILE": self.passphrase_file, "GPG_KEY_ID": self.id}


class Site:
    """Settings and folders for one promotion; staged files are hard links, so that setting up costs little."""

    def __init__(self, folder, key):
        shutil.rmtree(folder, ignore_errors=True)
        self.folder, self.key = folder, key
        for name in ("staging", "state", "public", "keys"):
            os.makedirs(os.path.join(folder, name))
        shutil.copy(key.public_file, os.path.join(folder, "keys", "lts.asc"))
        self.settings = os.path.join(folder, "packyard.yml")
        with open(self.settings, "w", encoding="utf-8") as file:
            file.write(
                "site: bench.example.org\ncomponents: [{name: core, years: [2025]}]\n"
                "targets:\n  rpm: [{name: el9-x86_64}]\n"
                "  deb: [{suite: bookworm, architectures: [amd64], origin: Bench, label: Bench}]\n"
                "storage: {staging: staging, state: state, published: public, public_keys: keys}\n"
            )

    def stage(self, kind, target, packages):
        folder = os.path.join(self.folder, "staging", "core", "2025", kind, target)
        os.makedirs(folder, exist_ok=True)
        for path, digest in packages:
            os.link(path, os.path.join(folder, os.path.basename(path)))
            with open(os.path.join(folder, os.path.basename(path) + ".sha256"), "w", encoding="utf-8") as file:
                file.write(digest + "\n")

    def promote(self):
        return run([PRESS, "promote", "--config", self.settings], env={**os.environ, **self.key.secrets()})


def with_digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return path, digest.hexdigest()


def tar_gz(members):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=6) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def write_deb(folder, name, version, payload):
    """A real .deb written directly: dpkg-deb takes 20 ms for each."""
    control = (
        f"Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: Bench <bench@example.org>\nInstalled-Size: 4\nSection: misc\n"
        f"Priority: optional\nDepends: libc6 (>= 2.36)\nDescription: benchmark package\n A package of the benchmark, {name}.\n"
    )
    path = os.path.join(folder, f"{name}_{version}_amd64.deb")
    members = [("debian-binary", b"2.0\n"), ("control.tar.gz", tar_gz([("./control", control.encode())])),
               ("data.tar.gz", tar_gz([(f"./usr/share/{name}/data", payload)]))]
    with open(path, "wb") as file:
        file.write(b"!<arch>\n")
        for member, data in members:
            file.write(f"{member:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + (b"\n" if len(data) % 2 else b""))
    return with_digest(path)


def build_rpms(folder, count, payload_bytes):
    """One spec with `count` subpackages: a single rpmbuild run."""
    spec = ["Name: bench", "Version: 1.0", "Release: 1.el9", "Summary: benchmark", "License: MIT", "%description", "x"]
    for i in range(count):
        spec += [f"%package -n bench{i:04d}", "Summary: benchmark", f"%description -n bench{i:04d}", "x"]
    spec += ["%install"]
    spec += [f"mkdir -p %{{buildroot}}/usr/share/bench; for i in $(seq -f %04g 0 {count - 1}); do head -c {payload_bytes} /dev/urandom >%{{buildroot}}/usr/share/bench/$i; done"]
    for i in range(count):
        spec += [f"%files -n bench{i:04d}", f"/usr/share/bench/{i:04d}"]
    with open(os.path.join(folder, "bench.spec"), "w", encoding="utf-8") as file:
        file.write("\n".join(spec) + "\n")
    run(["rpmbuild", "-bb", "--quiet", "--target", "x86_64", "--define", f"_topdir {folder}/top", "--define", "debug_package %{nil}",
         os.path.join(folder, "bench.spec")])
    built = os.path.join(folder, "top", "RPMS", "x86_64")
    return [with_digest(os.path.join(built, name)) for name in sorted(os.listdir(built))]


def median(values):
    return sorted(values)[len(values) // 2]
