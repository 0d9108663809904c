#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The captures of these tests, each a function that returns frames: captures.py FOLDER writes them all."""
import os
import sys

import packets
from talk import MSS, SACK_OK, SCALE, Talk, timestamps

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "join"))
import two_points as two        # noqa: E402

ALL = {}        # name: (function, link type, bytes captured of a frame)


def capture(link=packets.ETHERNET, cut=65535):
    def register(function):
        ALL[function.__name__.replace("_", "-")] = (function, link, cut)
        return function
    return register


# Healthy: nothing above Chat may be said.

@capture()
def healthy():
    full = MSS + SACK_OK + SCALE
    frames = Talk(41001, options=full).open().exchange().close().frames
    frames += Talk(41002, start=1).open().exchange().s("FA").c("FA").s("A").frames      # the server first
    frames += Talk(41003, start=2, isn=(0xFFFFFFFF, 0xFFFFFFF0)).open().exchange().close().frames    # wrapped
    frames += Talk(41004, start=3).open().c("FA").s("A").s("PA", b"late" * 10).c("A").s("FA").c("A").frames
    return frames


@capture()
def healthy_ipv6():
    return Talk(41005, "2001:db8::1", "2001:db8::2").open().exchange().close().frames


@capture(packets.COOKED)
def healthy_cooked():
    return Talk(41006, frame=packets.cooked).open().exchange().close().frames


@capture(packets.RAW_IP)
def healthy_raw():
    return Talk(41007, frame=bytes).open().exchange().close().frames


@capture()
def healthy_crossing_fins():
    talk = Talk(41008).open().exchange()
    ack = talk.next[0]
    return talk.c("FA").s("FA", after=0.0001, ack=ack).c("A").s("A", after=0.0005).frames


# The nine errors of the stock dissector.

@capture()
def stock_errors():
    frames = []

    def story(port, start):
        talk = Talk(port, isn=(100, 900), start=start, options=b"")
        talk.frames = frames
        return talk

    story(1001, 0).c("S", after=0).s("RA", seq=0, ack=101)                        # A refused
    story(1002, 1).c("S", after=0).s("SA", ack=5555).c("R", seq=5555)             # B SYN-ACK of another SYN
    talk = story(1003, 2).c("S", after=0).s("SA").c("A")                          # C crossing FINs
    talk.c("FA", after=0.08).s("FA", after=0.0001, ack=101).c("A").s("A", after=0.001)
    story(1004, 3).c("S", after=0).s("SA").c("A", ack=777777)                     # D third ACK of something
    talk = story(1005, 4).c("S", after=0).s("SA").c("A").c("PA", b"x" * 10).s("A")
    talk.now = 60                                                                # E the client forgot it all
    talk.c("S", after=0, seq=4000).s("A", seq=901, ack=111).c("R", seq=111)
    talk.c("S", after=0.98, seq=4000).s("SA", seq=70000, ack=4001).c("A", seq=4001, ack=70001)
    talk = story(1006, 70).c("S", after=0).s("SA").c("A").s("R", after=0.08, seq=3000000000)  # F blind RST
    talk.c("PA", b"hello", after=0.1).s("A")
    talk = story(1007, 80).c("S", after=0).s("S", after=0.001)                    # G simultaneous open
    talk.c("SA", seq=100, after=0.009).s("SA", seq=900, ack=101, after=0.001)
    story(1008, 90).c("S", after=0).s("SA").c("A").c("FA", after=0.08).s("A")     # H the server never closes
    return frames


# One capture for each kind of trouble.

@capture()
def retries():
    syn = Talk(42001).c("S").c("S", seq=1000, after=1).c("S", seq=1000, after=2).s("SA").c("A").exchange()
    syn.c("PA", b"z" * 50).c("PA", b"z" * 50, seq=syn.next[0] - 50, after=0.25).s("A").close()
    synack = Talk(42002, start=10).c("S").s("SA").s("SA", seq=9000, after=1).c("A").exchange().close()
    fin = Talk(42003, start=20).open().exchange().c("FA")
    fin.c("FA", seq=fin.next[0] - 1, after=0.3).s("A").s("FA").c("A")
    return syn.frames + synack.frames + fin.frames


