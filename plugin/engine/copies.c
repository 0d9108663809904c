/* copies.c - see copies.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "copies.h"

#define MILLISECONDS INT64_C(1000000)
#define COPY_WITHIN (5 * MILLISECONDS)
#define COPY_PATH_WITHIN (1000 * MILLISECONDS)

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

static uint64_t identity_of(uint32_t connection, const struct segment *seg)
{
    uint64_t hash = mix(mix(0, (uint64_t)connection << 1 | seg->from),
                        ((uint64_t)seg->seq.n << 32) | seg->ack.n);
    hash = mix(hash, ((uint64_t)seg->data << 32) | (uint64_t)seg->flags << 16 | seg->window);
    hash = mix(hash, ((uint64_t)seg->tsval << 32) | seg->tsecr);
    for (unsigned i = 0; i < seg->sack_blocks; i++) {
        hash = mix(hash, ((uint64_t)seg->sack[i].left.n << 32) | seg->sack[i].right.n);
    }
    return mix(hash, seg->ip_id);
}

/* Two different packets of one sender can't look alike. */
static bool is_identifiable(const struct segment *seg)
{
    bool has_id = seg->has_ip_id && seg->ip_id != 0;
    return has_id || seg->has_timestamps || segment_length(seg) > 0 || (seg->flags & FLAG_RST);
}

/* Two places where a packet may be remembered, lest two that meet in one place drive each other out. */
static struct recent *place_of(struct observer *observer, uint64_t identity)
{
    struct recent *first = &observer->recent[identity % RECENT & ~UINT64_C(1)], *second = first + 1;
    if (first->identity == identity || second->identity == identity) {
        return first->identity == identity ? first : second;
    }
    return first->time <= second->time ? first : second;
}

static bool is_copy(const struct recent *recent, uint64_t identity, const struct view *v)
{
    int64_t age = v->seg->time - recent->time;
    bool other_path = v->sender->path_known && v->sender->path != path_fold(v->seg->path);
    return recent->identity == identity && age >= 0 && age <= (other_path ? COPY_PATH_WITHIN : COPY_WITHIN);
}

bool copies_knows(struct observer *observer, uint32_t connection, const struct view *v)
{
    uint64_t identity = identity_of(connection, v->seg);
    return is_identifiable(v->seg) && is_copy(place_of(observer, identity), identity, v);
}

bool copies_has_seen(struct observer *observer, const struct view *v)
{
    if (!is_identifiable(v->seg)) {
        return false;
    }
    uint64_t identity = identity_of(v->o->connection, v->seg);
    struct recent *recent = place_of(observer, identity);
    if (is_copy(recent, identity, v)) {
        return true;
    }
    recent->identity = identity;
    recent->time = v->seg->time;
    return false;
}
