/* timers_round_trip_test.c - what is a round trip, and which repeats have an interval?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "timing.h"

#define MS INT64_C(1000000)

static uint32_t round_trip(struct talk *t)
{
    return talk_newest(t)->dialogue.round_trip_us;
}

static void test_a_syn_ack_ends_a_round_trip(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 30);
    CHECK_EQUAL(round_trip(&t), 30000);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000); /* a copy */
    CHECK_EQUAL(round_trip(&t), 30000);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .wait = 70); /* to which of both? */
    CHECK_EQUAL(round_trip(&t), 30000);
}

static void test_a_third_step_ends_the_other_half(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 30);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .wait = 70);
    CHECK_EQUAL(round_trip(&t), 100000);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .wait = 500); /* no answer to a SYN */
    CHECK_EQUAL(round_trip(&t), 100000);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 30);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .wait = 70); /* the third ACK was missed */
    CHECK_EQUAL(round_trip(&t), 30000);
}

static void test_what_is_no_round_trip(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1); /* to which of both? */
    CHECK_EQUAL(round_trip(&t), 0);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 90000); /* to none */
    CHECK_EQUAL(round_trip(&t), 0);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = S);
    t.now -= 20 * (int64_t)MS;
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_EQUAL(round_trip(&t), 0);
}

static void test_only_the_oldest_data_has_an_interval(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 100);
    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 100, .wait = 300));
    CHECK_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 100),
                TIMER_RETRANSMISSION, 1, 410 * MS);
}

static void test_after_a_part_was_acknowledged_the_first_repeat_has_none(void)
{
    struct talk t = talk_half_acknowledged();

    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 200, .wait = 300));
    CHECK_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 200, .wait = 300),
                TIMER_RETRANSMISSION, 1, 300 * MS);
}

/* A SYN-ACK with another ISN is another one. */
static void test_another_syn_ack_begins_a_series(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000)->timer_count, 1);
    SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1);
    CHECK_TIMER(SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1, .wait = 1000),
                TIMER_RETRANSMISSION, 1, 1000 * MS);
}

int main(void)
{
    test_a_syn_ack_ends_a_round_trip();
    test_a_third_step_ends_the_other_half();
    test_what_is_no_round_trip();
    test_only_the_oldest_data_has_an_interval();
    test_after_a_part_was_acknowledged_the_first_repeat_has_none();
    test_another_syn_ack_begins_a_series();
    return check_result();
}
