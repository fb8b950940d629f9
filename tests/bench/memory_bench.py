#!/usr/bin/env python3
"""Peak memory of promoting one package of SIZE MiB (default 4096) in each format; at most 150 MiB is wanted.

  tests/bench/memory_bench.py [SIZE_MIB]
"""
import os
import sys
import tempfile

from bench_site import Key, Site, run, with_digest

LIMIT_MIB = 150


def big_rpm(folder, size_mib):
    half = size_mib // 2
    spec = (
        "Name: big\nVersion: 1.0\nRelease: 1.el9\nSummary: big\nLicense: MIT\n%description\nx\n%install\nmkdir -p %{buildroot}/opt\n"
        f"for i in 1 2; do head -c {half}M /dev/urandom >%{{buildroot}}/opt/big$i; done\n%files\n/opt/big1\n/opt/big2\n"
    )
    with open(f"{folder}/big.spec", "w", encoding="utf-8") as file:
        file.write(spec)
    run(["rpmbuild", "-bb", "--quiet", "--target", "x86_64", "--define", f"_topdir {folder}/top", "--define", "debug_package %{nil}", "--define",
         "_binary_payload w0.gzdio", "--define", "__os_install_post %{nil}", f"{folder}/big.spec"])
    return f"{folder}/top/RPMS/x86_64/big-1.0-1.el9.x86_64.rpm"


def big_deb(folder, size_mib):
    root = f"{folder}/root"
    os.makedirs(f"{root}/DEBIAN")
    os.makedirs(f"{root}/opt")
    with open(f"{root}/DEBIAN/control", "w", encoding="utf-8") as file:
        file.write("Package: big\nVersion: 1.0\nArchitecture: amd64\nMaintainer: Bench <bench@example.org>\nDescription: big\n")
    run(["sh", "-c", f"head -c {size_mib}M /dev/urandom >{root}/opt/big"])
    path = f"{folder}/big_1.0_amd64.deb"
    run(["dpkg-deb", "-Znone", "--root-owner-group", "--build", root, path])
    return path


def main():
    size_mib = int(sys.argv[1]) if len(sys.argv) > 1 else 4096
    worst = 0.0
    with tempfile.TemporaryDirectory() as scratch:
        key = Key(scratch)
        for kind, target, build in (("rpm", "el9-x86_64", big_rpm), ("deb", "bookworm", big_deb)):
            with tempfile.TemporaryDirectory(dir=scratch) as folder:
                package = with_digest(build(folder, size_mib))
                site = Site(f"{folder}/site", key)
                site.stage(kind, target, [package])
                seconds, peak = site.promote()
                hashing, _ = run(["sha256sum", package[0]])
                worst = max(worst, peak)
                print(f"promote one {kind} of {size_mib} MiB: peak {peak:.0f} MiB, {seconds:.1f} s ({seconds / hashing:.1f} times sha256sum)", flush=True)
    print(f"peak memory {worst:.0f} MiB, ratio {worst / LIMIT_MIB:.2f} of {LIMIT_MIB} MiB (want <= 1.0)")
    return 0 if worst <= LIMIT_MIB else 1


if __name__ == "__main__":
    sys.exit(main())
