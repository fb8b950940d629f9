"""Image archives in every shape the tools write, made with Python alone (and zstd for zstd layers), so that tests need no image tool.
The same arguments give the same bytes. Each image is a static file system of a few files with a program that prints a line and ends;
on amd64, arm64, arm and s390x it really runs. Layers lie in files: a large one costs no memory. See build_images for the command."""
import gzip
import hashlib
import io
import json
import os
import random
import shutil
import struct
import subprocess
import tarfile
import tempfile

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."
OCI_LAYER = {"none": OCI + "layer.v1.tar", "gzip": OCI + "layer.v1.tar+gzip", "zstd": OCI + "layer.v1.tar+zstd"}
DOCKER_LAYER = {"none": DOCKER + "image.rootfs.diff.tar", "gzip": DOCKER + "image.rootfs.diff.tar.gzip"}
CREATED = "2025-06-15T15:06:40Z"
MODIFIED = 1750000000


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def program(architecture, text):
    """An ELF program for Linux that writes the text and a line end to standard output."""
    message = text.encode()[:200] + b"\n"
    if architecture == "amd64":
        machine, flags, wide, order = 62, 0, True, "<"
        code = b"\xb8\x01\0\0\0\xbf\x01\0\0\0\x48\x8d\x35\x10\0\0\0\xba" + struct.pack("<I", len(message)) + b"\x0f\x05\xb8\x3c\0\0\0\x31\xff\x0f\x05"
    elif architecture == "arm64":
        machine, flags, wide, order = 183, 0, True, "<"
        words = [0xD2800020, 0x100000E1, 0xD2800002 | len(message) << 5, 0xD2800808, 0xD4000001, 0xD2800000, 0xD2800BA8, 0xD4000001]
        code = struct.pack("<8I", *words)
    elif architecture == "arm":
        machine, flags, wide, order = 40, 0x05000200, False, "<"
        words = [0xE3A00001, 0xE28F1014, 0xE3A02000 | len(message), 0xE3A07004, 0xEF000000, 0xE3A00000, 0xE3A07001, 0xEF000000]
        code = struct.pack("<8I", *words)
    elif architecture == "s390x":
        machine, flags, wide, order = 22, 0, True, ">"
        code = b"\xa7\x29\0\x01\xc0\x30\0\0\0\x09\xa7\x49" + struct.pack(">H", len(message)) + b"\x0a\x04\xa7\x29\0\0\x0a\x01"
    else:
        raise SystemExit(f"build_images: no program for the architecture {architecture} (amd64, arm64, arm, s390x)")
    body = code + message
    base, header = (0x400000, 64 + 56) if wide else (0x10000, 52 + 32)
    size, entry = header + len(body), base + header
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    if wide:
        head = struct.pack(order + "HHIQQQIHHHHHH", 2, machine, 1, entry, 64, 0, flags, 64, 56, 1, 0, 0, 0)
        load = struct.pack(order + "IIQQQQQQ", 1, 5, 0, base, base, size, size, 0x1000)
    else:
        head = struct.pack(order + "HHIIIIIHHHHHH", 2, machine, 1, entry, 52, 0, flags, 52, 32, 1, 0, 0, 0)
        load = struct.pack(order + "IIIIIIII", 1, 0, base, base, size, size, 5, 0x1000)
    return ident + head + load + body


class HashedFile:
    """A file that is written once and then is a blob."""

    def __init__(self, folder):
        handle, self.path = tempfile.mkstemp(dir=folder)
        self.file, self.hash, self.size = os.fdopen(handle, "wb"), hashlib.sha256(), 0

    def write(self, data):
        self.hash.update(data)
        self.size += len(data)
        return self.file.write(data)

    def close(self):
        self.file.close()
        self.hex = self.hash.hexdigest()
        return self


class Noise(io.RawIOBase):
    """So many bytes that gzip and zstd -3 do not shorten: what repeats lies further apart than they look."""

    def __init__(self, size):
        super().__init__()
        self.block, self.at, self.size = random.Random(1).randbytes(min(size, 16 << 20)), 0, size

    def read(self, size=-1):
        start = self.at % len(self.block) if self.block else 0
        data = self.block[start:start + min(self.size - self.at, size if size >= 0 else self.size)]
        self.at += len(data)
        return data


def member(name, size=0, mode=0o644, kind=tarfile.REGTYPE, target=""):
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.type, info.linkname, info.mtime = size, mode, kind, target, MODIFIED
    return info


