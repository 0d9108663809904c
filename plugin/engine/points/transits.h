/* transits.h - how long do segments take from one capture point to the other?
 *
 * Differences of times at two points, as the file has them: whatever the clocks of the points differ by is
 * part of each. What is kept is spread evenly over the connection, so that the median is that of all of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_TRANSITS_H
#define TCPFSM_ENGINE_TRANSITS_H

#include "wire/segment.h"

enum { TRANSITS_KEPT = 32 };

/* Written by transits.c alone; zeroed at first. Times in ns. */
struct transits {
    int64_t kept[TRANSITS_KEPT];
    int64_t least, greatest; /* of all; with seen */
    uint32_t seen;
    uint8_t count; /* of `kept` */
    uint8_t every; /* one in 2^every is kept */
};

void transits_add(struct transits *transits, int64_t time);

/* NO_TIME: there is none yet. */
int64_t transits_median(const struct transits *transits);

#endif
