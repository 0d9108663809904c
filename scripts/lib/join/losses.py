# SPDX-License-Identifier: GPL-2.0-or-later
"""Which segments arrived: both files once more, side by side on one clock. Bytes are compared, not frames,
for with offload one segment here is many there. A segment that the other point doesn't see in time is lost
between, unless the far end has it: then the far point missed it."""
import bisect
import collections
import heapq

from reading import ACK, FIN, HALF, MASK, RST, SYN

SECOND = 10**9
TRANSITS = 4                # so many round trips a segment may be on its way, and a second at least
BLOCKS = 16                 # of SACK that are remembered
KEPT = 64                   # intervals of what a point saw; older ones are forgotten
OVERLAPS = 8                # waiting segments that may hold the same bytes
END = 1 << 62
PIECES = 64                 # of an offloaded segment at most
PURE_ACK = 2                # the members of its sign: seq, ack


class Counts:
    """Of one direction: what became of the segments that its near point saw, and what the far point alone
    saw."""

    def __init__(self):
        self.arrived = self.acks_arrived = self.lost = self.acks_lost = self.missed = self.unclear = 0
        self.only_there = self.acks_only_there = self.resets_only_there = 0


class Waiting:
    """A segment that the other point hasn't seen yet: of a sign (`key`), or of bytes."""
    __slots__ = ("time", "flow", "point", "key", "begin", "end", "left", "copy", "bare")

    def __init__(self, time, flow, point, key, begin, end, copy, bare):
        self.time, self.flow, self.point, self.key = time, flow, point, key
        self.begin, self.end, self.left, self.copy = begin, end, end - begin, copy
        self.bare = bare            # a pure ACK

    def is_reset(self):
        return self.key is not None and not self.bare and self.key[0] & RST != 0


def difference(one, other):
    """Of two (TSval, IP ID): the pieces of a segment have the same time stamp, and IDs close together."""
    apart = one[1] - other[1] & 0xFFFF
    return one[0] != other[0], min(apart, 0x10000 - apart, PIECES)


