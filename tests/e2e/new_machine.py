"""What a new user has, as containers: a bare Debian with Docker of its own, a machine of his own, one without any network, and a certificate authority.
Each has a shell that stays, so that a document's commands run one after the other as they stand.
   with Machines() as machines: machines.shell("root").run("id")"""
import json
import os
import re
import shutil
import subprocess
import tempfile
import uuid

from client_machine import image
from packyard_site import ROOT, run

NAME = "packyard-e2e-docs"
DOMAIN = "pkg.example.org"
AUTHORITY = "acme.example.test"
IMAGES = f"{ROOT}/build/images"
# What an engine in a container needs: more than it should have outside of a test, and less than "privileged", which not every machine can give.
RIGHTS = ("--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE", "--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined",
          "--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw")
# What stands on a real Debian that somebody hands over, and on the desk of who follows the document.
SITE_PACKAGES = "openssh-server adduser procps iproute2 iptables ca-certificates"
DESK_PACKAGES = "openssh-client python3 curl git gnupg gpgv bind9-dnsutils nmap dpkg-dev"


def program_packages():
    """What packyard's programs link, on Debian 12."""
    with open(f"{ROOT}/dependencies/image.txt", encoding="ascii") as file:
        return " ".join(line.strip().rpartition("|")[2] for line in file if not line.startswith("#"))


class Shell:
    """bash in a container, line by line; what a line printed, and its status."""

    def __init__(self, container, user):
        self.process = subprocess.Popen(["docker", "exec", "--interactive", "--user", user, container, "bash", "--login"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")

    def run(self, line, check=True):
        mark = uuid.uuid4().hex
        self.process.stdin.write(f"{{\n{line}\n}} </dev/null 2>&1\necho \"{mark} $?\"\n")
        self.process.stdin.flush()
        printed = []
        for text in self.process.stdout:
            ended = re.match(rf"(.*){mark} (\d+)$", text)
            if ended:
                printed.append(ended[1])
                outcome = "".join(printed)
                assert not check or ended[2] == "0", f"{line}\nstatus {ended[2]}\n{outcome[-3000:]}"
                return int(ended[2]), outcome
            printed.append(text)
        raise AssertionError(f"the shell ended with: {line}\n{''.join(printed)[-3000:]}")

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)


class Machines:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="packyard-docs-")
        os.chmod(self.folder, 0o755)
        self.shells = {}

    def __enter__(self):
        try:
            self.make()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if os.environ.get("E2E_KEEP"):
            print(f"left running: {NAME}-site, {NAME}-desk, {NAME}-offline, {NAME}-authority")
            return
        for name in ("site", "desk", "offline", "authority"):
            run(["docker", "rm", "--force", "--volumes", f"{NAME}-{name}"], check=False)
        run(["docker", "network", "rm", NAME], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def make(self):
        site = image("trixie", SITE_PACKAGES, "packyard-new-machine")
        desk = image("bookworm", f"{DESK_PACKAGES} {program_packages()}", "packyard-desk")
        run(["git", "clone", "--quiet", "--bare", ROOT, f"{self.folder}/packyard.git"])
        run(["docker", "network", "create", NAME])
        shared = ["--volume", f"{self.folder}:/mirror:ro"]
        self.start("site", site, "--network", NAME, "--network-alias", DOMAIN, *RIGHTS, "--volume", "/var/lib/docker", *shared)
        # packyard's programs, which a build leaves, and their libraries.
        programs = ["--volume", f"{IMAGES}/packyard:/usr/local/bin/packyard:ro", "--volume", f"{IMAGES}/packyard-press:/usr/local/bin/packyard-press:ro"]
        self.start("desk", desk, "--network", NAME, *shared, *programs)
        self.start("offline", desk, "--network", "none", *programs)
        self.start_authority()

    def start(self, name, image_name, *options):
        run(["docker", "run", "--detach", "--init", "--name", f"{NAME}-{name}", "--hostname", name, *options, image_name, "sleep", "infinity"])

    def start_authority(self):
        folder = f"{self.folder}/authority"
        os.mkdir(folder)
        run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/acme.pem", "-days", "30", "-subj",
             f"/CN={AUTHORITY}", "-addext", f"subjectAltName=DNS:{AUTHORITY},DNS:localhost"])
        with open(f"{folder}/pebble.json", "w", encoding="utf-8") as file:
            json.dump({"pebble": {"listenAddress": "0.0.0.0:14000", "managementListenAddress": "0.0.0.0:15000", "certificate": "/authority/acme.pem",
                                  "privateKey": "/authority/key.pem", "httpPort": 80, "tlsPort": 443}}, file)
        run(["docker", "run", "--detach", "--name", f"{NAME}-authority", "--network", NAME, "--network-alias", AUTHORITY, "--env", "PEBBLE_VA_NOSLEEP=1",
             "--volume", f"{folder}:/authority:ro", "--volume", f"{IMAGES}/pebble:/pebble:ro", "packyard-fresh:bookworm", "/pebble", "-config",
             "/authority/pebble.json"])

    def address(self, name):
        return run(["docker", "inspect", f"{NAME}-{name}", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"]).stdout.strip()

    def copy(self, from_name, path, to_name, to_path):
        """As a carrier from hand to hand."""
        carried = f"{self.folder}/carried"
        run(["docker", "cp", f"{NAME}-{from_name}:{path}", carried])
        run(["docker", "cp", carried, f"{NAME}-{to_name}:{to_path}"])
        run(["rm", "-rf", carried])

    def shell(self, who):
        """root and deploy on the site; `you` at the desk; `offline` where the signing keys live."""
        container, user = {"root": ("site", "root"), "deploy": ("site", "deploy"), "you": ("desk", "root"), "offline": ("offline", "root")}[who]
        if who not in self.shells:
            self.shells[who] = Shell(f"{NAME}-{container}", user)
        return self.shells[who]
