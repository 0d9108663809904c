#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said of a segment is the same in one pass, in two, with a read filter, with a session reset.

And the fields agree with each other and with the stock dissector's. What is said of a connection as a whole
is tested in connections_test.py.
"""
import re

import contract
import shark

FIELDS = contract.SEGMENT
OTHERS = ["frame.number", "tcp.stream", "tcp.window_size_value", "icmp.type", "icmpv6.type", "ip.flags.mf",
          "tcp.len", "tcp.seq", "tcp.seq_raw", "tcp.ack", "tcp.ack_raw", "tcp.flags.syn", "tcp.flags.fin",
          "tcp.flags.reset"]
HEALTHY = ["quiet", "healthy-cooked", "healthy-raw", "cut-after-header", "cut-after-window",
           "cut-within-header"]
SOME = ["everything", "samples", "cut-within-header"]
LINKS = ["tcpfsm.repeat_of", "tcpfsm.lost_frame", "tcpfsm.seq.from_frame", "tcpfsm.ack.from_frame"]


# What a departure tells of its arrival, which comes later in the file.
ARRIVAL = re.compile(r" The same segment in frame \d+, ([\d.]+ ms later, )?at the point near the \w+\.")


class Passes(shark.SharkTest):
    def check_equal(self, names, *options):
        for name in names:
            with self.subTest(capture=name):
                plain, others = self.rows(name, FIELDS), self.rows(name, FIELDS, *options)
                self.assertEqual(len(others), len(plain))
                for number, pair in enumerate(zip(plain, others), 1):
                    for field, before, now in zip(FIELDS, *pair):
                        if name == "two-points" and field == "tcpfsm.explain":
                            now, before = ([ARRIVAL.sub("", text) for text in texts]
                                           for texts in (now, before))
                        self.assertEqual(now, before, "frame %d %s" % (number, field))

    def test_two_passes(self):
        self.check_equal(shark.distinct(), "-2")

    def test_two_passes_with_a_read_filter_that_lets_all_pass(self):
        self.check_equal(SOME, "-2", "-R", "frame")

    def test_display_filter_that_lets_all_pass(self):
        self.check_equal(SOME, "-Y", "frame")

    def test_session_reset_behind_the_end(self):
        self.check_equal(SOME, "-M", "100000")

    def test_quiet_session_reset(self):
        """Each part of a reset session is followed anew: no crash, every segment still has its fields."""
        fields = ["tcp.stream", "tcpfsm.stream", "tcpfsm.explain"]
        for capture, packets in (("healthy-ipv6", 1), ("healthy", 7), ("stock-errors", 5),
                                 ("everything", 150)):
            count = len(self.rows(capture, fields))
            command = [shark.TSHARK, "-n", "-r", shark.world().paths[capture], "-M", str(packets), "-T",
                       "fields"]
            for field in fields:
                command += ["-e", field]
            status, text, complaint = shark.world().run(command)
            self.assertEqual(status, 0)
            self.assertEqual(set(complaint.splitlines()), {"resetting session."})
            lines = text.split("\n")[:-1]
            self.assertEqual(len(lines), count)
            for tcp, ours, explained in (line.split("\t") for line in lines):
                self.assertIn(ours, (tcp, ""))              # quoted in ICMP errors: tcp.stream alone
                self.assertEqual(bool(explained), bool(ours))

    def test_read_filter_rejects_frames(self):
        """With -R the rejected frames' numbers are given again; yet each shown segment has its own record."""
        plain = [field for field in FIELDS if field not in LINKS + ["tcpfsm.explain"]]
        for rule in ("tcp.flags.syn == 1", "tcp.dstport == 80", "tcp.len > 0", "tcp.flags.fin == 1"):
            with self.subTest(rule=rule):
                expected = self.rows("everything", plain, "-Y", rule)
                self.assertNotEqual(expected, [])
                self.assertEqual(self.rows("everything", plain, "-2", "-R", rule), expected)

    def test_read_filter_keeps_links_valid(self):
        rows = self.rows("everything", ["frame.number"] + LINKS, "-2", "-R", "tcp.dstport == 80")
        for row in rows:
            for values in row[1:]:
                for value in values:
                    self.assertLess(int(value), int(row[0][0]))


