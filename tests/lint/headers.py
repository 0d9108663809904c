#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: headers.py COMPILER ENGINE_FOLDER

Does each header of the engine stand alone: can it be compiled with nothing before it but what it includes?
"""
import pathlib
import subprocess
import sys


def main():
    compiler, engine = sys.argv[1], pathlib.Path(sys.argv[2])
    headers = sorted(engine.rglob("*.h"))
    if not headers:
        sys.exit("no headers in %s" % engine)
    failed = 0
    for header in headers:
        text = '#include "%s"\nextern int unused;\n' % header.relative_to(engine)
        done = subprocess.run([compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function",
                               "-fsyntax-only", "-I", engine, "-x", "c", "-"],
                              input=text, capture_output=True, text=True)
        if done.returncode:
            failed += 1
            print("== %s\n%s" % (header.relative_to(engine), done.stderr))
    print("%d headers, %d don't stand alone" % (len(headers), failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
