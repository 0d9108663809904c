/* attempts_test.c - what has an end tried, what of it was lost, and what is it asked for?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "endpoint/attempts.h"

enum { START = 1000, RTO = 300 };

static struct attempts started(void)
{
    struct attempts a = {0};

    attempts_start(&a, START, false);
    return a;
}

#define CHECK_ATTEMPT(made, timer_, count_, interval_) \
    do {                                               \
        struct attempt a_ = (made);                    \
        CHECK_EQUAL(a_.timer, (timer_));               \
        CHECK_EQUAL(a_.count, (count_));               \
        CHECK_EQUAL(a_.interval, (interval_));         \
    } while (0)

static void test_retransmissions_count_from_the_first_copy(void)
{
    struct attempts a = started();

    CHECK_ATTEMPT(attempts_fire(&a, TIMER_RETRANSMISSION, START + RTO), TIMER_RETRANSMISSION, 1, RTO);
    CHECK_ATTEMPT(attempts_fire(&a, TIMER_RETRANSMISSION, START + 3 * RTO), TIMER_RETRANSMISSION, 2, 2 * RTO);
}

/* Of a probe or keepalive the first is no repeat: there is no interval yet. */
static void test_the_first_probe_has_no_interval(void)
{
    static const enum timer timers[] = {TIMER_PERSIST, TIMER_KEEPALIVE};

    for (unsigned i = 0; i < 2; i++) {
        struct attempts a = started();

        CHECK_ATTEMPT(attempts_fire(&a, timers[i], START + RTO), timers[i], 1, NO_TIME);
        CHECK_ATTEMPT(attempts_fire(&a, timers[i], START + 3 * RTO), timers[i], 2, 2 * RTO);
    }
}

static void test_another_timer_begins_another_series(void)
{
    struct attempts a = started();

    attempts_fire(&a, TIMER_PERSIST, START + RTO);
    attempts_fire(&a, TIMER_PERSIST, START + 2 * RTO);
    CHECK_ATTEMPT(attempts_fire(&a, TIMER_KEEPALIVE, START + 3 * RTO), TIMER_KEEPALIVE, 1, NO_TIME);
}

/* RFC 9293 3.8.6.1: the probe carried a byte; with the window open it is retransmitted as data. */
static void test_a_retransmission_goes_on_with_what_was_tried_before(void)
{
    struct attempts a = started();

    attempts_fire(&a, TIMER_PERSIST, START + RTO);
    CHECK_ATTEMPT(attempts_fire(&a, TIMER_RETRANSMISSION, START + 2 * RTO), TIMER_RETRANSMISSION, 2, RTO);
}

static void test_a_repeat_of_what_was_sent_at_an_unknown_time_has_no_interval(void)
{
    struct attempts a = {0};

    CHECK_ATTEMPT(attempts_fire(&a, TIMER_RETRANSMISSION, START), TIMER_RETRANSMISSION, 1, NO_TIME);
    CHECK_ATTEMPT(attempts_fire(&a, TIMER_RETRANSMISSION, START + RTO), TIMER_RETRANSMISSION, 2, RTO);
    attempts_forget_time(&a);
    CHECK_ATTEMPT(attempts_fire(&a, TIMER_RETRANSMISSION, START + 2 * RTO), TIMER_RETRANSMISSION, 1, NO_TIME);
}

static void test_time_that_goes_back_makes_no_interval(void)
{
    struct attempts a = started();

    CHECK_ATTEMPT(attempts_fire(&a, TIMER_RETRANSMISSION, START), TIMER_RETRANSMISSION, 1, 0);
    CHECK_ATTEMPT(attempts_fire(&a, TIMER_RETRANSMISSION, START - 1), TIMER_RETRANSMISSION, 2, NO_TIME);
}

static void test_the_count_ends_at_255(void)
{
    struct attempts a = started();

    for (uint32_t i = 1; i <= 260; i++)
        CHECK_EQUAL(attempts_fire(&a, TIMER_RETRANSMISSION, START + i).count, i < 255 ? i : 255);
}

/* What ACKs asked for is no try of the timer, but the next one counts its time from there. */
static void test_a_fast_retransmission_counts_no_try(void)
{
    struct attempts a = started();

    attempts_resend(&a, START + RTO);
    CHECK_ATTEMPT(attempts_fire(&a, TIMER_RETRANSMISSION, START + 3 * RTO), TIMER_RETRANSMISSION, 1, 2 * RTO);
}

static void test_new_numbers_begin_another_series(void)
{
    struct attempts a = started();

    attempts_fire(&a, TIMER_RETRANSMISSION, START + RTO);
    attempts_start(&a, START + 2 * RTO, true);
    CHECK(a.tried_flag);
    CHECK_ATTEMPT(attempts_fire(&a, TIMER_RETRANSMISSION, START + 3 * RTO), TIMER_RETRANSMISSION, 1, RTO);
    attempts_end_series(&a);
    CHECK_ATTEMPT(attempts_fire(&a, TIMER_RETRANSMISSION, START + 4 * RTO), TIMER_RETRANSMISSION, 1, RTO);
    attempts_note_flag(&a, false);
    CHECK(!a.tried_flag);
}

