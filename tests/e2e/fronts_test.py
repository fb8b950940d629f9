#!/usr/bin/env python3
"""The corpus of tests/data/fronts through real proxies with two gates behind them: a key for one component never yields a byte of the other, and
without a key comes nothing. Two fronts that are open on purpose show that the driver would see it.

nginx always; caddy and haproxy when installed; traefik when PACKYARD_TRAEFIK names it. E2E_FRONTS: names instead of all (nginx,caddy)."""
import base64
import http.server
import os
import re
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from front_attack import FrontAttack  # noqa: E402
from front_requests import FILE, read_requests  # noqa: E402
from fronts import FRONTS, MISSING, FrontSite, version  # noqa: E402
from packyard_site import ROOT, free_port, run  # noqa: E402
from raw_connection import RawConnection  # noqa: E402

NAMES = os.environ.get("E2E_FRONTS", ",".join(FRONTS)).split(",")


class QuietHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        self.answer()

    def do_HEAD(self):
        self.answer()


class PythonServer:
    """with PythonServer(handler class) as port: …"""

    def __init__(self, handler):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a proxy's health check that hangs up
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self):
        self.thread.start()
        return self.server.server_address[1]

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Corpus(unittest.TestCase):
    def test_every_line_is_a_request_of_its_own_with_a_reason(self):
        requests = read_requests()
        self.assertGreater(len(requests), 1000)
        self.assertEqual(len({request.text for request in requests}), len(requests))
        self.assertEqual([request.number for request in requests if len(request.why) < 8], [])

    def test_the_file_is_what_its_script_writes(self):
        with tempfile.NamedTemporaryFile() as made:
            run([f"{ROOT}/tests/data/fronts/make_requests", made.name])
            with open(FILE, "rb") as file:
                self.assertEqual(made.read(), file.read())


