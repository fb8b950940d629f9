#!/usr/bin/env python3
"""A day of use, minute by minute, with the clock of admin and gates turned on from step to step: customers come and go, keys begin, end, are
suspended, rotated and revoked; every answer is what a plain model says, nothing is counted twice or lost, and memory stays flat.

E2E_DAY_STEP_MINUTES: length of a step (10; 1 for the evidence: 1440 steps). Needs libfaketime."""
import glob
import os
import random
import re
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gate_site import GateSite  # noqa: E402

FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
STEP_SECONDS = 60 * int(os.environ.get("E2E_DAY_STEP_MINUTES", "10"))
STEPS = 86400 // STEP_SECONDS
REQUESTS_EACH = 60
NEAR_SECONDS = 20  # this side of a key's beginning or end the processes' clocks may say otherwise
GROWTH_MAX_BYTES = 4 << 20
KEYS = "/api/v1/keys"


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Key:
    """What the model knows: when the key opens, and which of its secrets."""

    def __init__(self, row, begins, ends, grace):
        self.id, self.secrets = row["id"], [(row["key"], None)]  # with the end of each
        self.begins, self.ends, self.grace = begins, ends, grace
        self.suspended = self.revoked = False

    def wanted(self, now, until):
        """200 or 401; None where it is too near to say."""
        moments = [moment for moment in (self.begins, self.ends and self.ends + self.grace, until) if moment]
        if any(abs(moment - now) <= NEAR_SECONDS for moment in moments):
            return None
        closed = (self.suspended or self.revoked or (self.begins and now < self.begins) or (self.ends and now >= self.ends + self.grace)
                  or (until and now >= until))
        return 401 if closed else 200


class Day(unittest.TestCase):
    def setUp(self):
        self.assertTrue(FAKETIME, "libfaketime is missing: dependencies/install test")
        self.site = GateSite(starts=False)
        self.addCleanup(self.site.close)
        self.offset, self.file = 0, f"{self.site.folder}/clock"
        self.turn()
        clock = {"LD_PRELOAD": FAKETIME[0], "FAKETIME_TIMESTAMP_FILE": self.file, "FAKETIME_NO_CACHE": "1",
                 "FAKETIME_DONT_FAKE_MONOTONIC": "1", "ASAN_OPTIONS": "verify_asan_link_order=0"}
        self.site.start_admin(**clock)
        for number in (0, 1):
            self.site.start_gate(number, **clock)
        self.keys, self.random, self.passed = [], random.Random(24), {}

    def turn(self):
        with open(self.file + ".new", "w", encoding="ascii") as new:
            new.write(f"+{self.offset}\n")
        os.replace(self.file + ".new", self.file)

    def now(self):
        return time.time() + self.offset

    def admin(self, method, path, body=None, wanted=200):
        status, answer = self.site.admin(method, path, body)
        self.assertEqual(status, wanted, answer)
        return answer

    def make_key(self):
        hours = lambda least, most: self.now() + 3600 * self.random.uniform(least, most)
        begins = hours(0.1, 3) if self.random.random() < 0.2 else None
        ends = int((begins or self.now()) + 3600 * self.random.uniform(0.2, 12)) if self.random.random() < 0.6 else None
        begins = int(begins) if begins else None
        grace = self.random.choice((0, 0, 3600)) if ends else 0
        fields = {"component": "core", "label": "day", "grace_seconds": grace, "not_before": begins and rfc3339(begins), "expires_at": ends and rfc3339(ends)}
        self.keys.append(Key(self.admin("POST", KEYS, fields, 201), begins, ends, grace))

    def change_one(self):
        key = self.random.choice(self.keys)
        what = self.random.choice(("suspend", "resume", "rotate", "rotate", "revoke"))
        if key.revoked or (what == "revoke" and self.random.random() < 0.5):
            return
        if what == "revoke":
            self.admin("DELETE", f"{KEYS}/{key.id}")
            key.revoked = True
        elif what == "rotate":
            overlap = self.random.choice((0, 1800, 7200))
            status, row = self.site.admin("POST", f"{KEYS}/{key.id}/rotate", {"overlap_seconds": overlap})
            if status == 409:  # four former secrets still open
                return
            self.assertEqual(status, 200, row)
            until = self.now() + overlap
            # What was replaced before keeps its own end, unless all are ended at once.
            key.secrets = [(secret, (end or until) if overlap else 1) for secret, end in key.secrets] + [(row["key"], None)]
        else:
            self.admin("POST", f"{KEYS}/{key.id}/{what}", {})
            key.suspended = what == "suspend"

    def ask_some(self):
        for _ in range(REQUESTS_EACH):
            key = self.random.choice(self.keys)
            secret, until = self.random.choice(key.secrets)
            gate = self.random.choice(self.site.gates)
            wanted = key.wanted(self.now(), until)
            status = gate.status(secret)
            self.assertIn(status, (200, 401) if wanted is None else (wanted,), (key.id, rfc3339(self.now()), vars(key)))
            self.passed[key.id] = self.passed.get(key.id, 0) + (status == 200)

    def resident_bytes(self):
        return [self.site.metric("process_resident_memory_bytes", number) for number in (0, 1)]

    def test_a_day(self):
        for _ in range(20):
            self.make_key()
        early = None
        for step in range(STEPS):
            self.offset += STEP_SECONDS
            self.turn()
            if step % max(1, STEPS // 96) == 0:
                self.make_key()
            self.change_one()
            self.ask_some()
            if step == STEPS // 6:
                early = self.resident_bytes()
        late = self.resident_bytes()
        print(f"{STEPS} steps, {STEPS * REQUESTS_EACH} requests, {len(self.keys)} keys; resident after four hours "
              f"{[round(value / 1e6, 1) for value in early]} MB, after 24 {[round(value / 1e6, 1) for value in late]} MB")
        for before, after in zip(early, late):
            self.assertLess(after - before, GROWTH_MAX_BYTES)
        self.assertGreater(sum(self.passed.values()), STEPS * REQUESTS_EACH // 10)
        self.site.wait_for(self.is_counted, "the counts of the last requests")
        series = len(re.findall(r"(?m)^[^#]", self.site.metrics()))
        self.assertLess(series, 400)

    def is_counted(self):
        counted = {row["id"]: row["use_count"] for row in self.admin("GET", KEYS)}
        for id_, count in self.passed.items():
            self.assertLessEqual(counted[id_], count, id_)
        return all(counted[id_] == count for id_, count in self.passed.items())


if __name__ == "__main__":
    unittest.main()
