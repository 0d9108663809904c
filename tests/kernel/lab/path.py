# SPDX-License-Identifier: GPL-2.0-or-later
"""What may stand between the two hosts besides a wire?

A router, with a firewall's rules or without; a proxy that ends the connection in the name of both ends. Each
has the MAC address of the host behind it, so that the two hosts know of nothing.
"""
import socket
import threading

from .namespace import Namespace
from .network import CLIENT, CLIENT6, PORT, SERVER, SERVER6

# The client's address behind a translator, and by how much its ports are greater there.
TRANSLATED, FURTHER = "192.0.2.77", 1234


def router(network, mtu, delay, device, rules=()):
    """Client, wire, router, wire, server; the device stands in the first wire."""
    host = network.router = Namespace()
    for name in "ipv4/ip_forward", "ipv6/conf/all/forwarding":
        host.sysctl(name, 1)
    network.middle = network.wire((network.client, "eth0"), (host, "left"), mtu, delay, device)
    network.wire((host, "right"), (network.server, "eth0"), mtu, delay)
    for interface, own, peer, address, address6 in (("left", 2, 1, CLIENT, CLIENT6),
                                                    ("right", 1, 2, SERVER, SERVER6)):
        host.run(f"ip link set {interface} address 02:00:00:00:00:0{own}")
        for version, target in ("-4", address), ("-6", address6):
            host.run(f"ip {version} route add {target} dev {interface}")
            host.run(f"ip {version} neighbour add {target} lladdr 02:00:00:00:00:0{peer} dev {interface}")
    for rule in rules:
        host.run("nft " + rule)


def translator(network, mtu, delay, device):
    """The same, and the router gives the client another address and another port."""
    rules = ["add table ip nat", "add chain ip nat behind { type nat hook postrouting priority 100 ; }"]
    rules += [f"add rule ip nat behind tcp sport {port} snat to {TRANSLATED}:{port + FURTHER}"
              for port in range(50000, 50020)]
    router(network, mtu, delay, device, rules)
    network.seen_by_server = lambda ends: ((TRANSLATED, ends[0][1] + FURTHER), ends[1])
    network.server.run(f"ip route add {TRANSLATED} via {CLIENT} dev eth0 onlink")


class Proxy:
    """Takes the client's connections in the server's name, and opens one to the server in the client's name
    for each: the same addresses and ports on both sides."""

    def __init__(self, network, mtu, delay, device):
        self.near, self.far = network.near, network.far = Namespace(), Namespace()
        network.middle = network.wire((network.client, "eth0"), (self.near, "eth0"), mtu, delay, device)
        network.wire((self.far, "eth0"), (network.server, "eth0"), mtu, delay)
        network.address(self.near, 2, 1)
        network.address(self.far, 1, 2)
        self._listener = self.near.socket()
        self._listener.bind((SERVER, PORT))
        self._listener.listen(8)
        self._listener.settimeout(None)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            near, peer = self._listener.accept()
            far = self.far.socket()
            far.bind((CLIENT, peer[1]))
            far.connect((SERVER, PORT))
            for one, other in (near, far), (far, near):
                one.settimeout(None)
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    @staticmethod
    def _pass_on(one, other):
        try:
            while part := one.recv(65536):
                other.sendall(part)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass        # an end has reset its connection
