/* timing.h - the timer that explains a segment
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_TIMING_H
#define TCPFSM_TESTS_UNIT_TIMING_H

#include "talk.h"

#define CHECK_TIMER(o, expected_timer, count, interval)  \
    do {                                                 \
        const struct observation *timed_ = (o);          \
        CHECK_EQUAL(timed_->timer, (expected_timer));    \
        CHECK_EQUAL(timed_->timer_count, (count));       \
        CHECK_EQUAL(timed_->timer_interval, (interval)); \
    } while (0)

#define CHECK_NO_TIMER(o) CHECK_TIMER((o), TIMER_NONE, 0, NO_TIME)

#endif
