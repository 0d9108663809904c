/* endings_test.c - what does a segment add to the summary of how a connection ends?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define MS INT64_C(1000000)
#define CHECK_MILESTONE(a, which, frame_) CHECK_EQUAL((a)->milestone[MILESTONE_##which].frame, (frame_))
#define CHECK_SPAN(a, which, time) CHECK_EQUAL(summary_span((a), SPAN_##which), (time))

/* ----------------------------------------------------------------------- FINs */

static void test_four_segments(void)
{
    struct booking b = update_opened();
    const struct summary *a = &b.summary[0];

    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 2, .wait = 40);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 700);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 2, .ack = 2, .wait = 30);
    CHECK_MILESTONE(a, FIN, 4);
    CHECK_MILESTONE(a, FIN_ACK, 5);
    CHECK_MILESTONE(a, SECOND_FIN, 6);
    CHECK_MILESTONE(a, SECOND_FIN_ACK, 7);
    CHECK_MILESTONE(a, RESET, 0);
    CHECK(!a->closer && !a->simultaneous_close && !a->three_segments);
    CHECK(a->end[0].waited && !a->end[1].waited);
    CHECK_SPAN(a, CLOSE_WAIT, 740 * MS);
    CHECK_SPAN(a, FIN_WAIT_2, 700 * MS);
    CHECK_EQUAL(summary_between(a, MILESTONE_FIN, MILESTONE_SECOND_FIN_ACK), 770 * MS);
}

static void test_repeats_are_no_milestones(void)
{
    struct booking b = update_opened();
    const struct summary *a = &b.summary[0];

    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 300);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 2, .window = 900);
    CHECK_MILESTONE(a, FIN, 4);
    CHECK_MILESTONE(a, FIN_ACK, 6);
}

static void test_the_server_closes_first(void)
{
    struct booking b = update_opened();
    const struct summary *a = &b.summary[0];

    BOOK(&b, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 1, .ack = 2);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    CHECK(a->closer);
    CHECK(a->three_segments && !a->simultaneous_close);
    CHECK_MILESTONE(a, FIN_ACK, 5);
    CHECK_MILESTONE(a, SECOND_FIN, 5);
    CHECK_SPAN(a, FIN_WAIT_2, NO_TIME); /* it was never there */
    CHECK(!a->end[0].waited && a->end[1].waited);
}

static void test_fins_that_cross(void)
{
    struct booking b = update_opened();
    const struct summary *a = &b.summary[0];

    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    CHECK(a->simultaneous_close && !a->three_segments);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 2, .ack = 2);
    CHECK(a->simultaneous_close);
    CHECK_MILESTONE(a, SECOND_FIN, 5);
    CHECK_MILESTONE(a, FIN_ACK, 6);
    CHECK_MILESTONE(a, SECOND_FIN_ACK, 7);
    CHECK(a->end[0].waited && a->end[1].waited);
}

/* -------------------------------------------------------------- a RST that ends */

static void test_an_abort_ends_it(void)
{
    struct booking b = update_opened();
    const struct summary *a = &b.summary[0];

    BOOK(&b, .from = SERVER, .flags = RA, .seq = 1, .ack = 1);
    CHECK_MILESTONE(a, RESET, 4);
    CHECK(a->reset && !a->desynchronized);
    CHECK_EQUAL(a->reset_cause, RESET_ABORT);
    CHECK_EQUAL(a->reset_by, ROLE_SERVER);
    BOOK(&b, .from = SERVER, .flags = RA, .seq = 1, .ack = 1, .wait = 50);
    BOOK(&b, .from = CLIENT, .flags = R, .seq = 1, .wait = 50);
    CHECK_MILESTONE(a, RESET, 4);
    CHECK_EQUAL(a->reset_by, ROLE_SERVER);
}

