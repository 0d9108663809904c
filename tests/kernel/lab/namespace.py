# SPDX-License-Identifier: GPL-2.0-or-later
"""What runs in which network stack?

A namespace without a name: it lives as long as this process holds its descriptor, so that nothing is left
behind, however the process ends. A thread enters one with `with`; sockets and child processes that it makes
there stay there. The namespace of the machine itself is never used.
"""
import ctypes
import os
import socket
import subprocess

CLONE_NEWNET = 0x40000000
MPTCP = 262

_libc = ctypes.CDLL(None, use_errno=True)


def _setns(descriptor):
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _here():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class Namespace:
    """One network stack of its own."""

    def __init__(self):
        home = _here()
        if _libc.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        self.descriptor = _here()
        _setns(home)
        os.close(home)
        self._homes = []
        self.run("ip link set lo up")

    def __enter__(self):
        self._homes.append(_here())
        _setns(self.descriptor)
        return self

    def __exit__(self, *_):
        home = self._homes.pop()
        _setns(home)
        os.close(home)

    @property
    def path(self):
        return f"/proc/{os.getpid()}/fd/{self.descriptor}"

    def run(self, command):
        with self:
            subprocess.run(command.split(), check=True)

    def sysctl(self, name, value):
        with self, open("/proc/sys/net/" + name, "w", encoding="ascii") as file:
            file.write(str(value))

    def socket(self, family=socket.AF_INET, protocol=0):
        with self:
            made = socket.socket(family, socket.SOCK_STREAM, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.settimeout(20)
        return made

    def table(self):
        """The kernel's own list of TCP sockets: what `ss -tan` shows, read in one go."""
        text = []
        with self:
            for name in "tcp", "tcp6":
                with open("/proc/thread-self/net/" + name, encoding="ascii") as file:
                    text += file.read().splitlines()[1:]
        return text


def join(one, other, mtu=1500, gso=None):
    """Lay a cable from one's interface to the other's: two (namespace, interface) pairs."""
    for space, _ in one, other:
        space.sysctl("ipv6/conf/default/accept_dad", 0)
        space.sysctl("ipv6/conf/default/router_solicitations", 0)
    one[0].run(f"ip link add {one[1]} type veth peer name {other[1]} netns {other[0].path}")
    for space, interface in one, other:
        extra = f"gso_max_size {gso} gro_max_size {gso}" if gso else ""
        space.run(f"ip link set {interface} up mtu {mtu} {extra}")
