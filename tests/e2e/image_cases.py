"""What the tools of Debian 12, 13 and sid, and this machine's docker engine, must say about a site's images: pulled with the key and by
nobody else, verified with cosign.pub and refused when anything was tampered with. Run by tests/e2e/run_containers."""
import json
import os
import re
import subprocess

import image_inputs
import image_tampering
import image_tree
from image_clients import CLIENTS, LOGIN, LOGIN_IS_TRIED, PACKAGES, REFUSAL, VERIFIERS, Customers, DockerEngine
from image_shapes import write_layout
from image_site import IMAGE, ImageSite, busybox_archives
from image_tampering import tampered
from package_shapes import cached
from packyard_site import free_port, run
from registry_client import ACCEPT, Registry, user_tags

CONTENT = {"core": ("1.4.1", "1.4.2"), "plus": ("9.0",)}
TAG, OLDER, PLATFORMS = "1.4.2", "1.4.1", ("amd64", "arm64", "s390x")
# What a verifier says of a signature that is missing, by another key, of other bytes or for another name.
REJECTED = {"cosign": r"no matching signatures|no signatures found|missing or incorrect annotation|failed to verify|invalid signature|does not match|no matching attestations",
            "skopeo": r"[Ss]ource image rejected", "podman": r"[Ss]ource image rejected"}
# Every form that a cosign can be asked for: 2.5 reads .sig tags, 3.1 bundles, and .sig tags where it is told to.
COSIGN_FORMS = {"trixie": {"legacy": []}, "sid": {"bundle": [], "legacy": ["--new-bundle-format=false"]}}


def archives(tag):
    return [f"{cached(f'images-{tag}', lambda folder: busybox_archives(tag, folder))}/{tag}_{platform}.tar" for platform in PLATFORMS]


def promote(site):
    """The newest as one OCI layout with packed layers, the others as `docker save` writes them, platform by platform."""
    layout = write_layout(f"{site.folder}/{TAG}.tar", archives(TAG))
    for component, tags in CONTENT.items():
        for tag in tags:
            site.stage_image(component, [layout] if tag == TAG else archives(tag))
    site.promote()


def write_by_hand(site):
    """The same without the press: what is read then is the design's documents, signed by openssl."""
    key = image_tree.make_key(f"{site.folder}/key")
    run(["cp", f"{key}/cosign.pub", site.public_keys])
    image_tree.publish(site, {component: {tag: archives(tag) for tag in tags} for component, tags in CONTENT.items()}, f"{key}/signing.key")


def prepare(tls, publish=promote):
    """A site with two tags in core, one in plus, keys, and what the machines read in its folder `case`."""
    site = ImageSite(tls=tls, images=(IMAGE, image_inputs.IMAGE))
    publish(site)
    os.makedirs(f"{site.folder}/case")
    run(["cp", f"{site.public_keys}/cosign.pub", f"{site.folder}/case/cosign.pub"])
    run(["cp", f"{image_tree.make_key(f'{site.folder}/stranger')}/cosign.pub", f"{site.folder}/case/stranger.pub"])
    site.start()
    site.keys = {"good": site.create_key("core")["key"], "plus": site.create_key("plus")["key"], "bad": "pky_" + "A" * 38, "none": None}
    return site


class Cases:
    """Runs each case whose line holds every word, prints a line for it, counts."""

    def __init__(self, words, note=print):
        self.words, self.note, self.passed, self.failed = words, note, 0, []

    def case(self, line, act, wanted=None, shown=None):
        """act() is a command's outcome: wanted None means status 0; else not 0, and `wanted` shown."""
        if not all(word in line for word in self.words):
            return
        try:
            outcome = act()
        except AssertionError as broken:
            outcome = subprocess.CompletedProcess([], -1, "", str(broken))
        text = getattr(outcome, "text", None) or outcome.stdout + outcome.stderr
        good = outcome.returncode == 0 and (not shown or re.search(shown, text)) if wanted is None else outcome.returncode != 0 and re.search(wanted, text)
        self.note(f"{'ok    ' if good else 'FAILED'} {line}", flush=True)
        if good:
            self.passed += 1
        else:
            self.failed.append(line)
            self.note(f"       status {outcome.returncode}\n" + "\n".join("       | " + part for part in text.strip().splitlines()[-8:]), flush=True)


