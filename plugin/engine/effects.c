/* effects.c - see effects.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "effects.h"

#include "facts.h"
#include "reset.h"
#include "stream.h"

/* --- sending --- */

static void move(struct view *v, enum event event)
{
    struct end *s = v->sender;
    struct transition t = fsm_step((enum state)s->held, event);
    s->held = t.next & 15u;
    v->o->sender.rule = t.rule;
}

/* Does this ordinary segment prove an open end where we thought of none? */
static bool proves_open(const struct view *v)
{
    const struct end *s = v->sender;
    switch (v->o->sender.before) {
    case UNKNOWN: return true;
    case CLOSED:
    case LISTEN: return !s->fin_sent && !s->rst_acceptable;
    case SYN_SENT: return s->nxt_known && v->ack && !seq_before(v->seg->seq, s->nxt) && !v->peer->syn_sent;
    case SYN_RECEIVED: /* a bare ACK may be a challenge, or the first half of a split open */
        return v->ack && !facts_may_be_fast_open(v) &&
               (v->seg->data > 0 ||
                (s->syn_acks && v->peer->una_known && seq_after(v->seg->ack, v->peer->una)));
    default: return false;
    }
}

static void send_ordinary(struct view *v)
{
    struct end *s = v->sender;
    if (proves_open(v) && !(v->o->remarks & REMARK_CHALLENGE_ACK)) {
        move(v, SND_SEGMENT);
        s->pending &= (uint8_t) ~(FACT(FACT_SYN) | FACT(FACT_SYN_ACK) | FACT(FACT_ACK_OF_SYN));
        if (fact_is(s->received, FACT_FIN)) { /* it arrived while the state was unknown */
            s->held = fsm_step((enum state)s->held, RCV_FIN).next & 15u;
        }
        if (v->peer->held == SYN_SENT &&
            v->peer->syn_sent) { /* the SYN-ACK was missed, and an answer to it */
            v->peer->pending |= FACT(FACT_SYN_ACK);
            v->peer->assumed = true;
        }
        s->assumed = true;
        v->c->complete = true;
        v->o->sender.before = facts_state(v, s, 0);
        v->o->corrected = false;
        v->o->lost_frame = 0;
    } else if (!v->fin && v->o->sender.rule == RULE_NO_EVENT) {
        struct transition t = fsm_step((enum state)s->held, SND_SEGMENT);
        v->o->sender.rule = t.next == (enum state)s->held ? t.rule : RULE_NO_EVENT;
    }
}

/* RFC 9293 3.10.7.4: past SYN-RECEIVED. */
static bool is_synchronized(enum state state)
{
    return state >= ESTABLISHED && state <= TIME_WAIT;
}

static void send_fin(struct view *v)
{
    struct end *s = v->sender;
    if (s->fin_sent) {
        v->o->sender.rule = RULE_FIN_AGAIN;
        return;
    }
    move(v, SND_FIN);
    if (v->o->remarks & REMARK_FIN_ACKED) {
        s->pending |= FACT(FACT_ACK_OF_FIN);
    }
}

/* Its numbers fit what was captured of both ends: nothing is assumed of its state any more. */
static void stop_assuming(struct view *v)
{
    struct end *s = v->sender;
    const struct end *p = v->peer;
    if (v->ack && !s->muted &&
        ((p->syn_sent && facts_ack_covers_syn(v)) ||
         (s->syn_sent && p->nxt_known && v->o->ack_verdict != ACK_NOT_CAPTURED))) {
        s->assumed = false;
    }
}

void effects_send(struct view *v)
{
    struct end *s = v->sender;
    if (v->rst) {
        if (!reset_only_answers(v, v->o->sender.before)) {
            if (v->o->sender.rule == RULE_NO_EVENT) {
                v->o->sender.rule = fsm_step(v->o->sender.before, SND_RST).rule;
            }
            s->pending |= FACT(FACT_RST_SENT);
            s->rst_acceptable = s->rst_acceptable || v->rst_counts;
        }
        return;
    }
    if (v->syn || v->syn_ack) {
        bool again = s->isn_known && seq_equal(v->seg->seq, s->isn);
        if (again && is_synchronized((enum state)s->held) &&
            !s->inherited) { /* a copy that was under way for long */
            v->o->sender.rule = v->syn ? RULE_SYN_AGAIN : RULE_SYN_ACK_SENT;
            return;
        }
        move(v, v->syn ? SND_SYN : SND_SYN_ACK);
        if (v->o->sender.rule == RULE_SYN_NOT_CAPTURED) { /* it had arrived before this answer */
            v->o->sender.before = (enum state)s->held;
        }
        return;
    }
    if (!v->acceptable) {
        return;
    }
    send_ordinary(v);
    stop_assuming(v);
    if (v->fin && (v->o->steps & (STEP_FIN | STEP_SECOND_FIN))) {
        send_fin(v);
    }
}

