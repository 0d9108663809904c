#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the plugin tell right what happened between two capture points?

All scenes of the lab and those of scenes/two_points.py are captured at both ends. The states of both ends
after every packet must be those in which the two kernels were; what the wire lost must be named lost between
the points, what no host has sent must be named made or seen once, and nothing else; the frames that show the
same packet must name each other. EXCUSED says what no capture can know. Prints a table, and fails where less
is right than has been reached. The captures stay in the given folder. Needs root and tcpdump; where they
can't be made, this says so and ends with status 77.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import glob
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True

import points_captures                                          # noqa: E402
from compare_states import STATES, Tshark, endpoint, nanoseconds     # noqa: E402
from healthy_traffic import obstacle                            # noqa: E402

SKIPPED = 77
SHOWN = 12          # complaints of one scene
# Copies of a segment in which these are the same are told apart by their time alone.
COPIES = ["ip.id", "tcp.seq", "tcp.ack", "tcp.options.timestamp.tsval", "tcp.window_size_value",
          "tcp.flags", "tcp.len"]
FIELDS = ["frame.number", "frame.interface_id", "frame.time_epoch", "ip.src", "ipv6.src", "tcp.srcport",
          "ip.dst", "ipv6.dst", "tcp.dstport", "tcpfsm.sender.state", "tcpfsm.peer.state",
          "tcpfsm.point", "tcpfsm.other_frame", "tcpfsm.transit_time",
          "tcpfsm.lost_between", "tcpfsm.expert.made_between", "tcpfsm.expert.seen_once",
          "tcpfsm.expert.clocks_differ", "tcpfsm.connection.changed", *COPIES]
SYN_FIN_RST = 7
SECOND = 10**9
PASSES = {"two passes": ["-2"], "one pass": []}

# What the device of these scenes changes.
CHANGES = {
    "address-translation": "address", "renumbering": "ISN", "stripping": "MSS", "splicing": "handshake",
    "proxy": "proxy", "offload": "segment", "loss-ten-percent": "segment", "reordering-": "",
    "reordering": "segment", "both-points-miss": "ISN", "one-point-misses": "segment",
    "other-point-misses": "segment", "clock-two-hours-ahead": "segment", "routed": "TTL",
    "three-points": "TTL",
}
POWER, BEHIND = "it lost power and told nobody", "dropped behind the point, by the host"
RAW = "sent by a raw socket of the client's host, whose TCP doesn't know"
# What no capture can know. Scenes, which end, what its kernel says, what is shown, why.
EXCUSED = [
    ("desynchronized-data desynchronized-new-syn reset-stale", "client", "CLOSED", "ESTABLISHED", POWER),
    ("keepalive-meets-reset", "server", "CLOSED", "ESTABLISHED", POWER),
    ("replaced-both-ends-lost", "server", "LISTEN", "ESTABLISHED", POWER),
    ("open-never-completed", "client", "CLOSED", "SYN-SENT", POWER),
    ("open-rejected-syn-ack", "client", "CLOSED", "SYN-SENT", "it gave up and told nobody"),
    ("open-unreachable", "client", "CLOSED", "SYN-SENT", "it gave up by an ICMP error"),
    ("close-wait-server-never-closes", "client", "CLOSED", "FIN-WAIT-2", "a time-out in its host"),
    ("acks-thinned-out", "client", "FIN-WAIT-1", "ESTABLISHED", "its FIN waits behind data"),
    ("open-backlog-overflow open-reset-by-firewall", "server", "SYN-RECEIVED", "ESTABLISHED", BEHIND),
    ("open-reset-by-firewall", "server", "SYN-RECEIVED", "CLOSED", "a firewall's RST"),
    ("open-backlog-overflow open-syn-cookie-rejected", "server", "LISTEN", "SYN-RECEIVED", "a SYN cookie"),
    ("open-backlog-overflow", "server", "LISTEN", "ESTABLISHED", BEHIND),
    ("forged-reset-exact forged-reset-in forged-reset-out", "client", "ESTABLISHED", "CLOSED", RAW),
    ("many-embryonic", "client", "CLOSED", "SYN-SENT", RAW),
    ("many-embryonic", "client", "CLOSED", "ESTABLISHED", RAW),
    ("clock-behind-and-drifting-over-ipv6 each-step-lost-over-ipv6 close-over-ipv6 many-embryonic "
     "loss-ten-percent-over-ipv6", "server", "LISTEN", "SYN-RECEIVED",
     "the first of these hosts that both points see"),
    ("open-unreachable", "server", "CLOSED", "SYN-RECEIVED", "refused behind the point, by ICMP"),
    ("open-old-duplicate-syn", "client", "SYN-SENT", "CLOSED",
     "what is shown is the old one; the SYN-SENT of its kernel is of the new one"),
    # The tuple's old connection lives on until the new SYN arrives.
    ("desynchronized-new-syn", "server", "ESTABLISHED", "LISTEN", "what is shown is the new one"),
    ("reset-lost-then-reused", "server", "ESTABLISHED", "LISTEN", "what is shown is the new one"),
    ("teardown-last-ack-lost-then-reused", "server", "LAST-ACK", "LISTEN", "what is shown is the new one"),
    ("time-wait-reuse-at-server", "server", "TIME-WAIT", "LISTEN", "what is shown is the new one"),
]
# Where it stands: what is not excused and still shown otherwise is printed, and may not become more.
STATES_MIN, LOSSES_MIN, PAIRS_MIN = 0.997, 0.99, 0.95
NOBODY = {"LISTEN", "CLOSED"}       # no segment shows whether somebody listens


