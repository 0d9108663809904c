# SPDX-License-Identifier: GPL-2.0-or-later
"""Which connection of one file is which of the other: by addresses and numbers, across translation of
addresses and rewriting of numbers only where a single candidate fits."""
import collections
import operator

from reading import ACK, FIN, HALF, MASK, RST, SYN

CLIENT, SERVER = 0, 1
SIGNS = FIN | SYN | RST
TSVAL, IDENTITY = operator.attrgetter("tsval"), operator.attrgetter("identity")
FEW = 4                     # samples: so many may all be missing in the other file


class Pair:
    """A connection in both files. `shift`: by side, what is to be subtracted from the second file's numbers
    to have the first one's; `flipped`: the second file's sides the other way round."""
    __slots__ = ("first", "second", "flipped", "shift", "near")

    def __init__(self, first, second, flipped=False, shift=(0, 0)):
        self.first, self.second, self.flipped, self.shift = first, second, flipped, shift
        self.near = None            # True: the first file's point is the one near the client

    def of_second(self, side):
        """The second file's side, as the first numbers it."""
        return side ^ self.flipped

    def normal(self, segment):
        """A segment of the second file in the numbers of the first: (side, seq, ack)."""
        side = segment.side ^ self.flipped
        ack = (segment.ack - self.shift[1 - side]) & MASK if segment.flags & ACK else 0
        return side, (segment.seq - self.shift[side]) & MASK, ack


def by_connection(file):
    """A File's samples: {connection's number: Segments}"""
    samples = collections.defaultdict(list)
    for segment in file.samples:
        samples[segment.connection].append(segment)
    return samples


def pair_all(first, second):
    """The pairs of two Files."""
    return _Matching(first, second).pairs