class Workshop:
    """Makes blobs and puts them into archives. `files` maps SHA-256 to a file."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        self.files = {}

    def close(self):
        shutil.rmtree(self.folder)

    def keep(self, hashed):
        self.files[hashed.hex] = hashed.path
        return hashed

    def blob(self, content, media_type, **more):
        hashed = HashedFile(self.folder)
        hashed.write(content)
        self.keep(hashed.close())
        return {"mediaType": media_type, "digest": "sha256:" + hashed.hex, "size": hashed.size, **more}

    def read(self, descriptor):
        with open(self.files[descriptor["digest"][7:]], "rb") as file:
            return file.read()

    def layer(self, entries, compression="none", types=None):
        """A descriptor of the layer with the entries (TarInfo, bytes or file) and the SHA-256 of its tar."""
        types = types or OCI_LAYER
        plain = HashedFile(self.folder)
        with tarfile.open(fileobj=plain, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for info, content in entries:
                tar.addfile(info, io.BytesIO(content) if isinstance(content, bytes) else content)
        self.keep(plain.close())
        stored = plain
        if compression != "none":
            stored = HashedFile(self.folder)
            with open(plain.path, "rb") as source:
                if compression == "gzip":
                    with gzip.GzipFile(fileobj=stored, mode="wb", mtime=0, filename="") as packed:
                        shutil.copyfileobj(source, packed, 1 << 20)
                else:
                    with subprocess.Popen(["zstd", "-q", "-c", "-3"], stdin=source, stdout=subprocess.PIPE) as packer:
                        shutil.copyfileobj(packer.stdout, stored, 1 << 20)
                    if packer.returncode != 0:
                        raise SystemExit("build_images: zstd failed")
            self.keep(stored.close())
        return {"mediaType": types[compression], "digest": "sha256:" + stored.hex, "size": stored.size}, plain.hex

    def image(self, platform="linux/amd64", compression="gzip", text="hello", content_bytes=100_000, docker_types=False):
        """A descriptor of an image manifest with its platform, the manifest and the configuration."""
        system, architecture, variant = (platform.split("/") + [""])[:3]
        types = DOCKER_LAYER if docker_types else OCI_LAYER
        base = [(member("etc", mode=0o755, kind=tarfile.DIRTYPE), b""),
                *[(member(name, len(data)), data) for name, data in (
                    ("etc/passwd", b"root:x:0:0:root:/:/server\n"), ("etc/os-release", b"ID=acme\nPRETTY_NAME=Acme\n"))],
                (member("etc/data", content_bytes), Noise(content_bytes))]
        binary = program(architecture, f"{text} {platform}")
        made = [self.layer(base, compression, types), self.layer([], compression, types),
                self.layer([(member("server", len(binary), 0o755), binary)], compression, types), self.layer([], compression, types)]
        config = {"architecture": architecture, "os": system, **({"variant": variant} if variant else {}), "created": CREATED,
                  "config": {"Entrypoint": ["/server"], "WorkingDir": "/", "Labels": {"org.opencontainers.image.title": "server"}},
                  "rootfs": {"type": "layers", "diff_ids": ["sha256:" + plain for _, plain in made]},
                  "history": [{"created": CREATED, "created_by": "build_images"} for _ in made]}
        manifest_type = DOCKER + "distribution.manifest.v2+json" if docker_types else OCI + "manifest.v1+json"
        manifest = {"schemaVersion": 2, "mediaType": manifest_type,
                    "config": self.blob(compact(config), DOCKER + "container.image.v1+json" if docker_types else OCI + "config.v1+json"),
                    "layers": [descriptor for descriptor, _ in made]}
        described = {"architecture": architecture, "os": system, **({"variant": variant} if variant else {})}
        return self.blob(compact(manifest), manifest_type, platform=described), manifest, config

    def attestation(self, images, as_artifact=False):
        """Descriptors of one BuildKit provenance manifest, as the index names it for each image."""
        statement = compact({"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v0.2",
                             "subject": [], "predicate": {"builder": {"id": ""}, "buildType": "https://mobyproject.org/buildkit@v1"}})
        layer = self.blob(statement, "application/vnd.in-toto+json", annotations={"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"})
        manifest = {"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json"}
        if as_artifact:
            manifest["artifactType"] = "application/vnd.docker.attestation.manifest.v1+json"
            manifest["config"] = self.blob(b"{}", "application/vnd.oci.empty.v1+json", data="e30=")
        else:
            manifest["config"] = self.blob(compact({"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": {
                "type": "layers", "diff_ids": [layer["digest"]]}}), OCI + "config.v1+json")
        manifest["layers"] = [layer]
        if as_artifact:
            manifest["subject"] = {key: images[0][key] for key in ("mediaType", "digest", "size")}
        descriptor = self.blob(json.dumps(manifest, indent=2).encode(), OCI + "manifest.v1+json")
        return [{**descriptor, "annotations": {"vnd.docker.reference.digest": image["digest"], "vnd.docker.reference.type": "attestation-manifest"},
                 "platform": {"architecture": "unknown", "os": "unknown"}} for image in images]

    def index(self, manifests, media_type=OCI + "index.v1+json"):
        return self.blob(json.dumps({"schemaVersion": 2, "mediaType": media_type, "manifests": manifests}, indent=2).encode(), media_type)

    def reached(self, descriptor, found=None):
        """The digests of everything a descriptor reaches, itself included."""
        found = {} if found is None else found
        found[descriptor["digest"]] = None
        if descriptor["mediaType"].split("+")[-1] == "json" and ("manifest" in descriptor["mediaType"] or "index" in descriptor["mediaType"]):
            document = json.loads(self.read(descriptor))
            for child in [*document.get("manifests", []), *([document["config"]] if "config" in document else []), *document.get("layers", [])]:
                self.reached(child, found)
        return found

    def pack(self, path, members):
        """Writes a tar of (name, bytes), (name, SHA-256 of a blob) or (name, TarInfo)."""
        with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
            for name, content in members:
                if isinstance(content, tarfile.TarInfo):
                    tar.addfile(content)
                elif isinstance(content, bytes):
                    tar.addfile(member(name, len(content)), io.BytesIO(content))
                else:
                    with open(self.files[content], "rb") as file:
                        tar.addfile(member(name, os.fstat(file.fileno()).st_size), file)

    def write_layout(self, path, entries, prefix="", extra=()):
        """As skopeo, crane and buildx write it: entries are what index.json names."""
        digests = {}
        for entry in entries:
            self.reached(entry, digests)
        folders = [(name, member(name, mode=0o755, kind=tarfile.DIRTYPE)) for name in (prefix + "blobs", prefix + "blobs/sha256")]
        index = compact({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": entries})
        self.pack(path, [*folders, *[(f"{prefix}blobs/sha256/{digest[7:]}", digest[7:]) for digest in sorted(digests)],
                         (prefix + "index.json", index), (prefix + "oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), *extra])

    def write_docker(self, path, manifest, config, form):
        """As docker before version 25 (form docker: a folder per layer, a link for one that repeats), skopeo and podman (form skopeo:
        layers named for their digest, links in folders) and crane (form crane: compressed layers, nothing else) write it."""
        config_hex, names, members = manifest["config"]["digest"][7:], [], []
        seen = {}
        for number, layer in enumerate(manifest["layers"]):
            hex_digest = layer["digest"][7:]
            folder = hashlib.sha256(f"{config_hex} {number}".encode()).hexdigest()
            legacy = [(f"{folder}/VERSION", b"1.0"), (f"{folder}/json", compact({"id": folder, "created": CREATED}))]
            if form == "crane":
                names.append(f"{hex_digest}.tar.gz")
                members += [(names[-1], hex_digest)] if hex_digest not in seen else []
            elif form == "skopeo":
                names.append(f"{hex_digest}.tar")
                members += [(names[-1], hex_digest)] if hex_digest not in seen else []
                members += [("", member(f"{folder}/layer.tar", mode=0o777, kind=tarfile.SYMTYPE, target=f"../{names[-1]}")), *legacy]
            else:
                names.append(f"{folder}/layer.tar")
                members += [("", member(folder, mode=0o755, kind=tarfile.DIRTYPE)), *legacy]
                members += [("", member(names[-1], mode=0o777, kind=tarfile.SYMTYPE, target=f"../{seen[hex_digest]}"))] \
                    if hex_digest in seen else [(names[-1], hex_digest)]
            seen.setdefault(hex_digest, names[-1])
        config_name = f"sha256:{config_hex}" if form == "crane" else f"{config_hex}.json"
        listed = compact([{"Config": config_name, "RepoTags": ["example.org/server:1.0"], "Layers": names}])
        members += [(config_name, config_hex), ("manifest.json", listed)]
        if form != "crane":
            members.append(("repositories", compact({"example.org/server": {"1.0": config["rootfs"]["diff_ids"][-1][7:]}})))
        self.pack(path, members)

    def write_docker25(self, path, descriptor, manifest, tags=("1.0",)):
        """As docker since version 25 writes it: layout and docker-archive at once, with old configurations that nothing names."""
        plain = {key: descriptor[key] for key in ("mediaType", "digest", "size")}
        stray = self.blob(compact({"id": descriptor["digest"][7:], "os": "linux"}), "application/json")
        entries = [{**plain, "annotations": {"io.containerd.image.name": f"example.org/server:{tag}", "org.opencontainers.image.ref.name": tag}}
                   for tag in tags]
        listed = compact([{"Config": "blobs/sha256/" + manifest["config"]["digest"][7:], "RepoTags": [f"example.org/server:{tag}" for tag in tags],
                           "Layers": ["blobs/sha256/" + layer["digest"][7:] for layer in manifest["layers"]],
                           "LayerSources": {layer["digest"]: layer for layer in manifest["layers"]}}])
        self.write_layout(path, entries, extra=[("blobs/sha256/" + stray["digest"][7:], stray["digest"][7:]), ("manifest.json", listed),
                                                ("repositories", compact({"example.org/server": {}}))])


def multi_platform(shop, platforms, compression="gzip", attested=False, **more):
    """The descriptor of a buildx index: images, then an attestation for each where wanted."""
    images = [shop.image(platform, compression, **more)[0] for platform in platforms]
    return shop.index(images + (shop.attestation(images) if attested else []))
