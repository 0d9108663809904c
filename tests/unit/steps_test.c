/* steps_test.c - the textbook's seven steps, by identity and not by order
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#define CHECK_STEP(o, expected)                \
    do {                                       \
        const struct observation *step_ = (o); \
        CHECK_EQUAL(step_->steps, (expected)); \
        CHECK(!step_->repeat);                 \
        CHECK_EQUAL(step_->repeat_of, 0);      \
    } while (0)

#define CHECK_REPEAT(o, expected, of_frame)        \
    do {                                           \
        const struct observation *step_ = (o);     \
        CHECK_EQUAL(step_->steps, (expected));     \
        CHECK(step_->repeat);                      \
        CHECK_EQUAL(step_->repeat_of, (of_frame)); \
    } while (0)

static void test_a_three_way_handshake_has_three_steps(void)
{
    struct talk t = talk_begin();

    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = S), STEP_SYN);
    CHECK_EQUAL(t.o.phase, PHASE_HANDSHAKE);
    CHECK_STEP(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), STEP_SYN_ACK);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), STEP_ACK);
    CHECK_EQUAL(t.o.phase, PHASE_HANDSHAKE);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10), 0);
    CHECK_EQUAL(t.o.phase, PHASE_ESTABLISHED);
}

static void test_a_close_by_four_segments_has_four_steps(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_STEP(SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1), STEP_FIN);
    CHECK_EQUAL(t.o.phase, PHASE_TEARDOWN);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 2), STEP_ACK_OF_FIN);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 2, .data = 9), 0);
    CHECK_EQUAL(t.o.phase, PHASE_TEARDOWN);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = FA, .seq = 10, .ack = 2), STEP_SECOND_FIN);
    CHECK_STEP(SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 11), STEP_ACK_OF_SECOND_FIN);
    CHECK_EQUAL(t.o.phase, PHASE_TEARDOWN);
}

static void test_a_fin_that_acknowledges_a_fin_is_two_steps(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    CHECK_STEP(SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2), STEP_ACK_OF_FIN | STEP_SECOND_FIN);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2), STEP_ACK_OF_SECOND_FIN);
}

static void test_of_crossing_fins_the_second_comes_before_the_ack_of_the_first(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1), STEP_FIN);
    CHECK_STEP(SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1), STEP_SECOND_FIN);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2), STEP_ACK_OF_SECOND_FIN);
    CHECK_STEP(SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 2), STEP_ACK_OF_FIN);
}

static void test_the_third_step_may_carry_data_or_a_fin(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100), STEP_ACK);

    struct talk u = talk_begin();

    SAY(&u, .from = CLIENT, .flags = S);
    SAY(&u, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_STEP(SAY(&u, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1), STEP_ACK | STEP_FIN);
}

static void test_an_ack_outside_the_handshake_is_no_third_step(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 0), 0);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), STEP_ACK);
}

static void test_in_a_simultaneous_open_there_is_no_third_step(void)
{
    struct talk t = talk_begin();

    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = S), STEP_SYN);
    CHECK_STEP(SAY(&t, .from = SERVER, .flags = S), STEP_SYN);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = SA, .ack = 1), STEP_SYN_ACK);
    CHECK_STEP(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), STEP_SYN_ACK);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10), 0);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
}

static void test_in_a_split_open_the_ack_of_the_only_syn_ack_is_the_third_step(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_STEP(SAY(&t, .from = SERVER, .flags = A, .seq = 0, .ack = 1), 0);
    CHECK_STEP(SAY(&t, .from = SERVER, .flags = S), STEP_SYN);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = SA, .ack = 1), STEP_SYN_ACK);
    CHECK_STEP(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1), STEP_ACK);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
}

static void test_without_the_syn_ack_the_clients_first_ack_is_an_assumed_third_step(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), STEP_ACK);
    CHECK(t.o.assumed);
}

static void test_a_syn_or_syn_ack_sent_again_repeats_its_step(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_REPEAT(SAY(&t, .from = CLIENT, .flags = S, .wait = 1000), STEP_SYN, 1);
    CHECK_STEP(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), STEP_SYN_ACK);
    CHECK_REPEAT(SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000), STEP_SYN_ACK, 3);
}

static void test_a_pure_ack_that_answers_a_repeat_repeats_its_step(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    CHECK_REPEAT(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), STEP_ACK, 3);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), 0); /* an ordinary later ACK */
    talk_close(&t);
    CHECK_REPEAT(SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 300), STEP_SECOND_FIN, 9);
    CHECK_REPEAT(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2), STEP_ACK_OF_SECOND_FIN, 10);
}

static void test_an_answer_to_the_first_fin_sent_again_repeats_the_second_step(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    CHECK_REPEAT(SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 300), STEP_FIN, 4);
    CHECK_REPEAT(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2), STEP_ACK_OF_FIN, 5);
    CHECK_STEP(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2, .data = 5), 0);
}

/* The repeated SYN-ACK comes longer than a crossing after the third step: that was lost. */
static void test_data_repeats_a_third_step_that_was_proven_lost(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 3000);
    CHECK_EQUAL(t.o.lost_frame, 3);
    CHECK_REPEAT(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100), STEP_ACK, 3);
}

static void test_a_fin_below_what_was_sent_is_no_step(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 500);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = FA, .seq = 100, .ack = 1), 0);
    CHECK_EQUAL(t.o.sender.after, ESTABLISHED);
}

static void test_an_unacceptable_fin_is_no_step(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = FA, .seq = 10000000, .ack = 1), 0);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
}

static void test_a_reset_carries_no_step(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_STEP(SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1), 0);
    CHECK_EQUAL(t.o.phase, PHASE_RESET);
}

static void test_after_the_end_the_phase_is_closed_but_for_the_answer_to_a_repeated_fin(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    talk_close(&t);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2)->phase, PHASE_CLOSED);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 300);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2)->phase, PHASE_TEARDOWN);
}

static void test_an_end_in_a_syn_state_before_it_makes_the_phase_handshake(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1)->phase, PHASE_HANDSHAKE);
}

static void test_a_lone_reset_has_no_phase_but_reset(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = R, .seq = 500);
    CHECK(t.o.phase == PHASE_UNKNOWN || t.o.phase == PHASE_RESET);
    CHECK_EQUAL(t.o.steps, 0);
}

int main(void)
{
    test_a_three_way_handshake_has_three_steps();
    test_a_close_by_four_segments_has_four_steps();
    test_a_fin_that_acknowledges_a_fin_is_two_steps();
    test_of_crossing_fins_the_second_comes_before_the_ack_of_the_first();
    test_the_third_step_may_carry_data_or_a_fin();
    test_an_ack_outside_the_handshake_is_no_third_step();
    test_in_a_simultaneous_open_there_is_no_third_step();
    test_in_a_split_open_the_ack_of_the_only_syn_ack_is_the_third_step();
    test_without_the_syn_ack_the_clients_first_ack_is_an_assumed_third_step();
    test_a_syn_or_syn_ack_sent_again_repeats_its_step();
    test_a_pure_ack_that_answers_a_repeat_repeats_its_step();
    test_an_answer_to_the_first_fin_sent_again_repeats_the_second_step();
    test_data_repeats_a_third_step_that_was_proven_lost();
    test_a_fin_below_what_was_sent_is_no_step();
    test_an_unacceptable_fin_is_no_step();
    test_a_reset_carries_no_step();
    test_after_the_end_the_phase_is_closed_but_for_the_answer_to_a_repeated_fin();
    test_an_end_in_a_syn_state_before_it_makes_the_phase_handshake();
    test_a_lone_reset_has_no_phase_but_reset();
    return check_result();
}
