/* captured.h - what of a connection was captured, so that a filter of the capture shows?
 *
 * A capture may have been filtered: by flags, so that there are no pure ACKs; or by the way that one
 * direction takes. No single connection shows that, but all of them together do (capture_filter.h). Only
 * those count that were open for certain, since a flood or a scan leaves nothing but handshakes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_CAPTURED_H
#define TCPFSM_ENGINE_CAPTURED_H

#include "summary/update.h"

enum captured {
    CAPTURED_OPEN = 1 << 0,         /* it was open: data, a FIN or a RST beyond the SYN */
    CAPTURED_OPENING = 1 << 1,      /* and the capture has its SYN or SYN-ACK, */
    CAPTURED_BARE_OPENING = 1 << 2, /* but no pure ACK before it was seen to be open */
    CAPTURED_PURE_ACK = 1 << 3,     /* there is a pure ACK of either end */
    CAPTURED_BOTH_WAYS = 1 << 4,    /* both ends were heard of */
    CAPTURED_ONE_WAY = 1 << 5,      /* one end was, and its ACKs or data show that the other answered */
};

/* A set of the above. */
unsigned captured_of(const struct summary *summary);

/* No further segment can change that set: an opening with what follows, both ways. */
static inline bool captured_is_settled(unsigned set)
{
    const unsigned all = CAPTURED_OPEN | CAPTURED_OPENING | CAPTURED_PURE_ACK | CAPTURED_BOTH_WAYS;
    return (set & all) == all;
}

/* Was it captured both ways, with pure ACKs? Then no filter explains anything. */
bool captured_is_whole(const struct summary *summary);

/* What a filter would explain: of `findings`, a set of enum timeout_finding, those that are worth nothing if
 * the capture was filtered. */
unsigned captured_doubtful(const struct summary *summary, unsigned findings);

/* Whether this segment shows that the connection was open; to be asked until one does. */
void captured_update(struct update *update);

#endif
