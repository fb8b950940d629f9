"""Machines of customers: containers of a Debian suite with its clients in them. A Machine stays up while several commands run in it, on
this machine's network; what a command may read lies in folders given at the start."""
import os
import subprocess
import sys

from packyard_site import run

HERE = os.path.dirname(os.path.abspath(__file__))


def image(suite, packages, name):
    """Builds name:suite with the packages, again when the list or the Dockerfile changed."""
    name = f"{name}:{suite}"
    with open(f"{HERE}/client_images/Dockerfile", encoding="utf-8") as file:
        text = file.read()
    known = run(["docker", "image", "inspect", "--format", '{{index .Config.Labels "packyard.packages"}}', name], check=False)
    if known.returncode == 0 and known.stdout.strip() == packages:
        return name
    if run(["docker", "image", "inspect", f"packyard-fresh:{suite}"], check=False).returncode != 0:
        sys.exit(f"run_containers: no image packyard-fresh:{suite}; make it with ../shared/bin/fresh-machine {suite} true")
    built = subprocess.run(["docker", "build", "--quiet", "--build-arg", f"SUITE={suite}", "--build-arg", f"PACKAGES={packages}",
                            "--label", f"packyard.packages={packages}", "--tag", name, "-"], input=text, capture_output=True, text=True, timeout=1200,
                           check=False)
    if built.returncode != 0:
        sys.exit(f"run_containers: docker build of {name} failed:\n{built.stdout[-3000:]}{built.stderr[-3000:]}")
    return name


class Machine:
    """with Machine("packyard-image-clients:sid", {"/tmp/case": "/case"}) as machine: outcome = machine("crane", "version")"""

    def __init__(self, image_name, folders, *options):
        volumes = [word for outside, inside in folders.items() for word in ("--volume", f"{outside}:{inside}")]
        self.container = run(["docker", "run", "--detach", "--rm", "--init", "--network", "host", "--env", "LC_ALL=C.UTF-8", *volumes, *options, image_name,
                              "sleep", "7200"]).stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        run(["docker", "rm", "--force", self.container], check=False)

    def __call__(self, *command, text=None, environment=(), timeout=300):
        """The outcome with .returncode and .text (everything it said); a command that takes too long has status 124."""
        options = [word for name, value in dict(environment).items() for word in ("--env", f"{name}={value}")]
        line = ["docker", "exec", "--interactive", *options, self.container, "timeout", "--kill-after=5", str(timeout), *command]
        outcome = subprocess.run(line, input=text or "", capture_output=True, text=True, errors="replace", timeout=timeout + 30, check=False)
        outcome.text = outcome.stdout + outcome.stderr
        return outcome

    def start(self, *command):
        """A daemon that lives as long as the machine."""
        run(["docker", "exec", "--detach", self.container, *command])

    def write(self, path, text):
        outcome = self("sh", "-c", 'umask 077; mkdir -p "${1%/*}"; cat >"$1"', "sh", path, text=text)
        assert outcome.returncode == 0, outcome.text
