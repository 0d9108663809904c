# SPDX-License-Identifier: GPL-2.0-or-later
"""What is between two capture points: losses, devices, and segments that no host has sent."""
import itertools
import random
import socket
import threading
import time

from lab import forgery, path
from lab.devices import Cutting, Renumbering, Splicing, Stripping
from lab.network import receive, reset_on_close

from . import between

NO_TIMESTAMPS = {"ipv4/tcp_timestamps": 0}
PORTS = range(50000, 50020)
BULK = 120_000


def _talk(client, server):
    client.sendall(b"question\n")
    receive(server, 9)
    server.sendall(b"answer\n")
    receive(client, 7)


def _close(lab, client, server):
    client.close()
    lab.quiet()
    server.close()
    lab.quiet()


def _whole(lab, listener, port=50000, six=False):
    client, server = lab.connect(listener, port, six)
    _talk(client, server)
    lab.quiet()
    _close(lab, client, server)


# -- each step lost in turn --------------------------------------------------------------------------------
def _steps(closer):
    """What a conversation's segments look like on the wire; `closer`: is it the client who closes first?"""
    return [lambda p: p.syn and not p.ack, lambda p: p.syn and p.ack,
            lambda p: p.up and p.bare_ack, lambda p: p.up and p.length, lambda p: not p.up and p.bare_ack,
            lambda p: not p.up and p.length,
            lambda p: p.up == closer and p.fin, lambda p: p.up != closer and p.fin]


def _lose_each(lab, six=False, client_closes=True):
    listener = lab.listen(six=six)
    for port, step in zip(PORTS, _steps(client_closes)):
        rule = lab.relay.lose(lambda p, port=port, step=step: port in (p.sport, p.dport) and step(p), 1)
        client, server = lab.connect(listener, port, six)
        _talk(client, server)
        lab.quiet(0.3)
        client, server = (client, server) if client_closes else (server, client)
        client.close()
        server.recv(1)
        lab.quiet(0.3)
        server.close()
        lab.quiet(0.3)
        lab.relay.rules.remove(rule)
    return listener


@between()
def each_step_lost(lab):
    """A connection for each step of the handshake, of the data and of the teardown: that step is lost."""
    _lose_each(lab)


@between()
def each_step_lost_server_closes(lab):
    """The same, and the server closes first."""
    _lose_each(lab, client_closes=False)


@between()
def each_step_lost_over_ipv6(lab):
    """The same over IPv6: no identification tells copies apart."""
    _lose_each(lab, six=True)


@between(sysctl=NO_TIMESTAMPS)
def each_step_lost_without_timestamps(lab):
    """The same without timestamps."""
    _lose_each(lab)


@between(sysctl=NO_TIMESTAMPS)
def each_step_lost_over_ipv6_without_timestamps(lab):
    """The same over IPv6 without timestamps: nothing tells equal copies apart but their times."""
    _lose_each(lab, six=True)


@between()
def last_acks_lost(lab):
    """The ACK of the first FIN, then in another connection that of the second one, is lost."""
    listener = lab.listen()
    for port, up in (50000, False), (50001, True):
        client, server = lab.connect(listener, port)
        _talk(client, server)
        lab.quiet()
        if not up:
            lab.relay.lose(lambda p: not p.up and p.bare_ack, 1)
        client.close()
        lab.quiet(0.4)
        if up:
            lab.relay.lose(lambda p: p.up and p.bare_ack, 1)
        server.close()
        lab.quiet(0.4)
        time.sleep(1.1)


@between()
def reset_lost(lab):
    """The client's RST is lost; the server's next data meet nobody."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    lab.quiet()
    lab.relay.lose(lambda p: p.rst, 1)
    reset_on_close(client)
    client.close()
    time.sleep(1.2)
    server.sendall(b"still here\n")
    lab.quiet()


@between()
def one_way_blocked(lab):
    """From some moment on all that the client sends is lost: its data and its FIN."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    lab.quiet()
    lab.relay.lose(lambda p: p.up and p.dport == 7777)
    client.sendall(b"lost\n")
    client.close()
    time.sleep(2)
    server.sendall(b"one way\n")
    lab.quiet(0.08)


