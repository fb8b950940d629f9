"""What tests/e2e/run_stack breaks, one property at a time: (what, the line that health-check.sh must print, how, its options). Each way is a
context that puts everything back."""
import contextlib
import os

from stack import PROJECT


@contextlib.contextmanager
def stopped(stack, service):
    stack.docker("stop", "--time", "5", stack.container(service))
    try:
        yield
    finally:
        stack.docker("start", stack.container(service))


@contextlib.contextmanager
def paused(stack, service):
    stack.docker("pause", stack.container(service))
    try:
        yield
    finally:
        stack.docker("unpause", stack.container(service))


@contextlib.contextmanager
def attached(stack, service, network):
    stack.docker("network", "connect", f"{PROJECT}_{network}", stack.container(service))
    try:
        yield
    finally:
        stack.docker("network", "disconnect", f"{PROJECT}_{network}", stack.container(service))


@contextlib.contextmanager
def changed(stack, service, text):
    """The service as an operator's careless override would have it."""
    override = f"{stack.folder}/careless.yml"
    with open(override, "w", encoding="utf-8") as file:
        file.write(f"services: {{{service}: {text}}}\n")
    stack.up("--no-deps", service, more=[override])
    try:
        yield
    finally:
        stack.up("--no-deps", service)


@contextlib.contextmanager
def moved_away(stack, path):
    os.rename(f"{stack.root}/{path}", f"{stack.folder}/away")
    try:
        yield
    finally:
        os.rename(f"{stack.folder}/away", f"{stack.root}/{path}")


@contextlib.contextmanager
def routed(stack, pattern, replacement, path, status):
    """Traefik's rules changed while it runs; it takes what it had when it starts again."""
    stack.docker("exec", stack.container("traefik"), "sed", "-i", f"s/{pattern}/{replacement}/", "/tmp/traefik/dynamic.yml")
    stack.wait_for(lambda: stack.ask(path).status == status, "traefik to take the change")
    try:
        yield
    finally:
        stack.docker("restart", stack.container("traefik"))


@contextlib.contextmanager
def as_it_is(_):
    yield


BREAKS = [
    ("a stopped container", r"containers: auth2 is exited", lambda stack: stopped(stack, "auth2")),
    ("a hung gate", r"auth: auth: ", lambda stack: paused(stack, "auth")),
    ("a stopped file server", r"containers: content is exited", lambda stack: stopped(stack, "content")),
    ("a stopped front", r"certificate.*https does not work", lambda stack: stopped(stack, "traefik")),
    ("a container that may write", r"hardening: content runs with", lambda stack: changed(stack, "content", "{read_only: false}")),
    ("one more published port", r"published ports: .*admin is published on 0\.0\.0\.0:18088",
     lambda stack: changed(stack, "admin", '{ports: ["18088:8088"]}')),
    ("a certificate that ends soon", r"certificate: .*it expires on", as_it_is, ("--days", "9000")),
    ("a certificate of somebody else", r"certificate: .*https does not work", as_it_is, ("--cacert", "/etc/ssl/certs/ca-certificates.crt")),
    ("no public key", r"GPG endpoint: .*status 404", lambda stack: moved_away(stack, "static/content/gpg/lts.asc")),
    ("packages without the gate", r"RPM routing: .*without a key: 404", lambda stack: routed(stack, r"\[strict-transport, packyard\]", "[strict-transport]",
                                                                                            "/deb/core/2025/dists/x/InRelease", 404)),
    ("packages that lead nowhere", r"DEB routing: .*without a key: 404", lambda stack: routed(stack, "`\\/deb\\/`", "`\\/nowhere\\/`",
                                                                                             "/deb/core/2025/dists/x/InRelease", 404)),
    ("images without the gate", r"OCI routing: .*without a key: 200", lambda stack: routed(stack, r"packyard, other-registry", "other-registry", "/v2/", 200)),
    ("an admin on Traefik's network", r"admin isolation: .*traefik reaches", lambda stack: attached(stack, "admin", "front")),
    ("a stopped admin", r"admin isolation: .*/healthz: 000", lambda stack: stopped(stack, "admin")),
    ("staging on Traefik's network", r"network isolation: .*traefik reaches staging", lambda stack: attached(stack, "staging", "front")),
    ("files on the admin's network", r"network isolation: .*admin reaches", lambda stack: attached(stack, "content", "desk")),
    ("a stopped staging", r"staging: .*it answers", lambda stack: stopped(stack, "staging")),
]
