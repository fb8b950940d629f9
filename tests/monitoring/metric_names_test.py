#!/usr/bin/env python3
"""Alert rules and dashboard name only metrics that the programs export, and every promise of a rule's test file is about a rule that exists."""
import json
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "compose/prometheus/packyard.rules.yml"
DASHBOARD = ROOT / "compose/grafana/dashboards/packyard.json"
EXPORTERS = [ROOT / "auth/gate_metrics.cpp", ROOT / "backup/backup_metrics.cpp", ROOT / "promote/press_metrics.cpp"]
NAME = re.compile(r"packyard_[a-z_]+[a-z]")


def exported():
    return {name for source in EXPORTERS for name in re.findall(r'"(packyard_[a-z_]+)"', source.read_text())}


def dashboard_queries():
    return [target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]]


def used(text):
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in NAME.findall(text)}


class MetricNames(unittest.TestCase):
    def test_rules_use_what_is_exported(self):
        expressions = "\n".join(line for line in RULES.read_text().splitlines() if not re.match(r"\s*(#|action|summary|- name)", line))
        self.assertEqual(used(expressions) - exported(), set())

    def test_the_dashboard_uses_what_is_exported(self):
        self.assertEqual(used("\n".join(dashboard_queries())) - exported(), set())

    def test_every_alert_has_a_test_that_expects_it(self):
        alerts = set(re.findall(r"- alert: (\w+)", RULES.read_text()))
        tests = (ROOT / "tests/monitoring/packyard.rules.test.yml").read_text()
        fired = set(re.findall(r"alertname: (\w+)\n\s+exp_alerts:\n\s+- exp_labels", tests))
        self.assertEqual(alerts, fired)


if __name__ == "__main__":
    sys.exit(unittest.main())
