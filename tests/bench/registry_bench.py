#!/usr/bin/env python3
"""The image registry behind its bounds, each against a reference measured in the same run, servers on one core and wrk on the other:
  manifests   GET on the registry API against CNCF distribution on a folder (PACKYARD_REGISTRY_BINARY, its `registry` program), by
              tag and by digest: at least 5 times as many
  blobs       download through the shipped nginx configuration with auth_request to the gate against a plain nginx whose auth_request
              is answered by `return 200`: at least 0.95 for a layer of 4 MiB; a blob of 64 KiB shows what the log and the maps of
              the front cost, and has no bound
Rounds are interleaved, ratios are of medians. Beside the rates stands the processor time that the servers took for a request: it
says the same on a busy machine, where rates are those of the scheduler. REGISTRY_BENCH_ROUNDS (5), REGISTRY_BENCH_SECONDS (3).

The reference:  GOBIN=/tmp/tools go install github.com/distribution/distribution/v3/cmd/registry@v3.1.2"""
import base64
import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/e2e"))
from published_images import PublishedImages, digest_of  # noqa: E402

PACKYARD = os.environ.get("PACKYARD_PROGRAM", os.path.join(ROOT, "build/release/packyard"))
REFERENCE = os.environ.get("PACKYARD_REGISTRY_BINARY", "")
ROUNDS = int(os.environ.get("REGISTRY_BENCH_ROUNDS", "5"))
SECONDS = int(os.environ.get("REGISTRY_BENCH_SECONDS", "3"))
SERVER_CORE, CLIENT_CORE = "0", "1"
IMAGE, TAG = "core/2025/server", "1.4.2"
BLOB_BYTES = {"64 KiB": 64 << 10, "4 MiB": 4 << 20}
MANIFESTS_WANTED, BLOBS_WANTED = 5.0, {"64 KiB": 0.0, "4 MiB": 0.95}
INDEX = "application/vnd.oci.image.index.v1+json"
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call(port, method, path, body=None, headers=None, wanted=(200,)):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        data = answer.read()
        if answer.status not in wanted:
            raise SystemExit(f"registry_bench: {method} {path}: {answer.status} {data[:300]!r}")
        return answer, data
    finally:
        connection.close()


