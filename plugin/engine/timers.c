/* timers.c - see timers.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "timers.h"

#define MILLISECONDS INT64_C(1000000)

/* No retransmission timer is shorter (RFC 6298 wants 1 s, Linux takes 200 ms); what comes earlier was
 * triggered by ACKs. */
#define SHORTEST_TIMEOUT (200 * MILLISECONDS)

#define TRIES_MAX 255u

static void fire(struct view *v, enum timer timer)
{
    struct end *s = v->sender;
    struct observation *o = v->o;
    if (s->tried != (unsigned)timer) {
        s->tries = 0;
    }
    s->tries = s->tries < TRIES_MAX ? (s->tries + 1u) & TRIES_MAX : s->tries;
    o->timer = timer;
    o->timer_count = s->tries;
    if (s->tried == (unsigned)timer && v->seg->time >= s->tried_at) {
        o->timer_interval = v->seg->time - s->tried_at;
    }
    s->tried = timer & 3u;
    s->tried_at = v->seg->time;
}

/* The oldest outstanding number is (also) in this segment, so that tried_at speaks of it. */
static bool holds_una(const struct view *v)
{
    const struct end *s = v->sender;
    return s->nxt_known && !seq_after(v->seg->seq, s->una) && seq_after(v->end, s->una);
}

static bool repeats_flag(const struct view *v)
{
    return v->o->repeat && (v->o->steps & (STEP_SYN | STEP_SYN_ACK | STEP_FIN | STEP_SECOND_FIN)) &&
           (v->syn || v->syn_ack || v->fin);
}

static void explain_repeat(struct view *v)
{
    struct end *s = v->sender;
    bool flag = repeats_flag(v);
    if (!holds_una(v) && !flag) {
        return;
    }
    if (!holds_una(v) && !s->tried_flag) {
        s->tried = TIMER_NONE; /* when this FIN was sent last is not kept */
    }
    bool late_enough = s->tried != TIMER_NONE && v->seg->time - s->tried_at >= SHORTEST_TIMEOUT;
    if (flag || (late_enough && !s->loss_reported)) {
        s->tried = s->tried == TIMER_NONE ? TIMER_NONE : TIMER_RETRANSMISSION;
        fire(v, TIMER_RETRANSMISSION);
        s->tried_flag = flag;
    } else {
        s->tried = TIMER_RETRANSMISSION;
        s->tried_at = v->seg->time;
    }
    s->retransmission_due = false;
}

/* New numbers while nothing is outstanding: from here the retransmission timer runs. */
static void start(struct view *v)
{
    struct end *s = v->sender;
    bool idle = !s->nxt_known || !s->una_known || seq_equal(s->una, s->nxt) || v->o->seq_verdict == SEQ_SYN;
    if (idle) {
        s->tried = TIMER_RETRANSMISSION;
        s->tried_at = v->seg->time;
        s->tries = 0;
        s->tried_flag = v->fin || v->syn || v->syn_ack;
    }
}

void timers_explain(struct view *v)
{
    if (v->rst || !v->acceptable) {
        return;
    }
    switch (v->o->seq_verdict) {
    case SEQ_WINDOW_PROBE: fire(v, TIMER_PERSIST); break;
    case SEQ_KEEPALIVE: fire(v, TIMER_KEEPALIVE); break;
    case SEQ_RETRANSMISSION:
    case SEQ_OVERLAP:
        if (segment_length(v->seg) > 0) {
            explain_repeat(v);
        }
        break;
    default:
        if (segment_length(v->seg) > 0) {
            start(v);
        }
        break;
    }
}

static bool restarts(const struct view *v)
{
    const struct observation *o = v->o;
    return o->sender.before == TIME_WAIT && o->sender.after == TIME_WAIT && o->repeat &&
           (o->steps & (STEP_ACK_OF_FIN | STEP_ACK_OF_SECOND_FIN)) && v->pure_ack;
}

void timers_time_wait(struct view *v)
{
    struct observation *o = v->o;
    bool began = o->state_changed && ((o->sender.after == TIME_WAIT && o->sender.before != TIME_WAIT) ||
                                      (o->peer.after == TIME_WAIT && o->peer.before != TIME_WAIT));
    if (v->fin && o->repeat && o->peer.before == TIME_WAIT) { /* RFC 9293 3.10.7.4, eighth: restart */
        v->peer->since = v->seg->time;
    }
    if (restarts(v)) {
        v->sender->since = v->seg->time;
        began = true;
    }
    if (began && o->timer == TIMER_NONE) {
        o->timer = TIMER_2MSL;
    }
}
