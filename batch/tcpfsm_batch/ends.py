# SPDX-License-Identifier: GPL-2.0-or-later
"""What the beginning and the end of a capture file tell, so that a plan needn't read what lies between."""
import os
import struct

from . import capture

HEAD = 1 << 18      # bytes that are looked at for the first packet and the size of packets
TAIL = 1 << 20      # more than any packet has
NEAR_END = 256      # packets; the newest of them is the last: cards and queues disorder them a little
CENTURY = 100 * 366 * 86400


class Ends:
    """`first`, `last`: ns of the first and of the newest packet; `end`: ns until when the capture went on,
    by its statistics block; each None if not known. `packets` is an estimate."""

    def __init__(self, path):
        self.first = self.last = self.end = None
        self.packets = 0
        self.fault = None
        self.kind, self.interfaces = "", ()
        try:
            self.read(path)
        except capture.Fault as fault:
            self.fault = str(fault)
        except OSError as error:
            self.fault = error.strerror or str(error)

    def read(self, path):
        with capture.Stream(path) as stream:
            if not stream.seekable:
                return self.read_all(stream)
            self.read_head(stream)
            reader, size = stream.reader, stream.size
            if isinstance(reader, capture.Pcapng):
                found = self.read_back(stream.file, reader, size)
            else:
                found = self.find_records(stream.file, reader, size)
        if not found:
            with capture.Stream(path) as stream:
                self.read_all(stream)
        return None

    def take(self, reader):
        """What a reader knows after the beginning."""
        self.kind = type(reader).__name__ + getattr(reader, "order", "") + str(getattr(reader, "unit", ""))
        self.interfaces = tuple(reader.interfaces())
        if reader.times:
            self.first = reader.times[0]

    def read_head(self, stream):
        used = 0
        try:
            for data, base in stream.chunks():
                used = base + len(data)
                if used >= HEAD:
                    break
        except capture.Fault as fault:
            self.fault = str(fault)
        self.take(stream.reader)
        count = len(stream.reader.times)
        self.packets = count if used >= stream.size or not count else int(stream.size / (used / count))

    def read_all(self, stream):
        last = None
        self.fault, self.packets = None, 0
        try:
            for _ in stream.chunks():
                last = self.newest(stream.reader.times, last)
                self.packets += len(stream.reader.times)
                if self.first is None:
                    self.take(stream.reader)
                del stream.reader.times[:], stream.reader.places[:]
        except capture.Fault as fault:
            self.fault = str(fault)
        self.kind = self.kind or type(stream.reader).__name__
        self.interfaces = self.interfaces or tuple(stream.reader.interfaces())
        self.last = last

    @staticmethod
    def newest(times, last):
        newest = max(times[-NEAR_END:], default=None)
        return last if newest is None else newest

    def read_back(self, file, reader, size):
        """pcapng: each block ends with its length, so they can be read from the last one on."""
        if reader.order is None:
            return False
        at, newest, count, tail = size, None, 0, Tail(file, size)
        while at >= 12 and count < NEAR_END:
            length = reader.length.unpack(tail.read(at - 4, 4))[0]
            if length < 12 or length & 3 or length > min(at, capture.BLOCK_MAX):
                return False
            at -= length
            block = tail.read(at, length)
            kind, again = reader.block.unpack_from(block)
            if again != length:
                return False
            if kind == capture.SECTION:
                break
            if kind == capture.STATISTICS:
                self.take_statistics(reader, block)
            elif kind == capture.PACKET:
                interface, high, low, _, _ = reader.enhanced.unpack_from(block, 8)
                if interface >= len(reader.known):
                    return False
                time = reader.known[interface].time(high << 32 | low)
                newest = time if newest is None else max(newest, time)
                count += 1
        self.last = newest
        return newest is not None or self.first is None

    def take_statistics(self, reader, block):
        """Its isb_endtime, else the time of the block itself: the moment when the capture was stopped."""
        interface, high, low = struct.unpack_from(reader.order + "III", block, 8)
        if interface >= len(reader.known):
            return
        units = high << 32 | low
        for code, value in capture.options(reader.order, block[:-4], 20):
            if code == 3 and len(value) == 8:
                high, low = struct.unpack(reader.order + "II", value)
                units = high << 32 | low
        time = reader.known[interface].time(units)
        self.end = time if self.end is None else max(self.end, time)

    def find_records(self, file, reader, size):
        """pcap can't be read from its end: look there for a chain of records that reaches exactly to it."""
        if size <= capture.CHUNK * 16:
            return False
        at = size - TAIL
        file.seek(at)
        data = file.read(TAIL)
        unpack, second = reader.record.unpack_from, self.first // capture.SECOND
        for start in range(capture.PACKET_MAX + 16):
            seconds, _, captured, length = unpack(data, start)
            if captured > length or captured > capture.PACKET_MAX or abs(seconds - second) > CENTURY:
                continue
            times = self.chain(reader, data, start)
            if times:
                self.last = max(times[-NEAR_END:])
                return True
        return False

    @staticmethod
    def chain(reader, data, start):
        times, unpack, limit = [], reader.record.unpack_from, 1000000000 // reader.unit
        while start + 16 <= len(data):
            seconds, fraction, captured, length = unpack(data, start)
            if captured > length or captured > capture.PACKET_MAX or fraction >= limit:
                return None
            times.append(seconds * capture.SECOND + fraction * reader.unit)
            start += 16 + captured
        return times if start == len(data) else None


class Tail:
    """Reads backwards in large steps."""

    def __init__(self, file, size):
        self.file, self.begin, self.data = file, size, b""

    def read(self, at, length):
        if at < self.begin:
            begin = max(0, min(at, self.begin - capture.CHUNK))
            self.file.seek(begin)
            self.data = self.file.read(self.begin - begin) + self.data
            self.begin = begin
        return self.data[at - self.begin:at - self.begin + length]


def size_and_time(path):
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns
