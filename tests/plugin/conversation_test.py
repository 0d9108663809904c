#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The conversation filters that the GUI offers for a packet: they find its connection, and no other."""
import os
import re
import shlex
import shutil
import subprocess
import unittest
from unittest import mock

import shark

HERE = os.path.dirname(os.path.abspath(__file__))
HEADERS = os.path.join(HERE, "..", "..", "plugin", "wireshark")
CONNECTION, INCARNATIONS = "TCP connection (tcpfsm)", "TCP connection, all incarnations"
LINE = re.compile(r"(%s|%s): (.*)" % (re.escape(CONNECTION), re.escape(INCARNATIONS)))


def build(source):
    """The path of the library made of a C file here."""
    path = os.path.join(shark.world().folder, source.replace(".c", ".so"))
    if not os.path.exists(path):
        flags = subprocess.run(["pkg-config", "--cflags", "wireshark"], capture_output=True, text=True,
                               check=True)
        subprocess.run(["cc", "-shared", "-fPIC", "-I", HEADERS, *shlex.split(flags.stdout), "-o", path,
                        os.path.join(HERE, source)], check=True)
        os.chmod(path, 0o644)
    return path


@unittest.skipUnless(shutil.which("cc") and shutil.which("pkg-config"), "no compiler")
class Filters(shark.SharkTest):
    def filters(self, capture, *options):
        """A list a frame: name to filter. As in the GUI, there is a tree, and somebody who looks."""
        preload = " ".join(filter(None, [os.environ.get("LD_PRELOAD"), build("filters_of_frames.c")]))
        with mock.patch.dict(os.environ, {"LD_PRELOAD": preload}):
            text = self.tshark(capture, "-Y", "frame or tcpfsm", *options)
        found = LINE.findall(text)
        self.assertEqual([name for name, _ in found[:2]], [CONNECTION, INCARNATIONS])
        return [dict(found[first:first + 2]) for first in range(0, len(found), 2)]

    def test_find_the_connection(self):
        """Also behind ICMP errors, which quote one."""
        for capture in ("reuse", "healthy-ipv6", "unreachable", "gre"):
            rows = self.rows(capture, ["tcpfsm.connection"])
            filters = self.filters(capture)
            self.assertEqual(len(filters), len(rows))
            for number, (row, offered) in enumerate(zip(rows, filters), 1):
                expected = "tcpfsm.connection == " + row[0][0] if row[0] else ""
                self.assertEqual(offered[CONNECTION], expected, (capture, number))
                self.assertEqual(offered[INCARNATIONS] != "", expected != "", (capture, number))

    def test_finds_all_incarnations(self):
        for capture in ("reuse", "healthy-ipv6", "gre"):
            filters = {offered[INCARNATIONS] for offered in self.filters(capture)} - {""}
            frames = []
            for each in filters:
                found = self.numbers(capture, each)
                streams = {tuple(row[0]) for row in self.rows(capture, ["tcp.srcport"], "-Y", each)}
                self.assertLessEqual(len(streams), 2, "two ends only")
                frames += found
            self.assertEqual(sorted(frames), self.numbers(capture, "tcpfsm.connection"), "each frame once")

    def test_one_filter_for_all_incarnations(self):
        offered = self.filters("reuse")
        rows = self.rows("reuse", ["tcpfsm.connection.previous", "tcpfsm.connection"], "-2")
        linked = [(row[0][0], row[1][0]) for row in rows if row[0]]
        self.assertTrue(linked)
        for previous, later in linked:
            both = {offer[INCARNATIONS] for offer in offered
                    if offer[CONNECTION].split()[-1] in (previous, later)}
            self.assertEqual(len(both), 1)

    def test_nothing_without_analysis(self):
        for offered in self.filters("healthy", "-o", "tcpfsm.analyze:FALSE"):
            self.assertEqual(offered, {CONNECTION: "", INCARNATIONS: ""})


if __name__ == "__main__":
    shark.main()
