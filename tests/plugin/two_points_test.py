#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of two points, an interface each, whose truth is known: which frames show one segment, which
segments were lost between the points, which were made there.
"""
import collections
import json
import os
import re
import subprocess

import contract
import shark
import svg_test
from captures import two

TRANSIT = "0.020000000"
FIELDS = ["tcpfsm.connection", "tcpfsm.point", "tcpfsm.other_frame", "tcpfsm.transit_time",
          "tcpfsm.lost_between", "tcpfsm.client.state.str", "tcpfsm.server.state.str",
          *("tcpfsm.expert." + name for name in ("lost_between", "made_between", "seen_once",
                                                 "changed_between", "clocks_differ"))]


class Talk(two.Talk):
    """Each segment has a number, by which its sightings are known, and a fate."""

    def send(self, side, flags, data=b"", lost=False, fate="", **others):
        self.count = getattr(self, "count", 0) + 1
        fate = fate or {True: "lost", "made": "made"}.get(lost, "")
        label = "%d %d %s" % (self.ports[0], self.count, fate)
        return super().send(side, flags, data, lost=lost, label=label, **others)


def syn(talk):
    talk.c("S", lost=True)
    talk.c("S", seq=talk.next[0] - 1, after=1).s("SA").c("A").exchange().close()


def syn_ack(talk):
    talk.c("S").s("SA", lost=True)
    talk.s("SA", seq=talk.next[1] - 1, after=1).c("A").exchange().close()


def step_3(talk):
    talk.c("S").s("SA").c("A", lost=True)
    talk.s("SA", seq=talk.next[1] - 1, after=1).c("A").exchange().close()


def fin(talk):
    talk.open().exchange().c("FA", lost=True)
    talk.c("FA", seq=talk.next[0] - 1, after=0.25).s("A").s("FA").c("A")


def fin_for_good(talk):
    talk.open().exchange().c("FA", lost=True)
    for pause in (0.25, 0.5, 1, 2):
        talk.c("FA", seq=talk.next[0] - 1, after=pause, lost=True)


def data(talk):
    talk.open().exchange().c("PA", b"l" * 50, lost=True)
    talk.c("PA", b"l" * 50, seq=talk.next[0] - 50, after=0.3).s("A").close()


def reset(talk):
    talk.open().exchange().s("RA", lost=True)
    talk.c("PA", b"m" * 40, after=1).s("R", seq=talk.next[1])


def made_for_both(talk):
    talk.open().exchange().wait(0.2).c("R", after=0.1, lost="made", ttl=250, ack=0)
    talk.s("R", after=0, lost="made", ttl=250)


def made_and_contradicted(talk):
    talk.open().exchange().wait(0.2).c("R", after=0.1, lost="made")
    talk.c("PA", b"on" * 50, after=0.5).s("R", seq=talk.next[1])


def far_misses(talk):
    talk.open().c("PA", b"q" * 100).s("A", missed=(0,)).s("PA", b"r" * 100).c("A")
    talk.c("PA", b"s" * 300, missed=(1,)).s("A").c("FA", missed=(1,)).s("A").s("FA", missed=(0,)).c("A")


def near_misses(talk):
    talk.open().exchange().c("PA", b"q" * 100, missed=(0,)).s("A").c("FA", missed=(0,)).s("A").s("FA").c("A")


def healthy(talk):
    talk.open().exchange().close()


def long(talk):
    talk.open()
    for _ in range(10):
        talk.wait(1).exchange()
    talk.close()


STORIES = [healthy, syn_ack, step_3, fin, fin_for_good, data, reset, made_for_both, made_and_contradicted,
           far_misses, near_misses]
# What stands between, and what is said of it.
DEVICES = [("addresses", dict(address="203.0.113.7", port=11111)), ("service", dict(service="192.168.1.80")),
           ("ISN", dict(isn=(1234567, 4000000000))), ("MSS", dict(mss=1380)),
           ("SACK", dict(strips=("sack",))), ("timestamps", dict(strips=("times",)))]
PORT, DEVICE_PORT = 41000, 42000


def whole():
    """All of them in one network; a steady connection shows that both points go on capturing."""
    network = two.Network()

    def add(port, story, begin, device=None):
        own = two.Network(device=two.Device(**device or {}))
        story(Talk(own, port=port, start=begin, isn=(port * 7919, port * 104729)))
        for point, seen in enumerate(own.seen):
            network.seen[point] += seen

    add(40000, long, 0)
    for number, story in enumerate(STORIES):
        add(PORT + number, story, 1 + number * 0.0013)
    for number, (_, device) in enumerate(DEVICES):
        add(DEVICE_PORT + number, healthy, 2 + number * 0.0013, device)
    return network


class TruthTest(shark.SharkTest):
    _truth = None

    def capture(self):
        """Its path, and of each frame (point, port, number, fate)."""
        if TruthTest._truth is None:
            path = os.path.join(shark.world().captures, "truth.pcapng")
            labels = two.write_joined(path, whole())
            shark.world().open_to_all()
            TruthTest._truth = path, [(point, *re.match(r"(\d+) (\d+) (\w*)", label).groups())
                                      for point, label in labels]
        return TruthTest._truth

    def frames(self, *passes):
        path, truth = self.capture()
        rows = self.rows(path, FIELDS, *passes)
        self.assertEqual(len(rows), len(truth))
        return [(number, fact, dict(zip(FIELDS, row)))
                for number, (fact, row) in enumerate(zip(truth, rows), 1)]


class TwoPoints(TruthTest):
    def test_each_frame_has_its_point(self):
        for number, (point, *_), shown in self.frames("-2"):
            self.assertEqual(shown["tcpfsm.point"], [str(point + 1)], "frame %d" % number)

    def test_other_frames_and_transit_times(self):
        sightings = collections.defaultdict(list)
        for number, (_, port, count, _), _ in self.frames("-2"):
            sightings[port, count].append(number)
        self.assertGreater(sum(len(seen) == 2 for seen in sightings.values()), 100)
        for number, (_, port, count, _), shown in self.frames("-2"):
            others = [str(other) for other in sightings[port, count] if other != number]
            self.assertEqual(shown["tcpfsm.other_frame"], others, "frame %d" % number)
            self.assertEqual(shown["tcpfsm.transit_time"], [TRANSIT] * len(others), "frame %d" % number)

    def test_explanations_name_the_other_frame(self):
        path, truth = self.capture()
        rows = self.rows(path, ["tcpfsm.other_frame", "tcpfsm.explain"], "-2")
        for number, ((point, *_), (others, texts)) in enumerate(zip(truth, rows), 1):
            told = re.search(r"The same segment in frame (\d+), 20 ms (later|earlier), at the point near the "
                             r"(client|server)\.$", texts[0])
            self.assertEqual([told[1]] if told else [], others, "frame %d" % number)
            if told:
                self.assertEqual(told[2] == "later", int(told[1]) > number)
                self.assertEqual(told[3], ("server", "client")[point])

    def with_fate(self, fate):
        return [number for number, (*_, found), _ in self.frames("-2") if found == fate]

    def shown_with(self, field, *passes):
        return [number for number, _, shown in self.frames(*passes) if shown[field] not in ([], ["0"])]

    def test_what_was_lost(self):
        lost = self.with_fate("lost")
        self.assertGreater(len(lost), 9)
        self.assertEqual(self.shown_with("tcpfsm.lost_between", "-2"), lost)
        self.assertEqual(self.shown_with("tcpfsm.expert.lost_between", "-2"), lost)

    def test_what_was_made(self):
        made = self.with_fate("made")
        self.assertEqual(len(made), 3)
        self.assertEqual(self.shown_with("tcpfsm.expert.made_between", "-2"), made)

    def test_what_is_neither(self):
        self.assertEqual(self.shown_with("tcpfsm.expert.clocks_differ", "-2"), [])
        ports = {fact[1] for number, fact, _ in self.frames("-2")
                 if number in self.shown_with("tcpfsm.expert.seen_once", "-2")}
        self.assertLessEqual(ports, {str(PORT + STORIES.index(near_misses))})

    def test_one_pass_names_nothing_else(self):
        """What it names was lost or made, earlier in the same connection."""
        for fate in "lost", "made":
            path, truth = self.capture()
            field = "tcpfsm.expert.%s_between" % fate
            shown = self.shown_with(field)
            self.assertNotEqual(shown, [])
            for number in shown:
                earlier = {fact[3] for fact in truth[:number] if fact[1] == truth[number - 1][1]}
                self.assertIn(fate, earlier, "frame %d" % number)

    def test_states_at_the_end(self):
        last = {}
        for _, (_, port, _, _), shown in self.frames("-2"):
            last[int(port)] = shown["tcpfsm.client.state.str"][0], shown["tcpfsm.server.state.str"][0]
        for port in [PORT + STORIES.index(story) for story in (healthy, syn_ack, step_3, fin, data)]:
            self.assertEqual(last[port], ("TIME-WAIT", "CLOSED"), port)
        self.assertEqual(last[PORT + STORIES.index(fin_for_good)], ("FIN-WAIT-1", "ESTABLISHED"))

    def test_states_while_a_fin_is_lost(self):
        """The server can't know of a FIN that never reached its point."""
        port = str(PORT + STORIES.index(fin))
        states = [shown["tcpfsm.server.state.str"] for _, (_, found, _, fate), shown in self.frames("-2")
                  if found == port and fate == "lost"]
        self.assertEqual(states, [["ESTABLISHED"]])

    def lines(self):
        """Of -z tcpfsm,json, by the client's port."""
        path, _ = self.capture()
        rows = [json.loads(line) for line in self.tshark(path, "-q", "-z", "tcpfsm,json").splitlines()]
        return {row["client_port"]: row for row in rows}

    def test_json_counts_each_segment_once(self):
        _, truth = self.capture()
        rows = self.lines()
        for number in range(len(STORIES)):
            port = PORT + number
            sent = {count for _, found, count, fate in truth if found == str(port) and fate != "made"}
            if STORIES[number] in (far_misses, near_misses, made_for_both, made_and_contradicted):
                continue        # what only one point has seen counts at that one
            self.assertEqual(rows[port]["packets"], len(sent), STORIES[number].__name__)
            lost = sum(fate == "lost" for _, found, _, fate in truth if found == str(port))
            self.assertEqual(rows[port]["lost_client_to_server"] + rows[port]["lost_server_to_client"], lost)
            self.assertEqual(rows[port]["points"], 2)

    def test_json_names_what_was_changed(self):
        rows = self.lines()
        self.assertEqual(len([row for row in rows.values() if row["points"] == 2]), len(rows))
        for number, (what, _) in enumerate(DEVICES[2:], 2):
            self.assertIn(what, rows[DEVICE_PORT + number]["changed"])

    def test_one_point_has_none_of_it(self):
        fields = [*contract.POINTS_PLAIN, *contract.BETWEEN_PLAIN]
        for field, numbers in self.frames_with("everything", fields, "-2").items():
            self.assertEqual(numbers, [], field)


