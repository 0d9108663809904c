#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the plugin keep silent where a capture shows healthy connections badly?

The captures of healthy_test.py once more, each spoilt as captures are: they begin or end in the middle, hold
one direction only, lack packets, have them in another order or twice. What was healthy must not get a warning
from that. Where there are no such captures, this says so and ends with status 77.
"""
import argparse
import concurrent.futures
import glob
import os
import random
import sys

sys.dont_write_bytecode = True

from collection import IPV4, Collection, packets        # noqa: E402
from compare_states import Tshark                       # noqa: E402
from healthy_test import SHOWN, SKIPPED, warnings, where        # noqa: E402
from lab.relay import FIN, RST, SYN                     # noqa: E402

LATER = 600         # seconds for which a capture is said to have gone on; not if it was stopped in the middle
CLIENT, SERVER = 1, 2       # last byte of the hosts' addresses


def sender(frame):
    return frame[29] if int.from_bytes(frame[12:14], "big") == IPV4 else frame[37]


def tcp_header(frame):
    four = int.from_bytes(frame[12:14], "big") == IPV4
    return frame[14 + ((frame[14] & 15) * 4 if four else 40):]


def middle(part):
    return (part[0][0] + part[-1][0]) // 2


def begun_late(part, _):
    return [packet for packet in part if packet[0] >= middle(part)]


def stopped_early(part, _):
    return [packet for packet in part if packet[0] < middle(part)]


def of_client(part, _):
    return [packet for packet in part if sender(packet[2]) == CLIENT]


def of_server(part, _):
    return [packet for packet in part if sender(packet[2]) == SERVER]


def with_losses(part, dice):
    """Not of RSTs, nor of two packets of a connection in a row, nor of any behind a lost FIN, which may be
    its only ACK: what only those told, nobody can know."""
    kept, gaps, closed = [], set(), set()
    for packet in part:
        tcp = tcp_header(packet[2])
        connection = tuple(sorted((tcp[0:2], tcp[2:4])))
        if tcp[13:14] and tcp[13] & SYN:
            closed.discard(connection)
        spared = connection in gaps or connection in closed or len(tcp) < 20 or tcp[13] & RST
        if dice.random() < 0.01 and not spared:
            gaps.add(connection)
            if tcp[13] & FIN:
                closed.add(connection)
        else:
            gaps.discard(connection)
            kept.append(packet)
    return kept


def out_of_order(part, dice):
    """A mirror port lets some packets wait for a moment."""
    return sorted(((time + (dice.randrange(300_000) if dice.random() < 0.1 else 0), wire, frame)
                   for time, wire, frame in part), key=lambda packet: packet[0])


def mirrored(part, _):
    return [(time + delay, wire, frame) for time, wire, frame in part for delay in (0, 3000)]


REORDERED = "reordered"     # networks of this name: nobody could tell anything if a mirror did that, too

# What it does, and for how long the capture is said to have gone on.
DAMAGES = {
    "begun late": (begun_late, LATER),
    "stopped early": (stopped_early, 0),
    "the client's segments only": (of_client, LATER),
    "the server's segments only": (of_server, LATER),
    "with losses": (with_losses, LATER),
    "out of order": (out_of_order, LATER),
    "mirrored": (mirrored, LATER),
}


def spoil(tshark, paths, title):
    """The complaints about one kind of damage."""
    damage, tail = DAMAGES[title]
    if damage == out_of_order:
        paths = [path for path in paths if not os.path.basename(path).startswith(REORDERED)]

    def read(path):
        part = list(packets(path))
        return damage(part, random.Random(os.path.basename(path))) if part else part
    path = os.path.join(tshark.folder, title.replace(" ", "-") + ".pcap")
    collection = Collection(paths, path, end_together=True, read=read)
    options = ["-2", "-o", f"tcpfsm.quiet_tail:{tail}"]
    found = warnings(tshark, path, options)
    complaints = [f"{title}: {where(tshark, collection, options, text)}: {text}" for text in found[:SHOWN]]
    os.remove(path)
    return [f"{title}: {len(collection.places)} frames, {len(found)} warnings"], complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="of the captures that healthy_test.py has made")
    parser.add_argument("--plugin", required=True, help="tcpfsm.so")
    parser.add_argument("--tshark", default="tshark")
    parser.add_argument("--series", help="tshark's version as its plugin folder has it; else tshark is asked")
    options = parser.parse_args()
    paths = [path for path in sorted(glob.glob(os.path.join(options.folder, "*.pcap")))
             if not path.endswith(".any.pcap")]
    if not paths:
        print(f"skipped: no captures in {options.folder}")
        return SKIPPED
    tshark = Tshark(options.tshark, options.plugin, options.series)
    failed = False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for lines, complaints in pool.map(lambda title: spoil(tshark, paths, title), DAMAGES):
            print("\n".join(lines + complaints), flush=True)
            failed = failed or bool(complaints)
    return failed


if __name__ == "__main__":
    sys.exit(main())
