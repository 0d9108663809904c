#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the plugin show the states in which the Linux kernel was?

For a capture `<name>[.client|.server].pcapng` with `<name>.states` beside it: at each moment that the kernels
were asked, the states after the four-tuple's last segment so far must be those that they told, or those
that the file says a capture at this place can only presume. All are read as one collection, twice: in one
pass and in two.
"""
import argparse
import ipaddress
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from collection import Collection, moved_address     # noqa: E402

# The numbers of the states that users filter on.
STATES = ["CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
          "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT", "UNKNOWN"]
NOBODY = 65534
SECONDS = 200       # longer than any run of tshark needs
FIELDS = ["frame.number", "frame.time_epoch", "ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst",
          "tcp.dstport", "tcpfsm.sender.state", "tcpfsm.peer.state", "tcpfsm.sender.role",
          "tcpfsm.client.state", "tcpfsm.server.state"]


class Tshark:
    """tshark with this plugin and nothing of the user's. It ignores a plugin folder in the environment if it
    runs as root, so root runs it as nobody, and all that it reads is copied to where nobody may read."""

    def __init__(self, tshark, plugin, series=None):
        self.tshark = tshark
        self._folder = tempfile.TemporaryDirectory()
        self.folder = self._folder.name
        os.chmod(self.folder, 0o755)
        if not series:
            version = subprocess.run([tshark, "--version"], capture_output=True, text=True, check=True).stdout
            series = re.search(r"(\d+\.\d+)\.\d+", version)[1]
        place = os.path.join(self.folder, "plugins", series, "epan")
        os.makedirs(place)
        self._share(shutil.copy(plugin, place))
        self.user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}

    @staticmethod
    def _share(path):
        os.chmod(path, 0o755)

    def read(self, capture, *options):
        copy = os.path.join(self.folder, os.path.basename(capture))
        if copy != capture:
            shutil.copy(capture, copy)
        self._share(copy)
        environment = {**os.environ, "HOME": os.path.join(self.folder, "home"), "LC_ALL": "C.UTF-8",
                       "WIRESHARK_PLUGIN_DIR": os.path.join(self.folder, "plugins")}
        done = subprocess.run([self.tshark, "-r", copy, *options], capture_output=True, text=True,
                              env=environment, check=False, timeout=SECONDS, **self.user)
        if done.returncode != 0:
            raise RuntimeError(f"tshark {' '.join(options)}: {done.returncode}\n{done.stderr}")
        return done.stdout


def nanoseconds(text):
    seconds, fraction = text.split(".")
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0"))


def endpoint(address, port):
    return str(ipaddress.ip_address(address)), int(port)


class Segment:
    """One line of tshark's: who sent it, and the states after it."""

    def __init__(self, line, collection):
        value = dict(zip(FIELDS, line.split("\t")))
        self.capture, self.frame = collection.place(value["frame.number"])
        self.time = nanoseconds(value["frame.time_epoch"])
        self.sender = endpoint(value["ip.src"] or value["ipv6.src"], value["tcp.srcport"])
        self.peer = endpoint(value["ip.dst"] or value["ipv6.dst"], value["tcp.dstport"])
        self.states = {self.sender: self._state(value["tcpfsm.sender.state"]),
                       self.peer: self._state(value["tcpfsm.peer.state"])}
        self.by_role = [self._state(value["tcpfsm.client.state"]), self._state(value["tcpfsm.server.state"])]
        self.role = value["tcpfsm.sender.role"]

    @staticmethod
    def _state(number):
        return STATES[int(number)] if number else "(none)"

    def disagreement(self):
        """The states by role are the states of sender and peer, told in another order."""
        told = [self.states[self.sender], self.states[self.peer]]
        if self.role == "2":
            told.reverse()
        return "" if told == self.by_role else f"frame {self.frame}: role {self.role}, {told}, {self.by_role}"


class Note:
    """One line of a states file, read for the place where the capture with this number was made."""

    def __init__(self, line, place, number):
        words = line.split()
        self.number = number
        self.time = nanoseconds(words[0])
        self.client, self.server = self._endpoint(words[1]), self._endpoint(words[2])
        self.wanted = words[3:5]
        self.unknowable = False
        for word in words[5:]:
            end, mark = word.split("-capture=")
            if end == place:
                self.unknowable = mark == "unknowable"
                if mark.startswith("presumed:"):
                    self.wanted = mark[len("presumed:"):].split(",")

    def _endpoint(self, text):
        address, port = text.rsplit(":", 1)
        return endpoint(moved_address(address.strip("[]"), self.number), port)

    def judges(self, segments):
        """The segment that this note is about. Before the first one there is nothing to show."""
        ends = {self.client, self.server}
        last = [s for s in segments if s.time <= self.time and {s.sender, s.peer} == ends][-1:]
        return last[0] if last and not self.unknowable else None

    def complaint(self, segments):
        """What the plugin shows instead, or nothing."""
        segment = self.judges(segments)
        shown = segment and [segment.states[self.client], segment.states[self.server]]
        if not segment or shown == self.wanted:
            return ""
        return f"frame {segment.frame}: shows {' / '.join(shown)}, should be {' / '.join(self.wanted)}"


def notes_of(capture, number):
    """The notes that belong to a capture."""
    stem = os.path.basename(capture).removesuffix(".pcapng")
    name, _, place = stem.partition(".")
    with open(os.path.join(os.path.dirname(capture), name + ".states"), encoding="ascii") as file:
        lines = file.read().splitlines()
    place = place or next(line.split()[-1] for line in lines if line.startswith("# captured at:"))
    return [Note(line, place, number) for line in lines if not line.startswith("#")]


def segments_of(tshark, collection, passes):
    """Of each capture its segments."""
    wanted = [word for field in FIELDS for word in ("-e", field)]
    # Addresses and ports also stand in the header that an ICMP error quotes; such frames are no segments.
    output = tshark.read(collection.path, *passes, "-Y", "tcp and not icmp and not icmpv6", "-T", "fields",
                         *wanted)
    result = [[] for _ in collection.captures]
    for line in output.splitlines():
        segment = Segment(line, collection)
        result[segment.capture].append(segment)
    return result


def compare(tshark, collection, passes):
    complaints = []
    for number, segments in enumerate(segments_of(tshark, collection, passes)):
        capture = collection.captures[number]
        notes = notes_of(capture, number)
        texts = [segment.disagreement() for segment in segments]
        texts += [note.complaint(segments) for note in notes]
        if not segments or not any(note.unknowable or note.judges(segments) for note in notes):
            texts.append("nothing to compare")
        name = os.path.basename(capture)
        complaints += [f"{name} {' '.join(passes)}: {text}" for text in texts if text]
    return complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captures", nargs="+")
    parser.add_argument("--plugin", required=True, help="tcpfsm.so")
    parser.add_argument("--tshark", default="tshark")
    parser.add_argument("--series", help="tshark's version as its plugin folder has it; else tshark is asked")
    options = parser.parse_args()
    tshark = Tshark(options.tshark, options.plugin, options.series)
    collection = Collection(options.captures, os.path.join(tshark.folder, "collection.pcap"))
    complaints = [text for passes in ([], ["-2"]) for text in compare(tshark, collection, passes)]
    print("\n".join(complaints) or f"{len(options.captures)} captures agree with the kernel")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
