#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Play all scenes with two capture points (or three), and those about what may be between them; then make
worse captures of some.

Writes `<scene>.pcapng` of all points, `<scene>.<point>.pcapng` and `<scene>.truth` to the given folder.
"""
import argparse
import os
import sys

sys.dont_write_bytecode = True

import worse_points                                                                         # noqa: E402
import scenes                                                                               # noqa: E402
from scenes import closing, data, forged, opening, resets, two_points, unfinished     # noqa: E402,F401
from scenes.playing import play_all                                                         # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    parser.add_argument("--at-once", type=int, default=8, help="scenes at the same time")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    worse = [name for name in worse_points.WORSE if not options.names or name in options.names]
    names = options.names or [*scenes.BETWEEN, *scenes.SCENES]
    played = [name for name in names if name not in worse]
    failed = play_all(scenes.perform_between, played, options.folder, options.at_once)
    for name in worse:
        worse_points.make(options.folder, name)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
