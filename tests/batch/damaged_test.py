#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that are cut, damaged, empty, no captures, unreadable, growing, compressed, of other formats: each
has a row that says what became of it, and what could be read was."""
import decimal
import gzip
import json
import os
import random
import shutil
import subprocess

import rig
from tcpfsm_batch import capture, ends

CUT = "cut short in the middle of a packet"


class DamagedTest(rig.BatchTest):
    def setUp(self):
        super().setUp()
        self.whole = self.captures / "whole.pcap"
        rig.busy_capture(self.whole, 300)

    def as_pcapng(self):
        path = self.captures / "whole.pcapng"
        subprocess.run(["editcap", "-F", "pcapng", self.whole, path], check=True)
        return path

    def tshark(self, path):
        """What it prints of a damaged file, in two passes; and its status."""
        done = subprocess.run(["tshark", "-n", "-2", "-q", "-r", path, "-z", "tcpfsm,json"],
                              capture_output=True, check=False, text=True)
        return [json.loads(line) for line in done.stdout.splitlines()], done.returncode

    def rows(self):
        return [rig.without_batch(row) for row in self.connections()]


class Cut(DamagedTest):
    def check(self, path):
        content = path.read_bytes()
        self.whole.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        places = [random.Random(1).randrange(200, len(content)) for _ in range(6)] + [len(content) - 1]
        expected = []
        for place in sorted(set(places)):
            cut = self.captures / ("cut-%06d%s" % (place, path.suffix))
            cut.write_bytes(content[:place])
            rows, status = self.tshark(cut)
            self.assertEqual(status, 2)
            expected += rows
        self.run_batch(self.captures, status=1)
        self.assertEqual(self.rows(), expected)
        self.assertGreater(len(expected), 30)
        self.assertEqual(set(self.statuses().values()), {("partial", CUT)})

    def test_pcap(self):
        self.check(self.whole)

    def test_pcapng(self):
        self.check(self.as_pcapng())

    def test_in_the_middle_of_a_chain(self):
        """What is behind the cut is missing, the next file goes on; the rows are those of what is left."""
        files = rig.rotated(self.as_pcapng(), 100, str(self.captures / "ring.pcapng"))
        self.whole.unlink()
        (self.captures / "whole.pcapng").unlink()
        os.truncate(files[1], os.path.getsize(files[1]) - 10)
        out, _ = self.run_batch(self.captures, status=1)
        self.assertIn("partial\t%s\t%s" % (files[1], CUT), out)
        unit, = self.unit_rows()
        self.assertEqual([file["packets"] for file in unit["files"]], [100, 99, 100])
        self.assertEqual([file["status"] for file in unit["files"]], ["ok", "partial", "ok"])
        self.assertEqual(unit["status"], "partial")
        rest = str(self.folder / "rest.pcapng")
        left = str(self.folder / "left.pcapng")
        subprocess.run(["editcap", "-r", files[1], left, "1-99"], check=False, capture_output=True)
        subprocess.run(["mergecap", "-a", "-w", rest, files[0], left, files[2]], check=True)
        starts = dict(zip(files, (0, 100, 199)))
        self.assertEqual(rig.whole(self.connections(), starts), [json.loads(line) for line in
                                                                rig.two_passes(rest)])


class Others(DamagedTest):
    def test_damaged(self):
        """A block or record of nonsense: up to there it is read, as tshark does."""
        for path in self.whole, self.as_pcapng():
            content = bytearray(path.read_bytes())
            with capture.Stream(path) as stream:
                self.assertTrue(all(data for data, _ in stream.chunks()))
                at = stream.reader.places[150]
            content[at:at + 64] = b"\xff" * 64
            path.write_bytes(content)
        expected = [row for path in sorted(self.captures.iterdir()) for row in self.tshark(path)[0]]
        self.run_batch(self.captures, status=1)
        self.assertEqual(self.rows(), expected)
        self.assertEqual(len(expected), 40)
        for status, reason in self.statuses().values():
            self.assertEqual(status, "partial")
            self.assertRegex(reason, r"damaged at byte \d+")

    def test_no_captures(self):
        """Status 3: nothing could be read. An empty file is no success."""
        self.whole.unlink()
        (self.captures / "empty.pcap").touch()
        (self.captures / "text.pcap").write_text("not a capture at all, but long enough to look at\n")
        (self.captures / "header.pcapng").write_bytes(b"\x0a\x0d\x0d\x0a\x1c\0")
        (self.captures / "notes.txt").write_text("neither by name nor by content\n")
        out, _ = self.run_batch(self.captures, status=3)
        self.assertEqual(self.statuses(), {"empty.pcap": ("failed", "empty"),
                                           "text.pcap": ("failed", "not a capture file"),
                                           "header.pcapng": ("failed", "cut short in its header")})
        self.assertEqual(len(out.splitlines()), 3)
        notes = self.captures / "notes.txt"
        self.assertEqual(self.run_batch(notes, status=3)[0], "failed\t%s\tnot a capture file\n" % notes)

    def test_no_packets_is_a_success(self):
        os.truncate(self.whole, 24)
        self.run_batch(self.captures)
        self.assertEqual(self.statuses(), {"whole.pcap": ("ok", None)})
        self.assertEqual(self.connections(), [])

    def test_unreadable(self):
        secret = self.captures / "secret.pcap"
        shutil.copy(self.whole, secret)
        secret.chmod(0)
        out, _ = self.run_batch(self.captures, status=1)
        self.assertEqual(self.statuses(), {"whole.pcap": ("ok", None),
                                           "secret.pcap": ("failed", "Permission denied")})
        self.assertEqual(out, "failed\t%s\tPermission denied\n" % secret)
        self.assertEqual(len(self.connections()), 30)

    def test_gone_after_the_plan(self):
        self.batch("plan", "-o", self.results, self.captures)
        self.whole.unlink()
        self.batch("job", self.results / "manifest.ndjson", "--index", "0")
        self.assertEqual(self.statuses(), {"whole.pcap": ("failed", "No such file or directory")})

    def test_growing(self):
        """What was there when it was planned is read; the next run reads it anew."""
        content = self.whole.read_bytes()
        self.whole.write_bytes(content[:len(content) // 2])
        self.batch("plan", "-o", self.results, self.captures)
        self.whole.write_bytes(content)
        self.batch("job", self.results / "manifest.ndjson", "--index", "0")
        self.assertEqual(self.statuses(), {"whole.pcap": ("partial", "it grew after it was planned")})
        before = len(self.connections())
        self.assertGreater(before, 5)
        self.run_batch(self.captures)
        self.assertEqual(self.statuses(), {"whole.pcap": ("ok", None)})
        self.assertGreater(len(self.connections()), before)

    def test_changed(self):
        self.batch("plan", "-o", self.results, self.captures)
        os.utime(self.whole, (1, 1))
        self.batch("job", self.results / "manifest.ndjson", "--index", "0")
        self.assertEqual(self.statuses(), {"whole.pcap": ("partial", "it changed after it was planned")})


class Formats(DamagedTest):
    def test_compressed_and_foreign(self):
        plain = json.loads(rig.two_passes(self.whole)[0])
        with gzip.open(self.captures / "packed.pcap.gz", "wb") as file:
            file.write(self.whole.read_bytes())
        subprocess.run(["editcap", "-T", "ether", "-F", "snoop", self.sample(), self.captures / "c.snoop"],
                       check=True)
        self.run_batch(self.captures)
        self.assertEqual({status for status, _ in self.statuses().values()}, {"ok"})
        self.assertIn("packed.pcap.gz", self.statuses())
        of_gzip = [row for row in self.connections() if row["batch"]["file"].endswith(".gz")]
        self.assertEqual(rig.without_batch(of_gzip[0]), plain)
        self.assertEqual(of_gzip[0]["batch"]["frame"], 1)
        of_snoop = [row for row in self.connections() if row["batch"]["file"].endswith(".snoop")]
        self.assertEqual([row["outcome"] for row in of_snoop], ["closed"])

    @staticmethod
    def sample():
        return rig.SAMPLES / "close-by-client.pcapng"

    def test_gzip_that_is_cut(self):
        path = self.captures / "packed.pcap.gz"
        with gzip.open(path, "wb") as file:
            file.write(self.whole.read_bytes())
        os.truncate(path, path.stat().st_size // 2)
        self.run_batch(path, status=1)
        status, reason = self.statuses()["packed.pcap.gz"]
        self.assertEqual(status, "partial")
        self.assertIn("damaged: ", reason)

    def test_other_byte_order_and_times(self):
        """Big-endian, nanoseconds, pcapng in tenths of microseconds with an offset: as tshark reads them."""
        import struct
        content = self.whole.read_bytes()
        swapped = bytearray(struct.pack(">IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 101))
        at = 24
        while at < len(content):
            seconds, fraction, length, whole = struct.unpack_from("<IIII", content, at)
            swapped += struct.pack(">IIII", seconds + 5, fraction * 1000 + 7, length, whole)
            swapped += content[at + 16:at + 16 + length]
            at += 16 + length
        (self.captures / "swapped.pcap").write_bytes(swapped)
        import packets
        frames = [(second, packets.ethernet(packets.ipv4("10.0.0.1", "10.0.0.2", packets.tcp(
            "10.0.0.1", "10.0.0.2", (1, 2), 5, 0, "S")))) for second in range(3)]
        packets.write_far(self.captures / "far.pcapng", frames, 1 << 31)
        self.run_batch(self.captures)
        expected = [json.loads(line) for name in sorted(os.listdir(self.captures))
                    for line in rig.two_passes(self.captures / name)]
        self.assertEqual(self.rows(), expected)
        self.assertTrue(all({"frame", "last_frame"} <= set(row["batch"]) for row in self.connections()))


class EndsTest(DamagedTest):
    """Beginning and end of a file by its ends alone, against capinfos, which reads all."""

    def check(self, path):
        found = ends.Ends(str(path))
        done = subprocess.run(["capinfos", "-aeSTr", path], capture_output=True, text=True, check=True)
        text = done.stdout.split("\t")
        told = [decimal.Decimal(time) / 10**9 for time in (found.first, found.last)]
        self.assertEqual([decimal.Decimal(time) for time in text[1:3]], told, path)

    def test_samples(self):
        for path in sorted(rig.SAMPLES.glob("*.pcapng"))[::8]:
            self.check(path)

    def test_large_pcap_is_not_read_whole(self):
        path = self.captures / "large.pcap"
        rig.busy_capture(path, 200000)
        self.check(path)
        read = []
        original = capture.Pcap.scan

        def scan(reader, data, base):
            read.append(len(data))
            return original(reader, data, base)

        with rig.unittest.mock.patch.object(capture.Pcap, "scan", scan):
            found = ends.Ends(str(path))
        self.assertLess(sum(read), path.stat().st_size / 4)
        self.assertAlmostEqual(found.packets, 200000, delta=10000)


if __name__ == "__main__":
    rig.main()
