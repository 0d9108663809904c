#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""-z tcpfsm,dot: RFC 9293's figure 5 with the transitions that the fields tell; Graphviz reads it."""
import collections
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

import captures
import shark

CAPTURES = ("healthy", "resets", "joined-late", "reuse", "openings", "unfinished", "samples")
FIELDS = ["tcpfsm.sender.role", "tcpfsm.sender.state_before.str", "tcpfsm.sender.state.str",
          "tcpfsm.peer.state_before.str", "tcpfsm.peer.state.str"]
# RFC 9293 figure 5, typed from there.
FIGURE = """
CLOSED LISTEN, CLOSED SYN-SENT, LISTEN CLOSED, LISTEN SYN-RECEIVED, LISTEN SYN-SENT, SYN-SENT CLOSED,
SYN-SENT SYN-RECEIVED, SYN-SENT ESTABLISHED, SYN-RECEIVED LISTEN, SYN-RECEIVED ESTABLISHED,
SYN-RECEIVED FIN-WAIT-1, ESTABLISHED FIN-WAIT-1, ESTABLISHED CLOSE-WAIT, FIN-WAIT-1 FIN-WAIT-2,
FIN-WAIT-1 CLOSING, FIN-WAIT-2 TIME-WAIT, CLOSING TIME-WAIT, TIME-WAIT CLOSED, CLOSE-WAIT LAST-ACK,
LAST-ACK CLOSED"""
ARROWS = {tuple(pair.split()) for pair in FIGURE.split(",")}
STATES = {state for arrow in ARROWS for state in arrow}
UNSEEN = "#b0b0b0"
EDGE = re.compile(r'  "([A-Z0-9-]+)" -> "([A-Z0-9-]+)" \[style=(\w+) arrowhead=(\w+) color="(#\w{6})"'
                  r'(?: penwidth=(\d\.\d))?(?: label=<(.*)>)? tooltip="([^"]*)"\];')

Edge = collections.namedtuple("Edge", "start end style head color width clients servers")


def state(node):
    return "CLOSED" if node == "END" else node


def edges_of(text):
    edges = []
    for line in text.splitlines():
        if "->" in line:
            *parts, label, _ = EDGE.fullmatch(line).groups()
            numbers = [re.search(r">%s (\d+)<" % letter, label or "") for letter in "CS"]
            edges.append(Edge(*parts, *(int(number[1]) if number else 0 for number in numbers)))
    return edges


class DotTest(shark.SharkTest):
    def dot(self, capture, *options, argument="tcpfsm,dot"):
        return self.tshark(capture, "-q", "-z", argument, *options)

    def counts(self, text):
        """(role, from, to): how often."""
        counts = collections.Counter()
        for edge in edges_of(text):
            counts["1", state(edge.start), state(edge.end)] += edge.clients
            counts["2", state(edge.start), state(edge.end)] += edge.servers
        return +counts

    def expected(self, capture, *options):
        counts = collections.Counter()
        for role, *states in self.rows(capture, FIELDS, *options):
            if role:
                (role,), ((before,), (after,), (peer_before,), (peer_after,)) = role, states
                counts[role, before, after] += before != after
                counts["12".replace(role, ""), peer_before, peer_after] += peer_before != peer_after
        return +counts


class Counts(DotTest):
    def test_equal_those_of_the_fields(self):
        for capture in CAPTURES:
            expected = self.expected(capture, "-2")
            self.assertEqual(self.counts(self.dot(capture)), expected, capture)
            self.assertEqual(self.dot(capture), self.dot(capture, "-2"), capture)

    def test_filter(self):
        for display_filter in ("tcp.flags.fin == 1", "tcpfsm.connection < 20"):
            text = self.dot("samples", argument="tcpfsm,dot," + display_filter)
            self.assertEqual(self.counts(text), self.expected("samples", "-2", "-Y", display_filter))

    def test_nothing_seen(self):
        nothing = self.dot("empty")
        self.assertEqual(self.counts(nothing), collections.Counter())
        self.assertEqual({edge.color for edge in edges_of(nothing)}, {UNSEEN})
        self.assertEqual(self.dot("samples", argument="tcpfsm,dot,tcp.port == 1"), nothing)
        self.assertEqual(self.dot("samples", "-o", "tcpfsm.analyze:FALSE"), nothing)

    def test_bad_filter(self):
        for argument in ("tcpfsm,dot,tcp.nonsense ==", "tcpfsm,dotted"):
            command = [shark.TSHARK, "-r", shark.world().paths["healthy"], "-q", "-z", argument]
            status, text, complaint = shark.world().run(command)
            self.assertNotEqual(status, 0)
            self.assertNotIn("digraph", text)
            self.assertIn(argument, complaint)

    def test_sessions_add_up_in_one_diagram(self):
        frames, size = captures.ALL["everything"][0](), 150
        whole = shark.world().capture("in-sessions", frames)
        sum_of_parts = collections.Counter()
        for first in range(0, len(frames), size):
            part = shark.world().capture("part-%d" % first, frames[first:first + size])
            sum_of_parts += self.counts(self.dot(part))
        resets = (len(frames) - 1) // size
        text = self.tshark(whole, "-q", "-M", str(size), "-z", "tcpfsm,dot",
                           stderr="resetting session.\n" * resets)
        self.assertGreater(resets, 2)
        self.assertEqual(text.count("digraph"), 1)
        self.assertEqual(self.counts(text), sum_of_parts)


