#!/usr/bin/env python3
"""A small S3 server for tests: one bucket in memory, path and virtual-host style, Signature Version 4 verified by itself (sharing no code
with what it tests), listings in pages, ranges, conditions, copies and uploads in parts. It lies when told to.

  s3_server.py [--access-key A] [--secret-key S] [--bucket B] [--host ADDRESS] [--port P]      prints its port, ends when standard input does

POST /-/lies      a list of {"lie": KIND, "method": "GET", "contains": "text in path or query", "times": 1, "after": 0, …}: the next
                  `times` requests that fit, after the first `after`, are answered with the lie. Replaces the lies before.
GET /-/requests   [{"method", "target", "status"}] since the last call.   GET /-/uploads   open uploads in parts, as a list of keys
KINDs: status (status, code), reset, silent, truncate (body ends early), short (a shorter length with fewer bytes), corrupt (other bytes
of the same length), slow (a byte at a time), xml (text instead of XML), cut_xml (half a document of right length), error_in_ok (200 with
<Error>), forget (does it, then resets: the answer is lost), no_range (whole object for a range), lost_put (says yes, keeps half)."""
import argparse
import calendar
import hashlib
import hmac
import json
import os
import re
import socket
import struct
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

CLOCK_SKEW_S = 15 * 60


class Refusal(Exception):
    def __init__(self, status, code, message=""):
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


class Store:
    def __init__(self, options):
        self.bucket, self.access_key, self.secret_key = options.bucket, options.access_key, options.secret_key
        self.lock = threading.Lock()
        self.objects, self.uploads, self.lies, self.requests = {}, {}, [], []

    def lie_for(self, method, target):
        with self.lock:
            for lie in self.lies:
                if lie.get("method", method) == method and lie.get("contains", "") in urllib.parse.unquote(target) and lie.get("times", 1) > 0:
                    if lie.get("after", 0) > 0:
                        lie["after"] -= 1
                        continue
                    lie["times"] = lie.get("times", 1) - 1
                    return lie
        return {}


def quote(text, safe):
    return urllib.parse.quote(text, safe=safe)


