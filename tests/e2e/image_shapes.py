"""Small container images made on the spot, in the form of `docker save`: as many as a loop wants, without any tool. The real ones, which
also run, are made by quickstart.d/container-image."""
import gzip
import hashlib
import io
import json
import os
import tarfile

OCI = "application/vnd.oci.image"
CREATED = "2025-01-01T00:00:00Z"


def tar_of(members):
    """The bytes of a tar with these files, the same every time."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return packed.getvalue()


def write_archive(path, architecture, layers, labels=()):
    """An image for one platform; each layer is {name: bytes}."""
    packed = [tar_of(layer) for layer in layers]
    ids = [hashlib.sha256(layer).hexdigest() for layer in packed]
    config = json.dumps({"architecture": architecture, "os": "linux", "created": CREATED, "config": {"Cmd": ["/none"], "Labels": dict(labels)},
                         "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest for digest in ids]},
                         "history": [{"created": CREATED, "created_by": "a test"} for _ in ids]}).encode()
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = [{"Config": config_name, "RepoTags": None, "Layers": [f"{digest}/layer.tar" for digest in ids]}]
    members = {config_name: config, **{f"{digest}/layer.tar": layer for digest, layer in zip(ids, packed)}, "manifest.json": json.dumps(manifest).encode()}
    with open(path, "wb") as file:
        file.write(tar_of(members))
    return path


def write_layout(path, archives):
    """The images of `docker save` archives as one OCI layout with an index, their layers packed by gzip."""
    blobs = {}

    def add(media_type, data):
        digest = hashlib.sha256(data).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = data
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    manifests = []
    for archive in archives:
        with tarfile.open(archive) as tar:
            entry, = json.load(tar.extractfile("manifest.json"))
            config = tar.extractfile(entry["Config"]).read()
            layers = [gzip.compress(tar.extractfile(name).read(), mtime=0) for name in entry["Layers"]]
        manifest = {"schemaVersion": 2, "mediaType": f"{OCI}.manifest.v1+json", "config": add(f"{OCI}.config.v1+json", config),
                    "layers": [add(f"{OCI}.layer.v1.tar+gzip", layer) for layer in layers]}
        platform = {name: json.loads(config)[name] for name in ("architecture", "os")}
        manifests.append({**add(f"{OCI}.manifest.v1+json", json.dumps(manifest).encode()), "platform": platform})
    index = add(f"{OCI}.index.v1+json", json.dumps({"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": manifests}).encode())
    members = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps({"schemaVersion": 2, "manifests": [index]}).encode(), **blobs}
    with open(path, "wb") as file:
        file.write(tar_of(members))
    return path


def small_image(folder, tag, content, architectures=("amd64", "arm64"), layer_bytes=2000):
    """Archives of one tag, a file for each platform; the same content gives the same bytes."""
    os.makedirs(folder, exist_ok=True)
    return [write_archive(f"{folder}/{tag}_{architecture}.tar", architecture,
                          [{"common": b"in every image\n"}, {"content": f"{content} for {architecture}\n".encode() * (layer_bytes // 20)}])
            for architecture in architectures]


def cyclone_dx(path, name, version):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [{"type": "library", "name": name, "version": version}]}, file)
    return path


def write_large_archive(path, architecture, layer_bytes):
    """One platform with one layer of about that many bytes that nothing can compress, written without holding it."""
    with open(path + ".layer", "wb+") as layer, tarfile.open(fileobj=layer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for number in range(layer_bytes >> 28):
            member = tarfile.TarInfo(f"data-{number}")
            member.size = 1 << 28
            tar.addfile(member, RandomBytes())
    with open(path + ".layer", "rb") as layer:
        digest = hashlib.file_digest(layer, "sha256").hexdigest()
    config = json.dumps({"architecture": architecture, "os": "linux", "created": CREATED, "config": {},
                         "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]}}).encode()
    manifest = json.dumps([{"Config": "config.json", "RepoTags": None, "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(path, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, data in (("config.json", config), ("manifest.json", manifest)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        tar.add(path + ".layer", "layer.tar")
    os.unlink(path + ".layer")
    return path


class RandomBytes:
    """A file without end for tarfile: bytes that no window of a compressor finds again."""

    def __init__(self):
        self.block, self.at = os.urandom(64 << 20), 0

    def read(self, size):
        if self.at + size > len(self.block):
            self.at = self.at % 4093
        self.at += size
        return self.block[self.at - size:self.at]
