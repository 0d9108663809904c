#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/join on captures of two points whose truth is known."""
import gzip
import os
import random
import re
import struct
import subprocess
import tempfile
import unittest

import two_points
from two_points import CLIENT, SERVER, START, Clock, Device, Network, Talk, packets

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir)
SCRIPT = os.path.join(ROOT, "scripts", "join")
SECONDS = 120
UNITS = {"s": 10**9, "ms": 10**6, "µs": 10**3}
CLOCK = re.compile(r"Clock: the server's is (\d+\.\d+) s (ahead of|behind) the client's, "
                   r"± (\d+\.\d+) (s|ms|µs) ")
DRIFT = re.compile(r"Drift: the server's clock runs (\d+\.\d+) ppm (fast|slow), ± (\d+\.\d+) ppm")
DIRECTION = re.compile(r"  (client to server|server to client): (\d+) of (\d+) arrived, (\d+) lost between")


def blocks(path):
    with open(path, "rb") as file:
        while head := file.read(8):
            kind, size = struct.unpack("=II", head)
            yield kind, file.read(size - 8)


def read_joined(path):
    """(names of interfaces, [(nanoseconds, frame)] of each)"""
    names, frames = [], []
    for kind, body in blocks(path):
        if kind == 1:
            code, length = struct.unpack_from("=HH", body, 8)
            assert code == 2
            names.append(body[12:12 + length].decode())
            frames.append([])
        elif kind == 6:
            number, high, low, kept = struct.unpack_from("=IIII", body)
            frames[number].append((high << 32 | low, body[20:20 + kept]))
    return names, frames


class Report:
    """What scripts/join printed, as numbers."""

    def __init__(self, text):
        self.text = text
        self.connections = int(re.search(r"Connections in both files: (\d+)", text)[1])
        self.alone = [int(number) for number in re.findall(r"  only in .*?: (\d+)", text)]
        clock = CLOCK.search(text)
        self.ahead = clock and round(float(clock[1]) * 1e9) * (1 if clock[2] == "ahead of" else -1)
        self.bound = clock and round(float(clock[3]) * UNITS[clock[4]])
        drift = DRIFT.search(text)
        self.drift = float(drift[1]) * (1 if drift[2] == "fast" else -1) if drift else 0.0
        self.drift_error = float(drift[3]) if drift else \
            float((re.search(r"less than (\d+\.\d+) ppm", text) or [0, "inf"])[1])
        ways = {way: tuple(map(int, numbers)) for way, *numbers in DIRECTION.findall(text)}
        self.arrived = [ways[way][0] for way in ("client to server", "server to client")]
        self.lost = [ways[way][2] for way in ("client to server", "server to client")]
        self.missed = self.by_way(r"(\d+) segments? arrived, but")
        self.acks_lost = self.by_way(r"(\d+) pure ACKs? did not arrive")
        self.only_there = self.by_way(r"(\d+) segments? seen only")

    def by_way(self, pattern):
        parts = re.split(DIRECTION, self.text.partition("Changed between")[0])
        return [int((re.search(pattern, part) or [0, "0"])[1]) for part in (parts[5], parts[10])]

    def changed(self):
        """{what: [how]}"""
        found = {}
        for what, how in re.findall(r"^  (.*?): (.*) \(\d+\)$", self.text.partition("Changed between")[2],
                                    re.M):
            found.setdefault(what, []).append(how)
        return found


def traffic(network, connections=4, seconds=40.0, loss=0.0, seed=7, size=100, **talk):
    """So many connections, one after the other; a last one, so that both points capture long enough."""
    dice = random.Random(seed)
    apart = seconds / connections
    for number in range(connections):
        one = Talk(network, port=40000 + number, isn=(dice.randrange(2**32), dice.randrange(2**32)),
                   start=number * apart, **talk)
        one.deliver(CLIENT, "S", loss=loss).c("A")
        for _ in range(4):
            one.wait(apart / 6)
            one.deliver(CLIENT, "PA", bytes(dice.randrange(256) for _ in range(size)), loss)
            one.deliver(SERVER, "PA", bytes(dice.randrange(256) for _ in range(2 * size)), loss)
        one.deliver(CLIENT, "FA", loss=loss).deliver(SERVER, "FA", loss=loss)
    Talk(network, port=39999, start=seconds + 20, isn=(77, 88), **talk).open()
    return network


