# SPDX-License-Identifier: GPL-2.0-or-later
"""Leads the frame numbers in tshark's rows back to the files that the unit consists of."""
import ipaddress
import json
from bisect import bisect_left, bisect_right

from . import capture

# tshark's own keys, which no text of a row can hold: these lines are many, and to parse them all takes long.
FRAME = b'frame":'
FIRST, LAST, OUTCOME = b'"first_packet_epoch_ns":"', b'"last_packet_epoch_ns":"', b'"outcome":"'
OPENED = b'"syn_frame":'
# What nothing that comes later changes.
FINISHED = {b"closed", b"refused", b"unreachable", b"handshake-reset", b"reset", b"replaced",
            b"desynchronized"}
RECORD_MAX = capture.PACKET_MAX + 64


class Times:
    """Finds packets of one file by their time."""

    def __init__(self, fed):
        times = fed.times
        self.order = None
        if any(later < earlier for earlier, later in zip(times, times[1:])):
            self.order = sorted(range(len(times)), key=times.__getitem__)
            times = type(times)("q", (times[index] for index in self.order))
        self.times = times

    def find(self, time):
        """Indices of the packets of that time, in order."""
        first, last = bisect_left(self.times, time), bisect_right(self.times, time)
        return range(first, last) if self.order is None else self.order[first:last]


class Places:
    """Where the packets of a unit are: `files` as feed.Fed, `paths` to open them, `texts` to name them."""

    def __init__(self, files, paths, texts, numbers):
        self.files, self.paths, self.numbers = files, paths, numbers
        self.texts = [json.dumps(text, ensure_ascii=False).encode() for text in texts]
        self.starts = [fed.first_number for fed in files]
        self.times = [Times(fed) for fed in files]
        known = [index for index, fed in enumerate(files) if fed.times]
        known.sort(key=lambda index: self.times[index].times[0])
        self.known = known
        self.firsts = [self.times[index].times[0] for index in known]
        self.newest, newest = [], None
        for index in known:
            last = self.times[index].times[-1]
            newest = last if newest is None else max(newest, last)
            self.newest.append(newest)

    def locate(self, number):
        """(file, frame there) of a frame of the stream that tshark saw."""
        if self.numbers is not None:
            number = self.numbers[number - 1]
        file = bisect_right(self.starts, number) - 1
        return file, number - self.starts[file] + 1

    def at_time(self, time):
        """(file, index) of packets of that time, in order of the unit."""
        found, at = [], bisect_right(self.firsts, time) - 1
        while at >= 0 and self.newest[at] >= time:
            file = self.known[at]
            found += [(file, index) for index in self.times[file].find(time)]
            at -= 1
        return sorted(found)

    def packet_at(self, time, line, last):
        """(file, frame) of a connection's first or last packet; None if it can't be told."""
        found = self.at_time(time)
        if len(found) > 1:
            peers = Peers(line)
            found = [place for place in found if self.has(place, peers)] or found
        if not found:
            return None
        file, index = found[-1 if last else 0]
        return file, index + 1

    def has(self, place, peers):
        """Is that packet one of the connection, as far as its bytes show?"""
        file, index = place
        fed = self.files[file]
        if not fed.seekable:
            return True
        with open(self.paths[file], "rb") as opened:
            opened.seek(fed.places[index])
            following = fed.places[index + 1] if index + 1 < len(fed.places) else None
            length = RECORD_MAX if following is None else min(RECORD_MAX, following - fed.places[index])
            return peers.are_in(opened.read(length))


class Peers:
    """Addresses and ports of a row, as bytes of a header."""

    def __init__(self, line):
        row = json.loads(line)
        self.addresses = [ipaddress.ip_address(row[end + "_address"].split("%")[0]).packed
                          for end in ("client", "server")]
        ports = [row[end + "_port"].to_bytes(2, "big") for end in ("client", "server")]
        self.pairs = [ports[0] + ports[1], ports[1] + ports[0]]

    def are_in(self, data):
        return all(address in data for address in self.addresses) and any(pair in data for pair in self.pairs)


class Rows:
    """Rewrites the lines of tshark."""

    def __init__(self, places, unit, window=None, own=None):
        """`own`: (first ns, ns of the end or None) of the window; rows that begin elsewhere are left out."""
        self.places, self.window, self.own = places, window, own
        self.unit = unit.encode()
        self.alone = len(places.files) == 1 and places.numbers is None

    def rewrite(self, line):
        """The row that belongs into the result; None: it is another window's."""
        began = int(value(line, FIRST))
        if self.own and not self.is_own(began):
            return None
        places = self.places
        first = places.packet_at(began, line, False) or self.any_place(line)
        last = places.packet_at(int(value(line, LAST)), line, True)
        file = first[0]
        if not self.alone:
            line = self.with_frames(line, file)
        told = [b'"unit":"%s","file":%s' % (self.unit, places.texts[file])]
        if first[1]:
            told.append(b'"frame":%d' % first[1])
        if last and last[0] != file:
            told.append(b'"last_file":%s' % places.texts[last[0]])
        if last:
            told.append(b'"last_frame":%d' % last[1])
        if self.window is not None:
            told.append(b'"window":%d' % self.window)
            if self.window and OPENED not in line:
                told.append(b'"continued":true')
        finished = value(line, OUTCOME) in FINISHED
        told.append(b'"unfinished":' + (b"false" if finished else b"true"))
        return line.rstrip()[:-1] + b',"batch":{' + b",".join(told) + b"}}\n"

    def is_own(self, time):
        first, end = self.own
        return (first is None or time >= first) and (end is None or time < end)

    def any_place(self, line):
        """By a frame that the row names."""
        before, _, behind = line.partition(FRAME)
        return (self.places.locate(leading(behind)[0])[0] if behind else 0), None

    def with_frames(self, line, file):
        """Numbers in the original file; and which that is, if it isn't the row's."""
        pieces = line.split(FRAME)
        for index in range(1, len(pieces)):
            number, rest = leading(pieces[index])
            where, number = self.places.locate(number)
            told = b"%d" % number
            if where != file:
                before = pieces[index - 1]
                key = before[before.rindex(b'"') + 1:]
                told += b',"%sframe_file":%s' % (key, self.places.texts[where])
            pieces[index] = told + rest
        return FRAME.join(pieces)


def value(line, key):
    """The text behind a key."""
    start = line.index(key) + len(key)
    return line[start:line.index(b'"', start)]


def leading(text):
    """The number that a text begins with, and the rest."""
    rest = text.lstrip(b"0123456789")
    return int(text[:len(text) - len(rest)]), rest
