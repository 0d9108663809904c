/* weigh_belief_test.c - which presumptions yield, which are kept, and what is said to be lost?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "weigh/weigh.h"

#define WEIGH(t, ...) talk_weigh(LOOK((t), __VA_ARGS__))

/* --- what is lost, and for how long it may be under way --- */

static void test_a_repeated_syn_proves_the_syn_ack_lost(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1001);
    CHECK(t.o.corrected);
    CHECK_EQUAL(t.o.sender.before, SYN_SENT);
    CHECK_EQUAL(t.o.lost_frame, 2);
}

/* The repeat is what counts: 200 ms, though the ACK that was sent to it is no repeat. */
static void test_a_repeated_fin_is_under_way_for_200_ms(void)
{
    for (uint32_t wait = 200; wait <= 201; wait++) {
        struct talk t = talk_opened();

        SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
        SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 300);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = wait);
        CHECK(t.o.corrected);
        CHECK_EQUAL(t.o.lost_frame, wait > 200 ? 5 : 0);
    }
}

/* A SYN-ACK that comes again shows both: the first that was lost is named. */
static void test_step_3_and_the_fin_behind_it_may_both_be_lost(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);

    const struct weighing *w = WEIGH(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1500);

    CHECK(w->corrected && w->step_lost && w->fin_lost && !w->crossed);
    CHECK_EQUAL(w->before, SYN_RECEIVED);
    CHECK_EQUAL(w->lost_frame, 3);
}

static void test_a_fin_and_the_reset_behind_it_may_both_be_lost(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 402);

    const struct weighing *w = WEIGH(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401, .data = 5,
                                     .wait = 3000);

    CHECK(w->corrected && w->fin_lost && !w->step_lost);
    CHECK_EQUAL(w->before, ESTABLISHED);
}

static void test_of_lost_data_and_a_lost_step_each_is_told_alone(void)
{
    struct talk t = talk_opened();
    const struct weighing *w = WEIGH(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1500);

    CHECK(w->step_lost && !w->fin_lost);
    t = talk_half_acknowledged();
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1);
    w = WEIGH(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401, .wait = 1500);
    CHECK(w->fin_lost && !w->step_lost);
}

/* --- behind a gap --- */

static void test_a_block_that_begins_where_the_ack_stands_shows_no_gap(void)
{
    for (uint32_t left = 1; left <= 101; left += 100) {
        struct talk t = talk_opened();

        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
        SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
        CHECK_EQUAL(WEIGH(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .sack = {left, 102})->hole,
                    left == 101);
    }
}

/* --- after 2MSL --- */

/* Its TIME-WAIT was over by our clock, but not by its own. */
static void test_who_still_answers_after_2msl_still_waits(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2, .wait = 61000);
    CHECK_EQUAL(t.o.sender.before, TIME_WAIT);
    CHECK_EQUAL(t.o.sender.after, TIME_WAIT);
    CHECK_STRING(rules[t.o.sender.rule].name, "RULE_STILL_ACKNOWLEDGING");
    CHECK(!t.o.corrected);
    CHECK(!talk_newest(&t)->end[CLIENT].belief.assumed);
}

/* The last FIN comes again when TIME-WAIT seems over, and is answered. */
static void test_an_end_that_was_shown_closed_after_2msl_may_be_shown_waiting_again(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 61000);
    CHECK_EQUAL(t.o.peer.after, CLOSED);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2);
    CHECK(t.o.corrected && !(t.o.findings & FINDING_CROSSED));
    CHECK_STRING(state_name(t.o.presumed), "CLOSED");
    CHECK_STRING(state_name(t.o.sender.before), "TIME-WAIT");
    CHECK_EQUAL(t.o.lost_frame, 0);
}

/* With a 2MSL this short, the FIN was under way just now; that does not bring the end back. */
static void test_that_2msl_have_passed_does_not_cross_anything(void)
{
    struct talk t = talk_opened();

    t.observer.time_wait = SECOND / 2;
    talk_close(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2, .wait = 600);
    CHECK_EQUAL(t.o.sender.before, TIME_WAIT);
    CHECK_EQUAL(t.o.sender.after, TIME_WAIT);
}

/* --- what proves nothing --- */

/* It repeats old data, with an ACK that is older than the FIN. */
static void test_what_was_captured_late_does_not_deny_the_fin(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401, .data = 10);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 11);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 201, .data = 10, .wait = 1500);
    CHECK(!t.o.corrected);
    CHECK_EQUAL(t.o.sender.after, CLOSE_WAIT);
}

/* An application that closes and is gone answers with a RST, whatever it acknowledges. */
static void test_a_reset_does_not_bring_back_a_fin_that_was_denied(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401, .data = 5, .wait = 1500);
    CHECK_EQUAL(t.o.sender.after, ESTABLISHED);
    SAY(&t, .from = SERVER, .flags = RA, .seq = 6, .ack = 402);
    CHECK_EQUAL(t.o.sender.before, ESTABLISHED);
}

/* Its sender has taken the FIN, and now seems to open anew: what it knew belongs to the past. */
static void test_a_syn_ack_behind_the_fin_does_not_bring_that_back(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    CHECK_EQUAL(t.o.sender.after, CLOSE_WAIT);
    SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 2);
    CHECK_EQUAL(t.o.connection, 0);
    CHECK_STRING(state_name(t.o.sender.after), "SYN-RECEIVED");
}

int main(void)
{
    test_a_repeated_syn_proves_the_syn_ack_lost();
    test_a_repeated_fin_is_under_way_for_200_ms();
    test_step_3_and_the_fin_behind_it_may_both_be_lost();
    test_a_fin_and_the_reset_behind_it_may_both_be_lost();
    test_of_lost_data_and_a_lost_step_each_is_told_alone();
    test_a_block_that_begins_where_the_ack_stands_shows_no_gap();
    test_who_still_answers_after_2msl_still_waits();
    test_an_end_that_was_shown_closed_after_2msl_may_be_shown_waiting_again();
    test_that_2msl_have_passed_does_not_cross_anything();
    test_what_was_captured_late_does_not_deny_the_fin();
    test_a_reset_does_not_bring_back_a_fin_that_was_denied();
    test_a_syn_ack_behind_the_fin_does_not_bring_that_back();
    return check_result();
}
