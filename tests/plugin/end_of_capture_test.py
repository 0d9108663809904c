#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What only the end of the capture can tell: on the segment that began it, once its time has passed.

In two passes the end is known. In one pass the first later segment of the connection tells, if one comes.
"""
import unittest

import contract
import packets
import shark
import stories
from stories import DUE
from talk import Talk

EXPERTS = ["tcpfsm.expert." + name for name in contract.HINDSIGHT]
JUST = 0.001


class EndTest(shark.SharkTest):
    def write(self, name, frames):
        """The path of a new capture."""
        return shark.world().capture(name, frames)

    def told(self, capture, *options):
        """{expert: numbers of the frames that have it}, those that none has left out."""
        found = self.frames_with(capture, EXPERTS, *options)
        return {field.split(".")[-1]: frames for field, frames in found.items() if frames}


class Thresholds(EndTest):
    """Eight stories whose time-outs pass at one moment, and captures that end just before it, and at it."""

    @classmethod
    def setUpClass(cls):
        cls.stories = [story().falling_due(DUE) for story in stories.ALL]
        cls.merger = stories.Merger(cls.stories)
        cls.expected = cls.merger.begun()

    def until(self, end, name=None):
        """The capture with a datagram at its end."""
        return self.write(name or "until-%g" % end, self.merger.frames + [stories.datagram(end)])

    def test_tells_at_the_time_out(self):
        self.assertEqual(self.told(self.until(DUE), "-2"), self.expected)

    def test_tells_nothing_before(self):
        self.assertEqual(self.told(self.until(DUE - JUST), "-2"), {})

    def test_one_pass_without_a_later_segment_tells_nothing(self):
        self.assertEqual(self.told(self.until(DUE)), {})

    def test_other_connection_ends_the_capture_as_well(self):
        other = Talk(46100, "10.0.0.8", "10.0.0.9", start=DUE - 0.01).c("PA", b"any").frames
        self.assertEqual(self.told(self.write("until-other", self.merger.frames + other), "-2"),
                         self.expected)

    def test_each_preference_moves_what_it_is_for(self):
        """A second more, and what it is for is not due; a second more of capture, and it is."""
        self.assertEqual({story.preference for story in self.stories}, set(stories.DEFAULTS))
        at, later = self.until(DUE), self.until(DUE + 1)
        for preference, seconds in stories.DEFAULTS.items():
            with self.subTest(preference=preference):
                option = "tcpfsm.%s:%d" % (preference, seconds + 1)
                left = {expert: [self.merger.frame(story, story.begun[expert]) for story in self.stories
                                 if expert in story.begun]
                        for expert in self.expected if self.preference_of(expert) != preference}
                self.assertEqual(self.told(at, "-2", "-o", option), self.in_order(left))
                self.assertEqual(self.told(later, "-2", "-o", option), self.expected)

    @staticmethod
    def preference_of(expert):
        """The first story is the expert's own, even if it comes along in others."""
        return {"embryonic": "handshake_timeout", "unanswered": "handshake_timeout",
                "last_ack_missing": "fin_timeout", "fin_unacknowledged": "fin_timeout",
                "peer_silent": "silent_timeout", "idle": "idle_timeout",
                "close_wait_stuck": "close_wait_timeout", "fin_wait_2_stuck": "fin_wait_2_timeout"}[expert]

    @staticmethod
    def in_order(table):
        return {expert: sorted(frames) for expert, frames in table.items()}

    def test_shorter_time_outs_tell_earlier(self):
        options = [part for preference, seconds in stories.DEFAULTS.items()
                   for part in ("-o", "tcpfsm.%s:%d" % (preference, seconds - 1))]
        path = self.until(DUE - 0.2)
        self.assertEqual(self.told(path, "-2"), {})
        self.assertEqual(self.told(path, "-2", *options), self.expected)

    def test_quiet_tail(self):
        """How long nothing more came counts, too, in two passes."""
        before, at = self.until(DUE - 1 - JUST), self.until(DUE - 1)
        self.assertEqual(self.told(before, "-2", "-o", "tcpfsm.quiet_tail:1"), {})
        self.assertEqual(self.told(at, "-2", "-o", "tcpfsm.quiet_tail:1"), self.expected)
        self.assertEqual(self.told(before, "-2", "-o", "tcpfsm.quiet_tail:2"), self.expected)

    def test_a_second_has_passed_since_the_last_try(self):
        """However short the time-out: an answer may still be under way."""
        talk = Talk(46101).c("S").c("S", seq=1000, after=6)
        for end, expected in ((1 - JUST, {}), (1, {"unanswered": [1]})):
            path = self.write("last-try-%g" % end, talk.frames + [stories.datagram(talk.now + end)])
            self.assertEqual(self.told(path, "-2"), expected)

    def test_what_is_missing_tells_nothing(self):
        """One direction alone, and a connection of which packets are missing."""
        alone = [frame for story in (stories.close_wait_stuck(), stories.peer_silent(), stories.idle())
                 for frame in story.falling_due(DUE).frames if frame[1][30:34] == packets.address("10.0.0.2")]
        holes = []
        for port, missing in ((46110, (5,)), (46111, (5, 6))):      # the server's answer; its ACK, too
            talk = Talk(port).open().exchange().c("FA").s("A")
            holes += [frame for place, frame in enumerate(talk.frames) if place not in missing]
        frames = sorted(alone + holes) + [stories.datagram(DUE + 1000)]
        self.assertEqual(self.told(self.write("missing", frames), "-2"), {})


