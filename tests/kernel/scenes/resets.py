# SPDX-License-Identifier: GPL-2.0-or-later
"""Resets, and ends that no longer agree."""
import socket
import time

from lab import forgery
from lab.network import receive, reset_on_close, vanish

from . import scene

TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT = 4, 5, 6
KEEPALIVE = ((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, TCP_KEEPIDLE, 1),
             (socket.IPPROTO_TCP, TCP_KEEPINTVL, 1), (socket.IPPROTO_TCP, TCP_KEEPCNT, 4))


@scene()
def reset_unread_data(lab):
    """The server closes without having read the client's data: its kernel sends a RST in place of a FIN."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.sendall(b"never read\n")
    lab.note()
    server.close()
    lab.note()


@scene()
def reset_by_linger(lab):
    """The client's application aborts: SO_LINGER with a time of zero."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    server.sendall(b"welcome\n")
    receive(client, 8)
    lab.note()
    reset_on_close(client)
    client.close()
    lab.note()


@scene()
def reset_unsent_data(lab):
    """The server doesn't read, its window is closed; the client aborts with data that it couldn't send."""
    listener = lab.listen(options=((socket.SOL_SOCKET, socket.SO_RCVBUF, 2304),))
    client, server = lab.connect(listener)
    client.setblocking(False)
    client.send(b"x" * 6000)
    lab.relay.seen(lambda p: p.up and p.length)
    time.sleep(1)
    lab.note()
    reset_on_close(client)
    client.close()
    lab.note()
    del server


@scene()
def reset_data_after_close(lab):
    """The client has closed for good; data that the server still sends is answered by a RST."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.close()
    lab.note()
    server.sendall(b"too late\n")
    lab.note()


def _abort_barely(lab, client):
    """The application aborts in a stack that sends such a RST without the ACK flag, as Windows does. Linux
    doesn't, so its socket goes in silence, and the RST is built by hand."""
    lab.quiet()
    source, target = (tuple(end) for end in (client.getsockname(), client.getpeername()))
    sent = [p for p in lab.relay.log if p.up and p.sport == source[1]]
    vanish(client)
    last = max(p.seq + p.length + p.syn for p in sent)
    forgery.send(lab.client, forgery.segment(source, target, forgery.RST, last))
    lab.quiet()


@scene()
def reset_without_ack(lab):
    """The client aborts as Windows does, by a RST without the ACK flag: once with its answer read, once a
    second later, and once right after the handshake, as health checks of load balancers do."""
    listener = lab.listen()
    for port, pause in (50000, 0), (50001, 1.2):
        client, server = lab.connect(listener, port)
        client.sendall(b"question\n")
        receive(server, 9)
        server.sendall(b"answer\n")
        receive(client, 7)
        time.sleep(pause)
        _abort_barely(lab, client)
        lab.note()
    client, server = lab.connect(listener, 50002)
    _abort_barely(lab, client)
    lab.note()


@scene("client", "server")
def reset_lost_then_reused(lab):
    """The client's RST is lost; its next SYN from the same port meets the old connection, still ESTABLISHED:
    a challenge ACK, which the client resets, and the SYN again opens."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.sendall(b"question\n")
    receive(server, 9)
    lab.note()
    lab.relay.lose(lambda p: p.rst, 1)
    reset_on_close(client)
    client.close()
    lab.note(client="presumed:CLOSED,CLOSED", server="presumed:ESTABLISHED,ESTABLISHED")
    again = lab.dial()
    lab.start(again)
    lab.accept(listener)
    lab.note()


@scene("client", "server", sysctl={"ipv4/tcp_tw_reuse": 1})
def teardown_last_ack_lost_then_reused(lab):
    """The client's last ACK and its repeats are lost; its next SYN from the same port meets LAST-ACK: a
    challenge ACK, which the client resets, and the SYN again opens."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.sendall(b"question\n")
    receive(server, 9)
    client.close()
    lab.note()
    blocked = lab.relay.lose(lambda p: p.up and p.bare_ack)
    server.close()
    time.sleep(1.1)     # RFC 6191: the clock of the timestamps has to move on
    lab.note(client="presumed:TIME-WAIT,CLOSED", server="presumed:TIME-WAIT,LAST-ACK")
    again = lab.dial()
    lab.start(again)
    lab.relay.seen(lambda p: p.rst)
    lab.relay.rules.remove(blocked)
    lab.accept(listener)
    lab.note()


