# SPDX-License-Identifier: GPL-2.0-or-later
"""How connections open, and how they don't."""
import socket
import time

from lab.namespace import MPTCP
from lab.network import CLIENT, PORT, receive, vanish

from . import scene

TCP_FASTOPEN, MSG_FASTOPEN, TCP_SYNCNT = 23, 0x20000000, 7
FAST_OPEN = {"ipv4/tcp_fastopen": 3}
FAST_LISTENER = ((socket.IPPROTO_TCP, TCP_FASTOPEN, 8),)


@scene()
def open_refused(lab):
    """Nobody listens on the port: the SYN is answered by a RST."""
    client = lab.dial()
    try:
        client.connect(lab.tuples[0][1])
    except ConnectionRefusedError:
        client.close()
    lab.note()


@scene()
def open_unanswered(lab):
    """A firewall drops every SYN: the client repeats it and gives up."""
    lab.relay.lose(lambda p: p.syn)
    lab.listen()
    client = lab.dial(options=((socket.IPPROTO_TCP, TCP_SYNCNT, 5),))
    lab.start(client)
    lab.note(client="presumed:SYN-SENT,SYN-RECEIVED")
    lab.relay.seen(lambda p: p.syn, 6)
    lab.note(client="presumed:SYN-SENT,SYN-RECEIVED")


@scene()
def open_unreachable(lab):
    """The network behind the server can't be reached: a router answers the SYN with an ICMP error."""
    lab.server.sysctl("ipv4/ip_forward", 1)
    lab.server.run("ip route add unreachable 198.51.100.0/24")
    lab.client.run("ip route add 198.51.100.0/24 via 192.0.2.2")
    beyond = "198.51.100.7", PORT
    client = lab.dial(to=beyond)
    try:
        client.connect(beyond)
    except OSError:
        client.close()
    lab.note(client="unknowable")       # no end of the connection is behind that address


@scene("client", "server")
def open_lost_syn(lab):
    """The first SYN is lost, its repeat is answered."""
    listener = lab.listen()
    lab.relay.lose(lambda p: p.syn, 1)
    client = lab.dial()
    lab.start(client)
    lab.note(0.9, client="presumed:SYN-SENT,SYN-RECEIVED")
    lab.accept(listener)
    lab.note()


@scene("client", "server")
def open_lost_syn_ack(lab):
    """The SYN-ACK is lost and repeated."""
    listener = lab.listen()
    lab.relay.lose(lambda p: p.syn and p.ack, 1)
    client = lab.dial()
    lab.start(client)
    lab.note(0.9, client="presumed:SYN-SENT,SYN-RECEIVED", server="presumed:ESTABLISHED,SYN-RECEIVED")
    lab.accept(listener)
    lab.note()


@scene("client", "server")
def open_lost_third_ack(lab):
    """The third step of the handshake is lost: the server repeats its SYN-ACK, and is answered again."""
    listener = lab.listen()
    lab.relay.lose(lambda p: p.up and p.bare_ack, 1)
    client = lab.dial()
    lab.start(client)
    lab.note(0.9, client="presumed:ESTABLISHED,ESTABLISHED")
    lab.accept(listener)
    lab.note()


@scene("client", "server")
def open_lost_third_ack_then_data(lab):
    """The third step is lost, but the data behind it arrives and completes the handshake."""
    listener = lab.listen()
    lab.relay.lose(lambda p: p.up and p.bare_ack, 1)
    client = lab.dial()
    client.connect(lab.tuples[0][1])
    lab.note(0.9, client="presumed:ESTABLISHED,ESTABLISHED")
    client.sendall(b"question\n")
    receive(lab.accept(listener), 9)
    lab.note()


@scene("client", "server")
def open_simultaneous(lab):
    """Both ends connect to each other at once; the SYNs cross, each end answers with a SYN-ACK."""
    server = lab.server.socket()
    server.bind(("192.0.2.2", PORT))
    client = lab.dial()
    lab.relay.hold(lambda p: p.syn and not p.ack, 2)
    lab.start(client)
    lab.start(server, (CLIENT, 50000))
    lab.connected.add(lab.tuples[0])
    lab.relay.seen(lambda p: p.syn, 2)
    lab.note(0.9, client="presumed:SYN-SENT,SYN-RECEIVED", server="presumed:SYN-RECEIVED,SYN-SENT")
    lab.relay.release()
    lab.note()
    client.setblocking(True)
    server.setblocking(True)
    client.send(b"from one\n")
    receive(server, 9)
    server.send(b"from the other\n")
    receive(client, 15)
    lab.note()
    server.close()
    lab.note()
    client.close()
    lab.note()