/* --- arriving --- */

static void presume(struct view *v, enum fact fact, bool repeat)
{
    struct end *p = v->peer;
    enum state before = facts_state(v, p, 0);
    p->pending |= FACT(fact);
    v->o->peer.rule = fsm_step(before, facts_event(v->c, p, fact)).rule;
    struct arrival *arrival = &p->arrival[facts_slot(fact)];
    arrival->frame = v->seg->frame;
    arrival->ms = time_ms(v->seg->time);
    if (facts_slot(fact) == SLOT_FLAG) {
        p->flag_repeated = repeat;
    } else {
        p->ack_repeated = repeat;
    }
}

/* A fact that takes effect once; later copies only say when it was sent last. */
static void presume_once(struct view *v, enum fact fact, bool repeat)
{
    struct end *p = v->peer;
    if (fact_is(p->received, fact)) {
        v->o->peer.rule = fsm_step(facts_state(v, p, 0), facts_event(v->c, p, fact)).rule;
        return;
    }
    presume(v, fact, repeat);
}

/* RFC 1122 4.2.2.13, RFC 6191: may the SYN of `seg` reopen an end in TIME-WAIT? */
static bool may_reopen(const struct view *v, enum state peer)
{
    return peer != TIME_WAIT || (v->o->remarks & REMARK_TIME_WAIT_REUSE_ALLOWED) != 0;
}

static void arrive_syn(struct view *v)
{
    struct end *p = v->peer;
    bool repeat = v->o->seq_verdict == SEQ_RETRANSMISSION;
    if (v->syn_ack) {
        if (facts_ack_covers_syn(v) && (p->syn_sent || v->o->ack_verdict == ACK_NOT_JUDGED)) {
            presume_once(v, FACT_SYN_ACK, repeat);
        }
        return;
    }
    enum state before = facts_state(v, p, 0);
    if (!may_reopen(v, before)) {
        v->o->peer.rule = RULE_SYN_CHALLENGED;
        return;
    }
    if (p->inherited && before != TIME_WAIT) {
        v->o->peer.rule = fsm_step(before, RCV_SYN).rule;
        return;
    }
    presume_once(v, FACT_SYN, repeat);
}

static void arrive_ack(struct view *v)
{
    struct end *p = v->peer;
    bool opens = facts_ack_covers_syn(v) || (v->o->steps & STEP_ACK);
    if (opens && !fact_is(p->received, FACT_ACK_OF_SYN)) {
        if (facts_state(v, p, 0) == SYN_RECEIVED) {
            presume(v, FACT_ACK_OF_SYN, v->o->repeat);
        } else if (facts_state(v, p, 0) == SYN_SENT) {
            v->o->peer.rule = RULE_ACK_WITHOUT_SYN;
        }
    }
    if (v->o->ack_verdict == ACK_OF_FIN) {
        bool known = fact_is(p->received | p->pending, FACT_ACK_OF_FIN);
        if (!known || fact_is(p->pending, FACT_ACK_OF_FIN)) {
            bool repeat = v->o->repeat;
            presume(v, FACT_ACK_OF_FIN, known || repeat);
        }
    }
}

void effects_arrive(struct view *v)
{
    struct end *s = v->sender, *p = v->peer;
    if (v->rst) {
        if (v->rst_counts) {
            presume(v, FACT_RST, false);
        }
        return;
    }
    if (v->syn || v->syn_ack) {
        arrive_syn(v);
        return;
    }
    if (!v->acceptable) {
        return;
    }
    if (v->ack) {
        arrive_ack(v);
    }
    if (v->fin && v->o->sender.rule == RULE_FIN_AGAIN) {
        s->fin_lost = false;
    }
    if (stream_fin_arrived(s) && (v->fin || !fact_is(p->pending, FACT_FIN))) {
        if (v->fin || !fact_is(p->received, FACT_FIN)) {
            presume_once(v, FACT_FIN, v->fin && v->o->repeat);
        }
    }
}
