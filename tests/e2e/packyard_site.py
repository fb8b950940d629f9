"""A packyard site of its own in a temporary folder: settings, signing key, staging, the real programs, a real nginx. Shared by all
end-to-end cases.   with Site() as site: site.stage(…); site.promote(); site.start(); site.create_key("core")

PACKYARD_BUILD names the folder with the two programs (default build/release). Programs run with a clean environment: packyard
refuses variables it does not know."""
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PARTS = f"{ROOT}/quickstart.d"
BUILD = os.environ.get("PACKYARD_BUILD", f"{ROOT}/build/release")
SHARED = os.environ.get("E2E_SHARED", f"{ROOT}/build/e2e")
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
START_DEADLINE_S = 180  # a machine that builds at the same time is slow


def clean_environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PACKYARD_", "GPG_", "COSIGN_"))}
    return {**kept, **more}


def run(command, check=True, timeout=540, **options):
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=timeout, errors="replace", **options)
    if check and outcome.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: status {outcome.returncode}\n{outcome.stdout[-4000:]}{outcome.stderr[-4000:]}")
    return outcome


def free_port(largest=65535):
    """A port that nobody listens on; `largest` for programs that cannot have any."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    while port > largest:
        with socket.socket() as probe:
            try:
                candidate = random.randrange(largest // 2, largest)
                probe.bind(("127.0.0.1", candidate))
                port = candidate
            except OSError:
                pass
    return port


def signing_key(name="main", expires="2y"):
    """A key made once and shared by all cases: making one takes seconds."""
    folder = f"{SHARED}/signing-{name}"
    if not os.path.exists(f"{folder}/lts.asc"):
        part = tempfile.mkdtemp(dir=os.path.dirname(folder) if os.path.isdir(SHARED) else (os.makedirs(SHARED) or SHARED))
        run([f"{PARTS}/signing-key", part, "End To End <lts@e2e.example>", expires])
        os.replace(part, folder)
    return folder


class Site:
    def __init__(self, suite="bookworm", architectures="amd64", rpm_target="el9-x86_64", proxies="nginx", listen_host="127.0.0.1"):
        self.folder = tempfile.mkdtemp(prefix="packyard-e2e-")
        # nginx's workers are another user when the tests run as root: what is private has its own mode.
        os.chmod(self.folder, 0o755)
        self.suite, self.architectures, self.rpm_target, self.proxies = suite, architectures, rpm_target, proxies
        self.published, self.staging = f"{self.folder}/public", f"{self.folder}/staging"
        self.public_keys, self.front = f"{self.folder}/public_keys", f"{self.folder}/front"
        for folder in (self.published, self.staging, self.public_keys, self.front):
            os.mkdir(folder)
        self.listen_host = listen_host
        self.front_port = free_port(largest=32767)  # apt-cacher-ng asks no larger ones
        self.gate_port, self.registry_port, self.admin_port, self.metrics_port = (free_port() for _ in range(4))
        self.url = f"http://{listen_host}:{self.front_port}"
        self.processes = {}
        self.signing = signing_key()
        shutil.copy(f"{self.signing}/lts.asc", f"{self.public_keys}/lts.asc")
        self.config = f"{self.folder}/packyard.yml"
        self.write_settings()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def write_settings(self, more=""):
        with open(f"{self.signing}/key-id", encoding="ascii") as file:
            key_id = file.read().strip()
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"""site: pkg.e2e.example
components:
  - {{name: core, years: [2025]}}
  - {{name: plus, years: [2025]}}
targets:
  rpm: [{{name: {self.rpm_target}}}]
  deb: [{{suite: {self.suite}, architectures: [{self.architectures}], origin: E2E, label: E2E LTS}}]
storage: {{staging: staging, state: state, published: public, public_keys: public_keys}}
gate:
  listen: 127.0.0.1:{self.gate_port}
  registry_listen: 127.0.0.1:{self.registry_port}
  metrics_listen: 127.0.0.1:{self.metrics_port}
  proxies: [{self.proxies}]
