#!/usr/bin/env python3
"""The command line as a stranger meets it: help everywhere, documented exit codes, wrong settings stop the start with file, line and reason.

  command_line_test.py BUILD_FOLDER SOURCE_FOLDER
"""
import os
import subprocess
import sys
import tempfile

BUILD, SOURCE = sys.argv[1], sys.argv[2]
failures = []


def run(*arguments, **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PACKYARD_")}
    return subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60, env={**environment, **variables})


def expect(name, outcome, status, *texts):
    shown = outcome.stdout + outcome.stderr
    for problem in [f"status {outcome.returncode}, wanted {status}"] * (outcome.returncode != status) + [f"no {text!r}" for text in texts if text not in shown]:
        failures.append(f"{name}: {problem}\n{shown[-2000:]}")


def main():
    gate, press = f"{BUILD}/packyard", f"{BUILD}/packyard-press"
    for program in (gate, press):
        expect(f"{program} --help", run(program, "--help"), 0, "Usage", "Exit codes")
        expect(f"{program} --version", run(program, "--version"), 0, "0.")
        expect(f"{program} without a command", run(program), 2)
        expect(f"{program} nonsense", run(program, "nonsense"), 2)
    for command in ("gate", "admin", "serve", "check-config"):
        expect(f"packyard {command} --help", run(gate, command, "--help"), 0, "--config")
    expect("packyard keys --help", run(gate, "keys", "--help"), 0, "--admin", "Exit codes")
    for command in ("promote", "release", "withdraw", "verify", "signing-key", "backup", "restore"):
        expect(f"packyard {command} --help", run(gate, command, "--help"), 0, "Exit codes")
    expect("the shipped settings", run(gate, "check-config", "--config", f"{SOURCE}/config/packyard.yml"), 0, "components:", "keep_daily: 7", "GPG_PRIVATE_KEY: not set")
    expect("packyard promote --queue --help", run(gate, "promote", "--queue", "--help"), 0, "--wait", "--token-file", "Exit codes")
    expect("packyard promote --help names both", run(gate, "promote", "--help"), 0, "--queue", "--worker")
    expect("packyard promote --queue without an admin", run(gate, "promote", "--queue", "--admin", "http://127.0.0.1:1"), 3, "is packyard admin")
    expect("packyard promote --worker with a scope", run(gate, "promote", "--worker", "--dry-run"), 2)
    expect("packyard promote --queue --worker", run(gate, "promote", "--queue", "--worker"), 2)
    secret = run(gate, "check-config", "--config", f"{SOURCE}/config/packyard.yml", GPG_PASSPHRASE="very secret")
    expect("a secret in the environment", secret, 0, "GPG_PASSPHRASE: set by variable", "COSIGN_PASSWORD: not set")
    if "very secret" in secret.stdout + secret.stderr:
        failures.append("check-config shows a secret")
    with tempfile.TemporaryDirectory() as folder:
        wrong = f"{folder}/wrong.yml"
        with open(wrong, "w", encoding="utf-8") as file:
            file.write("site: x\ncolour: red\n")
        for program, command in ((gate, "gate"), (gate, "admin"), (gate, "serve"), (gate, "check-config"), (press, "promote"), (press, "verify")):
            expect(f"{command} with wrong settings", run(program, command, "--config", wrong), 1, f"{wrong}: line 2: colour: unknown name")
        missing = run(gate, "check-config", "--config", f"{folder}/absent.yml")
        expect("absent settings", missing, 1, "absent.yml", "No such file")
    expect("an unknown variable", run(gate, "check-config", "--config", f"{SOURCE}/config/packyard.yml", PACKYARD_COLOUR="red"), 1,
           "PACKYARD_COLOUR: names no setting")
    print("\n".join(failures) if failures else "command_line_test: passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
