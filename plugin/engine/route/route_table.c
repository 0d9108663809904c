/* route_table.c - which row of route.def applies to a segment?
 *
 * What the numbers fit are predicates here, what the newest connection is those of newest.h; the rows name
 * them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "route/route_table.h"

#include "route/newest.h"
#include "thresholds.h"

/* Kinds of segments; a RST is one whatever else it carries. */
enum kind {
    SYN = 1 << 0,
    SYN_ACK = 1 << 1,
    RST = 1 << 2,
    RST_ACK = 1 << 3,
    SEGMENT = 1 << 4,
    BARE = 1 << 5,
    NO_SYN = RST | RST_ACK | SEGMENT | BARE,
    ANY = NO_SYN | SYN | SYN_ACK,
};

static enum kind kind_of(const struct segment *seg)
{
    static const enum kind kinds[2][2][2] = {{{BARE, RST}, {SYN, RST}},
                                             {{SEGMENT, RST_ACK}, {SYN_ACK, RST_ACK}}};
    return kinds[(seg->flags & FLAG_ACK) != 0][(seg->flags & FLAG_SYN) != 0][segment_is_rst(seg)];
}

/* --- what the numbers fit --- */

static bool fits_anyhow(const struct route_ctx *x)
{
    (void)x;
    return true;
}

static bool is_near(seq_t number, seq_t reached)
{
    return seq_between(number, seq_sub(reached, STRAY_REACH), seq_add(reached, STRAY_REACH));
}

static bool fits(const struct end *end, seq_t seq)
{
    return end->sent.nxt_known && is_near(seq, end->sent.nxt);
}

/* Near what it sent, or what the peer acknowledged of it. */
static bool fits_ack(const struct end *end, seq_t ack)
{
    return fits(end, ack) || (end->stream.una_known && is_near(ack, end->stream.una));
}

static bool is_in_syn(const struct end *end, seq_t ack)
{
    return seq_between(ack, seq_add(end->stream.isn, 1), end->sent.nxt);
}

static bool from_client(const struct route_ctx *x)
{
    return x->seg->from == x->c->lineage.client;
}

static bool fits_previous_alone(const struct route_ctx *x)
{
    return fits(&x->before->end[x->seg->from], x->seg->seq) && !fits(x->s, x->seg->seq);
}

static bool has_strange_seq(const struct route_ctx *x)
{
    return x->s->sent.nxt_known && !fits(x->s, x->seg->seq);
}

static bool has_strange_ack(const struct route_ctx *x)
{
    return (x->seg->flags & FLAG_ACK) != 0 && x->p->sent.nxt_known && !fits_ack(x->p, x->seg->ack);
}

/* Both numbers fit the connection before, and one of them has nothing to do with this one. */
static bool fits_previous_exactly(const struct route_ctx *x)
{
    const struct end *s = &x->before->end[x->seg->from], *p = &x->before->end[!x->seg->from];
    bool behind_fin = s->stream.fin_sent && seq_after(x->seg->seq, s->sent.nxt);
    return (has_strange_seq(x) || has_strange_ack(x)) && fits(s, x->seg->seq) && !behind_fin &&
           (!(x->seg->flags & FLAG_ACK) || fits_ack(p, x->seg->ack));
}

/* A RST without ACK may fit both. */
static bool is_at_previous_edge(const struct route_ctx *x)
{
    const struct sent *there = &x->before->end[x->seg->from].sent;
    return there->nxt_known && seq_equal(x->seg->seq, there->nxt);
}

static bool repeats_previous_answer(const struct route_ctx *x)
{
    const struct stream *there = &x->before->end[x->seg->from].stream;
    return there->syn_ack_sent && seq_equal(there->isn, x->seg->seq) && fits_previous_exactly(x);
}

static bool acks_new_syn(const struct route_ctx *x)
{
    return !from_client(x) && is_in_syn(x->p, x->seg->ack);
}

/* The first pure ACK is the challenge to the new SYN; data belongs to the old connection. */
static bool goes_on_as_server(const struct route_ctx *x)
{
    const struct dialogue *d = &x->c->dialogue;
    bool challenges = d->challenge_expected && d->last_from == x->c->lineage.client;
    return !from_client(x) &&
           (!challenges || x->seg->data > 0 || (x->seg->flags & (FLAG_FIN | FLAG_RST)) != 0);
}

/* Its RST without ACK would answer the challenge; with one, that has to fit, too. */
static bool goes_on_as_client(const struct route_ctx *x)
{
    const struct end *s = &x->before->end[x->seg->from], *p = &x->before->end[!x->seg->from];
    return from_client(x) && fits_ack(s, x->seg->seq) &&
           (!segment_is_rst(x->seg) || fits_ack(p, x->seg->ack)) &&
           !seq_equal(x->seg->seq, seq_add(x->s->stream.isn, 1));
}

