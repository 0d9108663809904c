#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: format.py SOURCE_FOLDER

Are all C files formatted as .clang-format says? Version 14 decides; others differ in details.
"""
import pathlib
import subprocess
import sys

from tools import c_files, version_14


def main():
    root = pathlib.Path(sys.argv[1])
    command = version_14("clang-format")
    files = map(str, c_files(root))
    done = subprocess.run([command, "--style=file", "--dry-run", "-Werror", *files], cwd=root)
    if done.returncode:
        print("to repair: %s --style=file -i FILE" % command)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
