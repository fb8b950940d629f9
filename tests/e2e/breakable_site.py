"""A site in one process that answers as a good packyard site does, and can be told to break one property at a time. It exists to
prove that verify.sh notices each of them; the end-to-end cases prove that the real site has none of them."""
import base64
import gzip
import hashlib
import http.server
import json
import re
import ssl
import threading
import time
from email.utils import formatdate
from urllib.parse import unquote

KEY = "pky_Tz8mQ2aXw5Lr9vNc4Bd7Ye1Kf6Hs3PgUjAoVi"
PLUS_KEY = "pky_Xm3nR7cVq1Ds8wLe5Ju2Gt9Bz4Fy6KhPaOiTb"
REALM = 'Basic realm="packyard", charset="UTF-8"'
PUBLIC_KEY = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQINBGk=\n-----END PGP PUBLIC KEY BLOCK-----\n"
SIGNATURE = b"-----BEGIN PGP SIGNATURE-----\n\niQIzBAAB\n-----END PGP SIGNATURE-----\n"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def rpm_files(root, files):
    primary = gzip.compress(b"<metadata/>", mtime=0)
    files[f"{root}/repodata/{sha256(primary)}-primary.xml.gz"] = primary
    files[f"{root}/repodata/repomd.xml"] = (
        f'<repomd><data type="primary"><location href="repodata/{sha256(primary)}-primary.xml.gz"/></data></repomd>').encode()
    files[f"{root}/repodata/repomd.xml.asc"] = SIGNATURE


def deb_files(root, component_root, files, date, valid_until, signed):
    packages = b"Package: acme\nVersion: 1.0+1\nFilename: pool/bookworm/a/acme/acme_1.0+1_amd64.deb\n\nPackage: other\nFilename: pool/other.deb\n"
    packed = gzip.compress(packages, mtime=0)
    files[f"{component_root}/pool/bookworm/a/acme/acme_1.0+1_amd64.deb"] = b"!<arch>\ndebian-binary"
    files[f"{root}/main/binary-amd64/Packages"] = packages
    files[f"{root}/main/binary-amd64/by-hash/SHA256/{sha256(packed)}"] = packed
    text = f"Suite: bookworm\nDate: {date}\n" + (f"Valid-Until: {valid_until}\n" if valid_until else "")
    text += f"SHA256:\n {sha256(packages)} {len(packages)} main/binary-amd64/Packages\n"
    text += f" {sha256(packed)} {len(packed)} main/binary-amd64/Packages.gz\n"
    body = text.encode()
    files[f"{root}/InRelease"] = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + body + SIGNATURE if signed else body


INDEX_TYPE, MANIFEST_TYPE = ("application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json")


def image_of(component):
    """An index of one platform: its blobs and manifests by digest, and its tag's digest."""
    blobs = {f"sha256:{sha256(data)}": data for data in (f"{component} config".encode(), f"{component} layer ".encode() * 100_000)}
    described = [{"mediaType": "a/b", "digest": digest, "size": len(data)} for digest, data in blobs.items()]
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": described[0], "layers": described[1:]}).encode()
    index = json.dumps({"schemaVersion": 2, "manifests": [{"mediaType": MANIFEST_TYPE, "digest": f"sha256:{sha256(manifest)}", "size": len(manifest)}]}).encode()
    manifests = {f"sha256:{sha256(data)}": (kind, data) for kind, data in ((MANIFEST_TYPE, manifest), (INDEX_TYPE, index))}
    return {"blobs": blobs, "manifests": manifests, "top": f"sha256:{sha256(index)}"}


IMAGES = {f"{component}/2025/server": image_of(component) for component in ("core", "plus")}
FOREIGN_DIGESTS = [*IMAGES["plus/2025/server"]["blobs"], *IMAGES["plus/2025/server"]["manifests"]]


