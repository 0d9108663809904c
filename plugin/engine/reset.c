/* reset.c - see reset.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reset.h"

#include "facts.h"

enum { TRIES_BEFORE_ABORT = 3 };

static bool counts(const struct view *v, enum state peer)
{
    if (peer == SYN_SENT) { /* RFC 9293 3.10.7.3: only if the ACK covers the SYN */
        return facts_ack_covers_syn(v);
    }
    return v->o->seq_verdict == SEQ_IN_ORDER;
}

static bool is_peers_ack(const struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    return p->acks_seen > 0 &&
           (seq_equal(v->seg->seq, p->ack_sent) || (s->una_known && seq_equal(v->seg->seq, s->una)));
}

static bool rejects_syn_ack(const struct view *v)
{
    return v->peer->syn_acks && !v->peer->inherited && (v->c->steps & STEP_ACK) == 0 && !v->c->complete;
}

static enum reset_cause cause(const struct view *v, enum state sender, enum state peer)
{
    const struct end *s = v->sender, *p = v->peer;
    if (peer == SYN_SENT && !v->rst_counts) {
        return RESET_NOT_ACCEPTABLE;
    }
    if (seq_is_invalid(v->o->seq_verdict)) {
        return RESET_NOT_ACCEPTABLE;
    }
    if (v->o->seq_verdict == SEQ_STALE_RESET) {
        return RESET_STALE;
    }
    if (v->o->ack_verdict == ACK_HANDSHAKE && p->syn_sent && !p->syn_acks && !s->syn_sent) {
        return RESET_REFUSED;
    }
    if (rejects_syn_ack(v)) {
        return RESET_SYN_ACK_REJECTED;
    }
    if (s->tries >= TRIES_BEFORE_ABORT && v->c->last_from == v->seg->from) {
        return RESET_UNANSWERED_TRIES;
    }
    if (s->probed) {
        return RESET_PROBE_ANSWER;
    }
    bool sender_gone = sender == CLOSED || sender == LISTEN || sender == TIME_WAIT;
    if (s->fin_sent || (sender_gone && p->fin_sent)) {
        return RESET_AFTER_CLOSE;
    }
    if (!v->ack && is_peers_ack(v)) {
        return RESET_NO_CONNECTION;
    }
    if (v->ack && s->nxt_known && seq_equal(v->seg->seq, s->nxt)) {
        return RESET_ABORT;
    }
    return RESET_CANNOT_TELL;
}

void reset_judge(struct view *v, enum state sender, enum state peer)
{
    v->rst_counts = counts(v, peer);
    v->o->reset_cause = cause(v, sender, peer);
}

bool reset_only_answers(const struct view *v, enum state sender)
{
    if (sender != LISTEN && sender != SYN_SENT && sender != SYN_RECEIVED) {
        return false;
    }
    const struct end *s = v->sender, *p = v->peer;
    if (v->ack || p->acks_seen == 0 || !seq_equal(v->seg->seq, p->ack_sent)) {
        return false;
    }
    /* Unacceptable to this end: it doesn't lie in ISN+1 ... SND.NXT, or there is no SYN of its own. */
    return !s->syn_sent || !seq_between(p->ack_sent, seq_add(s->isn, 1), s->nxt);
}