def log_in(site, machine):
    """Whatever cases the words choose, the customers have their logins."""
    for who in ("good", "plus"):
        for client in CLIENTS[machine.suite]:
            if client in LOGIN:
                machine.login(who, client, site.keys[who])
        if "cosign" in VERIFIERS.get(machine.suite, ()):
            machine.run(who, "cosign login --username subscriber --password-stdin {host}", text=site.keys[who])


def pull_cases(cases, site, machine):
    """Login, pull and run with the key; nothing without one."""
    suite, reference = machine.suite, site.reference(TAG)
    digests = site.digests(TAG)
    for client in CLIENTS[suite]:
        name = f"images {suite} {client}"
        if client in LOGIN:
            cases.case(f"{name}: login with a good key", lambda: machine.login("good", client, site.keys["good"]))
            wanted = REFUSAL if client in LOGIN_IS_TRIED else None
            cases.case(f"{name}: login with a bad key", lambda: machine.login("bad", client, site.keys["bad"]), wanted)
            # A key for another component is a key: it logs in, and then opens nothing here.
            cases.case(f"{name}: login with another component's key", lambda: machine.login("plus", client, site.keys["plus"]))
        for who in ("none", "plus", "bad"):
            if client != "ctr" and who == "bad" and client in LOGIN_IS_TRIED:
                continue
            cases.case(f"{name}: refused with {who} key", lambda: machine.pull(who, client, reference, site.keys[who]), REFUSAL)
            cases.case(f"{name}: refused by digest with {who} key", lambda: machine.pull(who, client, site.reference(digests["amd64"]), site.keys[who]), REFUSAL)
        cases.case(f"{name}: pulls by tag", lambda: machine.pull("good", client, reference, site.keys["good"]))
        if client in ("podman", "ctr"):
            cases.case(f"{name}: runs", lambda: machine.run_image(client, reference), shown=f"Acme server {TAG} for amd64")
        for part, digest in digests.items():
            cases.case(f"{name}: pulls {part} by digest", lambda: machine.pull("good", client, site.reference(digest), site.keys["good"]))
        machine.forget_images()
    if "oras" in CLIENTS[suite]:
        cases.case(f"images {suite} oras: discovers the signatures", lambda: machine.run("good", "oras discover {reference}", reference=reference),
                   shown=r"application/vnd\.dev\.sigstore\.bundle\.v0\.3\+json")
        cases.case(f"images {suite} oras: lists the tags", lambda: machine.run("good", "oras repo tags {repository}", repository=site.repository()),
                   shown=re.escape(TAG))


def engine_cases(cases, site):
    """This machine's docker engine: as `docker login` and `docker pull` do it."""
    engine, reference, digests = DockerEngine(site), site.reference(TAG), site.digests(TAG)
    cases.case("images engine docker: login with a good key", lambda: engine.login("good", site.keys["good"]), shown="Login Succeeded")
    cases.case("images engine docker: login with a bad key", lambda: engine.login("bad", site.keys["bad"]), REFUSAL)
    cases.case("images engine docker: login with another component's key", lambda: engine.login("plus", site.keys["plus"]), shown="Login Succeeded")
    for who in ("none", "plus"):
        cases.case(f"images engine docker: refused with {who} key", lambda: engine.pull(who, reference), REFUSAL)
        cases.case(f"images engine docker: refused by digest with {who} key", lambda: engine.pull(who, site.reference(digests["amd64"])), REFUSAL)
    cases.case("images engine docker: pulls by tag", lambda: engine.pull("good", reference))
    cases.case("images engine docker: runs", lambda: engine.run_image(reference), shown=f"Acme server {TAG} for amd64")
    for part, digest in digests.items():
        cases.case(f"images engine docker: pulls {part} by digest", lambda: engine.pull("good", site.reference(digest)))
        engine.forget(site.reference(digest))
    engine.forget(reference)


