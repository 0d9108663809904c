# SPDX-License-Identifier: GPL-2.0-or-later
"""What is told of a scene between two points if the captures are worse than the lab's?

Made of a scene's captures and its truth: a point that drops packets, clocks that differ.
"""
import json
import os
import random
import subprocess

from collection import packets
from damage import Frame
from lab.capture import write_pcapng
from lab.points import interface_name, merge
from lab.relay import FIN, RST, SYN

JOIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "join")
SECOND = 10**9
BEGINNING = 8       # packets of a capture that are spared: the handshake, and what is before


class Worse:
    """One worse capture of a scene."""

    def __init__(self, folder, scene, name):
        self.old, self.new = os.path.join(folder, scene), os.path.join(folder, name)
        with open(self.old + ".truth", encoding="ascii") as file:
            self.truth = json.load(file)

    def part(self, point, stem=None):
        return f"{stem or self.new}.{point}.pcapng"

    def read(self, point):
        return list(packets(self.part(point, self.old)))

    def write(self, point, frames):
        write_pcapng(frames, self.part(point), interface_name(point), self.truth["comment"])

    def finish(self, join):
        with open(self.new + ".truth", "w", encoding="ascii") as file:
            json.dump(self.truth, file)
        join([self.part(point) for point in self.truth["points"]], self.new + ".pcapng")


def missing(share, *points):
    """These points miss such a share of the data and of the ACKs that have nothing else to say; what opens
    and closes connections they have."""
    def make(worse):
        dice = random.Random(worse.new)
        for number, point in enumerate(worse.truth["points"]):
            frames = worse.read(point)
            kept = [place for place, packet in enumerate(frames)
                    if point not in points or not _is_spare(frames, place, packet) or
                    dice.random() > share]
            worse.write(point, [frames[place] for place in kept])
            _forget(worse.truth, number, {old: new for new, old in enumerate(kept)})
        worse.finish(merge)
    return make


def _is_spare(frames, place, packet):
    """Neither of the handshake nor of the teardown."""
    _, wire, data = packet
    if place < BEGINNING or not (frame := Frame(data, wire)).is_tcp or frame.flags & (SYN | FIN | RST):
        return False
    return not any(Frame(data, wire).flags & FIN for _, wire, data in frames[:place])


def _forget(truth, point, kept):
    """`kept`: of what the point still has, the old numbers and the new."""
    for journey in truth["journeys"]:
        seen = [[there, kept.get(number) if there == point else number] for there, number in journey["seen"]]
        left = [sighting for sighting in seen if sighting[1] is not None]
        journey["missed"] = journey.get("missed", False) or len(left) < len(seen)
        journey["seen"] = left
    for snapshot in truth["snapshots"]:
        snapshot["counts"][point] = sum(old < snapshot["counts"][point] for old in kept)


def clock(offset, drift=0, together=None):
    """The client's clock is so many nanoseconds ahead, and gains so many in a second; scripts/join puts the
    two captures together, or else `together`."""
    def make(worse):
        for point in worse.truth["points"]:
            frames = worse.read(point)
            if point == "client":
                begin = frames[0][0]
                frames = [(time + offset + (time - begin) * drift // SECOND, wire, frame)
                          for time, wire, frame in frames]
            worse.write(point, frames)
        worse.finish(together or join)
    return make


def unjoined(offset):
    """mergecap believes both clocks: nobody can tell then what happened when, nor what was lost."""
    def make(worse):
        for journey in worse.truth["journeys"]:
            journey["lost"] = False
        worse.truth["snapshots"] = []
        clock(offset, together=merge)(worse)
    return make


def join(parts, target):
    subprocess.run([JOIN, *parts, "-o", target], check=True, stdout=subprocess.DEVNULL)


# name: the scene, what is worse
WORSE = {
    "one-point-misses": ("reordering", missing(0.05, "server")),
    "other-point-misses": ("loss-ten-percent", missing(0.05, "client")),
    "both-points-miss": ("renumbering-both-ways", missing(0.05, "client", "server")),
    "clock-three-seconds-behind": ("each-step-lost", clock(-3 * SECOND)),
    "clock-three-seconds-behind-unjoined": ("each-step-lost", unjoined(-3 * SECOND)),
    "clock-half-a-second-ahead-unjoined": ("loss-ten-percent", unjoined(SECOND // 2)),
    "clock-two-hours-ahead": ("loss-ten-percent", clock(7200 * SECOND)),
    "clock-drifting": ("each-step-lost-server-closes", clock(0, 50_000)),
    "clock-behind-and-drifting-over-ipv6": ("each-step-lost-over-ipv6", clock(-3 * SECOND, 50_000)),
}


def make(folder, name):
    scene, worsen = WORSE[name]
    worsen(Worse(folder, scene, name))
