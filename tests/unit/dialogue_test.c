/* dialogue_test.c - how far have both ends come together?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "endpoint/dialogue.h"

#define US INT64_C(1000)
#define MINUTE (60 * INT64_C(1000000000))

static uint32_t measured(int64_t time)
{
    struct dialogue d = {0};

    dialogue_measure(&d, HALF_TO_SERVER, time);
    CHECK_EQUAL(d.halves, HALF_TO_SERVER);
    return d.round_trip_us;
}

static void test_a_round_trip_is_kept_in_microseconds(void)
{
    CHECK_EQUAL(measured(0), 0); /* the same tick of the clock */
    CHECK_EQUAL(measured(1 * US), 1);
    CHECK_EQUAL(measured(2 * US), 2);
    CHECK_EQUAL(measured(2 * US - 1), 1);
    CHECK_EQUAL(measured(25000 * US), 25000);
    CHECK_EQUAL(measured(-5 * US), 0); /* captured in disorder */
}

static void test_a_round_trip_takes_at_most_a_minute(void)
{
    CHECK_EQUAL(measured(MINUTE - US), 59999999);
    CHECK_EQUAL(measured(MINUTE), 60000000);
    CHECK_EQUAL(measured(MINUTE + US), 60000000);
    CHECK_EQUAL(measured(1000 * MINUTE), 60000000);
}

static void test_a_round_trip_has_two_halves(void)
{
    struct dialogue d = {.begun = true};

    CHECK(dialogue_round_trip(&d) == NO_TIME);
    dialogue_measure(&d, HALF_TO_CLIENT, 300 * US);
    CHECK(dialogue_round_trip(&d) == NO_TIME);
    dialogue_measure(&d, HALF_TO_CLIENT, 5000 * US); /* the first counts */
    CHECK_EQUAL(d.round_trip_us, 300);
    dialogue_measure(&d, HALF_TO_SERVER, 20 * US);
    CHECK(dialogue_round_trip(&d) == 320 * US);
    CHECK(!dialogue_check(&d));
    dialogue_measure(&d, HALF_TO_SERVER, MINUTE);
    CHECK(dialogue_round_trip(&d) == 320 * US);
    d.halves = 0;
    CHECK(dialogue_check(&d) != NULL);
}

static void test_steps_add_up(void)
{
    struct dialogue d = {.begun = true};

    dialogue_step(&d, 1);
    dialogue_step(&d, 4);
    dialogue_step(&d, 1);
    CHECK_EQUAL(d.steps, 5);
}

static void test_the_last_segment_is_remembered(void)
{
    struct segment seg = {.from = 1, .time = INT64_C(7654321000)};
    struct dialogue d = {0};

    dialogue_remember(&d, &seg, true);
    CHECK(d.begun && d.challenge_expected);
    CHECK_EQUAL(d.last_from, 1);
    CHECK_EQUAL(d.last_ms, 7654);
    seg.from = 0;
    dialogue_remember(&d, &seg, false);
    CHECK(d.begun && !d.challenge_expected);
    CHECK_EQUAL(d.last_from, 0);
}

static void test_what_is_said_once_is_remembered_apart(void)
{
    struct dialogue d = {0};

    dialogue_complete(&d);
    CHECK(d.complete && !d.fast_open);
    dialogue_offer_fast_open(&d);
    CHECK(d.fast_open && !d.half_closed);
    dialogue_half_close(&d);
    CHECK(d.half_closed && !d.crossed_fins);
    dialogue_cross_fins(&d);
    CHECK(d.crossed_fins && !d.multipath);
    dialogue_branch(&d);
    CHECK(d.multipath && !d.simultaneous);
    dialogue_close_first(&d, 1);
    CHECK_EQUAL(d.closer, 1);
    dialogue_close_first(&d, 0);
    CHECK_EQUAL(d.closer, 0);
}

/* The second SYN may turn out to belong to a split open. */
static void test_syns_that_crossed_may_turn_out_not_to_have(void)
{
    struct dialogue d = {0};

    dialogue_cross(&d, true);
    CHECK(d.simultaneous);
    dialogue_cross(&d, false);
    CHECK(!d.simultaneous);
}

static void test_steps_without_a_segment_are_noticed(void)
{
    struct dialogue d = {.steps = 1};

    CHECK_STRING(dialogue_check(&d), "dialogue: steps without a segment");
    d.begun = true;
    CHECK(dialogue_check(&d) == NULL);
    d = (struct dialogue){0};
    CHECK(dialogue_check(&d) == NULL);
}

int main(void)
{
    test_a_round_trip_is_kept_in_microseconds();
    test_a_round_trip_has_two_halves();
    test_a_round_trip_takes_at_most_a_minute();
    test_steps_add_up();
    test_the_last_segment_is_remembered();
    test_what_is_said_once_is_remembered_apart();
    test_syns_that_crossed_may_turn_out_not_to_have();
    test_steps_without_a_segment_are_noticed();
    return check_result();
}
