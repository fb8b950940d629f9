"""The gate without a front: an admin and two gates as processes of their own, over one state folder.
   with GateSite() as site: site.gates[0].ask(key); site.metric("process_resident_memory_bytes")"""
import re

from gate_client import GateClient
from packyard_site import BUILD, Site, free_port


class GateSite(Site):
    def __init__(self, state=None, starts=True):
        super().__init__(proxies="nginx, traefik")
        if state:  # on a disk of its own
            with open(self.config, encoding="utf-8") as file:
                text = file.read()
            with open(self.config, "w", encoding="utf-8") as file:
                file.write(text.replace("state: state", f"state: {state}"))
        self.state = state or f"{self.folder}/state"
        self.gate_ports = [self.gate_port, free_port()]
        self.metrics_ports = [self.metrics_port, free_port()]
        self.gates = [GateClient(port) for port in self.gate_ports]
        if starts:
            try:
                self.start_admin()
                for number in (0, 1):
                    self.start_gate(number)
            except BaseException:
                self.close()
                raise

    def start_admin(self, **environment):
        self.spawn("admin", [f"{BUILD}/packyard", "admin"], PACKYARD_CONFIG=self.config, **environment)
        self.wait_for(lambda: self.admin("GET", "/healthz")[0] == 200, "the admin")

    def start_gate(self, number, ports_for_registry="127.0.0.1:0", limit=None, **environment):
        """limit(): called in the new process before it becomes the gate."""
        self.gates[number].close()
        self.spawn(f"gate{number}", [f"{BUILD}/packyard", "gate"], before=limit, PACKYARD_CONFIG=self.config,
                   PACKYARD_GATE_LISTEN=f"127.0.0.1:{self.gate_ports[number]}", PACKYARD_GATE_REGISTRY_LISTEN=ports_for_registry,
                   PACKYARD_GATE_METRICS_LISTEN=f"127.0.0.1:{self.metrics_ports[number]}", **environment)
        self.wait_for(lambda: self.is_ready(number), f"gate {number}")

    def close(self):
        for gate in self.gates:
            gate.close()
        super().close()

    def is_ready(self, number):
        return self.request("/readyz", port=self.gate_ports[number]).status == 200

    def metrics(self, number=0):
        return self.request("/metrics", port=self.metrics_ports[number]).body.decode()

    def metric(self, name, number=0):
        return float(re.search(rf"(?m)^{name}(?:{{[^}}]*}})? ([0-9.e+-]+)$", self.metrics(number)).group(1))

    def statuses(self, key, **more):
        """What each gate says now."""
        return [gate.ask(key, **more)[0] for gate in self.gates]
