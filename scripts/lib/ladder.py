# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws connections as ladders, in SVG: client left, server right, an arrow a segment.

    ladder.py --fields EXPERTS                          what tshark is to be asked for, a word a line
    ladder.py TITLE EXPERTS END QUIET [CONNECTION] <ROWS >SVG

EXPERTS: a file with the lines of `tshark -G fields` about tcpfsm.expert.*; END: when the capture's last
packet came, seconds since 1970; QUIET: for how many seconds the capture went on; CONNECTION: draw that one
alone; ROWS: what `tshark -T fields -E header=y` said, values of one field separated by the ASCII unit
separator.
"""
import sys

import annotation
import ladder_drawing
import ladder_points

FIELDS = """frame.number frame.time_epoch tcp.flags tcp.len tcp.seq tcp.ack
    ip.src ipv6.src tcp.srcport ip.dst ipv6.dst tcp.dstport
    tcpfsm.connection tcpfsm.sender.role tcpfsm.handshake.step tcpfsm.teardown.step tcpfsm.repeat
    tcpfsm.sender.state_before.str tcpfsm.peer.state_before.str tcpfsm.sender.presumed.str tcpfsm.lost_frame
    tcpfsm.client.state.str tcpfsm.client.basis tcpfsm.server.state.str tcpfsm.server.basis
    tcpfsm.seq.verdict.str tcpfsm.ack.verdict.str tcpfsm.seq.valid tcpfsm.ack.valid
    tcpfsm.seq.expected tcpfsm.ack.expected tcpfsm.reset.cause.str tcpfsm.state_changed tcpfsm.explain
    tcpfsm.owes.client.str tcpfsm.owes.server.str tcpfsm.connection.outcome.str
    tcpfsm.connection.opening.str tcpfsm.connection.closing.str tcpfsm.connection.closer.str
    tcpfsm.connection.time_wait_holder.str
    tcpfsm.point tcpfsm.other_frame tcpfsm.transit_time tcpfsm.lost_between""".split()

SILENCE = 1.0       # seconds without a segment that are worth a break
FOLD = 6            # as many plain segments in a row become one band
TRUE = ("1", "True")
AGAIN = ("retransmission", "overlap", "copy")
PROBES = ("keepalive", "window-probe")

EXPERT = "tcpfsm.expert."
# Of the expert infos, those that the picture shows anyway...
SHOWN_OTHERWISE = {"step", "syn_retransmitted", "synack_retransmitted", "fin_retransmitted", "refused",
                   "unreachable", "synack_rejected", "reset_close", "reset_stale", "reset_abort",
                   "not_accepted", "seq_suspect", "ack_suspect", "reset_suspect", "seq_invalid",
                   "ack_invalid", "reset_invalid"}
# ... and those that tell of nothing wrong.
REMARKS = {"simultaneous_open", "simultaneous_close", "half_closed", "joined_late", "fast_open", "syn_data",
           "lost_between", "changed_between", "seen_once", "clocks_differ",
           "challenge_ack", "time_wait_reuse", "time_wait_assassination", "syn_in_connection"}

DEBTS = {"SYN-ACK": "a SYN-ACK", "ACK of the SYN-ACK": "an ACK of the SYN-ACK",
         "ACK of data": "an ACK of the data", "FIN": "a FIN", "ACK of a FIN": "an ACK of the FIN",
         "window update": "a window update",
         "answer to a keepalive or probe": "a reply to the keepalive or probe",
         "retransmission": "a retransmission"}


def duration(seconds):
    if seconds >= 100:
        return "%.0f s" % seconds
    if seconds >= 1:
        return "%.1f s" % seconds
    if seconds >= 0.01:
        return "%.0f ms" % (seconds * 1e3)
    return "%.1f ms" % (seconds * 1e3) if seconds >= 0.001 else "%.0f µs" % (seconds * 1e6)


def count(number, thing):
    return "{:,} {}{}".format(number, thing, "" if number == 1 else "s")


class Segment(annotation.Segment):
    """What the picture says of one segment, or of an ICMP error that answers one."""

    def __init__(self, names, row, titles):
        super().__init__(names, row)
        self.frame = self.last("frame.number")
        self.time = float(self.last("frame.time_epoch"))
        self.bytes = int(self.last("tcp.len") or 0)
        self.is_error = not self.last("tcpfsm.sender.role")
        self.experts = [(name.removeprefix(EXPERT), title) for name, title in titles.items()
                        if self.values.get(name)]
        self.repeated = (self.last("tcpfsm.repeat") in TRUE or
                         self.last("tcpfsm.seq.verdict.str") in AGAIN)
        self.lost = False       # known from a later segment only

    def before(self, role):
        whose = "sender" if self.from_client() == (role == "client") else "peer"
        return self.last("tcpfsm.%s.state_before.str" % whose)

    def is_plain(self):
        """Nothing but a part of the data phase."""
        return not (self.is_error or self.lost or self.step() or self.invalid() or self.notes() or
                    self.last("tcpfsm.repeat") in TRUE or self.last("tcpfsm.state_changed") in TRUE or
                    self.is_reset() or self.last("tcpfsm.lost_frame") or
                    self.last("tcpfsm.seq.verdict.str") in PROBES)

    def label(self):
        if self.is_error:
            return "ICMP error from " + (self.values["ip.src"] or self.values["ipv6.src"])[0]
        again = self.last("tcpfsm.repeat") in TRUE
        parts = ["[%s%s]" % (self.step(), " again" if again else "")] if self.step() else []
        parts += [self.flags(), "seq=" + self.last("tcp.seq")]
        if "ACK" in self.flags():
            parts.append("ack=" + self.last("tcp.ack"))
        text = " ".join(parts) + (", " + count(self.bytes, "byte") if self.bytes else "")
        verdict = self.last("tcpfsm.seq.verdict.str")
        if verdict in PROBES or verdict in AGAIN and not again:
            text += ", " + verdict
        return text

    def is_reset(self):
        return bool(self.last("tcpfsm.reset.cause.str"))

    def remarks(self):
        """(text, is it about something invalid?) of the lines below the arrow."""
        for name in self.invalid():
            expected = self.last("tcpfsm.%s.expected" % name)
            yield "%s %s is invalid (%s)%s" % (
                name, self.last("tcp." + name), self.last("tcpfsm.%s.verdict.str" % name),
                ", expected " + expected if expected else ""), True
        cause = self.last("tcpfsm.reset.cause.str")
        if cause:
            yield "reset: " + cause, cause == "not acceptable"
        presumed, frame = self.last("tcpfsm.sender.presumed.str"), self.last("tcpfsm.lost_frame")
        if presumed:
            lost = "frame %s was lost: " % frame if frame else ""
            role = "client" if self.from_client() else "server"
            yield "%sthe %s was in %s, not in %s" % (lost, role, self.before(role), presumed), False

    def notes(self):
        """(text, is it a warning?) of what has a box of its own."""
        return [(title, name not in REMARKS) for name, title in self.experts if name not in SHOWN_OTHERWISE]

    def owed(self):
        """Who owes what, as of this segment."""
        for role in "client", "server":
            debts = [DEBTS[debt] for debt in self.values["tcpfsm.owes.%s.str" % role] if debt in DEBTS]
            if debts:
                yield "%s owes %s" % (role, " and ".join(debts))


class Connection:
    """The segments of one connection, in the order of their frames, and what they mean together."""

    def __init__(self, number, segments):
        self.number = number
        self.segments = segments
        lost = {segment.last("tcpfsm.lost_frame") for segment in segments}
        for segment in segments:
            segment.lost = segment.frame in lost
        self.first = next(segment for segment in segments if not segment.is_error)
        self.start = segments[0].time
        self.ends = self.first.ends()
        self.rows_of_points = ladder_points.rows if any(map(ladder_points.of_points, segments)) else None
        story = annotation.Story(segments[0])
        for segment in segments[1:]:
            story.note(segment)
        self.story = "; ".join([story.outcome or "still open", *story.parts])

    def silence(self, seconds, segment):
        """A row for the time after a segment, if it is worth one."""
        if seconds < SILENCE:
            return []
        return [("silence", ", ".join([duration(seconds), *segment.owed()]), seconds)]

    def rows(self, end):
        """(kind, ...) of what stands one below the other."""
        plain = []
        previous = None
        for segment in self.segments:
            pause = self.silence(segment.time - previous.time, previous) if previous else []
            if pause or not segment.is_plain():
                yield from folded(plain)
                plain = []
            yield from pause
            if segment.is_plain():
                plain.append(segment)
            else:
                yield "segment", segment
                for text, warning in segment.notes():
                    yield "note", text, warning
            previous = segment
        yield from folded(plain)
        if any(previous.owed()):
            yield from self.silence(end - previous.time, previous)


def folded(plain):
    """Few segments are drawn, many become a band."""
    if len(plain) < FOLD:
        return [("segment", segment) for segment in plain]
    each = [sum(segment.bytes for segment in plain if segment.from_client() == client)
            for client in (True, False)]
    texts = ["%s, %s" % (count(len(plain), "segment"), count(sum(each), "byte")),
             "client {:,}, server {:,} bytes, in {}".format(*each, duration(plain[-1].time - plain[0].time))]
    again = sum(segment.repeated for segment in plain)
    if again:
        texts[1] += ", %d repeated" % again
    return [("fold", texts, plain)]


def read_titles(path):
    """Name to title of each expert info."""
    with open(path, encoding="utf-8") as file:
        lines = [line.split("\t") for line in file]
    return {line[2]: line[1] for line in lines if line[2].startswith(EXPERT)}


def read_connections(stream, titles, wanted):
    names, found = None, {}
    for line in stream.buffer:
        row = line.decode("utf-8", "replace").rstrip("\n").split("\t")
        if names is None:
            names = row
            continue
        segment = Segment(names, row, titles)
        found.setdefault(segment.last("tcpfsm.connection"), []).append(segment)
    return [Connection(number, segments) for number, segments in found.items()
            if wanted in (None, number) and not all(segment.is_error for segment in segments)]


def main(arguments):
    if arguments[:1] == ["--fields"]:
        print("\n".join(word for field in [*FIELDS, *read_titles(arguments[1])] for word in ("-e", field)))
        return
    title, titles, end, quiet, *wanted = arguments
    connections = read_connections(sys.stdin, read_titles(titles), wanted[0] if wanted else None)
    if not connections:
        sys.exit("the capture has no such TCP stream or connection")
    svg = ladder_drawing.draw(title, connections, float(end) + float(quiet), duration)
    sys.stdout.buffer.write(svg.encode("utf-8"))


if __name__ == "__main__":
    main(sys.argv[1:])