static void test_until_one_ends_it_the_first_counts(void)
{
    struct booking b = update_opened();
    const struct summary *a = &b.summary[0];

    BOOK(&b, .from = CLIENT, .flags = R, .seq = 101, .ip_id = 1000); /* in the window, not at its edge */
    BOOK(&b, .from = CLIENT, .flags = R, .seq = 201, .ip_id = 1001);
    CHECK_MILESTONE(a, RESET, 4);
    CHECK_EQUAL(a->reset_cause, RESET_NOT_ACCEPTABLE);
    CHECK(!a->reset);
    BOOK(&b, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    CHECK_MILESTONE(a, RESET, 6);
    CHECK_EQUAL(a->reset_cause, RESET_ABORT);
    CHECK(a->reset);
}

static void test_a_new_try_takes_a_refusal_back(void)
{
    struct booking b = update_begin();
    const struct summary *a = &b.summary[0];

    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = RA, .ack = 1);
    CHECK(a->reset);
    CHECK_EQUAL(a->reset_cause, RESET_REFUSED);
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 500);
    CHECK(!a->reset);
    BOOK(&b, .from = SERVER, .flags = RA, .ack = 1);
    CHECK(a->reset);
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 500);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK(!a->reset && a->opened);
    CHECK_EQUAL(outcome_of(a, 0), OUTCOME_OPEN);
}

/* A RST that nobody listened to, say of a forger or for a host that keeps TIME-WAIT. */
static void test_who_goes_on_takes_a_reset_back(void)
{
    struct booking b = update_opened();
    const struct summary *a = &b.summary[0];

    BOOK(&b, .from = SERVER, .flags = R, .seq = 1);
    CHECK(a->reset);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 20);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 21);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 21, .ack = 1, .data = 20);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 41);
    CHECK(!a->reset && !a->desynchronized);
    CHECK_EQUAL(outcome_of(a, 0), OUTCOME_OPEN);
}

static void test_who_hasnt_heard_of_a_reset_yet_doesnt_take_it_back(void)
{
    struct booking b = update_opened();
    const struct summary *a = &b.summary[0];

    BOOK(&b, .from = SERVER, .flags = RA, .seq = 1, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 5, .wait = 2); /* crosses it */
    CHECK(a->reset);
    CHECK_EQUAL(outcome_of(a, 0), OUTCOME_RESET);
}

static void test_a_reset_after_both_fins_changes_nothing(void)
{
    struct booking b = update_opened();
    const struct summary *a = &b.summary[0];

    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 1, .ack = 2);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 2, .ack = 2);
    BOOK(&b, .from = SERVER, .flags = R, .seq = 2);
    CHECK(!a->desynchronized);
    CHECK(!(b.talk.o.findings & FINDING_DESYNCHRONIZED));
    CHECK_EQUAL(outcome_of(a, 0), OUTCOME_CLOSED);
}

/* -------------------------------------------- one end has lost it, the other doesn't know */

/* The client has crashed and opens anew with an ISN far away, the server holds the old connection: SYN,
 * challenge ACK, RST (RFC 9293 3.5.1, figure 10). */
static struct booking restarted(void)
{
    struct booking b = update_opened();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 11);
    BOOK(&b, .from = CLIENT, .flags = S, .seq = 70000, .wait = 5000);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 11);
    return b;
}

static void test_a_syn_a_challenge_and_a_reset(void)
{
    struct booking b = restarted();
    const struct summary *old = &b.summary[0], *new = &b.summary[1];

    CHECK_EQUAL(b.talk.o.connection, 1);
    CHECK(b.talk.o.findings & FINDING_CHALLENGE_ACK);
    CHECK_EQUAL(new->challenge.frame, 7);
    CHECK_EQUAL(new->challenged_syn, 6);
    CHECK(!old->desynchronized);
    BOOK(&b, .from = CLIENT, .flags = R, .seq = 11);
    CHECK(b.talk.o.findings & FINDING_DESYNCHRONIZED);
    CHECK(old->desynchronized && !new->desynchronized && !new->reset);
    CHECK_EQUAL(old->milestone[MILESTONE_RESET].frame, 8);
    CHECK_EQUAL(old->reset_by, ROLE_CLIENT);
    CHECK_EQUAL(old->lost_by, 2);
    CHECK_EQUAL(outcome_of(old, 0), OUTCOME_DESYNCHRONIZED);
}

