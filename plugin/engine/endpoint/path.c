/* path.c - see path.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "endpoint/path.h"

#include "thresholds.h"

bool path_counts(const struct path *p, const struct segment *seg)
{
    return seg->has_ip_id && p->ip_id != 0 && !p->ids_jump;
}

bool path_is_overtaken(const struct path *p, const struct segment *seg)
{
    uint16_t behind = (uint16_t)(p->ip_id - seg->ip_id);
    return seg->has_ip_id && p->ip_id != 0 && behind > 0 && behind <= OVERTAKEN_MAX;
}

bool path_is_before(const struct path *p, const struct segment *seg)
{
    uint16_t behind = (uint16_t)(p->ip_id - seg->ip_id);
    /* A counter for all connections of a host jumps, too, but not back; random IDs seldom lie that near. */
    return seg->has_ip_id && p->ip_id != 0 && behind > 0 &&
           behind <= (p->ids_jump ? SHARED_IDS_MAX : INT16_MAX);
}

bool path_skips(const struct path *p, const struct segment *seg)
{
    uint16_t step = (uint16_t)(seg->ip_id - p->ip_id);
    return path_counts(p, seg) && step > 1 && step < SKIPPED_MAX;
}

bool path_take(struct path *p, const struct segment *seg)
{
    unsigned folded = path_fold(seg->path) & 15u;
    bool other = p->known && p->folded != folded;
    if (other || !p->known) {
        p->folded = folded & 15u;
        p->known = true;
    }
    return other;
}

void path_follow(struct path *p, const struct segment *seg, bool in_order)
{
    uint16_t step = (uint16_t)(seg->ip_id - p->ip_id);
    path_take(p, seg); /* what was known may have been forgotten since */
    if (!in_order && path_is_before(p, seg)) {
        return; /* captured late, or once more */
    }
    if (in_order && p->ip_id != 0 && step != 1) {
        p->ids_jump = true;
    }
    p->ip_id = seg->has_ip_id ? seg->ip_id : 0;
}

void path_forget(struct path *p)
{
    *p = (struct path){0};
}

void path_inherit(struct path *p, const struct path *old)
{
    *p = *old;
}

const char *path_check(const struct path *p)
{
    if (!p->known && p->folded != 0) {
        return "path: a way that isn't known";
    }
    if (p->ids_jump && !p->known) {
        return "path: IP IDs of an end that sent nothing";
    }
    return NULL;
}
