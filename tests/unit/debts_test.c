/* debts_test.c - what has an end yet to send?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "tell/debts.h"

#define DEBT(debt) (1u << (debt))

#define CHECK_OWES(o, client, server)              \
    do {                                           \
        const struct observation *owed_ = (o);     \
        CHECK_EQUAL(owed_->client_owes, (client)); \
        CHECK_EQUAL(owed_->server_owes, (server)); \
    } while (0)

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
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK(t.o.server_owes & DEBT(OWES_SYN_ACK));
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), DEBT(OWES_ACK_OF_SYN_ACK), 0);
}

static void test_a_repeated_syn_ack_is_owed_its_answer_again(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000), DEBT(OWES_ACK_OF_SYN_ACK), 0);
    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), 0, 0);
}

static void test_data_is_owed_an_ack_that_covers_all_of_it(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100), 0,
               DEBT(OWES_ACK_OF_DATA));
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 51), 0, DEBT(OWES_ACK_OF_DATA));
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101), 0, 0);
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

static void test_three_duplicate_acks_ask_for_a_retransmission(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    for (uint32_t i = 0; i < 5; i++)
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + 100 * i, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    CHECK_EQUAL(t.o.client_owes, 0);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    CHECK_EQUAL(t.o.client_owes, DEBT(OWES_RETRANSMISSION));
    SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 100);
    CHECK_EQUAL(t.o.client_owes, 0);
}

static void test_a_window_update_is_no_duplicate_ack(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    for (uint16_t i = 1; i <= 5; i++)
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .window = (uint16_t)(WINDOW + i));
    CHECK_EQUAL(t.o.client_owes, 0);
}

static void test_sack_asks_for_a_retransmission_at_once(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    for (uint32_t i = 0; i < 2; i++)
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + 100 * i, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .sack = {101, 201});
    CHECK(t.o.client_owes & DEBT(OWES_RETRANSMISSION));
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 201); /* it was on its way only */
    CHECK_EQUAL(t.o.client_owes, 0);
}

/* RFC 2883: a block below the ACK tells of a duplicate, not of a hole. */
static void test_a_duplicate_sack_asks_for_nothing(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    for (uint32_t i = 0; i < 2; i++)
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + 100 * i, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101, .sack = {1, 101});
    CHECK_EQUAL(t.o.client_owes, 0);
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

static void test_the_state_decides_before_the_numbers_do(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_EQUAL(debts_of(talk_newest(&t), SERVER, ESTABLISHED), DEBT(OWES_ACK_OF_DATA));
    CHECK_EQUAL(debts_of(talk_newest(&t), SERVER, CLOSED), 0);
    CHECK_EQUAL(debts_of(talk_newest(&t), SERVER, LISTEN), 0);
    CHECK_EQUAL(debts_of(talk_newest(&t), SERVER, UNKNOWN), DEBT(OWES_UNKNOWN));
    CHECK_EQUAL(debts_of(talk_newest(&t), CLIENT, ESTABLISHED), 0);
}

static void test_the_same_loss_is_asked_for_once(void)
{
    struct talk t = talk_opened();

    for (uint32_t i = 0; i < 9; i++)
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + 100 * i, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    for (int i = 0; i < 5; i++)
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    CHECK_EQUAL(t.o.client_owes, DEBT(OWES_RETRANSMISSION));
    SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101); /* was on its way */
    CHECK_EQUAL(t.o.client_owes, 0);
}

int main(void)
{
    test_the_same_loss_is_asked_for_once();
    test_a_handshake_is_owed_step_by_step();
    test_a_repeated_syn_is_owed_its_answer_again();
    test_a_repeated_syn_ack_is_owed_its_answer_again();
    test_data_is_owed_an_ack_that_covers_all_of_it();
    test_a_fin_is_owed_its_ack_and_the_other_fin();
    test_a_repeated_fin_is_owed_its_ack_again();
    test_a_closed_window_excuses_the_fin();
    test_a_keepalive_is_owed_an_answer();
    test_who_closes_the_window_owes_an_update();
    test_no_window_is_owed_to_who_has_closed();
    test_three_duplicate_acks_ask_for_a_retransmission();
    test_a_window_update_is_no_duplicate_ack();
    test_sack_asks_for_a_retransmission_at_once();
    test_a_duplicate_sack_asks_for_nothing();
    test_of_an_end_that_was_never_heard_it_is_unknown();
    test_nobody_owes_after_a_reset();
    test_the_state_decides_before_the_numbers_do();
    return check_result();
}
