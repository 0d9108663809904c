# SPDX-License-Identifier: GPL-2.0-or-later
"""Two ends that talk TCP: keeps their numbers, so that a test names only what is special."""
import struct

import packets

MSS, SACK_OK, SCALE = b"\2\4\5\xb4", b"\4\2\1\1", b"\3\3\7\1"


def timestamps(value, echo=0):
    return b"\1\1\x08\x0a" + struct.pack(">II", value, echo)


class Talk:
    """Grows a list of frames: (seconds, bytes)."""

    def __init__(self, port=40000, client="10.0.0.1", server="10.0.0.2", service=80, isn=(1000, 9000),
                 start=0.0,
                 frame=packets.ethernet, tunnel=None, options=MSS):
        self.ends = (client, server)
        self.ports = (port, service)
        self.next = list(isn)
        self.now = start
        self.frame, self.tunnel, self.options = frame, tunnel, options
        self.identity = [0, 0]
        self.frames = []

    def packet(self, side, flags, data=b"", seq=None, ack=None, window=8192, options=None):
        """The IP packet; moves the sender on if it sends from where it is."""
        self.identity[side] += 1
        if seq is None:
            seq = self.next[side]
            self.next[side] = (seq + len(data) + ("S" in flags) + ("F" in flags)) & 0xFFFFFFFF
        if ack is None:
            ack = self.next[not side] if "A" in flags else 0
        if options is None:
            options = self.options if "S" in flags else b""
        ends = (self.ends[side], self.ends[not side])
        ports = (self.ports[side], self.ports[not side])
        segment = packets.tcp(*ends, ports, seq, ack, flags, data, window, options)
        return packets.ip(*ends, segment, identity=self.identity[side])

    def wait(self, seconds):
        self.now += seconds
        return self

    def add(self, packet, after=0.01):
        self.now += after
        packet = self.tunnel(packet) if self.tunnel else packet
        self.frames.append((self.now, self.frame(packet)))
        return self

    def c(self, flags, data=b"", after=0.01, **others):
        return self.add(self.packet(0, flags, data, **others), after)

    def s(self, flags, data=b"", after=0.01, **others):
        return self.add(self.packet(1, flags, data, **others), after)

    def open(self):
        return self.c("S").s("SA").c("A")

    def exchange(self, size=100):
        return self.c("PA", b"q" * size).s("A").s("PA", b"r" * size).c("A")

    def close(self):
        return self.c("FA").s("A").s("FA").c("A")
