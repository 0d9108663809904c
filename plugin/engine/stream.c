/* stream.c - see stream.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream.h"

#include "gaps.h"

/* Behind these many bytes an ISN no longer tells old from new (half of 2^31). */
#define ISN_REACH (1 << 30)

/* A SYN or SYN-ACK, the first or with another ISN than before. */
static void begin_at_syn(struct view *v)
{
    struct end *s = v->sender;
    const struct segment *seg = v->seg;
    bool behind = !s->syn_sent && s->isn_known && seq_equal(v->end, seq_add(s->isn, 1));
    bool known = behind || (s->isn_known && seq_equal(s->isn, seg->seq));
    if (s->syn_sent && !known) {
        s->muted = s->muted || s->alternative; /* more SYN-ACKs than we can tell apart */
        s->other_isn = s->isn;
        s->alternative = true;
        s->una_known = false;
    }
    if (!s->syn_sent || !known) {
        if (!known || !s->nxt_known || !seq_after(s->nxt, v->end)) {
            gaps_begin(s, seg->seq, v->end, seg->frame);
        }
        s->isn = seg->seq;
        s->isn_known = true;
        s->scale = (seg->has_scale ? seg->scale : SCALE_NONE) & 15u;
        s->options_known = seg->options_known;
    }
    s->syn_sent = true;
    s->syn_acks = s->syn_acks || v->syn_ack;
    s->assumed = false;
}

static void remember_timestamp(struct view *v)
{
    struct end *s = v->sender;
    if (v->seg->has_timestamps && (!s->ts_known || (int32_t)(v->seg->tsval - s->ts_recent) > 0)) {
        s->ts_recent = v->seg->tsval;
        s->ts_known = true;
    }
}

/* A RST ahead of its stream tells how far its sender had come: what follows from below is older. */
static void remember_reset(struct view *v)
{
    struct end *s = v->sender;
    if (s->nxt_known && !s->fin_sent && seq_after(v->seg->seq, s->nxt)) {
        s->claim = v->seg->seq;
        s->has_claim = true;
    }
}

/* Whoever rewrites numbers on the way makes them look wrong to us only: what the receiver acknowledges
 * was right. */
static void remember_accusation(struct view *v)
{
    struct end *s = v->sender;
    if (v->seg->data > 0 && s->nxt_known) {
        s->accused_end = v->end;
        s->accused = true;
    }
}

void stream_sent(struct view *v)
{
    struct end *s = v->sender;
    if (v->syn || v->syn_ack) { /* even with an ACK that its peer rejects */
        if (v->o->seq_verdict == SEQ_SYN) {
            begin_at_syn(v);
        }
        remember_timestamp(v);
        return;
    }
    if (!v->acceptable && !v->rst) {
        remember_accusation(v);
        return;
    }
    if (v->rst) {
        remember_reset(v);
        return;
    }
    if (!v->seg->length_known) {
        s->missing = true;
    }
    switch (v->o->seq_verdict) {
    case SEQ_KEEPALIVE: return;
    case SEQ_WINDOW_PROBE:
        s->probe_byte = s->probe_byte || (v->seg->data == 1 && seq_equal(v->seg->seq, s->nxt));
        return;
    case SEQ_NOT_JUDGED:
        if (!s->nxt_known) {
            gaps_begin(s, v->seg->seq, v->end, v->seg->frame);
        }
        break;
    default:
        if (!s->fin_sent || !seq_after(v->end, s->nxt)) { /* nothing comes behind a FIN */
            gaps_extend(s, v->seg->seq, v->end, v->seg->frame);
        }
        break;
    }
    remember_timestamp(v);
    s->data_lost = s->data_lost && v->seg->data == 0;
    s->has_claim = s->has_claim && seq_before(s->nxt, s->claim);
    if (s->isn_known && !s->isn_far && seq_diff(s->nxt, s->isn) > ISN_REACH) {
        s->isn_far = true;
    }
}

/* The number was acknowledged: all below has arrived, captured or not. */
static void raise_una(struct end *p, seq_t ack)
{
    if (p->una_known && !seq_after(ack, p->una)) {
        return;
    }
    p->una = ack;
    p->una_known = true;
    p->loss_reported = p->retransmission_due = p->data_lost = false;
    p->duplicate_acks = 0;
    if (seq_before(ack, p->nxt)) { /* when what is outstanding now was sent is not kept */
        p->tries = 0;
        p->tried = TIMER_NONE;
        p->tried_flag = false;
    }
    if (seq_after(ack, p->nxt)) { /* only a probe's byte, or a claim made twice */
        p->nxt = ack;
        p->nxt_frame = 0;
        p->probe_byte = false;
        p->missing = true;
        gaps_close(p);
    } else if (seq_after(ack, p->edge)) {
        bool bare = p->gaps == 1 && seq_equal(p->tail, p->nxt) && !seq_before(ack, p->tail);
        p->edge = ack;
        p->edge_frame = 0;
        gaps_swallow(p);
        if (bare) { /* only a pure ACK behind the gap showed nxt: what ends there was not captured */
            p->nxt_frame = p->edge_frame = 0;
        }
    }
    p->fin_lost = p->fin_lost && !seq_equal(p->una, p->nxt);
    p->has_claim = p->has_claim && seq_before(p->nxt, p->claim);
}

