"""The stack of compose/ on this machine, from nothing: a copy of the checkout prepared by compose/init, images built here, its data on a disk of
its own, a local Pebble as certificate authority, and a network of its own for those who come from outside: from there only port 443 leads in.
   with Stack() as stack: stack.up(); key = stack.create_key("core"); stack.ask("/v2/", key)
One that was left running (close(keep=True)) is taken up again by the next Stack()."""
import base64
import contextlib
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

from image_site import cosign_key
from packyard_site import ROOT, SHARED, clean_environment, run, signing_key

sys.path.insert(0, f"{ROOT}/tests/support")
from s3_client import Bucket  # noqa: E402

DOMAIN = "pkg.example.test"
PROJECT = "packyard-e2e"
OUTSIDE = "packyard-e2e-outside"
PEBBLE = "packyard-e2e-pebble"
BASE = os.environ.get("PACKYARD_BASE", "packyard-fresh:bookworm")
COMPOSE = os.environ.get("E2E_COMPOSE", "docker compose").split()
IMAGES = f"{ROOT}/build/images"
# The folder and the keys of a stack that was left running.
LEFT = f"{SHARED}/stack.json"
DISK_BYTES = 14 << 30
SERVICES = ["traefik", "auth", "auth2", "admin", "content", "staging"]
SETTINGS = """site: pkg.example.test
components:
  - {name: core, years: [2025]}
  - {name: plus, years: [2025]}
targets:
  rpm: [{name: el9-x86_64}]
  deb: [{suite: bookworm, architectures: [amd64], origin: E2E, label: E2E LTS, valid_until_days: 14}]
  oci: [{image: server}]
worker: {resident: true}
storage: {staging: ../var/staging, state: ../var/state, published: ../var/public, public_keys: ../static/content/gpg}
"""


def local_images():
    """What an operator without a registry writes into .env: the images that compose.build.yml made, as its first lines say."""
    with open(f"{ROOT}/compose/compose.build.yml", encoding="utf-8") as file:
        return "".join(line.removeprefix("#   ") for line in file if line.startswith("#   ") and "_IMAGE=" in line)


def bridge_gateway():
    """Where containers of any network reach this machine, as one of them sees it: not every Docker tells the gateway of its own bridge."""
    for line in run(["docker", "run", "--rm", "--network", "bridge", "--entrypoint", "cat", BASE, "/proc/net/route"]).stdout.splitlines():
        _, destination, gateway, *_ = line.split()
        if destination == "00000000":
            return ".".join(str(byte) for byte in reversed(bytes.fromhex(gateway)))
    raise AssertionError("a container of the network bridge has no way out")


