"""A vendor's CI without GitHub: what a job is given (a checkout that vendor/copy-to filled, the environment that the workflow's step names), the
step's own commands, and the settings of an sshd to talk to. Shared by vendor_ci_test.py and the cases of run_stack."""
import os
import re
import shutil
import tempfile

import yaml

from packyard_site import ROOT, run
from secrets_test import ProcessList

TEN = {"HOST", "SSH_PRIVATE_KEY", "SSH_KNOWN_HOST", "RUSTFS_ACCESS_KEY", "RUSTFS_SECRET_KEY", "GPG_PRIVATE_KEY", "GPG_KEY_ID", "GPG_PASSPHRASE",
       "COSIGN_PRIVATE_KEY", "COSIGN_PASSWORD"}
SECRET = TEN - {"HOST", "SSH_KNOWN_HOST", "GPG_KEY_ID"}
WORKFLOWS = ("stage", "promote", "validate", "resign")
SSHD = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def write(path, text, mode=0o600):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)


def key_pair(path):
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ci@vendor.example", "-f", path])
    return read(path), read(f"{path}.pub")


class CalmProcessList(ProcessList):
    """Leaves time to those it watches."""

    def run(self):
        while not self.ended.wait(0.002):
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    self.lines.add(read(f"/proc/{pid}/cmdline").encode())
                except OSError:
                    pass


def write_sshd_settings(path, address, host_key, authorized_keys):
    """For this account, by key alone; the options that make sshd stay and say what it does."""
    if os.getuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # where sshd wants it, when it is root's
    host, _, port = address.rpartition(":")
    write(path, f"""Port {port}
ListenAddress {host}
HostKey {host_key}
PidFile none
AuthorizedKeysFile {authorized_keys}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin forced-commands-only
LogLevel VERBOSE
""")
    return ["-D", "-e", "-f", path]


class Runner:
    """What GitHub gives a job: a checkout of the vendor's repository, a home, and the environment that the workflow's step names."""

    def __init__(self, secrets, url):
        self.folder = tempfile.mkdtemp(prefix="packyard-runner-")
        self.repository, self.secrets = f"{self.folder}/repository", secrets
        self.variables = {"PACKYARD_URL": url}
        self.printed = ""
        for name in ("repository", "home", "tmp"):
            os.mkdir(f"{self.folder}/{name}")
        run([f"{ROOT}/vendor/copy-to", self.repository])

    def last_step(self, workflow):
        document = yaml.safe_load(read(f"{self.repository}/.github/workflows/packyard-{workflow}.yml"))
        (job,) = document["jobs"].values()
        return job["steps"][-1]

    def value(self, text, inputs):
        """One expression of GitHub's, as far as the workflows use them."""
        match = re.fullmatch(r"\$\{\{ (secrets|vars|inputs)\.(\w+)(?: \|\| '(\w+)')? \}\}", text)
        given = {"secrets": self.secrets, "vars": self.variables, "inputs": inputs}[match[1]]
        return given.get(match[2]) or match[3] or ""

    def run(self, workflow, without=(), **inputs):
        step = self.last_step(workflow)
        environment = {"PATH": os.environ["PATH"], "HOME": f"{self.folder}/home", "TMPDIR": f"{self.folder}/tmp", "GITHUB_ACTIONS": "true",
                       **{name: self.value(text, inputs) for name, text in step["env"].items() if name not in without}}
        outcome = self.execute(["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]], environment)
        outcome.text = outcome.stdout + outcome.stderr
        self.printed += outcome.text
        return outcome

    def execute(self, command, environment):
        return run(command, check=False, cwd=self.repository, env=environment)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
