#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts: an expert info says one of few sentences; who owes what, since which frame, how long stands in
fields below it, with a cause as likely, and what to check.
"""
import json
import os
import re
import sys

import captures
import contract
import shark
import stories
from stories import DUE
from talk import Talk

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "lib"))
import reference     # noqa: E402

EXPERT, FINDING = "tcpfsm.expert.", "tcpfsm.finding."
MOST = 239                  # Wireshark cuts texts behind that many bytes: so one as long as that has been cut
LONGEST = 160               # of a sentence: a line of the dialog
FILTERS = [(), ("-2",), ("-2", "-R", "tcp.dstport == 80"), ("-2", "-R", "!(tcp.flags.syn == 1)")]
ROLES = {"end": "client", "other": "server"}, {"end": "server", "other": "client"}


def sentences():
    """Expert info: all that it may say, and its causes and checks."""
    words = reference.words()
    invalid = {kind: [": the number " + words[verdict] for verdict, _, _, valid, _ in reference.verdicts(kind)
                      if valid == "INVALID"] for kind in ("SEQ", "ACK")}
    behind = {"step": ["", " (repeated)"], "seq_suspect": invalid["SEQ"], "ack_suspect": invalid["ACK"]}
    found = {}
    for name, (_, _, words) in reference.wordings().items():
        told = [[text.format(**roles) for text in one] for one in words for roles in ROLES]
        said = {one[0] + more for one in told for more in behind.get(name) or [""]}
        found[name] = said, {text for one in told for text in one[1:] if text}
    return found


class Info:
    """An expert info of the packet details."""

    def __init__(self, where, frame, pairs):
        self.where, self.frame, self.fields = where, frame, {}
        for key, value in pairs:
            if key.startswith(EXPERT):
                self.name = key[len(EXPERT):]
            elif key.startswith(FINDING):
                self.fields.setdefault(key[len(FINDING):], []).append(value)
        self.text = dict(pairs)["_ws.expert.message"]

    def one(self, field):
        value, = self.fields[field]
        return value


def infos_of(pairs, where, frame):
    for key, value in pairs:
        if key == "_ws.expert":
            yield Info(where, frame, value)
        elif isinstance(value, list):
            yield from infos_of(value, where, frame)


class TextTest(shark.SharkTest):
    def infos(self, capture, *options):
        """All of the plugin's expert infos, as the JSON of the packet details has them."""
        text = self.tshark(capture, "-T", "json", "-J", "tcpfsm", *options)
        where = "%s %s" % (capture, " ".join(options))
        packets = json.loads(text, object_pairs_hook=list)
        for frame, packet in enumerate(packets, 1):
            layers = dict(dict(packet)["_source"])["layers"]
            yield from infos_of([pair for pair in layers if pair[0] == "tcpfsm"],
                                "%s frame %d" % (where, frame), frame)

    def infos_named(self, name, capture, *options):
        return [info for info in self.infos(capture, *options) if info.name == name]


