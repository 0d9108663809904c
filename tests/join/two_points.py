# SPDX-License-Identifier: GPL-2.0-or-later
"""Two ends that talk TCP over a device, and what capture points on both sides of it see: nothing is random
but by a seed, and the truth is known. Times are true ones, in nanoseconds; a clock makes of them what its
file says."""
import dataclasses
import os
import random
import struct
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "plugin"))
import packets

START = 1_700_000_000 * 10**9
CLIENT, SERVER = 0, 1
POINTS = "client", "server", "middle"
MAC = [bytes.fromhex(text) for text in ("020000000001020000000101", "020000000102020000000002",
                                        "020000000201020000000202")]


@dataclasses.dataclass
class Segment:
    side: int
    source: str
    destination: str
    ports: tuple
    seq: int
    ack: int
    flags: str
    data: bytes = b""
    window: int = 502
    identity: int = 0
    ttl: int = 64
    tos: int = 0
    mss: int = 0
    scale: int = None
    sack: bool = False
    blocks: tuple = ()          # of SACK: (left, right)
    times: tuple = None         # TSval, TSecr

    def options(self):
        words = b""
        if self.mss:
            words += struct.pack(">BBH", 2, 4, self.mss)
        if self.sack:
            words += b"\4\2"
        if self.times:
            words += struct.pack(">BBII", 8, 10, *self.times)
        if self.scale is not None:
            words += b"\1" + struct.pack(">BBB", 3, 3, self.scale)
        if self.blocks:
            edges = [edge & 0xFFFFFFFF for block in self.blocks for edge in block]
            words += b"\1\1" + struct.pack(">BB%dI" % len(edges), 5, 2 + 4 * len(edges), *edges)
        return words

    def packet(self):
        tcp = packets.tcp(self.source, self.destination, self.ports, self.seq, self.ack, self.flags,
                          self.data,
                          self.window, self.options())
        if ":" in self.source:
            return packets.ipv6(self.source, self.destination, tcp, ttl=self.ttl, tos=self.tos)
        return packets.ipv4(self.source, self.destination, tcp, identity=self.identity, ttl=self.ttl,
                            tos=self.tos)

    def pieces(self, size):
        """As a card with offload sends it."""
        for start in range(0, max(len(self.data), 1), size):
            data = self.data[start:start + size]
            last = start + size >= len(self.data)
            flags = self.flags if last else self.flags.replace("P", "").replace("F", "")
            yield dataclasses.replace(self, data=data, seq=self.seq + start, flags=flags,
                                      identity=self.identity + start // size)


def shifted(number, by):
    return (number + by) & 0xFFFFFFFF


class Device:
    """What stands between the points. Segments are written as the client sees them; `address`: the client's,
    `service`: the server's at the server's side; `port`: added to the client's port there, `isn`: to the
    client's and to the server's numbers. `strips`: names of a segment's members that don't pass; `identity`:
    the IP ID it gives first."""

    def __init__(self, address=None, service=None, port=0, isn=(0, 0), mss=None, strips=(), hops=3, ecn=True,
                 identity=None):
        self.address, self.service, self.port, self.isn, self.mss = address, service, port, isn, mss
        self.strips, self.hops, self.ecn, self.identity = strips, hops, ecn, identity

    def at_server(self, segment):
        """The same in the addresses and numbers of the server's side."""
        side = segment.side
        change = {"seq": shifted(segment.seq, self.isn[side])}
        if "A" in segment.flags:
            change["ack"] = shifted(segment.ack, self.isn[not side])
        change["blocks"] = tuple(tuple(edge + self.isn[not side] for edge in block)
                                 for block in segment.blocks)
        ours, theirs = ("source", "destination") if side == CLIENT else ("destination", "source")
        change[ours] = self.address or getattr(segment, ours)
        change[theirs] = self.service or getattr(segment, theirs)
        ports = list(segment.ports)
        ports[side] += self.port
        return dataclasses.replace(segment, ports=tuple(ports), **change)

    def passed(self, segment):
        """As it leaves the device."""
        change = {name: dict(mss=0, scale=None, sack=False, times=None, blocks=())[name]
                  for name in self.strips}
        change["ttl"] = segment.ttl - self.hops
        if self.identity is not None:
            self.identity = (self.identity + 1) & 0xFFFF
            change["identity"] = self.identity
        if self.mss and segment.mss:
            change["mss"] = min(self.mss, segment.mss)
        if not self.ecn:
            change.update(flags=segment.flags.replace("E", "").replace("C", ""), tos=segment.tos & ~3)
        return dataclasses.replace(segment, **change)


class Network:
    """`transit`: seconds from point to point, client to server and back; `jitter`: the largest queue; `miss`:
    how many of 1000 segments each point misses; `middle`: a third point half way."""

    def __init__(self, transit=(0.02, 0.02), jitter=0.0, device=None, seed=1, miss=(0, 0), offload=(None,
                                                                                                    None),
                 middle=False):
        self.transit, self.jitter, self.device, self.miss = transit, jitter, device or Device(), miss
        self.offload, self.middle = offload, middle     # offload: at the client, at the server: size, or None
        self.dice = random.Random(seed)
        self.seen = [[], [], []]    # of each point: (time, frame, label)
        # By the sender's side, of segments (of the near point's, where sizes differ): seen by both points;
        # lost between; seen by the near point alone, though it arrived; by the far one alone. Pure ACKs count
        # apart.
        self.arrived, self.lost, self.far_misses, self.only_there = [0, 0], [0, 0], [0, 0], [0, 0]
        self.acks = {"arrived": [0, 0], "lost": [0, 0]}

    def look(self, point, time, segment, label):
        if point == SERVER:
            segment = self.device.at_server(segment)
        frame = packets.ethernet(segment.packet())
        self.seen[point].append((time, MAC[point] + frame[12:], label))

    def carry(self, time, segment, label="", lost=False, missed=(), reordered=0.0):
        """Returns when it arrives at the far point. `missed`: points that don't see it though it passes;
        `lost`: False, True, or "made": it begins between."""
        near, far = segment.side, not segment.side
        pieces = [segment]
        if self.offload[near] is None and self.offload[far] is not None:
            pieces = list(segment.pieces(1448))
        blind = [near in missed or self.dice.random() * 1000 < self.miss[near],
                 far in missed or self.dice.random() * 1000 < self.miss[far]]
        delay = self.transit[segment.side] + self.dice.random() ** 3 * self.jitter + reordered
        arrival = time + round(delay * 10**9)
        if lost != "made":
            for number, piece in enumerate(pieces if not blind[0] else ()):
                self.look(near, time + number * 1000, piece, label)
        if self.middle and lost != "made":
            passed = dataclasses.replace(segment, ttl=segment.ttl - 1)
            self.look(2, (time + arrival) // 2, passed, label)
        if lost is not True:
            cut = self.offload[near] and self.offload[far] is None
            there = list(segment.pieces(1448)) if cut else [segment]
            for number, piece in enumerate(there if not blind[1] else ()):
                self.look(far, arrival + number * 1000, self.device.passed(piece), label)
        self._count(segment, lost, blind, len(pieces))
        return arrival

    def _count(self, segment, lost, blind, pieces):
        side = segment.side
        near, far = lost != "made" and not blind[0], lost is not True and not blind[1]
        if not segment.data and not set(segment.flags) & set("SFR"):
            self.acks["arrived"][side] += near and far
            self.acks["lost"][side] += near and lost is True
            return
        self.arrived[side] += pieces * (near and far)
        self.lost[side] += pieces * (near and lost is True)
        self.far_misses[side] += pieces * (near and not far and lost is not True)
        self.only_there[side] += far and not near

    def frames(self, points=(CLIENT, SERVER)):
        """In order of time: (time, point, frame, label)."""
        return sorted(((time, point, frame, label) for point in points for time, frame,
                       label in self.seen[point]),
                      key=lambda sight: sight[0])


class Talk:
    """A connection; `now` is the true time."""

    def __init__(self, network, port=40000, client="10.0.0.1", server="10.0.0.2", service=80, isn=(1000,
                                                                                                   9000),
                 start=0.0, mss=1460, scale=7, sack=True, times=True):
        self.network, self.ends, self.ports = network, (client, server), (port, service)
        self.next, self.now, self.last = list(isn), START + round(start * 10**9), None
        self.options = {"mss": mss, "scale": scale, "sack": sack}
        self.times = [port * 7 % 100000, port * 11 % 100000] if times else None
        self.begin = self.now
        self.identity = [port * 13 % 65536, port * 17 % 65536]

    def segment(self, side, flags, data=b"", seq=None, ack=None, **others):
        if seq is None:
            seq = self.next[side]
            self.next[side] = shifted(seq, len(data) + ("S" in flags) + ("F" in flags))
        if ack is None:
            ack = self.next[not side] if "A" in flags else 0
        device = self.network.device
        options = dict(self.options) if "S" in flags else {}
        if "S" in flags and side == SERVER:      # the server answers what has reached it
            options.update({name: {"mss": 0, "scale": None, "sack": False}[name] for name in device.strips
                            if name in options and name != "mss"})
        if self.times and "R" not in flags and (flags == "S" or "times" not in device.strips):
            clock = [(value + (self.now - self.begin) // 10**6) & 0xFFFFFFFF for value in self.times]
            others.setdefault("times", (clock[side], 0 if flags == "S" else clock[not side]))
        ports = (self.ports[side], self.ports[not side])
        identity = others.pop("identity", self.identity[side])
        self.identity[side] = (self.identity[side] + 1 + len(data) // 1448) & 0xFFFF
        return Segment(side, self.ends[side], self.ends[not side], ports, seq, ack, flags, data,
                       identity=identity,
                       **{**options, **others})

    def wait(self, seconds):
        self.now += round(seconds * 10**9)
        return self

    def send(self, side, flags, data=b"", after=None, lost=False, missed=(), label="", reordered=0.0,
             **others):
        """`after`: seconds since what was sent before; None: once that has arrived if the other end sent
        it."""
        if after is None:
            after = 0.0001 + (self.network.transit[not side] + self.network.jitter if self.last != side and
                              self.last is not None else 0)
        self.now += round(after * 10**9)
        self.last = side
        segment = self.segment(side, flags, data, **others)
        self.network.carry(self.now, segment, label or name(side, flags, data), lost, missed, reordered)
        return self

    def c(self, flags, data=b"", **others):
        return self.send(CLIENT, flags, data, **others)

    def s(self, flags, data=b"", **others):
        return self.send(SERVER, flags, data, **others)

    def deliver(self, side, flags, data=b"", loss=0.0):
        """Until it is acknowledged; each segment is lost with that probability."""
        dice, seq = self.network.dice, self.next[side]
        answer = "SA" if flags == "S" else "A"
        begin = self.next[not side]
        self.next[side] = shifted(seq, len(data) + ("S" in flags) + ("F" in flags))
        while True:
            lost = dice.random() < loss
            self.send(side, flags, data, seq=seq, lost=lost)
            if not lost:
                lost = dice.random() < loss
                self.send(not side, answer, seq=begin, lost=lost)
                if not lost:
                    break
            self.wait(0.3)
        self.next[not side] = shifted(begin, answer == "SA")
        return self

    def open(self):
        return self.c("S").s("SA").c("A")

    def exchange(self, size=100):
        return self.c("PA", b"q" * size).s("A").s("PA", b"r" * size).c("A")

    def close(self):
        return self.c("FA").s("A").s("FA").c("A")


def name(side, flags, data):
    what = {"S": "SYN", "SA": "SYN-ACK", "A": "ACK", "PA": "data", "FA": "FIN", "R": "RST", "RA": "RST"}
    return "%s's %s" % (("client", "server")[side], "data" if data else what.get(flags, flags))


class Clock:
    """`offset` in seconds, ahead of the truth at START; `ppm`: how much faster it runs; `steps`: (true
    seconds since START, seconds it is set ahead)."""

    def __init__(self, offset=0.0, ppm=0.0, steps=()):
        self.offset, self.ppm, self.steps = offset, ppm, steps

    def __call__(self, time):
        since = time - START
        ahead = round(self.offset * 10**9) + round(since * self.ppm / 10**6)
        ahead += sum(round(step * 10**9) for when, step in self.steps if since >= when * 10**9)
        return time + ahead


RIGHT = Clock()


def write_point(path, network, point, clock=RIGHT, cut=65535, keep=lambda time: True):
    """One point's file, a pcap with nanoseconds; `keep` tells by the true time (nanoseconds since START)."""
    seen = sorted(network.seen[point], key=lambda sight: sight[0])
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, cut, packets.ETHERNET))
        for time, frame, _ in seen:
            if keep(time - START):
                file.write(struct.pack("<IIII", *divmod(clock(time), 10**9), min(len(frame), cut),
                                       len(frame)))
                file.write(frame[:cut])


def block(kind, body):
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def write_joined(path, network, points=(CLIENT, SERVER), clocks=(RIGHT, RIGHT, RIGHT)):
    """All points in one pcapng, an interface each. Returns the labels of its frames: (point, label)."""
    with open(path, "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        for point in points:
            interface = struct.pack("<HHI", packets.ETHERNET, 0, 65535) + option(2, POINTS[point].encode())
            file.write(block(1, interface + option(9, b"\x09") + option(0, b"")))
        frames = network.frames(points)
        for time, point, frame, _ in frames:
            when = clocks[point](time)
            head = struct.pack("<IIIII", points.index(point), when >> 32, when & 0xFFFFFFFF, len(frame),
                               len(frame))
            file.write(block(6, head + frame + bytes(-len(frame) % 4)))
    return [(point, label) for _, point, _, label in frames]
