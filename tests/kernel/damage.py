# SPDX-License-Identifier: GPL-2.0-or-later
"""What do captures do to healthy traffic?

A damage takes the packets of a capture, each (nanoseconds, bytes on the wire, frame), and dice, and gives
what a worse capture of the same would hold. An arrangement puts the packets of several captures into one
file.
"""
import struct

from collection import IPV4, IPV6, VLAN, ending_together
from lab.relay import ACK, FIN, RST, SYN

CLIENT, SERVER = 1, 2       # last byte of the hosts' addresses
HOP_BY_HOP, TCP = 0, 6      # protocols; packets larger than 64 kB may have the former before the latter
MILLISECOND = 1_000_000
DAY = 86_400_000 * MILLISECOND


class Frame:
    """Where the headers of an Ethernet frame are, and what the one of TCP says."""

    def __init__(self, frame, wire):
        self.bytes = frame
        self.ip = 18 if int.from_bytes(frame[12:14], "big") == VLAN else 14
        self.four = int.from_bytes(frame[self.ip - 2:self.ip], "big") == IPV4
        self.tcp = self._find_tcp()
        self.is_tcp = self.tcp is not None and len(frame) >= self.tcp + 20
        self.sender = frame[self.ip + (15 if self.four else 23)]
        if self.is_tcp:
            self.ports = frame[self.tcp:self.tcp + 2], frame[self.tcp + 2:self.tcp + 4]
            self.connection = tuple(sorted(self.ports))
            self.flags = frame[self.tcp + 13]
            self.options = range(self.tcp + 20, self.tcp + (frame[self.tcp + 12] >> 4) * 4)
            self.length = wire - self.options.stop      # IP's own says 0 for what is larger than 64 kB

    def _find_tcp(self):
        start, frame = self.ip, self.bytes
        if self.four:
            return start + (frame[start] & 15) * 4 if frame[start + 9] == TCP else None
        if int.from_bytes(frame[start - 2:start], "big") != IPV6:
            return None
        if frame[start + 6] == HOP_BY_HOP:
            return start + 40 + (frame[start + 41] + 1) * 8 if frame[start + 40] == TCP else None
        return start + 40 if frame[start + 6] == TCP else None

    @property
    def is_pure_ack(self):
        return self.is_tcp and not self.length and self.flags & (SYN | FIN | RST | ACK) == ACK

    def routed(self):
        """As behind the next router: other MAC addresses, a smaller TTL."""
        frame = bytearray(self.bytes)
        frame[5], frame[11] = 0x0B, 0x0A
        frame[self.ip + (8 if self.four else 7)] -= 1
        return bytes(frame)

    def tagged(self):
        """The same in another VLAN; four bytes longer."""
        return self.bytes[:12] + struct.pack("!HH", VLAN, 7) + self.bytes[12:]


def frames(part):
    """(nanoseconds, bytes on the wire, Frame) of each packet."""
    return ((time, wire, Frame(frame, wire)) for time, wire, frame in part)


def picked(part, which):
    return [(time, wire, frame.bytes) for time, wire, frame in frames(part) if which(frame)]


def in_time(part):
    return sorted(part, key=lambda packet: packet[0])


def moment(part, dice):
    """Some moment of a capture, not at its ends."""
    first, last = part[0][0], part[-1][0]
    return first + int((last - first) * dice.uniform(0.1, 0.9))


# -- parts of it are missing -------------------------------------------------------------------------------
def begun_late(part, dice):
    begin = moment(part, dice)
    return [packet for packet in part if packet[0] >= begin]


def stopped_early(part, dice):
    end = moment(part, dice)
    return [packet for packet in part if packet[0] < end]


def of_client(part, _):
    return picked(part, lambda frame: frame.sender == CLIENT)


def of_server(part, _):
    return picked(part, lambda frame: frame.sender == SERVER)


def one_way_later(part, dice):
    """From some moment on the route has changed, and one direction goes elsewhere."""
    since, left = moment(part, dice), dice.choice((CLIENT, SERVER))
    return [(time, wire, frame.bytes) for time, wire, frame in frames(part)
            if time < since or frame.sender == left]


