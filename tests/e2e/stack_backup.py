"""Backups of the stack of tests/e2e/run_stack by the commands that docs/operations.md tells: taken under load, tried by a drill that finds damage, and
restored after all data of the machine were wiped. (line, function of the stack)"""
import os
import shutil
import time

from package_shapes import make_deb
from packyard_site import run
from stack_clients import packages_of
from stack_faults import POINTER, Loop

PACKAGES = "/deb/core/2025/dists/bookworm/main/binary-amd64/Packages"
REPOMD = "/rpm/core/2025/el9-x86_64/repodata/repomd.xml"


def kept(stack):
    return f"acme-backed-up-{stack.mark}"


class Vault:
    """The folder for backups, as on another disk, and the operator's identity, which the machine sees for one run at a time."""

    def __init__(self, stack):
        self.stack, self.folder, self.identity = stack, f"{stack.folder}/vault", f"{stack.folder}/backup-identity.txt"
        if not os.path.isdir(self.folder):
            os.mkdir(self.folder, 0o700)
            run(["age-keygen", "--output", self.identity])
            with open(f"{stack.root}/.env", "a", encoding="utf-8") as file:
                file.write(f"PACKYARD_BACKUPS={self.folder}\n")
        recipient = run(["age-keygen", "-y", self.identity]).stdout.strip()
        with open(f"{stack.root}/config/packyard.yml", "a", encoding="utf-8") as file:
            file.write(f"backup: {{recipients: [{recipient}]}}\n")
        for path in (self.folder, self.identity):
            stack.give_away(path)

    def run(self, *arguments, check=True, volumes=()):
        """docker compose run --rm backup …, and how long it took."""
        began = time.monotonic()
        options = [word for volume in volumes for word in ("--volume", volume)]
        outcome = self.stack.compose("run", "--rm", "-T", *options, "backup", *arguments, check=check)
        outcome.seconds = time.monotonic() - began
        return outcome

    def opened(self, *arguments, check=True, key_file=None):
        """With the identity, and a key to try."""
        volumes = [f"{self.identity}:/run/identity:ro"] + ([f"{key_file}:/run/test-key:ro"] if key_file else [])
        more = ["--identity", "/run/identity"] + (["--test-key-file", "/run/test-key"] if key_file else [])
        return self.run(*arguments, *more, check=check, volumes=volumes)


def under_load(stack, vault):
    with stack.signing_keys_on_the_disk(), Loop(stack) as loop:
        stack.stage("core", "deb", "bookworm", [make_deb(stack.folder, kept(stack), "1.0-1")])
        stack.promote()
        made = vault.run()
        key = stack.create_key("core")
    # Made after the backup: it will not come back.
    assert stack.ask(POINTER, key).status == 200
    assert loop.report() == [], loop.lost()[:10]
    print(f"      backup under load: {made.seconds:.1f} s; {made.stdout.strip().splitlines()[-1][:150]}")
    return key


def drill(stack, vault):
    key_file = stack.key_file()
    stack.give_away(key_file)
    tried = vault.opened("restore", "--drill", key_file=key_file)
    print("\n".join("      | " + line for line in tried.stdout.splitlines()) + f"\n      drill: {tried.seconds:.1f} s")
    assert tried.stdout.strip().endswith("This backup can be restored"), tried.stdout
    assert "the test key opens" in tried.stdout
    blob = max((f"{folder}/{name}" for folder, _, names in os.walk(f"{vault.folder}/blobs") for name in names), key=os.path.getsize)
    with open(blob, "r+b") as file:
        file.seek(os.path.getsize(blob) // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    damaged = vault.opened("restore", "--drill", check=False)
    assert damaged.returncode == 1 and "can NOT be restored" in damaged.stdout, damaged.stdout
    print("      one bit changed: " + next(line for line in damaged.stdout.splitlines() if line.startswith("FAILED"))[:150])
    with open(blob, "r+b") as file:
        file.seek(os.path.getsize(blob) // 2)
        file.write(byte)


def wiped_and_restored(stack, vault, later_key):
    paths = (REPOMD, PACKAGES, "/gpg/lts.asc")
    before = {path: stack.ask(path, stack.key).body for path in paths}
    began = time.monotonic()
    stack.compose("down")
    for name in os.listdir(stack.data):
        shutil.rmtree(f"{stack.data}/{name}")
    run([f"{stack.root}/compose/init"])
    restored = vault.opened("restore")
    print(f"      restore: {restored.seconds:.1f} s; {restored.stdout.strip().splitlines()[-1][:150]}")
    stack.up()
    stack.wait_for(lambda: stack.ask(POINTER, stack.key).status == 200, "a package")
    print(f"      from `down` and an empty disk to the first package: {time.monotonic() - began:.1f} s, a new certificate included")
    assert {path: stack.ask(path, stack.key).body for path in paths} == before
    for key, status in ((stack.plus_key, 401), (later_key, 401), (None, 401)):
        assert stack.ask(POINTER, key).status == status, (key and key[:8], status)
    with open(f"{stack.root}/.env", "rb") as now, open(settings_of_then(stack), "rb") as then:
        assert now.read() == then.read()
    stack.bucket().create()
    outcome = stack.health_check("--test-component", "core", "--test-key-file", stack.key_file())
    assert outcome.returncode == 0, outcome.stdout


def settings_of_then(stack):
    found = [f"{folder}/site.env" for folder, _, names in os.walk(f"{stack.data}/tree/state/restored") if "site.env" in names]
    assert len(found) == 1, found
    return found[0]


def backup(stack):
    vault = Vault(stack)
    vault.run()
    later_key = under_load(stack, vault)
    drill(stack, vault)
    wiped_and_restored(stack, vault, later_key)
    status, text = packages_of(stack, "apt", "good", kept(stack))
    assert status == 0 and f"fact: installed {kept(stack)} installed 1.0-1" in text, text[-3000:]
    stack.stage("core", "deb", "bookworm", [make_deb(stack.folder, kept(stack), "2.0-1")])
    with stack.signing_keys_on_the_disk():
        stack.promote()
    assert b"Version: 2.0-1" in stack.ask(PACKAGES, stack.key).body


CASES = [("backup: under load; a drill with an old key finds damage; all data wiped, restored: same keys, same releases, clients go on", backup)]
