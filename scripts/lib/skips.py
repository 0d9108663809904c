#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: skips.py LIST JUNIT... | --self-test

Which tests of these runs of ctest didn't run, and may they be left out here? Fails for each that isn't on
the LIST (tests/skips.txt says how that reads), for ctest itself counts it as no failure, and a test within a
Python file isn't even seen by it: tests/plugin/shark.py prints a line for each of those.
"""
import fnmatch
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WITHIN = re.compile(r"^SKIPPED (.+?): (.*)$", re.M)


def left_out(junit):
    """(test, what it says) of each that didn't run."""
    for case in xml.etree.ElementTree.parse(junit).iter("testcase"):
        name, text = case.get("name"), case.findtext("system-out") or ""
        if case.get("status") in ("notrun", "disabled"):
            yield name, " ".join(text.split())[-300:] or "not run"
        for within, reason in WITHIN.findall(text):
            yield "%s:%s" % (name, within), reason


class Excuses:
    def __init__(self, path):
        self.lines = []
        self.applies = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                parts = [part.replace("\\|", "|").strip() for part in re.split(r"(?<!\\)\|", line)]
                if len(parts) != 3 or not all(parts):
                    sys.exit("%s: not TEST | WHERE | WHY: %s" % (path, line))
                self.lines.append(parts)

    def is_here(self, where):
        if where not in self.applies:
            self.applies[where] = subprocess.run(["sh", "-c", where], cwd=ROOT, stdout=subprocess.DEVNULL,
                                                 stderr=subprocess.DEVNULL, check=False).returncode == 0
        return self.applies[where]

    def of(self, test):
        return next((why for pattern, where, why in self.lines
                     if fnmatch.fnmatchcase(test, pattern) and self.is_here(where)), None)


def judge(excuses, junits):
    """The lines to print, and how many of them are faults."""
    lines, faults = [], 0
    for test, says in sorted(set(pair for junit in junits for pair in left_out(junit))):
        why = excuses.of(test)
        lines.append("not run: %s: %s" % (test, why) if why else
                     "NOT RUN, which tests/skips.txt doesn't allow here: %s: %s" % (test, says))
        faults += not why
    return lines, faults


SELF_TEST_JUNIT = """<?xml version="1.0"?><testsuite name="t" tests="5">
<testcase name="a" status="run"><system-out>SKIPPED is no line of its own</system-out></testcase>
<testcase name="b" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/><system-out>no
tool</system-out></testcase>
<testcase name="c" status="notrun"><system-out>no tool</system-out></testcase>
<testcase name="d" status="run"><system-out>..
SKIPPED Class.one: not here
SKIPPED Class.two: not here
</system-out></testcase>
<testcase name="e" status="disabled"/>
</testsuite>
"""
SELF_TEST_LIST = """# a comment

b | true | there is none
c | false | elsewhere
d:Class.o* | echo x \\| grep x | this one
"""
SELF_TEST_LINES = [
    "not run: b: there is none",
    "NOT RUN, which tests/skips.txt doesn't allow here: c: no tool",
    "not run: d:Class.one: this one",
    "NOT RUN, which tests/skips.txt doesn't allow here: d:Class.two: not here",
    "NOT RUN, which tests/skips.txt doesn't allow here: e: not run",
]


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        junit, excuses = pathlib.Path(folder, "junit.xml"), pathlib.Path(folder, "skips.txt")
        junit.write_text(SELF_TEST_JUNIT)
        excuses.write_text(SELF_TEST_LIST)
        found = judge(Excuses(excuses), [junit, junit])
    if found != (SELF_TEST_LINES, 3):
        print("found: %s, %d\nexpected: %s, 3" % (*found, SELF_TEST_LINES))
        return 1
    Excuses(ROOT / "tests" / "skips.txt")
    return 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) < 3:
        print(__doc__)
        return 2
    lines, faults = judge(Excuses(pathlib.Path(sys.argv[1])), sys.argv[2:])
    print("".join(line + "\n" for line in lines), end="")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
