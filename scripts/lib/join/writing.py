# SPDX-License-Identifier: GPL-2.0-or-later
"""One pcapng of both files: editcap reads whatever format they have, mergecap puts their packets in order.
Between them, on the way through pipes, times are set right and interfaces named, which neither of the tools
can do."""
import functools
import os
import struct
import subprocess
import tempfile
import threading

from reading import Unusable

INTERFACE, PACKET, STATISTICS, SECTION = 1, 6, 5, 0x0A0D0D0A
NAME, DESCRIPTION, RESOLUTION, OFFSET = 2, 3, 9, 14
NANOSECONDS = b"\x09"
BLOCK, TIMES = struct.Struct("=II"), struct.Struct("=III")     # as this machine writes them: editcap did


def _option(code, value):
    return struct.pack("=HH", code, len(value)) + value + bytes(-len(value) % 4)


def _block(kind, body):
    size = BLOCK.size + len(body) + 4
    return BLOCK.pack(kind, size) + body + struct.pack("=I", size)


def _options(words):
    while len(words) >= 4:
        code, length = struct.unpack_from("=HH", words)
        if code == 0:
            return
        yield code, words[4:4 + length]
        words = words[4 + length + -length % 4:]


class Interfaces:
    """Of one file: as many in the joined one as there are link types."""

    def __init__(self, name, path):
        self.name, self.path = name, os.path.basename(path)
        self.numbers = []           # by the file's number: the new one
        self.units = []             # nanoseconds of a tick: (times, through)
        self.links = []

    def describe(self, body):
        """The block of an interface, or nothing if one like it is there."""
        link, _, cut = struct.unpack_from("=HHI", body)
        options = dict(_options(body[8:-4]))
        self.units.append(_ticks(options.get(RESOLUTION, b"\x06")[0]))
        if link in self.links:
            self.numbers.append(self.links.index(link))
            return b""
        self.numbers.append(len(self.links))
        self.links.append(link)
        name = self.name if len(self.links) == 1 else "%s %d" % (self.name, len(self.links))
        origin = options.get(NAME, b"").decode(errors="replace")
        text = "%s of %s" % (origin, self.path) if origin else self.path
        return _block(INTERFACE, struct.pack("=HHI", link, 0, cut) + _option(NAME, name.encode()) +
                      _option(DESCRIPTION, text.encode(errors="replace")) + _option(RESOLUTION, NANOSECONDS) +
                      _option(0, b""))


def _ticks(resolution):
    """Nanoseconds of a tick as a fraction."""
    if resolution & 0x80:
        return 10**9, 1 << (resolution & 0x7F)
    return (10**(9 - resolution), 1) if resolution <= 9 else (1, 10**(resolution - 9))


def blocks(source):
    """(kind, body with the length behind it) of each block; ends where one is cut."""
    while len(head := source.read(8)) == 8:
        kind, size = BLOCK.unpack(head)
        body = source.read(size - 8)
        if len(body) < size - 8:
            return
        yield kind, body


def renamed(source, interfaces, right):
    """The same blocks with right times and the interfaces' names. `right`: from frame and time to the right
    time."""
    frame = 0
    for kind, body in blocks(source):
        if kind == PACKET:
            frame += 1
            number, high, low = TIMES.unpack_from(body)
            ticks, through = interfaces.units[number]
            time = right(frame, (high << 32 | low) * ticks // through)
            yield BLOCK.pack(kind, len(body) + 8) + TIMES.pack(interfaces.numbers[number], time >> 32,
                                                              time & 0xFFFFFFFF) + body[TIMES.size:]
        elif kind == INTERFACE:
            yield interfaces.describe(body)
        elif kind != STATISTICS:
            yield BLOCK.pack(kind, len(body) + 8) + body


class Feed(threading.Thread):
    """Leads one file to mergecap."""

    def __init__(self, path, pipe, name, right, advance):
        super().__init__(daemon=True)
        self.path, self.pipe, self.right, self.advance = path, pipe, right, advance
        self.interfaces = Interfaces(name, path)
        self.trouble = None

    def run(self):
        try:
            with open(self.pipe, "wb", buffering=1 << 20) as target, \
                    subprocess.Popen(["editcap", "-F", "pcapng", os.path.abspath(self.path), "-"],
                                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                     bufsize=1 << 20) as editcap:
                for count, block in enumerate(renamed(editcap.stdout, self.interfaces, self.right)):
                    target.write(block)
                    if not count & 1023:
                        self.advance(count)
        except (OSError, ValueError, struct.error) as error:
            self.trouble = error


def write(out, files, rights, advance):
    """`files`: (path, name); `rights`: of each, what sets a time right. `advance` is told of packets
    written."""
    folder = os.path.dirname(os.path.abspath(out))
    done = [0, 0]

    def count(place, packets):
        done[place] = packets
        advance(sum(done))

    try:
        with tempfile.TemporaryDirectory(prefix="tcpfsm.") as scratch, \
                tempfile.TemporaryDirectory(prefix=".join.", dir=folder) as beside:
            pipes = [os.path.join(scratch, name) for _, name in files]
            feeds = []
            for place, ((path, name), pipe) in enumerate(zip(files, pipes)):
                os.mkfifo(pipe)
                feeds.append(Feed(path, pipe, name, rights[place], functools.partial(count, place)))
                feeds[-1].start()
            part = os.path.join(beside, "part")
            merge = subprocess.run(["mergecap", "-F", "pcapng", "-I", "none", "-w", part, *pipes],
                                   capture_output=True, text=True, errors="replace", check=False)
            if merge.returncode:
                raise Unusable("mergecap failed: %s" % merge.stderr.strip())
            for feed in feeds:
                feed.join()
                if feed.trouble:
                    raise Unusable("%s: %s" % (feed.path, feed.trouble))
            os.replace(part, out)
    except OSError as error:
        raise Unusable("%s can't be written: %s" % (out, error.strerror)) from None
