#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps and states in front of the Info column, whatever else is written there, before and after."""
import re

import contract
import shark
from captures import RPCAP, two_tcp_layers
from talk import Talk

ON = "-o", "tcpfsm.info_column:TRUE"
STATE = r"C:[A-Z0-9-]+\??"
OURS = r"\[(\d(\+\d)?/\d )*(again )?%s %s\] " % (STATE, STATE.replace("C", "S"))

# A script that calls TCP and then clears the column, or writes something else there.
LATER = """
local later = Proto("later", "Later")
local protocols = DissectorTable.get("ip.proto")
local tcp = protocols:get_dissector(6)
function later.dissector(tvb, pinfo, tree)
    local length = tcp:call(tvb, pinfo, tree)
    pinfo.cols.info:clear()
    pinfo.cols.info:append("later")
    return length
end
protocols:add(6, later)
"""


class InfoColumn(shark.SharkTest):
    def info(self, capture, *options):
        return [row[0][0] if row[0] else "" for row in self.rows(capture, [shark.world().info], *options)]

    def check_in_front(self, capture, *options):
        """Of each TCP segment, once, with the text of others behind it; the texts."""
        shown, stock = self.info(capture, *ON, *options), self.info(capture, *options)
        ours = [len(row[0]) for row in self.rows(capture, ["tcpfsm.phase"], *options)]
        for text, plain, count in zip(shown, stock, ours):
            self.assertRegex(text, "^(%s){%d}%s$" % (OURS, count, re.escape(plain)))
        return shown

    def test_shows_steps_and_states(self):
        self.assertTrue(self.check_in_front("healthy")[0].startswith("[1/3 C:SYN-SENT S:SYN-RECEIVED?] "))

    def test_in_front_of_all_else(self):
        """Analysis of TCP, payloads, tunnels, ICMP errors, damaged headers; in one pass and in two."""
        for passes in ((), ("-2",)):
            shown = self.check_in_front("everything", *passes)
            self.assertIn("[2/3 again C:ESTABLISHED? S:SYN-RECEIVED] [TCP Retransmission] ", "".join(shown))

    def test_in_front_of_a_payload(self):
        """HTTP clears what TCP has written; a second answer in the same segment is put behind the first."""
        answer = b"HTTP/1.1 204 No Content\r\n\r\n"
        talk = Talk(45101).open().c("PA", b"GET /it HTTP/1.1\r\n\r\n").s("PA", 2 * answer).c("A")
        shown = self.check_in_front(shark.world().capture("http", talk.frames))
        self.assertEqual(shown[3], "[C:ESTABLISHED S:ESTABLISHED?] GET /it HTTP/1.1 ")
        self.assertEqual(shown[4], "[C:ESTABLISHED S:ESTABLISHED] " + 2 * "HTTP/1.1 204 No Content , "[:-2])

    def test_reassembled(self):
        """What is put together from several segments is told in the last of them."""
        head = b"POST /it HTTP/1.1\r\nContent-Length: 40\r\n\r\n"
        talk = Talk(45102).open().c("PA", head).s("A").c("PA", b"x" * 40).s("A")
        shown = self.check_in_front(shark.world().capture("reassembled", talk.frames))
        self.assertIn("] POST /it", shown[5])

    def test_of_two_layers(self):
        """The outer one's first; RPCAP puts in front what it says of itself, before its own layer does."""
        shown = self.info(shark.world().capture("two-layers", two_tcp_layers()), *ON, *RPCAP)
        self.assertEqual(shown[3], "[C:ESTABLISHED S:ESTABLISHED] Remote | "
                         "[1/3 C:SYN-SENT S:SYN-RECEIVED?] 43042 → 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460")

    def test_where_tcp_gave_up(self):
        """Frames cut short: then it comes after the columns' fields of later versions, but in the column."""
        column = "-o", 'gui.column.format:"Info","%i"'
        for passes in ((), ("-2",)):
            lines = self.tshark("cut-after-window", *ON, *column, *passes).splitlines()
            stock = self.tshark("cut-after-window", *column, *passes).splitlines()
            for line, plain in zip(lines, stock):
                self.assertRegex(line, "^%s%s$" % (OURS, re.escape(plain)))
                self.assertIn("Packet size limited", line)

    def test_stays_when_others_clear_the_column(self):
        self.need_lua()
        script = "-X", "lua_script:" + shark.world().file("later.lua", LATER)
        shown = self.info("healthy", *ON, *script)
        self.assertEqual(self.info("healthy", *script), ["later"] * len(shown))
        for text in shown:
            self.assertRegex(text, "^%slater$" % OURS)

    def test_marks_states_as_the_ladder_does(self):
        fields = [shark.world().info] + ["tcpfsm.%s.%s" % (role, what) for role in ("client", "server")
                                         for what in ("state.str", "basis")]
        seen = set()
        for row in self.rows("everything", fields, *ON) + self.rows("two-points", fields, *ON):
            if len(row[1]) != 1:
                continue        # a tunnel, or no TCP at all
            (info,), (client,), (basis,), (server,), (other,) = row
            states = " C:%s%s S:%s%s" % (client, contract.MARKS[basis], server, contract.MARKS[other])
            self.assertTrue(info.replace("[", "[ ").partition("]")[0].endswith(states), info)
            seen |= {basis, other}
        self.assertEqual(seen, set(contract.MARKS))

    def test_appears_in_the_text(self):
        """Of tshark, whose columns are those of the packet list; the details have no such column."""
        lines = self.tshark("healthy", *ON).splitlines()
        for line in lines:
            self.assertEqual(len(re.findall(OURS, line)), 1, line)
        self.assertEqual(self.tshark("healthy", "-V", *ON), self.tshark("healthy", "-V"))

    def test_without_the_column(self):
        columns = "-o", 'gui.column.format:"No.","%m","Ports","%uS"'
        self.assertEqual(self.tshark("healthy", *columns, *ON), self.tshark("healthy", *columns))


if __name__ == "__main__":
    shark.main()
