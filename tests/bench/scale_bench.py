#!/usr/bin/env python3
"""One gate with a million keys against one with a thousand, on one core, in turn: its rate (at least 0.95 of the smaller one's), how long
after its start it is ready (at most 2 s) and what it holds in memory (at most 200 MB). Then 100,000 keys are imported over the admin
API while that gate serves (at most 5 s, no request refused). SCALE_BENCH_KEYS (1000000), SCALE_BENCH_IMPORTED (100000)."""
import hashlib
import http.client
import json
import os
import signal
import statistics
import sys
import tempfile
import threading
import time
import urllib.request

import gate_bench
from gate_bench import free_port, judge, start, start_gate, wait_for

KEYS = int(os.environ.get("SCALE_BENCH_KEYS", "1000000"))
IMPORTED = int(os.environ.get("SCALE_BENCH_IMPORTED", "100000"))
LINES_EACH = 5000  # of an import request, which is 4 MiB at most


class Gate:
    def __init__(self, folder, keys):
        os.mkdir(folder)
        self.folder, self.port, self.metrics = folder, free_port(), free_port()
        self.process = start_gate(folder, self.port, self.metrics)
        self.await_ready()
        gate_bench.KEYS = keys
        self.headers = gate_bench.headers(gate_bench.insert_keys(f"{folder}/state"))
        self.stop()
        began = time.monotonic()
        self.process = start([gate_bench.PACKYARD, "gate", "--config", f"{folder}/packyard.yml"], folder, "gate")
        self.await_ready(0.01)
        self.ready_seconds = time.monotonic() - began
        self.url = f"http://127.0.0.1:{self.port}/auth"
        wait_for(self.url, self.headers, 200)

    def await_ready(self, pause=0.05):
        for _ in range(6000):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                pass
            time.sleep(pause)
        sys.exit("scale_bench: the gate was not ready within five minutes")

    def rate(self):
        return gate_bench.wrk(self.url, self.headers, 50)[0]

    def resident_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:")) / 1000

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


class Admin:
    """Beside the gate, on the client's core, as on a machine with two."""

    def __init__(self, gate):
        self.port = free_port()
        with open(f"{gate.folder}/packyard.yml", "a", encoding="utf-8") as file:
            file.write(f"admin: {{listen: '127.0.0.1:{self.port}'}}\n")
        self.process = start([gate_bench.PACKYARD, "admin", "--config", f"{gate.folder}/packyard.yml"], gate.folder, "admin",
                             gate_bench.CLIENT_CORE)
        wait_for(f"http://127.0.0.1:{self.port}/healthz", {}, 200)
        (self.pepper,) = os.listdir(f"{gate.folder}/state/peppers")

    def line(self, number):
        return json.dumps({"id": f"key_i{number:015}", "digest": hashlib.sha256(str(number).encode()).hexdigest(), "pepper_id": self.pepper, "created_at": "2026-01-01T00:00:00Z",
                           "revoked_at": None, "suspended_at": None, "former_secrets": [], "last_used_at": None, "use_count": 0,
                           "components": ["core"], "label": "imported", "years": [], "formats": [], "addresses": [], "not_before": None,
                           "expires_at": None, "grace_seconds": 0, "metadata": None})

    def import_keys(self):
        """Seconds that the requests took; the lines are made before."""
        bodies = ["\n".join(self.line(number) for number in range(first, min(first + LINES_EACH, IMPORTED))).encode()
                  for first in range(0, IMPORTED, LINES_EACH)]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        began = time.monotonic()
        for body in bodies:
            connection.request("POST", "/api/v1/import", body=body, headers={"Content-Type": "application/x-ndjson"})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                sys.exit(f"scale_bench: the import was answered {answer.status}: {text[:500]}")
        return time.monotonic() - began

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


class Customer(threading.Thread):
    """Asks with a good key, one request after the other, until it is stopped."""

    def __init__(self, gate):
        super().__init__()
        self.gate, self.asked, self.refused, self.stopped = gate, 0, 0, threading.Event()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.gate.port, timeout=30)
        while not self.stopped.is_set():
            connection.request("GET", "/auth", headers=self.gate.headers)
            answer = connection.getresponse()
            answer.read()
            self.asked += 1
            self.refused += answer.status != 200
            time.sleep(0.002)


def import_while_serving(gate):
    admin, customer = Admin(gate), Customer(gate)
    customer.start()
    try:
        seconds = admin.import_keys()
    finally:
        customer.stopped.set()
        customer.join()
        admin.stop()
    print(f"import of {IMPORTED:,} keys: {seconds:.2f} s (want <= 5), {customer.asked:,} requests meanwhile, {customer.refused} refused")
    return seconds <= 5 and customer.refused == 0 and customer.asked > 0


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        few, many = Gate(f"{folder}/few", 1000), Gate(f"{folder}/many", KEYS)
        try:
            rates = {gate: [] for gate in (few, many)}
            for _ in range(gate_bench.ROUNDS):
                for gate, seen in rates.items():
                    seen.append(gate.rate())
            resident = many.resident_mb()
            passed = [judge(f"{KEYS:,} keys against 1,000", statistics.median(rates[many]) / statistics.median(rates[few]), 0.95)]
            print(f"ready after {many.ready_seconds:.2f} s (want <= 2), {resident:.0f} MB resident (want <= 200)")
            passed += [many.ready_seconds <= 2, resident <= 200, import_while_serving(many)]
        finally:
            few.stop()
            many.stop()
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
