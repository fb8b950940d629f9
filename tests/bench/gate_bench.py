#!/usr/bin/env python3
"""The shipped gate on one core against nginx `return 200` on that core: ten request headers, a full decision with a valid key,
metrics and usage on. wrk runs on the other core; rounds are interleaved and the ratio of medians is printed.

  gate_bench.py [keep_alive|new_connections|many_connections|denial]…    (default: all)
  keep_alive        50 connections: at least 0.9 of nginx
  new_connections   a connection for each request: at least 0.9 of nginx
  many_connections  500 connections: the 99th percentile at most twice nginx's
  denial            an unknown key is answered at least as fast as a good one is
GATE_BENCH_ROUNDS (5), GATE_BENCH_SECONDS (3), GATE_BENCH_KEYS (1000)."""
import base64
import hashlib
import hmac
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zlib

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PACKYARD = os.environ.get("PACKYARD_PROGRAM", os.path.join(ROOT, "build/release/packyard"))
ROUNDS = int(os.environ.get("GATE_BENCH_ROUNDS", "5"))
SECONDS = int(os.environ.get("GATE_BENCH_SECONDS", "3"))
KEYS = int(os.environ.get("GATE_BENCH_KEYS", "1000"))
SERVER_CORE, CLIENT_CORE = "0", "1"
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_key():
    text = "pky_" + "".join(secrets.choice(BASE62) for _ in range(30))
    number, checksum = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        checksum = BASE62[digit] + checksum
    return text + checksum


def insert_keys(state):
    """Rows as the key store writes them; returns one of the keys."""
    (pepper_id,) = os.listdir(f"{state}/peppers")
    with open(f"{state}/peppers/{pepper_id}", "rb") as file:
        pepper = file.read()
    keys = [make_key() for _ in range(KEYS)]
    with sqlite3.connect(f"{state}/keys.db") as database:
        (generation,) = database.execute("SELECT generation FROM store").fetchone()
        for number, key in enumerate(keys):
            digest = hmac.new(pepper, key.encode(), hashlib.sha256).digest()
            row = (f"key_{number:016}", digest, pepper_id, "core", "bench", 1, generation + 1)
            database.execute("INSERT INTO keys(id, digest, pepper_id, components, label, created_at, use_count, generation) "
                             "VALUES(?, ?, ?, ?, ?, ?, 0, ?)", row)
        database.execute("UPDATE store SET generation = ?", (generation + 1,))
    return keys[KEYS // 2]


def headers(key):
    credentials = base64.b64encode(f"subscriber:{key}".encode()).decode()
    return {
        "Host": "gate",
        "Authorization": f"Basic {credentials}",
        "User-Agent": "libdnf (Rocky Linux 9.4; generic; Linux.x86_64)",
        "Accept-Encoding": "gzip",
        "X-Forwarded-For": "198.51.100.7",
        "X-Forwarded-Host": "pkg.example.org",
        "X-Forwarded-Method": "GET",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Uri": "/rpm/core/2025/el9-x86_64/packages/a/acme-server-1.4.2-1.el9.x86_64.rpm",
    }


def start(arguments, folder, name, core=SERVER_CORE):
    with open(f"{folder}/{name}.log", "wb") as log:
        own = {name: value for name, value in os.environ.items() if not name.startswith("PACKYARD_")}  # they would be settings
        return subprocess.Popen(["taskset", "-c", core, *arguments], stdout=log, stderr=log, cwd=folder, env=own)


def find_nginx():
    return shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin") or sys.exit("gate_bench: nginx is missing (dependencies/install run)")


def start_nginx(folder, port):
    with open(f"{folder}/nginx.conf", "w", encoding="utf-8") as file:
        file.write(f"""daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log;
worker_rlimit_nofile 8192; events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 120s;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; location / {{ return 200; }} }} }}
""")
    return start([find_nginx(), "-p", folder, "-c", f"{folder}/nginx.conf"], folder, "nginx")


def start_gate(folder, port, metrics, proxies="traefik"):
    for name in ("staging", "state", "public", "keys"):
        os.mkdir(f"{folder}/{name}")
    with open(f"{folder}/packyard.yml", "w", encoding="utf-8") as file:
        file.write("components: [{name: core, years: [2025]}, {name: plus, years: [2025]}]\n"
                   "storage: {staging: staging, state: state, published: public, public_keys: keys}\n"
                   f"gate: {{listen: '127.0.0.1:{port}', registry_listen: '127.0.0.1:0', metrics_listen: '127.0.0.1:{metrics}', proxies: [{proxies}]}}\n")
    return start([PACKYARD, "gate", "--config", f"{folder}/packyard.yml"], folder, "gate")


def wait_for(url, request_headers, wanted):
    for _ in range(300):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=request_headers), timeout=2) as answer:
                if answer.status == wanted:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.05)
    sys.exit(f"gate_bench: {url} did not answer {wanted} within 15 s")