def packets(tshark, path, passes):
    """Of each interface its frames, TCP or not, in their order; and all in the order of the file."""
    asked = [word for field in FIELDS for word in ("-e", field)]
    output = tshark.read(path, *passes, "-T", "fields", "-E", "occurrence=a", *asked)
    each, all_ = collections.defaultdict(list), []
    for line in output.splitlines():
        shown = Shown(dict(zip(FIELDS, line.split("\t"))))
        each[shown.point].append(shown)
        all_.append(shown)
    return each, all_


class Shown:
    """What tshark shows of a frame."""

    def __init__(self, value):
        self.value = value
        self.number, self.point = int(value["frame.number"]), int(value["frame.interface_id"])
        self.time = nanoseconds(value["frame.time_epoch"])
        # An ICMP error quotes the header of a segment.
        self.is_segment = bool(value["tcp.srcport"]) and "," not in value["ip.src"] + value["ipv6.src"]
        if self.is_segment:
            self.sender = endpoint(value["ip.src"] or value["ipv6.src"], value["tcp.srcport"])
            self.peer = endpoint(value["ip.dst"] or value["ipv6.dst"], value["tcp.dstport"])

    def state_of(self, ends):
        """Of the client's or the server's end, whatever its addresses are here."""
        if (own := self.sender in ends) or self.peer in ends:
            number = self.value["tcpfsm.sender.state" if own else "tcpfsm.peer.state"]
            return STATES[int(number)] if number else "(none)"
        return None

    @property
    def is_bare_ack(self):
        return not int(self.value["tcp.flags"], 16) & SYN_FIN_RST and self.value["tcp.len"] == "0"

    def has(self, field):
        return self.value[field] not in ("", "False", "0")


@dataclasses.dataclass
class Score:
    """A line of the table."""

    snapshots: int = 0
    equal: int = 0
    excused: int = 0
    lost: int = 0
    lost_named: int = 0
    made: int = 0
    made_named: int = 0
    pairs: int = 0
    paired: int = 0
    false: int = 0
    complaints: list = dataclasses.field(default_factory=list)

    def add(self, other):
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def line(self, name):
        return (f"{name:45} {self.equal:5}/{self.snapshots:<5} {self.excused:4}  "
                f"{self.lost_named:4}/{self.lost:<4} {self.made_named:3}/{self.made:<3} "
                f"{self.paired:5}/{self.pairs:<5} {self.false:5}")


HEADING = f"{'scene':45} states equal exc.  lost named made    pairs        false"


