/* newest.h - what is the newest connection of a four-tuple? The second column of route.def.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_NEWEST_H
#define TCPFSM_ENGINE_NEWEST_H

#include "route/route_table.h"
#include "thresholds.h"
#include "wire/age.h"

static inline bool is_none(const struct route_ctx *x)
{
    return !x->c;
}

static inline bool is_any(const struct route_ctx *x)
{
    (void)x;
    return true;
}

/* Has anybody answered this connection's SYN as its own? */
static inline bool is_confirmed(const struct connection *c)
{
    const struct end *client = &c->end[c->lineage.client], *server = &c->end[!c->lineage.client];
    return c->dialogue.complete || (client->stream.syn_sent && !server->belief.from_previous);
}

static inline bool is_doubted(const struct route_ctx *x)
{
    return x->before && x->c->lineage.ambiguous && (!is_confirmed(x->c) || x->c->lineage.joined_late);
}

static inline bool has_client_syn(const struct route_ctx *x)
{
    return x->c->end[x->c->lineage.client].stream.syn_sent;
}

/* In a live connection, begun by a SYN-ACK or later: either end shows by its number which one it means. */
static inline bool is_doubted_answer(const struct route_ctx *x)
{
    return is_doubted(x) && !has_client_syn(x);
}

static inline bool is_doubted_syn(const struct route_ctx *x)
{
    return is_doubted(x) && has_client_syn(x);
}

/* The one before it lives, and nobody doubts this one: both are captured beside each other. A firewall that
 * rewrites ISNs makes two of one, seen on both of its sides; or the end of the first was not captured. */
static inline bool is_beside_living(const struct route_ctx *x)
{
    return x->before && !connection_is_over(x->before) && !is_doubted(x);
}

static inline bool is_second_opening(const struct route_ctx *x)
{
    return x->before && !x->before->dialogue.complete && !x->c->dialogue.complete;
}

static inline bool lacks_sender_syn(const struct route_ctx *x)
{
    return !x->s->stream.syn_sent;
}

static inline bool awaits_answer(const struct route_ctx *x)
{
    return !x->c->dialogue.complete && !x->s->stream.syn_sent && x->p->stream.syn_sent &&
           !x->p->stream.syn_ack_sent && x->p->belief.expected != CLOSED && !x->c->lineage.ambiguous;
}

static inline bool is_answered(const struct route_ctx *x)
{
    return x->s->stream.syn_sent && !x->s->belief.from_previous;
}

static inline bool is_over(const struct route_ctx *x)
{
    return connection_is_over(x->c);
}

/* Over, and not just refused: a refused SYN is repeated on the same numbers (Windows does so). A copy that
 * waited behind the end, a few milliseconds, is none either. */
static inline bool is_long_over(const struct route_ctx *x)
{
    const struct belief *a = &x->s->belief, *b = &x->p->belief;
    bool refused = !x->c->dialogue.complete && !x->p->stream.syn_sent;
    uint32_t age = time_age_ms(x->seg->time, x->c->dialogue.last_ms);
    return is_over(x) && x->seg->time > a->since && x->seg->time > b->since &&
           age > (uint32_t)(refused ? REFUSED_AGAIN_MS : DISORDER_MS);
}

/* Longer than any SYN waits for its repeat, or lives on the way. */
static inline bool is_long_silent(const struct route_ctx *x)
{
    return time_age_ms(x->seg->time, x->c->dialogue.last_ms) > (uint32_t)SYN_LIFE_MS;
}

/* So that its RST may be for the one before, which lives. */
static inline bool is_over_beside_living(const struct route_ctx *x)
{
    return is_beside_living(x) && is_over(x);
}

static inline bool is_complete_over(const struct route_ctx *x)
{
    return is_over(x) && x->c->dialogue.complete;
}

/* So that old segments of it may be under way. */
static inline bool is_just_over(const struct route_ctx *x)
{
    return is_complete_over(x) &&
           time_age_ms(x->seg->time, x->c->dialogue.last_ms) <= (uint32_t)STRAY_ANSWER_MS;
}

static inline bool is_beyond_opening(const struct route_ctx *x)
{
    return is_over(x) || x->c->dialogue.complete || x->s->stream.fin_sent;
}

static inline bool has_previous(const struct route_ctx *x)
{
    return x->before != NULL;
}

static inline bool has_closed(const struct route_ctx *x)
{
    return x->s->stream.fin_sent && (x->c->dialogue.complete || !has_client_syn(x));
}

/* What follows on these ports can be told from it. */
static inline bool is_settled(const struct route_ctx *x)
{
    const struct connection *c = x->c;
    bool doubted = c->lineage.ambiguous && c->lineage.previous && !c->dialogue.complete;
    return (c->dialogue.complete || is_over(x)) && !c->end[c->lineage.client].belief.from_previous &&
           !doubted;
}

#endif
