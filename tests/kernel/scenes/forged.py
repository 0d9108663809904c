# SPDX-License-Identifier: GPL-2.0-or-later
"""What a third party puts on the wire in the client's name, and what the two stacks make of it."""
import time

from lab import forgery
from lab.network import receive

from . import scene


def _talk(client, server):
    client.sendall(b"question\n")
    receive(server, 9)
    server.sendall(b"answer\n")
    receive(client, 7)


def _forge(lab, flags, ahead=0, acks_ahead=0, data=b""):
    """A segment of the client's, so far from the numbers that it would have."""
    source, target = lab.tuples[0]
    seq, ack = forgery.numbers(lab.relay, up=True)
    sent, _ = forgery.numbers(lab.relay, up=False)
    packet = forgery.segment(source, target, flags, seq + ahead, max(ack, sent) + acks_ahead, data)
    forgery.send(lab.client, packet)
    lab.quiet()


@scene()
def forged_reset_in_window(lab):
    """A forged RST that isn't at RCV.NXT, though in the window: the server asks back and stays (RFC 5961)."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    lab.quiet()
    _forge(lab, forgery.RST, ahead=1000)
    lab.note(client="presumed:CLOSED,ESTABLISHED")      # who sends a RST is taken at its word
    _talk(client, server)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene()
def forged_reset_out_of_window(lab):
    """A forged RST far from the window: the server ignores it, and goes on a second later."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    lab.quiet()
    _forge(lab, forgery.RST, ahead=500_000_000)
    lab.note(client="presumed:CLOSED,ESTABLISHED")
    time.sleep(1)       # whatever was under way has arrived
    _talk(client, server)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene()
def forged_reset_exact(lab):
    """A forged RST at exactly RCV.NXT ends the server's side; the client sends on, a second later, and learns
    it by a RST."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    lab.quiet()
    _forge(lab, forgery.RST | forgery.ACK)
    lab.note(client="presumed:CLOSED,CLOSED")
    time.sleep(1)
    client.sendall(b"still here\n")
    lab.note()


@scene()
def forged_data_out_of_window(lab):
    """Forged data far beyond the window: the server repeats its ACK, and goes on a second later."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    lab.quiet()
    _forge(lab, forgery.PSH | forgery.ACK, ahead=500_000_000, data=b"forged\n")
    lab.note()
    time.sleep(1)       # whatever was under way has arrived
    _talk(client, server)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene()
def forged_ack_beyond_sent(lab):
    """A forged ACK of data that the server never sent: a challenge ACK answers it."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    lab.quiet()
    _forge(lab, forgery.ACK, acks_ahead=500_000_000)
    lab.note()
    _talk(client, server)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene()
def forged_data_after_fin(lab):
    """Forged data behind the client's FIN, which promised that no more would come."""
    listener = lab.listen()
    client, server = lab.connect(listener)
    _talk(client, server)
    client.close()
    lab.note()
    _forge(lab, forgery.PSH | forgery.ACK, data=b"forged\n")
    lab.note()
    server.close()
    lab.note()
