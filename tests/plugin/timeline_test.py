#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`-z tcpfsm,timeline,SECONDS`: how many connections are in which state at the end of each interval. Compared
with what the fields of the segments say, and with answers that are known."""
import csv
import io
import math
import unittest

import packets
import shark
import stories
from talk import Talk

TIMELINE = "tcpfsm,timeline"
STATES = ["SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",
          "LAST-ACK", "TIME-WAIT", "UNKNOWN"]
HAPPENED = ["new", "opened", "failed", "closed", "reset"]
TIME_WAIT = 60
RESTARTED = "4"     # tcpfsm.timer


def key_of(state):
    return state.lower().replace("-", "_")


COLUMNS = ["start_s", "time"] + [key_of(state) for state in STATES] + ["total"] + HAPPENED


class Row:
    def __init__(self, values):
        self.values = values
        self.start = float(values["start_s"])
        self.states = {state: int(values[key_of(state)]) for state in STATES if values[key_of(state)] != "0"}
        self.total = int(values["total"])
        self.happened = {name: int(values[name]) for name in HAPPENED if values[name] != "0"}


class TimelineTest(shark.SharkTest):
    def csv(self, capture, seconds, *options, filter_text=""):
        command = "%s,%s%s" % (TIMELINE, seconds, "," + filter_text if filter_text else "")
        text = self.tshark(capture, "-q", *options, "-z", command)
        table = list(csv.reader(io.StringIO(text)))
        self.assertEqual(table[0], COLUMNS)
        rows = [Row(dict(zip(COLUMNS, line))) for line in table[1:]]
        self.check(rows)
        return rows

    def check(self, rows):
        """The columns add up, and what happens explains the difference of two rows."""
        before = 0
        for row in rows:
            self.assertEqual(sum(row.states.values()), row.total)
            self.assertGreaterEqual(min(row.states.values(), default=0), 0)
            gone = sum(row.happened.get(name, 0) for name in ("failed", "closed", "reset"))
            self.assertEqual(row.total - before, row.happened.get("new", 0) - gone)
            before = row.total


class Segment:
    ASKED = ["frame.time_epoch", "tcpfsm.connection", "tcpfsm.sender.role", "tcpfsm.client.state.str",
             "tcpfsm.server.state.str", "tcpfsm.timer", "tcpfsm.connection.previous"]

    def __init__(self, values):
        self.time, self.connection = float(values[0]), values[1]
        self.role = {"1": "client", "2": "server"}[values[2]]
        self.states = {"client": values[3], "server": values[4]}
        self.timer, self.previous = values[5], values[6]


class ByDefinition(TimelineTest):
    """Which state each connection is in at one moment, from scratch."""

    def segments(self, capture):
        found = []
        for row in self.rows(capture, Segment.ASKED):
            for layer in range(len(row[1])):
                if layer < len(row[2]):     # else nothing is told of it
                    found.append(Segment([column[min(layer, len(column) - 1)] if column else ""
                                          for column in row]))
        return found

    def state(self, segments, end, moment):
        """Of one connection whose segments are those."""
        heard = {segment.role for segment in segments}
        other = {"client": "server", "server": "client"}[end]
        state = segments[-1].states[end] if end in heard else "UNKNOWN"
        if state == "UNKNOWN":
            end, state = other, segments[-1].states[other] if other in heard else "UNKNOWN"
        if state == "TIME-WAIT":
            since = None
            for segment in segments:
                if segment.states[end] != "TIME-WAIT":
                    since = None
                elif since is None or segment.timer == RESTARTED:
                    since = segment.time
            return state if moment <= since + TIME_WAIT else "CLOSED"
        return state

    def expected(self, segments, end, moment):
        by_connection, replaced = {}, set()
        for segment in segments:
            if segment.time < moment:
                if segment.connection not in by_connection and segment.previous:
                    replaced.add(segment.previous)
                by_connection.setdefault(segment.connection, []).append(segment)
        counts = {}
        for connection, told in by_connection.items():
            state = self.state(told, end, moment)
            if connection not in replaced and state not in ("CLOSED", "LISTEN"):
                counts[state] = counts.get(state, 0) + 1
        return counts

    def test_says_what_the_fields_say(self):
        seen = set()
        for capture, seconds in (("healthy", 0.25), ("unfinished", 7), ("samples", 1)):
            segments = self.segments(capture)
            first = float(self.rows(capture, ["frame.time_epoch"])[0][0][0])
            for end in "server", "client":
                rows = self.csv(capture, seconds, filter_text="end=" + end)
                self.assertEqual([row.start for row in rows], [seconds * place for place in range(len(rows))])
                for row in rows[::max(1, len(rows) // 60)]:
                    moment = first + row.start + seconds
                    self.assertEqual(row.states, self.expected(segments, end, moment),
                                     (capture, end, row.start))
                    seen |= set(row.states)
        self.assertGreater(len(seen), 6, seen)

    def test_one_pass_equals_two(self):
        for capture in ("healthy", "samples", "everything", "unfinished"):
            for end in "server", "client":
                command = TIMELINE + ",10,end=" + end
                self.assertEqual(self.tshark(capture, "-q", "-z", command),
                                 self.tshark(capture, "-q", "-2", "-z", command), capture)

    def test_every_connection_is_new(self):
        """Again if it was presumed to be closed, and shows that it is not."""
        for capture in ("healthy", "unfinished", "samples"):
            rows = self.csv(capture, 5)
            numbers = {value for row in self.rows(capture, ["tcpfsm.connection"]) for value in row[0]}
            new = sum(row.happened.get("new", 0) for row in rows)
            self.assertTrue(len(numbers) <= new <= len(numbers) * 1.1, (capture, new, len(numbers)))


class Known(TimelineTest):
    def capture(self, name, *talks, end=None):
        frames = sorted((frame for talk in talks for frame in talk.frames), key=lambda frame: frame[0])
        return shark.world().capture("timeline-" + name, frames + ([stories.datagram(end)] if end else []))

    def states(self, *arguments, **others):
        return [row.states for row in self.csv(*arguments, **others)]

    def test_a_life(self):
        talk = Talk().c("S").wait(1).s("SA").wait(1).c("A").wait(1).c("FA").s("A").wait(1).s("FA").c("A")
        path = self.capture("life", talk, end=66)
        server = self.csv(path, 1)
        self.assertEqual([row.states for row in server[:5]],
                         [{"SYN-SENT": 1}, {"SYN-RECEIVED": 1}, {"ESTABLISHED": 1}, {"CLOSE-WAIT": 1}, {}])
        self.assertEqual([row.happened for row in server[:6]],
                         [{"new": 1}, {}, {"opened": 1}, {}, {"closed": 1}, {}])
        client = self.states(path, 1, filter_text="end=client")
        self.assertEqual(client[:6], [{"SYN-SENT": 1}, {"ESTABLISHED": 1}, {"ESTABLISHED": 1},
                                      {"FIN-WAIT-2": 1}, {"TIME-WAIT": 1}, {"TIME-WAIT": 1}])
        self.assertEqual(client[-3:], [{"TIME-WAIT": 1}, {}, {}])       # 60 s after 4.06
        self.assertEqual(len(client), 66)

    def test_time_wait_of_the_preference(self):
        talk = Talk().open().close()
        path = self.capture("time-wait", talk, end=30)
        rows = self.states(path, 10, "-o", "tcpfsm.time_wait:15", filter_text="end=client")
        self.assertEqual(rows, [{"TIME-WAIT": 1}, {}, {}])

    def test_how_it_ends(self):
        refused = Talk(41001).c("S").s("RA")
        reset = Talk(41002).open().exchange().c("RA")
        unanswered = Talk(41003).c("S")
        rows = self.csv(self.capture("ends", refused, reset, unanswered, end=2), 1)
        self.assertEqual(rows[0].happened, {"new": 3, "opened": 1, "failed": 1, "reset": 1})
        self.assertEqual([row.states for row in rows], [{"SYN-SENT": 1}] * 2)

    def test_used_anew(self):
        """One connection an address and port: the old one makes room."""
        old = Talk().open().exchange()
        new = Talk(start=5, isn=(700000, 800000)).open()
        rows = self.csv(self.capture("anew", old, new), 1)
        self.assertEqual([row.states for row in rows], [{"ESTABLISHED": 1}] * 6)
        self.assertEqual(rows[5].happened, {"new": 1, "opened": 1, "closed": 1})

    def test_joined_late(self):
        """An end that was not heard of tells nothing; the other one does."""
        talk = Talk()
        talk.c("PA", b"data").wait(1).s("A")
        self.assertEqual(self.states(self.capture("late", talk), 1), [{"ESTABLISHED": 1}] * 2)

    def test_filter_chooses_connections(self):
        """Whichever of its segments passes, all of a connection counts, also what came before."""
        one = Talk(41001).open().wait(2).exchange().close()
        two = Talk(41002, service=443).open()
        path = self.capture("filter", one, two)
        for passes in ((), ("-2",)):
            rows = self.csv(path, 1, *passes, filter_text="tcp.flags.fin == 1")
            self.assertEqual([row.states for row in rows], [{"ESTABLISHED": 1}, {"ESTABLISHED": 1}, {}])
            self.assertEqual(rows[2].happened, {"closed": 1})
        both = self.csv(path, 1, filter_text="end=server,tcp.port in {80, 443}")
        self.assertEqual([row.states for row in both], [{"ESTABLISHED": 2}, {"ESTABLISHED": 2},
                                                        {"ESTABLISHED": 1}])
        self.assertEqual(self.csv(path, 1, filter_text="udp")[-1].total, 0)

    def test_disorder(self):
        """A segment with an earlier time moves its connection when the one before it did."""
        talk = Talk().open().exchange()
        frames = list(talk.frames)
        frames[1], frames[2] = (frames[2][0], frames[1][1]), (frames[1][0], frames[2][1])
        before = [(frames[0][0] - 3, packets.ethernet(packets.udp("10.0.0.3", "10.0.0.4", (5, 5), b"")))]
        other = Talk(41009, start=-2).open().frames
        path = shark.world().capture("timeline-disorder", frames + before + other)
        rows = self.csv(path, 0.005)
        self.assertEqual(rows[-1].states, {"ESTABLISHED": 2})

    def test_time(self):
        rows = self.csv(self.capture("time", Talk(start=86400.5).open().wait(1).exchange()), 0.5)
        self.assertEqual([(row.values["start_s"], row.values["time"]) for row in rows[:3]],
                         [("0", "2023-11-15T22:13:20.510000Z"), ("0.5", "2023-11-15T22:13:21.010000Z"),
                          ("1", "2023-11-15T22:13:21.510000Z")])

    def test_years_between_packets(self):
        """Of a stretch without change only its last row is printed, if there would be too many."""
        years = Talk(41002, start=3e8)
        path = self.capture("years", Talk(41001).open(), years.open())
        rows = self.csv(path, 1)
        self.assertEqual([row.start for row in rows], [0, 3e8 - 1, 3e8])
        self.assertEqual([row.total for row in rows], [1, 1, 2])
        self.assertEqual(len(self.csv(path, 10000)), math.floor(3e8 / 10000) + 1, "all, if they are few")

    def test_nothing(self):
        self.assertEqual(self.csv("empty", 1), [])
        self.assertEqual(self.csv("healthy", 1, "-o", "tcpfsm.analyze:FALSE"), [])

    def test_sessions(self):
        text = self.tshark(self.capture("sessions", Talk().open().exchange()), "-q", "-M", "5", "-z",
                           TIMELINE + ",1", stderr="resetting session.\n")
        lines = text.splitlines()
        self.assertEqual([line.split(",")[0] for line in lines], ["start_s", "0", "start_s", "0"])


class Arguments(shark.SharkTest):
    def test_wrong(self):
        for argument, complaint in (("", "needs an interval in seconds"), (",", "needs an interval"),
                                    (",0", '"0" is not an interval'), (",-1", '"-1" is not an interval'),
                                    (",1s", '"1s" is not an interval'), (",nan", '"nan" is not'),
                                    (",inf", '"inf" is not'), (",1e10", '"1e10" is not'),
                                    (",0x10", '"0x10" is not'), (",1.2.3", '"1.2.3" is not'),
                                    (",tcp", '"tcp" is not an interval'),
                                    (",1,end=left", '"left" is not an end'),
                                    (",1,end=client,end=client", "end= is given twice"),
                                    (",1,no.such.field", "no.such.field")):
            with self.subTest(argument=argument):
                status, text, said = shark.world().run(
                    [shark.TSHARK, "-n", "-q", "-r", shark.world().paths["healthy"], "-z",
                     TIMELINE + argument])
                self.assertEqual(text, "")
                self.assertGreater(status, 0)
                self.assertIn(complaint, said)


@unittest.skipUnless(shark.SHARKD, "sharkd isn't installed")
class Asked(TimelineTest):
    """The table of the menu, with an interval of its own choice: about 50 rows."""

    def test_rows(self):
        for capture in ("healthy", "samples", "unfinished", "samples"):
            _, answer = self.sharkd({"method": "load", "params": {"file": shark.world().paths[capture]}},
                                    {"method": "tap", "params": {"tap0": "nstat:" + TIMELINE}})
            tap = answer["taps"][0]
            self.assertEqual([field["c"] for field in tap["fields"]][2:],
                             STATES + ["Total"] + [name.capitalize() for name in HAPPENED])
            rows = tap["tables"][0]["i"]
            self.assertTrue(20 <= len(rows) <= 51, len(rows))
            seconds = rows[1][0]
            expected = [[row.start, row.values["time"], *map(int, list(row.values.values())[2:])]
                        for row in self.csv(capture, "%.6f" % seconds)]
            self.assertEqual(rows, expected, capture)

    def test_empty(self):
        _, answer = self.sharkd({"method": "load", "params": {"file": shark.world().paths["empty"]}},
                                {"method": "tap", "params": {"tap0": "nstat:" + TIMELINE}})
        self.assertEqual(answer["taps"][0]["tables"][0]["i"], [])


if __name__ == "__main__":
    shark.main()
