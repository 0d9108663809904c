#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the ring buffer of a small site that has a bad day, in pcapng files as dumpcap leaves them.

    ring_buffer.py FOLDER [--files N] [--seconds N] [--rate N]

The same arguments make the same files. At a third of the time a release of the application server forgets to
close sockets; later its cache is down for a while, the database restarts, a firewall drops mail, and somebody
scans ports.
"""
import argparse
import ipaddress
import os
import random
import struct
import time

SECOND = 1000000000
START = 1795262400 * SECOND         # 2026-11-21 12:00:00 UTC
SYN, ACK, FIN, RST, PSH = 0x02, 0x10, 0x01, 0x04, 0x08
BLOCK_TYPES = {"section": 0x0A0D0D0A, "interface": 1, "packet": 6}


class Conversation:
    """One connection: each segment is a packet for the site's list."""

    def __init__(self, site, at, client, server):
        self.site, self.at = site, at
        self.ends = {"c": client, "s": server}
        self.next = {"c": site.dice.getrandbits(32), "s": site.dice.getrandbits(32)}
        self.trip = site.dice.randint(300, 40000) * 1000    # ns, one way

    def send(self, end, flags, size=0, after=None, lost=False):
        """A segment some time after the one before; of a `lost` one its receiver knows nothing."""
        other = "s" if end == "c" else "c"
        self.at += self.trip if after is None else after
        acked = self.next[other] if flags & ACK else 0
        self.site.add(self.at, self.ends[end], self.ends[other], self.next[end], acked, flags, size)
        if not lost:
            self.next[end] = (self.next[end] + size + bool(flags & (SYN | FIN))) & 0xFFFFFFFF
        return self

    def open(self):
        return self.send("c", SYN, after=0).send("s", SYN | ACK).send("c", ACK)

    def talk(self, rounds, pause=0):
        for _ in range(rounds):
            self.send("c", PSH | ACK, self.site.dice.randint(80, 900), self.trip + pause)
            self.send("s", PSH | ACK, self.site.dice.randint(200, 1400),
                      self.site.dice.randint(1, 60) * 1000000)
            self.send("c", ACK)
        return self

    def close(self, first="c"):
        second = "s" if first == "c" else "c"
        self.send(first, FIN | ACK).send(second, ACK).send(second, FIN | ACK, after=2000000)
        return self.send(first, ACK)

    def forget_to_close(self):
        return self.send("c", FIN | ACK).send("s", ACK)

    def repeat(self, end, flags, times):
        """The same again and again, at intervals that double."""
        for count in range(times):
            self.send(end, flags, after=(1 << count) * SECOND if count else self.trip, lost=True)
        return self


class Site:
    def __init__(self, dice, end):
        self.dice, self.end, self.packets = dice, end, []
        self.ports = {}

    def add(self, at, source, destination, seq, ack, flags, size):
        if at < self.end:
            self.packets.append((at, packet(source, destination, seq, ack, flags, size)))

    def client(self, net="10.4.%d.%d"):
        address = net % (self.dice.randint(0, 3), self.dice.randint(2, 60)) if "%" in net else net
        port = self.ports[address] = self.ports.get(address, 32767) + 1
        return address, 1024 + port % 64000

    def conversation(self, at, server, client=None):
        return Conversation(self, at, client or self.client(), server)


