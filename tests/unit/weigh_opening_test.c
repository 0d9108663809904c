/* weigh_opening_test.c - what do answers to a SYN prove: a listener, nobody, or another connection?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "weigh/weigh.h"

#define CHECK_RULE(end, expected) CHECK_STRING(rules[(end).rule].name, #expected)

/* From here on an end counts from another ISN. */
static void restart(struct talk *t, unsigned end, uint32_t further)
{
    t->isn[end] = seq_add(t->isn[end], further);
}

/* --- crossed --- */

/* The queues of a card are captured in disorder: the clock runs back by some milliseconds, not by weeks. */
static void test_a_syn_behind_its_syn_ack_in_time_as_well_had_crossed_it(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    t.now -= 15 * (SECOND / 1000); /* and STEP_MS more */
    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_EQUAL(t.o.lost_frame, 0);
    CHECK_STATES(&t.o, ESTABLISHED, SYN_RECEIVED);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
}

/* --- refused --- */

static void test_a_refusal_shows_that_nobody_listened(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_EQUAL(t.o.peer.after, SYN_RECEIVED);
    SAY(&t, .from = SERVER, .flags = RA, .ack = 1);
    CHECK(t.o.corrected);
    CHECK_EQUAL(t.o.presumed, SYN_RECEIVED);
    CHECK_STATES(&t.o, CLOSED, CLOSED);
    CHECK_EQUAL(t.o.sender.before, CLOSED);
    CHECK_RULE(t.o.sender, RULE_REFUSED);
    CHECK_EQUAL(t.o.lost_frame, 0);
}

static void test_who_refused_is_closed_and_refuses_no_listener_again(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = RA, .ack = 1);
    SAY(&t, .from = SERVER, .flags = RA, .ack = 1, .wait = 1000);
    CHECK(!t.o.corrected);
    CHECK_RULE(t.o.sender, RULE_RESET_SENT);
}

static void test_who_has_sent_a_syn_itself_aborts_and_refuses_nobody(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = S);
    SAY(&t, .from = SERVER, .flags = RA, .seq = 1, .ack = 1);
    CHECK_EQUAL(t.o.sender.before, SYN_RECEIVED);
    CHECK_EQUAL(t.o.sender.after, CLOSED);
    CHECK_RULE(t.o.sender, RULE_RESET_SENT);
}

/* RFC 9293 3.10.7.3: in SYN-SENT a RST counts only with an acceptable ACK. */
static void test_a_reset_that_does_not_acknowledge_the_syn_is_no_refusal(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = R, .seq = 0);
    CHECK_EQUAL(t.o.sender.before, SYN_RECEIVED);
    CHECK_EQUAL(t.o.peer.after, SYN_SENT);
}

/* A SYN-ACK shows that its sender had a SYN, though not which one. */
static void test_a_syn_ack_that_acknowledges_something_else_proves_syn_received(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = (uint32_t)-500);
    CHECK(t.o.findings & FINDING_ACK_SUSPECT);
    CHECK_EQUAL(t.o.sender.after, SYN_RECEIVED);
    CHECK(!fact_is(talk_newest(&t)->end[SERVER].belief.presumed, FACT_SYN));
}

/* --- challenged --- */

/* RFC 9293 3.5.1, figure 9, where only the end is captured: B has a connection of before, A opens anew. */
static void test_a_bare_ack_with_foreign_numbers_comes_from_a_connection_that_was_not_captured(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = A, .seq = 9000, .ack = 70000000);
    CHECK(t.o.corrected);
    CHECK_EQUAL(t.o.presumed, SYN_RECEIVED);
    CHECK_STATES(&t.o, UNKNOWN, SYN_SENT);
    CHECK(talk_newest(&t)->lineage.ambiguous);
}

