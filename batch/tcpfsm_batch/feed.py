# SPDX-License-Identifier: GPL-2.0-or-later
"""Hands files of a unit to tshark as one capture, in the order of the chain; remembers where each packet was.

mergecap -a -w - would do the first: but it ends at the first file that is cut, opens all files at once, and
doesn't tell how many packets each had. What follows a fault in a file is left out; the next file goes on.
"""
from array import array

from . import capture
from .shards import Shards

TICK = 10 * capture.SECOND      # a shard shows at least so often that the capture was running
QUIET = capture.SECOND          # and both ends of a pause longer than this


class Fed:
    """What was handed on of one file: `times` and `places` of its packets (ns; offsets in the file), and the
    number of its first packet among all of the unit, from 1."""

    def __init__(self, first_number):
        self.first_number = first_number
        self.times, self.places = array("q"), array("Q")
        self.fault = None
        self.seekable = True


class Feeder:
    def __init__(self, sink, shard=None):
        """`sink`: a binary file; `shard`: (number, of how many)."""
        self.sink = sink
        self.files = []
        self.header = None
        self.shard = Filter(*shard) if shard else None
        self.numbers = self.shard.numbers if shard else None

    def feed(self, path, limit):
        """The next file, of which only the first `limit` bytes are read."""
        before = self.files[-1] if self.files else None
        fed = Fed(before.first_number + len(before.times) if before else 1)
        self.files.append(fed)
        try:
            with capture.Stream(path, limit) as stream:
                fed.times, fed.places = stream.reader.times, stream.reader.places
                fed.seekable = stream.seekable
                self.copy(stream, fed)
        except capture.Fault as fault:
            fed.fault = str(fault)
        except BrokenPipeError:
            raise
        except OSError as error:
            fed.fault = error.strerror or str(error)

    def copy(self, stream, fed):
        reader, seen = stream.reader, 0
        skip = self.skipped(reader)
        for data, base in stream.chunks():
            if self.shard:
                data = self.shard.keep(reader, data, base, seen, fed.first_number)
                seen = len(reader.times)
            self.sink.write(data[skip:] if skip else data)
            skip = 0
        if self.shard:
            self.sink.write(self.shard.last())

    def skipped(self, reader):
        """A pcap file's header is for the first only. All of a chain are of one kind."""
        skip = len(reader.header) if self.header is not None else 0
        self.header = reader.header
        return skip


class Filter:
    """Lets one shard pass; and, empty, some packets of others, that tell how long the capture went on."""

    def __init__(self, number, count):
        self.number, self.shards = number, Shards(count)
        self.numbers = array("Q")       # in the capture, of each packet that passed
        self.told = None                # time of the newest that passed
        self.before = None              # (time, record, number) of the newest that didn't

    def keep(self, reader, data, base, seen, first_number):
        """Of whole records those to hand on, with all that lies between them."""
        kept, copied = [], 0
        times, places, find, mine = reader.times, reader.places, self.shards.find, self.number
        for index in range(seen, len(times)):
            at = places[index] - base
            start, length, linktype = reader.packet(data, at)
            end = self.end(reader, data, at)
            kept.append(data[copied:at])
            copied = end
            number = first_number + index
            if find(data[start:start + length], linktype) == mine:
                self.tell_pause(kept, times[index])
                kept.append(data[at:end])
                self.numbers.append(number)
                self.told, self.before = times[index], None
            else:
                self.pass_by(kept, reader, data, at, times[index], number)
        kept.append(data[copied:])
        return b"".join(kept)

    @staticmethod
    def end(reader, data, at):
        if isinstance(reader, capture.Pcap):
            return at + 16 + reader.record.unpack_from(data, at)[2]
        return at + reader.block.unpack_from(data, at)[1]

    def pass_by(self, kept, reader, data, at, time, number):
        self.tell_pause(kept, time)
        empty = reader.empty(data, at)
        self.before = (time, empty, number)
        if self.told is None or not 0 <= time - self.told < TICK:
            self.tell(kept)

    def tell_pause(self, kept, time):
        """The last packet before a pause, or before the clock jumped back."""
        if self.before and not 0 <= time - self.before[0] < QUIET:
            self.tell(kept)

    def tell(self, kept):
        time, empty, number = self.before
        self.before = None
        if empty:
            kept.append(empty)
            self.numbers.append(number)
            self.told = time

    def last(self):
        """What still has to be said at the end of a file: when its last packet was."""
        kept = []
        if self.before:
            self.tell(kept)
        return b"".join(kept)
