#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The ladder as SVG, by scripts/ladder: does it say what the plugin says, and is it a picture everywhere?"""
import json
import os
import re
import subprocess
import sys
import unittest
from xml.etree import ElementTree

import contract
import shark
from collection import Collection

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SCRIPT = os.path.join(ROOT, "scripts", "ladder")
HELPER = os.path.join(ROOT, "scripts", "lib", "ladder.py")
SVG = "{http://www.w3.org/2000/svg}"
CLOSE_WAIT = "close-wait-server-never-closes"
LATER = ("-o", "tcpfsm.quiet_tail:73")
# Of all kinds: stuck, reset, crossing, refused, lost, repeated, invalid, joined late, with ICMP, over IPv6.
CAPTURES = ["close-by-client", CLOSE_WAIT, "reset-unread-data", "close-simultaneous.client", "open-refused",
            "open-unreachable", "open-unanswered", "open-lost-third-ack.client", "open-lost-third-ack.server",
            "open-simultaneous.client", "forged-reset-in-window", "partial-joined-late", "close-over-ipv6",
            "loss-recovered-by-sack.client", "keepalive-unanswered", "teardown-lost-fin.client",
            "window-closed-and-probed"]


def python():
    """One that has the library; svgwrite isn't Wireshark's business."""
    for name in sys.executable, "/usr/bin/python3":
        if subprocess.run([name, "-c", "import svgwrite"], capture_output=True, check=False).returncode == 0:
            return name
    raise unittest.SkipTest("needs svgwrite (Debian: python3-svgwrite)")


class Picture:
    def __init__(self, text):
        self.text = text
        self.root = ElementTree.fromstring(text.encode())

    def groups(self, kind):
        return [group for group in self.root.iter(SVG + "g") if kind in group.get("class", "").split()]

    def texts(self, kind, within=None):
        return [text for text in (self.root if within is None else within).iter(SVG + "text")
                if text.get("class") == kind]

    def labels(self):
        return [text.text for text in self.texts("label")]

    def told(self, kind):
        """All text of each group of a kind."""
        return [" ".join(text.text for text in group.iter(SVG + "text")) for group in self.groups(kind)]

    def states(self, role):
        anchor = {"client": "end", "server": "start"}[role]
        return [text.text for text in self.texts("state") if text.get("text-anchor") == anchor]

    def frames(self):
        """The numbers of the frames of which something is drawn, from the segments and bands."""
        found = []
        for text in self.texts("frame"):
            first, _, last = text.text.lstrip("#").partition(" – ")
            found += range(int(first), int(last or first) + 1)
        return found


