#!/usr/bin/env python3
"""Through a real Traefik, whose connections to the gate are pooled: many requests with a key for one component, big headers and broken
requests mixed in. Never a byte of the other component, no answer that belongs to another request.

PACKYARD_TRAEFIK names the traefik binary (3.7.12 or newer); run by tests/e2e/run when it is set. E2E_REQUESTS: how many (20000)."""
import base64
import os
import random
import re
import socket
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from nginx_front_test import make_tree  # noqa: E402
from packyard_site import ROOT, Site, run  # noqa: E402

CONNECTIONS = 10
REQUESTS = int(os.environ.get("E2E_REQUESTS", "20000"))
FILES = 60


def make_pool(public):
    for component in ("core", "plus"):
        folder = f"{public}/pool/rpm/{component}/2025/el9-x86_64/packages/a"
        os.makedirs(folder, exist_ok=True)
        for number in range(FILES):
            with open(f"{folder}/a{number}-1-1.el9.x86_64.rpm", "w", encoding="ascii") as file:
                file.write(f"{component} owns {number};" * (1 + number % 40))


class Connection:
    """A client's kept-alive connection; opened again when the server closed it."""

    def __init__(self, port):
        self.port, self.socket = port, None

    def exchange(self, data, expects_answer=True):
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            self.buffer = b""
        try:
            self.socket.sendall(data)
            if not expects_answer:
                self.close()
                return None
            return self.read_answer()
        except (ConnectionError, EOFError, BrokenPipeError):
            self.close()
            return None

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def read(self, wanted):
        while not wanted(self.buffer):
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more

    def read_answer(self):
        self.read(lambda b: b"\r\n\r\n" in b)
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        length = re.search(rb"(?im)^content-length: (\d+)", head)
        if not length and re.search(rb"(?im)^transfer-encoding: chunked", head):
            self.read(lambda b: b.endswith(b"0\r\n\r\n"))
            body, self.buffer = self.buffer, b""
        else:
            size = int(length.group(1)) if length else 0
            self.read(lambda b: len(b) >= size)
            body, self.buffer = self.buffer[:size], self.buffer[size:]
        if re.search(rb"(?im)^connection: close", head):
            self.close()
        return status, body


