#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts: who owes what, since which frame, how long; a cause as likely, and what to check; short enough."""
import os
import re

import captures
import contract
import shark
import stories
from stories import DUE
from talk import Talk

MOST = 239                  # Wireshark cuts texts behind that many bytes: so one as long as that has been cut
EXPERTS = ["tcpfsm.expert." + name for name in contract.EXPERTS]
FILTERS = [(), ("-2",), ("-2", "-R", "tcp.dstport == 80"), ("-2", "-R", "!(tcp.flags.syn == 1)")]

# What the messages begin with that are told with hindsight: who, what, which frame's place, how many seconds.
WORDS = {
    "unanswered": r"server owes a SYN-ACK since frame {frame}, {age} s",
    "embryonic": r"client owes (step 3|an ACK[^,]*) since frame {frame}, {age} s",
    "fin_unacknowledged": r"server owes an ACK of the FIN since frame {frame}, {age} s",
    "close_wait_stuck": r"server owes a FIN since frame {frame}, {age} s",
    "fin_wait_2_stuck": r"since frame {frame}, {age} s.*server owes (a|its) FIN",
    "last_ack_missing": r"client owes the last ACK since frame {frame}, {age} s",
    "peer_silent": r"server doesn't answer since frame {frame}, {age} s",
    "idle": r"[Oo]pen since frame {frame}, {age} s",
}


class TextTest(shark.SharkTest):
    def messages(self, capture, name, *options):
        """All messages of the frames that have one expert."""
        rows = self.rows(capture, ["_ws.expert.message"], "-Y", "tcpfsm.expert." + name, *options)
        return [text for row in rows for text in row[0]]


class AllTexts(TextTest):
    """Every message and explanation of every capture, in one pass and two, with and without a read filter."""

    def each(self):
        fields = ["_ws.expert.message", "tcpfsm.explain", "_ws.expert.severity"] + EXPERTS
        for capture in shark.distinct() + ["crowds", "unreachable"]:
            for options in FILTERS[:2] if capture == "cut-within-header" else FILTERS:
                rows = self.rows(capture, fields, *options)
                for number, row in enumerate(rows, 1):
                    yield "%s %s frame %d" % (capture, " ".join(options), number), len(rows), row

    def test_messages(self):
        """Of frames with an expert of ours: those of tcp.* are among the messages, and no worse."""
        ours = 0
        for where, count, row in self.each():
            for text in row[0] + row[1]:
                self.assertNotRegex(text, r"[{}]|%[a-z]|\(null\)|  ", where)
                for frame in re.findall(r"frame (\d+)", text):
                    self.assertTrue(1 <= int(frame) <= count, "%s: %s" % (where, text))
                self.assertNotRegex(text, r"-\d+\.\d+ s\b", where)
            if any(row[3:]):
                ours += 1
                for text in row[0]:
                    self.assertLess(len(text.encode()), MOST, "%s: %s" % (where, text))
        self.assertGreater(ours, 2000)

    def test_warnings_tell_a_cause_and_what_to_check(self):
        """Each expert of hindsight, wherever it stands: likely, not as fact."""
        told = set()
        for where, _, row in self.each():
            for name in contract.HINDSIGHT + ["desynchronized"]:
                if row[3 + EXPERTS.index("tcpfsm.expert." + name)]:
                    told.add(name)
                    texts = [text for text in row[0] if "Likely" in text and "check" in text.lower()]
                    if name != "desynchronized":
                        self.assertNotEqual(texts, [], "%s %s: %s" % (where, name, row[0]))
                    else:
                        self.assertTrue(any("or a device in between" in text for text in row[0]), where)
        self.assertEqual(told, set(contract.HINDSIGHT + ["desynchronized"]))


