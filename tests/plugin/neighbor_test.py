#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Another plugin (neighbor.c) chains itself in front of TCP, before or after ours: both see all segments.

Wireshark loads the plugins of a folder in the order in which the file system lists them.
"""
import os
import pathlib
import shutil
import unittest

import contract
import shark

NEIGHBOR = os.environ.get("TCPFSM_NEIGHBOR")
STOCK = ["tcp.stream", "tcp.len", "tcp.analysis.flags", "tcp.completeness", "frame.protocols"]
SEEN = "neighbor.length"
OURS = "tcpfsm.so"


def fill(folder, names):
    """Copies the plugins into the folder; whether the neighbor is the first that it lists."""
    inner = next(pathlib.Path(folder).glob("*/epan"))
    for name in names:
        shutil.copy(os.environ["TCPFSM_PLUGIN"] if name == OURS else NEIGHBOR, inner / name)
    return os.listdir(inner)[0] != OURS


def folder_with_both(neighbor_first):
    """File systems list in the order of creation, or its reverse, or by a hash of the names: so try some."""
    for number in range(200):
        names = [OURS, "neighbor-%d.so" % number]
        for order in (names, names[::-1]):
            folder = shark.world().plugin_folder("both", None)
            if fill(folder, order) == neighbor_first:
                found = "%s-%s" % (folder, neighbor_first)
                os.rename(folder, found)
                shark.world().open_to_all()
                return found
            shutil.rmtree(folder)
    raise AssertionError("no name makes the file system list the neighbor where it shall be")


@unittest.skipUnless(NEIGHBOR, "TCPFSM_NEIGHBOR doesn't name the plugin that was built from neighbor.c")
class Neighbor(shark.SharkTest):
    @classmethod
    def setUpClass(cls):
        cls.folders = [folder_with_both(first) for first in (False, True)]

    def with_both(self, folder, *arguments):
        """The lines of tshark's output."""
        command = ["env", "WIRESHARK_PLUGIN_DIR=" + folder, shark.TSHARK, *arguments]
        status, text, complaint = shark.world().run(command)
        self.assertEqual((status, complaint), (0, ""))
        return text.split("\n")[:-1]

    def table(self, folder, fields, *options):
        asked = [part for field in fields for part in ("-e", field)]
        lines = self.with_both(folder, "-n", "-r", shark.world().paths["everything"], "-T", "fields",
                               "-E", "occurrence=a", "-E", "aggregator=" + shark.VALUE,
                               "-E", "separator=" + shark.FIELD, *asked, *options)
        return [[shark.values(shown) for shown in line.split(shark.FIELD)] for line in lines]

    def test_each_is_once_in_front(self):
        front = [line.split("\t")[2] for folder in self.folders
                 for line in self.with_both(folder, "-G", "decodes") if line.startswith("ip.proto\t6\t")]
        self.assertEqual(sorted(front), ["neighbor.tcp", "tcpfsm.tcp"])

    def test_says_the_same_in_both_orders(self):
        fields = contract.FIELDS + STOCK
        for options in ((), ("-2",)):
            expected = self.rows("everything", fields, *options)
            for folder in self.folders:
                self.check_same(self.table(folder, fields, *options), expected, fields)

    def test_the_neighbor_sees_every_segment(self):
        """Also those in ICMP errors, and each of those in tunnels."""
        fields = [SEEN, "tcp.srcport"]
        for folder in self.folders:
            table = self.table(folder, fields)
            self.assertEqual([len(row[0]) for row in table], [len(row[1]) for row in table])
            self.assertGreater(sum(len(row[0]) for row in table), 200)

    def test_off_leaves_the_neighbor_alone(self):
        expected = [self.table(self.folders[0], [SEEN])] * 2
        for off in (("-o", "tcpfsm.analyze:FALSE"), ("--disable-protocol", "tcpfsm")):
            tables = [self.table(folder, [SEEN, "tcpfsm"], *off) for folder in self.folders]
            self.assertEqual([[row[:1] for row in table] for table in tables], expected)
            self.assertEqual([row for table in tables for row in table if row[1]], [])


if __name__ == "__main__":
    shark.main()
