#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`-z tcpfsm,connections`: Wireshark's own kind of table, a row a connection, the most troubled first, and
their totals. What is in it is compared with `-z tcpfsm,json`, which json_test.py compares with the fields."""
import json
import os
import re
import unittest
from fractions import Fraction

import captures
import contract
import shark

TABLE, JSON = "tcpfsm,connections", "tcpfsm,json"
CAPTURES = ("everything", "samples", "cut-within-header", "healthy-raw")
COLUMNS = ["Connection", "Stream", "Client", "Server", "Outcome", "Owed for (s)", "Who owes what", "Warnings",
           "Notes", "Client state", "Server state", "Opened", "Closed", "Closed first by", "Packets",
           "Bytes from client", "Bytes from server", "Start (s)", "Duration (s)"]
# Where a connection of the table was captured at two points.
OF_POINTS = ["Capture points", "Lost, client to server", "Lost, server to client", "Changed between",
             "Transit to server (ms)", "Transit to client (ms)"]
SUMS = ["Packets", "Bytes from client", "Bytes from server"]
SHOWN_BY_OTHERS = ["Rank"] + COLUMNS + ["Filter"]
TITLES = ["TCP connections, the most troubled first (packets of one: tcpfsm.connection == N)",
          "Totals (column Connection: number of connections)"]


class TableTest(shark.SharkTest):
    columns, sums = COLUMNS, SUMS
    _texts = {}

    def text(self, capture, *options, filter_text="", stderr=""):
        """What it prints. The same question is asked once only."""
        question = (capture, options, filter_text)
        if question not in self._texts:
            command = TABLE + ("," + filter_text if filter_text else "")
            self._texts[question] = self.tshark(capture, "-q", *options, "-z", command, stderr=stderr)
        return self._texts[question]

    def parsed(self, text):
        """(filter, rows of cells, totals), with the frame around them checked."""
        lines = text.split("\n")
        self.assertEqual((lines[0], lines[-1]), ("", ""))
        self.assertRegex(lines[1], "^=+$")
        self.assertEqual(lines[2], "TCP Connections: List:")
        self.assertEqual(lines[5], TITLES[0])
        self.assertEqual(lines[-2], lines[1])
        middle = next(number for number, line in enumerate(lines) if line.startswith("Totals"))
        header = lines[4].split(" |")
        self.assertEqual([name.strip() for name in header], self.columns + [""])
        parts = [[line.split(" |") for line in part] for part in (lines[6:middle], lines[middle + 1:-2])]
        for row in parts[0] + parts[1]:        # one below the other
            self.assertEqual([len(cell) for cell in row], [len(name) for name in header])
        rows, totals = ([[cell.strip() for cell in row[:-1]] for row in part] for part in parts)
        return re.fullmatch("Filter for statistics: (.*)", lines[3]).group(1), rows, totals

    def rows_of(self, capture, *options, filter_text=""):
        found_filter, rows, totals = self.parsed(self.text(capture, *options, filter_text=filter_text))
        self.assertEqual(found_filter, filter_text)
        self.assertEqual(totals, self.expected_totals(rows))
        return rows

    def expected_totals(self, rows):
        """Of these rows; of an outcome that none has there is none."""
        totals = []
        for outcome in list(contract.OUTCOMES.values()) + ["all"]:
            chosen = [dict(zip(self.columns, row)) for row in rows if outcome in (row[4], "all")]
            if chosen:
                counts = {name: str(sum(int(row[name] or 0) for row in chosen)) for name in self.sums}
                counts |= {name: str(sum(len(row[name].split(", ")) for row in chosen if row[name]))
                          for name in ("Warnings", "Notes")}
                counts["Connection"], counts["Outcome"] = str(len(chosen)), outcome
                totals.append([counts.get(name, "") for name in self.columns])
        return totals

    def end(self, found, end):
        address, port = found[end + "_address"], found[end + "_port"]
        return "%s:%d" % ("[%s]" % address if ":" in address else address, port)

    def state(self, found, end):
        sure = found[end + "_basis"] in ("proven", "seen arriving") or found[end + "_state"] == "UNKNOWN"
        return found[end + "_state"] + ("" if sure else "?")

    def owes(self, found):
        return "; ".join("%s: %s%s" % (end, debt["what"], " (since frame %d)" % debt["since_frame"]
                                       if "since_frame" in debt else "")
                         for end in ("client", "server") for debt in found[end + "_owes"])

    def owed(self, found):
        """Microseconds."""
        return max([debt.get("age_us", 0) for end in ("client", "server") for debt in found[end + "_owes"]
                    if debt["what"] != "unknown"], default=0)

    def findings(self, found, severity):
        return ", ".join(one["name"] + (" (frame %d)" % one["frame"] if "frame" in one else "")
                         for one in found["warnings"] if one["severity"] == severity)

    def trouble(self, found):
        """The order of rows."""
        worst = min((("warn", "note").index(one["severity"]) for one in found["warnings"]), default=2)
        return worst, -self.owed(found), found["connection"]

    def expected(self, capture, *options):
        """The rows that say what the lines of JSON say."""
        text = self.tshark(capture, "-q", *options, "-z", JSON)
        times = self.rows(capture, ["frame.time_epoch"], *options)
        first = int(Fraction(times[0][0][0]) * 10**9) if times else 0
        rows = []
        for found in sorted(map(json.loads, text.splitlines()), key=self.trouble):
            rows.append([str(found["connection"]), str(found.get("stream", "")), self.end(found, "client"),
                         self.end(found, "server"), found["outcome"], "%.3f" % (self.owed(found) / 1e6),
                         self.owes(found), self.findings(found, "warn"), self.findings(found, "note"),
                         self.state(found, "client"), self.state(found, "server"), found.get("opening", ""),
                         found["closing"], found.get("closer", ""), str(found["packets"]),
                         str(found["bytes_client"]), str(found["bytes_server"]),
                         self.seconds(int(found["first_packet_epoch_ns"]) - first),
                         self.seconds(int(found["duration_ns"])), *self.of_points(found)])
        return rows

    def of_points(self, _):
        return []

    def seconds(self, nanoseconds):
        return "%.3f" % (nanoseconds / 1e9)


class Printed(TableTest):
    def test_says_what_json_says(self):
        count = 0
        for capture in CAPTURES:
            expected = self.expected(capture)
            self.assertEqual(self.rows_of(capture), expected, capture)
            count += len(expected)
        self.assertGreater(count, 200)

    def test_one_pass_equals_two(self):
        for capture in CAPTURES:
            self.assertEqual(self.text(capture), self.text(capture, "-2"), capture)

    def test_known_row(self):
        rows = {row[2]: row for row in self.rows_of("unfinished")}
        self.assertEqual(rows["10.0.0.1:42013"],
                         ["2", "2", "10.0.0.1:42013", "10.0.0.2:80", "half-closed", "360.030",
                          "server: FIN (since frame 17)", "close_wait_stuck (frame 17)", "", "FIN-WAIT-2?",
                          "CLOSE-WAIT", "three-way", "one FIN only", "client", "9",
                          "100", "100", "40.000", "0.080"])

    def test_troubled_first(self):
        """Warnings, notes, none; the longest debt first."""
        rows = self.rows_of("unfinished")
        kinds = [0 if row[7] else 1 if row[8] else 2 for row in rows]
        self.assertEqual(kinds, sorted(kinds))
        self.assertEqual(set(kinds), {0, 1, 2})
        owed = [float(row[5]) for row in rows if row[7]]
        self.assertEqual(owed, sorted(owed, reverse=True))
        self.assertGreater(len(set(owed)), 3)

    def test_read_filter(self):
        rejecting = ("-2", "-R", "tcp.srcport != 80")
        rows = self.rows_of("unfinished", *rejecting)
        self.assertEqual(rows, self.expected("unfinished", *rejecting))
        self.assertEqual(len(rows), 11)

    def test_filter(self):
        """The rows of connections that have a matching packet, otherwise the same."""
        rows = self.rows_of("everything")
        for passes in ((), ("-2",)):
            chosen = self.rows_of("everything", *passes,
                                  filter_text="tcpfsm.connection == 7 || tcpfsm.connection == 3")
            self.assertEqual(sorted(row[0] for row in chosen), ["3", "7"])
            self.assertEqual(chosen, [row for row in rows if row in chosen])

    def test_filter_on_segments(self):
        """Whatever of a connection passes, its row is whole."""
        rows = self.rows_of("everything")
        for rule in ("tcp.flags.syn == 1", "tcp.flags.fin == 1"):
            chosen = self.rows_of("everything", filter_text=rule)
            self.assertGreater(len(chosen), 10)
            self.assertEqual(chosen, [row for row in rows if row in chosen])

    def test_empty_filter(self):
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
            _, rows, totals = self.parsed(self.text("healthy", "-M", str(size), stderr=complaint))
            self.assertEqual(rows, expected)
            self.assertEqual(totals, self.expected_totals(expected))

    def test_two_at_once(self):
        """tshark has one table for both: each prints the rows of either filter."""
        text = self.tshark("healthy", "-q", "-z", TABLE + ",tcp.port == 41001", "-z",
                           TABLE + ",tcp.port == 41003")
        tables = re.findall(r"\n=+\n.*?\n=+\n", text, re.DOTALL)
        self.assertEqual(len(tables), 2)
        for table in tables:
            self.assertEqual([row[0] for row in self.parsed(table)[1]], ["0", "2"])


def alone():
    """A connection that is captured at the client only; of more frames than there are in two_points()."""
    network = captures.two.Network()
    talk = captures.two.Talk(network, client="10.0.9.1", server="10.0.9.2", start=-200).open()
    for _ in range(len(captures.two_points().frames()) // 4):
        talk.exchange()
    talk.close()
    network.seen[captures.two.SERVER] = []
    return network


class OfTwoPoints(TableTest):
    """What two points show stands in further columns."""
    columns, sums = COLUMNS + OF_POINTS, SUMS + OF_POINTS[1:3]

    def of_points(self, found):
        transits = [found.get("transit_%s_ns" % way) for way in ("client_to_server", "server_to_client")]
        return [*(str(found.get(name, "")) for name in ("points", "lost_client_to_server",
                                                        "lost_server_to_client")),
                found.get("changed", ""),
                *("" if time is None else "%.3f" % (int(time) / 1e6) for time in transits)]

    def capture(self, name, *networks):
        path = os.path.join(shark.world().captures, name + ".pcapng")
        if not os.path.exists(path):
            whole = captures.two.Network()
            for network in networks:
                for point, seen in enumerate(network.seen):
                    whole.seen[point] += seen
            captures.two.write_joined(path, whole)
            shark.world().open_to_all()
        return path

    def mixed(self):
        return self.capture("one-and-two-points", alone(), captures.two_points())

    def test_says_what_json_says(self):
        for capture, passes in (("two-points", ()), ("two-points", ("-2",)), (self.mixed(), ())):
            rows = self.rows_of(capture, *passes)
            self.assertEqual(rows, self.expected(capture, *passes), capture)
            self.assertEqual({row[19] for row in rows}, {"2"} | ({""} if capture == self.mixed() else set()))

    def test_what_was_lost(self):
        """As many segments as are marked."""
        rows = self.rows_of("two-points")
        lost = self.numbers("two-points", "tcpfsm.lost_between == 1", "-2")
        self.assertGreater(len(lost), 3)
        self.assertEqual(sum(int(row[20]) + int(row[21]) for row in rows), len(lost))
        transits = {cell for row in rows for cell in row[23:25]}
        self.assertEqual(transits, {"20.000"})
        self.assertEqual([row[2] for row in rows if "MSS 1460 to 1380" in row[22]], ["10.0.0.1:43511"])

    def test_only_where_a_row_has_them(self):
        """One point, clocks that differ, a filter that leaves none of two points: as ever."""
        self.columns, self.sums = COLUMNS, SUMS
        self.rows_of("clocks-apart")
        self.rows_of("two-points", filter_text="udp")
        own = self.capture("one-of-two-points", alone())
        _, rows, totals = self.parsed(self.text(own))
        chosen = self.parsed(self.text(self.mixed(), filter_text="ip.addr == 10.0.9.1"))
        self.assertEqual(chosen[1:], (rows, totals))

    def test_limit(self):
        """The columns are those of the rows that are left; the totals are of all."""
        rows = self.rows_of("two-points")
        _, listed, totals = self.parsed(self.text("two-points", filter_text="limit=1"))
        self.assertEqual((listed, totals), (rows[:1], self.expected_totals(rows)))

    def test_sessions(self):
        """The first session has no connection of two points, but the table has."""
        first, second = self.capture("one-of-two-points", alone()), "two-points"
        count = len(self.rows(first, ["frame.number"]))
        self.assertGreater(count, len(self.rows(second, ["frame.number"])))
        text = self.text(self.mixed(), "-M", str(count), stderr="resetting session.\n")
        _, rows, totals = self.parsed(text)
        self.assertEqual(rows, self.expected(first) + self.expected(second))
        self.assertEqual(totals, self.expected_totals(rows))


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
        """By rank. What isn't text has the same type in every row."""
        self.assertEqual([field["c"] for field in tap["fields"]], SHOWN_BY_OTHERS)
        self.assertEqual([table["t"] for table in tap["tables"]], TITLES)
        for table in tap["tables"]:
            for column in zip(*table["i"]):
                self.assertEqual(len(set(map(type, column))), 1)
        rows, totals = (sorted(table["i"]) for table in tap["tables"])
        self.assertEqual([row[0] for row in rows], list(range(1, len(rows) + 1)))
        for row in rows:
            self.assertEqual(row[-1], "tcpfsm.connection == %d" % row[1])
            for column in (6, 18, 19):
                row[column] = "%.3f" % row[column]
            row[2] = "" if row[2] == -1 else row[2]
        self.assertEqual([row[-1] for row in totals],
                         ['tcpfsm.connection.outcome == "%s"' % row[5] for row in totals[:-1]] +
                         ["tcpfsm.connection"] * bool(totals))
        return [[["" if cell is None else str(cell) for cell in row[1:-1]] for row in part]
                for part in (rows, totals)]

    def test_rows(self):
        """The tables begin anew each time, with nothing of the capture before."""
        names = ("everything", "healthy", "empty", "samples", "samples")
        taps = self.taps(*names)
        self.assertEqual(len(taps), 2 * len(names))
        for name, first, second in zip(names, taps[::2], taps[1::2]):
            rows = self.rows_of(name, "-2")
            self.assertEqual(self.rows_in(first), [rows, self.expected_totals(rows)], name)
            self.assertEqual(self.rows_in(second), [rows, self.expected_totals(rows)], name)

    def test_columns_of_two_points(self):
        """They come behind the others, and go with the capture; what nobody knows is null."""
        names = ("two-points", "healthy", "two-points", "clocks-apart")
        taps = self.taps(*names)
        for name, tap in zip(names, taps[::2]):
            of_points = OF_POINTS if name == "two-points" else []
            self.assertEqual([field["c"] for field in tap["fields"]], SHOWN_BY_OTHERS + of_points, name)
            for row in tap["tables"][0]["i"] + tap["tables"][1]["i"]:
                self.assertEqual(len(row), len(SHOWN_BY_OTHERS + of_points), name)
        self.assertEqual(taps[0], taps[4])
        lines = [json.loads(line) for line in self.tshark("two-points", "-q", "-z", JSON).splitlines()]
        names = ("points", "lost_client_to_server", "lost_server_to_client", "transit_client_to_server_us",
                 "transit_server_to_client_us")
        told = {line["connection"]: [line.get(name) for name in names] for line in lines}
        rows = {row[1]: row[-6:-3] + [1e3 * ms if ms is not None else None for ms in row[-2:]]
                for row in taps[0]["tables"][0]["i"]}
        self.assertEqual(rows, told)