@capture()
def unfinished():
    unanswered = Talk(42011).c("S")
    for pause in (1, 2, 4):
        unanswered.c("S", seq=1000, after=pause)
    embryonic = Talk(42012, start=20).c("S").s("SA")
    for pause in (1, 2, 4):
        embryonic.s("SA", seq=9000, after=pause)
    stuck = Talk(42013, start=40).open().exchange().c("FA").s("A")
    unacked = Talk(42014, start=50).open().exchange().c("FA")
    for pause in (0.2, 0.4, 0.8, 1.6):
        unacked.c("FA", seq=unacked.next[0] - 1, after=pause)
    last = Talk(42015, start=60).open().exchange().c("FA").s("FA")
    for pause in (0.2, 0.4, 0.8, 1.6):
        last.s("FA", seq=last.next[1] - 1, after=pause)
    silent = Talk(42016, start=70).open().exchange().c("PA", b"d" * 20)
    for pause in (0.3, 0.6, 1.2, 2.4):
        silent.c("PA", b"d" * 20, seq=silent.next[0] - 20, after=pause)
    idle = Talk(42017, start=80).open()
    waiting = Talk(42018, start=90).open().exchange().c("FA").s("A").c("A", after=30)
    waiting.s("PA", b"u" * 10, after=0.1).c("A")
    waiting.c("A", seq=waiting.next[0] - 1, after=20).s("A")
    backlog = Talk(42019, start=200).c("S").s("SA").c("A").c("PA", b"h" * 30, after=0.1)
    for pause in (1.2, 2):
        backlog.s("SA", seq=9000, ack=1001, after=pause).c("A")
    minor = Talk(42010, start=205).c("S").s("SA")
    end = Talk(42020, start=400).open().exchange().close()
    frames = []
    for talk in (unanswered, embryonic, stuck, unacked, last, silent, idle, waiting, backlog, minor, end):
        frames += talk.frames
    return frames


@capture()
def resets():
    refused = Talk(42021).c("S").s("RA", seq=0)
    rejected = Talk(42022, start=1).c("S").s("SA").c("R")
    abort = Talk(42023, start=2).open().exchange().s("RA")
    after_close = Talk(42024, start=3).open().exchange().c("FA").s("FA").c("A").s("R", seq=9102)
    inexact = Talk(42025, start=4).open().exchange()
    inexact.s("R", seq=inexact.next[1] + 50).c("A").exchange().close()
    later = Talk(42026, start=5).open().exchange().c("RA").s("PA", b"m" * 10, after=2)
    old = Talk(42027, start=10).open().exchange().exchange()
    old.c("R", seq=1101).exchange().close()
    probe = Talk(42028, start=20).open().exchange()
    probe.c("A", seq=probe.next[0] - 1, after=100).s("R", seq=probe.next[1])
    dropped = Talk(42029, start=121).c("S").s("SA").c("A").s("R", after=0.1)
    frames = []
    for talk in (refused, rejected, abort, after_close, inexact, later, old, probe, dropped):
        frames += talk.frames
    return frames


@capture()
def wrong_numbers():
    outside = Talk(42031).open().exchange()
    outside.c("PA", b"o" * 10, seq=outside.next[0] + 500000).s("A").wait(1.2).exchange().close()
    beyond = Talk(42032, start=1).open().exchange()
    beyond.c("A", ack=beyond.next[1] + 3000000).s("A").exchange().close()
    closed = Talk(42033, start=2).open().exchange().c("FA").s("A").c("PA", b"more").s("A").s("FA").c("A")
    without = Talk(42034, start=3).open().exchange()
    without.c("P", b"n" * 10).exchange().close()
    mismatch = Talk(42035, start=4).c("S").s("SA", ack=77777).c("R", seq=77777)
    old = Talk(42036, start=5, options=MSS + timestamps(1000)).open()
    old.c("PA", b"1" * 10, options=timestamps(900000, 1)).s("A", options=timestamps(1000, 900000))
    old.c("PA", b"2" * 10, options=timestamps(800000, 1), after=0.1).s("A", options=timestamps(1001, 900000))
    unwitnessed = Talk(42037, start=6).open().exchange()
    unwitnessed.c("PA", b"u" * 10, seq=unwitnessed.next[0] + 500000)
    frames = []
    for talk in (outside, beyond, closed, without, mismatch, old, unwitnessed):
        frames += talk.frames
    return frames


@capture()
def timers():
    alive = Talk(42041).open().exchange()
    for _ in range(3):
        alive.c("A", seq=alive.next[0] - 1, after=75).s("A")
    probed = Talk(42042, start=300).open().c("PA", b"f" * 100).s("A", window=0)
    probed.c("A", b"1", after=0.3, seq=probed.next[0]).s("A", window=0)
    probed.c("A", b"1", after=0.6, seq=probed.next[0]).s("A", window=0).s("A", after=1, window=8192)
    return alive.frames + probed.exchange().close().frames