/* RFC 5681 3.2: the third asks; more ask for nothing more. */
static void test_duplicate_acks_are_counted_to_three(void)
{
    struct attempts a = started();

    for (unsigned i = 1; i <= 10; i++) {
        attempts_count_duplicate(&a);
        CHECK_EQUAL(a.duplicate_acks, i < 3 ? i : 3);
    }
}

static void test_a_reported_loss_is_due_until_it_is_answered(void)
{
    struct attempts a = started();

    attempts_report_loss(&a);
    CHECK(a.loss_reported && a.retransmission_due);
    attempts_answer_loss(&a);
    CHECK(a.loss_reported && !a.retransmission_due);
    CHECK(attempts_check(&a) == NULL);
}

/* All that was asked for, or lost, ends with an ACK. What is outstanding behind it was sent at a time that
 * isn't kept. */
static void test_an_ack_of_a_part_ends_the_series_and_forgets_its_time(void)
{
    struct attempts a = started();

    attempts_note_flag(&a, true);
    attempts_fire(&a, TIMER_RETRANSMISSION, START + RTO);
    attempts_count_duplicate(&a);
    attempts_report_loss(&a);
    attempts_lose_data(&a, true);
    attempts_lose_fin(&a, true);
    attempts_acknowledged(&a, false);
    CHECK(!a.loss_reported && !a.retransmission_due && !a.data_lost && !a.tried_flag);
    CHECK_EQUAL(a.duplicate_acks, 0);
    CHECK(a.fin_lost); /* it lies behind */
    CHECK_ATTEMPT(attempts_fire(&a, TIMER_RETRANSMISSION, START + 2 * RTO), TIMER_RETRANSMISSION, 1, NO_TIME);
}

static void test_an_ack_of_all_covers_the_fin(void)
{
    struct attempts a = started();

    attempts_note_flag(&a, true);
    attempts_lose_fin(&a, true);
    attempts_acknowledged(&a, true);
    CHECK(!a.fin_lost);
    CHECK(a.tried_flag); /* a repeat of it has its interval, though it was needless */
    CHECK_EQUAL(a.tried, TIMER_RETRANSMISSION);
}

static void test_what_was_lost_is_mended_when_it_is_sent_again(void)
{
    struct attempts a = started();

    attempts_lose_data(&a, true);
    attempts_lose_step(&a, true);
    CHECK(a.data_lost && a.step_lost && !a.fin_lost);
    attempts_lose_data(&a, false);
    attempts_lose_step(&a, false);
    CHECK(!a.data_lost && !a.step_lost);
    attempts_lose_fin(&a, true);
    CHECK(a.fin_lost);
    attempts_lose_fin(&a, false);
    CHECK(!a.fin_lost);
}

static void test_an_heir_owes_no_answers_and_begins_its_own_series(void)
{
    struct attempts old = started(), a;

    attempts_note_flag_frame(&old, 8);
    attempts_note_ack_frame(&old, 9);
    attempts_ask_answer(&old, true);
    attempts_probe(&old, true);
    attempts_fire(&old, TIMER_RETRANSMISSION, START + RTO);
    CHECK(old.answer_due && old.probed);
    attempts_inherit(&a, &old);
    CHECK(!a.answer_due && !a.probed);
    CHECK_EQUAL(a.tries, 0);
    CHECK_EQUAL(a.flag_frame, 8);
    CHECK_EQUAL(a.ack_frame, 9);
    attempts_forget(&a);
    CHECK_EQUAL(a.flag_frame, 0);
    CHECK_EQUAL(a.tried, TIMER_NONE);
}

static void test_a_retransmission_that_nobody_asked_for_is_noticed(void)
{
    struct attempts a = {.retransmission_due = true};

    CHECK_STRING(attempts_check(&a), "attempts: a retransmission is due that nobody asked for");
    a.loss_reported = true;
    CHECK(attempts_check(&a) == NULL);
    a.loss_reported = a.retransmission_due = false;
    CHECK(attempts_check(&a) == NULL);
}

int main(void)
{
    test_retransmissions_count_from_the_first_copy();
    test_the_first_probe_has_no_interval();
    test_another_timer_begins_another_series();
    test_a_retransmission_goes_on_with_what_was_tried_before();
    test_a_repeat_of_what_was_sent_at_an_unknown_time_has_no_interval();
    test_time_that_goes_back_makes_no_interval();
    test_the_count_ends_at_255();
    test_a_fast_retransmission_counts_no_try();
    test_new_numbers_begin_another_series();
    test_duplicate_acks_are_counted_to_three();
    test_a_reported_loss_is_due_until_it_is_answered();
    test_an_ack_of_a_part_ends_the_series_and_forgets_its_time();
    test_an_ack_of_all_covers_the_fin();
    test_what_was_lost_is_mended_when_it_is_sent_again();
    test_an_heir_owes_no_answers_and_begins_its_own_series();
    test_a_retransmission_that_nobody_asked_for_is_noticed();
    return check_result();
}
