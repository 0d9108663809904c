# SPDX-License-Identifier: GPL-2.0-or-later
"""Client, wire, server: the stage of one scene, and the notes taken of it."""
import os
import socket
import struct
import time

from .capture import Capture, convert, packets
from .kernel_states import state_of, states
from .namespace import Namespace, join
from .relay import CLIENT, SERVER, Relay       # noqa: F401

CLIENT6, SERVER6 = "2001:db8::1", "2001:db8::2"
PORT = 7777
TCP_REPAIR = 19
QUIET, AFTER = 0.11, 0.025      # seconds without a packet before and after a look at the states


def plain(network, mtu, delay, device):
    """One wire, and a device in it if there is one."""
    network.middle = network.wire((network.client, "eth0"), (network.server, "eth0"), mtu, delay, device)


class Network:
    """The two hosts. Without `relay`, one cable joins them directly; else `between` (path.py) says what is
    between them, and `device` (devices.py) what it does to packets."""

    def __init__(self, relay=True, mtu=1500, delay=0.005, sysctl=(), gso=None, device=None,
                 between=None):
        self.client, self.server = Namespace(), Namespace()
        for name, value in dict(sysctl).items():
            for space in self.client, self.server:
                space.sysctl(name, value)
        self.relay = self.middle = None
        self.relays = []        # from the client to the server
        if relay:
            (between or plain)(self, mtu, delay, device)
            self.relay = self.relays[0]
        else:
            join((self.client, "eth0"), (self.server, "eth0"), mtu, gso)
        self.address(self.client, 1, 2, mtu >= 1280)
        self.address(self.server, 2, 1, mtu >= 1280)

    def seen_by_server(self, ends):
        """(client, server), as the server knows them."""
        return ends

    def wire(self, one, other, mtu=1500, delay=0.005, device=None):
        """Lay a wire between two interfaces that aren't there yet; the namespace that is the wire."""
        middle = Namespace()
        middle.sysctl("ipv6/conf/default/disable_ipv6", 1)
        join(one, (middle, "left"), mtu)
        join((middle, "right"), other, mtu)
        self.relays.append(Relay((middle, "left"), (middle, "right"), delay, device))
        self.relays[-1].start()
        return middle

    @staticmethod
    def address(space, own, peer, six=False, interface="eth0"):
        """Fixed addresses and neighbours: no ARP, no duplicate address detection."""
        mac = "02:00:00:00:00:0%d"
        space.run(f"ip link set {interface} address " + mac % own)
        space.run(f"ip address add 192.0.2.{own}/24 dev {interface}")
        space.run(f"ip neighbour add 192.0.2.{peer} lladdr {mac % peer} dev {interface}")
        if six:
            space.run(f"ip -6 address add 2001:db8::{own}/64 dev {interface} nodad")
            space.run(f"ip -6 neighbour add 2001:db8::{peer} lladdr {mac % peer} dev {interface}")

    def close(self):
        for relay in self.relays:
            relay.close()


