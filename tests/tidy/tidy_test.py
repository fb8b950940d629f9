#!/usr/bin/env python3
"""The tidy check must be able to fail: breaks each rule once in a copy of a tiny tree and demands that it is named."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
GOOD = {
    "core/a.h": "// What a is for.\n#pragma once\n",
    "core/a.cpp": '#include "core/a.h"\n',
    "auth/a.h": "// What A is for.\n#pragma once\nclass A;\nclass A {\n};\n",
    "auth/b.h": '// What b is for.\n#pragma once\n#include "core/a.h"\n',
    "core/CMakeLists.txt": "packyard_library(NAME core SOURCES a.cpp)\n",
    "tests/core/a_test.cpp": '#include "core/a.h"\n',
    "tests/core/CMakeLists.txt": "packyard_test(NAME core_tests SOURCES a_test.cpp)\n",
}
BREAKS = [
    ("core/a.h", "// What a is for.\n#pragma once\n#include \"auth/b.h\"\n", "core may not include auth"),
    ("core/a.cpp", "#include <sqlite3.h>\n", "<sqlite3.h> may appear only in"),
    ("core/a.cpp", "#include \"a.h\"\n", "not a header of ours"),
    ("core/a.cpp", "void f() {\n" + "  g();\n" * 80 + "}\n", "function of 82 lines"),
    ("core/a.cpp", "// x\n" * 401, "401 lines"),
    ("core/a.cpp", "//" + "x" * 150 + "\n", "152 columns"),
    ("core/a.cpp", "// TO" + "DO: later\n", "left open"),
    ("core/a.cpp", 'auto x = "/ro' + 'ot/x";\n', "absolute path"),
    ("core/a.h", "#pragma once\n", "opens with what it is for"),
    ("core/a.h", "// What a is for.\n", "no #pragma once"),
    ("core/string_util.h", "// What it is for.\n#pragma once\n", "a name that says nothing"),
    ("auth/b.h", "// What b is for.\n#pragma once\nclass A {\n};\n", "A is the name of another type in auth/a.h"),
    ("core/c.cpp", "\n", "not listed in"),
    ("core/c.cpp", "\n", "no test: tests/core/c_test.cpp"),
]


def run(changes):
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**GOOD, **changes}.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        os.makedirs(os.path.join(root, "tests/tidy"))
        for name in ("layers.txt", "third_parties.txt"):
            with open(os.path.join(HERE, name), encoding="utf-8") as source, open(os.path.join(root, "tests/tidy", name), "w", encoding="utf-8") as copy:
                copy.write(source.read())
        subprocess.run(["git", "init", "-q", root], check=True)
        return subprocess.run([sys.executable, os.path.join(HERE, "tidy.py"), root], capture_output=True, text=True, check=False)


def main():
    failures = []
    clean = run({})
    if clean.returncode != 0:
        failures.append("the clean tree: " + clean.stdout + clean.stderr)
    for path, text, expected in BREAKS:
        outcome = run({path: text})
        if outcome.returncode != 1 or expected not in outcome.stdout:
            failures.append(f"{expected!r} not reported for {path}: {outcome.stdout}{outcome.stderr}")
    print("\n".join(failures) if failures else f"tidy_test: {len(BREAKS)} breaches noticed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
