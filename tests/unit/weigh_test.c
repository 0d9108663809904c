/* weigh_test.c - what does a segment prove about what its sender had received?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "weigh/weigh.h"

/* A presumption that yields: the state shown before, the one it really was, and the segment that was lost
 * (0: it crossed). */
#define CHECK_CORRECTION(o, presumed_state, real_state, lost)                \
    do {                                                                     \
        const struct observation *c_ = (o);                                  \
        CHECK(c_->corrected);                                                \
        CHECK_STRING(state_name(c_->presumed), state_name(presumed_state));  \
        CHECK_STRING(state_name(c_->sender.before), state_name(real_state)); \
        CHECK_EQUAL(c_->lost_frame, (lost));                                 \
        CHECK_EQUAL((c_->findings & FINDING_CROSSED) != 0, (lost) == 0);     \
    } while (0)

static void test_a_syn_ack_sent_again_later_proves_the_third_ack_lost(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1001);
    CHECK_CORRECTION(&t.o, ESTABLISHED, SYN_RECEIVED, 3);
    CHECK_STATES(&t.o, SYN_RECEIVED, ESTABLISHED);
}

static void test_a_syn_ack_sent_again_soon_crossed_the_third_ack(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    CHECK_CORRECTION(&t.o, ESTABLISHED, SYN_RECEIVED, 0);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED); /* it arrives right after this */
}

/* Two queues of a card, or of two: the repeated SYN has an earlier time than the SYN-ACK before it. */
static void test_what_is_older_than_the_segment_before_crossed_it(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    t.now -= 20 * INT64_C(1000000);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1);
    CHECK_CORRECTION(&t.o, ESTABLISHED, SYN_SENT, 0);
    CHECK_STATES(&t.o, ESTABLISHED, SYN_RECEIVED);
}

/* A repeat counts as on its way for 200 ms only. */
static void test_a_repeat_crosses_for_a_shorter_time(void)
{
    for (uint32_t wait = 200; wait <= 201; wait++) {
        struct talk t = talk_opened();

        SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1001);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
        SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = wait);
        CHECK_CORRECTION(&t.o, ESTABLISHED, SYN_RECEIVED, wait > 200 ? 5 : 0);
    }
}

static void test_data_that_does_not_know_the_fin_proves_it_lost(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSE_WAIT);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 1001);
    CHECK_CORRECTION(&t.o, CLOSE_WAIT, ESTABLISHED, 4);
    CHECK_STATES(&t.o, ESTABLISHED, FIN_WAIT_1);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 11);
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSE_WAIT); /* sent again, it has its effect again */
}

static void test_a_fin_that_does_not_know_the_other_is_a_simultaneous_close(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    CHECK_CORRECTION(&t.o, CLOSE_WAIT, ESTABLISHED, 0);
    CHECK_STATES(&t.o, CLOSING, CLOSING);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2);
    CHECK_STATES(&t.o, CLOSING, TIME_WAIT);
    SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    CHECK_STATES(&t.o, TIME_WAIT, TIME_WAIT);
}

static void test_of_a_lost_fin_the_other_is_first_in_fin_wait_1(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1, .wait = 1500);
    CHECK_CORRECTION(&t.o, CLOSE_WAIT, ESTABLISHED, 4);
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSING);
}

static void test_a_last_fin_sent_again_proves_its_ack_lost(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    CHECK_STATES(&t.o, TIME_WAIT, CLOSED);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 2000);
    CHECK_CORRECTION(&t.o, CLOSED, LAST_ACK, 7);
    CHECK_STATES(&t.o, LAST_ACK, TIME_WAIT);
}

static void test_sack_shows_that_the_fin_waits_behind_a_gap(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSE_WAIT);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .sack = {101, 102});
    CHECK(t.o.corrected);
    CHECK_STATES(&t.o, ESTABLISHED, FIN_WAIT_1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100); /* the FIN is not needed again */
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSE_WAIT);
}

/* A mirror showed an ACK behind what its sender sent later: it proves nothing of now. */
static void test_a_segment_captured_late_overturns_nothing(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 102);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    CHECK(!t.o.corrected);
    CHECK_STATES(&t.o, CLOSE_WAIT, FIN_WAIT_2);
}

static void test_who_goes_on_has_not_taken_the_reset(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    CHECK_STATES(&t.o, CLOSED, CLOSED);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 3000);
    CHECK_CORRECTION(&t.o, CLOSED, ESTABLISHED, 4);
}

/* A host sends them directly one after the other; a mirror port exchanges them. */
static void test_a_fin_captured_directly_behind_the_reset_was_sent_before(void)
{
    for (uint32_t wait = 1; wait <= 20; wait += 19) {
        struct talk t = talk_opened();

        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10);
        SAY(&t, .from = CLIENT, .flags = R, .seq = 1);
        SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = wait);
        CHECK_EQUAL((t.o.findings & FINDING_DATA_AFTER_RESET) != 0, wait > 5);
        CHECK_EQUAL(t.o.sender.after == CLOSED, wait <= 5);
    }
}

static void test_an_unacceptable_segment_proves_nothing(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 10000000, .ack = 1, .data = 1, .wait = 1500);
    CHECK(!t.o.corrected);
    CHECK_STATES(&t.o, CLOSE_WAIT, FIN_WAIT_1);
}

/* A copy that was under way for long: the third ACK has proven that its sender had left SYN-SENT. */
static void test_a_syn_that_comes_again_late_proves_nothing(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = S, .wait = 2000);
    CHECK(t.o.repeat && !t.o.corrected);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401); /* the challenge */
    CHECK_STATES(SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1), FIN_WAIT_1, CLOSE_WAIT);
    CHECK_STATES(SAY(&t, .from = CLIENT, .flags = S, .wait = 300), FIN_WAIT_1, CLOSE_WAIT);
}

static void test_a_syn_ack_that_comes_again_late_proves_nothing(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 2000);
    CHECK(t.o.repeat && !t.o.corrected);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 402);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 402, .ack = 2);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 2000);
    CHECK(!t.o.corrected);
    CHECK_STATES(&t.o, CLOSED, TIME_WAIT);
}

int main(void)
{
    test_a_syn_that_comes_again_late_proves_nothing();
    test_a_syn_ack_that_comes_again_late_proves_nothing();
    test_a_syn_ack_sent_again_later_proves_the_third_ack_lost();
    test_a_syn_ack_sent_again_soon_crossed_the_third_ack();
    test_what_is_older_than_the_segment_before_crossed_it();
    test_a_repeat_crosses_for_a_shorter_time();
    test_data_that_does_not_know_the_fin_proves_it_lost();
    test_a_fin_that_does_not_know_the_other_is_a_simultaneous_close();
    test_of_a_lost_fin_the_other_is_first_in_fin_wait_1();
    test_a_last_fin_sent_again_proves_its_ack_lost();
    test_sack_shows_that_the_fin_waits_behind_a_gap();
    test_a_segment_captured_late_overturns_nothing();
    test_who_goes_on_has_not_taken_the_reset();
    test_a_fin_captured_directly_behind_the_reset_was_sent_before();
    test_an_unacceptable_segment_proves_nothing();
    return check_result();
}
