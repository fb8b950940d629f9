"""Asks a gate as nginx does, over one connection that is kept: who may fetch what, without a front in between.
   client = GateClient(port); status, reason = client.ask(key, path)"""
import base64
import http.client

PATH = "/rpm/core/2025/el9-x86_64/repodata/repomd.xml"


class GateClient:
    def __init__(self, port, timeout_s=60):
        self.port, self.timeout_s, self.connection = port, timeout_s, None

    def ask(self, key=None, path=PATH, method="GET"):
        """Status, reason and Retry-After. A kept connection that the gate has closed meanwhile is opened anew, once."""
        headers = {"X-Original-URI": path, "X-Original-Method": method}
        if key:
            headers["Authorization"] = "Basic " + base64.b64encode(f"subscriber:{key}".encode()).decode()
        for attempt in (1, 2):
            is_fresh = self.connection is None
            if is_fresh:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout_s)
            try:
                self.connection.request("GET", "/auth/nginx", headers=headers)
                answer = self.connection.getresponse()
                answer.read()
                return answer.status, answer.getheader("X-Packyard-Reason"), answer.getheader("Retry-After")
            except (http.client.HTTPException, ConnectionError):
                self.close()
                if is_fresh or attempt == 2:
                    raise
        raise AssertionError("not reached")

    def status(self, key=None, path=PATH):
        return self.ask(key, path)[0]

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None
