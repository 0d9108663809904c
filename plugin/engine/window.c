/* window.c - see window.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "window.h"

#include "acknowledgment.h"
#include "facts.h"
#include "reach.h"
#include "stream.h"

enum {
    PAWS_TICKS = 1000,   /* 1 s of the fastest clock that RFC 7323 5.4 allows */
    PAWS_IDLE_DAYS = 24, /* RFC 7323 5.5 */
    MS_PER_DAY = 24 * 60 * 60 * 1000,
    UNSCALED_MAX = 65535,
};

/* Does the segment fit the same end of the incarnation before, and not this one? */
static bool is_of_previous(const struct view *v)
{
    const struct connection *before = v->previous;
    if (!before || !v->sender->syn_sent || v->sender->inherited) {
        return false;
    }
    const struct end *old = &before->end[v->seg->from];
    if (!old->isn_known || !old->nxt_known || old->isn_far) {
        return false;
    }
    seq_t right = v->sender->nxt;
    reach_right_edge(v->peer, v->sender, &right);
    bool fits_here = seq_between(v->seg->seq, v->sender->isn, seq_max(right, v->sender->nxt));
    return !fits_here && seq_between(v->seg->seq, old->isn, old->nxt);
}

static bool is_handshake_mismatch(struct view *v)
{
    const struct end *s = v->sender;
    if (v->c->complete || !s->syn_sent || s->inherited || !reach_opening_is_known(v->c)) {
        return false;
    }
    if (s->alternative && !seq_before(v->seg->seq, seq_add(s->other_isn, 1)) &&
        seq_diff(v->seg->seq, s->other_isn) <= UNSCALED_MAX) {
        return false;
    }
    bool keepalive = seq_equal(v->seg->seq, s->isn) && v->seg->data <= 1 && !v->fin;
    if (seq_before(v->seg->seq, seq_add(s->isn, 1)) && !keepalive) {
        reach_break(v, seq_add(s->isn, 1));
        return true;
    }
    seq_t right;
    if (reach_right_edge(v->peer, s, &right) && reach_is_beyond(v, v->peer, right, v->seg->seq)) {
        reach_break(v, right);
        return true;
    }
    return false;
}

/* RFC 9293 3.8.6.1. OBSERVER: an empty segment at SND.NXT is a probe only if nothing else explains it:
 * it repeats what its sender said, and its sender spoke last. */
static bool is_window_probe(const struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    if (v->fin || v->seg->data > 1 || p->acks_seen == 0 || p->window != 0) {
        return false;
    }
    if (seq_equal(v->seg->seq, s->nxt)) {
        bool repeats = s->acks_seen > 0 && seq_equal(v->seg->ack, s->ack_sent) && v->seg->window == s->window;
        return v->seg->data == 1 || (repeats && v->c->last_from == v->seg->from);
    }
    return seq_equal(v->seg->seq, seq_sub(s->nxt, 1)) ||
           (s->una_known && seq_equal(v->seg->seq, seq_sub(s->una, 1)));
}

/* RFC 9293 3.8.4: one below SND.NXT, nothing outstanding. */
static bool is_keepalive(const struct view *v)
{
    const struct end *s = v->sender;
    return !v->fin && v->seg->data <= 1 && seq_equal(v->seg->seq, seq_sub(s->nxt, 1)) &&
           (!s->una_known || seq_equal(s->una, s->nxt));
}

/* RFC 7323 5.3 (PAWS). */
static bool is_old_timestamp(const struct view *v)
{
    const struct end *s = v->sender;
    if (!s->ts_known || !v->seg->has_timestamps) {
        return false;
    }
    uint32_t idle = time_ms(v->seg->time) - v->c->last_ms;
    return (int32_t)(s->ts_recent - v->seg->tsval) > PAWS_TICKS &&
           idle < (uint32_t)PAWS_IDLE_DAYS * MS_PER_DAY;
}

static enum seq_verdict judge_ahead(struct view *v)
{
    if (is_old_timestamp(v)) {
        return SEQ_OLD_TIMESTAMP;
    }
    const struct end *p = v->peer;
    if (p->right_known && !p->missing && p->gaps == 0 && reach_is_beyond(v, p, p->right, v->seg->seq)) {
        reach_break(v, p->right);
        return SEQ_OUT_OF_WINDOW;
    }
    return SEQ_GAP;
}

/* It doesn't fit this handshake. But the SYN may have come into a live connection that was not captured, and
 * whose segment this is. */
static enum seq_verdict accuse(struct view *v, enum seq_verdict verdict)
{
    if (v->c->contested && !v->previous) {
        v->o->has_bound = false;
        return SEQ_NOT_JUDGED;
    }
    return verdict;
}

