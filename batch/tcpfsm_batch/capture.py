# SPDX-License-Identifier: GPL-2.0-or-later
"""pcap and pcapng as far as a plan needs them: where packets begin and when they were captured.

Nothing of a packet is looked at. What wiretap refuses is refused here, too: a file is read up to there.
"""
import gzip
import os
import struct
import subprocess
from array import array

SECOND = 10**9
PACKET_MAX = 262144             # bytes, as wiretap's for ordinary links
BLOCK_MAX = 16 * 1024 * 1024
CHUNK = 1 << 20

SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, STATISTICS, PACKET, JOURNAL = \
    0x0A0D0D0A, 1, 2, 3, 5, 6, 9
BYTE_ORDER = 0x1A2B3C4D

PCAP_MAGIC = {      # first four bytes: byte order, ns a unit of the fraction
    b"\xd4\xc3\xb2\xa1": ("<", 1000), b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1), b"\xa1\xb2\x3c\x4d": (">", 1)}
PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"
GZIP_MAGIC = b"\x1f\x8b"


class Fault(Exception):
    """Why a capture can't be read, or not further."""


class Pcap:
    """Records of a pcap file. `times` and `places` grow by a packet each: ns since 1970, offset."""

    def __init__(self, header):
        if len(header) < 24:
            raise Fault("cut short in its header")
        self.order, self.unit = PCAP_MAGIC[header[:4]]
        self.linktype = struct.unpack_from(self.order + "I", header, 20)[0] & 0xFFFF
        self.header = header[:24]
        self.record = struct.Struct(self.order + "IIII")
        self.times, self.places = array("q"), array("Q")
        self.begin = 24

    def interfaces(self):
        return [("", self.linktype)]

    def scan(self, data, base):
        """How many bytes of `data` are whole records; `base`: its offset in the file."""
        unpack, unit, size, at = self.record.unpack_from, self.unit, len(data), 0
        time, place = self.times.append, self.places.append
        while at + 16 <= size:
            seconds, fraction, captured, _ = unpack(data, at)
            end = at + 16 + captured
            if captured > PACKET_MAX:
                raise Stop(at, "damaged at byte %d" % (base + at))
            if end > size:
                break
            time(seconds * SECOND + fraction * unit)
            place(base + at)
            at = end
        return at

    def packet(self, data, at):
        """Where the bytes of the record's packet begin, how many they are, and the link they are from."""
        return at + 16, self.record.unpack_from(data, at)[2], self.linktype

    def empty(self, data, at):
        """The same record without the packet's bytes."""
        seconds, fraction, _, length = self.record.unpack_from(data, at)
        return self.record.pack(seconds, fraction, 0, length)


class Stop(Fault):
    """No whole record beyond `consumed` bytes of the data at hand."""

    def __init__(self, consumed, why):
        super().__init__(why)
        self.consumed = consumed


class Interface:
    """An interface of a section: its link, its name, and what a unit of its time is."""

    def __init__(self, order, body):
        self.linktype = struct.unpack_from(order + "H", body)[0]
        self.name, self.offset, self.unit, self.plain = "", 0, 1000, True
        for code, value in options(order, body, 8):
            if code == 2:
                self.name = value.split(b"\0")[0].decode("utf-8", "replace")
            elif code == 9 and value:
                self.set_unit(value[0])
            elif code == 14 and len(value) == 8:
                self.offset = struct.unpack(order + "q", value)[0] * SECOND

    def set_unit(self, resolution):
        """`unit` ns each, or, where they are finer or binary, a pair: ns are units times one by the other."""
        power = resolution & 0x7F
        self.plain = not resolution & 0x80 and power <= 9
        if resolution & 0x80:
            self.unit = (SECOND, 1 << power)
        else:
            self.unit = 10**(9 - power) if power <= 9 else (1, 10**(power - 9))

    def time(self, units):
        if self.plain:
            return units * self.unit + self.offset
        return units * self.unit[0] // self.unit[1] + self.offset


