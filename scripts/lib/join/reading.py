# SPDX-License-Identifier: GPL-2.0-or-later
"""What a capture file says of its TCP connections, read once by tshark, which knows all formats, link types
and tunnels. In memory stay the connections and a sample of segments; every segment goes to a temporary file,
small and in order, for the second pass."""
import collections
import dataclasses
import os
import struct
import subprocess
import tempfile

FIN, SYN, RST, ACK = 1, 2, 4, 16
ECE, CWR = 0x40, 0x80
HALF, MASK = 1 << 31, 0xFFFFFFFF
NONE = 0                            # of a timestamp: zero is as good as none

FIELDS = ("frame.number", "frame.time_epoch", "frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst",
          "ip.id", "ip.ttl", "ipv6.hlim", "ip.dsfield", "ipv6.tclass", "tcp.srcport", "tcp.dstport",
          "tcp.seq_raw", "tcp.ack_raw", "tcp.flags", "tcp.len", "tcp.hdr_len", "tcp.options")
# What tshark need not find out for this, and what would hide segments.
PREFERENCES = ("tcp.analyze_sequence_numbers:FALSE", "tcp.calculate_timestamps:FALSE",
               "tcp.desegment_tcp_streams:FALSE", "tcp.check_checksum:FALSE")
SAMPLES = 1 << 16                   # of a file
RECENT = 2048                       # segments among which a copy of one is looked for

# time, frame, connection, seq, ack, length, TSval, left and right of the first SACK block, IP ID, flags, side
RECORD = struct.Struct("<qIIIIIIIIHBB")
Segment = collections.namedtuple("Segment",
                                 "time frame connection seq ack length tsval left right identity flags "
                                            "side")


class Unusable(Exception):
    """Why a file can't be joined, in a sentence."""


@dataclasses.dataclass
class Opening:
    """A SYN or SYN-ACK, at its first sighting."""
    segment: Segment
    options: bytes
    whole: bool                 # all options were captured
    copies: int = 1


class Connection:
    __slots__ = ("number", "ends", "opening", "ttl", "ecn", "first", "last", "count", "span")

    def __init__(self, number, ends, time):
        self.number, self.ends = number, ends       # ends: (address, port), the client's first
        self.opening = [None, None]
        self.ttl, self.ecn = [None, None], [0, 0]   # ecn: a set, bits 1 << value
        self.first = self.last = time
        self.count = [0, 0]
        self.span = [None, None]                    # by side: the numbers from and to

    def add(self, segment, ttl, ecn):
        side = segment.side
        self.last = segment.time
        self.count[side] += 1
        if self.ttl[side] is None:
            self.ttl[side] = ttl
        self.ecn[side] |= ecn
        end = (segment.seq + segment.length) & MASK
        span = self.span[side]
        if span is None:
            self.span[side] = [segment.seq, end]
        elif (end - span[1]) & MASK < HALF:
            span[1] = end


@dataclasses.dataclass
class Facts:
    """What capinfos says of a file; times in nanoseconds."""
    packets: int
    first: int
    last: int


def nanoseconds(text):
    whole, _, part = text.partition(".")
    return int(whole) * 10**9 + int((part + "000000000")[:9])


def facts(path):
    done = subprocess.run(["capinfos", "-T", "-r", "-M", "-S", "-c", "-a", "-e", os.path.abspath(path)],
                          capture_output=True, text=True, errors="replace", check=False)
    columns = done.stdout.strip().split("\t")[-3:]
    try:
        count = int(columns[0])
    except (IndexError, ValueError):
        said = [line for line in done.stderr.splitlines() if line.startswith("capinfos: ")] or ["capinfos: "]
        raise Unusable("%s can't be read as a capture: %s" % (path, said[-1].partition(": ")[2])) from None
    if not count:
        raise Unusable("%s has no packets" % path)
    try:
        return Facts(count, nanoseconds(columns[1]), nanoseconds(columns[2]))
    except ValueError:
        raise Unusable("%s is no capture of packets: it has no time stamps" % path) from None


def timestamp(options):
    """TSval and the first SACK block of these options."""
    tsval = left = right = NONE
    if options[:8] == "0101080a":
        tsval = int(options[8:16], 16)
        if len(options) == 24:
            return tsval, left, right
    for kind, value in walk(bytes.fromhex(options)):
        if kind == 8 and len(value) == 8:
            tsval = int.from_bytes(value[:4], "big")
        elif kind == 5 and len(value) >= 8:
            left, right = struct.unpack(">II", value[:8])
    return tsval, left, right


def walk(options):
    """(kind, value) of each TCP option; ends where one is cut."""
    place = 0
    while place < len(options) and options[place] != 0:
        if options[place] == 1:
            place += 1
            continue
        length = options[place + 1] if place + 1 < len(options) else 0
        if length < 2 or place + length > len(options):
            return
        yield options[place], options[place + 2:place + length]
        place += length


