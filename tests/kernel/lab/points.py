# SPDX-License-Identifier: GPL-2.0-or-later
"""What happened between two capture points, and in which states were both kernels after every packet?

A lab that records both ends, and whose wire keeps the books: which packet arrived as which, which was lost,
which nobody has sent. The kernels are asked for their states all the time; what they said between two packets
holds after the first of these.
"""
import bisect
import collections
import dataclasses
import json
import os
import subprocess
import threading
import time

from .capture import Capture, convert, packets
from .network import SERVER, Lab
from .relay import BYSTANDER, OFFLOAD, Packet
from .socket_state import Asker

EVERY = 0.0007              # seconds between two looks
SETTLED = 500_000           # nanoseconds from a packet to a look, and from a look to the next packet
APART = 1.2                 # seconds for which the points capture before and after what happens
SYNCHRONIZED = {"ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"}


class Watch(threading.Thread):
    """Looks at the connections of a lab until stop()."""

    def __init__(self, lab):
        super().__init__(daemon=True)
        self.looks = []             # (nanoseconds before, after, the states of each connection so far)
        self.conversations = []     # only grows
        self._lab = lab
        self._askers = {host: Asker(getattr(lab, host)) for host in lab.hosts}
        self._over = False
        self.start()

    def run(self):
        known = {}
        while not self._over:
            for ends in list(self._lab.tuples):
                if not any(one.ends == ends for one in self.conversations):
                    self.conversations += self._lab.conversations_of(ends)
            begin = time.time_ns()
            said = tuple(self._look(one) for one in self.conversations)
            self.looks.append((begin, time.time_ns(), known.setdefault(said, said)))
            time.sleep(EVERY)

    def _look(self, conversation):
        (client, server), (one, other) = conversation.ends, conversation.hosts
        peer, own = conversation.behind
        return self._askers[one].state(client, server), self._askers[other].state(own, peer)

    def stop(self):
        self._over = True
        self.join()
        for asker in self._askers.values():
            asker.close()


class Frame:
    """One packet in one capture; `number`: from 0, of all packets there."""

    def __init__(self, number, when, raw):
        packet = Packet(bytes(OFFLOAD) + raw, raw[11] == 1)
        self.number, self.time, self.packet = number, when, packet


@dataclasses.dataclass
class Journey:
    """Of one packet: where it was seen, as [point, frame number there]."""

    up: bool
    seen: list = dataclasses.field(default_factory=list)
    lost: bool = False
    forged: bool = False

    def pass_by(self, point, frame):
        self.seen.append([point, frame.number])


@dataclasses.dataclass
class Conversation:
    """A connection between two kernels: its (client, server), the same as the second host knows them, the
    hosts, at which points it was captured. A device's end is no end of a capture."""

    ends: tuple
    behind: tuple
    hosts: tuple
    points: tuple
    opened: bool = False        # has the server ever been in a synchronized state?

    def states(self, said):
        """Nobody listens anew for a connection that is over, but for one that is asked for again."""
        client, server = said
        self.opened = self.opened or server in SYNCHRONIZED
        if server == "LISTEN" and self.opened and client != "SYN-SENT":
            server = "CLOSED"
        return [state if host in ("client", "server") else None
                for host, state in zip(self.hosts, (client, server))]


def interface_name(space):
    return f"{space}'s interface"


def merge(parts, target):
    """By their times; each part stays an interface."""
    subprocess.run(["mergecap", "-w", target, *parts], check=True)


