/* endings_loss_test.c - does a RST show that one end had lost the connection?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

/* The client has crashed and opens anew with an ISN far away, the server holds the old connection: SYN,
 * challenge ACK, RST (RFC 9293 3.5.1, figure 10). */
static struct updating restarted(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 11);
    UPDATE(&u, .from = CLIENT, .flags = S, .seq = 70000, .wait = 5000);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 11);
    return u;
}

static void test_a_syn_a_challenge_and_a_reset(void)
{
    struct updating u = restarted();
    const struct summary *old = &u.summary[0], *new = &u.summary[1];

    CHECK_EQUAL(u.talk.o.connection, 1);
    CHECK(u.talk.o.findings & FINDING_CHALLENGE_ACK);
    CHECK_EQUAL(new->challenge.frame, 7);
    CHECK_EQUAL(new->challenged_syn, 6);
    CHECK(!old->desynchronized);
    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 11);
    CHECK(u.talk.o.findings & FINDING_DESYNCHRONIZED);
    CHECK(old->desynchronized && !new->desynchronized && !new->reset);
    CHECK_EQUAL(old->milestone[MILESTONE_RESET].frame, 8);
    CHECK_EQUAL(old->reset_by, ROLE_CLIENT);
    CHECK_EQUAL(old->lost_by, 2);
    CHECK_EQUAL(outcome_of(old, 0), OUTCOME_DESYNCHRONIZED);
}

static void test_and_then_the_same_syn_opens(void)
{
    struct updating u = restarted();

    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 11);
    UPDATE(&u, .from = CLIENT, .flags = S, .seq = 70000, .wait = 1000);
    UPDATE(&u, .from = SERVER, .flags = SA, .seq = 90000, .ack = 70001);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 70001, .ack = 90001);
    CHECK_EQUAL(u.talk.o.connection, 1);
    CHECK(u.summary[0].desynchronized);
    CHECK_EQUAL(outcome_of(&u.summary[0], 0), OUTCOME_DESYNCHRONIZED);
    CHECK(u.summary[1].opened && !u.summary[1].reset && !u.summary[1].desynchronized);
    CHECK_EQUAL(outcome_of(&u.summary[1], 0), OUTCOME_OPEN);
}

/* Joined late, the end that challenges the SYN may be in TIME-WAIT: its FIN went by before. */
static void test_who_challenges_may_have_closed_before_the_capture(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    UPDATE(&u, .from = CLIENT, .flags = S, .seq = 70000, .wait = 100);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 2);
    CHECK(!(u.talk.o.findings & FINDING_DESYNCHRONIZED));
    CHECK(!u.summary[0].desynchronized && !u.summary[1].desynchronized);
}

/* The server answers 10 bytes as a host without that connection, after four silent seconds. */
static bool lost_to_data(struct updating *u)
{
    UPDATE(u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 4000);
    UPDATE(u, .from = SERVER, .flags = R, .seq = 1);
    CHECK_EQUAL(u->talk.o.reset_cause, RESET_NO_CONNECTION);
    CHECK_EQUAL((u->talk.o.findings & FINDING_DESYNCHRONIZED) != 0, u->summary[0].desynchronized);
    return u->summary[0].desynchronized;
}

static void test_data_answered_as_by_a_host_that_has_nothing(void)
{
    struct updating u = updating_opened();

    CHECK(lost_to_data(&u));
    CHECK_EQUAL(u.summary[0].reset_by, ROLE_SERVER);
    CHECK_EQUAL(outcome_of(&u.summary[0], 0), OUTCOME_DESYNCHRONIZED);
    UPDATE(&u, .from = SERVER, .flags = R, .seq = 1, .wait = 300);
    CHECK(!(u.talk.o.findings & FINDING_DESYNCHRONIZED)); /* one event, told once */
}

static void test_a_keepalive_answered_by_a_reset(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 10000);
    UPDATE(&u, .from = SERVER, .flags = R, .seq = 1);
    CHECK_EQUAL(u.talk.o.reset_cause, RESET_PROBE_ANSWER);
    CHECK(u.talk.o.findings & FINDING_DESYNCHRONIZED);
    CHECK(u.summary[0].desynchronized);
}

