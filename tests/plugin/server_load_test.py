#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Too many unfinished, or idle, connections at one server at once: told once, at one more than the limit."""
import itertools

import shark
import stories
from talk import Talk

EXPERTS = ["tcpfsm.expert.many_embryonic", "tcpfsm.expert.many_idle"]
LIMIT = 5
OPTIONS = ("-o", "tcpfsm.many_limit:%d" % LIMIT, "-o", "tcpfsm.idle_timeout:10")


class Crowd:
    """Connections to one server; `names` gives each capture one of its own."""
    names = itertools.count()

    def __init__(self, port=50000, server="10.0.2.1", service=80, start=0.0):
        self.port, self.server, self.service, self.start = port, server, service, start
        self.frames = []

    def talk(self, start):
        self.port += 1
        return Talk(self.port, server=self.server, service=self.service, start=self.start + start)

    def unanswered(self, count, apart=0.01):
        for number in range(count):
            self.frames += self.talk(number * apart).c("S").frames
        return self

    def embryonic(self, count, apart=0.01):
        for number in range(count):
            self.frames += self.talk(number * apart).c("S").s("SA").frames
        return self

    def open(self, count, apart=0.01):
        for number in range(count):
            self.frames += self.talk(number * apart).open().frames
        return self

    def retry(self, seconds):
        """The first of them tries again."""
        talk = Talk(self.port - self.port % 100 + 1, server=self.server, service=self.service,
                    start=self.start + seconds)
        self.frames += talk.c("S").frames
        return self

    def keepalive(self, seconds):
        """The first of them that is open asks, and is answered."""
        talk = Talk(self.port - self.port % 100 + 1, server=self.server, service=self.service,
                    start=self.start + seconds)
        self.frames += talk.c("A", seq=1000, ack=9001).s("A", seq=9001, ack=1001).frames
        return self


class CrowdTest(shark.SharkTest):
    def told(self, *crowds, passes=(), options=OPTIONS, end=None):
        """The numbers of the frames that tell of too many (unfinished, idle)."""
        frames = sorted(frame for crowd in crowds for frame in crowd.frames)
        frames += [stories.datagram(end)] if end else []
        path = shark.world().capture("crowd-%d" % next(Crowd.names), frames)
        found = self.frames_with(path, EXPERTS, *passes, *options)
        return tuple(found[expert] for expert in EXPERTS)

    def check(self, expected, *crowds, **others):
        """In both passes."""
        for passes in ((), ("-2",)):
            self.assertEqual(self.told(*crowds, passes=passes, **others), expected, passes)


