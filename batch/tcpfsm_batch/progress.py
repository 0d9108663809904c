# SPDX-License-Identifier: GPL-2.0-or-later
"""How far the run is, on stderr: a bar on a terminal, else a line now and then."""
import os
import sys
import time

from . import plan

STEP = 0.5          # s between looks
LINE_EVERY = 30     # s between lines, not on a terminal
WIDTH = 30


class Progress:
    """`units`: all of the plan; `left`: those to be done now. Measured in bytes to read."""

    def __init__(self, folder, units, left, quiet, stream=None):
        self.results = os.path.join(folder, "results")
        self.weights = {unit["hash"] + ".ndjson": plan.weight(unit) for unit in left}
        self.count = len(units)
        self.total = sum(self.weights.values()) or 1
        self.stream = stream or sys.stderr
        self.quiet, self.terminal = quiet, self.stream.isatty()
        self.started = self.told = time.monotonic()

    def look(self):
        with os.scandir(self.results) as entries:
            found = [entry.name for entry in entries if entry.name in self.weights]
        return len(found), sum(self.weights[name] for name in found)

    def show(self, end=False):
        now = time.monotonic()
        if self.quiet or not (self.terminal or end or now - self.told >= LINE_EVERY):
            return
        self.told = now
        count, done = self.look()
        text = self.text(count + self.count - len(self.weights), done / self.total, now - self.started, end)
        self.stream.write("\r" + text + "\x1b[K" + ("\n" if end else "") if self.terminal else text + "\n")
        self.stream.flush()

    def text(self, count, share, seconds, end):
        filled = int(share * WIDTH)
        if end:
            left = "took " + duration(seconds)
        else:
            left = duration(seconds / share - seconds) + " left" if share > 0.01 else "time left unknown"
        bar = "#" * filled + " " * (WIDTH - filled)
        return "%3d%% [%s] %d of %d units, %s" % (share * 100, bar, count, self.count, left)


def duration(seconds):
    seconds = int(seconds + 0.5)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return "%d:%02d:%02d" % (hours, minutes, seconds % 60) if hours else "%d:%02d" % (minutes, seconds % 60)
