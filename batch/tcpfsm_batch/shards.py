# SPDX-License-Identifier: GPL-2.0-or-later
"""Which shard of a capture a packet belongs to: by the hash of the address pair of the innermost IP header.

Addresses only: a hash with ports would part the fragments of a datagram. An ICMP error goes with the packet
that it quotes. What has no IP header goes to shard 0.
"""
import zlib

ETHERNET, RAW_LINKS, NULL_LINKS, SLL, SLL2, PPP = 1, (12, 14, 101, 228, 229), (0, 108), 113, 276, 9
VLANS = (0x8100, 0x88A8, 0x9100, 0x9200)
IPV4, IPV6, MPLS, PPPOE, BRIDGED = 0x0800, 0x86DD, (0x8847, 0x8848), 0x8864, 0x6558
ERSPAN = {0x88BE: 8, 0x22EB: 12}
EXTENSIONS = (0, 43, 60, 135)
FRAGMENT, AUTHENTICATION = 44, 51
ICMP_ERRORS, ICMPV6_ERRORS = (3, 4, 5, 11, 12), (1, 2, 3, 4)
VXLAN, GENEVE, GTP, TEREDO = (4789, 8472), 6081, 2152, 3544
TUNNEL_PORTS = {*VXLAN, GENEVE, GTP, TEREDO}
DEEPEST = 12        # headers within headers; more is nonsense
REMEMBERED = 1 << 16


def number(data, at, length):
    return int.from_bytes(data[at:at + length], "big")


