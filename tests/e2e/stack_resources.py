"""What the stack of tests/e2e/run_stack takes of the machine: idle, and while 2 GiB are promoted, against 4 GB in all and 1.5 GB at most for the press.
(line, function of the stack)"""
import os
import subprocess
import threading
import time

from package_shapes import build_rpms, make_deb
from packyard_site import clean_environment, run
from image_shapes import write_archive
from stack import COMPOSE, PROJECT, SERVICES
from stack_faults import Loop

MIB = 1 << 20
PART_BYTES = 512 * MIB
IDLE_S = 30
STACK_BYTES_MAX, PRESS_BYTES_MAX = 4 * 1000**3, 1500 * 1000**2
SPEC = """Name: acme-huge
Version: @VERSION@
Release: 1%{?dist}
Summary: As large as a package may be
License: MIT
%define _binary_payload w.ufdio
%description
As large as a package may be.
%install
mkdir -p %{buildroot}/opt/huge
head -c @BYTES@ /dev/urandom > %{buildroot}/opt/huge/data
%files
/opt/huge
"""


class Usage:
    """Memory and processor time of one container, from its control group (of version 1 or 2)."""

    def __init__(self, stack, container):
        self.pid = int(stack.docker("inspect", container, "--format", "{{.State.Pid}}"))
        places = {}
        with open(f"/proc/{self.pid}/cgroup", encoding="ascii") as file:
            for line in file:
                _, controllers, path = line.strip().split(":", 2)
                places.update({name: path for name in controllers.split(",")})
        self.is_second = "memory" not in places
        base = "/sys/fs/cgroup"
        self.memory = f"{base}{places['']}" if self.is_second else f"{base}/memory{places['memory']}"
        self.processor = f"{base}{places['']}" if self.is_second else f"{base}/cpuacct{places['cpuacct']}"

    def number(self, name):
        with open(f"{self.memory}/{name}", encoding="ascii") as file:
            return int(file.read())

    def stat(self, folder, name, field):
        with open(f"{folder}/{name}", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.split()[0] == field)

    def held(self):
        """As docker stats counts: without the files that the kernel would give back first."""
        used = self.number("memory.current" if self.is_second else "memory.usage_in_bytes")
        return used - self.stat(self.memory, "memory.stat", "inactive_file" if self.is_second else "total_inactive_file")

    def own(self):
        """What no other process could have: not the cached files."""
        return self.stat(self.memory, "memory.stat", "anon" if self.is_second else "total_rss")

    def most(self):
        return self.number("memory.peak" if self.is_second else "memory.max_usage_in_bytes")

    def processor_s(self):
        if self.is_second:
            return self.stat(self.processor, "cpu.stat", "usage_usec") / 1e6
        with open(f"{self.processor}/cpuacct.usage", encoding="ascii") as file:
            return int(file.read()) / 1e9

    def resident_peaks(self):
        """The largest resident size that each of its processes ever had."""
        peaks = {}
        with open(f"{self.memory}/cgroup.procs", encoding="ascii") as file:
            for pid in file.read().split():
                try:
                    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
                        peaks[pid] = next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:")), 0)
                except OSError:
                    pass
        return peaks


def idle(stack):
    usages = {service: Usage(stack, stack.container(service)) for service in SERVICES}
    before = {service: usage.processor_s() for service, usage in usages.items()}
    time.sleep(IDLE_S)
    total = busy = 0
    for service, usage in usages.items():
        share = (usage.processor_s() - before[service]) / IDLE_S
        limit = int(stack.docker("inspect", stack.container(service), "--format", "{{.HostConfig.Memory}}"))
        print(f"      | {service} | {usage.held() / MIB:.0f} MiB | {usage.most() / MIB:.0f} MiB | {limit / MIB:.0f} MiB | {share * 100:.1f} % |")
        total, busy = total + usage.held(), busy + share
    print(f"      | all | {total / MIB:.0f} MiB | | | {busy * 100:.1f} % of one processor |")
    assert total < STACK_BYTES_MAX


class Watch(threading.Thread):
    """The press's container and the whole stack, while a promotion runs."""

    def __init__(self, stack):
        super().__init__(daemon=True)
        self.stack, self.ended = stack, threading.Event()
        self.resident, self.own, self.most, self.all, self.limit = {}, 0, 0, 0, 0

    def press(self):
        found = self.stack.docker("ps", "--quiet", "--filter", f"label=com.docker.compose.project={PROJECT}", "--filter",
                                  "label=com.docker.compose.service=promote").split()
        return found[0] if found else None

    def run(self):
        while not self.press() and not self.ended.wait(0.1):
            pass
        container = self.press()
        if not container:
            return
        self.limit = int(self.stack.docker("inspect", container, "--format", "{{.HostConfig.Memory}}"))
        press = Usage(self.stack, container)
        others = [Usage(self.stack, self.stack.container(service)) for service in SERVICES]
        while not self.ended.wait(0.05):
            try:
                self.resident.update(press.resident_peaks())
                self.own, self.most = max(self.own, press.own()), max(self.most, press.most())
                self.all = max(self.all, press.held() + sum(usage.held() for usage in others))
            except OSError:
                return


def two_gibibytes(stack):
    """An RPM, two DEBs and an image of half a GiB each."""
    folder = f"{stack.folder}/huge"
    os.makedirs(folder, exist_ok=True)
    build_rpms({"acme-huge": SPEC.replace("@BYTES@", str(PART_BYTES)).replace("@VERSION@", stack.mark)}, folder)
    debs = [make_deb(folder, f"acme-huge-{stack.mark}-{number}", "1.0-1", payload_bytes=PART_BYTES) for number in (1, 2)]
    image = write_archive(f"{folder}/2.0.{stack.mark}.tar", "amd64", [{"data": os.urandom(PART_BYTES)}])
    rpms = [f"{folder}/{name}" for name in os.listdir(folder) if name.endswith(".rpm")]
    staged = {"rpm/el9-x86_64": rpms, "deb/bookworm": debs, "oci/server": [image]}
    size = sum(os.path.getsize(path) for paths in staged.values() for path in paths)
    for place, paths in staged.items():
        stack.stage("core", *place.split("/"), paths)
    run(["rm", "-rf", folder])
    return size


def promotion(stack):
    size = two_gibibytes(stack)
    watch = Watch(stack)
    with stack.signing_keys_on_the_disk(), Loop(stack) as loop:
        began = time.monotonic()
        watch.start()
        outcome = subprocess.run([*COMPOSE, "run", "--rm", "-T", "promote"], cwd=stack.root, env=clean_environment(), stdin=subprocess.DEVNULL,
                                 capture_output=True, text=True, timeout=3600, check=False)
        seconds = time.monotonic() - began
        watch.ended.set()
        watch.join(60)
    resident = sum(watch.resident.values())
    print(f"      {size / MIB:.0f} MiB promoted in {seconds:.0f} s; the press's processes: at most {resident / MIB:.0f} MiB resident, "
          f"{watch.own / MIB:.0f} MiB of their own; its container with cached files: {watch.most / MIB:.0f} of {watch.limit / MIB:.0f} MiB; "
          f"the whole stack meanwhile: {watch.all / MIB:.0f} MiB")
    lost = loop.report()
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert lost == [], lost[:10]
    assert 0 < resident < PRESS_BYTES_MAX and watch.all < STACK_BYTES_MAX
    assert stack.ask(f"/v2/core/2025/server/manifests/2.0.{stack.mark}", stack.key).status == 200


CASES = [
    ("resources: the idle stack within 4 GB", idle),
    ("resources: 2 GiB promoted within 1.5 GB, and customers notice nothing", promotion),
]
