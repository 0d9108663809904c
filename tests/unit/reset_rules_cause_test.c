/* reset_rules_cause_test.c - why was a RST sent?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* The cause of the RST, and the states that it leaves. */
#define CHECK_RESET(o, cause, sender_state, peer_state)                               \
    do {                                                                              \
        const struct observation *reset_ = (o);                                       \
        CHECK_STRING(reset_cause_name(reset_->reset_cause), reset_cause_name(cause)); \
        CHECK_STATES(reset_, sender_state, peer_state);                               \
    } while (0)

/* --- refusals --- */

static void test_a_refusal_shows_that_nobody_listened(void)
{
    struct talk t = talk_with_syn();

    CHECK_CAUSE_ROW(&t, "refused", .from = SERVER, .flags = RA, .ack = 1);
    CHECK_RESET(SAY(&t, .from = SERVER, .flags = RA, .ack = 1), RESET_REFUSED, CLOSED, CLOSED);
    CHECK_EQUAL(t.o.sender.before, CLOSED); /* corrected from LISTEN */
    CHECK_EQUAL(t.o.phase, PHASE_RESET);
    CHECK_EQUAL(t.o.sender.rule, RULE_REFUSED);
}

static void test_in_syn_sent_only_the_ack_decides(void)
{
    struct talk t = talk_with_syn(), u = talk_with_syn();

    CHECK_CAUSE_ROW(&t, "not_of_syn", .from = SERVER, .flags = R, .seq = 0);
    CHECK_RESET(SAY(&t, .from = SERVER, .flags = R, .seq = 0), RESET_NOT_ACCEPTABLE, CLOSED, SYN_SENT);
    SAY(&u, .from = SERVER, .flags = RA, .seq = 0, .ack = 2);
    CHECK_EQUAL(u.o.reset_cause, RESET_NOT_ACCEPTABLE);
    CHECK_EQUAL(u.o.peer.after, SYN_SENT);
}

static void test_who_opens_itself_or_has_answered_refuses_nothing(void)
{
    struct talk t = talk_with_syn(), u = talk_with_syn();

    SAY(&t, .from = SERVER, .flags = S);
    CHECK_CAUSE_ROW(&t, "abort", .from = SERVER, .flags = RA, .seq = 1, .ack = 1);
    SAY(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK_CAUSE_ROW(&u, "abort", .from = SERVER, .flags = RA, .seq = 1, .ack = 1);
}

static void test_a_rejected_syn_ack_lets_its_sender_listen_again(void)
{
    struct talk t = talk_answered();

    CHECK_RESET(SAY(&t, .from = CLIENT, .flags = R, .seq = 1), RESET_SYN_ACK_REJECTED, CLOSED, LISTEN);
}

static void test_a_rejection_may_acknowledge_and_need_not_follow_a_captured_syn(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_CAUSE_ROW(&t, "syn_ack_rejected", .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
}

static void test_without_a_syn_ack_or_after_the_opening_none_is_rejected(void)
{
    struct talk t = talk_with_syn(), u = talk_answered(), v = talk_answered();

    CHECK_CAUSE_ROW(&t, "abort", .from = CLIENT, .flags = R, .seq = 1);
    SAY(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 9); /* step 3 was not captured */
    CHECK(talk_newest(&u)->dialogue.complete);
    CHECK_CAUSE_ROW(&u, "no_connection", .from = CLIENT, .flags = R, .seq = 1);
    talk_newest(&v)->end[SERVER].belief.from_previous = true; /* the SYN-ACK is of the connection before */
    CHECK_CAUSE_ROW(&v, "no_connection", .from = CLIENT, .flags = R, .seq = 1);
}

/* --- which don't count --- */

static void test_a_reset_from_an_earlier_ack_is_stale_and_moves_nobody_but_its_sender(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    CHECK_CAUSE_ROW(&t, "stale", .from = CLIENT, .flags = R, .seq = 1);
    CHECK_CAUSE_ROW(&t, "invalid", .from = CLIENT, .flags = R, .seq = (uint32_t)-9);
    CHECK_RESET(SAY(&t, .from = CLIENT, .flags = R, .seq = 1), RESET_STALE, CLOSED, ESTABLISHED);
    CHECK_EQUAL(t.o.seq_verdict, SEQ_STALE_RESET);
    CHECK(t.o.findings & FINDING_RESET_STALE);
}

/* --- tries and probes --- */

static void test_three_unanswered_tries_end_in_a_reset(void)
{
    struct talk t = talk_opened();

    for (int i = 0; i < 3; i++)
        SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 1000);
    CHECK_CAUSE_ROW(&t, "gave_up", .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    CHECK_RESET(SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1, .wait = 1000),
                RESET_UNANSWERED_TRIES, CLOSED, CLOSED);
}

static void test_two_unanswered_tries_are_too_few(void)
{
    struct talk t = talk_opened();

    for (int i = 0; i < 2; i++)
        SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 1000);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1, .wait = 1000);
    CHECK_EQUAL(t.o.reset_cause, RESET_ABORT);
}

