# SPDX-License-Identifier: GPL-2.0-or-later
"""How connections open, and how they don't."""
import socket
import time

from lab.namespace import MPTCP
from lab.network import CLIENT, PORT, receive, reset_on_close, vanish

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


def _reject(host, family, rule):
    """A firewall before the sockets of a host."""
    host.run(f"nft add table {family} filter")
    host.run(f"nft add chain {family} filter input {{ type filter hook input priority 0 ; }}")
    host.run(f"nft add rule {family} filter input {rule}")


@scene()
def open_unreachable_port(lab):
    """The server's firewall rejects the SYN with an ICMP error: port unreachable."""
    _reject(lab.server, "ip", "tcp dport 7777 reject with icmp port-unreachable")
    _find_unreachable(lab, lab.dial())


@scene()
def open_unreachable_prohibited(lab):
    """The server's firewall rejects the SYN with an ICMP error: communication administratively prohibited."""
    _reject(lab.server, "ip", "tcp dport 7777 reject with icmp admin-prohibited")
    _find_unreachable(lab, lab.dial())


@scene(filter_="tcp or (icmp6 and ip6[40] < 128)")
def open_unreachable_over_ipv6(lab):
    """The server's firewall rejects the SYN with an error of ICMPv6: administratively prohibited."""
    _reject(lab.server, "ip6", "tcp dport 7777 reject with icmpv6 admin-prohibited")
    _find_unreachable(lab, lab.dial(six=True))


@scene(sysctl={"ipv4/conf/all/send_redirects": 0, "ipv4/conf/default/send_redirects": 0})
def open_unreachable_host_down(lab):
    """The server is down: the router before it waits for its address in vain, then answers with ICMP errors;
    meanwhile the client has repeated its SYN."""
    lab.server.sysctl("ipv4/ip_forward", 1)
    lab.server.run("ip route add 198.51.100.0/24 dev eth0")
    lab.client.run("ip route add 198.51.100.0/24 via 192.0.2.2")
    beyond = "198.51.100.7", PORT
    client = lab.dial(to=beyond)
    _find_unreachable(lab, client)


def _find_unreachable(lab, client):
    try:
        client.connect(lab.tuples[0][1])
    except OSError:
        client.close()
    # An ICMP error is no segment: nothing says that the client's kernel has given up.
    lab.note(client="presumed:SYN-SENT,SYN-RECEIVED")


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
def open_aborted_while_simultaneous(lab):
    """Both ends connect at once, and the client's application aborts in SYN-RECEIVED: a RST before anything
    is open."""
    server = lab.server.socket()
    server.bind(("192.0.2.2", PORT))
    client = lab.dial()
    lab.relay.hold(lambda p: p.syn and not p.ack, 2)
    lab.start(client)
    lab.start(server, (CLIENT, 50000))
    lab.connected.add(lab.tuples[0])
    lab.relay.seen(lambda p: p.syn, 2)
    lab.relay.release(keep=[lab.relay.lose(lambda p: p.syn and p.ack)])
    lab.relay.seen(lambda p: p.syn and p.ack, 2)
    lab.note(0.4, client="presumed:SYN-RECEIVED,ESTABLISHED")   # it presumes its SYN-ACK to arrive
    reset_on_close(client)
    client.close()
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


def third_of_a_full_queue(lab):
    """A client whose third step, held back with the second's, will find the server's accept queue full."""
    lab.listen(backlog=1)       # Linux queues one more
    lab.dial(50000).connect(("192.0.2.2", PORT))
    two, three = lab.dial(50001), lab.dial(50002)
    lab.relay.hold(lambda p: p.up and p.bare_ack)
    lab.start(two)
    lab.start(three)
    lab.relay.seen(lambda p: p.bare_ack, 3)
    return three


@scene()
def open_backlog_overflow_lasting(lab):
    """The server's accept queue stays full: the third client is ESTABLISHED and sends, the server repeats its
    SYN-ACK and takes nothing."""
    three = third_of_a_full_queue(lab)
    lab.relay.release()
    lab.quiet()
    three.send(b"question\n")
    lab.relay.seen(lambda p: p.dport == 50002 and p.syn, 4)
    lab.note(client="presumed:ESTABLISHED,ESTABLISHED")


@scene(sysctl={"ipv4/tcp_abort_on_overflow": 1})
def open_backlog_overflow_aborted(lab):
    """The server's accept queue is full, and it is told to abort then: it answers the third client's third
    step with a RST."""
    third_of_a_full_queue(lab)
    lab.note(client="presumed:ESTABLISHED,ESTABLISHED")
    del lab.tuples[:2]
    lab.relay.release()
    lab.relay.seen(lambda p: p.rst)
    lab.note(client="presumed:CLOSED,CLOSED")   # the kernel never took it for open


@scene(sysctl={"ipv4/tcp_syncookies": 2})
def open_syn_cookie_rejected(lab):
    """The server answers with SYN cookies. Its application starts anew while the third step is under way: the
    new listener has given nobody a cookie, and answers with a RST."""
    listener = lab.listen()
    lab.relay.hold(lambda p: p.up and p.bare_ack, 1)
    client = lab.dial()
    client.connect(lab.tuples[0][1])
    lab.relay.seen(lambda p: p.bare_ack)
    listener.close()
    lab.listen()
    lab.relay.release()
    lab.relay.seen(lambda p: p.rst)
    lab.note(client="presumed:CLOSED,CLOSED")


@scene("client", "server")
def open_old_duplicate_syn(lab):
    """RFC 9293, figure 8: a SYN is late, its sender has given up and opens anew from the same port; the old
    one arrives first, and its SYN-ACK is rejected."""
    listener = lab.listen()
    lab.relay.lose(lambda p: p.syn, 1)
    client = lab.dial()
    lab.start(client)
    late = lab.relay.seen(lambda p: p.syn)[0]
    lab.note(0.9, client="presumed:SYN-SENT,SYN-RECEIVED")
    client.close()
    lab.relay.rule(lambda p: p.syn and not p.ack and p.seq != late.seq, 0.1)
    client = lab.dial()
    lab.start(client)
    lab.relay.seen(lambda p: p.syn, 2)
    lab.relay.replay(late)
    server = lab.accept(listener)
    lab.note()
    client.setblocking(True)
    client.sendall(b"question\n")
    receive(server, 9)
    lab.note()
    client.close()
    lab.note()
    server.close()
    lab.note()


@scene()
def open_reset_by_firewall(lab):
    """A firewall before the server answers the third step with a RST in the server's name; the server doesn't
    know."""
    _reject(lab.server, "ip", "tcp flags & (syn|ack) == ack reject with tcp reset")
    lab.listen()
    client = lab.dial()
    client.connect(lab.tuples[0][1])
    lab.relay.seen(lambda p: p.rst)
    lab.note(0.8, client="presumed:CLOSED,CLOSED")


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


@scene(sysctl={"ipv4/tcp_fastopen": 0x207})
def open_with_data_in_syn(lab):
    """Data in the SYN without the option of Fast Open; the server takes them at once."""
    listener = lab.listen(options=FAST_LISTENER)
    client = lab.dial()
    client.sendto(b"question\n", MSG_FASTOPEN, lab.tuples[0][1])
    server = lab.accept(listener)
    receive(server, 9)
    server.sendall(b"answer\n")
    receive(client, 7)
    lab.note()
    client.close()
    lab.note()
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
