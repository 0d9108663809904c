# SPDX-License-Identifier: GPL-2.0-or-later
"""Where and how are packets recorded?

tcpdump records at an interface; afterwards the file is written again as pcapng with the place and what
happens as its comments, and nothing about the machine that made it.
"""
import ctypes
import os
import signal
import struct
import subprocess
import time

NANO = 0xa1b23c4d
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None)


def _die_with_parent():
    """Whoever kills the recording run shall leave no tcpdump behind."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Capture:
    """tcpdump at one interface, from now until stop()."""

    def __init__(self, space, interface, path, snaplen=160, filter_="tcp or icmp"):
        self.path = path
        command = ["tcpdump", "-i", interface, "-s", str(snaplen), "-U", "--immediate-mode", "-B", "16384",
                   "--time-stamp-precision=nano", "-Z", "root", "-w", "-", filter_]
        with space, open(path, "wb") as file:
            self._process = subprocess.Popen(command, stdout=file, stderr=subprocess.PIPE,
                                             preexec_fn=_die_with_parent)
        line = b"-"
        while line and b"listening" not in line:
            line = self._process.stderr.readline()
        if not line:
            raise RuntimeError("tcpdump doesn't record")

    def stop(self):
        if self._process.poll() is None:
            time.sleep(0.06)    # what was on its way to tcpdump
            self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=10)

    def discard(self):
        """Whatever went wrong: no tcpdump and no raw file stay behind."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate(timeout=10)
        if os.path.exists(self.path):
            os.remove(self.path)


def packets(path):
    """(nanoseconds, length on the wire, bytes) of each packet of a nanosecond pcap."""
    with open(path, "rb") as file:
        head = file.read(24)
        if struct.unpack("<I", head[:4])[0] != NANO:
            raise ValueError(path + ": not a pcap with nanoseconds")
        while record := file.read(16):
            seconds, nanoseconds, kept, length = struct.unpack("<4I", record)
            yield seconds * 10**9 + nanoseconds, length, file.read(kept)


def _option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def _block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def write_pcapng(packets_, target, place, comment):
    """These packets as the pcapng `target`; how many they are."""
    end = _option(0, b"")
    count = 0
    with open(target, "wb") as file:
        section = struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1) + _option(1, comment.encode()) + end
        file.write(_block(0x0a0d0d0a, section))
        interface = struct.pack("<HHI", 1, 0, 262144) + _option(2, place.encode()) + _option(9, b"\x09") + end
        file.write(_block(1, interface))
        for when, length, data in packets_:
            head = struct.pack("<5I", 0, when >> 32, when & 0xffffffff, len(data), length)
            file.write(_block(6, head + data))
            count += 1
    return count


def convert(source, target, place, comment):
    """The pcap `source`, which goes, as the pcapng `target`; how many packets it has."""
    count = write_pcapng(packets(source), target, place, comment)
    os.remove(source)
    return count
