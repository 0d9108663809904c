/* chance.h - random numbers that are the same on every machine
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_DIFFERENTIAL_CHANCE_H
#define TCPFSM_DIFFERENTIAL_CHANCE_H

#include <stdint.h>

struct chance {
    uint64_t state;
};

/* splitmix64 */
static inline uint64_t chance_next(struct chance *chance)
{
    uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* From 0 to `bound` - 1. */
static inline unsigned chance_below(struct chance *chance, unsigned bound)
{
    return (unsigned)((chance_next(chance) >> 32) * bound >> 32);
}

#endif
