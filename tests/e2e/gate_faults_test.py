#!/usr/bin/env python3
"""What may go wrong under a gate: the key database locked, taken away, damaged, on a disk that takes no more; the clock jumping; descriptors used
up, thousands of idle connections, headers that never end. Never a wrong yes; 503 with Retry-After where the gate cannot know; well again by
itself; and no memory kept. Two gates and an admin, each a process.

E2E_IDLE_CONNECTIONS: how many (2000; 10000 for the evidence). The clock needs libfaketime, a real full disk the right to mount (a disk that
refuses to grow is tried everywhere)."""
import concurrent.futures
import contextlib
import glob
import mmap
import os
import resource
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gate_site import GateSite  # noqa: E402
from packyard_site import mistyped  # noqa: E402
from raw_connection import RawConnection  # noqa: E402

IDLE = int(os.environ.get("E2E_IDLE_CONNECTIONS", "2000"))
PLUS = "/rpm/plus/2025/el9-x86_64/repodata/repomd.xml"
KEPT_BYTES_MAX = 24 << 20
FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
# Readers of a database in WAL mode hold these bytes of its -shm file shared; whoever holds them alone locks everybody out.
SHM_LOCK_BYTES = (120, 8)


class LockedOut:
    """with LockedOut(file): nobody can read or write it. In a process of its own, as file locks belong to processes."""

    def __init__(self, database):
        self.code = (f"import fcntl,sys\nfile = open({database + '-shm'!r}, 'r+b')\nfcntl.lockf(file, fcntl.LOCK_EX, {SHM_LOCK_BYTES[1]}, {SHM_LOCK_BYTES[0]})\n"
                     "print('held', flush=True)\nsys.stdin.read()\n")

    def __enter__(self):
        self.holder = subprocess.Popen([sys.executable, "-c", self.code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.holder.stdout.readline() == "held\n"

    def __exit__(self, *_):
        self.holder.communicate("")


def raise_signal(state):
    """As a writer does before it commits: every gate must look."""
    with open(f"{state}/keys.signal", "r+b") as file, mmap.mmap(file.fileno(), 8) as counter:
        counter[:8] = struct.pack("=Q", struct.unpack("=Q", counter[:8])[0] + 1)


class Faults(unittest.TestCase):
    def setUp(self):
        self.site = GateSite()
        self.addCleanup(self.site.close)
        self.database = f"{self.site.state}/keys.db"
        self.good = self.site.create_key("core")["key"]
        revoked = self.site.create_key("core")
        self.site.revoke(revoked["id"])
        self.revoked = revoked["key"]
        self.all_is_well()

    def all_is_well(self):
        self.assertEqual(self.site.statuses(self.good), [200, 200])
        self.nothing_is_wrongly_allowed()

    def nothing_is_wrongly_allowed(self):
        for key, path in ((self.revoked, None), (None, None), (mistyped(self.good), None), (self.good, PLUS)):
            for gate in self.site.gates:
                status, _, retry_after = gate.ask(key, **({"path": path} if path else {}))
                self.assertIn(status, (401, 503))
                self.assertEqual(retry_after is not None, status == 503)

    def gates_cannot_know(self):
        for gate in self.site.gates:
            status, reason, retry_after = gate.ask(self.good)
            self.assertEqual((status, reason), (503, "not_current"))
            self.assertGreater(int(retry_after), 0)
        self.nothing_is_wrongly_allowed()

    def until_well(self, key=None):
        self.site.wait_for(lambda: self.site.statuses(key or self.good) == [200, 200], "the gates to recover")
        self.all_is_well()

    # ---- the database -----------------------------------------------------------------------------------------------------
    def test_a_locked_database(self):
        holder = sqlite3.connect(self.database, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")  # of writers alone: readers go on
        self.assertEqual(self.site.admin("POST", "/api/v1/keys", {"component": "core", "label": "x"})[0], 503)
        self.all_is_well()
        holder.execute("ROLLBACK")
        holder.close()
        self.assertEqual(self.site.statuses(self.site.create_key("core")["key"]), [200, 200])

    def test_a_database_that_cannot_even_be_read(self):
        with LockedOut(self.database):
            self.all_is_well()  # what is in memory is still true
            raise_signal(self.site.state)
            # At once: SQLite goes on trying for some ten seconds before it says so.
            asked = [lambda gate=gate: gate.ask(self.good) for gate in self.site.gates]
            asked.append(lambda: self.site.admin("POST", "/api/v1/keys", {"component": "core", "label": "x"}))
            with concurrent.futures.ThreadPoolExecutor() as pool:
                *gates, admin = [answer.result() for answer in [pool.submit(ask) for ask in asked]]
            for status, reason, retry_after in gates:
                self.assertEqual((status, reason), (503, "not_current"))
                self.assertGreater(int(retry_after), 0)
            self.assertIn(admin[0], (408, 503), admin)  # 408: the listener's patience is as long as SQLite's
        self.until_well()
        self.assertEqual(self.site.statuses(self.site.create_key("core")["key"]), [200, 200])

    def test_a_deleted_database_that_comes_back(self):
        names = [name for name in glob.glob(f"{self.database}*")]
        aside = f"{self.site.folder}/aside"
        os.mkdir(aside)
        for name in names:
            os.rename(name, f"{aside}/{os.path.basename(name)}")
        self.site.wait_for(lambda: self.site.statuses(self.good) == [503, 503], "the gates to notice that the database is gone")
        self.gates_cannot_know()
        self.assertEqual(self.site.admin("GET", "/api/v1/keys")[0], 503)
        for name in names:
            os.rename(f"{aside}/{os.path.basename(name)}", name)
        self.until_well()

    def test_a_damaged_database(self):
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # everything into the file that is damaged now
        with open(self.database, "rb") as file:
            before = file.read()
        self.assertGreater(len(before), 4096)
        key = self.site.create_key("core")
        with open(self.database, "r+b") as file:
            file.write(os.urandom(len(before)))
        raise_signal(self.site.state)
        # The admin may still have pages in memory; then its answer counts. What it has revoked stays shut whatever the file looks like.
        status, _ = self.site.admin("DELETE", f"/api/v1/keys/{key['id']}")
        if status == 200:
            for gate in self.site.gates:
                self.assertIn(gate.ask(key["key"])[0], (401, 503))
        else:
            self.assertIn(status, (500, 503))
        self.nothing_is_wrongly_allowed()
        with open(self.database, "r+b") as file:
            file.write(before)
        self.until_well()

    def refuses_to_grow(self, is_full):
        for name in ("admin", "gate0", "gate1"):
            process = self.site.processes[name]
            soft, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0 if is_full else hard, hard))

    def test_a_disk_that_takes_no_more(self):
        key = self.site.create_key("core")
        self.refuses_to_grow(True)
        for method, path, body in (("POST", "/api/v1/keys", {"component": "core", "label": "x"}), ("POST", f"/api/v1/keys/{key['id']}/suspend", {}),
                                   ("DELETE", f"/api/v1/keys/{key['id']}", None)):
            status, answer = self.site.admin(method, path, body)
            self.assertEqual(status, 503, answer)
        self.all_is_well()  # nothing has changed, and the gates can read that
        self.assertEqual(self.site.statuses(key["key"]), [200, 200])
        self.refuses_to_grow(False)
        self.assertEqual(self.site.admin("DELETE", f"/api/v1/keys/{key['id']}")[0], 200)
        self.assertEqual(self.site.statuses(key["key"]), [401, 401])
        self.all_is_well()

    # ---- the process --------------------------------------------------------------------------------------------------------
    def use_count(self, key):
        return self.site.admin("GET", f"/api/v1/keys/{key['id']}")[1]["use_count"]

    def test_killed_and_started_again(self):
        key = self.site.create_key("core")
        for _ in range(20):
            self.assertEqual(self.site.gates[0].ask(key["key"])[0], 200)
        self.site.wait_for(lambda: self.use_count(key) == 20, "the gate to write down what was used")
        before = {row["id"] for row in self.site.admin("GET", "/api/v1/keys")[1]}
        for _ in range(5):  # these may be lost, nothing else
            self.assertEqual(self.site.gates[0].ask(key["key"])[0], 200)
        for name in ("gate0", "admin", "gate1"):
            self.site.stop(name, signal.SIGKILL)
        self.site.start_admin()
        for number in (0, 1):
            self.site.start_gate(number)
        self.assertIn(self.use_count(key), range(20, 26))
        self.assertEqual({row["id"] for row in self.site.admin("GET", "/api/v1/keys")[1]}, before)
        self.assertEqual(self.site.statuses(key["key"]), [200, 200])
        self.all_is_well()

    def test_no_descriptors_left(self):
        self.site.stop("gate0")
        self.site.start_gate(0, limit=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96)))
        held = []
        for _ in range(300):
            held.append(socket.create_connection(("127.0.0.1", self.site.gate_ports[0]), timeout=60))
        self.site.gates[0].close()
        self.site.wait_for(lambda: self.site.gates[0].ask(self.good)[0] == 200, "a gate that is out of descriptors")
        self.nothing_is_wrongly_allowed()
        late = self.site.create_key("core")
        self.assertEqual(self.site.statuses(late["key"]), [200, 200])
        self.site.revoke(late["id"])
        self.assertEqual(self.site.statuses(late["key"]), [401, 401])
        for connection in held:
            connection.close()
        self.until_well()

    # ---- hostile clients of the gate's port -----------------------------------------------------------------------------------
    def test_idle_slow_and_endless(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, IDLE + 500)), hard))
        port = self.site.gate_ports[0]
        self.endless_header(port)  # what a first request of a kind takes is no leak
        before = self.site.metric("process_resident_memory_bytes")
        held = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(IDLE)]
        self.all_is_well()
        slow = held[-200:]  # where descriptors are few, the gate gives up those that have been idle longest
        for connection in slow:
            connection.sendall(b"GET /auth/nginx HTTP/1.1\r\nX-Origin")
        self.all_is_well()
        for _ in range(3):
            self.endless_header(port)
        during = self.site.metric("process_resident_memory_bytes")
        for connection in slow:  # the gate gives up on them by itself
            self.assertIn(b"408", connection.recv(4096))
            self.assertEqual(connection.recv(4096), b"")
        self.all_is_well()
        for connection in held:
            connection.close()
        self.site.wait_for(lambda: self.site.metric("process_open_fds") < 100, "the gate to close what its clients closed")
        after = self.site.metric("process_resident_memory_bytes")
        print(f"{IDLE} idle connections, 200 slow ones, four headers of 100 MB: resident {before / 2**20:.1f} MiB before, {during / 2**20:.1f} during, "
              f"{after / 2**20:.1f} after")
        self.assertLess(during - before, KEPT_BYTES_MAX + IDLE * 2048)
        self.assertLess(after - before, KEPT_BYTES_MAX)

    def endless_header(self, port):
        connection = RawConnection(port)
        connection.send(b"GET /auth/nginx HTTP/1.1\r\nX-Large: " + b"a" * (100 << 20) + b"\r\n\r\n")
        answers = connection.answers(["GET"])
        self.assertTrue(not answers or answers[0].status in (400, 413, 431), answers and answers[0].head)
        connection.close()


