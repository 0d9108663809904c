#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A run that is killed, interrupted, run twice at once, or has no room: what is done stays done, what is
there is whole, and the rows in the end are those of a plain loop."""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import rig
from tcpfsm_batch import keeper

KILLS = 20
DISK = "disk"       # in the world's folder: a file system of 300 kB, if root could make one


class RunTest(rig.BatchTest):
    def make_captures(self, count, packets=40):
        for number in range(count):
            rig.busy_capture(self.captures / ("%03d.pcap" % number), packets + number)

    def plain_loop(self):
        """What a loop over the captures gives, in the order of their names."""
        return [json.loads(line) for path in sorted(self.captures.iterdir()) for line in rig.two_passes(path)]

    def rows(self):
        return [rig.without_batch(row) for row in self.connections()]

    def done(self):
        folder = self.results / "results"
        return {name for name in os.listdir(folder) if name.endswith(".ndjson")} if folder.exists() else set()


class Killed(RunTest):
    COUNT = 14

    def setUp(self):
        super().setUp()
        self.make_captures(self.COUNT)
        self.words = ["run", "--no-report", "-o", str(self.results), "-q", "-j", "4", str(self.captures)]

    def kill(self, process, chance):
        """SIGKILL to the run itself, or to one of the processes below it; at a random moment."""
        time.sleep(chance.uniform(0.1, 2))
        victims = self.descendants(process.pid)
        try:
            own = chance.random() < 0.6 or not victims
            os.kill(process.pid if own else chance.choice(victims), signal.SIGKILL)
        except ProcessLookupError:
            pass

    @staticmethod
    def descendants(pid):
        parents = {}
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
        found, todo = [], [pid]
        while todo:
            parent = todo.pop()
            below = [child for child, its in parents.items() if its == parent]
            found += below
            todo += below
        return found

    def test_at_random_moments(self):
        chance = random.Random(15)
        before, runs = set(), 0
        for _ in range(KILLS):
            process = self.started(*self.words)
            self.kill(process, chance)
            process.communicate(timeout=rig.SECONDS)
            runs += 1
            for name in self.done():
                with open(self.results / "results" / name, encoding="utf-8") as file:
                    self.assertIn("batch_unit", json.loads(file.readlines()[-1]), "a result that isn't whole")
            self.assertLessEqual(before, self.done(), "what was done is gone")
            before = self.done()
            if len(before) == self.COUNT:
                shutil.rmtree(self.results / "results")
                before = set()
        self.assertEqual(runs, KILLS)
        self.batch(*self.words)
        self.assertEqual(self.rows(), self.plain_loop())
        left = [name for part in ("results", "units") for name in os.listdir(self.results / part)
                if name.endswith((".new", ".rows"))]
        self.assertEqual(left, [])

    def test_nothing_is_left_running(self):
        """With so many processes below: while GNU parallel starts, while jobs start, while they run."""
        for wanted in (1, 2, 3, 4, 5, 7):
            with self.subTest(processes=wanted):
                process = self.started(*self.words)
                deadline, below, sessions = time.monotonic() + 60, [], set()
                while len(below) < wanted and time.monotonic() < deadline:
                    time.sleep(0.001)
                    below = self.descendants(process.pid)
                    sessions |= {self.session_of(pid) for pid in below}
                self.assertGreaterEqual(len(below), wanted)
                process.kill()
                process.communicate()
                ours = {0, os.getsid(0)}
                for _ in range(100):
                    alive = [pid for pid in below if self.session_of(pid)]
                    alive += [pid for session in sessions - ours for pid in keeper.members(session)]
                    if not alive:
                        break
                    time.sleep(0.1)
                self.assertEqual(sorted(set(alive)), [], "still there")

    @staticmethod
    def session_of(pid):
        """0 if it doesn't run any more."""
        try:
            text = pathlib.Path("/proc/%d/stat" % pid).read_text()
        except OSError:
            return 0
        state, _, _, session = text.rpartition(")")[2].split()[:4]
        return 0 if state == "Z" else int(session)

    def check_signal(self, number, status):
        process = self.started(*self.words)
        deadline = time.monotonic() + 60
        while not self.done() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        _, err = process.communicate(timeout=rig.SECONDS)
        self.assertEqual(process.returncode, status, err)
        self.assertIn(b"the same command goes on from here", err)
        before = {name: (self.results / "results" / name).stat().st_mtime_ns for name in self.done()}
        self.assertTrue(before)
        self.assertLess(len(before), self.COUNT)
        self.batch(*self.words)
        for name, moment in before.items():
            self.assertEqual((self.results / "results" / name).stat().st_mtime_ns, moment, "done twice")
        self.assertEqual(self.rows(), self.plain_loop())

    def test_interrupted(self):
        self.check_signal(signal.SIGINT, 130)

    def test_terminated(self):
        self.check_signal(signal.SIGTERM, 143)


