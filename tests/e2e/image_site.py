"""A packyard site with container images: an image repository in core and one in plus, a cosign key, TLS where asked for.
   with ImageSite(tls=True) as site: site.stage_image("core", files); site.promote(); site.start(); site.reference("1.4.2")"""
import http.client
import json
import os
import ssl
import tempfile

from packyard_site import BUILD, PARTS, ROOT, SHARED, Site, clean_environment, run

IMAGE = "server"
PASSWORD = "made for a test"


def cosign_key(name="main"):
    """A cosign key pair made once by packyard and shared by all cases; the folder holds cosign.key, cosign.pub and password."""
    folder = f"{SHARED}/cosign-{name}"
    if not os.path.exists(f"{folder}/cosign.pub"):
        os.makedirs(SHARED, exist_ok=True)
        part = tempfile.mkdtemp(dir=SHARED)
        with open(os.open(f"{part}/password", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write(PASSWORD)
        run([f"{BUILD}/packyard", "signing-key", "new-cosign", "--output-folder", part],
            env=clean_environment(COSIGN_PASSWORD_FILE=f"{part}/password", PACKYARD_CONFIG=f"{ROOT}/config/packyard.yml"))
        os.replace(part, folder)
    return folder


def busybox_archives(tag, folder, architectures=("amd64", "arm64", "s390x")):
    """Real images of the distribution's busybox, one `docker save` archive for each platform."""
    run([f"{PARTS}/container-image", folder, tag, *architectures])
    return [f"{folder}/{tag}_{architecture}.tar" for architecture in architectures]


class ImageSite(Site):
    def __init__(self, tls=False, floating=(), image_signatures="[legacy, bundle]", key="main", images=(IMAGE,), **options):
        self.tls, self.floating, self.image_signatures, self.images = tls, list(floating), image_signatures, images
        self.cosign = cosign_key(key)
        super().__init__(**options)
        run(["cp", f"{self.cosign}/cosign.pub", f"{self.public_keys}/cosign.pub"])

    @property
    def host(self):
        return f"{self.listen_host}:{self.front_port}"

    def write_settings(self, more=""):
        super().write_settings(more)
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        targets = ", ".join(f"{{image: {image}, floating_tags: {json.dumps(self.floating)}}}" for image in self.images)
        text = text.replace("site: pkg.e2e.example", f'site: "{self.host}"').replace("\nstorage:", f"\n  oci: [{targets}]\nstorage:")
        text = text.replace("signing: {", f"signing: {{image_signatures: {self.image_signatures}, ")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)

    def secrets(self):
        return {**super().secrets(), "COSIGN_PRIVATE_KEY_FILE": f"{self.cosign}/cosign.key", "COSIGN_PASSWORD_FILE": f"{self.cosign}/password"}

    def change_key(self, name):
        """A new image key, and its public half served in the place of the old one's."""
        self.cosign = cosign_key(name)
        run(["cp", f"{self.cosign}/cosign.pub", f"{self.public_keys}/cosign.pub"])

    def stage_image(self, component, files, image=IMAGE):
        self.stage(component, "oci", files, target=image)

    def start_front(self, *options):
        if self.tls:
            certificate, key = self.certificate()
            options = (*options, "--tls-certificate", certificate, "--tls-certificate-key", key)
        super().start_front(*options)

    def certificate(self):
        certificate, key = f"{self.folder}/cert.pem", f"{self.folder}/key.pem"
        if not os.path.exists(certificate):
            run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "90", "-subj",
                 f"/CN={self.listen_host}", "-addext", f"subjectAltName=IP:{self.listen_host}"])
        return certificate, key

    def connect(self, host, port):
        if not self.tls or port != self.front_port:
            return super().connect(host, port)
        return http.client.HTTPSConnection(host, port, timeout=60, context=ssl.create_default_context(cafile=self.certificate()[0]))

    # ---- names ----------------------------------------------------------------------------------------------------------
    def repository(self, component="core", image=IMAGE):
        return f"{self.host}/{component}/2025/{image}"

    def reference(self, tag_or_digest, component="core", image=IMAGE):
        return self.repository(component, image) + ("@" if tag_or_digest.startswith("sha256:") else ":") + tag_or_digest

    def published_repository(self, component="core", image=IMAGE):
        """What the live release says about a repository."""
        with open(f"{self.published}/current/oci/{component}/2025/{image}/repository.json", encoding="utf-8") as file:
            return json.load(file)

    def manifest(self, digest, component="core", image=IMAGE):
        with open(f"{self.published}/pool/oci/{component}/2025/{image}/manifests/sha256/{digest.removeprefix('sha256:')}", "rb") as file:
            return json.loads(file.read())

    def digests(self, tag, component="core", image=IMAGE):
        """What a tag names: the index, then its manifests by platform, {"index": …, "amd64": …}."""
        top = self.published_repository(component, image)["tags"][tag]
        found = {"index": top}
        for entry in self.manifest(top, component, image).get("manifests", []):
            platform = entry.get("platform", {})
            name = platform.get("architecture", "none")
            found[name if name != "unknown" else f"attestation-{len(found)}"] = entry["digest"]
        return found