class Flow:
    """One direction of a connection; points: 0 near the sender, 1 far. Numbers are unrolled: they never
    wrap."""

    __slots__ = ("counts", "near", "number", "place", "signs", "bytes", "serial", "seen", "syn_seen", "acked",
                 "blocks")

    def __init__(self, counts, near):
        self.counts, self.near = counts, near       # near: the file of the point near the sender
        self.number, self.place = None, 1 << 40
        self.signs = {}, {}         # by point: key: those that wait, oldest first
        self.bytes = [], []         # by point: [from, to, serial number, Waiting], sorted
        self.serial = 0
        self.seen = []              # [from, to] that the far point saw
        self.syn_seen = False
        self.acked = -1
        self.blocks = ()            # of SACK: (from, to)

    def unroll(self, number):
        if self.number is None:
            self.number = number
        ahead = (number - self.number + HALF & MASK) - HALF
        if ahead > 0:
            self.number, self.place = number, self.place + ahead
            return self.place
        return self.place + ahead

    def see(self, begin, end):
        """The far point saw these bytes."""
        seen = self.seen
        if seen and seen[-1][0] <= begin <= seen[-1][1]:
            seen[-1][1] = max(seen[-1][1], end)
            return
        place = bisect.bisect_left(seen, [begin])
        while place < len(seen) and seen[place][0] <= end:
            end = max(end, seen.pop(place)[1])
        if place and seen[place - 1][1] >= begin:
            seen[place - 1][1] = max(seen[place - 1][1], end)
        else:
            seen.insert(place, [begin, end])
            if len(seen) > KEPT:
                del seen[0]

    def saw(self, waiting):
        """The far point saw a copy of it."""
        if waiting.key is not None:
            return self.syn_seen
        place = bisect.bisect_right(self.seen, [waiting.begin, END])
        return place > 0 and self.seen[place - 1][1] >= waiting.end

    def acknowledge(self, ack, left, right):
        """The far end says what it has."""
        if self.number is not None:
            self.acked = max(self.acked, self.unroll(ack))
            if left != right:
                block = self.unroll(left), self.unroll(right)
                self.blocks = (*self.blocks[-BLOCKS:], block)

    def acknowledged(self, begin, end):
        return self.acked >= end or any(left <= begin and end <= right for left, right in self.blocks)

    def take_bytes(self, point, begin, end, copy):
        """Takes these off what waits at that point, of the copy that looks most like this one, else of the
        oldest; returns the intervals that nothing waited for."""
        parts, rest = self.bytes[point], []
        while begin < end:
            part = self._overlapping(parts, begin, end, copy)
            if part is None:
                rest.append((begin, end))
                break
            low, high, serial, waiting = part
            if begin < low:
                rest.append((begin, low))
            first, last = max(begin, low), min(end, high)
            parts.remove(part)
            if low < first:
                bisect.insort(parts, [low, first, serial, waiting])
            if last < high:
                bisect.insort(parts, [last, high, serial, waiting])
            waiting.left -= last - first
            begin = last
        return rest

    @staticmethod
    def _overlapping(parts, begin, end, copy):
        best = rank = None
        for place in range(max(bisect.bisect_right(parts, [begin, END]) - OVERLAPS, 0), len(parts)):
            part = parts[place]
            if part[0] >= end:
                break
            if part[1] > begin:
                this = max(part[0], begin), difference(part[3].copy, copy), part[2]
                if best is None or this < rank:
                    best, rank = part, this
        return best

    def wait_bytes(self, waiting, rest):
        waiting.left = sum(end - begin for begin, end in rest)
        self.serial += 1
        for begin, end in rest:
            bisect.insort(self.bytes[waiting.point], [begin, end, self.serial, waiting])

    def give_up_bytes(self, waiting):
        """Removes it from what waits."""
        parts = self.bytes[waiting.point]
        place = bisect.bisect_left(parts, [waiting.begin])
        while place < len(parts) and parts[place][0] < waiting.end:
            if parts[place][3] is waiting:
                del parts[place]
            else:
                place += 1

    def give_up_sign(self, waiting):
        signs = self.signs[waiting.point]
        signs[waiting.key].remove(waiting)
        if not signs[waiting.key]:
            del signs[waiting.key]