def options(order, body, at):
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        if code == 0:
            return
        yield code, body[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


class Pcapng:
    """Blocks of a pcapng file; as Pcap."""

    def __init__(self, header):
        self.order = None
        self.times, self.places = array("q"), array("Q")
        self.known = []
        self.begin = 0
        self.header = b""
        if len(header) < 28:
            raise Fault("cut short in its header")

    def interfaces(self):
        return [(each.name, each.linktype) for each in self.known]

    def set_order(self, data, at):
        for order in "<>":
            if struct.unpack_from(order + "I", data, at + 8)[0] == BYTE_ORDER:
                self.order = order
                self.block = struct.Struct(order + "II")
                self.enhanced = struct.Struct(order + "IIIII")
                self.length = struct.Struct(order + "I")
                self.begin_of_packet = struct.Struct(order + "6I").unpack_from
                return True
        return False

    def scan(self, data, base):
        size, at = len(data), 0
        while at + 12 <= size:
            if data[at:at + 4] == PCAPNG_MAGIC:
                if not self.set_order(data, at):
                    raise Stop(at, "damaged at byte %d" % (base + at))
                self.known = []
            at, go_on = self.scan_section(data, base, at)
            if not go_on:
                break
        return at

    def scan_section(self, data, base, at):
        """As far as this section goes: where that is, and whether another one begins there."""
        block, packet, length_at = self.block.unpack_from, self.begin_of_packet, self.length.unpack_from
        time, place, known, size = self.times.append, self.places.append, self.known, len(data)
        first = at
        while at + 12 <= size:
            # By far the most, and nothing unusual about them.
            while at + 32 <= size:
                kind, length, interface, high, low, captured = packet(data, at)
                end = at + length
                if kind != PACKET or length & 3 or not captured <= length - 32 < PACKET_MAX or \
                        interface >= len(known) or end > size or length_at(data, end - 4)[0] != length:
                    break
                each = known[interface]
                units = high << 32 | low
                time(units * each.unit + each.offset if each.plain else each.time(units))
                place(base + at)
                at = end
            if at + 12 > size:
                break
            kind, length = block(data, at)
            if kind == SECTION and at != first:
                return at, True
            end = at + length
            if length < 12 or length & 3 or length > BLOCK_MAX:
                raise Stop(at, "damaged at byte %d" % (base + at))
            if end > size:
                break
            if length_at(data, end - 4)[0] != length:
                raise Stop(at, "damaged at byte %d" % (base + at))
            if kind == PACKET:
                interface, high, low, captured, _ = self.enhanced.unpack_from(data, at + 8)
                if length < 32 or interface >= len(known) or captured > length - 32 or captured > PACKET_MAX:
                    raise Stop(at, "damaged at byte %d" % (base + at))
                time(known[interface].time(high << 32 | low))
                place(base + at)
            elif kind == INTERFACE:
                known.append(Interface(self.order, bytes(data[at + 8:end - 4])))
            elif kind in (OLD_PACKET, SIMPLE_PACKET, JOURNAL):
                time(self.rare_time(kind, data, at))
                place(base + at)
            at = end
        return at, False

    def rare_time(self, kind, data, at):
        """Simple packets and journals have none that matters here."""
        if kind != OLD_PACKET:
            return 0
        interface, _, high, low = struct.unpack_from(self.order + "HHII", data, at + 8)
        return self.known[interface].time(high << 32 | low) if interface < len(self.known) else 0

    def packet(self, data, at):
        kind, length = self.block.unpack_from(data, at)
        if kind == PACKET:
            interface, _, _, captured, _ = self.enhanced.unpack_from(data, at + 8)
            return at + 28, captured, self.known[interface].linktype
        if kind == OLD_PACKET:
            interface, _, _, _, captured = struct.unpack_from(self.order + "HHIII", data, at + 8)
            linktype = self.known[interface].linktype if interface < len(self.known) else -1
            return at + 28, min(captured, length - 32), linktype
        if kind == SIMPLE_PACKET and self.known:
            captured = self.length.unpack_from(data, at + 8)[0]
            return at + 12, min(captured, length - 16), self.known[0].linktype
        return at, 0, -1

    def empty(self, data, at):
        kind = self.block.unpack_from(data, at)[0]
        if kind != PACKET:
            return b""
        interface, high, low, _, length = self.enhanced.unpack_from(data, at + 8)
        return struct.pack(self.order + "IIIIIIII", PACKET, 32, interface, high, low, 0, length, 32)


def reader_of(header):
    """Pcap or Pcapng, by the first bytes; None if it is neither."""
    if header[:4] in PCAP_MAGIC:
        return Pcap(header)
    if header[:4] == PCAPNG_MAGIC:
        return Pcapng(header)
    return None


def is_compressed(header):
    return header[:2] == GZIP_MAGIC


class Stream:
    """A capture from its beginning on, whatever its format; others than pcap and pcapng, and what they are
    compressed with, come through mergecap."""

    def __init__(self, path, limit=None):
        self.process = None
        self.file = open(path, "rb")
        try:
            self.size = os.fstat(self.file.fileno()).st_size
            self.limit = self.size if limit is None else limit
            if self.size == 0:
                raise Fault("empty")
            self.seekable = True
            start = self.file.read(4096)
            if is_compressed(start):
                self.open_compressed()
                start = self.start_of_compressed()
            self.reader = reader_of(start)
            if self.reader is None:
                start = self.convert(path)
            self.rest = start
        except BaseException:
            self.close()
            raise

    def open_compressed(self):
        self.seekable = False
        self.limit = None
        self.file.seek(0)
        self.file = gzip.GzipFile(fileobj=self.file)

    def start_of_compressed(self):
        try:
            return self.file.read(4096)
        except (OSError, EOFError) as error:
            raise Fault("damaged: %s" % error) from None

    def convert(self, path):
        """Another format: mergecap knows what tshark knows."""
        self.seekable = False
        self.limit = None
        self.file.close()
        self.process = subprocess.Popen(["mergecap", "-F", "pcapng", "-w", "-", path],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL)
        self.file = self.process.stdout
        start = self.file.read(4096)
        self.reader = reader_of(start)
        if self.reader is None:
            raise Fault("not a capture file")
        return start

    def chunks(self):
        """(bytes, offset of the first): whole records with what lies between; then, if there is more that
        can't be read, a Fault. `reader` has the times and places of the packets."""
        base, data, left = 0, self.rest, None if self.limit is None else self.limit - len(self.rest)
        if left is not None and left < 0:
            data, left = data[:left], 0
        begin = self.reader.begin
        while True:
            try:
                consumed = begin + self.reader.scan(memoryview(data)[begin:] if begin else data, base + begin)
            except Stop as stop:
                if stop.consumed or begin:
                    yield data[:begin + stop.consumed], base
                raise
            begin = 0
            if consumed:
                yield data[:consumed], base
            base, data = base + consumed, data[consumed:]
            more = self.read(left)
            if not more:
                break
            left = None if left is None else left - len(more)
            data += more
        if data:
            raise Fault("cut short in the middle of a packet")
        self.check_conversion()

    def read(self, left):
        try:
            return self.file.read(CHUNK if left is None else min(CHUNK, left))
        except (OSError, EOFError) as error:
            raise Fault("damaged: %s" % error) from None

    def check_conversion(self):
        if self.process:
            told = self.process.stderr.read().decode("utf-8", "replace").strip()
            if self.process.wait() != 0:
                raise Fault(told.splitlines()[-1] if told else "mergecap ended with an error")

    def close(self):
        self.file.close()
        if self.process:
            self.process.stderr.close()
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def is_capture(path):
    """By the first bytes: pcap or pcapng, compressed or not."""
    with open(path, "rb") as file:
        start = file.read(4)
        if is_compressed(start):
            file.seek(0)
            try:
                start = gzip.GzipFile(fileobj=file).read(4)
            except (OSError, EOFError):
                return False
    return start in PCAP_MAGIC or start == PCAPNG_MAGIC