def signing_key(secret, day, region):
    key = ("AWS4" + secret).encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def check_signature(store, handler, body):
    match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})",
                         handler.headers.get("Authorization", ""))
    if not match:
        raise Refusal(403, "AccessDenied", "no signature of version 4")
    access_key, day, region, signed, signature = match.groups()
    if access_key != store.access_key:
        raise Refusal(403, "InvalidAccessKeyId", "no such access key")
    date = handler.headers.get("X-Amz-Date", "")
    said = handler.headers.get("X-Amz-Content-Sha256", "")
    names = signed.split(";")
    missing = [name.lower() for name in handler.headers if name.lower().startswith("x-amz-") and name.lower() not in names]
    if missing or "host" not in names or names != sorted(names) or not date.startswith(day):
        raise Refusal(403, "AccessDenied", f"not signed: {missing}")
    if abs(time.time() - calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))) > CLOCK_SKEW_S:
        raise Refusal(403, "RequestTimeTooSkewed", "clocks differ")
    path, _, query = handler.path.partition("?")
    fields = sorted((quote(name, "-._~"), quote(value, "-._~")) for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join([handler.command, quote(urllib.parse.unquote(path), "/-._~"), "&".join(f"{name}={value}" for name, value in fields),
                           *[f"{name}:{' '.join((handler.headers.get(name) or '').split())}" for name in names], "", signed, said])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", date, f"{day}/{region}/s3/aws4_request", hashlib.sha256(canonical.encode()).hexdigest()])
    if not hmac.compare_digest(hmac.new(signing_key(store.secret_key, day, region), to_sign.encode(), hashlib.sha256).hexdigest(), signature):
        raise Refusal(403, "SignatureDoesNotMatch", "the signature is another one")
    if said != hashlib.sha256(body).hexdigest():
        raise Refusal(400, "XAmzContentSHA256Mismatch", "the body is another one")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "TestS3"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def do_GET(self):
        self.answer()

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET

    # ---- one request ---------------------------------------------------------------------------------------------------
    def answer(self):
        self.store = self.server.store
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/-/"):
            return self.control(body)
        self.lie = self.store.lie_for(self.command, self.path)
        kind = self.lie.get("lie")
        with self.store.lock:
            self.store.requests.append({"method": self.command, "target": self.path, "lie": kind})
        try:
            if kind == "reset":
                return self.reset()
            if kind == "silent":
                time.sleep(self.lie.get("seconds", 30))
                return self.reset()
            if kind == "status":
                raise Refusal(self.lie["status"], self.lie.get("code", ""), "told to say so")
            if kind == "error_in_ok":
                return self.send(200, self.error_xml(self.lie.get("code", "InternalError"), "told to say so"))
            check_signature(self.store, self, body)
            return self.route(body)
        except Refusal as refusal:
            text = self.error_xml(refusal.code, refusal.message) if refusal.code else b""
            return self.send(refusal.status, text, {"Content-Type": "application/xml"})

    def control(self, body):
        with self.store.lock:
            if self.path == "/-/lies":
                self.store.lies = json.loads(body)
                answer = []
            elif self.path == "/-/uploads":
                answer = [upload["key"] for upload in self.store.uploads.values()]
            else:
                answer, self.store.requests = self.store.requests, []
        self.lie = {}
        self.send(200, json.dumps(answer).encode())

    def error_xml(self, code, message):
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>'.encode()

    def reset(self):
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def send(self, status, body=b"", headers=None):
        kind = self.lie.get("lie")
        if kind == "forget":
            return self.reset()
        if kind == "xml":
            body = b"<html>Welcome to nginx!"
        elif kind == "cut_xml":
            body = body[:len(body) // 2]
        elif kind == "corrupt" and body:
            body = bytes([body[0] ^ 1]) + body[1:]
        elif kind == "short":
            body = body[:max(0, len(body) - self.lie.get("bytes", 1))]
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if "Content-Length" not in (headers or {}):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return None
        if kind == "truncate":
            self.wfile.write(body[:int(len(body) * self.lie.get("part", 0.5))])
            return self.reset() if self.lie.get("how") == "reset" else self.end_early()
        if kind == "slow":
            for byte in body:
                self.wfile.write(bytes([byte]))
                time.sleep(self.lie.get("seconds", 0.05))
            return None
        self.wfile.write(body)
        return None

    def end_early(self):
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        self.close_connection = True

    # ---- what is asked -------------------------------------------------------------------------------------------------
    def route(self, body):
        path, _, query = self.path.partition("?")
        path = urllib.parse.unquote(path)
        fields = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        host = self.headers.get("Host", "").partition(":")[0]
        if host.startswith(self.store.bucket + "."):
            bucket, key = self.store.bucket, path[1:]
        else:
            bucket, _, key = path[1:].partition("/")
        if bucket != self.store.bucket:
            raise Refusal(404, "NoSuchBucket", "no such bucket")
        if not key:
            if self.command != "GET":
                raise Refusal(405, "MethodNotAllowed")
            return self.list(fields)
        steps = {("GET", False): self.get, ("HEAD", False): self.get, ("PUT", False): self.put, ("DELETE", False): self.delete,
                 ("POST", False): self.begin, ("PUT", True): self.part, ("POST", True): self.complete, ("DELETE", True): self.abort}
        return steps[(self.command, "uploadId" in fields)](key, fields, body)

    def list(self, fields):
        prefix, delimiter = fields.get("prefix", ""), fields.get("delimiter", "")
        page = min(int(fields.get("max-keys", 1000)), 1000)
        after = bytes.fromhex(fields["continuation-token"][2:]).decode() if "continuation-token" in fields else ""
        with self.store.lock:
            held = sorted((key.encode(), len(value)) for key, value in self.store.objects.items())
        entries = {}
        for raw, size in held:
            key = raw.decode()
            if not key.startswith(prefix):
                continue
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            name = key[:cut + 1] if cut >= 0 else key
            if name > after:
                entries.setdefault(name, None if cut >= 0 else size)
        names = sorted(entries)
        shown, more = names[:page], len(names) > page
        is_url = fields.get("encoding-type") == "url"
        show = (lambda text: urllib.parse.quote_plus(text, safe="/")) if is_url else escape
        inside = "".join(f"<Contents><Key>{show(name)}</Key><Size>{entries[name]}</Size></Contents>" for name in shown if entries[name] is not None)
        inside += "".join(f"<CommonPrefixes><Prefix>{show(name)}</Prefix></CommonPrefixes>" for name in shown if entries[name] is None)
        if is_url:
            inside += "<EncodingType>url</EncodingType>"
        if more:
            inside += f"<NextContinuationToken>k+{shown[-1].encode().hex()}</NextContinuationToken>"
        text = (f'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{self.store.bucket}</Name>'
                f"<Prefix>{show(prefix)}</Prefix><KeyCount>{len(shown)}</KeyCount><IsTruncated>{'true' if more else 'false'}</IsTruncated>{inside}</ListBucketResult>")
        self.send(200, text.encode(), {"Content-Type": "application/xml"})

    def held(self, key):
        with self.store.lock:
            if key not in self.store.objects:
                raise Refusal(404, "" if self.command == "HEAD" else "NoSuchKey", "no such key")
            return self.store.objects[key], self.tag(self.store.objects[key])

    @staticmethod
    def tag(value):
        return f'"{getattr(value, "tag", None) or hashlib.md5(value).hexdigest()}"'

    def get(self, key, _fields, _body):
        value, tag = self.held(key)
        if self.headers.get("If-Match", tag) != tag:
            raise Refusal(412, "PreconditionFailed", "another object")
        headers = {"ETag": tag, "Content-Type": "binary/octet-stream"}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if wanted and self.lie.get("lie") != "no_range":
            first, last = int(wanted[1]), int(wanted[2] or len(value) - 1)
            if first >= len(value):
                raise Refusal(416, "InvalidRange")
            headers["Content-Range"] = f"bytes {first}-{last}/{len(value)}"
            return self.send(206, bytes(value[first:last + 1]), headers)
        if self.command == "HEAD":
            headers["Content-Length"] = str(len(value))
        return self.send(200, bytes(value), headers)

    def keep(self, key, value):
        with self.store.lock:
            self.store.objects[key] = value[:len(value) // 2] if self.lie.get("lie") == "lost_put" else value
        return self.tag(value)

    def put(self, key, _fields, body):
        source = self.headers.get("X-Amz-Copy-Source")
        if source is None:
            return self.send(200, b"", {"ETag": self.keep(key, body)})
        bucket, _, from_key = urllib.parse.unquote(source).lstrip("/").partition("/")
        if bucket != self.store.bucket:
            raise Refusal(404, "NoSuchBucket")
        value, tag = self.held(from_key)
        if self.headers.get("X-Amz-Copy-Source-If-Match", tag) != tag:
            raise Refusal(412, "PreconditionFailed")
        kept = self.keep(key, value)
        return self.send(200, f"<CopyObjectResult><ETag>{escape(kept)}</ETag></CopyObjectResult>".encode())

    def delete(self, key, _fields, _body):
        with self.store.lock:
            self.store.objects.pop(key, None)
        self.send(204)

    # ---- uploads in parts ----------------------------------------------------------------------------------------------
    def begin(self, key, fields, _body):
        if "uploads" not in fields:
            raise Refusal(400, "InvalidArgument")
        upload = os.urandom(8).hex()
        with self.store.lock:
            self.store.uploads[upload] = {"key": key, "parts": {}}
        self.send(200, f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>".encode())

    def upload(self, key, fields):
        upload = self.store.uploads.get(fields["uploadId"])
        if upload is None or upload["key"] != key:
            raise Refusal(404, "NoSuchUpload", "no such upload")
        return upload

    def part(self, key, fields, body):
        with self.store.lock:
            self.upload(key, fields)["parts"][int(fields["partNumber"])] = body
        self.send(200, b"", {"ETag": self.tag(body)})

    def complete(self, key, fields, body):
        with self.store.lock:
            parts = self.upload(key, fields)["parts"]
        named = re.findall(r"<PartNumber>(\d+)</PartNumber>\s*<ETag>(?:&quot;|\")?([0-9a-f]+)", body.decode())
        if not named or any(hashlib.md5(parts.get(int(number), b"")).hexdigest() != tag for number, tag in named):
            raise Refusal(400, "InvalidPart")

        class Whole(bytes):
            pass
        whole = Whole(b"".join(parts[int(number)] for number, _ in named))
        digests = b"".join(hashlib.md5(parts[int(number)]).digest() for number, _ in named)
        whole.tag = f"{hashlib.md5(digests).hexdigest()}-{len(named)}"
        with self.store.lock:
            self.store.uploads.pop(fields["uploadId"])
        kept = self.keep(key, whole)
        self.send(200, f"<CompleteMultipartUploadResult><ETag>{escape(kept)}</ETag></CompleteMultipartUploadResult>".encode())

    def abort(self, key, fields, _body):
        with self.store.lock:
            self.upload(key, fields)
            self.store.uploads.pop(fields["uploadId"])
        self.send(204)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, ValueError, OSError)):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--access-key", default="AKIDTEST")
    parser.add_argument("--secret-key", default="test/secret+key")
    parser.add_argument("--bucket", default="staging")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    server = Server((options.host, options.port), Handler)
    server.store = Store(options)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
