/* route.c - see route.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "route/route.h"

#include "route/copies.h"
#include "route/inherit.h"
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

enum goal { NEWEST, PREVIOUS, RETURN, BEGIN };

struct route_ctx {
    const struct connection *c;      /* the newest, or NULL */
    const struct connection *before; /* the one before it, or NULL */
    const struct segment *seg;
    const struct end *s, *p; /* of the newest: the segment's sender, its peer */
};

static enum kind kind_of(const struct segment *seg)
{
    static const enum kind kinds[2][2][2] = {{{BARE, RST}, {SYN, RST}},
                                             {{SEGMENT, RST_ACK}, {SYN_ACK, RST_ACK}}};
    return kinds[(seg->flags & FLAG_ACK) != 0][(seg->flags & FLAG_SYN) != 0][segment_is_rst(seg)];
}

/* --- what the newest is --- */

static bool is_none(const struct route_ctx *x)
{
    return !x->c;
}

static bool is_any(const struct route_ctx *x)
{
    (void)x;
    return true;
}

/* Has anybody answered this connection's SYN as its own? */
static bool is_confirmed(const struct connection *c)
{
    const struct end *client = &c->end[c->lineage.client], *server = &c->end[!c->lineage.client];
    const struct stream *syn = &client->stream;
    return c->dialogue.complete ||
           (syn->syn_sent && ((!server->belief.from_previous && server->stream.syn_sent) ||
                              (syn->una_known && seq_after(syn->una, syn->isn))));
}

static bool is_doubted(const struct route_ctx *x)
{
    return x->before && x->c->lineage.ambiguous && (!is_confirmed(x->c) || x->c->lineage.joined_late);
}

static bool has_client_syn(const struct route_ctx *x)
{
    return x->c->end[x->c->lineage.client].stream.syn_sent;
}

/* In a live connection, and begun by a SYN-ACK or later: either end shows by its number which one it means. */
static bool is_doubted_answer(const struct route_ctx *x)
{
    return is_doubted(x) && !has_client_syn(x);
}

static bool is_doubted_syn(const struct route_ctx *x)
{
    return is_doubted(x) && has_client_syn(x);
}

static bool is_second_opening(const struct route_ctx *x)
{
    return x->before && !x->before->dialogue.complete && !x->c->dialogue.complete;
}

static bool lacks_sender_syn(const struct route_ctx *x)
{
    return !x->s->stream.syn_sent;
}

static bool awaits_answer(const struct route_ctx *x)
{
    return !x->c->dialogue.complete && !x->s->stream.syn_sent && x->p->stream.syn_sent &&
           !x->p->stream.syn_ack_sent && x->p->belief.expected != CLOSED && !x->c->lineage.ambiguous;
}

static bool is_answered(const struct route_ctx *x)
{
    return x->s->stream.syn_sent && !x->s->belief.from_previous;
}

static bool is_over(const struct route_ctx *x)
{
    return connection_is_over(x->c);
}

static bool is_complete_over(const struct route_ctx *x)
{
    return is_over(x) && x->c->dialogue.complete;
}

static bool is_beyond_opening(const struct route_ctx *x)
{
    return is_over(x) || x->c->dialogue.complete || x->s->stream.fin_sent;
}

static bool has_previous(const struct route_ctx *x)
{
    return x->before != NULL;
}

static bool is_closing(const struct route_ctx *x)
{
    return x->c->dialogue.complete && x->s->stream.fin_sent && (x->p->stream.fin_sent || is_over(x));
}

