"""Starts packyard as a site does: settings in a folder of its own, ports chosen by the system and read from the log."""
import os
import re
import signal
import subprocess
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PACKYARD = os.environ.get("PACKYARD_PROGRAM", os.path.join(os.environ.get("PACKYARD_BUILD_DIR", os.path.join(ROOT, "build/release")), "packyard"))
SETTINGS = """components: [{{name: core, years: [2025]}}, {{name: plus, years: [2025]}}]
storage: {{staging: staging, state: state, published: public, public_keys: public_keys}}
gate: {{listen: '127.0.0.1:0', registry_listen: '127.0.0.1:0', metrics_listen: '127.0.0.1:0', proxies: [nginx]}}
admin: {admin}
"""
LOOPBACK = "{listen: '127.0.0.1:0'}"
DEADLINE_SECONDS = 60


def environment(**more):
    return {**{name: value for name, value in os.environ.items() if not name.startswith("PACKYARD_")}, **more}


def run(*arguments, standard_input="", **more):
    """packyard ARGUMENTS: the finished process with its output as text."""
    return subprocess.run([PACKYARD, *arguments], env=environment(**more), input=standard_input, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)


class Site:
    """A folder with settings; start() runs a subcommand of packyard in it until stop()."""

    def __init__(self, admin=LOOPBACK):
        self.temporary = tempfile.TemporaryDirectory(prefix="packyard_site.")
        self.folder = self.temporary.name
        self.settings = os.path.join(self.folder, "packyard.yml")
        for name in ("staging", "state", "public", "public_keys"):
            os.mkdir(os.path.join(self.folder, name))
        self.write_settings(admin)
        self.processes = []

    def write_settings(self, admin):
        with open(self.settings, "w", encoding="utf-8") as file:
            file.write(SETTINGS.format(admin=admin))

    def state(self, name):
        return os.path.join(self.folder, "state", name)

    def start(self, subcommand, **more):
        process = Process(subcommand, self, more)
        self.processes.append(process)
        return process

    def close(self):
        for process in self.processes:
            process.stop()
        self.temporary.cleanup()


class Process:
    def __init__(self, subcommand, site, more):
        self.log_file = os.path.join(site.folder, f"{subcommand}.{len(site.processes)}.log")
        with open(self.log_file, "wb") as log:
            self.child = subprocess.Popen([PACKYARD, subcommand, "--config", site.settings], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                          env=environment(**more), umask=0o022)
        self.pid = self.child.pid

    def log(self):
        with open(self.log_file, encoding="utf-8", errors="replace") as file:
            return file.read()

    def port(self, event):
        """The port in the log line of the event, waited for; None when the process ended before."""
        end = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < end:
            ended = self.child.poll() is not None
            found = re.search(rf" {event} .*\bport=(\d+)", self.log())
            if found:
                return int(found.group(1))
            if ended:
                return None
            time.sleep(0.02)
        raise AssertionError(f"no {event} within {DEADLINE_SECONDS} s:\n{self.log()}")

    def admin_url(self):
        port = self.port("admin_ready")
        assert port, self.log()
        return f"http://127.0.0.1:{port}"

    def stop(self):
        """The exit status after SIGTERM, or what it ended with before."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        return self.child.wait(DEADLINE_SECONDS)
