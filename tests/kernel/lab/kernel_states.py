# SPDX-License-Identifier: GPL-2.0-or-later
"""In which state does the kernel say that an end is?"""
import ipaddress
import struct

# Linux' numbers, include/net/tcp_states.h, in the spelling of RFC 9293.
NAMES = {1: "ESTABLISHED", 2: "SYN-SENT", 3: "SYN-RECEIVED", 4: "FIN-WAIT-1", 5: "FIN-WAIT-2", 6: "TIME-WAIT",
         7: "CLOSED", 8: "CLOSE-WAIT", 9: "LAST-ACK", 10: "LISTEN", 11: "CLOSING", 12: "SYN-RECEIVED"}


def _address(text):
    digits, port = text.split(":")
    words = [int(digits[start:start + 8], 16) for start in range(0, len(digits), 8)]
    return ipaddress.ip_address(struct.pack(f"={len(words)}I", *words)), int(port, 16)


def states(space):
    """{(own address, own port, peer's address, peer's port): state} in a namespace."""
    found = {}
    for line in space.table():
        words = line.split()
        found[(*_address(words[1]), *_address(words[2]))] = NAMES[int(words[3], 16)]
    return found


def state_of(table, own, peer, was_connected):
    """The state of one end. Without a socket, its port may still be listened on: LISTEN, but only while no
    connection was there; an end whose connection is over is CLOSED, even if the listener lives on."""
    key = (ipaddress.ip_address(own[0]), own[1], ipaddress.ip_address(peer[0]), peer[1])
    if key in table:
        return table[key]
    listened = any(state == "LISTEN" and owned[1] == own[1] for owned, state in table.items())
    return "LISTEN" if listened and not was_connected else "CLOSED"