def write_private(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


class Stack:
    def __init__(self):
        left = self.left()
        self.is_new = not left
        self.folder = left.get("folder") or tempfile.mkdtemp(prefix="packyard-stack-")
        self.key, self.plus_key = left.get("key"), left.get("plus_key")
        self.made = left.get("made", 0)  # how many of the cases that make the site have passed
        # In names of what a case publishes: a name that is published never changes its bytes, and a stack may see many runs.
        self.mark = str(int(time.time()))
        os.chmod(self.folder, 0o755)
        self.root, self.authority = f"{self.folder}/packyard", f"{self.folder}/authority"
        self.data, self.secrets = f"{self.folder}/data", f"{self.folder}/secrets"
        self.ca = f"{self.folder}/ca.pem"
        self.gateway = bridge_gateway()
        self.copy_checkout()
        if self.is_new:
            self.make_disk()
            self.prepare()

    @staticmethod
    def left():
        if not os.path.exists(LEFT):
            return {}
        with open(LEFT, encoding="utf-8") as file:
            return json.load(file)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self, keep=False):
        if keep:
            write_private(LEFT, json.dumps({"folder": self.folder, "key": self.key, "plus_key": self.plus_key, "made": self.made}))
            print(f"left running: {self.folder}, compose project {PROJECT}; tests/e2e/run_stack goes on with it, --down ends it")
            return
        self.compose("--profile", "*", "down", "--volumes", "--timeout", "5", check=False)
        run(["docker", "rm", "--force", PEBBLE], check=False)
        run(["docker", "network", "rm", OUTSIDE], check=False)
        run(["umount", self.data], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
        if os.path.exists(LEFT):
            os.remove(LEFT)

    # ---- before the first start -----------------------------------------------------------------------------------------
    def copy_checkout(self):
        names = run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]).stdout.split("\0")
        for name in names:
            if name and os.path.lexists(f"{ROOT}/{name}") and not name.startswith(("tests/", "results/")):
                os.makedirs(os.path.dirname(f"{self.root}/{name}"), exist_ok=True)
                shutil.copy2(f"{ROOT}/{name}", f"{self.root}/{name}", follow_symlinks=False)
        shutil.copytree(IMAGES, f"{self.root}/build/images", dirs_exist_ok=True)
        with open(f"{self.root}/config/packyard.yml", "w", encoding="utf-8") as file:
            file.write(SETTINGS)
        with open(f"{ROOT}/tests/e2e/stack.compose.yml", encoding="utf-8") as file:
            text = file.read().replace("@AUTHORITY@", self.authority).replace("@CA@", self.ca)
        with open(f"{self.root}/compose.override.yaml", "w", encoding="utf-8") as file:
            file.write(text)

    def make_disk(self):
        """So that the stack's disk may be full without this machine's being so; it takes what is written, not its whole size."""
        os.mkdir(self.data)
        with open(f"{self.folder}/disk", "wb") as file:
            file.truncate(DISK_BYTES)
        run(["mkfs.ext4", "-q", "-m", "0", f"{self.folder}/disk"])
        run(["mount", "-o", "loop", f"{self.folder}/disk", self.data])
        os.rmdir(f"{self.data}/lost+found")
        run(["chown", "10001:10001", self.data])

    def prepare(self):
        """As docs say: compose/init, the vendor's keys."""
        run([f"{self.root}/compose/init", "--domain", DOMAIN, "--email", "ops@example.test", "--data", self.data, "--secrets", self.secrets])
        signing, cosign = signing_key(), cosign_key()
        for name, path in {"GPG_PRIVATE_KEY": f"{signing}/private.asc", "GPG_PASSPHRASE": f"{signing}/passphrase", "GPG_KEY_ID": f"{signing}/key-id",
                           "COSIGN_PRIVATE_KEY": f"{cosign}/cosign.key", "COSIGN_PASSWORD": f"{cosign}/password"}.items():
            with open(path, encoding="utf-8") as file:
                write_private(f"{self.secrets}/signing/{name}", file.read())
            self.give_away(f"{self.secrets}/signing/{name}")
        shutil.copy(f"{signing}/lts.asc", f"{self.root}/static/content/gpg/lts.asc")
        shutil.copy(f"{cosign}/cosign.pub", f"{self.root}/static/content/gpg/cosign.pub")
        with open(f"{self.root}/.env", "a", encoding="utf-8") as file:
            file.write(f"ACME_SERVER=https://acme.example.test:14000/dir\nACME_CA=/etc/acme.pem\nCOMPOSE_PROJECT_NAME={PROJECT}\n{local_images()}")

    def setting(self, name):
        with open(f"{self.root}/.env", encoding="utf-8") as file:
            return next(line.partition("=")[2].strip() for line in file if line.startswith(f"{name}="))

    def give_away(self, path):
        """To the account of the containers, as a deploy user's own files would be."""
        owner = int(self.setting("PACKYARD_UID")), int(self.setting("PACKYARD_GID"))
        for folder, _, names in os.walk(path):
            for name in [folder, *(f"{folder}/{name}" for name in names)]:
                os.chown(name, *owner)
        os.chown(path, *owner)

    def take_signing_keys_away(self):
        """The folder of the signing keys stays, empty."""
        os.rename(f"{self.secrets}/signing", f"{self.folder}/signing-away")
        os.mkdir(f"{self.secrets}/signing", 0o700)
        self.give_away(f"{self.secrets}/signing")

    @contextlib.contextmanager
    def signing_keys_on_the_disk(self):
        os.rmdir(f"{self.secrets}/signing")
        os.rename(f"{self.folder}/signing-away", f"{self.secrets}/signing")
        try:
            yield
        finally:
            self.take_signing_keys_away()

    # ---- the certificate authority, outside -----------------------------------------------------------------------------
    def start_authority(self):
        os.mkdir(self.authority)
        run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{self.authority}/key.pem", "-out", f"{self.authority}/acme.pem",
             "-days", "30", "-subj", "/CN=acme.example.test", "-addext", "subjectAltName=DNS:acme.example.test,DNS:localhost"])
        with open(f"{self.authority}/pebble.json", "w", encoding="utf-8") as file:
            json.dump({"pebble": {"listenAddress": "0.0.0.0:14000", "managementListenAddress": "0.0.0.0:15000", "certificate": "/authority/acme.pem",
                                  "privateKey": "/authority/key.pem", "httpPort": 80, "tlsPort": 443}}, file)
        run(["docker", "network", "create", OUTSIDE])
        run(["docker", "run", "--detach", "--name", PEBBLE, "--network", OUTSIDE, "--add-host", f"{DOMAIN}:host-gateway",
             "--publish", f"{self.gateway}:14000:14000", "--publish", "127.0.0.1:15000:15000", "--env", "PEBBLE_VA_NOSLEEP=1",
             "--volume", f"{self.authority}:/authority:ro", "--volume", f"{IMAGES}/pebble:/pebble:ro", BASE, "/pebble", "-config", "/authority/pebble.json"])
        context = ssl.create_default_context(cafile=f"{self.authority}/acme.pem")

        def fetch_root():
            with urllib.request.urlopen("https://localhost:15000/roots/0", context=context, timeout=10) as answer:
                with open(self.ca, "wb") as file:
                    file.write(answer.read())
            return True
        self.wait_for(fetch_root, "the certificate authority")

    # ---- compose --------------------------------------------------------------------------------------------------------
    def compose(self, *arguments, check=True, more=(), text=None, timeout=1800, **environment):
        """docker compose in the checkout's root, as docs say."""
        files = [word for name in ("compose.yaml", "compose.override.yaml", *more) for word in ("--file", name)] if more else []
        return run([*COMPOSE, *files, *arguments], check=check, cwd=self.root, timeout=timeout, input=text or "", env=clean_environment(**environment))

    def build(self):
        files = [word for name in ("docker-compose.yml", "compose.build.yml") for word in ("--file", f"compose/{name}")]
        self.compose(*files, "--env-file", ".env", "--profile", "*", "build", DOCKER_BUILDKIT=os.environ.get("DOCKER_BUILDKIT", "0"), PACKYARD_BASE=BASE,
                     PACKYARD_PROGRAMS="prebuilt")

    def up(self, *services, more=()):
        self.compose("up", "--detach", "--no-build", "--wait", "--wait-timeout", "240", *services, more=more)

    def container(self, service):
        return f"{PROJECT}-{service}-1"

    def docker(self, *arguments, check=True):
        return run(["docker", *arguments], check=check).stdout

    def promote(self, *arguments, check=True, text=None, **environment):
        return self.compose("run", "--rm", "-T", "promote", *arguments, check=check, text=text, **environment)

    def bucket(self):
        """Staging as CI reaches it: through the host, with the two keys."""
        keys = []
        for name in ("access", "secret"):
            with open(f"{self.secrets}/rustfs_{name}_key", encoding="ascii") as file:
                keys.append(file.read())
        return Bucket(f"http://{self.addresses('staging')[0]}:9000", *keys, "staging")

    def empty_staging(self):
        """What a case that failed has left there would fail the next promotion, too."""
        bucket = self.bucket()
        for key in bucket.keys():
            if not key.startswith(".archive/"):
                bucket.delete(key)

    def stage(self, component, kind, target, files):
        for path in files:
            self.bucket().put_file(f"{component}/2025/{kind}/{target}/{os.path.basename(path)}", path)

    def wait_for(self, condition, what, deadline_s=90):
        end, last = time.monotonic() + deadline_s, None
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except (OSError, AssertionError, http.client.HTTPException) as error:
                last = error
            time.sleep(0.2)
        raise AssertionError(f"waited {deadline_s} s for {what}: {last}")

    # ---- as the operator and as a customer ------------------------------------------------------------------------------
    def admin(self, method, path, body=None):
        with open(f"{self.secrets}/admin_token", encoding="ascii") as file:
            headers = {"Authorization": f"Bearer {file.read()}"}
        connection = http.client.HTTPConnection("127.0.0.1", 8088, timeout=30)
        try:
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def create_key(self, component):
        status, row = self.admin("POST", "/api/v1/keys", {"component": component, "label": "end to end"})
        assert status == 201, (status, row)
        return row["key"]

    def key_file(self, key=None):
        """The subscriber's key (core's, when none is given) in a file."""
        path = f"{self.folder}/key"
        write_private(path, (key or self.key) + "\n")
        return path

    def ask(self, path, key=None, method="GET", timeout=30):
        """One request through port 443, the certificate checked; the answer with .status, .headers, .body."""
        context = ssl.create_default_context(cafile=self.ca)
        connection = http.client.HTTPSConnection(DOMAIN, 443, timeout=timeout, context=context)
        # As the customer's resolver would: the name leads to this machine.
        connection.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", 443), timeout), server_hostname=DOMAIN)
        try:
            headers = {"Authorization": "Basic " + base64.b64encode(f"subscriber:{key}".encode()).decode()} if key else {}
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            answer.body = answer.read()
            return answer
        finally:
            connection.close()

    def outside(self, command, *options, image="packyard-nginx:local", text=None, check=True, timeout=540):
        """A command on a machine of the outside network, which has this checkout, the authority's root and the name of the site."""
        return run(["docker", "run", "--rm", "--interactive", "--user", "0:0", "--network", OUTSIDE, "--add-host", f"{DOMAIN}:host-gateway",
                    "--volume", f"{self.root}:/packyard:ro", "--volume", f"{self.ca}:/ca.pem:ro", *options, "--entrypoint", command[0], image, *command[1:]],
                   check=check, input=text or "", timeout=timeout)

    def health_check(self, *options):
        return run([f"{self.root}/verify/health-check.sh", "--project", PROJECT, "--cacert", self.ca, *options], check=False)

    def addresses(self, service):
        return self.docker("inspect", self.container(service), "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}").split()


def port_is_free(host, port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def built_programs(names):
    """Those of build/images that are missing, made; packyard's own are copied from PACKYARD_BUILD."""
    from packyard_site import BUILD
    os.makedirs(IMAGES, exist_ok=True)
    for name in ("packyard", "packyard-press"):
        subprocess.run(["cp", "--update", f"{BUILD}/{name}", f"{IMAGES}/{name}"], check=True)
    subprocess.run([f"{ROOT}/compose/images/programs", *names], check=True)
