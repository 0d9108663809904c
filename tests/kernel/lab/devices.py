# SPDX-License-Identifier: GPL-2.0-or-later
"""What does a device on the way make of a packet?

Each is called with a packet that came in, and gives those that go on in its place. Frames carry the offload
header (struct virtio_net_hdr): where that says that a checksum is still to be made, the kernel makes it of
what the device has left.
"""
import random
import struct

from . import forgery
from .forgery import checksum
from .relay import ACK, CLIENT, FIN, OFFLOAD, PSH, SERVER, SYN, Packet

UNFINISHED = 1              # flag of the offload header: no checksum yet
CWR = 0x80
NOP, MSS, WINDOW_SCALE, SACK_PERMITTED, SACK, TIMESTAMPS = 1, 2, 3, 4, 5, 8
IP = OFFLOAD + 14           # where the header of IP starts


def add(frame, place, what):
    struct.pack_into("!I", frame, place, (struct.unpack_from("!I", frame, place)[0] + what) % 2**32)


def options(frame, start):
    """(kind, where it starts, where it ends) of each option of the TCP header."""
    place, stop = start + 20, start + (frame[start + 12] >> 4) * 4
    while place < stop and frame[place]:
        end = place + (1 if frame[place] == NOP else frame[place + 1])
        yield frame[place], place, end
        place = end


def addresses(frame):
    return frame[IP + 12:IP + 20] if frame[IP] >> 4 == 4 else frame[IP + 8:IP + 40]


def pseudo_header(frame, length):
    return bytes(addresses(frame)) + struct.pack("!HH", 6, length)


def check(frame, start, end):
    """Give TCP's checksum to what has been changed, unless the kernel is going to."""
    if not frame[0] & UNFINISHED:
        struct.pack_into("!H", frame, start + 16, 0)
        total = checksum(pseudo_header(frame, end - start) + bytes(frame[start:end]))
        struct.pack_into("!H", frame, start + 16, total)


def changed(packet, change):
    """The packet with a change to its frame."""
    frame = bytearray(packet.raw)
    change(frame, packet.start)
    check(frame, packet.start, packet.end)
    return [Packet(bytes(frame), packet.up, packet)]


def renumber(packet, seq, ack):
    """The packet with so much more in its number, and in all that acknowledges."""
    def change(frame, start):
        add(frame, start + 4, seq)
        if packet.ack:
            add(frame, start + 8, ack)
        for kind, place, end in options(frame, start):
            if kind == SACK:
                for edge in range(place + 2, end, 4):
                    add(frame, edge, ack)
    return changed(packet, change)


class Renumbering:
    """A firewall that gives the streams of each connection other sequence numbers, the client's or those of
    both ends."""

    def __init__(self, both=False, seed=1):
        self.both, self.dice, self.shifts = both, random.Random(seed), {}

    def __call__(self, packet):
        port = packet.sport if packet.up else packet.dport
        if port not in self.shifts:
            client, server = self.dice.randrange(1, 2**32), self.dice.randrange(1, 2**32)
            self.shifts[port] = client, server if self.both else 0
        client, server = self.shifts[port]
        return renumber(packet, client, -server) if packet.up else renumber(packet, server, -client)


class Stripping:
    """A firewall that lets no more than this MSS pass, and none of these options."""

    def __init__(self, mss=1200, kinds=(WINDOW_SCALE, SACK_PERMITTED, TIMESTAMPS)):
        self.mss, self.kinds = mss, kinds

    def __call__(self, packet):
        def change(frame, start):
            for kind, place, end in options(frame, start):
                if kind == MSS:
                    offered, = struct.unpack_from("!H", frame, place + 2)
                    struct.pack_into("!H", frame, place + 2, min(self.mss, offered))
                elif kind in self.kinds:
                    frame[place:end] = bytes([NOP]) * (end - place)
        return changed(packet, change) if packet.syn else [packet]


class Splicing:
    """A firewall against floods of SYNs: it answers the client itself, and asks the server only when the
    client has completed the handshake. Then it gives the server's stream the numbers that it has promised."""

    def __init__(self, seed=1):
        self.dice, self.strip = random.Random(seed), Stripping()
        self.syns, self.acks, self.isns, self.shifts = {}, {}, {}, {}

    def __call__(self, packet):
        port = packet.sport if packet.up else packet.dport
        if port in self.shifts:
            shift = self.shifts[port]
            return renumber(packet, 0, -shift) if packet.up else renumber(packet, shift, 0)
        if not packet.up:
            self.shifts[port] = self.isns[port] - packet.seq
            return renumber(self.acks[port], 0, -self.shifts[port])
        if packet.syn:
            self.syns[port], self.isns[port] = packet, self.dice.randrange(2**32)
            return [self._promise(packet)]
        self.acks[port] = packet
        return self.strip(self.syns[port])

    def _promise(self, syn):
        server, client = (SERVER, syn.dport), (CLIENT, syn.sport)
        answer = forgery.segment(server, client, SYN | ACK, self.isns[syn.sport], syn.seq + 1,
                                 options=forgery.MSS)
        return forgery.on_wire(answer, False)


class Cutting:
    """A network card: what the kernel left to it is cut into segments; of `at_once` MSS each, as another card
    puts them together again."""

    def __init__(self, at_once=1):
        self.at_once = at_once

    def __call__(self, packet):
        mss, = struct.unpack_from("=H", packet.raw, 4)
        size = self.at_once * mss
        if not size or packet.length <= size:
            return [packet]
        return [self._piece(packet, begin, min(size, packet.length - begin), mss)
                for begin in range(0, packet.length, size)]

    @staticmethod
    def _piece(packet, begin, size, mss):
        body = packet.start + (packet.raw[packet.start + 12] >> 4) * 4
        frame = bytearray(packet.raw[:body] + packet.raw[body + begin:body + begin + size])
        if size <= mss:
            frame[1], frame[4:6] = 0, bytes(2)      # nothing is left to cut
        add(frame, packet.start + 4, begin)
        if begin + size < packet.length:
            frame[packet.start + 13] &= ~(FIN | PSH) & 0xff
        if begin:
            frame[packet.start + 13] &= ~CWR & 0xff
        length = len(frame) - packet.start
        if frame[IP] >> 4 == 4:
            number, = struct.unpack_from("!H", frame, IP + 4)
            struct.pack_into("!HH", frame, IP + 2, len(frame) - IP, (number + begin // mss) % 2**16)
            frame[IP + 10:IP + 12] = bytes(2)
            struct.pack_into("!H", frame, IP + 10, checksum(bytes(frame[IP:packet.start])))
        else:
            struct.pack_into("!H", frame, IP + 4, length)
        # What the kernel starts from when it makes the checksum.
        partly = checksum(pseudo_header(frame, length)) ^ 0xffff
        struct.pack_into("!H", frame, packet.start + 16, partly)
        return Packet(bytes(frame), packet.up, packet)