@capture()
def reuse():
    first = Talk(42051, isn=(1000, 9000)).open().exchange().close()
    again = Talk(42051, isn=(900000, 9900000), start=first.now + 5).open().exchange().close()
    later = Talk(42051, isn=(500, 400), start=again.now + 100).open().exchange().close()
    killed = Talk(42052, start=200).open().exchange().close()
    killed.s("PA", b"r" * 100, seq=9001).c("A").s("R", seq=killed.next[1])     # RFC 1337
    return first.frames + again.frames + later.frames + killed.frames


@capture()
def openings():
    both = Talk(42061).c("S").s("S").c("SA", seq=1000).s("SA", seq=9000, ack=1001).exchange().close()
    split = Talk(42062, start=1).c("S").s("S").c("SA", seq=1000).s("A").exchange().close()
    cookie = b"\x22\x0a12345678"
    fast = Talk(42063, start=2).c("S", b"GET", options=MSS + cookie).s("SA").c("A").exchange().close()
    data = Talk(42064, start=3).c("S", b"GET").s("SA", ack=1001).c("A", seq=1001).exchange().close()
    crossed = Talk(42065, start=4).c("S", seq=1000)
    crossed.next[0] = 1001
    syn_ack = crossed.packet(1, "SA")
    swapped = Talk(42065, start=4).add(syn_ack).frames + [(4.02, crossed.frames[0][1])]
    crossed.frames = []
    crossed.now = 4.03
    swapped += crossed.c("A").exchange().close().frames         # a mirror showed the SYN-ACK first
    return both.frames + split.frames + fast.frames + data.frames + swapped


@capture()
def joined_late():
    talk = Talk(42071).open().exchange().exchange().close()
    lone = Talk(42072, start=10, isn=(5, 6)).c("PA", b"only this side").c("PA", b"is captured").c("FA")
    return talk.frames[5:] + lone.frames


@capture()
def gaps():
    talk = Talk(42081, options=MSS + SACK_OK).open().exchange()
    start = talk.next[0]
    talk.next[0] += 100                                                  # lost before the capture point
    talk.c("PA", b"b" * 100).s("A", ack=start).s("A", ack=start).s("A", ack=start)
    talk.c("PA", b"a" * 100, seq=start, after=0.02).s("A").close()
    lost = Talk(42082, start=1).c("S").s("SA").c("A").exchange().c("FA").s("PA", b"x" * 10, ack=1101, after=3)
    lost.c("A", seq=1102).c("FA", seq=1101).s("A").s("FA").c("A")
    return talk.frames + lost.frames


@capture()
def copies():
    """Each packet captured twice, as a mirror of both directions of a switch does."""
    frames = Talk(42091).open().exchange().close().frames
    return [(seconds + late, frame) for seconds, frame in frames for late in (0, 0.0001)]


@capture()
def two_vlans():
    """One connection seen on two sides of a router."""
    frames = Talk(42101).open().exchange().close().frames
    return [(seconds + late, frame[:12] + packets.ethernet(frame[14:], vlan)[12:])
            for seconds, frame in frames for vlan, late in ((10, 0), (20, 0.0002))]


# Where TCP hides.

@capture()
def gre():
    return Talk(43001, tunnel=packets.in_gre).open().exchange().close().frames


@capture()
def vxlan():
    return Talk(43002, tunnel=packets.in_vxlan).open().exchange().close().frames


@capture()
def ip_in_ip():
    return Talk(43003, tunnel=packets.in_ip).open().exchange().close().frames


@capture()
def gtp():
    return Talk(43004, tunnel=packets.in_gtp).open().exchange().close().frames


@capture()
def teredo():
    talk = Talk(43005, "2001:0:c000:201::1", "2001:db8::2", tunnel=packets.in_teredo)
    return talk.open().exchange().close().frames


@capture()
def three_tunnels():
    def tunnel(packet):
        return packets.in_gre(packets.in_vxlan(packets.in_ip(packet)))
    return Talk(43006, tunnel=tunnel).open().exchange().close().frames


RPCAP = "-o", "rpcap.linktype:1"