static void test_and_then_the_same_syn_opens(void)
{
    struct booking b = restarted();

    BOOK(&b, .from = CLIENT, .flags = R, .seq = 11);
    BOOK(&b, .from = CLIENT, .flags = S, .seq = 70000, .wait = 1000);
    BOOK(&b, .from = SERVER, .flags = SA, .seq = 90000, .ack = 70001);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 70001, .ack = 90001);
    CHECK_EQUAL(b.talk.o.connection, 1);
    CHECK(b.summary[0].desynchronized);
    CHECK_EQUAL(outcome_of(&b.summary[0], 0), OUTCOME_DESYNCHRONIZED);
    CHECK(b.summary[1].opened && !b.summary[1].reset && !b.summary[1].desynchronized);
    CHECK_EQUAL(outcome_of(&b.summary[1], 0), OUTCOME_OPEN);
}

/* Joined late, the end that challenges the SYN may be in TIME-WAIT: its FIN went by before. */
static void test_who_challenges_may_have_closed_before_the_capture(void)
{
    struct booking b = update_begin();

    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    BOOK(&b, .from = CLIENT, .flags = S, .seq = 70000, .wait = 100);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    BOOK(&b, .from = CLIENT, .flags = R, .seq = 2);
    CHECK(!(b.talk.o.findings & FINDING_DESYNCHRONIZED));
    CHECK(!b.summary[0].desynchronized && !b.summary[1].desynchronized);
}

/* The SYN meets the TIME-WAIT of the connection before: that is no TIME-WAIT of its own. */
static void test_who_waits_for_the_connection_before(void)
{
    enum { OLD = -70000 }; /* the ISN lies below, so that the SYN may not reopen it */
    struct booking b = update_opened();

    BOOK(&b, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 1, .ack = 2);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    BOOK(&b, .from = CLIENT, .flags = S, .seq = OLD, .wait = 1000);
    CHECK_EQUAL(b.talk.o.connection, 1);
    BOOK(&b, .from = SERVER, .flags = SA, .seq = 900, .ack = OLD + 1);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = OLD + 1, .ack = 901);
    CHECK(b.summary[0].end[1].waited);
    CHECK(b.summary[1].opened && !b.summary[1].end[1].waited);
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = OLD + 1, .ack = 901);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 901, .ack = OLD + 2);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = OLD + 2, .ack = 902);
    CHECK_EQUAL(time_wait_side_of(&b.summary[1]), TIME_WAIT_SIDE_CLIENT);
}

/* The server answers 10 bytes as a host without that connection. */
static bool lost_to_data(struct booking *b)
{
    BOOK(b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    BOOK(b, .from = SERVER, .flags = R, .seq = 1);
    CHECK_EQUAL(b->talk.o.reset_cause, RESET_NO_CONNECTION);
    CHECK_EQUAL((b->talk.o.findings & FINDING_DESYNCHRONIZED) != 0, b->summary[0].desynchronized);
    return b->summary[0].desynchronized;
}

static void test_data_answered_as_by_a_host_that_has_nothing(void)
{
    struct booking b = update_opened();

    CHECK(lost_to_data(&b));
    CHECK_EQUAL(b.summary[0].reset_by, ROLE_SERVER);
    CHECK_EQUAL(outcome_of(&b.summary[0], 0), OUTCOME_DESYNCHRONIZED);
    BOOK(&b, .from = SERVER, .flags = R, .seq = 1, .wait = 300);
    CHECK(!(b.talk.o.findings & FINDING_DESYNCHRONIZED)); /* one event, told once */
}

static void test_a_keepalive_answered_by_a_reset(void)
{
    struct booking b = update_opened();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 10000);
    BOOK(&b, .from = SERVER, .flags = R, .seq = 1);
    CHECK_EQUAL(b.talk.o.reset_cause, RESET_PROBE_ANSWER);
    CHECK(b.talk.o.findings & FINDING_DESYNCHRONIZED);
    CHECK(b.summary[0].desynchronized);
}

