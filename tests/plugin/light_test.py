#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark's expert light shows the highest severity that was ever said, and can't be lowered.

Once a capture is read, it shows what the expert dialog then counts: no more, although later segments put
right what looked wrong for a while; no less, although what the end of the capture shows stands on segments
that nobody has looked at.

The plugin of light.c takes the window's place; the first of two passes is the reading of a file.
"""
import os
import pathlib
import re
import shutil
import unittest

import contract
import shark
import stories
from stories import DUE

LIGHT = os.environ.get("TCPFSM_LIGHT")
CHAT, NOTE, WARN = 0x200000, 0x400000, 0x600000
SEVERITY = {"Chat": CHAT, "Note": NOTE, "Warn": WARN}


def answered_late():
    """The SYN has a copy behind the time-out; then it is answered."""
    story = stories.unanswered()
    story.c("S", seq=1000, after=4).s("SA", after=0.1).c("A").exchange()
    return story


def closed_late():
    """The closer still acknowledges behind the time-out; then the FIN comes."""
    story = stories.close_wait_stuck()
    story.s("A", after=70).s("FA", after=1).c("A")
    return story


def heard_again():
    """Behind the time-out one more try, and that is answered."""
    story = stories.peer_silent()
    story.c("PA", b"d" * 20, seq=story.next[0] - 20, after=4).s("A", after=0.1)
    return story


def acknowledged_late():
    """The FIN has a copy behind the time-out, and that is acknowledged."""
    story = stories.fin_unacknowledged()
    return story.c("FA", seq=story.next[0] - 1, after=5).s("FA", after=0.1).c("A")


def a_moment_ago():
    """The capture ends half a second after the last copy: its answer may still be on the way."""
    return stories.unanswered().c("S", seq=1000, after=4)


PUT_RIGHT = {"unanswered": answered_late, "close_wait_stuck": closed_late, "peer_silent": heard_again,
             "fin_unacknowledged": acknowledged_late}


@unittest.skipUnless(LIGHT, "TCPFSM_LIGHT doesn't name the plugin that was built from light.c")
class Light(shark.SharkTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = shark.world().plugin_folder("light", os.environ["TCPFSM_PLUGIN"])
        shutil.copy(LIGHT, next(pathlib.Path(cls.folder).glob("*/epan")) / "light.so")
        shark.world().open_to_all()

    def both(self, capture, *options):
        """What the light shows, and the highest severity of all that the second pass says."""
        path = shark.world().paths.get(capture, capture)
        command = ["env", "WIRESHARK_PLUGIN_DIR=" + self.folder, shark.TSHARK, "-n", "-2", "-r", path, "-T",
                   "fields", "-e", "_ws.expert.severity", *options]
        status, text, complaint = shark.world().run(command)
        self.assertEqual(status, 0)
        said = re.fullmatch(r"light (\d+)\n", complaint)
        self.assertTrue(said, complaint)
        severities = [int(shown) for shown in re.findall(r"\d+", text)]
        light = int(said[1])
        highest = max((shown for shown in severities if shown <= WARN), default=0)
        if light > WARN:
            # Neither we nor TCP have errors: one of another protocol outshines what we say.
            self.assertIn(light, severities, capture)
            errors = self.tshark(path, "-2", "-q", "-z", "expert,error")
            self.assertNotIn("TCPFSM", errors, capture)
            return highest, highest
        return light, highest

    def test_all_captures(self):
        seen = set()
        for capture in shark.distinct() + ["crowds", "scan", "unreachable", shark.scenarios()]:
            with self.subTest(capture=capture):
                light, said = self.both(capture)
                self.assertEqual(light, said)
                seen.add(said)
        self.assertLessEqual({NOTE, WARN}, seen)

    def test_what_only_the_end_shows(self):
        """Nothing comes behind the time-out but a datagram."""
        for make in stories.ALL:
            story = make().falling_due(DUE)
            path = shark.world().capture("light-" + story.name, story.frames + [stories.datagram(DUE + 1)])
            expected = max(SEVERITY[contract.EXPERTS[name][0]] for name in story.begun)
            self.assertEqual(self.both(path), (expected, expected), story.name)

    def test_what_is_put_right(self):
        """One pass of tshark, which shows no light, says it; the light does not."""
        for name, make in PUT_RIGHT.items():
            path = shark.world().capture("right-" + name, make().frames)
            expert = "tcpfsm.expert." + name
            self.assertNotEqual(self.frames_with(path, [expert])[expert], [], name)
            self.assertEqual(self.frames_with(path, [expert], "-2")[expert], [], name)
            light, said = self.both(path)
            self.assertEqual(light, said, name)
            self.assertLess(light, WARN, name)

    def test_display_filter_while_it_is_read(self):
        """Then there is a tree in the first pass, too."""
        for name, make in PUT_RIGHT.items():
            path = shark.world().capture("right-" + name, make().frames)
            light, _ = self.both(path, "-R", "tcpfsm.expert.%s || frame" % name)
            self.assertLess(light, WARN, name)

    def test_what_ended_a_moment_ago(self):
        path = shark.world().capture("moment", a_moment_ago().frames)
        self.assertNotEqual(self.numbers(path, "tcpfsm.expert.unanswered"), [])
        light, said = self.both(path)
        self.assertEqual(light, said)
        self.assertLess(light, WARN)

    def test_counts_stay(self):
        """What raises the light is counted nowhere."""
        story = stories.close_wait_stuck().falling_due(DUE)
        path = shark.world().capture("light-count", story.frames + [stories.datagram(DUE + 1)])
        text = self.tshark(path, "-2", "-q", "-z", "expert,warn,tcpfsm")
        self.assertEqual(re.findall(r"^ +(\d+) +\w+ +TCPFSM", text, re.M), ["1"])


if __name__ == "__main__":
    shark.main()
