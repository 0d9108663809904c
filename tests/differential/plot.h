/* plot.h - which bytes make a story worth telling?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_DIFFERENTIAL_PLOT_H
#define TCPFSM_DIFFERENTIAL_PLOT_H

#include "chance.h"
#include "story.h"

#include <stdbool.h>
#include <stddef.h>

enum { SEEDS_MAX = 64, PLOT_MAX = SEGMENTS_MAX * CHOICE };

struct seed {
    uint8_t bytes[PLOT_MAX];
    size_t size;
};

/* The seeds of the fuzzer: whole stories by hand. */
struct seeds {
    struct seed seed[SEEDS_MAX];
    unsigned count;
};

bool seeds_read(struct seeds *seeds, const char *path);

/* Writes at most PLOT_MAX bytes; returns how many. */
size_t plot_make(uint8_t *plot, const struct seeds *seeds, struct chance *chance);

/* A TCP header that may be odd: writes at most 60 bytes and returns how many were captured. */
size_t plot_header(uint8_t *header, uint32_t *length, struct chance *chance);

#endif
