#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One pass without what Wireshark itself remembers of a stream, as the README advises for many captures.

No report needs that, nor does any field: where Wireshark shows raw numbers then, ours are raw, too.
"""
import concurrent.futures
import glob
import os
import shutil

import contract
import shark

SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "sample-captures", "*.pcap*")
BATCH = ("-d", "tcp.port==0-65535,data", "-o", "tcp.analyze_sequence_numbers:FALSE")
RAW = ("-o", "tcp.relative_sequence_numbers:FALSE")
JSON = ("-q", "-z", "tcpfsm,json")
CAPTURES = ("everything", "samples", "healthy-raw")
NUMBERS = ("tcpfsm.stream", "tcpfsm.seq.expected", "tcpfsm.ack.expected", "tcpfsm.explain")


def copied(paths):
    """The same captures where an ordinary user may read them."""
    for path in paths:
        copy = os.path.join(shark.world().captures, "own-" + os.path.basename(path))
        shutil.copyfile(path, copy)
        os.chmod(copy, 0o644)
        yield copy


class Batch(shark.SharkTest):
    def check_reports(self, captures):
        """Two at a time, for each start of tshark takes its time."""
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            asked = [(name, pool.submit(self.tshark, name, *BATCH, *JSON),
                      pool.submit(self.tshark, name, "-2", *JSON)) for name in captures]
            for name, batch, two_passes in asked:
                self.assertEqual(batch.result(), two_passes.result(), name)

    def test_connections_of_samples_are_those_of_two_passes(self):
        samples = sorted(glob.glob(SAMPLES))
        self.assertGreater(len(samples), 100)
        self.check_reports(copied(samples))

    def test_connections_of_scenarios_are_those_of_two_passes(self):
        self.check_reports([shark.scenarios(), *shark.distinct()])

    def test_every_field_of_a_segment_has_its_value(self):
        for name in CAPTURES:
            batch = self.rows(name, contract.SEGMENT, *BATCH)
            self.check_same(batch, self.rows(name, contract.SEGMENT, *RAW), contract.SEGMENT)
            for field in NUMBERS:
                self.assertTrue(any(row[contract.SEGMENT.index(field)] for row in batch), field)

    def test_streams_are_those_of_tcp(self):
        for stream, ours in self.rows("everything", ["tcp.stream", "tcpfsm.stream"], *BATCH):
            self.assertIn(ours, (stream, []))       # none of what an ICMP error quotes


if __name__ == "__main__":
    shark.main()