void stream_restart(struct end *end, seq_t next)
{
    end->nxt = end->edge = next;
    end->nxt_frame = end->edge_frame = 0;
    end->gaps = 0;
}

void stream_choose_isn(struct end *end, seq_t number)
{
    if (end->alternative && seq_equal(number, seq_add(end->other_isn, 1)) &&
        !seq_equal(number, seq_add(end->isn, 1))) {
        seq_t other = end->isn;
        end->isn = end->other_isn;
        end->other_isn = other;
        stream_restart(end, number);
    }
}

/* The first that is known of the peer is what its SYN-ACK, or a later ACK, acknowledges. */
static void learn_from_ack(struct view *v)
{
    struct end *p = v->peer;
    if (!v->syn_ack) {
        p->una = v->seg->ack;
        p->una_known = true;
        return;
    }
    p->isn = seq_sub(v->seg->ack, 1);
    p->isn_known = true;
    p->una_known = false;
    gaps_begin(p, p->isn, v->seg->ack, 0);
    p->una = v->seg->ack;
    p->una_known = true;
}

static void acknowledge(struct view *v)
{
    struct end *p = v->peer;
    seq_t ack = v->seg->ack;
    if (!p->nxt_known) {
        learn_from_ack(v);
        return;
    }
    switch (v->o->ack_verdict) {
    case ACK_NOT_CAPTURED:
        if (p->has_claim && seq_equal(p->claim, ack)) {
            p->has_claim = false;
            raise_una(p, ack);
        } else if (!p->fin_sent) {
            p->has_claim = true;
            p->claim = ack;
        }
        break;
    case ACK_HANDSHAKE:
        stream_choose_isn(p, ack);
        raise_una(p, ack);
        break;
    case ACK_CURRENT:
    case ACK_PARTIAL: raise_una(p, ack); break;
    case ACK_OF_FIN:
        raise_una(p, ack);
        if ((v->o->steps & (STEP_ACK_OF_FIN | STEP_ACK_OF_SECOND_FIN)) && (!v->o->repeat || v->fin)) {
            p->fin_acked_at = v->had_nxt;
        }
        break;
    default: break;
    }
}

void stream_fin_was_acknowledged(struct view *v)
{
    struct end *s = v->sender;
    gaps_close(s);
    s->fin_acked_at = v->peer->nxt_known ? v->peer->nxt
                                         : v->seg->ack; /* what the peer sends from now on tells so, too */
}

static void remember_ack(struct end *s, seq_t ack, bool from_the_start)
{
    if (s->acks_seen == 0) {
        s->acks_seen = from_the_start ? 1 : 3;
    } else if (!seq_equal(s->ack_sent, ack) && s->acks_seen < 3) {
        s->acks_seen++;
    }
    s->ack_sent = ack;
}

void stream_acknowledged(struct view *v)
{
    struct end *s = v->sender;
    const struct segment *seg = v->seg;
    if (v->rst) {
        return;
    }
    if (v->ack) {
        bool from_the_start = v->syn_ack || (v->peer->syn_sent && v->c->end[v->c->client].syn_sent);
        remember_ack(s, seg->ack, from_the_start);
        acknowledge(v);
    }
    if (!v->acceptable && !v->syn_ack) {
        return;
    }
    s->window = seg->window;
    if (!v->acceptable) {
        return;
    }
    bool scaled = !v->syn && !v->syn_ack;
    /* The window of a SYN isn't scaled; rounded up, it is kept as if it were. */
    uint16_t window_kept = scaled || !seg->has_scale
                               ? seg->window
                               : (uint16_t)((seg->window + (1u << seg->scale) - 1) >> seg->scale);
    s->max_window = window_kept > s->max_window ? window_kept : s->max_window;
    if (v->ack && (!scaled || scale_is_known(v->c))) {
        uint32_t window = (uint32_t)seg->window << (scaled ? scale_of(v->c, s) : 0);
        seq_t right = seq_add(seg->ack, window);
        s->right = s->right_known ? seq_max(s->right, right) : right;
        s->right_known = true;
    }
}

void stream_reopen_gap(struct end *end, seq_t acked, seq_t left)
{
    if (end->gaps == 0 && seq_before(acked, left) && seq_before(left, end->nxt)) {
        end->edge = acked;
        end->edge_frame = 0;
        end->tail = left;
        end->gaps = 1;
    }
}
