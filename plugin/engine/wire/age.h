/* age.h - how long ago was a time of which only milliseconds were kept?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_AGE_H
#define TCPFSM_ENGINE_AGE_H

#include "thresholds.h"
#include "wire/segment.h"

/* Milliseconds since a time of the last 49 days. Captures go back in time, too (several queues or
 * interfaces): what seems to come from a moment ahead has no age. */
static inline uint32_t time_age_ms(int64_t now, uint32_t then)
{
    uint32_t age = time_ms(now) - then;
    return age > UINT32_MAX - (uint32_t)CLOCK_BACK_MS ? 0 : age;
}

#endif
