#!/usr/bin/env python3
"""packyard, which faces the network, must not link RPM, GPG or archive libraries; packyard-press does, which shows that the test can see them.

  links_test.py BUILD_FOLDER
"""
import subprocess
import sys

FOREIGN = ("librpm", "libcreaterepo_c", "libgpgme", "libsodium", "libarchive", "libglib", "libxml2")


def linked(program):
    return subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout


def main():
    build = sys.argv[1]
    gate, press = linked(f"{build}/packyard"), linked(f"{build}/packyard-press")
    wrong = [name for name in FOREIGN if name in gate]
    if wrong:
        print(f"packyard links {', '.join(wrong)}")
    if "libgpgme" not in press:
        print("packyard-press links no libgpgme: this test sees nothing")
    return 1 if wrong or "libgpgme" not in press else 0


if __name__ == "__main__":
    sys.exit(main())