class _Matching:
    def __init__(self, first, second):
        self.pairs = []
        self.free = [{one.number: one for one in file.connections} for file in (first, second)]
        self.samples = [by_connection(file) for file in (first, second)]
        self._same_isn(lambda connection: connection.ends)
        self._same_isn(lambda connection: connection.ends[SERVER])      # the client's address translated
        self._same_isn(lambda connection: connection.ends[CLIENT])      # the server's
        self._crossing_syns()
        self._rewritten_numbers()
        self._translated_and_rewritten()
        self._without_syn()
        self._without_syn_translated()

    def _take(self, one, other, **how):
        self.pairs.append(Pair(one, other, **how))
        del self.free[0][one.number]
        del self.free[1][other.number]

    def _unique(self, key, beside=None):
        """Connections still free that share a key with exactly one of the other file; its key is `beside`."""
        groups = []
        for free, of in zip(self.free, (key, beside or key)):
            group = collections.defaultdict(list)
            for connection in free.values():
                value = of(connection)
                if value is not None:
                    group[value].append(connection)
            groups.append(group)
        for value, ones in groups[0].items():
            others = groups[1].get(value, ())
            if len(ones) == 1 and len(others) == 1:
                yield ones[0], others[0]

    def _same_isn(self, kept):
        """The same number in the SYN, and the same of what `kept` names."""
        def key(connection):
            syn = connection.opening[CLIENT]
            return (syn.segment.seq, kept(connection)) if syn else None

        for one, other in list(self._unique(key)):
            if shift := _shift(one, other):
                self._take(one, other, shift=shift)

    def _crossing_syns(self):
        """Both ends open at once: each file takes the one whose SYN it saw first for the client."""
        def key(connection, first=CLIENT):
            syns = connection.opening[first], connection.opening[1 - first]
            ends = connection.ends if first == CLIENT else connection.ends[::-1]
            return (ends, *(syn.segment.seq for syn in syns)) if all(syns) else None

        for one, other in list(self._unique(key, lambda connection: key(connection, SERVER))):
            self._take(one, other, flipped=True)

    def _rewritten_numbers(self):
        """The same addresses, other numbers: the SYN has to have the same time stamp, or several segments the
        same time stamp or IP ID."""
        def key(connection):
            syn = connection.opening[CLIENT]
            return (connection.ends, syn.segment.tsval) if syn and syn.segment.tsval else None

        for one, other in list(self._unique(key)):
            if shift := _shift(one, other):
                self._take(one, other, shift=shift)
        for mark in (TSVAL, IDENTITY):
            for one, other in list(self._unique(lambda one: one.ends if one.opening[CLIENT] else None)):
                shift = _shift(one, other)
                if shift and self._agree(one, other, shift, mark=mark):
                    self._take(one, other, shift=shift)

    def _translated_and_rewritten(self):
        """Addresses and numbers both changed: the SYN's time stamp, which no two connections share,
        remains."""
        for kept in (SERVER, CLIENT):
            def key(connection, kept=kept):
                syn = connection.opening[CLIENT]
                return (connection.ends[kept], syn.segment.tsval) if syn and syn.segment.tsval else None

            for one, other in list(self._unique(key)):
                shift = _shift(one, other)
                if shift and self._agree(one, other, shift):
                    self._take(one, other, shift=shift)

    def _without_syn(self):
        """At least one file lacks the SYN: the same addresses, and segments with the same numbers."""
        groups = [collections.defaultdict(list), collections.defaultdict(list)]
        for free, group in zip(self.free, groups):
            for connection in free.values():
                group[frozenset(connection.ends)].append(connection)
        for ends, ones in groups[0].items():
            for one in ones:
                fits = [(other, self._common_shift(one, other)) for other in groups[1].get(ends, ())
                        if other.number in self.free[1] and not (one.opening[CLIENT] and
                                                                 other.opening[CLIENT])]
                fits = [(other, shift) for other, shift in fits if shift]
                if len(fits) == 1:
                    other, shift = fits[0]
                    self._take(one, other, flipped=one.ends != other.ends, shift=shift)

    def _common_shift(self, one, other):
        """The shift with which these two, of the same addresses, have segments in common, or None."""
        flipped = one.ends != other.ends
        if self._agree(one, other, (0, 0), flipped):
            return 0, 0
        shifts = [self._voted_shift(one, other, side, flipped) for side in (CLIENT, SERVER)]
        return None if None in shifts else tuple(shifts)

    def _voted_shift(self, one, other, side, flipped):
        """Of one side's numbers, by data that the time stamp, IP ID and length tell from all other."""
        marks = {(segment.tsval, segment.identity, segment.length): segment.seq
                 for segment in self.samples[0][one.number]
                 if segment.side == side and segment.length and segment.tsval and segment.identity}
        votes = collections.Counter()
        for segment in self.samples[1][other.number]:
            seq = marks.get((segment.tsval, segment.identity, segment.length))
            if segment.side ^ flipped == side and seq is not None:
                votes[(segment.seq - seq) & MASK] += 1
        best = votes.most_common(2)
        if not best or best[0][1] < 2 or len(best) > 1 and best[1][1] * 2 > best[0][1]:
            return None
        return best[0][0]

    def _without_syn_translated(self):
        """By data with the same numbers, and one end's address the same; never where two connections of a
        file have the same data."""
        owners = [collections.defaultdict(set), collections.defaultdict(set)]
        for free, samples, owner in zip(self.free, self.samples, owners):
            for number in free:
                for segment in samples[number]:
                    if segment.length:
                        owner[segment.seq, segment.ack, segment.length, segment.tsval].add(number)
        votes = collections.Counter((*ones, *owners[1][mark]) for mark, ones in owners[0].items()
                                    if len(ones) == len(owners[1].get(mark, ())) == 1)
        for (number, beside), count in votes.items():
            one, other = self.free[0].get(number), self.free[1].get(beside)
            if one and other and count >= 2:
                flipped = not _one_end_kept(one, other, False)
                if _one_end_kept(one, other, flipped) and self._agree(one, other, (0, 0), flipped):
                    self._take(one, other, flipped=flipped)

    def _agree(self, one, other, shift, flipped=False, mark=None):
        """Both files have a segment with these numbers, and the same mark if one is asked for; where few are
        sampled, the numbers at least overlap."""
        pair = Pair(one, other, flipped, shift)
        marks = {(segment.side, (segment.seq + segment.length) & MASK, segment.ack, mark and mark(segment))
                 for segment in self.samples[0][one.number] if not segment.flags & SYN}
        found = 0
        for segment in self.samples[1][other.number]:
            if not segment.flags & SYN and (not mark or mark(segment)):
                side, seq, ack = pair.normal(segment)
                found += (side, (seq + segment.length) & MASK, ack, mark and mark(segment)) in marks
        return found > 0 or not mark and len(marks) < FEW and _overlap(one, other, pair)


