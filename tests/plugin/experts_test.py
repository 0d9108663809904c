#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Experts: each is found in every way, with its severity, and counted alike with and without a tree.

With `-q -z expert` no tree is built, with a filter on experts the protocol isn't "referenced": two ways to
lose them.
"""

import re
import unittest

import contract
import shark

SEVERITIES = {"Chat": 0x200000, "Note": 0x400000, "Warn": 0x600000}
STATISTICS = "expert"


class ExpertTest(shark.SharkTest):
    def counts(self, capture, *options):
        """{(severity, protocol, summary): count} as `-z expert` prints it."""
        text = self.tshark(capture, *options, "-z", STATISTICS)
        result, severity = {}, None
        for line in text.splitlines():
            heading = re.match(r"^(Errors|Warns|Notes|Chats) \((\d+)\)$", line)
            entry = re.match(r"^ +(\d+) +(\w+) +(\S+)  (.*)$", line)
            if heading:
                severity = heading.group(1)
            elif severity and entry:
                key = (severity, entry.group(3), entry.group(4))
                result[key] = result.get(key, 0) + int(entry.group(1))
        return result

    def ours(self, counts):
        return {key: count for key, count in counts.items() if key[1] == "TCPFSM"}


CAPTURES = ("everything", "samples", "cut-after-header")
EXPERTS = sorted("tcpfsm.expert." + name for name in contract.EXPERTS)


class Experts(ExpertTest):
    def each(self):
        """(name, severity, capture, display filter on its name and severity alone)"""
        for name, (severity, capture) in contract.EXPERTS.items():
            yield (name, severity, capture,
                   "tcpfsm.expert.%s && _ws.expert.severity == %d" % (name, SEVERITIES[severity]))

    def test_each_is_found_in_its_capture(self):
        """In a table of all, and by a filter: in tshark one expert of each severity and pass."""
        filtered = set()
        for name, severity, capture, rule in self.each():
            with self.subTest(expert=name):
                passes = ("-2",) if name in contract.HINDSIGHT + contract.BETWEEN else ()
                found = self.frames_with(capture, EXPERTS, *passes)["tcpfsm.expert." + name]
                self.assertNotEqual(found, [], "no %s in %s" % (name, capture))
                if (severity, passes) not in filtered:
                    filtered.add((severity, passes))
                    self.assertEqual(self.numbers(capture, rule, *passes), found)

    @unittest.skipUnless(shark.SHARKD, "sharkd isn't installed")
    def test_each_is_found_by_a_filter(self):
        """sharkd, which starts but once for all, has read the whole capture before, as two passes have."""
        for capture in sorted({capture for _, _, capture, _ in self.each()}):
            mine = [(name, rule) for name, _, where, rule in self.each() if where == capture]
            load = {"method": "load", "params": {"file": shark.world().paths[capture]}}
            asked = [{"method": "frames", "params": {"filter": rule, "column0": "frame.number:1"}}
                     for _, rule in mine]
            found = self.frames_with(capture, EXPERTS, "-2")
            for (name, _), frames in zip(mine, self.sharkd(load, *asked)[1:]):
                self.assertEqual([frame["num"] for frame in frames], found["tcpfsm.expert." + name], name)

    def test_nothing_is_an_error(self):
        text = self.tshark("everything", "-2", "-Y", "tcpfsm && _ws.expert.severity == 0x800000")
        self.assertEqual(text, "")

    def test_text_is_found_by_its_message(self):
        """The columns and fields of the expert dissector itself."""
        rows = self.rows("stock-errors", ["_ws.expert.message", "tcpfsm.expert.challenge_ack"], "-Y",
                         "tcpfsm.expert.challenge_ack")
        self.assertEqual(len(rows), 1)
        self.assertTrue(any("hallenge" in message for message in rows[0][0]), rows)

    def test_statistics_count_alike_with_and_without_a_tree(self):
        for capture in CAPTURES:
            with self.subTest(capture=capture):
                counts = self.ours(self.counts(capture, "-q"))
                self.assertNotEqual(counts, {})
                self.assertEqual(counts, self.ours(self.counts(capture, "-V")))

    def test_statistics_count_alike_in_two_passes(self):
        for capture in CAPTURES:
            with self.subTest(capture=capture):
                self.assertEqual(self.ours(self.counts(capture, "-2", "-q")),
                                 self.ours(self.counts(capture, "-2", "-V")))

    def test_statistics_have_what_filters_find(self):
        counts = self.ours(self.counts("everything", "-q"))
        self.assertNotEqual(counts, {})
        by_severity = {severity: 0 for severity in ("Chats", "Notes", "Warns")}
        for (severity, _, _), count in counts.items():
            by_severity[severity] += count
        found = {severity: 0 for severity in by_severity}
        for row in self.rows("everything", EXPERTS):
            for field, values in zip(EXPERTS, row):
                found[contract.EXPERTS[field.split(".")[-1]][0] + "s"] += len(values)
        self.assertEqual(found, by_severity)

    def test_are_equal_in_two_passes(self):
        """All but those that take hindsight."""
        equal = ["tcpfsm.expert." + name for name in contract.EXPERTS
                 if name not in contract.HINDSIGHT + contract.WITNESSED]
        for capture in CAPTURES:
            with self.subTest(capture=capture):
                self.check_same(self.rows(capture, equal, "-2"), self.rows(capture, equal), equal)

    def test_hindsight_knows_more(self):
        """Each that one pass tells of a connection, two passes tell of it, too."""
        fields = ["tcpfsm.connection"] + ["tcpfsm.expert." + name for name in contract.HINDSIGHT
                                          if not name.startswith("many")]
        for capture in CAPTURES:
            with self.subTest(capture=capture):
                told = [{(row[0][0], field) for row in self.rows(capture, fields, *passes)
                         for field, values in zip(fields[1:], row[1:]) if values}
                        for passes in ((), ("-2", "-o", "tcpfsm.quiet_tail:90"))]
                self.assertLessEqual(*told)
                self.assertGreater(len(told[1]), len(told[0]) if capture == "everything" else -1)

    def test_expert_filter_without_fields(self):
        """-Y on experts alone, with the default text output: the protocol is referenced by nothing else."""
        text = self.tshark("stock-errors", "-Y", "tcpfsm.expert.reset_suspect")
        self.assertEqual(len(text.splitlines()), 1)
        text = self.tshark("stock-errors", "-Y", "_ws.expert.message contains \"hallenge\"")
        self.assertGreaterEqual(len(text.splitlines()), 1)
        text = self.tshark("stock-errors", "-Y", "tcpfsm.expert.challenge_ack or tcpfsm.expert.refused")
        self.assertEqual(len(text.splitlines()), 2)

    def test_chats_are_there_for_whoever_asks(self):
        """An invisible tree has only those that anybody can read: by a field of theirs, of the expert
        dissector, of what stands below them, or in a column."""
        fields = ["tcpfsm.expert.step", "tcpfsm.finding.frame"]
        found = self.frames_with("everything", fields)
        for field in fields:
            self.assertNotEqual(found[field], [])
            self.assertEqual(self.numbers("everything", field), found[field])
        rule = '_ws.expert.message matches "^(Handshake|Teardown)" && tcpfsm'
        by_message = self.numbers("everything", rule)
        self.assertLessEqual(set(found["tcpfsm.expert.step"]), set(by_message))
        text = self.tshark("everything", "-Y", "frame", "-o", 'gui.column.format:"No.","%m","Expert","%a"')
        without = [int(line) for line in text.splitlines() if len(line.split()) == 1]
        self.assertFalse(set(found["tcpfsm.expert.step"]) & set(without))


if __name__ == "__main__":
    shark.main()
