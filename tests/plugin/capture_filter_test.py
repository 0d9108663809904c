#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures that were filtered, by flags or by the way of one direction: what they lack is no fault."""
import contract
import packets
import shark
import stories
from talk import Talk

NAMES = ["unanswered", "unanswered_minor", "embryonic", "embryonic_minor", "peer_silent", "seq_suspect",
         "many_embryonic", "many_unanswered"]
FLAGS, ACK, SYN_FIN_RST = 14 + 20 + 13, 0x10, 0x07
END = stories.datagram(500)


def without_pure_acks(talk):
    """As a display filter drops them."""
    return [(seconds, frame) for seconds, frame in talk.frames
            if frame[FLAGS] & SYN_FIN_RST or len(frame) > FLAGS + 7 or not frame[FLAGS] & ACK]


def by_flags(talk):
    """As the capture filter tcp[13]&7!=0 leaves them."""
    return [(seconds, frame) for seconds, frame in talk.frames if frame[FLAGS] & SYN_FIN_RST]


def one_way(talk):
    """What the client sends."""
    return [(seconds, frame) for seconds, frame in talk.frames
            if frame[26:30] == packets.address(talk.ends[0])]


def healthy(number, **others):
    return Talk(47100 + number, start=number, **others).open().exchange().exchange().close()


def embryonic():
    """The SYN-ACK comes again."""
    return Talk(47001, start=1).c("S").s("SA").s("SA", seq=9000, after=1).s("SA", seq=9000, after=2)


class FilterTest(shark.SharkTest):
    def told(self, name, *parts, options=("-2",)):
        """{expert: numbers of frames} of a capture of these frames; some datagram ends it."""
        frames = sorted((frame for part in parts for frame in part), key=lambda frame: frame[0])
        path = shark.world().capture("filter-" + name, frames + [END])
        found = self.frames_with(path, ["tcpfsm.expert." + expert for expert in NAMES], *options)
        return {field.split(".")[-1]: numbers for field, numbers in found.items() if numbers}

    def kinds(self, name, *parts, **others):
        return set(self.told(name, *parts, **others))


class PureAcks(FilterTest):
    def test_none_of_the_experts_is_new(self):
        for name in NAMES:
            self.assertIn(name, contract.EXPERTS)

    def test_whole_captures_are_judged(self):
        self.assertEqual(self.kinds("whole", embryonic().frames, *(healthy(n).frames for n in range(3))),
                         {"embryonic"})

    def test_by_flags(self):
        lone = embryonic().frames
        for count, expected in ((0, {"embryonic"}), (1, set()), (3, set())):
            parts = [by_flags(healthy(number)) for number in range(count)]
            self.assertEqual(self.kinds("flags-%d" % count, lone, *parts), expected)

    def test_three_and_three_of_four(self):
        """Of those that were open for certain."""
        lone = embryonic().frames
        for bare, whole, expected in ((3, 1, set()), (3, 2, {"embryonic"}), (2, 1, {"embryonic"}),
                                      (6, 2, set()), (5, 2, {"embryonic"})):
            parts = [without_pure_acks(healthy(number)) for number in range(bare)]
            parts += [healthy(50 + number).frames for number in range(whole)]
            self.assertEqual(self.kinds("share-%d-%d" % (bare, whole), lone, *parts), expected)

    def test_a_flood_is_no_filter(self):
        """Nothing but handshakes shows nothing."""
        parts = [Talk(47200 + number, start=number / 10).c("S").s("SA").s("SA", seq=9000, after=1).frames
                 for number in range(40)]
        self.assertEqual(self.kinds("flood", *parts), {"embryonic", "embryonic_minor", "many_embryonic"})
        bare = [by_flags(healthy(number)) for number in range(3)]
        self.assertEqual(self.kinds("flood-filtered", *parts, *bare), set())

    def test_peer_silent(self):
        """Its ACKs may be filtered, too, unless some of that connection were captured."""
        silent = Talk(47002, start=5).open().exchange().c("PA", b"d" * 20)
        start = silent.next[0] - 20
        for pause in (0.3, 0.6, 1.2, 2.4):
            silent.c("PA", b"d" * 20, seq=start, after=pause)
        bare = [without_pure_acks(healthy(number)) for number in range(5)]
        self.assertEqual(self.kinds("silent", without_pure_acks(silent), *bare), set())
        self.assertEqual(self.kinds("silent-whole", silent.frames, *bare), {"peer_silent"})

    def test_the_window_of_the_handshake(self):
        """Without ACKs no window moves: who goes beyond the one that the SYN offered is not suspected."""
        def far(number):
            talk = Talk(47300 + number, start=number, options=b"\2\4\5\xb4\3\3\0\1").open()
            for _ in range(30):
                talk.c("PA", b"x" * 1000).s("A")
            return talk.close()
        bare = [by_flags(far(number)) for number in range(3)]
        self.assertEqual(self.kinds("window", *bare), set())

    def test_outcome_of_a_reset_beyond_the_handshake(self):
        """It was open, even if no segment in between is there."""
        talk = Talk(47003).open().exchange(3000).c("R")
        path = shark.world().capture("filter-outcome", by_flags(talk))
        self.assertEqual(self.rows(path, ["tcpfsm.connection.outcome"], "-2")[-1], [["9"]])


class OneWay(FilterTest):
    def test_syns_that_nobody_repeats(self):
        once = Talk(47004, "10.0.0.7", start=3).c("S").frames
        again = Talk(47005, "10.0.0.7", start=3).c("S").c("S", seq=1000, after=1).frames
        for count, expected in ((0, {"unanswered"}), (2, {"unanswered"}), (3, set())):
            parts = [one_way(healthy(number)) for number in range(count)]
            self.assertEqual(self.kinds("one-way-%d" % count, once, *parts), expected)
            self.assertEqual(self.kinds("one-way-again-%d" % count, again, *parts), {"unanswered"})

    def test_a_lone_syn_or_reset_proves_nothing(self):
        syns = [Talk(47400 + number, start=number).c("S").frames for number in range(5)]
        resets = [Talk(47500 + number, start=number).c("R").frames for number in range(5)]
        self.assertEqual(self.kinds("lone", *syns, *resets), {"unanswered"})

    def test_one_pass_uses_what_is_known_so_far(self):
        """The SYN-ACK comes again when the time-out has passed; two passes know what comes behind."""
        late = embryonic().s("SA", seq=9000, after=20).frames
        before = [by_flags(healthy(number)) for number in range(3)]
        behind = [by_flags(Talk(47600 + number, start=100).open().exchange().close()) for number in range(3)]
        self.assertEqual(self.kinds("known", late, *before, options=()), set())
        self.assertEqual(self.kinds("unknown", late, *behind, options=()), {"embryonic"})
        self.assertEqual(self.kinds("unknown-two", late, *behind), set())


if __name__ == "__main__":
    shark.main()
