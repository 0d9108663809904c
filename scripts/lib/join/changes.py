# SPDX-License-Identifier: GPL-2.0-or-later
"""What the device between the points changes, told by a connection's pair."""
from reading import CWR, ECE, walk

CLIENT, SERVER = 0, 1
ENDS = "client", "server"
MSS, SCALE, SACK, TIMES = 2, 3, 4, 8
OPTIONS = {MSS: "MSS", SCALE: "window scale", SACK: "SACK permitted", TIMES: "timestamps"}
CONGESTION_EXPERIENCED = 3


def changes(pair):
    """(what, how) of each difference; `how` reads from the first file's point to the second's, or, of what a
    sender sets, from its near point to the far one."""
    for side, end in enumerate(ENDS):
        ours, theirs = pair.first.ends[side], pair.second.ends[pair.of_second(side)]
        if ours[0] != theirs[0]:
            yield "%s address" % end, "%s -> %s" % (ours[0], theirs[0])
        if ours[1] != theirs[1]:
            yield "%s port" % end, "translated"
        if pair.shift[side]:
            yield "%s sequence numbers" % end, "rewritten by a constant offset"
        yield from _of_sender(pair, side, end)


def _of_sender(pair, side, end):
    sights = [(pair.first, side), (pair.second, pair.of_second(side))]
    if pair.near == (side == SERVER):       # its near point is the second
        sights.reverse()
    (near, near_side), (far, far_side) = sights
    if near.ttl[near_side] and far.ttl[far_side] and near.ttl[near_side] != far.ttl[far_side]:
        hops = near.ttl[near_side] - far.ttl[far_side]
        yield "TTL from the %s" % end, "%d lower" % hops if hops > 0 else "%d higher" % -hops
    yield from _congestion(near.ecn[near_side], far.ecn[far_side], end)
    before, after = near.opening[near_side], far.opening[far_side]
    if before and after:
        yield from _options(before, after, "SYN" if side == CLIENT else "SYN-ACK")


def _congestion(before, after, end):
    """Of the IP header; both are sets of bits 1 << ECN."""
    if before & ~1 and not after & ~1:
        yield "ECN of the %s's packets" % end, "cleared"
    elif after >> CONGESTION_EXPERIENCED & 1 and not before >> CONGESTION_EXPERIENCED & 1:
        yield "ECN of the %s's packets" % end, "congestion marked"


def _options(before, after, step):
    if not before.whole or not after.whole:
        return
    ours, theirs = dict(walk(before.options)), dict(walk(after.options))
    for kind in sorted({*ours, *theirs}):
        name = "%s of the %s" % (OPTIONS.get(kind, "option %d" % kind), step)
        if kind not in theirs:
            yield name, "removed"
        elif kind not in ours:
            yield name, "added"
        elif kind in (MSS, SCALE) and ours[kind] != theirs[kind]:
            yield name, "%d -> %d" % tuple(int.from_bytes(value, "big") for value in (ours[kind],
                                                                                      theirs[kind]))
        elif kind not in (MSS, SCALE, TIMES) and ours[kind] != theirs[kind]:
            yield name, "changed"
    flags = before.segment.flags & (ECE | CWR), after.segment.flags & (ECE | CWR)
    if flags[0] != flags[1]:
        yield "ECN flags of the %s" % step, "cleared" if flags[0] & ~flags[1] else "set"