/* What follows on these ports can be told from it. */
static bool is_settled(const struct route_ctx *x)
{
    const struct connection *c = x->c;
    bool doubted = c->lineage.ambiguous && c->lineage.previous && !c->dialogue.complete;
    return (c->dialogue.complete || is_over(x)) && !c->end[c->lineage.client].belief.from_previous &&
           !doubted;
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

/* Its RST would answer the challenge. */
static bool goes_on_as_client(const struct route_ctx *x)
{
    return from_client(x) && fits_ack(&x->before->end[x->seg->from], x->seg->seq) &&
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

/* A delayed segment of the connection before. */
static bool fits_behind_previous(const struct route_ctx *x)
{
    const struct end *old = &x->before->end[x->seg->from];
    return fits(old, x->seg->seq) && !seq_after(x->seg->seq, old->sent.nxt);
}

/* Nobody sends behind both ends: the next connection's numbers are often near. */
static bool lies_behind_both(const struct route_ctx *x)
{
    const struct sent *s = &x->s->sent, *p = &x->p->sent;
    return s->nxt_known && seq_after(x->seg->seq, s->nxt) && p->nxt_known && seq_after(x->seg->ack, p->nxt);
}

static bool has_strange_seq(const struct route_ctx *x)
{
    return x->s->sent.nxt_known && !fits(x->s, x->seg->seq);
}

static bool has_strange_numbers(const struct route_ctx *x)
{
    bool known = x->p->sent.nxt_known || x->p->stream.una_known;
    return has_strange_seq(x) && known && !fits_ack(x->p, x->seg->ack);
}

/* --- the table --- */

static enum route_id route_of(const struct route_ctx *x, enum goal *goal)
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

static struct connection *connection_at(const struct observer *observer, uint32_t number)
{
    return number ? observer->connection(observer->context, number - 1) : NULL;
}

/* The one before becomes the newest again. */
static void return_to(struct routing *r, struct connection *c, struct connection *before)
{
    uint32_t number = c->lineage.previous;
    lineage_relink(&c->lineage, before->lineage.previous);
    lineage_relink(&before->lineage, r->newest);
    r->newest = r->number = number;
    r->c = before;
}

static void begin(struct routing *r, const struct connection *before, const struct segment *seg,
                  struct observer *observer)
{
    r->c = observer->connection(observer->context, observer->connections);
    r->number = 0;
    if (r->c) {
        inherit_begin(r->c, r->newest, before, seg, observer->time_wait);
        r->number = r->newest = ++observer->connections;
    }
}

/* The newest connection is r->c, or none. */
static void follow(struct routing *r, const struct segment *seg, struct observer *observer)
{
    struct connection *c = r->c;
    struct connection *before = c ? connection_at(observer, c->lineage.previous) : NULL;
    struct route_ctx x = {c, before, seg, c ? &c->end[seg->from] : NULL, c ? &c->end[!seg->from] : NULL};
    enum goal goal = NEWEST;
    r->route = route_of(&x, &goal);
    r->previous = before;
    switch (goal) {
    case BEGIN:
        begin(r, c, seg, observer);
        r->previous = c;
        break;
    case PREVIOUS:
        r->number = c->lineage.previous;
        r->c = before;
        break;
    case RETURN: return_to(r, c, before); break;
    default: break;
    }
    if (goal == PREVIOUS || goal == RETURN) {
        r->previous = connection_at(observer, before->lineage.previous);
    }
}

/* A copy goes where the first went: one that began a connection would do so again. */
static bool is_copy_in(const struct observer *observer, uint32_t number, const struct segment *seg)
{
    const struct connection *c = connection_at(observer, number);
    return c && copies_know(observer, number - 1, &c->end[seg->from].path, seg);
}

static void go(struct routing *r, const struct observer *observer, uint32_t number, enum route_id route)
{
    r->number = number;
    r->route = route;
    r->c = connection_at(observer, number);
    r->previous = r->c ? connection_at(observer, r->c->lineage.previous) : NULL;
}

static void find(struct routing *r, const struct segment *seg, struct observer *observer)
{
    uint32_t newest = r->newest, previous;
    r->c = connection_at(observer, newest);
    previous = r->c ? r->c->lineage.previous : 0;
    if (previous && (seg->flags & FLAG_SYN) && is_copy_in(observer, previous, seg)) {
        go(r, observer, previous, ROUTE_COPY_OF_PREVIOUS);
    } else if (!seg->usable) {
        go(r, observer, newest, ROUTE_NONE);
    } else {
        follow(r, seg, observer);
        if (r->number != r->newest && is_copy_in(observer, r->newest, seg)) {
            go(r, observer, r->newest, ROUTE_COPY_OF_NEWEST);
        }
    }
}

void route(uint32_t *newest, const struct segment *seg, struct observer *observer, struct routing *r)
{
    r->newest = r->number = *newest;
    find(r, seg, observer);
    *newest = r->newest;
    if (!r->c) {
        return;
    }
    r->first = !r->c->dialogue.begun;
    r->copy = false;
    if (seg->usable) {
        const struct path *path = &r->c->end[seg->from].path;
        uint32_t previous = r->c->lineage.previous;
        bool of_previous = !r->first && previous && copies_know(observer, previous - 1, path, seg);
        bool seen = copies_have_seen(observer, r->number - 1, path, seg);
        r->copy = of_previous || (seen && !r->first);
    }
}
