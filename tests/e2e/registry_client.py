"""A client of the registry that trusts nothing: every digest, size and content type is checked, every signature with openssl and the
served cosign.pub. It speaks HTTP itself, so that one test can ask what no tool would."""
import base64
import hashlib
import json
import re
import subprocess
import tempfile

INDEX, MANIFEST = "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"
SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
IN_TOTO = "application/vnd.in-toto+json"
ACCEPT = [("Accept", f"{INDEX}, {MANIFEST}, application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json")]


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def openssl_verifies(public_key, message, signature):
    """Whether `openssl dgst` accepts the signature of the message."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (("key", public_key), ("message", message), ("signature", signature)):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(data)
        return subprocess.run(["openssl", "dgst", "-sha256", "-verify", f"{folder}/key", "-signature", f"{folder}/signature", f"{folder}/message"],
                              capture_output=True, check=False).returncode == 0


def pae(kind, payload):
    """What a DSSE envelope's signature is of."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


class Registry:
    """One repository as one customer sees it."""

    def __init__(self, site, key, component="core", image="server"):
        self.site, self.key, self.name = site, key, f"{component}/2025/{image}"

    def ask(self, rest, method="GET", headers=()):
        return self.site.request(f"/v2/{self.name}/{rest}", self.key, method=method, headers=headers)

    def manifest(self, reference):
        """(digest, bytes, media type) of a manifest, all of what the answer says held against its bytes."""
        answer = self.ask(f"manifests/{reference}", headers=ACCEPT)
        assert answer.status == 200, f"{self.name} {reference}: {answer.status} {answer.body[:300]}"
        digest = digest_of(answer.body)
        assert answer.headers["Docker-Content-Digest"] == digest, (reference, answer.headers["Docker-Content-Digest"], digest)
        assert not reference.startswith("sha256:") or reference == digest, (reference, digest)
        kind = json.loads(answer.body).get("mediaType", answer.headers["Content-Type"])
        assert answer.headers["Content-Type"] == kind, (reference, answer.headers["Content-Type"], kind)
        return digest, answer.body, kind

    def blob(self, digest, size):
        answer = self.ask(f"blobs/{digest}")
        assert answer.status == 200, f"{self.name} {digest}: {answer.status} {answer.body[:300]}"
        assert (digest_of(answer.body), len(answer.body)) == (digest, size), (digest, size, len(answer.body))
        return answer.body

    def pull(self, reference, blobs=True):
        """Everything that the reference names, as a real client would fetch it: {digest: bytes of every manifest}, the top one first."""
        digest, body, _ = self.manifest(reference)
        held, pending = {digest: body}, [json.loads(body)]
        while pending:
            document = pending.pop()
            for entry in document.get("manifests", []):
                child, child_body, kind = self.manifest(entry["digest"])
                assert (len(child_body), kind) == (entry["size"], entry["mediaType"]), entry
                held[child] = child_body
                pending.append(json.loads(child_body))
            for entry in ([document["config"]] if "config" in document else []) + document.get("layers", []):
                if blobs:
                    self.blob(entry["digest"], entry["size"])
        return held

    def tags(self):
        answer = self.ask("tags/list")
        assert answer.status == 200, answer.body
        return json.loads(answer.body)["tags"]

    def referrers(self, digest, artifact_type=None):
        answer = self.ask(f"referrers/{digest}" + (f"?artifactType={artifact_type.replace('+', '%2B')}" if artifact_type else ""))
        assert (answer.status, answer.headers["Content-Type"]) == (200, INDEX), (answer.status, answer.body)
        return json.loads(answer.body)["manifests"]

    # ---- signatures -----------------------------------------------------------------------------------------------------
    def legacy_signatures(self, digest, public_key):
        """Payloads (parsed) of the .sig tag of a digest; every one verifies and is for this digest."""
        _, body, kind = self.manifest(digest.replace(":", "-") + ".sig")
        assert kind == MANIFEST
        payloads = []
        for layer in json.loads(body)["layers"]:
            assert layer["mediaType"] == SIMPLE_SIGNING
            payload = self.blob(layer["digest"], layer["size"])
            assert openssl_verifies(public_key, payload, base64.b64decode(layer["annotations"]["dev.cosignproject.cosign/signature"])), payload
            payloads.append(json.loads(payload))
            assert payloads[-1]["critical"]["image"]["docker-manifest-digest"] == digest, payload
        return payloads

    def bundle_statements(self, digest, public_key):
        """Statements (parsed) of the bundles that refer to a digest; every one verifies and is for this digest."""
        statements = []
        for entry in self.referrers(digest, BUNDLE):
            _, body, _ = self.manifest(entry["digest"])
            layer, = json.loads(body)["layers"]
            envelope = json.loads(self.blob(layer["digest"], layer["size"]))["dsseEnvelope"]
            payload, (signature,) = base64.b64decode(envelope["payload"]), envelope["signatures"]
            assert openssl_verifies(public_key, pae(IN_TOTO, payload), base64.b64decode(signature["sig"])), payload
            statements.append(json.loads(payload))
            assert [subject["digest"]["sha256"] for subject in statements[-1]["subject"]] == [digest.removeprefix("sha256:")], payload
        return statements

    def verify(self, reference, public_key, tag):
        """Pulls without blobs and checks that the top and everything below it is signed in both forms for the tag."""
        held = self.pull(reference, blobs=False)
        for digest in held:
            identity = f"{self.site.host}/{self.name}:{tag}"
            named = [(payload["critical"]["identity"]["docker-reference"], (payload["optional"] or {}).get("tag"))
                     for payload in self.legacy_signatures(digest, public_key)]
            assert (identity, tag) in named, (digest, named)
            tags = [statement["subject"][0].get("annotations", {}).get("tag") for statement in self.bundle_statements(digest, public_key)]
            assert tag in tags, (digest, tags)
        return held


def user_tags(tags):
    return [tag for tag in tags if not re.fullmatch(r"sha256-[0-9a-f]{64}\.sig", tag)]