static enum seq_verdict judge_segment(struct view *v)
{
    const struct end *s = v->sender;
    seq_t seq = v->seg->seq;
    if (!s->nxt_known) {
        return SEQ_NOT_JUDGED;
    }
    if (is_of_previous(v)) {
        return SEQ_STALE_INCARNATION;
    }
    if (s->fin_sent && v->seg->data > 0 && seq_after(v->end, s->nxt)) {
        reach_break(v, s->nxt);
        return SEQ_AFTER_FIN;
    }
    if (is_handshake_mismatch(v)) {
        return accuse(v, SEQ_HANDSHAKE_MISMATCH);
    }
    if (is_window_probe(v)) {
        return SEQ_WINDOW_PROBE;
    }
    if (is_keepalive(v)) {
        return SEQ_KEEPALIVE;
    }
    if (seq_before(seq, s->nxt) && !seq_after(v->end, s->nxt)) {
        if (reach_is_before_isn(s, seq) && reach_opening_is_known(v->c)) {
            reach_break(v, s->isn);
            return accuse(v, SEQ_OUT_OF_WINDOW);
        }
        return SEQ_RETRANSMISSION;
    }
    if (seq_before(seq, s->nxt)) {
        return SEQ_OVERLAP;
    }
    return seq_equal(seq, s->nxt) ? SEQ_IN_ORDER : judge_ahead(v);
}

static enum seq_verdict judge_syn(const struct view *v)
{
    const struct end *s = v->sender;
    bool again = s->syn_sent &&
                 (seq_equal(v->seg->seq, s->isn) || (s->alternative && seq_equal(v->seg->seq, s->other_isn)));
    return again && (!v->syn_ack || s->syn_acks) ? SEQ_RETRANSMISSION : SEQ_SYN;
}

/* Is `number` one that the peer has acknowledged with earlier? Its first and last are known; between
 * them, more than two can't be told apart. */
static bool is_earlier_ack(const struct end *s, const struct end *p, seq_t number)
{
    if (p->acks_seen == 0) {
        return false;
    }
    if (seq_equal(number, p->ack_sent) || (s->una_known && seq_equal(number, s->una))) {
        return true;
    }
    if (s->isn_known && seq_equal(number, seq_add(s->isn, 1))) {
        return true; /* what the SYN-ACK acknowledged */
    }
    if (s->fin_sent && seq_equal(number, seq_sub(s->nxt, 1))) {
        return true; /* all but its FIN: what is on the way when that comes */
    }
    bool in_range = s->una_known && seq_before(number, s->una) && !reach_is_before_isn(s, number);
    return in_range && (p->acks_seen > 2 || !s->isn_known);
}

/* Hosts that count their packets in the IP ID show whether some of them are missing before this one; without
 * an IP ID (IPv6) nothing shows it. */
static bool skips_packets(const struct view *v)
{
    enum { SKIPPED_MAX = 64 };
    uint16_t step = (uint16_t)(v->seg->ip_id - v->sender->ip_id);
    return !v->seg->has_ip_id ||
           (v->sender->ip_id != 0 && !v->sender->ids_jump && step > 1 && step < SKIPPED_MAX);
}

/* What a host without the connection sends when a copy of the SYN reaches it (RFC 9293 3.10.7.1):
 * <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>. Data in the SYN is no longer than a segment. */
static bool answers_syn(const struct view *v)
{
    enum { SEGMENT_MAX = 9000 };
    const struct end *p = v->peer;
    uint32_t length = v->seg->ack.n - p->isn.n;
    return v->ack && v->seg->seq.n == 0 && p->syn_sent && !p->isn_far && length >= 1 &&
           length <= (v->c->fast_open ? (uint32_t)SEGMENT_MAX : 1);
}

/* RFC 9293 3.10.7.4, RFC 5961 3.2: a RST counts at exactly RCV.NXT only. */
static enum seq_verdict judge_reset(struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    seq_t seq = v->seg->seq;
    /* In the handshake, what the receiver last acknowledged is its RCV.NXT, be it another than we
     * thought: it answered an old duplicate SYN, or belongs to a connection that its peer has lost. */
    bool acked = p->acks_seen > 0 && seq_equal(seq, p->ack_sent);
    bool opening = !v->c->complete || p->held == SYN_RECEIVED;
    bool hole = s->data_lost || s->loss_reported;
    if (!s->nxt_known || (seq_equal(seq, s->edge) && hole)) {
        return acked ? SEQ_IN_ORDER
                     : SEQ_NOT_JUDGED; /* right for its sender; the receiver lacks what came before */
    }
    seq_t rcv_nxt = hole ? s->una : s->edge;
    if (s->gaps > 0 && seq_equal(seq, rcv_nxt) && !acked) {
        return SEQ_NOT_JUDGED; /* its sender had come further; what arrived of it can't be told */
    }
    if (seq_equal(seq, rcv_nxt) || (acked && opening)) {
        return SEQ_IN_ORDER;
    }
    if (is_earlier_ack(s, p, seq) || answers_syn(v)) {
        return SEQ_STALE_RESET;
    }
    if (seq_before(seq, rcv_nxt)) {
        bool outstanding = !s->una_known || seq_after(seq, s->una); /* what arrived of it can't be told */
        if (outstanding || (!s->isn_known && !reach_is_before_isn(s, seq))) {
            return SEQ_NOT_JUDGED;
        }
        reach_break(v, rcv_nxt);
        return SEQ_OUT_OF_WINDOW;
    }
    if (s->missing || s->gaps > 0 || !p->right_known || !scale_is_known(v->c)) {
        return SEQ_NOT_JUDGED; /* the segments up to this one may just not have been captured */
    }
    if (reach_is_beyond(v, p, p->right, seq)) {
        reach_break(v, p->right);
        return SEQ_OUT_OF_WINDOW;
    }
    if (seq_after(seq, p->right) || skips_packets(v)) {
        return SEQ_NOT_JUDGED;
    }
    reach_break(v, rcv_nxt);
    return SEQ_INEXACT_RESET;
}

