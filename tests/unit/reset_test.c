/* reset_test.c - does a RST count, and why was it sent?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "reset.h"

/* The cause of the RST, and the states that it leaves. */
#define CHECK_RESET(o, cause, sender_state, peer_state)                               \
    do {                                                                              \
        const struct observation *reset_ = (o);                                       \
        CHECK_STRING(reset_cause_name(reset_->reset_cause), reset_cause_name(cause)); \
        CHECK_STATES(reset_, sender_state, peer_state);                               \
    } while (0)

static void test_a_refusal_shows_that_nobody_listened(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_RESET(SAY(&t, .from = SERVER, .flags = RA, .ack = 1), RESET_REFUSED, CLOSED, CLOSED);
    CHECK_EQUAL(t.o.sender.before, CLOSED); /* corrected from LISTEN */
    CHECK_EQUAL(t.o.phase, PHASE_RESET);
    CHECK_EQUAL(t.o.sender.rule, RULE_REFUSED);
}

static void test_in_syn_sent_only_the_ack_decides(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_RESET(SAY(&t, .from = SERVER, .flags = R, .seq = 0), RESET_NOT_ACCEPTABLE, CLOSED, SYN_SENT);

    struct talk u = talk_begin();

    SAY(&u, .from = CLIENT, .flags = S);
    SAY(&u, .from = SERVER, .flags = RA, .seq = 0, .ack = 2);
    CHECK_EQUAL(u.o.reset_cause, RESET_NOT_ACCEPTABLE);
    CHECK_EQUAL(u.o.peer.after, SYN_SENT);
}

static void test_a_rejected_syn_ack_lets_its_sender_listen_again(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_RESET(SAY(&t, .from = CLIENT, .flags = R, .seq = 1), RESET_SYN_ACK_REJECTED, CLOSED, LISTEN);
}

static void test_an_abort_has_the_ack_and_the_next_number(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_RESET(SAY(&t, .from = CLIENT, .flags = RA, .seq = 101, .ack = 1), RESET_ABORT, CLOSED, CLOSED);
}

static void test_without_ack_at_an_acknowledged_number_there_was_no_connection(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 60000);
    CHECK_RESET(SAY(&t, .from = SERVER, .flags = R, .seq = 1), RESET_NO_CONNECTION, CLOSED, CLOSED);
}

static void test_after_its_own_fin_an_end_resets_what_still_comes(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2, .data = 100);
    CHECK_RESET(SAY(&t, .from = CLIENT, .flags = R, .seq = 2), RESET_AFTER_CLOSE, CLOSED, CLOSED);
}

static void test_a_keepalive_may_be_answered_by_a_reset(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 7200000);
    CHECK_RESET(SAY(&t, .from = SERVER, .flags = R, .seq = 1), RESET_PROBE_ANSWER, CLOSED, CLOSED);
}

static void test_three_unanswered_tries_end_in_a_reset(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    for (int i = 0; i < 3; i++)
        SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 1000);
    CHECK_RESET(SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1, .wait = 1000),
                RESET_UNANSWERED_TRIES, CLOSED, CLOSED);
}

static void test_two_unanswered_tries_are_too_few(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    for (int i = 0; i < 2; i++)
        SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 1000);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1, .wait = 1000);
    CHECK_EQUAL(t.o.reset_cause, RESET_ABORT);
}

static void test_a_reset_from_an_earlier_ack_is_stale_and_moves_nobody_but_its_sender(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    CHECK_RESET(SAY(&t, .from = CLIENT, .flags = R, .seq = 1), RESET_STALE, CLOSED, ESTABLISHED);
    CHECK_EQUAL(t.o.seq_verdict, SEQ_STALE_RESET);
    CHECK(t.o.findings & FINDING_RESET_STALE);
}

static void test_in_the_window_but_not_at_its_edge_it_is_challenged(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1)->seq_verdict, SEQ_INEXACT_RESET);
    CHECK_EQUAL(t.o.reset_cause, RESET_NOT_ACCEPTABLE);
    CHECK_EQUAL(t.o.peer.after, ESTABLISHED);
    CHECK(t.o.has_bound && talk_offset(&t, CLIENT, t.o.bound) == 1);
    CHECK(t.o.findings & FINDING_RESET_INVALID);
}

