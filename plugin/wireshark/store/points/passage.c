/* passage.c - see passage.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/points/passage.h"

#include "store/cold/conn_cache.h"

struct connection *passage_primary(uint32_t number)
{
    struct cached *cached = conn_cache_at(number);
    return cached != NULL ? cached_connection(cached) : NULL;
}

const struct summary *passage_primary_summary(uint32_t number)
{
    struct cached *cached = conn_cache_at(number);
    return cached != NULL ? &cached->summary : NULL;
}

/* The client, as far as it is known before the segment is observed. */
unsigned passage_client_of(const struct tuple_entry *entry, const struct segment *seg)
{
    const struct summary *s = entry->newest != 0 ? passage_primary_summary(entry->newest - 1) : NULL;
    bool known = s != NULL && s->begun;
    bool crosses = known && s->client_from != seg->from &&
                   state_is_opening((enum state)s->end[0].state); /* both open at once */
    return known && (crosses || !segment_is_syn(seg)) ? s->client_from : seg->from;
}

bool trunk_is_first_near(const struct trunk *trunk, unsigned end)
{
    enum order order = trunk->order == ORDER_UNKNOWN ? trunk->hint : trunk->order;
    return (order != ORDER_1_FIRST) == (end == 0);
}

unsigned passage_client(const struct passage *p)
{
    return passage_client_of(p->entry, &p->seg);
}

void passage_direct(struct passage *p)
{
    p->client = passage_client(p) == p->seg.from;
    p->arrives = (p->spot == SPOT_FIRST) != trunk_is_first_near(p->trunk, p->seg.from);
    p->seg.arrives = p->arrives;
}

uint8_t trunk_point(const struct trunk *trunk, enum spot spot, unsigned client)
{
    if (!trunk_is_active(trunk)) {
        return 0;
    }
    return spot == SPOT_BETWEEN ? 3 : (spot == SPOT_FIRST) == trunk_is_first_near(trunk, client) ? 1 : 2;
}

/* In the numbers of the first point. */
void passage_flatten(struct passage *p)
{
    const struct far *far = p->far;
    unsigned from = p->seg.from;
    if (far != NULL && p->spot == SPOT_SECOND) {
        segment_shift(&p->flat, &p->seg, far->offset[from], far->offset[!from]);
    } else {
        p->flat = p->seg;
    }
}

int64_t passage_later(int64_t time, int64_t least)
{
    return time > least ? time : least;
}

int64_t passage_usual_transit(const struct passage *p)
{
    const struct transits *own = &p->trunk->difference[p->seg.from];
    const struct transits *back = &p->trunk->difference[!p->seg.from];
    bool first = trunk_is_first_near(p->trunk, p->seg.from);
    int64_t median = transits_median(own->seen != 0 ? own : back);
    return median == NO_TIME ? NO_TIME : first == (own->seen != 0) ? median : -median;
}

/* SND.NXT of the end `from`, at the point where the segment was captured. */
static bool nxt_of(const struct passage *p, unsigned from, seq_t *nxt)
{
    bool second = p->spot == SPOT_SECOND;
    struct connection *c = second ? far_connection(p->far) : passage_primary(p->far->primary);
    bool known = c != NULL && connection_nxt(c, from, nxt);
    *nxt = known && second ? seq_sub(*nxt, p->far->offset[from]) : *nxt;
    return known;
}

bool passage_nxt(const struct passage *p, seq_t *nxt)
{
    return nxt_of(p, p->seg.from, nxt);
}

bool passage_peer_nxt(const struct passage *p, seq_t *nxt)
{
    return nxt_of(p, !p->seg.from, nxt);
}
