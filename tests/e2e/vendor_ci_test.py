#!/usr/bin/env python3
"""A vendor's CI, without GitHub: the steps of the shipped workflows, in a repository that vendor/copy-to filled, with the ten secrets, over
a real sshd (on loopback, as this account) whose authorized_keys has the line that the docs tell. The far side is a checkout whose
`docker compose` is a site without Docker; staging is an S3 server. Nothing of the secrets may show or stay."""
import os
import re
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from image_shapes import small_image  # noqa: E402
from image_site import cosign_key  # noqa: E402
from package_shapes import make_deb, quickstart_rpms  # noqa: E402
from packyard_site import BUILD, ROOT, free_port, run  # noqa: E402
from s3_staging_test import S3Site, TestServer  # noqa: E402
from s3_programs import started  # noqa: E402
from vendor_runner import SECRET, SSHD, TEN, WORKFLOWS, CalmProcessList, Runner, key_pair, read, write, write_sshd_settings  # noqa: E402

# What stands for `docker compose` on the far side: the container's own start script, and the admin of a site on loopback.
COMPOSE = """#!/bin/bash
set -euo pipefail
printf '%s\\n' "$*" >>@FAR@/asked
case "$1 $2 $3 $4" in
  'run --rm -T promote')
    [ "$SIGNING_SECRETS" = stdin ]
    memory=$(umask 077 && mktemp -d --tmpdir=@FAR@)
    trap 'rm -rf "$memory"' EXIT
    sed "s:^    folder=/run/signing$:    folder=$memory:" @ROOT@/compose/promote/start >@FAR@/start
    export PACKYARD_CONFIG=@CONFIG@ PACKYARD_STAGING_ACCESS_KEY_FILE=@FAR@/access PACKYARD_STAGING_SECRET_KEY_FILE=@FAR@/secret
    PATH=@BUILD@:$PATH bash @FAR@/start "${@:5}"
    ;;
  'exec -T admin packyard') exec @BUILD@/packyard "$5" --admin http://127.0.0.1:@ADMIN@ "${@:6}" ;;
  *) echo "compose was not expected to be asked $*" >&2; exit 99 ;;
esac
"""


