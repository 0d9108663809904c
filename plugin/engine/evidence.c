/* evidence.c - see evidence.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "evidence.h"

#include "reset.h"
#include "stream.h"

/* A segment younger than this may have crossed the one that seems not to know it. */
enum { CROSSING_MS = 1000, CROSSING_REPEAT_MS = 200 };

enum weight { SILENT, CONFIRMED, LACKED };

static const enum arrival_slot slots[FACT_COUNT] = {
    [FACT_SYN] = SLOT_FLAG, [FACT_SYN_ACK] = SLOT_FLAG, [FACT_ACK_OF_SYN] = SLOT_ACK,
    [FACT_FIN] = SLOT_FLAG, [FACT_ACK_OF_FIN] = SLOT_ACK, [FACT_RST] = SLOT_FLAG,
};

/* Who opened passively listens again after a RST (RFC 9293 3.10.7.4). */
static bool opened_passively(const struct connection *c, const struct end *end)
{
    return end != &c->end[c->client] && !c->simultaneous;
}

static enum event event_of(const struct connection *c, const struct end *end, enum fact fact)
{
    static const enum event events[FACT_COUNT] = {
        [FACT_SYN] = RCV_SYN,          [FACT_SYN_ACK] = RCV_SYN_ACK,      [FACT_ACK_OF_SYN] = RCV_ACK_OF_SYN,
        [FACT_FIN] = RCV_FIN,          [FACT_ACK_OF_FIN] = RCV_ACK_OF_FIN, [FACT_RST] = RCV_RST,
        [FACT_EXPIRED] = TIMEOUT_2MSL, [FACT_RST_SENT] = SND_RST,
    };
    return fact == FACT_RST && opened_passively(c, end) ? RCV_RST_LISTENER : events[fact];
}

enum state evidence_state(const struct view *v, const struct end *end, uint8_t except)
{
    enum state state = (enum state)end->held;
    unsigned facts = end->pending & (uint8_t)~except;
    for (unsigned fact = 0; facts != 0; fact++, facts >>= 1) {
        if (facts & 1u) {
            state = fsm_step(state, event_of(v->c, end, (enum fact)fact)).next;
        }
    }
    return state;
}

void evidence_expire(const struct view *v, struct end *end, int64_t time_wait)
{
    struct observed_end *seen = end == v->sender ? &v->o->sender : &v->o->peer;
    if (end->shown == TIME_WAIT && end->since != NO_TIME && v->seg->time - end->since > time_wait) {
        end->pending |= FACT(FACT_EXPIRED);
        end->assumed = true;
        seen->rule = fsm_step(TIME_WAIT, TIMEOUT_2MSL).rule;
    }
}

/* ------------------------------------------------------------------ weighing */

/* A lower ACK than before and nothing new: it was sent earlier and only captured late. */
static bool is_late(const struct view *v)
{
    return v->ack && v->o->ack_verdict == ACK_OLD && v->o->seq_verdict != SEQ_IN_ORDER &&
           v->o->seq_verdict != SEQ_GAP && v->o->seq_verdict != SEQ_OVERLAP;
}

/* Does the sender's ACK cover the peer's SYN? */
static bool covers_syn(const struct view *v)
{
    const struct end *p = v->peer;
    return v->ack && !ack_is_invalid(v->o->ack_verdict) && p->isn_known &&
           (p->isn_far || seq_after(v->seg->ack, p->isn) || p->alternative);
}

/* With Fast Open (RFC 7413) a server sends data before its SYN-ACK is acknowledged. */
static bool may_be_fast_open(const struct view *v)
{
    return v->c->fast_open && v->seg->data > 0 && v->peer->syn_sent && !v->c->complete;
}

static enum weight weigh_opening(const struct view *v, enum fact fact)
{
    if (v->rst) {
        return SILENT;
    }
    switch (fact) {
    case FACT_SYN:
        return v->syn ? LACKED : v->syn_ack || covers_syn(v) ? CONFIRMED : SILENT;
    case FACT_SYN_ACK:
        return v->syn || v->syn_ack ? LACKED : covers_syn(v) ? CONFIRMED : SILENT;
    default: /* FACT_ACK_OF_SYN */
        return v->syn || v->syn_ack ? LACKED : may_be_fast_open(v) ? SILENT : CONFIRMED;
    }
}

static bool repeats_fin(const struct view *v)
{
    return v->fin && v->sender->fin_sent && seq_equal(v->end, v->sender->nxt);
}

static enum weight weigh_closing(const struct view *v, enum fact fact)
{
    const struct end *s = v->sender;
    if (v->rst || v->syn) {
        return SILENT;
    }
    if (fact == FACT_FIN) {
        return !v->ack || !v->acceptable ? SILENT : v->o->ack_verdict == ACK_OF_FIN ? CONFIRMED : LACKED;
    }
    if (repeats_fin(v) || evidence_state(v, s, (uint8_t) ~(FACT(FACT_ACK_OF_FIN) - 1u)) == LAST_ACK) {
        return LACKED; /* a CLOSED end sends nothing but RSTs */
    }
    /* What the peer sent after its first ACK of this FIN carries that ACK, too. */
    bool fin_acked = s->una_known && seq_equal(s->una, s->nxt);
    return fin_acked && v->ack && v->acceptable && seq_after(v->seg->ack, s->tail) ? CONFIRMED : SILENT;
}