class Ladder(TruthTest):
    """One arrow a segment: where it departs, where it arrives."""

    def ladder(self, story):
        path, _ = self.capture()
        port = PORT + STORIES.index(story)
        return self.tshark(path, "-2", "-q", "-z", "tcpfsm,ladder,tcp.port==%d" % port)

    def test_a_lost_fin(self):
        text = self.ladder(fin)
        lost = [line for line in text.splitlines() if re.search(r"[─x╳]   ╎", line) and "╳" in line]
        self.assertEqual(len(lost), 1, text)
        self.assertIn("[1/4] FIN", lost[0])
        self.assertIn("├─────┼", lost[0])
        self.assertEqual(text.count("[1/3] SYN "), 1)
        self.assertEqual(text.count("[1/4] FIN"), 2)
        self.assertRegex(text, r"╲─+ frame \d+, 20 ms later ─+┼────►│ CLOSE-WAIT")

    def test_made_ones_begin_between(self):
        text = self.ladder(made_for_both)
        self.assertRegex(text, r"●─+ RST seq=\d+ ─+┼────►│ CLOSED")
        self.assertRegex(text, r"CLOSED │◄────┼─+ RST seq=\d+ ─+●")

    def picture(self, story):
        """The SVG of a story, as scripts/ladder draws it."""
        path, _ = self.capture()
        lines = shark.world().run([shark.TSHARK, "-G", "fields"])[1].splitlines(keepends=True)
        experts = shark.world().file("experts", "".join(line for line in lines if "\ttcpfsm.expert." in line))
        helper = [svg_test.python(), "-B", svg_test.HELPER]
        fields = subprocess.run([*helper, "--fields", experts], capture_output=True, text=True,
                                check=True).stdout.split()
        rows = self.tshark(path, "-2", "-Y", "tcp.port == %d" % (PORT + STORIES.index(story)), "-T", "fields",
                           "-E", "occurrence=a", "-E", "aggregator=\x1f", "-E", "header=y", *fields)
        drawn = subprocess.run([*helper, "title", experts, "0", "0"], input=rows.encode(),
                               capture_output=True, check=True)
        return svg_test.Picture(drawn.stdout.decode())

    def test_svg_has_an_arrow_a_segment(self):
        _, truth = self.capture()
        for story in healthy, fin, made_for_both:
            picture, port = self.picture(story), str(PORT + STORIES.index(story))
            facts = [(number, *fact) for number, fact in enumerate(truth, 1) if fact[1] == port]
            self.assertEqual(len(picture.groups("segment")), len({count for *_, count, _ in facts}))
            self.assertEqual(picture.frames(), [fact[0] for fact in facts])
            for kind in "lost", "made":
                self.assertEqual(len(picture.groups(kind)), sum(fact[-1] == kind for fact in facts))
            self.assertEqual([text.text for text in picture.texts("point")], ["point 1", "point 2"])

    def test_svg_slopes_to_scale(self):
        """The SYN takes 20 ms, the second one is drawn over as many points."""
        picture = self.picture(healthy)
        ways = [[tuple(map(float, point.split(","))) for point in line.get("points").split()]
                for group in picture.groups("segment") for line in group.iter(svg_test.SVG + "polyline")]
        slopes = [way[1][1] - way[0][1] for way in ways if len(way) == 2 and abs(way[0][0] - way[1][0]) > 200]
        self.assertEqual(len(slopes), 11)
        self.assertTrue(all(60 <= slope <= 110 for slope in slopes), slopes)

    def test_one_point_has_no_points(self):
        self.assertNotIn("╎", self.tshark("healthy", "-q", "-z", "tcpfsm,ladder"))


if __name__ == "__main__":
    shark.main()
