"""Starts a real S3 server for a test: versitygw or minio, by the program's name, with an empty bucket in a folder of its own.

  with started("/path/to/minio") as server: server.endpoint, server.access_key, server.secret_key, server.bucket (s3_client.Bucket)"""
import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time

from s3_client import Bucket

ACCESS_KEY, SECRET_KEY, BUCKET = "AKIDREALSERVER", "real/secret+key-of-a-test", "staging"
START_DEADLINE_S = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    def __init__(self, program, folder):
        port = free_port()
        self.name = os.path.basename(program)
        self.endpoint, self.access_key, self.secret_key = f"http://127.0.0.1:{port}", ACCESS_KEY, SECRET_KEY
        self.virtual_endpoint = f"http://localhost:{port}"  # BUCKET.localhost is loopback, too
        os.makedirs(f"{folder}/data")
        if self.name.startswith("minio"):
            command = [program, "server", "--quiet", "--address", f"127.0.0.1:{port}", "--console-address", "127.0.0.1:0", f"{folder}/data"]
            more = {"MINIO_ROOT_USER": ACCESS_KEY, "MINIO_ROOT_PASSWORD": SECRET_KEY, "MINIO_DOMAIN": "localhost", "MINIO_BROWSER": "off"}
        else:
            command = [program, "--port", f"127.0.0.1:{port}", "--quiet", "--keep-alive", "--virtual-domain", "localhost", "posix", f"{folder}/data"]
            more = {"ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY}
        self.log_path = f"{folder}/log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **more, "HOME": folder})
        self.bucket = Bucket(self.endpoint, ACCESS_KEY, SECRET_KEY, BUCKET)
        deadline = time.monotonic() + START_DEADLINE_S
        while True:
            try:
                self.bucket.create()
                return
            except (OSError, AssertionError) as failure:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"{self.name} does not start: {failure}\n{self.log()}") from None
                time.sleep(0.2)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()[-4000:]


@contextlib.contextmanager
def started(program):
    folder = tempfile.mkdtemp(prefix="packyard-s3-")
    running = None
    try:
        running = Running(program, folder)
        yield running
    finally:
        if running:
            running.process.terminate()
            try:
                running.process.wait(20)
            except subprocess.TimeoutExpired:
                running.process.kill()
                running.process.wait()
        shutil.rmtree(folder, ignore_errors=True)