class Hindsight(TextTest):
    """Ages and frames in the texts, with a known end."""

    @classmethod
    def setUpClass(cls):
        cls.stories = {story().name: story for story in stories.ALL}

    def one(self, story, *others):
        return shark.world().capture("text-" + story.name, sorted(story.frames) + list(others))

    def test_says_who_owes_what_since_when(self):
        """100.5 s after it fell due, on the segment that began it; the age counts from that frame."""
        self.assertEqual(set(WORDS), set(self.stories))
        merger = stories.Merger([make().falling_due(DUE) for make in self.stories.values()],
                                stories.datagram(DUE + 100.5))
        path = shark.world().capture("texts", merger.frames)
        rows = self.rows(path, ["_ws.expert.message", "frame.time_relative"] + EXPERTS, "-2")
        base = merger.frames[0][0]
        for name, frames in merger.begun().items():
            for frame in frames:
                self.assertNotEqual(rows[frame - 1][2 + EXPERTS.index("tcpfsm.expert." + name)], [])
                age = DUE + 100.5 - base - float(rows[frame - 1][1][0])
                words = WORDS[name].replace("{frame}", str(frame)).replace("{age}", "%.1f" % age)
                texts = [text for text in rows[frame - 1][0] if re.search(words, text)]
                self.assertEqual(len(texts), 1, "%s: %s not in %s" % (name, words, rows[frame - 1][0]))

    def test_counts_the_tries(self):
        """Three SYNs, three SYN-ACKs, four FINs, four tries in so many seconds."""
        expected = {"unanswered": "3 SYNs in 3.000 s", "embryonic": "3 SYN-ACKs in 3.000 s",
                    "fin_unacknowledged": "4 FINs in 1.400 s", "last_ack_missing": "4 FINs in 1.400 s",
                    "peer_silent": "4 tries in 1.800 s"}
        merger = stories.Merger([self.stories[name]().falling_due(DUE) for name in expected],
                                stories.datagram(DUE + 1))
        path = shark.world().capture("tries", merger.frames)
        rows = self.rows(path, ["_ws.expert.message"], "-2")
        for name, words in expected.items():
            frame, = merger.begun()[name]
            self.assertTrue(any(words in text for text in rows[frame - 1][0]), rows[frame - 1][0])

    def test_names_what_must_be_said(self):
        for name, words in (("embryonic", ["embryonic", "cookies"]), ("close_wait_stuck", ["half-close"]),
                            ("fin_wait_2_stuck", ["half-close"])):
            story = self.stories[name]().falling_due(DUE)
            path = self.one(story, stories.datagram(DUE + 1))
            texts = self.messages(path, name, "-2")
            for word in words:
                self.assertTrue(any(word in text for text in texts), (name, word, texts))

    def test_is_short_enough_in_a_long_capture(self):
        """Frame numbers of six digits, ages of a day; whatever is told is told to its end."""
        story = Talk(47001, start=86400.0)
        frames = [stories.datagram(0.0001 * number) for number in range(100000)]
        copies = story.c("S")
        for _ in range(6):
            copies.c("S", seq=1000, after=64)
        for name in ("close_wait_stuck", "fin_wait_2_stuck", "fin_unacknowledged", "peer_silent",
                     "last_ack_missing", "embryonic", "idle"):
            frames += self.stories[name]().falling_due(DUE).frames
        frames += [(seconds + 50000, frame) for seconds, frame in captures.stock_errors()]
        frames += [(seconds + 60000, frame) for seconds, frame in captures.unfinished()]
        frames = sorted(frames + story.frames) + [stories.datagram(2 * 86400.0)]
        path = shark.world().capture("long", frames)
        rows = self.rows(path, ["_ws.expert.message"], "-2", "-Y", "tcpfsm")
        texts = [text for row in rows for text in row[0]]
        self.assertTrue(any("since frame 100" in text for text in texts))
        self.assertTrue(any("or a device in between" in text for text in texts))
        self.assertEqual([text for text in texts if len(text.encode()) >= MOST], [])


class DataInSyn(TextTest):
    """What acknowledges a SYN's data tells its last byte, not a SYN of that number."""

    def explained(self, capture):
        path = os.path.join(shark.SAMPLES, capture)
        rows = self.rows(path, ["frame.number", "tcpfsm.explain"])
        return {int(row[0][0]): row[1][0] for row in rows}

    def test_taken(self):
        texts = self.explained("open-with-data-in-syn.pcapng")
        self.assertIn("ack 1, or ack 10 if it also accepts the data", texts[1])
        self.assertIn("ack 10, acknowledges the SYN and its data up to 9;", texts[2])
        self.assertIn("SYN 0; the handshake is complete", texts[3])

    def test_no_data(self):
        texts = self.explained("close-by-client.pcapng")
        self.assertNotIn("data", texts[1])
        self.assertIn("acknowledges SYN 0;", texts[2])


class Debts(TextTest):
    """The top line and the explanation tell what has been owed for long, as of each segment."""

    def test_old_debts(self):
        """A FIN owed since the closer's, told on its keepalive; a young debt isn't worth a word."""
        story = stories.fin_wait_2_stuck()
        story.now += 43.2 - 30.02
        story.again()
        path = shark.world().capture("debts", story.frames)
        for passes in ((), ("-2",)):
            lines = [line for line in self.tshark(path, "-O", "tcpfsm", *passes).splitlines()
                     if line.startswith("[TCP Connection State")]
            explained = [row[0][0] for row in self.rows(path, ["tcpfsm.explain"], *passes)]
            self.assertEqual(len(lines), len(explained))
            owed = [re.findall(r"has owed a FIN since frame (\d+) \((\d+\.\d) s\)", line) for line in lines]
            self.assertEqual(owed[:9], [[]] * 9)
            for number in (10, 11, 12, 13):             # of two debts the old one is told, not the urgent one
                age = "%.1f" % (story.frames[number - 1][0] - story.frames[7][0])
                self.assertEqual(owed[number - 1], [("8", age)])
                self.assertIn("FIN, owed since frame 8 (%s s)" % age, explained[number - 1])
            for text in explained[:9]:
                self.assertNotIn("owed since", text)

    def test_most_urgent_first(self):
        """A SYN-ACK that is owed for three seconds, told on the SYN's third copy."""
        path = shark.world().capture("owed-syn-ack", stories.unanswered().frames)
        lines = [line for line in self.tshark(path, "-O", "tcpfsm").splitlines()
                 if line.startswith("[TCP Connection State")]
        self.assertNotIn("owed", lines[0])
        self.assertIn("server has owed a SYN-ACK since frame 1 (1.0 s)", lines[1])
        self.assertIn("server has owed a SYN-ACK since frame 1 (3.0 s)", lines[2])

    def test_read_filter(self):
        """Since a frame that was rejected: then no frame is named that isn't the one."""
        story = stories.fin_wait_2_stuck()
        path = shark.world().capture("debts-filtered", story.frames)
        for rule in ("frame.number < 8 || frame.number > 8", "tcp.flags.fin == 0"):
            for row in self.rows(path, ["tcpfsm.explain"], "-2", "-R", rule):
                self.assertNotRegex(row[0][0], r"since frame")


if __name__ == "__main__":
    shark.main()
