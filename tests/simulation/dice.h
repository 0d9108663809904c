/* dice.h - random decisions that a seed repeats on every machine
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_DICE_H
#define TCPFSM_SIMULATION_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

uint64_t dice_next(struct dice *dice);

/* 0 ... count - 1; `count` > 0. */
uint32_t dice_below(struct dice *dice, uint32_t count);

/* first ... last */
int64_t dice_between(struct dice *dice, int64_t first, int64_t last);

/* Like dice_between(), but each order of magnitude is as likely as another. 0 < first <= last. */
int64_t dice_scaled(struct dice *dice, int64_t first, int64_t last);

/* True in so many of a thousand cases. */
bool dice_chance(struct dice *dice, unsigned per_mille);

#endif
