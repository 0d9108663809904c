#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: connections_pcap.py PACKETS FILE [LENGTH]

Writes a capture of many short connections, ten packets each: handshake, a request, an answer, and a close by
the client. With LENGTH, requests and answers go on until there are so many packets. Ten of them run at a
time, so that neighbouring packets belong to different connections.
"""
import struct
import sys

FIN, SYN, PSH, ACK = 1, 2, 8, 16
SERVER = (0x0A000002, 40)  # a port that no dissector claims
AT_A_TIME = 10
LENGTH = 10     # packets of a connection: six, and four for each request
OPTIONS_OF_SYN = bytes((2, 4, 5, 180, 1, 3, 3, 7))  # MSS 1460, NOP, window scale 7


def ipv4(source, destination, identification, payload):
    return struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(payload), identification, 0x4000, 64, 6, 0, source,
                       destination) + payload


def tcp(ports, numbers, flags, options=b"", data=b""):
    header = struct.pack("!HHIIBBHHH", *ports, *numbers, (20 + len(options)) << 2, flags, 65535, 0, 0)
    return header + options + data


class Connection:
    """Gives its packets one by one."""

    def __init__(self, number):
        self.client = (0x0A010000 + number // 50000, 1024 + number % 50000)
        # Spread over the whole range, different at both ends.
        self.isn = (number * 2654435761 % 2**32, number * 2246822519 % 2**32)
        self.sent = [0, 0]
        self.identification = number % 2**15

    def segment(self, sender, flags, data=b""):
        ends = (self.client, SERVER)
        source, destination = ends[sender], ends[1 - sender]
        seq = (self.isn[sender] + self.sent[sender]) % 2**32
        ack = (self.isn[1 - sender] + self.sent[1 - sender]) % 2**32 if flags & ACK else 0
        options = OPTIONS_OF_SYN if flags & SYN else b""
        self.sent[sender] += len(data) + bool(flags & SYN) + bool(flags & FIN)
        self.identification += 1
        payload = tcp((source[1], destination[1]), (seq, ack), flags, options, data)
        return ipv4(source[0], destination[0], self.identification, payload)

    def packets(self, length):
        yield self.segment(0, SYN)
        yield self.segment(1, SYN | ACK)
        yield self.segment(0, ACK)
        for _ in range((length - 6) // 4):
            yield self.segment(0, PSH | ACK, b"q" * 100)
            yield self.segment(1, ACK)
            yield self.segment(1, PSH | ACK, b"a" * 400)
            yield self.segment(0, ACK)
        yield self.segment(0, FIN | ACK)
        yield self.segment(1, FIN | ACK)
        yield self.segment(0, ACK)


def packets(count, length=LENGTH):
    """The first `count` packets."""
    number = 0
    while True:
        batch = [Connection(number + index).packets(length) for index in range(AT_A_TIME)]
        number += AT_A_TIME
        for row in zip(*batch):
            for packet in row:
                if not count:
                    return
                count -= 1
                yield packet


def write(name, sent, apart):
    """A capture of those packets, `apart` microseconds from one to the next."""
    with open(name, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))  # 101: raw IP
        time = 0
        for packet in sent:
            time += apart
            file.write(struct.pack("<IIII", time // 10**6, time % 10**6, len(packet), len(packet)) + packet)


if __name__ == "__main__":
    write(sys.argv[2], packets(*map(int, (sys.argv[1], *sys.argv[3:]))), 100)