class OnePass(EndTest):
    """Each story goes on twice after its time-out without a change for the better."""

    @classmethod
    def setUpClass(cls):
        cls.stories = [story().falling_due(DUE) for story in stories.ALL]
        cls.ends = {}
        for story in cls.stories:
            cls.ends[story.name] = len(story.frames)
            story.now = DUE + 1
            story.again()
            story.now = DUE + 10
            story.again()
        cls.merger = stories.Merger(cls.stories, stories.datagram(DUE + 100))

    def test_first_later_segment_tells_once(self):
        path = self.write("going-on", self.merger.frames)
        expected = {}
        for story in self.stories:
            for expert in story.begun:
                expected.setdefault(expert, []).append(self.merger.frame(story, self.ends[story.name] + 1))
        self.assertEqual(self.told(path), Thresholds.in_order(expected))

    def test_two_passes_tell_where_it_began(self):
        told = self.told(self.write("going-on", self.merger.frames), "-2")
        expected = self.merger.begun()
        self.assertEqual({expert: told.get(expert) for expert in expected}, expected)

    def test_what_was_put_right_is_not_told(self):
        """The late answer comes after the time-out: in no pass there is anything to say."""
        parts = [(story(), answer) for story, answer in (
            (stories.unanswered, lambda talk: talk.s("SA").c("A").exchange().close()),
            (stories.embryonic, lambda talk: talk.c("A").exchange().close()),
            (stories.fin_unacknowledged, lambda talk: talk.s("A").s("FA").c("A")),
            (stories.close_wait_stuck, lambda talk: talk.s("FA").c("A")),
            (stories.last_ack_missing, lambda talk: talk.c("A")),
            (stories.peer_silent, lambda talk: talk.s("A").close()),
            (stories.idle, lambda talk: talk.exchange().close()))]
        for story, answer in parts:
            story.falling_due(DUE)
            story.now = DUE + 5
            answer(story)
        merger = stories.Merger([story for story, _ in parts], stories.datagram(DUE + 1000))
        path = self.write("put-right", merger.frames)
        self.assertEqual(self.told(path), {})
        self.assertEqual(self.told(path, "-2"), {})

    def test_backlog_overflow_needs_no_time(self):
        """The second SYN-ACK after step 3 tells, and with hindsight the first one has it."""
        talk = Talk(46102).c("S").s("SA").c("A").c("PA", b"h" * 30, after=0.1)
        for pause in (1.2, 2):
            talk.s("SA", seq=9000, ack=1001, after=pause).c("A")
        path = self.write("backlog", talk.frames)
        self.assertEqual(self.told(path), {"backlog_overflow": [7]})
        self.assertEqual(self.told(path, "-2"), {"backlog_overflow": [5]})


