#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""-z tcpfsm,tree: the counts are those of the fields, in one pass and in two."""
import collections
import re
import unittest

import captures
import packets
import shark
import talk

CAPTURES = ("retries", "resets", "unfinished", "unreachable", "crowds", "joined-late", "samples")
STEPS = ("Handshake 1/3 SYN", "Handshake 2/3 SYN-ACK", "Handshake 3/3 ACK", "Teardown 1/4 FIN",
         "Teardown 2/4 ACK of FIN", "Teardown 3/4 second FIN", "Teardown 4/4 ACK of second FIN")
UNFINISHED = ("unanswered", "embryonic", "half-closed", "closing", "silent")
SERVERS, CLIENTS = "Unfinished connections by server", "Unfinished connections by client"
SECTIONS = ("Outcomes", "Warnings", SERVERS, CLIENTS, "Closed first by", "Reset causes", "Steps",
            "Steps repeated", "Transitions of clients", "Transitions of servers", "Timers",
            "Sequence number verdicts", "Acknowledgment number verdicts", "Notes")
FEW, MANY, OTHERS = 20, 5, "others, fewer than five each"
FIELDS = ["tcpfsm.connection", "tcpfsm.step", "tcpfsm.repeat", "tcpfsm.reset.cause.str",
          "tcpfsm.seq.verdict.str", "tcpfsm.ack.verdict.str", "tcpfsm.timer.str", "tcpfsm.sender.role.str",
          "tcpfsm.sender.state_before.str", "tcpfsm.sender.state.str", "tcpfsm.peer.state_before.str",
          "tcpfsm.peer.state.str", "tcpfsm.connection.outcome.str", "tcpfsm.connection.closer.str",
          "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport"]
QUIET = ("step", "simultaneous_open", "simultaneous_close", "half_closed", "joined_late")     # chats


def parse(text):
    """A Counter for each tree in tshark's output: path, its parts joined by |, to count; without zeroes."""
    trees, path = [], []
    for line in text.splitlines():
        node = re.match(r"( *)(\S.*?) +(\d+) ", line)
        if line.startswith("Topic / Item"):
            trees.append(collections.Counter())
        elif trees and node:
            path[len(node[1]):] = [node[2]]
            trees[-1]["|".join(path)] = int(node[3])
    return [+tree for tree in trees]


class Expectation:
    """The counts of the segments in these rows of FIELDS."""

    def __init__(self, rows, experts):
        self.counts = collections.Counter()
        self.connections = {}
        for row in rows:
            segment = dict(zip(FIELDS, row))
            if segment["tcpfsm.sender.role.str"]:       # not an ICMP error
                self.segment(segment)
        self.hosts = {SERVERS: {}, CLIENTS: {}}
        for _, segment in sorted(self.connections.items()):
            self.connection(segment)
        for section, hosts in self.hosts.items():
            self.list(section, hosts)
        for name, count in experts.items():
            if count:
                self.counts[name] = count

    def add(self, *path):
        for length in range(1, len(path) + 1):
            self.counts["|".join(path[:length])] += 1

    def segment(self, segment):
        (role,), (repeat,) = segment["tcpfsm.sender.role.str"], segment["tcpfsm.repeat"]
        for step in segment["tcpfsm.step"]:
            self.add("Steps repeated" if repeat in ("1", "True") else "Steps", STEPS[int(step) - 1])
        for section, field in (("Reset causes", "reset.cause"), ("Sequence number verdicts", "seq.verdict"),
                               ("Acknowledgment number verdicts", "ack.verdict"), ("Timers", "timer")):
            for name in segment["tcpfsm.%s.str" % field]:
                self.add(section, name)
        for end, ends in (("sender", role), ("peer", "server" if role == "client" else "client")):
            (before,) = segment["tcpfsm.%s.state_before.str" % end]
            (after,) = segment["tcpfsm.%s.state.str" % end]
            if before != after:
                self.add("Transitions of %ss" % ends, "%s → %s" % (before, after))
        self.connections[int(segment["tcpfsm.connection"][0])] = segment     # the last one stays

    def connection(self, segment):
        (outcome,) = segment["tcpfsm.connection.outcome.str"]
        self.add("Outcomes", outcome)
        self.add("Closed first by", (segment["tcpfsm.connection.closer.str"] or ["none"])[0])
        if outcome in UNFINISHED:
            sides = [("src", "srcport"), ("dst", "dstport")]
            if segment["tcpfsm.sender.role.str"] == ["server"]:
                sides.reverse()
            (client, _), (server, port) = sides
            form, version = ("[%s]:%s", "ipv6") if segment["ipv6.src"] else ("%s:%s", "ip")
            address = segment["%s.%s" % (version, server)][0]
            name = form % (address, segment["tcp." + port][0])
            self.hosts[SERVERS].setdefault(name, []).append(outcome)
            self.hosts[CLIENTS].setdefault(segment["%s.%s" % (version, client)][0], []).append(outcome)

    def list(self, section, hosts):
        """The first few have a line, and whoever has many."""
        for place, (name, outcomes) in enumerate(hosts.items()):
            for outcome in outcomes:
                self.add(section, name if place < FEW or len(outcomes) >= MANY else OTHERS, outcome)