class BreakableSite:
    """with BreakableSite(broken="any-key") as site: … site.url"""

    def __init__(self, broken="", tls_context=None):
        self.broken = broken
        self.tls_context = tls_context
        self.files = {}
        date = formatdate(time.time() + (7200 if broken == "date-in-future" else -60), usegmt=True).replace("GMT", "UTC")
        until = {"valid-until-past": -3600, "valid-until-near": 3600, "valid-until-good": 8 * 86400}.get(broken)
        until = until and formatdate(time.time() + until, usegmt=True).replace("GMT", "UTC")
        for component in ("core", "plus"):
            rpm_files(f"/rpm/{component}/2025/el9-x86_64", self.files)
            deb_files(f"/deb/{component}/2025/dists/bookworm", f"/deb/{component}/2025", self.files, date, until, broken != "unsigned")
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def __getattr__(self, name):
                if name.startswith("do_"):
                    return lambda: site.answer(self)
                raise AttributeError(name)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls_context:
            self.server.socket = tls_context.wrap_socket(self.server.socket, server_side=True)

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        self.url = f"{'https' if self.tls_context else 'http'}://127.0.0.1:{self.server.server_address[1]}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    # ---- one request ----------------------------------------------------------------------------------------------------
    def answer(self, request):
        length = int(request.headers.get("Content-Length") or 0)
        sent = request.rfile.read(length)
        status, body, headers = self.decide(request, request.path, sent)
        part = re.fullmatch(r"bytes=0-([0-9]+)", request.headers.get("Range") or "")
        if status == 200 and part:
            status, body = 206, body[:int(part.group(1)) + 1]
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        if "Cache-Control" not in headers:
            request.send_header("Cache-Control", "public, max-age=60" if self.broken == "refusal-cached" and status == 401 else "no-store")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)

    def read_path(self, raw):
        """The address as this site's gate and file server understand it, or None where it refuses."""
        path = raw.split("?")[0]
        if self.broken == "cuts-at-nul":
            path = re.sub(r"%00.*", "", path)
        elif self.broken == "cuts-at-hash":
            path = re.sub(r"%23.*", "", path)
        elif self.broken == "decodes":
            path = unquote(path)
        elif self.broken == "decodes-twice":
            path = unquote(unquote(path)) if "%25" in path else path
        elif self.broken == "backslash":
            path = path.replace("%5c", "/")
        elif self.broken == "semicolon":
            path = path.replace("..;", "..")
        if self.broken in ("decodes", "decodes-twice", "backslash", "semicolon", "merges-slashes", "resolves-dots"):
            segments = []
            for segment in path.split("/")[1:]:
                if segment == "..":
                    segments[-1:] = []
                elif segment not in (".", "") or (segment == "" and self.broken == "resolves-dots"):
                    segments.append(segment)
            path = "/" + "/".join(segments)
        if re.search(r"%2[ef35]|%3[bf]|%5c|%[01]|;|//|/\.", path, re.IGNORECASE):
            return None
        return unquote(path)

    def decide(self, request, raw, sent):
        broken = self.broken
        if re.match(r"/+v2(/|$)", raw):
            return self.decide_registry(request, raw)
        if request.command not in ("GET", "HEAD"):
            if request.command == "PUT" and broken == "accepts-put" and sent:
                return 201, b"", {}
            if (request.command, broken) in (("OPTIONS", "answers-options"), ("DELETE", "accepts-delete")):
                return 200, b"", {}
            if broken == "method-breaks":
                return 502, b"", {}
            return 403, b"", {}
        if raw == "/gpg/lts.asc":
            kind = "text/html" if broken == "public-key-type" else "text/plain"
            body = b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n" + PUBLIC_KEY if broken == "private-key-served" else PUBLIC_KEY
            return (404, b"", {}) if broken == "no-public-key" else (200, body, {"Content-Type": kind})
        if raw == "/gpg/cosign.pub":
            return (200, b"oops", {}) if broken == "image-key-rubbish" else (404, b"", {})
        if raw == "/gpg/":
            return (200, b"lts.asc", {}) if broken == "lists-folder" else (404, b"", {})
        opened = {"contents-served": "contents.json", "metrics-open": "/metrics", "admin-open": "/api/v1/keys", "lists-tree": "el9-x86_64/"}.get(broken)
        if opened and raw.endswith(opened):
            return 200, b"{}", {"Cache-Control": "private, no-cache"}
        if broken == "public-folder-traversal" and raw.startswith("/gpg/..%2f"):
            return 200, self.files.get("/" + raw[len("/gpg/..%2f"):], b"x"), {}
        if broken == "public-folder-open" and raw.startswith("/gpg/../"):
            return 200, self.files.get(raw[len("/gpg/.."):], b"x"), {}
        asked = raw
        for header, name in (("X-Original-URI", "trusts-original-uri"), ("X-Forwarded-Uri", "trusts-forwarded-uri")):
            if broken == name and request.headers.get(header):
                asked = request.headers[header]
        if broken in ("trusts-original-uri", "trusts-forwarded-uri") and asked == "/gpg/lts.asc":
            return 200, b"", {}
        return self.decide_protected(request, raw, asked)

    def decide_protected(self, request, raw, asked):
        broken = self.broken
        refusal = {} if broken == "no-challenge" else {"WWW-Authenticate": REALM}
        path, file_path = self.read_path(asked), self.read_path(raw)
        decision_path = asked if broken in ("decodes", "decodes-twice", "backslash", "semicolon", "merges-slashes", "resolves-dots") else path
        if path is None or not re.match(r"/(rpm|deb)/", "/" + decision_path.lstrip("/")):
            return 403, b"", {}
        parts = decision_path.lstrip("/").split("/") + ["", ""]
        verdict = self.opens(self.password(request), parts[1], request)
        open_anyway = (broken == "pointer-open" and path.endswith("repomd.xml")) or (broken == "index-open" and "by-hash" in path) or \
            (broken == "package-open" and "/pool/" in path)
        if verdict != 200 and not open_anyway:
            return verdict, b"", refusal if verdict == 401 else {}
        body = self.files.get(file_path)
        if body is None or (broken == "index-missing" and "primary" in path) or (broken == "package-missing" and "/pool/" in path):
            return 404, b"", {}
        body, headers = self.served(path, body)
        if broken == "echoes":
            headers["Cache-Control"] = "public, for=" + self.password(request)
        return 200, body, headers

    # ---- images ---------------------------------------------------------------------------------------------------------
    def registry_error(self, status, code, headers=None):
        plain = self.broken == "registry-plain-errors" or (self.broken == "registry-plain-404" and status == 404)
        body = b"no" if plain else json.dumps({"errors": [{"code": code, "message": "m"}]}).encode()
        return status, body, {"Content-Type": "text/plain" if plain else "application/json", **(headers or {})}

    def decide_registry(self, request, raw):
        broken = self.broken
        path = raw.split("?")[0]
        parts = path.strip("/").split("/") + [""] * 6
        if broken == "registry-decodes":  # behind the gate, which took the address as it stood
            path = unquote(path)
            while "/.." in path:
                path = re.sub(r"/[^/]+/\.\.", "", path, count=1)
        elif re.search(r"%|//|/\.", path):
            return self.registry_error(403, "DENIED")
        served = path.strip("/").split("/") + [""] * 6
        ping = path in ("/v2", "/v2/")
        password = self.password(request)
        verdict = self.opens(password, parts[1], request)
        if ping and password in (KEY, PLUS_KEY):
            verdict = 200
        if broken == "registry-every-component" and password in (KEY, PLUS_KEY):
            verdict = 200
        if (broken == "registry-ping-open" and ping) or (broken == "registry-blob-open" and parts[4] == "blobs" and request.command == "GET"):
            verdict = 200
        if verdict != 200:
            return self.registry_error(401, "UNAUTHORIZED", {} if broken == "registry-no-challenge" else {"WWW-Authenticate": REALM})
        if request.command not in ("GET", "HEAD"):
            if broken == "registry-accepts-push":
                return 202, b"", {}
            return self.registry_error(403, "DENIED") if broken == "registry-push-403" else self.registry_error(405, "UNSUPPORTED")
        if ping:
            return 200, b"{}", {"Content-Type": "application/json"}
        return self.serve_registry(request, "/".join(served[1:4]), served[4], served[5])

    def serve_registry(self, request, name, kind, reference):
        broken = self.broken
        image = IMAGES.get(name)
        if image is None:
            return self.registry_error(404, "NAME_UNKNOWN")
        shared = {kind: {digest: data for each in IMAGES.values() for digest, data in each[kind].items()} for kind in ("blobs", "manifests")}
        blobs = shared["blobs"] if broken == "registry-shares-blobs" else image["blobs"]
        manifests = shared["manifests"] if broken == "registry-shares-manifests" else image["manifests"]
        if kind == "tags":
            return 200, json.dumps({"name": name, "tags": ["1.4.2", "sha256-00.sig"]}, separators=(",", ":")).encode(), {"Content-Type": "application/json"}
        if kind == "referrers":
            if broken == "registry-no-referrers":
                return self.registry_error(404, "UNSUPPORTED")
            listed = [{"digest": reference}] if broken == "registry-foreign-referrers" and reference in FOREIGN_DIGESTS else []
            return 200, json.dumps({"schemaVersion": 2, "manifests": listed}).encode(), {"Content-Type": INDEX_TYPE}
        if kind == "blobs" and reference in blobs:
            data = b"x" + blobs[reference][1:] if broken == "registry-blob-damaged" else blobs[reference]
            return 200, data, {"Docker-Content-Digest": reference}
        digest = image["top"] if reference == "1.4.2" else reference
        if kind == "manifests" and digest in manifests:
            media_type, data = manifests[digest]
            headers = {"Content-Type": media_type + ("; charset=utf-8" if broken == "registry-charset" else "")}
            if broken != "registry-no-digest":
                headers["Docker-Content-Digest"] = digest
            return 200, data, {} if broken == "registry-head-differs" and request.command == "HEAD" else headers
        return self.registry_error(404, "BLOB_UNKNOWN" if kind == "blobs" else "MANIFEST_UNKNOWN")

    def served(self, path, body):
        broken = self.broken
        fixed = "/pool/" in path or "by-hash" in path or "primary" in path
        headers = {"Cache-Control": "private, max-age=31536000, immutable" if fixed else "private, no-cache"}
        if broken == "public-cache":
            headers["Cache-Control"] = "public, max-age=600"
        elif broken == "pointer-kept" and not fixed:
            headers["Cache-Control"] = "private, max-age=600"
        if broken == "content-encoding" and "primary" in path:
            headers["Content-Encoding"] = "gzip"
        if broken == "index-damaged" and "by-hash" in path:
            body = body[:-1] + bytes([body[-1] ^ 1])
        if broken == "no-rpm-signature" and path.endswith(".asc"):
            body = b"none"
        if broken == "package-rubbish" and "/pool/" in path:
            body = b"<html>sorry</html>"
        return body, headers

    def password(self, request):
        try:
            kind, _, text = request.headers.get("Authorization", "").partition(" ")
            return base64.b64decode(text, validate=True).decode().partition(":")[2] if kind == "Basic" else ""
        except ValueError:
            return ""

    def opens(self, password, component, request):
        broken = self.broken
        if broken == "breaks-on-odd-authorization" and request.headers.get("Authorization", "").startswith("Bearer"):
            return 500
        if broken == "any-key" and password:
            return 200
        if broken == "no-gate":
            return 200
        if password not in (KEY, PLUS_KEY):
            return 403 if broken == "forbidden-not-challenged" else 401
        own = "core" if password == KEY else "plus"
        if broken == "closed" or (component != own and broken == "prefix-match" and not component.startswith(own)):
            return 401
        if component == own or broken in ("every-component", "prefix-match"):
            return 200
        return 404 if broken == "other-component-404" else 401
