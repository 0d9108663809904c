#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The time line as SVG, by scripts/timeline: does it draw what the CSV says, is it a picture everywhere?"""
import csv
import io
import os
import subprocess
import sys
import unittest
from xml.etree import ElementTree

import shark
from talk import Talk

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "..", "..", "scripts", "timeline")
HELPER = os.path.join(HERE, "..", "..", "scripts", "lib", "timeline.py")
SVG = "{http://www.w3.org/2000/svg}"
HEADING = ("start_s,time,syn_sent,syn_received,established,fin_wait_1,fin_wait_2,close_wait,closing,last_ack,"
           "time_wait,unknown,total,new,opened,failed,closed,reset\n")


def row(start, **counts):
    values = dict.fromkeys(HEADING.strip().split(",")[2:], 0)
    values.update(counts)
    return ",".join(map(str, [start, "", *values.values()])) + "\n"


class Picture:
    def __init__(self, text):
        self.text = text
        self.root = ElementTree.fromstring(text.encode())

    def all(self, tag, kind=None):
        return [element for element in self.root.iter(SVG + tag) if kind in (None, element.get("class"))]

    def texts(self, kind):
        return [element.text for element in self.all("text", kind)]

    def areas(self):
        """State: points of its outline."""
        return {area.find(SVG + "title").text.partition(":")[0]:
                [tuple(map(float, point.split(","))) for point in area.get("points").split()]
                for area in self.all("polygon", "area")}

    def scale(self):
        """(count of a y, second of an x): from the texts of the axes."""
        def line(kind, place):
            ends = [(float(text.get(place)), float(text.text)) for text in self.all("text", kind)]
            (from_, low), (to, high) = ends[0], ends[-1]
            shift = -4 if place == "y" else 0       # the text stands below its line
            return lambda point: low + (high - low) * (point - from_ - shift) / (to - from_)
        return line("count", "y"), line("second", "x")

    def heights(self, state, second):
        """The lower and the upper edge of an area at that moment, in connections."""
        count, time = self.scale()
        points = self.areas()[state]
        half = len(points) // 2
        edges = []
        for edge in (points[half:][::-1], points[:half]):
            found = [y for (x, y), (after, _) in zip(edge[::2], edge[1::2])
                     if time(x) - 1e-3 <= second < time(after) - 1e-3]
            edges.append(round(count(found[0]), 2))
        return tuple(edges)