class TreeTest(shark.SharkTest):
    _texts = {}

    def text(self, capture, *options, argument="tcpfsm,tree"):
        """What it prints. The same question is asked once only."""
        question = (capture, options, argument)
        if question not in self._texts:
            self._texts[question] = self.tshark(capture, "-q", "-z", argument, *options)
        return self._texts[question]

    def tree(self, capture, *options, argument="tcpfsm,tree"):
        trees = parse(self.text(capture, *options, argument=argument))
        self.assertEqual(len(trees), 1)
        return trees[0]

    def expected(self, capture, *options):
        """Of each note or warning: how often it stands on a packet."""
        experts = [name for name in sorted(self.registered())
                   if name.startswith("tcpfsm.expert.") and name.split(".")[2] not in QUIET]
        asked = FIELDS + ["tcpfsm.connection.icmp_frame"] + experts
        rows = self.rows(capture, asked, *options)
        columns = dict(zip(asked, zip(*rows)))
        counts = {name.split(".")[2]: sum(map(bool, columns[name])) for name in experts}
        # An ICMP error is no segment: what the tree knows of it is known of the connection.
        unreachable = zip(columns["tcpfsm.connection"], columns["tcpfsm.connection.icmp_frame"])
        counts["unreachable"] = len({connection[0] for connection, icmp in unreachable if icmp})
        return Expectation([row[:len(FIELDS)] for row in rows], counts).counts

    def comparable(self, tree):
        """Of notes and warnings only the names: which is which, the rest of the tests say."""
        return collections.Counter({re.sub("^(Notes|Warnings)[|]", "", path): count
                                    for path, count in tree.items() if path not in ("Notes", "Warnings")})

    def whole(self, tree):
        """Without hosts: who has a line of its own depends on who came before."""
        return collections.Counter({path: count for path, count in tree.items()
                                    if not path.startswith((SERVERS + "|", CLIENTS + "|"))})