static void test_at_exactly_the_edge_it_counts(void)
{
    for (int32_t off = -1; off <= 1; off++) {
        struct talk t = talk_begin();

        talk_open(&t);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
        SAY(&t, .from = CLIENT, .flags = RA, .seq = (uint32_t)(101 + off), .ack = 1);
        CHECK_EQUAL(t.o.peer.after, off == 0 ? CLOSED : ESTABLISHED);
    }
}

/* Behind a gap that was seen, RCV.NXT is the gap's left edge. */
static void test_before_a_gap_the_edge_is_where_the_gap_begins(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 100);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    CHECK_EQUAL(t.o.seq_verdict, SEQ_IN_ORDER);
    CHECK_EQUAL(t.o.peer.after, CLOSED);
}

static void test_what_fits_nothing_cant_be_told(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = R, .seq = 101)->reset_cause, RESET_CANNOT_TELL);
}

static void test_a_reset_after_both_closed_changes_nothing_any_more(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1, .wait = 1000);
    CHECK_STATES(&t.o, CLOSED, CLOSED);
    CHECK(!t.o.state_changed);
    CHECK_EQUAL(t.o.phase, PHASE_CLOSED);
}

/* RFC 9293 3.10.7.4: in the states before ESTABLISHED an unacceptable ACK is answered by a RST that
 * takes its number, and the state stays. */
static void test_a_reset_that_only_answers_leaves_its_sender_alone(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 70); /* it answers an older SYN */
    CHECK_STATES(SAY(&t, .from = CLIENT, .flags = R, .seq = 70), SYN_SENT, LISTEN);
    CHECK(!t.o.corrected);
}

static void test_only_before_the_opening_a_reset_merely_answers(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 70);

    const struct view *v = LOOK(&t, .from = CLIENT, .flags = R, .seq = 70);

    CHECK(reset_only_answers(v, SYN_SENT));
    CHECK(reset_only_answers(v, LISTEN));
    CHECK(reset_only_answers(v, SYN_RECEIVED));
    CHECK(!reset_only_answers(v, ESTABLISHED));
    CHECK(!reset_only_answers(v, CLOSED));
    CHECK(!reset_only_answers(LOOK(&t, .from = CLIENT, .flags = R, .seq = 71), SYN_SENT));
    CHECK(!reset_only_answers(LOOK(&t, .from = CLIENT, .flags = RA, .seq = 70, .ack = 1), SYN_SENT));
}

static void test_an_acceptable_ack_is_not_answered_by_a_reset(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(!reset_only_answers(LOOK(&t, .from = CLIENT, .flags = R, .seq = 1), SYN_SENT));
}

int main(void)
{
    test_a_refusal_shows_that_nobody_listened();
    test_in_syn_sent_only_the_ack_decides();
    test_a_rejected_syn_ack_lets_its_sender_listen_again();
    test_an_abort_has_the_ack_and_the_next_number();
    test_without_ack_at_an_acknowledged_number_there_was_no_connection();
    test_after_its_own_fin_an_end_resets_what_still_comes();
    test_a_keepalive_may_be_answered_by_a_reset();
    test_three_unanswered_tries_end_in_a_reset();
    test_two_unanswered_tries_are_too_few();
    test_a_reset_from_an_earlier_ack_is_stale_and_moves_nobody_but_its_sender();
    test_in_the_window_but_not_at_its_edge_it_is_challenged();
    test_at_exactly_the_edge_it_counts();
    test_before_a_gap_the_edge_is_where_the_gap_begins();
    test_what_fits_nothing_cant_be_told();
    test_a_reset_after_both_closed_changes_nothing_any_more();
    test_a_reset_that_only_answers_leaves_its_sender_alone();
    test_only_before_the_opening_a_reset_merely_answers();
    test_an_acceptable_ack_is_not_answered_by_a_reset();
    return check_result();
}
