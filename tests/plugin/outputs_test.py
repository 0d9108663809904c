#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every field in every way that Wireshark and tshark show fields: each way says the same.

The truth to compare with is `-T fields`. A field added to visible trees only would be missing in columns,
filters and coloring rules.
"""
import json
import re
import xml.etree.ElementTree as ElementTree

import contract
import shark

OF_POINTS = {*contract.POINTS_PLAIN, *contract.BETWEEN_PLAIN}      # two_points_test.py
ALL = [field for field in contract.FIELDS if field not in OF_POINTS] + contract.TWINS
CAPTURE = "everything"


class Outputs(shark.SharkTest):
    _table = None

    def table(self):
        """A dict a frame: field to the list of its values."""
        if Outputs._table is None:
            Outputs._table = [dict(zip(ALL, row)) for row in self.rows(CAPTURE, ALL)]
        return Outputs._table

    def having(self, field):
        return [number for number, frame in enumerate(self.table(), 1) if frame[field]]

    def test_registers_exactly_the_promised(self):
        """Fields, twins and experts, with their types."""
        self.assertEqual(self.registered(), contract.REGISTERED)

    def test_registers_the_protocol(self):
        text = shark.world().run([shark.TSHARK, "-G", "protocols"])[1]
        self.assertRegex(text, r"(?m)^TCP Connection State\tTCPFSM\ttcpfsm\b")

    def test_names_the_promised_values(self):
        text = shark.world().run([shark.TSHARK, "-G", "values"])[1]
        registered = {}
        for line in text.splitlines():
            parts = line.split("\t")
            if parts[0] == "V" and parts[1].startswith("tcpfsm."):
                registered.setdefault(parts[1], {})[int(parts[2], 0)] = parts[3]
        expected = {field: dict(words) for field, words in contract.ENUMERATIONS.items()}
        for field, word in contract.NONE.items():
            expected[field][0] = word
        self.assertEqual(registered, expected)

    def test_shows_every_field_somewhere(self):
        missing = [field for field in ALL if not self.having(field)]
        self.assertEqual(sorted(missing), sorted(contract.RECEIVER))    # they take two passes

    def test_shows_once_what_stands_once(self):
        for number, frame in enumerate(self.table(), 1):
            for field, values in frame.items():
                if field not in contract.REPEATED:
                    self.assertLessEqual(len(values), 1, "frame %d %s" % (number, field))

    def test_twins_say_the_words(self):
        for number, frame in enumerate(self.table(), 1):
            for field, words in contract.ENUMERATIONS.items():
                expected = [words.get(int(value)) for value in frame[field]]
                self.assertEqual(frame[field + ".str"], expected, "frame %d %s" % (number, field))

    def layer_values(self, layer, field):
        value = layer.get(field, [])
        return value if isinstance(value, list) else [value]

    def json_values(self, layer, found):
        """Collects field to values, however deep in subtrees."""
        for key, value in layer.items():
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    self.json_values(part, found)
                elif key in ALL:
                    found.setdefault(key, []).append(part)
        return found

    def test_json(self):
        packets = self.json(CAPTURE)
        self.assertEqual(len(packets), len(self.table()))
        for packet, frame in zip(packets, self.table()):
            found = self.json_values(packet["_source"]["layers"].get("tcpfsm", {}), {})
            for field in ALL:
                self.assertEqual(sorted(map(shark.date, found.get(field, []))),
                                 sorted(map(shark.date, frame[field])), field)

    def test_json_of_chosen_fields(self):
        chosen = [part for field in ALL for part in ("-e", field)]
        for packet, frame in zip(self.json(CAPTURE, *chosen), self.table()):
            layers = packet["_source"]["layers"]
            self.assertEqual({field: shark.truth(layers.get(field, [])) for field in ALL}, frame)

    def test_elastic(self):
        lines = [json.loads(line) for line in self.tshark(CAPTURE, "-T", "ek").splitlines()]
        packets = [line for line in lines if "layers" in line]
        self.assertEqual(len(packets), len(self.table()))
        for packet, frame in zip(packets, self.table()):
            layer = packet["layers"].get("tcpfsm", {})
            for field in ALL:
                values = self.layer_values(layer, "tcpfsm_" + field.replace(".", "_"))
                if contract.TYPES.get(field) == "FT_BOOLEAN":
                    values = [str(int(value in (True, "1", "true"))) for value in values]
                if contract.TYPES.get(field) == "FT_ABSOLUTE_TIME":         # in a form of its own
                    self.assertTrue(all(value.endswith("Z") for value in values))
                    values = frame[field][:len(values)]
                self.assertEqual([str(value) for value in values], frame[field], field)

    def test_pdml(self):
        root = self.pdml()
        packets = root.findall("packet")
        self.assertEqual(len(packets), len(self.table()))
        for packet, frame in zip(packets, self.table()):
            for field in ALL:
                path = "proto[@name='tcpfsm']//field[@name='%s']" % field
                shown = [item.get("show") for item in packet.iterfind(path)]
                if contract.TYPES.get(field) == "FT_BOOLEAN":
                    shown = [str(int(value in ("1", "True"))) for value in shown]
                if field.endswith("explain"):
                    shown = [value for value in shown if value is not None]
                self.assertEqual(shown, frame[field], field)

    _pdml, _details = None, None

    def pdml(self):
        if Outputs._pdml is None:
            Outputs._pdml = self.tshark(CAPTURE, "-T", "pdml").encode()
        return ElementTree.fromstring(Outputs._pdml)

    def details(self):
        if Outputs._details is None:
            Outputs._details = self.tshark(CAPTURE, "-O", "tcpfsm")
        return self.blocks(Outputs._details)

    def blocks(self, text):
        """The lines of each of our layers, as -V prints them, without their indentation."""
        found = re.findall(r"^\[TCP Connection State.*\n((?: .*\n)*)", text, re.MULTILINE)
        return [[line.strip() for line in block.splitlines()] for block in found]

    def test_details(self):
        """-V prints the items that aren't hidden, each on its line, and no other."""
        root = self.pdml()
        blocks = self.details()
        protocols = root.findall("packet/proto[@name='tcpfsm']")
        self.assertEqual(len(blocks), len(protocols))
        self.assertGreater(len(blocks), 100)
        for lines, protocol in zip(blocks, protocols):
            items = [item for item in protocol.iterfind(".//field") if item.get("hide") != "yes"]
            self.assertEqual(len(lines), len(items), lines)
            for line, item in zip(lines, items):
                shown = (item.get("showname") or item.get("show") or "").split("[truncated]")[0].strip("[]")
                self.assertEqual(line.split("[truncated]")[0].strip("[]")[:200], shown[:200])

    def test_marks_all_as_generated(self):
        blocks = self.details()
        self.assertGreater(len(blocks), 100)
        for line in (line for lines in blocks for line in lines):
            self.assertRegex(line, r"^\[.*\]$")

    def test_twins_are_hidden(self):
        root = self.pdml()
        twins = [item for item in root.iterfind(".//field") if item.get("name") in contract.TWINS]
        self.assertGreater(len(twins), 0)
        for twin in twins:
            self.assertEqual(twin.get("hide"), "yes", twin.get("name"))

    def test_display_filter_finds_the_frames(self):
        """One of each type; sharkd, which starts but once, is asked for all of them."""
        for field in ("tcpfsm.stream", "tcpfsm.timer", "tcpfsm.seq.verdict.str", "tcpfsm.step",
                      "tcpfsm.repeat", "tcpfsm.lost_frame", "tcpfsm.peer.time_in_state", "tcpfsm.explain",
                      "tcpfsm.connection.outcome", "tcpfsm.connection.history", "tcpfsm.connection.sack"):
            self.assertEqual(self.numbers(CAPTURE, field), self.having(field), field)

    def test_every_field_filters(self):
        """sharkd has read the whole capture before, as two passes of tshark have."""
        final = self.frames_with(CAPTURE, ["tcpfsm.connection"] + contract.CONNECTION + contract.RECEIVER,
                                 "-2")
        if not shark.SHARKD:
            for field in ALL:
                self.assertEqual(self.numbers(CAPTURE, field), self.having(field), field)
            return
        load = {"method": "load", "params": {"file": shark.world().paths[CAPTURE]}}
        asked = [{"method": "frames", "params": {"filter": field, "column0": "frame.number:1"}}
                 for field in ALL]
        for field, frames in zip(ALL, self.sharkd(load, *asked)[1:]):
            expected = final[field] if field in final else self.having(field)
            self.assertEqual([frame["num"] for frame in frames], expected, field)

    def test_display_filter_compares_values(self):
        """Of each enumeration the value in the middle; all in one question."""
        rules, expected = [], set()
        for field in sorted(set(contract.ENUMERATIONS) - set(contract.RECEIVER)):
            seen = sorted({value for frame in self.table() for value in frame[field]}, key=int)
            value = seen[len(seen) // 2]
            frames = [number for number, frame in enumerate(self.table(), 1) if value in frame[field]]
            rules.append("%s == %s && frame.number == %d" % (field, value, frames[len(frames) // 2]))
            rules.append("%s == 200" % field)
            expected.add(frames[len(frames) // 2])
        self.assertEqual(self.numbers(CAPTURE, "(" + ") || (".join(rules) + ")"), sorted(expected))

    def test_display_filter_knows_words(self):
        expected = [number for number, frame in enumerate(self.table(), 1)
                    if "5" in frame["tcpfsm.client.state"]]
        self.assertNotEqual(expected, [])
        self.assertEqual(self.numbers(CAPTURE, 'tcpfsm.client.state == "FIN-WAIT-1"'), expected)
        self.assertEqual(self.numbers(CAPTURE, 'tcpfsm.client.state.str == "FIN-WAIT-1"'), expected)

    def test_custom_column(self):
        """All columns at once: `-o gui.column.format` with a custom column a field."""
        fields = [field for field in ALL if field != "tcpfsm.explain"]
        columns = ",".join('"%s","%%Cus:%s:0:R"' % (field, field) for field in fields)
        text = self.tshark(CAPTURE, "-o", "gui.column.format:" + columns, "-T", "tabs")
        self.assertEqual(len(text.split("\n")) - 1, len(self.table()))
        for number, (line, frame) in enumerate(zip(text.split("\n"), self.table()), 1):
            cells = [cell.strip() for cell in line.split("\t")]
            self.assertEqual(len(cells), len(fields))
            for field, value in zip(fields, cells):
                words = contract.ENUMERATIONS.get(field)
                expected = [words[int(one)] if words else one for one in frame[field]]
                if contract.TYPES.get(field) == "FT_BOOLEAN":
                    expected = [{"1": "True", "0": "False"}[one] for one in expected]
                if contract.TYPES.get(field) == "FT_RELATIVE_TIME" or field.endswith(".step"):
                    self.assertEqual(bool(value), bool(expected), "frame %d column %s" % (number, field))
                else:
                    self.assertEqual(value, ",".join(expected), "frame %d column %s" % (number, field))

    def test_column_is_printed(self):
        text = self.tshark("healthy", "-o", 'gui.column.format:"No.","%m","Step","%Cus:tcpfsm.step:0:U"')
        self.assertEqual([line.split()[1:] for line in text.splitlines()][:4], [["1"], ["2"], ["3"], []])

    def test_coloring_rule(self):
        """A rule a field, first match wins: so one profile for each, of the field and a rest."""
        for field in ("tcpfsm.step", "tcpfsm.client.state", "tcpfsm.seq.verdict.str",
                      "tcpfsm.repeat_of", "tcpfsm.sender.time_in_state", "tcpfsm.explain",
                      "tcpfsm.connection.outcome", "tcpfsm.connection.handshake_time"):
            rule = field.replace(".", " ")
            shark.world().file("home/.config/wireshark/profiles/colors/colorfilters",
                               "@%s@%s@[65535,65535,0][0,0,0]\n" % (rule, field))
            text = self.tshark(CAPTURE, "-C", "colors", "--color",
                               "-T", "fields", "-e", "frame.coloring_rule.name")
            colored = [number for number, line in enumerate(text.split("\n")[:-1], 1) if rule in line]
            self.assertEqual(colored, self.having(field), field)
            self.assertNotEqual(colored, [], field)


if __name__ == "__main__":
    shark.main()
