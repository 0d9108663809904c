# SPDX-License-Identifier: GPL-2.0-or-later
"""From folders to units of work: chains of rotated files, windows of chains, shards of huge files.

Of each file only the beginning and the end are read.
"""
import hashlib
import json
import os
import re
from dataclasses import dataclass, field

from . import FORMAT, capture, paths
from .ends import Ends, size_and_time

SECOND = capture.SECOND
# As dumpcap names rotated files: NAME_00001_20261121120000.pcapng, with nametimenum the other way round.
ROTATED = (re.compile(r"(?P<name>.*)_(?P<number>\d{5,})_(?P<date>\d{14})(?P<end>\..*)?", re.S),
           re.compile(r"(?P<name>.*)_(?P<date>\d{14})_(?P<number>\d{5,})(?P<end>\..*)?", re.S))
CAPTURE_NAME = re.compile(r"\.(pcap|pcapng|cap|ntar|dmp|snoop|erf|5vw|trc|fdc|syc|tr1)\d*"
                          r"(\.(gz|zst|lz4))?$", re.I)
# Measured: 172 bytes a packet stay in tshark, 16 in the job; the rest is for connections.
MEMORY_BASE, MEMORY_PACKET = 200 << 20, 256
OWN_SHARE = 2 / 3       # of a window's packets; the others show how its connections end
SHARDS_MAX = 1024


