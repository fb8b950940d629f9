#!/usr/bin/env python3
"""packyard signing-key with an image key: makes a pair once, never over an old one, and says whether customers can verify with it.

  signing_key_test.py BUILD_FOLDER SOURCE_FOLDER
"""
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile

BUILD, SOURCE = sys.argv[1], sys.argv[2]
PASSWORD = "correct horse"
SETTINGS = """site: pkg.example.org
components: [{name: core, years: [2025]}]
targets: {deb: [{suite: bookworm, architectures: [amd64], origin: Example, label: Example}]}
storage: {staging: staging, state: state, published: public, public_keys: keys}
"""
failures = []


def run(folder, *arguments, **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PACKYARD_", "COSIGN_", "GPG_"))}
    command = [f"{BUILD}/packyard", "signing-key", *arguments, "--config", f"{folder}/packyard.yml"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=folder, env={**environment, **variables})


def expect(name, outcome, status, *texts):
    shown = outcome.stdout + outcome.stderr
    problems = [f"status {outcome.returncode}, wanted {status}"] * (outcome.returncode != status)
    problems += [f"no {text!r}" for text in texts if text not in shown] + ["it shows the password"] * (PASSWORD in shown)
    failures.extend(f"{name}: {problem}\n{shown[-2000:]}" for problem in problems)
    return shown


def claim(name, holds):
    if not holds:
        failures.append(name)


def write(path, text, mode=0o600):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def check_new_cosign(folder):
    write(f"{folder}/password", PASSWORD + "\n")
    made = run(folder, "new-cosign", "--output-folder", "made/here", COSIGN_PASSWORD_FILE="password")
    shown = expect("new-cosign", made, 0, "made made/here/cosign.key", f"cp made/here/cosign.pub {folder}/keys/cosign.pub", "signing-key check")
    claim("new-cosign warns of a password that is set", "warning" not in shown)
    key, public = f"{folder}/made/here/cosign.key", f"{folder}/made/here/cosign.pub"
    claim("cosign.key is not 0600", stat.S_IMODE(os.stat(key).st_mode) == 0o600)
    claim("cosign.pub is not 0644", stat.S_IMODE(os.stat(public).st_mode) == 0o644)
    claim("cosign.key has another label", read(key).startswith("-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\n"))
    openssl = subprocess.run(["openssl", "pkey", "-pubin", "-in", public, "-noout", "-text"], capture_output=True, text=True, check=False)
    claim(f"openssl does not read cosign.pub as P-256: {openssl.stdout}{openssl.stderr}", "ASN1 OID: prime256v1" in openssl.stdout)
    before = read(key), read(public)
    expect("a second new-cosign", run(folder, "new-cosign", "--output-folder", "made/here"), 1, "cosign.key exists; keys are never overwritten")
    os.rename(key, key + ".away")
    expect("new-cosign beside a cosign.pub", run(folder, "new-cosign", "--output-folder", "made/here"), 1, "cosign.pub exists")
    claim("new-cosign left a key without its public half", not os.path.exists(key))
    os.rename(key + ".away", key)
    claim("a refused new-cosign changed the files", before == (read(key), read(public)))
    os.symlink("/does/not/exist", f"{folder}/cosign.pub")
    expect("new-cosign over a link", run(folder, "new-cosign", "--output-folder", "."), 1, "cosign.pub exists")
    expect("an empty password", run(folder, "new-cosign", "--output-folder", "open", COSIGN_PASSWORD=""), 0, "warning: neither COSIGN_PASSWORD nor")
    expect("two passwords", run(folder, "new-cosign", "--output-folder", "two", COSIGN_PASSWORD="x", COSIGN_PASSWORD_FILE="password"), 1, "both set")
    expect("no folder named", run(folder, "new-cosign"), 2, "--output-folder")


def check_check(folder):
    shutil.copy(f"{SOURCE}/tests/data/keys/release.secret.asc", f"{folder}/private.asc")
    os.chmod(f"{folder}/private.asc", 0o600)
    shutil.copy(f"{SOURCE}/tests/data/keys/release.public.asc", f"{folder}/keys/lts.asc")
    gpg = {"GPG_PRIVATE_KEY_FILE": "private.asc", "GPG_PASSPHRASE": "packyard test passphrase"}
    cosign = {**gpg, "COSIGN_PRIVATE_KEY_FILE": "made/here/cosign.key", "COSIGN_PASSWORD_FILE": "password"}
    expect("check without an image key", run(folder, "check", **gpg), 0, "deb/bookworm: good", "image key: none")
    expect("check, not served", run(folder, "check", **cosign), 1, "image key sha256:", f"refused: looking for the image key in {folder}/keys/cosign.pub")
    shutil.copy(f"{folder}/open/cosign.pub", f"{folder}/keys/cosign.pub")
    expect("check, another served", run(folder, "check", **cosign), 1, "it holds another key, sha256:")
    expect("new-cosign beside a served key", run(folder, "new-cosign", "--output-folder", "again"), 0, "note: ", "cosign.pub exists: customers")
    shutil.copy(f"{folder}/made/here/cosign.pub", f"{folder}/keys/cosign.pub")
    expect("check, served", run(folder, "check", **cosign), 0, "deb/bookworm: good", "image key sha256:", "oci: good")
    as_json = json.loads(run(folder, "check", "--json", **cosign).stdout)
    claim(f"check --json: {as_json}", as_json["image_key"]["configured"] and len(as_json["image_key"]["fingerprint"]) == 64 and not as_json["image_key"]["problem"])
    write(f"{folder}/wrong", "wrong\n")
    wrong = run(folder, "check", **{**cosign, "COSIGN_PASSWORD_FILE": "wrong"})
    expect("check, wrong password", wrong, 1, "deb/bookworm: good", "refused: COSIGN_PRIVATE_KEY_FILE (with COSIGN_PASSWORD): opening the cosign private key")
    shutil.copy(f"{SOURCE}/tests/data/cosign/p384.key", f"{folder}/p384.key")
    os.chmod(f"{folder}/p384.key", 0o600)
    p384 = run(folder, "check", **{**gpg, "COSIGN_PRIVATE_KEY_FILE": "p384.key", "COSIGN_PASSWORD": "throw-away"})
    expect("check, another curve", p384, 1, "its curve is secp384r1")
    expect("check of a file", run(folder, "check", "--public-key", "keys/lts.asc"), 0, "deb/bookworm: good")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/keys")
        write(f"{folder}/packyard.yml", SETTINGS)
        check_new_cosign(folder)
        check_check(folder)
    print("\n".join(failures) if failures else "signing_key_test: passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
