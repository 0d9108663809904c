#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: large_pair.py PACKETS CLIENT-FILE SERVER-FILE

Writes captures of two points that see the same many short connections, so many packets each. The second clock
is 3 s behind and runs 50 ppm fast; transits are 10 ms and a queue; of 1000 packets, the far point misses 5.
"""
import os
import random
import struct
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "bench"))
import connections_pcap

START, APART = 1_700_000_000 * 10**9, 1_000_000
TRANSIT, QUEUE, BEHIND, PPM = 10_000_000, 5_000_000, 3 * 10**9, 50


def write(path, frames):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 101))      # raw IP, nanoseconds
        for time, frame in frames:
            file.write(struct.pack("<IIII", *divmod(time, 10**9), len(frame), len(frame)) + frame)


def pair(count):
    """(time, packet) of both points. The rounds of ten connections take 2 s each, their packets follow each
    other by more than a transit."""
    dice = random.Random(1)
    client, server = [], []
    for number, packet in enumerate(connections_pcap.packets(count)):
        time = START + number * APART // 10 + number % 100 // 10 * 20 * APART
        far = time + TRANSIT + int(dice.random() ** 3 * QUEUE)
        from_client = packet[12] == 10 and packet[13] == 1
        near, other = (client, server) if from_client else (server, client)
        near.append((time, packet))
        if dice.random() >= 0.005:
            other.append((far, packet[:8] + b"\x3d" + packet[9:]))
    return sorted(client), sorted((time - BEHIND + (time - START) * PPM // 10**6, packet) for time,
                                  packet in server)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    for name, frames in zip(sys.argv[2:], pair(int(sys.argv[1]))):
        write(name, frames)
