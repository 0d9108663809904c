/* seq_rules_opening_test.c - sequence numbers before the handshake is over, and those of another connection
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* The SYN and its answer, both captured. */
static void test_before_completion_numbers_must_follow_the_isn(void)
{
    struct talk t = talk_answered();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = (uint32_t)-5, .ack = 1), SEQ_HANDSHAKE_MISMATCH);
    CHECK_BOUND(&t, CLIENT, 1);
    CHECK_STRING(seq_rule_name(t.o.seq_rule), "before_opening");
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 1000000, .ack = 1), SEQ_HANDSHAKE_MISMATCH);
    CHECK_BOUND(&t, CLIENT, 1 + WINDOW);
    CHECK_STRING(seq_rule_name(t.o.seq_rule), "beyond_opening");
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 10), SEQ_GAP);
}

/* RFC 9293 3.8.4 allows one byte or none at SND.NXT-1: that is the ISN here. */
static void test_a_keepalive_may_lie_at_the_isn(void)
{
    struct talk t = talk_answered();

    CHECK_SEQ_ROW(&t, "keepalive", .from = CLIENT, .flags = A, .seq = 0, .ack = 1);
    CHECK_SEQ_ROW(&t, "keepalive", .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .data = 1);
    CHECK_SEQ_ROW(&t, "before_opening", .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .data = 2);
    CHECK_SEQ_ROW(&t, "before_opening", .from = CLIENT, .flags = FA, .seq = 0, .ack = 1);
    CHECK_SEQ_ROW(&t, "before_opening", .from = CLIENT, .flags = A, .seq = (uint32_t)-1, .ack = 1);
}

static void test_after_completion_the_window_counts_and_not_the_opening(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK_SEQ_ROW(&t, "before_isn", .from = CLIENT, .flags = A, .seq = (uint32_t)-5, .ack = 1, .data = 1);
    CHECK_SEQ_ROW(&t, "beyond_window", .from = CLIENT, .flags = A, .seq = 1000000, .ack = 1);
}

static void test_who_sent_no_syn_has_no_isn_to_follow(void)
{
    struct talk t = talk_answered();
    struct stream *server = &talk_newest(&t)->end[SERVER].stream;

    server->syn_sent = server->syn_ack_sent = server->isn_known = false;
    server->isn = seq_of(0);
    CHECK_SEQ_ROW(&t, "in_order", .from = SERVER, .flags = A, .seq = 1, .ack = 1);
}

static void test_an_end_of_the_connection_before_need_not_follow_its_isn(void)
{
    struct talk t = talk_answered();

    talk_newest(&t)->end[SERVER].belief.from_previous = true;
    CHECK_SEQ_ROW(&t, "before_isn", .from = SERVER, .flags = A, .seq = (uint32_t)-5, .ack = 1);
    CHECK_SEQ_ROW(&t, "gap", .from = SERVER, .flags = A, .seq = 1000000, .ack = 1);
}

/* Another SYN may have had another SYN-ACK. */
static void test_without_the_syn_the_isn_of_its_answer_binds_nobody(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_SEQ_ROW(&t, "retransmission", .from = SERVER, .flags = A, .seq = (uint32_t)-5, .ack = 1);
}

/* --- several SYN-ACKs --- */

/* Behind the SYN-ACK that was not the last, with its first bytes not captured. */
static void test_of_two_syn_acks_either_may_be_what_data_follows(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .seq = 0, .ack = 1);
    SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1);
    CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = A, .seq = 101, .ack = 1, .data = 50)->findings, 0);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1)->findings, 0);
}

/* Its largest window lies behind either, and nothing before it. */
static void test_of_two_syn_acks_neither_explains_what_lies_far_off(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .seq = 0, .ack = 1);
    SAY(&t, .from = SERVER, .flags = SA, .seq = 1000000, .ack = 1); /* so that the first is the other one */
    CHECK_SEQ_ROW(&t, "before_opening", .from = SERVER, .flags = A, .seq = (uint32_t)-5, .ack = 1);
    CHECK_SEQ_ROW(&t, "before_opening", .from = SERVER, .flags = A, .seq = 0, .ack = 1, .data = 9);
    CHECK_SEQ_ROW(&t, "retransmission", .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 9);
    CHECK_SEQ_ROW(&t, "retransmission", .from = SERVER, .flags = A, .seq = 65535, .ack = 1, .data = 9);
    CHECK_SEQ_ROW(&t, "before_opening", .from = SERVER, .flags = A, .seq = 65536, .ack = 1, .data = 9);
}

static void test_with_one_syn_ack_there_is_no_other_isn(void)
{
    struct talk t = talk_begin();

    t.isn[CLIENT] = seq_of(100);
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_SEQ_ROW(&t, "before_opening", .from = CLIENT, .flags = A, .seq = (uint32_t)-50, .ack = 1);
}

/* --- connections that were not captured --- */

