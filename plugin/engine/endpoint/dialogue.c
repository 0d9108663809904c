/* dialogue.c - see dialogue.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "endpoint/dialogue.h"

#include "observation.h"
#include "thresholds.h"

#define US_PER_MS 1000
#define NS_PER_US 1000

void dialogue_step(struct dialogue *d, unsigned steps)
{
    d->steps |= (uint8_t)steps;
}

void dialogue_reopen(struct dialogue *d)
{
    d->steps &= (uint8_t)~STEPS_OF_TEARDOWN;
    d->crossed_fins = d->half_closed = false;
}

void dialogue_close_first(struct dialogue *d, unsigned index)
{
    d->closer = index & 1u;
}

void dialogue_complete(struct dialogue *d)
{
    d->complete = true;
}

void dialogue_offer_fast_open(struct dialogue *d)
{
    d->fast_open = true;
}

void dialogue_take_syn_data(struct dialogue *d)
{
    d->takes_syn_data = true;
}

void dialogue_cross(struct dialogue *d, bool simultaneous)
{
    d->simultaneous = simultaneous;
}

void dialogue_half_close(struct dialogue *d)
{
    d->half_closed = true;
}

void dialogue_cross_fins(struct dialogue *d)
{
    d->crossed_fins = true;
}

void dialogue_branch(struct dialogue *d)
{
    d->multipath = true;
}

void dialogue_measure(struct dialogue *d, enum round_trip_half half, int64_t time)
{
    int64_t us = time / NS_PER_US, most = (int64_t)ROUND_TRIP_MAX_MS * US_PER_MS;
    if (d->halves & (unsigned)half) {
        return;
    }
    us = (us > 0 ? us : 0) + d->round_trip_us;
    d->round_trip_us = (uint32_t)(us > most ? most : us);
    d->halves |= (unsigned)half & BOTH_HALVES;
}

void dialogue_calm(struct dialogue *d, bool calm)
{
    d->calm = calm;
}

void dialogue_remember(struct dialogue *d, const struct segment *seg, bool challenge_expected)
{
    d->challenge_expected = challenge_expected;
    d->last_from = seg->from & 1u;
    d->last_ms = time_ms(seg->time);
    if (!segment_is_rst(seg)) {
        bool other = d->spoke_from != (seg->from & 1u);
        d->spoke_at_once = d->begun && (other || d->spoke_at_once) && d->last_ms - d->spoke_ms <= IN_HOST_MS;
        d->spoke_from = seg->from & 1u;
        d->spoke_ms = d->last_ms;
    }
    d->begun = true;
}

const char *dialogue_check(const struct dialogue *d)
{
    if (!d->begun && d->steps != 0) {
        return "dialogue: steps without a segment";
    }
    if (d->halves == 0 && d->round_trip_us != 0) {
        return "dialogue: a round trip is the sum of its halves";
    }
    return NULL;
}
