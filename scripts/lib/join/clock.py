# SPDX-License-Identifier: GPL-2.0-or-later
"""By how much the second file's clock is ahead of the first's. A segment that both points see bounds the
offset: it can't arrive before it left. Towards the second point each says "at most so much ahead", back each
says "at least": the offset is a line between the two envelopes, laid where it leaves the most room (Paxson;
Zhang, Liu and Xia, with the room of both directions), so that queues don't matter. Where no line fits
between, a clock was set."""
import dataclasses
import statistics

SKEW_MOST = 1e-3            # drifts beyond 1000 ppm are none
BINS = 512
GRID = 32                   # slopes that are tried between the extreme ones
ALIKE = 0.9                 # of the room
FEWEST = 4                  # samples of a piece: fewer are outliers
SAME_POINT = 2_000          # nanoseconds that stand for no distance at all


@dataclasses.dataclass
class Sample:
    """A segment that both points saw. `frame`: in the second file; `when`: its time there; `ahead`: that time
    less the first file's; `towards`: whether it went to the second point."""
    frame: int
    when: int
    ahead: int
    towards: bool


@dataclasses.dataclass
class Piece:
    """A stretch of the second file, from a frame on, in which no clock was set. `ahead`: the offset at
    `when`; `drift`: its growth; `drift_error`: how far the drift may be off; `room`: the smallest round trip;
    `bound`: how far the offset may be off, half of that at best."""
    frame: int
    when: int
    ahead: float
    drift: float
    drift_error: float
    room: float
    bound: float

    def at(self, when):
        """Nanoseconds that the second clock is ahead, when it says `when`."""
        return round(self.ahead + self.drift * (when - self.when))


def sum_of_transits(matches):
    """Of a connection's matches (side, first file's time, second's, frame there): the median, over neighbours
    of opposite directions, of the second's lead of the one that the client sent less that of the one that the
    server sent. Both transits together if the first point is near the client, and less than nothing if the
    second is: free of the offset of the clocks. None if one direction is missing."""
    leads = [(side, later - earlier) for side, earlier, later, _ in sorted(matches,
                                                                           key=lambda match: match[3])]
    sums = [one - other if side == 0 else other - one
            for (side, one), (beside, other) in zip(leads, leads[1:]) if side != beside]
    return statistics.median(sums) if sums else None


