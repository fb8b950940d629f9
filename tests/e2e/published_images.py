"""A published tree with images, made by hand as the press leaves it: pool, generations, a release, current. No signatures.
  images = PublishedImages(public); images.add_multi_arch("core/2025/server", "1.4.2"); images.publish()"""
import hashlib
import json
import os

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
EMPTY = "application/vnd.oci.empty.v1+json"


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def descriptor(media_type, data, **more):
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data), **more}


class PublishedImages:
    def __init__(self, public):
        self.public, self.release, self.repositories = public, 0, {}

    def repository(self, name):
        return self.repositories.setdefault(name, {"generation": 0, "tags": {}, "manifests": {}, "blobs": {}})

    def put(self, name, kind, data):
        path = f"{self.public}/pool/oci/{name}/{kind}/sha256/{digest_of(data)[7:]}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)

    def add_blob(self, name, data):
        self.put(name, "blobs", data)
        self.repository(name)["blobs"][digest_of(data)] = len(data)
        return data

    def add_manifest(self, name, document, **entry):
        data = json.dumps(document, indent=1).encode()
        self.put(name, "manifests", data)
        self.repository(name)["manifests"][digest_of(data)] = {"media_type": document["mediaType"], "size_bytes": len(data), **entry}
        return data

    def add_image(self, name, architecture, layer):
        config = self.add_blob(name, json.dumps({"architecture": architecture, "os": "linux", "config": {}, "rootfs": {
            "type": "layers", "diff_ids": [digest_of(layer)]}}).encode())
        self.add_blob(name, layer)
        return self.add_manifest(name, {"schemaVersion": 2, "mediaType": MANIFEST, "config": descriptor(CONFIG, config),
                                        "layers": [descriptor(LAYER, layer)]})

    def add_multi_arch(self, name, tag, layer=None):
        """An index of two platforms; layer(architecture) gives each one's bytes. Returns the index and the two manifests."""
        layer = layer or (lambda architecture: f"{name} owns the {architecture} layer of {tag} ".encode() * 20)
        manifests = [self.add_image(name, architecture, layer(architecture)) for architecture in ("amd64", "arm64")]
        index = self.add_manifest(name, {"schemaVersion": 2, "mediaType": INDEX, "manifests": [
            descriptor(MANIFEST, manifest, platform={"os": "linux", "architecture": architecture})
            for manifest, architecture in zip(manifests, ("amd64", "arm64"))]})
        self.repository(name)["tags"][tag] = digest_of(index)
        return index, manifests

    def add_referrer(self, name, subject, artifact_type, payload, annotations=None):
        """A manifest that refers to the manifest `subject`, as an SBOM does."""
        self.add_blob(name, b"{}")
        self.add_blob(name, payload)
        annotations = annotations or {}
        document = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": artifact_type, "config": descriptor(EMPTY, b"{}"),
                    "layers": [descriptor(artifact_type, payload)], "subject": descriptor(INDEX, subject), "annotations": annotations}
        more = {"annotations": annotations} if annotations else {}
        return self.add_manifest(name, document, subject=digest_of(subject), artifact_type=artifact_type, **more)

    def publish(self):
        self.release += 1
        release = f"{self.public}/releases/{self.release:06}"
        for name, repository in self.repositories.items():
            repository["generation"] += 1
            generation = f"generations/oci/{name}/{repository['generation']:06}"
            os.makedirs(f"{self.public}/{generation}")
            with open(f"{self.public}/{generation}/repository.json", "w", encoding="utf-8") as file:
                json.dump({"repository": name, "published_at": "2026-01-31T12:00:00Z", **repository}, file, sort_keys=True)
            link = f"{release}/oci/{name}"
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.symlink(f"../../../../../{generation}", link)
        os.symlink(f"releases/{self.release:06}", f"{self.public}/current.new")
        os.replace(f"{self.public}/current.new", f"{self.public}/current")
