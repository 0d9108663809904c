/* plain.c - see plain.h
 *
 * Each condition names what would need the stages; plain_take() follows apply(), in its order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "plain/plain.h"

#include "tell/tell.h"

/* --- is it one? --- */

/* Open, all that it sent was captured, and nobody doubts its numbers. */
static bool is_open(const struct end *end)
{
    const struct stream *stream = &end->stream;
    const struct belief *belief = &end->belief;
    return belief->expected == ESTABLISHED && !belief->from_previous && end->sent.nxt_known &&
           end->sent.gaps == 0 && stream->una_known && !stream->fin_sent && stream->fin_data == 0 &&
           !stream->has_acked_unseen && !stream->has_other_isn && !stream->suspect_rewrite;
}

/* Past the handshake, before any FIN, and with nobody to challenge. */
static bool is_under_way(const struct connection *c)
{
    const struct dialogue *d = &c->dialogue;
    return d->begun && d->complete && !d->multipath && !d->challenge_expected &&
           (d->steps & STEPS_OF_TEARDOWN) == 0 && c->lineage.previous == 0 && !c->lineage.ambiguous;
}

/* Where a SYN was captured, so was step 3, and the segment shows nothing of the states that isn't proven. */
static bool shows_nothing(const struct connection *c, const struct end *s, const struct end *p)
{
    bool opening = s->stream.syn_sent || p->stream.syn_sent;
    return s->belief.presumed == 0 && s->belief.aside == CLOSED && !s->attempts.answer_due &&
           (!opening || (!s->belief.assumed && (c->dialogue.steps & STEP_ACK)));
}

/* It acknowledges all that the peer sent, or more than before. */
static bool acks_usual(const struct end *p, seq_t ack)
{
    return seq_equal(ack, p->sent.nxt) || (seq_before(ack, p->sent.nxt) && seq_after(ack, p->stream.una));
}

bool plain_is(const struct connection *c, const struct segment *seg)
{
    const unsigned flags = FLAG_SYN | FLAG_FIN | FLAG_RST | FLAG_ACK;
    const struct end *s = &c->end[seg->from], *p = &c->end[!seg->from];
    bool ordinary = (seg->flags & flags) == FLAG_ACK && seg->length_known && seg->sack_blocks == 0;
    return ordinary && seq_equal(seg->seq, s->sent.nxt) && is_under_way(c) && is_open(s) && is_open(p) &&
           acks_usual(p, seg->ack) && shows_nothing(c, s, p) && p->stream.window != 0 &&
           !s->stream.has_sack_edge && s->path.known && s->path.folded == path_fold(seg->path);
}

/* --- what it moves --- */

static void send_data(struct end *s, const struct segment *seg)
{
    if (seq_equal(s->stream.una, s->sent.nxt)) {
        attempts_start(&s->attempts, seg->time, false);
    }
    stream_extend(&s->stream, &s->sent, seg);
    stream_settle(&s->stream, &s->sent);
    attempts_lose_data(&s->attempts, false);
}

static void acknowledge(struct end *p, seq_t ack)
{
    enum raised raised = stream_acknowledged(&p->stream, &p->sent, ack);
    if (raised != RAISED_NOTHING) {
        attempts_acknowledged(&p->attempts, raised == RAISED_ALL);
    }
    if (seq_equal(ack, p->sent.nxt)) {
        sent_cover(&p->sent);
    }
}

static void offer(const struct connection *c, struct end *s, const struct segment *seg)
{
    stream_offer(&s->stream, seg->window);
    stream_offer_largest(&s->stream, seg);
    if (scale_is_known(c)) {
        stream_offer_right(&s->stream, seq_add(seg->ack, (uint32_t)seg->window << scale_of(c, s)));
    }
}

static void end_probing(struct attempts *attempts)
{
    attempts_probe(attempts, false);
    if (attempts->tried == TIMER_KEEPALIVE) {
        attempts_end_series(attempts);
    }
}

static void take(struct connection *c, const struct segment *seg)
{
    struct end *s = &c->end[seg->from], *p = &c->end[!seg->from];
    bool whole = p->stream.syn_sent && c->end[c->lineage.client].stream.syn_sent;
    stream_speak(&s->stream);
    if (seg->data > 0) {
        send_data(s, seg);
    }
    stream_take_timestamp(&s->stream, seg);
    stream_send_ack(&s->stream, seg->ack, whole);
    acknowledge(p, seg->ack);
    offer(c, s, seg);
    end_probing(&s->attempts);
    end_probing(&p->attempts);
    path_follow(&s->path, seg, true);
    dialogue_remember(&c->dialogue, seg, false);
}

/* What judge() would say. */
static struct judgment judgment_of(const struct connection *c, const struct segment *seg)
{
    const struct end *s = &c->end[seg->from], *p = &c->end[!seg->from];
    bool all = seq_equal(seg->ack, p->sent.nxt);
    return (struct judgment){
        .seq_verdict = SEQ_IN_ORDER,
        .seq_rule = SEQ_RULE_in_order,
        .ack_verdict = all ? ACK_CURRENT : ACK_PARTIAL,
        .ack_rule = all ? ACK_RULE_current : ACK_RULE_partial,
        .acceptable = true,
        .peer_before = ESTABLISHED,
        .next = {true, s->sent.nxt, s->sent.nxt_frame},
        .due = end_next_due(p),
    };
}

void plain_take(const struct routing *routing, const struct segment *seg, struct observation *o)
{
    struct connection *c = routing->c;
    const struct judgment j = judgment_of(c, seg);
    take(c, seg);
    tell_plain(o, routing, seg, &j);
}