@scene("client", "server")
def reset_overtakes_data(lab):
    """The client's RST overtakes its data: it isn't at RCV.NXT, and is answered by a challenge ACK (RFC
    5961)."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    lab.relay.rule(lambda p: p.up and p.length, 0.1)
    client.sendall(b"slow\n")
    lab.relay.seen(lambda p: p.length)
    reset_on_close(client)
    client.close()
    lab.relay.seen(lambda p: p.rst, 2)
    lab.quiet()
    lab.note()
    del server


@scene("client", "server")
def reset_stale(lab):
    """The client loses power; an old duplicate that then reaches it makes it reset a number that is long
    past. The server ignores that RST."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    server.sendall(b"stray\n")
    receive(client, 6)
    stray = lab.relay.seen(lambda p: not p.up and p.length)[0]
    client.sendall(b"question\n")
    receive(server, 9)
    lab.note()
    vanish(client)
    lab.note(client="presumed:ESTABLISHED,ESTABLISHED", server="presumed:ESTABLISHED,ESTABLISHED")
    lab.relay.replay(stray)
    lab.relay.seen(lambda p: p.rst)
    lab.note()
    del server


@scene("client", "server")
def desynchronized_new_syn(lab):
    """The client loses power and comes back on the same port: its SYN gets a challenge ACK, which it
    resets."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.sendall(b"question\n")
    receive(server, 9)
    lab.note()
    vanish(client)
    lab.note(client="presumed:ESTABLISHED,ESTABLISHED", server="presumed:ESTABLISHED,ESTABLISHED")
    again = lab.dial()
    lab.start(again)
    lab.relay.seen(lambda p: p.rst)
    lab.accept(listener)
    lab.note()


@scene("client", "server")
def desynchronized_data(lab):
    """The client loses power; the server's next data, a second later, meets a host without that
    connection: a RST."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.sendall(b"question\n")
    receive(server, 9)
    lab.quiet()
    vanish(client)
    lab.note(client="presumed:ESTABLISHED,ESTABLISHED", server="presumed:ESTABLISHED,ESTABLISHED")
    time.sleep(1)
    server.sendall(b"answer\n")
    lab.note()


@scene()
def keepalive_answered(lab):
    """An idle connection, held by the client's keepalive probes: each is answered."""
    listener = lab.listen()
    client, server = lab.connect(listener, options=KEEPALIVE)
    client.sendall(b"question\n")
    receive(server, 9)
    time.sleep(3.2)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene()
def keepalive_unanswered(lab):
    """The network breaks: four keepalive probes stay unanswered, the client's kernel resets the
    connection."""
    listener = lab.listen()
    client, server = lab.connect(listener, options=KEEPALIVE)
    client.sendall(b"question\n")
    receive(server, 9)
    lab.note()
    lab.relay.lose(lambda p: p.tcp)
    time.sleep(3.5)
    lab.note()
    lab.relay.seen(lambda p: p.rst)
    lab.note(client="presumed:CLOSED,CLOSED")


@scene()
def keepalive_meets_reset(lab):
    """The server loses power while the connection idles: the client's keepalive probe is answered by a
    RST."""
    listener = lab.listen()
    client, server = lab.connect(listener, options=KEEPALIVE)
    client.sendall(b"question\n")
    receive(server, 9)
    lab.note()
    time.sleep(1)
    vanish(server)
    lab.relay.seen(lambda p: p.rst)
    lab.note()


@scene()
def silent_peer(lab):
    """The network breaks in mid-connection: the client repeats its data, and nothing ever comes back."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.sendall(b"question\n")
    receive(server, 9)
    lab.note()
    lab.relay.lose(lambda p: p.tcp)
    client.sendall(b"anybody there?\n")
    lab.relay.seen(lambda p: p.length == 15, 6)
    lab.note()


@scene(sysctl={"ipv4/tcp_tw_reuse": 1})
def time_wait_reuse_by_client(lab):
    """The client, in TIME-WAIT, opens a new connection from the same port (timestamps make it safe: RFC
    6191)."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.close()
    lab.quiet()
    server.close()
    lab.note()
    time.sleep(1.2)
    client, server = lab.connect(listener)
    lab.note()
    server.sendall(b"welcome\n")
    receive(client, 8)
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene()
def time_wait_reuse_at_server(lab):
    """The server is in TIME-WAIT; the client's new SYN from the same port opens the next connection at
    once."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    server.close()
    lab.quiet()
    client.close()
    lab.note()
    time.sleep(1.2)
    client, server = lab.connect(listener)
    lab.note()
    client.close()
    server.close()
    lab.note()


@scene("client", "server")
def time_wait_assassination(lab):
    """An old duplicate meets TIME-WAIT, its ACK a host that has forgotten: a RST ends TIME-WAIT early (RFC
    1337)."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    server.sendall(b"stray\n")
    receive(client, 6)
    stray = lab.relay.seen(lambda p: not p.up and p.length)[0]
    client.close()
    lab.quiet()
    server.close()
    lab.note()
    time.sleep(0.5)
    lab.relay.replay(stray)
    lab.relay.seen(lambda p: p.rst)
    lab.note()
