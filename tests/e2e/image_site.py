"""A packyard site with container images, TLS where asked for; its name is what image references begin with.
   with ImageSite(tls=True) as site: …; site.start(); site.reference("1.4.2")"""
import http.client
import json
import os
import ssl

from packyard_site import PARTS, Site, run

IMAGE = "server"


def busybox_archives(tag, folder, architectures=("amd64", "arm64", "s390x")):
    """Real images of the distribution's busybox, one `docker save` archive for each platform."""
    run([f"{PARTS}/container-image", folder, tag, *architectures])
    return [f"{folder}/{tag}_{architecture}.tar" for architecture in architectures]


class ImageSite(Site):
    def __init__(self, tls=False, **options):
        self.tls = tls
        super().__init__(**options)

    @property
    def host(self):
        return f"{self.listen_host}:{self.front_port}"

    def write_settings(self, more=""):
        super().write_settings(more)
        with open(self.config, encoding="utf-8") as file:
            text = file.read().replace("site: pkg.e2e.example", f'site: "{self.host}"')
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)

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

