/* judge_questions_test.c - what the other stages ask of a judgment
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* --- does it cover the peer's SYN? --- */

static bool covers(struct talk *t, enum ack_verdict verdict, uint32_t ack)
{
    const struct judgment j = {.ack_verdict = verdict};

    return judge_covers_syn(&LOOK(t, .from = SERVER, .flags = A, .seq = 1, .ack = ack)->ctx, &j);
}

static void test_an_acceptable_ack_above_the_isn_covers_the_syn(void)
{
    static const enum ack_verdict good[] = {ACK_HANDSHAKE, ACK_CURRENT, ACK_PARTIAL,
                                            ACK_DUPLICATE, ACK_OF_FIN,  ACK_OLD};
    static const enum ack_verdict bad[] = {ACK_NONE,    ACK_MISSING,     ACK_HANDSHAKE_MISMATCH,
                                           ACK_TOO_OLD, ACK_BEYOND_SENT, ACK_NOT_JUDGED};
    struct talk t = talk_half_acknowledged();

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CHECK(covers(&t, good[i], 1));
        CHECK(!covers(&t, good[i], 0));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!covers(&t, bad[i], 1));
}

/* Once the numbers have gone round, or where there were two SYN-ACKs, no number lies below the ISN. */
static void test_where_the_isn_tells_no_order_any_good_ack_covers_the_syn(void)
{
    struct talk t = talk_half_acknowledged(), u = talk_half_acknowledged();

    talk_newest(&t)->end[CLIENT].stream.isn_far = true;
    CHECK(covers(&t, ACK_OLD, (uint32_t)-1));
    talk_newest(&u)->end[CLIENT].stream.has_other_isn = true;
    CHECK(covers(&u, ACK_OLD, (uint32_t)-1));
}

static void test_without_an_isn_there_is_no_syn_to_cover(void)
{
    struct talk t = talk_begin();

    t.isn[CLIENT] = seq_of(100);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK(!covers(&t, ACK_CURRENT, 101));
}

static void test_what_was_not_captured_may_cover_the_syn_once_that_was_answered(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK(!covers(&t, ACK_NOT_CAPTURED, 501)); /* of a connection that we don't know, perhaps */
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(covers(&t, ACK_NOT_CAPTURED, 501));
    talk_newest(&t)->end[SERVER].stream.syn_ack_sent = false;
    talk_newest(&t)->dialogue.complete = true;
    CHECK(covers(&t, ACK_NOT_CAPTURED, 501));
}

static void test_a_syn_ack_covers_a_syn_that_nothing_was_known_of(void)
{
    struct talk t = talk_half_acknowledged();
    const struct judgment j = {.ack_verdict = ACK_NOT_JUDGED};

    CHECK(judge_covers_syn(&LOOK(&t, .from = SERVER, .flags = SA, .ack = 1)->ctx, &j));
}

/* --- Fast Open, RFC 7413 --- */

static void test_a_server_may_send_data_to_a_syn_with_fast_open(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .fast_open = true);
    CHECK(judge_may_be_fast_open(&LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .data = 9)->ctx, false));
    CHECK(!judge_may_be_fast_open(&t.look.ctx, true));
    CHECK(!judge_may_be_fast_open(&LOOK(&t, .from = SERVER, .flags = A, .seq = 1)->ctx, false));
    CHECK(!judge_may_be_fast_open(&LOOK(&t, .from = CLIENT, .flags = A, .seq = 1, .data = 9)->ctx, false));
    talk_newest(&t)->dialogue.fast_open = false;
    CHECK(!judge_may_be_fast_open(&LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .data = 9)->ctx, false));
}

/* --- challenge ACKs, RFC 5961 --- */

static bool earns(struct talk *t, unsigned flags, enum seq_verdict seq, enum ack_verdict ack)
{
    const struct judgment j = {.seq_verdict = seq, .ack_verdict = ack};

    return judge_earns_challenge(&LOOK(t, .from = CLIENT, .flags = flags, .seq = 1, .ack = 1)->ctx, &j);
}

static void test_a_reset_ahead_earns_a_challenge(void)
{
    struct talk t = talk_opened();
    const struct seg_ctx *ctx = &LOOK(&t, .from = CLIENT, .flags = R, .seq = 500)->ctx;

    for (enum reset_effect effect = RST_IGNORED; effect <= RST_AHEAD; effect++) {
        const struct judgment j = {.reset_effect = effect};

        CHECK_EQUAL(judge_earns_challenge(ctx, &j), effect == RST_AHEAD || effect == RST_ENDS_ASSUMED);
    }
}