# -- many packets ------------------------------------------------------------------------------------------
def _transfer(lab, six=False, size=BULK, port=50000):
    """Much in both directions, then the client closes."""
    listener = lab.listen(six=six)
    client, server = lab.connect(listener, port, six)
    got = []
    readers = [threading.Thread(target=lambda end=end: got.append(len(receive(end, size))))
               for end in (client, server)]
    for reader in readers:
        reader.start()
    for end in client, server:
        threading.Thread(target=end.sendall, args=(b"x" * size,), daemon=True).start()
    for reader in readers:
        reader.join()
    if got != [size, size]:
        raise RuntimeError(f"{got} bytes arrived")
    lab.quiet(0.4)
    _close(lab, client, server)


def _dice(lab, share, answer):
    dice = random.Random(lab.name)
    lab.relay.rule(lambda p: dice.random() < share, answer)


@between(device=Cutting())
def loss_ten_percent(lab):
    """Every tenth packet is lost, of both directions; the kernels' segments are cut first."""
    _dice(lab, 0.1, "lose")
    _transfer(lab, size=60_000)


@between(device=Cutting())
def loss_ten_percent_over_ipv6(lab):
    """The same over IPv6."""
    _dice(lab, 0.1, "lose")
    _transfer(lab, six=True, size=60_000)


@between(device=Cutting(), sysctl=NO_TIMESTAMPS)
def loss_ten_percent_without_timestamps(lab):
    """The same without timestamps."""
    _dice(lab, 0.1, "lose")
    _transfer(lab, size=60_000)


@between(device=Cutting())
def reordering(lab):
    """Every tenth packet is overtaken by others."""
    _dice(lab, 0.1, 0.009)
    _transfer(lab)


@between(device=Cutting())
def offload(lab):
    """What leaves a host as 64 kB arrives as segments; none is lost."""
    _transfer(lab, size=400_000)


@between(device=Cutting(3))
def offload_on_both_sides(lab):
    """The other host's card puts three segments together."""
    _transfer(lab, size=400_000)


@between(device=Cutting())
def offload_with_losses(lab):
    """Of what leaves a host as 64 kB some segments are lost."""
    _dice(lab, 0.02, "lose")
    _transfer(lab, size=200_000)


# -- devices -----------------------------------------------------------------------------------------------
@between(between=path.translator)
def address_translation(lab):
    """A router gives the client another address and another port; nothing is lost."""
    listener = lab.listen()
    for port in PORTS[:3]:
        _whole(lab, listener, port)


@between(between=path.translator)
def address_translation_with_losses(lab):
    """The same, and each step is lost once before the router."""
    _lose_each(lab)


@between(device=Renumbering())
def renumbering(lab):
    """A firewall gives the client's streams other numbers; each step is lost once."""
    _lose_each(lab)


@between(device=Renumbering(both=True))
def renumbering_both_ways(lab):
    """A firewall gives the streams of both ends other numbers, SACK's, too; some segments are lost."""
    _dice(lab, 0.05, "lose")
    _transfer(lab)


@between(device=Stripping())
def stripping(lab):
    """A firewall lowers the MSS and takes the window scale, SACK and the timestamps off; each step is lost
    once."""
    _lose_each(lab)


@between(between=path.router)
def routed(lab):
    """A router between the points; each step is lost once."""
    _lose_each(lab)


@between(between=path.router, points=3)
def three_points(lab):
    """A router between the points is the third one; each step is lost once before it, then one behind it."""
    listener = _lose_each(lab)
    lab.relays[1].lose(lambda p: p.up and p.fin, 1)
    _whole(lab, listener, 50019)


@between(device=Splicing())
def splicing(lab):
    """A firewall completes the client's handshake before it asks the server, then gives the server's stream
    other numbers."""
    listener = lab.listen()
    for port in PORTS[:3]:
        client, server = lab.connect(listener, port)
        lab.quiet()
        _talk(client, server)
        lab.quiet()
        _close(lab, client, server)