admin: {{listen: "127.0.0.1:{self.admin_port}"}}
signing: {{key_id: {key_id}}}
{more}""")

    # ---- the press ------------------------------------------------------------------------------------------------------
    def stage(self, component, kind, files, target=None):
        target = target or (self.suite if kind == "deb" else self.rpm_target)
        run([f"{PARTS}/stage", f"{self.staging}/{component}/2025/{kind}/{target}", *files])

    def secrets(self):
        return {"GPG_PRIVATE_KEY_FILE": f"{self.signing}/private.asc", "GPG_PASSPHRASE_FILE": f"{self.signing}/passphrase"}

    def packyard(self, *arguments, check=True, timeout=540, passphrase_file=None):
        replaced = {"GPG_PASSPHRASE_FILE": passphrase_file} if passphrase_file else {}
        return run([f"{BUILD}/packyard", *arguments], check=check, timeout=timeout,
                   env=clean_environment(PACKYARD_CONFIG=self.config, **self.secrets() | replaced))

    def promote(self, *arguments, check=True):
        return self.packyard("promote", *arguments, check=check)

    # ---- gate, desk and front -------------------------------------------------------------------------------------------
    def spawn(self, name, command, before=None, **environment):
        """before(): called in the new process before it becomes the program."""
        with open(f"{self.folder}/{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean_environment(**environment),
                                                    preexec_fn=before)  # pylint: disable=subprocess-popen-preexec-fn

    def start(self):
        self.start_serve()
        self.start_front()
        self.wait_for(lambda: self.request("/rpm/core/2025/none/repodata/repomd.xml").status == 401, "the front to reach the gate")

    def start_serve(self):
        self.spawn("serve", [f"{BUILD}/packyard", "serve"], PACKYARD_CONFIG=self.config)

    def start_front(self, *options):
        user = ["--user", "www-data"] if os.getuid() == 0 else []
        if user:
            shutil.chown(self.front, "www-data")
        text = run([f"{ROOT}/compose/nginx/render", "--listen", f"{self.listen_host}:{self.front_port}", "--gate", f"127.0.0.1:{self.gate_port}",
                    "--registry", f"127.0.0.1:{self.registry_port}",
                    "--published", self.published, "--public-keys", self.public_keys, "--state", self.front, *user, *options]).stdout
        with open(f"{self.front}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(text)
        self.spawn("nginx", [NGINX, "-e", f"{self.front}/error.log", "-c", f"{self.front}/nginx.conf"])

    def render_traefik(self, gates=None):
        """Configuration of a real Traefik in front of this site, plain http; the port it listens on and the command that starts it."""
        port, folder = free_port(), f"{self.folder}/traefik"
        run([f"{ROOT}/compose/traefik/render", "--output", folder, "--listen", f"127.0.0.1:{port}", "--gates-listen", f"127.0.0.1:{free_port()}",
             "--gates", ",".join(f"127.0.0.1:{gate}" for gate in gates or [self.gate_port]),
             "--registries", f"127.0.0.1:{self.registry_port}", "--files", f"127.0.0.1:{self.front_port}"])
        return port, [os.environ["PACKYARD_TRAEFIK"], f"--configfile={folder}/traefik.yml"]

    def wait_for(self, condition, what):
        deadline = time.monotonic() + START_DEADLINE_S
        while time.monotonic() < deadline:
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise AssertionError(f"{name} ended with {process.returncode} while waiting for {what}:\n{self.log(name)}")
            try:
                if condition():
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"waited {START_DEADLINE_S} s for {what}:\n" + "\n".join(self.log(name) for name in self.processes))

    def log(self, name):
        with open(f"{self.folder}/{name}.log", encoding="utf-8", errors="replace") as file:
            return file.read()[-4000:]

    def stop(self, name, how=signal.SIGTERM):
        process = self.processes.pop(name)
        process.send_signal(how)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{name} did not end within 20 s of {how!r}") from None

    def close(self):
        for name in list(self.processes):
            process = self.processes.pop(name)
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if not os.environ.get("E2E_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    # ---- the desk -------------------------------------------------------------------------------------------------------
    def admin(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=30)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()

    def create_key(self, component, label="end to end", **more):
        """The row with id and key."""
        status, row = self.admin("POST", "/api/v1/keys", {"component": component, "label": label, **more})
        assert status == 201, (status, row)
        return row

    def revoke(self, key_id):
        status, _ = self.admin("DELETE", f"/api/v1/keys/{key_id}")
        assert status in (200, 204), status

    # ---- asking as a client ---------------------------------------------------------------------------------------------
    def connect(self, host, port):
        return http.client.HTTPConnection(host, port, timeout=30)

    def request(self, path, key=None, method="GET", headers=(), body=None, host=None, port=None):
        """One request with the path as it stands; the answer with .status, .headers, .body."""
        connection = self.connect(host or self.listen_host, port or self.front_port)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            if key:
                import base64
                connection.putheader("Authorization", "Basic " + base64.b64encode(f"subscriber:{key}".encode()).decode())
            for name, value in headers:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            answer.body = answer.read()
            return answer
        finally:
            connection.close()


def mistyped(key):
    """The key with another last character."""
    return key[:-1] + ("y" if key.endswith("x") else "x")


def version_of(program, pattern=r"\d+(\.\d+)+"):
    return re.search(pattern, run([program, "--version"], check=False).stdout).group(0)
