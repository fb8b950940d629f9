#!/usr/bin/env python3
"""Every bad input and every failure of the machine: a clear error, a status other than 0, nothing published, nothing lost; and the
next run, with the cause gone, publishes."""
import fcntl
import os
import shutil
import subprocess
import sys

import package_shapes
from packyard_site import BUILD, ROOT, Site, clean_environment, run

failures, passed = [], 0


def small_deb(folder, name="bad", version="1.0", architecture="amd64", text="x"):
    root = f"{folder}/{name}-{version}-{architecture}"
    os.makedirs(f"{root}/DEBIAN")
    os.makedirs(f"{root}/opt/{name}")
    with open(f"{root}/opt/{name}/file", "w", encoding="utf-8") as file:
        file.write(text)
    with open(f"{root}/DEBIAN/control", "w", encoding="utf-8") as file:
        file.write(f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: A <a@example.org>\nDescription: small\n")
    path = f"{folder}/{name}_{version}_{architecture}.deb"
    run(["dpkg-deb", "--root-owner-group", "-Zgzip", "--build", root, path])
    return path


def tree(folder):
    """Every file below with its bytes' checksum, and every link."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            if os.path.islink(path):
                state = os.readlink(path)
            elif os.path.isfile(path):
                state = run(["sha256sum", path]).stdout[:64]
            else:
                state = "special file"
            found[os.path.relpath(path, folder)] = state
    return found


def expect_refused(name, site, promote, *texts, status=(1,), staged_stays=True):
    """promote() must fail with these words; what is served and what is staged must not change; verify must be clean."""
    global passed
    served, staged = tree(site.published), tree(site.staging)
    outcome = promote()
    shown = outcome.stdout + outcome.stderr
    problems = []
    if outcome.returncode not in status:
        problems.append(f"status {outcome.returncode}, wanted {status}")
    problems += [f"does not say {text!r}" for text in texts if text not in shown]
    if tree(site.published) != served:
        problems.append("what is served changed")
    if staged_stays and tree(site.staging) != staged:
        problems.append("what is staged changed")
    checked = site.packyard("verify", check=False)
    if checked.returncode != 0:
        problems.append("verify: " + checked.stdout[-500:] + checked.stderr[-500:])
    if problems:
        failures.append(name)
        print(f"FAIL {name}: {'; '.join(problems)}\n{shown[-1500:]}", flush=True)
    else:
        passed += 1
        print(f"ok   {name}", flush=True)


class Case:
    """Stages files for a case below core/2025 and takes them away again."""

    def __init__(self, site, kind="deb", target=None):
        self.folder = f"{site.staging}/core/2025/{kind}/{target or (site.suite if kind == 'deb' else site.rpm_target)}"

    def __enter__(self):
        os.makedirs(self.folder, exist_ok=True)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def put(self, source, name=None, checksum=True):
        path = f"{self.folder}/{name or os.path.basename(source)}"
        shutil.copy(source, path)
        if checksum:
            self.write(os.path.basename(path) + ".sha256", run(["sha256sum", path]).stdout[:64] + "\n")
        return path

    def write(self, name, text):
        with open(f"{self.folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)


def damage(path, change):
    with open(path, "rb") as file:
        data = bytearray(file.read())
    with open(path, "wb") as file:
        file.write(change(data))


def flip(at):
    def change(data):
        data[int(len(data) * at)] ^= 0x10
        return data
    return change


def checksums(site, deb):
    promote = lambda: site.promote(check=False)  # noqa: E731
    with Case(site) as case:
        case.put(deb, checksum=False)
        expect_refused("checksum missing", site, promote, os.path.basename(deb), "sha256")
    with Case(site) as case:
        case.put(deb)
        case.write("absent_1.0_amd64.deb.sha256", "0" * 64 + "\n")
        expect_refused("checksum without a file", site, promote, "absent_1.0_amd64.deb")
    with Case(site) as case:
        case.put(deb)
        case.write(os.path.basename(deb) + ".sha256", "0" * 64 + "\n")
        expect_refused("checksum wrong", site, promote, os.path.basename(deb))
    with Case(site) as case:
        case.put(deb)
        case.write(os.path.basename(deb) + ".sha256", "not a checksum\n")
        expect_refused("checksum malformed", site, promote, os.path.basename(deb))


def damaged(site, deb, rpm):
    promote = lambda: site.promote(check=False)  # noqa: E731
    for kind, package in (("deb", deb), ("rpm", rpm)):
        for name, change in (("truncated", lambda data: data[: len(data) * 2 // 3]), ("empty", lambda data: b""), ("bit flipped", flip(0.55)),
                             ("bit flipped near the end", flip(0.98)), ("not a package", lambda data: b"hello\n" * 100)):
            with Case(site, kind) as case:
                copy = f"{site.folder}/{os.path.basename(package)}"
                shutil.copy(package, copy)
                damage(copy, change)
                case.put(copy)
                expect_refused(f"{kind} {name}, checksum right", site, promote, os.path.basename(package))


def misplaced(site, deb, rpm, work):
    promote = lambda: site.promote(check=False)  # noqa: E731
    with Case(site) as case:
        case.put(small_deb(work, architecture="riscv64"))
        expect_refused("deb of an architecture the suite has not", site, promote, "riscv64")
    with Case(site, "rpm", "el8-x86_64") as case:
        case.put(rpm)
        expect_refused("a target that is not configured", site, promote, "el8-x86_64")
    with Case(site) as case:
        case.put(rpm)
        expect_refused("an rpm among debs", site, promote, os.path.basename(rpm))
    with Case(site, "rpm") as case:
        case.put(deb)
        expect_refused("a deb among rpms", site, promote, os.path.basename(deb))
    with Case(site) as case:
        case.put(deb, "other_1.0_amd64.deb")
        expect_refused("a file name that contradicts the package", site, promote, "other_1.0_amd64.deb")
    with Case(site, "rpm") as case:
        package_shapes.build_rpms({"el8": package_shapes.HEAD.format(name="wrong-os", version="1.0", tags="") + package_shapes.ONE_FILE},
                                  f"{work}/el8", dist="el8")
        case.put(package_shapes.files_in(f"{work}/el8", ".rpm")[0])
        expect_refused("an el8 package under el9", site, promote, "el8")


def tricks(site, deb):
    promote = lambda: site.promote(check=False)  # noqa: E731
    for name in ("a b_1.0_amd64.deb", "-rf_1.0_amd64.deb", "bad%2fname_1.0_amd64.deb", "ünïcode_1.0_amd64.deb", "line\nfeed_1.0_amd64.deb", "..deb"):
        with Case(site) as case:
            case.put(deb, name)
            expect_refused(f"staged name {name!r}", site, promote)
    with Case(site) as case:
        outside = f"{site.folder}/outside_1.0_amd64.deb"
        shutil.copy(deb, outside)
        os.symlink(outside, f"{case.folder}/bad_1.0_amd64.deb")
        case.write("bad_1.0_amd64.deb.sha256", run(["sha256sum", deb]).stdout[:64] + "\n")
        expect_refused("a link in staging", site, promote, "bad_1.0_amd64.deb")
    with Case(site) as case:  # must not wait for somebody to write into it
        os.mkfifo(f"{case.folder}/bad_1.0_amd64.deb")
        case.write("bad_1.0_amd64.deb.sha256", "0" * 64 + "\n")
        expect_refused("a named pipe in staging", site, promote, "bad_1.0_amd64.deb")


def keys(site, deb):
    with Case(site) as case:
        case.put(deb)
        wrong = f"{site.folder}/wrong-passphrase"
        with open(wrong, "w", encoding="utf-8") as file:
            file.write("not the passphrase")
        os.chmod(wrong, 0o600)
        expect_refused("wrong passphrase", site, lambda: site.packyard("promote", check=False, passphrase_file=wrong), "GPG_PASSPHRASE", status=(1, 3))
        for name in ("expired", "weak", "sha1"):
            private = f"{site.folder}/{name}.asc"
            shutil.copy(f"{ROOT}/tests/data/keys/{name}.secret.asc", private)
            os.chmod(private, 0o600)
            shown = run(["gpg", "--show-keys", "--with-colons", f"{ROOT}/tests/data/keys/{name}.public.asc"]).stdout
            fingerprint = next(line.split(":")[9] for line in shown.splitlines() if line.startswith("fpr"))
            environment = clean_environment(PACKYARD_CONFIG=site.config, GPG_PRIVATE_KEY_FILE=private, GPG_KEY_ID=fingerprint,
                                            GPG_PASSPHRASE_FILE=f"{site.signing}/passphrase")
            expect_refused(f"{name} signing key", site, lambda: run([f"{BUILD}/packyard", "promote"], check=False, env=environment), status=(1, 3))
        missing = clean_environment(PACKYARD_CONFIG=site.config)
        expect_refused("no signing key given", site, lambda: run([f"{BUILD}/packyard", "promote"], check=False, env=missing), "GPG_PRIVATE_KEY")


def failing_machine(site, deb):
    """The kernel answers "no space" or "read-only" from the N-th such call on, in the press and in what it starts."""
    environment = clean_environment(PACKYARD_CONFIG=site.config, GPG_PRIVATE_KEY_FILE=f"{site.signing}/private.asc",
                                    GPG_PASSPHRASE_FILE=f"{site.signing}/passphrase")
    full = "write,pwrite64,ftruncate,mkdir,link,linkat"
    read_only = "mkdir,rename,renameat,renameat2,link,linkat,symlink,unlink,unlinkat,pwrite64,utimensat"
    for name, calls, error, starts in (("full disk", full, "ENOSPC", (1, 25, 60)), ("read-only store", read_only, "EROFS", (1,))):
        for start in starts:
            with Case(site) as case:
                case.put(deb)
                command = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}:when={start}+",
                           f"{BUILD}/packyard-press", "promote"]
                expect_refused(f"{name} from call {start} on", site, lambda: run(command, check=False, env=environment), status=(1, 3, 4))


def two_at_once(site, deb):
    global passed
    with Case(site) as case:
        case.put(deb)
        with open(f"{site.folder}/state/promote.lock", "a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            expect_refused("another promotion holds the store", site, lambda: site.promote(check=False), "promote", status=(4,))
        environment = clean_environment(PACKYARD_CONFIG=site.config, GPG_PRIVATE_KEY_FILE=f"{site.signing}/private.asc",
                                        GPG_PASSPHRASE_FILE=f"{site.signing}/passphrase")
        both = [subprocess.Popen([f"{BUILD}/packyard-press", "promote"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for _ in range(2)]
        statuses = sorted(process.wait(timeout=300) for process in both)
        if statuses in ([0, 4], [0, 0]) and site.packyard("verify", check=False).returncode == 0:
            passed += 1
            print(f"ok   two promotions started at once: statuses {statuses}, verify clean")
        else:
            failures.append("two promotions at once")
            print(f"FAIL two promotions started at once: statuses {statuses}")


def main():
    global passed
    with Site() as site:
        work = f"{site.folder}/work"
        os.makedirs(work)
        first, bad = small_deb(work, "first"), small_deb(work, "bad", text="y" * 3000)
        rpm = package_shapes.quickstart_rpms()[0]
        site.stage("core", "deb", [first])
        site.promote()
        checksums(site, bad)
        damaged(site, bad, rpm)
        misplaced(site, bad, rpm, work)
        tricks(site, bad)
        keys(site, bad)
        with Case(site) as case:
            os.makedirs(f"{work}/again")
            case.put(small_deb(f"{work}/again", "first", text="other bytes"))
            expect_refused("same name, other bytes", site, lambda: site.promote(check=False), "first_1.0_amd64.deb")
        with Case(site) as case:
            case.put(small_deb(work, "first", version="0.9"))
            expect_refused("older than the newest listed version", site, lambda: site.promote(check=False), "--allow-older")
        failing_machine(site, bad)
        two_at_once(site, bad)
        if not any(name.endswith("/bad_1.0_amd64.deb") and name.startswith("pool/") for name in tree(site.published)):
            failures.append("the next run publishes")
            print("FAIL with the cause gone, the next run publishes")
        else:
            passed += 1
            print("ok   with the cause gone, the next run publishes")
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
