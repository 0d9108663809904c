/* sending_test.c - what has its sender done by sending a segment?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

static void test_joined_late_the_sender_is_taken_for_open(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 900, .data = 10);
    CHECK_STATES(&t.o, ESTABLISHED, UNKNOWN);
    SAY(&t, .from = SERVER, .flags = A, .seq = 900, .ack = 110);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
}

static void test_joined_late_the_first_fin_is_that_of_the_closer(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 100, .ack = 900);
    CHECK_EQUAL(t.o.sender.after, FIN_WAIT_1);
    CHECK_EQUAL(t.o.sender.basis, BASIS_ASSUMED);
}

static const char *rule_of(enum state state, enum event event)
{
    return rules[fsm_step(state, event).rule].name;
}

#define CHECK_RULE(o, state, event) CHECK_STRING(rules[(o)->sender.rule].name, rule_of(state, event))

static void test_who_resets_has_closed(void)
{
    struct talk t = talk_opened();

    CHECK_RULE(SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1), ESTABLISHED, SND_RST);
    CHECK_EQUAL(t.o.sender.after, CLOSED);
}

/* A copy of the SYN that was under way for long opens nothing again. */
static void test_a_late_copy_of_a_syn_or_syn_ack_moves_nobody(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_RULE(SAY(&t, .from = CLIENT, .flags = S, .wait = 1000), SYN_SENT, SND_SYN);
    t = talk_opened();
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK_RULE(SAY(&t, .from = CLIENT, .flags = S), ESTABLISHED, SND_SYN_COPY);
    CHECK_EQUAL(t.o.sender.after, ESTABLISHED);
    CHECK_RULE(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), ESTABLISHED, SND_SYN_ACK_COPY);
    CHECK_EQUAL(t.o.sender.after, ESTABLISHED);
}

static void test_a_repeated_fin_is_no_second_one(void)
{
    struct talk t = talk_opened();

    CHECK_RULE(SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1), ESTABLISHED, SND_FIN);
    CHECK_RULE(SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 300), FIN_WAIT_1,
               SND_FIN_COPY);
    CHECK_EQUAL(t.o.sender.after, FIN_WAIT_1);
}

static void test_a_fin_that_was_acknowledged_before_it_was_captured(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 1);
    CHECK_STATES(&t.o, FIN_WAIT_2, CLOSE_WAIT);
}

/* What fits numbers that were captured of both ends is assumed no more. */
static void test_what_is_assumed_ends_where_the_numbers_fit(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10); /* the SYN-ACK was missed */
    CHECK_EQUAL(t.o.peer.basis, BASIS_ASSUMED);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 61); /* what was not captured */
    CHECK_EQUAL(t.o.sender.basis, BASIS_ASSUMED);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 11);
    CHECK(t.o.sender.basis != BASIS_ASSUMED);
}

int main(void)
{
    test_joined_late_the_sender_is_taken_for_open();
    test_joined_late_the_first_fin_is_that_of_the_closer();
    test_who_resets_has_closed();
    test_a_late_copy_of_a_syn_or_syn_ack_moves_nobody();
    test_a_repeated_fin_is_no_second_one();
    test_a_fin_that_was_acknowledged_before_it_was_captured();
    test_what_is_assumed_ends_where_the_numbers_fit();
    return check_result();
}
