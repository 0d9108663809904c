#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`-z tcpfsm,services`: a row a server address and port. What is in it is added up here from
`-z tcpfsm,json`, which json_test.py compares with the fields."""
import csv
import io
import json
import math
import re
import unittest

import shark
import stories
from talk import Talk

SERVICES, JSON = "tcpfsm,services", "tcpfsm,json"
CAPTURES = ("everything", "samples", "cut-within-header", "healthy-raw", "unfinished")
UNTROUBLED = {"open", "closed", "partial"}
TITLE = "TCP Connections: Services, the most troubled first"


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def key_of(name, kind=""):
    """As the column is called."""
    return "_".join(re.findall("[a-z0-9]+", (kind + " " + name).lower().replace("'", "")))


class Expected:
    """One service, added up from lines of JSON."""

    def __init__(self, address, port):
        self.address, self.port = address, port
        self.found = []

    def debts(self):
        return [(debt["age_us"] / 1e6, end, debt["what"], debt.get("since_frame", 0))
                for one in self.found for end in ("client", "server") for debt in one[end + "_owes"]
                if debt.get("age_us", 0) >= 1e6 and debt["what"] != "unknown"]

    def times(self):
        return sorted(one["handshake_time_us"] // 1 / 1000 for one in self.found
                      if one.get("handshake_time_us", -1) >= 0)

    def percentile(self, percent):
        times = self.times()
        return "%.3f" % times[math.ceil(len(times) * percent / 100) - 1] if times else ""

    def count(self, value):
        return sum(map(value, self.found))

    def numbers(self):
        """All but the debt, of which two may be as old."""
        row = {"address": self.address, "port": self.port, "connections": len(self.found),
               "clients": len({one["client_address"] for one in self.found}),
               "troubled": self.count(lambda one: one["outcome"] not in UNTROUBLED),
               "handshakes": len(self.times()),
               "resets": self.count(lambda one: "reset_frame" in one)}
        for percent in (50, 90, 99):
            row["handshake_p%d_ms" % percent] = self.percentile(percent)
        for one in self.found:
            row[key_of(one["outcome"], "outcome")] = self.count(
                lambda other, outcome=one["outcome"]: other["outcome"] == outcome)
            if "reset_cause" in one:
                row[key_of(one["reset_cause"], "reset")] = self.count(
                    lambda other, cause=one["reset_cause"]: other.get("reset_cause") == cause)
        return {name: str(value) for name, value in row.items()}


class ServicesTest(shark.SharkTest):
    def csv(self, capture, *options, filter_text=""):
        command = SERVICES + ",csv" + ("," + filter_text if filter_text else "")
        return rows_of(self.tshark(capture, "-q", *options, "-z", command))

    def text(self, capture, *options, filter_text=""):
        """(headings, rows of cells), the last one being the total."""
        command = SERVICES + ("," + filter_text if filter_text else "")
        lines = self.tshark(capture, "-q", *options, "-z", command).splitlines()
        self.assertEqual(lines[0], TITLE)
        self.assertEqual({len(line) for line in lines[1:]}, {len(lines[1])}, "one below the other")
        table = [[cell.strip() for cell in line.split(" |")[:-1]] for line in lines[1:]]
        return table[0], table[1:]

    def expected(self, capture):
        services = {}
        for line in self.tshark(capture, "-q", "-z", JSON).splitlines():
            one = json.loads(line)
            place = (one["server_address"], one["server_port"])
            services.setdefault(place, Expected(*place)).found.append(one)
        return services


class AddedUp(ServicesTest):
    def test_says_what_json_says(self):
        count = 0
        for capture in CAPTURES:
            services = self.expected(capture)
            rows = self.csv(capture)
            self.assertEqual({(row["address"], int(row["port"])) for row in rows}, set(services), capture)
            for row in rows:
                service = services[(row["address"], int(row["port"]))]
                numbers = service.numbers()
                self.assertEqual({name: row[name] for name in numbers}, numbers, capture)
                outcomes = sum(int(value) for name, value in row.items() if name.startswith("outcome_"))
                self.assertEqual(outcomes, len(service.found))
                debts = service.debts()
                oldest = max((debt[0] for debt in debts), default=None)
                self.assertEqual(row["owed_for_s"], "" if oldest is None else "%.3f" % oldest)
                if oldest is not None:
                    told = (row["owed_by"], row["owed"], int(row["owed_since_frame"]))
                    self.assertIn(told, [debt[1:] for debt in debts if "%.3f" % debt[0] == "%.3f" % oldest])
                count += 1
        self.assertGreater(count, 20)

    def test_most_troubled_first(self):
        for capture in CAPTURES:
            troubled = [int(row["troubled"]) for row in self.csv(capture)]
            self.assertEqual(troubled, sorted(troubled, reverse=True))

    def test_one_pass_equals_two(self):
        for capture in CAPTURES:
            self.assertEqual(self.csv(capture), self.csv(capture, "-2"))
            self.assertEqual(self.text(capture), self.text(capture, "-2"))


class Known(ServicesTest):
    def capture(self):
        """A web server of which one connection stays in CLOSE-WAIT; a client that doesn't close, either."""
        stuck = Talk(41001).open().exchange().c("FA").s("A")
        clean = Talk(41002, client="10.0.0.7", start=10).open().exchange().close()
        leak = Talk(41003, client="10.0.0.7", service=5432, start=20).open().exchange().s("FA").c("A")
        slow = Talk(41004, start=30).c("S").s("SA", after=0.2).c("A", after=0.3).close()
        refused = Talk(41005, service=25, start=40).c("S").s("RA")
        frames = [frame for talk in (stuck, clean, leak, slow, refused) for frame in talk.frames]
        return shark.world().capture("services", frames + [stories.datagram(100)])

    def test_rows(self):
        rows = {row["port"]: row for row in self.csv(self.capture())}
        self.assertEqual(list(rows), ["80", "5432", "25"])
        web, database, mail = rows.values()
        self.assertEqual((web["connections"], web["clients"], web["troubled"]), ("3", "2", "1"))
        self.assertEqual((web["outcome_closed"], web["outcome_half_closed"]), ("2", "1"))
        self.assertEqual((web["server_in_close_wait"], web["client_in_close_wait"]), ("1", "0"))
        self.assertEqual((web["owed_by"], web["owed"], web["owed_since_frame"]), ("server", "FIN", "8"))
        self.assertEqual((web["handshakes"], web["handshake_p50_ms"], web["handshake_p99_ms"]),
                         ("3", "20.000", "500.000"))
        self.assertEqual((database["server_in_close_wait"], database["client_in_close_wait"]), ("0", "1"))
        self.assertEqual((database["owed_by"], database["owed"]), ("client", "FIN"))
        self.assertEqual((mail["resets"], mail["reset_refused"], mail["handshakes"]), ("1", "1", "0"))
        self.assertEqual((mail["handshake_p50_ms"], mail["owed_for_s"], mail["owed"]), ("", "", ""))

    def test_text(self):
        headings, rows = self.text(self.capture())
        self.assertEqual(headings, ["Server", "Connections", "Clients", "Troubled", "closed", "refused",
                                    "half-closed", "Server in CLOSE-WAIT", "Client in CLOSE-WAIT",
                                    "Owed for, s", "Longest owed", "Handshakes", "p50, ms", "p90, ms",
                                    "p99, ms", "Resets", "Causes of resets"])
        self.assertEqual(rows[0], ["10.0.0.2:80", "3", "2", "1", "2", "0", "1", "1", "0", "99.920",
                                   "server: FIN (since frame 8)", "3", "20.000", "500.000", "500.000", "0",
                                   ""])
        self.assertEqual(rows[-1][:8], ["Total", "5", "2", "3", "2", "1", "2", "1"])
        self.assertEqual(rows[-1][-2:], ["1", "refused 1"])

    def test_filter_chooses_connections(self):
        """Those that a segment shows which passes; the end of a connection counts all the same."""
        for passes in ((), ("-2",)):
            rows = self.csv(self.capture(), *passes, filter_text="tcp.flags.syn == 1 && ip.src == 10.0.0.7")
            self.assertEqual([(row["port"], row["connections"], row["troubled"]) for row in rows],
                             [("5432", "1", "1"), ("80", "1", "0")])
            self.assertEqual(rows[1]["outcome_closed"], "1")

    def test_ipv6(self):
        talk = Talk(41001, "2001:db8::1", "2001:db8::2").open().exchange().close()
        path = shark.world().capture("services-6", talk.frames)
        self.assertEqual(self.csv(path)[0]["address"], "2001:db8::2")
        self.assertEqual(self.text(path)[1][0][0], "[2001:db8::2]:80")

    def test_nothing(self):
        self.assertEqual(self.csv("empty"), [])
        self.assertEqual(self.csv("healthy", filter_text="udp"), [])
        self.assertEqual([row[:4] for row in self.text("empty")[1]], [["Total", "0", "0", "0"]])

    def test_sessions(self):
        """`tshark -M` forgets all after so many packets."""
        text = self.tshark("healthy", "-q", "-M", "20", "-z", SERVICES,
                           stderr="resetting session.\n" * ((self.count("healthy") - 1) // 20))
        self.assertEqual(text.count(TITLE), (self.count("healthy") + 19) // 20)

    def count(self, capture):
        return len(self.rows(capture, ["frame.number"]))


class OfTwoPoints(ServicesTest):
    """How many connections were captured at two points, and what these lost: columns of such captures."""
    COLUMNS = ["at_two_points", "lost_client_to_server", "lost_server_to_client"]
    HEADINGS = ["At two points", "Lost, client to server", "Lost, server to client"]

    def test_added_up(self):
        for passes in ((), ("-2",)):
            rows = self.csv("two-points", *passes)
            self.assertEqual(list(rows[0])[-3:], self.COLUMNS)
            services = self.expected("two-points")
            self.assertEqual(len(rows), len(services))
            for row in rows:
                found = services[(row["address"], int(row["port"]))].found
                self.assertEqual([int(row[name]) for name in self.COLUMNS],
                                 [sum("points" in one for one in found),
                                  *(sum(one.get(name, 0) for one in found) for name in self.COLUMNS[1:])])

    def test_text(self):
        headings, rows = self.text("two-points")
        self.assertEqual(headings[-3:], self.HEADINGS)
        (told,) = self.csv("two-points")
        for row in rows:
            self.assertEqual(row[-3:], [told[name] for name in self.COLUMNS])

    def test_nothing_was_lost(self):
        """Two points know that: it is said."""
        rule = "tcp.port == 43511"
        self.assertEqual(self.text("two-points", filter_text=rule)[1][0][-3:], ["1", "0", "0"])
        self.assertEqual([self.csv("two-points", filter_text=rule)[0][name] for name in self.COLUMNS],
                         ["1", "0", "0"])

    def test_one_point(self):
        for capture in ("everything", "clocks-apart"):
            self.assertNotIn("points", " ".join(self.csv(capture)[0]))
            self.assertTrue(set(self.HEADINGS).isdisjoint(self.text(capture)[0]))


class Options(shark.SharkTest):
    def complaint(self, argument):
        status, text, complaint = shark.world().run(
            [shark.TSHARK, "-n", "-q", "-r", shark.world().paths["healthy"], "-z", argument])
        self.assertEqual(text, "")
        self.assertGreater(status, 0)
        return complaint

    def test_wrong_arguments(self):
        self.assertIn("csv is given twice", self.complaint(SERVICES + ",csv,csv"))
        self.assertIn("no.such.field", self.complaint(SERVICES + ",csv,no.such.field"))
        self.assertIn("no.such.field", self.complaint(SERVICES + ",no.such.field,csv"))
        self.assertIn("cvs", self.complaint(SERVICES + ",cvs"))
        self.assertIn("there is no such statistic", self.complaint(SERVICES + "x"))

    def test_commas_of_the_filter(self):
        text = self.tshark("healthy", "-q", "-z", SERVICES + ",csv,tcp.port in {80, 443}")
        self.assertEqual(text, self.tshark("healthy", "-q", "-z", SERVICES + ",csv,tcp.port == 80"))
        self.assertEqual(self.tshark("healthy", "-q", "-z", SERVICES + ","),
                         self.tshark("healthy", "-q", "-z", SERVICES))


@unittest.skipUnless(shark.SHARKD, "sharkd isn't installed")
class Asked(ServicesTest):
    """sharkd fills the table as the dialog of Wireshark does."""

    def taps(self, *captures):
        asked = []
        for capture in captures:
            asked += [{"method": "load", "params": {"file": shark.world().paths[capture]}},
                      {"method": "tap", "params": {"tap0": "nstat:" + SERVICES, "tap1": "nstat:" + SERVICES}}]
        return [tap for answer in self.sharkd(*asked)[1::2] for tap in answer["taps"]]

    def test_rows(self):
        names = ("everything", "healthy", "empty", "samples", "samples")
        for name, tap in zip((name for name in names for _ in range(2)), self.taps(*names)):
            headings = [field["c"] for field in tap["fields"]]
            table, total = tap["tables"]
            self.assertEqual((table["t"], total["t"]), ("Services", "Total"))
            rows = [dict(zip(headings, row)) for row in table["i"]]
            rows.sort(key=lambda row: row["Rank"])
            self.assertEqual([row["Rank"] for row in rows], list(range(1, len(rows) + 1)), name)
            troubled = [row["Troubled"] for row in rows]
            self.assertEqual(troubled, sorted(troubled, reverse=True), "ranked by trouble")
            shown, expected = self.text(name, "-2")
            self.assertEqual(self.as_text(rows, shown), sorted(expected[:-1]), name)
            if rows:
                last = dict(zip(headings, total["i"][0]))
                self.assertEqual(last["Connections"], int(expected[-1][1]))

    def test_columns_of_two_points(self):
        names = ("healthy", "two-points", "clocks-apart")
        for name, tap in zip(names, self.taps(*names)[::2]):
            headings = [field["c"] for field in tap["fields"]]
            self.assertEqual(headings[-1] if name != "two-points" else headings[-4:],
                             "Display filter" if name != "two-points"
                             else ["Display filter", *OfTwoPoints.HEADINGS])
            for row in tap["tables"][0]["i"] + tap["tables"][1]["i"]:
                self.assertEqual(len(row), len(headings), name)
            if name == "two-points":
                (told,) = self.csv(name)
                self.assertEqual(tap["tables"][0]["i"][0][-3:],
                                 [int(told[column]) for column in OfTwoPoints.COLUMNS])

    def as_text(self, rows, shown):
        """As the report writes it, which leaves the empty cells empty."""
        result = []
        for row in rows:
            cells = {name: "%.3f" % value if isinstance(value, float) else str(value)
                     for name, value in row.items()}
            if not row["Longest owed"]:
                cells["Owed for, s"] = ""
            if row["Handshakes"] == 0:
                cells.update({"p50, ms": "", "p90, ms": "", "p99, ms": ""})
            result.append([cells[name] for name in shown])
        return sorted(result)

    def test_filter_of_the_table(self):
        """It leads to the packets of the service."""
        _, answer = self.sharkd({"method": "load", "params": {"file": shark.world().paths["healthy"]}},
                                {"method": "tap", "params": {"tap0": "nstat:" + SERVICES}})
        headings = [field["c"] for field in answer["taps"][0]["fields"]]
        for row in answer["taps"][0]["tables"][0]["i"]:
            found = dict(zip(headings, row))
            numbers = self.rows("healthy", ["tcpfsm.connection"], "-Y", found["Display filter"])
            connections = {value for row in numbers for value in row[0]}
            self.assertEqual(len(connections), found["Connections"])


if __name__ == "__main__":
    shark.main()
