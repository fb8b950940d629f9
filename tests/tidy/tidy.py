#!/usr/bin/env python3
"""Holds the rules of HACKING.md over all tracked files; prints each breach as file:line: rule, exits 1 if there is any.

  tests/tidy/tidy.py [ROOT]
"""
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..", ".."))
LINE_COLUMNS_MAX = 140
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
LAYERED = ("core", "storage", "auth", "admin", "registry", "backup", "signer", "promote", "verify", "programs/packyard", "programs/packyard_press", "tests")
WORDS = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "GTEST" + "_SKIP", "DISABLED" + "_")
BAD_NAMES = re.compile(r"(^|_)(util|utils|helper|helpers|manager|common|misc)(_|\.|$)")
ABSOLUTE = re.compile(r"(^|[^A-Za-z0-9_./$}-])/(work|farm|root|tmp/h)/")

breaches = []


def breach(path, line, rule):
    breaches.append(f"{path}:{line}: {rule}")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="surrogateescape") as file:
        return file.read().split("\n")


def table(name):
    rows = {}
    for line in read(f"tests/tidy/{name}"):
        if line.strip() and not line.startswith("#"):
            key, _, values = line.partition(":")
            rows[key.strip()] = values.split()
    return rows


def layer_of(path):
    return max((layer for layer in LAYERED if path.startswith(layer + "/")), key=len, default=None)


def check_includes(path, lines, layers, third_parties):
    layer = layer_of(path)
    for number, line in enumerate(lines, 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if not match:
            continue
        kind, header = match.groups()
        if kind == '"':
            target = layer_of(header)
            if target is None or not os.path.exists(os.path.join(ROOT, header)):
                breach(path, number, f'"{header}" is not a header of ours named from the root')
            elif layer and target != layer and target not in layers[layer]:
                breach(path, number, f"{layer} may not include {target} (tests/tidy/layers.txt)")
        elif layer and layer != "tests":
            for prefix, allowed in third_parties.items():
                if header.startswith(prefix) and path not in allowed:
                    breach(path, number, f"<{header}> may appear only in {' '.join(allowed)} (tests/tidy/third_parties.txt)")


def check_functions(path, lines):
    start, indent = None, ""
    for number, line in enumerate(lines, 1):
        if start is None:
            opened = re.match(r"^(| {2}| {4}(?=: ))(?!namespace|struct|class|enum|union|extern|using|//|#)(\S.*)\{$", line)
            if opened and "(" in line + lines[number - 2] and not re.match(r"^\s*(if|for|while|switch|else|do|\})\b", line):
                start, indent = number, "" if len(opened.group(1)) == 4 else opened.group(1)
        elif re.match(rf"^{indent}\}}[;,)]*", line):
            if number - start + 1 > FUNCTION_LINES_MAX:
                breach(path, start, f"function of {number - start + 1} lines, at most {FUNCTION_LINES_MAX}")
            start = None


def check_text(path, lines):
    for number, line in enumerate(lines, 1):
        for word in WORDS:
            if re.search(rf"\b{word}", line):
                breach(path, number, f"left open: {word}")
        if ABSOLUTE.search(line):
            breach(path, number, "absolute path of a machine")


def check_source(path, lines, sources_listed):
    if len(lines) - 1 > FILE_LINES_MAX:
        breach(path, len(lines), f"{len(lines) - 1} lines, at most {FILE_LINES_MAX}")
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_COLUMNS_MAX:
            breach(path, number, f"{len(line)} columns, at most {LINE_COLUMNS_MAX}")
    if BAD_NAMES.search(os.path.basename(path)):
        breach(path, 1, "a name that says nothing (util, helper, manager, common)")
    if path.endswith(".h") and "#pragma once" not in lines[:60]:
        breach(path, 1, "no #pragma once")
    if path.endswith(".h") and not lines[0].startswith("//"):
        breach(path, 1, "a header opens with what it is for")
    if path.endswith(".cpp") and path not in sources_listed:
        breach(path, 1, "not listed in its folder's CMakeLists.txt")


def check_test_exists(path, files):
    layer = layer_of(path)
    if layer in (None, "tests") or layer.startswith("programs") or not path.endswith(".cpp"):
        return
    name = os.path.basename(path)[:-4]
    wanted = f"tests/{path[:-4]}_test.cpp"
    if wanted not in files and f"tests/conformance/{name}_test.cpp" not in files:
        breach(path, 1, f"no test: {wanted}")


def check_types_once(files):
    """One name, one type: two of them in one namespace break the program at run time, and no linker says so."""
    first = {}
    for path in sorted(files):
        if not path.endswith(".h") or path.startswith("tests/"):
            continue
        for number, line in enumerate(read(path), 1):
            match = re.match(r"^(?:class|struct|enum class) ([A-Z]\w*)(?: final)?\b[^;]*$", line)
            if match and match.group(1) in first:
                breach(path, number, f"{match.group(1)} is the name of another type in {first[match.group(1)]}")
            elif match:
                first[match.group(1)] = path


def listed_sources(files):
    listed = set()
    for path in files:
        if os.path.basename(path) == "CMakeLists.txt":
            text = "\n".join(read(path))
            for name in re.findall(r"[\w./-]+\.cpp", text):
                listed.add(os.path.normpath(os.path.join(os.path.dirname(path), name)))
            for name in re.findall(r"packyard_fuzz\(NAME (\w+)", text):
                listed.add(os.path.join(os.path.dirname(path), f"{name}_fuzz.cpp"))
    return listed


def main():
    names = subprocess.run(["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True, check=True)
    files = {name for name in names.stdout.split("\n") if name and os.path.exists(os.path.join(ROOT, name))}
    layers, third_parties, sources = table("layers.txt"), table("third_parties.txt"), listed_sources(files)
    check_types_once(files)
    for path in sorted(files):
        if os.path.islink(os.path.join(ROOT, path)) or path.startswith("tests/data/") or "/corpus/" in path or path == "LICENSE":
            continue
        lines = read(path)
        if path.endswith((".cpp", ".h")):
            check_includes(path, lines, layers, third_parties)
            check_functions(path, lines)
            check_source(path, lines, sources)
            check_test_exists(path, files)
        check_text(path, lines)
    print("\n".join(breaches) if breaches else f"tidy: {len(files)} files, no breach")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
