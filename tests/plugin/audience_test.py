#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Where nobody can ever look, nothing is followed; where nobody can come back, nothing is kept of segments.

That whoever looks sees the same in one pass and in two is tested in passes_test.py and elsewhere.
"""
import re

import shark

LOG = ("--log-level=info", "--log-domains=tcpfsm")
KEPT = re.compile(r"(\d+) segments, \d+ bytes of records; (\d+) connections")
UNDECIDED = 1       # frame, that decides
CAPTURE = "everything"

NOBODY = {
    "the packets": (),
    "a statistic of TCP's tap": ("-q", "-z", "conv,tcp"),
    "a statistic that has a tree": ("-q", "-z", "io,stat,0"),
    "a display filter on another field": ("-Y", "tcp.port"),
}
ONCE = {
    "all details": ("-V",),
    "JSON": ("-T", "json"),
    "a display filter": ("-Y", "tcpfsm.step"),
    "a display filter on expert infos": ("-Y", "_ws.expert.severity == 0x600000"),
    "a statistic with such a filter": ("-q", "-z", "io,stat,0,tcpfsm.step"),
    "a column": ("-o", 'gui.column.format:"No.","%m","Step","%Cus:tcpfsm.step:0:R"'),
    "the column of severities": ("-o", 'gui.column.format:"No.","%m","Severity","%a"'),
    "the Info column": ("-o", "tcpfsm.info_column:TRUE"),
    "expert infos": ("-q", "-z", "expert"),
}
AGAIN = {
    "two passes": ("-2",),
    "two passes for a statistic": ("-2", "-q", "-z", "conv,tcp"),
    "two passes for all details": ("-2", "-V"),
    "two passes for a field": ("-2", "-T", "fields", "-e", "frame.number"),
    "two passes for a display filter": ("-2", "-Y", "tcp.port"),
    "two passes with a read filter": ("-2", "-R", "frame"),
    "a statistic of ours": ("-q", "-z", "tcpfsm,tree"),
    "a table of ours": ("-q", "-z", "tcpfsm,connections"),
    "a ladder": ("-q", "-z", "tcpfsm,ladder,tcpfsm.connection==0"),
}

LATE = """
local frames = Listener.new("frame")
local late
function frames.packet(pinfo)
    if pinfo.number == %d then
        late = Listener.new("tcpfsm")
        function late.packet(own)
            print(own.number)
        end
    end
end
"""


class Audience(shark.SharkTest):
    def kept(self, *options):
        """(segments, connections)"""
        path = shark.world().paths[CAPTURE]
        status, _, log = shark.world().ask([shark.TSHARK, *LOG, "-n", "-r", path, *options], path)
        found = KEPT.search(log)
        self.assertTrue(status == 0 and found, log)
        return int(found[1]), int(found[2])

    def setUp(self):
        self.segments, self.connections = self.kept("-2")
        self.assertGreater(self.segments, 100)

    def test_nobody_looks(self):
        for title, options in NOBODY.items():
            with self.subTest(title):
                segments, connections = self.kept(*options)
                self.assertLessEqual(segments, UNDECIDED)
                self.assertLessEqual(connections, UNDECIDED)

    def test_somebody_looks_once(self):
        for title, options in ONCE.items():
            with self.subTest(title):
                segments, connections = self.kept(*options)
                self.assertLessEqual(segments, UNDECIDED)
                self.assertEqual(connections, self.connections)

    def test_fields(self):
        """Since 4.4 their tree is invisible, and nothing tells whether that is a first pass of two."""
        segments, connections = self.kept("-T", "fields", "-e", "tcpfsm.step")
        self.assertIn(segments, (0, self.segments))
        self.assertEqual(connections, self.connections)

    def test_somebody_comes_back(self):
        for title, options in AGAIN.items():
            with self.subTest(title):
                self.assertEqual(self.kept(*options), (self.segments, self.connections))

    def test_somebody_comes_late(self):
        """From then on he hears of every segment."""
        self.need_lua()
        late = 20
        script = "lua_script:" + shark.world().file("late.lua", LATE % late)
        heard = self.tshark(CAPTURE, "-q", "-X", script).split()
        followed = self.numbers(CAPTURE, "tcpfsm.phase")
        self.assertEqual(sorted(set(map(int, heard))), [frame for frame in followed if frame > late])


if __name__ == "__main__":
    shark.main()
