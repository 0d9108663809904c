# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the programs that have a shadow, in pieces, and adds up what the shadow reports."""
import concurrent.futures
import difflib
import os
import re
import subprocess
import sys
import tempfile
import time

import engines

WORLDS_AT_ONCE = 50
STORIES_AT_ONCE = 25000
SCENARIOS_AT_ONCE = 40
PIECES_LOOKED_INTO = 3      # for the very scenarios and worlds that differ


class Result:
    """A line of the table."""

    def __init__(self, kind):
        self.kind, self.sequences, self.segments, self.differing, self.seconds = kind, 0, 0, 0, 0.0
        self.headers = self.headers_differing = 0
        self.reports, self.culprits, self.remarks = [], [], []

    def take(self, report):
        *blocks, counts = re.split(r"^(?=difference in |counts )", report, flags=re.M)
        if not counts.startswith("counts "):
            sys.exit("a program that compares %s has died:\n%s" % (self.kind, report[-3000:]))
        sequences, segments, differing, headers, headers_differing = map(int, counts.split()[1:])
        self.sequences += sequences
        self.segments += segments
        self.differing += differing
        self.headers += headers
        self.headers_differing += headers_differing
        self.reports += [block for block in blocks if block]
        return differing + headers_differing


class Comparison:
    def __init__(self, reference, current, programs, jobs, shown):
        self.reference, self.current, self.programs = reference, current, programs
        self.jobs, self.shown = jobs, shown

    def run(self, kind, arguments, shown):
        """What the shadow reports, and the program's own status and words."""
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as report:
            environment = {**os.environ, "TCPFSM_REPORT": report.name, "TCPFSM_SHOWN": str(shown),
                           "TCPFSM_REFERENCE": str(self.reference), "TCPFSM_CURRENT": str(self.current)}
            done = subprocess.run([self.programs[kind], *map(str, arguments)], env=environment,
                                  cwd=engines.CURRENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  encoding="utf-8", errors="replace", check=False)
            if done.returncode < 0 or done.returncode > 1:
                sys.exit("%s: status %d\n%s\n%s" % (kind, done.returncode, done.stdout[-2000:],
                                                    report.read()[-3000:]))
            return report.read(), done.returncode, done.stdout

    def compare(self, kind, pieces, name_single):
        """`pieces`: lists of units; `name_single`: the arguments for some units, and the name of one."""
        result, begin, suspicious = Result(kind), time.monotonic(), []
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            runs = pool.map(lambda piece: self.run(kind, name_single(piece), self.shown), pieces)
            for piece, (report, status, words) in zip(pieces, runs):
                if result.take(report):
                    suspicious.append(piece)
                if status:
                    result.remarks.append(words.strip())
        if kind != "stories":
            units = [unit for piece in suspicious[:PIECES_LOOKED_INTO] for unit in piece]
            result.culprits = [unit for unit in units
                               if Result(kind).take(self.run(kind, name_single([unit]), 0)[0])]
        result.seconds = time.monotonic() - begin
        return result

    def scenario_files(self):
        files = sorted((engines.CURRENT / "tests" / "scenarios").rglob("*.seg"))
        return [str(file.relative_to(engines.CURRENT)) for file in files]

    def scenarios(self):
        pieces = pieces_of(self.scenario_files(), SCENARIOS_AT_ONCE)
        return self.compare("scenarios", pieces, lambda piece: ["check", *piece])

    def write_scenarios(self, capture):
        """All of them as one capture."""
        self.run("scenarios", ["capture", capture, *self.scenario_files()], 0)

    def simulation(self, worlds):
        return self.compare("simulation", pieces_of(range(1, worlds + 1), WORLDS_AT_ONCE),
                            lambda piece: [piece[0], len(piece), 10])

    def stories(self, stories, first, seeds):
        numbers = range(first, first + stories)
        return self.compare("stories", pieces_of(numbers, STORIES_AT_ONCE),
                            lambda piece: [piece[0], len(piece), *seeds])

    def tables(self):
        result, begin = Result("tables"), time.monotonic()
        said = [subprocess.run([self.programs["tables"], side], stdout=subprocess.PIPE, encoding="utf-8",
                               check=True).stdout.splitlines() for side in (self.reference, self.current)]
        result.segments = len(said[0])
        result.sequences = 1
        lines = [line for line in difflib.unified_diff(*said, "reference", "current", n=0, lineterm="")
                 if line[0] in "+-" and line[:3] not in ("+++", "---")]
        result.differing = len(lines)
        result.reports = ["%s\n" % line for line in lines]
        result.seconds = time.monotonic() - begin
        return result


def pieces_of(units, size):
    return [units[at:at + size] for at in range(0, len(units), size)]