def packet(source, destination, seq, ack, flags, size):
    """Ethernet, IPv4 or IPv6, TCP, and zeros."""
    options = b"\x02\x04\x05\xb4" if flags & SYN else b""
    tcp = struct.pack("!HHIIBBHHH", source[1], destination[1], seq, ack, (20 + len(options)) // 4 << 4, flags,
                      64240, 0, 0) + options + bytes(size)
    addresses = [ipaddress.ip_address(end[0]) for end in (source, destination)]
    packed = b"".join(address.packed for address in addresses)
    if addresses[0].version == 4:
        return b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + struct.pack(
            "!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + packed + tcp
    return b"\2\0\0\0\0\2\2\0\0\0\0\1\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(tcp), 6, 64) + packed + tcp


# --- a day ------------------------------------------------------------------

WEB, APP, CACHE = ("10.20.0.10", 443), ("10.20.0.20", 8080), ("10.20.0.40", 6379)
DATABASE, MAIL, WEB6 = ("10.20.0.30", 5432), ("10.20.0.50", 25), ("2001:db8:20::10", 443)
SCANNED, BUSY = "10.20.0.60", ("10.20.0.70", 443)


def day(site, begin, seconds, rate):
    """All packets of the site. `rate`: connections a second."""
    dice = site.dice
    for _ in range(int(seconds * rate)):
        share = dice.random()
        visit(site, begin + int(share * seconds * SECOND), share, dice.random())
    pool(site, begin, seconds)
    scan(site, begin + int(0.6 * seconds) * SECOND)
    flood(site, begin + int(0.8 * seconds) * SECOND)


def visit(site, at, share, kind):
    """One connection; `share` of the day has passed."""
    dice = site.dice
    if kind < 0.42:
        site.conversation(at, WEB).open().talk(dice.randint(1, 5)).close(dice.choice("cccs"))
    elif kind < 0.50:
        site.conversation(at, WEB6, site.client("2001:db8:4::%x%02x")).open().talk(2).close()
    elif kind < 0.74:
        talk = site.conversation(at, APP).open().talk(dice.randint(1, 3))
        talk.forget_to_close() if share > 1 / 3 and dice.random() < 0.12 else talk.close()
    elif kind < 0.88:
        down = 0.50 < share < 0.58
        talk = site.conversation(at, CACHE)
        talk.send("c", SYN, after=0).send("s", RST | ACK) if down else talk.open().talk(4).close()
    elif kind < 0.92:
        talk = site.conversation(at, MAIL)
        talk.repeat("c", SYN, 5) if share > 0.7 else talk.open().talk(6, 100000000).close("s")
    elif kind < 0.97:       # the health check of a load balancer
        site.conversation(at, APP, site.client("10.20.0.2")).open().send("c", RST | ACK)
    else:
        talk = site.conversation(at, BUSY).open().talk(1)
        talk.send("c", PSH | ACK, 300).send("s", RST | ACK)


def pool(site, begin, seconds):
    """Connections to a database that restarts: the old ones are reset as they are used again."""
    restart = begin + int(0.65 * seconds) * SECOND
    for _ in range(25):
        talk = site.conversation(begin + site.dice.randint(0, 20 * SECOND), DATABASE).open()
        while talk.at < restart:
            talk.talk(1, site.dice.randint(2, 40) * SECOND)
        talk.at = max(talk.at, restart) + site.dice.randint(5, 90) * SECOND
        talk.send("c", PSH | ACK, 120, lost=True)
        talk.send("s", RST)


def scan(site, at):
    client = "203.0.113.9"
    for port in range(20, 60):
        talk = site.conversation(at, (SCANNED, port), site.client(client))
        talk.send("c", SYN, after=0)
        if port % 3:
            talk.send("s", RST | ACK)
        at += 200000000


def flood(site, at):
    """SYNs from addresses that don't reply to the SYN-ACK."""
    for _ in range(120):
        client = "198.51.100.%d" % site.dice.randint(1, 254)
        talk = site.conversation(at, ("10.20.0.10", 80), site.client(client)).send("c", SYN, after=0)
        talk.repeat("s", SYN | ACK, 4)
        at += 15000000


# --- files ------------------------------------------------------------------

def block(kind, body):
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", BLOCK_TYPES[kind]) + length + body + length


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def write(path, packets):
    with open(path, "wb") as file:
        file.write(block("section", struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        options = option(2, b"eth0") + option(9, b"\x09") + option(0, b"")
        file.write(block("interface", struct.pack("<HHI", 1, 0, 262144) + options))
        for at, data in packets:
            head = struct.pack("<IIIII", 0, at >> 32, at & 0xFFFFFFFF, len(data), len(data))
            file.write(block("packet", head + data))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30, help="of each file (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=3, help="connections a second (default: %(default)s)")
    arguments = parser.parse_args()
    seconds = arguments.files * arguments.seconds
    site = Site(random.Random(20261121), START + seconds * SECOND)
    day(site, START, seconds, arguments.rate)
    site.packets.sort(key=lambda item: item[0])
    os.makedirs(arguments.folder, exist_ok=True)
    first = 0
    for number in range(arguments.files):
        begin = START + number * arguments.seconds * SECOND
        last = first
        while last < len(site.packets) and site.packets[last][0] < begin + arguments.seconds * SECOND:
            last += 1
        stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(begin // SECOND))
        name = "site_%05d_%s.pcapng" % (number + 1, stamp)
        write(os.path.join(arguments.folder, name), site.packets[first:last])
        first = last


if __name__ == "__main__":
    main()