class FilterOnTheEnd(TableTest):
    """A filter on what only the end of the capture tells: in one pass a line says so."""
    LATE = ['tcpfsm.connection.outcome == "half-closed"',
            'tcp && tcpfsm.connection.outcome.str == "half-closed"', "tcpfsm.expert.close_wait_stuck",
            "tcpfsm.receiver.verdict == 2", "tcpfsm.connection.packets > 5",
            'not tcpfsm.connection.history contains "F"']
    EARLY = ["tcp.port == 80", "tcpfsm.connection == 2", "tcpfsm.step == 1",
             "tcpfsm.connection.syn_frame == 1", "tcpfsm.expert.syn_retransmitted"]

    def complaint(self, statistic, *options):
        path = shark.world().paths["unfinished"]
        command = [shark.TSHARK, "-n", "-q", "-r", path, *options, "-z", statistic]
        status, _, complaint = shark.world().run(command)
        self.assertEqual(status, 0)
        return complaint

    def test_late(self):
        for rule in self.LATE:
            field = re.search(r"tcpfsm\.[a-z_.]+", rule).group()
            for statistic in (TABLE, JSON, "tcpfsm,ladder"):
                with self.subTest(rule=rule, statistic=statistic):
                    complaint = self.complaint("%s,%s" % (statistic, rule))
                    self.assertEqual(complaint.count("\n"), 1)
                    self.assertIn("-z %s: %s is known only at the end of the capture" % (statistic, field),
                                  complaint)
                    self.assertIn("two passes (tshark -2)", complaint)
                    self.assertEqual("outcome=" in complaint, statistic != JSON)
                    self.assertEqual(self.complaint("%s,%s" % (statistic, rule), "-2"), "")

    def test_early(self):
        for rule in self.EARLY:
            for statistic in (TABLE, JSON, "tcpfsm,ladder"):
                self.assertEqual(self.complaint("%s,%s" % (statistic, rule)), "", rule)
        self.assertEqual(self.complaint(TABLE + ",outcome=half-closed"), "")