class TimelineSvg(shark.SharkTest):
    def helper(self, text, title="title", status=0, complaint=""):
        done = subprocess.run([sys.executable, "-B", HELPER, title], input=text.encode(), capture_output=True,
                              check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(complaint, done.stderr.decode())
        return Picture(done.stdout.decode()) if status == 0 else None

    def capture(self):
        """Three connections, of which one is closed and one reset."""
        talks = (Talk(41001).open().wait(5).exchange().close(), Talk(41002, start=2).open().wait(1).c("RA"),
                 Talk(41003, start=4).c("S"))
        frames = sorted(frame for talk in talks for frame in talk.frames)
        return shark.world().capture("timeline-svg", frames)

    def test_heights(self):
        for capture, seconds in ((self.capture(), "1"), ("samples", "1"), ("unfinished", "10")):
            text = self.tshark(capture, "-q", "-z", "tcpfsm,timeline," + seconds)
            picture = self.helper(text)
            count = 0
            for values in csv.DictReader(io.StringIO(text)):
                moment, height, most = float(values["start_s"]) + float(seconds) / 2, 0, int(values["total"])
                for state in picture.areas():
                    number = int(values[state.lower().replace("-", "_")])
                    low, high = picture.heights(state, moment)
                    self.assertAlmostEqual(low, height, delta=most / 100 + 0.02)
                    self.assertAlmostEqual(high - low, number, delta=most / 100 + 0.02)
                    height += number
                    count += 1
                self.assertEqual(height, most)
            self.assertGreater(count, 4)

    def test_rows_that_were_left_out(self):
        """Nothing changed in them: the area is level until the next row."""
        text = HEADING + row(0, established=4) + row(99, established=4) + row(100, established=8)
        picture = self.helper(text)
        self.assertEqual(picture.heights("ESTABLISHED", 50), (0, 4))
        self.assertEqual(picture.heights("ESTABLISHED", 100.5), (0, 8))
        self.assertEqual(len(picture.areas()["ESTABLISHED"]), 8, "two steps, there and back")

    def test_legend(self):
        """The states that occur, each in a colour of its own, from top to bottom as they are stacked."""
        states = {"established": 1, "syn_sent": 2, "close_wait": 3, "time_wait": 4}
        picture = self.helper(HEADING + row(0, **states))
        self.assertEqual(picture.texts("legend"), ["TIME-WAIT", "CLOSE-WAIT", "SYN-SENT", "ESTABLISHED"])
        self.assertEqual(list(picture.areas()), picture.texts("legend")[::-1])
        keys = [key.get("fill") for key in picture.all("rect", "key")]
        self.assertEqual(keys[::-1], [area.get("fill") for area in picture.all("polygon", "area")])
        self.assertEqual(len(set(keys)), 4)

    def test_axes(self):
        picture = self.helper(HEADING + row(0, established=1234) + row(60, established=10))
        self.assertEqual(picture.texts("count")[:2] + picture.texts("count")[-1:], ["0", "200", "1400"])
        self.assertEqual(picture.texts("second"), ["0", "20", "40", "60", "80", "100", "120"])

    def test_picture_everywhere(self):
        """It stands alone, says what it is, and texts are but texts."""
        title = '<script>"&\'</text>.pcap'
        picture = self.helper(self.tshark("samples", "-q", "-z", "tcpfsm,timeline,1"), title)
        self.assertRegex(picture.text, r'^<\?xml version="1.0" encoding="UTF-8"\?>\n<svg ')
        self.assertEqual(picture.root.find(SVG + "title").text, title)
        self.assertIn("at most ", picture.root.find(SVG + "desc").text)
        self.assertNotRegex(picture.text, r"href=|url\(|style=|onload|@import")
        width, height = float(picture.root.get("width")), float(picture.root.get("height"))
        for text in picture.all("text"):
            self.assertTrue(0 < float(text.get("x")) < width and 0 < float(text.get("y")) < height, text.text)
        for points in picture.areas().values():
            self.assertTrue(all(0 < x < width and 0 < y < height for x, y in points))

    def test_wrong_input(self):
        self.helper("", status=1, complaint="not the CSV of -z tcpfsm,timeline")
        self.helper("a,b\n1,2\n", status=1, complaint="no column close_wait")
        self.helper(HEADING, status=1, complaint="the capture has no TCP connection")
        self.helper(HEADING + "0,,x\n", status=1, complaint="line 2 of the CSV is not a row")

    def script(self, *arguments):
        done = subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr

    def test_script_draws_csv(self):
        text = self.tshark(self.capture(), "-q", "-z", "tcpfsm,timeline,1")
        path = shark.world().file("drawn.csv", text)
        self.assertEqual(self.script(path), (0, self.helper(text, "drawn.csv").text, ""))

    def test_script_refuses(self):
        self.assertIn("usage: scripts/timeline", self.script("--help")[1])
        for arguments, complaint in (((), "no FILE given"), (("/no/such.csv",), "no such file"),
                                     (("/",), "is a folder"), ((HELPER, "1s"), "must be a number"),
                                     ((HELPER, "1", "2"), "unknown argument '2'")):
            status, text, said = self.script(*arguments)
            self.assertEqual((status != 0, text), (True, ""))
            self.assertIn(complaint, said)
        path = shark.world().file("interval.csv", HEADING)
        self.assertIn("has its interval already", self.script(path, "1")[2])


if __name__ == "__main__":
    shark.main()
