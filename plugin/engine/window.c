/* window.c - see window.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "window.h"

#include "stream.h"

enum {
    PAWS_TICKS = 1000,                /* 1 s of the fastest clock that RFC 7323 5.4 allows */
    PAWS_IDLE_DAYS = 24,              /* RFC 7323 5.5 */
    MS_PER_DAY = 24 * 60 * 60 * 1000,
    WINDOW_UNSCALED_MAX = 65535,
};

static void set_bound(struct view *v, seq_t bound)
{
    v->o->has_bound = true;
    v->o->bound = bound;
}

/* MAX.SND.WND of the peer in bytes. */
static uint32_t max_window(const struct connection *c, const struct end *offerer)
{
    return offerer->max_window ? (uint32_t)offerer->max_window << scale_of(c, offerer) : WINDOW_UNSCALED_MAX;
}

/* Does `number` lie so far beyond the highest right edge that `offerer` was seen to offer that not
 * even packets missing from the capture explain it?
 *
 * OBSERVER: RFC 9293 3.10.7.4 compares with the window as the receiver knows it. A capture that
 * drops packets drops window updates, too, and pure ACKs leave no gap behind. But a window moves by
 * its own size at most once a round trip, so we allow for as many as the time may have brought. */
static bool beyond_reach(const struct view *v, const struct end *offerer, seq_t right, seq_t number)
{
    const struct connection *c = v->c;
    int32_t beyond = seq_diff(number, right);
    if (beyond <= 0 || !scale_is_known(c) || c->round_us == 0) {
        return false;
    }
    uint64_t idle_us = (uint64_t)(uint32_t)(time_ms(v->seg->time) - c->last_ms) * 1000 + 1000;
    uint64_t windows = 1 + 2 * idle_us / c->round_us;
    return (uint64_t)beyond > windows * max_window(c, offerer);
}

/* The right edge that `offerer` gave the stream of `stream`; false if none is known. */
static bool right_edge(const struct end *offerer, const struct end *stream, seq_t *right)
{
    if (offerer->right_known) {
        *right = offerer->right;
        return true;
    }
    if (offerer->syn_sent && stream->isn_known) { /* the window of a SYN, which has no ACK to begin at */
        *right = seq_add(stream->isn, 1u + offerer->window);
        return true;
    }
    return false;
}

/* Before all that this end ever sent? Only an ISN tells. */
static bool is_before_isn(const struct end *end, seq_t number)
{
    return end->syn_sent && !end->alternative && !end->isn_far && seq_before(number, end->isn);
}

/* Does the segment fit the same end of the incarnation before, and not this one? */
static bool is_of_previous(const struct view *v)
{
    const struct connection *before = v->c->previous;
    if (!before || !v->sender->syn_sent || v->sender->inherited) {
        return false;
    }
    const struct end *old = &before->end[v->seg->from];
    if (!old->isn_known || !old->nxt_known || old->isn_far) {
        return false;
    }
    seq_t right = v->sender->nxt;
    right_edge(v->peer, v->sender, &right);
    bool fits_here = seq_between(v->seg->seq, v->sender->isn, seq_max(right, v->sender->nxt));
    return !fits_here && seq_between(v->seg->seq, old->isn, old->nxt);
}

/* Without the SYN there may have been other SYN-ACKs than those captured. */
static bool opening_is_known(const struct connection *c)
{
    return c->end[c->client].syn_sent;
}

