#!/usr/bin/env python3
"""packyard serve, gate and admin, the real program: a change of a key is in force at every gate when the admin's answer arrives."""
import base64
import http.client
import json
import re
import unittest

import packyard_process
from packyard_process import Site

PATH = "/rpm/core/2025/el9-x86_64/repodata/repomd.xml"


class ServeTest(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def ask_gate(self, port, key, path=PATH):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.addCleanup(connection.close)
        credentials = base64.b64encode(f"subscriber:{key}".encode()).decode()
        connection.request("GET", "/auth/nginx", headers={"X-Original-URI": path, "X-Original-Method": "GET", "Authorization": f"Basic {credentials}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def keys(self, url, *arguments):
        done = packyard_process.run("keys", "--admin", url, "--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def check_gates(self, url, ports):
        for _ in range(20):
            row = self.keys(url, "create", "--component", "core", "--label", "x")
            self.assertEqual([self.ask_gate(port, row["key"]) for port in ports], [200] * len(ports))
            self.assertEqual([self.ask_gate(port, row["key"], PATH.replace("core", "plus")) for port in ports], [401] * len(ports))
            self.keys(url, "revoke", row["id"])
            self.assertEqual([self.ask_gate(port, row["key"]) for port in ports], [401] * len(ports))

    def test_gate_and_admin_in_one_process(self):
        serve = self.site.start("serve")
        self.check_gates(serve.admin_url(), [serve.port("gate_ready")])
        self.assertEqual(serve.stop(), 0, serve.log())

    def test_an_admin_and_two_gates_as_processes_of_their_own(self):
        gates = [self.site.start("gate"), self.site.start("gate")]
        admin = self.site.start("admin")
        self.check_gates(admin.admin_url(), [gate.port("gate_ready") for gate in gates])
        for process in (admin, *gates):
            self.assertEqual(process.stop(), 0, process.log())

    def test_keys_are_known_after_a_restart_and_their_use_was_counted(self):
        serve = self.site.start("serve")
        row = self.keys(serve.admin_url(), "create", "--component", "core", "--label", "x")
        for _ in range(3):
            self.assertEqual(self.ask_gate(serve.port("gate_ready"), row["key"]), 200)
        self.assertEqual(serve.stop(), 0, serve.log())
        serve = self.site.start("serve")
        shown = self.keys(serve.admin_url(), "show", row["id"])
        self.assertEqual(shown["use_count"], 3)
        self.assertRegex(shown["last_used_at"], re.compile(r"^\d{4}-"))
        self.assertEqual(self.ask_gate(serve.port("gate_ready"), row["key"]), 200)


if __name__ == "__main__":
    unittest.main()
