#!/usr/bin/env python3
"""packyard gate and serve, the real program: decisions over HTTP, keys of one gate in force at another, metrics, an orderly end."""
import base64
import http.client
import json
import re
import shutil
import signal
import subprocess
import time
import unittest
import urllib.request

from packyard_process import PACKYARD, Site, run

GOOD_PATH = "/deb/core/2025/dists/bookworm/InRelease"


class GateTest(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def start_gate(self, subcommand="gate"):
        gate = self.site.start(subcommand)
        gate.gate_port = gate.port("gate_ready")
        self.assertIsNotNone(gate.gate_port, gate.log())
        gate.metrics_port = int(re.search(r"gate_ready .*metrics_port=(\d+)", gate.log()).group(1))
        return gate

    @staticmethod
    def get(port, path, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer, body

    def ask(self, gate, key=None, path=GOOD_PATH, method="GET", more=None):
        headers = {"X-Original-URI": path, "X-Original-Method": method, **(more or {})}
        if key:
            headers["Authorization"] = "Basic " + base64.b64encode(f"anybody:{key}".encode()).decode()
        answer, _ = self.get(gate.gate_port, "/auth/nginx", headers)
        return answer.status, answer.getheader("X-Packyard-Reason")

    def call_admin(self, url, method, path, body=None):
        request = urllib.request.Request(url + path, method=method, data=json.dumps(body).encode() if body is not None else None,
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def every_change_is_in_force(self, url, made, gates):
        key, path = made["key"], "/api/v1/keys/" + made["id"]
        plus = "/rpm/plus/2025/el9-x86_64/x"
        for change, method, body, wanted in (
                ("/suspend", "POST", {}, (401, "suspended")),
                ("/resume", "POST", {}, (200, None)),
                ("", "PATCH", {"components": ["plus"]}, (401, "wrong_component")),
                ("", "PATCH", {"components": ["core", "plus"], "formats": ["rpm"]}, (401, "wrong_format")),
                ("", "PATCH", {"formats": None, "not_before": "2999-01-01T00:00:00Z"}, (401, "not_yet_valid")),
                ("", "PATCH", {"not_before": None, "addresses": ["203.0.113.0/24"]}, (401, "wrong_address")),
                ("", "PATCH", {"addresses": None}, (200, None))):
            self.call_admin(url, method, path + change, body)
            for gate in gates:
                self.assertEqual(self.ask(gate, key), wanted, (change, body))
        fresh = self.call_admin(url, "POST", path + "/rotate", {"overlap_seconds": 3600})["key"]
        for gate in gates:
            self.assertEqual((self.ask(gate, key), self.ask(gate, fresh, plus)), ((200, None), (200, None)))
        newest = self.call_admin(url, "POST", path + "/rotate", {"overlap_seconds": 0})["key"]
        for gate in gates:
            for old in (key, fresh):
                self.assertEqual(self.ask(gate, old), (401, "replaced"))
            self.assertEqual(self.ask(gate, newest), (200, None))

    def test_an_admins_answer_is_in_force_at_every_gate(self):
        both = self.start_gate("serve")
        other = self.start_gate("gate")
        url = both.admin_url()
        for _ in range(20):
            made = self.call_admin(url, "POST", "/api/v1/keys", {"component": "core", "label": "test"})
            for gate in (other, both):
                self.assertEqual(self.ask(gate, made["key"]), (200, None))
                self.assertEqual(self.ask(gate, made["key"], "/rpm/plus/2025/el9-x86_64/x"), (401, "wrong_component"))
            self.every_change_is_in_force(url, made, (other, both))
            self.call_admin(url, "DELETE", "/api/v1/keys/" + made["id"])
            for gate in (other, both):
                self.assertEqual(self.ask(gate, made["key"]), (401, "revoked"))

    def test_refusals(self):
        gate = self.start_gate()
        self.assertEqual(self.ask(gate), (401, "no_key"))
        self.assertEqual(self.ask(gate, "pky_nonsense"), (401, "bad_key"))
        self.assertEqual(self.ask(gate, path="/deb/core/..%2fplus/x"), (403, "bad_path"))
        self.assertEqual(self.ask(gate, method="DELETE"), (403, "bad_method"))
        self.assertEqual(self.ask(gate, path="/gpg/lts.asc"), (200, None))
        answer, _ = self.get(gate.gate_port, "/auth", {"X-Forwarded-Uri": GOOD_PATH, "X-Forwarded-Method": "GET"})
        self.assertEqual(answer.status, 404, "this family is not configured")
        answer, body = self.get(gate.gate_port, "/auth/nginx", {"X-Original-URI": "/v2/", "X-Original-Method": "GET"})
        self.assertEqual(answer.getheader("WWW-Authenticate"), 'Basic realm="packyard", charset="UTF-8"')
        self.assertEqual(json.loads(body)["errors"][0]["code"], "UNAUTHORIZED")

    def test_health_is_what_the_service_says_of_itself(self):
        both = self.start_gate("serve")
        ports = {"PACKYARD_GATE_LISTEN": f"0.0.0.0:{both.gate_port}", "PACKYARD_ADMIN_LISTEN": both.admin_url().removeprefix("http://")}
        for service in ("gate", "admin"):
            done = run("health", service, "--config", self.site.settings, **ports)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        both.stop()
        for service in ("gate", "admin"):
            done = run("health", service, "--config", self.site.settings, **ports)
            self.assertEqual(done.returncode, 3)
            self.assertIn(f"the {service} does not answer at http://127.0.0.1:", done.stderr)
        for wrong in ((), ("press",)):
            self.assertEqual(run("health", *wrong, "--config", self.site.settings).returncode, 2)

    def test_the_registry_has_a_port_of_its_own(self):
        gate = self.start_gate()
        registry = int(re.search(r"gate_ready .*registry_port=(\d+)", gate.log()).group(1))
        answer, body = self.get(registry, "/v2/")
        self.assertEqual((answer.status, answer.getheader("Content-Type"), body), (200, "application/json", "{}"))
        answer, body = self.get(registry, "/v2/core/2025/server/manifests/1.0")
        self.assertEqual((answer.status, json.loads(body)["errors"][0]["code"]), (404, "NAME_UNKNOWN"))
        self.assertEqual(self.get(gate.gate_port, "/v2/")[0].status, 404, "the gate's port is not the registry")
        self.assertEqual(self.get(registry, "/auth/nginx")[0].status, 404, "and the other way round")
        self.assertIn('packyard_registry_requests_total{resource="manifest",outcome="not_found"} 1\n', self.get(gate.metrics_port, "/metrics")[1])

    def test_metrics_are_what_promtool_wants(self):
        gate = self.start_gate()
        self.ask(gate)
        answer, page = self.get(gate.metrics_port, "/metrics")
        self.assertEqual(answer.getheader("Content-Type"), "text/plain; version=0.0.4; charset=utf-8")
        self.assertIn('packyard_auth_requests_total{outcome="deny",reason="no_key",format="deb",component="core"} 1\n', page)
        self.assertIn("\nprocess_resident_memory_bytes ", page)
        if shutil.which("promtool"):
            done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.get(gate.metrics_port, "/")[0].status, 404)

    def test_an_orderly_end(self):
        gate = self.start_gate()
        for path in ("/healthz", "/readyz"):
            self.assertEqual(self.get(gate.gate_port, path)[0].status, 200)
        held = http.client.HTTPConnection("127.0.0.1", gate.gate_port, timeout=30)
        held.connect()
        held.sock.sendall(b"GET /healthz HTTP/1.1\r\n")  # in flight while the signal comes
        gate.child.send_signal(signal.SIGTERM)
        while "draining" not in gate.log():
            time.sleep(0.01)
        held.sock.sendall(b"Host: a\r\n\r\n")
        answer = http.client.HTTPResponse(held.sock)
        answer.begin()
        self.assertEqual((answer.status, answer.getheader("Connection")), (503, "close"))
        held.close()
        self.assertEqual(gate.stop(), 0)
        self.assertIn("stopped", gate.log())

    def test_usage_is_written_at_the_end_at_the_latest(self):
        both = self.start_gate("serve")
        made = self.call_admin(both.admin_url(), "POST", "/api/v1/keys", {"component": "core", "label": "test"})
        for _ in range(5):
            self.assertEqual(self.ask(both, made["key"])[0], 200)
        self.assertEqual(both.stop(), 0)
        again = self.start_gate("serve")
        self.assertEqual(self.call_admin(again.admin_url(), "GET", "/api/v1/keys/" + made["id"])["use_count"], 5)
        self.assertNotIn(made["key"], both.log() + again.log())

    def test_usage_by_day_adds_up_over_gates_and_survives_a_kill(self):
        admin = self.site.start("admin")
        url = admin.admin_url()
        made = self.call_admin(url, "POST", "/api/v1/keys", {"component": "core", "label": "test"})
        gates = [self.start_gate(), self.start_gate()]
        headers = {"User-Agent": "Debian APT-HTTP/1.3 (2.6.1) non-interactive"}
        for gate, last in zip(gates, (7, 8)):
            for address in ("203.0.113.7", "203.0.113.7", f"203.0.113.{last}"):
                self.assertEqual(self.ask(gate, made["key"], more={"X-Real-IP": address, **headers})[0], 200)
            self.assertEqual(self.ask(gate, made["key"], "/rpm/plus/2025/el9-x86_64/x")[1], "wrong_component")

        def day():
            days = self.call_admin(url, "GET", f"/api/v1/keys/{made['id']}/usage")
            return {name: sum(one[name] for one in days) for name in ("requests", "denied")}

        end = time.monotonic() + 30  # written within 5 s; the rest is for slow machines
        while day() != {"requests": 6, "denied": 2} and time.monotonic() < end:
            time.sleep(0.1)
        for gate in gates:
            gate.child.send_signal(signal.SIGKILL)
            gate.child.wait(30)
        self.assertEqual(day(), {"requests": 6, "denied": 2})
        newest = self.call_admin(url, "GET", f"/api/v1/keys/{made['id']}/usage")[-1]
        self.assertEqual((newest["addresses"], newest["clients"]), (2, ["APT-HTTP/1.3 (2.6.1)"]))
        done = run("keys", "--admin", url, "usage", made["id"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("APT-HTTP/1.3 (2.6.1)", done.stdout)
        listed = json.loads(run("keys", "--admin", url, "--json", "usage", made["id"], "--from", newest["day"]).stdout)
        self.assertEqual(listed[-1], newest)
        self.assertEqual(run("keys", "--admin", url, "usage", made["id"], "--from", "yesterday").returncode, 1)

    def test_a_limit_holds_over_gates_and_a_kill(self):
        url = self.site.start("admin").admin_url()
        made = self.call_admin(url, "POST", "/api/v1/keys", {"component": "core", "label": "test", "requests_per_day": 1000000})
        if time.time() % 86400 > 86400 - 60:
            time.sleep(61)  # not over midnight
        first, second = self.start_gate(), self.start_gate()
        for gate in (first, second):
            for _ in range(2):
                self.assertEqual(self.ask(gate, made["key"])[0], 200)
        self.written(url, made["id"], 4)
        self.call_admin(url, "PATCH", f"/api/v1/keys/{made['id']}", {"requests_per_day": 4})
        self.refused_soon(first, made["key"])
        self.refused_soon(second, made["key"])
        for gate in (first, second):
            gate.child.send_signal(signal.SIGKILL)
            gate.child.wait(30)
        again = self.start_gate()
        self.assertEqual(self.ask(again, made["key"]), (403, "limit_reached"))
        self.call_admin(url, "PATCH", f"/api/v1/keys/{made['id']}", {"requests_per_day": None})
        self.assertEqual(self.ask(again, made["key"])[0], 200)

    def written(self, url, identity, requests):
        end = time.monotonic() + 30
        while self.call_admin(url, "GET", f"/api/v1/keys/{identity}")["use_count"] != requests and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(self.call_admin(url, "GET", f"/api/v1/keys/{identity}")["use_count"], requests)

    def refused_soon(self, gate, key):
        """A gate hears what the others wrote within 2 s; until then it may serve what it believes is left."""
        end = time.monotonic() + 30
        while self.ask(gate, key)[0] == 200 and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(self.ask(gate, key), (403, "limit_reached"))

    def test_a_port_in_use_is_named(self):
        gate = self.start_gate()
        with open(self.site.settings, encoding="utf-8") as file:
            text = file.read().replace("gate: {listen: '127.0.0.1:0'", f"gate: {{listen: '127.0.0.1:{gate.gate_port}'")
        with open(self.site.settings, "w", encoding="utf-8") as file:
            file.write(text)
        second = self.site.start("gate")
        self.assertIsNone(second.port("gate_ready"))
        self.assertEqual(second.stop(), 3)
        self.assertIn(f"listening on 127.0.0.1:{gate.gate_port}", second.log())

    def test_what_is_not_ours_is_handed_to_packyard_press(self):
        done = subprocess.run([PACKYARD, "promote", "--help"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        alone = shutil.copy(PACKYARD, self.site.folder)
        done = subprocess.run([alone, "promote"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("install packyard-press beside packyard", done.stderr)


if __name__ == "__main__":
    unittest.main()
