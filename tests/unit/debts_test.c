/* debts_test.c - what has an end yet to send?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "owing.h"

#include "tell/debts.h"

static void test_a_handshake_is_owed_step_by_step(void)
{
    struct talk t = talk_begin();

    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = S), 0, DEBT(OWES_SYN_ACK));
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), DEBT(OWES_ACK_OF_SYN_ACK), 0);
    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), 0, 0);
}

static void test_a_repeated_syn_is_owed_its_answer_again(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1500);
    CHECK_OWES(&t.o, 0, DEBT(OWES_SYN_ACK)); /* the SYN-ACK did not arrive */
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), DEBT(OWES_ACK_OF_SYN_ACK), 0);
}

static void test_a_repeated_syn_ack_is_owed_its_answer_again(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000), DEBT(OWES_ACK_OF_SYN_ACK), 0);
    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), 0, 0);
}

static void test_a_fin_is_owed_its_ack_and_the_other_fin(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1), 0,
               DEBT(OWES_ACK_OF_FIN) | DEBT(OWES_FIN));
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2), 0, DEBT(OWES_FIN));
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2), DEBT(OWES_ACK_OF_FIN), 0);
    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2), 0, 0);
}

static void test_a_repeated_fin_is_owed_its_ack_again(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    talk_close(&t);
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 300), DEBT(OWES_ACK_OF_FIN),
               0);
    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2), 0, 0);
}

static void test_a_closed_window_excuses_the_fin(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .shut = true);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    CHECK_EQUAL(t.o.server_owes & DEBT(OWES_FIN), 0);
}

static void test_a_keepalive_is_owed_an_answer(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 9000), 0,
               DEBT(OWES_PROBE_ANSWER));
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1), 0, 0);
}

static void test_who_closes_the_window_owes_an_update(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101, .shut = true), 0,
               DEBT(OWES_WINDOW_UPDATE));
    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 1, .wait = 300), 0,
               DEBT(OWES_WINDOW_UPDATE) | DEBT(OWES_PROBE_ANSWER));
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101), 0, 0);
}

/* Whose peer has sent its FIN needs no window any more. */
static void test_no_window_is_owed_to_who_has_closed(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 102, .shut = true);
    CHECK_OWES(&t.o, 0, DEBT(OWES_FIN));
}

static void test_of_an_end_that_was_never_heard_it_is_unknown(void)
{
    struct talk t = talk_begin();

    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = A, .seq = 500, .ack = 700, .data = 100), 0,
               DEBT(OWES_UNKNOWN));
}

static void test_nobody_owes_after_a_reset(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = RA, .seq = 101, .ack = 1), 0, 0);
}

static void test_a_syn_ack_is_owed_its_ack_where_it_arrived_and_is_of_this_connection(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_EQUAL(debts_in(&t, CLIENT, ESTABLISHED), DEBT(OWES_ACK_OF_SYN_ACK));
    talk_newest(&t)->end[SERVER].belief.from_previous = true;
    CHECK_EQUAL(debts_in(&t, CLIENT, ESTABLISHED), 0);
    talk_newest(&t)->end[SERVER].belief.from_previous = false;
    talk_newest(&t)->dialogue.complete = true;
    CHECK_EQUAL(debts_in(&t, CLIENT, ESTABLISHED), 0);
    CHECK_EQUAL(debts_in(&t, SERVER, SYN_RECEIVED), 0); /* it has answered */
    talk_newest(&t)->end[SERVER].belief.from_previous = true;
    CHECK_EQUAL(debts_in(&t, SERVER, SYN_RECEIVED), DEBT(OWES_SYN_ACK)); /* the SYN before */
}

/* Two SYNs that crossed: each is owed a SYN-ACK. Who repeats its own has not received the other. */
static void test_a_repeated_syn_is_owed_no_ack_of_a_syn_ack(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = S);
    CHECK_OWES(&t.o, DEBT(OWES_SYN_ACK), DEBT(OWES_SYN_ACK));
    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = S, .wait = 1500), 0, DEBT(OWES_SYN_ACK));
}

static void test_no_window_is_owed_before_there_is_a_connection(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .shut = true);
    CHECK_EQUAL(debts_in(&t, CLIENT, ESTABLISHED), DEBT(OWES_WINDOW_UPDATE));
    CHECK_EQUAL(debts_in(&t, CLIENT, SYN_SENT), 0);
}

int main(void)
{
    test_a_handshake_is_owed_step_by_step();
    test_a_repeated_syn_is_owed_its_answer_again();
    test_a_repeated_syn_ack_is_owed_its_answer_again();
    test_a_fin_is_owed_its_ack_and_the_other_fin();
    test_a_repeated_fin_is_owed_its_ack_again();
    test_a_closed_window_excuses_the_fin();
    test_a_keepalive_is_owed_an_answer();
    test_who_closes_the_window_owes_an_update();
    test_no_window_is_owed_to_who_has_closed();
    test_of_an_end_that_was_never_heard_it_is_unknown();
    test_nobody_owes_after_a_reset();
    test_a_syn_ack_is_owed_its_ack_where_it_arrived_and_is_of_this_connection();
    test_a_repeated_syn_is_owed_no_ack_of_a_syn_ack();
    test_no_window_is_owed_before_there_is_a_connection();
    return check_result();
}
