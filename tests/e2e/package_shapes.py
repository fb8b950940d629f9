"""Real packages for the end-to-end cases: RPMs of every shape built from specs, .debs from the Debian archive, and small ones made
on the spot. All are cached below SHARED, since building them takes seconds."""
import os
import re
import shutil
import subprocess
import tempfile

from customer import installer
from packyard_site import PARTS, ROOT, SHARED, run

HEAD = "Name: {name}\nVersion: {version}\nRelease: 1%{{?dist}}\nSummary: A shape\nLicense: MIT\n{tags}\n%description\nA shape.\n"
ONE_FILE = "%install\nmkdir -p %{buildroot}/opt/%{name}\necho %{name} > %{buildroot}/opt/%{name}/file\n%files\n/opt/%{name}\n"

# name: (version, tags, rest of the spec)
RPM_SHAPES = {
    "shape-noarch": ("1.0", "BuildArch: noarch", ONE_FILE),
    "shape-epoch": ("1.0", "Epoch: 7", ONE_FILE),
    "shape-tilde": ("1.0~rc1", "", ONE_FILE),
    "shape-caret": ("1.0^20250101git0abc", "", ONE_FILE),
    "shape-plus": ("1.0+dfsg", "", ONE_FILE),
    "libshape++": ("2.0", "", ONE_FILE),
    "shape-rich": ("1.0", "Requires: (shape-noarch or shape-plus)\nRequires: (shape-tilde if shape-caret else shape-plus)", ONE_FILE),
    "shape-weak": ("1.0", "Recommends: shape-noarch\nSuggests: shape-plus\nSupplements: shape-rich\nEnhances: shape-caret", ONE_FILE),
    "shape-scriptlets": ("1.0", "", "%pre\necho pre\n%post\necho post\n%preun\necho preun\n%postun -p /sbin/ldconfig\n%posttrans\necho done\n" + ONE_FILE),
    "shape-triggers": ("1.0", "", "%triggerin -- shape-plus\necho trigger\n%transfiletriggerin -- /opt\necho files\n" + ONE_FILE),
    "shape-many-files": ("1.0", "BuildArch: noarch", "%install\nmkdir -p %{buildroot}/opt/many\ncd %{buildroot}/opt/many\n"
                         "seq -f file-%05g 1 10000 | xargs touch\n%files\n/opt/many\n"),
    "shape-empty": ("1.0", "", "%files\n"),
    "shape-utf8": ("1.0", "BuildArch: noarch", "%install\nmkdir -p '%{buildroot}/opt/grüße'\n"
                   "echo ok > '%{buildroot}/opt/grüße/日本語 <&>.txt'\n%files\n/opt/grüße\n"),
    "shape-relations": ("1.0", "Provides: virtual(shape) = 3:1.0-2\nConflicts: shape-old < 2\nObsoletes: shape-ancient <= 1:0.5\nRequires(pre): /bin/sh\n"
                        "Requires: config(x) >= 2", ONE_FILE),
    "shape-config": ("1.0", "", "%install\nmkdir -p %{buildroot}/etc/shape\necho a=1 > %{buildroot}/etc/shape/conf\nln -s conf %{buildroot}/etc/shape/link\n"
                     "%files\n%config(noreplace) /etc/shape/conf\n/etc/shape/link\n%ghost /etc/shape/ghost\n%dir /etc/shape\n"),
    "shape-subpackages": ("1.0", "", "%package extra\nSummary: More\nRequires: %{name} = %{version}-%{release}\n%description extra\nMore.\n"
                          "%package -n shape-other-name\nSummary: Other\nBuildArch: noarch\n%description -n shape-other-name\nOther.\n"
                          "%files\n%files extra\n%files -n shape-other-name\n"),
    "shape-changelog": ("1.0", "", ONE_FILE + "%changelog\n" + "".join(
        f"* Mon Jan 06 2025 Ünsal <u@example.org> 1.0-{n}\n- change <{n}> & more\n" for n in range(30, 0, -1))),
    "shape-large": ("1.0", "", "%install\nmkdir -p %{buildroot}/opt/large\nhead -c 8000000 /dev/urandom > %{buildroot}/opt/large/data\n%files\n/opt/large\n"),
    "shape-gzip": ("1.0", "", "%define _binary_payload w9.gzdio\n" + ONE_FILE),
    "shape-xz": ("1.0", "", "%define _binary_payload w6.xzdio\n" + ONE_FILE),
    "shape_Upper.Case-Name": ("1.0", "", ONE_FILE),
    "3shape-digit": ("1.0", "", ONE_FILE),
}


def cached(name, make):
    """The folder SHARED/name, made by make(folder) once."""
    folder = f"{SHARED}/{name}"
    if not os.path.isdir(folder):
        os.makedirs(SHARED, exist_ok=True)
        part = tempfile.mkdtemp(dir=SHARED)
        os.chmod(part, 0o755)
        make(part)
        os.replace(part, folder)
    return folder


