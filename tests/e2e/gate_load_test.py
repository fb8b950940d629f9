#!/usr/bin/env python3
"""Two gates under load from kept connections while keys are revoked, suspended, rotated and expire: no request that starts after the admin's answer
passes. And ten thousand hostile requests, after which the metrics are what promtool wants and as many as before.

E2E_TRIALS: changes of keys (200; 10000 for the evidence). E2E_ATTACKS: hostile requests (10000)."""
import json
import os
import random
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gate_client import PATH, GateClient  # noqa: E402
from gate_site import GateSite  # noqa: E402

TRIALS = int(os.environ.get("E2E_TRIALS", "200"))
ATTACKS = int(os.environ.get("E2E_ATTACKS", "10000"))
AT_ONCE = 10
KEYS = "/api/v1/keys"
CHANGES = ("revoke", "suspend", "rotate", "expire")


class Trial:
    """One key; shut_at is when the admin's answer to its change was read (monotonic), or None; is_asked from when the admin is asked."""

    def __init__(self, row):
        self.id, self.key, self.shut_at, self.is_asked, self.ends_at, self.passed, self.refused = row["id"], row["key"], None, False, 0, 0, 0


class Load(unittest.TestCase):
    def setUp(self):
        self.site = GateSite()
        self.addCleanup(self.site.close)
        self.trials, self.wrong, self.asked, self.is_over = [], [], 0, False
        self.lock = threading.Lock()

    def clients(self):
        """Four, two at each gate, each with a connection of its own that it keeps."""
        threads = [threading.Thread(target=self.ask_all_the_time, args=(GateClient(port), random.Random(seed)))
                   for seed, port in enumerate(self.site.gate_ports * 2)]
        for thread in threads:
            thread.start()
        return threads

    def ask_all_the_time(self, client, generator):
        while not self.is_over:
            trials = self.trials
            if not trials:
                time.sleep(0.001)
                continue
            trial = generator.choice(trials)
            shut_at = trial.shut_at  # read before the request starts: what was shut by then must stay shut
            status = client.status(trial.key)
            with self.lock:
                self.asked += 1
                if status == 200:
                    trial.passed += 1
                    if shut_at is not None:
                        self.wrong.append(f"{trial.id} passed at port {client.port}, {time.monotonic() - shut_at:.4f} s after the admin's answer")
                elif status == 401:
                    trial.refused += 1
                    if not trial.is_asked:
                        self.wrong.append(f"{trial.id} was refused before anything was asked of the admin")
                else:
                    self.wrong.append(f"{trial.id}: status {status}")
        client.close()

    def make(self, count, **more):
        lines = "".join(json.dumps({"component": "core", "label": f"trial {number}", **more}) + "\n" for number in range(count)).encode()
        answer = self.site.request(KEYS, method="POST", headers=[("Content-Type", "application/x-ndjson")], body=lines, port=self.site.admin_port)
        self.assertEqual(answer.status, 201, answer.body[:500])
        return [Trial(json.loads(line)) for line in answer.body.splitlines()]

    def change(self, trial, how):
        if how == "revoke":
            return self.site.admin("DELETE", f"{KEYS}/{trial.id}")
        if how == "suspend":
            return self.site.admin("POST", f"{KEYS}/{trial.id}/suspend", {})
        if how == "rotate":
            return self.site.admin("POST", f"{KEYS}/{trial.id}/rotate", {"overlap_seconds": 0})
        for _ in range(100):  # a machine may take longer over the question than the key has left
            trial.ends_at = int(time.time()) + 2
            status, answer = self.site.admin("PATCH", f"{KEYS}/{trial.id}", {"expires_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(trial.ends_at))})
            if status == 200 or answer["error"]["code"] != "expires_at_past":
                break
        return status, answer

    def test_what_is_shut_stays_shut(self):
        threads = self.clients()
        checkers = [GateClient(port) for port in self.site.gate_ports]
        done, tried = {how: 0 for how in CHANGES}, 0
        try:
            while tried < TRIALS:
                how = CHANGES[tried // AT_ONCE % len(CHANGES)]
                trials = self.make(min(AT_ONCE, TRIALS - tried))
                for checker in checkers:
                    self.assertEqual([checker.status(trial.key) for trial in trials], [200] * len(trials))
                self.trials = trials
                for trial in trials:
                    trial.is_asked = True
                    status, answer = self.change(trial, how)
                    answered = time.monotonic()
                    self.assertEqual(status, 200, answer)
                    if how != "expire":
                        trial.shut_at = answered
                        self.assertEqual([checker.status(trial.key) for checker in checkers], [401, 401], how)
                if how == "expire":  # the answer says from which second on
                    for trial in trials:
                        while time.time() < trial.ends_at:
                            time.sleep(0.005)
                        trial.shut_at = time.monotonic()
                        self.assertEqual([checker.status(trial.key) for checker in checkers], [401, 401], how)
                tried += len(trials)
                done[how] += len(trials)
        finally:
            self.is_over = True
            for thread in threads:
                thread.join()
        print(f"\n{tried} trials ({', '.join(f'{how} {count}' for how, count in done.items())}), {self.asked} requests of four other clients meanwhile, "
              f"{len(self.wrong)} wrong")
        self.assertEqual(self.wrong[:10], [])
        self.assertGreater(self.asked, tried)


class Metrics(unittest.TestCase):
    def setUp(self):
        self.site = GateSite()
        self.addCleanup(self.site.close)

    @staticmethod
    def series(page):
        return {line.rsplit(" ", 1)[0] for line in page.splitlines() if line and not line.startswith("#")}

    def check(self, page):
        done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def hostile_path(self, generator):
        word = "".join(generator.choice("abcdefghijklmnopqrstuvwxyz0123456789-_.%é/") for _ in range(generator.randrange(1, 30)))
        return generator.choice([f"/rpm/{word}/2025/el9-x86_64/x", f"/deb/{word}/{word}/dists/{word}/x", f"/v2/{word}/2025/server/manifests/{word}", f"/{word}", f"/rpm/core/{word}/x",
                                 f"/rpm/core/2025/{word}/x", f"/gpg/{word}", f"/v2/{word}"]).encode("utf-8", "replace").decode("latin-1")

    def test_hostile_requests_make_no_new_series(self):
        generator = random.Random(7)
        good = self.site.create_key("core")["key"]
        gate = self.site.gates[0]
        for key, path in ((good, PATH), (None, PATH), ("x", PATH), (good, "/rpm/plus/2025/el9-x86_64/x"), (good, "/v2/core/2025/server/tags/list"), (good, "/nonsense")):
            gate.ask(key, path)
        before = self.site.metrics()
        self.check(before)
        methods = ["GET", "HEAD", "POST", "BREW", "get", "x" * 50]
        for number in range(ATTACKS):
            key = generator.choice([None, good, "pky_" + "".join(generator.choice("0123456789abcXYZ") for _ in range(36)), "subscriber", f"k{number}"])
            status, _, _ = gate.ask(key, self.hostile_path(generator), generator.choice(methods))
            self.assertIn(status, (200, 401, 403, 405))
        after = self.site.metrics()
        self.check(after)
        grown = self.series(after) - self.series(before)
        print(f"\n{ATTACKS} hostile requests: {len(self.series(before))} series before, {len(self.series(after))} after, {len(after)} bytes")
        self.assertEqual(grown, set())
        self.assertNotIn(good, after)


if __name__ == "__main__":
    unittest.main(verbosity=2)