/* RFC 9293 3.5.1: the SYN met an old connection, which answered with an ACK of its own. */
static void test_what_fits_no_handshake_may_be_of_a_connection_that_was_not_captured(void)
{
    struct talk t = talk_answered();

    talk_newest(&t)->lineage.ambiguous = true;
    CHECK_SEQ_ROW(&t, "of_unseen", .from = CLIENT, .flags = A, .seq = (uint32_t)-5, .ack = 1);
    CHECK_SEQ(&t.look.j, SEQ_NOT_JUDGED);
    CHECK(!t.look.j.has_bound);
    CHECK_SEQ_ROW(&t, "of_unseen", .from = CLIENT, .flags = A, .seq = 1000000, .ack = 1);
    CHECK_SEQ_ROW(&t, "in_order", .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
}

/* --- the connection before --- */

/* The client sent 200 bytes and a RST; then both opened anew, their numbers so much further on. */
static struct talk opened_again(uint32_t client, uint32_t server)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 200);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 201, .ack = 1);
    t.isn[CLIENT] = seq_add(t.isn[CLIENT], client);
    t.isn[SERVER] = seq_add(t.isn[SERVER], server);
    talk_open(&t);
    CHECK_EQUAL(t.o.connection, 1);
    return t;
}

static struct end *client_of(struct talk *t, unsigned connection)
{
    return &t->pool[connection].end[CLIENT];
}

static const char *stale_row(struct talk *t)
{
    return SEQ_ROW(t, .from = CLIENT, .flags = A, .seq = 101u - 500000u, .ack = 1, .data = 100);
}

static void test_numbers_of_the_connection_before_are_stale(void)
{
    struct talk t = opened_again(500000, 900000);

    CHECK_STRING(stale_row(&t), "of_previous");
    CHECK_SEQ_ROW(&t, "before_isn", .from = CLIENT, .flags = A, .seq = 301u - 500000u, .ack = 1, .data = 9);
    CHECK_SEQ_ROW(&t, "in_order", .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 9);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 101u - 500000u, .ack = 1, .data = 100),
              SEQ_STALE_INCARNATION);
}

static void test_what_fits_both_connections_is_of_the_newer(void)
{
    struct talk t = opened_again(100, 900000);

    CHECK_SEQ_ROW(&t, "in_order", .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 9);
    CHECK_SEQ_ROW(&t, "of_previous", .from = CLIENT, .flags = A, .seq = (uint32_t)-50, .ack = 1, .data = 9);
}

static void test_numbers_of_a_connection_that_is_not_known_are_not_stale(void)
{
    struct talk t = opened_again(500000, 900000), u = t, v = t;

    client_of(&t, 0)->stream.isn_known = false;
    CHECK_STRING(stale_row(&t), "before_isn");
    client_of(&u, 0)->sent.nxt_known = false;
    CHECK_STRING(stale_row(&u), "before_isn");
    client_of(&v, 0)->stream.isn_far = true;
    CHECK_STRING(stale_row(&v), "before_isn");
}

static void test_only_who_opened_anew_sends_stale_numbers(void)
{
    struct talk t = opened_again(500000, 900000), u = t;

    client_of(&t, 1)->belief.from_previous = true;
    CHECK_STRING(stale_row(&t), "before_isn");
    client_of(&u, 1)->stream.syn_sent = client_of(&u, 1)->stream.isn_known = false;
    CHECK_STRING(stale_row(&u), "retransmission");
}

/* Of two connections that were captured, the numbers tell which is meant: none is unseen. */
static void test_behind_a_captured_connection_none_is_unseen(void)
{
    struct talk t = opened_again(500000, 900000);

    talk_newest(&t)->lineage.ambiguous = true;
    CHECK_SEQ_ROW(&t, "before_isn", .from = CLIENT, .flags = A, .seq = 301u - 500000u, .ack = 1, .data = 9);
}

int main(void)
{
    test_before_completion_numbers_must_follow_the_isn();
    test_a_keepalive_may_lie_at_the_isn();
    test_after_completion_the_window_counts_and_not_the_opening();
    test_who_sent_no_syn_has_no_isn_to_follow();
    test_an_end_of_the_connection_before_need_not_follow_its_isn();
    test_without_the_syn_the_isn_of_its_answer_binds_nobody();
    test_of_two_syn_acks_either_may_be_what_data_follows();
    test_of_two_syn_acks_neither_explains_what_lies_far_off();
    test_with_one_syn_ack_there_is_no_other_isn();
    test_what_fits_no_handshake_may_be_of_a_connection_that_was_not_captured();
    test_numbers_of_the_connection_before_are_stale();
    test_what_fits_both_connections_is_of_the_newer();
    test_numbers_of_a_connection_that_is_not_known_are_not_stale();
    test_only_who_opened_anew_sends_stale_numbers();
    test_behind_a_captured_connection_none_is_unseen();
    return check_result();
}
