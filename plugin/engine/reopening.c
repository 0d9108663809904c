/* reopening.c - see reopening.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reopening.h"

#include "facts.h"
#include "incarnation.h"

/* An end whose past does not bind it any more. */
static void renew(struct end *end, enum state held)
{
    int64_t since = end->since;
    unsigned shown = end->shown;
    *end = (struct end){0};
    end->held = held & 15u;
    end->shown = shown & 15u;
    end->since = since;
}

/* RFC 1122 4.2.2.13 (a higher ISN), RFC 6191 (a higher timestamp). */
static bool reuse_is_allowed(const struct end *old, const struct segment *seg)
{
    if (old->ts_known && seg->has_timestamps) {
        int32_t newer = (int32_t)(seg->tsval - old->ts_recent);
        if (newer != 0) {
            return newer > 0;
        }
    }
    return !old->nxt_known || !seq_before(seg->seq, old->nxt);
}

static void remark_reuse(struct view *v, int64_t time_wait)
{
    const struct connection *before = v->previous;
    if (!before || v->c->begun) {
        return;
    }
    const struct end *old_s = &before->end[v->seg->from], *old_p = &before->end[!v->seg->from];
    bool waits = incarnation_waits(old_s, v->seg->time, time_wait) ||
                 incarnation_waits(old_p, v->seg->time, time_wait);
    if (waits) {
        v->o->remarks |= REMARK_TIME_WAIT_REUSE;
        v->o->remarks |= reuse_is_allowed(old_s, v->seg) ? REMARK_TIME_WAIT_REUSE_ALLOWED : 0u;
    } else if (v->c->contested && before->complete && !incarnation_is_over(before)) {
        v->o->remarks |= REMARK_SYN_IN_CONNECTION;
    }
}

static void prepare_syn(struct view *v, int64_t time_wait)
{
    struct end *s = v->sender, *p = v->peer;
    remark_reuse(v, time_wait);
    enum state peer = facts_state(v, p, 0);
    if (v->c->begun &&
        (peer == CLOSED ||
         (peer == LISTEN && fact_is(p->pending, FACT_RST)))) { /* who is sent a SYN is presumed to listen */
        renew(p, LISTEN);
        p->shown = LISTEN;
    }
    if (!s->syn_sent && s->held == LISTEN) { /* it opens actively itself */
        s->held = CLOSED;
    }
    if (s->isn_known && !s->syn_sent && !s->inherited) { /* captured behind its SYN-ACK */
        s->assumed = p->assumed = false;
    }
}

static void prepare_syn_ack(struct view *v)
{
    struct end *s = v->sender, *p = v->peer;
    if (s->syn_sent && !seq_equal(s->isn, v->seg->seq) && facts_state(v, s, 0) == LISTEN) {
        renew(s, LISTEN); /* the RST had its effect, and then another SYN reached the listener */
        s->pending = FACT(FACT_SYN);
    }
    if (!p->syn_sent && !s->syn_sent && !v->c->joined_late) {
        v->c->client = !v->seg->from;
    }
}

/* What acknowledges the new SYN comes from the new connection, even if its SYN-ACK was not captured. */
static void prepare_answer(struct view *v)
{
    struct end *s = v->sender, *p = v->peer;
    if (s->inherited && p->syn_sent && v->ack && seq_between(v->seg->ack, seq_add(p->isn, 1), p->nxt)) {
        renew(s, LISTEN);
        s->pending = FACT(FACT_SYN);
        v->c->contested = false;
    }
}

void reopening_prepare(struct view *v, int64_t time_wait)
{
    prepare_answer(v);
    if (v->syn) {
        prepare_syn(v, time_wait);
    } else if (v->syn_ack) {
        prepare_syn_ack(v);
    }
}
