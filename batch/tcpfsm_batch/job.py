# SPDX-License-Identifier: GPL-2.0-or-later
"""The atom: a line of the manifest in, a result file out, whole or not there. It knows no engine."""
import json
import os
import socket
import subprocess
import time

from . import capture, ends, paths, tools
from .feed import Feeder
from .rows import Places, Rows

SECOND = capture.SECOND
WORST = ("ok", "partial", "failed")


class JobFailed(Exception):
    """Why there is no result: another try may have one."""


def read_unit(manifest, index):
    """The line of that number; the folder of the manifest is that of the results."""
    with open(manifest, encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number == index:
                return json.loads(line)
    raise IndexError("%s has no unit %d" % (manifest, index))


def result_path(folder, unit):
    return os.path.join(folder, "results", unit["hash"] + ".ndjson")


class Job:
    def __init__(self, folder, unit):
        self.folder, self.unit = folder, unit
        self.started = time.monotonic()
        self.paths = [paths.from_text(file["path"]) for file in unit["files"]]
        self.files = []
        self.tshark = {"seconds": 0.0, "memory": 0}
        self.log_path = os.path.join(folder, "units", unit["hash"] + ".log")
        own = "%s.%s.%d" % (unit["hash"], socket.gethostname(), os.getpid())
        self.raw_path = os.path.join(folder, "units", own + ".rows")
        self.new_path = os.path.join(folder, "results", "." + own + ".new")

    def run(self):
        try:
            self.write_result()
        except OSError as error:
            raise JobFailed("%s: %s" % (self.new_path, error.strerror)) from None
        finally:
            for path in (self.raw_path, self.new_path):
                if os.path.exists(path):
                    os.unlink(path)

    def write_result(self):
        if os.path.exists(self.log_path):
            os.unlink(self.log_path)
        feeder, complaint = self.ask()
        self.files = [self.judge(file, path, fed) for file, path, fed in
                      zip(self.unit["files"], self.paths, feeder.files)]
        if complaint:
            self.accuse_last(complaint)
        with open(self.new_path, "wb") as new:
            count = self.write_rows(feeder, new)
            row = {"batch_unit": self.last_row(feeder, count)}
            new.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            new.flush()
            os.fsync(new.fileno())
        os.rename(self.new_path, result_path(self.folder, self.unit))

    def quiet_tail(self):
        """Whole seconds that the capture is known to have gone on after its last packet."""
        last = ends.Ends(self.paths[-1])
        end = last.end
        if "next_first_ns" in self.unit:
            end = int(self.unit["next_first_ns"])
        elif end is None and "until_ns" in self.unit:
            end = int(self.unit["until_ns"])
        self.capture_end = end
        if end is None or last.last is None:
            return 0
        return max(0, (end // SECOND * SECOND - last.last) // SECOND)

    def ask(self):
        """Feeds tshark; what came stands in raw_path. What it has against the capture, or None."""
        shard = self.unit.get("shard")
        words = tools.command(self.unit["filter"], self.unit["preferences"], self.quiet_tail())
        with tools.Configuration() as environment, open(self.raw_path, "wb") as raw, \
                open(self.log_path, "wb") as log:
            try:
                process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=raw, stderr=log,
                                           env=environment, cwd=environment["WIRESHARK_CONFIG_DIR"],
                                           preexec_fn=tools.die_with_parent)
            except FileNotFoundError:
                raise JobFailed("tshark is not installed") from None
            feeder = Feeder(process.stdin, shard)
            try:
                self.feed(feeder)
            finally:
                status = self.end(process)
        return feeder, self.complaint(feeder, status)

    def feed(self, feeder):
        try:
            for file, path in zip(self.unit["files"], self.paths):
                self.look(file, path)
                feeder.feed(path, file["size"])
            feeder.sink.close()
        except BrokenPipeError:
            pass        # its status says why

    def look(self, file, path):
        """Is it still the file that was planned?"""
        try:
            size, mtime = ends.size_and_time(path)
        except OSError:
            return
        if (size, str(mtime)) != (file["size"], file["mtime_ns"]):
            file["changed"] = "it grew after it was planned" if size > file["size"] else \
                "it changed after it was planned"

    def end(self, process):
        try:
            process.stdin.close()
        except OSError:
            pass
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.tshark = {"seconds": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss}
        return process.returncode

    def complaint(self, feeder, status):
        if feeder.header is None:           # there was nothing to read
            os.truncate(self.raw_path, 0)
            os.unlink(self.log_path)
            return None
        if status < 0:
            raise JobFailed("tshark was killed by signal %d" % -status)
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            told = [line.strip() for line in log if line.strip() and "could be dangerous" not in line]
        if not told:
            os.unlink(self.log_path)
        if not status:
            return None
        return told[-1] if told else "tshark ended with status %d" % status

    def judge(self, file, path, fed):
        """The row of a file."""
        try:
            again = ends.size_and_time(path)
        except OSError:
            again = None
        if again and "changed" not in file and (again[0], str(again[1])) != (file["size"], file["mtime_ns"]):
            file["changed"] = "it changed while it was read"
        count = len(fed.times)
        changed = file.pop("changed", None)
        reason = changed if changed and count else fed.fault or changed
        row = dict(file, packets=count, first_ns=str(min(fed.times)) if count else None,
                   last_ns=str(max(fed.times)) if count else None)
        row["status"] = "ok" if not reason else "partial" if count else "failed"
        if reason:
            row["reason"] = reason
        return row

    def accuse_last(self, complaint):
        """tshark stopped: in which file, it doesn't say."""
        for file in self.files:
            if file["status"] == "ok":
                file.update(status="partial", reason="tshark: " + complaint)

    def write_rows(self, feeder, new):
        texts = [file["path"] for file in self.unit["files"]]
        places = Places(feeder.files, self.paths, texts[:len(feeder.files)], feeder.numbers)
        rows = Rows(places, self.unit["hash"], self.unit.get("window"), self.own_times(feeder))
        count = 0
        with open(self.raw_path, "rb") as raw:
            for line in raw:
                if not line.endswith(b"}\n"):
                    raise JobFailed("tshark printed half a line")
                line = rows.rewrite(line)
                if line:
                    new.write(line)
                    count += 1
        return count

    def own_times(self, feeder):
        """Of a window: from its first packet on, until the first of its tail."""
        if "window" not in self.unit:
            self.own = None, None
            return None
        own, tail = [], []
        for file, fed in zip(self.unit["files"], feeder.files):
            if fed.times:
                (tail if file.get("tail") else own).append(fed.times[0])
        self.own = own[0] if own and self.unit["window"] else None, tail[0] if tail else None
        return self.own

    def last_row(self, feeder, count):
        unit = self.unit
        status = max((file["status"] for file in self.files), key=WORST.index)
        if status == "failed" and any(file["status"] != "failed" for file in self.files):
            status = "partial"
        row = {key: unit[key] for key in ("hash", "chain", "shard", "window", "continues") if key in unit}
        times = [file for file in self.files if file["packets"]]
        row.update(
            files=self.files, interface=unit["interface"], observer=unit["observer"],
            first_ns=min((file["first_ns"] for file in times), key=int, default=None),
            last_ns=max((file["last_ns"] for file in times), key=int, default=None),
            capture_end_ns=as_text(self.capture_end), own_first_ns=as_text(self.own[0]),
            own_end_ns=as_text(self.own[1]), rows=count, versions=unit["versions"], filter=unit["filter"],
            preferences=unit["preferences"], host=socket.gethostname(),
            seconds_tshark=round(self.tshark["seconds"], 3),
            seconds_total=round(time.monotonic() - self.started, 3), seconds_cpu=self.own_seconds(),
            packets=sum(file["packets"] for file in self.files), max_memory_kb=self.tshark["memory"],
            status=status)
        reasons = [file["reason"] for file in self.files if "reason" in file]
        if reasons:
            row["reason"] = reasons[0]
        return row

    @staticmethod
    def own_seconds():
        """What the job itself took beside tshark."""
        used = os.times()
        return round(used.user + used.system, 3)


def as_text(number):
    return None if number is None else str(number)