class Machine:
    """The far side: a checkout, sshd, and the site it publishes."""

    def __init__(self):
        self.server = TestServer()
        self.site = S3Site(self.server, prefix="")
        self.far, self.cosign = f"{self.site.folder}/far", cosign_key()
        text = read(self.site.config).replace("prefix: }", "}").replace("\nstorage:", "\n  oci: [{image: server}]\nstorage:")
        text = text.replace("label: E2E LTS}", "label: E2E LTS, valid_until_days: 14}") + "worker: {resident: true}\n"
        write(self.site.config, text)
        shutil.copy(f"{self.cosign}/cosign.pub", f"{self.site.public_keys}/cosign.pub")
        self.make_checkout()
        self.ci_key, self.ci_public_key = key_pair(f"{self.site.folder}/ci_key")
        _, self.host_key = key_pair(f"{self.site.folder}/host_key")
        os.remove(f"{self.site.folder}/ci_key")  # the test holds it, as GitHub does
        self.authorize(self.server.endpoint)
        self.start_sshd()

    def authorize(self, staging):
        write(f"{self.far}/authorized_keys", f'restrict,command="PACKYARD_COMPOSE={self.far}/compose PACKYARD_STAGING_ADDRESS='
                                             f'{staging.removeprefix("http://")} {self.far}/packyard/compose/ci/entry" {self.ci_public_key}')

    def make_checkout(self):
        os.makedirs(f"{self.far}/packyard/compose/ci")
        shutil.copy(f"{ROOT}/compose/ci/entry", f"{self.far}/packyard/compose/ci/entry")
        write(f"{self.far}/packyard/verify/health-check.sh", "#!/bin/sh\necho 'All services healthy'\n", 0o755)
        write(f"{self.far}/access", self.server.access_key)
        write(f"{self.far}/secret", self.server.secret_key)
        places = {"CONFIG": self.site.config, "ROOT": ROOT, "BUILD": BUILD, "FAR": self.far, "ADMIN": str(self.site.admin_port)}
        write(f"{self.far}/compose", re.sub(r"@(\w+)@", lambda match: places[match[1]], COMPOSE), 0o755)

    def staged(self):
        return [key for key in self.server.bucket.keys() if not key.startswith(".archive/")]

    def empty_staging(self):
        for key in self.staged():
            self.server.bucket.delete(key)

    def start_sshd(self):
        self.port = free_port()
        options = write_sshd_settings(f"{self.far}/sshd_config", f"127.0.0.1:{self.port}", f"{self.site.folder}/host_key", f"{self.far}/authorized_keys")
        self.site.spawn("sshd", [SSHD, *options])
        self.site.wait_for(lambda: "Server listening" in self.sshd_log(), "sshd")

    def sshd_log(self):
        return read(f"{self.site.folder}/sshd.log")

    def secrets(self):
        signing = self.site.signing
        return {"HOST": f"{run(['id', '-un']).stdout.strip()}@127.0.0.1:{self.port}", "SSH_PRIVATE_KEY": self.ci_key, "SSH_KNOWN_HOST": self.host_key,
                "RUSTFS_ACCESS_KEY": self.server.access_key, "RUSTFS_SECRET_KEY": self.server.secret_key,
                "GPG_PRIVATE_KEY": read(f"{signing}/private.asc"), "GPG_KEY_ID": read(f"{signing}/key-id").strip(),
                "GPG_PASSPHRASE": read(f"{signing}/passphrase"), "COSIGN_PRIVATE_KEY": read(f"{self.cosign}/cosign.key"),
                "COSIGN_PASSWORD": read(f"{self.cosign}/password")}

    def close(self):
        self.site.close()
        self.server.close()


