#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said of a connection as a whole: in two passes on each of its segments, in one as soon as known.

Which values are right is tested in depth by the scenarios; here is tested that users meet them everywhere.
"""
import json
import os
import re
import unittest
from decimal import Decimal

import contract
import shark
import stories
from shark import SAMPLES

CONNECTION = "tcpfsm.connection"
SHORT = CONNECTION + "."
# Those of two capture points: two_points_test.py.
FIELDS = [field for field in contract.CONNECTION if field not in contract.BETWEEN_PLAIN]
TABLE = [CONNECTION] + FIELDS
CAPTURE = "everything"
# In one pass: so far.
GROWING = ["packets", "bytes_client", "bytes_server", "duration"]
# Behind the outcome in the label of a connection, by filter value.
LABELS = {
    "opening": {1: "opened three-way", 2: "opened simultaneously", 3: "opened with Fast Open",
                4: "opening not captured", 5: "opened by a split handshake"},
    "closing": {1: "closed four-way", 2: "closed in three segments", 3: "closed simultaneously",
                4: "closed by reset", 5: "no FIN or RST", 6: "one FIN only", 7: "FIN then reset"},
    "closer": {1: "closed first by client", 2: "closed first by server", 3: "closed by both at once"},
}

# Captures with a RST of which only what follows tells that its end never sent it.
MISLEADING = ["forged-reset-exact.pcapng", "reset-lost-then-reused.client.pcapng"]


class ConnectionTest(shark.SharkTest):
    def by_frame(self, capture, *options):
        """A dict a frame: field to values, names without what they have in common."""
        return [dict(zip(["connection"] + [field[len(SHORT):] for field in FIELDS], row))
                for row in self.rows(capture, TABLE, *options)]

    def by_connection(self, capture, *options):
        """{connection: its numbered frames}"""
        result = {}
        for number, frame in enumerate(self.by_frame(capture, *options), 1):
            if frame["connection"]:
                result.setdefault(frame["connection"][0], []).append((number, frame))
        return result


class TwoPasses(ConnectionTest):
    def test_all_segments_say_the_same(self):
        for capture in shark.distinct():
            for connection, frames in self.by_connection(capture, "-2").items():
                for number, frame in frames[1:]:
                    self.assertEqual(frame, frames[0][1], "%s, connection %s, frame %d" %
                                     (capture, connection, number))

    def test_every_connection_has_an_outcome(self):
        count = 0
        for capture in shark.distinct():
            for connection, frames in self.by_connection(capture, "-2").items():
                unusable = not frames[0][1]["history"]
                self.assertEqual(len(frames[0][1]["outcome"]), int(not unusable), (capture, connection))
                count += not unusable
        self.assertGreater(count, 100)

    def test_known_connections(self):
        """A few lives in full; what isn't named is absent."""
        offers = {"client_isn": "1000", "server_isn": "9000", "client_window": "8192",
                  "server_window": "8192", "client_mss": "1460", "server_mss": "1460"}
        options = {"client_window_scale": "7", "server_window_scale": "7", "sack": "1"}
        opened = {"opening": "1", "handshake_time": "0.02", "server_rtt": "0.01", "client_rtt": "0.01",
                  "syn_wait": "0"}
        lives = {
            ("healthy", 0): {**offers, **options, **opened, "outcome": "1", "closing": "1", "closer": "1",
                             "time_wait_holder": "1", "history": "ShADadFf", "syn_frame": "1",
                             "synack_frame": "2", "ack_frame": "3", "fin_frame": "8", "fin_ack_frame": "9",
                             "second_fin_frame": "10", "second_fin_ack_frame": "11",
                             "teardown_time": "0.03", "close_wait_time": "0.02", "fin_wait_2_time": "0.01"},
            ("healthy", 1): {**offers, **opened, "outcome": "1", "closing": "2", "closer": "2",
                             "time_wait_holder": "2", "history": "ShADadfF", "syn_frame": "12",
                             "synack_frame": "13", "ack_frame": "14", "fin_frame": "19",
                             "fin_ack_frame": "20", "second_fin_frame": "20", "second_fin_ack_frame": "21",
                             "teardown_time": "0.02", "close_wait_time": "0.01"},
            ("retries", 0): {**offers, **opened, "outcome": "1", "closing": "1", "closer": "1",
                             "time_wait_holder": "1", "history": "ShADadTFf", "syn_frame": "1",
                             "synack_frame": "4", "ack_frame": "5", "fin_frame": "13", "fin_ack_frame": "14",
                             "second_fin_frame": "15", "second_fin_ack_frame": "16", "syn_wait": "3",
                             "handshake_time": "3.02", "teardown_time": "0.03", "close_wait_time": "0.02",
                             "fin_wait_2_time": "0.01"},
            ("resets", 0): {"outcome": "3", "closing": "4", "closer": "2", "time_wait_holder": "0",
                            "history": "Sr", "syn_frame": "1", "reset_frame": "2", "client_isn": "1000",
                            "client_window": "8192", "client_mss": "1460"},
            ("unreachable", 0): {"outcome": "4", "closing": "5", "time_wait_holder": "0", "history": "S",
                                 "syn_frame": "1", "icmp_frame": "2", "client_isn": "1000",
                                 "client_window": "8192", "client_mss": "1460"},
            ("reuse", 1): {**offers, **opened, "client_isn": "900000", "server_isn": "9900000",
                           "outcome": "1", "closing": "1", "closer": "1", "time_wait_holder": "1",
                           "history": "ShADadFf", "syn_frame": "12", "synack_frame": "13",
                           "ack_frame": "14", "fin_frame": "19", "fin_ack_frame": "20",
                           "second_fin_frame": "21", "second_fin_ack_frame": "22", "teardown_time": "0.03",
                           "close_wait_time": "0.02", "fin_wait_2_time": "0.01", "previous": "0",
                           "reuse_age": "5.01"},
        }
        for (capture, connection), expected in lives.items():
            with self.subTest(capture=capture, connection=connection):
                frame = self.by_connection(capture, "-2")[str(connection)][0][1]
                shown = {name: values[0] for name, values in frame.items()
                         if values and name not in ("connection", "start", *GROWING) and
                         not name.endswith(".str")}
                for name in expected:
                    if SHORT + name in contract.TIMES or name == "reuse_age":
                        shown[name] = "%g" % float(shown[name])
                self.assertEqual(shown, expected)

    def test_extent(self):
        """Packets, payload and times are those of the segments, of a packet captured twice once; in one pass
        those so far."""
        fields = [CONNECTION, "tcpfsm.sender.role", "tcpfsm.seq.verdict", "tcp.len", "frame.time",
                  "frame.time_epoch", "tcpfsm.connection.start"] + [SHORT + name for name in GROWING]
        compared = copies = 0
        for capture in ("everything", "samples", "retries"):
            first, so_far = {}, {}
            for row in self.rows(capture, fields):
                if any(len(values) != 1 for values in row):
                    continue                # in a tunnel, a fragment, or an ICMP error
                connection, role, verdict, length, date, epoch, start, *shown = [values[0] for values in row]
                begin = first.setdefault(connection, (date, Decimal(epoch)))
                self.assertEqual(start, begin[0], (capture, connection))
                count = so_far.setdefault(connection, [0, 0, 0, Decimal(0)])
                if verdict == "14":
                    copies += 1
                else:
                    count[0] += 1
                    count[int(role)] += int(length)
                    count[3] = Decimal(epoch) - begin[1]
                self.assertEqual([*map(int, shown[:3]), Decimal(shown[3])], count, (capture, connection))
                compared += 1
        self.assertGreater(compared, 1000)
        self.assertGreater(copies, 0)

    def test_reset_in_another_stream(self):
        """It ended the old connection of the half-open case though it stands in the new one's stream."""
        streams = self.rows("stock-errors", ["tcp.stream"])
        frames = self.by_frame("stock-errors", "-2")
        self.assertNotEqual(streams[15], streams[22])
        self.assertEqual(frames[15]["reset_frame"], ["23"])
        self.assertEqual(frames[20]["previous"], frames[15]["connection"])
        self.assertEqual(float(frames[20]["reuse_age"][0]), 60 - 4.04)

    @unittest.skipUnless(shark.SHARKD, "sharkd isn't installed")
    def test_sharkd_says_the_same(self):
        """It dissects again whatever is asked for, after the whole capture was read."""
        fields = [SHORT + name for name in ("outcome.str", "history", "fin_frame", "closer.str")]
        asked = {"method": "frames", "params": {"column%d" % number: field + ":1"
                                                for number, field in enumerate(fields)}}
        load = {"method": "load", "params": {"file": shark.world().paths[CAPTURE]}}
        shown = [frame["c"] for frame in self.sharkd(load, asked)[1]]
        expected = [["".join(values) for values in row] for row in self.rows(CAPTURE, fields, "-2")]
        self.check_same(shown, expected, fields)


