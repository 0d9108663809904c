#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that stand on Wireshark: a listener on the tap, sharkd, and what starts without a complaint."""
import json
import unittest

import shark

LISTENER = """
local count = 0
local tap = Listener.new("tcpfsm", "tcp.dstport == 80")
function tap.packet(pinfo, tvb, info)
    count = count + 1
end
function tap.reset()
    count = 0
end
function tap.draw()
    print("heard " .. count)
end
"""


class Tap(shark.SharkTest):
    def test_delivers_every_segment(self):
        script = shark.world().file("listener.lua", LISTENER)
        for passes in ((), ("-2",)):
            for capture in ("healthy", "everything"):
                expected = len(self.numbers(capture, "tcpfsm.stream && tcp.dstport == 80"))
                text = self.tshark(capture, "-q", "-X", "lua_script:" + script, *passes)
                self.assertEqual(text.split(), ["heard", str(expected)])


@unittest.skipUnless(shark.SHARKD, "sharkd isn't installed")
class Sharkd(shark.SharkTest):
    def load(self, capture):
        return {"method": "load", "params": {"file": shark.world().paths[capture]}}

    def test_frames_by_filter_and_column(self):
        """The same columns and filters as tshark's, though it has loaded before and dissects on demand."""
        values = self.rows("everything", ["tcpfsm.client.state.str", "tcpfsm.step"])
        asked = {"method": "frames", "params": {"column0": "tcpfsm.client.state.str:1"}}
        filtered = {"method": "frames", "params": {"filter": "tcpfsm.step == 3", "column0": "frame.number:1"}}
        _, every, third = self.sharkd(self.load("everything"), asked, filtered)
        self.assertEqual([frame["c"][0] for frame in every], [row[0][0] if row[0] else "" for row in values])
        self.assertEqual([frame["num"] for frame in third],
                         [number for number, row in enumerate(values, 1) if "3" in row[1]])

    def test_tree_of_a_frame(self):
        answers = self.sharkd(self.load("stock-errors"),
                           *({"method": "frame", "params": {"frame": number, "proto": True}}
                             for number in (30, 1, 30)))
        self.assertIn("reset_suspect", json.dumps(answers[1]))
        self.assertIn("SYN-SENT", json.dumps(answers[2]))
        self.assertEqual(answers[1], answers[3], "dissected again, the frame says the same")


class Start(shark.SharkTest):
    def test_lists_the_plugin(self):
        status, text, complaint = shark.world().run([shark.TSHARK, "-G", "plugins"])
        self.assertEqual((status, complaint), (0, ""))
        self.assertRegex(text, r"(?m)^tcpfsm\.so\s+\S+\s+.*dissector")

    def test_reports_without_complaint(self):
        """-G decodes and dissector-tables walk the tables that the plugin stands in."""
        for report in ("decodes", "dissector-tables", "protocols", "defaultprefs", "fields", "values"):
            status, text, complaint = shark.world().run([shark.TSHARK, "-G", report])
            self.assertEqual((status, complaint), (0, ""), report)
            self.assertNotEqual(text, "")
        decodes = shark.world().run([shark.TSHARK, "-G", "decodes"])[1]
        self.assertRegex(decodes, r"(?m)^ip\.proto\t6\ttcpfsm\.tcp$")

    def available(self, argument):
        """{statistic: what it shows}, as the complaint about that -z lists them."""
        status, text, complaint = shark.world().run(
            [shark.TSHARK, "-n", "-q", "-r", shark.world().paths["healthy"], "-z", argument])
        self.assertGreater(status, 0)
        self.assertEqual(text, "")
        first, *lines = complaint.splitlines()
        self.assertTrue(first.endswith("-z %s: there is no such statistic. These are available:" % argument))
        return dict(line.split(maxsplit=1) for line in lines)

    def test_unknown_statistics(self):
        """Whatever is wrong with the name: a list of those that there are."""
        _, _, known = shark.world().run([shark.TSHARK, "-z", "help"])
        known = {word for word in known.split() if word.startswith("tcpfsm,")}
        self.assertGreater(len(known), 4)
        for argument in ("tcpfsm", "tcpfsm,", "tcpfsm,ladr", "tcpfsm,ladders", "tcpfsm,connection", "tcpfsmx",
                         "tcpfsm,connectionsx,tcp", "tcpfsm,jsonl"):
            with self.subTest(argument=argument):
                found = self.available(argument)
                self.assertEqual(set(found), known)
                self.assertGreater(min(map(len, found.values())), 20)

    def test_conversations_and_statistics_of_others(self):
        for report in ("conv,tcp", "io,phs", "flow,tcp,network", "endpoints,tcp", "io,stat,0",
                       "follow,tcp,ascii,0"):
            stock = self.tshark("everything", "-q", "-z", report, plugin=False)
            if report != "io,phs":
                self.assertEqual(self.tshark("everything", "-q", "-z", report), stock, report)


if __name__ == "__main__":
    shark.main()