/* What keeps a RST of that cause from saying so. */
static void test_silence_where_it_cant_be_told(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1); /* joined late: it may have closed before */
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK(!lost_to_data(&u));

    u = updating_opened();
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 101, .ack = 1, .data = 10); /* 100 bytes are missing */
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    UPDATE(&u, .from = SERVER, .flags = R, .seq = 1);
    CHECK(!u.summary[0].desynchronized);

    u = updating_opened();
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 2); /* a FIN of the server, not captured? */
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 2, .data = 10);
    UPDATE(&u, .from = SERVER, .flags = R, .seq = 2);
    CHECK(!u.summary[0].desynchronized);

    u = updating_opened();
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .ip_id = 9, .path = 3);
    CHECK(!lost_to_data(&u)); /* two paths */
}

/* The living abort, the dead were silent for a second. */
static void test_silence_where_it_was_heard_of_just_now(void)
{
    for (uint32_t wait = 99; wait <= 100; wait++) {
        struct updating u = updating_opened();

        UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 100);
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 11, .data = 10, .wait = 900);
        UPDATE(&u, .from = SERVER, .flags = R, .seq = 11, .wait = wait);
        CHECK_EQUAL(u.talk.o.reset_cause, RESET_NO_CONNECTION);
        CHECK_EQUAL(u.summary[0].desynchronized, wait == 100);
        CHECK_EQUAL((u.talk.o.findings & FINDING_RESET_ABORT) != 0, wait == 99); /* a Note instead */
    }
}

/* A server that was heard with SYN-ACKs only had opened if it doesn't repeat them for three seconds. */
static void test_silence_of_a_server_that_need_not_have_opened(void)
{
    for (uint32_t wait = 2000; wait <= 3000; wait += 1000) {
        struct updating u = updating_opened();

        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = wait - 1);
        HEAR(&u, .from = SERVER, .flags = R, .seq = 1, .wait = 1);
        u.talk.o.reset_cause = RESET_NO_CONNECTION;
        updating_take(&u);
        CHECK_EQUAL(u.summary[0].desynchronized, wait == 3000);
    }
}

/* Nothing is known of the server's numbers: its FIN may be what the client acknowledged. */
static void test_silence_where_its_syn_ack_was_missed(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 2);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 2, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 2, .data = 10);
    UPDATE(&u, .from = SERVER, .flags = R, .seq = 2, .wait = 300);
    CHECK(!u.summary[0].desynchronized);
}

/* A mirror shows an abort before the last data of the same end, which take it back. */
static void test_an_abort_out_of_its_place_is_no_loss(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = RA, .seq = 11, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 1);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 11, .wait = 1);
    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 11, .wait = 100);
    CHECK(!(u.talk.o.findings & FINDING_DESYNCHRONIZED));
    CHECK_EQUAL(outcome_of(&u.summary[0], 0), OUTCOME_RESET);
}

static void test_joined_late_but_it_was_open(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = SERVER, .flags = A, .seq = 0, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 0, .ack = 1, .data = 1, .window = 900);
    CHECK(lost_to_data(&u));
}

static void test_an_abort_is_no_loss(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    UPDATE(&u, .from = SERVER, .flags = RA, .seq = 1, .ack = 11);
    CHECK(!(u.talk.o.findings & FINDING_DESYNCHRONIZED));
    CHECK(u.summary[0].reset && !u.summary[0].desynchronized);
}

int main(void)
{
    test_a_syn_a_challenge_and_a_reset();
    test_and_then_the_same_syn_opens();
    test_who_challenges_may_have_closed_before_the_capture();
    test_data_answered_as_by_a_host_that_has_nothing();
    test_a_keepalive_answered_by_a_reset();
    test_silence_where_it_cant_be_told();
    test_silence_where_it_was_heard_of_just_now();
    test_silence_of_a_server_that_need_not_have_opened();
    test_silence_where_its_syn_ack_was_missed();
    test_an_abort_out_of_its_place_is_no_loss();
    test_joined_late_but_it_was_open();
    test_an_abort_is_no_loss();
    return check_result();
}