@scene("server", sysctl={"ipv4/tcp_synack_retries": 3})
def open_never_completed(lab):
    """The client vanishes after its SYN: the server repeats its SYN-ACK, gets no third step, and forgets."""
    lab.listen()
    lab.relay.lose(lambda p: not p.up and p.syn)
    client = lab.dial()
    lab.start(client)
    lab.relay.seen(lambda p: p.syn and p.ack)
    vanish(client)
    lab.note(server="presumed:ESTABLISHED,SYN-RECEIVED")
    lab.relay.seen(lambda p: p.syn and p.ack, 4)
    lab.note(server="presumed:ESTABLISHED,SYN-RECEIVED")


@scene()
def open_rejected_syn_ack(lab):
    """The client has given up when the SYN-ACK comes: it answers with a RST."""
    lab.listen()
    client = lab.dial()
    lab.relay.hold(lambda p: not p.up)
    lab.start(client)
    lab.relay.seen(lambda p: p.syn and p.ack)
    client.close()
    lab.note(client="presumed:SYN-SENT,SYN-RECEIVED")      # the SYN-ACK is still on its way
    lab.relay.release()
    lab.note()


@scene()
def open_backlog_overflow(lab):
    """The server's accept queue is full: it ignores the second client's third step, and its data, until the
    application accepts."""
    listener = lab.listen(backlog=0)
    one, two = lab.dial(50000), lab.dial(50001)
    lab.relay.hold(lambda p: p.up and not p.syn)
    lab.start(one)
    lab.start(two)
    lab.relay.seen(lambda p: p.bare_ack, 2)
    lab.relay.release()
    lab.note(client="presumed:ESTABLISHED,ESTABLISHED")
    two.send(b"question\n")
    time.sleep(1.5)
    lab.accept(listener)
    made = lab.accept(listener)
    receive(made, 9)
    lab.note()


def _send_with_syn(client, server):
    """Without a cookie, only the request for one goes with the SYN, and the data after the handshake."""
    try:
        client.sendto(b"question\n", MSG_FASTOPEN, server)
    except BlockingIOError:
        while True:
            try:
                client.sendall(b"question\n")
                return
            except BlockingIOError:
                time.sleep(0.01)


@scene(sysctl=FAST_OPEN)
def fast_open_cookie_request(lab):
    """The client asks for a Fast Open cookie; the server grants one."""
    listener = lab.listen(options=FAST_LISTENER)
    client = lab.dial()
    _send_with_syn(client, lab.tuples[0][1])
    server = lab.accept(listener)
    receive(server, 9)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene(sysctl=FAST_OPEN)
def fast_open_data_in_syn(lab):
    """With a cookie from before, the SYN carries data, and the server answers before the third step."""
    listener = lab.listen(options=FAST_LISTENER)
    for port in 50000, 50001:
        client = lab.dial(port)
        _send_with_syn(client, lab.tuples[0][1])
        server = lab.accept(listener)
        receive(server, 9)
        server.sendall(b"answer\n")
        receive(client, 7)
        lab.quiet()
        client.close()
        lab.quiet()
        server.close()
    lab.note()


@scene(sysctl={"ipv4/tcp_ecn": 1})
def open_with_ecn(lab):
    """Both ends speak ECN: the SYN has the flags CWR and ECE, the SYN-ACK has ECE (RFC 3168)."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.sendall(b"question\n")
    receive(server, 9)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene()
def open_multipath(lab):
    """Multipath TCP: options in every segment, and the connection's own end before the FINs (RFC 8684)."""
    listener = lab.server.socket(protocol=MPTCP)
    listener.bind(("192.0.2.2", PORT))
    listener.listen(1)
    client = lab.client.socket(protocol=MPTCP)
    client.bind((CLIENT, 50000))
    lab.tuples.append(((CLIENT, 50000), ("192.0.2.2", PORT)))
    client.connect(lab.tuples[0][1])
    server = lab.accept(listener)
    client.sendall(b"question\n")
    receive(server, 9)
    lab.note()
    client.close()
    server.recv(1)
    server.close()
    lab.note()
