#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: main.py CLIENT-FILE SERVER-FILE OUT

Joins captures of two points into one pcapng on one clock, and prints what it found. See scripts/join.
"""
import concurrent.futures
import os
import sys
import tempfile

import clock
import losses
import pairing
import reading
import report
import writing

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))
from progress import Progress

SECOND_SIGHTINGS = 0.3      # of a file's segments: from here on it holds both points already
JOINED, IMPOSSIBLE, INTERRUPTED = 0, 1, 130


def read(paths):
    """The Files, read to their ends at the same time."""
    if os.path.samefile(*paths):
        raise reading.Unusable("%s is given twice: a second capture point is needed" % paths[0])
    files = [reading.File(path) for path in paths]
    progress = Progress("of the packets read", sum(file.facts.packets for file in files))
    done = {}

    def advance(file, frames):
        done[file] = frames
        progress.advance(sum(done.values()))

    with tempfile.TemporaryDirectory(prefix="tcpfsm.") as nothing:
        # tshark as it comes: no plugins, no preferences of the user's.
        environment = {**os.environ, "HOME": nothing, "XDG_CONFIG_HOME": nothing,
                       "WIRESHARK_CONFIG_DIR": nothing,
                       "WIRESHARK_PLUGIN_DIR": nothing}
        try:
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda file: file.read(lambda frames: advance(file.path, frames), environment),
                              files))
        finally:
            progress.hide()
    for file in files:
        if file.second_sightings > SECOND_SIGHTINGS * (file.segments + file.copies) / 2:
            raise reading.Unusable("%s already holds two capture points: most of its segments occur twice, "
                                   "with different TTLs. Read it as it is" % file.path)
    return files


class Found:
    """The pairs of two files, and what they tell of points and clocks. `side`: positive if the first file is
    of the client's side, negative if the second is."""

    def __init__(self, files):
        self.files = files
        self.pairs = pairing.pair_all(*files)
        if not self.pairs and {one.ends for one in files[0].connections} & {
                one.ends for one in files[1].connections}:
            raise reading.Unusable("%s and %s have connections of the same addresses and ports, but nothing "
                                   "in them is the same: a proxy ends them, or these are of other times" %
                                   tuple(file.path for file in files))
        if not self.pairs:
            raise reading.Unusable("%s and %s have no TCP connection in common" %
                                   tuple(file.path for file in files))
        samples = [pairing.by_connection(file) for file in files]
        matches = [(pair, pairing.sightings(pair, samples[0].get(pair.first.number, ()),
                                            samples[1].get(pair.second.number, ()))) for pair in self.pairs]
        sums = [clock.sum_of_transits(found) for _, found in matches]
        known = sorted(one for one in sums if one is not None)
        if known and abs(known[len(known) // 2]) <= clock.SAME_POINT:
            raise reading.Unusable("%s and %s were captured at the same point: no time passes between them" %
                                   tuple(file.path for file in files))
        for pair, total in zip(self.pairs, sums):
            pair.near = _near(pair, total)
        self.side = sum((pair.near is True) - (pair.near is False) for pair in self.pairs)
        for pair in self.pairs:
            if pair.near is None:
                pair.near = self.side >= 0
        self.samples = [clock.Sample(frame, later, later - earlier, (side == 0) == pair.near)
                        for pair, found in matches for side, earlier, later, frame in found]
        self.pieces = clock.estimate(self.samples)

    def common(self, frame, time):
        """The second file's time by the first's clock."""
        piece = self.pieces[0]
        for after in self.pieces[1:]:
            if after.frame > frame:
                break
            piece = after
        return time - piece.at(time)

    def overlap(self):
        """By each file's own clock, from when to when the other captured."""
        first, second = (file.facts for file in self.files)
        begin, end = self.common(0, second.first), self.common(second.packets, second.last)
        return (begin, end), (first.first + second.first - begin, first.last + second.last - end)


def _near(pair, total):
    """Whether the first file's point is the one near the client; by the TTLs where the times don't tell;
    None: not known."""
    if total is not None:
        return total > 0
    for side in (0, 1):
        ours, theirs = pair.first.ttl[side], pair.second.ttl[pair.of_second(side)]
        if ours and theirs and ours != theirs:
            return (ours > theirs) == (side == 0)
    return None


def join(paths, out):
    files = read(paths)
    found = Found(files)
    if found.side < 0:
        files.reverse()
        found = Found(files)
        print("join: the files are swapped: %s is of the client's side" % files[0].path, file=sys.stderr)
    if not found.pieces:
        raise reading.Unusable("no segment of %s is surely in %s: the clocks can't be compared" %
                               (files[0].path, files[1].path))
    for file in files:
        if file.cut:
            print("join: %s" % file.cut, file=sys.stderr)
    room = max(piece.room or 0 for piece in found.pieces)
    comparison = losses.Comparison(found.pairs, files, found.common, room)
    progress = Progress("of the segments compared", sum(file.segments for file in files))
    comparison.run(progress.advance)
    progress.hide()
    progress = Progress("of the packets written", sum(file.facts.packets for file in files))
    try:
        writing.write(out, [(files[0].path, "client"), (files[1].path, "server")],
                      [lambda _, time: time, found.common], progress.advance)
    finally:
        progress.hide()
    for line in report.report(files, found.pairs, found.pieces, comparison, found.overlap()):
        print(line)
    print("Written: %s, interfaces client and server, on the client's clock" % out)


def main(words):
    if len(words) != 3:
        sys.exit(__doc__)
    try:
        join(words[:2], words[2])
    except reading.Unusable as error:
        print("join: %s" % error, file=sys.stderr)
        return IMPOSSIBLE
    return JOINED


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
