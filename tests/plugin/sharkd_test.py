#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a program gets that talks JSON with sharkd: names, trees, statistics, one file after another.

Columns and filters are compared with tshark's in listeners_test.py and outputs_test.py, the numbers of the
statistics in tree_test.py and table_test.py.
"""
import json
import unittest

import contract
import shark

TREE, TABLE = "stat:tcpfsm", "nstat:tcpfsm,connections"


def load(capture):
    return {"method": "load", "params": {"file": shark.world().paths[capture]}}


def tap(*names):
    return {"method": "tap", "params": {"tap%d" % number: name for number, name in enumerate(names)}}


def frames(rule, *columns):
    asked = {"column%d" % number: column + ":1" for number, column in enumerate(columns)}
    return {"method": "frames", "params": {"filter": rule, **asked}}


def frame(number):
    return {"method": "frame", "params": {"frame": number, "proto": True}}


def nodes(tree):
    """All of a frame's tree."""
    for node in tree:
        yield node
        yield from nodes(node.get("n", []))


@unittest.skipUnless(shark.SHARKD, "sharkd isn't installed")
class Names(shark.SharkTest):
    def test_offers_the_statistics(self):
        info = self.sharkd({"method": "info"})[0]
        self.assertIn(TREE, [entry["tap"] for entry in info["stats"]])
        self.assertIn(TABLE, [entry["tap"] for entry in info["nstat"]])

    def test_completes_fields_and_preferences(self):
        asked = [{"method": "complete", "params": params} for params in ({"field": "tcpfsm."},
                                                                         {"pref": "tcpfsm."})]
        fields, preferences = self.sharkd(*asked)
        self.assertLessEqual(set(contract.REGISTERED), {entry["f"] for entry in fields["field"]})
        self.assertEqual({entry["f"] for entry in preferences["pref"]},
                         {"tcpfsm." + name for name in contract.PREFERENCES})

    def test_checks_filters(self):
        rules = ["tcpfsm.step == 3", 'tcpfsm.client.state == "CLOSE-WAIT"', "tcpfsm.expert.refused"]
        answers = self.sharkd(*({"method": "check", "params": {"filter": rule}} for rule in rules))
        self.assertEqual([answer["status"] for answer in answers], ["OK"] * len(rules))


@unittest.skipUnless(shark.SHARKD, "sharkd isn't installed")
class Trees(shark.SharkTest):
    def test_filters_of_the_items_find_the_frame(self):
        """What a program offers for "apply as filter": each of our items with a filter."""
        number = 9          # the fifth step of a connection
        tree = self.sharkd(load("samples"), frame(number))[1]["tree"]
        rules = [node["f"] for node in nodes(tree) if node.get("f", "").startswith("tcpfsm")]
        self.assertGreater(len(rules), 30)
        asked = [frames("(%s) && frame.number == %d" % (rule, number)) for rule in rules]
        for rule, found in zip(rules, self.sharkd(load("samples"), *asked)[1:]):
            self.assertEqual([entry["num"] for entry in found], [number], rule)

    def test_links_are_frame_numbers(self):
        """Items that Wireshark shows as links say where they lead."""
        rows = self.frames("samples", ["frame.number", "tcpfsm.connection.syn_frame"], "-2")
        number, syn = next((int(row["frame.number"]), int(row["tcpfsm.connection.syn_frame"])) for row in rows
                           if row["frame.number"] != row.get("tcpfsm.connection.syn_frame", "1"))
        tree = self.sharkd(load("samples"), frame(number))[1]["tree"]
        links = [node["fnum"] for node in nodes(tree)
                 if node.get("f") == "tcpfsm.connection.syn_frame == %d" % syn]
        self.assertEqual(links, [syn])

    def test_marks_expert_infos(self):
        number = self.numbers("samples", "tcpfsm.expert.refused")[0]
        tree = self.sharkd(load("samples"), frame(number))[1]["tree"]
        ours = [node for node in tree if node.get("f") == "tcpfsm"]
        self.assertEqual([node.get("s") for node in ours], ["Note"])


@unittest.skipUnless(shark.SHARKD, "sharkd isn't installed")
class Sessions(shark.SharkTest):
    ASKED = [tap(TREE), tap(TABLE), tap("expert"), frame(3), frame(8)]

    def questions(self, number):
        """The last filters; sharkd remembers, beyond the file, what a filter has found: so it differs."""
        rule = "tcpfsm.state_changed == 1 && frame.number < 10%02d" % number
        return [*self.ASKED, frames(rule, "tcpfsm.client.state", "tcpfsm.connection.outcome")]

    def test_one_file_after_another(self):
        """Each says what it says in a sharkd of its own, however often."""
        names = ["healthy", "stock-errors", "samples", "healthy"]
        answers = self.sharkd(*(request for place, name in enumerate(names)
                                for request in (load(name), *self.questions(place))))
        size = 2 + len(self.ASKED)
        for place, name in enumerate(names):
            alone = self.sharkd(load(name), *self.questions(place))
            self.assertNotIn([], alone)
            self.assertEqual(answers[place * size:(place + 1) * size], alone, name)

    def test_the_order_of_the_questions_does_not_matter(self):
        forth = self.sharkd(load("samples"), *self.ASKED)[1:]
        back = self.sharkd(load("samples"), *self.ASKED[::-1])[1:]
        self.assertEqual(back[::-1], forth)

    def test_several_statistics_at_once(self):
        both, tree, table = self.sharkd(load("samples"), tap(TREE, TABLE), tap(TREE), tap(TABLE))[1:]
        self.assertCountEqual(both["taps"], tree["taps"] + table["taps"])

    def test_preferences(self):
        """Set before a file is loaded, they apply to it."""
        preference = {"method": "setconf", "params": {"name": "tcpfsm.info_column", "value": "TRUE"}}
        answers = self.sharkd(load("healthy"), preference, load("healthy"), {"method": "frames"})
        self.assertEqual(answers[:3], [{"status": "OK"}] * 3)
        shown = answers[3]
        self.assertTrue(shown[0]["c"][6].startswith("[1/3 C:SYN-SENT S:SYN-RECEIVED?] "), shown[0])

    def test_says_nothing_but_answers(self):
        """Neither on the standard output, where it would be taken for an answer, nor of ours on the other."""
        requests = [load("samples"), *self.questions(0)]
        lines = [json.dumps({"jsonrpc": "2.0", "id": number, **request})
                 for number, request in enumerate(requests, 1)]
        given = ("\n".join(lines) + "\n").encode()
        status, text, complaint = shark.world().run([shark.SHARKD, "-"], given=given)
        self.assertEqual(status, 0)
        self.assertEqual([json.loads(line)["id"] for line in text.splitlines() if line],
                         list(range(1, len(requests) + 1)))
        lines = complaint.splitlines()
        own = [line for line in lines if line.startswith(("Hello", "load: ", "sharkd_session_process_tap()"))]
        self.assertEqual([line for line in lines if line and line not in own], [])


if __name__ == "__main__":
    shark.main()
