/* endpoint.h - what is remembered of a connection and its two ends (private to the engine)
 *
 * One struct serves both directions: end[from] sent the segment, end[!from] is its peer. Each part
 * of an end is written by the one file that has its name, and states there what always holds of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_ENDPOINT_H
#define TCPFSM_ENGINE_ENDPOINT_H

#include "connection.h"
#include "endpoint/attempts.h"
#include "endpoint/belief.h"
#include "endpoint/dialogue.h"
#include "endpoint/path.h"
#include "endpoint/sent.h"
#include "endpoint/stream.h"
#include "route/lineage.h"

struct end {
    struct belief belief;     /* in which state it is */
    struct attempts attempts; /* what it tried, and what of that was lost */
    struct sent sent;         /* which of its numbers have passed */
    struct stream stream;     /* where they began, what is acknowledged and offered */
    struct path path;         /* which way its packets come */
};

struct connection {
    struct end end[2];
    struct lineage lineage;   /* where it comes from, who is its client */
    struct dialogue dialogue; /* how far both have come together */
};

/* Everything but the belief of an end is forgotten, or taken over from the connection before. */
void end_forget(struct end *end);
void end_inherit(struct end *end, const struct end *old);

/* The first invariant that doesn't hold of the connection, or NULL; *end: of which end (2: of none). */
const char *connection_check(const struct connection *connection, unsigned *end);

/* Is the window scale of both ends known, be it that both offered it or that one did not? */
static inline bool scale_is_known(const struct connection *c)
{
    const struct stream *a = &c->end[0].stream, *b = &c->end[1].stream;
    return a->syn_sent && b->syn_sent && a->options_known && b->options_known;
}

/* By how many bits the windows that `end` offers are shifted (RFC 7323 section 2.2). */
static inline unsigned scale_of(const struct connection *c, const struct end *end)
{
    bool both = c->end[0].stream.scale != SCALE_NONE && c->end[1].stream.scale != SCALE_NONE;
    return both ? end->stream.scale : 0;
}

/* Does this end listen again after a RST? */
static inline bool end_is_passive(const struct connection *c, const struct end *end)
{
    return end != &c->end[c->lineage.client] && !c->dialogue.simultaneous;
}

/* Its state with the facts presumed, without those in `except`. */
static inline enum state end_state(const struct connection *c, const struct end *end, uint8_t except)
{
    const struct belief *b = &end->belief;
    uint8_t facts = (uint8_t)(b->presumed & ~except);
    return facts == 0 ? (enum state)b->proven
                      : facts_follow((enum state)b->proven, facts, end_is_passive(c, end));
}

/* Is all up to and with this end's FIN presumed to have arrived? */
static inline bool end_fin_arrived(const struct end *end)
{
    return end->stream.fin_sent && end->sent.gaps == 0 && !end->attempts.fin_lost;
}

/* A number that was expected. */
struct expected_seq {
    bool known;
    seq_t number;
    uint32_t from_frame; /* the frame whose end gives it; 0: not captured */
};

/* What the peer of this end is expected to acknowledge. */
static inline struct expected_seq end_next_due(const struct end *end)
{
    bool known = end->sent.nxt_known && !end->belief.from_previous &&
                 (end->stream.syn_sent || end->sent.nxt_frame != 0 || end->sent.missing);
    return known ? (struct expected_seq){true, sent_rcv_nxt(&end->sent), sent_rcv_nxt_frame(&end->sent)}
                 : (struct expected_seq){false, {0}, 0};
}

/* Are both ends CLOSED, in LISTEN or in TIME-WAIT? */
static inline bool connection_is_over(const struct connection *c)
{
    return state_is_gone((enum state)c->end[0].belief.expected) &&
           state_is_gone((enum state)c->end[1].belief.expected);
}

#endif
