#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree of a segment in the packet details: what is read first stands first, the rest is closed below it.

That each item has the value that it has elsewhere, outputs_test.py tests.
"""
import re
import unittest
import xml.etree.ElementTree as ElementTree

import contract
import shark

CAPTURES = ("everything", "samples")
PASSES = ((), ("-2",))
BOOLEANS = [field for field, kind in contract.TYPES.items() if kind == "FT_BOOLEAN"]
VALID = ("tcpfsm.seq.valid", "tcpfsm.ack.valid")       # that a number is invalid is worth reading
EXPERT = "_ws.expert"
# The top level, in this order; twins are hidden.
ORDER = ["tcpfsm.explain", EXPERT, "tcpfsm.receiver.verdict", "tcpfsm.step.str", "tcpfsm.reset.cause",
         "tcpfsm.timer", "tcpfsm.owes.client", "tcpfsm.owes.server", "tcpfsm.client.state",
         "tcpfsm.server.state", "tcpfsm.phase", "tcpfsm.numbers", "tcpfsm.ends", "tcpfsm.connection"]
# What lies below what.
BELOW = {
    "tcpfsm.step.str": {"tcpfsm.handshake.step", "tcpfsm.teardown.step", "tcpfsm.step", "tcpfsm.repeat",
                        "tcpfsm.repeat_of"},
    "tcpfsm.receiver.verdict": {"tcpfsm.receiver.frame"},
    "tcpfsm.timer": {"tcpfsm.timer.count", "tcpfsm.timer.interval"},
    "tcpfsm.client.state": {"tcpfsm.client.basis"},
    "tcpfsm.server.state": {"tcpfsm.server.basis"},
    "tcpfsm.numbers": {field for field in contract.FIELDS if re.match(r"tcpfsm\.(seq|ack)\.", field)},
    "tcpfsm.ends": {field for field in contract.FIELDS
                    if re.match(r"tcpfsm\.(sender|peer)\.|.*\.(assumed|state_changed|lost_frame)$", field)},
    "tcpfsm.connection": {*(field for field in contract.CONNECTION_PLAIN
                            if field not in contract.BETWEEN_PLAIN),
                          *contract.CONNECTION_ENUMERATIONS, "tcpfsm.stream"},
}
FIN = """\
    [Step: 1/4 FIN]
        [Teardown step: 1]
        [Step of seven: 4]
    [Expected next from the server: ACK of a FIN]
    [Expected next from the server: FIN]
    [Client state: FIN-WAIT-1 (proven)]
        [Basis of the client state: proven]
    [Server state: CLOSE-WAIT (expected)]
        [Basis of the server state: expected]
    [Phase: teardown]
    [Numbers: seq 101 (in-order), ack 101 (current)]
        [Length in sequence numbers: 1]
        [Expected sequence number: 101]
        [Expected sequence number (raw): 1101]
        [Expected sequence number is from frame: 4]
        [Sequence number: in-order]
        [Sequence number valid: True]
        [Expected acknowledgment number: 101]
        [Expected acknowledgment number (raw): 9101]
        [Expected acknowledgment number is from frame: 6]
        [Acknowledgment number: current]
        [Acknowledgment number valid: True]
    [Sender and peer: from client to server]
        [Sender: client]
        [Sender state before: ESTABLISHED]
        [Sender state after: FIN-WAIT-1]
        [Sender's time in the state before: TIME]
        [Peer state before: ESTABLISHED]
        [Peer state after: CLOSE-WAIT]
        [Peer's time in the state before: TIME]
        [State changed: True]
    [Connection 0: closed, opened three-way, closed four-way, closed first by client]
        [Outcome: closed]
        [Opened: three-way]
        [Closed: four-way]
        [Closed first by: client]
        [History: ShADadFf]
        [TIME-WAIT held by: client]
        [Packets: 11]
        [Bytes from the client: 100]
        [Bytes from the server: 100]
        [Start: DATE]
        [Duration: TIME]
        [SYN in frame: 1]
        [SYN-ACK in frame: 2]
        [Step 3 in frame: 3]
        [First FIN in frame: 8]
        [ACK of the first FIN in frame: 9]
        [Second FIN in frame: 10]
        [ACK of the second FIN in frame: 11]
"""


class DetailsTest(shark.SharkTest):
    _layers = {}

    def layers(self, capture, passes):
        """Of each segment its layer of PDML; an ICMP error that quotes one has none of its own."""
        if (capture, passes) not in self._layers:
            self._layers[capture, passes] = self.read_layers(capture, passes)
        return self._layers[capture, passes]

    def read_layers(self, capture, passes):
        root = ElementTree.fromstring(self.tshark(capture, *passes, "-T", "pdml").encode())
        layers = root.findall("packet/proto[@name='tcpfsm']")
        found = [layer for layer in layers if layer.find("field[@name='tcpfsm.phase']") is not None]
        self.assertGreater(len(found), 500)
        return found


def name(item):
    """Expert infos are protocols within one, without the name of a field."""
    return item.get("name")


def is_shown(item):
    return item.get("hide") != "yes"


class Order(DetailsTest):
    def test_of_a_fin(self):
        """Line by line, but for sentences, dates and times: each version writes these in its own way."""
        text = self.tshark("healthy", "-2", "-O", "tcpfsm", "-Y", "frame.number == 8")
        block = re.search(r"(?s)\n\[TCP Connection State[^\n]*\n(.*)", text)[1]
        block = re.sub(r"(?m)^    \[Expert Info.*\n(        .*\n)*|^    \[Explanation: .*\n", "", block)
        block = re.sub(r"\[Start: .*2023.*\]", "[Start: DATE]", block)
        block = re.sub(r"[\d.]+ (milli|micro)?seconds\]", "TIME]", block)
        self.assertEqual(block[:len(FIN)], FIN)

    def test_of_all(self):
        seen = set()
        for capture in CAPTURES:
            for passes in PASSES:
                for layer in self.layers(capture, passes):
                    shown = [name(item) for item in layer if is_shown(item)]
                    self.assertLessEqual(set(shown), set(ORDER))
                    self.assertEqual(shown, sorted(shown, key=ORDER.index))
                    self.assertLessEqual(len([one for one in shown if one != EXPERT]), 14, shown)
                    seen.update(shown)
        self.assertEqual(seen, set(ORDER))

    def test_the_gravest_finding_stands_first(self):
        several = 0
        for layer in self.layers("samples", ("-2",)):
            found = [int(item.get("show")) for item in layer.findall("*[@name='_ws.expert']/*")
                     if name(item) == "_ws.expert.severity"]
            self.assertEqual(found, sorted(found, reverse=True))
            several += len(set(found)) > 1
        self.assertGreater(several, 10)

    def test_what_lies_below_what(self):
        above = {field: heading for heading, fields in BELOW.items() for field in fields}
        seen = set()
        for capture in CAPTURES:
            for layer in self.layers(capture, ("-2",)):
                for heading in layer:
                    for item in heading:
                        if name(heading) != EXPERT and is_shown(item):
                            self.assertEqual(name(heading), above.get(name(item)), name(item))
                            seen.add(name(item))
        self.assertEqual(set(above) - seen, set())

    def test_nothing_has_a_changing_name(self):
        """So that jq can say where something lies."""
        for packet in self.json("everything", "-2"):
            for key in packet["_source"]["layers"].get("tcpfsm", {}):
                self.assertRegex(key, r"^(tcpfsm\.[a-z_.]+|_ws\.expert)$")


@unittest.skipUnless(shark.SHARKD, "sharkd isn't installed")
class Opened(DetailsTest):
    """Wireshark remembers by a number which kinds of subtree are open."""

    def subtrees(self, frames):
        """Of each frame the number of our layer, and of what can be opened below it, by its filter."""
        load = {"method": "load", "params": {"file": shark.world().paths["healthy"]}}
        asked = [{"method": "frame", "params": {"frame": frame, "proto": True}} for frame in frames]
        for answer in self.sharkd(load, *asked)[1:]:
            layer = next(node for node in answer["tree"] if node["l"].startswith("TCP Connection State"))
            yield layer["e"], {node["f"].split(" ")[0]: node["e"] for node in layer["n"] if "n" in node}

    def test_stays_so_on_the_next_packet(self):
        """Those with an expert info, the FIN, and those without, the ACK of data."""
        (fin, below_fin), (ack, below_ack) = self.subtrees((8, 5))
        self.assertIn(EXPERT, below_fin)
        self.assertNotIn(EXPERT, below_ack)
        self.assertEqual(fin, ack)
        self.assertEqual(below_ack, {field: below_fin[field] for field in below_ack})
        closed = [below_fin[field] for field in ("tcpfsm.numbers", "tcpfsm.ends", "tcpfsm.connection")]
        self.assertEqual(len({fin, *closed}), 4)


class Labels(DetailsTest):
    def test_words_stand_without_their_numbers(self):
        seen = set()
        for layer in self.layers("everything", ("-2",)):
            for item in layer.iter("field"):
                words = contract.ENUMERATIONS.get(name(item))
                if words and is_shown(item):
                    value = item.get("showname").partition(": ")[2].removesuffix("]")
                    word = re.sub(r"( \([a-z]+\)|, owed .*)$", "", value)
                    self.assertEqual(word, words[int(item.get("show"))])
                    self.assertNotRegex(value, r"\(\d+\)$")
                    seen.add(name(item))
        self.assertGreater(len(seen), 20)

    def test_numbers_are_told_while_they_are_closed(self):
        fields = ["tcp.seq", "tcp.ack", "tcp.flags.ack", "tcpfsm.seq.verdict", "tcpfsm.ack.verdict",
                  "tcpfsm.seq.valid", "tcpfsm.ack.valid"]
        root = ElementTree.fromstring(self.tshark("everything", "-T", "pdml").encode())
        seen = set()
        for packet, row in zip(root.findall("packet"), self.rows("everything", fields)):
            layer = packet.find("proto[@name='tcpfsm']/field[@name='tcpfsm.numbers']")
            values = [values[0] if len(values) == 1 else None for values in row]
            if layer is None or None in values[:5]:
                continue
            seq, ack, acks, seq_verdict, ack_verdict, *valid = values
            name_of_seq = contract.SEQ_VERDICTS[int(seq_verdict)]
            name_of_ack = contract.ACK_VERDICTS[int(ack_verdict)]
            faults = [", invalid" if value == "0" else "" for value in valid]
            text = "Numbers: seq %s (%s%s), ack " % (seq, name_of_seq, faults[0])
            text += "%s (%s%s)" % (ack, name_of_ack, faults[1]) if acks == "1" else name_of_ack
            self.assertEqual(layer.get("showname").strip("[]"), text)
            seen.add((acks, *faults))
        self.assertGreater(len(seen), 3)

    def test_bases_stand_behind_the_states(self):
        count = 0
        for layer in self.layers("samples", ()):
            for end in ("client", "server"):
                state = layer.find("field[@name='tcpfsm.%s.state']" % end)
                basis = state.find("field[@name='tcpfsm.%s.basis']" % end)
                word = contract.BASES[int(basis.get("show"))]
                shown = re.search(r" \((\w+)\)\]?$", state.get("showname"))
                self.assertEqual(shown and shown[1],
                                 None if state.get("show") == str(contract.UNKNOWN) else word)
                count += shown is not None
        self.assertGreater(count, 1000)

    def test_nothing_expected_is_no_line(self):
        for layer in self.layers("everything", ()):
            for item in layer.iter("field"):
                if re.fullmatch(r"tcpfsm\.owes\.(client|server)", name(item)):
                    self.assertEqual(is_shown(item), item.get("show") != "0")

    def test_an_old_debt_has_its_age(self):
        text = self.tshark("samples", "-O", "tcpfsm")
        self.assertRegex(text, r"\[Expected next from the server: FIN, owed since frame \d+ \([\d.]+ s\)\]")


class Booleans(DetailsTest):
    """False is not worth a line, but a value: for filters, columns and scripts."""

    def test_false_ones_are_hidden(self):
        seen = set()
        for passes in PASSES:
            for layer in self.layers("everything", passes):
                for item in layer.iter("field"):
                    if name(item) in BOOLEANS:
                        true = item.get("show") in ("1", "True")
                        self.assertEqual(is_shown(item), true or name(item) in VALID, name(item))
                        seen.add((name(item), true))
        both = {(field, true) for field in ("tcpfsm.repeat", "tcpfsm.assumed", "tcpfsm.state_changed", *VALID)
                for true in (False, True)}
        self.assertLessEqual(both, seen)

    def test_false_ones_are_values(self):
        for passes in PASSES:
            segments = [number for number, row in enumerate(self.rows("everything", ["tcpfsm.phase"]), 1)
                        if row[0]]
            for field in ("tcpfsm.repeat", "tcpfsm.assumed", "tcpfsm.state_changed"):
                rows = self.rows("everything", [field], *passes)
                false = [number for number, row in enumerate(rows, 1) if row[0] == ["0"]]
                true = [number for number, row in enumerate(rows, 1) if row[0] == ["1"]]
                self.assertEqual(sorted(false + true), segments)
                self.assertTrue(false and true)
                self.assertEqual(self.numbers("everything", field + " == 0", *passes), false)
                self.assertEqual(self.numbers("everything", field + " == 1", *passes), true)

    def test_shown_on_request(self):
        """The preference of Wireshark for whoever wants to see all that there is."""
        line, all_items = "[State changed: False]", "protocols.display_hidden_proto_items:TRUE"
        self.assertNotIn(line, self.tshark("healthy", "-O", "tcpfsm"))
        self.assertIn(line, self.tshark("healthy", "-O", "tcpfsm", "-o", all_items))


if __name__ == "__main__":
    shark.main()
