/* copies.c - see copies.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "route/copies.h"

#include "thresholds.h"
#include "wire/age.h"

enum { PLACES = 4 }; /* of a power of two: what is read at once */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

/* The lower bits of what is remembered say where it was captured. */
#define POINT UINT64_C(0xffff)

static uint64_t identity_of(uint32_t connection, const struct segment *seg)
{
    uint64_t hash = mix(mix(0, (uint64_t)connection << 1 | seg->from),
                        ((uint64_t)seg->seq.n << 32) | seg->ack.n);
    hash = mix(hash, ((uint64_t)seg->data << 32) | (uint64_t)seg->flags << 16 | seg->window);
    hash = mix(hash, ((uint64_t)seg->tsval << 32) | seg->tsecr);
    for (unsigned i = 0; i < seg->sack_blocks; i++) {
        hash = mix(hash, ((uint64_t)seg->sack[i].left.n << 32) | seg->sack[i].right.n);
    }
    return mix(hash, seg->ip_id) & ~POINT;
}

/* Some places where a packet may be remembered, lest those that meet in one place drive each other out: of
 * the others the oldest goes. */
static unsigned place_of(const struct observer *observer, uint64_t identity)
{
    unsigned first = (unsigned)((identity >> 16) % RECENT) & ~(PLACES - 1u), oldest = first;
    const struct recent *recent = observer->recent;
    for (unsigned i = first; i < first + PLACES; i++) {
        if ((recent[i].identity & ~POINT) == identity) {
            return i;
        }
        oldest = recent[i].time < recent[oldest].time ? i : oldest;
    }
    return oldest;
}

/* How many milliseconds apart two copies may be captured; without IP ID there is none at the same point. */
static int64_t reach_of(const struct recent *recent, const struct segment *seg)
{
    bool has_id = seg->has_ip_id && seg->ip_id != 0;
    return (recent->identity & POINT) != seg->point ? COPY_OTHER_PATH_MS : has_id ? COPY_MS : -1;
}

static bool is_copy(const struct recent *recent, uint64_t identity, const struct segment *seg)
{
    int64_t age = seg->time - recent->time;
    return (recent->identity & ~POINT) == identity &&
           (age < 0 ? -age : age) <= reach_of(recent, seg) * NS_PER_MS;
}

const struct recent *copies_find(const struct observer *observer, uint32_t connection,
                                 const struct segment *seg)
{
    uint64_t identity = identity_of(connection, seg);
    const struct recent *recent = &observer->recent[place_of(observer, identity)];
    return is_copy(recent, identity, seg) ? recent : NULL;
}

bool copies_have_seen(struct observer *observer, uint32_t connection, const struct segment *seg)
{
    uint64_t identity = identity_of(connection, seg);
    struct recent *recent = &observer->recent[place_of(observer, identity)];
    if (is_copy(recent, identity, seg)) {
        return true;
    }
    recent->identity = identity | seg->point;
    recent->time = seg->time;
    recent->frame = seg->frame;
    return false;
}

bool copies_behind_end(const struct connection *c, const struct segment *seg)
{
    const struct stream *own = &c->end[seg->from].stream;
    return segment_is_syn(seg) && c->dialogue.complete && connection_is_over(c) && own->syn_sent &&
           seq_equal(seg->seq, own->isn) &&
           time_age_ms(seg->time, c->dialogue.last_ms) <= (uint32_t)COPY_FORGOTTEN_MS;
}

/* --- files behind themselves --- */

/* All that it carries was sent before, by this end, and captured up to the end. */
static bool brings_nothing(const struct end *s, const struct segment *seg)
{
    if (!s->sent.nxt_known || s->sent.nxt_frame == 0 || seq_after(segment_end(seg), s->sent.nxt)) {
        return false;
    }
    if (seg->flags & FLAG_SYN) {
        return s->stream.syn_sent && seq_equal(seg->seq, s->stream.isn);
    }
    if (segment_is_rst(seg)) {
        return s->belief.reset_counted;
    }
    return !segment_is_fin(seg) || (s->stream.fin_sent && seq_equal(segment_end(seg), s->sent.nxt));
}

bool copies_replay(const struct connection *c, const struct segment *seg)
{
    int32_t ahead = (int32_t)(time_ms(seg->time) - c->dialogue.last_ms);
    if (ahead >= -REPLAY_MS || !c->dialogue.begun) {
        return false;
    }
    const struct stream *acked = &c->end[!seg->from].stream;
    bool nothing_acked = !(seg->flags & FLAG_ACK) || (acked->una_known && !seq_after(seg->ack, acked->una));
    return nothing_acked && brings_nothing(&c->end[seg->from], seg);
}