static bool repeats_previous_syn(const struct route_ctx *x)
{
    const struct stream *there = &x->before->end[x->seg->from].stream;
    return there->syn_sent && seq_equal(there->isn, x->seg->seq) && !seq_equal(x->s->stream.isn, x->seg->seq);
}

static bool acks_previous_syn(const struct route_ctx *x)
{
    const struct end *there = &x->before->end[!x->seg->from];
    return there->stream.syn_sent && there->belief.expected == SYN_SENT && is_in_syn(there, x->seg->ack) &&
           !(x->p->stream.isn_known && is_in_syn(x->p, x->seg->ack));
}

/* The third step of the SYN before, exactly; its SYN-ACK was not captured. */
static bool opens_previous(const struct route_ctx *x)
{
    const struct end *there = &x->before->end[x->seg->from], *here = x->s;
    return there->stream.syn_sent && there->belief.expected == SYN_SENT && here->stream.syn_sent &&
           seq_equal(x->seg->seq, seq_add(there->stream.isn, 1)) &&
           !seq_equal(x->seg->seq, seq_add(here->stream.isn, 1));
}

static bool repeats_isn_at_all(const struct route_ctx *x)
{
    return seq_equal(x->s->stream.isn, x->seg->seq);
}

/* A repeat, or captured behind its SYN-ACK. */
static bool repeats_isn(const struct route_ctx *x)
{
    return x->s->stream.isn_known && repeats_isn_at_all(x) && !x->s->stream.isn_far;
}

/* The same with data, which the SYN-ACK acknowledged, too. */
static bool ends_where_answered(const struct route_ctx *x)
{
    return x->s->stream.isn_known && seq_equal(segment_end(x->seg), seq_add(x->s->stream.isn, 1));
}

static bool acks_syn(const struct route_ctx *x)
{
    return x->p->stream.syn_sent && is_in_syn(x->p, x->seg->ack);
}

static bool acks_old_number(const struct route_ctx *x)
{
    const struct end *p = x->p;
    return (p->stream.syn_sent && seq_equal(x->seg->ack, seq_add(p->stream.isn, 1))) ||
           (p->sent.nxt_known && seq_equal(x->seg->ack, p->sent.nxt));
}

/* A delayed segment of the connection before. */
static bool fits_behind_previous(const struct route_ctx *x)
{
    const struct end *old = &x->before->end[x->seg->from];
    return fits(old, x->seg->seq) && !seq_after(x->seg->seq, old->sent.nxt);
}

/* Nobody sends behind its FIN, and behind all that the peer sent or, if that wasn't captured, behind all that
 * it has acknowledged itself: the next connection's numbers are often near. */
static bool lies_behind_both(const struct route_ctx *x)
{
    const struct sent *s = &x->s->sent, *p = &x->p->sent;
    const struct stream *acked = &x->p->stream;
    bool behind_peer = p->nxt_known ? seq_after(x->seg->ack, p->nxt)
                                    : acked->una_known && seq_after(x->seg->ack, acked->una);
    return s->nxt_known && seq_after(x->seg->seq, s->nxt) && behind_peer;
}

/* From its first number to what it sent last: where a capture shows late what was sent long ago. */
static bool was_sent(const struct end *end, seq_t number)
{
    return end->stream.isn_known && !end->stream.isn_far && end->sent.nxt_known &&
           seq_between(number, end->stream.isn, end->sent.nxt);
}

/* Far from what both have reached, and not from the newest's own past. */
static bool has_strange_numbers(const struct route_ctx *x)
{
    bool known = x->p->sent.nxt_known || x->p->stream.una_known;
    return has_strange_seq(x) && known && !fits_ack(x->p, x->seg->ack) &&
           !(was_sent(x->s, x->seg->seq) && was_sent(x->p, x->seg->ack));
}

/* --- the table --- */

enum route_id route_of(const struct route_ctx *x, enum route_goal *goal)
{
    enum kind kind = kind_of(x->seg);
#define ROUTE(name, kinds, newest, numbers, where, section) \
    if ((kind & (kinds)) != 0 && newest(x) && numbers(x)) { \
        *goal = where;                                      \
        return ROUTE_##name;                                \
    }
#include "route/route.def"
#undef ROUTE
    return ROUTE_NONE; /* the last row applies to all */
}

const char *route_name(enum route_id route)
{
    static const char *const names[ROUTE_COUNT] = {
        [ROUTE_NONE] = "none",
        [ROUTE_COPY_OF_PREVIOUS] = "copy_of_previous",
        [ROUTE_COPY_OF_NEWEST] = "copy_of_newest",
#define ROUTE(name, kinds, newest, numbers, where, section) [ROUTE_##name] = #name,
#include "route/route.def"
#undef ROUTE
    };
    return route < ROUTE_COUNT ? names[route] : NULL;
}
