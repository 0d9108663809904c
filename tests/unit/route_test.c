/* route_test.c - to which connection on its four-tuple does a segment belong?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "route/route.h"

/* From here on an end counts from another ISN. */
static void restart(struct talk *t, unsigned end, uint32_t further)
{
    t->isn[end] = seq_add(t->isn[end], further);
}

static void test_all_of_one_connection_has_one_number(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_EQUAL(t.o.connection, 0);
    talk_close(&t);
    CHECK_EQUAL(t.o.connection, 0);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 300);
    CHECK_EQUAL(t.o.connection, 0);
    CHECK_EQUAL(t.observer.connections, 1);
}

static void test_a_new_syn_after_the_end_begins_a_new_one(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    restart(&t, CLIENT, 100000);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = S, .wait = 1000)->connection, 1);
    CHECK_EQUAL(t.o.steps, STEP_SYN);
    CHECK_EQUAL(talk_newest(&t)->lineage.previous, 1); /* number 0, plus one */
    restart(&t, SERVER, 100000);
    CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = SA, .ack = 1)->connection, 1);
    CHECK_STATES(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), ESTABLISHED, ESTABLISHED);
    CHECK_EQUAL(t.o.findings, 0);
}

static void test_the_same_syn_after_a_refusal_is_a_repeat(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = RA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 500);
    CHECK_EQUAL(t.o.connection, 0);
    CHECK(t.o.repeat);
    CHECK_EQUAL(t.o.peer.before, LISTEN);
    SAY(&t, .from = SERVER, .flags = RA, .ack = 1);
    CHECK_EQUAL(t.o.reset_cause, RESET_REFUSED);
}

static void test_a_syn_with_another_number_is_another_attempt(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    restart(&t, CLIENT, 100000);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = S, .wait = 3000)->connection, 1);
    CHECK(!t.o.repeat);
}

static void test_a_syn_that_crosses_the_other_is_of_the_same_connection(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = S)->connection, 0);
    CHECK_EQUAL(t.o.sender_role, ROLE_SERVER);
}

static void test_a_syn_captured_behind_its_syn_ack_belongs_to_it(void)
{
    struct talk t = talk_begin();

    CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = SA, .ack = 1)->sender_role, ROLE_SERVER);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = S, .wait = 1)->connection, 0);
    CHECK_EQUAL(t.o.sender_role, ROLE_CLIENT);
    CHECK_STATES(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), ESTABLISHED, ESTABLISHED);
    CHECK(!t.o.assumed);
}

/* A blind attacker's SYN, RFC 5961 4: the connection goes on. */
static void test_a_forged_syn_leaves_the_old_connection_its_segments(void)
{
    struct talk t = talk_opened();

    restart(&t, CLIENT, 500000);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    restart(&t, CLIENT, (uint32_t)-500000);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_EQUAL(t.o.connection, 0);
    CHECK_SEQ(&t.o, SEQ_IN_ORDER);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101, .data = 50);
    CHECK_EQUAL(t.o.connection, 0);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
}

static void test_an_answered_syn_replaces_the_connection_before(void)
{
    struct talk t = talk_opened();

    restart(&t, CLIENT, 500000);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    restart(&t, SERVER, 500000);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_EQUAL(t.o.connection, 1);
    CHECK_STATES(&t.o, SYN_RECEIVED, ESTABLISHED);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(t.o.connection, 1);
    CHECK_EQUAL(t.o.steps, STEP_ACK);
    CHECK_EQUAL(t.o.findings, 0);
}

/* RFC 9293 3.5, figure 8: an old duplicate SYN comes first. */
static void test_an_old_duplicate_syn_does_not_take_the_handshake_away(void)
{
    struct talk t = talk_begin();

    restart(&t, CLIENT, (uint32_t)-7000);
    SAY(&t, .from = CLIENT, .flags = S); /* the old one */
    restart(&t, CLIENT, 7000);
    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_EQUAL(t.o.connection, 1);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1u - 7000u); /* to the old one */
    CHECK_EQUAL(t.o.connection, 0);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 1u - 7000u);
    CHECK_EQUAL(t.o.reset_cause, RESET_SYN_ACK_REJECTED);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK_EQUAL(t.o.connection, 1);
    restart(&t, SERVER, 90000);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_EQUAL(t.o.connection, 1);
    CHECK_STATES(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), ESTABLISHED, ESTABLISHED);
}

