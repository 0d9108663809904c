# SPDX-License-Identifier: GPL-2.0-or-later
"""What both trees are asked. A question is answered with text; its parts can be asked at the same time.

Scenarios: the rig's values of each segment of each scenario. Simulation: what the engine says of simulated
captures, by each of the observers that miss something. Captures: what tshark shows with the plugin.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

NOBODY = 65534
CAPTURES = [["-V"], ["-2", "-V"], ["-q", "-z", "tcpfsm,json", "-z", "expert"]]
SCENARIOS_AT_ONCE = 20


def ask(command, **more):
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, **more)
    return "%s\nstatus %d\n" % (done.stdout.decode("utf-8", "replace"), done.returncode)


class Scenarios:
    """Those of the tree that is worked on: the notation may have grown."""

    def __init__(self, tree):
        files = sorted((tree.sources / "tests" / "scenarios").rglob("*.seg"))
        self.parts = [files[at:at + SCENARIOS_AT_ONCE] for at in range(0, len(files), SCENARIOS_AT_ONCE)]

    def name(self, part):
        return "%s ... %s" % (part[0].stem, part[-1].stem)

    def answer(self, tree, part):
        return ask([tree.program("scenario_rig"), "dump-each", *part])


class Simulation:
    """Each tree's own: who changes the simulation sees other captures."""

    def __init__(self, tree, worlds):
        header = (tree.sources / "tests" / "simulation" / "spoiling.h").read_text(encoding="utf-8")
        self.faults = len(re.findall(r"^    [A-Z_]+,", header.split("enum fault {")[1].split("}")[0], re.M))
        self.parts = list(range(1, worlds + 1))

    def name(self, part):
        return "world %d" % part

    def answer(self, tree, part):
        show = [tree.program("simulation"), "show", part]
        answers = (ask([*show, fault, "whole"]) for fault in range(self.faults + 1))
        return "".join("fault %d\n%s" % numbered for numbered in enumerate(answers))


class Captures:
    """As root, Wireshark doesn't look at WIRESHARK_PLUGIN_DIR: tshark runs as nobody then, and all that it
    needs lies in a temporary folder."""

    def __init__(self, trees, folder, more):
        self.folder, self.tshark = folder, shutil.which("tshark") or sys.exit("tshark isn't installed")
        version = subprocess.run([self.tshark, "--version"], stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, encoding="utf-8", check=True).stdout
        series = re.search(r"(\d+\.\d+)\.", version).group(1)
        self.places = {}
        for number, tree in enumerate(trees):
            place = folder / str(number) / series / "epan"
            place.mkdir(parents=True)
            shutil.copy(tree.plugin, place)
            self.places[tree] = folder / str(number)
        self.files = self.copy(trees[-1], more)
        (folder / "home").mkdir()
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        (folder / "home").chmod(0o777)
        self.parts = [(file, question) for file in self.files for question in CAPTURES]
        for tree in trees:
            said = self.answer(tree, (self.files[0], CAPTURES[-1]))
            if '{"connection":0,' not in said:
                sys.exit("tshark doesn't load the plugin of %s:\n%s" % (tree.sources, said[-2000:]))

    def copy(self, tree, more):
        """All scenarios as one capture, the sample captures, and those that were named."""
        captures = self.folder / "captures"
        captures.mkdir()
        scenarios = [path for part in Scenarios(tree).parts for path in part]
        files = [captures / "scenarios.pcap"]
        subprocess.run([tree.program("scenario_rig"), "capture", files[0], *scenarios], check=True)
        for path in sorted((tree.sources / "sample-captures").glob("*.pcap*")) + more:
            files.append(captures / ("%d-%s" % (len(files), path.name)))
            shutil.copy(path, files[-1])
        return files

    def name(self, part):
        return "%s, tshark %s" % (part[0].name, " ".join(part[1]))

    def answer(self, tree, part):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder / "home"), "LC_ALL": "C.UTF-8",
                       "TZ": "UTC", "WIRESHARK_PLUGIN_DIR": str(self.places[tree])}
        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        return ask([self.tshark, "-n", "-r", part[0], *part[1]], env=environment, cwd=self.folder, **identity)


def captures_below(paths):
    """Files, and what lies in folders."""
    found = []
    for path in map(pathlib.Path, paths):
        found += sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return found