class AllTexts(TextTest):
    """Every expert info and explanation of every capture, in one pass and two, with a read filter or none."""

    @classmethod
    def setUpClass(cls):
        cls.sentences, cls.wordings = sentences(), reference.wordings()

    def captures(self):
        for capture in shark.distinct() + ["crowds", "scan", "unreachable", "clocks-apart"]:
            for options in FILTERS[:2] if capture == "cut-within-header" else FILTERS:
                yield capture, options
        yield from ((shark.scenarios(), options) for options in FILTERS[:2])

    def test_sentences_and_fields(self):
        """Nothing is said but the promised sentences, so that they group; below each stand the fields that
        the table promises, no others, and somewhere each of them."""
        seen = {name: set() for name in contract.EXPERTS}
        said = {name: set() for name in contract.EXPERTS}
        count = 0
        for capture, options in self.captures():
            for info in self.infos(capture, *options):
                self.check(info)
                seen[info.name] |= set(info.fields)
                said[info.name].add(info.text)
                count += 1
        self.assertGreater(count, 5000)
        for name, (_, fields, _) in self.wordings.items():
            self.assertEqual(seen[name], set(fields), name)
        self.assertGreater(len(said["step"]), 20)                   # seven steps, two ends, repeated
        self.assertGreater(len(said["reset_abort"]), 3)
        self.assertEqual(len(said["time_wait_reuse"]), 2)
        self.assertGreater(len(said["unreachable"]), 10)

    def check(self, info):
        texts, others = self.sentences[info.name]
        text = info.text.split(": ")[0] if info.name == "unreachable" else info.text
        self.assertIn(text, texts, info.where)
        self.assertNotRegex(info.text, r"[{}]|%[a-z]|\(null\)|  |frame \d", info.where)
        self.assertLess(len(info.text), LONGEST, info.where)
        for field, values in info.fields.items():
            self.assertEqual(len(values), 1, "%s %s" % (info.where, field))
            if field in ("cause", "check"):
                self.assertIn(values[0], others, info.where)
                self.assertLess(len(values[0]), MOST, info.where)
            elif field == "frame":
                self.assertGreater(int(values[0]), 0, info.where)
            else:
                self.assertGreaterEqual(float(values[0]), 0, info.where)

    def test_frames_are_there(self):
        """What tcpfsm.finding.frame links to lies in the capture, whatever a read filter rejected."""
        for capture, options in self.captures():
            rows = self.rows(capture, [FINDING + "frame", "tcpfsm.explain"], *options)
            for row in rows:
                for frame in row[0] + re.findall(r"frame (\d+)", "".join(row[1])):
                    self.assertTrue(1 <= int(frame) <= len(rows), "%s %s: %s" % (capture, options, row))
                for text in row[1]:
                    self.assertNotRegex(text, r"[{}]|%[a-z]|\(null\)|  |-\d+\.\d+ s\b", capture)

    def test_warnings_tell_a_cause_and_what_to_check(self):
        """Each expert of hindsight: likely, not as fact. (That they are shown: test_sentences_and_fields.)"""
        for name in contract.HINDSIGHT + ["desynchronized"]:
            for sentence, cause, check in self.wordings[name][2]:
                self.assertRegex(cause, "^Likely ", sentence)
                self.assertGreater(len(check), 10, sentence)
        for _, cause, _ in self.wordings["desynchronized"][2]:
            self.assertIn("or a device in between", cause)


class Asked(TextTest):
    """The fields below an expert info in every way that Wireshark has to ask for a field."""

    def world(self):
        story = stories.close_wait_stuck().falling_due(DUE)
        path = shark.world().capture("asked", story.frames + [stories.datagram(DUE + 1)])
        return path, story.begun["close_wait_stuck"]

    def test_display_filter(self):
        path, frame = self.world()
        for rule in (FINDING + "frame == %d" % frame, FINDING + "age > 60",
                     FINDING + 'cause contains "half-close"', FINDING + "check",
                     FINDING + 'check matches "close-wait"'):
            self.assertEqual(self.numbers(path, rule, "-2"), [frame], rule)
        self.assertEqual(self.numbers(path, FINDING + "count", "-2"), [])

    def test_column(self):
        path, frame = self.world()
        text = self.tshark(path, "-2", "-o", 'gui.column.format:"a","%%Cus:%sframe","b","%%Cus:%scause"'
                           % (FINDING, FINDING))
        self.assertTrue(text.splitlines()[frame - 1].startswith("%d Likely" % frame), text)

    def test_alone(self):
        """One that is asked for comes without the others, and without the expert info."""
        path, frame = self.world()
        for field in contract.FINDING:
            expected = [frame] if field.split(".")[-1] in ("frame", "age", "cause", "check") else []
            self.assertEqual(self.frames_with(path, [field], "-2")[field], expected)

    def test_several_on_a_segment(self):
        """Each has its own."""
        story = stories.fin_wait_2_stuck().falling_due(DUE)
        path = shark.world().capture("several", story.frames + [stories.datagram(DUE + 1)])
        infos = {info.name: info for info in self.infos(path, "-2") if info.name in story.begun}
        self.assertEqual({info.one("frame") for info in infos.values()},
                         {str(frame) for frame in story.begun.values()})
        self.assertEqual(len(infos), 2)