static bool is_handshake_mismatch(struct view *v)
{
    const struct end *s = v->sender;
    if (v->c->complete || !s->syn_sent || s->inherited || !opening_is_known(v->c)) {
        return false;
    }
    if (s->alternative && !seq_before(v->seg->seq, seq_add(s->island[1], 1)) &&
        seq_diff(v->seg->seq, s->island[1]) <= WINDOW_UNSCALED_MAX) {
        return false;
    }
    if (seq_before(v->seg->seq, seq_add(s->isn, 1))) {
        set_bound(v, seq_add(s->isn, 1));
        return true;
    }
    seq_t right;
    if (right_edge(v->peer, s, &right) && beyond_reach(v, v->peer, right, v->seg->seq)) {
        set_bound(v, right);
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
    return (int32_t)(s->ts_recent - v->seg->tsval) > PAWS_TICKS && idle < (uint32_t)PAWS_IDLE_DAYS * MS_PER_DAY;
}

static enum seq_verdict judge_ahead(struct view *v)
{
    if (is_old_timestamp(v)) {
        return SEQ_OLD_TIMESTAMP;
    }
    const struct end *p = v->peer;
    if (p->right_known && !p->missing && p->gaps == 0 && beyond_reach(v, p, p->right, v->seg->seq)) {
        set_bound(v, p->right);
        return SEQ_OUT_OF_WINDOW;
    }
    return SEQ_GAP;
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
        set_bound(v, s->nxt);
        return SEQ_AFTER_FIN;
    }
    if (is_handshake_mismatch(v)) {
        return SEQ_HANDSHAKE_MISMATCH;
    }
    if (is_window_probe(v)) {
        return SEQ_WINDOW_PROBE;
    }
    if (is_keepalive(v)) {
        return SEQ_KEEPALIVE;
    }
    if (seq_before(seq, s->nxt) && !seq_after(v->end, s->nxt)) {
        if (is_before_isn(s, seq) && opening_is_known(v->c)) {
            set_bound(v, s->isn);
            return SEQ_OUT_OF_WINDOW;
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
    bool again = s->syn_sent && (seq_equal(v->seg->seq, s->isn) ||
                                 (s->alternative && seq_equal(v->seg->seq, s->island[1])));
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
    bool in_range = s->una_known && seq_before(number, s->una) && !is_before_isn(s, number);
    return in_range && (p->acks_seen > 2 || !s->isn_known);
}

/* RFC 9293 3.10.7.4, RFC 5961 3.2: a RST counts at exactly RCV.NXT only. */
static enum seq_verdict judge_reset(struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    seq_t seq = v->seg->seq;
    /* In the handshake, what the receiver last acknowledged is its RCV.NXT, be it another than we
     * thought: it answered an old duplicate SYN, or belongs to a connection that its peer has lost. */
    bool acked = p->acks_seen > 0 && seq_equal(seq, p->ack_sent);
    if (!s->nxt_known) {
        return acked ? SEQ_IN_ORDER : SEQ_NOT_JUDGED;
    }
    seq_t rcv_nxt = s->edge;
    if (seq_equal(seq, rcv_nxt) || (acked && !v->c->complete)) {
        return SEQ_IN_ORDER;
    }
    if (is_earlier_ack(s, p, seq)) {
        return SEQ_STALE_RESET;
    }
    if (seq_before(seq, rcv_nxt)) {
        bool outstanding = !s->una_known || seq_after(seq, s->una); /* what arrived of it can't be told */
        if (outstanding || (!s->isn_known && !is_before_isn(s, seq))) {
            return SEQ_NOT_JUDGED;
        }
        set_bound(v, rcv_nxt);
        return SEQ_OUT_OF_WINDOW;
    }
    if (s->missing || s->gaps > 0 || !p->right_known) {
        return SEQ_NOT_JUDGED; /* the segments up to this one may just not have been captured */
    }
    if (!seq_after(seq, p->right) || !scale_is_known(v->c)) {
        set_bound(v, rcv_nxt);
        return scale_is_known(v->c) ? SEQ_INEXACT_RESET : SEQ_NOT_JUDGED;
    }
    if (!beyond_reach(v, p, p->right, seq)) {
        return SEQ_NOT_JUDGED;
    }
    set_bound(v, p->right);
    return SEQ_OUT_OF_WINDOW;
}

static bool is_too_old(struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    if (p->syn_sent && !p->isn_far && !seq_after(v->seg->ack, p->isn)) {
        set_bound(v, seq_add(p->isn, 1));
        return true;
    }
    if (!scale_is_known(v->c) || p->missing || s->missing) {
        return false;
    }
    seq_t lowest = seq_sub(p->una, max_window(v->c, s));
    if (!seq_before(v->seg->ack, lowest)) {
        return false;
    }
    set_bound(v, lowest);
    return true;
}

/* Above SND.NXT of the peer as far as it was captured. */
static enum ack_verdict judge_ack_ahead(struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    if (p->probe_byte && seq_equal(v->seg->ack, seq_add(p->nxt, 1))) {
        return ACK_CURRENT;
    }
    seq_t right;
    if (right_edge(s, p, &right) && beyond_reach(v, s, right, v->seg->ack)) {
        set_bound(v, v->c->complete ? right : p->nxt);
        return v->c->complete ? ACK_BEYOND_SENT : ACK_HANDSHAKE_MISMATCH;
    }
    return ACK_NOT_CAPTURED;
}

/* At or below SND.NXT of the peer. */
static enum ack_verdict judge_ack_in_range(struct view *v)
{
    const struct end *p = v->peer;
    seq_t ack = v->seg->ack;
    if (seq_equal(ack, p->nxt)) {
        return p->fin_sent ? ACK_OF_FIN : ACK_CURRENT;
    }
    if (!p->una_known || seq_after(ack, p->una)) {
        return ACK_PARTIAL;
    }
    if (seq_equal(ack, p->una)) {
        return ACK_DUPLICATE;
    }
    return is_too_old(v) ? ACK_TOO_OLD : ACK_OLD;
}

/* OBSERVER: an ACK above SND.NXT in the handshake is called a mismatch only if it comes with a SYN or
 * lies beyond any window: else a third step and what followed it may just not have been captured. */
static enum ack_verdict judge_ack_in_handshake(struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    seq_t ack = v->seg->ack;
    bool covers = seq_between(ack, seq_add(p->isn, 1), p->nxt) ||
                  (p->alternative && seq_equal(ack, seq_add(p->island[1], 1)));
    if (covers) {
        v->acks_syn = !p->una_known || !seq_after(p->una, p->isn);
        bool of_fin = p->fin_sent && seq_equal(ack, p->nxt);
        return (v->acks_syn || v->syn_ack) && !of_fin ? ACK_HANDSHAKE : judge_ack_in_range(v);
    }
    if (seq_after(ack, p->nxt) && !v->syn && !v->syn_ack && !v->rst && !s->inherited) {
        return judge_ack_ahead(v);
    }
    if (!opening_is_known(v->c)) {
        return ACK_NOT_JUDGED;
    }
    set_bound(v, seq_add(p->isn, 1));
    return ACK_HANDSHAKE_MISMATCH;
}

static enum ack_verdict judge_ack(struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    seq_t ack = v->seg->ack;
    if (!v->ack) {
        bool synchronized = v->c->complete && s->nxt_known && p->nxt_known;
        return synchronized && !v->syn && !v->rst ? ACK_MISSING : ACK_NONE;
    }
    if (!p->nxt_known || (p->inherited && !p->una_known)) {
        return ACK_NOT_JUDGED;
    }
    if (p->isn_known && p->syn_sent && !p->inherited && (!v->c->complete || v->syn_ack)) {
        return judge_ack_in_handshake(v);
    }
    return seq_after(ack, p->nxt) ? judge_ack_ahead(v) : judge_ack_in_range(v);
}

/* The peer had acknowledged what was not captured, and the sender now goes on from there. */
static void redeem_claim(struct view *v)
{
    struct end *s = v->sender;
    if (s->has_claim && !v->rst && !seq_before(v->seg->seq, s->island[0])) {
        stream_restart(s, s->island[0]);
        s->has_claim = false;
        s->missing = true;
    }
}

/* Whoever rewrites numbers on the way makes them look wrong to us only: the receiver acknowledges a
 * segment that we accused. From there on that direction is not accused any more. */
static void vindicate(struct view *v)
{
    struct end *p = v->peer;
    if (p->accused && p->gaps < 2 && v->ack && !v->rst && seq_equal(v->seg->ack, p->island[0]) &&
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
        seq_equal(v->seg->seq, seq_add(s->island[1], 1))) {
        stream_choose_isn(s, v->seg->seq);
    }
}

static void expect(struct view *v)
{
    const struct end *s = v->sender, *p = v->peer;
    struct observation *o = v->o;
    bool first_syn = (v->syn || v->syn_ack) && o->seq_verdict == SEQ_SYN;
    if (s->nxt_known && !first_syn && (s->syn_sent || s->nxt_frame != 0 || s->missing)) {
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
    o->ack_verdict = judge_ack(v);
    if (had_bound) { /* the bound of the sequence number goes first */
        o->bound = bound;
    }
    if (v->rst && ack_is_invalid(o->ack_verdict) && v->c->complete) {
        o->ack_verdict = ACK_NOT_JUDGED; /* RFC 9293 3.10.7.4 looks at no ACK of a RST */
    }
    if (v->sender->muted || v->c->two_paths) {
        o->seq_verdict = seq_is_invalid(o->seq_verdict) ? SEQ_NOT_JUDGED : o->seq_verdict;
        o->ack_verdict = ack_is_invalid(o->ack_verdict) ? ACK_NOT_JUDGED : o->ack_verdict;
    }
    if (!seq_is_invalid(o->seq_verdict) && !ack_is_invalid(o->ack_verdict)) {
        o->has_bound = false;
    }
    v->acceptable = !seq_is_invalid(o->seq_verdict) && !ack_is_invalid(o->ack_verdict);
    expect(v);
}
