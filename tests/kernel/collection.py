# SPDX-License-Identifier: GPL-2.0-or-later
"""Many captures in one file, so that tshark starts once for all.

All captures have the same two hosts; in the collection those of the n-th get addresses of their own, so
that no connection of one capture can be taken for one of another. Times stay; or, for what is told at a
capture's end, each is moved in time so that all end at the same moment.
"""
import heapq
import ipaddress
import struct

ICMP, ICMP6 = 1, 58
ETHERNET = 1
IPV4, IPV6, VLAN = 0x0800, 0x86DD, 0x8100
SECTION, INTERFACE, PACKET = 0x0A0D0D0A, 1, 6       # blocks of a pcapng file
PCAP = 0xA1B23C4D                                   # a pcap file with nanoseconds
RESOLUTION = 9                                      # option of an interface: if_tsresol
MOST = 250                                          # captures: a byte of the address has their number


def blocks(content):
    """(type, body) of each block of a pcapng file in this machine's byte order."""
    place = 0
    while place < len(content):
        kind, length = struct.unpack_from("<II", content, place)
        if length < 12 or place + length > len(content):
            raise ValueError("not a whole pcapng file of little byte order")
        yield kind, content[place + 8:place + length - 4]
        place += length


def in_nanoseconds(interface):
    """Does this interface stamp in nanoseconds, on Ethernet? No other is read here."""
    place = 8
    while place + 4 <= len(interface):
        option, length = struct.unpack_from("<HH", interface, place)
        if option == RESOLUTION:
            return interface[:2] == struct.pack("<H", ETHERNET) and interface[place + 4] == 9
        place += 4 + (length + 3) // 4 * 4
    return False


def packets(path):
    """(nanoseconds, bytes on the wire, frame) of each packet of a capture."""
    with open(path, "rb") as file:
        content = file.read()
    if content[:4] == struct.pack("<I", PCAP):
        yield from packets_of_pcap(path, content)
        return
    for kind, body in blocks(content):
        if kind == INTERFACE and not in_nanoseconds(body):
            raise ValueError(path + ": not Ethernet in nanoseconds")
        if kind == PACKET:
            _, high, low, captured, wire = struct.unpack_from("<IIIII", body)
            yield high << 32 | low, wire, body[20:20 + captured]


def packets_of_pcap(path, content):
    if struct.unpack_from("<I", content, 20)[0] != ETHERNET:
        raise ValueError(path + ": not Ethernet")
    place = 24
    while place < len(content):
        seconds, fraction, captured, wire = struct.unpack_from("<4I", content, place)
        yield seconds * 10**9 + fraction, wire, content[place + 16:place + 16 + captured]
        place += 16 + captured


def moved_address(address, number):
    """The address that a host of the capture with this number has in the collection."""
    packed = bytearray(ipaddress.ip_address(address).packed)
    packed[7 if len(packed) == 16 else 1] = number
    return str(ipaddress.ip_address(bytes(packed)))


def move(packet, number):
    """Gives an IP packet, and one that an ICMP error quotes, its addresses; nobody looks at checksums."""
    six = packet[0] >> 4 == 6
    first, size, head = (8, 16, 40) if six else (12, 4, (packet[0] & 15) * 4)
    for start in first, first + size:
        packet[start + (7 if six else 1)] = number
    errors = range(1, 5) if six else (3, 11, 12)
    if packet[6 if six else 9] == (ICMP6 if six else ICMP) and packet[head] in errors:
        quoted = packet[head + 8:]
        move(quoted, number)
        packet[head + 8:] = quoted
    return packet


def moved_frame(frame, number):
    start = 18 if int.from_bytes(frame[12:14], "big") == VLAN else 14
    if int.from_bytes(frame[start - 2:start], "big") not in (IPV4, IPV6):
        return frame
    return frame[:start] + bytes(move(bytearray(frame[start:]), number))


def one_after_the_other(parts):
    """The packets of all parts as they stand."""
    return (packet for part in parts for packet in part)


def ending_together(parts):
    """The packets of all parts in the order of time, each part's own order kept, moved to the same end."""
    parts = [list(part) for part in parts]
    ends = [max((packet[2] for packet in part), default=0) for part in parts]
    moved = [[(number, count, time + max(ends) - end, wire, frame)
              for number, count, time, wire, frame in part] for part, end in zip(parts, ends)]
    return heapq.merge(*moved, key=lambda packet: packet[2])


class Collection:
    """Writes the captures to `path`, one after the other or so that they end together; knows what became of
    their frames. `read`: gives the packets of a capture, as packets() does. `arrange`: gives the packets of
    all in the order of the file, each with the number of its capture and its own there, as
    one_after_the_other() and ending_together() do."""

    def __init__(self, captures, path, end_together=False, read=packets, arrange=None):
        if len(captures) > MOST:
            raise ValueError("more than %d captures" % MOST)
        self.captures = list(captures)
        self.path = path
        self.read = read
        self.places = []            # of each frame: its capture's number, from 0, and its own number there
        usual = ending_together if end_together else one_after_the_other
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", PCAP, 2, 4, 0, 0, 0x40000, ETHERNET))
            for number, count, time, wire, frame in (arrange or usual)(self._parts()):
                self.places.append((number, count))
                file.write(struct.pack("<IIII", *divmod(time, 10**9), len(frame), wire))
                file.write(moved_frame(frame, number))

    def _parts(self):
        """Of each capture its packets: (its number, number in it, nanoseconds, bytes on the wire, frame)."""
        for number, capture in enumerate(self.captures):
            yield [(number, count, *packet) for count, packet in enumerate(self.read(capture), 1)]

    def place(self, frame):
        """(number of the capture, number in it) of a frame of the collection."""
        return self.places[int(frame) - 1]

    def frames(self, number):
        """(first, last) frame of a capture."""
        mine = [frame for frame, (capture, _) in enumerate(self.places, 1) if capture == number]
        return mine[0], mine[-1]