/* What was sent before a RST may be captured behind it. */
static bool is_reordered(const struct view *v)
{
    const struct end *s = v->sender;
    bool soon = (uint32_t)(time_ms(v->seg->time) - v->c->last_ms) < CROSSING_MS;
    bool older = v->o->seq_verdict == SEQ_RETRANSMISSION || (s->has_claim && !seq_after(v->end, s->island[0]));
    return soon && older && s->rst_acceptable;
}

static enum weight weigh(const struct view *v, enum fact fact)
{
    switch (fact) {
    case FACT_SYN:
    case FACT_SYN_ACK:
    case FACT_ACK_OF_SYN:
        return weigh_opening(v, fact);
    case FACT_FIN:
    case FACT_ACK_OF_FIN:
        return weigh_closing(v, fact);
    case FACT_RST_SENT:
        return v->rst || is_reordered(v) ? SILENT : LACKED;
    default: /* FACT_RST, FACT_EXPIRED */
        return v->rst ? SILENT : LACKED;
    }
}

static bool may_have_crossed(const struct view *v, enum fact fact)
{
    const struct end *s = v->sender;
    if (fact == FACT_EXPIRED || fact == FACT_RST_SENT) {
        return false;
    }
    enum arrival_slot slot = slots[fact];
    bool repeated = slot == SLOT_FLAG ? s->flag_repeated : s->ack_repeated;
    uint32_t age = time_ms(v->seg->time) - s->arrival[slot].ms;
    return age <= (repeated ? CROSSING_REPEAT_MS : CROSSING_MS);
}

/* SACK shows that the peer's FIN lies behind a gap: it has arrived, but does not count yet. */
static bool fin_waits_behind_gap(struct view *v)
{
    for (unsigned i = 0; i < v->seg->sack_blocks; i++) {
        if (seq_equal(v->seg->sack[i].right, v->peer->nxt) && seq_after(v->seg->sack[i].left, v->seg->ack)) {
            stream_reopen_gap(v->peer, v->seg->ack, v->seg->sack[i].left);
            return true;
        }
    }
    return false;
}

static bool brings_new_data(const struct view *v)
{
    return v->seg->data > 0 && v->sender->nxt_known && seq_after(v->end, v->sender->nxt);
}

/* The presumption was wrong. Returns whether the fact still takes effect after this segment. */
static bool overturn(struct view *v, enum fact fact)
{
    struct end *s = v->sender;
    struct observation *o = v->o;
    bool behind_gap = fact == FACT_FIN && fin_waits_behind_gap(v);
    if (!behind_gap && may_have_crossed(v, fact)) {
        o->remarks |= REMARK_CROSSED;
        return true;
    }
    bool again = !v->syn && !v->syn_ack;
    if (again && ((fact == FACT_RST_SENT && s->rst_acceptable) || (fact == FACT_RST && brings_new_data(v)))) {
        o->remarks |= REMARK_DATA_AFTER_RESET;
    }
    s->pending &= (uint8_t)~FACT(fact);
    if (fact == FACT_EXPIRED) {
        s->assumed = false;
        o->sender.rule = RULE_NO_EVENT;
    }
    if (fact == FACT_EXPIRED || fact == FACT_RST_SENT || behind_gap) {
        return false;
    }
    o->lost_frame = o->lost_frame ? o->lost_frame : s->arrival[slots[fact]].frame;
    if (fact == FACT_FIN) {
        v->peer->fin_lost = true;
    } else if (fact == FACT_ACK_OF_SYN) {
        v->peer->step_lost = true;
    }
    return false;
}

static void confirm(struct view *v, enum fact fact)
{
    struct end *s = v->sender;
    s->held = fsm_step((enum state)s->held, event_of(v->c, s, fact)).next & 15u;
    s->pending &= (uint8_t)~FACT(fact);
    s->received |= FACT(fact);
}

/* OBSERVER: a refusal corrects LISTEN to CLOSED: nobody was there when the SYN came. */
static void refuse(struct view *v)
{
    v->sender->pending &= (uint8_t)~FACT(FACT_SYN);
    struct transition t = fsm_step(LISTEN, SND_RST);
    v->sender->held = t.next & 15u;
    v->o->sender.rule = t.rule;
}

