"""The vendor's CI against the stack of tests/e2e/run_stack: the steps of the shipped workflows, on a runner of the outside network, with the ten
secrets, over a real sshd whose key may ask for compose/ci/entry and nothing else. (line, function of the stack)"""
import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

from client_machine import image
from image_shapes import small_image
from image_site import cosign_key
from package_shapes import make_deb, quickstart_rpms
from packyard_site import free_port, run, signing_key
from stack import COMPOSE, DOMAIN, OUTSIDE, PROJECT, SERVICES
from stack_clients import TRUST
from stack_faults import POINTER, Loop, is_healthy
from vendor_runner import SECRET, SSHD, CalmProcessList, Runner, key_pair, read, write, write_sshd_settings

PACKAGES = "/deb/core/2025/dists/bookworm/main/binary-amd64/Packages"
RUNNER = "packyard-e2e-runner"
LARGE_BYTES = 512 << 20


class Entrance:
    """sshd on this machine, where the outside network reaches it; authorized_keys has the line that docs tell."""

    def __init__(self, stack):
        self.stack, self.folder = stack, tempfile.mkdtemp(prefix="ci-", dir=stack.folder)
        self.port = free_port()
        self.key, public = key_pair(f"{self.folder}/ci_key")
        os.remove(f"{self.folder}/ci_key")  # the test holds it, as GitHub does
        _, self.host_key = key_pair(f"{self.folder}/host_key")
        # The site's certificate is no public one, and compose may be a command of its own.
        settings = f"CURL_CA_BUNDLE={stack.ca} PACKYARD_COMPOSE='{' '.join(COMPOSE)}'"
        write(f"{self.folder}/authorized_keys", f'restrict,command="{settings} {stack.root}/compose/ci/entry" {public}')
        options = write_sshd_settings(f"{self.folder}/sshd_config", f"{stack.gateway}:{self.port}", f"{self.folder}/host_key", f"{self.folder}/authorized_keys")
        with open(f"{self.folder}/sshd.log", "wb") as log:
            self.process = subprocess.Popen([SSHD, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        stack.wait_for(lambda: "Server listening" in self.log(), "sshd")

    def log(self):
        return read(f"{self.folder}/sshd.log")

    def secrets(self):
        signing, cosign = signing_key(), cosign_key()
        return {"HOST": f"{run(['id', '-un']).stdout.strip()}@{DOMAIN}:{self.port}", "SSH_PRIVATE_KEY": self.key, "SSH_KNOWN_HOST": self.host_key,
                "RUSTFS_ACCESS_KEY": self.stack.setting("RUSTFS_ACCESS_KEY"), "RUSTFS_SECRET_KEY": self.stack.setting("RUSTFS_SECRET_KEY"),
                "GPG_PRIVATE_KEY": read(f"{signing}/private.asc"), "GPG_KEY_ID": read(f"{signing}/key-id").strip(),
                "GPG_PASSPHRASE": read(f"{signing}/passphrase"), "COSIGN_PRIVATE_KEY": read(f"{cosign}/cosign.key"),
                "COSIGN_PASSWORD": read(f"{cosign}/password")}

    def close(self):
        self.process.terminate()
        self.process.wait(20)


class OutsideRunner(Runner):
    """GitHub's machine: on the outside network, with what the workflows need and nothing of ours."""

    def __init__(self, stack, entrance):
        super().__init__(entrance.secrets(), f"https://{DOMAIN}")
        os.chmod(self.folder, 0o755)
        self.stack = stack
        self.image = image("bookworm", "curl openssh-client python3 ca-certificates", "packyard-ci-runner")

    def execute(self, command, environment):
        given = {name: value for name, value in environment.items() if name not in ("PATH", "HOME", "TMPDIR")}
        # Values come from docker's own environment: an argument list would show them.
        names = [word for name in given for word in ("--env", name)]
        return run(["docker", "run", "--rm", "--name", RUNNER, "--network", OUTSIDE, "--add-host", f"{DOMAIN}:host-gateway", "--workdir", "/repository",
                    "--volume", f"{self.repository}:/repository:ro", "--volume", f"{self.stack.ca}:/ca.pem:ro", *names, "--entrypoint", "bash", self.image,
                    "-c", TRUST + 'exec "$@"', "runner", *command], check=False, env={**os.environ, **given}, timeout=900)

    def demand(self, status, workflow, *words, **inputs):
        outcome = self.run(workflow, **inputs)
        assert outcome.returncode == status and all(word in outcome.text for word in words), f"{workflow}: {outcome.returncode}\n{outcome.text}"
        return outcome

    def made(self, target):
        folder = f"{self.repository}/staged/{target}"
        os.makedirs(folder, exist_ok=True)
        return folder

    def forget(self):
        shutil.rmtree(f"{self.repository}/staged", ignore_errors=True)


class Onlooker(threading.Thread):
    """What docker shows of the press while it runs."""

    def __init__(self, stack):
        super().__init__(daemon=True)
        self.stack, self.ended, self.seen = stack, threading.Event(), []

    def run(self):
        while not self.ended.wait(0.3):
            for container in self.stack.docker("ps", "--quiet", "--filter", f"label=com.docker.compose.project={PROJECT}", "--filter",
                                               "label=com.docker.compose.service=promote", check=False).split():
                for command in (["docker", "inspect", container], ["docker", "logs", container]):
                    outcome = run(command, check=False)
                    self.seen.append(outcome.stdout + outcome.stderr)


@contextlib.contextmanager
def ci(stack):
    entrance = Entrance(stack)
    runner = OutsideRunner(stack, entrance)
    try:
        yield runner, entrance
    finally:
        runner.close()
        entrance.close()


def demand_nothing_shows(stack, runner, seen):
    for service in SERVICES:
        outcome = run(["docker", "logs", stack.container(service)])
        seen[f"{service}: docker"] = stack.docker("inspect", stack.container(service)) + outcome.stdout + outcome.stderr
    # Where they belong: .env, and that of a restored backup.
    own = (f"{stack.root}/.env", f"{stack.data}/tree/state/restored/")
    for place in (stack.data, stack.root):
        for folder, _, names in os.walk(place):
            for path in (f"{folder}/{name}" for name in names):
                if os.path.isfile(path) and not path.startswith(own) and os.path.getsize(path) < 16 << 20:
                    seen[path] = read(path)
    for name in sorted(SECRET):
        lines = runner.secrets[name].strip().split("\n")
        secret = lines[len(lines) // 2]
        for where, text in seen.items():
            # The server notes whose object it is by the public half of the key.
            if secret in text and not (name == "RUSTFS_ACCESS_KEY" and where.startswith(f"{stack.data}/staging/")):
                raise AssertionError(f"{name} stands in {where}")
    print(f"      {len(SECRET)} secrets looked for in {len(seen)} places: logs, docker inspect, process list, files")


def from_the_build_to_the_customer(stack):
    with ci(stack) as (runner, entrance):
        processes, onlooker = CalmProcessList(), Onlooker(stack)
        processes.start()
        onlooker.start()
        try:
            package, tag = f"acme-ci-{stack.mark}", f"1.5.{stack.mark}"
            make_deb(runner.made("core/2025/deb/bookworm"), package, "1.0-1")
            for path in quickstart_rpms()[:2]:
                shutil.copy(path, runner.made("plus/2025/rpm/el9-x86_64"))
            small_image(runner.made("core/2025/oci/server"), tag, "from CI")
            runner.demand(0, "stage", "5 file(s) are staged")
            runner.demand(0, "promote", package, dry_run="true")
            assert package.encode() not in stack.ask(PACKAGES, stack.key).body
            began = time.monotonic()
            runner.demand(0, "promote", dry_run="false")
            print(f"      promoted over ssh in {time.monotonic() - began:.1f} s")
            assert f"Package: {package}".encode() in stack.ask(PACKAGES, stack.key).body
            assert stack.ask(f"/v2/core/2025/server/manifests/{tag}", stack.key).status == 200
            validated = runner.demand(0, "validate", "All services healthy", "0 failed")
            print("      validate: " + next(line for line in validated.text.splitlines() if " failed" in line))
            before = release_date(stack)
            runner.demand(0, "resign")
            assert release_date(stack) != before
        finally:
            processes.ended.set()
            onlooker.ended.set()
            processes.join()
            onlooker.join()
        assert any('"promote"' in text for text in onlooker.seen), "the press was never seen"
        masked = re.search(r"::add-mask::(pky_\w+)", runner.printed)[1]
        assert stack.ask("/v2/", masked).status == 401, "the validation's key was not revoked"
        demand_nothing_shows(stack, runner, {"the runner's output": runner.printed, "the process list": b"\n".join(processes.lines).decode(errors="replace"),
                                             "sshd's log": entrance.log(), "docker's words of the press": "\n".join(onlooker.seen)})


def release_date(stack):
    return re.search(r"^Date: (.*)$", stack.ask("/deb/core/2025/dists/bookworm/InRelease", stack.key).body.decode(), re.M)[1]


def held_bytes(stack):
    """On the stack's own disk, files without a name included: an upload has none until it is whole."""
    disk = os.statvfs(stack.data)
    return (disk.f_blocks - disk.f_bfree) * disk.f_frsize


def in_the_middle(stack, runner, action):
    """The stage step in its own thread; action() once a part of the upload has arrived. The step's outcome."""
    before, outcomes = held_bytes(stack), []
    thread = threading.Thread(target=lambda: outcomes.append(runner.run("stage")))
    thread.start()
    stack.wait_for(lambda: held_bytes(stack) > before + (8 << 20) or not thread.is_alive(), "a part of the upload")
    assert thread.is_alive(), f"the upload was over before it could be disturbed: {outcomes[0].text}"
    action()
    thread.join(900)
    return outcomes[0]


def restart_staging(stack):
    stack.docker("kill", stack.container("staging"))
    time.sleep(1)
    stack.docker("start", stack.container("staging"))


def broken_off(stack):
    package = f"acme-broken-off-{stack.mark}"
    with ci(stack) as (runner, _), Loop(stack) as loop:
        make_deb(runner.made("core/2025/deb/bookworm"), package, "1.0-1", payload_bytes=LARGE_BYTES)
        cut = in_the_middle(stack, runner, lambda: stack.docker("kill", RUNNER))
        print(f"      the runner was killed in the middle of {LARGE_BYTES >> 20} MiB: status {cut.returncode}")
        told = runner.run("promote", dry_run="false")
        assert package.encode() not in stack.ask(PACKAGES, stack.key).body, told.text
        print(f"      promote then: status {told.returncode}, nothing of it published")
        runner.forget()
        make_deb(runner.made("core/2025/deb/bookworm"), package, "1.0-1", payload_bytes=LARGE_BYTES)
        again = in_the_middle(stack, runner, lambda: restart_staging(stack))
        assert again.returncode == 0, again.text
        print("      staged again while the staging server was killed and started: whole")
        stack.wait_for(lambda: is_healthy(stack, "staging"), "staging")
        runner.demand(0, "promote", dry_run="false")
        assert f"Package: {package}".encode() in stack.ask(PACKAGES, stack.key).body
        verified = stack.promote("verify", check=False)
        assert verified.returncode == 0, verified.stdout + verified.stderr
    assert loop.report() == [], loop.lost()[:10]


def no_more_than_listed(stack):
    with ci(stack) as (runner, entrance):
        write(f"{runner.folder}/key", entrance.key)
        write(f"{runner.folder}/known", f"machine {entrance.host_key}")

        def ssh(*words):
            return run(["ssh", "-F", "none", "-i", f"{runner.folder}/key", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "HostKeyAlias=machine", "-o",
                        f"UserKnownHostsFile={runner.folder}/known", "-p", str(entrance.port), f"{runner.secrets['HOST'].partition('@')[0]}@{stack.gateway}",
                        *words], check=False, stdin=subprocess.DEVNULL)
        for words in (["bash", "-i"], [], ["promote;", "id"], ["promote", "--component", "$(id)"], ["exec", "admin", "sh"], ["staging", "x"],
                      ["validation-key", "core", "--json"], ["refresh", "--redate"]):
            outcome = ssh(*words)
            assert outcome.returncode == 2 and "CI's key may ask for" in outcome.stderr, (words, outcome.stdout, outcome.stderr)
        forwarded = ssh("-W", "127.0.0.1:8088")
        assert forwarded.returncode != 0 and "prohibited" in forwarded.stderr, forwarded.stderr
        stranger = signing_key("stranger")
        runner.secrets |= {"GPG_PRIVATE_KEY": read(f"{stranger}/private.asc"), "GPG_KEY_ID": read(f"{stranger}/key-id").strip(),
                           "GPG_PASSPHRASE": read(f"{stranger}/passphrase")}
        make_deb(runner.made("core/2025/deb/bookworm"), "acme-stranger", "1.0-1")
        runner.demand(0, "stage")
        refused = runner.run("promote", dry_run="false")
        assert refused.returncode != 0 and b"acme-stranger" not in stack.ask(PACKAGES, stack.key).body, refused.text
        print("      a key of CI's own: " + refused.text.strip().splitlines()[0][:160])
        for key in stack.bucket().keys("core/"):
            stack.bucket().delete(key)
        assert stack.ask(POINTER, stack.key).status == 200


CASES = [
    ("ci: staged, promoted, validated and signed anew by the workflows' steps with the ten secrets, none of which shows", from_the_build_to_the_customer),
    ("ci: an upload that is broken off, and a staging server that is killed under one, publish nothing wrong", broken_off),
    ("ci: its key opens no shell, no port, and publishes nothing with another signing key", no_more_than_listed),
]