def verify_cases(cases, site, machine):
    """By tag and by digest, index and every platform, with the key and not with a stranger's."""
    suite, reference, digests = machine.suite, site.reference(TAG), site.digests(TAG)
    for form, options in COSIGN_FORMS[suite].items():
        name = f"images {suite} cosign {form}"
        cases.case(f"{name}: verifies by tag", lambda: machine.verify("cosign", reference, "/case/cosign.pub", *options))
        cases.case(f"{name}: verifies by tag with -a tag", lambda: machine.verify("cosign", reference, "/case/cosign.pub", "-a", f"tag={TAG}", *options))
        cases.case(f"{name}: another tag asked for", lambda: machine.verify("cosign", reference, "/case/cosign.pub", "-a", f"tag={OLDER}", *options),
                   REJECTED["cosign"])
        cases.case(f"{name}: a stranger's key", lambda: machine.verify("cosign", reference, "/case/stranger.pub", *options), REJECTED["cosign"])
        for part, digest in digests.items():
            cases.case(f"{name}: verifies {part} by digest",
                       lambda: machine.verify("cosign", site.reference(digest), "/case/cosign.pub", "-a", f"tag={TAG}", *options))
    for client in ("skopeo", "podman"):
        name = f"images {suite} {client} policy"
        cases.case(f"{name}: verifies by tag", lambda: machine.verify(client, reference, "/case/cosign.pub"))
        cases.case(f"{name}: a stranger's key", lambda: machine.verify(client, reference, "/case/stranger.pub"), REJECTED[client])
        for part, digest in digests.items():
            cases.case(f"{name}: verifies {part} by digest", lambda: machine.verify(client, site.reference(digest), "/case/cosign.pub"))


def openssl_case(site):
    """No tool of containers at all: HTTP and openssl. Everything is there, and nothing of the other component."""
    registry, public_key = Registry(site, site.keys["good"]), site.request("/gpg/cosign.pub").body
    for tag in (OLDER, TAG):
        for digest in registry.verify(tag, public_key, tag):
            registry.pull(digest)
    assert sorted(user_tags(registry.tags())) == [OLDER, TAG], registry.tags()
    for digest in Registry(site, site.keys["plus"], component="plus").pull("9.0", blobs=False):
        assert registry.ask(f"manifests/{digest}", headers=ACCEPT).status == 404, digest
        assert registry.referrers(digest) == [], digest
    return subprocess.CompletedProcess([], 0, "", "")


def tampered_cases(cases, site, machines):
    """Changed trees: (name, change, which verifiers refuse, with which options of cosign)."""
    asked = ["-a", f"tag={TAG}"]
    trees = [("other payloads", image_tampering.other_payloads, []), ("tag moved to another image", image_tampering.moved_tag(TAG, OLDER), asked),
             ("signatures removed", image_tampering.unsigned, [])]
    for name, change, options in trees:
        if not any(all(word in f"images {machine.suite} {client} {name}" for word in cases.words) for machine in machines for client in VERIFIERS[machine.suite]):
            continue
        with tampered(site, change):
            for machine in machines:
                for form, form_options in COSIGN_FORMS[machine.suite].items():
                    cases.case(f"images {machine.suite} cosign {form}: refuses: {name}",
                               lambda: machine.verify("cosign", site.reference(TAG), "/case/cosign.pub", *options, *form_options), REJECTED["cosign"])
                for client in ("skopeo", "podman"):
                    cases.case(f"images {machine.suite} {client} policy: refuses: {name}",
                               lambda: machine.verify(client, site.reference(TAG), "/case/cosign.pub"), REJECTED[client])
    for name, change in (("bundles only", image_tampering.no_legacy), ("legacy only", image_tampering.no_bundles)):
        with tampered(site, change):
            for machine in machines:
                works = machine.suite == "sid" or name == "legacy only"
                cases.case(f"images {machine.suite} cosign: {'verifies' if works else 'cannot read'}: {name}",
                           lambda: machine.verify("cosign", site.reference(TAG), "/case/cosign.pub", *asked), None if works else REJECTED["cosign"])