class Precedence(EndTest):
    def test_one_warning_a_connection(self):
        """In all captures, however they were read."""
        fields = ["tcpfsm.connection"] + ["tcpfsm.expert." + name for name in contract.EXCLUSIVE]
        for capture in shark.distinct():
            for passes in ((), ("-2",)):
                said = {}
                for number, (connection, *experts) in enumerate(self.rows(capture, fields, *passes), 1):
                    for field, values in zip(fields[1:], experts):
                        for _ in values:
                            said.setdefault(connection[0], []).append((number, field))
                for connection, warnings in said.items():
                    self.assertEqual(len(warnings), 1, (capture, passes, connection, warnings))

    def test_missing_fin_comes_before_silence(self):
        """The closer asks three times and isn't answered; a minute later the FIN is what is missing."""
        story = stories.close_wait_stuck()
        story.copies(0, "A", story.next[0] - 1, (5, 5, 5))
        path = self.write("fin-before-silence", story.frames + [stories.datagram(40)])
        self.assertEqual(self.told(path, "-2"), {"peer_silent": [10]})
        path = self.write("fin-after-silence", story.frames + [stories.datagram(80)])
        told = self.told(path, "-2")
        self.assertEqual((told.get("close_wait_stuck"), told.get("peer_silent")), ([8], None))

    def test_fin_comes_before_what_it_follows(self):
        """A FIN sent again and again also is a peer that doesn't answer."""
        story = stories.fin_unacknowledged().falling_due(DUE)
        path = self.write("fin-and-silence", story.frames + [stories.datagram(DUE + 100)])
        self.assertEqual(self.told(path, "-2"), {"fin_unacknowledged": [8]})


class Filters(EndTest):
    """With a read filter the rejected frames' numbers are given again."""

    @classmethod
    def setUpClass(cls):
        cls.merger = stories.Merger([story().falling_due(DUE) for story in stories.ALL],
                                    stories.datagram(DUE + 1))

    def test_rejected_frames_are_never_meant(self):
        path = self.write("to-filter", self.merger.frames)
        for rule in ("tcp.flags.syn == 1", "tcp.srcport == 80", "tcp.flags.fin == 1", "tcp.dstport == 80",
                     "not udp"):
            with self.subTest(rule=rule):
                seen = self.rows(path, EXPERTS, "-2", "-Y", rule)
                self.assertNotEqual(seen, [])
                self.assertEqual(self.rows(path, EXPERTS, "-2", "-R", rule), seen)

    def test_display_filter_hides_no_end(self):
        """What ends the capture may be filtered from view."""
        path = self.write("to-filter", self.merger.frames)
        for expert, frames in self.merger.begun().items():
            self.assertEqual(self.numbers(path, "tcpfsm.expert." + expert, "-2"), frames)


class Sessions(EndTest):
    """Nothing of one capture is told in the next."""

    def test_session_reset(self):
        """Two sessions of two SYNs; in each, the second tells of the first, and nothing of the other's."""
        first = Talk(46103).c("S").c("S", seq=1000, after=6)
        first.c("S", seq=1000, after=100).c("S", seq=1000, after=6)
        path = self.write("sessions", first.frames)
        self.assertEqual(self.told(path), {"unanswered": [2]})
        for packets_each, expected in ((2, [2, 4]), (1, []), (3, [2])):
            command = [shark.TSHARK, "-n", "-r", path, "-M", str(packets_each), "-T", "fields", "-e",
                       "tcpfsm.expert.unanswered", "-e", "tcpfsm.connection"]
            status, text, _ = shark.world().run(command)
            self.assertEqual(status, 0)
            rows = [line.split("\t") for line in text.split("\n")[:-1]]
            self.assertEqual([number for number, row in enumerate(rows, 1) if row[0]], expected)
            self.assertEqual({row[1] for row in rows}, {"0"})

    @unittest.skipUnless(shark.SHARKD, "sharkd isn't installed")
    def test_one_capture_after_another(self):
        """The end of the first is an hour later than that of the second, and must be forgotten."""
        late = self.write("late", Talk(46104, start=3600).open().exchange().close().frames)
        early = self.write("early", Talk(46105).c("S").frames)
        old = self.write("old", Talk(46106).c("S").frames + [stories.datagram(10)])
        requests = []
        for number, path in enumerate((late, early, old, early)):
            rule = "tcpfsm.expert.unanswered && frame.number < 1%02d" % number     # sharkd remembers filters
            requests += [{"method": "load", "params": {"file": path}},
                         {"method": "frames", "params": {"filter": rule, "column0": "frame.number:1"}}]
        answers = self.sharkd(*requests)[1::2]
        self.assertEqual([[frame["num"] for frame in answer] for answer in answers], [[], [], [1], []])


if __name__ == "__main__":
    shark.main()