static void test_strange_numbers_after_the_end_are_of_another_connection(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1u << 30, .ack = 1u << 30, .data = 10, .wait = 5000);
    CHECK_EQUAL(t.o.connection, 1);
    CHECK(t.o.findings & FINDING_JOINED_LATE);
}

/* The SYN-ACK and the request were not captured: an answer to them is no accusation. */
static void test_in_a_time_wait_used_again_an_ack_may_be_ahead(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 2);
    SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    restart(&t, CLIENT, 90000);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK_EQUAL(t.o.connection, 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 65540);
    SAY(&t, .from = SERVER, .flags = A, .seq = 65540, .ack = 10);
    CHECK(!(t.o.findings & FINDING_ACK_SUSPECT));
    SAY(&t, .from = SERVER, .flags = FA, .seq = 65540, .ack = 10, .data = 7);
    CHECK(!(t.o.findings & FINDING_ACK_SUSPECT));
}

/* The next connection's numbers are often near, and its SYN may be captured behind them. */
static void test_numbers_behind_a_fin_and_beyond_the_peer_are_of_another_connection(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = RA, .seq = 1, .ack = 2);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = A, .seq = 65549, .ack = 65536, .data = 9)->connection, 1);

    t = talk_opened();
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2); /* the last ACK is captured late */
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = A, .seq = 65549, .ack = 65536, .data = 9)->connection, 1);

    t = talk_opened(); /* the peer goes on in the old one: a stack that sends behind its FIN, or a forger */
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 65549, .ack = 1, .data = 9), SEQ_AFTER_FIN);
    CHECK_EQUAL(t.o.connection, 0);
}

static void test_a_straggler_after_the_end_is_of_the_same_connection(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2)->connection, 0);
    CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = R, .seq = 2)->connection, 0);
}

static void test_without_memory_there_is_no_connection(void)
{
    struct talk t = talk_begin();

    t.out_of_memory = true;
    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_EQUAL(t.handle, 0);
    CHECK_EQUAL(t.observer.connections, 0);

    struct routing at;

    route(&t.handle, &t.seg, &t.observer, &at);
    CHECK(at.c == NULL && at.previous == NULL);
    CHECK_EQUAL(at.number, 0);
    t.out_of_memory = false;
    route(&t.handle, &t.seg, &t.observer, &at);
    CHECK(at.c == &t.pool[0] && at.first && !at.copy);
    CHECK_EQUAL(at.number, 1);
    CHECK_EQUAL(t.handle, 1);
}

/* Captured from its SYN-ACK on, behind another connection. */
static void test_a_syn_ack_whose_syn_was_not_captured_begins_a_new_one(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    restart(&t, CLIENT, 1u << 28);
    restart(&t, SERVER, 1u << 28);
    CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000)->connection, 1);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1)->connection, 1);
    CHECK_EQUAL(t.o.steps, STEP_ACK);
    CHECK_EQUAL(t.o.findings, 0);
}

int main(void)
{
    test_all_of_one_connection_has_one_number();
    test_a_new_syn_after_the_end_begins_a_new_one();
    test_the_same_syn_after_a_refusal_is_a_repeat();
    test_a_syn_with_another_number_is_another_attempt();
    test_a_syn_that_crosses_the_other_is_of_the_same_connection();
    test_a_syn_captured_behind_its_syn_ack_belongs_to_it();
    test_a_forged_syn_leaves_the_old_connection_its_segments();
    test_an_answered_syn_replaces_the_connection_before();
    test_an_old_duplicate_syn_does_not_take_the_handshake_away();
    test_strange_numbers_after_the_end_are_of_another_connection();
    test_in_a_time_wait_used_again_an_ack_may_be_ahead();
    test_numbers_behind_a_fin_and_beyond_the_peer_are_of_another_connection();
    test_a_straggler_after_the_end_is_of_the_same_connection();
    test_without_memory_there_is_no_connection();
    test_a_syn_ack_whose_syn_was_not_captured_begins_a_new_one();
    return check_result();
}