def wrk(url, request_headers, connections, is_allowed=True):
    """Requests each second, and the 99th percentile in milliseconds."""
    arguments = ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency"]
    for name, value in request_headers.items():
        arguments += ["-H", f"{name}: {value}"]
    output = subprocess.run([*arguments, url], capture_output=True, text=True, check=True).stdout
    if "Socket errors" in output or ("Non-2xx" in output) == is_allowed:
        sys.exit(f"gate_bench: not every request got the answer that is measured:\n{output}")
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)), float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def counted(metrics):
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=5) as answer:
        page = answer.read().decode()
    return int(re.search(r'reason="ok",format="rpm",component="core"} (\d+)', page).group(1))


class Servers:
    """nginx and the gate, each on a port of its own; a good key and one that nobody has."""

    def __init__(self, folder):
        nginx_port, gate_port, self.metrics = free_port(), free_port(), free_port()
        self.processes = [start_nginx(folder, nginx_port), start_gate(folder, gate_port, self.metrics)]
        wait_for(f"http://127.0.0.1:{gate_port}/readyz", {}, 200)
        self.good, self.unknown = headers(insert_keys(f"{folder}/state")), headers(make_key())
        self.nginx, self.gate = f"http://127.0.0.1:{nginx_port}/auth", f"http://127.0.0.1:{gate_port}/auth"
        for url in (self.nginx, self.gate):
            wait_for(url, self.good, 200)

    def stop(self):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def medians(measured):
    """Rounds of all of them in turn; name → (median rate, median percentile)."""
    seen = {name: [] for name in measured}
    for _ in range(ROUNDS):
        for name, measure in measured.items():
            seen[name].append(measure())
    for name, values in seen.items():
        print(f"  {name}: {' '.join(f'{rate:,.0f}' for rate, _ in values)} requests/s, "
              f"99 % within {' '.join(f'{late:.2f}' for _, late in values)} ms")
    return {name: tuple(statistics.median(column) for column in zip(*values)) for name, values in seen.items()}


def judge(what, ratio, wanted, is_at_least=True):
    print(f"{what}: ratio {ratio:.2f} (want {'>=' if is_at_least else '<='} {wanted})", flush=True)
    return ratio >= wanted if is_at_least else ratio <= wanted


def keep_alive(servers):
    before = counted(servers.metrics)
    seen = medians({"nginx": lambda: wrk(servers.nginx, servers.good, 50), "gate": lambda: wrk(servers.gate, servers.good, 50)})
    if counted(servers.metrics) - before < seen["gate"][0] * SECONDS * ROUNDS * 0.5:
        sys.exit("gate_bench: the metrics do not count what was asked")
    return judge("gate on one core against nginx return 200, keep-alive", seen["gate"][0] / seen["nginx"][0], 0.9)


def new_connections(servers):
    closing = {**servers.good, "Connection": "close"}
    seen = medians({"nginx": lambda: wrk(servers.nginx, closing, 50), "gate": lambda: wrk(servers.gate, closing, 50)})
    return judge("a connection for each request", seen["gate"][0] / seen["nginx"][0], 0.9)


def many_connections(servers):
    seen = medians({"nginx": lambda: wrk(servers.nginx, servers.good, 500), "gate": lambda: wrk(servers.gate, servers.good, 500)})
    return judge("99th percentile with 500 connections", seen["gate"][1] / seen["nginx"][1], 2.0, is_at_least=False)


def denial(servers):
    seen = medians({"allow": lambda: wrk(servers.gate, servers.good, 50),
                    "deny": lambda: wrk(servers.gate, servers.unknown, 50, is_allowed=False)})
    return judge("denials against allowed requests", seen["deny"][0] / seen["allow"][0], 1.0)


CASES = {"keep_alive": keep_alive, "new_connections": new_connections, "many_connections": many_connections, "denial": denial}


def main():
    chosen = sys.argv[1:] or list(CASES)
    if any(name not in CASES for name in chosen):
        sys.exit(__doc__)
    if not shutil.which("wrk"):
        sys.exit("gate_bench: wrk is missing (dependencies/install test)")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        servers = Servers(folder)
        try:
            passed = [CASES[name](servers) for name in chosen]
        finally:
            servers.stop()
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
