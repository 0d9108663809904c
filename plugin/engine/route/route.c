/* route.c - see route.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "route/route.h"

#include "route/copies.h"
#include "route/inherit.h"
#include "route/route_table.h"

static struct connection *connection_at(const struct observer *observer, uint32_t number)
{
    return number ? observer->connection(observer->context, number - 1) : NULL;
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

static void go(struct routing *r, const struct observer *observer, uint32_t number, enum route_id route)
{
    r->number = number;
    r->route = route;
    r->c = connection_at(observer, number);
    r->previous = r->c ? connection_at(observer, r->c->lineage.previous) : NULL;
}

/* The newest connection is r->c, or none. */
static void follow(struct routing *r, const struct segment *seg, struct observer *observer)
{
    struct connection *c = r->c;
    uint32_t previous = c ? c->lineage.previous : 0;
    struct connection *before = connection_at(observer, previous);
    struct route_ctx x = {c, before, seg, c ? &c->end[seg->from] : NULL, c ? &c->end[!seg->from] : NULL};
    enum route_goal goal = NEWEST;
    r->route = route_of(&x, &goal);
    r->previous = before;
    switch (goal) {
    case BEGIN:
        begin(r, c, seg, observer);
        r->previous = c;
        break;
    case RETURN: /* the one before becomes the newest again */
        lineage_relink(&c->lineage, before->lineage.previous);
        lineage_relink(&before->lineage, r->newest);
        r->newest = previous;
        go(r, observer, previous, r->route);
        break;
    case PREVIOUS: go(r, observer, previous, r->route); break;
    default: break;
    }
}

/* A copy goes where the first went: one that began a connection would do so again. */
static bool is_copy_in(const struct observer *observer, uint32_t number, const struct segment *seg)
{
    const struct connection *c = connection_at(observer, number);
    return c &&
           (copies_find(observer, number - 1, seg) || copies_behind_end(c, seg) || copies_replay(c, seg));
}

/* The next segment of the only connection there is: no other row of the table asks for that. */
static bool is_next(const struct connection *c, const struct segment *seg)
{
    const unsigned flags = FLAG_SYN | FLAG_RST | FLAG_ACK;
    const struct sent *sent = &c->end[seg->from].sent;
    return (seg->flags & flags) == FLAG_ACK && sent->nxt_known && seq_equal(seg->seq, sent->nxt);
}

static void find(struct routing *r, const struct segment *seg, struct observer *observer)
{
    uint32_t newest = r->newest, previous;
    r->c = connection_at(observer, newest);
    previous = r->c ? r->c->lineage.previous : 0;
    if (!seg->usable) {
        go(r, observer, newest, ROUTE_NONE);
    } else if (r->c && !previous && is_next(r->c, seg)) {
        r->previous = NULL;
        r->route = ROUTE_usual;
    } else if (previous && is_copy_in(observer, previous, seg)) {
        go(r, observer, previous, ROUTE_COPY_OF_PREVIOUS);
    } else if (r->c && segment_is_syn(seg) && is_copy_in(observer, newest, seg)) {
        go(r, observer, newest, ROUTE_COPY_OF_NEWEST);
    } else {
        follow(r, seg, observer);
        if (r->number != r->newest && is_copy_in(observer, r->newest, seg)) {
            go(r, observer, r->newest, ROUTE_COPY_OF_NEWEST);
        }
    }
}

const struct recent *connection_sighting(const struct observer *observer, uint32_t newest,
                                         const struct segment *seg)
{
    const struct connection *c = connection_at(observer, newest);
    const struct recent *recent = c ? copies_find(observer, newest - 1, seg) : NULL;
    uint32_t previous = c ? c->lineage.previous : 0;
    return recent || !previous ? recent : copies_find(observer, previous - 1, seg);
}

uint32_t connection_reserve(struct observer *observer)
{
    return observer->connection(observer->context, observer->connections) ? ++observer->connections : 0;
}

void route_newest(uint32_t newest, const struct observer *observer, struct routing *r)
{
    r->newest = newest;
    r->first = false;
    r->copy = true;
    go(r, observer, newest, ROUTE_NONE);
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
        bool seen = copies_have_seen(observer, r->number - 1, seg);
        r->copy = !r->first && (seen || copies_behind_end(r->c, seg) || copies_replay(r->c, seg));
    }
}
