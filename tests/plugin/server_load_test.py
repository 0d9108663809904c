#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Too many unfinished, or idle, connections at one server at once: told once, at one more than the limit."""
import itertools

import shark
import stories
from talk import Talk

EXPERTS = ["tcpfsm.expert.many_embryonic", "tcpfsm.expert.many_idle"]
OF_CLIENT = "tcpfsm.expert.many_unanswered"
SINGLE = ["tcpfsm.expert." + name
          for name in ("unanswered", "unanswered_minor", "embryonic", "embryonic_minor")]
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


class Scan(shark.SharkTest):
    """What one warning covers, and the clients that have one."""

    def told(self, name, frames, *options):
        path = shark.world().capture(name, sorted(frames))
        found = self.frames_with(path, [OF_CLIENT, *EXPERTS[:1], *SINGLE], *OPTIONS, *options)
        return {expert.rpartition(".")[2]: numbers for expert, numbers in found.items() if numbers}

    def tree(self, name, frames):
        """The same from the statistics, in one pass and in two."""
        path = shark.world().capture(name, sorted(frames))
        counts = []
        for passes in ((), ("-2",)):
            lines = self.tshark(path, "-q", "-z", "tcpfsm,tree", *OPTIONS, *passes).splitlines()
            rows = [line.split()[:2] for line in lines]
            counts.append({row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()})
        self.assertEqual(*counts)
        return counts[0]

    def ports(self, count, first=1, tries=(0,), start=0.0):
        """A SYN to each port, and again."""
        return [frame for number in range(count) for after in tries
                for frame in Talk(30000 + first + number, server="10.0.2.9", service=first + number,
                                  start=start + number * 0.01 + after).c("S").frames]

    def test_a_scan(self):
        """Up to the limit and one more, on the SYN of which it stands with hindsight."""
        frames = self.ports(3 * LIMIT) + [stories.datagram(20)]
        self.assertEqual(self.told("scan-1", frames), {})
        self.assertEqual(self.told("scan-1", frames, "-2"),
                         {"many_unanswered": [LIMIT + 1], "unanswered": list(range(1, LIMIT + 2)),
                          "unanswered_minor": list(range(LIMIT + 2, 3 * LIMIT + 1))})
        self.assertEqual(self.tree("scan-1", frames)["unanswered_minor"], 2 * LIMIT - 1)
        few = self.ports(LIMIT) + [stories.datagram(20)]
        self.assertEqual(self.told("scan-2", few, "-2"), {"unanswered": list(range(1, LIMIT + 1))})

    def test_as_it_goes_on(self):
        """Told on the client's next segment, in both passes."""
        frames = self.ports(LIMIT + 1) + self.ports(1, first=700, start=3)
        self.assertEqual(self.told("scan-3", frames), {"many_unanswered": [LIMIT + 2]})
        frames += [stories.datagram(20)]
        self.assertEqual(self.told("scan-3-and-after", frames, "-2"),
                         {"many_unanswered": [LIMIT + 2], "unanswered": list(range(1, LIMIT + 2)),
                          "unanswered_minor": [LIMIT + 2]})

    def test_who_goes_on_trying(self):
        """Three SYNs to a port: warnings of their own, up to the limit."""
        frames = self.ports(LIMIT + 1)
        frames += self.ports(LIMIT + 2, first=100, tries=(0, 1, 3, 7), start=3) + [stories.datagram(40)]
        told = self.told("scan-4", frames, "-2")
        self.assertEqual(len(told["unanswered"]), LIMIT + 1 + LIMIT)
        self.assertEqual(len(told["unanswered_minor"]), 2)

    def test_no_scan(self):
        """A health checker that asks a dead host again and again, a browser with four dead hosts, a client of
        many hosts that answer."""
        frames = []
        for again in range(LIMIT):
            for host in range(4):
                frames += Talk(31000 + 10 * again + host, server="10.0.3.%d" % host,
                               start=again * 5 + host * 0.01).c("S").frames
        for host in range(4 * LIMIT):
            talk = Talk(32000 + host, server="10.0.4.%d" % host, start=host * 0.5)
            frames += talk.open().exchange().close().frames
        for passes in ((), ("-2",)):
            self.assertEqual(self.told("scan-5", frames + [stories.datagram(60)], *passes).keys(),
                             {"unanswered"} if passes else set())

    def test_a_flood_has_few_lines(self):
        """A SYN of each of 2,000 clients, and a scan of 2,000 ports: warnings up to the limit and one more,
        then the one of all; in the list of the expert infos, a line a kind."""
        clients = [frame for number in range(2000)
                   for frame in Talk(33000, client="10.%d.%d.1" % (number // 250, number % 250),
                                     server="10.9.0.1", start=number * 0.01).c("S").frames]
        for name, frames in ("flood-1", clients), ("flood-2", self.ports(2000)):
            path = shark.world().capture(name, frames + [stories.datagram(40)])
            lines = self.tshark(path, "-2", "-q", "-z", "expert,warn", *OPTIONS).splitlines()
            self.assertLess(len(lines), 20)
            counts = [int(line.split()[0]) for line in lines if " TCPFSM " in line]
            self.assertEqual(sorted(counts), [1, LIMIT + 1])

    def test_one_pass_tells_no_warning_that_two_withhold(self):
        """A firewall goes down between 20 clients and 2 servers: each SYN is sent four times."""
        frames = [frame for client in range(20) for host in range(2) for after in (0, 1, 3, 7)
                  for frame in Talk(33000, client="10.1.0.%d" % (client + 1), server="10.0.5.%d" % host,
                                    start=client * 0.05 + host * 0.01 + after).c("S").frames]
        path = shark.world().capture("scan-6", sorted(frames) + [stories.datagram(60)])
        fields = ["tcpfsm.connection", *SINGLE]
        told = [{}, {}]
        for found, passes in zip(told, ((), ("-2",))):
            for connection, *experts in self.rows(path, fields, *OPTIONS, *passes):
                for expert, shown in zip(SINGLE, experts):
                    if shown:
                        self.assertNotIn(connection[0], found)
                        found[connection[0]] = expert
        self.assertEqual(*told)
        self.assertEqual(list(told[0].values()).count(SINGLE[0]), 2 * (LIMIT + 1))
        self.assertEqual(list(told[0].values()).count(SINGLE[1]), 2 * (20 - LIMIT - 1))


if __name__ == "__main__":
    shark.main()
