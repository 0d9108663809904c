#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holes in the capture's clock: nobody is said to wait over a gap in which nothing at all was captured, nor
over a jump back.
"""
import json

import contract
import shark
import stories
from stories import DUE
from talk import Talk

EXPERTS = ["tcpfsm.expert." + name for name in contract.HINDSIGHT]
HOLE, JUST = 600, 0.001
NO_HOLES = ("-o", "tcpfsm.hole:0")


class ClockTest(shark.SharkTest):
    """Eight stories whose time-outs pass at one moment, and what stands behind them in the capture."""

    @classmethod
    def setUpClass(cls):
        cls.stories = [story().falling_due(DUE) for story in stories.ALL]
        cls.merger = stories.Merger(cls.stories)
        cls.expected = cls.merger.begun()

    def behind(self, name, *moments, others=()):
        """The path of a capture with datagrams at those moments behind the stories, in this order."""
        frames = self.merger.frames + [stories.datagram(moment) for moment in moments] + list(others)
        return shark.world().capture("clock-" + name, frames)

    def told(self, capture, *options):
        found = self.frames_with(capture, EXPERTS, *options)
        return {field.split(".")[-1]: frames for field, frames in found.items() if frames}


class Gaps(ClockTest):
    def test_nothing_falls_due_in_a_hole(self):
        path = self.behind("in-a-hole", DUE - JUST, DUE + HOLE)
        self.assertEqual(self.told(path, "-2"), {})
        self.assertEqual(self.told(path), {})
        self.assertEqual(self.told(path, "-2", *NO_HOLES), self.expected)
        self.assertEqual(self.told(path, "-2", "-o", "tcpfsm.hole:601"), self.expected)

    def test_what_is_as_long_as_the_preference_is_no_hole(self):
        self.assertEqual(self.told(self.behind("as-long", DUE - 1, DUE - 1 + HOLE), "-2"), self.expected)

    def test_what_was_due_before_is_told(self):
        """Whatever comes behind the hole. The ages stop in front of it."""
        path = self.behind("before-a-hole", DUE + 5, DUE + 10 * HOLE)
        self.assertEqual(self.told(path, "-2"), self.expected)
        frame, = self.expected["unanswered"]
        age, = self.rows(path, ["tcpfsm.finding.age"], "-2")[frame - 1][0]
        self.assertAlmostEqual(float(age), DUE + 5 - self.merger.frames[frame - 1][0], 3)

    def test_quiet_tail_is_no_hole(self):
        path = self.behind("quiet", DUE - 1)
        self.assertEqual(self.told(path, "-2", "-o", "tcpfsm.quiet_tail:7000"), self.expected)

    def test_a_connection_that_goes_on_shows_that_the_capture_did(self):
        """Before and behind the gap, of whatever connection; the network was quiet."""
        def going_on(answered, **numbers):
            other = Talk(46201, "10.0.0.8", "10.0.0.9", start=DUE - 5).open().exchange()
            before = list(other.frames)
            other.now = DUE + HOLE
            other.c("PA", b"more", **numbers)
            if answered:
                other.s("A", after=50)
            return before, other.frames[len(before):]
        for name, numbers, crossed in (("fits", {}, True), ("again", {"seq": 1001}, True),
                                       ("keepalive", {"seq": 1100}, True),
                                       ("stranger", {"seq": 777777777, "ack": 666666666}, False)):
            with self.subTest(name):
                before, behind = going_on(crossed, **numbers)
                merger = stories.Merger(self.stories, *before)
                path = shark.world().capture("clock-crossed-" + name, merger.frames + behind)
                self.assertEqual(self.told(path, "-2"), merger.begun() if crossed else {})

    def test_new_connections_cross_nothing(self):
        other = Talk(46202, "10.0.0.8", "10.0.0.9", start=DUE + HOLE).open().exchange().close()
        self.assertEqual(self.told(self.behind("new-ones", others=other.frames), "-2"), {})

    def test_one_pass_tells_on_the_segment_that_crosses(self):
        """Nothing but one connection was captured, and it is still there an hour later."""
        for make in stories.ALL:
            story = make().falling_due(DUE)
            if story.name in ("fin_wait_2_stuck", "unanswered"):
                continue    # its own pause is the story; the same SYN an hour later may be a replay
            count = len(story.frames)
            story.now = DUE + 3600
            story.again()
            path = shark.world().capture("clock-alone-" + story.name, story.frames)
            expected = {expert: [count + 1] for expert in story.begun}
            self.assertEqual(self.told(path), expected, story.name)


class Jumps(ClockTest):
    def test_a_jump_back_ends_all_waiting(self):
        for number, options in enumerate(((), NO_HOLES)):
            path = self.behind("back-%d" % number, DUE - JUST, DUE - 3600, DUE - 3000)
            self.assertEqual(self.told(path, "-2", *options), {})
            path = self.behind("back-late-%d" % number, DUE, DUE - 3600, DUE - 3000)
            self.assertEqual(self.told(path, "-2", *options), self.expected)

    def test_ten_seconds_are_disorder(self):
        self.assertEqual(self.told(self.behind("disorder", DUE + 5, DUE - 5, DUE - 4.9), "-2"), self.expected)
        self.assertEqual(self.told(self.behind("jump", DUE - 0.1, DUE - 10.2, DUE - 10), "-2"), {})

    def test_the_end_is_that_of_the_newest_clock(self):
        """Stories behind a jump back: the time before it is none of theirs."""
        before = [stories.datagram(DUE + 50000)]
        path = shark.world().capture("clock-second", before + self.merger.frames
                                     + [stories.datagram(DUE - JUST)])
        self.assertEqual(self.told(path, "-2"), {})
        path = shark.world().capture("clock-second-due", before + self.merger.frames
                                     + [stories.datagram(DUE)])
        expected = {expert: [frame + 1 for frame in frames] for expert, frames in self.expected.items()}
        self.assertEqual(self.told(path, "-2"), expected)

    def test_one_pass_tells_behind_the_jump(self):
        """What was due in front of it comes with the next segment, however early that seems."""
        talk = Talk(46203).c("S").c("S", seq=1000, after=1)
        for due, expected in ((4, {}), (5, {"unanswered": [4]})):
            later = Talk(46203, start=-5000).c("S", after=0).frames
            path = shark.world().capture("clock-one-pass-%d" % due, talk.frames
                                         + [stories.datagram(talk.frames[0][0] + due)] + later)
            self.assertEqual(self.told(path), expected)

    def test_no_age_is_negative(self):
        path = self.behind("ages", DUE - 4000, DUE - 3999)
        text = self.tshark(path, "-q", "-z", "tcpfsm,connections")
        self.assertIn("since frame", text)
        self.assertNotRegex(text, r"-\d+\.\d+ s")
        for line in self.tshark(path, "-q", "-z", "tcpfsm,json").splitlines():
            found = json.loads(line)
            for debt in found.get("client_owes", []) + found.get("server_owes", []):
                self.assertGreaterEqual(debt.get("age_us", 0), 0)
        self.assertNotRegex(self.tshark(path, "-q", "-z", "tcpfsm,ladder"), r"-\d+\.\d+ s")


class Crowds(ClockTest):
    def syns(self, first, count, start):
        frames = []
        for number in range(first, first + count):
            frames += Talk(40000 + number, start=start).c("S", after=0.01 * (number - first)).frames
        return frames

    def many(self, name, frames, *options):
        path = shark.world().capture("clock-" + name, frames)
        field = "tcpfsm.expert.many_embryonic"
        return self.frames_with(path, [field], "-o", "tcpfsm.many_limit:5", *options)[field]

    def test_what_a_hole_divides_is_not_there_at_once(self):
        behind = self.syns(10, 4, 1000) + [stories.datagram(1010)]
        frames = self.syns(0, 4, 0) + [stories.datagram(3)] + behind
        self.assertEqual(self.many("divided", frames, "-2"), [])
        self.assertEqual(self.many("divided", frames, "-2", *NO_HOLES), [7])
        back = self.syns(0, 4, 5000) + [stories.datagram(5003)] + behind
        self.assertEqual(self.many("divided-by-a-jump", back, "-2"), [])

    def test_each_side_of_a_hole_counts(self):
        before, behind = self.syns(0, 6, 0), self.syns(10, 6, 1000)
        frames = before + [stories.datagram(3)] + self.syns(20, 2, 1000) + [stories.datagram(1010)]
        self.assertEqual(self.many("before", frames, "-2"), [8])        # the next segment to this server
        frames = before + [stories.datagram(3), stories.datagram(1010)]
        self.assertEqual(self.many("before-alone", frames, "-2"), [6])
        frames = self.syns(20, 2, 0) + [stories.datagram(3)] + behind + [stories.datagram(1010)]
        self.assertEqual(self.many("behind", frames, "-2"), [9])

    def test_young_ones_in_front_of_a_hole_do_not_ripen_in_it(self):
        frames = self.syns(0, 6, 0) + [stories.datagram(0.9), stories.datagram(2000)]
        self.assertEqual(self.many("young", frames, "-2"), [])


if __name__ == "__main__":
    shark.main()