class Envelopes:
    """What bounds the line from above and from below; times in seconds after the first, offsets as they
    are."""

    def __init__(self, samples):
        self.begin, self.base = samples[0].when, samples[0].ahead
        self.upper, self.lower = [], []
        size = max(len(samples) // BINS, 1)
        for start in range(0, len(samples), size):
            part = samples[start:start + size]
            towards = min((one for one in part if one.towards), key=lambda one: one.ahead, default=None)
            back = max((one for one in part if not one.towards), key=lambda one: one.ahead, default=None)
            if towards:
                self.upper.append((towards.when - self.begin, towards.ahead - self.base))
            if back:
                self.lower.append((back.when - self.begin, back.ahead - self.base))

    def bounds(self, drift):
        """The line with this slope lies between these two, at the beginning."""
        return (min(ahead - drift * when for when, ahead in self.upper),
                max(ahead - drift * when for when, ahead in self.lower))

    def room(self, drift):
        most, least = self.bounds(drift)
        return most - least

    def best(self):
        """The slope with the most room: the room is concave."""
        low, high = -SKEW_MOST, SKEW_MOST
        while high - low > 1e-11:
            left, right = low + (high - low) * 0.4, high - (high - low) * 0.4
            if self.room(left) < self.room(right):
                low = left
            else:
                high = right
        return (low + high) / 2

    def noise(self, drift):
        """How far a bin's fastest segment usually is from the fastest of all; of few bins, at worst."""
        most, least = self.bounds(drift)
        rest = [ahead - drift * when - most for when, ahead in self.upper]
        rest += [least - ahead + drift * when for when, ahead in self.lower]
        return 2 * sorted(rest)[min(len(rest) // 2 + FEWEST, len(rest) - 1)] + 1000

    def bound(self, line, drift):
        """How far any line between the envelopes is from this one at most, which begins there with this
        slope."""
        end = max(self.upper[-1][0], self.lower[-1][0])
        far = 0.0
        low, high = self.slopes(drift, 0)
        for step in range(GRID + 1):
            slope = low + (high - low) * step / GRID
            most, least = self.bounds(slope)
            lean = (slope - drift) * end
            far = max(far, most - line, line - least, most + lean - line, line - least - lean)
        return far

    def slopes(self, best, enough):
        """From where to where the drift leaves so much room."""
        edges = []
        for limit in (-SKEW_MOST, SKEW_MOST):
            inside, outside = best, limit
            if self.room(outside) >= enough:
                edges.append(outside)
                continue
            while abs(inside - outside) > 1e-11:
                middle = (inside + outside) / 2
                inside, outside = (middle, outside) if self.room(middle) >= enough else (inside, middle)
            edges.append(inside)
        return edges


def _fit(samples):
    """The piece of these, sorted by frame; None if no line fits, or one direction is missing."""
    lines = Envelopes(samples)
    if not lines.upper or not lines.lower:
        return None
    drift = lines.best()
    if lines.room(drift) < -SAME_POINT:
        return None
    # Beyond these, room is lost that noise doesn't explain.
    low, high = lines.slopes(drift, lines.room(drift) - lines.noise(drift))
    error = max(high - drift, drift - low)
    if abs(drift) <= error and lines.room(0.0) > ALIKE * lines.room(drift):
        drift = 0.0             # none that could be told from queues
    most, least = lines.bounds(drift)
    middle = (most + least) / 2
    return Piece(samples[0].frame, lines.begin, lines.base + middle, drift, error,
                 most - least, lines.bound(middle, drift))


def _longest(samples, backwards=False):
    """How many of the samples, from the beginning or the end, lie around one line."""
    def fits(count):
        lines = Envelopes(samples[-count:] if backwards else samples[:count])
        return not lines.upper or not lines.lower or lines.room(lines.best()) > 0

    low, high = 1, len(samples)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _boundary(samples, early, late):
    """Where between these two places the clock was set: there, samples don't contradict either line."""
    before, after = _fit(samples[:early]), _fit(samples[late:])
    if not before or not after:
        return early

    def far(piece, one):
        return abs(one.ahead - piece.at(one.when) - (piece.room if one.towards else -piece.room) / 2)

    best = place = early
    gain = most = 0
    for place, one in enumerate(samples[early:late], early + 1):
        gain += far(after, one) - far(before, one)
        if gain > most:
            best, most = place, gain
    return best


def _split(samples):
    """The samples of each stretch in which no clock was set."""
    stretches = []
    while samples:
        count = _longest(samples)
        if count < len(samples):
            # The line may lean and so hold a few of the next stretch, which may hold a few of this one.
            ahead = samples[:count + (_longest(samples[count:]) + 1) // 2]
            early = max(len(ahead) - _longest(ahead, backwards=True), 1)
            count = _boundary(ahead, min(early, count), count)
        stretches.append(samples[:count])
        samples = samples[count:]
    return stretches


def _both_ways(samples):
    return len({one.towards for one in samples}) == 2


def estimate(samples):
    """The Pieces, in order. No samples, or of one direction alone: none."""
    samples = sorted(samples, key=lambda one: one.frame)
    if not _both_ways(samples):
        return []
    whole = _fit(samples)
    if whole:
        return [whole]
    stretches = [part for part in _split(samples) if len(part) >= FEWEST and _both_ways(part)]
    joined = []
    for part in stretches:      # what an outlier has torn apart
        together = _fit(joined[-1] + part) if joined else None
        if together:
            joined[-1] += part
        else:
            joined.append(part)
    return [piece for piece in map(_fit, joined) if piece]
