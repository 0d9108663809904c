#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""From folders to units: what is a chain, where it breaks, when the capture ended, what makes work new."""
import os
import shutil
import struct
import subprocess

import rig
from tcpfsm_batch import ends, paths, plan

SECOND = 10**9


class PlanTest(rig.BatchTest):
    def write(self, name, *times, end=None, interface="eth0"):
        """A pcapng file with an empty packet at each of these seconds; `end`: of its statistics block."""
        def block(kind, body):
            body += bytes(-len(body) % 4)
            length = 12 + len(body)
            return struct.pack("<II", kind, length) + body + struct.pack("<I", length)

        def option(code, value):
            return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)

        def split(time):
            units = round(time * 10**9)
            return units >> 32, units & 0xFFFFFFFF

        content = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
        content += block(1, struct.pack("<HHI", 1, 0, 0) + option(2, interface.encode()) +
                         option(9, b"\x09") + option(0, b""))
        for time in times:
            content += block(6, struct.pack("<IIIII", 0, *split(time), 60, 60) + bytes(60))
        if end is not None:
            content += block(5, struct.pack("<III", 0, *split(end + 0.7)) +
                             option(3, struct.pack("<II", *split(end))) + option(0, b""))
        path = self.captures / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return str(path)

    def units(self, **options):
        return plan.make([str(self.captures)], plan.Options(**options))[0]

    def chains(self, **options):
        """Of each unit the names of its files."""
        return [[os.path.basename(file["path"]) for file in unit["files"]] for unit in self.units(**options)]


class Chains(PlanTest):
    def test_rotated_files_are_one_chain(self):
        for number in (3, 1, 2):
            self.write("ring_%05d_2026112112000%d.pcapng" % (number, number), number * 10, number * 10 + 9)
        self.write("alone.pcapng", 5)
        names = ["ring_%05d_2026112112000%d.pcapng" % (number, number) for number in (1, 2, 3)]
        self.assertEqual(self.chains(), [["alone.pcapng"], names])
        self.assertEqual(self.chains(chains=False), [["alone.pcapng"]] + [[name] for name in names])

    def test_the_number_behind_the_date(self):
        names = ["ring_20261121120000_00001.pcapng", "ring_20261121120010_00002.pcapng"]
        for number, name in enumerate(names):
            self.write(name, number * 10, number * 10 + 9)
        self.assertEqual(self.chains(), [names])

    def test_numbers_that_begin_anew(self):
        """By date, then by number: also where a ring's numbers have six digits."""
        names = ["r_99999_20261121120000.pcapng", "r_100000_20261121120010.pcapng"]
        for number, name in enumerate(names):
            self.write(name, number * 10, number * 10 + 9)
        self.assertEqual(self.chains(), [names])

    def test_a_gap_breaks_it(self):
        names = ["r_%05d_2026112112000%d.pcapng" % (number, number) for number in range(3)]
        for name, times in zip(names, ((0, 9), (69, 70), (131, 132))):
            self.write(name, *times)
        self.assertEqual(self.chains(), [names[:2], names[2:]])
        self.assertEqual(self.chains(gap=59 * SECOND), [[name] for name in names])
        self.assertEqual(self.chains(gap=61 * SECOND), [names])

    def test_what_is_no_chain(self):
        """Another interface, folder or name; two captures at the same time."""
        self.write("a_00001_20261121120000.pcapng", 0, 9)
        self.write("a_00002_20261121120010.pcapng", 10, 19, interface="eth1")
        self.write("b_00002_20261121120010.pcapng", 10, 19)
        self.write("deep/a_00002_20261121120010.pcapng", 10, 19)
        self.write("c_00001_20261121120000.pcapng", 0, 500)
        self.write("c_00002_20261121120010.pcapng", 100, 600)
        self.assertEqual({len(names) for names in self.chains()}, {1})
        self.assertEqual(len(self.chains()), 6)


