#!/usr/bin/env python3
"""A real Prometheus with the shipped configuration scrapes a real site: every query of the dashboard and every alert's expression is
answered, those that must have data have it, and a promotion that failed raises its alert. node_exporter and blackbox_exporter are the
real ones too."""
import http.client
import json
import os
import re
import shutil
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from package_shapes import quickstart_rpms  # noqa: E402
from packyard_site import ROOT, Site, free_port, run  # noqa: E402

# Without data here: no Valid-Until is set, no backup ran, plain http has no certificate.
MAY_BE_EMPTY = ("packyard_release_valid_until", "packyard_backup_", "probe_ssl_earliest_cert_expiry")


def dashboard_queries():
    with open(f"{ROOT}/compose/grafana/dashboards/packyard.json", encoding="utf-8") as file:
        return [target["expr"] for panel in json.load(file)["panels"] for target in panel["targets"]]


class Monitoring(unittest.TestCase):
    def test_prometheus_sees_the_site(self):
        with Site() as site:
            site.stage("core", "rpm", quickstart_rpms())
            site.promote()
            site.start()
            key = site.create_key("core")["key"]
            self.start_monitoring(site)
            for _ in range(20):  # rates need two scrapes with something between them
                site.request("/rpm/core/2025/el9-x86_64/repodata/repomd.xml", key=key)
                time.sleep(0.3)
            site.wait_for(lambda: self.value('probe_success{job="public"}') is not None and self.value("packyard_release_number"), "the first scrapes")
            for expression in dashboard_queries():
                with self.subTest(expression):
                    site.wait_for(lambda e=expression: self.query(e) or e_may_be_empty(e), f"data for {expression}")
            self.assertEqual(self.value("packyard_release_number"), 1)
            self.assertEqual(self.value('sum(up{job="packyard"})'), 1)
            self.assertGreater(self.value('sum(packyard_auth_requests_total{outcome="allow"})'), 0)
            self.assertEqual(self.value('probe_success{job="public"}'), 1)
            self.rules_are_healthy(site)
            self.a_failure_raises_its_alert(site)

    def start_monitoring(self, site):
        self.port = free_port()
        node, blackbox = free_port(), free_port()
        folder = f"{site.folder}/prometheus"
        run([f"{ROOT}/compose/prometheus/render", folder, f"127.0.0.1:{site.front_port}", f"127.0.0.1:{node}", f"127.0.0.1:{blackbox}",
             f"127.0.0.1:{site.metrics_port}"])
        with open(f"{folder}/prometheus.yml", encoding="utf-8") as file:
            text = file.read()
        with open(f"{folder}/prometheus.yml", "w", encoding="utf-8") as file:  # a test has less time, and no certificate
            file.write(text.replace("15s", "1s").replace("scrape_timeout: 10s", "scrape_timeout: 1s").replace("https://", "http://"))
        run(["promtool", "check", "config", f"{folder}/prometheus.yml"])
        site.spawn("node-exporter", ["prometheus-node-exporter", "--collector.disable-defaults", "--collector.filesystem", "--collector.textfile",
                                     f"--collector.textfile.directory={site.folder}/state/metrics", f"--web.listen-address=127.0.0.1:{node}"])
        site.spawn("blackbox", ["prometheus-blackbox-exporter", f"--config.file={ROOT}/compose/prometheus/blackbox.yml",
                                f"--web.listen-address=127.0.0.1:{blackbox}"])
        site.spawn("prometheus", ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                                  f"--web.listen-address=127.0.0.1:{self.port}"])
        site.wait_for(lambda: self.get("/-/ready")[0] == 200, "Prometheus")

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def query(self, expression):
        status, text = self.get("/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        self.assertEqual(status, 200, f"{expression}: {text}")
        return json.loads(text)["data"]["result"]

    def value(self, expression):
        result = self.query(expression)
        return float(result[0]["value"][1]) if result else None

    def rules_are_healthy(self, site):
        def groups():
            return json.loads(self.get("/api/v1/rules")[1])["data"]["groups"]
        site.wait_for(lambda: all(rule["health"] == "ok" for group in groups() for rule in group["rules"]), "every rule to be evaluated")
        self.assertEqual(sum(len(group["rules"]) for group in groups()), len(re.findall(r"- (?:alert|record):", read("packyard.rules.yml"))))

    def a_failure_raises_its_alert(self, site):
        site.stage("core", "rpm", quickstart_rpms()[:1], target=None)
        with open(f"{site.staging}/core/2025/rpm/{site.rpm_target}/wrong-1.0-1.el9.x86_64.rpm", "wb") as file:
            file.write(b"no package")
        with open(f"{site.staging}/core/2025/rpm/{site.rpm_target}/wrong-1.0-1.el9.x86_64.rpm.sha256", "w", encoding="ascii") as file:
            file.write("0" * 64 + "  wrong-1.0-1.el9.x86_64.rpm\n")
        self.assertNotEqual(site.promote(check=False).returncode, 0)
        site.wait_for(lambda: self.query('ALERTS{alertname="PromotionFailed",alertstate="firing"}'), "the alert PromotionFailed")


def e_may_be_empty(expression):
    return any(name in expression for name in MAY_BE_EMPTY)


def read(name):
    with open(f"{ROOT}/compose/prometheus/{name}", encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    missing = [name for name in ("prometheus", "prometheus-node-exporter", "prometheus-blackbox-exporter") if not shutil.which(name)]
    if missing:
        sys.exit(f"monitoring_test: {', '.join(missing)} missing: dependencies/install test")
    unittest.main()