@between()
def acks_thinned_out(lab):
    """A device lets only every third of the ACKs pass that have nothing else to say."""
    count = itertools.count()
    lab.relay.lose(lambda p: p.bare_ack and next(count) % 3)
    _transfer(lab)


@between(between=path.Proxy)
def proxy(lab):
    """A device ends the client's connections and opens its own with the same addresses and ports."""
    listener = lab.listen()
    for port in PORTS[:2]:
        client, server = lab.connect(listener, port)
        _talk(client, server)
        lab.quiet()
        client.shutdown(socket.SHUT_WR)
        receive(server, 1)
        lab.quiet()
        server.close()
        receive(client, 1)
        client.close()
        lab.quiet()


# -- what no host has sent ---------------------------------------------------------------------------------
def _forge(lab, up, flags, data=b"", ahead=0, ttl=64):
    """A segment between the points, with the numbers that its alleged sender would give it."""
    source, target = lab.tuples[-1] if up else lab.tuples[-1][::-1]
    sent, acked = forgery.numbers(lab.relay, up)
    packet = bytearray(forgery.segment(source, target, flags, sent + ahead, acked, data))
    packet[8], packet[4:6] = ttl, b"\x77\x77"
    lab.relay.inject(forgery.on_wire(packet, up))


def _opened(lab, port=50000):
    listener = lab.listen()
    client, server = lab.connect(listener, port)
    _talk(client, server)
    lab.quiet()
    return client, server


@between()
def forged_reset_to_server(lab):
    """A RST in the client's name reaches the server only; the client goes on, and learns of it."""
    client, _ = _opened(lab)
    _forge(lab, True, forgery.RST | forgery.ACK)
    time.sleep(1.2)
    client.sendall(b"still here\n")
    lab.quiet()


@between()
def forged_reset_to_client(lab):
    """A RST in the server's name reaches the client only; the server goes on."""
    _, server = _opened(lab)
    _forge(lab, False, forgery.RST | forgery.ACK)
    time.sleep(1.2)
    server.sendall(b"still here\n")
    lab.quiet()


@between()
def forged_resets_to_both(lab):
    """A device resets both ends, each in the other's name."""
    _opened(lab)
    _forge(lab, True, forgery.RST | forgery.ACK)
    _forge(lab, False, forgery.RST | forgery.ACK)
    time.sleep(1.2)


@between()
def forged_reset_with_other_ttl(lab):
    """A RST in the client's name from elsewhere: its TTL is another one. The client is silent then."""
    _opened(lab)
    _forge(lab, True, forgery.RST | forgery.ACK, ttl=51)
    time.sleep(1.2)


@between()
def forged_reset_alone(lab):
    """A RST in the client's name like its own, and the client is silent from then on: nobody can tell."""
    _opened(lab)
    _forge(lab, True, forgery.RST | forgery.ACK)
    time.sleep(1.2)


@between()
def forged_fin(lab):
    """A FIN in the client's name reaches the server; the client goes on."""
    client, server = _opened(lab)
    _forge(lab, True, forgery.FIN | forgery.ACK)
    server.recv(1)
    lab.quiet()
    client.sendall(b"still here\n")
    lab.quiet()


@between()
def forged_data(lab):
    """Data in the client's name reach the server, then the client sends its own with the same numbers."""
    client, server = _opened(lab)
    _forge(lab, True, forgery.PSH | forgery.ACK, b"forged\n")
    receive(server, 7)
    lab.quiet()
    client.sendall(b"genuine\n")
    lab.quiet()


@between()
def duplicated(lab):
    """The network delivers some segments twice: a copy of what was sent is nothing made."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    lab.relay.rules.append(lambda p: lab.relay.replay_later(p, 0.02) if p.length or p.fin else None)
    _talk(client, server)
    lab.quiet()
    _close(lab, client, server)
