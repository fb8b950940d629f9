#!/usr/bin/env python3
"""Promotes one image of SIZE MiB (default 2048, one plain layer, as `docker save` writes it) against `sha256sum` + `cp` of its tar.

  tests/bench/promote_image_bench.py [SIZE_MIB] [RUNS]      median of RUNS (default 5), alternating; wanted: at most 1.3 times
"""
import os
import shutil
import subprocess
import sys
import tempfile

from bench_site import PRESS, ROOT, Key, Site, median, run, with_digest

RATIO_MAX = 1.3
MEMORY_MIB_MAX = 150


class ImageSite(Site):
    """A site with an image repository and its key."""

    def __init__(self, folder, key):
        super().__init__(folder, key)
        with open(self.settings, encoding="utf-8") as file:
            text = file.read()
        with open(self.settings, "w", encoding="utf-8") as file:
            file.write(text.replace("targets:\n", "targets:\n  oci: [{image: server}]\n"))
        self.cosign = os.path.join(folder, "cosign")
        run([PRESS, "signing-key", "new-cosign", "--config", self.settings, "--output-folder", self.cosign],
            env={**os.environ, "COSIGN_PASSWORD": "bench"})
        shutil.copy(f"{self.cosign}/cosign.pub", os.path.join(folder, "keys"))

    def promote(self):
        secrets = {"COSIGN_PRIVATE_KEY_FILE": f"{self.cosign}/cosign.key", "COSIGN_PASSWORD": "bench"}
        return run([PRESS, "promote", "--config", self.settings], env={**os.environ, **self.key.secrets(), **secrets})


def main():
    size_mib = int(sys.argv[1]) if len(sys.argv) > 1 else 2048
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    ours, reference, peak = [], [], 0.0
    with tempfile.TemporaryDirectory() as scratch:
        key = Key(scratch)
        tar = f"{scratch}/1.0.tar"
        run(["python3", f"{ROOT}/tests/support/build_images", "--image", tar, "--form", "docker25", "--content-bytes", str(size_mib << 20)])
        image = with_digest(tar)
        for _ in range(runs):
            copy = f"{scratch}/copy"
            hashing, _ = run(["sha256sum", tar])
            copying, _ = run(["cp", tar, copy])
            os.remove(copy)
            reference.append(hashing + copying)
            site = ImageSite(f"{scratch}/site", key)
            site.stage("oci", "server", [image])
            seconds, used = site.promote()
            ours.append(seconds)
            peak = max(peak, used)
            shutil.rmtree(site.folder)
            subprocess.run(["sync", "-f", scratch], check=True)
    ratio = median(ours) / median(reference)
    print(f"promote one image of {size_mib} MiB: {median(ours):.1f} s, sha256sum + cp {median(reference):.1f} s, median of {runs}: "
          f"ratio {ratio:.2f} (want <= {RATIO_MAX}); peak memory {peak:.0f} MiB (want <= {MEMORY_MIB_MAX})")
    return 0 if ratio <= RATIO_MAX and peak <= MEMORY_MIB_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