class SvgTest(shark.SharkTest):
    pictures = {}

    @classmethod
    def setUpClass(cls):
        cls.python = python()
        text = shark.world().run([shark.TSHARK, "-G", "fields"])[1]
        cls.experts = shark.world().file("experts", "".join(
            line + "\n" for line in text.splitlines() if "\ttcpfsm.expert." in line))
        cls.fields = cls.helper("--fields", cls.experts)[1].split()

    def capture(self, name):
        path = os.path.join(shark.world().folder, name + ".pcap")
        if not os.path.exists(path):
            Collection([os.path.join(shark.SAMPLES, name + ".pcapng")], path)
            shark.world().open_to_all()
        return path

    @classmethod
    def helper(cls, *arguments, given=b""):
        done = subprocess.run([cls.python, "-B", HELPER, *arguments], input=given, capture_output=True,
                              check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def told(self, name, *options, which="tcp.stream == 0"):
        """What tshark says to the helper."""
        return self.tshark(self.capture(name), "-2", "-Y", "tcpfsm && " + which, "-T", "fields", "-E",
                           "occurrence=a", "-E", "aggregator=" + shark.VALUE, "-E", "header=y",
                           *self.fields, *options)

    # All that the tests ask of a capture's frames, in one question.
    ASKED = ["frame.number", "frame.time_epoch", "tcp.stream", "tcp.srcport", "tcp.len", "tcpfsm.connection",
             "tcpfsm.sender.role", "tcpfsm.sender.state_before.str", "tcpfsm.peer.state_before.str",
             "tcpfsm.client.state.str", "tcpfsm.client.basis", "tcpfsm.server.state.str",
             "tcpfsm.server.basis"]

    def facts(self, name):
        """A dict a frame: field to the list of its values."""
        return [dict(zip(self.ASKED, row)) for row in self.rows(self.capture(name), self.ASKED, "-2")]

    def drawn(self, name):
        """Those of the first stream."""
        return [frame for frame in self.facts(name)
                if frame["tcpfsm.connection"] and "0" in frame["tcp.stream"]]

    def end(self, name):
        return self.facts(name)[-1]["frame.time_epoch"][0]

    def draw(self, name, *options, quiet="0", title=None, connection=()):
        question = (name, options, quiet, title, connection)
        if question not in self.pictures:
            given = self.told(name, *options).encode()
            status, text, complaint = self.helper(title or name + ".pcapng, stream 0", self.experts,
                                                  self.end(name), quiet, *connection, given=given)
            self.assertEqual((status, complaint), (0, ""))
            self.pictures[question] = Picture(text)
        return self.pictures[question]

    # -- a picture everywhere ------------------------------------------------------------------------------
    def test_stands_alone(self):
        """Nothing is fetched, nothing runs, no style writer is needed; a background for dark viewers."""
        for name in CAPTURES:
            with self.subTest(name):
                picture = self.draw(name)
                self.assertRegex(picture.text, r'^<\?xml version="1.0" encoding="UTF-8"\?>\n<svg ')
                self.assertEqual({element.tag.removeprefix(SVG) for element in picture.root.iter()} -
                                 {"svg", "defs", "g", "rect", "polyline", "circle", "text", "title", "desc"},
                                 set())
                self.assertNotRegex(picture.text, r"href=|url\(|style=|onload|@import")
                shapes = [element for element in picture.root if element.tag == SVG + "rect"]
                self.assertEqual([(shape.get("width"), shape.get("height"), shape.get("fill"))
                                  for shape in shapes],
                                 [(picture.root.get("width"), picture.root.get("height"), "#ffffff")])
                self.assertEqual({text.get("font-family") for text in picture.root.iter(SVG + "text")},
                                 {"sans-serif"})

    def test_accessible(self):
        picture = self.draw("close-by-client")
        self.assertEqual(picture.root.get("role"), "img")
        self.assertEqual(picture.root.find(SVG + "title").text, "close-by-client.pcapng, stream 0")
        description = picture.root.find(SVG + "desc").text
        self.assertIn("client 192.0.2.1:50000, server 192.0.2.2:7777: closed; opened three-way", description)
        for group in picture.groups("segment"):
            self.assertRegex(group.find(SVG + "title").text, r"^Frame \d+, \d+\.\d{6} s: .")

    def test_within_the_picture(self):
        for name in CAPTURES:
            picture = self.draw(name)
            width, height = float(picture.root.get("width")), float(picture.root.get("height"))
            for text in picture.root.iter(SVG + "text"):
                self.assertTrue(0 < float(text.get("x")) < width and 0 < float(text.get("y")) < height, name)

    def test_names_are_only_text(self):
        title = '<script>"&\'</text>.pcapng, stream 0'
        picture = self.draw("open-refused", title=title)
        self.assertEqual(picture.root.find(SVG + "title").text, title)
        self.assertEqual(next(picture.root.iter(SVG + "text")).text, title)

    # -- what it says --------------------------------------------------------------------------------------
    def test_every_segment_is_there(self):
        for name in CAPTURES:
            with self.subTest(name):
                frames = [int(frame["frame.number"][0]) for frame in self.drawn(name)]
                self.assertEqual(self.draw(name).frames(), frames)
                arrows = self.draw(name).groups("segment")
                self.assertEqual(len(arrows), len(self.draw(name).labels()))

    def test_direction(self):
        """From the sender's bar to the other, downwards."""
        picture = self.draw("close-by-client")
        lines = [[tuple(map(float, point.split(","))) for point in
                  next(group.iter(SVG + "polyline")).get("points").split()]
                 for group in picture.groups("segment")]
        ports = [frame["tcp.srcport"][0] for frame in self.drawn("close-by-client")]
        self.assertEqual([start[0] < end[0] for start, end in lines], [port == "50000" for port in ports])
        self.assertTrue(all(start[1] < end[1] for start, end in lines))

    def test_labels(self):
        self.assertEqual(self.draw("close-by-client").labels(), [
            "[1/3] SYN seq=0", "[2/3] SYN ACK seq=0 ack=1", "[3/3] ACK seq=1 ack=1",
            "ACK seq=1 ack=1, 9 bytes", "ACK seq=1 ack=10", "ACK seq=1 ack=10, 7 bytes", "ACK seq=10 ack=8",
            "[1/4] FIN ACK seq=10 ack=8", "[2/4] ACK seq=8 ack=11", "[3/4] FIN ACK seq=8 ack=11",
            "[4/4] ACK seq=11 ack=9"])
        self.assertEqual(self.draw("open-unreachable").labels(),
                         ["[1/3] SYN seq=0", "ICMP error from 192.0.2.2"])

    def test_states(self):
        """Each state that the fields have, once for as long as it lasts, with the mark of its beginning."""
        for name in CAPTURES:
            for role in "client", "server":
                after, basis = "tcpfsm.%s.state.str" % role, "tcpfsm.%s.basis" % role
                frames = [frame for frame in self.drawn(name) if frame["tcpfsm.sender.role"]]
                sends = frames[0]["tcpfsm.sender.role"][0] == {"client": "1", "server": "2"}[role]
                last = frames[0]["tcpfsm.%s.state_before.str" % ("sender" if sends else "peer")][0]
                lasts = last == frames[0][after][0]
                shown = [last + (contract.MARKS[frames[0][basis][0]] if lasts else "")]
                for frame in frames:
                    if frame[after][0] != last:
                        last = frame[after][0]
                        shown.append(last + contract.MARKS[frame[basis][0]])
                self.assertEqual(self.draw(name).states(role), shown, (name, role))

    def test_sureness(self):
        """A state that is only expected is pale, until something proves it, be it in a band."""
        for name in "close-by-client", "loss-recovered-by-sack.client":
            bars = [(rect.get("x"), rect.get("fill-opacity"))
                    for rect in self.draw(name).root.iter(SVG + "rect")
                    if rect.get("fill") == "#2f9e73"]       # ESTABLISHED
            client, server = sorted({x for x, _ in bars}, key=float)
            for x in client, server:
                self.assertEqual([opacity for place, opacity in bars if place == x], ["0.45", "1.0"], name)

    def test_times_in_states(self):
        times = [text.text for text in self.draw("close-by-client").texts("time")]
        # Client: SYN-SENT, ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2; server: SYN-RECEIVED, ESTABLISHED,
        # CLOSE-WAIT, LAST-ACK. They begin and end at the times of README's example.
        self.assertEqual(times, ["10 ms", "473 ms", "55 ms", "194 ms", "10 ms", "473 ms", "248 ms", "21 µs"])

    def test_plain_data_is_folded(self):
        name = "loss-recovered-by-sack.client"
        frames = [frame for frame in self.facts(name) if 4 <= int(frame["frame.number"][0]) <= 20]
        sent = [sum(int(frame["tcp.len"][0]) for frame in frames
                    if (frame["tcp.srcport"][0] == "50000") == client) for client in (True, False)]
        picture = self.draw(name)
        self.assertEqual(len(picture.groups("fold")), 1)
        self.assertIn("17 segments, %d bytes" % sum(sent), picture.told("fold")[0])
        self.assertIn("client %d, server %d bytes" % tuple(sent), picture.told("fold")[0])
        self.assertIn("1 repeated", picture.told("fold")[0])
        self.assertEqual(self.draw("close-by-client").groups("fold"), [])      # four are few

    def test_silence(self):
        self.assertEqual(self.draw(CLOSE_WAIT, *LATER, quiet="73").told("silence"),
                         ["~ 73.0 s, server owes a FIN ~"])
        self.assertEqual(self.draw(CLOSE_WAIT).told("silence"), [])
        self.assertEqual(self.draw("close-by-client", quiet="73").told("silence"), [])    # no debts
        self.assertEqual(self.draw("keepalive-unanswered").told("silence"),
                         ["~ 1.0 s ~", *["~ 1.0 s, server owes a reply to the keepalive or probe ~"] * 4])

    def test_warnings(self):
        self.assertEqual(self.draw(CLOSE_WAIT, *LATER, quiet="73").told("warning"),
                         ["! Stuck in CLOSE-WAIT: no FIN sent"])
        self.assertEqual(self.draw("close-simultaneous.client").told("note"), ["Both ends close at once"])
        self.assertEqual(self.draw("close-by-client").told("warning"), [])

    def test_invalid_numbers(self):
        picture = self.draw("forged-reset-out-of-window")
        self.assertEqual(picture.told("invalid"),
                         ["0.174613 #8 RST seq=500000010 seq 500000010 is invalid (out-of-window), "
                          "expected 10 reset: not acceptable"])
        plain = [text for group in picture.groups("segment") for text in picture.texts("label", group)
                 if "invalid" not in group.get("class")]
        wrong, = picture.texts("label", picture.groups("invalid")[0])
        self.assertNotIn(wrong.get("fill"), {text.get("fill") for text in plain})

    def test_repeats_and_losses(self):
        picture = self.draw("open-lost-third-ack.client")
        self.assertEqual([text.text for group in picture.groups("repeated")
                          for text in picture.texts("label", group)],
                         ["[2/3 again] SYN ACK seq=0 ack=1", "[3/3 again] ACK seq=1 ack=1"])
        for group in picture.groups("segment"):
            dashed = next(group.iter(SVG + "polyline")).get("stroke-dasharray") is not None
            self.assertEqual(dashed, "repeated" in group.get("class"))
        lost, = picture.groups("lost")
        self.assertIn("[3/3] ACK seq=1 ack=1", [text.text for text in lost.iter(SVG + "text")])
        self.assertIn("frame 3 was lost: the server was in SYN-RECEIVED, not in ESTABLISHED",
                      " ".join(picture.told("repeated")))

    def test_one_of_several_connections(self):
        """Whatever else was read, one connection alone is drawn if it is asked for."""
        name = "time-wait-reuse-by-client"
        given = self.told(name, which="tcp").encode()
        both = self.helper("both", self.experts, "0", "0", given=given)[1]
        second = self.helper("second", self.experts, "0", "0", "1", given=given)[1]
        for drawn, numbers in ((both, ["0", "1"]), (second, ["1"])):
            stories = " ".join(text.text for text in Picture(drawn).texts("story"))
            self.assertEqual(re.findall(r"Connection (\d+): ", stories), numbers)
        self.assertEqual(sorted(set(Picture(both).frames()) - set(Picture(second).frames())),
                         self.numbers(self.capture(name), "tcpfsm.connection == 0", "-2"))

    # -- the house -----------------------------------------------------------------------------------------
    def test_expert_infos(self):
        """Each is known, and every warning is drawn as one, or as something invalid."""
        asked = ("import json, ladder;"
                 "print(json.dumps([list(ladder.SHOWN_OTHERWISE), list(ladder.REMARKS)]))")
        done = subprocess.run([self.python, "-B", "-c", asked], cwd=os.path.dirname(HELPER),
                              capture_output=True, check=True)
        shown_otherwise, remarks = map(set, json.loads(done.stdout))
        experts = os.path.join(ROOT, "plugin", "wireshark", "findings", "experts.def")
        with open(experts, encoding="utf-8") as file:
            severities = dict(re.findall(r"^EXPERT\(.*?, (\w+), (PI_\w+),", file.read(), re.M))
        warnings = {name for name, severity in severities.items() if severity == "PI_WARN"}
        self.assertLessEqual(shown_otherwise | remarks, set(severities))
        self.assertEqual(shown_otherwise & warnings, {"seq_invalid", "ack_invalid", "reset_invalid"})
        self.assertEqual(remarks & warnings, set())

    def test_documented_picture(self):
        """To be made again by scripts/ladder sample-captures/close-wait-server-never-closes.pcapng 0 \\
        -- -o tcpfsm.quiet_tail:73 >docs/images/ladder-close-wait.svg"""
        with open(os.path.join(ROOT, "docs", "images", "ladder-close-wait.svg"), encoding="utf-8") as file:
            self.assertEqual(file.read(), self.draw(CLOSE_WAIT, *LATER, quiet="73").text)

    def test_nothing_to_draw(self):
        given = self.told("close-by-client", which="tcp.stream == 7").encode()
        self.assertEqual(self.helper("none", self.experts, "0", "0", given=given),
                         (1, "", "the capture has no such TCP stream or connection\n"))

    def test_bad_arguments(self):
        """Told before anything is built, and nothing is drawn."""
        sample = os.path.join(shark.SAMPLES, "close-by-client.pcapng")
        for arguments, status, complaint in (
                ([], 2, "no FILE given"), ([sample], 2, "must be a number, not ''"),
                ([sample, "first"], 2, "must be a number, not 'first'"),
                ([sample, "-1"], 2, "must be a number, not '-1'"),
                ([sample, "--connection"], 2, "must be a number, not ''"),
                ([sample, "0", "-Y", "tcp"], 2, "unknown argument '-Y'"),
                (["nowhere.pcapng", "0"], 1, "nowhere.pcapng: no such file"),
                ([shark.SAMPLES, "0"], 1, "is a folder; name a capture file")):
            with self.subTest(arguments):
                done = subprocess.run(["bash", SCRIPT, *arguments], capture_output=True, text=True,
                                      check=False)
                self.assertEqual((done.returncode, done.stdout), (status, ""))
                self.assertIn(complaint, done.stderr)
        done = subprocess.run(["bash", SCRIPT, "--help"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("scripts/ladder FILE STREAM", done.stdout)


if __name__ == "__main__":
    shark.main()
