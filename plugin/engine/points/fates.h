/* fates.h - is it the segment that departed, and what became of one that hasn't come to the other point?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_FATES_H
#define TCPFSM_ENGINE_FATES_H

#include "points/flights.h"

/* All its numbers were `by` too high. */
void fate_shift(struct flight *flight, uint32_t by);

/* Its bytes lie between these. */
bool fate_is_within(const struct flight *flight, seq_t left, seq_t right);

/* Its receiver has it, as `segment` shows, and it can only be this copy of it, or has got it twice, and the
 * other point has not. Neither a RST nor a segment that takes no number is acknowledged. */
bool fate_is_acknowledged(const struct flight *flight, const struct segment *segment);

/* An ACK may still tell. */
bool fate_may_be_acknowledged(const struct flight *flight);

bool fate_is_pure_ack(const struct flight *flight);

/* Was it lost? `until`: what departed up to then had to be seen at the other point. A pure ACK has no
 * witness, and devices thin them out: it is lost only if the other point misses nothing about then. */
bool fate_is_lost(const struct flight *flight, int64_t until);

/* The same segment, as far as its numbers tell. */
bool fate_is_same(const struct flight *a, const struct flight *b);

/* A number that differs where SACK blocks do; 0 without. */
uint32_t fate_sack(const struct segment *segment);

/* Is `a` rather than `b` the departure of `arrival`? Both are the same but for what tells copies apart. */
bool fate_fits_better(const struct flight *a, const struct flight *b, const struct flight *arrival,
                      int64_t usual);

/* IP ID or timestamp tells that what arrives is another one, as far as devices leave those. */
bool fate_is_other(const struct flights *flights, const struct flight *flight, const struct flight *arrival);

/* It departs, though its receiver has acknowledged all of it: another copy was seen at the other point. */
bool fate_is_sent_again(const struct flights *flights, const struct flight *flight);

/* It may arrive in parts. */
bool fate_can_be_cut(const struct flight *flight);

/* Has it overtaken data that departed, from `left` on? */
bool fate_overtakes(const struct flights *flights, const struct flight *arrival, seq_t left);

/* A FIN takes the last number of its segment: it is no byte of data. `right`: where what both have ends. */
bool fate_ends_alike(const struct flight *flight, const struct flight *arrival, seq_t right);

#endif
