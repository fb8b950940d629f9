"""A published tree of images written by hand from the documents of the design, openssl signing: what the registry, the front and the real
tools must read, whoever wrote it. Shares no code with the press.   publish(site, {"core": {"1.4.2": [archives]}}, private_key)"""
import base64
import gzip
import hashlib
import json
import os
import subprocess
import tarfile
import tempfile

from registry_client import BUNDLE, IN_TOTO, INDEX, MANIFEST, SIMPLE_SIGNING, pae

CONFIG, LAYER, EMPTY = "application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.oci.empty.v1+json"
BEGINNING, PUBLISHED = "0001-01-01T00:00:00Z", "2026-01-31T12:00:00Z"
PREDICATE = "https://sigstore.dev/cosign/sign/v1"


def compact(document):
    return json.dumps(document, separators=(",", ":")).encode()


def make_key(folder):
    """A P-256 key as openssl writes it: signing.key and cosign.pub."""
    os.makedirs(folder, exist_ok=True)
    for words in (["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{folder}/signing.key"],
                  ["pkey", "-in", f"{folder}/signing.key", "-pubout", "-out", f"{folder}/cosign.pub"]):
        subprocess.run(["openssl", *words], check=True, capture_output=True)
    return folder


def sign(key, data):
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key, file.name], capture_output=True, check=True)
    return base64.b64encode(signed.stdout).decode()


class HandWrittenRepository:
    def __init__(self, site, component, key, image="server"):
        self.site, self.key, self.name = site, key, f"{component}/2025/{image}"
        self.pool = f"{site.published}/pool/oci/{self.name}"
        for kind in ("blobs", "manifests"):
            os.makedirs(f"{self.pool}/{kind}/sha256")
        self.tags, self.manifests, self.blobs = {}, {}, {}

    def write(self, kind, data):
        digest = hashlib.sha256(data).hexdigest()
        with open(f"{self.pool}/{kind}/sha256/{digest}", "wb") as file:
            file.write(data)
        return {"digest": f"sha256:{digest}", "size": len(data)}

    def blob(self, media_type, data):
        written = self.write("blobs", data)
        self.blobs[written["digest"]] = written["size"]
        return {"mediaType": media_type, **written}

    def manifest(self, document):
        written = self.write("manifests", compact(document))
        entry = {"media_type": document["mediaType"], "size_bytes": written["size"]}
        if "subject" in document:
            entry |= {"subject": document["subject"]["digest"], "artifact_type": document["artifactType"], "annotations": document["annotations"]}
        self.manifests[written["digest"]] = entry
        return {"mediaType": document["mediaType"], **written}

    def add(self, tag, archives):
        """An index of `docker save` archives, layers packed (crane validates no others); it and every manifest signed."""
        below = []
        for path in archives:
            with tarfile.open(path) as archive:
                entry, = json.load(archive.extractfile("manifest.json"))
                config = archive.extractfile(entry["Config"]).read()
                layers = [archive.extractfile(name).read() for name in entry["Layers"]]
            platform = {name: json.loads(config)[name] for name in ("architecture", "os")}
            below.append({**self.manifest({"schemaVersion": 2, "mediaType": MANIFEST, "config": self.blob(CONFIG, config),
                                           "layers": [self.blob(LAYER, gzip.compress(layer, mtime=0)) for layer in layers]}), "platform": platform})
        top = self.manifest({"schemaVersion": 2, "mediaType": INDEX, "manifests": below})
        self.tags[tag] = top["digest"]
        for descriptor in [*below, top]:
            self.add_legacy(descriptor["digest"], tag)
            self.add_bundle({name: descriptor[name] for name in ("mediaType", "digest", "size")}, tag)

    def add_legacy(self, digest, tag):
        payload = compact({"critical": {"identity": {"docker-reference": f"{self.site.host}/{self.name}:{tag}"},
                                        "image": {"docker-manifest-digest": digest}, "type": "cosign container image signature"}, "optional": {"tag": tag}})
        layer = self.blob(SIMPLE_SIGNING, payload)
        config = compact({"architecture": "", "created": BEGINNING, "history": [{"created": BEGINNING}], "os": "",
                          "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]}, "config": {}})
        layer["annotations"] = {"dev.cosignproject.cosign/signature": sign(self.key, payload)}
        written = self.manifest({"schemaVersion": 2, "mediaType": MANIFEST, "config": self.blob(CONFIG, config), "layers": [layer]})
        self.tags[digest.replace(":", "-") + ".sig"] = written["digest"]

    def add_bundle(self, subject, tag):
        statement = compact({"_type": "https://in-toto.io/Statement/v1",
                             "subject": [{"digest": {"sha256": subject["digest"].removeprefix("sha256:")}, "annotations": {"tag": tag}}],
                             "predicateType": PREDICATE, "predicate": {}})
        bundle = compact({"mediaType": BUNDLE, "verificationMaterial": {"publicKey": {"hint": ""}},
                          "dsseEnvelope": {"payload": base64.b64encode(statement).decode(), "payloadType": IN_TOTO,
                                           "signatures": [{"sig": sign(self.key, pae(IN_TOTO, statement))}]}})
        self.manifest({"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": BUNDLE, "config": self.blob(EMPTY, b"{}"),
                       "layers": [self.blob(BUNDLE, bundle)], "subject": subject,
                       "annotations": {"dev.sigstore.bundle.content": "dsse-envelope", "dev.sigstore.bundle.predicateType": PREDICATE,
                                       "org.opencontainers.image.created": PUBLISHED}})

    def publish(self):
        generation = f"{self.site.published}/generations/oci/{self.name}/000001"
        os.makedirs(generation)
        with open(f"{generation}/repository.json", "wb") as file:
            file.write(compact({"repository": self.name, "generation": 1, "published_at": PUBLISHED, "tags": dict(sorted(self.tags.items())),
                                "manifests": dict(sorted(self.manifests.items())), "blobs": dict(sorted(self.blobs.items()))}))
        link = f"{self.site.published}/releases/000001/oci/{self.name}"
        os.makedirs(os.path.dirname(link), exist_ok=True)
        os.symlink(f"../../../../../generations/oci/{self.name}/000001", link)


def publish(site, content, key):
    """The first release of a site: {component: {tag: archives}}."""
    for component, tags in content.items():
        repository = HandWrittenRepository(site, component, key)
        for tag, archives in tags.items():
            repository.add(tag, archives)
        repository.publish()
    os.symlink("releases/000001", f"{site.published}/current")