class Counts(TreeTest):
    def test_equal_those_of_the_fields(self):
        for capture in CAPTURES:
            expected = self.expected(capture, "-2")
            for passes in ((), ("-2",)):
                self.assertEqual(self.comparable(self.tree(capture, *passes)), expected, (capture, passes))

    def test_with_a_capture_that_went_on(self):
        quiet = ("-o", "tcpfsm.quiet_tail:90")
        tree = self.tree("samples", *quiet)
        self.assertEqual(self.comparable(tree), self.expected("samples", "-2", *quiet))
        self.assertEqual(tree, self.tree("samples", "-2", *quiet))
        for path in ("Warnings|unanswered", "Warnings|embryonic", "Warnings|many_embryonic",
                     "Warnings|seq_invalid",
                     "Warnings|close_wait_stuck", "Notes|unreachable", "Notes|idle", "Notes|refused",
                     "Outcomes|closed", "Outcomes|half-closed", "Closed first by|client",
                     "Closed first by|both",
                     "Transitions of clients|ESTABLISHED → FIN-WAIT-1", "Timers|2MSL"):
            self.assertIn(path, tree)

    def test_same_text_in_one_pass_and_two(self):
        for capture in ("everything", "crowds", "samples"):
            self.assertEqual(self.text(capture), self.text(capture, "-2"), capture)

    def test_times_of_broken_files(self):
        """Where Wireshark's own trees crash: at 2^52 s a second is nothing to how it counts bursts."""
        path = shark.world().folder + "/captures/far-tree.pcapng"
        frames = [frame for _, frame in talk.Talk(45003).open().exchange().close().frames]
        packets.write_far(path, [(number and 2**52 + 1000 * number, frame)
                                 for number, frame in enumerate(frames)], start=0)
        shark.world().open_to_all()
        for passes in ((), ("-2",)):
            tree = self.tree(path, *passes)
            self.assertEqual([tree["Steps|" + step] for step in STEPS[:3]], [1, 1, 1])

    def test_parents_are_sums(self):
        tree = self.tree("samples")
        for section in SECTIONS:
            children = sum(count for path, count in tree.items() if path.startswith(section + "|") and
                           path.count("|") == 1)
            self.assertEqual(tree[section], children, section)
            self.assertGreater(children, 0, section)

    def test_healthy_traffic_has_no_warnings(self):
        self.assertNotIn("Warnings", self.tree("healthy"))
        self.assertNotIn("Notes", self.tree("healthy"))

    def test_many_clients_are_one_line(self):
        """But for the first ones, and for those that have many: also what they had before."""
        talks = [captures.Talk(50000 + number // 1100, "10.1.%d.%d" % divmod(number % 1100, 250)).c("S")
                 for number in range(1100)]
        talks += [captures.Talk(51000 + number, "10.1.4.99").c("S") for number in range(5)]
        talks += [captures.Talk(51000 + number, "10.1.4.98").c("S") for number in range(3)]
        frames = [(number / 100, talk.frames[0][1]) for number, talk in enumerate(talks)]
        tree = self.tree(shark.world().capture("many-clients", frames))
        clients = [path.split("|")[1] for path in tree if re.fullmatch(CLIENTS + r"\|[^|]*", path)]
        self.assertEqual(sorted(clients), sorted(["10.1.0.%d" % number for number in range(FEW)] +
                                                 ["10.1.4.99", OTHERS]))
        self.assertEqual(tree["|".join((CLIENTS, "10.1.4.99", "unanswered"))], 6)
        self.assertEqual(tree["|".join((CLIENTS, OTHERS, "unanswered"))], 1100 - FEW - 1 + 3)
        self.assertEqual(tree[CLIENTS], 1108)
        self.assertEqual(tree["|".join((SERVERS, "10.0.0.2:80"))], 1108)

    def test_order(self):
        """What one looks for comes first."""
        lines = [line for line in self.text("samples").splitlines() if re.match(r"\S.*\d ", line)]
        self.assertEqual([re.split("  +", line)[0] for line in lines], list(SECTIONS))

class Arguments(TreeTest):
    def test_filter(self):
        for display_filter in ("tcp.flags.syn == 1", "tcpfsm.seq.verdict == 2 || tcp.flags.reset == 1"):
            for passes in ((), ("-2",)):
                tree = self.tree("samples", *passes, argument="tcpfsm,tree," + display_filter)
                expected = Expectation(self.rows("samples", FIELDS, "-2", "-Y", display_filter), {}).counts
                told = {path: count for path, count in tree.items() if not re.match("Notes|Warnings", path)}
                self.assertEqual(self.whole(told), self.whole(expected))

    def test_filter_that_matches_nothing(self):
        self.assertEqual(self.tree("samples", argument="tcpfsm,tree,tcp.port == 1"), collections.Counter())

    def test_empty_capture(self):
        text = self.tshark("empty", "-q", "-z", "tcpfsm,tree")
        self.assertEqual(parse(text), [collections.Counter()])
        for section in SECTIONS:
            self.assertRegex(text, r"(?m)^%s +0 " % section)

    def test_bad_filter_is_told(self):
        command = [shark.TSHARK, "-r", shark.world().paths["healthy"], "-q", "-z",
                   "tcpfsm,tree,tcp.nonsense =="]
        _, text, complaint = shark.world().run(command)
        self.assertIn("tcp.nonsense", complaint)
        self.assertEqual(parse(text), [])

    def test_two_at_once(self):
        text = self.tshark("samples", "-q", "-z", "tcpfsm,tree,tcp.flags.syn == 1", "-z", "tcpfsm,tree")
        trees = parse(text)
        self.assertIn(self.tree("samples"), trees)
        self.assertIn(self.tree("samples", argument="tcpfsm,tree,tcp.flags.syn == 1"), trees)

    def test_behind_the_packets_without_quiet(self):
        text = self.tshark("healthy", "-z", "tcpfsm,tree")
        self.assertEqual(parse(text), [self.tree("healthy")])
        self.assertTrue(text.startswith(self.tshark("healthy")))

    def test_analysis_off(self):
        self.assertEqual(self.tree("samples", "-o", "tcpfsm.analyze:FALSE"), collections.Counter())


class Sessions(TreeTest):
    def test_counts_of_sessions_add_up(self):
        """tshark -M: each session is as if it were a capture of its own."""
        frames, size = captures.ALL["everything"][0](), 150
        whole = shark.world().capture("in-sessions", frames)
        sum_of_parts = collections.Counter()
        for first in range(0, len(frames), size):
            part = shark.world().capture("part-%d" % first, frames[first:first + size])
            sum_of_parts += self.tree(part)
        resets = (len(frames) - 1) // size
        text = self.tshark(whole, "-q", "-M", str(size), "-z", "tcpfsm,tree",
                           stderr="resetting session.\n" * resets)
        self.assertGreater(resets, 2)
        self.assertEqual([self.whole(tree) for tree in parse(text)], [self.whole(sum_of_parts)])


@unittest.skipUnless(shark.SHARKD, "sharkd isn't installed")
class Sharkd(TreeTest):
    def flat(self, nodes, above=()):
        counts = collections.Counter()
        for each in nodes:
            path = above + (each["name"],)
            counts["|".join(path)] = each["count"]
            counts += self.flat(each.get("sub", []), path)
        return +counts

    def test_as_in_tshark_each_time(self):
        load = {"method": "load", "params": {"file": shark.world().paths["samples"]}}
        tap = {"method": "tap", "params": {"tap0": "stat:tcpfsm"}}
        for answer in self.sharkd(load, tap, tap)[1:]:
            self.assertEqual(self.flat(answer["taps"][0]["stats"]), self.tree("samples"))


if __name__ == "__main__":
    shark.main()
