"""A site behind real fronts: two gates, the file server, and in front of them whichever proxies this machine has, each with the configuration
that compose/ ships.
  with FrontSite() as site: port = site.start("haproxy")          FRONTS: what can be started here

PACKYARD_TRAEFIK names a traefik binary (3.7.12 or newer); nginx, caddy and haproxy are found in the PATH."""
import os
import re
import shutil

from front_tree import FrontTree
from packyard_site import BUILD, NGINX, ROOT, Site, free_port, run

PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
PROGRAMS = {"nginx": NGINX, "caddy": shutil.which("caddy", path=PATH), "haproxy": shutil.which("haproxy", path=PATH),
            "traefik": os.environ.get("PACKYARD_TRAEFIK")}
FRONTS = [name for name, program in PROGRAMS.items() if program]
MISSING = [name for name in PROGRAMS if name not in FRONTS]


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class FrontSite(Site):
    def __init__(self):
        super().__init__(proxies="nginx, traefik, caddy, haproxy, envoy")
        self.tree = FrontTree(self.published)
        self.gate_ports, self.registry_ports = [self.gate_port, free_port()], [self.registry_port, free_port()]
        try:
            self.start_behind()
        except BaseException:
            self.close()
            raise

    def start_behind(self):
        """Two gates, the file server, a key for each component."""
        self.start_serve()
        self.wait_for(lambda: self.request("/readyz", port=self.gate_port).status == 200, "the first gate")
        self.spawn("gate2", [f"{BUILD}/packyard", "gate"], PACKYARD_CONFIG=self.config, PACKYARD_GATE_LISTEN=f"127.0.0.1:{self.gate_ports[1]}",
                   PACKYARD_GATE_REGISTRY_LISTEN=f"127.0.0.1:{self.registry_ports[1]}", PACKYARD_GATE_METRICS_LISTEN=f"127.0.0.1:{free_port()}")
        self.wait_for(lambda: self.request("/readyz", port=self.gate_ports[1]).status == 200, "the second gate")
        self.start_front("--gate", "none")
        self.wait_for(lambda: self.request("/healthz").status == 200, "the file server")
        self.keys = {component: self.create_key(component)["key"] for component in ("core", "plus")}

    def addresses(self, ports):
        return ",".join(f"127.0.0.1:{port}" for port in ports)

    def start(self, name, files=None, registries=None):
        """The port of a front that has begun to ask the gates. files, registries: other ports than this site's own."""
        port, folder = free_port(), f"{self.folder}/{name}"
        os.makedirs(folder, exist_ok=True)
        behind = {"gates": self.addresses(self.gate_ports), "registries": self.addresses(registries or self.registry_ports),
                  "files": f"127.0.0.1:{files or self.front_port}"}
        getattr(self, f"start_{name}")(port, folder, behind)
        path = self.tree.addresses("core")[0]
        self.wait_for(lambda: self.request(path, port=port).status == 401, f"{name} to reach the gates")
        self.wait_for(lambda: self.request(path, self.keys["core"], port=port).status == 200, f"{name} to reach the files")
        return port

    def render(self, name, port, behind):
        return run([f"{ROOT}/compose/{name}/render", "--listen", f"127.0.0.1:{port}", *(word for option, value in behind.items() for word in (f"--{option}", value))]).stdout

    def start_nginx(self, port, folder, behind):
        """nginx serves the files itself."""
        user = ["--user", "www-data"] if os.getuid() == 0 else []
        if user:
            shutil.chown(folder, "www-data")
        self.run_nginx("front_nginx", folder, run([
            f"{ROOT}/compose/nginx/render", "--listen", f"127.0.0.1:{port}", "--gate", behind["gates"], "--registry", behind["registries"],
            "--published", self.published, "--public-keys", self.public_keys, "--state", folder, *user]).stdout)

    def run_nginx(self, name, folder, text):
        write(f"{folder}/nginx.conf", text)
        self.spawn(name, [NGINX, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"])

    def start_caddy(self, port, folder, behind):
        write(f"{folder}/Caddyfile", self.render("caddy", port, behind))
        self.spawn("caddy", [PROGRAMS["caddy"], "run", "--adapter", "caddyfile", "--config", f"{folder}/Caddyfile"],
                   XDG_CONFIG_HOME=folder, XDG_DATA_HOME=folder, HOME=folder)

    def start_haproxy(self, port, folder, behind):
        write(f"{folder}/haproxy.cfg", self.render("haproxy", port, {**behind, "name": os.path.basename(self.folder)}))
        self.spawn("haproxy", [PROGRAMS["haproxy"], "-db", "-f", f"{folder}/haproxy.cfg"])

    def start_traefik(self, port, folder, behind):
        run([f"{ROOT}/compose/traefik/render", "--output", folder, "--listen", f"127.0.0.1:{port}", "--gates-listen", f"127.0.0.1:{free_port()}",
             *(word for option, value in behind.items() for word in (f"--{option}", value))])
        self.spawn("traefik", [PROGRAMS["traefik"], f"--configfile={folder}/traefik.yml"])


def version(name):
    flag = {"nginx": "-v", "haproxy": "-v"}.get(name, "version")
    outcome = run([PROGRAMS[name], flag], check=False)
    said = re.search(r"Version: +(\S+)|(\d+\.\d+\.\d+)", outcome.stdout + outcome.stderr)  # a Traefik of one's own building says dev
    return said.group(1) or said.group(2)


