# SPDX-License-Identifier: GPL-2.0-or-later
"""The tests of the engine, built around an engine that is all its mutants at once, and run."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import time

import source

HERE = pathlib.Path(__file__).parent
ENGINE = "plugin/engine"
FLAGS = ["-std=c11", "-O1", "-w", "-include", str(HERE / "switch.h")]
FOLDERS = "unit", "support", "rig", "simulation", "fuzz", "scenarios", "known-defects"
COPIED = (ENGINE, *("tests/" + folder for folder in FOLDERS))
ATTEMPTS = 8          # at leaving out what can't be compiled
FIRST_WORLDS = 400    # of the simulation: most of what it finds, it finds there
FUZZ = (("header", ["header_fuzz.c"], 20),  # inputs made of each that is kept
        ("sequence", ["sequence_fuzz.c", "story.c"], 5),
        ("late", ["late_fuzz.c", "story.c"], 5))
FUZZ_LENGTH = 385


class Fault(Exception):
    pass


class Group:
    """A program and its arguments: one run of it is a test."""

    def __init__(self, name, program, arguments):
        self.name, self.program, self.arguments = name, program, [str(argument) for argument in arguments]
        self.seconds, self.met = 0, b""


class Variant:
    """The objects of the engine and of the tests; those of a threshold's mutant are partly its own."""

    def __init__(self, builder, folder, objects):
        self.builder, self.folder, self.objects = builder, folder, objects

    def executable(self, name):
        path = self.folder / name
        if not path.exists():
            self.builder.link(self.builder.programs[name], self.objects, path)
        return path


class Builder:
    """The folder `work` holds a copy of what is needed, with all mutants in it, and what is built of it."""

    def __init__(self, root, work, mutants, jobs):
        self.root, self.work, self.jobs = root, work, jobs
        self.mutants = list(mutants)
        self.unbuilt = []  # mutants that the compiler refuses
        self.tree = work / "tree"
        self.compiler = os.environ.get("CC", "cc")
        self.texts = {}    # of a source: what is left of it with the thresholds' values not filled in

    def copy(self):
        shutil.rmtree(self.work, ignore_errors=True)
        for part in COPIED:
            if (self.root / part).is_dir():
                shutil.copytree(self.root / part, self.tree / part)
        self.engine = sorted((self.tree / ENGINE).rglob("*.c"))
        self.programs = {}
        for path in sorted((self.tree / "tests/unit").rglob("*_test.c")):
            name = path.stem[:-len("_test")]
            if not re.search(r'#include "(store|capture)[./]', path.read_text()):
                self.programs["unit-" + name] = [path]
        support = sorted((self.tree / "tests/support").glob("*.c"))
        for name in ("rig", "simulation"):
            if (self.tree / "tests" / name).is_dir():
                self.programs[name] = sorted((self.tree / "tests" / name).glob("*.c")) + support
        if (self.tree / "tests/fuzz/corpus").is_dir():
            for name, files, _ in FUZZ:
                self.programs["fuzz-" + name] = [self.tree / "tests/fuzz" / file
                                                 for file in [*files, "replay.c"]] + support

    def rewrite(self):
        """Writes all mutants into the copy."""
        by_file = {mutant.file: [] for mutant in self.unbuilt}
        for mutant in self.mutants:
            by_file.setdefault(mutant.file, []).append(mutant)
        for file, mutants in by_file.items():
            text = (self.root / file).read_text()
            (self.tree / file).write_text(source.rewritten(text, mutants))
        values = {source.value_macro(mutant): mutant.value[1] for mutant in self.mutants if mutant.value}
        lines = ["#ifndef %s\n#define %s (%s)\n#endif\n" % (macro, macro, value)
                 for macro, value in values.items()]
        (self.work / "values.h").write_text("".join(lines))

    def command(self, path, *more):
        macros = [] if "-E" in more else ["-include", str(self.work / "values.h")]
        folders = ["-I", str(self.tree / ENGINE), "-I", str(self.tree / "tests/unit")]
        return [self.compiler, *FLAGS, *macros, *folders, *more, str(path)]

    def object_of(self, path, folder):
        return folder / (re.sub(r"\W", "-", os.path.relpath(path, self.tree)) + ".o")

    def compile(self, path, folder, *more):
        made = self.object_of(path, folder)
        command = self.command(path, "-c", "-o", str(made), *more)
        done = subprocess.run(command, capture_output=True, text=True)
        return made, done.stderr if done.returncode else ""

    def link(self, sources, objects, path):
        parts = [str(objects[part]) for part in sources + self.engine + [HERE / "switch.c"]]
        cells = ["-Wl,--wrap=fsm_step"] if any(source.name == "cells.c" for source in sources) else []
        done = subprocess.run([self.compiler, "-o", str(path), *parts, *cells],
                              capture_output=True, text=True)
        if done.returncode:
            raise Fault(done.stderr)

    def refused(self, errors):
        """The mutants on the lines that the compiler complains of."""
        places = {(os.path.relpath(file, self.tree), int(line))
                  for file, line in re.findall(r"(\S+?):(\d+):", errors) if file.startswith(str(self.tree))}
        return {mutant for mutant in self.mutants if (mutant.file, mutant.line) in places}

    def compile_all(self, pool, sources):
        """The objects; mutants that can't be compiled are left out."""
        objects = {}
        for _ in range(ATTEMPTS):
            missing = [path for path in sources if path not in objects]
            errors = ""
            for path, (made, error) in zip(missing, pool.map(lambda path: self.compile(
                    path, self.work, "-DMUTANTS=%d" % self.highest()), missing)):
                if error:
                    errors += error
                else:
                    objects[path] = made
            if not errors:
                return objects
            refused = self.refused(errors)
            if not refused:
                raise Fault(errors)
            self.mutants = [mutant for mutant in self.mutants if mutant not in refused]
            self.unbuilt += sorted(refused, key=lambda mutant: mutant.number)
            self.rewrite()
            objects = {}
        raise Fault(errors)

    def highest(self):
        return max((mutant.number for mutant in self.mutants), default=0)

    def build(self):
        self.copy()
        self.rewrite()
        sources = sorted({path for paths in self.programs.values() for path in paths} |
                         {*self.engine, HERE / "switch.c"})
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            objects = self.compile_all(pool, sources)
            if any(mutant.value for mutant in self.mutants):
                self.texts = dict(zip(sources, pool.map(self.text, sources)))
            variant = Variant(self, self.work, objects)
            list(pool.map(variant.executable, self.programs))
        return variant

    def text(self, path):
        return subprocess.run(self.command(path, "-E", "-P"), capture_output=True, text=True).stdout

    def uses(self, text, mutant):
        """Does this source do more with the threshold than define it?"""
        name, macro = mutant.value[0], source.value_macro(mutant)
        marks = len(re.findall(r"\b%s\b" % macro, text))
        names = text.count(name) - marks
        defined = re.search(r"%s\s*=\s*\(?\s*%s\b" % (name, macro), text)
        return marks > 0 and not (marks == 1 and names == 1 and defined)

    def threshold(self, base, mutant):
        """The programs with another value; None if nothing can be built with it, or nothing depends on it."""
        folder = self.work / ("threshold-%d" % mutant.number)
        folder.mkdir()
        objects, changed = dict(base.objects), False
        for path, text in self.texts.items():
            if self.uses(text, mutant):
                changed = True
                definition = "-D%s=%s" % (source.value_macro(mutant), mutant.value[2])
                objects[path], error = self.compile(path, folder, definition, "-DMUTANTS=%d" % self.highest())
                if error:
                    return Variant(self, folder, None), changed
        return Variant(self, folder, objects), changed