def mirror_cases(cases, site, machine):
    """skopeo sync brings a repository with its signatures to a registry of the customer's, where it verifies under the mirror's name.
    Signatures are listed as tags, as by every registry that cosign pushes to: a policy that demands signatures refuses those tags
    themselves, so such a mirror names the tags it wants, and its .sig tags travel as attachments."""
    port, name = free_port(), f"images {machine.suite} mirror"
    host = f"127.0.0.1:{port}"
    machine.write("/srv/mirror.yml", f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: /srv/mirror}}}}\nhttp: {{addr: '{host}'}}\n")
    machine.start("sh", "-c", "docker-registry serve /srv/mirror.yml >/srv/mirror.log 2>&1")
    machine.write("/etc/containers/registries.d/mirror.yaml", f"docker:\n  {host}:\n    use-sigstore-attachments: true\n")
    machine.write("/etc/containers/registries.conf.d/mirror.conf", f'[[registry]]\nlocation = "{host}"\ninsecure = true\n')
    machine.write("/srv/strict.yml", f'"{site.host}":\n  images-by-tag-regex:\n    core/2025/{IMAGE}: ^[0-9]\n')
    machine.no_policy()
    cases.case(f"{name}: skopeo sync of all tags to a registry", lambda: machine.run(
        "good", "skopeo sync --all --dest-tls-verify=false --src docker --dest docker {repository} {mirror}/all", repository=site.repository(), mirror=host))
    cases.case(f"{name}: skopeo sync of all tags to a folder", lambda: machine.run(
        "good", "skopeo sync --all --scoped --src docker --dest dir {repository} {fresh}", repository=site.repository()))
    machine.write_policy("/case/cosign.pub")
    cases.case(f"{name}: skopeo sync that verifies", lambda: machine.run(
        "good", "skopeo sync --all --dest-tls-verify=false --src yaml --dest docker /srv/strict.yml {mirror}/strict", mirror=host))
    for way in ("all", "strict"):
        mirrored = f"{host}/{way}/{IMAGE}"
        for tag in (TAG, OLDER):
            cases.case(f"{name}: cosign verifies {tag} ({way})", lambda: machine.verify("cosign", f"{mirrored}:{tag}", "/case/cosign.pub", "-a", f"tag={tag}"))
        requirement = {"type": "sigstoreSigned", "keyPath": "/case/cosign.pub",
                       "signedIdentity": {"type": "remapIdentity", "prefix": mirrored, "signedPrefix": site.repository()}}
        machine.write("/etc/containers/policy.json", json.dumps({"default": [{"type": "reject"}], "transports": {"docker": {host: [requirement]}}}))
        cases.case(f"{name}: skopeo verifies under the mirror's name ({way})", lambda: machine.run(
            "good", "skopeo copy --all --remove-signatures docker://{mirrored}:{tag} dir:{fresh}", mirrored=mirrored, tag=TAG))
    machine.no_policy()


def print_versions(machine):
    text = machine("sh", "-c", "dpkg-query -W -f '${Package} ${Version}\\n' skopeo podman containerd cosign crane oras docker-registry 2>/dev/null").stdout
    print(f"{machine.suite}: " + ", ".join(line for line in sorted(text.splitlines()) if " " in line.strip()), flush=True)


def run_all(words):
    """The counts: (passed, lines of what failed)."""
    cases, machines = Cases(words), []
    # Over https the engine tries plain http after a refusal and reports what that said.
    with prepare(tls=False, publish=write_by_hand) as site:
        engine_cases(cases, site)
        cases.case("images by hand openssl: every digest and signature, nothing of another component", lambda: openssl_case(site))
    with prepare(tls=True) as site:
        try:
            machines += [Customers(site, suite) for suite in CLIENTS]
            for machine in machines:
                print_versions(machine)
                log_in(site, machine)
                pull_cases(cases, site, machine)
            cases.case("images openssl: every digest and signature, nothing of another component", lambda: openssl_case(site))
            verifying = [machine for machine in machines if machine.suite in VERIFIERS]
            for machine in verifying:
                verify_cases(cases, site, machine)
            mirror_cases(cases, site, next(machine for machine in machines if "docker-registry" in PACKAGES[machine.suite]))
            tampered_cases(cases, site, verifying)
            if "inputs" in words or set(words) <= {"images"}:
                DockerEngine(site).login("good", site.keys["good"])
                image_inputs.input_cases(cases, site, machines[-1], archives(TAG))
                image_inputs.size_cases(cases, site, machines[-1], print)
        finally:
            for machine in machines:
                machine.close()
    return cases.passed, cases.failed