void evidence_weigh(struct view *v)
{
    struct end *s = v->sender;
    struct observation *o = v->o;
    uint8_t lacked = 0;
    if (v->rst && fact_is(s->pending, FACT_SYN) && !s->syn_sent && !s->inherited &&
        o->ack_verdict == ACK_HANDSHAKE) {
        refuse(v);
    } else if (!is_late(v) && (v->acceptable || v->syn || v->syn_ack)) {
        if (o->ack_verdict == ACK_OF_FIN && !v->rst && !fact_is(s->received, FACT_FIN)) {
            s->pending |= FACT(FACT_FIN); /* proven, however it got there */
        }
        for (unsigned fact = 0; fact < FACT_COUNT; fact++) {
            enum weight weight = fact_is(s->pending, (enum fact)fact) ? weigh(v, (enum fact)fact) : SILENT;
            if (weight == CONFIRMED) {
                confirm(v, (enum fact)fact);
            } else if (weight == LACKED) {
                overturn(v, (enum fact)fact);
                lacked |= FACT(fact);
            }
        }
    }
    o->sender.before = evidence_state(v, s, lacked);
    o->corrected = o->sender.before != (enum state)s->shown && (lacked != 0 || v->rst);
    if (o->corrected) {
        o->presumed = (enum state)s->shown;
    } else {
        o->lost_frame = 0;
        o->remarks &= ~(unsigned)REMARK_CROSSED;
    }
}

/* ------------------------------------------------------------------- sending */

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
    case UNKNOWN:
        return true;
    case CLOSED:
    case LISTEN:
        return !s->fin_sent && !s->rst_acceptable;
    case SYN_SENT:
        return s->nxt_known && v->ack && !seq_before(v->seg->seq, s->nxt) && !v->peer->syn_sent;
    case SYN_RECEIVED: /* a bare ACK may be a challenge, or the first half of a split open */
        return v->ack && !may_be_fast_open(v) &&
               (v->seg->data > 0 || (s->syn_acks && v->peer->una_known && seq_after(v->seg->ack, v->peer->una)));
    default:
        return false;
    }
}

static void send_ordinary(struct view *v)
{
    struct end *s = v->sender;
    if (proves_open(v)) {
        move(v, SND_SEGMENT);
        s->pending &= (uint8_t) ~(FACT(FACT_SYN) | FACT(FACT_SYN_ACK) | FACT(FACT_ACK_OF_SYN));
        if (fact_is(s->received, FACT_FIN)) { /* it arrived while the state was unknown */
            s->held = fsm_step((enum state)s->held, RCV_FIN).next & 15u;
        }
        s->assumed = true;
        v->c->complete = true;
        v->o->sender.before = evidence_state(v, s, 0);
        v->o->corrected = false;
        v->o->lost_frame = 0;
    } else if (!v->fin && v->o->sender.rule == RULE_NO_EVENT) {
        v->o->sender.rule = fsm_step((enum state)s->held, SND_SEGMENT).rule;
    }
}

static void send_fin(struct view *v)
{
    struct end *s = v->sender;
    if (s->fin_sent) {
        v->o->sender.rule = RULE_FIN_AGAIN;
        return;
    }
    move(v, SND_FIN);
}

/* Its numbers fit what was captured of both ends: nothing is assumed of its state any more. */
static void stop_assuming(struct view *v)
{
    struct end *s = v->sender;
    const struct end *p = v->peer;
    if (v->ack && !s->muted && ((p->syn_sent && covers_syn(v)) ||
                                (s->syn_sent && p->nxt_known && v->o->ack_verdict != ACK_NOT_CAPTURED))) {
        s->assumed = false;
    }
}

void evidence_send(struct view *v)
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
    if (v->fin && seq_equal(v->end, s->fin_sent ? s->nxt : v->end)) {
        send_fin(v);
    }
}

/* ------------------------------------------------------------------ arriving */

static void presume(struct view *v, enum fact fact, bool repeat)
{
    struct end *p = v->peer;
    enum state before = evidence_state(v, p, 0);
    p->pending |= FACT(fact);
    v->o->peer.rule = fsm_step(before, event_of(v->c, p, fact)).rule;
    struct arrival *arrival = &p->arrival[slots[fact]];
    arrival->frame = v->seg->frame;
    arrival->ms = time_ms(v->seg->time);
    if (slots[fact] == SLOT_FLAG) {
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
        v->o->peer.rule = fsm_step(evidence_state(v, p, 0), event_of(v->c, p, fact)).rule;
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
        if (covers_syn(v) && (p->syn_sent || v->o->ack_verdict == ACK_NOT_JUDGED)) {
            presume_once(v, FACT_SYN_ACK, repeat);
        }
        return;
    }
    enum state before = evidence_state(v, p, 0);
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
    bool opens = covers_syn(v) || (v->o->steps & STEP_ACK);
    if (opens && !fact_is(p->received, FACT_ACK_OF_SYN)) {
        if (evidence_state(v, p, 0) == SYN_RECEIVED) {
            presume(v, FACT_ACK_OF_SYN, v->o->repeat);
        } else if (evidence_state(v, p, 0) == SYN_SENT) {
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

void evidence_arrive(struct view *v)
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
