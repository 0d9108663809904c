#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the plugin keep silent about healthy connections?

More than a thousand connections of the kernel's TCP (healthy_traffic.py), captured at either end and between
them: none may get a warning, in one pass or in two, nor if the capture is said to have gone on for ten
minutes. In a sample capture with a forged segment, the same look must find a warning. The captures stay
in the given folder. Needs root and tcpdump; where they can't be made, this says so and ends with status 77.
"""
import argparse
import concurrent.futures
import glob
import os
import subprocess
import sys

sys.dont_write_bytecode = True

import healthy_traffic                                      # noqa: E402
from collection import Collection                           # noqa: E402
from compare_states import Tshark                           # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
CANARY = os.path.join(HERE, "..", "..", "sample-captures", "forged-data-out-of-window.pcapng")
SKIPPED = 77
LEAST = 1000        # connections
RUNS = [["-2", "-o", "tcpfsm.quiet_tail:0"], ["-2", "-o", "tcpfsm.quiet_tail:600"],
        ["-o", "tcpfsm.quiet_tail:0"]]
SHOWN = 10          # complaints of one run


def make_captures(folder, seed):
    """How many connections they hold; what went wrong is printed."""
    for name in glob.glob(os.path.join(folder, "*.pcap")):
        os.remove(name)
    # A sanitizer that tshark is to run with is none of the traffic's business.
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    done = subprocess.run([sys.executable, healthy_traffic.__file__, folder, "--seed", str(seed)],
                          env=environment, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, flush=True)
    return 0 if done.returncode else int(done.stdout.splitlines()[-1].split()[0])


def warnings(tshark, path, options):
    """The texts of the plugin's warnings (or worse)."""
    output = tshark.read(path, "-q", "-z", "expert,warn,tcpfsm", *options)
    rows = [line.split(None, 3) for line in output.splitlines()]      # frequency, group, protocol, summary
    return [row[3] for row in rows if len(row) == 4 and row[2] == "TCPFSM"]


def where(tshark, collection, options, text):
    """The places of the frames with such a warning."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    output = tshark.read(collection.path, "-Y", f'_ws.expert.message == "{quoted}"', "-T", "fields",
                         "-e", "frame.number", *options)
    places = [collection.place(line) for line in output.split()]
    return ", ".join(f"{os.path.basename(collection.captures[capture])} {frame}" for capture, frame in places)


def complaints_of(tshark, collection, several, options):
    """What is wrong with one run."""
    if not warnings(tshark, CANARY, options):
        yield "the warning of a forged segment isn't found: this test sees nothing"
    found = warnings(tshark, collection.path, options)
    for text in found[:SHOWN]:
        yield f"{where(tshark, collection, options, text)}: {text}"
    if len(found) > SHOWN:
        yield f"and {len(found) - SHOWN} other texts"
    for path in several:
        for text in warnings(tshark, path, options)[:SHOWN]:
            yield f"{os.path.basename(path)}: {text}"


def check(tshark, folder):
    paths = sorted(glob.glob(os.path.join(folder, "*.pcap")))
    # A capture of all interfaces has frames of another kind.
    several = [path for path in paths if path.endswith(".any.pcap")]
    ends = [path for path in paths if path not in several]
    collection = Collection(ends, os.path.join(tshark.folder, "healthy.pcap"), end_together=True)
    print(f"{len(paths)} captures, {len(collection.places)} frames at the ends and between them", flush=True)

    def run(options):
        return [f"{' '.join(options)}: {text}"
                for text in complaints_of(tshark, collection, several, options)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [text for complaints in pool.map(run, RUNS) for text in complaints]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="of the captures")
    parser.add_argument("--there", action="store_true", help="they are there, don't make them again")
    parser.add_argument("--seeds", type=int, default=1, help="how often to make them, from --first on")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--plugin", required=True, help="tcpfsm.so")
    parser.add_argument("--tshark", default="tshark")
    parser.add_argument("--series", help="tshark's version as its plugin folder has it; else tshark is asked")
    options = parser.parse_args()
    trouble = "" if options.there else healthy_traffic.obstacle()
    if trouble:
        print("skipped: " + trouble)
        return SKIPPED
    os.makedirs(options.folder, exist_ok=True)
    tshark = Tshark(options.tshark, options.plugin, options.series)
    failed = False
    for seed in range(options.first, options.first + (1 if options.there else options.seeds)):
        if not options.there and make_captures(options.folder, seed) < LEAST:
            print(f"not {LEAST} connections that did their work")
            return 1
        complaints = check(tshark, options.folder)
        print("\n".join(complaints) or "no warning", flush=True)
        failed = failed or bool(complaints)
    return failed


if __name__ == "__main__":
    sys.exit(main())
