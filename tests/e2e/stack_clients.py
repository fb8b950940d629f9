"""Customers' machines on the outside network of tests/e2e/run_stack, from which only port 443 leads to the site: apt, dnf and zypper, docker with an
engine of its own, skopeo and cosign. (line, function of the stack)"""
import os
import re

from client_machine import image
from image_clients import PACKAGES as IMAGE_PACKAGES, RIGHTS
from packyard_site import run
from stack import DOMAIN

HERE = os.path.dirname(os.path.abspath(__file__))
REFUSED = {"apt": r"401\s+Unauthorized", "dnf": r"Status code: 401", "zypper": r"returned error: 401"}
REFUSING = 'refused() { if "$@" >/tmp/refused 2>&1; then echo "not refused: $*"; exit 1; fi; }\n'
TRUST = "cp /ca.pem /usr/local/share/ca-certificates/site.crt && update-ca-certificates >/dev/null 2>&1\n"
REFERENCE = f"{DOMAIN}/core/2025/server:1.4.2"


def case_folder(stack):
    folder = f"{stack.folder}/case"
    if not os.path.isdir(folder):
        os.mkdir(folder)
        for name, key in (("good", stack.key), ("other", stack.plus_key)):
            with open(os.open(f"{folder}/{name}.key", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
                file.write(key + "\n")
        run(["cp", f"{stack.root}/static/content/gpg/lts.asc", f"{folder}/trust.asc"])
        run(["cp", f"{stack.root}/static/content/gpg/cosign.pub", f"{HERE}/container_client", f"{folder}/"])
    return ["--volume", f"{folder}:/case:ro"]


def packages_of(stack, client, key, *packages):
    options = [*case_folder(stack), "--env", f"BASE_URL=https://{DOMAIN}", "--env", "RPM_TARGET=el9-x86_64", "--env", "SUITE=bookworm",
               *(["--env", f"KEY_FILE=/case/{key}.key"] if key else [])]
    outcome = stack.outside(["bash", "-c", TRUST + 'exec /case/container_client "$1" /case/trust.asc both "${@:2}"', "client", client, *packages], *options,
                            image=image("bookworm", "dnf zypper rpm gpgv gnupg", "packyard-clients"), check=False)
    return outcome.returncode, outcome.stdout + outcome.stderr


def installing(client, package, fact):
    def check(stack):
        status, text = packages_of(stack, client, "good", package)
        assert status == 0 and re.search(f"fact: installed {fact}", text), text[-3000:]
        for key in (None, "other"):
            status, text = packages_of(stack, client, key, package)
            assert status != 0 and re.search(REFUSED[client], text) and not re.search(f"fact: installed {package} installed", text), text[-3000:]
    return check


def images(stack):
    """skopeo pulls, cosign verifies with the site's public key; neither without the key."""
    script = TRUST + REFUSING + f"""set -e
export HOME=/tmp REGISTRY_AUTH_FILE=/tmp/auth.json DOCKER_CONFIG=/tmp
refused skopeo inspect docker://{REFERENCE}
skopeo login --username subscriber --password-stdin {DOMAIN} </case/good.key && cp /tmp/auth.json /tmp/config.json
skopeo copy --quiet --all docker://{REFERENCE} oci:/tmp/pulled:x
cosign verify --key /case/cosign.pub --insecure-ignore-tlog -a tag=1.4.2 {REFERENCE} >/dev/null
refused cosign verify --key /case/cosign.pub --insecure-ignore-tlog -a tag=1.4.3 {REFERENCE}
echo all of it"""
    outcome = stack.outside(["bash", "-c", script], *case_folder(stack), image=image("trixie", IMAGE_PACKAGES["trixie"], "packyard-image-clients"), check=False)
    assert outcome.returncode == 0 and "all of it" in outcome.stdout, outcome.stdout + outcome.stderr


def docker(stack):
    """An engine of its own, so that nothing of this machine's network or trust helps it."""
    script = TRUST + REFUSING + f"""set -e
dockerd --storage-driver vfs --iptables=false --bridge=none >/tmp/dockerd.log 2>&1 &
for attempt in $(seq 120); do if docker info >/dev/null 2>&1; then break; fi; sleep 1; done
docker info >/dev/null 2>&1 || {{ tail -n 20 /tmp/dockerd.log; exit 1; }}
refused docker pull {REFERENCE}
grep -i -E 'unauthorized|authentication required|no basic auth' /tmp/refused
docker login --username subscriber --password-stdin {DOMAIN} </case/good.key
docker pull {REFERENCE}
refused docker pull {REFERENCE.replace("core", "plus")}
echo all of it"""
    outcome = stack.outside(["bash", "-c", script], *RIGHTS, "--tmpfs", "/var/lib/docker:exec", *case_folder(stack),
                            image=image("bookworm", "docker.io iptables ca-certificates", "packyard-docker-client"), check=False)
    assert outcome.returncode == 0 and "all of it" in outcome.stdout, outcome.stdout + outcome.stderr


CLIENTS = [
    ("outside: apt installs with a key, not without, not with another component's", installing("apt", "acme-apt", "acme-apt installed 1.1-1")),
    ("outside: dnf installs with a key, not without, not with another component's", installing("dnf", "acme-server", "acme-server installed")),
    ("outside: zypper installs with a key, not without, not with another component's", installing("zypper", "acme-server", "acme-server installed")),
    ("outside: skopeo pulls and cosign verifies", images),
    ("outside: docker pulls", docker),
]
