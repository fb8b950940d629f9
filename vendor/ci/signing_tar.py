#!/usr/bin/env python3
"""Signing secrets as a tar on standard output, made in memory: no file, no argument and no variable ever holds them.

  printf '%s\\0%s\\0' NAME VALUE NAME VALUE … | signing_tar.py      names and values, each ended by a NUL; empty values are left out

compose/promote/start on the machine unpacks it into memory."""
import io
import sys
import tarfile

BYTES_MAX = 1 << 20


def main():
    given = sys.stdin.buffer.read(BYTES_MAX + 1)
    fields = given.split(b"\0")
    if len(given) > BYTES_MAX or fields.pop() != b"" or len(fields) % 2:
        sys.exit("signing_tar.py: standard input is not a list of names and values, each ended by a NUL")
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
        for name, value in zip(fields[::2], fields[1::2]):
            if value:
                entry = tarfile.TarInfo(name.decode("ascii"))
                entry.size, entry.mode = len(value), 0o600
                archive.addfile(entry, io.BytesIO(value))


main()
