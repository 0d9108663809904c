/* dice.c - SplitMix64 (Steele, Lea, Flood 2014)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dice.h"

uint64_t dice_next(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint32_t dice_below(struct dice *dice, uint32_t count)
{
    return (uint32_t)((dice_next(dice) >> 32) * count >> 32);
}

int64_t dice_between(struct dice *dice, int64_t first, int64_t last)
{
    return first + (int64_t)(dice_next(dice) % (uint64_t)(last - first + 1));
}

int64_t dice_scaled(struct dice *dice, int64_t first, int64_t last)
{
    unsigned doublings = 0;
    while (first << doublings < last && doublings < 40) {
        doublings++;
    }
    int64_t low = first << dice_below(dice, doublings + 1);
    int64_t value = dice_between(dice, low, 2 * low - 1);
    return value < last ? value : last;
}

bool dice_chance(struct dice *dice, unsigned per_mille)
{
    return dice_below(dice, 1000) < per_mille;
}