class VendorCi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = Machine()
        cls.addClassCleanup(cls.machine.close)
        cls.machine.site.start()

    def setUp(self):
        self.runner = Runner(self.machine.secrets(), self.machine.site.url)
        self.addCleanup(self.runner.close)
        self.addCleanup(self.machine.empty_staging)
        self.addCleanup(self.machine.server.lie)

    def demand(self, status, workflow, *words, **inputs):
        outcome = self.runner.run(workflow, **inputs)
        self.assertEqual(outcome.returncode, status, outcome.text)
        for word in words:
            self.assertIn(word, outcome.text)
        return outcome

    def made(self, *targets):
        """The artifact that the build left: one package for each target."""
        for target in targets:
            os.makedirs(f"{self.runner.repository}/staged/{target}")
        return f"{self.runner.repository}/staged"

    def deb(self, name, version="1.0"):
        folder = self.made("core/2025/deb/bookworm")
        return make_deb(f"{folder}/core/2025/deb/bookworm", name, version)

    # ---- the way of a release --------------------------------------------------------------------------------------------
    def test_from_the_build_to_the_customer_and_no_secret_shows(self):
        processes = CalmProcessList()
        processes.start()
        self.addCleanup(processes.ended.set)
        folder = self.made(f"core/2025/rpm/{self.machine.site.rpm_target}", "core/2025/oci/server")
        self.deb_path = self.deb_beside(folder, "acme-ci", "1.0+b1~2")
        for path in quickstart_rpms()[:2]:
            shutil.copy(path, f"{folder}/core/2025/rpm/{self.machine.site.rpm_target}/")
        small_image(f"{folder}/core/2025/oci/server", "1.4.2", "the vendor's")
        self.demand(0, "stage", "staged core/2025/deb/bookworm/acme-ci_1.0+b1~2_all.deb", "5 file(s) are staged")
        self.assertEqual(len(self.machine.staged()), 10)
        self.demand(0, "promote", "acme-ci", dry_run="true")
        self.assertEqual(len(self.machine.staged()), 10)
        self.demand(0, "promote", dry_run="false")
        self.assertEqual(self.machine.staged(), [])
        self.demand(0, "validate", "All services healthy", "0 failed")
        before = self.release_file("Date")
        self.demand(0, "resign")
        self.assertNotEqual(self.release_file("Date"), before)
        processes.ended.set()
        processes.join()
        self.nothing_shows(b"\n".join(processes.lines))

    def deb_beside(self, folder, name, version):
        os.makedirs(f"{folder}/core/2025/deb/bookworm")
        return make_deb(f"{folder}/core/2025/deb/bookworm", name, version)

    def release_file(self, field):
        site = self.machine.site
        key = site.create_key("core")["key"]
        package = site.request("/deb/core/2025/pool/bookworm/a/acme-ci/acme-ci_1.0%2bb1~2_all.deb", key)
        self.assertEqual(package.status, 200)
        with open(self.deb_path, "rb") as file:
            self.assertEqual(package.body, file.read())
        self.assertEqual(site.request("/v2/core/2025/server/manifests/1.4.2", key).status, 200)
        return re.search(rf"^{field}: (.*)$", site.request("/deb/core/2025/dists/bookworm/InRelease", key).body.decode(), re.M)[1]

    def nothing_shows(self, process_list):
        self.assertIn(b"vendor/ci/stage", process_list)
        self.assertEqual(os.listdir(f"{self.runner.folder}/tmp"), [])
        seen = {"the runner's output": self.runner.printed.encode(), "the process list": process_list, "sshd's log": self.machine.sshd_log().encode(),
                "the far side's requests": read(f"{self.machine.far}/asked").encode()}
        for place in (self.runner.folder, self.machine.site.folder):
            for folder, _, names in os.walk(place):
                for path in (os.path.join(folder, name) for name in names):
                    if os.path.isfile(path) and path not in (f"{self.machine.far}/access", f"{self.machine.far}/secret", self.machine.site.secret_file):
                        with open(path, "rb") as file:
                            seen[path] = file.read()
        for name in sorted(SECRET):
            lines = self.runner.secrets[name].strip().split("\n")
            secret = lines[len(lines) // 2].encode()
            self.assertGreaterEqual(len(secret), 8, name)
            for where, data in seen.items():
                self.assertNotIn(secret, data, f"{name} stands in {where}")
        # Subscriber keys: the validation's own is masked by GitHub, revoked, and nowhere else.
        masked = re.search(r"::add-mask::(pky_\w+)", self.runner.printed)[1]
        self.assertEqual(self.runner.printed.count(masked), 1)
        self.assertNotIn(masked.encode(), process_list)
        self.assertEqual(self.machine.site.request("/v2/", masked).status, 401)
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                line = read(f"/proc/{pid}/cmdline")
            except OSError:
                continue
            self.assertNotIn(self.runner.folder, line, "a process was left behind")

    def test_the_workflows_use_the_ten_secrets(self):
        used = set()
        for workflow in WORKFLOWS:
            text = read(f"{self.runner.repository}/.github/workflows/packyard-{workflow}.yml")
            used |= set(re.findall(r"secrets\.(\w+)", text))
            for line in re.findall(r"uses: (actions/.*)", text):
                self.assertRegex(line, r"@[0-9a-f]{40} # v", "an action that is not pinned")
        self.assertEqual(used, TEN)

    # ---- what goes wrong says what to do -----------------------------------------------------------------------------------
    def test_a_missing_secret_is_named(self):
        for workflow in WORKFLOWS:
            for name in self.runner.last_step(workflow)["env"]:
                if name not in TEN:
                    continue
                with self.subTest(workflow=workflow, missing=name):
                    outcome = self.runner.run(workflow, without=[name])
                    self.assertEqual(outcome.returncode, 2, outcome.text)
                    self.assertIn(f"\n  {name}: ", outcome.text)
                    self.assertIn("Settings, Secrets and variables, Actions", outcome.text)
                    self.assertIn("::error title=packyard", outcome.text)

    def test_another_host_key_is_refused(self):
        _, other = key_pair(f"{self.runner.folder}/other_key")
        self.runner.secrets["SSH_KNOWN_HOST"] = other
        before = self.machine.sshd_log().count("Accepted publickey")
        self.demand(1, "promote", "another host key than SSH_KNOWN_HOST; nothing was sent", "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub", "SHA256:")
        self.assertEqual(self.machine.sshd_log().count("Accepted publickey"), before)

    def test_host_keys_and_hosts_in_other_forms(self):
        port = self.machine.port
        self.runner.secrets["SSH_KNOWN_HOST"] = f"# read at the console\r\n[pkg.example.org]:{port} {self.machine.host_key}\r\n"
        self.assertNotIn("HOST", self.demand(0, "promote", dry_run="true").stderr)
        for name, value in (("SSH_KNOWN_HOST", "SHA256:abcdef"), ("HOST", "-oProxyCommand=id"), ("HOST", "a@b@c d"), ("SSH_PRIVATE_KEY", "no key"),
                            ("SSH_PRIVATE_KEY", self.machine.host_key)):
            with self.subTest(name=name, value=value):
                runner = Runner(self.machine.secrets(), self.machine.site.url)
                self.addCleanup(runner.close)
                runner.secrets[name] = value
                outcome = runner.run("promote", dry_run="true")
                self.assertEqual(outcome.returncode, 2, outcome.text)
                self.assertIn(name, outcome.stderr)
                self.assertEqual(os.listdir(f"{runner.folder}/tmp"), [])

    def test_an_ssh_key_that_the_machine_does_not_know(self):
        self.runner.secrets["SSH_PRIVATE_KEY"], _ = key_pair(f"{self.runner.folder}/stranger")
        self.demand(1, "promote", "the machine does not take SSH_PRIVATE_KEY", "authorized_keys")

    def test_a_machine_that_is_away(self):
        self.runner.secrets["HOST"] = f"deploy@127.0.0.1:{free_port()}"
        self.demand(3, "stage", "there is no connection to the machine", "Connection refused")

    def test_a_refused_promotion_publishes_nothing_and_says_why(self):
        target = f"{self.made('core/2025/deb/bookworm')}/core/2025/deb/bookworm"
        write(f"{target}/acme-broken_1.0_all.deb", "no package\n")
        self.demand(0, "stage")
        outcome = self.demand(1, "promote", "acme-broken_1.0_all.deb", "the press refused; nothing was published", "stage it again", dry_run="false")
        self.assertIn("::error title=packyard promote::the press refused", outcome.text)
        self.assertEqual(len(self.machine.staged()), 2)

    def test_staging_with_wrong_s3_keys(self):
        self.deb("acme-denied")
        self.runner.secrets["RUSTFS_SECRET_KEY"] = "another-secret"
        self.demand(1, "stage", "does not take RUSTFS_ACCESS_KEY and RUSTFS_SECRET_KEY", "SignatureDoesNotMatch", ".env")
        self.assertEqual(self.machine.staged(), [])

    def test_a_folder_that_cannot_be_staged(self):
        folder = self.made("core/2025/deb/bookworm")
        write(f"{folder}/README", "x")
        write(f"{folder}/core/2025/deb/bookworm/a.deb", "x")
        write(f"{folder}/core/2025/deb/bookworm/a.deb.sha256", "00  a.deb\n")
        write(f"{folder}/core/2025/deb/bookworm/b.deb.sha256", "00  b.deb\n")
        self.demand(2, "stage", "nothing was uploaded", "README does not lie in", "a.deb is not what", "b.deb.sha256 has no file")
        self.assertEqual(self.machine.staged(), [])

    # ---- a server and a line that fail -------------------------------------------------------------------------------------
    def test_an_upload_that_is_disturbed_arrives_whole(self):
        path = self.deb("acme-disturbed")
        name = os.path.basename(path)
        self.machine.server.lie({"lie": "status", "status": 503, "code": "SlowDown", "method": "PUT", "contains": name, "times": 1},
                                {"lie": "reset", "method": "PUT", "contains": name, "times": 1},
                                {"lie": "lost_put", "method": "PUT", "contains": name, "times": 1},
                                {"lie": "forget", "method": "PUT", "contains": ".sha256", "times": 1})
        self.demand(0, "stage", f"staged core/2025/deb/bookworm/{name}")
        self.machine.server.lie()
        self.demand(0, "promote", dry_run="false")
        self.assertEqual(self.machine.staged(), [])

    def test_an_upload_that_is_broken_off_is_not_published(self):
        name = os.path.basename(self.deb("acme-late"))
        self.machine.server.lie({"lie": "status", "status": 500, "code": "InternalError", "method": "PUT", "contains": ".sha256", "times": 100})
        self.demand(3, "stage", "does not answer as it should", "InternalError", "docker compose logs staging")
        self.machine.server.lie()
        self.demand(1, "promote", name, dry_run="false")
        self.demand(0, "stage")
        self.demand(0, "promote", dry_run="false")
        self.assertEqual(self.machine.staged(), [])

    def test_real_servers_take_the_upload(self):
        self.addCleanup(self.machine.authorize, self.machine.server.endpoint)
        name = os.path.basename(self.deb("acme-real", "1.0+b1~2"))
        for program in filter(None, os.environ.get("PACKYARD_S3_SERVERS", "").split(":")):
            with self.subTest(server=program), started(os.path.abspath(program)) as server:
                server.bucket.demand("DELETE")  # CI makes it
                self.machine.authorize(server.endpoint)
                self.runner.secrets |= {"RUSTFS_ACCESS_KEY": server.access_key, "RUSTFS_SECRET_KEY": server.secret_key}
                for _ in range(2):
                    self.demand(0, "stage", "1 file(s) are staged")
                self.assertEqual(server.bucket.keys(), [f"core/2025/deb/bookworm/{name}", f"core/2025/deb/bookworm/{name}.sha256"])
                self.assertIn(name.encode(), server.bucket.get(f"core/2025/deb/bookworm/{name}.sha256"))
                self.runner.secrets["RUSTFS_SECRET_KEY"] = "another-secret"
                self.demand(1, "stage", "does not take RUSTFS_ACCESS_KEY and RUSTFS_SECRET_KEY")

    # ---- what CI's key may not -----------------------------------------------------------------------------------------------
    def ssh(self, *words):
        key = f"{self.runner.folder}/key"
        write(key, self.machine.ci_key)
        write(f"{self.runner.folder}/known", f"machine {self.machine.host_key}")
        return run(["ssh", "-F", "none", "-i", key, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "HostKeyAlias=machine", "-o",
                    f"UserKnownHostsFile={self.runner.folder}/known", "-p", str(self.machine.port), self.runner.secrets["HOST"].rpartition(":")[0], *words],
                   check=False, stdin=subprocess.DEVNULL)

    def test_the_key_opens_no_shell_and_no_port(self):
        asked = read(f"{self.machine.far}/asked") if os.path.exists(f"{self.machine.far}/asked") else ""
        for words in (["bash", "-i"], [], ["promote;", "id"], ["promote", "--config", "/etc/passwd"], ["promote", "--component", "$(id)"],
                      ["promote", "--component"], ["refresh", "--redate"], ["validation-key", "core", "--json"], ["end-validation-key", "../x"],
                      ["staging", "x"], ["exec"]):
            with self.subTest(words=words):
                outcome = self.ssh(*words)
                self.assertEqual(outcome.returncode, 2, outcome.stdout + outcome.stderr)
                self.assertIn("CI's key may ask for", outcome.stderr)
        self.assertEqual(read(f"{self.machine.far}/asked") if os.path.exists(f"{self.machine.far}/asked") else "", asked)
        outcome = self.ssh("-W", f"127.0.0.1:{self.machine.site.admin_port}")
        self.assertNotEqual(outcome.returncode, 0)
        self.assertIn("prohibited", outcome.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
