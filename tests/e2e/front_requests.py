"""The corpus of tests/data/fronts/requests.jsonl, filled in for one key.
  for request in read_requests(): request.fill(Identity(...))  -> bytes"""
import base64
import json
import os
import re

from front_tree import HEX, TAG
from packyard_site import ROOT

FILE = f"{ROOT}/tests/data/fronts/requests.jsonl"


class Identity:
    """Who asks: with the key of `own`, or with none; what belongs to `other` (and without a key: to either) must stay shut."""

    def __init__(self, name, own, other, key, tree):
        self.name, self.own, self.other, self.key, self.tree = name, own, other, key, tree
        basic = base64.b64encode(f"subscriber:{key or 'none'}".encode()).decode()
        self.shut = [other] if key else [own, other]
        self.authorization = f"Authorization: Basic {basic}\r\n" if key else ""
        digests = {f"{{{side}_{what}}}": digest for side, component in (("own", own), ("other", other))
                   for what, digest in tree.digests[component].items()}
        self.places = {
            "{own}": own, "{other}": other, "{OTHER}": other.upper(), "{other_encoded}": "".join(f"%{ord(letter):02x}" for letter in other),
            "{other_encoded_twice}": "".join(f"%25{ord(letter):02x}" for letter in other), "{other_blob_hex}": tree.digests[other]["blob"][7:],
            "{auth}": self.authorization, "{key}": key or "none", "{basic}": basic if key else "Og==", "{hex}": HEX, "{tag}": TAG, **digests}


class FrontRequest:
    def __init__(self, number, line):
        self.number, self.why, self.text = number, line["why"], line["request"]
        self.is_public, self.is_unfinished = line.get("public", False), line.get("unfinished", False)
        self.line = json.dumps(line)

    def fill(self, identity):
        text = self.text
        for place, value in identity.places.items():
            text = text.replace(place, value)
        text = re.sub(r"\{(\d+)\*([^{}]*)\}", lambda found: found.group(2) * int(found.group(1)), text)
        body = re.search(r"\{body\}(.*)\{/body\}", text, re.DOTALL)
        size = len(body.group(1)) if body else 0
        text = text.replace("{body}", "").replace("{/body}", "").replace("{size}", str(size)).replace("{size+5}", str(size + 5))
        text = re.sub(r"\{chunk\}(.*)\{/chunk\}", lambda found: f"{len(found.group(1)):x}\r\n{found.group(1)}\r\n", text, flags=re.DOTALL)
        return text.encode("latin-1")


def read_requests():
    with open(FILE, encoding="ascii") as file:
        return [FrontRequest(number, json.loads(line)) for number, line in enumerate(file, 1)]


def plain_request(address, identity, method="GET", fields=""):
    return f"{method} {address} HTTP/1.1\r\nHost: pkg.example.org\r\n{fields}{identity.authorization}\r\n".encode("latin-1")
