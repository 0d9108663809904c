# SPDX-License-Identifier: GPL-2.0-or-later
"""A bar on a terminal, and nothing elsewhere."""
import sys

BAR = 30


class Progress:
    def __init__(self, what, total):
        self.on, self.what, self.total = sys.stderr.isatty(), what, total
        self.percent = -1

    def advance(self, done):
        percent = min(100 * done // max(self.total, 1), 100)
        if self.on and percent != self.percent:
            self.percent = percent
            full = BAR * percent // 100
            sys.stderr.write("\r\033[K[%s%s] %d %% %s" % ("#" * full, "." * (BAR - full), percent, self.what))
            sys.stderr.flush()

    def hide(self):
        if self.on:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