@dataclass
class Options:
    """What decides on units beside the captures."""
    gap: int = 60 * SECOND
    chains: bool = True
    max_memory: int = 4 << 30
    filter: str = ""
    preferences: dict = field(default_factory=dict)
    until: int = None
    observer: str = None
    versions: dict = field(default_factory=dict)

    @property
    def packets_max(self):
        return max(1, (self.max_memory - MEMORY_BASE) // MEMORY_PACKET)


class File:
    """A capture file as the plan sees it."""

    def __init__(self, path):
        self.path = path
        try:
            self.size, self.mtime = size_and_time(path)
        except OSError:
            self.size, self.mtime = 0, 0
        self.ends = Ends(path)

    def row(self):
        return {"path": paths.to_text(self.path), "size": self.size, "mtime_ns": str(self.mtime)}

    def sequence(self):
        """(what all files of its chain share, what puts them in order); None: it isn't named as rotated."""
        folder, name = os.path.split(self.path)
        for pattern in ROTATED:
            match = pattern.fullmatch(name)
            if match:
                key = folder, match["name"], match["end"], self.ends.kind, self.ends.interfaces
                return key, (match["date"], int(match["number"]))
        return None


def find(arguments):
    """The absolute paths of captures: each file that is named, and of folders what is a capture by name or by
    its first bytes, or can't be looked at."""
    found = []
    for argument in arguments:
        path = os.path.abspath(argument)
        if not os.path.isdir(path):
            os.stat(path)
            found.append(path)
            continue
        for folder, folders, names in os.walk(path, onerror=found_nothing):
            folders[:] = sorted(name for name in folders
                                if not os.path.exists(os.path.join(folder, name, "manifest.ndjson")))
            found += [os.path.join(folder, name) for name in sorted(names) if is_wanted(folder, name)]
    return list(dict.fromkeys(found))


def found_nothing(error):
    raise error


def is_wanted(folder, name):
    path = os.path.join(folder, name)
    if not os.path.isfile(path):
        return CAPTURE_NAME.search(name) is not None and os.path.islink(path)
    try:
        return CAPTURE_NAME.search(name) is not None or capture.is_capture(path)
    except OSError:
        return True


def chains(files, options):
    """Lists of files that one capture wrote without a gap; most of one file."""
    sequences, result = {}, []
    for file in files:
        sequence = file.sequence() if file.ends.first is not None else None
        if sequence:
            sequences.setdefault(sequence[0], []).append((sequence[1], file))
        else:
            result.append([file])
    for sequence in sequences.values():
        sequence.sort(key=lambda pair: pair[0])
        result += split([file for _, file in sequence], options.gap)
    result.sort(key=lambda chain: os.fsencode(chain[0].path))
    return result


def split(files, gap):
    """Where nothing was captured for longer than `gap`, or two captures overlap."""
    result = [[files[0]]]
    for before, file in zip(files, files[1:]):
        if abs(file.ends.first - before.ends.last) <= gap:
            result[-1].append(file)
        else:
            result.append([file])
    return result


def units_of(chain, options):
    """A chain's units, as dicts."""
    if not options.chains:
        return [unit for index, file in enumerate(chain)
                for unit in whole_or_shards([file], chain[index + 1:index + 2], options)]
    total = sum(file.ends.packets for file in chain)
    longest = max(file.ends.packets for file in chain)
    if total <= options.packets_max or len(chain) == 1 or longest > options.packets_max * OWN_SHARE:
        return whole_or_shards(chain, [], options)
    return windows(chain, options)


def whole_or_shards(files, following, options):
    total = sum(file.ends.packets for file in files)
    count = min(SHARDS_MAX, -(-total // options.packets_max))
    if count <= 1:
        return [unit(files, following, options)]
    return [unit(files, following, options, shard=[number, count]) for number in range(count)]


def windows(chain, options):
    """Files of its own for each, then a tail that the next window has as its own."""
    result, start = [], 0
    while start < len(chain):
        own = fill(chain, start, options.packets_max * OWN_SHARE)
        size = sum(file.ends.packets for file in chain[start:own])
        tail = min(len(chain), max(own + 1, fill(chain, own, options.packets_max - size)))
        result.append(unit(chain[start:tail], chain[tail:tail + 1], options, window=len(result),
                           own_count=own - start, continues=own < len(chain)))
        start = own
    return result


def fill(chain, start, packets):
    """The end of as many files as have so many packets; one at least."""
    end = start
    while end < len(chain) and (end == start or packets >= chain[end].ends.packets):
        packets -= chain[end].ends.packets
        end += 1
    return end


def unit(files, following, options, shard=None, window=None, own_count=None, continues=False):
    rows = [file.row() for file in files]
    for row in rows[own_count:] if own_count is not None else ():
        row["tail"] = True
    result = {"files": rows, "filter": options.filter, "preferences": options.preferences,
              "observer": options.observer, "versions": options.versions}
    if shard:
        result["shard"] = shard
    if window is not None:
        result["window"] = window
    if continues:
        result["continues"] = True
    if following and following[0].ends.first is not None:
        result["next_first_ns"] = str(following[0].ends.first)
    elif options.until is not None:
        result["until_ns"] = str(options.until)
    decisive = json.dumps([FORMAT, result], sort_keys=True)
    result["hash"] = hashlib.sha256(decisive.encode()).hexdigest()[:32]
    result["interface"] = ", ".join(name for name, _ in files[0].ends.interfaces if name) or None
    return result


def name_chains(units):
    """Windows and shards of one chain share its name: the hash of their first."""
    for each in units:
        each["chain"] = units[0]["hash"] if "window" in each or "shard" in each else each["hash"]
    return units


def make(arguments, options):
    """All units, and all files; a file twice in the arguments is read once."""
    files = [File(path) for path in find(arguments)]
    units = []
    for chain in chains(files, options):
        if options.chains:
            units += name_chains(units_of(chain, options))
        else:
            of_file = {}
            for each in units_of(chain, options):
                of_file.setdefault(each["files"][0]["path"], []).append(each)
            for each in of_file.values():
                units += name_chains(each)
    for index, each in enumerate(units):
        each["index"] = index
    return units, files


def write_manifest(folder, units):
    path = os.path.join(folder, "manifest.ndjson")
    new = path + ".new"
    with open(new, "w", encoding="utf-8") as file:
        for each in units:
            file.write(json.dumps(each, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.rename(new, path)
    return path


def read_manifest(folder):
    with open(os.path.join(folder, "manifest.ndjson"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def weight(each):
    """Bytes to read: what progress is measured by."""
    return sum(file["size"] for file in each["files"]) + 65536