class OnePass(ConnectionTest):
    def forged(self, capture):
        """Connections of the collection of samples with a RST that misleads."""
        if capture != "samples":
            return set()
        names = sorted(name for name in os.listdir(SAMPLES) if name.endswith(".pcapng"))
        moved = {str(names.index(name)) for name in MISLEADING}         # the second byte of their addresses
        rows = self.rows(capture, [CONNECTION, "ip.src"])
        return {row[0][0] for row in rows if row[0] and row[1] and row[1][0].split(".")[1] in moved}

    def late_answers(self):
        """Told after the time-out, in one pass on a last try; then the answer comes after all."""
        parts = [stories.unanswered(), stories.embryonic(), stories.peer_silent()]
        for story in parts:
            story.falling_due(stories.DUE)
            story.now = stories.DUE + 1
            story.again()
        parts[0].s("SA", after=0.5).c("A")
        parts[1].c("A", after=0.5)
        parts[2].s("A", after=0.5)
        merger = stories.Merger([story.exchange().close() for story in parts])
        return shark.world().capture("late-answers", merger.frames)

    def test_shows_nothing_that_two_passes_contradict(self):
        """A history grows; all else, once shown, stays, and is what hindsight says."""
        shown = 0
        captures = [name for name in shark.distinct() if name != "two-points"]    # made ones are known late
        for capture in captures + [self.late_answers()]:
            final = self.by_frame(capture, "-2")
            forged = self.forged(capture)
            for number, (frame, last) in enumerate(zip(self.by_frame(capture), final), 1):
                where = "%s, frame %d" % (capture, number)
                self.assertEqual(frame["connection"], last["connection"], where)
                if forged.intersection(frame["connection"]):
                    continue
                for name, values in frame.items():
                    if name == "history":
                        self.assertTrue(last[name] and last[name][0].startswith(values[0]) if values else
                                        not last[name], where)
                    elif name in GROWING and values and name != "duration":
                        self.assertLessEqual(int(values[0]), int(last[name][0]), "%s %s" % (where, name))
                    elif values and name not in ("connection", *GROWING):
                        self.assertEqual(values, last[name], "%s %s" % (where, name))
                        shown += 1
        self.assertGreater(shown, 10000)

    def test_shows_once_settled(self):
        """On which segment of a textbook life what appears: never later."""
        appear = {1: ["syn_frame", "client_isn", "client_window", "client_mss", "history", "start",
                      *GROWING],
                  2: ["synack_frame", "server_isn", "server_window", "server_mss", "server_rtt", "syn_wait",
                      "client_window_scale", "server_window_scale", "sack"],
                  3: ["ack_frame", "client_rtt", "handshake_time", "opening", "opening.str"],
                  8: ["fin_frame"],
                  9: ["fin_ack_frame", "closer", "closer.str"],
                  10: ["second_fin_frame", "close_wait_time", "fin_wait_2_time"],
                  11: ["second_fin_ack_frame", "teardown_time", "outcome", "outcome.str", "closing",
                       "closing.str", "time_wait_holder", "time_wait_holder.str"]}
        due = ["connection"]
        for number, frame in enumerate(self.by_frame("healthy")[:11], 1):
            due += appear.get(number, [])
            shown = [name for name, values in frame.items() if values]
            self.assertLessEqual(set(due), set(shown), "frame %d" % number)
            early = set(shown) - set(due)
            self.assertLessEqual(early, {"time_wait_holder", "time_wait_holder.str"}, "frame %d" % number)

    def test_what_is_open_is_not_told(self):
        """While it lives, nobody knows how it ends."""
        for frame in self.by_frame("healthy")[:7]:
            for name in ("outcome", "closing", "closer", "time_wait_holder"):
                self.assertEqual(frame[name], [])

    def test_is_the_same_without_a_tree(self):
        """A field alone, asked for by nobody else, has the values that it has among all."""
        for name in ("outcome", "reset_frame", "handshake_time", "history"):
            column = self.rows(CAPTURE, [SHORT + name])
            self.assertEqual([row[0] for row in column], [frame[name] for frame in self.by_frame(CAPTURE)])


