/* arriving_test.c - what is the peer presumed to receive with a segment?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

static void test_a_fin_beyond_a_gap_moves_its_peer_when_the_gap_is_filled(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
    CHECK_EQUAL(t.o.steps, STEP_FIN);
    CHECK_STATES(&t.o, FIN_WAIT_1, ESTABLISHED);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_STATES(&t.o, FIN_WAIT_1, CLOSE_WAIT);
}

static void test_an_ack_of_the_fin_proves_that_the_gap_was_filled(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 102);
    CHECK_EQUAL(t.o.sender.before, CLOSE_WAIT);
    CHECK_STATES(&t.o, CLOSE_WAIT, FIN_WAIT_2);
}

static const struct belief *belief_of(struct talk *t, unsigned end)
{
    return &talk_newest(t)->end[end].belief;
}

static const char *rule_of(enum state state, enum event event)
{
    return rules[fsm_step(state, event).rule].name;
}

#define CHECK_RULE(moved, state, event) CHECK_STRING(rules[(moved).rule].name, rule_of(state, event))

static void test_a_reset_sends_who_opened_passively_back_to_listen(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 1);
    CHECK_EQUAL(t.o.peer.after, LISTEN);
    CHECK_RULE(t.o.peer, SYN_RECEIVED, RCV_RST_LISTENER);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = RA, .ack = 1);
    CHECK_EQUAL(t.o.peer.after, CLOSED);
    CHECK_RULE(t.o.peer, SYN_SENT, RCV_RST);
}

static void test_what_is_confirmed_is_presumed_no_more(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    CHECK(fact_is(belief_of(&t, SERVER)->presumed, FACT_FIN));
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 300);
    CHECK(!fact_is(belief_of(&t, SERVER)->presumed, FACT_FIN));
    CHECK(fact_is(belief_of(&t, SERVER)->confirmed, FACT_FIN));
    CHECK_EQUAL(belief_of(&t, SERVER)->proven, CLOSE_WAIT);
}

/* Until the sender of a FIN shows that its ACK has arrived, each copy of that may be the one that does. */
static void test_each_ack_of_a_fin_may_be_the_one_that_arrives(void)
{
    struct talk t = talk_opened();
    const struct arrival *arrival = &belief_of(&t, CLIENT)->arrival[SLOT_ACK];

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    CHECK_EQUAL(arrival->frame, 5);
    CHECK(!belief_of(&t, CLIENT)->ack_repeated);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2, .data = 10);
    CHECK_EQUAL(arrival->frame, 6);
    CHECK(belief_of(&t, CLIENT)->ack_repeated);
    CHECK(fact_is(belief_of(&t, CLIENT)->presumed, FACT_ACK_OF_FIN));
}

static void test_the_ack_of_a_fin_that_has_arrived_brings_nothing_more(void)
{
    struct talk t = talk_opened();

    talk_close(&t); /* the client's last ACK is of the server's FIN */
    SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    CHECK(!fact_is(belief_of(&t, SERVER)->presumed, FACT_FIN));
    CHECK_STATES(&t.o, CLOSED, TIME_WAIT);
}

static void test_a_bare_ack_moves_nobody_in_syn_sent(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = A, .seq = 0, .ack = 1);
    CHECK_EQUAL(t.o.peer.after, SYN_SENT);
    CHECK_RULE(t.o.peer, SYN_SENT, RCV_ACK_OF_SYN);
}

static void test_an_ack_that_does_not_cover_the_syn_opens_nothing(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 0);
    CHECK_EQUAL(t.o.peer.after, SYN_RECEIVED);
}

/* Who opened actively closes by a RST, also in SYN-RECEIVED. */
static void test_a_reset_closes_who_opened_actively(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = S);
    SAY(&t, .from = CLIENT, .flags = SA, .ack = 1);
    SAY(&t, .from = SERVER, .flags = R, .seq = 1);
    CHECK_EQUAL(t.o.peer.before, SYN_RECEIVED);
    CHECK_EQUAL(t.o.peer.after, CLOSED);
    CHECK_RULE(t.o.peer, SYN_RECEIVED, RCV_RST);
}

int main(void)
{
    test_a_fin_beyond_a_gap_moves_its_peer_when_the_gap_is_filled();
    test_an_ack_of_the_fin_proves_that_the_gap_was_filled();
    test_a_reset_sends_who_opened_passively_back_to_listen();
    test_what_is_confirmed_is_presumed_no_more();
    test_each_ack_of_a_fin_may_be_the_one_that_arrives();
    test_the_ack_of_a_fin_that_has_arrived_brings_nothing_more();
    test_a_bare_ack_moves_nobody_in_syn_sent();
    test_an_ack_that_does_not_cover_the_syn_opens_nothing();
    test_a_reset_closes_who_opened_actively();
    return check_result();
}