class Ended(PlanTest):
    def quiet(self, path, **unit):
        """The seconds that tshark is told."""
        from tcpfsm_batch import job
        work = job.Job(str(self.folder), {"hash": "h", "files": [{"path": path}], **unit})
        return work.quiet_tail(), work.capture_end

    def test_statistics_block(self):
        """Rounded down to seconds: 100.9 s of 7.5 s on are 92, since a preference has no fractions."""
        path = self.write("a.pcapng", 3, 7.5, end=100.9)
        self.assertEqual(ends.Ends(path).end, 100.9 * SECOND)
        self.assertEqual(self.quiet(path), (92, 100.9 * SECOND))

    def test_nothing_is_assumed(self):
        path = self.write("a.pcapng", 3, 7.5)
        self.assertEqual(self.quiet(path), (0, None))

    def test_the_next_file_of_the_chain(self):
        for number in range(2):
            self.write("r_%05d_2026112112000%d.pcapng" % (number, number), number * 50, number * 50 + 9)
        first, second = self.units(chains=False)
        self.assertEqual(first["next_first_ns"], str(50 * SECOND))
        self.assertNotIn("next_first_ns", second)
        self.assertEqual(self.quiet(first["files"][0]["path"], next_first_ns=first["next_first_ns"])[0], 41)

    def test_the_operator_says_so(self):
        """Where the file itself doesn't know better."""
        path = self.write("a.pcapng", 3, 7)
        self.assertEqual(self.quiet(path, until_ns=str(20 * SECOND))[0], 13)
        self.assertEqual(self.quiet(self.write("b.pcapng", 3, 7, end=10), until_ns=str(20 * SECOND))[0], 3)
        self.assertEqual(self.quiet(path, until_ns=str(5 * SECOND))[0], 0)

    def test_it_shows_in_the_rows(self):
        """The server that never closes is only warned of if it had the time."""
        sample = rig.SAMPLES / "close-wait-server-never-closes.pcapng"
        shutil.copy(sample, self.captures)
        self.run_batch(self.captures)
        self.assertEqual(self.connections()[0]["warnings"], [])
        until = ends.Ends(str(sample)).last // SECOND + 91
        self.run_batch(self.captures, "--until", str(until))
        row, = self.connections()
        self.assertEqual([each["name"] for each in row["warnings"]], ["close_wait_stuck"])
        self.assertEqual(self.unit_rows()[0]["capture_end_ns"], str(until * SECOND))


class Work(PlanTest):
    def hashes(self, **options):
        return {unit["hash"] for unit in self.units(**options)}

    def test_what_makes_work_new(self):
        path = self.write("a.pcapng", 3, 7)
        os.utime(path, (5, 5))
        first = self.hashes()
        self.assertEqual(self.hashes(), first)
        for options in ({"filter": "tcp"}, {"preferences": {"tcpfsm.hole": "0"}}, {"until": 9 * SECOND},
                        {"versions": {"plugin": "2"}}, {"observer": "here"}):
            self.assertFalse(self.hashes(**options) & first, options)
        os.utime(path, (6, 6))
        self.assertFalse(self.hashes() & first)
        os.utime(path, (5, 5))
        self.assertEqual(self.hashes(), first)
        self.write("a.pcapng", 3, 7, 8)
        os.utime(path, (5, 5))
        self.assertFalse(self.hashes() & first)

    def test_what_only_concerns_others_does_not(self):
        self.write("a.pcapng", 3, 7)
        first = self.hashes()
        self.write("b.pcapng", 3, 7)
        self.assertLess(first, self.hashes())
        self.assertEqual(self.hashes(gap=SECOND, max_memory=8 << 30), self.hashes())

    def test_windows_overlap(self):
        for number in range(10):
            self.write("r_%05d_202611211200%02d.pcapng" % (number, number),
                       *(number * 10 + index / 100 for index in range(1000)))
        units = self.units(max_memory=plan.MEMORY_BASE + 4500 * plan.MEMORY_PACKET)
        own = [[file["path"][-10:-7] for file in unit["files"] if "tail" not in file] for unit in units]
        self.assertEqual(sum(own, []), ["0%02d" % number for number in range(10)], own)
        for unit, following in zip(units, units[1:]):
            tails = [file["path"] for file in unit["files"] if "tail" in file]
            self.assertEqual(tails, [file["path"] for file in following["files"]][:len(tails)])
            self.assertTrue(tails)
            self.assertTrue(unit["continues"])
        self.assertEqual({unit["chain"] for unit in units}, {units[0]["hash"]})

    def test_a_file_too_large_for_memory_is_sharded(self):
        self.write("large.pcapng", *range(1000))
        units = self.units(max_memory=plan.MEMORY_BASE + 400 * plan.MEMORY_PACKET)
        self.assertEqual([unit["shard"] for unit in units], [[0, 3], [1, 3], [2, 3]])
        self.assertEqual(len({unit["hash"] for unit in units}), 3)

    def test_results_are_no_captures(self):
        """A results folder within the captures is left out."""
        self.write("a.pcapng", 3, 7)
        self.batch("plan", "-o", self.captures / "results", self.captures)
        shutil.copy(self.captures / "a.pcapng", self.captures / "results" / "b.pcapng")
        self.assertEqual(self.chains(), [["a.pcapng"]])

    def test_a_file_named_twice(self):
        path = self.write("a.pcapng", 3, 7)
        self.assertEqual(len(plan.make([path, str(self.captures), path], plan.Options())[0]), 1)


