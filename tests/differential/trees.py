# SPDX-License-Identifier: GPL-2.0-or-later
"""Two trees of sources, each with its own programs: the reference and the one that is worked on."""
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TARGETS = ["scenario_rig", "simulation", "tcpfsm"]


def run_quietly(command, **more):
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          encoding="utf-8", errors="replace", check=False, **more)
    if done.returncode:
        sys.exit("%s\n%s" % (" ".join(map(str, command)), done.stdout[-4000:]))
    return done.stdout.strip()


class Tree:
    """Sources, and what is built of them, as for a release."""

    def __init__(self, sources, build):
        self.sources, self.build = pathlib.Path(sources), pathlib.Path(build)

    def make(self):
        cache = ["-DCMAKE_C_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
        run_quietly(["cmake", "-S", self.sources, "-B", self.build, "-G", "Ninja", "-DBUILD_TESTING=ON",
                     "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DTCPFSM_CLANG=no-fuzzers", *cache,
                     "-DCMAKE_C_FLAGS=-fmacro-prefix-map=%s/=" % self.sources])
        run_quietly(["cmake", "--build", self.build, "--target", *TARGETS, "-j", os.cpu_count() or 1])

    def program(self, name):
        found = [path for path in self.build.rglob(name) if path.is_file() and os.access(path, os.X_OK)]
        return found[0] if found else sys.exit("%s: not built: %s" % (self.build, name))

    @property
    def plugin(self):
        return self.build / "plugin" / "wireshark" / "tcpfsm.so"


def reference(commit, work):
    """That commit, in a folder of its own."""
    name = run_quietly(["git", "-C", ROOT, "rev-parse", "--short=12", "%s^{commit}" % commit])
    sources = work / name
    if not (sources / ".complete").exists():
        shutil.rmtree(sources, ignore_errors=True)
        sources.mkdir(parents=True)
        archive = subprocess.run(["git", "-C", ROOT, "archive", name], stdout=subprocess.PIPE, check=True)
        subprocess.run(["tar", "-x"], cwd=sources, input=archive.stdout, check=True)
        (sources / ".complete").touch()
    return Tree(sources, work / (name + "-build"))


def current(work):
    return Tree(ROOT, work / "current-build")


def changed(tree, work, file, old, new):
    """A copy of a tree with one text replaced."""
    sources = work / "changed"
    shutil.rmtree(sources, ignore_errors=True)
    shutil.copytree(tree.sources, sources, ignore=shutil.ignore_patterns("build*", ".git"))
    path = sources / file
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        sys.exit("%s: stands there %d times: %s" % (file, text.count(old), old))
    path.write_text(text.replace(old, new), encoding="utf-8")
    return Tree(sources, work / "changed-build")