def files_in(folder, ending):
    return sorted(f"{folder}/{name}" for name in os.listdir(folder) if name.endswith(ending))


def build_rpms(specs, folder, dist="el9", architecture="x86_64"):
    """specs: name → text."""
    with tempfile.TemporaryDirectory() as work:
        paths = []
        for name, text in specs.items():
            paths.append(f"{work}/{name}.spec")
            with open(paths[-1], "w", encoding="utf-8") as file:
                file.write(text)
        run([f"{PARTS}/rpm-packages", folder, dist, architecture, *paths], env={**os.environ, "LC_ALL": "C.UTF-8"})


def rpm_shapes():
    def make(folder):
        build_rpms({name: HEAD.format(name=name, version=version, tags=tags) + rest for name, (version, tags, rest) in RPM_SHAPES.items()}, folder)
    return files_in(cached("rpm-shapes", make), ".rpm")


def quickstart_rpms():
    def make(folder):
        specs = [f"{ROOT}/quickstart.d/specs/{name}" for name in sorted(os.listdir(f"{ROOT}/quickstart.d/specs"))]
        run([f"{PARTS}/rpm-packages", folder, "el9", "x86_64", *specs])
    return files_in(cached("rpm-quickstart", make), ".rpm")


def signed_copy(rpm, folder, signing):
    """An RPM that carries a signature already, by the key in `signing` (folder of quickstart.d/signing-key)."""
    os.makedirs(folder, exist_ok=True)
    copy = f"{folder}/{os.path.basename(rpm)}"
    shutil.copy(rpm, copy)
    with tempfile.TemporaryDirectory() as home:
        gpg = ["gpg", "--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase-file", f"{signing}/passphrase"]
        run([*gpg, "--import", f"{signing}/private.asc"])
        with open(f"{signing}/key-id", encoding="ascii") as file:
            key_id = file.read().strip()
        run(["rpmsign", "--addsign", "--define", "__gpg /usr/bin/gpg", "--define", f"_gpg_path {home}", "--define", f"_gpg_name {key_id}", "--define",
             f"_gpg_sign_cmd_extra_args --batch --pinentry-mode loopback --passphrase-file {signing}/passphrase", copy])
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
    return copy


def archive_names(count):
    """Names of small packages of the archive: with + and ~ in the version or name, with epochs, for all and for this architecture."""
    listing = run(["apt-cache", "dumpavail"]).stdout
    if "Filename: pool/" not in listing:
        run([*installer(), "apt-get", "update", "-q"])
        listing = run(["apt-cache", "dumpavail"]).stdout
    groups = {"plus": [], "tilde": [], "epoch": [], "all": [], "other": []}
    for record in listing.split("\n\n"):
        field = dict(re.findall(r"(?m)^(Package|Version|Architecture|Size): (.*)$", record))
        if len(field) < 4 or int(field["Size"]) > 40_000 or "Filename: pool/" not in record:
            continue
        group = "plus" if "+" in field["Package"] else "tilde" if "~" in field["Version"] else "epoch" if ":" in field["Version"] else \
            "all" if field["Architecture"] == "all" else "other"
        groups[group].append(field["Package"])
    share = -(-count // len(groups))
    names = [name for group in groups.values() for name in sorted(set(group))[:share]]
    rest = sorted(set(groups["all"] + groups["other"]) - set(names))
    return names + rest[:max(0, count - len(names))]


def archive_debs(count=110):
    return files_in(cached(f"deb-archive-{count}", lambda folder: run([f"{PARTS}/deb-packages", folder, *archive_names(count)])), ".deb")


def customer_debs():
    """A few that install into an empty machine."""
    return files_in(cached("deb-customer", lambda folder: run(
        [f"{PARTS}/deb-packages", folder, "media-types", "publicsuffix", "libjs-jquery", "hello", "libstdc++6"])), ".deb")


def make_deb(folder, name, version, architecture="all", payload_bytes=0):
    """A small .deb made on the spot, or one with a payload that cannot be compressed; returns its path."""
    with tempfile.TemporaryDirectory() as work:
        os.makedirs(f"{work}/DEBIAN")
        os.makedirs(f"{work}/usr/share/{name}")
        with open(f"{work}/DEBIAN/control", "w", encoding="utf-8") as file:
            file.write(f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: E2E <e2e@example.org>\nDescription: made by a test\n")
        with open(f"{work}/usr/share/{name}/version", "w", encoding="utf-8") as file:
            file.write(version)
        if payload_bytes:
            run(["sh", "-c", 'head -c "$1" /dev/urandom >"$2"', "sh", str(payload_bytes), f"{work}/usr/share/{name}/payload"])
        os.chmod(work, 0o755)
        path = f"{folder}/{name}_{version.split(':')[-1]}_{architecture}.deb"
        run(["dpkg-deb", *(["-Znone"] if payload_bytes else []), "--root-owner-group", "--build", work, path])
    return path
