/* sending.c - what has its sender done by sending a segment?
 *
 * Read RFC 9293 sections 3.3.2, 3.10.1 to 3.10.5 (the user's calls) and 3.5.2 (resets).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "apply/parts.h"

#include "judge/judge.h"

static void move(const struct application *a, enum event event)
{
    a->e->sender.rule = belief_move(&a->s->belief, event).rule;
}

/* Not a RST that is only assumed to be exact, nor one with a number that is foreign to an end of which
 * nothing but assumptions are known. */
static bool proves_itself(const struct application *a)
{
    const struct sent *s = &a->s->sent;
    bool own = !s->nxt_known || seq_equal(a->ctx->seg->seq, s->nxt);
    return a->j->reset_effect != RST_ENDS_ASSUMED && (own || !a->s->belief.assumed);
}

static void send_reset(const struct application *a)
{
    if (judge_reset_only_answers(a->ctx, a->e->sender.before)) {
        return;
    }
    if (a->e->sender.rule == RULE_NO_EVENT) {
        a->e->sender.rule = fsm_step(a->e->sender.before, SND_RST).rule;
    }
    belief_add(&a->s->belief, FACT_RST_SENT);
    if (a->j->rst_counts && proves_itself(a)) {
        belief_count_reset(&a->s->belief);
    }
}

static void send_syn(const struct application *a)
{
    const struct end *s = a->s;
    bool again = s->stream.isn_known ? seq_equal(a->ctx->seg->seq, s->stream.isn)
                                     : stream_begins_with(&s->stream, &s->sent, a->ctx->seg);
    again = again || (s->stream.has_other_isn && seq_equal(a->ctx->seg->seq, s->stream.other_isn));
    bool late = again && state_is_synchronized((enum state)s->belief.proven);
    if (late) {
        move(a, a->ctx->syn ? SND_SYN_COPY : SND_SYN_ACK_COPY);
        return;
    }
    if (a->j->seq_rule == SYN_RULE_second_isn) {
        belief_set_aside(&a->s->belief);
    }
    move(a, a->ctx->syn ? SND_SYN : SND_SYN_ACK);
    if (a->e->sender.rule == RULE_SYN_NOT_CAPTURED) { /* it had arrived before this answer */
        a->e->sender.before = (enum state)s->belief.proven;
    }
}

/* Its numbers fit what was captured of both ends: nothing is assumed of its state any more. */
static bool fits_both(const struct application *a)
{
    const struct stream *s = &a->s->stream, *p = &a->p->stream;
    return a->ctx->ack && !s->rewritten &&
           ((p->syn_sent && judge_covers_syn(a->ctx, a->j)) ||
            (s->syn_sent && a->p->sent.nxt_known && a->j->ack_verdict != ACK_NOT_CAPTURED));
}

static void send_fin(const struct application *a)
{
    if (a->s->stream.fin_sent) {
        move(a, SND_FIN_COPY);
        return;
    }
    move(a, SND_FIN);
    if (a->j->step.fin_acked) {
        belief_add(&a->s->belief, FACT_ACK_OF_FIN);
    }
}

static void send_ordinary(const struct application *a, bool opened)
{
    const struct belief *s = &a->s->belief;
    if (!opened && !a->ctx->fin && a->e->sender.rule == RULE_NO_EVENT) {
        struct transition t = fsm_step((enum state)s->proven, SND_SEGMENT);
        a->e->sender.rule = t.next == (enum state)s->proven ? t.rule : RULE_NO_EVENT;
    }
    if (fits_both(a)) {
        belief_assume(&a->s->belief, false);
    }
    if (a->ctx->fin && (a->j->step.steps & (STEP_FIN | STEP_SECOND_FIN))) {
        send_fin(a);
    }
}

void apply_sending(const struct application *a, bool opened)
{
    if (a->ctx->rst) {
        send_reset(a);
    } else if (a->ctx->syn || a->ctx->syn_ack) {
        if (a->j->seq_verdict != SEQ_NOT_JUDGED) {
            send_syn(a);
        }
    } else if (a->j->acceptable) {
        send_ordinary(a, opened);
    }
}