class Bench:
    def __init__(self, folder):
        self.folder, self.processes = folder, {}
        self.images = PublishedImages(f"{folder}/public")
        self.index, _ = self.images.add_multi_arch(IMAGE, TAG)
        self.blobs = {name: digest_of(self.images.add_blob(IMAGE, os.urandom(size))) for name, size in BLOB_BYTES.items()}
        self.images.publish()

    def start(self, name, arguments, **environment):
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PACKYARD_")}
        with open(f"{self.folder}/{name}.log", "wb") as log:
            self.processes[name] = subprocess.Popen(["taskset", "-c", SERVER_CORE, *arguments], stdout=log, stderr=log, cwd=self.folder,
                                                    env={**kept, **environment})

    def wait_for(self, port, path, wanted):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                return call(port, "GET", path, wanted=wanted)
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"registry_bench: nothing answered {path} on port {port} within 30 s")

    def start_packyard(self):
        self.gate, self.registry, metrics, admin = (free_port() for _ in range(4))
        for name in ("staging", "state", "keys"):
            os.mkdir(f"{self.folder}/{name}")
        with open(f"{self.folder}/packyard.yml", "w", encoding="utf-8") as file:
            file.write("components: [{name: core, years: [2025]}]\n"
                       "storage: {staging: staging, state: state, published: public, public_keys: keys}\n"
                       f"gate: {{listen: '127.0.0.1:{self.gate}', registry_listen: '127.0.0.1:{self.registry}', "
                       f"metrics_listen: '127.0.0.1:{metrics}', proxies: [nginx]}}\nadmin: {{listen: '127.0.0.1:{admin}'}}\n")
        self.start("packyard", [PACKYARD, "serve", "--config", f"{self.folder}/packyard.yml"])
        self.wait_for(self.gate, "/readyz", (200,))
        _, row = call(admin, "POST", "/api/v1/keys", '{"component":"core","label":"bench"}', {"Content-Type": "application/json"}, (201,))
        self.authorization = "Basic " + base64.b64encode(f"bench:{json.loads(row)['key']}".encode()).decode()

    def start_front(self):
        self.front = free_port()
        os.mkdir(f"{self.folder}/front")
        user = ["--user", "root"] if os.getuid() == 0 else []
        text = subprocess.run([f"{ROOT}/compose/nginx/render", "--listen", f"127.0.0.1:{self.front}", "--gate", f"127.0.0.1:{self.gate}", "--registry",
                               f"127.0.0.1:{self.registry}", "--published", f"{self.folder}/public", "--public-keys", f"{self.folder}/keys",
                               "--state", f"{self.folder}/front", *user], capture_output=True, text=True, check=True).stdout
        self.start_nginx("front", text)
        self.wait_for(self.front, "/healthz", (200,))

    def start_plain(self):
        """The same file behind the same question, answered by nginx itself, in another process as the gate is."""
        self.plain, oracle = free_port(), free_port()
        for name in ("plain", "oracle"):
            os.mkdir(f"{self.folder}/{name}")
        user = "user root;" if os.getuid() == 0 else ""
        head = user + """ worker_processes 1; daemon off; pid {0}/nginx.pid; error_log {0}/error.log error;
events {{ worker_connections 4096; }}
http {{ client_body_temp_path {0}/b; proxy_temp_path {0}/p; fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;
  sendfile on; tcp_nopush on; keepalive_timeout 75s; """
        self.start_nginx("oracle", head.format(f"{self.folder}/oracle") + f"access_log off; keepalive_requests 1000000000; server {{ "
                         f"listen 127.0.0.1:{oracle}; location / {{ return 200; }} }} }}")
        self.start_nginx("plain", head.format(f"{self.folder}/plain") + f"""access_log {self.folder}/plain/access.log;
  upstream oracle {{ server 127.0.0.1:{oracle}; keepalive 32; }}
  server {{ listen 127.0.0.1:{self.plain};
    location = /auth {{ internal; proxy_pass http://oracle; proxy_http_version 1.1; proxy_pass_request_body off; proxy_set_header Connection "";
      proxy_set_header Content-Length ""; proxy_set_header X-Original-URI $request_uri; }}
    location /v2/{IMAGE}/blobs/sha256: {{ auth_request /auth; alias {self.folder}/public/pool/oci/{IMAGE}/blobs/sha256/; }} }} }}""")
        self.wait_for(self.plain, f"/v2/{IMAGE}/blobs/{self.blobs['64 KiB']}", (200,))

    def start_nginx(self, name, text):
        with open(f"{self.folder}/{name}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(text)
        self.start(name, [NGINX, "-e", f"{self.folder}/{name}/error.log", "-c", f"{self.folder}/{name}/nginx.conf"])

    def start_reference(self):
        """CNCF distribution at its best: descriptors cached in memory, no access log, no tracing; the same image pushed to it."""
        self.reference = free_port()
        with open(f"{self.folder}/reference.yml", "w", encoding="utf-8") as file:
            file.write(f"version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n"
                       f"storage: {{filesystem: {{rootdirectory: {self.folder}/reference}}, cache: {{blobdescriptor: inmemory}}}}\n"
                       f"http: {{addr: '127.0.0.1:{self.reference}'}}\n")
        self.start("reference", [REFERENCE, "serve", f"{self.folder}/reference.yml"], GOMAXPROCS="1", OTEL_TRACES_EXPORTER="none")
        self.wait_for(self.reference, "/v2/", (200,))
        repository = self.images.repository(IMAGE)
        for digest in [blob for blob in repository["blobs"] if blob not in self.blobs.values()]:
            answer, _ = call(self.reference, "POST", f"/v2/{IMAGE}/blobs/uploads/", wanted=(202,))
            location = re.sub(r"^http://[^/]+", "", answer.headers["Location"])
            with open(f"{self.folder}/public/pool/oci/{IMAGE}/blobs/sha256/{digest[7:]}", "rb") as file:
                call(self.reference, "PUT", f"{location}&digest={digest}", file.read(), {"Content-Type": "application/octet-stream"}, (201,))
        for digest, entry in sorted(repository["manifests"].items(), key=lambda item: item[1]["media_type"] == INDEX):
            with open(f"{self.folder}/public/pool/oci/{IMAGE}/manifests/sha256/{digest[7:]}", "rb") as file:
                call(self.reference, "PUT", f"/v2/{IMAGE}/manifests/{TAG if entry['media_type'] == INDEX else digest}", file.read(),
                     {"Content-Type": entry["media_type"]}, (201,))

    def stop(self):
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            process.wait(timeout=30)

    def processor_seconds(self, names):
        """Of these servers and their workers."""
        seconds, waiting = 0.0, [self.processes[name].pid for name in names]
        while waiting:
            pid = waiting.pop()
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                waiting += map(int, file.read().split())
        return seconds


def measure(url, connections, headers):
    arguments = ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s"]
    for name, value in headers.items():
        arguments += ["-H", f"{name}: {value}"]
    output = subprocess.run([*arguments, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"registry_bench: not every request was answered with 200:\n{output}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))


def compare(bench, what, sides, connections, headers, wanted):
    """sides: name, then address and servers; ours, then the reference. True when the ratio is as wanted."""
    rates, costs = {name: [] for name in sides}, {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, (url, servers) in sides.items():
            before = bench.processor_seconds(servers)
            rates[name].append(measure(url, connections, headers))
            costs[name].append((bench.processor_seconds(servers) - before) / rates[name][-1] / SECONDS * 1e6)
    for name, values in rates.items():
        print(f"  {name}: {' '.join(f'{value:,.0f}' for value in values)} requests/s, median {statistics.median(values):,.0f}, "
              f"{statistics.median(costs[name]):,.1f} us of processor time each")
    ours, reference = (statistics.median(values) for values in rates.values())
    cost, reference_cost = (statistics.median(values) for values in costs.values())
    print(f"{what}: ratio {ours / reference:.2f}" + (f" (want >= {wanted})" if wanted else "") +
          f", of processor time {reference_cost / cost:.2f}")
    return ours / reference >= wanted


def run(folder):
    bench = Bench(folder)
    try:
        bench.start_packyard()
        bench.start_front()
        bench.start_plain()
        bench.start_reference()
        good = True
        for reference in (TAG, digest_of(bench.index)):
            path = f"/v2/{IMAGE}/manifests/{reference}"
            ports = {"packyard": bench.registry, "CNCF distribution": bench.reference}
            for port in ports.values():
                answer, data = call(port, "GET", path, headers={"Accept": INDEX})
                assert data == bench.index and answer.headers["Docker-Content-Digest"] == digest_of(data), "both must send the same manifest"
            sides = {name: (f"http://127.0.0.1:{port}{path}", [server])
                     for (name, port), server in zip(ports.items(), ("packyard", "reference"))}
            good &= compare(bench, f"manifest GET by {'tag' if reference == TAG else 'digest'}", sides, 64, {"Accept": INDEX}, MANIFESTS_WANTED)
        for name, digest in bench.blobs.items():
            sides = {"packyard's gate": (f"http://127.0.0.1:{bench.front}/v2/{IMAGE}/blobs/{digest}", ["front", "packyard"]),
                     "return 200": (f"http://127.0.0.1:{bench.plain}/v2/{IMAGE}/blobs/{digest}", ["plain", "oracle"])}
            good &= compare(bench, f"blob of {name} through nginx", sides, 8, {"Authorization": bench.authorization}, BLOBS_WANTED[name])
        return good
    finally:
        bench.stop()


def main():
    for program, package in (("wrk", "wrk"), ("taskset", "util-linux")):
        if not shutil.which(program):
            sys.exit(f"registry_bench: {program} is missing (package {package})")
    if not NGINX or not os.access(REFERENCE, os.X_OK):
        sys.exit("registry_bench: needs nginx, and the reference in PACKYARD_REGISTRY_BINARY:\n" + __doc__.rsplit("\n\n", 1)[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        return 0 if run(folder) else 1


if __name__ == "__main__":
    sys.exit(main())
