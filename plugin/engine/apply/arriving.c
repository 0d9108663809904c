/* arriving.c - what is the peer presumed to receive with a segment?
 *
 * Read RFC 9293 section 3.10.7.
 *
 * What can't be known: whether it arrives at all.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "apply/parts.h"

#include "judge/judge.h"

static enum state peer_state(const struct application *a)
{
    return end_state(a->c, a->p, 0);
}

static void happen(const struct application *a, enum event event)
{
    a->e->peer.rule = fsm_step(peer_state(a), event).rule;
}

/* The column of the table that a fact is at the peer. */
static enum event event_of(const struct application *a, enum fact fact)
{
    return fact_event(fact, fact == FACT_RST && end_is_passive(a->c, a->p));
}

/* The facts take effect in a fixed order, not in that of their arrival: what comes behind the RST that ended
 * this end finds nobody. */
static bool is_ended(const struct application *a)
{
    return fact_is(a->p->belief.presumed, FACT_RST) && state_is_closed(peer_state(a));
}

static void presume(const struct application *a, enum fact fact, bool repeat)
{
    happen(a, event_of(a, fact));
    if (fact < FACT_RST && is_ended(a)) {
        return;
    }
    belief_presume(&a->p->belief, fact, a->ctx->seg, repeat);
}

/* A fact that takes effect once; later copies only say when it was sent last. */
static void presume_once(const struct application *a, enum fact fact, bool repeat)
{
    if (fact_is(a->p->belief.confirmed, fact)) {
        happen(a, event_of(a, fact));
    } else {
        presume(a, fact, repeat);
    }
}

static void receive_syn_ack(const struct application *a, bool repeat)
{
    bool answers = a->p->stream.syn_sent || a->j->ack_verdict == ACK_NOT_JUDGED;
    if (answers && judge_covers_syn(a->ctx, a->j)) {
        presume_once(a, FACT_SYN_ACK, repeat);
    }
}

/* RFC 1122 4.2.2.13, RFC 6191: may the SYN reopen an end in TIME-WAIT? */
static void receive_syn(const struct application *a, findings_t findings, bool repeat)
{
    bool waits = peer_state(a) == TIME_WAIT;
    if (waits && !(findings & FINDING_TIME_WAIT_REUSE_ALLOWED)) {
        happen(a, RCV_SYN_UNFIT);
    } else if (a->p->belief.from_previous && !waits) {
        happen(a, RCV_SYN);
    } else {
        presume_once(a, FACT_SYN, repeat);
    }
}

static void receive_ack(const struct application *a)
{
    const struct belief *p = &a->p->belief;
    const struct step_judgment *step = &a->j->step;
    bool opens = judge_covers_syn(a->ctx, a->j) || (step->steps & STEP_ACK);
    if (opens && !fact_is(p->confirmed, FACT_ACK_OF_SYN)) {
        enum state state = peer_state(a);
        if (state == SYN_RECEIVED) {
            presume(a, FACT_ACK_OF_SYN, step->repeat);
        } else if (state == SYN_SENT) {
            happen(a, RCV_ACK_OF_SYN);
        }
    }
    if (a->j->ack_verdict == ACK_OF_FIN) {
        bool presumed = fact_is(p->presumed, FACT_ACK_OF_FIN);
        bool known = presumed || fact_is(p->confirmed, FACT_ACK_OF_FIN);
        if (!known || presumed) {
            presume(a, FACT_ACK_OF_FIN, known || step->repeat);
        }
    }
}

/* OBSERVER: of the peer nothing was captured, but what the sender acknowledges grows: the peer sends. By one
 * alone it may be its FIN. */
void apply_unseen(const struct application *a)
{
    const struct stream *p = &a->p->stream;
    seq_t ack = a->ctx->seg->ack;
    bool unseen = a->p->belief.proven == UNKNOWN && !a->p->sent.nxt_known && p->una_known;
    if (unseen && a->ctx->ack && !a->ctx->rst && a->j->acceptable && seq_after(ack, seq_add(p->una, 1))) {
        a->e->peer.rule = belief_move(&a->p->belief, SND_SEGMENT).rule;
        belief_assume(&a->p->belief, true);
    }
}

/* All up to and with the sender's FIN is presumed to have arrived. */
static void receive_fin(const struct application *a)
{
    bool fin = a->ctx->fin;
    const struct belief *p = &a->p->belief;
    if (fin || !fact_is(p->presumed | p->confirmed, FACT_FIN)) {
        presume_once(a, FACT_FIN, fin && a->j->step.repeat);
    }
}

/* OBSERVER: a RST whose predecessors weren't captured is taken for exact. That of an end which was open,
 * though its step 3 wasn't captured, finds an open end. */
static void receive_reset(const struct application *a)
{
    if (a->j->seq_rule == RESET_RULE_proves_open) {
        if (peer_state(a) == SYN_RECEIVED) {
            belief_add(&a->p->belief, FACT_ACK_OF_SYN);
        }
        dialogue_complete(&a->c->dialogue);
    }
    presume(a, FACT_RST, false);
    if (a->j->reset_effect == RST_ENDS_ASSUMED) {
        belief_assume(&a->p->belief, true);
    }
}

void apply_arriving(const struct application *a, findings_t findings)
{
    const struct seg_ctx *ctx = a->ctx;
    bool repeat = a->j->seq_verdict == SEQ_RETRANSMISSION;
    if (ctx->rst) {
        if (a->j->rst_counts) {
            receive_reset(a);
        }
        return;
    }
    if (ctx->syn_ack && a->j->seq_verdict == SEQ_NOT_JUDGED) {
        return;
    }
    if (ctx->syn_ack) {
        receive_syn_ack(a, repeat);
        return;
    }
    if (ctx->syn) {
        receive_syn(a, findings, repeat);
        return;
    }
    if (!a->j->acceptable) {
        return;
    }
    if (ctx->ack) {
        receive_ack(a);
    }
    if (ctx->fin && a->e->sender.rule == RULE_FIN_AGAIN) {
        attempts_lose_fin(&a->s->attempts, false);
    }
    if (end_fin_arrived(a->s)) {
        receive_fin(a);
    }
}
