/* live_clock.c - see live_clock.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture/live_clock.h"

/* A packet is read that much later than it was captured, at most: longer than buffers on its way hold it. If
 * it takes longer, the reader lags behind, or the clocks of two machines differ. */
#define DELIVERY INT64_C(1000000000)

int64_t live_clock_opened;
bool live_clock_runs;

static int64_t stopped; /* 0: it has not */

void live_clock_open(int64_t now)
{
    live_clock_opened = now;
    live_clock_runs = false;
    stopped = 0;
}

void live_clock_hear(int64_t time, int64_t now)
{
    live_clock_runs = time <= now && now - time <= DELIVERY;
    stopped = 0;
}

void live_clock_stop(int64_t now)
{
    stopped = now;
}

int64_t live_clock_until(int64_t newest, int64_t now)
{
    int64_t shown = (stopped != 0 ? stopped : now) - DELIVERY; /* what was captured since may be on its way */
    return live_clock_runs && shown > newest ? shown : newest;
}
