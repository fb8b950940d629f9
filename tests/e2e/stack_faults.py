"""What becomes of customers while a container of tests/e2e/run_stack is stopped, killed, paused, filled or restarted: a loop of customers and one
row for each container and fault. (line, function of the stack)"""
import os
import signal
import threading
import time

from package_shapes import make_deb
from packyard_site import run
from stack import SERVICES

POINTER = "/rpm/core/2025/el9-x86_64/repodata/repomd.xml"
IMAGE = "/v2/core/2025/server/manifests/1.4.2"
PACKAGES = "/deb/core/2025/dists/bookworm/main/binary-amd64/Packages"
# Without these no package is handed out; without the others customers must notice nothing at all.
NEEDED = ("traefik", "content")
PAUSE_S = 6


class Loop:
    """Customers who ask all the time: with a key, without, with another component's. What came when."""

    def __init__(self, stack):
        self.stack, self.seen, self.stopping = stack, [], threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(who, path, key, good), daemon=True)
                        for who, path, key, good in (("key", POINTER, stack.key, 200), ("key", IMAGE, stack.key, 200), ("none", POINTER, None, 401),
                                                     ("other", POINTER, stack.plus_key, 401), ("other", IMAGE, stack.plus_key, 401))]

    def run(self, who, path, key, good):
        # A short rest, so that it is the stack that is measured and not the machine under this loop.
        while not self.stopping.wait(0.03):
            started = time.monotonic()
            try:
                answer = self.stack.ask(path, key, timeout=20)
                status, retry = answer.status, answer.headers["Retry-After"]
            except OSError as error:
                status, retry = f"{type(error).__name__}", None
            self.seen.append((who, status, good, retry, started, time.monotonic() - started))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        time.sleep(2)
        return self

    def __exit__(self, *_):
        time.sleep(2)
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)
        # Whatever happens: nobody without the right key is let in.
        allowed = [row for row in self.seen if row[0] != "key" and row[1] == 200]
        assert allowed == [], allowed

    def lost(self):
        return [row for row in self.seen if row[1] != row[2]]

    def counts(self):
        counts = {}
        for who, status, *_ in self.seen:
            counts[(who, status)] = counts.get((who, status), 0) + 1
        return ", ".join(f"{who} {status}: {count}" for (who, status), count in sorted(counts.items(), key=str))

    def report(self):
        lost = self.lost()
        spread = f", {lost[-1][4] - lost[0][4]:.1f} s from the first to the last that failed" if lost else ""
        print(f"      {self.counts()}; slowest {max(row[5] for row in self.seen):.2f} s{spread}")
        return lost


def is_healthy(stack, service):
    return stack.docker("inspect", stack.container(service), "--format", "{{.State.Status}} {{.State.Health.Status}}").strip() == "running healthy"


def started_at(stack, service):
    return stack.docker("inspect", stack.container(service), "--format", "{{.State.StartedAt}}").strip()


# ---- faults: each ends with the container's own processes free to come back, without help ------------------------------------
def stop(stack, service):
    """By the operator, who starts it again: a stopped container stays stopped, that is what stopping is for."""
    stack.docker("stop", "--time", "5", stack.container(service))
    time.sleep(3)
    stack.docker("start", stack.container(service))


def kill(stack, service):
    """The process dies from outside of Docker; the restart policy brings it back."""
    before = started_at(stack, service)
    pid = stack.docker("inspect", stack.container(service), "--format", "{{.State.Pid}}").strip()
    with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
        assert "docker" in file.read(), f"{pid} is not a container's process"
    os.kill(int(pid), signal.SIGKILL)
    stack.wait_for(lambda: started_at(stack, service) != before, f"{service} to be started again by its restart policy")


def pause(stack, service):
    stack.docker("pause", stack.container(service))
    time.sleep(PAUSE_S)
    stack.docker("unpause", stack.container(service))


def fill(stack, service):
    """All that it may write to is full for a while."""
    name = stack.container(service)
    stack.docker("exec", name, "sh", "-c", "cat /dev/zero >/tmp/fill 2>/dev/null; test -s /tmp/fill")
    time.sleep(3)
    stack.docker("exec", name, "rm", "/tmp/fill")


def restart(stack, service):
    stack.docker("restart", "--time", "10", stack.container(service))


FAULTS = (stop, kill, pause, fill, restart)


def endure(service, fault):
    """A row of the table: what customers saw, and that nothing of it lasted once the container was well again."""
    def check(stack):
        with Loop(stack) as loop:
            began = time.monotonic()
            fault(stack, service)
            stack.wait_for(lambda: is_healthy(stack, service), f"{service} to be healthy again")
            own_s = time.monotonic() - began
            well = time.monotonic()
            stack.wait_for(lambda: stack.ask(POINTER, stack.key).status == 200, "a package")
        lost = loop.lost()
        outage_s = max(row[4] + row[5] for row in lost) - min(row[4] for row in lost) if lost else 0
        print(f"      | {service} | {fault.__name__} | {own_s:.1f} s | {outage_s:.1f} s | {loop.counts()} |")
        late = [row for row in lost if row[4] > well + 1]
        assert not late, f"still failing after {service} was healthy: {late[:5]}"
        assert service in NEEDED or not lost, f"customers noticed: {lost[:5]}"
    return f"faults: {service}: {fault.__name__}", check


def disk_full(stack):
    """The disk of all data: what is published is handed out, keys open; a promotion, an upload and a new key fail in words; then all goes on."""
    ballast, package = f"{stack.data}/ballast", f"acme-full-{stack.mark}"
    stack.stage("core", "deb", "bookworm", [make_deb(stack.folder, package, "1.0-1")])
    with stack.signing_keys_on_the_disk(), Loop(stack) as loop:
        run(["sh", "-c", 'cat /dev/zero >"$1" 2>/dev/null; test -s "$1"', "sh", ballast])
        try:
            upload = stack.bucket().ask("PUT", "core/2025/deb/bookworm/too-much.deb", body=bytes(1 << 20)).status
            told = stack.promote(check=False)
            assert told.returncode != 0 and package.encode() not in stack.ask(PACKAGES, stack.key).body, told.stdout + told.stderr
            print(f"      an upload: {upload}; a promotion: status {told.returncode}, {told.stderr.strip().splitlines()[-1][:200]}")
            status, answer = fill_the_key_store(stack)
            print(f"      new keys, until the store's file has to grow: {status} {str(answer)[:200]}")
            assert upload >= 500 and status in (201, 503), (upload, status, answer)
            time.sleep(3)
            assert stack.ask(POINTER, stack.key).status == 200
        finally:
            os.remove(ballast)
        assert stack.admin("POST", "/api/v1/keys", {"component": "core", "label": "after the full disk"})[0] == 201
        stack.promote()
        assert f"Package: {package}".encode() in stack.ask(PACKAGES, stack.key).body
    assert loop.report() == [], loop.lost()[:10]


def fill_the_key_store(stack):
    """New keys as long as the pages that the store has are enough."""
    for _ in range(300):
        status, answer = stack.admin("POST", "/api/v1/keys", {"component": "core", "label": "x" * 200})
        if status != 201:
            break
    return status, answer


CASES = [endure(service, fault) for service in SERVICES for fault in FAULTS] + [("faults: the disk of all data is full", disk_full)]
