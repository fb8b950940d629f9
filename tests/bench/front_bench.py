#!/usr/bin/env python3
"""What the gate costs behind a real front: the front's rate with the gate as its auth service, against the same front asking an nginx
that always says 200 (the floor, which no auth service can beat). Front, auth service and file server share one core, wrk has
the other; 50 connections; rounds are interleaved and the ratio of medians is printed.

  front_bench.py [nginx|traefik]…     (default: nginx, and traefik where PACKYARD_TRAEFIK names its program)
  nginx    auth_request: at least 0.9 of the floor
  traefik  forwardAuth: at least 0.95 of the floor
FRONT_BENCH_ROUNDS (5), FRONT_BENCH_SECONDS (5)."""
import os
import signal
import statistics
import sys
import tempfile

import gate_bench
from gate_bench import free_port, judge, start, start_gate, wait_for

ROUNDS = int(os.environ.get("FRONT_BENCH_ROUNDS", "5"))
gate_bench.SECONDS = int(os.environ.get("FRONT_BENCH_SECONDS", "5"))
TRAEFIK = os.environ.get("PACKYARD_TRAEFIK", "")
PATH = "/rpm/core/2025/el9-x86_64/packages/a/acme-server-1.4.2-1.el9.x86_64.rpm"
NGINX = """daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}-error.log; worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 120s;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {servers} }}
"""
CONSTANT = "server {{ listen 127.0.0.1:{port}; location / {{ return 200; }} }}"
FRONT = """upstream auth {{ server 127.0.0.1:{auth}; keepalive 64; }}
  server {{ listen 127.0.0.1:{port}; root {folder}/site;
    location / {{ auth_request /ask; }}
    location = /ask {{ internal; proxy_pass http://auth/auth/nginx; proxy_http_version 1.1; proxy_pass_request_headers off;
      proxy_pass_request_body off; proxy_set_header Host packyard; proxy_set_header Connection ""; proxy_set_header Content-Length "";
      proxy_set_header Authorization $http_authorization; proxy_set_header X-Original-URI $request_uri;
      proxy_set_header X-Original-Method $request_method; proxy_set_header X-Real-IP $remote_addr; }} }}"""
TRAEFIK_STATIC = """entryPoints: {{web: {{address: "127.0.0.1:{port}"}}}}
providers: {{file: {{filename: {folder}/dynamic_{name}.yml}}}}
log: {{level: ERROR}}
"""
TRAEFIK_DYNAMIC = """http:
  routers: {{all: {{rule: "PathPrefix(`/`)", entryPoints: [web], middlewares: [gate], service: files}}}}
  middlewares: {{gate: {{forwardAuth: {{address: "http://127.0.0.1:{auth}/auth", trustForwardHeader: false}}}}}}
  services: {{files: {{loadBalancer: {{servers: [{{url: "http://127.0.0.1:{files}"}}]}}}}}}
"""


class Fronts:
    """The gate and the constant, a file server, and a front before each of the two."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        self.gate, self.constant, self.files = free_port(), free_port(), free_port()
        metrics = free_port()
        os.makedirs(folder + "/site" + os.path.dirname(PATH))
        with open(folder + "/site" + PATH, "wb") as file:
            file.write(b"x" * 1024)
        self.processes.append(start_gate(folder, self.gate, metrics, "nginx, traefik"))
        self.nginx("constant", CONSTANT.format(port=self.constant))
        self.nginx("files", f"server {{ listen 127.0.0.1:{self.files}; root {folder}/site; }}")
        wait_for(f"http://127.0.0.1:{self.gate}/readyz", {}, 200)
        credentials = gate_bench.headers(gate_bench.insert_keys(f"{folder}/state"))
        self.headers = {name: credentials[name] for name in ("Host", "Authorization", "User-Agent", "Accept-Encoding")}

    def nginx(self, name, servers):
        program = gate_bench.find_nginx()
        with open(f"{self.folder}/{name}.conf", "w", encoding="utf-8") as file:
            file.write(NGINX.format(folder=self.folder, name=name, servers=servers))
        self.processes.append(start([program, "-p", self.folder, "-c", f"{self.folder}/{name}.conf"], self.folder, name))

    def nginx_before(self, auth):
        port = free_port()
        self.nginx(f"front_{auth}", FRONT.format(auth=auth, port=port, folder=self.folder))
        return port

    def traefik_before(self, auth):
        port, name = free_port(), f"traefik_{auth}"
        for kind, template in (("static", TRAEFIK_STATIC), ("dynamic", TRAEFIK_DYNAMIC)):
            with open(f"{self.folder}/{kind}_{name}.yml", "w", encoding="utf-8") as file:
                file.write(template.format(port=port, folder=self.folder, name=name, auth=auth, files=self.files))
        self.processes.append(start([TRAEFIK, f"--configFile={self.folder}/static_{name}.yml"], self.folder, name))
        return port

    def compare(self, name, before, wanted):
        urls = {what: f"http://127.0.0.1:{before(auth)}{PATH}" for what, auth in (("floor", self.constant), ("gate", self.gate))}
        for url in urls.values():
            wait_for(url, self.headers, 200)
        rates = {what: [] for what in urls}
        for _ in range(ROUNDS):
            for what, url in urls.items():
                rates[what].append(gate_bench.wrk(url, self.headers, 50)[0])
        for what, values in rates.items():
            print(f"  {name}, {what}: {' '.join(f'{value:,.0f}' for value in values)} requests/s")
        return judge(f"{name} asking the gate against {name} asking a constant 200",
                     statistics.median(rates["gate"]) / statistics.median(rates["floor"]), wanted)

    def stop(self):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def main():
    chosen = sys.argv[1:] or ["nginx"] + ["traefik"] * bool(TRAEFIK)
    if any(name not in ("nginx", "traefik") for name in chosen):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        fronts = Fronts(folder)
        try:
            passed = [fronts.compare(name, *((fronts.nginx_before, 0.9) if name == "nginx" else (fronts.traefik_before, 0.95)))
                      for name in chosen]
        finally:
            fronts.stop()
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