class Options(TableTest):
    def chosen(self, options, *more, filter_text="", capture="unfinished"):
        """Rows and totals; what is printed as the filter has no option in it."""
        text = self.text(capture, *more, filter_text=",".join(filter(None, (options, filter_text))))
        found_filter, rows, totals = self.parsed(text)
        self.assertEqual(found_filter, filter_text)
        return rows, totals

    def check(self, options, takes, capture="unfinished", **asked):
        """The same in one pass and in two: the rows that `takes` takes, as they stand without."""
        expected = [row for row in self.rows_of(capture) if takes(row)]
        self.assertTrue(expected, options)
        for passes in ((), ("-2",)):
            self.assertEqual(self.chosen(options, *passes, capture=capture, **asked),
                             (expected, self.expected_totals(expected)))

    def test_outcome(self):
        for outcome in ("half-closed", "embryonic", "unanswered"):
            self.check("outcome=" + outcome, lambda row: row[4] == outcome)

    def test_server(self):
        everything = {"capture": "everything"}
        self.check("server=10.0.0.2:80", lambda row: row[3] == "10.0.0.2:80", **everything)
        self.check("server=10.0.0.2", lambda row: row[3].startswith("10.0.0.2:"), **everything)
        self.check("server=:80", lambda row: row[3].endswith(":80"), **everything)
        six = next(row[3] for row in self.rows_of("everything") if row[3].startswith("["))
        address = six[1:six.index("]")]
        for spelling in (six, six.upper()):
            self.check("server=" + spelling, lambda row: row[3] == six, **everything)
        for spelling in (address, "[%s]" % address):
            self.check("server=" + spelling, lambda row: row[3].startswith("[%s]:" % address), **everything)

    def test_together_and_with_a_filter(self):
        self.check("server=:80,outcome=half-closed", lambda row: row[4] == "half-closed")
        self.check("outcome=half-closed", lambda row: row[4] == "half-closed" and row[2] == "10.0.0.1:42013",
                   filter_text="tcp.port in {42013, 42014} and ip.addr == 10.0.0.1 and tcp.port != 42014")

    def test_limit(self):
        """The totals are of all."""
        rows = self.rows_of("unfinished")
        text = self.text("unfinished", filter_text="limit=3")
        _, listed, totals = self.parsed(text)
        self.assertEqual(listed, rows[:3])
        self.assertEqual(totals, self.expected_totals(rows))
        self.assertIn("including the %d connections that limit=3 leaves out\n" % (len(rows) - 3), text)
        self.assertNotIn("leaves out", self.text("unfinished", filter_text="limit=%d" % len(rows)))

    def test_limit_over_sessions(self):
        frames = captures.healthy()
        text = self.text("healthy", "-M", str(len(frames) - 10), filter_text="limit=1",
                         stderr="resetting session.\n")
        _, listed, totals = self.parsed(text)
        self.assertEqual(len(listed), 1)
        self.assertGreater(int(totals[-1][0]), 1)

    def test_nothing_chosen(self):
        self.assertEqual(self.chosen("outcome=silent", capture="healthy")[0], [])

    def test_wrong_ones(self):
        """One line, which says what is allowed."""
        for options, *said in (
                ("outcome=open-ended", "outcome=open-ended is not valid", *contract.OUTCOMES.values()),
                ("outcome=", "one of open, closed"),
                ("limit=0", "limit=0 is not valid: the value must be a number"), ("limit=x", "a number"),
                ("limit=-1", "a number"), ("limit=4294967296", "a number"),
                ("server=host", "an address, address:port or :port (IPv6: [address]:port)"),
                ("server=10.0.0.1:x", "address:port"), ("server=10.0.0.1:65536", "address:port"),
                ("server=10.0.0.1:0", "address:port"), ("server=[::1", "address:port"),
                ("server=[::1]80", "address:port"), ("server=[]:80", "address:port"),
                ("limit=1,limit=2", "given twice"),
                ("outcom=closed", "there is no option outcom=; the options are outcome=, server=, limit=")):
            with self.subTest(options=options):
                status, text, complaint = shark.world().run(
                    [shark.TSHARK, "-n", "-q", "-r", shark.world().paths["healthy"], "-z",
                     TABLE + "," + options])
                self.assertEqual((text, complaint.count("\n")), ("", 1), complaint)
                self.assertGreater(status, 0)
                self.assertIn("-z " + TABLE + "," + options, complaint)
                for part in said:
                    self.assertIn(part, complaint)

    def test_options_twice(self):
        """tshark has one table for all."""
        status, text, complaint = shark.world().run(
            [shark.TSHARK, "-n", "-q", "-r", shark.world().paths["healthy"], "-z", TABLE, "-z",
             TABLE + ",limit=1"])
        self.assertEqual(text, "")
        self.assertGreater(status, 0)
        self.assertIn("only once", complaint)


if __name__ == "__main__":
    shark.main()