def _one_end_kept(one, other, flipped):
    ends = other.ends[::-1] if flipped else other.ends
    return any(ours[0] == theirs[0] for ours, theirs in zip(one.ends, ends))


def _shift(one, other):
    """By how much the second file's numbers are ahead, by the SYNs; None if these contradict each other."""
    shift = [0, 0]
    for side in (CLIENT, SERVER):
        ours, theirs = one.opening[side], other.opening[side]
        if ours and theirs:
            shift[side] = (theirs.segment.seq - ours.segment.seq) & MASK
    syn_ack = one.opening[SERVER], other.opening[SERVER]
    if all(syn_ack) and (syn_ack[1].segment.ack - syn_ack[0].segment.ack) & MASK != shift[CLIENT]:
        return None
    return tuple(shift)


def _overlap(one, other, pair):
    """The numbers of both sides overlap; for connections without samples."""
    for side in (CLIENT, SERVER):
        ours, theirs = one.span[side], other.span[side ^ pair.flipped]
        if ours is None or theirs is None:
            return False
        ahead = (theirs[0] - pair.shift[side] - ours[0] + HALF & MASK) - HALF
        if ahead > (ours[1] - ours[0]) & MASK or ahead + ((theirs[1] - theirs[0]) & MASK) < 0:
            return False
    return True


def sightings(pair, ours, theirs):
    """What both files see of a pair and nothing else looks like: (side, first file's time, second's, frame
    there). `ours`, `theirs`: its sampled segments."""
    tables = []
    for segments, connection, second in ((ours, pair.first, False), (theirs, pair.second, True)):
        table = collections.defaultdict(list)
        # The SYNs count, sampled or not; where one was repeated, which is which can't be told. A SYN proxy
        # answers before it asks: what it numbers anew isn't the same SYN-ACK.
        segments = [one for one in segments if not one.flags & SYN]
        segments += [opening.segment for opening in connection.opening
                     if opening and opening.copies == 1 and not pair.shift[opening.segment.side ^
                                                                           (second and pair.flipped)]]
        for segment in segments:
            side, seq, ack = pair.normal(segment) if second else (segment.side, segment.seq, segment.ack)
            table[side, (seq + segment.length) & MASK, ack, segment.flags & SIGNS].append(segment)
        tables.append(table)
    both = [(key, tables[0][key], tables[1][key]) for key in tables[0] if key in tables[1]]
    for mark in (TSVAL, IDENTITY):
        kept = [mark(ones[0]) and mark(ones[0]) == mark(others[0])
                for _, ones, others in both if len(ones) == len(others) == 1]
        if sum(map(bool, kept)) * 2 > len(kept):
            both = [((*key, value), [one for one in ones if mark(one) == value],
                     [one for one in others if mark(one) == value])
                    for key, ones, others in both for value in {mark(one) for one in ones}]
    return [(key[0], ones[0].time, others[0].time, others[0].frame)
            for key, ones, others in both if len(ones) == len(others) == 1]
