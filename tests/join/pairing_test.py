#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which connections are the same where few segments are remembered, as of large files."""
import os
import sys
import tempfile
import unittest

import two_points
from join_test import traffic
from two_points import CLIENT, SERVER, Clock, Network

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "scripts",
                             "lib", "join"))
import main
import pairing
import reading


def connection(*spans):
    one = reading.Connection(0, (("a", "1"), ("b", "2")), 0)
    one.span = [list(span) if span else None for span in spans]
    return one


class Overlap(unittest.TestCase):
    def check(self, overlap, ours, theirs, shift=(0, 0)):
        """Of the client's numbers; the server's always do."""
        one, other = connection(ours, (5, 9)), connection(theirs, (5, 9))
        self.assertEqual(pairing._overlap(one, other, pairing.Pair(one, other, shift=shift)), overlap)

    def test_all_places(self):
        for theirs in ((1000, 2000), (1001, 1999), (999, 1000), (999, 3000), (2000, 2001), (1500, 2500)):
            self.check(True, (1000, 2000), theirs)
        for theirs in ((10, 999), (2001, 3000), (0x80000000, 0x80000009)):
            self.check(False, (1000, 2000), theirs)

    def test_where_numbers_wrap(self):
        self.check(True, (0xFFFFFF00, 100), (50, 200))
        self.check(True, (50, 200), (0xFFFFFF00, 100))
        self.check(False, (0xFFFFFF00, 100), (101, 200))

    def test_rewritten(self):
        self.check(True, (1000, 2000), (7500, 7600), (6000, 0))
        self.check(False, (1000, 2000), (1500, 1600), (6000, 0))

    def test_one_side_alone(self):
        self.check(False, (1000, 2000), None)


class Thinned(unittest.TestCase):
    def test_few_samples(self):
        """Both files remember the same few segments; connections without any are found by their numbers."""
        kept, reading.SAMPLES = reading.SAMPLES, 40
        self.addCleanup(setattr, reading, "SAMPLES", kept)
        network = traffic(Network(jitter=0.002, seed=2, miss=(60, 60)), connections=30, seconds=300)
        clock = Clock(-3.0, 50)
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("c.pcap", "s.pcap")]
            two_points.write_point(paths[0], network, CLIENT)
            two_points.write_point(paths[1], network, SERVER, clock)
            files = main.read(paths)
            found = main.Found(files)
        self.assertTrue(all(0 < len(file.samples) <= 40 for file in files))
        self.assertGreater(sum(one.opening[CLIENT] is None for file in files for one in file.connections), 1)
        self.assertEqual(len(found.pairs), 31)
        self.assertEqual(len(found.pieces), 1)
        piece = found.pieces[0]
        for time, _, _ in network.seen[SERVER]:
            self.assertLess(abs(found.common(0, clock(time)) - time), piece.bound)


if __name__ == "__main__":
    unittest.main()