def two_tcp_layers():
    """TCP carries RPCAP, which with this option carries captured packets with TCP."""
    outer = Talk(43041, service=2002).open()
    for number, (seconds, frame) in enumerate(Talk(43042, start=0.05).open().exchange().close().frames):
        header = len(frame).to_bytes(4, "big")
        times = int(seconds).to_bytes(4, "big") + number.to_bytes(4, "big")
        body = times + header + header + (number + 1).to_bytes(4, "big") + frame
        outer.s("PA", b"\0\7\0\0" + len(body).to_bytes(4, "big") + body).c("A")
    return outer.frames


@capture()
def icmp_errors():
    """A SYN that gets an ICMP error, quoted short and whole; then an error inside a healthy connection."""
    frames = []
    for port, quoted, start in ((43011, 28, 0), (43012, 60, 1)):
        talk = Talk(port, start=start)
        syn = talk.packet(0, "S")
        frames += talk.add(syn).add(packets.icmp_error("198.51.100.1", syn, quoted=quoted)).frames
    talk = Talk(43013, start=2).open()
    request = talk.packet(0, "PA", b"g" * 40)
    talk.add(request).add(packets.icmp_error("198.51.100.1", request, kind=11, code=0, quoted=60))
    return frames + talk.s("A").close().frames


# What an ICMP error says that a router, or the host itself, sends about a packet: (type, code).
ICMP_UNREACHABLE = {"network": (3, 0), "host": (3, 1), "port": (3, 3), "host unknown": (3, 7),
                    "network prohibited": (3, 9), "host prohibited": (3, 10), "prohibited": (3, 13),
                    "time to live": (11, 0)}
ICMP6_UNREACHABLE = {"no route": (1, 0), "prohibited": (1, 1), "address": (1, 3), "port": (1, 4),
                     "hop limit": (3, 0)}
ICMP_OTHERS = {"fragmentation needed": (3, 4), "redirect": (5, 1), "source quench": (4, 0)}
ICMP6_OTHERS = {"too big": (2, 0), "parameter problem": (4, 0)}
ROUTER, ROUTER6 = "198.51.100.1", "2001:db8:ffff::1"


@capture()
def unreachable():
    """A SYN for each kind of error that answers one: port 43100 and up, 43200 with IPv6."""
    frames = []
    for number, (kind, code) in enumerate(ICMP_UNREACHABLE.values()):
        talk = Talk(43100 + number, start=number)
        syn = talk.packet(0, "S")
        frames += talk.add(syn).add(packets.icmp_error(ROUTER, syn, kind, code)).frames
    for number, (kind, code) in enumerate(ICMP6_UNREACHABLE.values()):
        talk = Talk(43200 + number, "2001:db8::1", "2001:db8::2", start=20 + number)
        syn = talk.packet(0, "S")
        frames += talk.add(syn).add(packets.icmp6_error(ROUTER6, syn, kind, code)).frames
    return frames


@capture()
def crowds():
    """33 SYNs to one server that nobody answers, 33 idle connections to another."""
    frames = []
    for number in range(33):
        frames += Talk(44000 + number, server="10.0.1.1", start=number * 0.01).c("S").frames
        frames += Talk(44000 + number, server="10.0.1.2", start=number * 0.01).open().frames
    again = Talk(44000, server="10.0.1.1", start=3).c("S")
    alive = Talk(44000, server="10.0.1.2", start=80).c("A", seq=1000, ack=9001)
    return sorted(frames) + again.frames + alive.frames


@capture()
def scan():
    """A client sends a SYN to each of 35 ports of a host, which answers none; one more later."""
    frames = []
    for number in range(35):
        talk = Talk(45000 + number, server="10.0.1.3", service=1 + number, start=number * 0.01)
        frames += talk.c("S").frames
    return frames + Talk(45100, server="10.0.1.3", service=100, start=8).c("S").frames