/* The peer spoke last: it isn't dead. */
static void test_who_was_answered_does_not_give_up(void)
{
    struct talk t = talk_half_acknowledged();

    for (int i = 0; i < 4; i++) /* when the first copy was sent is not kept */
        SAY(&t, .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 200, .wait = 1000);
    CHECK_CAUSE_ROW(&t, "gave_up", .from = CLIENT, .flags = RA, .seq = 401, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 201);
    talk_newest(&t)->end[CLIENT].attempts.data_lost = false;
    CHECK_CAUSE_ROW(&t, "abort", .from = CLIENT, .flags = RA, .seq = 401, .ack = 1);
}

static void test_a_keepalive_may_be_answered_by_a_reset(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 7200000);
    CHECK_CAUSE_ROW(&t, "answers_probe", .from = SERVER, .flags = R, .seq = 1);
    CHECK_RESET(SAY(&t, .from = SERVER, .flags = R, .seq = 1), RESET_PROBE_ANSWER, CLOSED, CLOSED);
}

/* --- after the end --- */

static void test_after_its_own_fin_an_end_resets_what_still_comes(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2, .data = 100);
    CHECK_CAUSE_ROW(&t, "after_close", .from = CLIENT, .flags = R, .seq = 2);
    CHECK_RESET(SAY(&t, .from = CLIENT, .flags = R, .seq = 2), RESET_AFTER_CLOSE, CLOSED, CLOSED);
}

/* A first RST in CLOSE-WAIT aborts; the next ones answer what still comes. */
static void test_who_is_gone_answers_to_what_comes_after_the_peers_fin(void)
{
    struct talk t = talk_opened(), u = talk_opened();

    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    CHECK_CAUSE_ROW(&t, "abort", .from = CLIENT, .flags = RA, .seq = 1, .ack = 2);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 2);
    CHECK_CAUSE_ROW(&t, "after_close", .from = CLIENT, .flags = RA, .seq = 1, .ack = 2);
    SAY(&u, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1); /* without a FIN it is an abort again */
    CHECK_CAUSE_ROW(&u, "abort", .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
}

static void test_a_reset_after_both_closed_changes_nothing_any_more(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1, .wait = 1000);
    CHECK_STATES(&t.o, CLOSED, CLOSED);
    CHECK(!t.o.state_changed);
    CHECK_EQUAL(t.o.phase, PHASE_CLOSED);
}

/* --- no such connection, RFC 9293 3.5.2 --- */

static void test_without_ack_at_an_acknowledged_number_there_was_no_connection(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 60000);
    CHECK_CAUSE_ROW(&t, "no_connection", .from = SERVER, .flags = R, .seq = 1);
    CHECK_CAUSE_ROW(&t, "abort", .from = SERVER, .flags = RA, .seq = 1, .ack = 101);
    CHECK_RESET(SAY(&t, .from = SERVER, .flags = R, .seq = 1), RESET_NO_CONNECTION, CLOSED, CLOSED);
}

static void test_the_number_of_a_strange_ack_is_one_that_was_acknowledged(void)
{
    struct talk t = talk_with_syn();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 70);
    CHECK_CAUSE_ROW(&t, "no_connection", .from = CLIENT, .flags = R, .seq = 70);
}

/* RFC 9293 3.5.2: who has no connection only answers. */
static void test_no_connection_is_told_of_an_answer_only(void)
{
    static const struct {
        uint32_t round_trip_us, age;
        bool answers;
    } cases[] = {
        {0, 3000, true},      {0, 3001, false},     {10000, 1000, true},
        {10000, 1001, false}, {500000, 2000, true}, {500000, 2001, false},
    };

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct talk t = talk_opened();

        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 9);
        talk_newest(&t)->dialogue.round_trip_us = cases[i].round_trip_us;
        talk_newest(&t)->dialogue.halves = cases[i].round_trip_us != 0 ? BOTH_HALVES : HALF_TO_SERVER;
        CHECK_CAUSE_ROW(&t, cases[i].answers ? "no_connection" : "unclear", .from = SERVER, .flags = R,
                        .seq = 1, .wait = cases[i].age);
    }
}

static void test_another_reset_before_it_doesnt_make_it_an_answer(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = R, .seq = (uint32_t)-9);
    CHECK_CAUSE_ROW(&t, "abort", .from = SERVER, .flags = R, .seq = 1); /* it spoke last */
}

/* --- not accepted --- */