class Agreement(shark.SharkTest):
    """Fields agree with each other and with tcp.*, on every frame with one TCP header."""

    def each_segment(self, fields, names=None):
        """Of each frame the fields asked for; tshark itself is asked for all at once, once a capture."""
        for name in names or shark.distinct():
            for number, row in enumerate(self.rows(name, FIELDS + OTHERS), 1):
                self.where = "%s, frame %d" % (name, number)
                values = dict(zip(FIELDS + OTHERS, row))
                yield {field: values[field] for field in fields}

    where = ""

    def test_stream(self):
        count = 0
        for frame in self.each_segment(["tcp.stream", "tcpfsm.stream"]):
            if frame["tcpfsm.stream"]:
                self.assertEqual(frame["tcpfsm.stream"], frame["tcp.stream"], self.where)
                count += 1
        self.assertGreater(count, 200)

    def test_every_whole_segment_has_a_record(self):
        """All but those cut before the window. One quoted in an ICMP error is none: only the connection is
        named there, if the error answers its SYN."""
        errors = 0
        for frame in self.each_segment(FIELDS + OTHERS):
            if frame["icmp.type"] or frame["icmpv6.type"]:
                shown = [field for field in FIELDS if frame[field]]
                self.assertIn(shown, ([], ["tcpfsm.connection"]), self.where)
                errors += len(shown)
            elif frame["tcp.window_size_value"]:
                self.assertEqual(len(frame["tcpfsm.connection"]), 1, self.where)
        self.assertGreater(errors, 10)

    def test_length(self):
        fields = ["tcp.len", "tcp.flags.syn", "tcp.flags.fin", "tcpfsm.seq.length", "icmp.type",
                  "ip.flags.mf"]
        for frame in self.each_segment(fields):
            if frame["tcpfsm.seq.length"] and frame["tcp.len"] and frame["ip.flags.mf"] != ["1"]:
                expected = sum(int(frame[name][0]) for name in fields[:3])
                self.assertEqual(frame["tcpfsm.seq.length"], [str(expected)], self.where)

    def test_steps(self):
        for frame in self.each_segment(["tcpfsm.handshake.step", "tcpfsm.teardown.step", "tcpfsm.step"]):
            teardown = [str(int(step) + 3) for step in frame["tcpfsm.teardown.step"]]
            both = frame["tcpfsm.handshake.step"] + teardown
            self.assertEqual(sorted(frame["tcpfsm.step"]), sorted(both), self.where)

    def test_step_in_words(self):
        """As the ladder has it: its number of all, and what is sent."""
        seen = set()
        for frame in self.each_segment(["tcpfsm.handshake.step", "tcpfsm.teardown.step", "tcpfsm.step.str"]):
            opening, closing, text = frame.values()
            words = ["%s/3 %s" % (step, ("SYN", "SYN-ACK", "ACK")[int(step) - 1]) for step in opening]
            if closing:
                words.append("%s/4 %s" % ("+".join(closing), "FIN" if {"1", "3"} & {*closing} else "ACK"))
            self.assertEqual(text, [", ".join(words)] if words else [], self.where)
            seen.update(text)
        self.assertLessEqual({"1/3 SYN", "2/3 SYN-ACK", "3/3 ACK", "1/4 FIN", "2/4 ACK", "2+3/4 FIN",
                              "3/4 FIN", "4/4 ACK", "3/3 ACK, 1/4 FIN"}, seen)

    def test_states_by_role(self):
        fields = ["tcpfsm.sender.role", "tcpfsm.sender.state", "tcpfsm.peer.state", "tcpfsm.client.state",
                  "tcpfsm.server.state"]
        for frame in self.each_segment(fields):
            pair = [frame["tcpfsm.sender.state"], frame["tcpfsm.peer.state"]]
            if frame["tcpfsm.sender.role"] == ["2"]:
                pair.reverse()
            self.assertEqual([frame["tcpfsm.client.state"], frame["tcpfsm.server.state"]], pair, self.where)

    def test_validity_follows_the_verdict(self):
        for kind, accusing, untold in (("seq", contract.SEQ_ACCUSING, contract.SEQ_UNTOLD),
                                       ("ack", contract.ACK_ACCUSING, contract.ACK_UNTOLD)):
            fields = ["tcpfsm.%s.verdict" % kind, "tcpfsm.%s.valid" % kind]
            for verdict, valid in (frame.values() for frame in self.each_segment(fields)):
                if verdict:
                    number = int(verdict[0])
                    expected = [] if number in untold else ["0" if number in accusing else "1"]
                    self.assertEqual(valid, expected, self.where)

    def test_expected_number_of_segments_in_order(self):
        """Not for a RST: its number is right if the receiver expects it, whatever its sender sent."""
        fields = ["tcpfsm.seq.verdict", "tcp.seq", "tcp.seq_raw", "tcpfsm.seq.expected",
                  "tcpfsm.seq.expected_raw",
                  "tcp.flags.reset"]
        checked = 0
        for frame in self.each_segment(fields):
            if frame["tcpfsm.seq.verdict"] == ["1"] and frame["tcp.flags.reset"] == ["0"]:
                self.assertEqual(frame["tcpfsm.seq.expected_raw"], frame["tcp.seq_raw"][:1], self.where)
                self.assertEqual(frame["tcpfsm.seq.expected"], frame["tcp.seq"][:1], self.where)
                checked += 1
        self.assertGreater(checked, 100)

    def test_expected_number_of_current_acks(self):
        fields = ["tcpfsm.ack.verdict", "tcp.ack", "tcp.ack_raw", "tcpfsm.ack.expected",
                  "tcpfsm.ack.expected_raw"]
        checked = 0
        for frame in self.each_segment(fields, HEALTHY):
            if frame["tcpfsm.ack.verdict"] == ["1"] and frame["tcpfsm.ack.expected"]:
                self.assertEqual(frame["tcpfsm.ack.expected_raw"], frame["tcp.ack_raw"][:1], self.where)
                self.assertEqual(frame["tcpfsm.ack.expected"], frame["tcp.ack"][:1], self.where)
                checked += 1
        self.assertGreater(checked, 100)

    def test_expected_numbers_follow_the_preference_of_tcp(self):
        fields = ["tcpfsm.seq.expected", "tcpfsm.seq.expected_raw", "tcpfsm.ack.expected",
                  "tcpfsm.ack.expected_raw"]
        for preference in ("tcp.relative_sequence_numbers", "tcp.analyze_sequence_numbers"):
            for row in self.rows("healthy", fields, "-o", preference + ":FALSE"):
                self.assertEqual(row[0], row[1])
                self.assertEqual(row[2], row[3])
        rows = self.rows("healthy", fields)
        self.assertTrue(any(row[0] != row[1] for row in rows))

    def test_links_point_back(self):
        for frame in self.each_segment(["frame.number"] + LINKS):
            for field in LINKS:
                for value in frame[field]:
                    self.assertLess(int(value), int(frame["frame.number"][0]), self.where)

    def test_time_in_state_comes_with_a_change(self):
        for end in ("sender", "peer"):
            fields = ["tcpfsm.%s.%s" % (end, name) for name in ("time_in_state", "state_before", "state")]
            for time, before, after in (frame.values() for frame in self.each_segment(fields)):
                if time:
                    self.assertNotEqual(before, after, self.where)
                    self.assertGreaterEqual(float(time[0]), 0, self.where)


class Silence(shark.SharkTest):
    """Nothing above Chat on healthy traffic, wherever it lies and however it was captured."""

    def test_healthy_traffic(self):
        chats = {name for name, (severity, _) in contract.EXPERTS.items() if severity == "Chat"}
        loud = [name for name in self.registered() if name.startswith("tcpfsm.expert.")
                and name.split(".")[-1] not in chats]
        self.assertGreater(len(loud), 10)
        verdicts = ["tcpfsm.seq.valid", "tcpfsm.ack.valid"]
        for name in HEALTHY:
            for options in ((), ("-2",)):
                with self.subTest(capture=name, options=options):
                    rows = self.rows(name, verdicts + loud, *options)
                    for number, row in enumerate(rows, 1):
                        said = [expert for expert, values in zip(loud, row[2:]) if values]
                        self.assertEqual(said, [], "frame %d" % number)
                        self.assertNotIn(["0"], row[:2], "frame %d" % number)


if __name__ == "__main__":
    shark.main()
