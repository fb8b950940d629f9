"""A published tree of two components in which every byte, every time stamp and every length says whose it is.
  tree = FrontTree(public); tree.markers["plus"]: what nobody without a key for plus may ever see

Answers without a body are told by their headers: the files of one component are of one second, which Last-Modified and ETag show."""
import json
import os

from published_images import CONFIG, INDEX, LAYER, MANIFEST, PublishedImages, descriptor, digest_of

COMPONENTS = ("core", "plus")
HEX = "0123456789abcdef" * 4
TAG = "1.4.2"
RELEASE = 42
MADE_AT = {"core": (946684800, b"01 Jan 2000 00:00:00", b"386d4380-"), "plus": (1325376000, b"01 Jan 2012 00:00:00", b"4effa200-")}
FILES = {
    "generations/rpm/{c}/2025/el9-x86_64/000007/repomd.xml": "/rpm/{c}/2025/el9-x86_64/repodata/repomd.xml",
    "generations/rpm/{c}/2025/el9-x86_64/000007/contents.json": None,
    "index/rpm/{c}/2025/el9-x86_64/" + HEX + "-primary.xml.zst": "/rpm/{c}/2025/el9-x86_64/repodata/" + HEX + "-primary.xml.zst",
    "pool/rpm/{c}/2025/el9-x86_64/packages/a/acme-1.0-1.el9.x86_64.rpm": "/rpm/{c}/2025/el9-x86_64/packages/a/acme-1.0-1.el9.x86_64.rpm",
    "generations/deb/{c}/2025/bookworm/000003/InRelease": "/deb/{c}/2025/dists/bookworm/InRelease",
    "generations/deb/{c}/2025/bookworm/000003/contents.json": None,
    "index/deb/{c}/2025/bookworm/by-hash/SHA256/" + HEX: "/deb/{c}/2025/dists/bookworm/main/binary-amd64/by-hash/SHA256/" + HEX,
    "pool/deb/{c}/2025/pool/bookworm/a/acme/acme_1.0_amd64.deb": "/deb/{c}/2025/pool/bookworm/a/acme/acme_1.0_amd64.deb",
}


def owned(component, what):
    """No part of 20 bytes lacks the marker."""
    return f"{component} owns {what}; ".encode() + f"{component} owns ".encode() * 30


class FrontTree:
    def __init__(self, public):
        self.public = public
        self.digests = {component: {} for component in COMPONENTS}
        for component in COMPONENTS:
            for file, address in FILES.items():
                self.put(file.format(c=component), owned(component, address or file))
            for target, generation in (("rpm/{c}/2025/el9-x86_64", "000007"), ("deb/{c}/2025/bookworm", "000003")):
                target = target.format(c=component)
                link = f"{public}/releases/{RELEASE:06}/{target}"
                os.makedirs(os.path.dirname(link), exist_ok=True)
                os.symlink(f"../../../../../generations/{target}/{generation}", link)
        images = PublishedImages(public)
        images.release = RELEASE - 1
        for component in COMPONENTS:
            self.add_image(images, component)
        images.publish()
        self.put(f"releases/{RELEASE:06}/release.json", owned("core", "release") + owned("plus", "release"))
        self.set_times()
        self.markers = {component: [f"{component} owns".encode(), f"{component}-owned".encode(), *MADE_AT[component][1:]] for component in COMPONENTS}

    def put(self, path, data):
        os.makedirs(os.path.dirname(f"{self.public}/{path}"), exist_ok=True)
        with open(f"{self.public}/{path}", "wb") as file:
            file.write(data)

    def add_image(self, images, component):
        name, says = f"{component}/2025/server", {"org.example.owner": f"{component} owns this"}
        layer = images.add_blob(name, owned(component, "a layer"))
        config = images.add_blob(name, json.dumps({"architecture": "amd64", "os": "linux", "author": f"{component} owns this", "config": {},
                                                   "rootfs": {"type": "layers", "diff_ids": [digest_of(layer)]}}).encode())
        manifest = images.add_manifest(name, {"schemaVersion": 2, "mediaType": MANIFEST, "config": descriptor(CONFIG, config),
                                              "layers": [descriptor(LAYER, layer)], "annotations": says})
        index = images.add_manifest(name, {"schemaVersion": 2, "mediaType": INDEX, "annotations": says, "manifests": [
            descriptor(MANIFEST, manifest, platform={"os": "linux", "architecture": "amd64"})]})
        images.add_referrer(name, index, "application/spdx+json", owned(component, "an sbom"), says)
        images.repository(name)["tags"].update({TAG: digest_of(index), f"{component}-owned": digest_of(index)})
        self.digests[component] = {"blob": digest_of(layer), "config": digest_of(config), "manifest": digest_of(manifest), "index": digest_of(index)}

    def set_times(self):
        for folder, _, names in os.walk(self.public):
            for component in COMPONENTS:
                if f"/{component}/2025" in folder:
                    for name in names:
                        os.utime(f"{folder}/{name}", (MADE_AT[component][0],) * 2, follow_symlinks=False)

    def addresses(self, component):
        """Every file's address, and the registry's."""
        digests = self.digests[component]
        return [*(address.format(c=component) for address in FILES.values() if address), f"/v2/{component}/2025/server/manifests/{TAG}",
                f"/v2/{component}/2025/server/manifests/{digests['index']}", f"/v2/{component}/2025/server/blobs/{digests['blob']}",
                f"/v2/{component}/2025/server/blobs/{digests['config']}", f"/v2/{component}/2025/server/tags/list",
                f"/v2/{component}/2025/server/referrers/{digests['index']}"]

    def leaks(self, component, received):
        """What of a component is in these bytes of a server, as words; nothing when all is well."""
        found = [marker.decode() for marker in self.markers[component] if marker in received]
        # A digest may come back in an error's words; as a header it says that the thing is there.
        lower = received.lower()
        for name, digest in self.digests[component].items():
            for header in (b"docker-content-digest: ", b'etag: "', b"etag: w/\""):
                if header + digest.encode() in lower:
                    found.append(f"{header.decode()}{name}")
        return found
