# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to data on the way."""
import socket
import time

from lab.network import receive

from . import scene

CHUNK = b"0123456789" * 10


def _send_parts(lab, client, count):
    """So many segments, each seen on the wire before the next is written."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for number in range(count):
        client.sendall(CHUNK)
        lab.relay.seen(lambda p: p.up and p.length, number + 1)


@scene("client", "server")
def loss_recovered_by_sack(lab):
    """One of eight segments is lost; SACK tells the client which, it is sent again without a time-out."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    first = []

    def third(packet):
        if packet.up and packet.length:
            first.append(packet.seq)
            return len(first) == 3
        return False
    lab.relay.lose(third, 1)
    _send_parts(lab, client, 8)
    receive(server, 800)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene("client", "server")
def loss_recovered_by_timeout(lab):
    """The last segment and its first repeat are lost; the retransmission timer brings it."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.sendall(b"first\n")
    receive(server, 6)
    lab.quiet()
    lab.relay.lose(lambda p: p.up and p.length, 2)
    client.sendall(b"second\n")
    receive(server, 7)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene("client", "server")
def loss_of_data_before_fin(lab):
    """The data before the FIN is lost: the FIN lies beyond a gap and counts only once that is filled."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    lab.relay.lose(lambda p: p.up and p.length, 2)
    client.sendall(b"question\n")
    client.close()
    receive(server, 10)
    lab.note()
    server.close()
    lab.note()


@scene("client", "server")
def reordering_without_loss(lab):
    """One segment is overtaken by the next two; nothing is sent again."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    lab.relay.rule(lambda p: p.up and p.length, 0.0065, 1)
    for _ in range(3):
        client.sendall(CHUNK)
    receive(server, 300)
    lab.note()
    if len(lab.relay.seen(lambda p: p.up and p.length)) != 3:
        raise TimeoutError("so late that it was sent again")
    client.close()
    server.recv(1)
    server.close()
    lab.note()


@scene()
def window_closed_and_probed(lab):
    """The server's application doesn't read: the window closes, the client probes it, at last it opens."""
    listener = lab.listen(options=((socket.SOL_SOCKET, socket.SO_RCVBUF, 2304),))
    client, server = lab.connect(listener)
    client.setblocking(False)
    sent = client.send(b"x" * 6000)
    lab.relay.seen(lambda p: p.up and p.length)
    time.sleep(2)
    client.setblocking(True)
    receive(server, sent)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene("client", "server")
def duplicate_of_data(lab):
    """The network delivers a data segment twice: an old duplicate, answered by a DSACK."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.sendall(b"question\n")
    receive(server, 9)
    lab.relay.replay(lab.relay.seen(lambda p: p.length)[0])
    lab.note()
    client.close()
    server.recv(1)
    server.close()
    lab.note()
