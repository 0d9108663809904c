/* acknowledgment_test.c - is the acknowledgment number of a segment acceptable?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "window.h"

static void test_a_syn_ack_must_acknowledge_the_syn(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = SA, .ack = 2), ACK_HANDSHAKE_MISMATCH);
    CHECK_BOUND(&t, CLIENT, 1);
    CHECK(t.o.findings & FINDING_ACK_INVALID);
}

static void test_an_ack_is_current_partial_duplicate_or_old(void)
{
    struct talk t = talk_half_acknowledged();

    window_judge(LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401));
    CHECK_ACK(&t.o, ACK_CURRENT);
    window_judge(LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 400));
    CHECK_ACK(&t.o, ACK_PARTIAL);
    window_judge(LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 201));
    CHECK_ACK(&t.o, ACK_DUPLICATE);
    window_judge(LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 200));
    CHECK_ACK(&t.o, ACK_OLD);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.o.ack_expected), 401);
    CHECK_EQUAL(t.o.ack_from_frame, 5);
}

static void test_the_ack_of_a_fin_has_a_name(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401), ACK_PARTIAL);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 402), ACK_OF_FIN);
}

static void test_a_synchronized_connection_requires_ack(void)
{
    struct talk t = talk_opened();

    CHECK_ACK(SAY(&t, .from = CLIENT, .flags = FLAG_PSH, .seq = 1, .data = 5), ACK_MISSING);
    CHECK_ACK(SAY(&t, .from = CLIENT, .flags = R, .seq = 1), ACK_NONE);

    struct talk u = talk_begin();

    CHECK_ACK(SAY(&u, .from = CLIENT, .flags = 0, .seq = 1, .data = 5), ACK_NONE);
}

static void test_an_ack_beyond_any_window_is_of_what_cannot_have_been_sent(void)
{
    struct talk t = talk_opened();

    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 10000000), ACK_BEYOND_SENT);
    CHECK_BOUND(&t, CLIENT, 1 + WINDOW);
}

static void test_an_ack_ahead_but_in_the_window_was_not_captured(void)
{
    struct talk t = talk_opened();

    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 501), ACK_NOT_CAPTURED);
    CHECK_EQUAL(ack_verdicts[t.o.ack_verdict].valid, UNTOLD);
    CHECK_EQUAL(talk_offset(&t, CLIENT, talk_newest(&t)->end[CLIENT].nxt), 1); /* not yet believed */
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 501, .ack = 1, .data = 10), SEQ_IN_ORDER);
}

static void test_an_ack_ahead_that_comes_again_is_believed(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 501);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 501);
    CHECK_EQUAL(talk_offset(&t, CLIENT, talk_newest(&t)->end[CLIENT].nxt), 501);
}

/* RFC 5961 5: below SND.UNA - MAX.SND.WND; one window more may be packets that stand in disorder. */
static void test_an_ack_below_any_window_is_too_old(void)
{
    for (uint32_t off = 0; off <= 1; off++) {
        struct talk t = talk_opened();

        talk_newest(&t)->round_us = 50000; /* too long for packets in disorder to explain more */
        for (uint32_t i = 0; i < 5; i++) {
            SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + 500 * i, .ack = 1, .data = 500);
            SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 501 + 500 * i);
        }
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2501 - 2 * WINDOW - off);
        CHECK_ACK(&t.o, off ? ACK_TOO_OLD : ACK_OLD);
        if (off)
            CHECK_BOUND(&t, CLIENT, 2501 - WINDOW);
    }
}

/* An ACK far below any window, 1 ms after the server's last segment, whose IP ID and timestamp are 50. */
static enum ack_verdict say_too_old(struct saying late)
{
    struct talk t = talk_opened();

    talk_newest(&t)->round_us = 50000;
    for (uint16_t i = 0; i < 5; i++) {
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + 500u * i, .ack = 1, .data = 500);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 501 + 500u * i, .ip_id = 46 + i,
            .tsval = 46u + i);
    }
    late.from = SERVER;
    late.flags = A;
    late.seq = 1;
    late.ack = 1;
    late.wait = late.wait ? late.wait : 1;
    return talk_say(&t, late)->ack_verdict;
}

