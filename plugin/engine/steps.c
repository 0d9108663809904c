/* steps.c - see steps.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "steps.h"

static void add(struct view *v, enum step_bit step)
{
    v->o->steps |= (unsigned)step;
    v->c->steps |= (uint8_t)step;
}

static void repeat(struct view *v, enum step_bit step, uint32_t of_frame)
{
    v->o->steps |= (unsigned)step;
    v->o->repeat = true;
    v->o->repeat_of = of_frame;
}

/* The peer has to answer a repeated SYN, SYN-ACK or FIN once more. */
static void ask_again(struct view *v)
{
    v->peer->answer_due = true;
}

static void count_syn(struct view *v)
{
    enum step_bit step = v->syn ? STEP_SYN : STEP_SYN_ACK;
    if (v->o->seq_verdict == SEQ_RETRANSMISSION) {
        repeat(v, step, v->sender->flag_frame);
        ask_again(v);
        return;
    }
    add(v, step);
    v->sender->flag_frame = v->seg->frame;
    const struct end *s = v->sender, *p = v->peer;
    if (v->syn_ack && v->o->ack_verdict == ACK_HANDSHAKE && p->syn_acks && s->syn_sent) {
        v->c->complete = true; /* simultaneous open: each SYN-ACK completes the other's handshake */
    }
}

/* Is this the client's ACK of a SYN-ACK, be that captured or not? */
static bool is_third_step(const struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    if (!v->ack || (v->c->steps & STEP_ACK) || s->syn_acks || v->c->joined_late) {
        return false;
    }
    if (p->syn_acks && !p->inherited) {
        return !v->c->complete && !ack_is_invalid(v->o->ack_verdict) &&
               (v->acks_syn || (p->una_known && seq_after(p->una, p->isn)));
    }
    bool is_client = s == &v->c->end[v->c->client];
    return is_client && s->syn_sent && !p->syn_sent && !v->c->contested &&
           seq_equal(v->seg->seq, seq_add(s->isn, 1));
}

static void count_third_step(struct view *v)
{
    struct end *s = v->sender;
    if (is_third_step(v)) {
        add(v, STEP_ACK);
        s->ack_frame = v->seg->frame;
        v->c->complete = true;
    } else if (s->answer_due && v->peer->syn_acks && !v->peer->fin_sent && (v->c->steps & STEP_ACK) &&
               (v->pure_ack || (v->ack && s->step_lost))) {
        repeat(v, STEP_ACK, s->ack_frame);
        s->step_lost = false;
    }
}

static void count_ack_of_fin(struct view *v)
{
    struct end *s = v->sender;
    if (v->o->ack_verdict != ACK_OF_FIN) {
        return;
    }
    bool of_first = v->peer == &v->c->end[v->c->closer];
    enum step_bit step = of_first ? STEP_ACK_OF_FIN : STEP_ACK_OF_SECOND_FIN;
    if (!(v->c->steps & step)) {
        add(v, step);
        s->ack_frame = v->seg->frame;
    } else if (s->answer_due && v->pure_ack) {
        repeat(v, step, s->ack_frame == v->seg->frame ? 0 : s->ack_frame); /* the first was not captured */
    }
}

static void count_fin(struct view *v)
{
    struct end *s = v->sender;
    if (s->fin_sent) {
        if (seq_equal(v->end, s->nxt)) {
            repeat(v, s == &v->c->end[v->c->closer] ? STEP_FIN : STEP_SECOND_FIN, s->flag_frame);
            ask_again(v);
        }
        return;
    }
    bool was_missed = s->gaps > 0 ||
                      s->nxt_frame == 0; /* its number was passed, but nothing captured there */
    if (s->nxt_known && (seq_before(v->end, s->nxt) || (seq_equal(v->end, s->nxt) && !was_missed))) {
        return; /* its number was sent with something else: no FIN that a receiver could honour */
    }
    bool first = !(v->c->steps & STEP_FIN);
    if (first) {
        v->c->closer = (s == &v->c->end[1]) & 1u;
    }
    add(v, first ? STEP_FIN : STEP_SECOND_FIN);
    s->flag_frame = v->seg->frame;
    if (s->una_known && seq_equal(s->una, v->end)) { /* captured behind its ACK */
        v->c->steps |= first ? STEP_ACK_OF_FIN : STEP_ACK_OF_SECOND_FIN;
        v->peer->ack_frame = 0;
        v->o->remarks |= REMARK_FIN_ACKED;
    }
}

void steps_count(struct view *v)
{
    if (v->rst) {
        return;
    }
    if (v->syn || v->syn_ack) {
        count_syn(v);
    } else if (v->acceptable) {
        count_third_step(v);
        count_ack_of_fin(v);
        if (v->fin) {
            count_fin(v);
        }
    }
    v->sender->answer_due = false;
}

/* ------------------------------------------------------------------- phase */

static bool is_closed(enum state state)
{
    return state == CLOSED || state == LISTEN;
}

static bool is_opening(enum state state)
{
    return state == SYN_SENT || state == SYN_RECEIVED;
}

enum phase steps_phase(const struct view *v)
{
    const struct observation *o = v->o;
    enum state sender = o->sender.before, peer = o->peer.before;
    if (v->rst && v->rst_counts && !(is_closed(sender) && is_closed(peer) && v->c->complete)) {
        return PHASE_RESET;
    }
    if (o->steps & STEPS_OF_HANDSHAKE) {
        return PHASE_HANDSHAKE;
    }
    bool answers_fin = o->repeat && (o->steps & STEPS_OF_TEARDOWN);
    bool sender_gone = is_closed(sender) || (sender == TIME_WAIT && !answers_fin);
    bool peer_gone = is_closed(peer) || (peer == TIME_WAIT && !answers_fin);
    if (o->steps & STEPS_OF_TEARDOWN && !(sender_gone && peer_gone)) {
        return PHASE_TEARDOWN;
    }
    if (sender_gone && peer_gone && v->c->begun) {
        return PHASE_CLOSED;
    }
    if (is_opening(sender) || is_opening(peer)) {
        return PHASE_HANDSHAKE;
    }
    if (v->c->steps & STEPS_OF_TEARDOWN) {
        return PHASE_TEARDOWN;
    }
    return sender == UNKNOWN || peer == UNKNOWN ? PHASE_UNKNOWN : PHASE_ESTABLISHED;
}