/* What keeps a RST of that cause from saying so. */
static void test_silence_where_it_cant_be_told(void)
{
    struct booking b = update_begin();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1); /* joined late: it may have closed before */
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK(!lost_to_data(&b));

    b = update_opened();
    BOOK(&b, .from = SERVER, .flags = A, .seq = 101, .ack = 1, .data = 10); /* 100 bytes are missing */
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    BOOK(&b, .from = SERVER, .flags = R, .seq = 1);
    CHECK(!b.summary[0].desynchronized);

    b = update_opened();
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 2); /* a FIN of the server, not captured? */
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 2, .data = 10);
    BOOK(&b, .from = SERVER, .flags = R, .seq = 2);
    CHECK(!b.summary[0].desynchronized);

    b = update_opened();
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .path = 3);
    CHECK(!lost_to_data(&b)); /* two paths */
}

/* Nothing is known of the server's numbers: its FIN may be what the client acknowledged. */
static void test_silence_where_its_syn_ack_was_missed(void)
{
    struct booking b = update_begin();

    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 2);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 2, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 2, .data = 10);
    BOOK(&b, .from = SERVER, .flags = R, .seq = 2, .wait = 300);
    CHECK(!b.summary[0].desynchronized);
}

/* A mirror shows an abort before the last data of the same end, which take it back. */
static void test_an_abort_out_of_its_place_is_no_loss(void)
{
    struct booking b = update_opened();

    BOOK(&b, .from = CLIENT, .flags = RA, .seq = 11, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 1);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 11, .wait = 1);
    BOOK(&b, .from = CLIENT, .flags = R, .seq = 11, .wait = 100);
    CHECK(!(b.talk.o.findings & FINDING_DESYNCHRONIZED));
    CHECK_EQUAL(outcome_of(&b.summary[0], 0), OUTCOME_RESET);
}

static void test_joined_late_but_it_was_open(void)
{
    struct booking b = update_begin();

    BOOK(&b, .from = SERVER, .flags = A, .seq = 0, .ack = 1);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 0, .ack = 1, .data = 1, .window = 900);
    CHECK(lost_to_data(&b));
}

static void test_an_abort_is_no_loss(void)
{
    struct booking b = update_opened();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    BOOK(&b, .from = SERVER, .flags = RA, .seq = 1, .ack = 11);
    CHECK(!(b.talk.o.findings & FINDING_DESYNCHRONIZED));
    CHECK(b.summary[0].reset && !b.summary[0].desynchronized);
}

int main(void)
{
    test_four_segments();
    test_repeats_are_no_milestones();
    test_the_server_closes_first();
    test_fins_that_cross();
    test_an_abort_ends_it();
    test_until_one_ends_it_the_first_counts();
    test_a_new_try_takes_a_refusal_back();
    test_who_goes_on_takes_a_reset_back();
    test_who_hasnt_heard_of_a_reset_yet_doesnt_take_it_back();
    test_a_reset_after_both_fins_changes_nothing();
    test_a_syn_a_challenge_and_a_reset();
    test_and_then_the_same_syn_opens();
    test_who_challenges_may_have_closed_before_the_capture();
    test_who_waits_for_the_connection_before();
    test_data_answered_as_by_a_host_that_has_nothing();
    test_a_keepalive_answered_by_a_reset();
    test_silence_where_it_cant_be_told();
    test_silence_where_its_syn_ack_was_missed();
    test_an_abort_out_of_its_place_is_no_loss();
    test_joined_late_but_it_was_open();
    test_an_abort_is_no_loss();
    return check_result();
}
