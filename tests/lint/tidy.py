#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: tidy.py SOURCE_FOLDER BUILD_FOLDER [--analyzer] [--jobs N] | --self-test

Does clang-tidy find anything in what the build folder compiles? Version 14 decides. --analyzer follows the
paths through the code, too, which takes twenty times as long. A file in which nothing was found is looked at
again only if it changed, or anything that it includes, or how it is compiled, or how it is judged.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

from tools import version_14

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache", "tcpfsm", "lint")
KEPT = 30 * 24 * 3600   # seconds for which a result is remembered that nobody asks for
# gcc's own warnings and options are not clang's to judge.
FOREIGN = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-ignored-optimization-argument"]


def digest(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


class Memory:
    """Which content was clean. What a file depends on is asked of its compiler only if something changed."""

    def __init__(self, folder, judge):
        self.folder, self.judge = folder, judge
        self.contents = {}
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if path.stat().st_mtime < time.time() - KEPT:
                path.unlink(missing_ok=True)

    def content(self, path):
        if path not in self.contents:
            try:
                self.contents[path] = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
            except OSError:
                self.contents[path] = "gone"
        return self.contents[path]

    def clean(self, command, files):
        """The file that is there if these contents were clean."""
        return self.folder / digest(self.judge, command, *map(self.content, files))

    def listed(self, command):
        return self.folder / (digest(self.judge, command) + ".files")

    def knows(self, command, files):
        if files and self.clean(command, files).exists():
            self.note(command, files)
            return True
        return False

    def remembers(self, command, root, find):
        """(is it known to be clean, what it depends on); `find` asks the compiler for the latter."""
        listed = self.listed(command)
        names = listed.read_text().splitlines() if listed.exists() else []
        files = [os.path.join(root, name) for name in names]
        if self.knows(command, files):
            return True, files
        files = find()
        listed.write_text("\n".join(file.removeprefix(str(root) + "/") for file in files))
        return self.knows(command, files), files

    def note(self, command, files):
        for path in self.clean(command, files), self.listed(command):
            path.touch()


def dependencies(entry):
    """All files that the compiler reads for that entry of compile_commands.json."""
    words = shlex.split(entry["command"])
    if "-o" in words:
        del words[words.index("-o"):words.index("-o") + 2]
    done = subprocess.run([word for word in words if word != "-c"] + ["-M"], cwd=entry["directory"],
                          capture_output=True, text=True, check=True)
    names = done.stdout.replace("\\\n", " ").partition(":")[2].split()
    return sorted({os.path.normpath(os.path.join(entry["directory"], name)) for name in names})


def compiled(root, build):
    """What is compiled of the tree; what CMake generated is not ours."""
    entries = json.loads((build / "compile_commands.json").read_text())
    for entry in sorted(entries, key=lambda entry: entry["file"]):
        file = pathlib.Path(entry["file"]).resolve()
        if root in file.parents and build not in file.parents:
            yield file, entry


class Linter:
    def __init__(self, root, build, analyzer, memory=CACHE):
        self.root, self.build = root, build
        self.tool = version_14("clang-tidy")
        self.options = FOREIGN if analyzer else ["--checks=-clang-analyzer-*", *FOREIGN]
        version = subprocess.run([self.tool, "--version"], capture_output=True, text=True, check=True).stdout
        self.memory = Memory(memory, digest(version, (root / ".clang-tidy").read_text(), *self.options))

    def lint(self, file, entry):
        """(was it looked at, what was found)"""
        command = entry["command"].replace(str(self.build), "BUILD").replace(str(self.root), "ROOT")
        known, files = self.memory.remembers(command, self.root, lambda: dependencies(entry))
        if known:
            return False, ""
        done = subprocess.run([self.tool, "--quiet", "-p", self.build, *self.options, file],
                              capture_output=True, text=True, check=False)
        if done.returncode:
            return True, "== %s\n%s%s" % (file.relative_to(self.root), done.stdout, done.stderr)
        self.memory.note(command, files)
        return True, ""

    def lint_all(self, entries, jobs):
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(lambda entry: self.lint(*entry), entries))


def self_test():
    """A finding is found; what is clean isn't looked at twice, unless it or its header changes."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        (root / "build").mkdir()
        entry = {"directory": str(root / "build"), "file": str(root / "a.c"),
                 "command": "cc -I%s -o a.o -c %s" % (root, root / "a.c")}
        (root / "build" / "compile_commands.json").write_text(json.dumps([entry]))
        (root / ".clang-tidy").write_text("Checks: '-*,bugprone-*'\nWarningsAsErrors: '*'\n")

        def look(one, other):
            (root / "a.h").write_text("#define ONE %d\n" % one)
            (root / "a.c").write_text('#include "a.h"\nint f(int);\nint f(int n) { return n ? ONE : %d; }\n'
                                      % other)
            linter = Linter(root, root / "build", False, root / "memory")
            (looked, found), = linter.lint_all(compiled(root, root / "build"), 1)
            return looked, "bugprone" in found
        # Both branches alike are a finding.
        looks = [look(*values) for values in ((1, 2), (1, 2), (2, 2), (2, 2), (1, 2), (1, 3), (3, 3))]
    expected = [(True, False), (False, False), (True, True), (True, True), (False, False), (True, False),
                (True, True)]
    if looks != expected:
        print("looked, found: %s\nexpected:      %s" % (looks, expected))
    return looks != expected


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("build", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--analyzer", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    entries = list(compiled(options.root, options.build))
    if options.analyzer:
        # All paths of a unit test are run, under sanitizers.
        entries = [entry for entry in entries if options.root / "tests" / "unit" not in entry[0].parents]
    if not entries:
        sys.exit("nothing is compiled: nothing was looked at")
    results = Linter(options.root, options.build, options.analyzer).lint_all(entries, options.jobs)
    faults = [found for _, found in results if found]
    print("\n".join(faults))
    print("%d files, %d of them changed, %d with findings" %
          (len(results), sum(looked for looked, _ in results), len(faults)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
