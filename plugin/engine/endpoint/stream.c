/* stream.c - see stream.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "endpoint/stream.h"

#include "thresholds.h"

/* What was claimed is no claim any more once SND.NXT is there. */
static void drop_claim(struct stream *s, const struct sent *sent)
{
    if (s->has_acked_unseen && !seq_before(sent->nxt, s->acked_unseen)) {
        s->has_acked_unseen = false;
    }
}

void stream_settle(struct stream *s, const struct sent *sent)
{
    drop_claim(s, sent);
    if (s->una_known && seq_distance(s->una, sent->nxt) > WINDOW_MAX) {
        s->una_known = false; /* the ACKs that raised it weren't captured */
    }
    if (s->isn_known && seq_distance(s->isn, sent->nxt) > ISN_REACH) {
        s->isn_far = true;
    }
}

/* The first piece ends before `to`; if the peer had acknowledged more before we saw it, there. */
static void begin(struct stream *s, struct sent *sent, seq_t from, seq_t to, uint32_t frame)
{
    sent_begin(sent, to, frame);
    if (!s->una_known) {
        s->una = from;
    } else if (seq_after(s->una, to)) {
        sent_restart(sent, s->una);
        sent_miss(sent);
    }
}

void stream_begin(struct stream *s, struct sent *sent, const struct segment *seg)
{
    begin(s, sent, seg->seq, segment_end(seg), seg->frame);
}

bool stream_begins_with(const struct stream *s, const struct sent *sent, const struct segment *syn)
{
    seq_t end = segment_end(syn);
    return !s->syn_sent && sent->nxt_known && !seq_after(end, sent->nxt) &&
           seq_distance(end, sent->nxt) <= (uint32_t)STRAY_REACH;
}

void stream_open(struct stream *s, struct sent *sent, const struct segment *syn)
{
    seq_t end = segment_end(syn);
    bool known = s->isn_known
                     ? seq_equal(s->isn, syn->seq) || (!s->syn_sent && seq_equal(end, seq_add(s->isn, 1)))
                     : stream_begins_with(s, sent, syn);
    if (s->syn_sent && !known) {
        s->rewritten = s->rewritten || s->has_other_isn; /* more SYN-ACKs than we can tell apart */
        s->other_isn = s->isn;
        s->has_other_isn = true;
        s->una_known = false;
    }
    if (!s->syn_sent || !known) {
        if (!known || !seq_after(sent->nxt, end)) {
            begin(s, sent, syn->seq, end, syn->frame);
        }
        s->isn = syn->seq;
        s->isn_known = true;
        s->scale = (syn->has_scale ? syn->scale : SCALE_NONE) & 15u;
        s->options_known = syn->options_known;
    }
    drop_claim(s, sent);
    s->syn_sent = true;
    s->syn_ack_sent = s->syn_ack_sent || segment_is_syn_ack(syn);
    s->syn_with_fin = (syn->flags & FLAG_FIN) != 0;
}

void stream_set_aside(struct stream *s, const struct segment *syn_ack)
{
    s->other_isn = syn_ack->seq;
    s->has_other_isn = true;
    s->rewritten = true;
}

void stream_use_other_isn(struct stream *s)
{
    s->other_isn_used = true;
}

void stream_extend(struct stream *s, struct sent *sent, const struct segment *seg)
{
    seq_t end = segment_end(seg);
    if (!s->fin_sent || !seq_after(end, sent->nxt)) { /* nothing comes behind a FIN */
        sent_extend(sent, seg->seq, end, seg->frame);
    }
}

void stream_take_timestamp(struct stream *s, const struct segment *seg)
{
    if (seg->has_timestamps && (!s->ts_known || (int32_t)(seg->tsval - s->ts_recent) > 0)) {
        s->ts_recent = seg->tsval;
        s->ts_known = true;
    }
}

void stream_take_probe_byte(struct stream *s)
{
    s->probe_byte = true;
}

void stream_claim(struct stream *s, seq_t number)
{
    s->acked_unseen = number;
    s->has_acked_unseen = true;
}

void stream_drop_claim(struct stream *s)
{
    s->has_acked_unseen = false;
}

void stream_redeem(struct stream *s, struct sent *sent)
{
    sent_restart(sent, s->acked_unseen);
    sent_miss(sent);
    s->has_acked_unseen = false;
    stream_settle(s, sent);
}

void stream_suspect(struct stream *s, seq_t end)
{
    s->rewritten_end = end;
    s->suspect_rewrite = true;
}

void stream_vindicate(struct stream *s, struct sent *sent)
{
    sent_restart(sent, s->rewritten_end);
    sent_miss(sent);
    drop_claim(s, sent);
    s->una = s->rewritten_end;
    s->suspect_rewrite = false;
    s->rewritten = true;
}

