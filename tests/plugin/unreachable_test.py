#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ICMP errors that answer a SYN: told on their frame, linked from the SYN. No others, no other change."""
import re

import captures
import contract
import packets
import shark
from captures import ROUTER, ROUTER6
from talk import Talk

FIELDS = ["tcpfsm.connection", "tcpfsm.connection.outcome.str", "tcpfsm.connection.icmp_frame",
          "tcpfsm.connection.syn_frame", "tcpfsm.expert.unreachable", "_ws.expert.message", "tcpfsm.stream",
          "tcpfsm.finding.frame", "tcpfsm.finding.check"]
NEXT = [0]                          # a port for each story


def story(**others):
    NEXT[0] += 1
    return Talk(43300 + NEXT[0], start=NEXT[0], **others)


def answered_by(error, frame=packets.ethernet, **others):
    """A SYN and what `error` makes of it."""
    talk = story(frame=frame, **others)
    syn = talk.packet(0, "S")
    return talk.add(syn).add(error(syn)).frames


class Unreachable(shark.SharkTest):
    def shown(self, name, parts, *options):
        """For each part, a list of frames: of each frame a dict."""
        path = shark.world().capture(name, [frame for part in parts for frame in part])
        rows = [dict(zip(FIELDS, row)) for row in self.rows(path, FIELDS, *options)]
        result = []
        for part in parts:
            result.append(rows[:len(part)])
            rows = rows[len(part):]
        return result

    def check_told(self, frames, number):
        """Of a SYN in frame `number` and the error behind it, in two passes."""
        syn, error = frames[0], frames[-1]
        for frame in (syn, error):
            self.assertEqual(frame["tcpfsm.connection"], syn["tcpfsm.connection"])
            self.assertEqual(frame["tcpfsm.connection.outcome.str"], ["unreachable"])
            self.assertEqual(frame["tcpfsm.connection.syn_frame"], [str(number)])
            self.assertEqual(frame["tcpfsm.connection.icmp_frame"], [str(number + len(frames) - 1)])
        self.assertEqual([len(frame["tcpfsm.expert.unreachable"]) for frame in frames],
                         [0] * (len(frames) - 1) + [1])
        self.assertEqual(error["tcpfsm.stream"], [])
        self.assertEqual(error["tcpfsm.finding.frame"], [str(number)])
        self.assertEqual(len(error["tcpfsm.finding.check"]), 1)
        self.assertTrue(any(text.startswith("SYN not delivered (ICMP): ")
                            for text in error["_ws.expert.message"]), error)

    def check_all_told(self, name, parts):
        number = 1
        for place, (part, frames) in enumerate(zip(parts, self.shown(name, parts, "-2"))):
            with self.subTest(part=place):
                self.check_told(frames, number)
            number += len(part)

    def test_kinds(self):
        """Each kind of error that a SYN may meet, with 8 bytes of TCP."""
        frames = captures.unreachable()
        kinds = len(captures.ICMP_UNREACHABLE) + len(captures.ICMP6_UNREACHABLE)
        self.assertEqual(len(frames), 2 * kinds)
        self.check_all_told("kinds", [frames[place:place + 2] for place in range(0, len(frames), 2)])

    def test_quotes_of_all_sizes(self):
        """Ports and number alone, the whole header, all with its options; behind IP options; in a VLAN;
        copied by a mirror's other link type."""
        self.check_all_told("sizes", [answered_by(lambda syn, size=size: packets.icmp_error(
            ROUTER, syn, quoted=size)) for size in (28, 36, 40, 44, 60)])
        self.check_all_told("sizes-6", [answered_by(lambda syn, size=size: packets.icmp6_error(
            ROUTER6, syn, quoted=size), client="2001:db8::1", server="2001:db8::2")
                                        for size in (48, 60, 64)])

    def with_options(self, options, frame=packets.ethernet):
        """The SYN's IP header has options; so the TCP header lies further behind."""
        talk = story(frame=frame)
        segment = talk.packet(0, "S")[20:]
        syn = packets.ipv4(*talk.ends, segment, options=options)
        return talk.add(syn).add(packets.icmp_error(ROUTER, syn, quoted=28 + len(options))).frames

    def test_ip_options_and_vlan(self):
        router_alert = b"\x94\4\0\0"

        def tagged(packet):
            return packets.ethernet(packet, vlan=7)

        self.check_all_told("options", [
            self.with_options(router_alert), self.with_options(router_alert * 10),
            self.with_options(b"\x44\x24\5\0" + bytes.fromhex("45000000") * 8),      # looks like a header
            self.with_options(b"", tagged), self.with_options(router_alert, tagged)])

    def test_in_tunnels(self):
        """The error's header is the one before the quote, however deep it lies."""
        self.check_all_told("tunnels", [
            answered_by(lambda syn: packets.icmp_error(ROUTER, syn), tunnel=tunnel)
            for tunnel in (packets.in_gre, packets.in_vxlan, packets.in_ip)])

    def test_second_error(self):
        """The first one is linked, each one tells."""
        talk = story()
        syn = talk.packet(0, "S")
        error = packets.icmp_error(ROUTER, syn)
        frames, = self.shown("twice", [talk.add(syn).add(error).add(error, after=1).frames], "-2")
        self.assertEqual([frame["tcpfsm.connection.icmp_frame"] for frame in frames], [["2"]] * 3)
        self.assertEqual([len(frame["tcpfsm.expert.unreachable"]) for frame in frames], [0, 1, 1])

    def test_repeated_syn(self):
        """The error quotes a later copy of the SYN; links lead to the first."""
        talk = story().c("S").c("S", seq=1000, after=1)
        syn = talk.packet(0, "S", seq=1000)
        self.check_all_told("repeated", [talk.add(packets.icmp_error(ROUTER, syn)).frames])

    def test_one_pass(self):
        """The ICMP frame tells at once; the SYN can't know yet."""
        parts = [answered_by(lambda syn: packets.icmp_error(ROUTER, syn))]
        (syn, error), = self.shown("one-pass", parts)
        self.assertEqual(error["tcpfsm.connection.outcome.str"], ["unreachable"])
        self.assertEqual(error["tcpfsm.connection.icmp_frame"], ["2"])
        self.assertEqual(error["tcpfsm.connection"], syn["tcpfsm.connection"])
        self.assertEqual(len(error["tcpfsm.expert.unreachable"]), 1)
        self.assertEqual(syn["tcpfsm.connection.outcome.str"] + syn["tcpfsm.connection.icmp_frame"], [])

    def test_no_answers_to_a_syn(self):
        """Other messages, other segments, quotes of too little, and a SYN that was answered meanwhile."""
        parts = [answered_by(lambda syn, what=what: packets.icmp_error(ROUTER, syn, *what))
                 for what in captures.ICMP_OTHERS.values()]
        parts += [answered_by(lambda syn, what=what: packets.icmp6_error(ROUTER6, syn, *what),
                              client="2001:db8::1", server="2001:db8::2")
                  for what in captures.ICMP6_OTHERS.values()]
        for size in (27, 24, 21, 20):
            parts.append(answered_by(lambda syn, size=size: packets.icmp_error(ROUTER, syn, quoted=size)))
        late = story()
        syn = late.packet(0, "S")
        late.add(syn).s("SA").add(packets.icmp_error(ROUTER, syn)).c("A").exchange().close()
        data = story().open()
        request = data.packet(0, "PA", b"g" * 40)
        data.add(request).add(packets.icmp_error(ROUTER, request, quoted=60)).s("A").close()
        answer = story()
        syn_ack = answer.c("S").packet(1, "SA")
        answer.add(syn_ack).add(packets.icmp_error(ROUTER, syn_ack)).c("A").exchange().close()
        other = story()
        stranger = other.packet(0, "S", seq=77777)
        other.c("S").add(packets.icmp_error(ROUTER, stranger))
        unknown = story()
        parts += [late.frames, data.frames, answer.frames, other.frames,
                  unknown.add(packets.icmp_error(ROUTER, unknown.packet(0, "S"))).frames]
        for passes in ((), ("-2",)):
            for place, frames in enumerate(self.shown("others", parts, *passes)):
                for frame in frames:
                    self.assertEqual(frame["tcpfsm.expert.unreachable"], [], place)
                    self.assertEqual(frame["tcpfsm.connection.icmp_frame"], [], place)
                    self.assertNotIn("unreachable", frame["tcpfsm.connection.outcome.str"], place)

    def test_is_no_segment(self):
        """The frame of an error has fields of its connection, and none of a segment."""
        allowed = {"tcpfsm.connection", *contract.CONNECTION}
        everything = contract.FIELDS + contract.TWINS
        rows = self.rows("unreachable", ["icmp.type", "icmpv6.type"] + everything, "-2")
        errors = [row[2:] for row in rows if row[0] or row[1]]
        self.assertEqual(len(errors), len(rows) // 2)
        for row in errors:
            shown = {field for field, values in zip(everything, row) if values}
            self.assertLessEqual(shown, allowed)
            self.assertIn("tcpfsm.connection.syn_frame", shown)
            self.assertIn("tcpfsm.connection.history", shown)

    def test_answer_undoes_it(self):
        """A later try gets through: then it isn't the outcome."""
        talk = story()
        syn = talk.packet(0, "S")
        talk.add(syn).add(packets.icmp_error(ROUTER, syn)).c("S", seq=1000, after=1)
        talk.s("SA").c("A").exchange().close()
        frames, = self.shown("got-through", [talk.frames], "-2")
        self.assertEqual({tuple(frame["tcpfsm.connection.outcome.str"]) for frame in frames}, {("closed",)})

    def test_is_not_called_unanswered(self):
        self.assertEqual(self.numbers("unreachable", "tcpfsm.expert.unanswered", "-2", "-o",
                                      "tcpfsm.quiet_tail:100"), [])

    def test_read_filter(self):
        """With rejected frames the errors still find their connections; rejected SYNs aren't linked."""
        fields = ["tcpfsm.connection", "tcpfsm.connection.outcome.str", "tcpfsm.expert.unreachable"]
        for rule in ("icmp || icmpv6", "tcp.flags.syn == 1 || !icmp"):
            self.check_same(self.rows("unreachable", fields, "-2", "-R", rule),
                            self.rows("unreachable", fields, "-2", "-Y", rule), fields)
        links = self.rows("unreachable", ["tcpfsm.connection.syn_frame", "tcpfsm.connection.icmp_frame"],
                          "-2", "-R", "icmp || icmpv6")
        self.assertEqual(links, [[[], [str(number)]] for number in range(1, len(links) + 1)])

    def test_stock_dissection_is_unchanged(self):
        """All that tshark prints without the plugin it prints with it, too, and nothing else but ours."""
        for capture in ("unreachable", "icmp-errors"):
            ours = re.sub(r"(?m)^\[TCP Connection State.*\n(?: .*\n)*", "", self.tshark(capture, "-V"))
            self.assertTrue(ours == self.tshark(capture, "-V", plugin=False), capture)
            self.assertEqual(self.tshark(capture), self.tshark(capture, plugin=False))
        self.assertEqual(self.tshark("unreachable", "-V", "-o", "tcpfsm.analyze:FALSE"),
                         self.tshark("unreachable", "-V", plugin=False))


if __name__ == "__main__":
    shark.main()