class Comparison:
    """One scene's truth and what one run of tshark shows."""

    def __init__(self, name, truth, packets_, hindsight):
        self.name, self.truth, self.hindsight = name, truth, hindsight
        self.each, self.all = packets_
        self.score = Score()

    def frame(self, sighting):
        point, number = sighting
        return self.each[point][number]

    def complain(self, text):
        self.score.complaints.append(text)

    def compare(self):
        self.compare_states()
        self.compare_losses()
        self.compare_made()
        self.compare_pairs()
        self.compare_whole()
        return self.score

    # -- states --------------------------------------------------------------------------------------------
    def _places(self):
        """How many frames of each point had been captured: where in the file that was."""
        counts, places = [0] * len(self.truth["points"]), {}
        for place, shown in enumerate(self.all):
            counts[shown.point] += 1
            places[tuple(counts)] = place
        return places

    def _last_segments(self):
        """Of each conversation the segments: (place in the file, what is shown)."""
        found = []
        for conversation in self.truth["conversations"]:
            ends = [{endpoint(*view[side]) for view in conversation["ends"]} for side in (0, 1)]
            found.append((ends, [(place, shown) for place, shown in enumerate(self.all)
                                 if shown.point in conversation["points"] and shown.is_segment and
                                 {shown.sender, shown.peer} <= ends[0] | ends[1] and
                                 (shown.sender in ends[0]) != (shown.peer in ends[0])]))
        return found

    def compare_states(self):
        places, segments, judged = self._places(), self._last_segments(), {}
        for snapshot in self.truth["snapshots"]:
            number = snapshot["conversation"]
            ends, mine = segments[number]
            until = places.get(tuple(snapshot["counts"]))
            if until is None:       # the clocks say otherwise
                continue
            last = [shown for place, shown in mine if place <= until][-1:]
            wanted = snapshot["states"]
            if not last or judged.get(number) == (last[0], wanted):
                continue        # nothing of it yet, or only others have had packets since
            judged[number] = last[0], wanted
            shown = [last[0].state_of(end) if kernel else None for end, kernel in zip(ends, wanted)]
            self.score.snapshots += 1
            if shown == wanted:
                self.score.equal += 1
            elif all(self._is_excused(*triple) for triple in zip(("client", "server"), wanted, shown)):
                self.score.excused += 1
            else:
                self.complain(f"frame {last[0].number}: shows {' / '.join(map(str, shown))}, the kernels say "
                              f"{' / '.join(map(str, wanted))} (after frame {self.all[until].number})")

    def _is_excused(self, end, wanted, shown):
        return wanted == shown or {wanted, shown} == NOBODY or any(
            (end, wanted, shown) == excuse[1:4] and self.name.startswith(tuple(excuse[0].split()))
            for excuse in EXCUSED)

    # -- losses --------------------------------------------------------------------------------------------
    def compare_losses(self):
        lost = {self.frame(one["seen"][0]).number: self.frame(one["seen"][0])
                for one in self.truth["journeys"] if one["lost"] and one["seen"]}
        named = {shown.number for shown in self.all if shown.has("tcpfsm.lost_between")}
        silent = [number for number in sorted(lost.keys() - named)
                  if not self._cannot_tell(lost[number], lost.values())]
        self.score.lost_named = len(named & lost.keys())
        self.score.lost = self.score.lost_named + len(silent)
        for number in silent if self.hindsight else ():
            self.complain(f"frame {number} was lost between, and that isn't named")
        for number in sorted(named - lost.keys()):
            self.complain(f"frame {number} is named lost between, and it wasn't")
            self.score.false += 1

    def _cannot_tell(self, shown, lost):
        """Whether it would still have come when the capture ended; whether the other point missed it or only
        the copy that its receiver acknowledges. Devices thin out ACKs that have nothing else to say: nobody
        can tell which if there are others."""
        if any(one.get("missed") for one in self.truth["journeys"]):
            return True
        if shown.time > min(point[-1].time for point in self.each.values()) - SECOND:
            return True
        near = [other for other in lost if abs(other.time - shown.time) < SECOND and other is not shown]
        return shown.is_bare_ack and bool(near)

    # -- what nobody has sent ------------------------------------------------------------------------------
    def compare_made(self):
        journeys = [one for one in self.truth["journeys"] if one["seen"]]
        forged = {self.frame(one["seen"][0]).number for one in journeys if one["forged"]}
        # Nobody can tell who didn't see the other sighting: the network or the capture.
        missed = {self.frame(one["seen"][0]).number for one in journeys if one.get("missed")}
        named = {shown.number for shown in self.all if shown.has("tcpfsm.expert.made_between") or
                 shown.has("tcpfsm.expert.seen_once")}
        self.score.made, self.score.made_named = len(forged), len(named & forged)
        if not self.hindsight and forged:
            return      # named on what shows it
        for number in sorted(forged - named):
            self.complain(f"frame {number} was made between, and that isn't named")
        for number in sorted(named - forged - missed):
            self.complain(f"frame {number} is named made or seen once, and it was sent")
            self.score.false += 1

    # -- pairs ---------------------------------------------------------------------------------------------
    def compare_pairs(self):
        others = collections.defaultdict(set)
        for journey in self.truth["journeys"]:
            numbers = {self.frame(sighting).number: sighting[0] for sighting in journey["seen"]}
            for number, point in numbers.items():
                others[number] |= {other for other, there in numbers.items() if there != point}
        frames = {shown.number: shown for shown in self.all}
        for shown in self.all:
            found = {int(word) for word in shown.value["tcpfsm.other_frame"].split(",") if word}
            wanted = others[shown.number]
            self.score.pairs += bool(wanted)
            self.score.paired += bool(wanted) and (found == wanted or len(self.each) > 2 and bool(found))
            if not self.are_alike(frames, found - wanted, wanted):
                self.complain(f"frame {shown.number}: other frame {sorted(found)}, should be "
                              f"{sorted(wanted)}")
            elif found and len(others[min(found)]) == 1:    # not of what the network doubled
                self.compare_transit(shown, frames[min(found)])
            self.compare_point(shown)

    @staticmethod
    def are_alike(frames, found, wanted):
        """Does nothing tell the frames that were found from one that is wanted?"""
        marks = [{tuple(frames[number].value[field] for field in COPIES) for number in numbers}
                 for numbers in (found, wanted)]
        return marks[0] <= marks[1]

    def compare_transit(self, shown, other):
        """To the first of the others."""
        wanted = abs(shown.time - other.time)
        told = shown.value["tcpfsm.transit_time"]
        if not told or nanoseconds(told) != wanted:
            self.complain(f"frame {shown.number}: in transit for {told}, should be {wanted / SECOND}")

    def compare_point(self, shown):
        wanted = {0: "1", len(self.truth["points"]) - 1: "2"}.get(shown.point, "3")
        if shown.value["tcpfsm.point"] not in ("", wanted):
            self.complain(f"frame {shown.number}: point {shown.value['tcpfsm.point']}, should be {wanted}")

    # -- the connection ------------------------------------------------------------------------------------
    def compare_whole(self):
        """What a device changes is told where there is one, that clocks differ where they do."""
        changes = {shown.value["tcpfsm.connection.changed"] for shown in self.all} - {""}
        word = next((word for begin, word in CHANGES.items() if self.name.startswith(begin)), "")
        if word and not any(word in text for text in changes) or changes and not word:
            self.complain(f"changed: {sorted(changes)}, should be {word or 'nothing'}")
        differ = any(shown.has("tcpfsm.expert.clocks_differ") for shown in self.all)
        if differ != self.name.endswith("-unjoined"):
            self.complain(f"that clocks differ is {'' if differ else 'not '}told")


