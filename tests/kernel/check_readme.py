#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does what sample-captures/README.md promises come true?

Every capture has a row, every row its capture, and the filter of a row finds a frame in it (of two ends,
in one). All filters are asked at once, each of the frames of its captures in their collection.
"""
import argparse
import os
import re
import sys

sys.dont_write_bytecode = True

from collection import Collection     # noqa: E402
from compare_states import Tshark     # noqa: E402


def rows(folder):
    """(name, filter) of each row of the tables."""
    with open(os.path.join(folder, "README.md"), encoding="utf-8") as file:
        for line in file:
            # A filter may hold ||, which the table's markup writes as \|\|.
            cells = re.split(r"(?<!\\)\|", line.strip())
            if len(cells) == 6 and cells[1].strip().startswith("`"):
                yield cells[1].split("`")[1], cells[4].split("`")[1].replace("\\|", "|")


def captures_of(folder, name):
    paths = (os.path.join(folder, name + end + ".pcapng") for end in ("", ".client", ".server"))
    return [path for path in paths if os.path.exists(path)]


def unkept(tshark, folder, promises):
    """Of each row whose filter finds nothing, or can't be asked, a complaint."""
    paths = [path for name in dict(promises) for path in captures_of(folder, name)]
    collection = Collection(paths, os.path.join(tshark.folder, "collection.pcap"))
    spans = {name: [collection.frames(paths.index(path)) for path in captures_of(folder, name)]
             for name, _ in promises}

    def find(asked):
        rules = [f"(({text}) && frame.number >= {first} && frame.number <= {last})"
                 for name, text in asked for first, last in spans[name]]
        found = tshark.read(collection.path, "-2", "-Y", " || ".join(rules) or "!frame", "-T", "fields",
                            "-e", "frame.number")
        return [int(line) for line in found.split()]

    complaints = [f"{name}: {text}: frames have other numbers here" for name, text in promises
                  if "frame.number" in text]
    try:
        found = find(promises)
    except RuntimeError:                    # tshark doesn't understand one of them: which?
        found = []
        for promise in promises:
            try:
                found += find([promise])
            except RuntimeError as trouble:
                complaints.append(f"{promise[0]}: {promise[1]}: {trouble}")
    for name, text in promises:
        if not any(first <= frame <= last for first, last in spans[name] for frame in found):
            complaints.append(f"{name}: {text} finds nothing")
    return complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--plugin", required=True, help="tcpfsm.so")
    parser.add_argument("--tshark", default="tshark")
    parser.add_argument("--series", help="tshark's version as its plugin folder has it; else tshark is asked")
    options = parser.parse_args()
    tshark = Tshark(options.tshark, options.plugin, options.series)
    promises = list(rows(options.folder))
    promised = {name for name, _ in promises}
    complaints = unkept(tshark, options.folder, promises)
    bundled = {name.split(".")[0] for name in os.listdir(options.folder) if name.endswith(".pcapng")}
    complaints += [f"{name}: no row" for name in sorted(bundled - promised)]
    complaints += [f"{name}: no capture" for name in sorted(promised - bundled)]
    print("\n".join(complaints) or f"{len(promised)} rows hold")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
