#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the plugin keep silent where a capture shows healthy connections badly?

The captures of healthy_test.py once more, each spoilt as captures are (damage.py): they begin or end in the
middle, lack packets, one direction or what a filter drops, have them in another order, twice or with other
numbers, and files are put together. What was healthy must not get a warning from that, in one pass or in two.
Dice say where and when; each throw takes of every network the capture that was made at one place. Where there
are no such captures, this says so and ends with status 77.
"""
import argparse
import concurrent.futures
import dataclasses
import glob
import os
import random
import sys
import typing

sys.dont_write_bytecode = True

import damage                                                   # noqa: E402
from collection import Collection, ending_together, packets     # noqa: E402
from compare_states import Tshark                               # noqa: E402
from healthy_test import SKIPPED, warnings                      # noqa: E402

LATER = 600         # seconds for which a capture is said to have gone on; not if it was stopped in the middle
SHOWN = 5           # complaints of one file
REORDERED = "reordered"     # networks of this name: nobody could tell anything if a mirror did that, too
CABLE = "cable"             # an answer comes sooner there than any box could pass it on


@dataclasses.dataclass
class Kind:
    """What it does to each capture, for how long the file is said to have gone on, how it is put together, of
    which networks and places."""

    damage: typing.Callable = None
    tail: int = LATER
    arrange: typing.Callable = ending_together
    unless: str = "-"       # the networks so named are left out
    places: tuple = ("client", "left", "right", "server")


NEAR = "client", "left"
KINDS = {
    "begun late": Kind(damage.begun_late),
    "stopped early": Kind(damage.stopped_early, tail=0),
    "the client's segments only": Kind(damage.of_client),
    "the server's segments only": Kind(damage.of_server),
    "one direction from some moment on": Kind(damage.one_way_later),
    "with losses": Kind(damage.with_losses),
    "SYN, FIN and RST only": Kind(damage.flags_only),
    "without pure ACKs": Kind(damage.without_pure_acks),
    "without data": Kind(damage.without_data),
    "out of order": Kind(damage.out_of_order, unless=REORDERED),
    "mirrored": Kind(damage.mirrored),
    "mirrored late": Kind(damage.mirrored_late),
    "both sides of an address translator": Kind(damage.translated_on_both_sides, unless=CABLE, places=NEAR),
    "appended to itself": Kind(arrange=damage.then_the_same(0)),
    "replayed a day later": Kind(arrange=damage.then_the_same(damage.DAY)),
    "then another day": Kind(tail=0, arrange=damage.then_another(3 * damage.DAY)),
    "then the day before": Kind(tail=0, arrange=damage.then_another(-damage.DAY)),
}
PASSES = {"two passes": ["-2"], "one pass": []}


class Spoiler:
    """Spoils the captures, and reads them."""

    def __init__(self, tshark, paths):
        self.tshark, self.paths = tshark, paths

    def _captures(self, kind):
        """Of each network those that can be spoilt so."""
        networks = {}
        for path in self.paths:
            network, place, _ = os.path.basename(path).split(".")
            if place in kind.places and not network.startswith(kind.unless):
                networks.setdefault(network, []).append(path)
        return networks.values()

    def spoil(self, title, seed):
        """Of one kind of damage with these dice (a line that says how much was read, complaints)."""
        kind = KINDS[title]
        paths = [found[(seed + list(KINDS).index(title)) % len(found)] for found in self._captures(kind)]

        def read(path):
            part = list(packets(path))
            dice = random.Random(f"{os.path.basename(path)} {seed}")
            return kind.damage(part, dice) if part and kind.damage else part
        path = os.path.join(self.tshark.folder, f"{title} {seed}.pcap".replace(" ", "-"))
        collection = Collection(paths, path, read=read, arrange=kind.arrange)
        complaints = []
        for passes, words in PASSES.items():
            options = [*words, "-o", f"tcpfsm.quiet_tail:{kind.tail}"]
            complaints += [f"{title}, seed {seed}, {passes}: {text}"
                           for text in self._complaints(collection, options)]
        os.remove(path)
        return f"{title}, seed {seed}: {len(collection.places)} frames", complaints

    def _complaints(self, collection, options):
        texts = set(warnings(self.tshark, collection.path, options))
        if not texts:
            return
        output = self.tshark.read(collection.path, "-Y", "tcpfsm && _ws.expert.severity == warning", "-T",
                                  "fields", "-E", "aggregator=\t", "-e", "frame.number", "-e",
                                  "_ws.expert.message", *options)
        found = [(words[0], text) for words in map(lambda line: line.split("\t"), output.splitlines())
                 for text in words[1:] if text in texts]
        for frame, text in found[:SHOWN]:
            capture, number = collection.place(frame)
            yield f"frame {frame}, {os.path.basename(collection.captures[capture])} {number}: {text}"
        yield f"{len(found)} warnings"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="of the captures that healthy_test.py has made")
    parser.add_argument("--plugin", required=True, help="tcpfsm.so")
    parser.add_argument("--tshark", default="tshark")
    parser.add_argument("--series", help="tshark's version as its plugin folder has it; else tshark is asked")
    parser.add_argument("--seeds", type=int, default=1, help="how many, from --first on")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--kind", action="append", choices=KINDS, help="only this kind of damage")
    options = parser.parse_args()
    paths = [path for path in sorted(glob.glob(os.path.join(options.folder, "*.pcap")))
             if not path.endswith(".any.pcap")]
    if not paths:
        print(f"skipped: no captures in {options.folder}")
        return SKIPPED
    spoiler = Spoiler(Tshark(options.tshark, options.plugin, options.series), paths)
    failed = False
    seeds = range(options.first, options.first + options.seeds)
    work = [(title, seed) for seed in seeds for title in options.kind or KINDS]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for line, complaints in pool.map(lambda task: spoiler.spoil(*task), work):
            print("\n".join([line, *complaints]), flush=True)
            failed = failed or bool(complaints)
    return failed


if __name__ == "__main__":
    sys.exit(main())