static void test_only_what_directly_follows_the_syn_is_its_challenge(void)
{
    for (int other = 0; other <= 3; other++) {
        struct talk t = talk_begin();
        struct look *l;

        SAY(&t, .from = CLIENT, .flags = S);
        l = LOOK(&t, .from = SERVER, .flags = A, .seq = 9000, .ack = 70000000, .data = other == 1 ? 9 : 0);
        if (other == 2) {
            l->c->dialogue.challenge_expected = false;
        } else if (other == 3) {
            l->c->dialogue.last_from = SERVER;
        }
        CHECK_EQUAL(talk_weigh(l)->untouched, other == 0);
    }
}

/* A challenge in a connection that was joined late, to a RST that lies beside RCV.NXT. */
static void test_a_challenge_without_a_syn_leaves_its_sender_where_it_is(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 500, .ack = 800, .data = 10);
    SAY(&t, .from = SERVER, .flags = A, .seq = 800, .ack = 510, .data = 10);
    talk_newest(&t)->dialogue.challenge_expected = true;
    talk_newest(&t)->dialogue.last_from = CLIENT;
    CHECK_STATES(SAY(&t, .from = SERVER, .flags = A, .seq = 810, .ack = 90000), ESTABLISHED, ESTABLISHED);
    CHECK(!t.o.corrected);
    CHECK(!talk_newest(&t)->lineage.ambiguous);
}

/* Who opened actively itself answers with a SYN-ACK; a bare ACK is the first half of a split open. */
static void test_who_sent_a_syn_itself_is_not_left_in_another_connection(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = S);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 70000000);
    CHECK(t.o.sender.after != UNKNOWN);
    CHECK(!talk_newest(&t)->lineage.ambiguous);
}

/* RFC 9293 3.10.7.4: TIME-WAIT need not let the SYN open anew; its ACK says that it did not. */
static void test_a_challenge_from_time_wait_shows_that_it_goes_on_waiting(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 2);
    SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    restart(&t, CLIENT, 500000);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK_STATES(&t.o, SYN_SENT, SYN_RECEIVED);
    SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 2u - 500000u);
    CHECK_EQUAL(t.o.connection, 1);
    CHECK(t.o.corrected);
    CHECK_EQUAL(t.o.presumed, SYN_RECEIVED);
    CHECK_STATES(&t.o, TIME_WAIT, SYN_SENT);
}

/* --- open, though nothing captured opened it --- */

static void test_a_fin_that_came_while_the_state_was_unknown_is_remembered(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 100, .ack = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 100, .ack = 101);
    CHECK_STATES(&t.o, CLOSE_WAIT, FIN_WAIT_2);
}

static void test_what_is_not_acceptable_opens_nobody(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = (uint32_t)-500, .data = 9);
    CHECK(t.o.findings & FINDING_ACK_SUSPECT);
    CHECK_EQUAL(t.o.sender.after, SYN_RECEIVED);
    CHECK(!talk_newest(&t)->dialogue.complete);
}

int main(void)
{
    test_a_syn_behind_its_syn_ack_in_time_as_well_had_crossed_it();
    test_a_refusal_shows_that_nobody_listened();
    test_who_refused_is_closed_and_refuses_no_listener_again();
    test_who_has_sent_a_syn_itself_aborts_and_refuses_nobody();
    test_a_reset_that_does_not_acknowledge_the_syn_is_no_refusal();
    test_a_syn_ack_that_acknowledges_something_else_proves_syn_received();
    test_a_bare_ack_with_foreign_numbers_comes_from_a_connection_that_was_not_captured();
    test_only_what_directly_follows_the_syn_is_its_challenge();
    test_a_challenge_without_a_syn_leaves_its_sender_where_it_is();
    test_who_sent_a_syn_itself_is_not_left_in_another_connection();
    test_a_challenge_from_time_wait_shows_that_it_goes_on_waiting();
    test_a_fin_that_came_while_the_state_was_unknown_is_remembered();
    test_what_is_not_acceptable_opens_nobody();
    return check_result();
}