void stream_choose_isn(struct stream *s, struct sent *sent, seq_t number)
{
    if (stream_is_other_isn(s, number)) {
        seq_t other = s->isn;
        s->isn = s->other_isn;
        s->other_isn = other;
        s->una_known = false; /* it was of the other */
        sent_restart(sent, number);
        drop_claim(s, sent);
    }
}

enum raised stream_acknowledged(struct stream *s, struct sent *sent, seq_t ack)
{
    if (s->una_known && !seq_after(ack, s->una)) {
        return RAISED_NOTHING;
    }
    bool all = !seq_before(ack, sent->nxt);
    s->una = ack;
    s->una_known = true;
    if (s->probe_byte && seq_after(ack, sent->nxt)) {
        s->probe_byte = false;
    }
    sent_acknowledged(sent, ack);
    drop_claim(s, sent);
    return all ? RAISED_ALL : RAISED_PART;
}

void stream_learn_una(struct stream *s, seq_t ack)
{
    s->una = ack;
    s->una_known = true;
}

void stream_learn_isn(struct stream *s, struct sent *sent, seq_t ack)
{
    s->isn = seq_sub(ack, 1);
    s->isn_known = true;
    stream_learn_una(s, ack);
    sent_begin(sent, ack, 0);
}

void stream_close(struct stream *s, uint32_t data)
{
    s->fin_sent = true;
    s->fin_data = data <= PADDING_MAX ? data & 7u : 0;
}

void stream_unpad(struct stream *s, struct sent *sent)
{
    sent_trim(sent, s->fin_data);
    s->fin_data = 0;
    s->padded = true;
}

void stream_fin_acknowledged(struct stream *s, seq_t at)
{
    s->fin_acked_at = at;
}

void stream_deny_padding(struct stream *s)
{
    s->padded = true;
}

void stream_send_ack(struct stream *s, seq_t ack, bool whole)
{
    if (s->acks_seen == 0) {
        s->acks_seen = whole ? 1 : ACKS_SEEN_MANY;
    } else if (!seq_equal(s->last_ack, ack) && s->acks_seen < ACKS_SEEN_MANY) {
        s->acks_seen++;
    }
    s->last_ack = ack;
}

void stream_send_sack(struct stream *s, const struct segment *seg)
{
    seq_t edge = seg->ack;
    for (unsigned i = 0; i < seg->sack_blocks; i++) {
        edge = seq_max(edge, seg->sack[i].right);
    }
    s->has_sack_edge = seq_after(edge, seg->ack);
    s->sack_edge = s->has_sack_edge ? edge : seq_of(0);
}

void stream_speak(struct stream *s)
{
    s->spoke = true;
}

void stream_offer(struct stream *s, uint16_t window)
{
    s->window = window;
}

void stream_offer_largest(struct stream *s, const struct segment *seg)
{
    /* The window of a SYN isn't scaled; rounded up, it is kept as if it were. */
    uint16_t window = !seg->has_scale ? seg->window
                                      : (uint16_t)((seg->window + (1u << seg->scale) - 1) >> seg->scale);
    s->max_window = window > s->max_window ? window : s->max_window;
    if (!(seg->flags & FLAG_SYN)) {
        s->offers_more = true;
    }
}

void stream_offer_right(struct stream *s, seq_t right)
{
    s->right = s->right_known ? seq_max(s->right, right) : right;
    s->right_known = true;
}

void stream_forget(struct stream *s)
{
    *s = (struct stream){0};
}

void stream_inherit(struct stream *s, const struct stream *old)
{
    *s = *old;
    s->rewritten = false;
    s->spoke = false;
    s->fin_sent = false; /* it is no step of the new connection; the state tells of it */
}

const char *stream_check(const struct stream *s, const struct sent *sent)
{
    if (s->syn_sent && !s->isn_known) {
        return "stream: a SYN without an ISN";
    }
    if (s->syn_ack_sent && !s->syn_sent) {
        return "stream: a SYN-ACK that is no SYN";
    }
    if (s->isn_known && !sent->nxt_known) {
        return "stream: an ISN, but no SND.NXT";
    }
    if (s->has_acked_unseen && !seq_before(sent->nxt, s->acked_unseen)) {
        return "stream: SND.NXT < what was acknowledged unseen";
    }
    if (sent->nxt_known && s->una_known && seq_after(s->una, sent->nxt)) {
        return "stream: SND.UNA <= SND.NXT";
    }
    if (s->has_other_isn && !s->syn_sent) {
        return "stream: two ISNs, but no SYN";
    }
    if (!s->has_sack_edge && s->sack_edge.n != 0) {
        return "stream: an edge of no SACK block";
    }
    if (s->acks_seen == 0 && s->right_known) {
        return "stream: a right edge without an ACK";
    }
    return NULL;
}
