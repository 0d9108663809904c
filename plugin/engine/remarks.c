/* remarks.c - see remarks.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "remarks.h"

static void remark(struct view *v, enum remark what, bool condition)
{
    if (condition) {
        v->o->remarks |= (unsigned)what;
    }
}

static void remark_on_syn(struct view *v)
{
    struct end *s = v->sender, *p = v->peer;
    struct connection *c = v->c;
    remark(v, REMARK_SYN_RETRANSMITTED, v->syn && v->o->repeat);
    remark(v, REMARK_SYN_ACK_RETRANSMITTED, v->syn_ack && v->o->repeat);
    c->fast_open = c->fast_open || v->seg->fast_open;
    if (v->seg->data > 0) {
        remark(v, c->fast_open ? REMARK_FAST_OPEN : REMARK_SYN_DATA, true);
    }
    bool second = v->syn && !v->o->repeat && p->syn_sent && !p->inherited && !p->syn_acks && !s->syn_sent;
    bool acked = p->una_known && seq_after(p->una, p->isn);
    if (second && !c->contested) {
        remark(v, acked ? REMARK_SPLIT_OPEN : REMARK_SIMULTANEOUS_OPEN, true);
        c->simultaneous = !acked;
    }
}

static bool is_challenge(const struct view *v)
{
    const struct end *s = v->sender;
    if (!v->c->provoked || v->c->last_from == v->seg->from || !v->pure_ack || v->o->steps != 0) {
        return false;
    }
    bool nothing_new = (s->acks_seen == 0 || seq_equal(v->seg->ack, s->ack_sent)) &&
                       (!s->nxt_known || seq_equal(v->seg->seq, s->nxt));
    return nothing_new && !(v->o->ack_verdict == ACK_HANDSHAKE && !v->c->complete);
}

static bool is_half_closed_data(const struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    return v->seg->data > 0 && p->fin_sent && !s->fin_sent && v->o->ack_verdict == ACK_OF_FIN &&
           s->nxt_known && seq_after(v->end, s->nxt) && !v->fin;
}

static void remark_on_closing(struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    struct connection *c = v->c;
    remark(v, REMARK_FIN_RETRANSMITTED, v->fin && s->fin_sent && v->o->repeat);
    if (!c->half_closed && is_half_closed_data(v)) {
        remark(v, REMARK_HALF_CLOSED, true);
        c->half_closed = true;
    }
    bool second = v->fin && !s->fin_sent && p->fin_sent && (v->o->steps & STEP_SECOND_FIN);
    if (second && v->ack && v->o->ack_verdict != ACK_OF_FIN && (v->o->remarks & REMARK_CROSSED)) {
        remark(v, REMARK_SIMULTANEOUS_CLOSE, !c->crossed_fins);
        c->crossed_fins = true;
    }
}

static void remark_on_reset(struct view *v)
{
    struct observation *o = v->o;
    remark(v, REMARK_SYN_ACK_REJECTED, o->reset_cause == RESET_SYN_ACK_REJECTED);
    remark(v, REMARK_RESET_STALE, o->reset_cause == RESET_STALE);
    remark(v, REMARK_RESET_INVALID, o->reset_cause == RESET_NOT_ACCEPTABLE);
    remark(v, REMARK_TIME_WAIT_ASSASSINATION, v->rst_counts && o->peer.before == TIME_WAIT);
}

static bool acks_syn_data(const struct view *v)
{
    const struct end *p = v->peer;
    bool opens = (v->o->steps & (STEP_SYN_ACK | STEP_ACK)) && v->o->ack_verdict == ACK_HANDSHAKE;
    bool alone = seq_equal(v->seg->ack, seq_add(p->isn, 1)) ||
                 (p->alternative && seq_equal(v->seg->ack, seq_add(p->other_isn, 1)));
    return opens && p->isn_known && !alone;
}

void remarks_make(struct view *v)
{
    struct observation *o = v->o;
    bool first = !v->c->begun;
    remark(v, REMARK_JOINED_LATE, first && v->c->joined_late);
    remark(v, REMARK_SEQ_INVALID, seq_is_invalid(o->seq_verdict));
    remark(v, REMARK_ACK_INVALID, ack_is_invalid(o->ack_verdict));
    /* A peer that acknowledged its FIN and nothing behind it denies such bytes: they are padding. */
    remark(v, REMARK_DATA_AFTER_FIN, o->seq_verdict == SEQ_AFTER_FIN && !v->sender->padded);
    remark(v, REMARK_LENGTH_UNKNOWN, !v->seg->length_known);
    remark(v, REMARK_CHALLENGE_ACK, is_challenge(v));
    remark(v, REMARK_ACKS_SYN_DATA, acks_syn_data(v));
    if (v->syn || v->syn_ack) {
        remark_on_syn(v);
    } else if (v->rst) {
        remark_on_reset(v);
    } else if (v->acceptable) {
        remark_on_closing(v);
    }
}

bool remarks_is_provocation(const struct view *v)
{
    const struct observation *o = v->o;
    return v->syn || o->seq_verdict == SEQ_INEXACT_RESET || (!v->rst && ack_is_invalid(o->ack_verdict));
}
