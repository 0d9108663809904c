# SPDX-License-Identifier: GPL-2.0-or-later
"""How connections end with FINs."""
import socket
import time

from lab.network import receive

from . import scene


def _talk(client, server):
    client.sendall(b"question\n")
    receive(server, 9)
    server.sendall(b"answer\n")
    receive(client, 7)


@scene()
def close_by_client(lab):
    """The client closes first; the server, a moment later. Four segments end the connection."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    lab.note()
    _talk(client, server)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene()
def close_by_server(lab):
    """The server closes first, so TIME-WAIT is the server's."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    server.close()
    lab.note()
    client.close()
    lab.note()


@scene()
def close_three_segments(lab):
    """The server closes as soon as it is told of the client's FIN: its own FIN carries the acknowledgment."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    lab.note()
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
    client.shutdown(socket.SHUT_WR)
    server.recv(10)
    server.close()
    client.recv(10)
    client.close()
    lab.note()


@scene("client", "server")
def close_simultaneous(lab):
    """Both ends close at once: the FINs cross on the way, both ends pass through CLOSING into TIME-WAIT."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    lab.note()
    lab.relay.hold(lambda p: p.fin, 2)
    client.close()
    server.close()
    lab.relay.seen(lambda p: p.fin, 2)
    lab.relay.release()
    lab.note()


@scene("client", "server")
def close_simultaneous_acks_lost(lab):
    """The FINs cross, the acknowledgments of both are lost: both ends wait in CLOSING and repeat their
    FINs."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    lab.note()
    lab.relay.hold(lambda p: p.fin, 2)
    client.close()
    server.close()
    lab.relay.seen(lambda p: p.fin, 2)
    lab.relay.release(keep=[lab.relay.lose(lambda p: p.bare_ack, 2)])
    lab.note(0.2, client="presumed:CLOSING,TIME-WAIT", server="presumed:TIME-WAIT,CLOSING")
    lab.relay.seen(lambda p: p.fin, 4)
    lab.note()


@scene()
def close_with_last_data(lab):
    """The client's last bytes and its FIN travel in one segment."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.send(b"goodbye\n", socket.MSG_MORE)
    client.close()
    receive(server, 9)
    lab.note()
    server.close()
    lab.note()


@scene()
def close_over_ipv6(lab):
    """A short connection over IPv6, closed by the client."""
    listener = lab.listen(six=True)
    client, server = lab.connect(listener, six=True)
    _talk(client, server)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene()
def half_close_with_data(lab):
    """The client shuts down its sending side, and still receives the answer: a legal half-close."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.sendall(b"question\n")
    receive(server, 9)
    lab.quiet()
    client.shutdown(socket.SHUT_WR)
    lab.note()
    for part in b"first part\n", b"second part\n", b"last part\n":
        server.sendall(part)
        receive(client, len(part))
        lab.note()
    server.close()
    client.recv(10)
    client.close()
    lab.note()


@scene("client", "server")
def teardown_lost_fin(lab):
    """The client's FIN is lost and repeated after its retransmission time-out."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    lab.relay.lose(lambda p: p.up and p.fin, 2)    # the first, and the probe that Linux sends soon after it
    client.close()
    lab.note(0.4, client="presumed:FIN-WAIT-1,CLOSE-WAIT", server="presumed:ESTABLISHED,ESTABLISHED")
    server.recv(1)
    lab.note()
    server.close()
    lab.note()


@scene("client", "server")
def teardown_lost_fin_ack(lab):
    """The acknowledgment of the client's FIN is lost: the client repeats its FIN, the server its answer."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    lab.relay.lose(lambda p: not p.up and p.bare_ack, 2)
    client.close()
    lab.note(0.2, server="presumed:FIN-WAIT-2,CLOSE-WAIT")
    lab.relay.seen(lambda p: p.up and p.fin, 3)
    lab.note()
    server.close()
    lab.note()


@scene("client", "server")
def teardown_lost_last_ack(lab):
    """The last acknowledgment is lost: the server repeats its FIN, TIME-WAIT answers."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.close()
    lab.note()
    lab.relay.lose(lambda p: p.up and p.bare_ack, 2)
    server.close()
    lab.note(0.2, client="presumed:TIME-WAIT,CLOSED")
    lab.relay.seen(lambda p: not p.up and p.fin, 3)
    lab.note()


@scene("client", "server", sysctl={"ipv4/tcp_orphan_retries": 5})
def teardown_fin_unacknowledged(lab):
    """The server has vanished from the network: the client's FIN is repeated and never acknowledged."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    lab.note()
    lab.relay.lose(lambda p: p.tcp)
    client.close()
    lab.note(client="presumed:FIN-WAIT-1,CLOSE-WAIT", server="presumed:ESTABLISHED,ESTABLISHED")
    lab.relay.seen(lambda p: p.fin, 7)
    lab.note(client="presumed:FIN-WAIT-1,CLOSE-WAIT", server="presumed:ESTABLISHED,ESTABLISHED")
    server.close()
    lab.note(client="presumed:FIN-WAIT-1,CLOSE-WAIT", server="presumed:CLOSE-WAIT,FIN-WAIT-1")


@scene("client", "server", sysctl={"ipv4/tcp_orphan_retries": 5})
def teardown_last_ack_missing(lab):
    """Everything from the client is lost after its FIN: the server repeats its FIN in LAST-ACK."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.close()
    lab.note()
    lab.relay.lose(lambda p: p.up and p.tcp)
    server.close()
    lab.relay.seen(lambda p: not p.up and p.fin, 6)
    lab.note(client="presumed:TIME-WAIT,CLOSED")


@scene()
def close_wait_server_never_closes(lab):
    """The client closes, the server's application never does: it stays in CLOSE-WAIT."""
    lab.client.sysctl("ipv4/tcp_fin_timeout", 4)
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    client.close()
    lab.note()
    time.sleep(4.5)
    lab.note(client="presumed:FIN-WAIT-2,CLOSE-WAIT")    # the closer's kernel has forgotten: nothing tells