class Fronts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = FrontSite()
        cls.addClassCleanup(cls.site.close)
        cls.ports = {name: cls.site.start(name) for name in NAMES}
        print(f"\nfronts: {', '.join(f'{name} {version(name)}' for name in NAMES)}{'; not here: ' * bool(MISSING)}{', '.join(MISSING)}")

    def attack(self, port):
        return FrontAttack(port, self.site.tree, self.site.keys)

    def test_the_corpus_gets_past_no_front(self):
        for name, port in self.ports.items():
            with self.subTest(front=name):
                attack = self.attack(port)
                self.assertEqual(attack.controls(), [])
                violations = attack.run()
                print(f"{name}: {attack.summary()}")
                self.assertEqual(violations, [], "\n".join(violations[:20]))
                self.assertEqual(attack.silent, [], "\n".join(attack.silent[:20]))
                # Or else the requests behind the corpus's were no test of anything.
                self.assertGreater(attack.plain_answered, attack.sent * 0.1)
                self.assertEqual(attack.controls(), [])

    def test_a_customer_hears_of_the_time_of_grace(self):
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5))
        key = self.site.create_key("core", expires_at=ends, grace_seconds=3600)["key"]
        address = self.site.tree.addresses("core")[0]
        for name, port in self.ports.items():
            if name == "traefik":
                continue  # has no way to hand on a header of a yes
            self.site.wait_for(lambda port=port: self.site.request(address, key, port=port).headers["X-Packyard-Warning"], f"the warning through {name}")
            warned = self.site.request(address, key, port=port)
            self.assertEqual((warned.status, warned.headers["X-Packyard-Warning"][:30]), (200, f"subscriber key expired {ends}"[:30]))
            for other in (self.site.keys["core"], self.site.keys["plus"], None):
                self.assertIsNone(self.site.request(address, other, port=port).headers["X-Packyard-Warning"], name)

    def test_the_gates_hear_which_client_it_is_and_a_customer_of_his_limit(self):
        address = self.site.tree.addresses("core")[0]
        for name, port in self.ports.items():
            with self.subTest(front=name):
                made = self.site.create_key("core", requests_per_day=4)
                ask = lambda agent: self.site.request(address, made["key"], port=port, headers=[("User-Agent", agent)])
                for agent in ("Debian APT-HTTP/1.3 (2.6.1) non-interactive", b"caf\xe9/1", "x" * 4000):
                    self.assertEqual(ask(agent).status, 200, agent)
                # Two gates: exact once each has heard of the other.
                self.site.wait_for(lambda: ask("curl/8.1").status != 200, f"the limit through {name}")
                refused = ask("curl/8.1")
                self.assertEqual((refused.status, refused.headers["X-Packyard-Reason"]), (403 if name == "nginx" else 429, "limit_reached"))
                if name != "nginx":
                    self.assertLessEqual(int(refused.headers["Retry-After"]), 24 * 3600)
                days = lambda: self.site.admin("GET", f"/api/v1/keys/{made['id']}/usage")[1]
                heard = lambda: {client for day in days() for client in day["clients"]}
                # Each gate writes for itself: what one has written says nothing of the other.
                self.site.wait_for(lambda: {"APT-HTTP/1.3 (2.6.1)", "curl/8.1"} <= heard(), f"the clients through {name}")
                self.site.wait_for(lambda: sum(day["denied"] for day in days()) >= 1, "the denials")
                clients = heard()
                self.assertEqual({client for client in clients if "HTTP" in client or "HAProxy" in client}, {"APT-HTTP/1.3 (2.6.1)"})
                self.assertEqual({day["addresses"] for day in days()}, {1})

    # ---- the driver itself ------------------------------------------------------------------------------------------------
    def test_an_open_front_is_caught(self):
        """The file server alone, without a gate."""
        attack = self.attack(self.site.front_port)
        self.assertNotEqual(attack.controls(), [])
        violations = attack.run(read_requests()[::20])
        print(f"no gate: {attack.summary()}")
        for who in ("no key", "core's key", "plus's key"):
            self.assertGreater(len([found for found in violations if found.startswith(who)]), 5)

    def test_a_gate_that_goes_by_the_beginning_is_caught(self):
        """Controls are answered as they should be: only the corpus finds it."""
        site = self.site

        class Gate(QuietHandler):
            def answer(self):
                key = base64.b64decode(self.headers.get("Authorization", "Basic ")[6:] + "==").decode("latin-1").partition(":")[2]
                component = next((name for name, its in site.keys.items() if its == key), None)
                asked = self.headers["X-Original-URI"]
                self.say(200 if component and any(asked.startswith(f"/{area}/{component}/") for area in ("rpm", "deb", "v2")) else 401)

        with PythonServer(Gate) as gate:
            port, folder = free_port(), f"{site.folder}/weak"
            os.makedirs(folder, exist_ok=True)
            temporary = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in ("proxy", "client_body", "fastcgi", "uwsgi", "scgi"))
            site.run_nginx("weak", folder, f"""daemon off; pid {folder}/pid; error_log {folder}/error.log crit; events {{}}
http {{ access_log off; {temporary}
  server {{ listen 127.0.0.1:{port};
    location = /ask {{ internal; proxy_pass http://127.0.0.1:{gate}; proxy_set_header X-Original-URI $request_uri; proxy_pass_request_body off;
      proxy_set_header Content-Length ""; }}
    location / {{ auth_request /ask; proxy_pass http://127.0.0.1:{site.front_port}$uri; }} }} }}
""")
            site.wait_for(lambda: site.request("/rpm/", port=port).status == 401, "the weak front")
            attack = self.attack(port)
            # Without line ends: this front hands them on, and a server that waits for the rest of a request says nothing.
            violations = attack.run([request for request in read_requests()[:400:4] if "%0" not in request.text])
            print(f"weak gate: {attack.summary()}")
            for who in ("core's key", "plus's key"):
                self.assertGreater(len([found for found in violations if found.startswith(who)]), 3)
            self.assertIn('"why":', violations[0])
            site.stop("weak")


class EnvoysQuestions(unittest.TestCase):
    """What ext_authz asks over HTTP, in Envoy's form: the client's method and path behind a prefix, Host, Content-Length 0, Authorization. No Envoy
    runs here; a yes is judged by the strictest reading of a path."""

    @staticmethod
    def may_pass(identity, path):
        if re.search(r"%2[ef35]|%3[bf]|%5c|%[01]|%7f|//|/\.\.?(/|$)|[\\;#]", path, re.IGNORECASE):
            return False
        return re.fullmatch(r"/gpg/[A-Za-z0-9._-]+", path) or identity.key and re.match(rf"/(rpm|deb|v2)/{identity.own}/2025/|/v2/?$", path)

    def test_a_yes_is_for_the_keys_own_component_alone(self):
        site = FrontSite()
        self.addCleanup(site.close)
        wrong, asked, passed = [], 0, 0
        for identity in FrontAttack(site.gate_ports[0], site.tree, site.keys).identities:
            connections = [RawConnection(port) for port in site.gate_ports]
            own = [f"GET {address} HTTP/1.1" for component in ("core", "plus") for address in site.tree.addresses(component)]
            lines = own + [request.fill(identity).split(b"\r", 1)[0].decode("latin-1") for request in read_requests()]
            for number, line in enumerate(lines):
                parts = re.fullmatch(r"([A-Z]+) (/[!-~]*) HTTP/1\.1", line)
                if not parts:
                    continue  # Envoy's own parser refuses what is no method, origin form or visible ASCII
                method, target = parts.groups()
                connection = connections[number % 2]
                connection.send(f"{method} /auth/envoy{target} HTTP/1.1\r\nHost: pkg.example.org\r\nContent-Length: 0\r\n{identity.authorization}\r\n".encode())
                answer = connection.answers([method])[0]
                asked += 1
                if b"connection: close" in answer.head.lower():  # as an error ends it
                    connection.close()
                    connections[number % 2] = RawConnection(site.gate_ports[number % 2])
                if answer.status == 200:
                    passed += 1
                    if method not in ("GET", "HEAD") or not self.may_pass(identity, target.split("?")[0]):
                        wrong.append(f"{identity.name}: {line}")
                elif number < len(own) and target.split("/")[2] not in identity.shut:
                    wrong.append(f"{identity.name}: {line}: {answer.status}")
            for connection in connections:
                connection.close()
        print(f"\nEnvoy's form: {asked} questions to two gates, {passed} yes")
        self.assertEqual(wrong[:20], [])


