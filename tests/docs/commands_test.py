#!/usr/bin/env python3
"""What the documents tell people to type exists: every command of packyard and of the scripts, with those subcommands and options, by their
own --help; files and services that are named; a paragraph for each alert; links that lead somewhere.

  commands_test.py BUILD_FOLDER SOURCE_FOLDER
"""
import functools
import os
import re
import subprocess
import sys

BUILD, SOURCE = sys.argv[1], sys.argv[2]
DOCUMENTS = ["README.md", "docs/deployment.md", "docs/operations.md", "docs/customer.md"]
SCRIPTS = r"(?:\./|packyard/)?(?:verify\.sh|verify/[\w-]+\.sh|compose/init|compose/upgrade|compose/ci/entry|vendor/copy-to|vendor/ci/\w+)"
# A command's words end where the shell's, or the prose, go on.
WORDS = r"((?:\s+(?:'[^']*'|\"[^\"]*\"|<\([^)]*\)|[^\s`#;|&<>()'\"]+))*)"
failures = []


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


@functools.cache
def help_of(*command):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PACKYARD_")}
    outcome = subprocess.run([*command, "--help"], capture_output=True, text=True, check=False, timeout=60, cwd=SOURCE, env=environment)
    return outcome.stdout if outcome.returncode == 0 else None


def subcommands(text):
    match = re.search(r"^Subcommands:\n((?:  .*\n)+)", text, re.M)
    return re.findall(r"^  ([\w-]+)", match[1], re.M) if match else []


def options_in(text):
    return set(re.findall(r"(?<![\w-])(--?[a-z][a-z0-9-]*)", text))


def code_of(text):
    """Fenced and indented blocks and what stands between backticks, as one line each; continued lines joined."""
    lines, fenced = [], False
    for line in text.split("\n"):
        if re.match(r"\s*```", line):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            lines.append(line)
        else:
            lines += re.findall(r"`([^`]+)`", line)
    return re.sub(r" 2>&1", "", re.sub(r"\\\n\s*", " ", "\n".join(lines))).split("\n")


def check_packyard(where, words):
    command, known = [f"{BUILD}/packyard"], set()
    while True:
        text = help_of(*command)
        if text is None:
            return failures.append(f"{where}: no command {' '.join(command[1:])}")
        known |= options_in(text)
        below = subcommands(text) if len(command) > 1 else ["promote", "release", "withdraw", "verify", "signing-key", "backup", "restore", *subcommands(text)]
        if not below:
            break
        plain = [word for word in words if not word.startswith("-")]
        if not plain:
            return failures.append(f"{where}: {' '.join(command[1:])} needs one of {below}") if len(command) > 1 else None
        if plain[0] not in below:
            return failures.append(f"{where}: {plain[0]} is none of {below}")
        command.append(plain[0])
        words = [word for word in words if word != plain[0]]
        if "--queue" in words and command[-1] != "--queue":
            command.append("--queue")  # another program answers then, with options of its own
    for word in words:
        if word.startswith("--") and word.split("=")[0] not in known:
            failures.append(f"{where}: {' '.join(command[1:])} has no option {word}")
    return None


def check_script(where, script, words):
    path = re.sub(r"^(\./|packyard/)", "", script)
    if not os.access(os.path.join(SOURCE, path), os.X_OK):
        return failures.append(f"{where}: there is no program {path}")
    options = [word for word in words if word.startswith("--")]
    if path == "compose/ci/entry" or not options:
        return None
    text = help_of(os.path.join(SOURCE, path))
    for option in options:
        if text is None or option not in options_in(text) | {"--help"}:
            failures.append(f"{where}: {path} has no option {option}")
    return None


def check_line(where, line, services):
    count = 0
    for match in re.finditer(r"(?:(?<=[\s`(|;&'])|^)(?:packyard(?:-press)?|press)(?=\s)" + WORDS, line):
        words = match[1].split()
        if words and not re.match(r"[{(=]", words[0]) and '"$@"' not in words:
            check_packyard(where, words)
            count += 1
    for match in re.finditer(r"docker compose (?:--profile \w+ )?(?:run|exec)((?: --?[\w-]+)*) ([\w$]+)" + WORDS, line):
        if match[2] not in services:
            failures.append(f"{where}: no service {match[2]} in compose/docker-compose.yml")
        words = match[3].split()
        if match[2] in ("promote", "admin", "backup") and "exec" not in match[0] and words and words[0] != '"$@"':
            check_packyard(where, words)
            count += 1
    for match in re.finditer(r"(?:(?<=[\s`(|;&'])|^)(" + SCRIPTS + r")(?![\w/.-])" + WORDS, line):
        check_script(where, match[1], match[2].split())
        count += 1
    return count


def check_links(path, text):
    for target, _, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(#([^)]*))?\)", text):
        other = os.path.normpath(os.path.join(os.path.dirname(path), target)) if target else path
        if not os.path.exists(os.path.join(SOURCE, other)):
            failures.append(f"{path}: the link to {target} leads nowhere")
        elif anchor:
            headings = [re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", read(other), re.M)]
            if anchor not in headings:
                failures.append(f"{path}: no heading {anchor} in {other}")


def main():
    services = re.findall(r"^  ([a-z][\w-]*):", read("compose/docker-compose.yml").partition("\nservices:")[2].partition("\nnetworks:")[0], re.M)
    count = 0
    for path in DOCUMENTS:
        text = read(path)
        check_links(path, text)
        for line in code_of(text):
            count += check_line(f"{path}: {line.strip()[:100]}", line, services)
    if count < 80:
        failures.append(f"only {count} commands were found in {DOCUMENTS}: does this test still read them?")
    headings = re.findall(r"^### (\w+) \((page|ticket)\)$", read("docs/operations.md"), re.M)
    alerts = re.findall(r"- alert: (\w+)$.*?severity: (\w+)", read("compose/prometheus/packyard.rules.yml"), re.M | re.S)
    if headings != alerts:
        failures.append(f"docs/operations.md and the alert rules differ: {sorted(set(headings) ^ set(alerts))}, or in their order")
    for secret in sorted(set(re.findall(r"secrets\.(\w+)", "".join(read(f"vendor/github/{name}.yml") for name in ("stage", "promote", "validate", "resign"))))):
        if not re.search(rf"^\|.*\b{secret}\b", read("docs/deployment.md"), re.M):
            failures.append(f"docs/deployment.md says nothing of the secret {secret}")
    print("\n".join(failures) if failures else f"commands_test: {count} commands of {len(DOCUMENTS)} documents exist as they are written")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
