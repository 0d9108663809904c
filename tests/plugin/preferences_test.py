#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Preferences, and the ways to switch the plugin off: then tshark says what it says without, to the byte."""
import re

import contract
import packets
import shark
import stories
from talk import Talk

MAIN_OUTPUTS = [(), ("-V",), ("-T", "json"), ("-T", "pdml"), ("-q", "-z", "expert")]
MORE_OUTPUTS = [("-x",), ("-2", "-V"), ("-q", "-z", "io,phs"), ("-T", "fields", "-e", "frame.protocols")]


class Off(shark.SharkTest):
    def says(self, capture, *options, plugin=True):
        """All but the time at which pdml was written."""
        text = self.tshark(capture, *options, plugin=plugin)
        return re.sub(r'(?m)^(<pdml .*) time="[^"]*"', r"\1", text) if "pdml" in options else text

    def stock(self, *output, capture="everything"):
        return self.says(capture, *output, plugin=False)

    def check_stock(self, outputs, *options):
        """Over what captures.py makes, and behind it all sample captures."""
        both = shark.world().both
        for output in outputs:
            with self.subTest(output=output):
                stock = self.stock(*output, capture=both)
                self.assertNotEqual(stock, "")
                self.assertTrue(self.says(both, *output, *options) == stock, "differs")

    def test_analyze_off(self):
        self.check_stock(MAIN_OUTPUTS + MORE_OUTPUTS, "-o", "tcpfsm.analyze:FALSE")

    def test_disabled_protocol(self):
        self.check_stock(MAIN_OUTPUTS, "--disable-protocol", "tcpfsm")

    def test_decode_as_bypasses_us(self):
        self.check_stock(MAIN_OUTPUTS, "-d", "ip.proto==6,tcp")

    def test_text_is_the_stock_one_when_on(self):
        """The Info column is the user's: nothing is added unasked."""
        self.check_stock([(), ("-T", "fields", "-e", "frame.protocols"),
                          ("-T", "fields", "-e", shark.world().info), ("-q", "-z", "conv,tcp")])

    def test_nothing_of_the_stock_dissection_is_lost(self):
        """Less our layers, the packet details are the stock ones, in one pass and in two."""
        for passes in ((), ("-2",)):
            text = self.tshark("everything", "-V", *passes)
            ours = re.sub(r"(?m)^\[TCP Connection State.*\n(?: .*\n)*", "", text)
            self.assertNotEqual(len(ours), len(text))
            self.assertTrue(ours == self.stock(*passes, "-V"), "differs %s" % (passes,))

    def test_fields_of_tcp_are_the_stock_ones(self):
        fields = ["tcp.stream", "tcp.completeness", "tcp.seq", "tcp.ack", "tcp.analysis.flags",
                  "tcp.connection.syn", "tcp.analysis.initial_rtt", "icmp.type", "tcp.srcport",
                  "frame.protocols"]
        for passes in ((), ("-2",)):
            self.check_same(self.rows("everything", fields, *passes),
                            self.rows("everything", fields, *passes, plugin=False), fields)

    def test_disabled_tcp(self):
        for options in ((), ("-2",), ("-V",)):
            off = ("--disable-protocol", "tcp")
            self.assertEqual(self.tshark("healthy", *off, *options),
                             self.tshark("healthy", *off, *options, plugin=False))

    def test_what_is_neither_true_nor_false(self):
        """Wireshark takes it for FALSE without a word."""
        for options, setting in ((("-o", "tcpfsm.analyze:maybe"), "analyze:maybe"),
                                 (("-otcpfsm.analyze:1",), "analyze:1"),
                                 (("-o", "tcpfsm.info_column: yes"), "info_column: yes")):
            value = setting.partition(":")[2].strip()
            complaint = ('tshark: -o tcpfsm.%s: "%s" is neither TRUE nor FALSE, FALSE is used\n'
                         % (setting, value))
            text = self.tshark("healthy", *options, "-Y", "tcpfsm", stderr=complaint)
            self.assertEqual(text == "", setting.startswith("analyze"))
        for setting in ("analyze:TRUE", "analyze:false", "analyze: FALSE", "info_column:True", "hole:5"):
            self.tshark("healthy", "-o", "tcpfsm." + setting)

    def test_fields_are_gone_when_off(self):
        self.assertEqual(self.numbers("healthy", "tcpfsm", "-o", "tcpfsm.analyze:FALSE"), [])
        self.assertEqual(self.numbers("healthy", "tcpfsm", "--disable-protocol", "tcpfsm"), [])


class Times(shark.SharkTest):
    def states_after(self, pause, *options):
        """The client's state before a SYN that comes `pause` seconds after it went to TIME-WAIT."""
        talk = Talk(45001).open().close()
        talk.next[0] += 100000
        talk.c("S", after=pause)
        path = shark.world().folder + "/captures/pause-%g.pcap" % pause
        packets.write(path, talk.frames)
        shark.world().open_to_all()
        return self.rows(path, ["tcpfsm.sender.state_before.str"], *options)[-1][0]

    def test_time_wait(self):
        for pause, seconds, state in ((50, 60, "TIME-WAIT"), (70, 60, "CLOSED"), (70, 120, "TIME-WAIT"),
                                      (130, 120, "CLOSED"), (5, 1, "CLOSED")):
            for passes in ((), ("-2",)):
                with self.subTest(pause=pause, time_wait=seconds, passes=passes):
                    option = ("-o", "tcpfsm.time_wait:%d" % seconds)
                    self.assertEqual(self.states_after(pause, *option, *passes), [state])

    def test_the_longest_times_do_not_overflow(self):
        """Who waits from one end of all times to the other has waited longer than any preference asks for."""
        path = shark.world().folder + "/captures/far-apart.pcapng"
        (_, syn), (_, last) = Talk(45002).c("S").frames[0], stories.datagram(0)
        packets.write_far(path, [(0, syn), (8 * 10**9, last)], start=-4 * 10**9)
        shark.world().open_to_all()
        longest = [name for name in contract.PREFERENCES if name.endswith(("_timeout", "_wait", "_tail"))]
        self.assertGreater(len(longest), 6)
        for names in (["quiet_tail"], longest):
            options = [option for name in names for option in ("-o", "tcpfsm.%s:%d" % (name, 2**32 - 1))]
            expert = "tcpfsm.expert.unanswered"
            found = self.frames_with(path, [expert], "-2", "-o", "tcpfsm.hole:0", *options)
            self.assertEqual(found, {expert: [1]}, names)

    def test_defaults(self):
        """What `tshark -G defaultprefs` says: these and no other."""
        text = shark.world().run([shark.TSHARK, "-G", "defaultprefs"])[1]
        found = dict(re.findall(r"^#?tcpfsm\.(\w+): (.*)$", text, re.MULTILINE))
        self.assertEqual(found, contract.PREFERENCES)


if __name__ == "__main__":
    shark.main()
