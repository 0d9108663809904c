#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`-z tcpfsm,connections`: Wireshark's own kind of table, a row a connection. What is in it is compared with
`-z tcpfsm,json`, which json_test.py compares with the fields."""
import json
import re
import unittest

import captures
import shark

TABLE, JSON = "tcpfsm,connections", "tcpfsm,json"
CAPTURES = ("everything", "samples", "cut-within-header", "healthy-raw")
COLUMNS = ["tcpfsm.connection", "Stream", "Client", "Server", "Outcome", "Opened", "Closed", "Closer",
           "Client is in", "Server is in", "Who owes what", "Warnings"]


class TableTest(shark.SharkTest):
    _texts = {}

    def text(self, capture, *options, filter_text="", stderr=""):
        """What it prints. The same question is asked once only."""
        question = (capture, options, filter_text)
        if question not in self._texts:
            command = TABLE + ("," + filter_text if filter_text else "")
            self._texts[question] = self.tshark(capture, "-q", *options, "-z", command, stderr=stderr)
        return self._texts[question]

    def parsed(self, text):
        """(filter, rows of cells), with the frame around them checked."""
        lines = text.split("\n")
        self.assertEqual((lines[0], lines[-1]), ("", ""))
        self.assertRegex(lines[1], "^=+$")
        self.assertEqual(lines[2], "TCP Connections:")
        self.assertIn("tcpfsm.connection == N", lines[5])
        self.assertEqual(lines[-2], lines[1])
        rows = [line.split(" |") for line in lines[6:-2]]
        header = lines[4].split(" |")
        self.assertEqual([name.strip() for name in header], COLUMNS + [""])
        for row in rows:        # one below the other
            self.assertEqual([len(cell) for cell in row], [len(name) for name in header])
        return (re.fullmatch("Filter for statistics: (.*)", lines[3]).group(1),
                [[cell.strip() for cell in row[:-1]] for row in rows])

    def rows_of(self, capture, *options, filter_text=""):
        found_filter, rows = self.parsed(self.text(capture, *options, filter_text=filter_text))
        self.assertEqual(found_filter, filter_text)
        return rows

    def end(self, found, end):
        address, port = found[end + "_address"], found[end + "_port"]
        return "%s:%d" % ("[%s]" % address if ":" in address else address, port)

    def state(self, found, end):
        sure = found[end + "_basis"] == "proven" or found[end + "_state"] == "UNKNOWN"
        return found[end + "_state"] + ("" if sure else "?")

    def owes(self, found):
        parts = []
        for end in ("client", "server"):
            for debt in found[end + "_owes"]:
                since = ["since frame %d" % debt["since_frame"]] if "since_frame" in debt else []
                age = ["%.3f s" % (debt["age_us"] / 1e6)] if "age_us" in debt else []
                brackets = " (%s)" % ", ".join(since + age) if age else ""
                parts.append("%s: %s%s" % (end, debt["what"], brackets))
        return "; ".join(parts)

    def warnings(self, found):
        return ", ".join(one["name"] + (" (frame %d)" % one["frame"] if "frame" in one else "")
                         for one in found["warnings"])

    def expected(self, text):
        """The rows that say what these lines of JSON say."""
        rows = []
        for line in text.splitlines():
            found = json.loads(line)
            rows.append([str(found["connection"]), str(found.get("stream", -1)), self.end(found, "client"),
                         self.end(found, "server"), found["outcome"], found.get("opening", ""),
                         found["closing"], found.get("closer", ""), self.state(found, "client"),
                         self.state(found, "server"), self.owes(found), self.warnings(found)])
        return rows


class Printed(TableTest):
    def test_says_what_json_says(self):
        count = 0
        for capture in CAPTURES:
            expected = self.expected(self.tshark(capture, "-q", "-z", JSON))
            self.assertEqual(self.rows_of(capture), expected, capture)
            count += len(expected)
        self.assertGreater(count, 200)

    def test_one_pass_equals_two(self):
        for capture in CAPTURES:
            self.assertEqual(self.text(capture), self.text(capture, "-2"), capture)

    def test_known_row(self):
        rows = {row[2]: row for row in self.rows_of("unfinished")}
        self.assertEqual(rows["10.0.0.1:42013"],
                         ["2", "2", "10.0.0.1:42013", "10.0.0.2:80", "half-closed", "three-way",
                          "one FIN only", "client", "FIN-WAIT-2?", "CLOSE-WAIT",
                          "server: FIN (since frame 17, 360.030 s)", "close_wait_stuck (frame 17)"])

    def test_read_filter(self):
        rejecting = ("-2", "-R", "tcp.srcport != 80")
        rows = self.rows_of("unfinished", *rejecting)
        self.assertEqual(rows, self.expected(self.tshark("unfinished", "-q", *rejecting, "-z", JSON)))
        self.assertEqual(len(rows), 11)

    def test_filter(self):
        """The rows of connections that have a matching packet, otherwise the same."""
        rows = self.rows_of("everything")
        for passes in ((), ("-2",)):
            chosen = self.rows_of("everything", *passes,
                                  filter_text="tcpfsm.connection == 7 || tcpfsm.connection == 3")
            self.assertEqual([row[0] for row in chosen], ["3", "7"])
            for row in chosen:
                self.assertIn(row, rows)
        self.assertEqual(self.parsed(self.tshark("healthy", "-q", "-z", TABLE + ","))[1],
                         self.rows_of("healthy"))

    def test_nothing_is_a_table_without_rows(self):
        self.assertEqual(self.rows_of("healthy", filter_text="udp"), [])
        self.assertEqual(self.rows_of("healthy", "-2", filter_text="udp"), [])
        self.assertEqual(self.rows_of("empty"), [])
        self.assertEqual(self.rows_of("healthy", "-o", "tcpfsm.analyze:FALSE"), [])

    def test_packets_come_first(self):
        self.assertEqual(self.tshark("healthy", "-z", TABLE), self.tshark("healthy") + self.text("healthy"))

    def test_wrong_arguments(self):
        for argument in (TABLE + ",tcp.port ==", TABLE + ",no.such.field", TABLE + "x", TABLE + "x,tcp"):
            with self.subTest(argument=argument):
                status, text, complaint = shark.world().run(
                    [shark.TSHARK, "-n", "-q", "-r", shark.world().paths["healthy"], "-z", argument])
                self.assertEqual(text, "")
                self.assertGreater(status, 0)
                self.assertIn(argument[len(TABLE) + 1:], complaint)

    def test_sessions(self):
        """`tshark -M` forgets all after so many packets: as if each part were a capture of its own, but for
        one table at the end."""
        frames = captures.healthy()
        for size in (20, len(frames)):
            parts = [shark.world().capture("table-part-%d-%d" % (size, start), frames[start:start + size])
                     for start in range(0, len(frames), size)]
            expected = [row for part in parts for row in self.rows_of(part)]
            complaint = "resetting session.\n" * (len(parts) - 1)
            text = self.text("healthy", "-M", str(size), stderr=complaint)
            self.assertEqual(self.parsed(text)[1], expected)

    def test_two_at_once(self):
        """tshark has one table for both: each prints the rows of either filter."""
        text = self.tshark("healthy", "-q", "-z", TABLE + ",tcp.port == 41001", "-z",
                           TABLE + ",tcp.port == 41003")
        tables = re.findall(r"\n=+\n.*?\n=+\n", text, re.DOTALL)
        self.assertEqual(len(tables), 2)
        for table in tables:
            self.assertEqual([row[0] for row in self.parsed(table)[1]], ["0", "2"])


@unittest.skipUnless(shark.SHARKD, "sharkd isn't installed")
class Asked(TableTest):
    """sharkd fills the table as the dialog of Wireshark does: from a capture that was read before."""

    def taps(self, *requests):
        """The tables of these captures, one after another in the same sharkd."""
        asked = []
        for capture in requests:
            asked += [{"method": "load", "params": {"file": shark.world().paths[capture]}},
                      {"method": "tap", "params": {"tap0": "nstat:" + TABLE, "tap1": "nstat:" + TABLE}}]
        return [tap for answer in self.sharkd(*asked)[1::2] for tap in answer["taps"]]

    def rows_in(self, tap):
        self.assertEqual([field["c"] for field in tap["fields"]], COLUMNS)
        self.assertEqual(len(tap["tables"]), 1)
        return [[str(cell) for cell in row] for row in tap["tables"][0]["i"]]

    def test_rows(self):
        """Each table begins anew, with nothing of the capture before."""
        names = ("everything", "healthy", "empty", "samples", "samples")
        taps = self.taps(*names)
        self.assertEqual(len(taps), 2 * len(names))
        for name, first, second in zip(names, taps[::2], taps[1::2]):
            expected = sorted(self.rows_of(name, "-2"))
            self.assertEqual(sorted(self.rows_in(first)), expected, name)
            self.assertEqual(sorted(self.rows_in(second)), expected, name)


if __name__ == "__main__":
    shark.main()
