/* incarnation.c - see incarnation.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "incarnation.h"

/* How far beyond the last number a segment still counts as one of the same connection. */
#define STRAY_REACH (1 << 20)

static bool is_syn(const struct segment *seg)
{
    return (seg->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == FLAG_SYN;
}

static bool is_syn_ack(const struct segment *seg)
{
    return (seg->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == (FLAG_SYN | FLAG_ACK);
}

static bool is_gone(const struct end *end)
{
    return end->shown == CLOSED || end->shown == LISTEN || end->shown == TIME_WAIT;
}

bool incarnation_is_over(const struct connection *c)
{
    return is_gone(&c->end[0]) && is_gone(&c->end[1]);
}

/* Has anybody answered this connection's SYN as its own? */
static bool is_confirmed(const struct connection *c, unsigned server)
{
    const struct end *client = &c->end[!server], *other = &c->end[server];
    return c->complete || (!other->inherited && other->syn_sent && client->syn_sent) ||
           (client->syn_sent && client->una_known && seq_after(client->una, client->isn));
}

static bool fits(const struct end *end, seq_t seq)
{
    return end->nxt_known && seq_between(seq, seq_sub(end->nxt, STRAY_REACH), seq_add(end->nxt, STRAY_REACH));
}

/* Near what it sent, or what the peer acknowledged of it. */
static bool fits_ack(const struct end *end, seq_t ack)
{
    return fits(end, ack) || (end->una_known && seq_between(ack, seq_sub(end->una, STRAY_REACH),
                                                            seq_add(end->una, STRAY_REACH)));
}

/* While a new SYN stands unanswered in a live connection: does the segment carry on the old one? */
static bool continues_previous(const struct connection *c, const struct connection *before,
                               const struct segment *seg)
{
    unsigned from = seg->from, client = c->client;
    if (!before || !c->contested || (is_confirmed(c, !client) && !c->joined_late)) {
        return false;
    }
    if (!c->end[client]
             .syn_sent) { /* a SYN-ACK stands alone: either end shows by its number which one it means */
        return !is_syn(seg) && !is_syn_ack(seg) && fits(&before->end[from], seg->seq) &&
               !fits(&c->end[from], seg->seq);
    }
    bool has_ack = (seg->flags & FLAG_ACK) != 0;
    bool acks_new = has_ack && c->end[client].isn_known && from != client &&
                    seq_between(seg->ack, seq_add(c->end[client].isn, 1), c->end[client].nxt);
    if (acks_new || is_syn(seg) || is_syn_ack(seg)) {
        return false;
    }
    if (from != client) { /* the first pure ACK is the challenge to the new SYN; data belongs to the old */
        bool challenges = c->provoked && c->last_from == client;
        return seg->data > 0 || ((seg->flags & (FLAG_FIN | FLAG_RST)) != 0) || !challenges;
    }
    if (seg->flags & FLAG_RST) {
        return false; /* it answers the challenge */
    }
    return fits_ack(&before->end[from], seg->seq) && !seq_equal(seg->seq, seq_add(c->end[from].isn, 1));
}

static bool syn_begins(const struct connection *c, const struct segment *seg)
{
    const struct end *s = &c->end[seg->from], *p = &c->end[!seg->from];
    if (s->isn_known && seq_equal(s->isn, seg->seq) && !s->isn_far) {
        return false; /* a repeat, or captured behind its SYN-ACK */
    }
    if (!s->syn_sent && s->isn_known && seq_equal(segment_end(seg), seq_add(s->isn, 1))) {
        return false; /* the same with data, which the SYN-ACK acknowledged, too */
    }
    bool embryonic = !c->complete && !c->joined_late;
    bool crossing = embryonic && !s->syn_sent && p->syn_sent && !p->syn_acks && p->shown != CLOSED &&
                    !c->contested;
    return !crossing;
}

static bool syn_ack_begins(const struct connection *c, const struct segment *seg)
{
    const struct end *s = &c->end[seg->from], *p = &c->end[!seg->from];
    if (s->syn_sent && !s->inherited && seq_equal(s->isn, seg->seq)) {
        return false;
    }
    if (p->syn_sent && seq_between(seg->ack, seq_add(p->isn, 1), p->nxt)) {
        return incarnation_is_over(c) && c->complete;
    }
    return incarnation_is_over(c) || c->complete || s->fin_sent;
}

/* Neither number has anything to do with this connection: it is another one, whose opening was not captured.
 * OBSERVER: a blind forger's segment may be one, too, but no connection suffers from it. */
static bool stranger_begins(const struct connection *c, const struct connection *before,
                            const struct segment *seg)
{
    if (before && fits(&before->end[seg->from], seg->seq) &&
        !seq_after(seg->seq, before->end[seg->from].nxt)) {
        return false; /* a delayed segment of the connection before */
    }
    const struct end *s = &c->end[seg->from], *p = &c->end[!seg->from];
    bool behind_both = (seg->flags & (FLAG_ACK | FLAG_RST)) == FLAG_ACK && s->nxt_known &&
                       seq_after(seg->seq, s->nxt) && p->nxt_known && seq_after(seg->ack, p->nxt);
    if (behind_both && c->complete && s->fin_sent && (p->fin_sent || incarnation_is_over(c))) {
        return true; /* nobody sends behind both ends: the next connection's numbers are often near */
    }
    bool seq_strange = s->nxt_known && !fits(s, seg->seq), has_ack = (seg->flags & FLAG_ACK) != 0;
    bool ack_strange = (p->nxt_known || p->una_known) && !fits_ack(p, seg->ack);
    if (!has_ack) {
        return incarnation_is_over(c) && seq_strange && !(seg->flags & FLAG_RST);
    }
    return seq_strange && ack_strange && (c->complete || incarnation_is_over(c)) &&
           !c->end[c->client].inherited && !(c->contested && c->previous && !c->complete);
}

static bool begins(const struct connection *c, const struct connection *before, const struct segment *seg)
{
    if (is_syn(seg)) {
        return syn_begins(c, seg);
    }
    return is_syn_ack(seg) ? syn_ack_begins(c, seg) : stranger_begins(c, before, seg);
}

/* Who assumes the role of the client if no SYN tells: the higher port. */
static unsigned assumed_client(const struct segment *seg)
{
    bool sender = seg->source_port >= seg->destination_port;
    return sender ? seg->from : !seg->from;
}

bool incarnation_waits(const struct end *end, int64_t now, int64_t time_wait)
{
    return end->shown == TIME_WAIT && (end->since == NO_TIME || now - end->since <= time_wait);
}

static void begin_by_syn(struct connection *c, const struct connection *before, const struct segment *seg,
                         int64_t time_wait)
{
    struct end *s = &c->end[seg->from], *p = &c->end[!seg->from];
    c->client = seg->from & 1u;
    s->held = CLOSED;
    p->held = LISTEN;
    if (!before) {
        return;
    }
    const struct end *old_s = &before->end[seg->from], *old_p = &before->end[!seg->from];
    if (incarnation_waits(old_s, seg->time, time_wait)) {
        s->held = TIME_WAIT;
        s->since = old_s->since;
    }
    bool expired = old_p->shown == TIME_WAIT && !incarnation_waits(old_p, seg->time, time_wait);
    bool embryonic = old_p->shown == SYN_RECEIVED && !old_p->syn_sent;
    if (old_p->shown == CLOSED || old_p->shown == LISTEN || old_p->shown == SYN_SENT ||
        old_p->shown == UNKNOWN || expired || embryonic) {
        return;
    }
    *p = *old_p; /* the new SYN finds the old connection there */
    p->inherited = true;
    p->muted = p->assumed = p->answer_due = p->probed = false;
    p->fin_sent = false; /* it is no step of this connection; its state tells of it */
    p->held = old_p->inherited ? old_p->held
                               : old_p->shown; /* what was only presumed of an heir doesn't pass on */
    p->pending = 0;
    p->received &= (uint8_t)~FACT(FACT_SYN);
    p->tries = 0;
    c->contested = old_p->shown != TIME_WAIT;
    if (old_p->shown == SYN_RECEIVED) { /* a handshake that was given up, or an old duplicate's */
        c->contested = true;
    }
}

struct connection *incarnation_at(const struct observer *observer, uint32_t number)
{
    return number ? observer->connection(observer->context, number - 1) : NULL;
}

static uint32_t begin(uint32_t *newest, const struct segment *seg, struct observer *observer)
{
    struct connection *c = observer->connection(observer->context, observer->connections);
    if (!c) {
        return 0;
    }
    const struct connection *before = incarnation_at(observer, *newest);
    c->previous = *newest;
    *newest = ++observer->connections;
    c->end[0].since = c->end[1].since = NO_TIME;
    c->end[0].held = c->end[1].held = UNKNOWN;
    if (is_syn(seg)) {
        begin_by_syn(c, before, seg, observer->time_wait);
    } else if (is_syn_ack(seg)) {
        c->client = !seg->from;
        c->end[!seg->from].held = SYN_SENT;
        c->end[!seg->from].assumed = true;
        c->contested = before && !incarnation_is_over(before);
    } else {
        c->client = assumed_client(seg) & 1u;
        c->joined_late = c->complete = true;
        c->contested = before && !incarnation_is_over(before);
        c->end[0].assumed = c->end[1].assumed = true;
    }
    c->end[0].shown = c->end[0].held;
    c->end[1].shown = c->end[1].held;
    return *newest;
}

/* An old duplicate SYN came between a handshake and its answer: does the segment go on with that
 * handshake? Then it becomes the newest again. */
static bool returns_to_previous(const struct connection *c, const struct connection *before,
                                const struct segment *seg)
{
    if (!before || before->complete || c->complete) {
        return false;
    }
    if (is_syn(seg)) {
        const struct end *here = &c->end[seg->from], *there = &before->end[seg->from];
        return there->syn_sent && seq_equal(there->isn, seg->seq) && !seq_equal(here->isn, seg->seq);
    }
    const struct end *here = &c->end[!seg->from], *there = &before->end[!seg->from];
    return is_syn_ack(seg) && there->syn_sent && there->shown == SYN_SENT &&
           seq_between(seg->ack, seq_add(there->isn, 1), there->nxt) &&
           !(here->isn_known && seq_between(seg->ack, seq_add(here->isn, 1), here->nxt));
}

static uint32_t return_to_previous(uint32_t *newest, struct connection *between, struct connection *before)
{
    uint32_t number = between->previous;
    between->previous = before->previous;
    before->previous = *newest;
    *newest = number;
    return number;
}

uint32_t incarnation_of(uint32_t *newest, const struct segment *seg, struct observer *observer)
{
    struct connection *c = incarnation_at(observer, *newest);
    if (!c) {
        return begin(newest, seg, observer);
    }
    struct connection *before = incarnation_at(observer, c->previous);
    if (continues_previous(c, before, seg)) {
        return c->previous;
    }
    if (returns_to_previous(c, before, seg)) {
        return return_to_previous(newest, c, before);
    }
    return begins(c, before, seg) ? begin(newest, seg, observer) : *newest;
}