def groups_of(builder, worlds):
    """The tests, the quick ones first."""
    groups = [Group(name, name, []) for name in builder.programs if name.startswith("unit-")]
    scenarios = sorted((builder.tree / "tests/scenarios").rglob("*.seg"))
    if "rig" in builder.programs and scenarios:
        groups.append(Group("scenarios", "rig", ["check", *scenarios]))
        defects = sorted((builder.tree / "tests/known-defects").glob("*.seg"))
        if defects:
            groups.append(Group("known-defects", "rig", ["defects", *defects]))
        excuses = builder.tree / "tests/scenarios/impossible.txt"
        if excuses.exists():
            groups.append(Group("scenario-coverage", "rig", ["coverage", excuses, *scenarios, *defects]))
    if "simulation" in builder.programs:
        first = min(worlds, FIRST_WORLDS)
        groups.append(Group("simulation", "simulation", [1, first]))
        if worlds > first:
            groups.append(Group("simulation-more", "simulation", [first + 1, worlds - first]))
    for name, _, rounds in FUZZ:
        if "fuzz-" + name in builder.programs:
            corpus = builder.tree / "tests/fuzz/corpus" / name
            groups.append(Group("fuzz-" + name, "fuzz-" + name, [corpus, rounds, FUZZ_LENGTH]))
    return groups


def run(executable, group, number, timeout, met=None):
    """Does that mutant pass the test?"""
    environment = dict(os.environ, TCPFSM_MUTANT=str(number))
    if met:
        environment["TCPFSM_MUTANTS_MET"] = str(met)
    try:
        done = subprocess.run([str(executable), *group.arguments], env=environment, timeout=timeout,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def measure(base, group):
    """How long the test takes for the engine as it is, and which mutants it comes to. Does it pass at all?"""
    met = base.folder / (group.name + ".met")
    start = time.monotonic()
    passed = run(base.executable(group.program), group, 0, 600, met)
    group.seconds = time.monotonic() - start
    group.met = met.read_bytes() if passed else b""
    return passed