class Shards:
    """Says of each packet in turn in which of `count` shards it is."""

    def __init__(self, count):
        self.count = count
        self.of_pair = {}           # source and destination as they stand in the header
        self.of_datagram = {}       # whose first fragment showed what is within

    def find(self, data, linktype):
        # By far the most: TCP over IPv4 over Ethernet, no options.
        if linktype == ETHERNET and data[12:15] == b"\x08\x00\x45" and data[23:24] == b"\x06":
            pair = data[26:34]
            shard = self.of_pair.get(pair)
            return self.hash(pair) if shard is None else shard
        return self.link(data, linktype)

    def hash(self, pair):
        """The same for both directions."""
        if len(self.of_pair) >= REMEMBERED:
            self.of_pair.clear()
        half = len(pair) // 2
        shard = zlib.crc32(b"".join(sorted((pair[:half], pair[half:])))) % self.count
        self.of_pair[pair] = shard
        return shard

    def link(self, data, linktype):
        if linktype == ETHERNET:
            return self.ethertype(data, 14, number(data, 12, 2), 0)
        if linktype in RAW_LINKS:
            return self.ip(data, 0, 0)
        if linktype in NULL_LINKS:
            return self.ip(data, 4, 0)
        if linktype == SLL:
            return self.ethertype(data, 16, number(data, 14, 2), 0)
        if linktype == SLL2:
            return self.ethertype(data, 20, number(data, 0, 2), 0)
        if linktype == PPP:
            return self.ppp(data, 2 if data[:2] == b"\xff\x03" else 0, 0)
        return 0

    def ethertype(self, data, at, kind, depth):
        while kind in VLANS:
            kind = number(data, at + 2, 2)
            at += 4
        if kind in (IPV4, IPV6):
            return self.ip(data, at, depth)
        if kind in MPLS:
            return self.mpls(data, at, depth)
        if kind == PPPOE:
            return self.ppp(data, at + 6, depth)
        if kind == BRIDGED:
            return self.ethertype(data, at + 14, number(data, at + 12, 2), depth + 1)
        if kind in ERSPAN:
            at += ERSPAN[kind]
            return self.ethertype(data, at + 14, number(data, at + 12, 2), depth + 1)
        return 0

    def mpls(self, data, at, depth):
        while at + 4 <= len(data) and not data[at + 2] & 1:
            at += 4
        at += 4
        if data[at:at + 1] and data[at] >> 4 in (4, 6):
            return self.ip(data, at, depth)
        at += 4 if data[at:at + 1] and data[at] >> 4 == 0 else 0       # a control word
        return self.ethertype(data, at + 14, number(data, at + 12, 2), depth + 1)

    def ppp(self, data, at, depth):
        kind = number(data, at, 2)
        return self.ip(data, at + 2, depth) if kind in (0x0021, 0x0057) else 0

    def ip(self, data, at, depth):
        version = data[at] >> 4 if at < len(data) else 0
        if depth > DEEPEST:
            return 0
        if version == 4 and at + 20 <= len(data):
            pair = data[at + 12:at + 20]
            inner = at + (data[at] & 15) * 4
            fragment = number(data, at + 6, 2) & 0x3FFF
            datagram = pair + data[at + 4:at + 6] + data[at + 9:at + 10]
            return self.payload(data, inner, data[at + 9], pair, fragment & 0x1FFF,
                                datagram if fragment else None, depth)
        if version == 6 and at + 40 <= len(data):
            return self.ipv6(data, at, depth)
        return 0

    def ipv6(self, data, at, depth):
        pair, kind, inner = data[at + 8:at + 40], data[at + 6], at + 40
        offset, datagram = 0, None
        while inner + 8 <= len(data) and (kind in EXTENSIONS or kind in (FRAGMENT, AUTHENTICATION)):
            following, length = data[inner], data[inner + 1]
            if kind == FRAGMENT:
                field = number(data, inner + 2, 2)
                offset = field >> 3
                datagram = pair + data[inner + 4:inner + 8] if field & 0xFFF9 else None
                inner += 8
            else:
                inner += (length + 2) * 4 if kind == AUTHENTICATION else (length + 1) * 8
            kind = following
            if offset:
                break
        return self.payload(data, inner, kind, pair, offset, datagram, depth)

    def payload(self, data, at, protocol, pair, offset, datagram, depth):
        """`offset` of the fragment; `datagram` tells it apart, None if it is whole."""
        if offset:
            return self.of_datagram.get(datagram, self.by_pair(pair))
        shard = self.within(data, at, protocol, depth)
        if shard is None:
            shard = self.by_pair(pair)
        if datagram:
            if len(self.of_datagram) >= REMEMBERED:
                self.of_datagram.clear()
            self.of_datagram[datagram] = shard
        return shard

    def by_pair(self, pair):
        shard = self.of_pair.get(pair)
        return self.hash(pair) if shard is None else shard

    def within(self, data, at, protocol, depth):
        """The shard of what a tunnel or an ICMP error has inside; None: neither."""
        if protocol in (4, 41):
            return self.ip(data, at, depth + 1)
        if protocol == 47:
            return self.gre(data, at, depth)
        if protocol == 17 and at + 8 <= len(data):
            return self.udp(data, at, depth)
        errors = {1: ICMP_ERRORS, 58: ICMPV6_ERRORS}.get(protocol, ())
        if at + 8 < len(data) and data[at] in errors:
            return self.ip(data, at + 8, depth + 1)
        return None

    def gre(self, data, at, depth):
        flags, kind = number(data, at, 2), number(data, at + 2, 2)
        if flags & 7:
            return None
        at += 4 + sum(4 for bit in (0x8000, 0x2000, 0x1000) if flags & bit)
        if kind == 0x88BE and not flags & 0x1000:       # the first version has no header
            return self.ethertype(data, at + 14, number(data, at + 12, 2), depth + 1)
        if kind in (IPV4, IPV6):
            return self.ip(data, at, depth + 1)
        return self.ethertype(data, at, kind, depth + 1)

    def udp(self, data, at, depth):
        port = number(data, at + 2, 2)
        if port not in TUNNEL_PORTS:
            port = number(data, at, 2)
        at += 8
        if port not in TUNNEL_PORTS or at + 8 > len(data):
            return None
        if port == TEREDO:
            return self.ip(data, self.behind_teredo(data, at), depth + 1)
        if port == GTP:             # user data only
            if data[at + 1] != 255:
                return None
            at += 12 if data[at] & 7 else 8
            return self.ip(data, self.behind_gtp_extensions(data, at), depth + 1)
        kind = BRIDGED
        if port == GENEVE:
            kind, at = number(data, at + 2, 2), at + (data[at] & 63) * 4
        return self.ethertype(data, at + 8, kind, depth + 1)

    @staticmethod
    def behind_teredo(data, at):
        if data[at:at + 2] == b"\0\1":           # an authentication header
            at += 13 + data[at + 2] + data[at + 3]
        return at + 8 if data[at:at + 2] == b"\0\0" else at     # an origin indication

    @staticmethod
    def behind_gtp_extensions(data, at):
        following = data[at - 1] if data[at - 12] & 4 else 0
        while following and at < len(data) and data[at]:
            length = data[at] * 4
            following, at = data[at + length - 1] if at + length <= len(data) else 0, at + length
        return at