def check(tshark, folder, name, passes):
    path = os.path.join(folder, name)
    with open(path + ".truth", encoding="ascii") as file:
        truth = json.load(file)
    options = PASSES[passes]
    return Comparison(name, truth, packets(tshark, path + ".pcapng", options), "-2" in options).compare()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="of the captures")
    parser.add_argument("names", nargs="*", metavar="SCENE", help="only these")
    parser.add_argument("--there", action="store_true", help="they are there, don't make them again")
    parser.add_argument("--plugin", required=True, help="tcpfsm.so")
    parser.add_argument("--tshark", default="tshark")
    parser.add_argument("--series", help="tshark's version as its plugin folder has it; else tshark is asked")
    options = parser.parse_args()
    trouble = "" if options.there else obstacle()
    if trouble:
        print("skipped: " + trouble)
        return SKIPPED
    if not options.there and not make_captures(options.folder, options.names):
        return 1
    names = options.names or sorted(os.path.basename(path).removesuffix(".truth")
                                    for path in glob.glob(os.path.join(options.folder, "*.truth")))
    tshark = Tshark(options.tshark, options.plugin, options.series)
    return report(tshark, options.folder, names)


def make_captures(folder, names):
    """Did all scenes play?"""
    # A sanitizer that tshark is to run with is none of the traffic's business.
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    done = subprocess.run([sys.executable, points_captures.__file__, folder, *names], env=environment,
                          check=False)
    return done.returncode == 0


def report(tshark, folder, names):
    failed = False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for title in PASSES:
            print(f"\n{title}\n{HEADING}")
            total = Score()
            scores = pool.map(lambda name, title=title: check(tshark, folder, name, title), names)
            for name, score in zip(names, scores):
                print(score.line(name))
                print("".join(f"    {text}\n" for text in score.complaints[:SHOWN]), end="", flush=True)
                total.add(score)
            print(total.line("all"), flush=True)
            failed = is_worse(title, total) or failed
    return failed


def is_worse(title, total):
    """Says what is below the limits. The scenes are played anew each time, and no two are the same."""
    whole = "-2" in PASSES[title]
    shown = (total.equal + total.excused) / max(total.snapshots, 1)
    worse = {
        "false namings": total.false > 0,
        "states": shown < STATES_MIN,
        "losses that are named": whole and total.lost_named < LOSSES_MIN * total.lost,
        "forgeries that are named": whole and total.made_named < total.made,
        "pairs of frames": whole and total.paired < PAIRS_MIN * total.pairs,
    }
    for what, is_so in worse.items():
        if is_so:
            print(f"{title}: {what}: beyond the limit")
    return any(worse.values())


if __name__ == "__main__":
    sys.exit(main())
