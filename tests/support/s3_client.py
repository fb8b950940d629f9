"""A small S3 client for tests, as CI's tools are: path style, Signature Version 4 by itself. Shares no code with packyard.

  bucket = Bucket("http://127.0.0.1:9000", "ACCESS", "SECRET", "staging"); bucket.put("a/b", b"…"); bucket.keys()"""
import datetime
import hashlib
import hmac
import html
import http.client
import re
import urllib.parse


def signing_key(secret, day, region):
    key = ("AWS4" + secret).encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


class Bucket:
    def __init__(self, endpoint, access_key, secret_key, name, region="us-east-1"):
        self.host = urllib.parse.urlsplit(endpoint).netloc
        self.access_key, self.secret_key, self.name, self.region = access_key, secret_key, name, region

    def ask(self, method, key="", query=(), body=b"", headers=()):
        path = f"/{self.name}" + (f"/{urllib.parse.quote(key, safe='/-._~')}" if key else "")
        date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(body).hexdigest()
        signed = {**{name.lower(): value for name, value in dict(headers).items()}, "host": self.host, "x-amz-content-sha256": digest, "x-amz-date": date}
        fields = "&".join(f"{urllib.parse.quote(name, safe='')}={urllib.parse.quote(value, safe='-._~')}" for name, value in sorted(query))
        names = ";".join(sorted(signed))
        canonical = "\n".join([method, path, fields, *[f"{name}:{signed[name]}" for name in sorted(signed)], "", names, digest])
        scope = f"{date[:8]}/{self.region}/s3/aws4_request"
        to_sign = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = hmac.new(signing_key(self.secret_key, date[:8], self.region), to_sign.encode(), hashlib.sha256).hexdigest()
        signed["authorization"] = f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope},SignedHeaders={names},Signature={signature}"
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, path + (f"?{fields}" if fields else ""), body, signed)
            answer = connection.getresponse()
            answer.body = answer.read()
            return answer
        finally:
            connection.close()

    def demand(self, method, key="", query=(), body=b"", headers=()):
        answer = self.ask(method, key, query, body, headers)
        if answer.status not in (200, 204, 206):
            raise AssertionError(f"{method} {key}: {answer.status} {answer.body[:500]}")
        return answer

    def create(self):
        self.demand("PUT")

    def put(self, key, body):
        self.demand("PUT", key, body=body)

    def put_file(self, key, path):
        """The file, then its checksum beside it, as CI does."""
        with open(path, "rb") as file:
            body = file.read()
        self.put(key, body)
        self.put(f"{key}.sha256", f"{hashlib.sha256(body).hexdigest()}  {key.rpartition('/')[2]}\n".encode())

    def get(self, key):
        return self.demand("GET", key).body

    def delete(self, key):
        self.demand("DELETE", key)

    def keys(self, prefix=""):
        found, token = [], None
        while True:
            query = [("list-type", "2"), ("prefix", prefix), ("encoding-type", "url")] + ([("continuation-token", token)] if token else [])
            text = self.demand("GET", "", query).body.decode()
            # A server may leave the names as they are, and says so.
            read = urllib.parse.unquote_plus if "<EncodingType>url</EncodingType>" in text else html.unescape
            found += [read(key) for key in re.findall(r"<Key>([^<]+)</Key>", text)]
            more = re.search(r"<NextContinuationToken>([^<]+)</NextContinuationToken>", text)
            if not more:
                return sorted(found)
            token = more[1]