class PointsLab(Lab):
    """`points`: 3 if the router's far side is a capture point, too."""

    def __init__(self, name, folder, points=2, **options):
        self.places = [("client", "eth0"), ("router", "right"), ("server", "eth0")]
        if points == 2:
            del self.places[1]
        super().__init__(name, folder, [space for space, _ in self.places], **options)
        self._watch = Watch(self)
        self.stand_by()
        time.sleep(APART)

    @property
    def is_proxied(self):
        return hasattr(self, "near")

    @property
    def hosts(self):
        return ["client", "server"] + (["near", "far"] if self.is_proxied else [])

    def conversations_of(self, ends):
        last = len(self.places) - 1
        if self.is_proxied:
            return [Conversation(ends, ends, ("client", "near"), (0,)),
                    Conversation(ends, ends, ("far", "server"), (last,))]
        return [Conversation(ends, self.seen_by_server(ends), ("client", "server"), tuple(range(last + 1)))]

    def record(self):
        for space, interface in self.places:
            path = os.path.join(self.folder, f".{self.name}.{space}.pcap")
            self._captures.append(Capture(getattr(self, space), interface, path, filter_=self.filter))

    def stand_by(self):
        """A connection that has nothing to do with what happens: shows that the points capture."""
        end = self.client.socket()
        try:
            end.connect((SERVER, BYSTANDER))
        except ConnectionRefusedError:
            end.close()
        self.quiet(0.03)

    def note(self, within=60, **marks):
        """What the kernels say is noted all the time."""
        self.quiet()

    def close(self):
        self._watch.stop()
        super().close()

    def finish(self, comment):
        """Stop recording; write one capture of all points, and the truth beside it."""
        time.sleep(APART)
        for relay in self.relays:
            relay.rules = []
        self.stand_by()
        for capture in self._captures:
            capture.stop()
        frames = [[Frame(number, when, raw) for number, (when, _, raw) in enumerate(packets(capture.path))]
                  for capture in self._captures]
        journeys = [] if self.is_proxied else self._journeys(frames, True) + self._journeys(frames, False)
        truth = {"points": [space for space, _ in self.places], "comment": comment,
                 "journeys": [{"seen": one.seen, "lost": one.lost, "forged": one.forged} for one in journeys],
                 **self._snapshots(frames)}
        stem = os.path.join(self.folder, self.name)
        with open(stem + ".truth", "w", encoding="ascii") as file:
            json.dump(truth, file)
        parts = [f"{stem}.{space}.pcapng" for space, _ in self.places]
        counts = {space: convert(capture.path, part, interface_name(space), comment)
                  for capture, part, (space, _) in zip(self._captures, parts, self.places)}
        merge(parts, stem + ".pcapng")
        return counts

    # -- journeys ------------------------------------------------------------------------------------------
    def _journeys(self, frames, up):
        """Of all packets of a direction: the books of the wires, in the order of the way."""
        relays = self.relays if up else self.relays[::-1]
        points = list(range(len(frames)))[::1 if up else -1]
        seen = [[frame for frame in frames[point] if frame.packet.tcp and frame.packet.up == up]
                for point in points]
        journeys = self._depart(points[0], seen[0], up)
        here = list(journeys)
        # With two wires and two points, nobody captured between the wires.
        for number, relay in enumerate(relays):
            here = self._pass(relay, up, here, journeys)
            if number == len(relays) - 1:
                self._arrive(points[-1], seen[-1], here)
            elif len(points) == 3:
                self._arrive(points[1], seen[1], here)
        return journeys

    @staticmethod
    def _depart(point, frames, up):
        journeys = [Journey(up) for _ in frames]
        for journey, frame in zip(journeys, frames):
            journey.pass_by(point, frame)
        return journeys

    def _pass(self, relay, up, here, journeys):
        """Those that come out at a wire's end, of those that go in at its beginning."""
        entered = [packet for packet in relay.entered if packet.up == up]
        if len(entered) != len(here):
            raise TimeoutError(f"{self.name}: {len(here)} packets went in, {len(entered)} came")
        known = {id(packet): journey for packet, journey in zip(entered, here)}
        out = [packet for packet in list(relay.delivered) if packet.up == up]
        parts = collections.Counter(id(packet.origin) for packet in {id(one): one for one in out}.values())
        for packet in entered:
            known[id(packet)].lost |= parts[id(packet)] < packet.parts
        result = []
        for packet in out:
            origin = id(packet.origin)
            if origin not in known:     # nobody's, or a device's own
                known[origin] = Journey(up, forged=packet.forged)
                journeys.append(known[origin])
            result.append(known[origin])
        return result

    def _arrive(self, point, frames, journeys):
        if len(frames) != len(journeys):
            raise TimeoutError(f"{self.name}: {len(journeys)} packets were delivered, {len(frames)} captured")
        for journey, frame in zip(journeys, frames):
            journey.pass_by(point, frame)

    # -- states --------------------------------------------------------------------------------------------
    def _snapshots(self, frames):
        """What each two kernels said, first and whenever they said something else, after each packet; so many
        frames had been captured at each point then."""
        times = sorted(frame.time for point in frames for frame in point)
        each = [[frame.time for frame in point] for point in frames]
        told, snapshots = {}, []
        for begin, end, said in self._watch.looks:
            after = bisect.bisect(times, begin)
            if after == 0 or begin < times[after - 1] + SETTLED:
                continue
            if after < len(times) and end > times[after] - SETTLED:
                continue
            counts = [bisect.bisect(point, begin) for point in each]
            for number, states in enumerate(said):
                states = self._watch.conversations[number].states(states)
                if told.get(number) != (after, states):
                    told[number] = after, states
                    snapshots.append({"conversation": number, "counts": counts, "states": states})
        conversations = [{"ends": [one.ends, one.behind], "points": one.points}
                         for one in self._watch.conversations]
        return {"conversations": conversations, "snapshots": snapshots}
