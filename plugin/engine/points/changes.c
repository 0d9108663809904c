/* changes.c - see changes.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "points/changes.h"

struct opener opener_of(const struct segment *seg)
{
    return (struct opener){
        .known = true,
        .has_scale = seg->has_scale,
        .sack_permitted = seg->sack_permitted,
        .timestamps = seg->has_timestamps,
        .options_known = seg->options_known,
        .others = (unsigned)(seg->fast_open | seg->mptcp << 1 | seg->signature << 2) & 7u,
        .scale = seg->scale,
        .ttl = seg->ttl,
        .mss = seg->mss,
        .flags = seg->flags,
        .isn = seg->seq,
    };
}

static unsigned of_options(const struct opener *a, const struct opener *b)
{
    if (!a->options_known || !b->options_known) {
        return 0;
    }
    return (a->mss != b->mss ? CHANGE_MSS : 0u) |
           (a->has_scale != b->has_scale || a->scale != b->scale ? CHANGE_SCALE : 0u) |
           (a->sack_permitted != b->sack_permitted ? CHANGE_SACK : 0u) |
           (a->timestamps != b->timestamps ? CHANGE_TIMESTAMPS : 0u) |
           (a->others != b->others ? CHANGE_OPTIONS : 0u);
}

unsigned changes_between(const struct opener *departed, const struct opener *arrived, bool by_client)
{
    const unsigned marks = FLAG_ECE | FLAG_CWR | FLAG_AE | FLAG_URG;
    if (!departed->known || !arrived->known) {
        return 0;
    }
    unsigned isn = by_client ? CHANGE_CLIENT_ISN : CHANGE_SERVER_ISN;
    return of_options(departed, arrived) | (seq_equal(departed->isn, arrived->isn) ? 0u : isn) |
           ((departed->flags ^ arrived->flags) & marks ? CHANGE_FLAGS : 0u);
}