class Hindsight(TextTest):
    """Ages and frames below the texts, with a known end."""

    @classmethod
    def setUpClass(cls):
        cls.stories = {story().name: story for story in stories.ALL}

    def test_says_since_when(self):
        """100.5 s after it fell due, on the segment that began it; the age counts from that frame."""
        merger = stories.Merger([make().falling_due(DUE) for make in self.stories.values()],
                                stories.datagram(DUE + 100.5))
        path = shark.world().capture("texts", merger.frames)
        infos = list(self.infos(path, "-2"))
        for name, frames in merger.begun().items():
            mine = [info for info in infos if info.name == name]
            self.assertEqual([info.frame for info in mine], frames)
            for info in mine:
                self.assertEqual(info.one("frame"), str(info.frame))
                age = DUE + 100.5 - merger.frames[info.frame - 1][0]
                self.assertAlmostEqual(float(info.one("age")), age, 3)

    def test_one_pass_links_the_frame_that_began_it(self):
        """On a later segment of the same connection, with the age as of then."""
        for make in stories.ALL:
            story = make().falling_due(DUE)
            story.now = DUE + 0.5
            story.again()
            path = shark.world().capture("later-" + story.name, story.frames)
            info, = self.infos_named(story.name, path)
            begun = story.begun[story.name]
            self.assertGreater(info.frame, begun)
            self.assertEqual(info.one("frame"), str(begun))
            age = story.frames[info.frame - 1][0] - story.frames[begun - 1][0]
            self.assertAlmostEqual(float(info.one("age")), age, 3)

    def test_who_owes(self):
        """The roles in the sentence, whoever is the client."""
        words = {"unanswered": "the server owes a SYN-ACK", "embryonic": "the client owes step 3",
                 "fin_unacknowledged": "the server owes the ACK", "close_wait_stuck": "the server owes a FIN",
                 "fin_wait_2_stuck": "the server owes its FIN", "last_ack_missing": "the client owes the ACK",
                 "peer_silent": "the server owes an answer", "idle": "no data exchanged"}
        self.assertEqual(set(words), set(self.stories))
        for name, make in self.stories.items():
            story = make().falling_due(DUE)
            path = shark.world().capture("text-" + name, story.frames + [stories.datagram(DUE + 1)])
            info, = self.infos_named(name, path, "-2")
            self.assertIn(words[name], info.text)

    def test_counts_the_tries(self):
        """Three SYNs, three SYN-ACKs, four FINs, four tries, and in the details in how many seconds."""
        expected = {"unanswered": (3, "in 3.000 s"), "embryonic": (3, "in 3.000 s"),
                    "fin_unacknowledged": (4, "in 1.400 s"), "last_ack_missing": (4, "in 1.400 s"),
                    "peer_silent": (4, "in 1.800 s")}
        merger = stories.Merger([self.stories[name]().falling_due(DUE) for name in expected],
                                stories.datagram(DUE + 1))
        path = shark.world().capture("tries", merger.frames)
        infos = {info.name: info for info in self.infos(path, "-2") if info.name in expected}
        for name, (count, words) in expected.items():
            self.assertEqual(infos[name].one("tries"), str(count))
            details = self.tshark(path, "-2", "-O", "tcpfsm", "-Y", "frame.number == %d" % infos[name].frame)
            self.assertIn("[Tries: %d (%s)]" % (count, words), details)
            self.assertEqual("(last heard from 0." in details, name == "peer_silent", details)

    def test_names_what_must_be_said(self):
        said = reference.wordings()
        for name, word in (("embryonic", "cookies"), ("embryonic", "embryonic"),
                           ("close_wait_stuck", "half-close"),
                           ("fin_wait_2_stuck", "half-close"), ("unanswered", "firewall")):
            self.assertIn(word, " ".join(said[name][2][0]))


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
