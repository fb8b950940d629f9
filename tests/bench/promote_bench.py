#!/usr/bin/env python3
"""Promote of 1,000 small packages against the usual tools, signing included in both, in turn in one run.

  tests/bench/promote_bench.py deb|rpm [COUNT [ROUNDS]]      (defaults 1000, 3)
deb: against aptly `repo add` + `publish repo`; rpm: against rpmsign + createrepo_c. Prints the ratio of medians; at most 1.0 is wanted.
"""
import json
import os
import shutil
import sys
import tempfile

from bench_site import Key, Site, build_rpms, median, run, write_deb


def reference_deb(folder, packages, key):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(f"{folder}/in")
    for path, _ in packages:
        os.link(path, f"{folder}/in/{os.path.basename(path)}")
    with open(f"{folder}/aptly.conf", "w", encoding="utf-8") as file:
        json.dump({"rootDir": f"{folder}/aptly", "architectures": ["amd64"]}, file)
    aptly = ["aptly", f"-config={folder}/aptly.conf"]
    run([*aptly, "repo", "create", "bench"])
    added = run([*aptly, "repo", "add", "bench", f"{folder}/in"])
    published = run([*aptly, "publish", "repo", "-batch", "-skip-contents", "-acquire-by-hash", "-distribution=bookworm", f"-gpg-key={key.id}",
                     f"-passphrase-file={key.passphrase_file}", "bench"], env=key.environment)
    return added[0] + published[0], max(added[1], published[1])


def reference_rpm(folder, packages, key):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    copies = []
    for path, _ in packages:
        copies.append(shutil.copy(path, folder))
    sign = ["rpmsign", "--define", "__gpg /usr/bin/gpg", "--define", f"_gpg_name {key.id}", "--define",
            "_gpg_sign_cmd_extra_args --batch", "--addsign"]
    signed = run([*sign, *copies], env=key.environment)
    indexed = run(["createrepo_c", "--quiet", folder])
    metadata = run(["gpg", "--batch", "--armor", "--detach-sign", f"{folder}/repodata/repomd.xml"], env=key.environment)
    return signed[0] + indexed[0] + metadata[0], max(signed[1], indexed[1])


def main():
    kind = sys.argv[1] if len(sys.argv) > 1 else ""
    if kind not in ("deb", "rpm"):
        print(__doc__)
        return 2
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    with tempfile.TemporaryDirectory() as scratch:
        key = Key(scratch)
        key.unlock()
        os.makedirs(f"{scratch}/packages")
        if kind == "deb":
            packages = [write_deb(f"{scratch}/packages", f"bench{i:04d}", "1.0", os.urandom(4096)) for i in range(count)]
        else:
            packages = build_rpms(f"{scratch}/packages", count, 4096)
        reference, target = (reference_deb, "bookworm") if kind == "deb" else (reference_rpm, "el9-x86_64")
        ours, theirs = [], []
        for _ in range(rounds):
            theirs.append(reference(f"{scratch}/reference", packages, key))
            site = Site(f"{scratch}/site", key)
            site.stage(kind, target, packages)
            ours.append(site.promote())
    our_seconds, their_seconds = median([o[0] for o in ours]), median([t[0] for t in theirs])
    name = "aptly repo add + publish" if kind == "deb" else "rpmsign + createrepo_c + gpg"
    print(f"promote {count} {kind}: {our_seconds:.2f} s, peak {max(o[1] for o in ours):.0f} MiB; {name}: {their_seconds:.2f} s, "
          f"peak {max(t[1] for t in theirs):.0f} MiB; ratio {our_seconds / their_seconds:.2f} (median of {rounds}, want <= 1.0)")
    return 0 if our_seconds <= their_seconds else 1


if __name__ == "__main__":
    sys.exit(main())
