/* copies.c - see copies.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "route/copies.h"

#include "thresholds.h"

enum { PLACES = 4 }; /* of a power of two: what is read at once */

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

/* Some places where a packet may be remembered, lest those that meet in one place drive each other out: of
 * the others the oldest goes. */
static unsigned place_of(const struct observer *observer, uint64_t identity)
{
    unsigned first = (unsigned)(identity % RECENT) & ~(PLACES - 1u), oldest = first;
    const struct recent *recent = observer->recent;
    for (unsigned i = first; i < first + PLACES; i++) {
        if (recent[i].identity == identity) {
            return i;
        }
        oldest = recent[i].time < recent[oldest].time ? i : oldest;
    }
    return oldest;
}

static bool is_copy(const struct recent *recent, uint64_t identity, const struct path *path,
                    const struct segment *seg)
{
    int64_t age = seg->time - recent->time;
    return recent->identity == identity && age >= 0 &&
           age <= (path_is_other(path, seg) ? COPY_OTHER_PATH_MS : COPY_MS) * NS_PER_MS;
}

bool copies_know(const struct observer *observer, uint32_t connection, const struct path *path,
                 const struct segment *seg)
{
    uint64_t identity = identity_of(connection, seg);
    return is_identifiable(seg) &&
           is_copy(&observer->recent[place_of(observer, identity)], identity, path, seg);
}

bool copies_have_seen(struct observer *observer, uint32_t connection, const struct path *path,
                      const struct segment *seg)
{
    if (!is_identifiable(seg)) {
        return false;
    }
    uint64_t identity = identity_of(connection, seg);
    struct recent *recent = &observer->recent[place_of(observer, identity)];
    if (is_copy(recent, identity, path, seg)) {
        return true;
    }
    recent->identity = identity;
    recent->time = seg->time;
    return false;
}