static void test_a_syn_and_a_bad_ack_earn_a_challenge(void)
{
    struct talk t = talk_opened();

    CHECK(earns(&t, S, SEQ_SYN, ACK_NONE));
    CHECK(earns(&t, A, SEQ_IN_ORDER, ACK_TOO_OLD));
    CHECK(!earns(&t, A, SEQ_IN_ORDER, ACK_CURRENT));
    CHECK(!earns(&t, R, SEQ_IN_ORDER, ACK_NONE));
    CHECK(!earns(&t, RA, SEQ_IN_ORDER, ACK_HANDSHAKE_MISMATCH)); /* nobody answers a RST's ACK */
}

/* The client sent an inexact RST; the server's numbers are 1 and 1. */
static struct talk challenged(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1);
    CHECK(talk_newest(&t)->dialogue.challenge_expected);
    return t;
}

static bool is_challenge(struct talk *t, struct saying s)
{
    struct look *l = talk_look(t, s);

    talk_judge(l);
    return judge_is_challenge(&l->ctx, &l->j);
}

static void test_a_pure_ack_with_nothing_new_is_a_challenge(void)
{
    struct talk t = challenged();

    CHECK(is_challenge(&t, (struct saying){.from = SERVER, .flags = A, .seq = 1, .ack = 1}));
    CHECK(!is_challenge(&t, (struct saying){.from = CLIENT, .flags = A, .seq = 1, .ack = 1}));
    CHECK(!is_challenge(&t, (struct saying){.from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 9}));
    CHECK(!is_challenge(&t, (struct saying){.from = SERVER, .flags = A, .seq = 1, .ack = 2}));
    CHECK(!is_challenge(&t, (struct saying){.from = SERVER, .flags = A, .seq = 2, .ack = 1}));
    talk_newest(&t)->dialogue.challenge_expected = false;
    CHECK(!is_challenge(&t, (struct saying){.from = SERVER, .flags = A, .seq = 1, .ack = 1}));
}

static void test_who_was_not_heard_before_may_challenge_with_any_number(void)
{
    struct talk t = talk_begin(), u = challenged();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK(is_challenge(&t, (struct saying){.from = SERVER, .flags = A, .seq = 700, .ack = 800}));
    talk_newest(&u)->end[SERVER].stream.acks_seen = 0;
    CHECK(is_challenge(&u, (struct saying){.from = SERVER, .flags = A, .seq = 1, .ack = 2}));
}

static void test_a_step_is_no_challenge(void)
{
    struct talk t = challenged();
    struct look *l = LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);

    talk_judge(l)->step.steps = STEP_ACK;
    CHECK(!judge_is_challenge(&l->ctx, &l->j));
}

/* The ACK of a SYN whose SYN-ACK was not captured is none; once all is open, it is as any other. */
static void test_what_acknowledges_the_syn_is_no_challenge(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);

    struct look *l = LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);

    CHECK_ACK(talk_judge(l), ACK_HANDSHAKE);
    CHECK(!judge_is_challenge(&l->ctx, &l->j));
    l->c->dialogue.complete = true;
    CHECK(judge_is_challenge(&l->ctx, &l->j));
}

/* --- probes --- */

static void test_keepalives_and_window_probes_are_probes(void)
{
    CHECK(judge_is_probe(&(struct judgment){.seq_verdict = SEQ_KEEPALIVE}));
    CHECK(judge_is_probe(&(struct judgment){.seq_verdict = SEQ_WINDOW_PROBE}));
    CHECK(!judge_is_probe(&(struct judgment){.seq_verdict = SEQ_RETRANSMISSION}));
}

int main(void)
{
    test_an_acceptable_ack_above_the_isn_covers_the_syn();
    test_where_the_isn_tells_no_order_any_good_ack_covers_the_syn();
    test_without_an_isn_there_is_no_syn_to_cover();
    test_what_was_not_captured_may_cover_the_syn_once_that_was_answered();
    test_a_syn_ack_covers_a_syn_that_nothing_was_known_of();
    test_a_server_may_send_data_to_a_syn_with_fast_open();
    test_a_syn_and_a_bad_ack_earn_a_challenge();
    test_a_reset_ahead_earns_a_challenge();
    test_a_pure_ack_with_nothing_new_is_a_challenge();
    test_who_was_not_heard_before_may_challenge_with_any_number();
    test_a_step_is_no_challenge();
    test_what_acknowledges_the_syn_is_no_challenge();
    test_keepalives_and_window_probes_are_probes();
    return check_result();
}