class Unfinished(CrowdTest):
    def test_limit_and_one_more(self):
        """SYNs that nobody answers, and SYN-ACKs that nobody acknowledges; told on what comes next."""
        self.check(([], []), Crowd().unanswered(LIMIT).retry(3).retry(9))
        self.check(([LIMIT + 2], []), Crowd().unanswered(LIMIT + 1).retry(3).retry(9))
        self.check(([], []), Crowd().embryonic(LIMIT).retry(3))
        self.check(([2 * LIMIT + 3], []), Crowd().embryonic(LIMIT + 1).retry(3).retry(9))
        self.check(([LIMIT + 2], []), Crowd().unanswered(3).retry(3), Crowd(50100).unanswered(LIMIT - 2))

    def test_once_a_server(self):
        """However many more there are, and however long."""
        crowd = Crowd().unanswered(3 * LIMIT, apart=0.5)
        for seconds in (20, 40, 60):
            crowd.retry(seconds)
        for passes in ((), ("-2",)):
            found, idle = self.told(crowd, passes=passes, end=100)
            self.assertEqual((len(found), idle), (1, []))

    def test_servers_are_told_apart(self):
        """By address, and by port."""
        one, other = Crowd(), Crowd(server="10.0.2.2")
        third = Crowd(service=443)
        for crowd in (one, other, third):
            crowd.unanswered(LIMIT).retry(3)
        self.check(([], []), one, other, third)
        many = [Crowd(server="10.0.3.%d" % number).unanswered(LIMIT + 1).retry(3) for number in (1, 2)]
        for passes in ((), ("-2",)):
            found, _ = self.told(*many, passes=passes)
            self.assertEqual(len(found), 2)
        ipv6 = Crowd()
        for number in range(LIMIT + 1):
            ipv6.frames += Talk(50000 + number, "2001:db8::1", "2001:db8::2").c("S").frames
        talk = Talk(50000, "2001:db8::1", "2001:db8::2", start=3).c("S")
        ipv6.frames += talk.frames
        self.check(([LIMIT + 2], []), ipv6)

    def test_slow_ones_never_at_once(self):
        """Each takes three seconds, but is done before the next one begins; or the burst is young."""
        slow = Crowd()
        for number in range(3 * LIMIT):
            slow.frames += slow.talk(number * 4).c("S").s("SA").c("A", after=3).frames
        self.check(([], []), slow, options=OPTIONS + ("-o", "tcpfsm.idle_timeout:1000"))
        young = Crowd()
        for number in range(3 * LIMIT):
            young.frames += young.talk(number * 0.01).c("S").s("SA", after=0.9).c("A").frames
        self.check(([], []), young, options=OPTIONS + ("-o", "tcpfsm.idle_timeout:1000"))

    def test_those_that_end_count_no_more(self):
        """Refused, reset or completed ones; then as many again."""
        crowd = Crowd()
        for number in range(2 * LIMIT):
            talk = crowd.talk(number * 3).c("S")
            if number % 3 == 0:
                talk.s("RA", seq=0, after=1.5)
            elif number % 3 == 1:
                talk.s("SA", after=1.5).c("R")
            else:
                talk.s("SA", after=1.5).c("A").exchange().close()
            crowd.frames += talk.frames
        crowd.retry(100)
        self.check(([], []), crowd)

    def test_only_the_end_tells(self):
        """No later segment at that server: with hindsight on the SYN of the one with which they were too
        many, in one pass nowhere."""
        crowd = Crowd().unanswered(LIMIT + 2)
        self.assertEqual(self.told(crowd, end=2), ([], []))
        self.assertEqual(self.told(crowd, passes=("-2",), end=2), ([LIMIT + 1], []))
        self.assertEqual(self.told(crowd, passes=("-2",), end=0.9), ([], []), "they are too young")
        self.assertEqual(self.told(Crowd().unanswered(LIMIT), passes=("-2",), end=100), ([], []))
        quiet = OPTIONS + ("-o", "tcpfsm.quiet_tail:2")
        self.assertEqual(self.told(crowd, passes=("-2",), options=quiet), ([LIMIT + 1], []))

    def test_preference(self):
        """The default is 32: the capture "crowds" has one more."""
        found = self.frames_with("crowds", EXPERTS)
        self.assertEqual([len(frames) for frames in found.values()], [1, 1])
        found = self.frames_with("crowds", EXPERTS, "-o", "tcpfsm.many_limit:33")
        self.assertEqual([len(frames) for frames in found.values()], [0, 0])
        found = self.frames_with("crowds", EXPERTS, "-2", "-o", "tcpfsm.many_limit:33")
        self.assertEqual([len(frames) for frames in found.values()], [0, 0])


class Idle(CrowdTest):
    def test_limit_and_one_more(self):
        self.check(([], []), Crowd().open(LIMIT).keepalive(12))
        self.check(([], [3 * (LIMIT + 1) + 1]), Crowd().open(LIMIT + 1).keepalive(12).keepalive(20))

    def test_time_out(self):
        """None is idle that hasn't been for so long; with a longer time-out they aren't."""
        self.check(([], []), Crowd().open(LIMIT + 1).keepalive(9.9))
        longer = OPTIONS + ("-o", "tcpfsm.idle_timeout:13")
        self.check(([], []), Crowd().open(LIMIT + 1).keepalive(12), options=longer)

    def test_those_in_use_do_not_count(self):
        crowd = Crowd().open(LIMIT)
        for number in range(2 * LIMIT):
            crowd.frames += crowd.talk(1 + number * 0.01).open().exchange().frames
        for number in range(2 * LIMIT):
            crowd.frames += crowd.talk(1 + number * 0.01).open().close().frames
        talk = Talk(50001, server="10.0.2.1", start=30).c("A", seq=1000, ack=9001)
        crowd.frames += talk.frames
        self.check(([], []), crowd, end=50)

    def test_only_the_end_tells(self):
        """On step 3 of the one with which they were too many."""
        crowd = Crowd().open(LIMIT + 2, apart=0.1)
        self.assertEqual(self.told(crowd, end=20), ([], []))
        self.assertEqual(self.told(crowd, passes=("-2",), end=20), ([], [3 * (LIMIT + 1)]))
        self.assertEqual(self.told(crowd, passes=("-2",), end=9), ([], []))


if __name__ == "__main__":
    shark.main()
