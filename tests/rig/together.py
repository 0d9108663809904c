# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios that were captured one after the other, as if they had gone at the same time."""
import pathlib
import re
import struct

SECOND = 10**9
FILE_HEADER, RECORD_HEADER = 24, 16
# What numbers a frame in the rig's columns.
FRAMES = re.compile(r"(^frame|[_.]frame|repeat_of)$")
# Ethernet, ARP: who has 10.0.0.1?
LAST = bytes.fromhex("ffffffffffff0200000000010806"
                     "00010800060400010200000000010a0000fe0000000000000a000001")


def read(capture):
    """(time in ns, length on the wire, bytes) of each record."""
    data, at = capture.read_bytes(), FILE_HEADER
    while at < len(data):
        seconds, fraction, captured, length = struct.unpack_from("=4I", data, at)
        at += RECORD_HEADER
        yield seconds * SECOND + fraction, length, data[at:at + captured]
        at += captured


def quiet_of(scenario):
    found = re.search(r"^quiet (\d+)\.?(\d*)$", pathlib.Path(scenario).read_text(encoding="utf-8"), re.M)
    return int(found.group(1)) * SECOND + int(found.group(2).ljust(9, "0")) if found else 0


def write(source, target, scenarios, origin):
    """Shifts each scenario so that they all end together, each after its quiet time. `origin`: file:line of
    every record. Returns which record of `source` each of `target` is, but for the last, which is ARP."""
    records = list(read(source))
    story = [text.rsplit(":", 1)[0] for text in origin]
    last = {name: time for name, (time, _, _) in zip(story, records)}
    ended = {name: last[name] + quiet_of(name) for name in scenarios}
    end = max(ended.values())
    times = [time + end - ended[name] for name, (time, _, _) in zip(story, records)]
    order = sorted(range(len(records)), key=lambda number: times[number])
    with open(target, "wb") as file:
        file.write(source.read_bytes()[:FILE_HEADER])
        for number in order:
            put(file, times[number], *records[number][1:])
        put(file, end, len(LAST), LAST)
    return order


def put(file, time, length, data):
    file.write(struct.pack("=4I", time // SECOND, time % SECOND, len(data), length) + data)


def restored(row, order, expected, numbers):
    """A row of the capture in which all go together, with the numbers of frames and connections that they
    have one after the other. `numbers` remembers which connection is which."""
    result = {name: str(order[int(value) - 1] + 1) if value and FRAMES.search(name) else value
              for name, value in row.items()}
    for name in ("connection", "connection.previous"):
        if row[name] and expected[name] and numbers.setdefault(row[name], expected[name]) == expected[name]:
            result[name] = expected[name]
    return result
