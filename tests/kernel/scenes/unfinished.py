# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections that are still there when the capture ends.

Time-outs are preferences, so a capture of seconds can show what takes minutes in life: look at these with
`-o tcpfsm.idle_timeout:2` and the like, or with a `quiet_tail`.
"""
import socket
import time

from lab import forgery
from lab.network import PORT, SERVER, receive, vanish

from . import scene
from .resets import KEEPALIVE

MANY = 34       # two above the limit
TCP_SYNCNT = 7


def _talk(client, server):
    client.sendall(b"question\n")
    receive(server, 9)
    server.sendall(b"answer\n")
    receive(client, 7)


@scene("client", "server")
def embryonic_third_ack_blocked(lab):
    """All that the client sends after its SYN is dropped on the way: the client is ESTABLISHED and waits, the
    server repeats its SYN-ACK in SYN-RECEIVED."""
    lab.listen()
    lab.relay.lose(lambda p: p.up and not p.syn)
    client = lab.dial()
    client.connect(lab.tuples[0][1])
    lab.note(0.9, client="presumed:ESTABLISHED,ESTABLISHED", server="presumed:ESTABLISHED,SYN-RECEIVED")
    lab.relay.seen(lambda p: not p.up and p.syn, 3)
    lab.note(0.9, client="presumed:ESTABLISHED,ESTABLISHED", server="presumed:ESTABLISHED,SYN-RECEIVED")


@scene()
def many_unanswered(lab):
    """So many clients of one server port, and a firewall drops their SYNs: each repeats its own once."""
    lab.relay.lose(lambda p: p.syn)
    for port in range(50000, 50000 + MANY):
        lab.start(lab.dial(port, options=((socket.IPPROTO_TCP, TCP_SYNCNT, 3),)))
    lab.relay.seen(lambda p: p.syn, 2 * MANY)
    lab.note(0.9, client="presumed:SYN-SENT,SYN-RECEIVED")


@scene("server")
def many_embryonic(lab):
    """A SYN flood from forged addresses: nobody is there to answer the SYN-ACKs, the server repeats each."""
    lab.server.run("ip route add 198.51.100.0/24 via 192.0.2.1")
    lab.listen(backlog=2 * MANY)
    for host in range(1, MANY + 1):
        source, target = (f"198.51.100.{host}", 50000), (SERVER, PORT)
        lab.tuples.append((source, target))
        syn = forgery.segment(source, target, forgery.SYN, 77000 * host, options=forgery.MSS)
        forgery.send(lab.client, syn)
        lab.relay.seen(lambda p: not p.up and p.syn, host)
    lab.relay.seen(lambda p: not p.up and p.syn, 2 * MANY)
    lab.note(0.9, server="presumed:ESTABLISHED,SYN-RECEIVED")


@scene()
def idle_never_used(lab):
    """A connection opens and carries nothing for three seconds, while another one does its work."""
    listener = lab.listen()
    lab.connect(listener)
    time.sleep(2.8)
    client, server = lab.connect(listener, port=50001)
    _talk(client, server)
    client.close()
    server.recv(1)
    server.close()
    lab.note()


@scene()
def idle_many(lab):
    """So many connections to one server port open and carry nothing; three seconds later, one more opens."""
    listener = lab.listen(backlog=2 * MANY)
    for port in range(50000, 50000 + MANY):
        lab.dial(port).connect((SERVER, PORT))
        lab.accept(listener)
    time.sleep(2.8)
    lab.connect(listener, port=50000 + MANY)
    lab.note()


@scene()
def half_close_in_use(lab):
    """The client has finished sending; the server sends on, a line a second, when the capture ends."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.sendall(b"question\n")
    client.shutdown(socket.SHUT_WR)
    receive(server, 10)
    lab.note()
    for _ in range(3):
        time.sleep(0.8)
        server.sendall(b"a line\n")
        receive(client, 7)
    lab.note()


@scene()
def close_wait_probed_by_closer(lab):
    """The client closes its direction and goes on to probe the server, which never closes."""
    listener = lab.listen()
    client, server = lab.connect(listener, options=KEEPALIVE)
    _talk(client, server)
    client.shutdown(socket.SHUT_WR)
    lab.note()
    time.sleep(3.2)
    lab.note()


@scene()
def close_wait_with_closed_window(lab):
    """The server has closed its direction and doesn't read: the client, in CLOSE-WAIT, has data that don't
    fit."""
    listener = lab.listen(options=((socket.SOL_SOCKET, socket.SO_RCVBUF, 2304),))
    client, server = lab.connect(listener)
    server.shutdown(socket.SHUT_WR)
    receive(client, 1)
    client.setblocking(False)
    client.send(b"x" * 6000)
    lab.relay.seen(lambda p: p.up and p.length)
    time.sleep(2)
    lab.note()


@scene()
def silent_peer_to_keepalives(lab):
    """The network breaks while the connection idles: the client's probes stay unanswered, and it goes on
    probing."""
    listener = lab.listen()
    options = (*KEEPALIVE[:-1], (*KEEPALIVE[-1][:2], 9))
    client, server = lab.connect(listener, options=options)
    _talk(client, server)
    lab.note()
    lab.relay.lose(lambda p: p.tcp)
    time.sleep(5.2)
    lab.note()


@scene()
def silent_peer_to_probes(lab):
    """The server's window is closed when the network breaks: the client's window probes stay unanswered."""
    listener = lab.listen(options=((socket.SOL_SOCKET, socket.SO_RCVBUF, 2304),))
    client, server = lab.connect(listener)
    client.setblocking(False)
    client.send(b"x" * 6000)
    time.sleep(1)
    lab.relay.lose(lambda p: p.tcp)
    time.sleep(6.6)
    lab.note()
    del server


@scene()
def replaced_both_ends_lost(lab):
    """Both hosts lose power; the client comes back first, on the same port, and the server knows nothing."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    lab.note()
    vanish(client)
    vanish(server)
    client, server = lab.connect(listener)
    lab.note()
    _talk(client, server)
    client.close()
    lab.note()
    server.close()
    lab.note()
