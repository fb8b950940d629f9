"""The tools that pull and verify images, as customers use them, each in a machine of its suite. What they say is judged by image_cases.py."""
import json
import shlex

from client_machine import Machine, image
from packyard_site import run

EVERYWHERE = "skopeo podman crun containerd ca-certificates openssl"
PACKAGES = {"bookworm": EVERYWHERE, "trixie": f"{EVERYWHERE} cosign oras docker-registry", "sid": f"{EVERYWHERE} cosign crane oras"}
CLIENTS = {"bookworm": ["skopeo", "podman", "ctr"], "trixie": ["skopeo", "podman", "ctr", "oras"], "sid": ["skopeo", "podman", "ctr", "oras", "crane"]}
# bookworm's skopeo and podman can verify nothing: Debian has patched it out.
VERIFIERS = {"trixie": ["cosign", "skopeo", "podman"], "sid": ["cosign", "skopeo", "podman"]}
# What podman and containerd need inside a container besides the ordinary rights.
RIGHTS = ("--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN", "--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined")
REFUSAL = r"(?i)unauthorized|authentication required|invalid username/password|no basic auth credentials|basic credential not found|\b401\b"
LOGIN = {
    "skopeo": "skopeo login --username subscriber --password-stdin {host}",
    "podman": "podman login --username subscriber --password-stdin {host}",
    "oras": "oras login --username subscriber --password-stdin {host}",
    "crane": "crane auth login --username subscriber --password-stdin {host}",
}
PULL = {
    "skopeo": "skopeo copy --all docker://{reference} oci:{fresh}:pulled",
    "podman": "podman pull --quiet {reference}",
    "oras": "oras copy --recursive {reference} --to-oci-layout {fresh}:pulled",
    "crane": "crane validate --remote {reference}",
    "ctr": "ctr images pull {local} --hosts-dir /srv/hosts --snapshotter native {user} {reference}",
}
# crane and cosign write the login down without trying it.
LOGIN_IS_TRIED = ("skopeo", "podman", "oras")


