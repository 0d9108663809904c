# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets byte by byte, and captures of them: only what these tests need, standard library alone."""
import ipaddress
import struct

ETHERNET, RAW_IP, COOKED = 1, 101, 113       # link types of a capture file
TCP, UDP, ICMP, ICMP6, GRE, IP_IN_IP, FRAGMENT6 = 6, 17, 1, 58, 47, 4, 44
FLAGS = {"F": 0x01, "S": 0x02, "R": 0x04, "P": 0x08, "A": 0x10, "U": 0x20, "E": 0x40, "C": 0x80}


def checksum(content):
    content += b"\0" * (len(content) % 2)
    total = sum(struct.unpack(">%dH" % (len(content) // 2), content))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(text):
    return ipaddress.ip_address(text).packed


def pseudo_header(source, destination, protocol, length):
    if ":" in source:
        return address(source) + address(destination) + struct.pack(">IxxxB", length, protocol)
    return address(source) + address(destination) + struct.pack(">BBH", 0, protocol, length)


def tcp(source, destination, ports, seq, ack, flags, data=b"", window=8192, options=b""):
    options += b"\1" * (-len(options) % 4)
    bits = sum(FLAGS[flag] for flag in flags)
    offset = (20 + len(options)) // 4 << 4
    head = struct.pack(">HHIIBBH", *ports, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, offset, bits, window)
    rest = b"\0\0" + options + data
    pseudo = pseudo_header(source, destination, TCP, len(head) + 2 + len(rest))
    whole = checksum(pseudo + head + b"\0\0" + rest)
    return head + struct.pack(">H", whole) + rest


def ipv4(source, destination, payload, protocol=TCP, identity=1, fragment=0, more=False, options=b"", ttl=64,
         tos=0):
    """`fragment`: offset in bytes; `options`: a multiple of four bytes."""
    head = struct.pack(">BBHHHBB", 0x45 + len(options) // 4, tos, 20 + len(options) + len(payload),
                       identity & 0xFFFF, (0x2000 if more else 0) | fragment // 8, ttl, protocol)
    ends = address(source) + address(destination) + options
    return head + struct.pack(">H", checksum(head + b"\0\0" + ends)) + ends + payload


def ipv6(source, destination, payload, protocol=TCP, ttl=64, tos=0):
    head = struct.pack(">IHBB", 6 << 28 | tos << 20, len(payload), protocol, ttl)
    return head + address(source) + address(destination) + payload


def ip(source, destination, payload, protocol=TCP, identity=1):
    if ":" in source:
        return ipv6(source, destination, payload, protocol)
    return ipv4(source, destination, payload, protocol, identity)


def version_type(packet):
    return 0x86DD if packet[0] >> 4 == 6 else 0x0800


def ethernet(packet, vlan=None):
    tag = struct.pack(">HH", 0x8100, vlan) if vlan is not None else b""
    return bytes.fromhex("020000000002020000000001") + tag + struct.pack(">H", version_type(packet)) + packet


def cooked(packet):
    return struct.pack(">HHH8sH", 0, 1, 6, b"\2\0\0\0\0\1", version_type(packet)) + packet


def udp(source, destination, ports, payload):
    return ip(source, destination, struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload, UDP)


# Tunnels: each puts an IP packet into another one.

def in_gre(packet):
    return ipv4("192.0.2.1", "192.0.2.2", struct.pack(">HH", 0, version_type(packet)) + packet, GRE)


def in_ip(packet):
    return ipv4("192.0.2.1", "192.0.2.2", packet, IP_IN_IP)


def in_vxlan(packet):
    head = struct.pack(">II", 0x08000000, 42 << 8)
    return udp("192.0.2.1", "192.0.2.2", (50000, 4789), head + ethernet(packet))


def in_gtp(packet):
    head = struct.pack(">BBHI", 0x30, 0xFF, len(packet), 7)
    return udp("192.0.2.1", "192.0.2.2", (2152, 2152), head + packet)


def in_teredo(packet):
    return udp("192.0.2.1", "192.0.2.2", (50000, 3544), packet)


def icmp_error(router, packet, kind=3, code=1, quoted=28):
    """The packet can't be delivered, says a router; it quotes the first bytes of it."""
    body = struct.pack(">BBHI", kind, code, 0, 0) + packet[:quoted]
    body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
    return ipv4(router, str(ipaddress.ip_address(packet[12:16])), body, ICMP)


def icmp6_error(router, packet, kind=1, code=0, quoted=48):
    body = struct.pack(">BBHI", kind, code, 0, 0) + packet[:quoted]
    source = str(ipaddress.ip_address(packet[8:24]))
    whole = checksum(pseudo_header(router, source, ICMP6, len(body)) + body)
    return ipv6(router, source, body[:2] + struct.pack(">H", whole) + body[4:], ICMP6)


def write(path, frames, link=ETHERNET, cut=65535):
    """`frames`: (seconds, bytes). What is behind `cut` bytes isn't captured."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, cut, link))    # nanoseconds
        for seconds, frame in frames:
            whole, part = divmod(round(seconds * 10**9), 10**9)
            file.write(struct.pack("<IIII", 1700000000 + whole, part, min(len(frame), cut), len(frame)))
            file.write(frame[:cut])


def write_far(path, frames, start, link=ETHERNET):
    """The same as pcapng, at any time: `start` and the time of each frame are whole seconds since 1970."""
    def block(kind, body):
        length = 12 + len(body)
        return struct.pack("<II", kind, length) + body + struct.pack("<I", length)

    resolution, offset = struct.pack("<HHB3x", 9, 1, 0), struct.pack("<HHq", 14, 8, start)
    with open(path, "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        file.write(block(1, struct.pack("<HHI", link, 0, 65535) + resolution + offset + struct.pack("<I", 0)))
        for seconds, frame in frames:
            head = struct.pack("<IIIII", 0, seconds >> 32, seconds & 0xFFFFFFFF, len(frame), len(frame))
            file.write(block(6, head + frame + bytes(-len(frame) % 4)))
