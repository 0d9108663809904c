# SPDX-License-Identifier: GPL-2.0-or-later
"""Which units of a plan have results, and what became of their files."""
import json
import os

from .job import result_path

BLOCK = 1 << 16


def last_line(path):
    """Of a file that may be large."""
    with open(path, "rb") as file:
        at, data = file.seek(0, os.SEEK_END), b""
        while at and data.count(b"\n", 0, -1) == 0:
            step = min(BLOCK, at)
            at -= step
            file.seek(at)
            data = file.read(step) + data
    return data.rstrip(b"\n").rpartition(b"\n")[2]


def unit_row(folder, unit):
    """The last row of a unit's result; None if there is no result, or no whole one."""
    try:
        row = json.loads(last_line(result_path(folder, unit)))
    except (OSError, ValueError):
        return None
    row = row.get("batch_unit") if isinstance(row, dict) else None
    return row if row and row.get("hash") == unit["hash"] else None


def missing(folder, units):
    """What is left to do."""
    return [unit for unit in units if unit_row(folder, unit) is None]


class Summary:
    """What became of all files: that of a file is the worst of what its units say."""

    def __init__(self, folder, units):
        self.files, self.lacking, self.rows = {}, [], 0
        self.seconds_tshark = self.seconds_total = 0.0
        for unit in units:
            row = unit_row(folder, unit)
            if row is None:
                self.lacking.append(unit)
                continue
            self.rows += row["rows"]
            self.seconds_tshark += row["seconds_tshark"]
            self.seconds_total += row["seconds_tshark"] + row["seconds_cpu"]
            for file in row["files"]:
                self.add(file)

    def add(self, file):
        order = ("ok", "partial", "failed")
        before = self.files.get(file["path"])
        if before is None or order.index(file["status"]) > order.index(before["status"]):
            self.files[file["path"]] = file

    def count(self, status):
        return sum(1 for file in self.files.values() if file["status"] == status)

    def exit_status(self):
        if not self.count("ok") + self.count("partial") and not self.lacking:
            return 3
        return 1 if self.lacking or self.count("ok") != len(self.files) else 0
