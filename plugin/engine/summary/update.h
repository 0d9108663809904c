/* update.h - one segment on its way into the summary (private to the engine)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_UPDATE_H
#define TCPFSM_ENGINE_UPDATE_H

#include "summary/summary.h"
#include "thresholds.h"

#include <stddef.h>

/* DISORDER_MS in ns: packets this close may stand in the capture in another order than on the wire. */
#define UPDATE_DISORDER (NS_PER_MS * DISORDER_MS)

/* One segment on its way into the summary. */
struct update {
    struct summary *s;
    struct summary *previous; /* or NULL */
    const struct segment *seg;
    struct observation *o;
    struct summary_end *sender, *peer;
    struct moment now;
    unsigned fresh;       /* steps made here for the first time */
    bool acked;           /* the sender acknowledges more than before */
    int64_t heard_before; /* when the sender was heard of before this segment; NO_TIME: never */
};

static inline bool has_milestone(const struct summary *s, enum milestone milestone)
{
    return s->milestone[milestone].frame != 0;
}

/* Notes the first of its kind. */
static inline void update_reach(struct update *u, enum milestone milestone)
{
    if (!has_milestone(u->s, milestone)) {
        u->s->milestone[milestone] = u->now;
    }
}

/* Another copy counts than was noted first, or one of another connection. */
static inline void update_milestone(struct summary *s, enum milestone milestone, struct moment moment)
{
    s->milestone[milestone] = moment;
}

/* What was measured doesn't count. */
static inline void update_unmeasure(struct summary *s, enum span span)
{
    s->spans &= (uint8_t) ~(1u << span);
}

/* Notes a duration; a negative one, of packets in disorder, tells nothing. */
static inline void update_measure(struct summary *s, enum span span, int64_t time)
{
    if (time >= 0) {
        s->span[span] = time;
        s->spans |= (uint8_t)(1u << span);
    }
}

/* When the server first sent its SYN-ACK again; none, where the opening begins anew. */
static inline void update_syn_ack_again(struct summary *s, struct moment moment)
{
    s->syn_ack_again = moment;
}

/* Whether what became of the new SYN on its addresses and ports shows that its ends weren't open any more. */
static inline void update_supplant(struct summary *s, bool supplanted)
{
    s->supplanted = supplanted && s->succeeded;
}

/* Was the end open when the capture began, so that what it owes can be told? */
static inline bool was_open(const struct summary_end *end)
{
    return end->syn_seen || end->sent_next;
}

/* Both directions are closed and acknowledged, or all but an ACK of a FIN. */
static inline bool has_closed(const struct summary *s)
{
    unsigned closed = STEP_ACK_OF_FIN | STEP_ACK_OF_SECOND_FIN;
    return (s->steps & closed) == closed || s->delivered;
}

#endif
