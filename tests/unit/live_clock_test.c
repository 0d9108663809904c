/* live_clock_test.c - which captures go on after their newest packet, and until when
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture/live_clock.h"
#include "check.h"

#define SECOND INT64_C(1000000000)

enum { OPENED = 1000 };

/* A packet of that second is read `late` ns later; until when, ten seconds after that, nothing came? */
static int64_t until(int64_t second, int64_t late)
{
    int64_t time = second * SECOND;
    live_clock_open(OPENED * SECOND);
    if (live_clock_asks(time)) {
        live_clock_hear(time, time + late);
    }
    return live_clock_until(time, time + late + 10 * SECOND) / SECOND;
}

static void test_a_capture_that_runs_goes_by_the_clock(void)
{
    CHECK_EQUAL(until(OPENED, 0), OPENED + 9); /* the last second may be on its way */
    CHECK_EQUAL(until(OPENED + 500, SECOND), OPENED + 510);
    CHECK(live_clock_runs);
}

static void test_a_file_ends_with_its_newest_packet(void)
{
    CHECK(!live_clock_asks(OPENED * SECOND - 1));
    CHECK_EQUAL(until(OPENED - 1, 0), OPENED - 1); /* however young it is */
    CHECK(!live_clock_runs);
}

static void test_late_packets_tell_nothing_of_the_time_since(void)
{
    CHECK_EQUAL(until(OPENED + 5, SECOND + 1), OPENED + 5); /* the reader lags behind */
    CHECK_EQUAL(until(OPENED + 5, -1), OPENED + 5);         /* another machine's clock */
}

static void test_the_newest_packet_tells(void)
{
    until(OPENED, 0);
    live_clock_hear((OPENED + 1) * SECOND, (OPENED + 60) * SECOND);
    CHECK(!live_clock_runs);
    live_clock_hear((OPENED + 61) * SECOND, (OPENED + 61) * SECOND);
    CHECK(live_clock_runs);
}

static void test_never_before_the_newest_packet(void)
{
    until(OPENED, 0);
    CHECK_EQUAL(live_clock_until(OPENED * SECOND, OPENED * SECOND + 1), OPENED * SECOND);
    CHECK_EQUAL(live_clock_until(OPENED * SECOND, (OPENED - 70) * SECOND), OPENED * SECOND); /* set back */
}

static void test_nothing_is_shown_after_the_end(void)
{
    until(OPENED, 0);
    live_clock_stop((OPENED + 4) * SECOND);
    CHECK_EQUAL(live_clock_until(OPENED * SECOND, (OPENED + 100) * SECOND), (OPENED + 3) * SECOND);
    live_clock_hear((OPENED + 5) * SECOND, (OPENED + 5) * SECOND); /* it was not the end */
    CHECK_EQUAL(live_clock_until(OPENED * SECOND, (OPENED + 100) * SECOND), (OPENED + 99) * SECOND);
    live_clock_stop((OPENED + 7) * SECOND);
    CHECK_EQUAL(until(OPENED, 0), OPENED + 9); /* the next capture */
}

int main(void)
{
    test_a_capture_that_runs_goes_by_the_clock();
    test_a_file_ends_with_its_newest_packet();
    test_late_packets_tell_nothing_of_the_time_since();
    test_the_newest_packet_tells();
    test_never_before_the_newest_packet();
    test_nothing_is_shown_after_the_end();
    return check_result();
}