class JoinTest(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_join(self, *arguments, status=0):
        """(stdout, stderr)"""
        done = subprocess.run(["bash", SCRIPT, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=SECONDS, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def write(self, network, clocks=(two_points.RIGHT, two_points.RIGHT), cuts=(65535, 65535), keep=None):
        for point, name in enumerate(("c.pcap", "s.pcap")):
            two_points.write_point(self.path(name), network, point, clocks[point], cuts[point],
                                   keep or (lambda time: True))

    def join(self, network, clocks=(two_points.RIGHT, two_points.RIGHT), cuts=(65535, 65535)):
        """The Report; the clocks and what was written are held against the truth."""
        self.write(network, clocks, cuts)
        text, complaint = self.run_join("c.pcap", "s.pcap", "-o", "joined.pcapng")
        self.assertEqual(complaint, "")
        report = Report(text)
        self.check_written(network, clocks, cuts, report.bound)
        return report

    def check_written(self, network, clocks, cuts, bound):
        """Every packet of both, as it was; the client's times untouched, the server's right within the
        bound."""
        names, frames = read_joined(self.path("joined.pcapng"))
        self.assertEqual(names, ["client", "server"])
        for point in (CLIENT, SERVER):
            seen = sorted(network.seen[point], key=lambda sight: sight[0])
            self.assertEqual([frame for _, frame in frames[point]], [frame[:cuts[point]] for _, frame,
                                                                     _ in seen])
            wrong = [got - clocks[CLIENT](time) for (got, _), (time, _, _) in zip(frames[point], seen)]
            self.assertLessEqual(max(map(abs, wrong)), bound + 1 if point == SERVER else 0)

    def check_counts(self, report, network, connections):
        self.assertEqual(report.connections, connections)
        self.assertEqual(report.alone, [0, 0])
        self.assertEqual(report.arrived, network.arrived)
        self.assertEqual(report.lost, network.lost)
        self.assertEqual(report.missed, network.far_misses)
        self.assertEqual(report.only_there, network.only_there)


class Clocks(JoinTest):
    def check(self, clock, network=None, client=two_points.RIGHT, drift=True):
        network = network or traffic(Network(jitter=0.002))
        report = self.join(network, (client, clock))
        self.check_counts(report, network, 5)
        self.assertEqual(network.lost, [0, 0])
        least = round(sum(network.transit) / 2 * 10**9)
        self.assertGreaterEqual(report.bound, least)
        self.assertLess(report.bound, least + 2 * 10**6)
        first = clock(START) - client(START)
        self.assertLessEqual(abs(report.ahead - first), report.bound + 10**6)
        if drift:
            self.assertLessEqual(abs(report.drift - clock.ppm), report.drift_error)
            self.assertLess(report.drift_error, 50)
        return report

    def test_3_s_behind(self):
        report = self.check(Clock(-3.0))
        self.assertEqual(report.drift, 0.0)
        self.assertLess(abs(report.ahead + 3 * 10**9), 10**6)      # paths of the same length

    def test_2_h_ahead_and_50_ppm(self):
        report = self.check(Clock(7200, 50), traffic(Network(jitter=0.002), seconds=400))
        self.assertLess(abs(report.drift - 50), 3)

    def test_drift_backwards(self):
        report = self.check(Clock(0.25, -80), traffic(Network(jitter=0.002), seconds=400))
        self.assertLess(abs(report.drift + 80), 3)

    def test_asymmetric_paths(self):
        """An offset that isn't there, but within the bound."""
        report = self.check(Clock(), traffic(Network(transit=(0.03, 0.005))))
        self.assertGreater(abs(report.ahead), 10 * 10**6)

    def test_long_queues(self):
        network = traffic(Network(transit=(0.01, 0.01), jitter=0.3), connections=20, seconds=200)
        report = self.join(network, (two_points.RIGHT, Clock(-1.0, 20)))
        self.check_counts(report, network, 21)
        self.assertLess(report.bound, 20 * 10**6)

    def test_microseconds_between_points(self):
        report = self.check(Clock(0.5), traffic(Network(transit=(0.00003, 0.00003))))
        self.assertLess(report.bound, 10**6)

    def test_server_clock_set(self):
        report = self.check(Clock(-3.0, steps=[(18, 2.5)]), drift=False)
        self.assertRegex(report.text, r"A clock was set by 2\.5\d* s at frame \d+ of s\.pcap")

    def test_server_clock_set_back(self):
        report = self.check(Clock(1.0, 30, steps=[(18, -30)]), drift=False)
        self.assertEqual(report.text.count("A clock was set by -"), 1)

    def test_client_clock_set(self):
        network = traffic(Network(jitter=0.002))
        report = self.join(network, (Clock(steps=[(18, 7.0)]), Clock(1.0)))
        self.assertEqual(report.text.count("A clock was set by -"), 1)
        self.assertEqual(report.connections, 5)


class Losses(JoinTest):
    def test_loss_10_percent(self):
        """Each lost segment is counted, in its direction, and none that a copy replaced."""
        network = traffic(Network(jitter=0.004, seed=11), connections=12, seconds=300, loss=0.1)
        self.assertGreater(min(network.lost), 5)
        self.assertGreater(sum(network.acks["lost"]), 5)
        report = self.join(network, (two_points.RIGHT, Clock(-3.0, 50)))
        self.check_counts(report, network, 13)
        self.assertEqual(report.acks_lost, network.acks["lost"])

    def test_loss_without_timestamps_over_ipv6(self):
        network = traffic(Network(seed=12), connections=12, seconds=300, loss=0.1, times=False,
                          client="2001:db8::1",
                          server="2001:db8::2")
        self.assertGreater(min(network.lost), 5)
        report = self.join(network, (two_points.RIGHT, Clock(2.0)))
        self.check_counts(report, network, 13)

    def test_each_step_lost_once(self):
        network = Network()
        Talk(network, port=39998).open()        # both points capture
        steps = (("S", CLIENT), ("SA", SERVER), ("A", CLIENT), ("PA", CLIENT), ("FA", CLIENT), ("FA2",
                                                                                                SERVER),
                 ("R", SERVER))
        for number, (step, side) in enumerate(steps):
            talk = Talk(network, port=41000 + number, start=5.0 * number + 5, isn=(1000 * number,
                                                                                   5000 * number))

            def send(sender, flags, name, data=b"", talk=talk, step=step):
                if name == step:
                    seq = talk.next[sender]
                    talk.send(sender, flags, data, lost=True).wait(0.5)
                    if flags != "A" or data:
                        talk.next[sender] = seq
                talk.send(sender, flags, data)

            send(CLIENT, "S", "S")
            send(SERVER, "SA", "SA")
            send(CLIENT, "A", "A")
            send(CLIENT, "PA", "PA", b"request")
            send(SERVER, "A", "-")
            if step == "R":
                send(SERVER, "RA", "R")
                continue
            send(CLIENT, "FA", "FA")
            send(SERVER, "A", "-")
            send(SERVER, "FA", "FA2")
            send(CLIENT, "A", "-")
        Talk(network, port=39999, start=60).open()
        report = self.join(network)
        self.check_counts(report, network, 9)
        self.assertEqual(report.lost, [3, 3])
        self.assertEqual(report.acks_lost, [1, 0])

    def test_points_that_miss_packets(self):
        """Nothing was lost: what is acknowledged arrived."""
        network = traffic(Network(seed=3, miss=(80, 80)), connections=12, seconds=300)
        self.assertGreater(min(network.far_misses), 3)
        self.assertGreater(min(network.only_there), 3)
        report = self.join(network, (two_points.RIGHT, Clock(-3.0)))
        self.assertEqual(report.lost, [0, 0])
        self.assertEqual(report.connections, 13)
        self.assertEqual(report.missed, network.far_misses)
        self.assertEqual(report.only_there, network.only_there)

    def test_what_is_only_sacked_arrived(self):
        network = Network()
        talk = Talk(network).open().c("PA", b"a" * 100, lost=True).c("PA", b"b" * 100, missed=(SERVER,))
        talk.s("A", ack=1001, blocks=((1101, 1201),)).wait(1).s("RA", ack=1001)
        Talk(network, port=39999, start=60).open()
        report = self.join(network)
        self.assertEqual((report.lost, report.missed), ([1, 0], [1, 0]))

    def test_only_while_both_capture(self):
        """The server's capture begins late and ends early."""
        network = traffic(Network())
        self.write(network)
        two_points.write_point(self.path("s.pcap"), network, SERVER, keep=lambda time: 12e9 < time < 28e9)
        text, _ = self.run_join("c.pcap", "s.pcap", "-o", "joined.pcapng")
        report = Report(text)
        self.assertEqual((report.lost, report.missed, report.only_there), ([0, 0],) * 3)
        self.assertEqual(report.connections, 2)
        self.assertIn("only in c.pcap: 3 (49 segments), 3 of them while the other did not capture", text)

    def test_made_between(self):
        network = Network()
        talk = Talk(network).open().exchange()
        talk.c("R", after=5, lost="made", ttl=250).s("R", after=0, lost="made", ttl=250)
        Talk(network, port=39999, start=60).open()
        report = self.join(network)
        self.check_counts(report, network, 2)
        self.assertEqual(report.only_there, [1, 1])
        self.assertEqual(report.text.count("1 segment seen only near"), 2)
        self.assertEqual(report.text.count(", 1 of them RST"), 2)

    def test_reordering(self):
        network = Network()
        talk = Talk(network).open()
        for late in (0.01, 0, 0.03, 0, 0.002, 0):
            talk.c("PA", b"x" * 100, reordered=late)
        talk.s("A").close()
        Talk(network, port=39999, start=60).open()
        self.check_counts(self.join(network, (two_points.RIGHT, Clock(-3.0))), network, 2)

    def test_crossing_syns(self):
        """Each point sees the SYN of its own end first."""
        network = Network()
        talk = Talk(network, isn=(100, 7000)).c("S").s("S", after=0.001)
        talk.c("SA", seq=100, ack=7001, after=0.03).s("SA", seq=7000, ack=101, after=0)
        talk.wait(0.1).exchange().close()
        Talk(network, port=39999, start=60).open()
        report = self.join(network, (two_points.RIGHT, Clock(-3.0)))
        self.check_counts(report, network, 2)

    def test_copies_in_other_pieces(self):
        """What was lost comes again as parts of other segments: each part belongs to its copy."""
        for times in (True, False):
            network = Network()
            talk = Talk(network, times=times).open()
            begin = talk.next[CLIENT]
            talk.c("PA", b"x" * 2000, lost=True).wait(0.3)
            talk.c("A", b"x" * 1500, seq=begin).c("PA", b"x" * 600, seq=begin + 1500).s("A").wait(0.3)
            talk.c("A", b"y" * 500).c("A", b"y" * 500, lost=True).c("A", b"y" * 500).wait(0.3)
            talk.c("PA", b"y" * 1500, seq=begin + 2000).s("A", ack=begin + 3500).wait(0.3)
            Talk(network, port=39999, start=60).open()
            report = self.join(network)
            self.assertEqual((report.lost, report.missed, report.only_there), ([2, 0], [0, 0], [0, 0]))
            self.assertEqual(report.arrived, network.arrived)

    def test_same_ports_again(self):
        network = Network()
        for number in range(5):
            Talk(network, isn=(number * 10**8, number * 10**7), start=number).open().exchange().close()
        Talk(network, port=39999, start=60).open()
        self.check_counts(self.join(network, (two_points.RIGHT, Clock(-3.0))), network, 6)

    def test_numbers_that_wrap(self):
        network = Network()
        Talk(network, isn=(0xFFFFFFFF, 0xFFFFFFC0)).open().exchange().exchange().close()
        Talk(network, port=39999, start=60).open()
        self.check_counts(self.join(network), network, 2)


class Devices(JoinTest):
    def check(self, device, changed, connections=4, clock=Clock(-3.0, 40), **talk):
        network = traffic(Network(jitter=0.002, device=device), connections, **talk)
        report = self.join(network, (two_points.RIGHT, clock))
        self.check_counts(report, network, connections + 1)
        found = report.changed()
        for side in ("client", "server"):
            self.assertEqual(found.pop("TTL from the " + side, None), ["3 lower"] if device.hops else None)
        self.assertEqual(found, changed)

    def test_nothing(self):
        self.check(Device(hops=0), {})

    def test_address_and_port_translated(self):
        self.check(Device(address="203.0.113.7", port=1000),
                   {"client address": ["10.0.0.1 -> 203.0.113.7"], "client port": ["translated"]})

    def test_server_address_translated(self):
        self.check(Device(service="192.168.1.80"), {"server address": ["10.0.0.2 -> 192.168.1.80"]})

    def test_numbers_rewritten(self):
        how = ["rewritten by a constant offset"]
        self.check(Device(isn=(123456789, 4000000000)),
                   {"client sequence numbers": how, "server sequence numbers": how})

    def test_numbers_rewritten_without_timestamps(self):
        how = ["rewritten by a constant offset"]
        self.check(Device(isn=(0xFFFFFF00, 77)), {"client sequence numbers": how,
                                                  "server sequence numbers": how},
                   times=False)

    def test_numbers_rewritten_and_the_first_syn_lost(self):
        """The SYN that arrives has another time stamp than the first."""
        network = Network(device=Device(isn=(5, 6)))
        Talk(network, port=39998).open()
        talk = Talk(network, start=5, isn=(70000, 90000)).c("S", lost=True).wait(1)
        talk.c("S", seq=70000).s("SA").c("A").exchange().exchange().close()
        Talk(network, port=39999, start=60).open()
        self.check_counts(self.join(network), network, 3)

    def test_syn_proxy(self):
        """It answers the SYN itself, then asks the server and adds what the server's numbers differ by."""
        network = Network(device=Device(isn=(0, 4000000)))
        for number in range(20):
            talk = Talk(network, port=41000 + number, start=2.0 * number)
            talk.c("S", lost=True).s("SA", lost="made").c("A", lost=True)
            talk.c("S", seq=1000, lost="made").s("SA", seq=9000, ack=1001, lost=True)
            talk.c("A", lost="made").c("PA", b"x").s("RA")
        report = self.join(network, (two_points.RIGHT, Clock(-3.0)))
        self.assertEqual(report.connections, 20)
        self.assertLess(abs(report.ahead + 3 * 10**9), 10**6)
        self.assertEqual(report.changed()["server sequence numbers"], ["rewritten by a constant offset"])
        self.assertNotIn("client sequence numbers", report.changed())

    def test_addresses_and_numbers(self):
        how = ["rewritten by a constant offset"]
        self.check(Device(address="203.0.113.7", port=99, isn=(5, 6)),
                   {"client address": ["10.0.0.1 -> 203.0.113.7"], "client port": ["translated"],
                    "client sequence numbers": how, "server sequence numbers": how})

    def test_options(self):
        self.check(Device(mss=1380, strips=("sack", "times")),
                   {"MSS of the SYN": ["1460 -> 1380"], "SACK permitted of the SYN": ["removed"],
                    "timestamps of the SYN": ["removed"], "MSS of the SYN-ACK": ["1460 -> 1380"]})

    def test_window_scale(self):
        self.check(Device(strips=("scale",)), {"window scale of the SYN": ["removed"]})

    def test_congestion_notification(self):
        network = Network(device=Device(ecn=False))
        Talk(network).c("SEC").s("SAE").c("A").c("PA", b"q" * 50, tos=2).s("A").close()
        found = self.join(network).changed()
        self.assertEqual(found["ECN flags of the SYN"], ["cleared"])
        self.assertEqual(found["ECN flags of the SYN-ACK"], ["cleared"])
        self.assertEqual(found["ECN of the client's packets"], ["cleared"])
        self.assertNotIn("ECN of the server's packets", found)

    def test_new_ip_identification(self):
        self.check(Device(identity=500), {})

    def test_translated_without_syn(self):
        """Both captures begin in the middle of the connection."""
        network = traffic(Network(device=Device(address="203.0.113.7", port=1000)), connections=1, seconds=30)
        self.write(network, keep=lambda time: time > 2e9)
        report = Report(self.run_join("c.pcap", "s.pcap", "-o", "joined.pcapng")[0])
        self.assertEqual(report.connections, 2)
        self.assertIn("client address", report.changed())

    def test_rewritten_without_syn(self):
        network = traffic(Network(device=Device(isn=(99, 4000000000))), connections=1, seconds=30)
        self.write(network, keep=lambda time: time > 2e9)
        report = Report(self.run_join("c.pcap", "s.pcap", "-o", "joined.pcapng")[0])
        self.assertEqual(report.connections, 2)
        self.assertIn("client sequence numbers", report.changed())

    def test_syn_in_one_file_alone(self):
        network = traffic(Network(), connections=1, seconds=30, service=50000)   # the higher port
        self.write(network, (two_points.RIGHT, Clock(-3.0)))
        for point, name in ((CLIENT, "c.pcap"), (SERVER, "s.pcap")):
            two_points.write_point(self.path("late.pcap"), network, point, keep=lambda time: time > 2e9)
            files = ["late.pcap" if one == name else one for one in ("c.pcap", "s.pcap")]
            report = Report(self.run_join(*files, "-o", "joined.pcapng")[0])
            self.assertEqual((report.connections, report.lost), (2, [0, 0]))

    def test_equal_payloads_are_not_joined(self):
        """Two connections with the same numbers behind the translation: which is which can't be told."""
        network = Network(device=Device(address="203.0.113.7", port=1000))
        for port in (41000, 41001):
            Talk(network, port=port, times=False).open().exchange().exchange().close()
        Talk(network, port=39999, start=60, isn=(5, 6)).open()
        report = self.join(network)
        self.assertEqual((report.connections, report.alone), (1, [2, 2]))


class Captures(JoinTest):
    def check_offload(self, offload):
        network = Network(offload=offload)
        talk = Talk(network).open()
        for size in (20000, 64000, 100):
            talk.c("PA", b"x" * size).s("A")
            talk.s("PA", b"y" * size).c("A")
        talk.close()
        Talk(network, port=39999, start=60).open()
        self.check_counts(self.join(network, (two_points.RIGHT, Clock(-3.0))), network, 2)

    def test_offload_at_the_client(self):
        self.check_offload((64000, None))

    def test_offload_at_the_server(self):
        self.check_offload((None, 64000))

    def test_piece_lost_of_an_offloaded_segment(self):
        network = Network(offload=(64000, None))
        talk = Talk(network).open().c("PA", b"x" * 14480).s("A")
        whole = talk.segment(CLIENT, "PA", b"z" * 14480)
        for piece in range(10):
            part = talk.segment(CLIENT, "PA", b"z" * 1448, seq=whole.seq + piece * 1448)
            network.look(SERVER, talk.now + 20 * 10**6, part, "") if piece != 4 else None
        network.look(CLIENT, talk.now, whole, "")
        talk.wait(0.1).s("A", ack=whole.seq + 4 * 1448, blocks=((whole.seq + 5 * 1448, whole.seq + 14480),))
        talk.c("PA", b"z" * 1448, seq=whole.seq + 4 * 1448).s("A").close()
        Talk(network, port=39999, start=60).open()
        report = self.join(network)
        self.assertEqual((report.lost, report.missed, report.only_there), ([1, 0], [0, 0], [0, 0]))

    def test_short_frames_in_one_file(self):
        network = traffic(Network(), size=400)
        self.check_counts(self.join(network, (two_points.RIGHT, Clock(1.0)), cuts=(96, 65535)), network, 5)
        self.check_counts(self.join(network, (two_points.RIGHT, Clock(1.0)), cuts=(65535, 58)), network, 5)

    def test_options_that_were_not_captured_are_not_removed(self):
        report = self.join(traffic(Network()), cuts=(65535, 54))
        self.assertNotIn("MSS", report.text)

    def test_swapped(self):
        """The times tell, with TTLs and without."""
        clocks = two_points.RIGHT, Clock(-3.0)
        for hops in (3, 0):
            network = traffic(Network(device=Device(address="203.0.113.7", hops=hops)))
            self.write(network, clocks)
            text, complaint = self.run_join("s.pcap", "c.pcap", "-o", "joined.pcapng")
            self.assertEqual(complaint, "join: the files are swapped: c.pcap is of the client's side\n")
            self.check_written(network, clocks, (65535, 65535), Report(text).bound)
            self.assertEqual(Report(text).arrived, network.arrived)

    def test_connections_of_both_sides(self):
        """Who opens a connection doesn't decide which point is where."""
        network = traffic(Network(), seconds=20)
        mirror = Network(seed=9)
        Talk(mirror, port=42000, client="10.0.0.2", server="10.0.0.1", service=22,
             start=15).open().exchange().close()
        for point in (CLIENT, SERVER):
            network.seen[point] += mirror.seen[1 - point]
        report = self.join(network, (two_points.RIGHT, Clock(-3.0)))
        self.assertEqual(report.connections, 6)
        self.assertEqual(report.lost + report.missed + report.only_there, [0] * 6)
        self.assertEqual([sum(report.arrived)], [sum(network.arrived) + sum(mirror.arrived)])

    def test_cut_file(self):
        network = traffic(Network())
        self.write(network)
        with open(self.path("s.pcap"), "r+b") as file:
            file.truncate(os.path.getsize(self.path("s.pcap")) // 2 + 7)
        text, complaint = self.run_join("c.pcap", "s.pcap", "-o", "joined.pcapng")
        self.assertEqual(complaint,
                         "join: s.pcap ends in the middle of a packet; what is before it was read\n")
        self.assertEqual(Report(text).lost, [0, 0])

    def test_packed_and_of_another_format(self):
        network = traffic(Network())
        self.write(network, (two_points.RIGHT, Clock(2.0)))
        with open(self.path("c.pcap"), "rb") as file, gzip.open(self.path("c.pcap.gz"), "wb") as packed:
            packed.write(file.read())
        subprocess.run(["editcap", "-F", "snoop", "s.pcap", "s.snoop"], cwd=self.folder, check=True)
        report = Report(self.run_join("c.pcap.gz", "s.snoop", "-o", "joined.pcapng")[0])
        self.check_counts(report, network, 5)
        self.assertLess(abs(report.ahead - 2 * 10**9), 10**6)

    def test_different_link_types(self):
        network = traffic(Network())
        self.write(network, (two_points.RIGHT, Clock(-3.0)))
        frames = [(time, packets.cooked(frame[14:])) for time, frame, _ in sorted(network.seen[SERVER])]
        packets.write(self.path("s.pcap"), [((time - START) / 10**9, frame) for time, frame in frames],
                      packets.COOKED)
        report = Report(self.run_join("c.pcap", "s.pcap", "-o", "joined.pcapng")[0])
        self.check_counts(report, network, 5)
        links = [struct.unpack_from("=H", body)[0] for kind, body in blocks(self.path("joined.pcapng"))
                 if kind == 1]
        self.assertEqual(links, [packets.ETHERNET, packets.COOKED])

    def test_copies_of_a_mirror(self):
        """The client's capture has each packet twice: as one."""
        network = traffic(Network())
        network.seen[CLIENT] += [(time + 50000, frame, label) for time, frame, label in network.seen[CLIENT]]
        report = self.join(network, (two_points.RIGHT, Clock(-3.0)))
        self.check_counts(report, network, 5)

    def test_the_joined_file_is_tsharks(self):
        network = traffic(Network())
        self.join(network, (two_points.RIGHT, Clock(-3.0)))
        rows = subprocess.run(["tshark", "-n", "-r", self.path("joined.pcapng"), "-T", "fields", "-e",
                               "frame.interface_name", "-e", "frame.time_delta"], capture_output=True,
                               text=True,
                              check=True).stdout.splitlines()
        rows = [row.split("\t") for row in rows]
        self.assertEqual({name for name, _ in rows}, {"client", "server"})
        self.assertEqual(len(rows), len(network.frames()))
        self.assertGreaterEqual(min(float(delta) for _, delta in rows), 0)


class Impossible(JoinTest):
    def check(self, reason, *files):
        text, complaint = self.run_join(*files, "-o", "joined.pcapng", status=1)
        self.assertEqual(text, "")
        self.assertRegex(complaint, "^join: %s.*\n$" % reason)
        self.assertFalse(os.path.exists(self.path("joined.pcapng")))

    def test_nothing_in_common(self):
        self.write(traffic(Network()))
        os.rename(self.path("c.pcap"), self.path("other.pcap"))
        other = Network()
        for number in range(4):     # the same addresses and ports, and as much data
            talk = Talk(other, port=40000 + number, isn=(number * 10**8, number), start=number * 10.0)
            talk.times, talk.identity = [5, 6], [7, 8]
            talk.open().exchange().close()
        self.write(other)
        self.check(r"other\.pcap and s\.pcap have connections of the same", "other.pcap", "s.pcap")
        different = Network()
        Talk(different, port=51000).open().exchange().close()
        two_points.write_point(self.path("different.pcap"), different, SERVER)
        self.check(r"c\.pcap and different\.pcap have no TCP connection in common", "c.pcap",
                   "different.pcap")

    def test_proxy_with_the_same_addresses(self):
        networks = Network(), Network()
        for number, network in enumerate(networks):
            talk = Talk(network, isn=(1000 + number * 10**9, 5000 + number * 10**8))
            talk.times, talk.identity = [number * 999, number * 77], [number * 7, number * 9]
            talk.open().exchange().close()
        for point, name in ((CLIENT, "c.pcap"), (SERVER, "s.pcap")):
            two_points.write_point(self.path(name), networks[point], point)
        self.check(r"c\.pcap and s\.pcap have connections of the same addresses", "c.pcap", "s.pcap")

    def test_same_file(self):
        self.write(traffic(Network()))
        self.check("c.pcap is given twice", "c.pcap", "./c.pcap")

    def test_same_point(self):
        network = traffic(Network())
        self.write(network)
        two_points.write_point(self.path("later.pcap"), network, CLIENT, Clock(5.0))
        self.check(r"c\.pcap and later\.pcap were captured at the same point", "c.pcap", "later.pcap")

    def test_both_points_already(self):
        network = traffic(Network())
        self.write(network)
        two_points.write_joined(self.path("both.pcapng"), network)
        self.check(r"both\.pcapng already holds two capture points", "both.pcapng", "s.pcap")
        self.check(r"both\.pcapng already holds two capture points", "c.pcap", "both.pcapng")

    def test_no_packets(self):
        self.write(traffic(Network()))
        two_points.write_point(self.path("empty.pcap"), Network(), CLIENT)
        self.check(r"empty\.pcap has no packets", "empty.pcap", "s.pcap")
        open(self.path("nothing"), "w").close()
        self.check("nothing has no packets", "c.pcap", "nothing")

    def test_no_tcp(self):
        self.write(traffic(Network()))
        packets.write(self.path("udp.pcap"), [(0, packets.ethernet(packets.udp("10.0.0.1", "10.0.0.2", (1, 2),
                                                                               b"x")))])
        self.check(r"udp\.pcap has no TCP segments", "c.pcap", "udp.pcap")

    def test_no_capture(self):
        self.write(traffic(Network()))
        with open(self.path("text"), "w") as file:
            file.write("no capture at all\n" * 100)
        self.check("text ", "c.pcap", "text")

    def test_output_that_can_not_be_written(self):
        self.write(traffic(Network()))
        self.run_join("c.pcap", "s.pcap", "-o", "no/folder/joined.pcapng", status=1)

    def test_inputs_and_old_outputs_stay(self):
        self.write(traffic(Network()))
        self.assertIn("would be overwritten", self.run_join("c.pcap", "s.pcap", "-o", "s.pcap", status=1)[1])
        self.run_join("c.pcap", "s.pcap")
        self.assertIn("joined.pcapng exists", self.run_join("c.pcap", "s.pcap", status=1)[1])

    def test_wrong_commands(self):
        for words in ((), ("a",), ("a", "b", "c"), ("--no", "a", "b"), ("a", "b", "-o")):
            text, complaint = self.run_join(*words, status=2)
            self.assertEqual(text, "")
            self.assertIn("usage: scripts/join", complaint)
        self.assertIn("no such file", self.run_join("a", "b", status=1)[1])
        self.assertIn("usage: scripts/join", self.run_join("--help")[0])


if __name__ == "__main__":
    unittest.main()
