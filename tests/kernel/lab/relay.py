# SPDX-License-Identifier: GPL-2.0-or-later
"""What does the network do to a packet?

The wire between the two hosts: a thread that carries frames from one cable to the other, late, never,
twice or in another order, as it is told. Frames travel with their offload header, so segments that the
sender's kernel left for a network card to cut arrive whole, as between two real cards they would be
recorded.
"""
import heapq
import itertools
import os
import select
import socket
import threading
import time

SOL_PACKET, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 263, 15, 23
OFFLOAD = 10    # bytes of struct virtio_net_hdr
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT, SERVER = "192.0.2.1", "192.0.2.2"
BYSTANDER = 9   # the server's port of connections that no rule touches


class Packet:
    """One frame on the wire; `up`: from the client to the server. `origin`: the packet that a device on the
    way made it of, or itself; `parts`: how many were made of it; `forged`: no host has sent it."""

    def __init__(self, raw, up, origin=None, forged=False):
        self.raw, self.up, self.forged = raw, up, forged
        self.origin, self.parts = origin or self, 1
        self.tcp = self.syn = self.fin = self.rst = self.ack = False
        self.length = self.seq = self.acked = self.sport = self.dport = 0
        self.time = time.monotonic()
        ether = OFFLOAD
        kind = raw[ether + 12:ether + 14]
        ip = ether + 14
        if kind == b"\x08\x00" and raw[ip + 9] == 6:
            self._read_tcp(ip + (raw[ip] & 15) * 4, ip + int.from_bytes(raw[ip + 2:ip + 4], "big"))
        elif kind == b"\x86\xdd" and raw[ip + 6] == 6:
            self._read_tcp(ip + 40, ip + 40 + int.from_bytes(raw[ip + 4:ip + 6], "big"))

    def _read_tcp(self, start, end):
        header = self.raw[start:]
        flags = header[13]
        self.tcp = True
        self.start, self.end = start, end
        self.sport, self.dport = int.from_bytes(header[0:2], "big"), int.from_bytes(header[2:4], "big")
        self.seq, self.acked = int.from_bytes(header[4:8], "big"), int.from_bytes(header[8:12], "big")
        self.syn, self.fin = bool(flags & SYN), bool(flags & FIN)
        self.rst, self.ack = bool(flags & RST), bool(flags & ACK)
        self.length = end - start - (header[12] >> 4) * 4

    @property
    def bare_ack(self):
        return self.tcp and self.ack and not (self.syn or self.fin or self.rst or self.length)


def _port(space, interface):
    with space:
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    made.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    made.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    made.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)   # SO_RCVBUFFORCE
    made.setsockopt(socket.SOL_SOCKET, 32, 16 << 20)   # SO_SNDBUFFORCE
    made.bind((interface, 0))
    made.setblocking(False)
    return made


class Relay(threading.Thread):
    """Carries frames until close(). A rule is asked for every packet, the first answer counts: None passes
    the question on, "lose" drops, "hold" keeps the packet until release(), a number delays by so many
    seconds. A `device` (devices.py) makes of each packet the packets that go on in its place; the rules are
    asked for these."""

    def __init__(self, client_side, server_side, delay=0.005, device=None):
        super().__init__(daemon=True)
        self.ports = {True: _port(*client_side), False: _port(*server_side)}
        self.delay = delay
        self.device = device
        self.rules = []
        self.log = []           # every TCP packet that came in, for replays and for waiting; no bystander's
        self.entered, self.delivered = [], []       # the books: every TCP packet that came in, and went out
        self.last = time.monotonic()
        self._held = []
        self._queue = []
        self._number = itertools.count()
        self._lock = threading.Lock()
        self._wake, self._bell = os.pipe()
        self._over = False

    # -- what happens to packets ---------------------------------------------------------------------------
    def rule(self, which, answer, times=None):
        """Give `answer` to the first `times` packets that `which` picks."""
        left = [times]

        def ask(packet):
            if left[0] == 0 or not which(packet):
                return None
            if left[0] is not None:
                left[0] -= 1
            return answer
        self.rules.append(ask)
        return ask

    def lose(self, which, times=None):
        return self.rule(which, "lose", times)

    def hold(self, which, times=None):
        return self.rule(which, "hold", times)

    def release(self, keep=()):
        """Deliver what was held, in its order, and forget all rules but `keep`."""
        with self._lock:
            self.rules = list(keep)
            for packet in self._held:
                self._push(packet, 0)
            self._held = []
        os.write(self._bell, b"!")

    def replay(self, packet):
        """A copy that wandered through the network: deliver an earlier packet once more."""
        with self._lock:
            self._push(packet, 0)
        os.write(self._bell, b"!")

    def inject(self, packet):
        """What no host has sent, put on the wire behind the point where its alleged sender was captured."""
        packet.forged = True
        self.replay(packet)

    def replay_later(self, packet, delay):
        """For rules, which run with the lock held."""
        self._push(packet, self.delay + delay)

    # -- what can be waited for ----------------------------------------------------------------------------
    @property
    def in_flight(self):
        return bool(self._queue)

    def seen(self, which, count=1, timeout=10):
        """Wait until `count` packets that `which` picks have entered the wire."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            found = [packet for packet in list(self.log) if which(packet)]
            if len(found) >= count:
                return found
            time.sleep(0.002)
        raise TimeoutError(f"{count} packets didn't come")

    # -- the thread ----------------------------------------------------------------------------------------
    def _push(self, packet, delay):
        heapq.heappush(self._queue, (time.monotonic() + delay, next(self._number), packet))

    def _judge(self, packet):
        if packet.tcp:
            self.last = time.monotonic()
            self.entered.append(packet)
            stands_by = BYSTANDER in (packet.sport, packet.dport)
            if not stands_by:
                self.log.append(packet)
            parts = self.device(packet) if self.device and not stands_by else [packet]
            packet.parts = sum(part.origin is packet for part in parts)
            for part in parts:
                self._pass_on(part)
        else:
            self._push(packet, self.delay)

    def _pass_on(self, packet):
        rules = [] if BYSTANDER in (packet.sport, packet.dport) else self.rules
        answers = (rule(packet) for rule in rules)
        answer = next((given for given in answers if given is not None), self.delay)
        if answer == "hold":
            self._held.append(packet)
        elif answer != "lose":
            self._push(packet, answer)

    def _take(self, up):
        for _ in range(64):
            try:
                raw = self.ports[up].recv(200000)
            except BlockingIOError:
                return
            with self._lock:
                self._judge(Packet(raw, up))

    def _deliver(self):
        """Send what is due; how long until the next is."""
        while self._queue:
            wait = self._queue[0][0] - time.monotonic()
            if wait > 0:
                return wait
            with self._lock:
                packet = heapq.heappop(self._queue)[2]
            if packet.tcp:
                self.last = time.monotonic()
            try:
                self.ports[not packet.up].send(packet.raw)
            except OSError:
                continue    # a full queue or a longer frame than the cable takes: networks lose packets
            if packet.tcp:
                self.delivered.append(packet)
        return 1

    def run(self):
        poll = select.poll()
        numbers = {port.fileno(): up for up, port in self.ports.items()}
        for number in [*numbers, self._wake]:
            poll.register(number, select.POLLIN)
        while not self._over:
            wait = self._deliver()
            for number, _ in poll.poll(max(wait * 1000, 0.2)):
                if number == self._wake:
                    os.read(self._wake, 100)
                else:
                    self._take(numbers[number])

    def close(self):
        self._over = True
        os.write(self._bell, b"!")
        self.join()
        for port in self.ports.values():
            port.close()