def two_points():
    """Captured on both sides of a device, an interface each. Each kind of segment gets lost in turn; a RST is
    made, another one seen once; options are changed."""
    whole = two.Network()

    def add(port, story, begin=0.0, **device):
        network = two.Network(device=two.Device(**device))
        story(two.Talk(network, port=port, start=begin))
        for point, seen in enumerate(network.seen):
            whole.seen[point] += seen

    def syn(talk):
        talk.c("S", lost=True).c("S", seq=1000, after=1).s("SA").c("A").exchange().close()

    def syn_ack(talk):
        talk.c("S").s("SA", lost=True).s("SA", seq=9000, after=1).c("A").exchange().close()

    def fin(talk):
        talk.open().exchange().c("FA", lost=True)
        talk.c("FA", seq=talk.next[0] - 1, after=0.25).s("A").s("FA").c("A")

    def data(talk):
        talk.open().exchange().c("PA", b"l" * 50, lost=True)
        talk.c("PA", b"l" * 50, seq=talk.next[0] - 50, after=0.3).s("A").close()

    def reset(talk):
        talk.open().exchange().s("RA", lost=True)
        talk.c("PA", b"m" * 40, after=1).s("R", seq=talk.next[1])

    def made(talk):
        talk.open().exchange().wait(0.2).c("R", after=0.1, lost="made", ttl=250)
        talk.s("R", after=0.001, lost="made", ttl=250)

    def once(talk):
        talk.open().exchange().wait(0.2).c("R", after=0.1, lost="made", ttl=64)

    def contradicted(talk):
        talk.open().exchange().wait(0.2).c("R", after=0.1, lost="made", ttl=64)
        talk.c("PA", b"g" * 50, after=0.5).s("R", seq=talk.next[1])

    def healthy_one(talk):
        talk.open().exchange().close()

    def long_one(talk):
        talk.open()
        for _ in range(8):
            talk.wait(1).exchange()
        talk.close()

    add(43520, long_one)
    for number, story in enumerate((syn, syn_ack, fin, data, reset, made, once, contradicted)):
        add(43501 + number, story, begin=0.001 * number)
    add(43511, healthy_one, begin=1, mss=1380, strips=("sack", "times"), ecn=False)
    return whole


def clocks_apart():
    """The server's clock is 3 s behind."""
    network = two.Network()
    two.Talk(network, port=43512).open().exchange().close()
    network.seen[two.SERVER] = [(time - 3 * 10**9, frame, label)
                                for time, frame, label in network.seen[two.SERVER]]
    return network


@capture()
def fragments():
    """Data in two IP fragments, within a healthy connection."""
    talk = Talk(43021).open()
    whole = talk.packet(0, "PA", b"h" * 1000)
    payload = whole[20:]
    ends = talk.ends
    talk.add(packets.ipv4(*ends, payload[:520], identity=77, more=True))
    talk.add(packets.ipv4(*ends, payload[520:], identity=77, fragment=520))
    return talk.s("A").s("PA", b"i" * 10).c("A").close().frames


@capture(cut=54)
def cut_after_header():
    """14 bytes Ethernet, 20 IP, 20 TCP: no option and no data."""
    return Talk(43031, options=MSS + SCALE).open().exchange().close().frames


@capture(cut=50)
def cut_after_window():
    return Talk(43032, options=MSS + SCALE).open().exchange().close().frames


@capture(cut=44)
def cut_within_header():
    return Talk(43033).open().exchange().close().frames


@capture()
def empty():
    return []


def parts_of_everything():
    return [name for name, (_, link, cut) in ALL.items()
            if link == packets.ETHERNET and cut == 65535 and name not in ("everything", "quiet", "empty")]


def not_in_everything():
    return [name for name in ALL if name not in parts_of_everything() + ["quiet"]] + ["two-points"]


# Nothing above Chat may be said of these.
QUIET = ["healthy", "healthy-ipv6", "healthy-crossing-fins", "gre", "vxlan", "ip-in-ip", "gtp", "teredo",
         "three-tunnels", "fragments", "copies", "two-vlans"]


@capture()
def quiet():
    return one_after_the_other(QUIET)


@capture()
def everything():
    """All that can lie in one Ethernet capture."""
    return one_after_the_other(parts_of_everything())


def one_after_the_other(names):
    frames, start = [], 0.0
    for name in names:
        part = sorted(ALL[name][0](), key=lambda frame: frame[0])
        frames += [(start + seconds, frame) for seconds, frame in part]
        start = frames[-1][0] + 10
    return frames


def write_all(folder):
    """The paths by name."""
    paths = {}
    for name, (function, link, cut) in ALL.items():
        paths[name] = os.path.join(folder, name + ".pcap")
        packets.write(paths[name], function(), link, cut)
    paths["two-points"] = os.path.join(folder, "two-points.pcapng")
    two.write_joined(paths["two-points"], two_points())
    paths["clocks-apart"] = os.path.join(folder, "clocks-apart.pcapng")
    two.write_joined(paths["clocks-apart"], clocks_apart())
    return paths


if __name__ == "__main__":
    write_all(sys.argv[1])
