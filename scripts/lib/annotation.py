#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Lays out what tshark's `-T fields -E header=y` says about TCP segments, a line each.

Reads the standard input. Values of one field are separated by the ASCII unit separator.
Exits with 1 if there was no segment.
"""
import os
import sys
import textwrap

WIDTH = 100
FLAGS = ((0x02, "SYN"), (0x01, "FIN"), (0x04, "RST"), (0x08, "PSH"), (0x10, "ACK"), (0x20, "URG"))
CLIENT = "1"
PROVEN, ASSUMED = "1", "3"      # tcpfsm.*.basis
MARKS = {"2": "?", ASSUMED: "?"}
COLUMNS = "{time:>10}  {arrow:<15}  {flags:<7} {data:>5}  {step:<6} {client:<13} {server:<13} {verdicts}"


class Style:
    """Escape sequences on a terminal, nothing elsewhere."""

    def __init__(self, stream):
        on = stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        codes = ("\033[1m", "\033[2m", "\033[31m", "\033[0m") if on else [""] * 4
        self.bold, self.dim, self.red, self.off = codes


class Segment:
    """One row of tshark's output. A frame with several TCP layers shows its innermost."""

    def __init__(self, names, row):
        self.values = {name: value.split("\x1f") if value else [] for name, value in zip(names, row)}
        self.layers = len(self.values["tcpfsm.connection"])

    def last(self, name):
        values = self.values[name]
        return values[-1] if values else ""

    def end(self, which):
        """Address and port of "src" or "dst"."""
        address = self.last("ip." + which)
        if not address:
            address = "[%s]" % self.last("ipv6." + which)
        return "%s:%s" % (address, self.last("tcp.%sport" % which))

    def ends(self):
        """(client, server)"""
        source, destination = self.end("src"), self.end("dst")
        return (source, destination) if self.from_client() else (destination, source)

    def from_client(self):
        return self.last("tcpfsm.sender.role") == CLIENT

    def flags(self):
        bits = int(self.last("tcp.flags"), 16)
        names = [name for bit, name in FLAGS if bits & bit]
        if len(names) > 1 and "PSH" in names:
            names.remove("PSH")
        return " ".join(names) or "none"

    def data(self):
        return "" if self.last("tcp.len") == "0" else self.last("tcp.len")

    def step(self):
        """Such as 2/3, 2+3/4; empty if it is none. The line adds an r to a repeated one."""
        pick = slice(None) if self.layers == 1 else slice(-1, None)
        texts = ["%s/%d" % ("+".join(self.values[name][pick]), total)
                 for name, total in (("tcpfsm.handshake.step", 3), ("tcpfsm.teardown.step", 4))
                 if self.values[name]]
        return " ".join(texts)

    def basis(self, role):
        return self.last("tcpfsm.%s.basis" % role)

    def state(self, role):
        return self.last("tcpfsm.%s.state.str" % role) + MARKS.get(self.basis(role), "")

    def invalid(self):
        return [name for name in ("seq", "ack") if self.last("tcpfsm.%s.valid" % name) in ("0", "False")]

    def verdicts(self):
        return "%s / %s" % (self.last("tcpfsm.seq.verdict.str"), self.last("tcpfsm.ack.verdict.str"))


def wrapped(text, indent):
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent,
                         break_long_words=False, break_on_hyphens=False)


class Story:
    """What is known of a connection after its last segment."""

    OUTCOME = "tcpfsm.connection.%s.str"
    PHRASES = {
        "opening": {"three-way": "opened three-way", "simultaneous": "opened simultaneously",
                    "fast-open": "opened with Fast Open", "not captured": "opening not captured",
                    "split": "opened by a split handshake"},
        "closing": {"four-way": "closed four-way", "three-segment": "closed in three segments",
                    "simultaneous": "closed simultaneously", "reset": "closed by reset",
                    "none": "no FIN or RST",
                    "one FIN only": "one FIN only", "FIN then reset": "FIN then reset"},
        "closer": {"client": "closed first by client", "server": "closed first by server",
                   "both": "closed by both at once"},
        "time_wait_holder": {"client": "the client holds TIME-WAIT", "server": "the server holds TIME-WAIT",
                             "both": "both hold TIME-WAIT"},
    }

    def __init__(self, segment):
        self.note(segment)

    def note(self, segment):
        self.outcome = segment.last(self.OUTCOME % "outcome")
        values = [(phrases, segment.last(self.OUTCOME % name)) for name, phrases in self.PHRASES.items()]
        self.parts = [phrases[value] for phrases, value in values if value in phrases]
        self.owed = ["%s owes %s" % (role, debt) for role in ("client", "server")
                     for debt in segment.values["tcpfsm.owes.%s.str" % role]
                     if debt not in ("nothing", "unknown")]

    def text(self):
        if self.outcome:
            return "; ".join([self.outcome, *self.parts])
        return "; ".join(["still open", *self.parts, *self.owed])


class Report:
    def __init__(self, out):
        self.out = out
        self.style = Style(out)
        self.connection = None
        self.stories = {}

    def line(self, text="", style=""):
        self.out.write(style + text + (self.style.off if style else "") + "\n")

    def heading(self, segment):
        client, server = segment.ends()
        self.line()
        title = "Connection %s: client %s, server %s" % (self.connection, client, server)
        self.line(wrapped(title, ""), self.style.bold)
        names = COLUMNS.format(time="seconds", arrow="direction", flags="flags", data="bytes",
                               step="step", client="client in", server="server in", verdicts="seq / ack")
        self.line(names, self.style.dim)

    def outcomes(self):
        self.line()
        self.line("Outcomes:" if len(self.stories) > 1 else "Outcome:", self.style.bold)
        for connection, story in self.stories.items():
            self.line(wrapped("Connection %s: %s" % (connection, story.text()), "   "))

    def segment(self, segment):
        connection = segment.last("tcpfsm.connection")
        if connection in self.stories:
            self.stories[connection].note(segment)
        else:
            self.stories[connection] = Story(segment)
        if connection != self.connection:
            self.connection = connection
            self.heading(segment)
        invalid = segment.invalid()
        step = segment.step()
        repeat = segment.last("tcpfsm.repeat_of")
        colour = self.style.red if invalid else self.style.bold if step else ""
        self.line(COLUMNS.format(
            time="%.6f" % float(segment.last("frame.time_relative")),
            arrow="client → server" if segment.from_client() else "client ← server",
            flags=segment.flags(), data=segment.data(), step=step + ("r" if repeat else ""),
            client=segment.state("client"), server=segment.state("server"),
            verdicts=segment.verdicts()), colour)
        if step or invalid or "RST" in segment.flags():
            self.line(wrapped(segment.last("tcpfsm.explain"), " " * 12))


def main():
    out = sys.stdout
    out.reconfigure(encoding="utf-8", errors="replace")
    names = None
    report = Report(out)
    for line in sys.stdin.buffer:
        row = line.decode("utf-8", "replace").rstrip("\n").split("\t")
        if names is None:
            names = row
            continue
        segment = Segment(names, row)
        if segment.last("tcpfsm.sender.role"):
            report.segment(segment)
        else:  # an ICMP error that quotes a SYN
            report.stories[segment.last("tcpfsm.connection")].note(segment)
    if report.connection is None:
        if names is not None:
            print("the capture has no TCP segment", file=sys.stderr)
        return 1
    report.outcomes()
    report.line()
    report.line("? not proven: expected (assuming the segment arrived) or assumed (packets are missing)  "
                "r repeated", report.style.dim)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
