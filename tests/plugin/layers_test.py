#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Where TCP hides: tunnels, other link types, fragments, quotes in ICMP errors, frames cut short."""
import os

import packets
import shark
from captures import RPCAP, two_tcp_layers
from talk import Talk

WHOLE = ["1", "2", "3", "", "", "", "", "4", "5", "6", "7"]     # tcpfsm.step of a whole connection
STATES = ["tcpfsm.client.state", "tcpfsm.server.state"]


class Layers(shark.SharkTest):
    def steps(self, capture, *options):
        return [row[0][0] if row[0] else "" for row in self.rows(capture, ["tcpfsm.step"], *options)]

    def check_whole(self, capture, *options):
        self.assertEqual(self.steps(capture, *options), WHOLE)
        rows = self.rows(capture, STATES + ["tcpfsm.connection"], *options)
        self.assertEqual(rows[-1][:2], [["10"], ["0"]], "TIME-WAIT and CLOSED at the end")
        self.assertEqual({tuple(row[2]) for row in rows}, {("0",)})

    def test_tunnels(self):
        for capture in ("gre", "vxlan", "ip-in-ip", "gtp", "three-tunnels"):
            with self.subTest(capture=capture):
                self.check_whole(capture)

    def test_teredo(self):
        """The port alone may be taken for another protocol; so it is named."""
        self.check_whole("teredo", "-d", "udp.port==3544,teredo")

    def test_link_types_and_ipv6(self):
        for capture in ("healthy-ipv6", "healthy-cooked", "healthy-raw"):
            with self.subTest(capture=capture):
                self.check_whole(capture)

    def test_same_segments_say_the_same_everywhere(self):
        """But for the ports, which say nothing, every field is equal in a tunnel and outside."""
        fields = ["tcpfsm.phase", "tcpfsm.seq.verdict", "tcpfsm.ack.verdict", "tcpfsm.sender.state",
                  "tcpfsm.peer.state", "tcpfsm.seq.expected_raw", "tcpfsm.ack.expected_raw",
                  "tcpfsm.owes.client",
                  "tcpfsm.owes.server", "tcpfsm.client.basis", "tcpfsm.server.basis", "tcpfsm.explain"]
        plain = self.rows("healthy-ipv6", fields)
        for capture in ("gre", "vxlan", "ip-in-ip", "gtp", "three-tunnels", "healthy-cooked", "healthy-raw"):
            with self.subTest(capture=capture):
                self.assertEqual(self.rows(capture, fields), plain)

    def test_adds_no_layer(self):
        for capture in ("healthy", "three-tunnels", "icmp-errors"):
            self.assertEqual(self.rows(capture, ["frame.protocols"]),
                             self.rows(capture, ["frame.protocols"], plugin=False))

    def test_two_tcp_layers_in_a_frame(self):
        """Each segment has its own record."""
        path, options = shark.world().capture("two-layers", two_tcp_layers()), RPCAP
        fields = ["tcp.srcport", "tcpfsm.connection", "tcpfsm.client.state", "tcp.stream", "tcpfsm.stream"]
        for passes in ((), ("-2",)):
            rows = self.rows(path, fields, *options, *passes)
            doubles = [row for row in rows if len(row[0]) == 2]
            self.assertEqual(len(doubles), 11, "the inner packets are dissected")
            self.assertEqual({tuple(row[1]) for row in doubles}, {("0", "1")})
            self.assertEqual([row[2][1] for row in doubles],
                             ["2", "4", "4", "4", "4", "4", "4", "5", "6", "10", "10"])
            for row in rows:
                self.assertEqual(row[3], row[4])
        self.assertEqual(self.rows(path, fields, *options), self.rows(path, fields, *options, "-2"))

    def test_quotes_in_icmp_errors_are_no_segments(self):
        """Those that answer a SYN name its connection; more is in unreachable_test.py."""
        rows = self.rows("icmp-errors", ["icmp.type", "tcpfsm.connection", "tcpfsm.step"])
        self.assertEqual([number for number, row in enumerate(rows, 1) if row[0]], [2, 4, 9])
        self.assertEqual([row[1] for row in rows[:4]], [["0"], ["0"], ["1"], ["1"]])
        for number, (icmp, connection, _) in enumerate(rows[4:], 5):
            self.assertEqual(connection, [] if icmp else ["2"], number)
        self.assertEqual([row[2] for row in rows if row[0]], [[], [], []])
        self.assertEqual([row[2] for row in rows[-4:]], [["4"], ["5"], ["6"], ["7"]],
                         "the connection goes on")

    def test_fragments(self):
        """Put together, the segment is judged once, with its length."""
        fields = ["tcpfsm.seq.length", "tcpfsm.seq.verdict"]
        rows = self.rows("fragments", fields)
        self.assertEqual(rows[3:5], [[[], []], [["1000"], ["1"]]])
        self.assertEqual(rows[5][1], ["1"])

    def test_fragments_with_defragmentation_off(self):
        """A first fragment has a whole header; its length is unknown, and accuses nobody later."""
        off = ("-o", "ip.defragment:FALSE")
        rows = self.rows("fragments", ["tcpfsm.seq.valid", "tcpfsm.ack.valid", "tcpfsm.connection"], *off)
        self.assertEqual(len(rows[3][2]), 1)
        self.assertEqual(rows[4][2], [])
        for row in rows:
            self.assertNotIn(["0"], row[:2])
        for name, severity in (("seq_invalid", "Warn"), ("ack_invalid", "Warn")):
            self.assertEqual(self.numbers("fragments", "tcpfsm.expert." + name, *off), [], severity)

    def test_cut_frames(self):
        self.assertEqual(self.steps("cut-after-header"), WHOLE)
        self.assertEqual(self.steps("cut-after-window"), WHOLE)
        self.assertEqual(len(self.rows("cut-within-header", ["tcpfsm.step"])), 11)

    def test_empty_capture(self):
        self.assertEqual(self.tshark("empty", "-V"), "")
        self.assertEqual(self.tshark("empty", "-2", "-T", "fields", "-e", "tcpfsm.step"), "")

    def test_damaged_headers(self):
        """Impossible header lengths: nothing is judged, nothing crashes, what follows is followed."""
        talk = Talk(43051).open()
        frames = talk.frames
        for offset in range(16):
            segment = bytearray(talk.packet(0, "PA", b"d" * 10, seq=talk.next[0]))
            segment[20 + 12] = offset << 4
            talk.now += 0.01
            frames.append((talk.now, packets.ethernet(bytes(segment))))
        talk.exchange().close()
        path = os.path.join(shark.world().captures, "damaged.pcap")
        packets.write(path, frames)
        shark.world().open_to_all()
        for options in ((), ("-2",), ("-V",)):
            self.tshark(path, *options)
        self.assertEqual(self.steps(path)[-4:], ["4", "5", "6", "7"])

    def test_same_address_and_port_on_both_sides(self):
        """A LAND attack's SYN: source and destination can't be told apart."""
        frames = Talk(80, "10.0.0.1", "10.0.0.1", 80).c("S").s("SA").c("A").frames
        path = os.path.join(shark.world().captures, "land.pcap")
        packets.write(path, frames)
        shark.world().open_to_all()
        for options in ((), ("-2",), ("-V",)):
            self.tshark(path, *options)


if __name__ == "__main__":
    shark.main()
