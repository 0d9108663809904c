/* evidence.c - see evidence.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "evidence.h"

#include "facts.h"
#include "stream.h"

/* A segment younger than this may have crossed the one that seems not to know it. */
enum { CROSSING_MS = 1000, CROSSING_REPEAT_MS = 200 };

enum weight { SILENT, CONFIRMED, LACKED };

/* A lower ACK than before and nothing new: it was sent earlier and only captured late. */
static bool is_late(const struct view *v)
{
    return v->ack && v->o->ack_verdict == ACK_OLD && v->o->seq_verdict != SEQ_IN_ORDER &&
           v->o->seq_verdict != SEQ_GAP && v->o->seq_verdict != SEQ_OVERLAP;
}

/* May the sender be in SYN-RECEIVED still? It sends data there with Fast Open, and answers an unacceptable
 * segment with a bare ACK (RFC 9293 3.10.7.4, first). */
static bool may_be_unopened(const struct view *v)
{
    const struct end *p = v->peer;
    bool acks_syn_only = v->ack && p->isn_known && seq_equal(v->seg->ack, seq_add(p->isn, 1));
    return facts_may_be_fast_open(v) || (v->pure_ack && acks_syn_only && v->seg->sack_blocks == 0);
}

static enum weight weigh_opening(const struct view *v, enum fact fact)
{
    if (v->rst) {
        return SILENT;
    }
    switch (fact) {
    case FACT_SYN: return v->syn ? LACKED : v->syn_ack || facts_ack_covers_syn(v) ? CONFIRMED : SILENT;
    case FACT_SYN_ACK: return v->syn || v->syn_ack ? LACKED : facts_ack_covers_syn(v) ? CONFIRMED : SILENT;
    default: /* FACT_ACK_OF_SYN */
        return v->syn || v->syn_ack ? LACKED : may_be_unopened(v) ? SILENT : CONFIRMED;
    }
}

static bool repeats_fin(const struct view *v)
{
    return v->fin && v->sender->fin_sent && seq_equal(v->end, v->sender->nxt);
}

static enum weight weigh_closing(const struct view *v, enum fact fact)
{
    const struct end *s = v->sender;
    if (v->rst || v->syn || (v->syn_ack && s->held != SYN_RECEIVED)) {
        return SILENT;
    }
    if (fact == FACT_FIN) {
        return !v->ack || !v->acceptable ? SILENT : v->o->ack_verdict == ACK_OF_FIN ? CONFIRMED : LACKED;
    }
    if (repeats_fin(v) || facts_state(v, s, (uint8_t) ~(FACT(FACT_ACK_OF_FIN) - 1u)) == LAST_ACK) {
        return LACKED; /* a CLOSED end sends nothing but RSTs */
    }
    /* What the peer sent after its first ACK of this FIN carries that ACK, too. */
    bool closed_first = s == &v->c->end[v->c->closer];
    bool fin_acked = (v->c->steps & (closed_first ? STEP_ACK_OF_FIN : STEP_ACK_OF_SECOND_FIN)) != 0;
    bool later = v->ack && v->acceptable && seq_after(v->seg->ack, s->fin_acked_at);
    return fin_acked && later ? CONFIRMED : SILENT;
}

/* What was sent before a RST may be captured behind it. */
static bool is_reordered(const struct view *v)
{
    const struct end *s = v->sender;
    uint32_t age = time_ms(v->seg->time) - v->peer->arrival[SLOT_FLAG].ms;
    /* Who closes while data is on the way sends a FIN and, when that meets it, a RST. */
    bool fin_alone = v->fin && v->seg->data == 0 && age <= DISORDER_MS &&
                     (!s->nxt_known || seq_equal(v->seg->seq, s->nxt));
    bool older = s->nxt_known &&
                 (!seq_after(v->end, s->nxt) || (s->has_claim && !seq_after(v->end, s->claim)));
    return age < CROSSING_MS && (older || fin_alone) && s->rst_acceptable;
}

static enum weight weigh(const struct view *v, enum fact fact)
{
    switch (fact) {
    case FACT_SYN:
    case FACT_SYN_ACK:
    case FACT_ACK_OF_SYN: return weigh_opening(v, fact);
    case FACT_FIN:
    case FACT_ACK_OF_FIN: return weigh_closing(v, fact);
    case FACT_RST_SENT: return v->rst || is_reordered(v) ? SILENT : LACKED;
    default: /* FACT_RST, FACT_EXPIRED */ return v->rst ? SILENT : LACKED;
    }
}

static bool may_have_crossed(const struct view *v, enum fact fact)
{
    const struct end *s = v->sender;
    /* Who repeats its SYN was not impressed by a RST: in SYN-SENT only one that acknowledges it counts. */
    if (fact == FACT_EXPIRED || fact == FACT_RST_SENT || (fact == FACT_RST && v->syn)) {
        return false;
    }
    enum arrival_slot slot = facts_slot(fact);
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
    if (again && !s->missing &&
        ((fact == FACT_RST_SENT && s->rst_acceptable) || (fact == FACT_RST && brings_new_data(v)))) {
        o->remarks |= REMARK_DATA_AFTER_RESET;
    }
    s->pending &= (uint8_t)~FACT(fact);
    if (fact == FACT_EXPIRED) {
        s->assumed = false;
        o->sender.rule = RULE_NO_EVENT;
    }
    if (fact == FACT_EXPIRED || fact == FACT_RST_SENT || behind_gap || (fact == FACT_RST && v->syn)) {
        return false; /* nothing was lost */
    }
    o->lost_frame = o->lost_frame ? o->lost_frame : s->arrival[facts_slot(fact)].frame;
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
    s->held = fsm_step((enum state)s->held, facts_event(v->c, s, fact)).next & 15u;
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

/* A bare ACK with foreign numbers answers a new SYN: it comes from a connection of before, which the SYN
 * did not touch (RFC 9293 3.5.1, 3.10.7.4). If that was not captured, nothing tells its state. */
static bool is_untouched(const struct view *v)
{
    const struct end *s = v->sender;
    bool answers = v->c->provoked && v->c->last_from != v->seg->from && v->pure_ack;
    return fact_is(s->pending, FACT_SYN) && (!s->syn_sent || s->inherited) && answers &&
           !facts_ack_covers_syn(v);
}

static void leave_untouched(struct view *v)
{
    struct end *s = v->sender;
    s->pending &= (uint8_t)~FACT(FACT_SYN);
    s->held = s->inherited ? s->held : UNKNOWN;
    v->c->contested = true;
}

void evidence_weigh(struct view *v)
{
    struct end *s = v->sender;
    struct observation *o = v->o;
    uint8_t lacked = 0;
    if (v->rst && fact_is(s->pending, FACT_SYN) && !s->syn_sent && !s->inherited &&
        o->ack_verdict == ACK_HANDSHAKE) {
        refuse(v);
    } else if (is_untouched(v)) {
        leave_untouched(v);
        lacked = FACT(FACT_SYN);
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
    o->sender.before = facts_state(v, s, lacked);
    o->corrected = o->sender.before != (enum state)s->shown && (lacked != 0 || v->rst);
    if (o->corrected) {
        o->presumed = (enum state)s->shown;
    } else {
        o->lost_frame = 0;
        o->remarks &= ~(unsigned)REMARK_CROSSED;
    }
}