/* The peer had acknowledged what was not captured, and the sender now goes on from there. */
static void redeem_claim(struct view *v)
{
    struct end *s = v->sender;
    if (s->has_claim && !v->rst && !seq_before(v->seg->seq, s->claim)) {
        stream_restart(s, s->claim);
        s->has_claim = false;
        s->missing = true;
    }
}

/* Whoever rewrites numbers on the way makes them look wrong to us only: the receiver acknowledges a
 * segment that we accused. From there on that direction is not accused any more. */
static void vindicate(struct view *v)
{
    struct end *p = v->peer;
    if (p->accused && v->ack && !v->rst && seq_equal(v->seg->ack, p->accused_end) &&
        !seq_between(v->seg->ack, p->una, p->nxt)) {
        stream_restart(p, v->seg->ack);
        p->una = v->seg->ack;
        p->accused = false;
        p->muted = p->missing = p->assumed = true;
    }
}

/* Of two SYN-ACKs with different ISNs, the sender itself shows which one counts. */
static void settle_isn(struct view *v)
{
    struct end *s = v->sender;
    if (s->alternative && !v->c->complete && !v->syn && !v->syn_ack &&
        seq_equal(v->seg->seq, seq_add(s->other_isn, 1))) {
        stream_choose_isn(s, v->seg->seq);
    }
}

static void expect(struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    struct observation *o = v->o;
    bool first_syn = (v->syn || v->syn_ack) && o->seq_verdict == SEQ_SYN;
    if (s->nxt_known && !first_syn) {
        o->has_seq_expected = true;
        o->seq_expected = s->nxt;
        o->seq_from_frame = s->nxt_frame;
    }
    if (p->nxt_known && !p->inherited && (p->syn_sent || p->nxt_frame != 0 || p->missing)) {
        o->has_ack_expected = true;
        o->ack_expected = p->edge;
        o->ack_from_frame = p->gaps > 0 ? p->edge_frame : p->nxt_frame;
    }
    o->assumed = (o->has_seq_expected && o->seq_from_frame == 0) ||
                 (o->has_ack_expected && o->ack_from_frame == 0);
}

void window_judge(struct view *v)
{
    struct observation *o = v->o;
    redeem_claim(v);
    vindicate(v);
    settle_isn(v);
    o->seq_verdict = v->rst ? judge_reset(v) : v->syn || v->syn_ack ? judge_syn(v) : judge_segment(v);
    bool had_bound = o->has_bound;
    seq_t bound = o->bound;
    o->ack_verdict = acknowledgment_judge(v);
    if (had_bound) { /* the bound of the sequence number goes first */
        o->bound = bound;
    }
    if (v->rst && ack_is_invalid(o->ack_verdict) && v->c->complete) {
        o->ack_verdict = ACK_NOT_JUDGED; /* RFC 9293 3.10.7.4 looks at no ACK of a RST */
    }
    bool harmless = v->rst && facts_state(v, v->peer, 0) == CLOSED; /* it finds nothing that it could end */
    bool behind_new_syn = o->seq_verdict == SEQ_STALE_INCARNATION && !v->c->complete &&
                          (uint32_t)(time_ms(v->seg->time) - v->c->last_ms) <= DISORDER_MS;
    if (v->sender->muted || v->c->two_paths || behind_new_syn || harmless) {
        o->seq_verdict = seq_is_invalid(o->seq_verdict) ? SEQ_NOT_JUDGED : o->seq_verdict;
        o->ack_verdict = ack_is_invalid(o->ack_verdict) ? ACK_NOT_JUDGED : o->ack_verdict;
    }
    if (!seq_is_invalid(o->seq_verdict) && !ack_is_invalid(o->ack_verdict)) {
        o->has_bound = false;
    }
    v->acceptable = !seq_is_invalid(o->seq_verdict) && !ack_is_invalid(o->ack_verdict);
    expect(v);
}
