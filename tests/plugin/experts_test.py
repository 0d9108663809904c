#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Experts: each is found in every way, with its severity, and counted alike with and without a tree.

With `-q -z expert` no tree is built, with a filter on experts the protocol isn't "referenced": two ways to
lose them.
"""

import re

import contract
import packets
import shark
from talk import Talk

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

    def check_found(self, name, severity, capture, *passes):
        """By -T fields in a table of all, by -Y on its name, by -Y on its severity."""
        self.assertIn("tcpfsm.expert." + name, self.registered())
        experts = sorted(field for field in self.registered() if field.startswith("tcpfsm.expert."))
        column = experts.index("tcpfsm.expert." + name)
        found = [number for number, row in enumerate(self.rows(capture, experts, *passes), 1) if row[column]]
        self.assertNotEqual(found, [], "no %s in %s" % (name, capture))
        rule = "tcpfsm.expert.%s && _ws.expert.severity == %d" % (name, SEVERITIES[severity])
        self.assertEqual(self.numbers(capture, rule, *passes), found)


class Experts(ExpertTest):
    def test_each_is_found_in_its_capture(self):
        for name, (severity, capture) in contract.EXPERTS.items():
            with self.subTest(expert=name):
                self.check_found(name, severity, capture)

    def test_nothing_is_an_error(self):
        text = self.tshark("everything", "-2", "-Y", "tcpfsm && _ws.expert.severity == 0x800000")
        self.assertEqual(text, "")

    def test_registers_the_promised_experts(self):
        promised = set(contract.EXPERTS) | set(contract.END_EXPERTS) | {"many_embryonic", "many_idle"}
        self.assertEqual(promised - {name.split(".")[-1] for name in self.registered()}, set())

    def test_text_is_found_by_its_message(self):
        """The columns and fields of the expert dissector itself."""
        rows = self.rows("stock-errors", ["_ws.expert.message", "tcpfsm.expert.challenge_ack"], "-Y",
                         "tcpfsm.expert.challenge_ack")
        self.assertEqual(len(rows), 1)
        self.assertTrue(any("hallenge" in message for message in rows[0][0]), rows)

    def test_statistics_count_alike_with_and_without_a_tree(self):
        for capture in shark.distinct():
            with self.subTest(capture=capture):
                self.assertEqual(self.ours(self.counts(capture, "-q")), self.ours(self.counts(capture, "-V")))

    def test_statistics_count_alike_in_two_passes(self):
        for capture in ("everything", "stock-errors"):
            with self.subTest(capture=capture):
                self.assertEqual(self.ours(self.counts(capture, "-2", "-q")),
                                 self.ours(self.counts(capture, "-2", "-V")))

    def test_statistics_have_what_filters_find(self):
        counts = self.ours(self.counts("everything", "-q"))
        self.assertNotEqual(counts, {})
        experts = {**contract.EXPERTS, **contract.END_EXPERTS}
        by_severity = {severity: 0 for severity in ("Chats", "Notes", "Warns")}
        for (severity, _, _), count in counts.items():
            by_severity[severity] += count
        fields = [field for field in self.registered() if field.split(".")[-1] in experts
                  and field.startswith("tcpfsm.expert.")]
        found = {severity: 0 for severity in by_severity}
        for row in self.rows("everything", fields):
            for field, values in zip(fields, row):
                found[experts[field.split(".")[-1]][0] + "s"] += len(values)
        self.assertEqual(found, by_severity)

    def test_per_segment_experts_are_equal_in_two_passes(self):
        """But those that need the end of the capture."""
        fields = ["tcpfsm.expert." + name for name in contract.EXPERTS if name != "backlog_overflow"
                  and "tcpfsm.expert." + name in self.registered()]
        for capture in shark.distinct() + shark.world().samples:
            with self.subTest(capture=capture):
                self.assertEqual(self.rows(capture, fields, "-2"), self.rows(capture, fields))

    def test_expert_filter_without_fields(self):
        """-Y on experts alone, with the default text output: the protocol is referenced by nothing else."""
        text = self.tshark("stock-errors", "-Y", "tcpfsm.expert.reset_invalid")
        self.assertEqual(len(text.splitlines()), 1)
        text = self.tshark("stock-errors", "-Y", "_ws.expert.message contains \"hallenge\"")
        self.assertGreaterEqual(len(text.splitlines()), 1)
        text = self.tshark("stock-errors", "-Y", "tcpfsm.expert.challenge_ack or tcpfsm.expert.refused")
        self.assertEqual(len(text.splitlines()), 2)


class EndOfCapture(ExpertTest):
    """Those that only the end of the capture allows to say."""

    def test_each_is_found_in_its_capture(self):
        for name, (severity, capture) in contract.END_EXPERTS.items():
            with self.subTest(expert=name):
                self.check_found(name, severity, capture, "-2")

    def test_stand_on_the_segment_that_began_it(self):
        """Frames of the capture: the first SYN, the first SYN-ACK, the FIN, its first copy ..."""
        fields = ["tcp.srcport", "tcp.dstport", "tcp.flags"]
        rows = self.rows("unfinished", fields)

        def first(port, flags, skip=0):
            found = [number for number, (source, target, bits) in enumerate(rows, 1)
                     if str(port) in (source[0], target[0]) and int(bits[0], 16) == flags]
            return [found[skip]]

        expected = {
            "unanswered": first(42011, 0x02),
            "embryonic": first(42012, 0x12),
            "fin_unacknowledged": first(42014, 0x11),
            "last_ack_missing": first(42015, 0x11, skip=1),
            "idle": first(42017, 0x10),
        }
        for name, frames in expected.items():
            self.assertEqual(self.numbers("unfinished", "tcpfsm.expert." + name, "-2"), frames, name)
        self.assertIn(first(42013, 0x11)[0],
                      self.numbers("unfinished", "tcpfsm.expert.close_wait_stuck", "-2"))
        self.assertIn(first(42018, 0x10, skip=3)[0],
                      self.numbers("unfinished", "tcpfsm.expert.fin_wait_2_stuck", "-2"))
        self.assertIn(first(42016, 0x18, skip=2)[0],
                      self.numbers("unfinished", "tcpfsm.expert.peer_silent", "-2"))

    def test_many(self):
        frames = []
        for port in range(40):
            frames += Talk(44000 + port, start=port * 0.1).c("S").frames
            frames += Talk(45000 + port, service=81, start=100 + port * 0.1).open().frames
        frames += Talk(46000, start=300).open().exchange().close().frames
        path = shark.world().folder + "/captures/many.pcap"
        packets.write(path, sorted(frames, key=lambda frame: frame[0]))
        shark.world().open_to_all()
        for name in ("many_embryonic", "many_idle"):
            self.assertEqual(len(self.numbers(path, "tcpfsm.expert." + name, "-2")), 1, name)
            self.assertEqual(self.numbers(path, "tcpfsm.expert." + name, "-2", "-o", "tcpfsm.many_limit:100"),
                             [])


if __name__ == "__main__":
    shark.main()