class Customers(Machine):
    """A machine of one suite with several customers, each with the login of one key and no knowledge of the others."""

    def __init__(self, site, suite):
        super().__init__(image(suite, PACKAGES[suite], "packyard-image-clients"), {f"{site.folder}/case": "/case"}, *RIGHTS)
        self.site, self.suite, self.count = site, suite, 0
        # The kernel of a test machine may have no overlay file system for a container in a container.
        self.write("/etc/containers/storage.conf", '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n')
        self.trust_site()
        # containerd takes 127.0.0.0/8 for plain http by itself.
        scheme = "https" if site.tls else "http"
        self.write(f"/srv/hosts/{site.host}/hosts.toml", f'server = "{scheme}://{site.host}"\n[host."{scheme}://{site.host}"]\n')
        self.start("sh", "-c", "containerd --root /srv/containerd/root --state /srv/containerd/state >/srv/containerd.log 2>&1")

    def trust_site(self):
        if not self.site.tls:
            return
        with open(self.site.certificate()[0], encoding="ascii") as file:
            self.write("/usr/local/share/ca-certificates/site.crt", file.read())
        outcome = self("sh", "-c", "chmod 644 /usr/local/share/ca-certificates/site.crt && update-ca-certificates")
        assert outcome.returncode == 0, outcome.text

    def fresh(self):
        self.count += 1
        return f"/srv/fresh-{self.count}"

    def environment(self, who):
        home = f"/srv/customers/{who}"
        return {"HOME": home, "REGISTRY_AUTH_FILE": f"{home}/auth.json", "DOCKER_CONFIG": f"{home}/.docker", "PODMAN_IGNORE_CGROUPSV1_WARNING": "1"}

    def run(self, who, line, text=None, **more):
        """One command line of one customer; {host} and {fresh} are filled in."""
        # podman 4.3 wants the file to be there.
        self("sh", "-c", 'mkdir -p "$1/.docker"; [ -e "$1/auth.json" ] || echo "{}" >"$1/auth.json"', "sh", f"/srv/customers/{who}")
        words = [word.format(host=self.site.host, fresh=self.fresh(), **more) for word in shlex.split(line)]
        return self(*[word for word in words if word], text=text, environment=self.environment(who))

    def login(self, who, client, key):
        return self.run(who, LOGIN[client], text=key)

    def pull(self, who, client, reference, key=None):
        user = f"--user=subscriber:{key}" if client == "ctr" and key else ""
        local = "--local" if client == "ctr" and self.suite == "sid" else ""
        return self.run(who, PULL[client], reference=reference, user=user, local=local)

    def run_image(self, client, reference):
        """What the pulled image says when it runs; only clients that keep images can."""
        if client == "podman":
            return self.run("good", "podman run --rm --pull never --network host --cgroups disabled {reference}", reference=reference)
        folder = self.fresh()
        return self.run("good", f"sh -c 'mkdir -p {folder} && ctr images mount --snapshotter native {{reference}} {folder} >/dev/null && chroot {folder} "
                        f"/bin/cat /etc/acme-release && ctr images unmount {folder} >/dev/null'", reference=reference)

    def forget_images(self):
        self.run("good", "podman rmi --all --force")
        self.run("good", "sh -c 'ctr images ls --quiet | xargs --no-run-if-empty ctr images rm --sync'")

    # ---- signatures -----------------------------------------------------------------------------------------------------
    def write_policy(self, public_key):
        """skopeo and podman accept from the site only what this key signed for the very name asked for (their default rule)."""
        requirement = {"type": "sigstoreSigned", "keyPath": public_key}
        self.write("/etc/containers/policy.json", json.dumps({"default": [{"type": "insecureAcceptAnything"}],
                                                              "transports": {"docker": {self.site.host: [requirement]}}}))
        self.write("/etc/containers/registries.d/site.yaml", f"docker:\n  {self.site.host}:\n    use-sigstore-attachments: true\n")

    def no_policy(self):
        self.write("/etc/containers/policy.json", '{"default":[{"type":"insecureAcceptAnything"}]}')

    def verify(self, client, reference, public_key, *options):
        """By the tool's own means; status 0 when it takes the signature. Name of a platform's manifest or an index, by tag or digest."""
        if client == "cosign":
            line = " ".join(["cosign verify --insecure-ignore-tlog --key {public_key}", *options, "{reference}"])
            return self.run("good", line, public_key=public_key, reference=reference)
        self.write_policy(public_key)
        try:
            if client == "podman":
                self.forget_images()
                return self.run("good", "podman pull --quiet {reference}", reference=reference)
            return self.run("good", "skopeo copy --remove-signatures --all docker://{reference} dir:{fresh}", reference=reference)
        finally:
            self.no_policy()


class DockerEngine:
    """This machine's docker engine, which takes any certificate from 127.0.0.0/8."""

    def __init__(self, site):
        self.site = site

    def run(self, who, *command, text=""):
        folder = f"{self.site.folder}/docker-{who}"
        return run(["env", f"DOCKER_CONFIG={folder}", "docker", *command], check=False, input=text)

    def login(self, who, key):
        return self.run(who, "login", "--username", "subscriber", "--password-stdin", self.site.host, text=key)

    def pull(self, who, reference):
        return self.run(who, "pull", reference)

    def run_image(self, reference, *command):
        return self.run("good", "run", "--rm", "--network", "none", reference, *command)

    def takes(self, layer_type):
        """Docker engines before 23 know no zstd."""
        version = run(["docker", "version", "--format", "{{.Server.Version}}"]).stdout
        return not layer_type.endswith("zstd") or int(version.split(".")[0]) >= 23

    def forget(self, reference):
        self.run("good", "image", "rm", "--force", reference)
