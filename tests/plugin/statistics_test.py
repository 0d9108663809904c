#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: statistics_test.py [--update]

What the statistics say of all sample captures and of all scenarios, compared to goldens/statistics, which
--update writes anew. (The ladders of the samples have goldens of their own.) What depends on the version of
Wireshark is left out: the numbers of streams, and a tree's columns of rates.
"""
import re
import sys
from pathlib import Path

import shark

HERE = Path(__file__).resolve().parent
GOLDENS = HERE / "goldens" / "statistics"
CAPTURES = ("samples", "scenarios")
QUIET_TAIL = ("-o", "tcpfsm.quiet_tail:90")


def without_stream(text):
    return re.sub(r'"stream":\d+,', "", text)


def without_stream_column(text):
    """And without the blanks that make columns."""
    rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if "|" in line]
    return "".join("|".join(row[:1] + row[2:]) + "\n" for row in rows)


def counts_alone(text):
    rows = re.findall(r"^( *\S.*?) {2,}(\d+) ", text, re.M)
    return "".join("%s: %s\n" % row for row in rows)


STATISTICS = {
    "json": without_stream,
    "connections": without_stream_column,
    "tree": counts_alone,
    "dot": str,
    "services": str,
}


class Statistics(shark.SharkTest):
    def said(self, capture, name, *options):
        path = shark.scenarios() if capture == "scenarios" else capture
        return self.tshark(path, "-q", "-z", "tcpfsm," + name, *QUIET_TAIL, *options)

    def test_goldens(self):
        for capture in CAPTURES:
            for name, kept in STATISTICS.items():
                with self.subTest(capture=capture, statistic=name):
                    golden = (GOLDENS / f"{capture}.{name}").read_text(encoding="utf-8")
                    self.assertGreater(len(golden), 500)
                    got = kept(self.said(capture, name))
                    pairs = zip(got.splitlines(), golden.splitlines())
                    differing = [pair for pair in pairs if pair[0] != pair[1]]
                    self.assertEqual(differing[:1], [], "--update writes the goldens anew")
                    self.assertEqual(len(got), len(golden), "more or fewer lines")

    def test_two_passes_say_the_same(self):
        """All of it is told at the end, when one pass knows as much as two."""
        for capture in CAPTURES:
            for name in (*STATISTICS, "ladder", "ladder,tcp"):
                with self.subTest(capture=capture, statistic=name):
                    self.assertTrue(self.said(capture, name) == self.said(capture, name, "-2"), "differs")

    def test_ladder_of_all_scenarios(self):
        """A picture of each connection, none wider than it may be, each segment accounted for."""
        text = self.said("scenarios", "ladder,tcp")
        rows = self.rows(shark.scenarios(), ["tcpfsm.connection"])
        expected = sorted({int(row[0][0]) for row in rows if row[0]})
        found = [int(number) for number in re.findall(r"^Connection (\d+)", text, re.M)]
        self.assertEqual(found, expected)
        self.assertLessEqual(max(map(len, text.splitlines())), 100)
        drawn = len(re.findall(r"^ *\d+ +\d+\.\d{6} ", text, re.M))
        self.assertGreater(drawn, len(rows) * 3 // 4, "the rest is folded")


def update():
    """Only what shark.py's checks let pass."""
    test = Statistics()
    GOLDENS.mkdir(parents=True, exist_ok=True)
    for capture in CAPTURES:
        for name, kept in STATISTICS.items():
            (GOLDENS / f"{capture}.{name}").write_text(kept(test.said(capture, name)), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        update()
    else:
        shark.main()
