"""What must not be reached, and what must not show, of the stack of tests/e2e/run_stack. (line, function of the stack)"""
from packyard_site import run
from stack import DOMAIN, PROJECT, SERVICES

# Generous where something must be open; what drops everything costs all of it.
PROBE_S = 10
PROBE = f'for a in "$@"; do (timeout {PROBE_S} bash -c "exec 3<>/dev/tcp/${{a%:*}}/${{a##*:}}" 2>/dev/null && echo "$a") & done; wait'


def closed(stack):
    inner = [f"{address}:{port}" for service in SERVICES for address in stack.addresses(service)
             for port in (443, 8000, 8079, 8080, 8081, 8088, 9000, 9001, 9090, 9100)]
    gates = [f"{DOMAIN}:{port}" for port in (80, 443, 8000, 8079, 8080, 8081, 8088, 9000, 9001, 9090, 9100, 3000)]
    open_ones = stack.outside(["bash", "-c", PROBE, "probe", *inner, *gates]).stdout.split()
    assert open_ones == [f"{DOMAIN}:443"], open_ones
    print(f"      {len(inner) + len(gates)} addresses tried, open: {open_ones}")


def published(stack):
    text = stack.docker("ps", "--filter", f"label=com.docker.compose.project={PROJECT}", "--format", "{{.Ports}}")
    ports = {part.split("->")[0].strip() for line in text.splitlines() for part in line.split(",") if "->" in part}
    assert ports <= {"0.0.0.0:443", ":::443", "[::]:443", "127.0.0.1:8088"} and "127.0.0.1:8088" in ports, ports
    print(f"      {', '.join(sorted(ports))}")


def admin_isolated(stack):
    targets = [f"{address}:8088" for address in stack.addresses("admin")] + ["admin:8088"]
    for service in (name for name in SERVICES if name != "admin"):
        gateways = stack.docker("inspect", stack.container(service), "--format", "{{range .NetworkSettings.Networks}}{{.Gateway}} {{end}}").split()
        asked = [*targets, *(f"{gateway}:8088" for gateway in gateways)]
        found = stack.docker("run", "--rm", "--network", f"container:{stack.container(service)}", "--entrypoint", "bash", "packyard-nginx:local", "-c",
                             PROBE, "probe", *asked)
        assert found == "", (service, found)
        print(f"      from {service}: {len(asked)} addresses of the admin tried, none answers")


def staging_isolated(stack):
    targets = [f"{address}:{port}" for address in stack.addresses("staging") for port in (9000, 9001)] + ["staging:9000"]
    for service in (name for name in SERVICES if name != "staging"):
        found = stack.docker("run", "--rm", "--network", f"container:{stack.container(service)}", "--entrypoint", "bash", "packyard-nginx:local", "-c",
                             PROBE, "probe", *targets)
        assert found == "", (service, found)


def no_way_out(stack):
    form = '{{.Internal}} {{index .Options "com.docker.network.bridge.enable_ip_masquerade"}} {{range .Containers}}{{.Name}} {{end}}'
    open_ones = {}
    for network in stack.docker("network", "ls", "--filter", f"label=com.docker.compose.project={PROJECT}", "--format", "{{.Name}}").split():
        internal, masquerade, *names = stack.docker("network", "inspect", network, "--format", form).replace("<no value>", "").strip("\n").split(" ")
        if internal == "false" and masquerade != "false":
            open_ones[network] = [name for name in names if name.strip()]
    open_ones.pop(f"{PROJECT}_outside", None)  # the monitoring's, when it runs
    assert open_ones == {f"{PROJECT}_public": [stack.container("traefik")]}, open_ones


def secrets(stack):
    stack.ask(f"/rpm/core/2025/x?key={stack.key}")
    stack.ask(f"/gpg/lts.asc?key={stack.key}")
    seen = {service: stack.docker("inspect", stack.container(service)) + (lambda done: done.stdout + done.stderr)(
        run(["docker", "logs", stack.container(service)])) for service in SERVICES}
    values = {"a subscriber key": stack.key}
    for name in ("admin_token", "rustfs_access_key", "rustfs_secret_key"):
        with open(f"{stack.secrets}/{name}", encoding="ascii") as file:
            values[name] = file.read().strip()
    for service, text in seen.items():
        for name, value in values.items():
            assert value not in text, f"{name} shows in what docker says of {service}"


CASES = [
    ("isolation: from outside 443 leads in, and nothing else", closed),
    ("isolation: the host publishes 443 and 127.0.0.1:8088", published),
    ("isolation: from no other container can the admin be reached, Traefik first", admin_isolated),
    ("isolation: from no other container can staging be reached", staging_isolated),
    ("isolation: only traefik's network leads out", no_way_out),
    ("isolation: secrets show in no log, no `docker inspect`, no environment", secrets),
]
