"""What somebody who can write to the published tree, but has no key, could do to images there. Each change leaves a tree that is whole
(every digest fits), so that nothing but the signature can tell."""
import base64
import contextlib
import hashlib
import json
import os

from packyard_site import run
from registry_client import BUNDLE


class Tree:
    """The live release of one image repository, for changing."""

    def __init__(self, site, component="core", image="server"):
        self.pool = f"{site.published}/pool/oci/{component}/2025/{image}"
        self.path = os.path.realpath(f"{site.published}/current/oci/{component}/2025/{image}") + "/repository.json"
        with open(self.path, encoding="utf-8") as file:
            self.repository = json.load(file)

    def save(self):
        replace(self.path, json.dumps(self.repository).encode())

    def read(self, kind, digest):
        with open(f"{self.pool}/{kind}/sha256/{digest.removeprefix('sha256:')}", "rb") as file:
            return file.read()

    def put_blob(self, data):
        digest = hashlib.sha256(data).hexdigest()
        replace(f"{self.pool}/blobs/sha256/{digest}", data)
        self.repository["blobs"]["sha256:" + digest] = len(data)
        return {"digest": "sha256:" + digest, "size": len(data)}

    def put_manifest(self, document, like):
        """In place of the manifest `like`, which goes; the new digest."""
        data = json.dumps(document, separators=(",", ":")).encode()
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        replace(f"{self.pool}/manifests/sha256/{digest.removeprefix('sha256:')}", data)
        self.repository["manifests"][digest] = {**self.repository["manifests"].pop(like), "size_bytes": len(data)}
        for tag, named in self.repository["tags"].items():
            if named == like:
                self.repository["tags"][tag] = digest
        return digest

    def signature_tags(self):
        return [tag for tag in self.repository["tags"] if tag.endswith(".sig")]

    def bundles(self):
        return [digest for digest, entry in self.repository["manifests"].items() if entry.get("artifact_type") == BUNDLE]


def replace(path, data):
    """Not in place: the file may be a hard link of the untouched tree."""
    with open(path + ".part", "wb") as file:
        file.write(data)
    os.chmod(path + ".part", 0o644)
    os.replace(path + ".part", path)


def other_payloads(tree):
    """What is signed says something else, under the signatures that were there."""
    for tag in tree.signature_tags():
        like = tree.repository["tags"][tag]
        document = json.loads(tree.read("manifests", like))
        for layer in document["layers"]:
            payload = json.loads(tree.read("blobs", layer["digest"]))
            payload["optional"] = {**(payload["optional"] or {}), "approved": "yes"}
            layer.update(tree.put_blob(json.dumps(payload, separators=(",", ":")).encode()))
        tree.put_manifest(document, like)
    for like in tree.bundles():
        document = json.loads(tree.read("manifests", like))
        layer, = document["layers"]
        bundle = json.loads(tree.read("blobs", layer["digest"]))
        statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
        statement["subject"][0].setdefault("annotations", {})["approved"] = "yes"
        bundle["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(statement, separators=(",", ":")).encode()).decode()
        layer.update(tree.put_blob(json.dumps(bundle, separators=(",", ":")).encode()))
        tree.put_manifest(document, like)


def moved_tag(tag, onto):
    def change(tree):
        tree.repository["tags"][tag] = tree.repository["tags"][onto]
    return change


def no_legacy(tree):
    for tag in tree.signature_tags():
        del tree.repository["manifests"][tree.repository["tags"].pop(tag)]


def no_bundles(tree):
    for digest in tree.bundles():
        del tree.repository["manifests"][digest]


def unsigned(tree):
    no_legacy(tree)
    no_bundles(tree)


@contextlib.contextmanager
def tampered(site, change):
    """The site serves a changed copy of its tree for a while."""
    untouched = site.published + ".untouched"
    site.stop("serve")
    os.rename(site.published, untouched)
    run(["cp", "--archive", "--link", untouched, site.published])
    try:
        tree = Tree(site)
        change(tree)
        tree.save()
        site.start_serve()
        site.wait_for(lambda: site.request("/v2/").status == 401, "the gate with the changed tree")
        yield
    finally:
        site.stop("serve")
        run(["rm", "-rf", site.published])
        os.rename(untouched, site.published)
        site.start_serve()
        site.wait_for(lambda: site.request("/v2/").status == 401, "the gate with the untouched tree")
