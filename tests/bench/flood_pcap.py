#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: flood_pcap.py PACKETS FILE

Writes a capture of a SYN flood: each packet is a SYN to the same server from another address, 10 us apart.
"""
import sys

from connections_pcap import OPTIONS_OF_SYN, SERVER, SYN, ipv4, tcp, write


def syns(count):
    for number in range(count):
        source = (0x20000000 + number * 2654435761 % 2**29, 1024 + number * 40503 % 60000)
        isn = number * 2246822519 % 2**32
        payload = tcp((source[1], SERVER[1]), (isn, 0), SYN, OPTIONS_OF_SYN)
        yield ipv4(source[0], SERVER[0], number % 2**16, payload)


if __name__ == "__main__":
    write(sys.argv[2], syns(int(sys.argv[1])), 10)
