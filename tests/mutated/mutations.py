# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be done to a capture so that it is hardly one any more?

A mutation takes packets, each (nanoseconds, bytes on the wire, frame), and dice, and gives others. Unlike
the damages of tests/kernel, which a capture may do to healthy traffic, nothing of them need make sense.
"""
import struct

ETHERNET, IPV4, TCP = 14, b"\x08\x00", 6
SECOND = 10**9
FLAGS = 13


def tcp_of(frame):
    """Where the header of TCP over IPv4 begins that is there at least with its ports; or None."""
    start = ETHERNET + (frame[ETHERNET] & 15) * 4 if len(frame) > ETHERNET + 20 else 0
    whole = frame[12:14] == IPV4 and len(frame) > ETHERNET + 20 and len(frame) >= start + 4
    return start if whole and frame[ETHERNET + 9] == TCP else None


def with_errors(part, dice):
    """As editcap -E: each byte is another one with some probability; or those of the headers alone."""
    rate, end = dice.choice((0.001, 0.01, 0.05)), dice.choice((60, 120, 65536))
    result = []
    for time, wire, frame in part:
        changed = bytearray(frame)
        for place in range(dice.choice((0, ETHERNET)), min(end, len(frame))):
            if dice.random() < rate:
                changed[place] ^= dice.choice((1 << dice.randrange(8), dice.randrange(1, 256)))
        result.append((time, wire, bytes(changed)))
    return result


def with_other_headers(part, dice):
    """Some fields of TCP's headers are anything."""
    result = []
    for time, wire, frame in part:
        tcp = tcp_of(frame)
        changed = bytearray(frame)
        if tcp and len(frame) >= tcp + 20 and dice.random() < 0.2:
            place, size = dice.choice(((4, 4), (8, 4), (12, 1), (FLAGS, 1), (14, 2), (18, 2)))
            changed[tcp + place:tcp + place + size] = dice.randbytes(size)
        result.append((time, wire, bytes(changed)))
    return result


def reordered(part, dice):
    """Frames change places with others behind them; the times stay where they were."""
    frames, far = [packet[1:] for packet in part], dice.choice((1, 3, 20))
    for place in range(len(frames)):
        if dice.random() < 0.2:
            other = min(place + dice.randint(1, far), len(frames) - 1)
            frames[place], frames[other] = frames[other], frames[place]
    return [(packet[0], *frame) for packet, frame in zip(part, frames)]


def dropped(part, dice):
    rate = dice.choice((0.05, 0.3))
    return [packet for packet in part if dice.random() >= rate] or part[:1]


def doubled(part, dice):
    result, last = [], 0
    for time, wire, frame in part:
        result.append((time, wire, frame))
        if dice.random() < 0.2:
            last = dice.choice((0, 1000, 10**6, SECOND, 100 * SECOND))
            result.append((time + last, wire, frame))
    return result


def with_jumps(part, dice):
    """From some frames on, the clock shows another time."""
    result, off = [], 0
    for time, wire, frame in part:
        if dice.random() < 0.1:
            off += dice.choice((-1, 1)) * dice.choice((SECOND // 1000, SECOND, 60 * SECOND, 86400 * SECOND))
        result.append((max(time + off, 0), wire, frame))
    return result


def of_one_tuple(part, dice):
    """All connections over IPv4 get the same addresses and ports."""
    number, result = dice.randrange(256), []
    for time, wire, frame in part:
        tcp = tcp_of(frame)
        changed = bytearray(frame)
        if tcp:
            ports = struct.unpack_from("!HH", frame, tcp)
            hosts = (b"\x0a\x09%c\x01" % number, b"\x0a\x09%c\x02" % number)
            client = ports[0] >= ports[1]
            changed[26:34] = hosts[not client] + hosts[client]
            struct.pack_into("!HH", changed, tcp, *((40000, 80) if client else (80, 40000)))
        result.append((time, wire, bytes(changed)))
    return result


def cut(part, dice):
    length = dice.randint(20, 60)
    return [(time, wire, frame[:length]) for time, wire, frame in part]


ALL = (with_errors, with_other_headers, reordered, dropped, doubled, with_jumps, of_one_tuple, cut)