class Paths(rig.BatchTest):
    NAMES = [b"with space.pcap", b"quote'\"`$(touch x).pcap", b"new\nline.pcap", "größe-抓包.pcap".encode(),
             b"caf\xe9.pcap", b"-o.pcap", b"50%41.pcap", b"back\\slash;&|*?.pcap"]

    def test_there_and_back(self):
        for name in self.NAMES:
            path = os.fsdecode(b"/x/" + name)
            text = paths.to_text(path)
            text.encode("utf-8")
            self.assertEqual(paths.from_text(text), path)
        self.assertEqual(paths.to_text(b"/x/caf\xe9"), "file:///x/caf%E9")
        self.assertEqual(paths.to_text("/x/50%41"), "/x/50%41")

    def test_any_name_is_read(self):
        """Rotated ones too; nothing of a name reaches a shell."""
        capture = self.folder / "one.pcap"
        rig.busy_capture(capture, 100)
        folder = os.path.join(os.fsencode(self.captures), b"in \xff '\n")
        os.mkdir(folder)
        for name in self.NAMES:
            shutil.copy(capture, os.path.join(folder, name))
        for number in (1, 2):
            shutil.copy(capture, os.path.join(folder, b"r\xfe %05d_20261121120000.pcap" % number))
        out, _ = self.batch("run", "--no-report", "-o", self.results, self.captures)
        found = {os.fsencode(paths.from_text(file["path"])) for unit in self.unit_rows()
                 for file in unit["files"]}
        self.assertEqual({os.path.dirname(path) for path in found}, {folder})
        self.assertLess(set(self.NAMES), {os.path.basename(path) for path in found})
        self.assertTrue(all(unit["status"] == "ok" for unit in self.unit_rows()))
        self.assertIn("10 ok", out)
        self.assertLessEqual({os.fsencode(paths.from_text(row["batch"]["file"]))
                              for row in self.connections()}, found)
        self.assertFalse((self.folder / "x").exists() or os.path.exists(os.path.join(folder, b"x")))

    def test_the_plan_shows_them_on_one_line(self):
        shutil.copy(rig.SAMPLES / "close-by-client.pcapng", self.captures / "new\nline.pcapng")
        out, _ = self.batch("plan", "-o", self.results, self.captures)
        self.assertEqual(len(out.splitlines()), 2)
        self.assertIn("new\\nline", out)


class Usage(rig.BatchTest):
    def test_what_is_wrong(self):
        good = str(rig.SAMPLES / "close-by-client.pcapng")
        for words in ([], ["run"], ["run", "--nonsense", good], ["run", good, "--gap", "x"],
                      ["run", str(self.folder / "none")], ["run", good, "--filter", "no.such.field == 1"],
                      ["run", good, "--preference", "tcpfsm.nonsense:1"], ["run", good, "-j", "0"],
                      ["job", str(self.folder / "none"), "--index", "0"],
                      ["status", str(self.folder / "none")]):
            out, err = self.batch(*words, status=2)
            self.assertEqual(out, "", words)
            self.assertTrue(err, words)
            self.assertNotIn("Traceback", err)

    def test_no_plugin(self):
        _, err = self.run_batch(rig.SAMPLES, status=2, environment={"WIRESHARK_PLUGIN_DIR": "/nonexistent"})
        self.assertIn("does not load the tcpfsm plugin", err)

    def test_no_captures(self):
        self.assertIn("no captures", self.run_batch(self.captures, status=3)[1])

    def test_a_dry_run_writes_nothing(self):
        out, _ = self.batch("run", "-n", "-o", self.results, rig.SAMPLES / "close-by-client.pcapng")
        self.assertIn("1 units of work", out)
        self.assertFalse(self.results.exists())

    def test_filter_and_preferences_reach_tshark(self):
        sample = str(rig.SAMPLES / "close-wait-server-never-closes.pcapng")
        self.run_batch(sample, "--filter", "tcp.port == 1")
        self.assertEqual(self.connections(), [])
        self.run_batch(sample, "--preference", "tcpfsm.close_wait_timeout:1",
                       "--preference", "tcpfsm.quiet_tail:3")
        self.assertEqual([each["name"] for each in self.connections()[0]["warnings"]], ["close_wait_stuck"])
        self.assertEqual(self.unit_rows()[0]["preferences"]["tcpfsm.quiet_tail"], "3")

    def test_preferences_of_the_user_change_nothing(self):
        folder = self.folder / "config"
        folder.mkdir()
        (folder / "preferences").write_text("tcpfsm.close_wait_timeout: 1\ntcpfsm.quiet_tail: 90\n")
        self.run_batch(str(rig.SAMPLES / "close-wait-server-never-closes.pcapng"),
                       environment={"WIRESHARK_CONFIG_DIR": str(folder)})
        self.assertEqual(self.connections()[0]["warnings"], [])


if __name__ == "__main__":
    rig.main()
