/* fates.c - see fates.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "points/fates.h"

void fate_shift(struct flight *flight, uint32_t by)
{
    flight->seq = seq_sub(flight->seq, by);
    flight->end = seq_sub(flight->end, by);
    rest_shift(&flight->rest, by);
    rest_shift(&flight->only, by);
}

bool fate_is_within(const struct flight *flight, seq_t left, seq_t right)
{
    return !seq_before(flight->rest.left, left) && !seq_after(flight->rest.right, right);
}

static bool is_covered(const struct flight *flight, const struct segment *seg)
{
    bool covered = !seq_after(flight->rest.right, seg->ack);
    for (unsigned i = 0; i < seg->sack_blocks; i++) {
        covered = covered || fate_is_within(flight, seg->sack[i].left, seg->sack[i].right);
    }
    return covered;
}

/* Its receiver has got it twice (RFC 2883): the first block tells so where others, or the ACK, cover it. The
 * other point has seen one copy at most. */
static bool has_come_twice(const struct flight *flight, const struct segment *seg)
{
    const struct sack_block *first = &seg->sack[0], *next = &seg->sack[1];
    bool twice = seg->sack_blocks > 0 && !seq_after(first->right, seg->ack);
    twice = twice || (seg->sack_blocks > 1 && !seq_before(first->left, next->left) &&
                      !seq_after(first->right, next->right));
    return twice && flight->copies < 2 && fate_is_within(flight, first->left, first->right);
}

/* Neither a RST nor a segment that takes no number is acknowledged. */
static bool has_witness(const struct flight *flight)
{
    return !(flight->flags & FLAG_RST) && !rest_is_over(&flight->rest);
}

static bool is_copied(const struct flight *flight)
{
    return !seq_equal(flight->seq, flight->end) && rest_has_nothing_of(&flight->only, &flight->rest);
}

bool fate_may_be_acknowledged(const struct flight *flight)
{
    return has_witness(flight) && !is_copied(flight) && !flight->missed;
}

bool fate_is_acknowledged(const struct flight *flight, const struct segment *seg)
{
    bool covered = !is_copied(flight) && is_covered(flight, seg);
    return has_witness(flight) && (covered || has_come_twice(flight, seg));
}

bool fate_is_pure_ack(const struct flight *flight)
{
    return seq_equal(flight->seq, flight->end) && !(flight->flags & FLAG_RST);
}

/* A pure ACK has no witness, and devices thin them out. */
bool fate_is_lost(const struct flight *flight, int64_t until)
{
    return !flight->missed && !flight->stray && (flight->overtaken || flight->time <= until) &&
           !(flight->beside && fate_is_pure_ack(flight));
}

bool fate_is_other(const struct flights *f, const struct flight *flight, const struct flight *arrival)
{
    return (f->keeps_id && flight->ip_id != 0 && arrival->ip_id != 0 && flight->ip_id != arrival->ip_id) ||
           (f->keeps_ts && flight->tsval != arrival->tsval);
}

bool fate_is_sent_again(const struct flights *f, const struct flight *flight)
{
    return f->missed == 0 && f->any_acked && !seq_after(flight->end, f->acked) &&
           seq_distance(flight->seq, f->acked) <= SENT_AGAIN_MAX;
}

bool fate_can_be_cut(const struct flight *flight)
{
    return (flight->flags & (FLAG_SYN | FLAG_RST)) == 0 && !seq_equal(flight->seq, flight->end);
}

bool fate_overtakes(const struct flights *f, const struct flight *arrival, seq_t left)
{
    for (uint32_t i = f->recent; i < f->count; i++) {
        const struct flight *flight = &f->flight[i];
        if (!flight->missed && !seq_before(flight->rest.left, left) &&
            seq_before(flight->rest.left, arrival->seq) && !rest_is_over(&flight->rest)) {
            return true;
        }
    }
    return false;
}

bool fate_ends_alike(const struct flight *flight, const struct flight *arrival, seq_t right)
{
    bool departed = (flight->flags & FLAG_FIN) && seq_equal(right, flight->end);
    bool arrived = (arrival->flags & FLAG_FIN) && seq_equal(right, arrival->end);
    return departed == arrived;
}

bool fate_is_same(const struct flight *a, const struct flight *b)
{
    return seq_equal(a->seq, b->seq) && seq_equal(a->end, b->end) && a->flags == b->flags &&
           (!(a->flags & FLAG_ACK) || seq_equal(a->ack, b->ack)) && !a->partial;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a < b ? b - a : a - b;
}

uint32_t fate_sack(const struct segment *seg)
{
    const uint32_t odd = 0x9e3779b1u;
    uint32_t hash = 0;
    for (unsigned i = 0; i < seg->sack_blocks; i++) {
        hash = ((hash + seg->sack[i].left.n) * odd + seg->sack[i].right.n) * odd;
    }
    return hash;
}

/* What tells equal copies apart, the surest first. A device may change any of them, of all copies alike. */
static unsigned likeness(const struct flight *flight, const struct flight *arrival)
{
    bool id = arrival->ip_id != 0 && flight->ip_id == arrival->ip_id;
    return (unsigned)id << 3 | (unsigned)(flight->tsval == arrival->tsval) << 2 |
           (unsigned)(flight->sack == arrival->sack) << 1 | (unsigned)(flight->window == arrival->window);
}

bool fate_fits_better(const struct flight *a, const struct flight *b, const struct flight *arrival,
                      int64_t usual)
{
    unsigned a_like = likeness(a, arrival), b_like = likeness(b, arrival);
    if (a_like != b_like) {
        return a_like > b_like;
    }
    int64_t due = arrival->time - (usual == NO_TIME ? 0 : usual);
    return distance(a->time, due) < distance(b->time, due);
}