def with_losses(part, dice):
    """Not of RSTs, nor of two packets of a connection in a row, nor of any behind a lost FIN, which may be
    its only ACK: what only those told, nobody can know."""
    kept, gaps, closed = [], set(), set()
    for time, wire, frame in frames(part):
        connection = frame.is_tcp and frame.connection
        if frame.is_tcp and frame.flags & SYN:
            closed.discard(connection)
        spared = not frame.is_tcp or connection in gaps or connection in closed or frame.flags & RST
        if dice.random() < 0.01 and not spared:
            gaps.add(connection)
            if frame.flags & FIN:
                closed.add(connection)
        else:
            gaps.discard(connection)
            kept.append((time, wire, frame.bytes))
    return kept


# -- filters -----------------------------------------------------------------------------------------------
def flags_only(part, _):
    """tcp[13] & 7 != 0"""
    return picked(part, lambda frame: frame.is_tcp and frame.flags & (SYN | FIN | RST))


def without_pure_acks(part, _):
    return picked(part, lambda frame: not frame.is_pure_ack)


def without_data(part, _):
    """tcp.len == 0"""
    return picked(part, lambda frame: frame.is_tcp and not frame.length)


# -- order and copies --------------------------------------------------------------------------------------
def out_of_order(part, dice):
    """A mirror port lets some packets wait for a moment."""
    return in_time((time + (dice.randrange(300_000) if dice.random() < 0.1 else 0), wire, frame)
                   for time, wire, frame in part)


def mirrored(part, _):
    return [(time + delay, wire, frame) for time, wire, frame in part for delay in (0, 3000)]


def mirrored_late(part, dice):
    """A second place, whose mirror is slow: in another VLAN, behind a router. It keeps the order."""
    tags, delay = dice.random() < 0.5, dice.randrange(6, 21) * MILLISECOND
    copies, last = [], 0
    for time, wire, frame in frames(part):
        last = max(last, time + delay + dice.randrange(4 * MILLISECOND))
        copies.append((last, wire + 4, frame.tagged()) if tags else (last, wire, frame.routed()))
    return in_time([*part, *copies])


# -- boxes on the way --------------------------------------------------------------------------------------
def both_sides(part, dice, outside):
    """Each packet before and behind a box, from some moment on or from the beginning; captured on the
    client's side of the middle, so that behind the box comes what the client sent, later, and went what it
    gets, earlier."""
    since, took = dice.choice((0, moment(part, dice))), dice.randrange(20_000, 100_000)
    result = []
    for time, wire, frame in frames(part):
        result.append((time, wire, frame.bytes))
        if time >= since:
            other = Frame(outside(frame), wire).routed()
            result.append((time + (took if frame.sender == CLIENT else -took), wire, other))
    return in_time(result)


def translated(frame):
    """The client behind an address translator."""
    result = bytearray(frame.bytes)
    sent = frame.sender == CLIENT
    address = (frame.ip + (12 if sent else 16) + 3) if frame.four else (frame.ip + (8 if sent else 24) + 15)
    result[address] = 77
    if frame.is_tcp:
        port = frame.tcp + (0 if sent else 2)
        struct.pack_into("!H", result, port, struct.unpack_from("!H", result, port)[0] ^ 0x1234)
    return bytes(result)


def translated_on_both_sides(part, dice):
    return both_sides(part, dice, translated)


# -- files put together ------------------------------------------------------------------------------------
def shifted(packets, nanoseconds):
    return ((number, count, time + nanoseconds, wire, frame) for number, count, time, wire, frame in packets)


def then_another(nanoseconds):
    """Behind half of the captures, all stopped in the middle, come the others, whose clock is elsewhere."""
    def arrange(parts):
        parts = list(parts)
        first = list(ending_together([part[:len(part) // 2] for part in parts[::2]]))
        other = list(ending_together(parts[1::2]))
        move = first[-1][2] - other[0][2] + nanoseconds
        return [*first, *shifted(other, move)]
    return arrange


def then_the_same(nanoseconds):
    """All of it, and all of it once more, that much later."""
    def arrange(parts):
        whole = list(ending_together(parts))
        return [*whole, *shifted(whole, nanoseconds)]
    return arrange