class ReadFilter(ConnectionTest):
    def test_links_skip_rejected_frames(self):
        """They lead to the same frames as without the filter, whose numbers have moved. That the capture's
        very last frame was rejected nothing tells: what would give its number again doesn't come."""
        last = str(len(self.rows(CAPTURE, TABLE, "-2")))
        for rule in ("tcp.dstport == 80", "tcp.flags.syn == 0", "tcp.flags.fin == 1 || tcp.flags.reset == 1"):
            with self.subTest(rule=rule):
                table = ["frame.number"] + TABLE
                seen = self.rows(CAPTURE, table, "-2", "-Y", rule)
                moved = {row[0][0]: str(number) for number, row in enumerate(seen, 1)}
                moved.setdefault(last, str(len(seen) + 1))
                expected = []
                for number, row in enumerate(seen, 1):
                    linked = [[moved[value] for value in values if value in moved]
                              if field in contract.PARTNERS else values
                              for field, values in zip(table[1:], row[1:])]
                    expected.append([[str(number)]] + linked)
                self.assertGreater(len(moved), 20)
                self.check_same(self.rows(CAPTURE, table, "-2", "-R", rule), expected, table)


class Outputs(ConnectionTest):
    """Second passes dissect with invisible trees of their own: nothing may get lost there, either."""

    def table(self):
        return [dict(zip(TABLE, row)) for row in self.rows(CAPTURE, TABLE, "-2")]

    def test_json(self):
        """In a subtree, each value once."""
        count = 0
        for packet, frame in zip(self.json(CAPTURE, "-2"), self.table()):
            layer = packet["_source"]["layers"].get("tcpfsm", {})
            subtrees = [layer[CONNECTION + "_tree"]] if CONNECTION + "_tree" in layer else []
            self.assertEqual(len(subtrees), len(frame[CONNECTION]))
            self.assertEqual([layer[CONNECTION] for _ in subtrees], frame[CONNECTION])
            for subtree in subtrees:
                found = {field: [shark.date(subtree[field])] if field in subtree else []
                         for field in FIELDS}
                self.assertEqual(found, {field: [*map(shark.date, frame[field])] for field in FIELDS})
                count += 1
        self.assertGreater(count, 500)

    def test_elastic(self):
        lines = [json.loads(line) for line in self.tshark(CAPTURE, "-2", "-T", "ek").splitlines()]
        packets = [line["layers"].get("tcpfsm", {}) for line in lines if "layers" in line]
        self.assertEqual(len(packets), len(self.table()))
        for layer, frame in zip(packets, self.table()):
            for field in FIELDS:
                value = layer.get("tcpfsm_" + field.replace(".", "_"))
                if contract.TYPES.get(field) == "FT_BOOLEAN":
                    value = None if value is None else str(int(value in (True, "1", "true")))
                if contract.TYPES.get(field) == "FT_ABSOLUTE_TIME" and value:   # in another form
                    self.assertRegex(value, r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")
                    self.assertEqual(len(frame[field]), 1)
                else:
                    self.assertEqual([] if value is None else [str(value)], frame[field], field)

    def test_display_filters(self):
        """One question for each field: a value that it has somewhere finds the frames that have it."""
        rules, expected = [], set()
        for number, field in enumerate(FIELDS):
            seen = [(place, frame[field][0]) for place, frame in enumerate(self.table(), 1) if frame[field]]
            self.assertNotEqual(seen, [], field)
            place, value = seen[number % len(seen)]
            shown = '"%s"' % value if field.endswith((".str", "history", "start")) else value
            rules.append("%s == %s && frame.number == %d" % (field, shown, place))
            expected.add(place)
        self.assertEqual(self.numbers(CAPTURE, "(" + ") || (".join(rules) + ")", "-2"), sorted(expected))
        others = "||".join(rule.replace("==", "!=", 1) for rule in rules)
        self.assertEqual(self.numbers(CAPTURE, others, "-2"), [])

    def test_filter_by_word(self):
        expected = [number for number, frame in enumerate(self.table(), 1)
                    if frame["tcpfsm.connection.outcome.str"] == ["half-closed"]]
        self.assertGreater(len(expected), 5)
        self.assertEqual(self.numbers(CAPTURE, 'tcpfsm.connection.outcome == "half-closed"', "-2"), expected)

    def test_custom_columns(self):
        """All at once in lines of columns, for which the tree isn't a visible one."""
        names = [field for field in FIELDS if contract.TYPES.get(field) != "FT_RELATIVE_TIME"]
        columns = ",".join('"%s","%%Cus:%s:0:R"' % (field, field) for field in names)
        text = self.tshark(CAPTURE, "-2", "-o", "gui.column.format:" + columns, "-T", "tabs")
        lines = text.split("\n")[:-1]
        self.assertEqual(len(lines), len(self.table()))
        for number, (line, frame) in enumerate(zip(lines, self.table()), 1):
            values = line.split("\t")
            self.assertEqual(len(values), len(names))
            for field, value in zip(names, values):
                words = contract.ENUMERATIONS.get(field, {})
                if contract.TYPES.get(field) == "FT_BOOLEAN":
                    words = {0: "False", 1: "True"}
                expected = [words[int(one)] if words else one for one in frame[field]]
                self.assertEqual(value, "".join(expected), "frame %d column %s" % (number, field))

    # Below it, but for that of its stream.
    TITLE = re.compile(r"^    \[Connection (\d+): (.+)\]\n((?:        \[.*\]\n)*)", re.MULTILINE)

    def test_details(self):
        """A subtree "Connection N: ..." with the outcome in its title, a line a field, its stream last."""
        blocks = self.TITLE.findall(self.tshark(CAPTURE, "-2", "-O", "tcpfsm"))
        frames = [frame for frame in self.table() if frame["tcpfsm.connection.history"]]
        self.assertEqual(len(blocks), len(frames))
        visible = [field for field in FIELDS if not field.endswith(".str")]
        for (number, title, lines), frame in zip(blocks, frames):
            self.assertEqual([number], frame[CONNECTION])
            words = frame["tcpfsm.connection.outcome.str"] + [
                label[int(value)] for name, label in LABELS.items() for value in frame[SHORT + name]]
            self.assertEqual(title, ", ".join(words))
            below = [line for line in lines.splitlines() if not line.startswith("        [Stream: ")]
            self.assertEqual(len(below), sum(len(frame[field]) for field in visible), lines)

    def test_title_in_one_pass(self):
        """Nobody is called closed before it is."""
        titles = [title for _, title, _ in self.TITLE.findall(self.tshark("healthy", "-O", "tcpfsm"))]
        self.assertEqual(len(titles), len(self.rows("healthy", [CONNECTION])))
        for number, title in enumerate(titles[:11], 1):
            self.assertEqual(title.startswith("closed,"), number == 11, title)
            self.assertNotRegex(title, "unknown|none" if number == 11 else "unknown|clos|none")


if __name__ == "__main__":
    shark.main()