class Lab(Network):
    """A network with a clipboard: records one or both ends, and notes the states that the kernels report."""

    def __init__(self, name, folder, ends=("client",), filter_="tcp or icmp", late=False, **options):
        super().__init__(**options)
        self.name, self.folder, self.ends, self.filter = name, folder, ends, filter_
        self.tuples = []        # [client (address, port), server (address, port)]
        self.connected = set()  # tuples that the server's application has accepted
        self.lines = []
        self._moments = []      # nanoseconds of each note
        self._sockets = []      # kept open until the recording is over, unless the scene closes them
        self._captures = []
        if not late:
            self.record()

    # -- recording -----------------------------------------------------------------------------------------
    def record(self):
        for end in self.ends:
            path = os.path.join(self.folder, f".{self.name}.{end}.pcap")
            self._captures.append(Capture(getattr(self, end), "eth0", path, filter_=self.filter))

    def finish(self, comment):
        """Stop recording; write the captures and the states beside them."""
        lengths = {}
        for capture in self._captures:
            capture.stop()
            self._check_quiet(capture.path)
        for capture, end in zip(self._captures, self.ends):
            suffix = f".{end}" if len(self.ends) > 1 else ""
            target = os.path.join(self.folder, f"{self.name}{suffix}.pcapng")
            place = f"{end}'s interface"
            lengths[end] = convert(capture.path, target, place, comment)
        with open(os.path.join(self.folder, self.name + ".states"), "w", encoding="ascii") as file:
            file.write("# unix time, client, server, state of each in the Linux kernel\n")
            file.write(f"# captured at: {' '.join(self.ends)}\n")
            file.writelines(line + "\n" for line in self.lines)
        return lengths

    def close(self):
        for capture in self._captures:
            capture.discard()
        super().close()

    def _check_quiet(self, path):
        """The packets' own times must show no packet around a note; the relay is late on a busy machine."""
        times = [when for when, _, _ in packets(path)]
        for moment in self._moments:
            if any(moment - 100_000_000 < when < moment + 20_000_000 for when in times):
                raise TimeoutError(self.name + ": a note wasn't taken at a quiet moment")

    def quiet(self, least=QUIET):
        """Wait until nothing has moved for so long, from now on: what was just asked of a socket counts,
        too."""
        begin = time.monotonic()
        while (any(relay.in_flight for relay in self.relays) or
               time.monotonic() - max(begin, *(relay.last for relay in self.relays)) < least):
            if time.monotonic() > begin + 12:
                raise TimeoutError(self.name + ": never quiet")
            time.sleep(0.003)

    def note(self, within=60, **marks):
        """At the next quiet moment, write down what both kernels say. `marks`: client="presumed:A,B" for a
        capture at the client that can't know better than to presume A and B; client="unknowable". A moment
        later than `within` seconds from now would be after a retransmission that changes everything."""
        begin = time.monotonic()
        while True:
            self.quiet()
            tables = states(self.client), states(self.server)
            now, packet = time.time_ns(), self.relay.last
            if time.monotonic() - begin > within:
                raise TimeoutError(self.name + ": no quiet moment in time")
            time.sleep(AFTER)
            if self.relay.last == packet and not self.relay.in_flight:
                break
        self._moments.append(now)
        words = "".join(f" {end}-capture={mark}" for end, mark in marks.items() if end in self.ends)
        for client, server in self.tuples:
            found = (state_of(tables[0], client, server, True),
                     state_of(tables[1], server, client, (client, server) in self.connected))
            text = [f"[{a}]:{p}" if ":" in a else f"{a}:{p}" for a, p in (client, server)]
            self.lines.append(f"{now // 10**9}.{now % 10**9:09} {' '.join(text)} {' '.join(found)}{words}")

    # -- sockets -------------------------------------------------------------------------------------------
    def listen(self, backlog=8, six=False, options=()):
        made = self.server.socket(socket.AF_INET6 if six else socket.AF_INET)
        for option in options:
            made.setsockopt(*option)
        self._sockets.append(made)
        made.bind((SERVER6 if six else SERVER, PORT))
        made.listen(backlog)
        return made

    def dial(self, port=50000, six=False, options=(), to=None):
        """The client's socket, bound, SYN not yet sent."""
        client, server = ((CLIENT6, port), (SERVER6, PORT)) if six else ((CLIENT, port), to or (SERVER, PORT))
        made = self.client.socket(socket.AF_INET6 if six else socket.AF_INET)
        for option in options:
            made.setsockopt(*option)
        self._sockets.append(made)
        made.bind(client)
        if (client, server) not in self.tuples:
            self.tuples.append((client, server))
        return made

    def start(self, dialled, to=None):
        """Send the SYN and don't wait."""
        dialled.setblocking(False)
        try:
            dialled.connect(to or self.tuples[-1][1])
        except BlockingIOError:
            pass

    def accept(self, listener):
        made, peer = listener.accept()
        made.settimeout(20)
        self._sockets.append(made)
        self.connected.add((tuple(peer[:2]), tuple(made.getsockname()[:2])))
        return made

    def connect(self, listener, port=50000, six=False, options=()):
        """A connection through the three-way handshake: the client's socket and the server's."""
        dialled = self.dial(port, six, options)
        dialled.connect((SERVER6 if six else SERVER, PORT))
        accepted = self.accept(listener)
        self.quiet(0.03)
        return dialled, accepted


def reset_on_close(made):
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def vanish(made):
    """The socket goes, its peer hears nothing: as when a host loses power. (A socket in repair is closed
    so.)"""
    made.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    made.close()


def receive(made, count):
    data = b""
    while len(data) < count:
        part = made.recv(count - len(data))
        if not part:
            break
        data += part
    return data
