/* plain.c - see plain.h
 *
 * Each condition names what would need the stages; plain_take() follows apply(), in its order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "plain/plain.h"

#include "tell/tell.h"

/* --- is there nothing to doubt? --- */

/* Open, all that it sent was captured, and nobody doubts its numbers. */
static bool is_calm(const struct end *end)
{
    const struct stream *stream = &end->stream;
    const struct belief *belief = &end->belief;
    return belief->expected == ESTABLISHED && !belief->from_previous && belief->aside == CLOSED &&
           end->sent.nxt_known && end->sent.gaps == 0 && stream->una_known && !stream->fin_sent &&
           stream->fin_data == 0 && !stream->has_acked_unseen && !stream->has_other_isn &&
           !stream->suspect_rewrite && !stream->has_sack_edge && !end->attempts.answer_due && end->path.known;
}

/* Past the handshake, before any FIN, and with nobody to challenge. */
static bool is_under_way(const struct connection *c)
{
    const struct dialogue *d = &c->dialogue;
    return d->begun && d->complete && !d->multipath && !d->challenge_expected &&
           (d->steps & STEPS_OF_TEARDOWN) == 0 && !c->lineage.ambiguous;
}

/* Where a SYN was captured, so was step 3, and no state rests on anything else. */
static bool is_opened(const struct connection *c)
{
    const struct end *a = &c->end[0], *b = &c->end[1];
    bool opening = a->stream.syn_sent || b->stream.syn_sent;
    return !opening || ((c->dialogue.steps & STEP_ACK) && !a->belief.assumed && !b->belief.assumed);
}

bool plain_is_calm(const struct connection *c)
{
    return is_calm(&c->end[0]) && is_calm(&c->end[1]) && is_under_way(c) && is_opened(c);
}

/* --- what it moves --- */

static void send_data(struct end *s, const struct segment *seg)
{
    if (seq_equal(s->stream.una, s->sent.nxt)) {
        attempts_start(&s->attempts, seg->time, false);
    }
    stream_extend(&s->stream, &s->sent, seg);
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
    stream_settle(&s->stream, &s->sent); /* without data, too: a RST of before may have moved SND.NXT far */
    stream_take_timestamp(&s->stream, seg);
    stream_send_ack(&s->stream, seg->ack, whole);
    acknowledge(p, seg->ack);
    offer(c, s, seg);
    end_probing(&s->attempts);
    end_probing(&p->attempts);
    path_follow(&s->path, seg, true);
    dialogue_remember(&c->dialogue, seg, false);
}

void plain_take(const struct routing *routing, const struct segment *seg, struct observation *o)
{
    struct connection *c = routing->c;
    const struct end *s = &c->end[seg->from];
    uint32_t from_frame = s->sent.nxt_frame;
    take(c, seg);
    if (!s->stream.una_known) {
        dialogue_calm(&c->dialogue, false);
    }
    tell_plain(o, routing, seg, from_frame);
}