static void test_a_server_that_sent_syn_acks_only_need_not_have_accepted(void)
{
    struct talk t = talk_opened(), u = talk_opened(), v = talk_answered();

    CHECK_CAUSE_ROW(&t, "not_accepted", .from = SERVER, .flags = R, .seq = 1);
    CHECK_CAUSE_ROW(&t, "abort", .from = SERVER, .flags = RA, .seq = 1, .ack = 1);
    CHECK_CAUSE_ROW(&t, "unclear", .from = SERVER, .flags = R, .seq = 2);
    CHECK_CAUSE_ROW(&t, "abort", .from = CLIENT, .flags = R, .seq = 1); /* who opened itself */
    SAY(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1);            /* more than SYN-ACKs */
    CHECK_CAUSE_ROW(&u, "abort", .from = SERVER, .flags = R, .seq = 1);
    CHECK_CAUSE_ROW(&v, "abort", .from = SERVER, .flags = R, .seq = 1); /* before step 3 */
}

/* Three seconds, which double with each SYN-ACK that is repeated, until no more are. */
static void test_how_long_a_server_may_not_have_accepted(void)
{
    static const unsigned repeats[] = {0, 1, 2, SYN_ACK_REPEATS, SYN_ACK_REPEATS + 1};

    for (unsigned i = 0; i < sizeof repeats / sizeof repeats[0]; i++) {
        unsigned doubled = repeats[i] < SYN_ACK_REPEATS ? repeats[i] : SYN_ACK_REPEATS;

        for (uint32_t late = 0; late <= 1; late++) {
            struct talk t = talk_opened();

            if (repeats[i] > 0) {
                SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 2000);
                talk_newest(&t)->end[SERVER].attempts.tries = repeats[i] & TRIES_COUNTED;
            }
            SAY(&t, .from = SERVER, .flags = R, .seq = 1, .wait = (NOT_ACCEPTED_MS << doubled) + late);
            CHECK_EQUAL(t.o.reset_cause == RESET_NOT_ACCEPTED, late == 0);
        }
    }
}

/* --- aborts --- */

static void test_an_abort_has_the_next_number_and_the_ack_or_the_last_word(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_CAUSE_ROW(&t, "abort", .from = CLIENT, .flags = RA, .seq = 101, .ack = 1);
    CHECK_CAUSE_ROW(&t, "abort", .from = CLIENT, .flags = R, .seq = 101);
    CHECK_CAUSE_ROW(&t, "unclear", .from = CLIENT, .flags = R, .seq = 102);
    CHECK_CAUSE_ROW(&t, "abort", .from = CLIENT, .flags = RA, .seq = 102, .ack = 1); /* ahead */
    CHECK_CAUSE_ROW(&t, "unclear", .from = CLIENT, .flags = RA, .seq = 51, .ack = 1);
    CHECK_RESET(SAY(&t, .from = CLIENT, .flags = RA, .seq = 101, .ack = 1), RESET_ABORT, CLOSED, CLOSED);
}

static void test_what_fits_nothing_cant_be_told(void)
{
    struct talk t = talk_opened(), u = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = R, .seq = 101)->reset_cause, RESET_CANNOT_TELL);
    SAY(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 77, .data = 9); /* the server was never heard */
    CHECK_CAUSE_ROW(&u, "unclear", .from = SERVER, .flags = RA, .seq = 0x40, .ack = 10);
}

int main(void)
{
    test_a_refusal_shows_that_nobody_listened();
    test_in_syn_sent_only_the_ack_decides();
    test_who_opens_itself_or_has_answered_refuses_nothing();
    test_a_rejected_syn_ack_lets_its_sender_listen_again();
    test_a_rejection_may_acknowledge_and_need_not_follow_a_captured_syn();
    test_without_a_syn_ack_or_after_the_opening_none_is_rejected();
    test_a_reset_from_an_earlier_ack_is_stale_and_moves_nobody_but_its_sender();
    test_three_unanswered_tries_end_in_a_reset();
    test_two_unanswered_tries_are_too_few();
    test_who_was_answered_does_not_give_up();
    test_a_keepalive_may_be_answered_by_a_reset();
    test_after_its_own_fin_an_end_resets_what_still_comes();
    test_who_is_gone_answers_to_what_comes_after_the_peers_fin();
    test_a_reset_after_both_closed_changes_nothing_any_more();
    test_without_ack_at_an_acknowledged_number_there_was_no_connection();
    test_the_number_of_a_strange_ack_is_one_that_was_acknowledged();
    test_no_connection_is_told_of_an_answer_only();
    test_another_reset_before_it_doesnt_make_it_an_answer();
    test_a_server_that_sent_syn_acks_only_need_not_have_accepted();
    test_how_long_a_server_may_not_have_accepted();
    test_an_abort_has_the_next_number_and_the_ack_or_the_last_word();
    test_what_fits_nothing_cant_be_told();
    return check_result();
}
