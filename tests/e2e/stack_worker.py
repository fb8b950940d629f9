"""The worker of tests/e2e/run_stack: promotions that are asked for over the admin API, carried out by the one container that has the keys, also
when that is killed in the middle. (line, function of the stack)"""
import os
import signal

from package_shapes import make_deb
from stack_faults import Loop, started_at

PACKAGES = "/deb/core/2025/dists/bookworm/main/binary-amd64/Packages"


def asked(stack, *options):
    """docker compose exec admin packyard promote --queue …, as docs say."""
    return stack.compose("exec", "-T", "admin", "packyard", "promote", "--queue", *options).stdout


def promotion(stack, number):
    status, record = stack.admin("GET", f"/api/v1/promotions/{number}")
    assert status == 200, (status, record)
    return record


def ended(stack, number):
    stack.wait_for(lambda: promotion(stack, number)["state"] not in ("queued", "running"), f"{number} to end", 300)
    return promotion(stack, number)


def kill_worker(stack):
    before = started_at(stack, "worker")
    os.kill(int(stack.docker("inspect", stack.container("worker"), "--format", "{{.State.Pid}}")), signal.SIGKILL)
    stack.wait_for(lambda: started_at(stack, "worker") != before, "the worker to be started again")


def worker(stack):
    with stack.signing_keys_on_the_disk(), Loop(stack) as loop:
        stack.compose("--profile", "worker", "up", "--detach", "--no-build", "worker")
        first, second = f"acme-asked-{stack.mark}", f"acme-killed-{stack.mark}"
        try:
            stack.stage("core", "deb", "bookworm", [make_deb(stack.folder, first, "1.0-1")])
            assert first in asked(stack, "--dry-run", "--wait")
            print("\n".join("      | " + line for line in asked(stack, "--component", "core", "--wait").splitlines()[-3:]))
            assert f"Package: {first}".encode() in stack.ask(PACKAGES, stack.key).body
            stack.stage("core", "deb", "bookworm", [make_deb(stack.folder, second, "1.0-1")])
            number = asked(stack).split()[-1]
            stack.wait_for(lambda: promotion(stack, number)["state"] == "running", f"{number} to run")
            kill_worker(stack)
            record = ended(stack, number)
            print(f"      killed while {number} ran: {record['state']}, attempts {record['attempts']}, release {record['release']}")
            assert record["state"] == "succeeded" and record["attempts"] == 2, record
            assert f"Package: {second}".encode() in stack.ask(PACKAGES, stack.key).body
            outcome = stack.health_check()
            assert outcome.returncode == 0, outcome.stdout
        finally:
            stack.compose("--profile", "worker", "rm", "--stop", "--force", "worker")
    assert loop.report() == [], loop.lost()[:10]


CASES = [("worker: what is asked for over the admin API is published; a worker that is killed in the middle takes it again", worker)]
