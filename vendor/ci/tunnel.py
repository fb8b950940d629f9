#!/usr/bin/env python3
"""A port of this machine's loopback that leads to the far side's staging server: each connection becomes a session of its own of the
ssh command given, whose standard input and output are the connection. Prints the port; ends when standard input does.

  tunnel.py ssh … HOST staging"""
import os
import socket
import subprocess
import sys
import threading

SESSIONS_MAX = 8  # sshd allows ten on one connection


def serve(connection, free):
    with free, connection:
        subprocess.run(sys.argv[1:], stdin=connection, stdout=connection, check=False)
        # Whoever waits for more must see the end, also while ssh's own copies are still closing.
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def accept(listener):
    free = threading.BoundedSemaphore(SESSIONS_MAX)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, free), daemon=True).start()


def main():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        sys.stdin.read()
        os._exit(0)


main()
