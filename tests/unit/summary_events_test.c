/* summary_events_test.c - which segments are more than data and ACKs of it?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define FRAME(u, which) ((u)->summary[0].milestone[which].frame)

/* Between the SYN and the SYN-ACK. */
static bool is_disorder(unsigned from, uint32_t ack, bool answered_before)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    if (answered_before)
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = from, .flags = A, .seq = from == CLIENT, .ack = ack);
    CHECK(!u.summary[0].opened || from == CLIENT);
    return u.summary[0].disorder;
}

/* Who goes on has received the SYN-ACK, which then may still come. */
static void test_a_client_that_goes_on_before_its_syn_ack_shows_disorder(void)
{
    CHECK(is_disorder(CLIENT, 5, false));
    CHECK(!is_disorder(CLIENT, 10000000, true)); /* in its place, though nothing opens by it */
    CHECK(!is_disorder(SERVER, 1, false));       /* only the client waits for that */
}

/* A step is noted though no state is another than before. */
static void test_a_step_counts_whether_or_not_it_moves_anybody(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    HEAR(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    u.talk.o.state_changed = false;
    updating_take(&u);
    CHECK_EQUAL(FRAME(&u, MILESTONE_ACK), 3);
}

/* A state can end without a step, say with time. */
static void test_a_state_that_ends_is_measured_whether_or_not_by_a_step(void)
{
    struct updating u = updating_half_closed();

    HEAR(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 102, .data = 10);
    u.talk.o.state_changed = true;
    u.talk.o.sender.before = CLOSE_WAIT;
    u.talk.o.sender.after = CLOSED;
    u.talk.o.sender.time_in_state = 7;
    updating_take(&u);
    CHECK_EQUAL(summary_span(&u.summary[0], SPAN_CLOSE_WAIT), 7);
}

static void test_only_a_server_challenges(void)
{
    struct updating u = updating_opened();

    CHECK_EQUAL(u.summary[0].challenge.frame, 0);
    UPDATE(&u, .from = SERVER, .flags = R, .seq = 500, .ip_id = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK(u.talk.o.findings & FINDING_CHALLENGE_ACK);
    CHECK_EQUAL(u.summary[0].challenge.frame, 0);
    u = updating_opened();
    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(u.summary[0].challenge.frame, 5);
}

static void test_what_cannot_be_read_is_left_out(void)
{
    struct updating u = updating_begin();

    HEAR(&u, .from = CLIENT, .flags = S);
    u.talk.o.findings |= FINDING_UNUSABLE;
    summary_update(&u.summary[0], NULL, 0, &u.talk.seg, &u.talk.o);
    CHECK(!u.summary[0].begun);
    CHECK_EQUAL(FRAME(&u, MILESTONE_SYN), 0);
}

/* What is over is tried no more: nothing of it can fall due. */
static void test_a_closed_connection_has_no_tries(void)
{
    struct updating u = updating_half_closed();

    CHECK_EQUAL(u.summary[0].end[0].fins.count, 1);
    CHECK(u.summary[0].progress > 0);
    u = updating_closed();
    CHECK_EQUAL(u.summary[0].end[0].fins.count, 0);
    CHECK_EQUAL(u.summary[0].end[1].fins.count, 0);
    CHECK_EQUAL(u.summary[0].progress, 0);
}

/* Who joined late knows no SYN, not even one with the number 0. */
static void test_an_icmp_error_quotes_a_syn_that_was_captured(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK(!summary_update_icmp(&u.summary[0], CLIENT, seq_of(0), 2, u.talk.now));
    CHECK_EQUAL(FRAME(&u, MILESTONE_ICMP), 0);
}

/* A FIN that is captured behind its ACK has been acknowledged, by no segment that could be named. */
static void test_a_fin_that_was_acknowledged_before_counts_as_acknowledged(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 2, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 1);
    CHECK(u.talk.o.findings & FINDING_FIN_ACKED);
    CHECK_EQUAL(u.summary[0].steps & STEPS_OF_TEARDOWN, STEP_FIN | STEP_ACK_OF_FIN);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 2, .ack = 2);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 1);
    CHECK(u.talk.o.findings & FINDING_FIN_ACKED);
    CHECK_EQUAL(u.summary[0].steps & STEPS_OF_TEARDOWN, STEPS_OF_TEARDOWN);
}

int main(void)
{
    test_a_client_that_goes_on_before_its_syn_ack_shows_disorder();
    test_a_step_counts_whether_or_not_it_moves_anybody();
    test_a_state_that_ends_is_measured_whether_or_not_by_a_step();
    test_only_a_server_challenges();
    test_what_cannot_be_read_is_left_out();
    test_a_closed_connection_has_no_tries();
    test_an_icmp_error_quotes_a_syn_that_was_captured();
    test_a_fin_that_was_acknowledged_before_counts_as_acknowledged();
    return check_result();
}
