#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of the fuzz targets: seeds.py FOLDER

A seed is an input that says something: random bytes take long to find a handshake.
FOLDER/header and FOLDER/sequence are emptied first, so that each run begins alike.
"""
import os
import shutil
import struct
import sys

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

# Bases of SEQ and ACK, see sequence_fuzz.c.
NEXT, ISN, ACKED, NEW = 0, 2, 3, 4
TIMESTAMPS, SYN_OPTIONS, SACK = 1, 2, 4
EMPTY, ONE, TEN, THOUSAND = 0, 3, 5, 6       # indexes of lengths
AT_ONCE, MS_10, MS_200, S_1, S_61, H_2 = 0, 3, 4, 5, 7, 8  # indexes of times


def header(flags, options=b"", seq=0xFFFFFFF0, ack=0x01020304):
    options += b"\0" * (-len(options) % 4)
    offset = (20 + len(options)) // 4 << 4
    fixed = struct.pack(">HHIIBBHHH", 40000, 80, seq, ack, offset, flags, 0xABCD, 0, 0)
    return b"\2\0\0\0\0" + fixed + options


def headers():
    linux = bytes.fromhex("020405b40402080a01020304050607080103030a")
    yield "syn", header(SYN, linux)
    yield "syn-ack", header(SYN | ACK, linux)
    yield "ack", header(ACK)
    yield "fin", header(FIN | ACK, bytes.fromhex("0101080a0102030405060708"))
    yield "sack", header(ACK, bytes.fromhex("0101051a") + bytes(range(24)))
    yield "fast-open", header(SYN, bytes.fromhex("220a0102030405060708fe04f989"))
    yield "mptcp", header(SYN, bytes.fromhex("1e0c000112345678abcdef01"))
    yield "signature", header(ACK, bytes.fromhex("1312") + bytes(16) + bytes.fromhex("1d040101"))
    yield "malformed", header(SYN, bytes.fromhex("020405b40300"))
    yield "cut", header(SYN, linux)[:30]


def segment(sender, flags, seq=NEXT, ack=NEXT, data=EMPTY, after=MS_10, oddities=0, window=3, again=0, dseq=0,
            dack=0):
    where = sender | seq << 1 | ack << 4 | again << 7
    return bytes([where, flags, dseq & 255, dack & 255, data, after, oddities, window])


OPENING = [segment(0, SYN, oddities=SYN_OPTIONS),
           segment(1, SYN | ACK, oddities=SYN_OPTIONS),
           segment(0, ACK)]
DATA = [segment(0, PSH | ACK, data=TEN),
        segment(1, ACK),
        segment(1, PSH | ACK, data=THOUSAND),
        segment(0, ACK)]
CLOSING = [segment(0, FIN | ACK), segment(1, ACK), segment(1, FIN | ACK), segment(0, ACK)]


def sequences():
    yield "whole", OPENING + DATA + CLOSING
    yield "three-segment-close", OPENING + [segment(0, FIN | ACK), segment(1, FIN | ACK), segment(0, ACK)]
    yield "simultaneous-close", OPENING + [segment(0, FIN | ACK),
                                           segment(1, FIN | ACK, dack=-1, after=AT_ONCE),
                                           segment(0, ACK), segment(1, ACK)]
    yield "simultaneous-open", [segment(0, SYN), segment(1, SYN), segment(0, SYN | ACK, seq=ISN),
                                segment(1, SYN | ACK, seq=ISN)] + DATA
    yield "refused", [segment(0, SYN), segment(1, RST | ACK)]
    yield "unanswered", [segment(0, SYN)] + 3 * [segment(0, SYN, again=1, after=S_1)]
    yield "embryonic", OPENING[:2] + 3 * [segment(1, SYN | ACK, again=1, after=S_1)]
    yield "abort", OPENING + DATA + [segment(0, RST | ACK)]
    yield "blind-reset", OPENING + [segment(1, RST, seq=5)] + DATA
    yield "joined-late", DATA + CLOSING
    again = [segment(0, ACK, data=TEN), segment(0, ACK, data=TEN, again=1, after=MS_200), segment(1, ACK)]
    yield "retransmissions", OPENING + again + CLOSING + [segment(1, FIN | ACK, again=1, after=MS_200)]
    yield "keepalive", OPENING + [segment(0, ACK, dseq=-1, after=H_2), segment(1, ACK)] * 2
    yield "window-probe", OPENING + [segment(0, ACK, data=TEN), segment(1, ACK, window=0),
                                     segment(0, ACK, data=ONE, after=S_1), segment(1, ACK, window=3)]
    yield "reuse", OPENING + CLOSING + [segment(0, SYN, seq=NEW, after=S_61), segment(1, SYN | ACK, seq=NEW),
                                        segment(0, ACK)] + CLOSING
    lost = [segment(0, SYN, seq=NEW, after=S_61), segment(1, ACK, ack=ACKED),
            segment(0, RST, seq=ACKED), segment(0, SYN, seq=ISN, after=S_1)]
    yield "desynchronized", OPENING + DATA + lost
    yield "sack", OPENING + [segment(0, ACK, seq=6, data=TEN, oddities=TIMESTAMPS),
                             segment(1, ACK, ack=ACKED, oddities=SACK)] * 3


def write(folder, seeds):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name, content in seeds:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)


def main():
    folder = sys.argv[1]
    write(os.path.join(folder, "header"), headers())
    write(os.path.join(folder, "sequence"), ((name, b"\0" + b"".join(parts)) for name, parts in sequences()))


if __name__ == "__main__":
    main()