class Comparison:
    """Of two Files with these Pairs. `common`: from the second file's frame and time to the first's clock;
    `room`: the smallest round trip."""

    def __init__(self, pairs, files, common, room):
        self.files, self.common = files, common
        self.wait = max(SECOND, TRANSITS * round(room))
        self.counts = Counts(), Counts()                # towards the second point, and back
        self.capturing = [(files[0].facts.first, files[0].facts.last),
                          (common(0, files[1].facts.first), common(files[1].facts.packets,
                                                                   files[1].facts.last))]
        self.pairs = {one.first.number: one for one in pairs}, {one.second.number: one for one in pairs}
        self.flows = {}             # Pair: [its flows, by side; how many segments are to come]
        self.waiting = collections.deque()
        self.doubtful = collections.deque()
        self.finished = collections.deque()
        self.missed_at = [], []     # by file: when it missed a segment that arrived

    def run(self, advance):
        for number, (time, file, segment) in enumerate(heapq.merge(self._segments(0), self._segments(1))):
            pair = self.pairs[file].get(segment[2])
            if pair:
                self._expire(time - self.wait)
                self._add(time, file, pair, segment)
            if not number & 1023:
                advance(number)
        self._expire(END)

    def _segments(self, file):
        if file == 0:
            for segment in self.files[0]:
                yield segment[0], 0, segment
        else:
            for segment in self.files[1]:
                yield self.common(segment[1], segment[0]), 1, segment

    def _flows(self, time, pair):
        found = self.flows.get(pair)
        if found is None:
            flows = [Flow(self.counts[side if pair.near else 1 - side], side if pair.near else 1 - side)
                     for side in (0, 1)]
            found = self.flows[pair] = [flows, sum(pair.first.count) + sum(pair.second.count)]
        found[1] -= 1
        if not found[1]:
            self.finished.append((time, pair))
        return found[0]

    def _add(self, time, file, pair, segment):
        _, _, _, seq, ack, length, tsval, left, right, identity, flags, side = segment
        if file:
            side ^= pair.flipped
            seq = (seq - pair.shift[side]) & MASK
            away = pair.shift[1 - side]
            ack, left, right = (ack - away) & MASK, (left - away) & MASK, (right - away) & MASK
        flows = self._flows(time, pair)
        flow, reverse = flows[side], flows[1 - side]
        point, copy = int(file != flow.near), (tsval, identity)
        place = flow.unroll(seq)
        if flags & ACK and not flags & RST:
            reverse.acknowledge(ack, left, right)
        if flags & (SYN | RST):
            kind = flags & (SYN | RST)
            if point and flags & SYN:
                flow.syn_seen = True
            self._sign(time, flow, point, (kind, seq, ack if flags & ACK else 0), place, copy)
        elif length or flags & FIN:
            self._bytes(time, flow, point, place, place + length + (flags & FIN), copy)
        else:
            self._sign(time, flow, point, (seq, ack), place, copy)

    def _sign(self, time, flow, point, key, place, copy):
        bare = len(key) == PURE_ACK
        waits = flow.signs[1 - point].get(key)
        if waits:
            same = 0 if len(waits) == 1 else min(range(len(waits)), key=lambda index: difference(
                waits[index].copy, copy))
            waits.pop(same).left = 0
            flow.counts.acks_arrived += bare
            flow.counts.arrived += not bare
            if not waits:
                del flow.signs[1 - point][key]
            return
        waiting = Waiting(time, flow, point, key, place, place + 1, copy, bare)
        flow.signs[point].setdefault(key, []).append(waiting)
        self.waiting.append(waiting)

    def _bytes(self, time, flow, point, begin, end, copy):
        if point:
            flow.see(begin, end)
        rest = flow.take_bytes(1 - point, begin, end, copy)
        waiting = Waiting(time, flow, point, None, begin, end, copy, False)
        flow.wait_bytes(waiting, rest)
        self.waiting.append(waiting)

    def _expire(self, until):
        waiting = self.waiting
        while waiting and waiting[0].time < until:
            self._give_up(waiting.popleft())
        while self.doubtful and self.doubtful[0].time < until - self.wait:
            self._doubt(self.doubtful.popleft())
        while self.finished and self.finished[0][0] < until:
            del self.flows[self.finished.popleft()[1]]

    def _give_up(self, one):
        """Its time is over: arrived, or what else?"""
        flow, counts = one.flow, one.flow.counts
        if one.key is None:
            flow.give_up_bytes(one)
            counts.arrived += not one.left and not one.point
        elif one.left:
            flow.give_up_sign(one)
        if not one.left:
            return
        if one.point:
            begin, end = self.capturing[flow.near]
            if begin <= one.time - self.wait and one.time <= end:
                counts.only_there += not one.bare
                counts.acks_only_there += one.bare
                counts.resets_only_there += one.is_reset()
            return
        begin, end = self.capturing[1 - flow.near]
        if one.time < begin or one.time + self.wait > end:
            counts.unclear += not one.bare
        elif one.bare or one.is_reset():
            self.doubtful.append(one)
        elif flow.acknowledged(one.begin, one.end) and not flow.saw(one):
            counts.missed += 1
            self.missed_at[1 - flow.near].append(one.time)
        else:
            counts.lost += 1

    def _doubt(self, one):
        """Nothing acknowledges a pure ACK or a RST: lost only if the far point misses nothing else at that
        time."""
        missed = self.missed_at[1 - one.flow.near]
        place = bisect.bisect_left(missed, one.time - SECOND)
        if place < len(missed) and missed[place] <= one.time + SECOND:
            one.flow.counts.unclear += not one.bare
        elif one.bare:
            one.flow.counts.acks_lost += 1
        else:
            one.flow.counts.lost += 1
