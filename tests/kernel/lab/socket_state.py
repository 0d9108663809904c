# SPDX-License-Identifier: GPL-2.0-or-later
"""In which state is this one socket? Asked by sock_diag(7), which finds it without walking all sockets."""
import ipaddress
import socket
import struct

from .kernel_states import NAMES

NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, REQUEST, ERROR = 4, 20, 1, 2
HEADER = struct.Struct("=IHHII")
ANY_COOKIE = b"\xff" * 8


def _question(own, peer):
    """The message that asks for the socket with these addresses and ports."""
    source, target = (ipaddress.ip_address(address) for address, _ in (own, peer))
    family = socket.AF_INET if source.version == 4 else socket.AF_INET6
    what = struct.pack("=4BI", family, socket.IPPROTO_TCP, 0, 0, 0xffffffff)
    which = struct.pack("!HH16s16sI", own[1], peer[1], source.packed, target.packed, 0) + ANY_COOKIE
    return HEADER.pack(HEADER.size + len(what + which), SOCK_DIAG_BY_FAMILY, REQUEST, 0, 0) + what + which


class Asker:
    """Asks the kernel of one namespace."""

    def __init__(self, space):
        with space:
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG)
        self._questions = {}

    def state(self, own, peer):
        """Of an end's socket; LISTEN if there is none, but one that listens."""
        key = own, peer
        if key not in self._questions:
            self._questions[key] = _question(own, peer)
        self._socket.send(self._questions[key])
        answer = self._socket.recv(4096)
        _, kind, *_ = HEADER.unpack_from(answer)
        return "CLOSED" if kind == ERROR else NAMES[answer[HEADER.size + 1]]

    def close(self):
        self._socket.close()