class Looks(DotTest):
    def test_arrows_of_the_figure(self):
        for capture in ("empty", "samples"):
            solid = {(state(edge.start), state(edge.end)) for edge in edges_of(self.dot(capture))
                     if edge.style in ("solid", "dashed")}
            self.assertEqual(solid, ARROWS)

    def test_clients_solid_servers_dashed(self):
        edges = edges_of(self.dot("healthy"))
        for start, end, style in (("CLOSED", "SYN-SENT", "solid"), ("SYN-SENT", "ESTABLISHED", "solid"),
                                  ("LISTEN", "SYN-RECEIVED", "dashed"),
                                  ("SYN-RECEIVED", "ESTABLISHED", "dashed")):
            self.assertEqual([edge.style for edge in edges if edge[:2] == (start, end)], [style])
        both = [edge for edge in edges if edge[:2] == ("ESTABLISHED", "FIN-WAIT-1")]
        self.assertEqual([edge.style for edge in both], ["solid", "dashed"])
        self.assertEqual([(edge.clients > 0, edge.servers > 0) for edge in both],
                         [(False, False), (True, True)])

    def test_lines_grow_with_their_counts(self):
        seen = [edge for edge in edges_of(self.dot("samples")) if edge.clients and not edge.servers]
        widths = [float(edge.width) for edge in sorted(seen, key=lambda edge: edge.clients)]
        self.assertEqual(widths, sorted(widths))
        self.assertGreater(widths[-1], 2 * widths[0])

    def test_what_is_not_in_the_figure(self):
        """A RST, what was not captured, two arrows at once: told apart by the head of the line."""
        for capture, start, end, head in (("resets", "ESTABLISHED", "END", "box"),
                                          ("resets", "SYN-SENT", "CLOSED", "box"),
                                          ("joined-late", "ESTABLISHED", "FIN-WAIT-1", "onormal"),
                                          ("samples", "FIN-WAIT-1", "TIME-WAIT", "vee"),
                                          ("samples", "TIME-WAIT", "SYN-SENT", "vee")):
            heads = [edge.head for edge in edges_of(self.dot(capture))
                     if edge[:2] == (start, end) and edge.style == "dotted"]
            self.assertIn(head, heads, (capture, start, end))

    def test_reset_arrows_rest_on_resets(self):
        edges = edges_of(self.dot("samples", argument="tcpfsm,dot,tcp.flags.reset == 0"))
        self.assertNotIn("box", [edge.head for edge in edges])

    def test_legend_names_every_look(self):
        text = self.dot("samples")
        legend = next(line for line in text.splitlines() if line.startswith("  label="))
        for edge in edges_of(text):
            self.assertIn(edge.color, legend)


@unittest.skipUnless(shutil.which("dot"), "Graphviz isn't installed")
class Graphviz(DotTest):
    def test_reads_it(self):
        unheard = shark.world().capture("unheard", captures.Talk().c("PA", b"data").c("RA").frames)
        for capture in ("empty", unheard, "samples"):
            text = self.dot(capture)
            done = subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=True,
                                  timeout=60)
            self.assertEqual(done.stderr, b"")
            texts = [element.text for element in xml.etree.ElementTree.fromstring(done.stdout).iter()
                     if element.tag.endswith("}text")]
            self.assertLessEqual(STATES, set(texts))
            self.assertEqual("UNKNOWN" in texts, capture == unheard)
            self.assertEqual(len(re.findall("<title>", done.stdout.decode())),
                             1 + text.count(" pos=") + len(edges_of(text)))


if __name__ == "__main__":
    shark.main()
