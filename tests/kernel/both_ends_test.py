#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the plugin keep silent about healthy connections that were captured at both ends?

The captures of healthy_test.py, those of the client and of the server of each network as two interfaces of
one file: as they are, and each point missing packets of its own. No connection may get a warning, no segment
be named made; none be named lost where the network loses none, unless the other point missed it. Where there
are no such captures, this says so and ends with status 77.
"""
import argparse
import concurrent.futures
import glob
import os
import random
import sys

sys.dont_write_bytecode = True

import damage                                                   # noqa: E402
from collection import packets                                  # noqa: E402
from compare_states import Tshark                               # noqa: E402
from healthy_test import SKIPPED, warnings                      # noqa: E402
from lab.capture import write_pcapng                            # noqa: E402
from lab.points import interface_name, merge                    # noqa: E402

POINTS = "client", "server"
LOSSY, REORDERED = "lossy", "reordered"     # what networks of this name do
SHOWN = 8
PASSES = {"two passes": ["-2"], "one pass": []}
QUIET = ["-o", "tcpfsm.quiet_tail:600"]
FIELDS = ["frame.number", "tcp.stream", "tcp.len", "tcp.flags", "tcpfsm.lost_between",
          "tcpfsm.expert.made_between", "tcpfsm.expert.seen_once"]
SYN_FIN, RST = 3, 4
KINDS = {"as they are": None, "each point misses some": damage.with_losses}


def build(folder, target, network, kind):
    """The file of both points of a network."""
    parts = []
    for point in POINTS:
        part = list(packets(os.path.join(folder, f"{network}.{point}.pcap")))
        if kind:
            part = kind(part, random.Random(f"{network} {point}"))
        parts.append(f"{target}.{point}")
        write_pcapng(part, parts[-1], interface_name(point), network)
    merge(parts, target)
    for part in parts:
        os.remove(part)


def found_by(tshark, path, options):
    """What is told of a frame that must not be told of healthy traffic: {what: frames}."""
    rule = ("tcpfsm.lost_between == 1 || tcpfsm.expert.made_between || tcpfsm.expert.seen_once || "
            "tcp.flags.reset == 1")
    asked = [word for field in FIELDS for word in ("-e", field)]
    rows = [line.split("\t") for line in
            tshark.read(path, *options, "-Y", rule, "-T", "fields", *asked).splitlines()]
    # Who has reset a connection acknowledges no more: what the other point missed may as well be lost.
    reset = {stream for _, stream, _, flags, *_ in rows if int(flags, 16) & RST}
    found = {"lost": [], "lost ACK": [], "lost after all": [], "made": [], "seen once": []}
    for frame, stream, length, flags, lost, made, once in rows:
        bare = length == "0" and not int(flags, 16) & SYN_FIN
        lost_what = "lost ACK" if bare else "lost after all" if stream in reset else "lost"
        for what, told in (lost_what, lost in ("1", "True")), ("made", made), ("seen once", once):
            if told:
                found[what].append(frame)
    return found


def complaints_of(tshark, path, borne, options):
    for text in warnings(tshark, path, [*options, *QUIET])[:SHOWN]:
        yield f"warns: {text}"
    for what, frames in found_by(tshark, path, options).items():
        if frames and what not in borne:
            yield f"{what}: {len(frames)} frames, {' '.join(frames[:SHOWN])}"


def check(tshark, folder, network, title):
    """What is wrong with both readings of a network's file."""
    path = os.path.join(tshark.folder, f"{network} {title}.pcapng".replace(" ", "-"))
    build(folder, path, network, KINDS[title])
    # A pure ACK that one point missed can't be told from one that was lost, nor can what comes so late that
    # its copy is there before it.
    unsure = KINDS[title] and REORDERED in network
    borne = {"lost", "lost ACK", "lost after all"} if LOSSY in network or unsure else set()
    borne |= {"lost ACK", "lost after all", "seen once"} if KINDS[title] else set()
    complaints = [f"{network}, {title}, {passes}: {text}" for passes, options in PASSES.items()
                  for text in complaints_of(tshark, path, borne, options)]
    os.remove(path)
    return complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="of the captures that healthy_test.py has made")
    parser.add_argument("networks", nargs="*", help="only these")
    parser.add_argument("--plugin", required=True, help="tcpfsm.so")
    parser.add_argument("--tshark", default="tshark")
    parser.add_argument("--series", help="tshark's version as its plugin folder has it; else tshark is asked")
    options = parser.parse_args()
    networks = options.networks or sorted(os.path.basename(path).removesuffix(".client.pcap") for path in
                                          glob.glob(os.path.join(options.folder, "*.client.pcap")))
    if not networks:
        print(f"skipped: no captures in {options.folder}")
        return SKIPPED
    tshark = Tshark(options.tshark, options.plugin, options.series)
    work = [(network, title) for network in networks for title in KINDS]
    failed = False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for task, complaints in zip(work, pool.map(lambda task: check(tshark, options.folder, *task), work)):
            print("\n".join([", ".join(task), *("    " + text for text in complaints)]), flush=True)
            failed = failed or bool(complaints)
    return failed


if __name__ == "__main__":
    sys.exit(main())