class Disk(unittest.TestCase):
    """A file system of its own that is really full, and one that is really read-only when the gate starts."""

    def test_full_and_read_only(self):
        as_root = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
        with tempfile.TemporaryDirectory(prefix="packyard-e2e-disk-") as folder:
            can_mount = subprocess.run([*as_root, "mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False).returncode == 0
            if not can_mount:
                print("no right to mount here: the full disk is test_a_disk_that_takes_no_more alone")
                return
            done = subprocess.run([*as_root, sys.executable, os.path.abspath(__file__), "--on-a-small-disk", folder], capture_output=True, text=True,
                                  timeout=600, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("small disk: all is well", done.stdout)


def on_a_small_disk(folder):
    """In a mount namespace of its own."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=755", "tmpfs", folder], check=True)
    site = GateSite(state=f"{folder}/state")
    try:
        good = site.create_key("core")["key"]
        fill = os.open(f"{folder}/fill", os.O_WRONLY | os.O_CREAT)
        try:
            while os.write(fill, b"x" * 4096):
                pass
        except OSError:
            pass
        refused = 0
        for _ in range(400):  # until what the database has reserved is used up
            status, row = site.admin("POST", "/api/v1/keys", {"component": "core", "label": "x" * 100})
            if status == 201:
                assert site.statuses(row["key"]) == [200, 200]
                continue
            assert status == 503, (status, row)
            refused += 1
            if refused == 3:
                break
        assert refused == 3, "the disk never was full"
        assert site.statuses(good) == [200, 200] and site.statuses(None) == [401, 401]
        os.close(fill)
        os.remove(f"{folder}/fill")
        site.wait_for(lambda: site.admin("POST", "/api/v1/keys", {"component": "core", "label": "x"})[0] == 201, "room again")
        for name in ("admin", "gate0", "gate1"):
            site.stop(name)
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        for subcommand in ("gate", "admin"):
            done = site.packyard(subcommand, check=False, timeout=60)
            assert done.returncode == 3 and "keys.db" in done.stderr, (done.returncode, done.stderr)
        subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
        site.start_admin()
        for number in (0, 1):
            site.start_gate(number)
        assert site.statuses(good) == [200, 200]
        print("small disk: all is well")
    finally:
        site.close()


class Clock(unittest.TestCase):
    """A gate whose clock is turned while it runs."""

    def test_times_follow_the_clock_there_and_back(self):
        self.assertTrue(FAKETIME, "libfaketime is missing: dependencies/install test")
        site = GateSite(starts=False)
        self.addCleanup(site.close)
        offset = f"{site.folder}/clock"
        site.start_admin()
        for number in (0, 1):
            self.turn(offset, "+0")
            site.start_gate(number, LD_PRELOAD=FAKETIME[0], FAKETIME_TIMESTAMP_FILE=offset, FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1",
                            ASAN_OPTIONS="verify_asan_link_order=0")
        hour = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + hours * 3600)) for hours in range(4)]
        always = site.create_key("core")["key"]
        ends = site.create_key("core", expires_at=hour[1])["key"]
        begins = site.create_key("core", not_before=hour[1])["key"]
        grace = site.create_key("core", expires_at=hour[1], grace_seconds=3600)["key"]
        for clock, wanted in (("+0", (200, 200, 401, 200)), ("+5400", (200, 401, 200, 200)), ("+10800", (200, 401, 200, 401)), ("-86400", (200, 200, 401, 200)),
                              ("+315360000", (200, 401, 200, 401)), ("-1000000000", (200, 200, 401, 200)), ("+0", (200, 200, 401, 200))):
            self.turn(offset, clock)
            for number, key in enumerate((always, ends, begins, grace)):
                self.assertEqual(site.statuses(key), [wanted[number]] * 2, (clock, number))
            # Changes still arrive at once: nothing waits by the wall clock.
            fresh = site.create_key("core")
            self.assertEqual(site.statuses(fresh["key"]), [200, 200], clock)
            site.revoke(fresh["id"])
            self.assertEqual(site.statuses(fresh["key"]), [401, 401], clock)
            self.assertTrue(site.is_ready(0))

    @staticmethod
    def turn(file, offset):
        with open(f"{file}.new", "w", encoding="ascii") as new:
            new.write(offset + "\n")
        os.replace(f"{file}.new", file)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--on-a-small-disk"]:
        on_a_small_disk(sys.argv[2])
    else:
        unittest.main(verbosity=2)
