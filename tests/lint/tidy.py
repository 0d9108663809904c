#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: tidy.py SOURCE_FOLDER BUILD_FOLDER

Does clang-tidy find anything in what the build folder compiles? Version 14 decides.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

from tools import version_14


def compiled(root, build):
    """Files of the tree; what CMake generated is not ours."""
    commands = json.loads((build / "compile_commands.json").read_text())
    files = {pathlib.Path(command["file"]).resolve() for command in commands}
    return sorted(file for file in files if root in file.parents and build not in file.parents)


def main():
    root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    command = version_14("clang-tidy")
    files = compiled(root, build)
    if not files:
        sys.exit("nothing is compiled: nothing was looked at")

    def lint(file):
        # gcc's own warnings and options are not clang's to judge.
        arguments = ["--quiet", "-p", build, "--extra-arg=-Wno-unknown-warning-option",
                     "--extra-arg=-Wno-ignored-optimization-argument", file]
        if root / "tests" / "unit" in file.parents:
            # All paths of a unit test are run, under sanitizers: the analyzer's search of them costs minutes.
            arguments.insert(0, "--checks=-clang-analyzer-*")
        return subprocess.run([command, *arguments], capture_output=True, text=True)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, done in zip(files, pool.map(lint, files)):
            if done.returncode:
                failed += 1
                print("== %s\n%s%s" % (file.relative_to(root), done.stdout, done.stderr))
    print("%d files, %d with findings" % (len(files), failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
