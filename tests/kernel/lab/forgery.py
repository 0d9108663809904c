# SPDX-License-Identifier: GPL-2.0-or-later
"""Who sends what no TCP of these two hosts would send?

Segments built by hand and sent through a raw socket, so that a host finds on its cable what a third party
could have put there. The two stacks know nothing of it beforehand, and answer as they do.
"""
import ipaddress
import socket
import struct

from .relay import ACK, FIN, OFFLOAD, PSH, RST, SYN, Packet     # noqa: F401

MSS = b"\x02\x04\x05\xb4"


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def segment(source, target, flags, seq, ack=0, data=b"", options=b""):
    """An IPv4 packet. `source`, `target`: (address, port)."""
    ends = ipaddress.ip_address(source[0]).packed + ipaddress.ip_address(target[0]).packed
    offset = (20 + len(options)) // 4 << 4
    parts = source[1], target[1], seq % 2**32, ack % 2**32, offset, flags, 500
    head = struct.pack("!2H2I2BH", *parts)
    pseudo = ends + struct.pack("!HH", socket.IPPROTO_TCP, len(head) + 4 + len(options) + len(data))
    total = checksum(pseudo + head + bytes(4) + options + data)
    tcp = head + struct.pack("!HH", total, 0) + options + data
    # The kernel fills in the checksum of IP.
    return struct.pack("!2B3H2BH", 0x45, 0, 20 + len(tcp), 0x4242, 0, 61, socket.IPPROTO_TCP, 0) + ends + tcp


def on_wire(packet, up):
    """The same as it would be on the wire, from the client (`up`) or the server."""
    packet = bytearray(packet)
    struct.pack_into("!H", packet, 10, checksum(bytes(packet[:20])))
    own, peer = (1, 2) if up else (2, 1)
    macs = bytes([2, 0, 0, 0, 0, peer, 2, 0, 0, 0, 0, own])
    return Packet(bytes(OFFLOAD) + macs + b"\x08\x00" + bytes(packet), up)


def send(space, packet):
    """Out of the interfaces of this host, whatever source the packet names."""
    with space:
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    with raw:
        raw.sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))


def numbers(relay, up):
    """(SND.NXT, RCV.NXT) of the client (`up`) or the server, by what it has put on the wire."""
    sent = [packet for packet in relay.log if packet.up == up]
    ends = [packet.seq + packet.length + packet.syn + packet.fin for packet in sent]
    return max(ends), max(packet.acked for packet in sent)
