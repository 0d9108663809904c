/* timers_test.c - which timer explains a segment, how often it fired, and since when
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "timing.h"

#define MS INT64_C(1000000)

static void test_repeated_syns_are_counted_with_their_intervals(void)
{
    struct talk t = talk_begin();

    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = S));
    CHECK_TIMER(SAY(&t, .from = CLIENT, .flags = S, .wait = 1000), TIMER_RETRANSMISSION, 1, 1000 * MS);
    CHECK_TIMER(SAY(&t, .from = CLIENT, .flags = S, .wait = 2000), TIMER_RETRANSMISSION, 2, 2000 * MS);
    CHECK_NO_TIMER(SAY(&t, .from = SERVER, .flags = SA, .ack = 1));
    CHECK_TIMER(SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1500), TIMER_RETRANSMISSION, 1,
                1500 * MS);
}

static void test_a_repeated_fin_is_a_retransmission(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1));
    CHECK_TIMER(SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 300), TIMER_RETRANSMISSION,
                1, 300 * MS);
}

static void test_data_repeated_after_200_ms_is_a_retransmission_by_timer(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100));
    CHECK_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 200),
                TIMER_RETRANSMISSION, 1, 200 * MS);
    CHECK_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 400),
                TIMER_RETRANSMISSION, 2, 400 * MS);
}

static void test_data_repeated_sooner_needs_no_timer(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 199));
    /* the 200 ms count from the last copy */
    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 199));
}

static void send_five_of_which_the_first_is_lost(struct talk *t)
{
    talk_open(t);
    for (uint32_t i = 0; i < 5; i++)
        SAY(t, .from = CLIENT, .flags = A, .seq = 1 + 100 * i, .ack = 1, .data = 100);
}

static void test_three_duplicate_acks_explain_a_repeat_without_timer(void)
{
    struct talk t = talk_begin();

    send_five_of_which_the_first_is_lost(&t);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    for (int i = 0; i < 3; i++)
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101, .wait = 100);
    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 100, .wait = 300));
}

static void test_sack_explains_a_repeat_without_timer(void)
{
    struct talk t = talk_begin();

    send_five_of_which_the_first_is_lost(&t);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .sack = {101, 501});
    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 300));
}

static void test_an_acknowledgment_ends_the_row(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 300);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 100));
    CHECK_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 100, .wait = 250),
                TIMER_RETRANSMISSION, 1, 250 * MS);
}

static void test_keepalives_are_counted_until_one_is_answered(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 5000), TIMER_KEEPALIVE, 1,
                NO_TIME);
    CHECK_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 1000), TIMER_KEEPALIVE, 2,
                1000 * MS);
    CHECK_NO_TIMER(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1));
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 5000)->timer_count, 1);
}

static void test_probes_of_a_closed_window_are_the_persist_timer(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101, .shut = true);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 1, .wait = 500)->timer, TIMER_PERSIST);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101, .shut = true);
    CHECK_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 1, .wait = 990), TIMER_PERSIST, 2,
                1000 * MS);
}

static void test_a_count_does_not_overflow(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    for (int i = 0; i < 300; i++)
        SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 1000);
    CHECK_EQUAL(t.o.timer, TIMER_KEEPALIVE);
    CHECK_EQUAL(t.o.timer_count, 255);
}

static void test_2msl_starts_when_an_end_enters_time_wait(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1));
    CHECK_NO_TIMER(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2));
    CHECK_TIMER(SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2), TIMER_2MSL, 0, NO_TIME);
    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2));
}

static void test_2msl_restarts_when_a_repeated_fin_is_answered(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    talk_close(&t);
    CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 40000)->timer,
                TIMER_RETRANSMISSION);
    CHECK_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2), TIMER_2MSL, 0, NO_TIME);
    /* 50 s later less than 2MSL have passed since the restart, but more than that since the start */
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 50000);
    CHECK_EQUAL(t.o.peer.before, TIME_WAIT);
}

static void test_a_reset_has_no_timer(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = RA, .seq = 101, .ack = 1, .wait = 1000));
}

/* A time that runs backwards (clocks are set) leaves no negative interval. */
static void test_a_clock_that_was_set_back_gives_no_interval(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    t.now -= SECOND / 2; /* further back it would be the capture once more */
    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_EQUAL(t.o.timer, TIMER_RETRANSMISSION);
    CHECK_EQUAL(t.o.timer_interval, NO_TIME);
}

static void test_what_is_not_acceptable_has_no_timer(void)
{
    struct talk t = talk_opened();

    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 10000000, .wait = 9000));
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 9000)->timer_count, 1);
}

static void test_2msl_begins_for_who_sends_the_fin_that_was_acknowledged(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    CHECK_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2), TIMER_2MSL, 0, NO_TIME);
    CHECK_STATES(&t.o, CLOSING, TIME_WAIT);
}

static void test_2msl_begins_anew_by_the_answer_to_a_fin_alone(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    CHECK_NO_TIMER(SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 2, .wait = 30000));
    CHECK_NO_TIMER(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2, .window = 900));
    CHECK_EQUAL(talk_newest(&t)->end[CLIENT].belief.expected, TIME_WAIT);
    CHECK_EQUAL(t.now - talk_newest(&t)->end[CLIENT].belief.since, 30010 * MS + STEP_MS * MS);
}

int main(void)
{
    test_repeated_syns_are_counted_with_their_intervals();
    test_a_repeated_fin_is_a_retransmission();
    test_data_repeated_after_200_ms_is_a_retransmission_by_timer();
    test_data_repeated_sooner_needs_no_timer();
    test_three_duplicate_acks_explain_a_repeat_without_timer();
    test_sack_explains_a_repeat_without_timer();
    test_an_acknowledgment_ends_the_row();
    test_keepalives_are_counted_until_one_is_answered();
    test_probes_of_a_closed_window_are_the_persist_timer();
    test_a_count_does_not_overflow();
    test_2msl_starts_when_an_end_enters_time_wait();
    test_2msl_restarts_when_a_repeated_fin_is_answered();
    test_a_reset_has_no_timer();
    test_a_clock_that_was_set_back_gives_no_interval();
    test_what_is_not_acceptable_has_no_timer();
    test_2msl_begins_for_who_sends_the_fin_that_was_acknowledged();
    test_2msl_begins_anew_by_the_answer_to_a_fin_alone();
    return check_result();
}
