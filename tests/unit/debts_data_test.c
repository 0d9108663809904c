/* debts_data_test.c - what is data owed: an ACK, a retransmission?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "owing.h"

#include "tell/debts.h"

static void test_data_is_owed_an_ack_that_covers_all_of_it(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100), 0,
               DEBT(OWES_ACK_OF_DATA));
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 51), 0, DEBT(OWES_ACK_OF_DATA));
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101), 0, 0);
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

static void test_the_state_decides_before_the_numbers_do(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_EQUAL(debts_in(&t, SERVER, ESTABLISHED), DEBT(OWES_ACK_OF_DATA));
    CHECK_EQUAL(debts_in(&t, SERVER, CLOSED), 0);
    CHECK_EQUAL(debts_in(&t, SERVER, LISTEN), 0);
    CHECK_EQUAL(debts_in(&t, SERVER, UNKNOWN), DEBT(OWES_UNKNOWN));
    CHECK_EQUAL(debts_in(&t, CLIENT, ESTABLISHED), 0);
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

static void test_a_single_byte_is_owed_an_ack(void)
{
    struct talk t = talk_opened();

    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 1), 0, DEBT(OWES_ACK_OF_DATA));
    /* A FIN behind a gap makes it no less. */
    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1), 0, DEBT(OWES_ACK_OF_DATA));
}

/* What a SYN carries is no debt of its own: the SYN-ACK may leave it out. */
static void test_data_of_a_syn_is_owed_nothing_until_the_handshake_is_over(void)
{
    struct talk t = talk_begin();

    CHECK_OWES(SAY(&t, .from = CLIENT, .flags = S, .data = 100), 0, DEBT(OWES_SYN_ACK));
    CHECK_OWES(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), DEBT(OWES_ACK_OF_SYN_ACK), 0);
}

static void test_without_any_ack_nothing_tells_what_is_owed(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    talk_newest(&t)->end[CLIENT].stream.una_known = false;
    CHECK_EQUAL(debts_in(&t, SERVER, ESTABLISHED), 0);
}

/* After 2^31 bytes the ISN lies ahead. */
static void test_an_isn_of_long_ago_excuses_nothing(void)
{
    struct talk t = talk_opened();
    struct stream *stream = &talk_newest(&t)->end[CLIENT].stream;

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    stream->isn = seq_add(stream->una, 1000);
    CHECK_EQUAL(debts_in(&t, SERVER, ESTABLISHED), 0);
    stream->isn_far = true;
    CHECK_EQUAL(debts_in(&t, SERVER, ESTABLISHED), DEBT(OWES_ACK_OF_DATA));
}

int main(void)
{
    test_the_same_loss_is_asked_for_once();
    test_data_is_owed_an_ack_that_covers_all_of_it();
    test_three_duplicate_acks_ask_for_a_retransmission();
    test_a_window_update_is_no_duplicate_ack();
    test_sack_asks_for_a_retransmission_at_once();
    test_a_duplicate_sack_asks_for_nothing();
    test_the_state_decides_before_the_numbers_do();
    test_a_single_byte_is_owed_an_ack();
    test_data_of_a_syn_is_owed_nothing_until_the_handshake_is_over();
    test_without_any_ack_nothing_tells_what_is_owed();
    test_an_isn_of_long_ago_excuses_nothing();
    return check_result();
}
