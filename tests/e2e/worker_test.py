#!/usr/bin/env python3
"""Promotions through the queue: the admin API takes them, the worker carries them out one after the other, and neither a worker that is
killed in the middle, nor one that is told to end, nor a store that is taken, nor what is staged wrongly holds up the queue."""
import contextlib
import fcntl
import json
import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import packyard_site  # noqa: E402
from package_shapes import make_deb  # noqa: E402
from packyard_site import BUILD, Site, clean_environment, run  # noqa: E402

PROMOTIONS = "/api/v1/promotions"
packyard_site.START_DEADLINE_S = 600  # what is waited for here is whole promotions


class WorkerSite(Site):
    """A site whose admin runs; start_worker() adds the one that has the keys."""

    def __init__(self):
        super().__init__()
        self.start_serve()
        self.wait_for(lambda: self.admin("GET", "/healthz")[0] == 200, "the admin")

    def start_worker(self, *options, **environment):
        self.spawn("worker", [f"{BUILD}/packyard", "promote", "--worker", *options], PACKYARD_CONFIG=self.config, **self.secrets() | environment)
        self.wait_for(lambda: "worker_ready" in self.log("worker"), "the worker")

    def start_waiting_worker(self, *options):
        """A worker whose promotion waits for its passphrase at this pipe; the pipe."""
        pipe = f"{self.folder}/passphrase-{len(os.listdir(self.folder))}"
        os.mkfifo(pipe, 0o600)
        self.start_worker(*options, GPG_PASSPHRASE_FILE=pipe)
        return pipe

    def give_passphrase(self, pipe):
        with open(f"{self.signing}/passphrase", "rb") as file, open(pipe, "wb") as end:
            end.write(file.read())

    def queue(self, **wanted):
        status, record = self.admin("POST", PROMOTIONS, wanted)
        assert status == 202, (status, record)
        return record["id"]

    def promotion(self, number):
        status, record = self.admin("GET", f"{PROMOTIONS}/{number}")
        assert status == 200, (status, record)
        return record

    def ended(self, number):
        self.wait_for(lambda: self.promotion(number)["state"] not in ("queued", "running"), f"{number} to end")
        return self.promotion(number)

    def children_of(self, name):
        pid = self.processes[name].pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]

    def running_child(self, number):
        """The process of a promotion that runs."""
        self.wait_for(lambda: self.promotion(number)["state"] == "running" and self.children_of("worker"), f"{number} to run")
        return self.children_of("worker")[0]

    def open_files(self, name):
        folder, paths = f"/proc/{self.processes[name].pid}/fd", []
        for descriptor in os.listdir(folder):
            with contextlib.suppress(OSError):
                paths.append(os.readlink(f"{folder}/{descriptor}"))
        return paths

    def stage_deb(self, name, component="core", version="1.0"):
        make_deb(self.folder, name, version)
        self.stage(component, "deb", [f"{self.folder}/{name}_{version}_all.deb"])

    def live_release(self):
        return os.path.basename(os.readlink(f"{self.published}/current"))

    def promote_queued(self, *options):
        """packyard promote --queue, which has neither keys nor settings."""
        return run([f"{BUILD}/packyard", "promote", "--queue", "--admin", f"http://127.0.0.1:{self.admin_port}", *options], check=False,
                   env=clean_environment())


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Worker(unittest.TestCase):
    def setUp(self):
        self.site = WorkerSite()
        self.addCleanup(self.site.close)

    def test_what_is_asked_for_is_published(self):
        site = self.site
        site.stage_deb("acme-queued")
        number = site.queue(component="core")
        self.assertEqual(number, "prm_1")
        self.assertFalse(site.promotion(number)["worker_running"])
        site.start_worker()
        record = site.ended(number)
        self.assertEqual((record["state"], record["release"], record["attempts"], record["findings"]), ("succeeded", 1, 1, []), record)
        self.assertEqual([(change["kind"], change["name"]) for change in record["changes"]], [("added", "acme-queued")])
        self.assertEqual([step["name"] for step in record["steps"]][0], "reading staging")
        self.assertIn("verifying", [step["name"] for step in record["steps"]])
        self.assertTrue(record["worker_running"])
        self.assertEqual(site.live_release(), "000001")
        self.assertEqual(site.packyard("verify", check=False).returncode, 0)
        self.assertEqual(len(site.admin("GET", PROMOTIONS)[1]), 1)
        held = site.open_files("serve")
        self.assertTrue([path for path in held if path.endswith("keys.db")], held)
        self.assertFalse([path for path in held if "catalog.db" in path or "promote.lock" in path], held)

    def test_the_command_line_waits_and_shows(self):
        site = self.site
        site.stage_deb("acme-line")
        queued = site.promote_queued("--dry-run")
        self.assertEqual((queued.returncode, queued.stdout), (0, "prm_1\n"), queued.stderr)
        self.assertIn("no worker runs", queued.stderr)
        site.start_worker()
        shown = site.promote_queued("--dry-run", "--wait")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("added acme-line", shown.stdout)
        self.assertIn("this was a dry run", shown.stdout)
        self.assertFalse(os.path.exists(f"{site.published}/current"))
        done = site.promote_queued("--wait", "--component", "core", "--format", "deb", "--target", site.suite, "--year", "2025")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("release 1 is live", done.stdout)
        self.assertIn("reading staging", done.stderr)
        again = site.promote_queued("--wait", "--json")
        self.assertEqual((again.returncode, json.loads(again.stdout)["release"]), (0, None), again.stderr)
        unknown = site.promote_queued("--component", "other")
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("component_unknown", unknown.stderr)

    def test_a_refused_promotion_shows_its_findings_and_the_next_one_runs(self):
        site = self.site
        site.stage_deb("acme-wrong")
        checksum = f"{site.staging}/core/2025/deb/{site.suite}/acme-wrong_1.0_all.deb.sha256"
        os.unlink(checksum)
        site.start_worker()
        refused = site.promote_queued("--wait")
        self.assertEqual(refused.returncode, 1, refused.stdout + refused.stderr)
        self.assertIn("acme-wrong_1.0_all.deb", refused.stderr)
        record = site.promotion("prm_1")
        self.assertEqual(record["state"], "refused")
        self.assertIn("acme-wrong_1.0_all.deb", record["findings"][0]["subject"])
        self.assertIsNone(record["release"])
        with open(f"{site.folder}/state/metrics/promotion_result.prom", encoding="ascii") as file:
            self.assertIn("packyard_promotion_succeeded 0", file.read())
        os.unlink(f"{site.staging}/core/2025/deb/{site.suite}/acme-wrong_1.0_all.deb")
        site.stage_deb("acme-right")
        self.assertEqual(site.ended(site.queue())["release"], 1)

    def test_a_worker_killed_in_the_middle_and_the_queue_goes_on_in_its_order(self):
        site = self.site
        site.stage_deb("acme-first", component="core")
        site.stage_deb("acme-second", component="plus")
        site.start_waiting_worker()
        first, second = site.queue(component="core"), site.queue(component="plus")
        child = site.running_child(first)
        site.stop("worker", signal.SIGKILL)
        site.wait_for(lambda: not is_alive(child), "the promotion to die with its worker")
        left = site.promotion(first)
        self.assertEqual((left["state"], left["worker_running"], left["attempts"]), ("running", False, 1))
        third = site.queue()
        site.start_worker()
        records = [site.ended(number) for number in (first, second, third)]
        self.assertEqual([record["state"] for record in records], ["succeeded"] * 3, records)
        self.assertEqual([record["release"] for record in records], [1, 2, None])
        self.assertEqual([record["attempts"] for record in records], [2, 1, 1])
        self.assertEqual([change["name"] for change in records[1]["changes"]], ["acme-second"])
        self.assertEqual(site.live_release(), "000002")
        self.assertEqual(site.packyard("verify", check=False).returncode, 0)

    def test_a_promotion_that_dies_alone_is_taken_again(self):
        site = self.site
        site.stage_deb("acme-killed")
        pipe = site.start_waiting_worker()
        number = site.queue()
        child = site.running_child(number)
        os.kill(child, signal.SIGKILL)
        site.wait_for(lambda: site.promotion(number)["attempts"] == 2 and site.children_of("worker"), "the second attempt")
        site.give_passphrase(pipe)
        self.assertEqual(site.ended(number)["release"], 1)

    def test_a_worker_told_to_end_lets_its_promotion_end(self):
        site = self.site
        site.stage_deb("acme-grace")
        pipe = site.start_waiting_worker("--grace-seconds", "3600")
        number, waiting = site.queue(), site.queue()
        site.running_child(number)
        worker = site.processes.pop("worker")
        worker.send_signal(signal.SIGTERM)
        site.give_passphrase(pipe)
        self.assertEqual(worker.wait(60), 0, site.log("worker"))
        self.assertEqual((site.promotion(number)["state"], site.promotion(number)["release"]), ("succeeded", 1))
        self.assertEqual(site.promotion(waiting)["state"], "queued")

    def test_a_worker_without_time_gives_its_promotion_back(self):
        site = self.site
        site.stage_deb("acme-back")
        site.start_waiting_worker("--grace-seconds", "0")
        number = site.queue()
        site.running_child(number)
        worker = site.processes.pop("worker")
        worker.send_signal(signal.SIGTERM)
        self.assertEqual(worker.wait(60), 0, site.log("worker"))
        record = site.promotion(number)
        self.assertEqual((record["state"], record["attempts"]), ("queued", 0))
        self.assertIn("the worker was stopped", record["reason"])
        site.start_worker()
        self.assertEqual(site.ended(number)["release"], 1)

    def test_an_idle_worker_ends_at_once_and_there_is_one_only(self):
        site = self.site
        site.start_worker()
        second = site.packyard("promote", "--worker", check=False)
        self.assertEqual(second.returncode, 4, second.stderr)
        self.assertIn("another worker", second.stderr)
        site.stop("worker")

    def test_a_taken_store_is_waited_for(self):
        site = self.site
        site.stage_deb("acme-taken")
        with open(f"{site.folder}/state/promote.lock", "a+", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            site.start_worker()
            number = site.queue()
            site.wait_for(lambda: "another promotion" in site.promotion(number)["reason"], "the worker to find the store taken")
        record = site.ended(number)
        self.assertEqual((record["release"], record["attempts"], record["reason"]), (1, 1, ""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