/* Captured late, but sent before: a mirror port lets a packet wait, as long as the window may be. */
static void test_an_overtaken_ack_is_only_old(void)
{
    CHECK_EQUAL(say_too_old((struct saying){.ip_id = 42}), ACK_OLD);
    CHECK_EQUAL(say_too_old((struct saying){.ip_id = 42, .wait = 20}), ACK_TOO_OLD);
    CHECK_EQUAL(say_too_old((struct saying){.ip_id = 51}), ACK_TOO_OLD);
    CHECK_EQUAL(say_too_old((struct saying){.ip_id = 30000}), ACK_TOO_OLD);
    CHECK_EQUAL(say_too_old((struct saying){.tsval = 50}), ACK_OLD);
    CHECK_EQUAL(say_too_old((struct saying){.tsval = 51}), ACK_TOO_OLD);
    CHECK_EQUAL(say_too_old((struct saying){.wait = 1}), ACK_TOO_OLD);
}

static void test_below_the_isn_an_ack_is_too_old_in_any_case(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 0), ACK_TOO_OLD);
    CHECK_BOUND(&t, CLIENT, 1);
}

/* Of two SYN-ACKs with different ISNs, the one that is acknowledged counts. */
static void test_of_several_syn_acks_the_acknowledged_one_counts(void)
{
    for (uint32_t chosen = 0; chosen <= 5000; chosen += 5000) {
        struct talk t = talk_begin();

        SAY(&t, .from = CLIENT, .flags = S);
        SAY(&t, .from = SERVER, .flags = SA, .seq = 0, .ack = 1);
        SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1);
        CHECK_ACK(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = chosen + 1), ACK_HANDSHAKE);
        CHECK_EQUAL(t.o.steps, STEP_ACK);
        CHECK_SEQ(SAY(&t, .from = SERVER, .flags = A, .seq = chosen + 1, .ack = 1, .data = 9), SEQ_IN_ORDER);
    }
}

/* A receiver may take the one byte of a probe into its closed window. */
static void test_the_byte_of_a_window_probe_may_be_acknowledged(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401, .shut = true);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 1, .wait = 300),
              SEQ_WINDOW_PROBE);
    CHECK_ACK(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 402), ACK_CURRENT);
    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 402, .ack = 1, .data = 9), SEQ_IN_ORDER);
}

/* RFC 9293 3.10.7.4 looks at no ACK of a RST. */
static void test_the_ack_of_a_reset_is_not_judged_in_a_synchronized_connection(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 10000000);
    CHECK_ACK(&t.o, ACK_NOT_JUDGED);
    CHECK_EQUAL(t.o.findings, 0);
    CHECK_EQUAL(t.o.peer.after, CLOSED);
}

static void test_behind_a_gap_the_ack_due_is_its_left_edge(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 501, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401);
    CHECK(t.o.has_ack_expected);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.o.ack_expected), 401);
    CHECK_EQUAL(t.o.ack_from_frame, 5); /* the frame that ends there */
    CHECK_ACK(&t.o, ACK_PARTIAL);
}

/* More of them than are kept apart: then the ACK of any is innocent. */
static void test_of_three_syn_acks_each_may_be_acknowledged(void)
{
    for (uint32_t chosen = 0; chosen <= 9000; chosen += 4500) {
        struct talk t = talk_begin();

        SAY(&t, .from = CLIENT, .flags = S);
        SAY(&t, .from = SERVER, .flags = SA, .seq = 0, .ack = 1);
        SAY(&t, .from = SERVER, .flags = SA, .seq = 4500, .ack = 1);
        SAY(&t, .from = SERVER, .flags = SA, .seq = 9000, .ack = 1);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = chosen + 1);
        CHECK_EQUAL(t.o.findings, 0);
        SAY(&t, .from = SERVER, .flags = A, .seq = chosen + 1, .ack = 1, .data = 9);
        CHECK_EQUAL(t.o.findings, 0);
        CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
    }
}

int main(void)
{
    test_of_three_syn_acks_each_may_be_acknowledged();
    test_behind_a_gap_the_ack_due_is_its_left_edge();
    test_the_byte_of_a_window_probe_may_be_acknowledged();
    test_the_ack_of_a_reset_is_not_judged_in_a_synchronized_connection();
    test_a_syn_ack_must_acknowledge_the_syn();
    test_an_ack_is_current_partial_duplicate_or_old();
    test_the_ack_of_a_fin_has_a_name();
    test_a_synchronized_connection_requires_ack();
    test_an_ack_beyond_any_window_is_of_what_cannot_have_been_sent();
    test_an_ack_ahead_but_in_the_window_was_not_captured();
    test_an_ack_ahead_that_comes_again_is_believed();
    test_an_ack_below_any_window_is_too_old();
    test_an_overtaken_ack_is_only_old();
    test_below_the_isn_an_ack_is_too_old_in_any_case();
    test_of_several_syn_acks_the_acknowledged_one_counts();
    return check_result();
}