class Client(threading.Thread):
    def __init__(self, port, keys, count, seed):
        super().__init__()
        self.connection, self.keys, self.count, self.random = Connection(port), keys, count, random.Random(seed)
        self.wrong, self.seen = [], {}

    def run(self):
        for _ in range(self.count):
            self.one()
        self.connection.close()

    def one(self):
        kind = self.random.choices(["own", "other", "unknown-key", "broken"], [45, 35, 8, 12])[0]
        number = self.random.randrange(FILES)
        component = "core" if kind in ("own", "broken") else "plus"
        key = self.keys[1] if kind == "unknown-key" else self.keys[0]
        credentials = base64.b64encode(f"u:{key}".encode()).decode()
        lines = [f"GET /rpm/{component}/2025/el9-x86_64/packages/a/a{number}-1-1.el9.x86_64.rpm HTTP/1.1", "Host: pkg.e2e.example",
                 f"Authorization: Basic {credentials}"]
        if self.random.random() < 0.5:
            size = self.random.choice([3, 4, 5, 8, 16, 30, 60, 100]) << 10
            lines += [f"X-Filler-{part}: {'f' * (size // 4)}" for part in range(4)]
        data = ("\r\n".join(lines) + "\r\n\r\n").encode()
        if kind == "broken":
            self.send_broken(data, lines)
            return
        answer = self.connection.exchange(data)
        status, body = answer or (0, b"")
        self.seen[(kind, status)] = self.seen.get((kind, status), 0) + 1
        if b"plus owns" in body:
            self.wrong.append(f"{kind}: a byte of plus came, status {status}")
        if kind == "own" and status == 200 and set(body.split(b";")[:-1]) != {f"core owns {number}".encode()}:
            self.wrong.append(f"own {number}: another request's answer: {body[:60]!r}")
        if kind == "own" and status not in (200, 0, 431, 413, 503):
            self.wrong.append(f"own {number}: status {status}")
        if kind in ("other", "unknown-key") and status not in (401, 0, 431, 413, 503):
            self.wrong.append(f"{kind} {number}: status {status}: {body[:60]!r}")

    def send_broken(self, data, lines):
        """What must not disturb the next request on the connections behind."""
        head = lines[0]
        how = self.random.randrange(8)
        if how == 0:
            self.connection.exchange(data[:len(data) // 2], expects_answer=False)  # half a request, then gone
            return
        if how == 1:
            answer = self.connection.exchange(data.replace(b"Host:", b"Bad Name:"))
        elif how == 2:
            answer = self.connection.exchange(data.replace(b"\r\n\r\n", b"\r\nAuthorization: Basic " + b"QUFB" * 6000 + b"\r\n\r\n"))
        elif how == 3:
            answer = self.connection.exchange(data.replace(b"\r\n\r\n", b"\r\nCookie: ;;;=\x80\xff;" + b"c" * 5000 + b"\r\nAccept: *\r\n\r\n"))
        elif how == 4:
            answer = self.connection.exchange((head.replace(" HTTP/1.1", "%2f..%2f..%2fplus HTTP/1.1") + data.decode()[len(head):]).encode())
        elif how == 5:
            answer = self.connection.exchange((head.replace("GET", "POST") + "\r\nHost: a\r\nContent-Length: 30\r\n\r\nGET /rpm/plus/ HTTP/1.1\r\nHost:a").encode())
            self.connection.close()
        elif how == 6:
            answer = self.connection.exchange((head.replace("GET", "OPTIONS") + data.decode()[len(head):]).encode())
        else:
            answer = self.connection.exchange(data.replace(b"Authorization: Basic ", b"Authorization: Basic \x01\x02"))
        if answer and b"plus owns" in answer[1]:
            self.wrong.append(f"broken {how}: a byte of plus came")
        if self.random.random() < 0.3:
            self.connection.close()


class TraefikPool(unittest.TestCase):
    def setUp(self):
        self.site = Site(proxies="traefik")
        self.addCleanup(self.site.close)
        make_pool(self.site.published)
        self.site.start_serve()
        self.site.start_front("--gate", "none")
        self.port, self.traefik = self.site.render_traefik()
        self.config = f"{self.site.folder}/traefik"

    def start_traefik(self):
        self.site.spawn("traefik", self.traefik)
        self.site.wait_for(lambda: self.site.request("/gpg/lts.asc", port=self.port).status == 200, "traefik")
        self.site.wait_for(lambda: self.site.request("/rpm/core/2025/x/y", port=self.port).status == 401, "the gate behind traefik")

    def soften(self):
        """As a site that took only the middleware: every header goes to the gate, sizes and encodings as Traefik's defaults allow."""
        for name, pattern in (("traefik.yml", r"(?m)^      (maxHeaderBytes|aliasHeadersStrategy|encodedCharacters|  allowEncoded\w+):.*\n"),
                              ("dynamic.yml", r"(?m)^        (authRequestHeaders|maxResponseBodySize):.*\n")):
            with open(f"{self.config}/{name}", encoding="utf-8") as file:
                text = file.read()
            with open(f"{self.config}/{name}", "w", encoding="utf-8") as file:
                file.write(re.sub(pattern, "", text))

    def load(self, requests):
        keys = (self.site.create_key("core")["key"], "pky_" + "0" * 36)
        clients = [Client(self.port, keys, requests // CONNECTIONS, seed) for seed in range(CONNECTIONS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        seen = {}
        for client in clients:
            for outcome, count in client.seen.items():
                seen[outcome] = seen.get(outcome, 0) + count
        print(f"\n{requests} requests: " + ", ".join(f"{kind} {status}: {count}" for (kind, status), count in sorted(seen.items())))
        self.assertEqual([wrong for client in clients for wrong in client.wrong][:10], [])
        self.assertGreater(seen[("own", 200)], requests * 0.2)
        self.assertGreater(seen[("other", 401)], requests * 0.15)

    def test_default_traefik_never_mixes_answers(self):
        self.soften()
        self.start_traefik()
        self.load(REQUESTS)

    def test_hardened_traefik_never_mixes_answers(self):
        self.start_traefik()
        self.load(REQUESTS // 4)
        key = self.site.create_key("core")["key"]
        for path in ("/rpm/core/..%2fplus/x", "/rpm/core%00/x", "/rpm/core/..%5cplus/x", "/rpm/core%3b/x", "/rpm/core/%252e/x", "/rpm/core/x%23y"):
            self.assertEqual(self.site.request(path, key, port=self.port).status, 400, path)

    def test_verify_sh_finds_no_way_around_it(self):
        make_tree(self.site.published)
        self.start_traefik()
        checks = ["public-keys", "challenge", "wrong-key", "wrong-component", "caching", "methods", "crossing", "open-prefix", "spoofed-headers", "hidden"]
        outcome = run([f"{ROOT}/verify.sh", "--base-url", f"http://127.0.0.1:{self.port}", "--test-component", "core", "--other-component", "plus", "--year",
                       "2025", "--rpm-target", "el9-x86_64", "--deb-suite", "bookworm", "--test-key-file", "-",
                       *[word for check in checks for word in ("--only", check)]], input=self.site.create_key("core")["key"], check=False)
        print("\n" + outcome.stdout, end="")
        self.assertEqual(outcome.returncode, 0, outcome.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