class File:
    """A capture file, read to its end by read()."""

    def __init__(self, path):
        self.path = path
        self.facts = facts(path)
        self.connections = []
        self.samples = []           # Segments, those of some contents alone: the same ones in both files
        self.segments = 0
        self.copies = self.second_sightings = 0
        self.cut = ""               # what tshark says of a file that ends in the middle of a packet
        self._newest = {}           # (end, end): connection
        self._recent = collections.OrderedDict()
        self._mask = 0
        self._spool = tempfile.TemporaryFile()

    def read(self, advance, environment):
        """`advance` is told of every thousandth packet."""
        command = ["tshark", "-n", "-r", os.path.abspath(self.path), "-Y", "tcp and not icmp and not icmpv6",
                   "-T", "fields", "-E", "occurrence=l"]
        for preference in PREFERENCES:
            command += ["-o", preference]
        for field in FIELDS:
            command += ["-e", field]
        with tempfile.TemporaryFile("w+", errors="replace") as errors, \
                subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True,
                                 env=environment) as tshark:
            frame = 0
            for line in tshark.stdout:
                frame = self._take(line.rstrip("\n").split("\t")) or frame
                if not self.segments & 1023:
                    advance(frame)
            tshark.wait()
            if tshark.returncode:
                errors.seek(0)
                self._failed([line for line in errors.read().splitlines() if line.startswith("tshark: ")])
        self._newest = self._recent = None
        self._spool.flush()
        if not self.segments:
            raise Unusable("%s has no TCP segments" % self.path)

    def _failed(self, said):
        if not self.segments or not any("cut short" in line for line in said):
            raise Unusable("tshark can't read %s: %s" % (self.path, "".join(said[-1:]).partition(": ")[2]))
        self.cut = "%s ends in the middle of a packet; what is before it was read" % self.path

    def _take(self, row):
        (frame, time, protocols, src4, dst4, src6, dst6, identity, ttl4, ttl6, tos4, tos6, source,
         destination,
         seq, ack, flags, length, header, options) = row
        if options.startswith("<"):
            options = ""            # <MISSING>: cut
        if not seq or not flags or not length:
            return 0                # cut within the header
        inner6 = src6 and (not src4 or protocols.rfind(":ipv6") > protocols.rfind(":ip:"))
        sender = (src6 if inner6 else src4, source)
        receiver = (dst6 if inner6 else dst4, destination)
        time, seq, flags, frame = nanoseconds(time), int(seq), int(flags, 16) & 0xFF, int(frame)
        connection = self._connection(sender, receiver, seq, flags, time)
        side = int(sender != connection.ends[0])
        tsval, left, right = timestamp(options) if options else (NONE, NONE, NONE)
        segment = Segment(time, frame, connection.number, seq, int(ack or 0) if flags & ACK else 0,
                          int(length),
                          tsval, left, right, 0 if inner6 else int(identity or "0", 16), flags, side)
        ttl = int((ttl6 if inner6 else ttl4) or 0)
        if self._is_copy(segment, ttl):
            return frame
        ecn = 1 << (int((tos6 if inner6 else tos4) or "0", 16) & 3)
        connection.add(segment, ttl, ecn)
        if flags & SYN:
            self._open(connection, segment, bytes.fromhex(options), int(header or 0))
        self._sample(segment)
        self._spool.write(RECORD.pack(*segment))
        self.segments += 1
        return frame

    def _connection(self, sender, receiver, seq, flags, time):
        key = (sender, receiver) if sender < receiver else (receiver, sender)
        found = self._newest.get(key)
        if found is not None and flags & (SYN | ACK) == SYN:
            side = int(sender != found.ends[0])
            opening = found.opening[side]
            crossing = opening is None and found.opening[1 - side] and not found.count[side]
            if not crossing and (opening is None or opening.segment.seq != seq):
                found = None        # the ports again, for a new connection
        if found is None:
            client_first = flags & SYN and not flags & ACK or not flags & SYN and self._is_client(sender,
                                                                                                  receiver)
            found = Connection(len(self.connections), (sender, receiver) if client_first else (receiver,
                                                                                               sender), time)
            self._newest[key] = found
            self.connections.append(found)
        return found

    @staticmethod
    def _is_client(sender, receiver):
        """A guess, where no SYN tells: servers have the lower port; the same guess in both files."""
        return (int(sender[1]), sender[0]) > (int(receiver[1]), receiver[0])

    @staticmethod
    def _open(connection, segment, options, header):
        opening = connection.opening[segment.side]
        if opening is None or opening.segment.seq != segment.seq:
            connection.opening[segment.side] = Opening(segment, options, len(options) + 20 == header)
        else:
            opening.copies += 1

    def _is_copy(self, segment, ttl):
        """The same packet once more, as mirror ports and tcpdump -i any capture it. Only what numbers its
        packets can tell a copy from a retransmission."""
        if not segment.identity and not (segment.tsval and segment.length):
            return False
        mark = segment[2:]
        before = self._recent.get(mark)
        if before is None:
            self._recent[mark] = ttl
            if len(self._recent) > RECENT:
                self._recent.popitem(last=False)
            return False
        self.copies += 1
        self.second_sightings += before != ttl
        return True

    def _sample(self, segment):
        """Chosen by contents that both points see, so that both files choose the same segments."""
        content = segment.tsval or segment.seq + segment.length
        if (content * 0x9E3779B1 >> 12) & self._mask:
            return
        self.samples.append(segment)
        if len(self.samples) > SAMPLES:
            self._mask = self._mask * 2 + 1
            self.samples = [one for one in self.samples
                            if not (one.tsval or one.seq + one.length) * 0x9E3779B1 >> 12 & self._mask]

    def __iter__(self):
        """All segments again, as tuples in the order of Segment."""
        self._spool.seek(0, os.SEEK_SET)
        while chunk := self._spool.read(RECORD.size * 4096):
            yield from RECORD.iter_unpack(chunk)
