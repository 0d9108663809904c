# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures that don't hold all of a connection."""
import socket

from lab.network import receive, reset_on_close

from . import scene


def _exchange(client, server):
    client.sendall(b"question\n")
    receive(server, 9)
    server.sendall(b"answer\n")
    receive(client, 7)


@scene(late=True)
def partial_joined_late(lab):
    """The capture begins in mid-connection: no handshake, then data both ways and a close."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _exchange(client, server)
    lab.record()
    lab.quiet()
    _exchange(client, server)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene(late=True)
def partial_still_open(lab):
    """The capture begins and ends in mid-connection."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _exchange(client, server)
    lab.record()
    lab.quiet()
    _exchange(client, server)
    lab.note()


@scene(late=True)
def partial_joined_in_teardown(lab):
    """The capture begins when the client has already closed: only the second half of the teardown is
    there."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    client.shutdown(socket.SHUT_WR)
    lab.quiet()
    lab.record()
    server.sendall(b"answer\n")
    receive(client, 7)
    lab.note(client="presumed:ESTABLISHED,ESTABLISHED")    # the FIN before the capture shows in nothing yet
    server.close()
    lab.note(client="presumed:CLOSE-WAIT,FIN-WAIT-2")


@scene(late=True)
def partial_joined_after_syn(lab):
    """The capture begins between SYN and SYN-ACK."""
    listener = lab.listen()
    lab.relay.hold(lambda p: not p.up)
    client = lab.dial()
    lab.start(client)
    lab.relay.seen(lambda p: p.syn and p.ack)
    lab.record()
    lab.relay.release()
    server = lab.accept(listener)
    client.settimeout(20)
    lab.note()
    _exchange(client, server)
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene(filter_="tcp and src host 192.0.2.1")
def partial_client_only(lab):
    """Only what the client sends was captured; the server's segments show in the acknowledgments alone."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _exchange(client, server)
    lab.note()
    client.close()
    lab.note(client="presumed:FIN-WAIT-1,CLOSE-WAIT")      # its acknowledgment wasn't captured
    server.close()
    lab.note(client="unknowable")       # the acknowledgment of the server's FIN might be one of data


@scene(filter_="tcp and src host 192.0.2.2")
def partial_server_only(lab):
    """Only what the server sends was captured."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _exchange(client, server)
    lab.note()
    client.close()
    lab.quiet()
    server.close()
    lab.note(client="unknowable")       # what the client closed with wasn't captured


@scene(filter_="tcp and ((src host 192.0.2.1) or (tcp[tcpflags] & tcp-syn = 0))")
def partial_syn_ack_missing(lab):
    """The capture has lost the SYN-ACK, and nothing else."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    lab.note()
    _exchange(client, server)
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene(filter_="tcp[13] & 7 != 0")
def partial_flags_only(lab):
    """A capture filter that keeps SYN, FIN and RST alone: the connections did their work and closed, or were
    reset; nothing shows the data, nor the ACKs that have nothing else to say."""
    listener = lab.listen()
    for port in range(50000, 50003):        # the client closes, the server follows
        client, server = lab.connect(listener, port)
        _exchange(client, server)
        client.close()
        lab.quiet()
        server.close()
        lab.quiet()
    client, server = lab.connect(listener, 50003)       # the server closes
    _exchange(client, server)
    server.close()
    lab.quiet()
    client.close()
    lab.quiet()
    client, server = lab.connect(listener, 50004)       # an abort
    _exchange(client, server)
    reset_on_close(client)
    client.close()
    lab.quiet()
    client, server = lab.connect(listener, 50005)       # data unread
    client.sendall(b"never read\n")
    lab.quiet()
    server.close()
    lab.quiet()
    client, server = lab.connect(listener, 50006)       # data too late
    client.close()
    lab.quiet()
    server.sendall(b"too late\n")
    lab.quiet()
    client, server = lab.connect(listener, 50007)       # still at work when the capture ends
    _exchange(client, server)
    lab.note(client="unknowable")