class Render(unittest.TestCase):
    def test_wrong_values_make_no_configuration(self):
        good = ["--gates", "127.0.0.1:1,127.0.0.1:2", "--registries", "127.0.0.1:3", "--files", "127.0.0.1:4"]
        for name in ("caddy", "haproxy", "envoy"):
            render = f"{ROOT}/compose/{name}/render"
            self.assertEqual(run([render, *good]).stderr, "")
            for wrong in (good[2:], good[:4], [*good, "--nonsense", "x"], [*good, "--listen"], [*good, "--gates", "a;b"], [*good, "--files", "a b:1"],
                          [*good, "--files", '"'], [*good, "--listen", "a\nb"], [*good, "--listen", ""]):
                outcome = run([render, *wrong], check=False)
                self.assertEqual((outcome.returncode, outcome.stdout), (2, ""), (name, wrong))


class Keys(unittest.TestCase):
    """What stands behind a front never sees a key, a cookie, or what a client says under the front's own names."""

    def test_the_key_stays_at_the_front(self):
        seen = []

        class Behind(QuietHandler):
            def answer(self):
                seen.append((self.path, dict(self.headers.items())))
                self.say(200, b"{}", Content_Type="application/json")

        site = FrontSite()
        self.addCleanup(site.close)
        core = site.keys["core"]
        basic = base64.b64encode(f"subscriber:{core}".encode()).decode()
        with PythonServer(Behind) as behind:
            for name in NAMES:
                with self.subTest(front=name):
                    port = site.start(name, files=behind, registries=[behind])
                    del seen[:]
                    for address in ("/rpm/core/2025/el9-x86_64/packages/a/a-1-1.rpm", f"/v2/core/2025/server/blobs/{site.tree.digests['core']['blob']}",
                                    "/v2/core/2025/server/manifests/1.4.2", "/v2/", "/gpg/lts.asc"):
                        answer = site.request(address, core, port=port, headers=[
                            ("Cookie", f"session={core}"), ("Proxy-Authorization", f"Basic {basic}"), ("X-Api-Key", "of the client"),
                            ("X-Forwarded-Uri", "of the client"), ("X_Forwarded_Uri", "of the client")])
                        self.assertLess(answer.status, 405, address)
                    asked = [(path, headers) for path, headers in seen if path != "/healthz"]
                    self.assertTrue([path for path, _ in asked if path.startswith("/v2/core")], "nothing reached the registry")
                    for path, headers in asked:
                        text = repr(headers)
                        self.assertNotIn(core, text, path)
                        self.assertNotIn(basic, text, path)
                        self.assertEqual({"authorization", "cookie", "proxy-authorization"} & {header.lower() for header in headers}, set(), path)
                        self.assertNotIn("of the client", repr({header: value for header, value in headers.items() if "orwarded" in header}), path)


class GatesAway(unittest.TestCase):
    def test_503_and_a_time_to_come_back_and_then_all_is_well(self):
        site = FrontSite()
        self.addCleanup(site.close)
        ports = {name: site.start(name) for name in NAMES}
        address, key = site.tree.addresses("core")[0], site.keys["core"]
        site.stop("serve")
        for name, port in ports.items():  # one gate is enough
            site.wait_for(lambda port=port: site.request(address, key, port=port).status == 200, f"{name} with one gate")
        site.stop("gate2")
        for name, port in ports.items():
            with self.subTest(front=name):
                for credentials in (key, None):
                    answer = site.request(address, credentials, port=port)
                    self.assertEqual(answer.status, 503)
                    self.assertTrue(answer.headers["Retry-After"])
                    self.assertNotIn(b"owns", answer.body)
                self.assertEqual(site.request("/gpg/lts.asc", port=port).status, 200)
        site.start_serve()
        for name, port in ports.items():
            site.wait_for(lambda port=port: site.request(address, key, port=port).status == 200, f"{name} with its gate back")
            self.assertEqual(site.request(address, site.keys["plus"], port=port).status, 401)


if __name__ == "__main__":
    unittest.main(verbosity=2)