class Again(RunTest):
    def test_what_is_done_is_not_done_again(self):
        self.make_captures(3)
        self.run_batch(self.captures)
        first = {name: (self.results / "results" / name).stat().st_mtime_ns for name in self.done()}
        self.assertEqual(len(first), 3)
        rig.busy_capture(self.captures / "001.pcap", 60)
        rig.busy_capture(self.captures / "new.pcap", 50)
        self.run_batch(self.captures)
        again = {name: (self.results / "results" / name).stat().st_mtime_ns for name in self.done()}
        self.assertEqual(len(again), 5)         # the changed one's old result is there, but doesn't count
        self.assertEqual({name: again[name] for name in first}, first)
        self.assertEqual(self.rows(), self.plain_loop())
        self.run_batch("--restart", self.captures)
        anew = {name for name in first if (self.results / "results" / name).stat().st_mtime_ns != first[name]}
        self.assertEqual(len(anew), 2)

    def test_half_a_result_is_none(self):
        self.make_captures(2)
        self.run_batch(self.captures)
        unit = self.manifest()[0]
        path = self.results / "results" / (unit["hash"] + ".ndjson")
        content = path.read_bytes()
        path.write_bytes(content[:len(content) // 2])
        out, _ = self.batch("status", self.results, status=1)
        self.assertIn("1 of 2 units are done", out)
        self.run_batch(self.captures)
        self.assertEqual(self.rows(), self.plain_loop())

    def test_two_runs_in_one_folder(self):
        self.make_captures(8)
        first = self.started("run", "--no-report", "-q", "-j", "1", "-o", self.results, self.captures)
        deadline = time.monotonic() + 60
        while not self.done() and time.monotonic() < deadline:
            time.sleep(0.05)
        _, err = self.run_batch(self.captures, status=2)
        self.assertIn("another run is at work in %s" % self.results, err)
        first.communicate(timeout=rig.SECONDS)
        self.assertEqual(first.returncode, 0)
        self.run_batch(self.captures)

    def test_status_and_exit_status(self):
        self.make_captures(2)
        (self.captures / "bad.pcap").write_text("no capture")
        out, _ = self.batch("run", "--no-report", "-o", self.results, self.captures, status=1)
        self.assertIn("20 connections in 3 files: 2 ok, 0 partial, 1 failed", out)
        self.assertIn("failed\t%s\tnot a capture file" % (self.captures / "bad.pcap"), out)
        again, _ = self.batch("status", self.results, status=1)
        self.assertIn("3 of 3 units are done", again)
        self.assertIn(out.splitlines()[0], again)

    def test_progress(self):
        """On stderr, not in the way of results; with -q there is none."""
        self.make_captures(2)
        out, err = self.batch("run", "--no-report", "-o", self.results, self.captures)
        self.assertRegex(err, r"100% \[#{30}\] 2 of 2 units, took \d+:\d\d\n")
        self.assertNotIn("%", out)
        self.assertEqual(self.run_batch("--restart", self.captures), ("", ""))

    def test_time_left(self):
        from tcpfsm_batch.progress import Progress
        shown = Progress(str(self.folder), [], [], True)
        shown.count = 4
        self.assertEqual(shown.text(1, 0.25, 60, False),
                         " 25% [#######" + " " * 23 + "] 1 of 4 units, 3:00 left")
        self.assertIn("1:30:00 left", shown.text(1, 0.5, 5400, False))
        self.assertIn("time left unknown", shown.text(0, 0, 5, False))

    def test_a_job_that_dies_is_tried_again(self):
        """A tshark that is killed the first time: another try gives the result."""
        self.make_captures(1)
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "tshark").write_text("#!" + shutil.which("sh") + """
case $PWD in *work/tcpfsm-batch-*) [ -e "$MARK" ] || { touch "$MARK"; kill -9 $$; } ;; esac
exec %s "$@"
""" % shutil.which("tshark"))
        (tools / "tshark").chmod(0o755)
        changed = {"PATH": "%s:%s" % (tools, os.environ["PATH"]), "MARK": str(self.folder / "mark")}
        out, _ = self.run_batch("--retries", "0", self.captures, status=1, environment=changed)
        self.assertIn("missing\t%s\ttshark was killed by signal 9" % (self.captures / "000.pcap"), out)
        (self.folder / "mark").unlink()
        self.run_batch("--retries", "2", self.captures, environment=changed)
        self.assertTrue((self.folder / "mark").exists())
        self.assertEqual(self.rows(), self.plain_loop())


class FullDisk(RunTest):
    def test_on_a_small_file_system(self):
        """What fits is done, the rest is named; with more room the same command goes on."""
        disk = WORLD.folder / DISK
        if not disk.exists():
            self.skipTest("needs root: it mounts a small file system")
        self.make_captures(4, packets=20)
        rig.busy_capture(self.captures / "large.pcap", 10000)
        self.results = disk / "results"
        out, _ = self.run_batch("-j", "1", "--retries", "0", self.captures, status=1)
        self.assertIn("missing\t%s\t" % (self.captures / "large.pcap"), out)
        self.assertIn("No space left on device", out)
        self.assertEqual([name for name in os.listdir(self.results / "results") if name.endswith(".new")], [])
        self.assertEqual(len(self.done()), 4)
        room = self.folder / "room"
        shutil.copytree(self.results, room)
        self.results = room
        self.run_batch(self.captures)
        self.assertEqual(len(self.rows()), len(self.plain_loop()))


def mount(world):
    """As root: in a mount namespace of its own, a file system that is soon full."""
    if os.geteuid() == 0:
        disk = world.folder / DISK
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k,mode=777", "tmpfs", disk],
                          check=False).returncode:
            disk.rmdir()


def prepare(world):
    global WORLD
    WORLD = world
    mount(world)


WORLD = None

if __name__ == "__main__":
    if os.geteuid() == 0 and "TCPFSM_UNSHARED" not in os.environ and \
            subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0:
        os.environ["TCPFSM_UNSHARED"] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, "-B", *sys.argv])
    rig.main(prepare)
