# SPDX-License-Identifier: GPL-2.0-or-later
"""Do both plugins show the same of all sample captures, to the last letter?

All scenarios as one capture come on top. As root, Wireshark doesn't look at WIRESHARK_PLUGIN_DIR, so tshark
runs as nobody then, and all that it needs lies in a temporary folder.
"""
import concurrent.futures
import difflib
import gzip
import hashlib
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import engines
from comparing import Result
from compiling import digest_of

NOBODY = 65534
QUESTIONS = [["-V"], ["-2", "-V"], ["-q", "-z", "tcpfsm,json", "-z", "expert"]]
LINES_SHOWN = 24


def build(tree, folder, jobs):
    """The plugin of that tree, built as for a release."""
    if not (folder / "build.ninja").exists():
        run_quietly(["cmake", "-S", tree, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                     "-DBUILD_TESTING=OFF", "-DCMAKE_C_FLAGS=-fmacro-prefix-map=%s/=" % tree])
    run_quietly(["cmake", "--build", folder, "--target", "tcpfsm", "-j", str(jobs)])
    return folder / "plugin" / "wireshark" / "tcpfsm.so"


def run_quietly(command):
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          encoding="utf-8", check=False)
    if done.returncode:
        sys.exit("%s\n%s" % (" ".join(map(str, command)), done.stdout[-4000:]))


def replacements():
    """Texts that are declared to be others now: lines "old => new" of declared/texts.txt."""
    path = engines.HERE / "declared" / "texts.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line.split(" => ", 1) for line in lines if " => " in line and not line.startswith("#")]


class Shark:
    """tshark with a choice of two plugins."""

    def __init__(self, folder, plugins, cache):
        self.folder, self.cache = folder, cache
        self.tshark = shutil.which("tshark") or sys.exit("tshark isn't installed")
        self.version = subprocess.run([self.tshark, "--version"], stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, encoding="utf-8", check=True).stdout
        series = re.search(r"(\d+\.\d+)\.", self.version).group(1)
        self.digests = {}
        for name, plugin in plugins.items():
            place = folder / name / series / "epan"
            place.mkdir(parents=True)
            shutil.copy(plugin, place / "tcpfsm.so")
            self.digests[name] = hashlib.sha256(plugin.read_bytes()).hexdigest()
        (folder / "home").mkdir()
        cache.mkdir(exist_ok=True)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        (folder / "home").chmod(0o777)

    def ask(self, name, capture, question):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder / "home"), "LC_ALL": "C.UTF-8",
                       "TZ": "UTC", "WIRESHARK_PLUGIN_DIR": str(self.folder / name)}
        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run([self.tshark, "-n", "-r", capture, *question], env=environment, cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **identity)
        return "%s\nstatus %d\n" % (done.stdout.decode("utf-8", "replace"), done.returncode)

    def require_plugin(self, name, capture):
        answer = self.ask(name, capture, ["-q", "-z", "tcpfsm,json"])
        if '{"connection":0,' not in answer or not answer.endswith("status 0\n"):
            sys.exit("tshark doesn't load the plugin, %s:\n%s" % (name, answer[-2000:]))

    def remembered(self, name, capture, question):
        """The answer of a plugin that doesn't change."""
        content = hashlib.sha256(capture.read_bytes()).hexdigest()
        path = self.cache / digest_of(self.version, self.digests[name], content, *question)
        if path.exists():
            return gzip.decompress(path.read_bytes()).decode("utf-8")
        answer = self.ask(name, capture, question)
        path.write_bytes(gzip.compress(answer.encode("utf-8"), 3))
        return answer


def difference(task, reference, current):
    capture, question = task
    lines = difflib.unified_diff(reference.splitlines(), current.splitlines(), "reference", "current",
                                 n=2, lineterm="")
    return "%s %s\n%s\n" % (capture.name, " ".join(question),
                            "\n".join(itertools.islice(lines, LINES_SHOWN)))


def compare_answers(shark, result, tasks, jobs):
    declared = replacements()

    def answers(task):
        reference = shark.remembered("reference", *task)
        for old, new in declared:
            reference = reference.replace(old, new)
        return reference, shark.ask("current", *task)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for task, (reference, current) in zip(tasks, pool.map(answers, tasks)):
            result.sequences += 1
            result.segments += reference.count("\n")
            if reference != current:
                result.differing += 1
                result.reports.append(difference(task, reference, current))


def compare(chosen, tree, write_scenarios):
    """`write_scenarios` writes all scenarios into a capture of that name."""
    result, begin = Result("captures"), time.monotonic()
    plugins = {"reference": build(tree, chosen.work / ("plugin-" + tree.name), chosen.jobs),
               "current": build(engines.CURRENT, chosen.work / ("plugin-" + digest_of(engines.CURRENT)),
                                chosen.jobs)}
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        captures = folder / "captures"
        captures.mkdir()
        for path in sorted((engines.CURRENT / "sample-captures").glob("*.pcap*")):
            shutil.copy(path, captures)
        write_scenarios(captures / "scenarios.pcap")
        shark = Shark(folder, plugins, chosen.work / "answers")
        for name in plugins:
            shark.require_plugin(name, captures / "scenarios.pcap")
        tasks = list(itertools.product(sorted(captures.glob("*.pcap*")), QUESTIONS))
        compare_answers(shark, result, tasks, chosen.jobs)
    result.seconds = time.monotonic() - begin
    return result
