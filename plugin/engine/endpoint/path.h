/* path.h - by which way do the packets of an end come, and does their IP ID count them?
 *
 * Read RFC 791 section 3.1 and RFC 6864 (the IP ID).
 *
 * What can't be known: whether an ID that jumps belongs to packets of other connections or to
 * packets that the capture missed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_PATH_H
#define TCPFSM_ENGINE_PATH_H

#include "wire/segment.h"

/* Written by path.c alone. */
struct path {
    uint16_t ip_id;      /* of its last packet; 0: none */
    unsigned folded : 4; /* interface and VLAN of its last packet; with known */
    bool known : 1;
    bool ids_jump : 1; /* its IP IDs don't count its packets */
};

/* What is kept of segment->path: different paths mostly differ here, too. */
static inline unsigned path_fold(uint16_t path)
{
    return (path ^ (path >> 4) ^ (path >> 8) ^ (path >> 12)) & 15u;
}

/* Would the IP ID of `segment` have been given before that of the last packet, within 64? */
bool path_is_overtaken(const struct path *path, const struct segment *segment);

/* Do its IP IDs show that it was sent before the last packet that was captured? */
bool path_is_before(const struct path *path, const struct segment *segment);

/* Do IP IDs tell the order of packets here? */
bool path_counts(const struct path *path, const struct segment *segment);

/* Do they show that some packets are missing before this one? */
bool path_skips(const struct path *path, const struct segment *segment);

/* Notes the way of the segment; returns whether it is another one than before. */
bool path_take(struct path *path, const struct segment *segment);

/* Notes the IP ID of the segment, which is `in_order` behind the one before; a late one is passed over. */
void path_follow(struct path *path, const struct segment *segment, bool in_order);

/* Nothing is known. */
void path_forget(struct path *path);

/* A new SYN finds the end of the connection before. */
void path_inherit(struct path *path, const struct path *old);

/* The first thing that isn't as it has to be, or NULL. */
const char *path_check(const struct path *path);

#endif
