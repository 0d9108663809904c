# SPDX-License-Identifier: GPL-2.0-or-later
"""What was found, in plain words."""
import collections

from changes import changes

TELLING = 5e-4              # an error of the drift beyond which it says nothing
SHOWN = 3                   # ways of a change that are named; the rest is counted


def seconds(nanoseconds):
    return "%.9f s" % (nanoseconds / 10**9)


def span(nanoseconds):
    """A length of time in a unit that fits."""
    for unit, size in (("s", 10**9), ("ms", 10**6)):
        if abs(nanoseconds) >= size:
            return "%.3f %s" % (nanoseconds / size, unit)
    return "%.3f µs" % (nanoseconds / 1000)


def count(number, thing):
    return "%d %s%s" % (number, thing, "" if number == 1 else "s")


def _clock(pieces, name):
    piece = pieces[0]
    side = "ahead of" if piece.ahead >= 0 else "behind"
    if piece.room is None:
        yield ("Clock: the server's is at most %s %s the client's. Segments of one direction alone were seen "
               "at both points, so the fastest is taken to arrive at once." %
               (seconds(abs(piece.ahead)), side))
        return
    bound = max(one.bound for one in pieces)
    yield ("Clock: the server's is %s %s the client's, ± %s (at best half the smallest round trip, %s; "
           "paths of different length can't be told from an offset)" %
           (seconds(abs(piece.ahead)), side, span(bound), span(min(one.room for one in pieces))))
    if piece.drift:
        yield "Drift: the server's clock runs %.2f ppm %s, ± %.2f ppm" % (
            abs(piece.drift) * 1e6, "fast" if piece.drift > 0 else "slow", piece.drift_error * 1e6)
    elif piece.drift_error > TELLING:
        yield "Drift: the captures are too short to measure it"
    else:
        yield "Drift: none that can be measured; less than %.2f ppm" % (piece.drift_error * 1e6)
    for before, after in zip(pieces, pieces[1:]):
        yield "A clock was set by %s at frame %d of %s" % (
            seconds(after.ahead - before.at(after.when)), after.frame, name)


def _alone(files, pairs, overlap):
    for place, file in enumerate(files):
        matched = {(pair.first, pair.second)[place].number for pair in pairs}
        alone = [one for one in file.connections if one.number not in matched]
        outside = sum(one.last < overlap[place][0] or one.first > overlap[place][1] for one in alone)
        rest = ", %d of them while the other did not capture" % outside if outside else ""
        segments = sum(sum(one.count) for one in alone)
        many = " (%s)" % count(segments, "segment") if alone else ""
        yield "  only in %s: %d%s%s" % (file.path, len(alone), many, rest)


def _direction(counts, way, far):
    known = counts.arrived + counts.lost + counts.missed
    yield "  %s: %d of %d arrived, %d lost between" % (way, counts.arrived, known, counts.lost)
    if counts.missed:
        yield "    %s arrived, but the %s's capture missed %s" % (
            count(counts.missed, "segment"), far, "it" if counts.missed == 1 else "them")
    if counts.acks_lost:
        yield "    %s did not arrive; devices also thin them out" % count(counts.acks_lost, "pure ACK")
    if counts.unclear:
        yield "    %s sent while the other point was not capturing, or hard to tell" % count(counts.unclear,
                                                                                             "segment")
    if counts.only_there:
        near = "client" if far == "server" else "server"
        resets = ", %d of them RST" % counts.resets_only_there if counts.resets_only_there else ""
        yield "    %s seen only near the %s%s: missed by the %s's capture, or made between" % (
            count(counts.only_there, "segment"), far, resets, near)


def _changed(pairs):
    ways = collections.defaultdict(collections.Counter)
    for pair in pairs:
        for what, how in changes(pair):
            ways[what][how] += 1
    if not ways:
        yield "Changed between the points: nothing"
        return
    yield "Changed between the points (in how many of the %s):" % count(len(pairs), "connection")
    for what, hows in ways.items():
        for how, number in hows.most_common(SHOWN):
            yield "  %s: %s (%d)" % (what, how, number)
        if len(hows) > SHOWN:
            yield "  %s: in %d other ways (%d)" % (what, len(hows) - SHOWN,
                                                  sum(hows.values()) - sum(n for _,
                                                                           n in hows.most_common(SHOWN)))


def report(files, pairs, pieces, comparison, overlap):
    """The lines. `overlap`: of each file, the time in which the other captured, by its own clock."""
    lines = ["Client's side: %s, %s, %s" % (files[0].path, count(files[0].facts.packets, "packet"),
                                          count(len(files[0].connections), "connection")),
             "Server's side: %s, %s, %s" % (files[1].path, count(files[1].facts.packets, "packet"),
                                          count(len(files[1].connections), "connection"))]
    lines += _clock(pieces, files[1].path)
    lines.append("Connections in both files: %d" % len(pairs))
    lines += _alone(files, pairs, overlap)
    lines.append("Segments but pure ACKs:")
    for counts, way, far in ((comparison.counts[0], "client to server", "server"),
                             (comparison.counts[1], "server to client", "client")):
        lines += _direction(counts, way, far)
    lines += _changed(pairs)
    return lines
