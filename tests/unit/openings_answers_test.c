/* openings_answers_test.c - which of several SYN-ACKs counts?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define MS INT64_C(1000000)
#define CHECK_MILESTONE(s, which, frame_) CHECK_EQUAL((s)->milestone[MILESTONE_##which].frame, (frame_))
#define CHECK_SPAN(s, which, time) CHECK_EQUAL(summary_span((s), SPAN_##which), (time))

/* Two servers answer, say behind a broken balancer: the ISN of the second is 5000 off. */
static struct updating twice_answered(uint32_t acknowledged)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .window = 1111, .mss = 1400, .wait = 30);
    UPDATE(&u, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1, .window = 2222, .mss = 1300, .wait = 40);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = acknowledged, .wait = 20);
    return u;
}

static void test_of_several_syn_acks_the_acknowledged_one_counts(void)
{
    struct updating u = twice_answered(5001);
    const struct summary *s = &u.summary[0];

    CHECK_MILESTONE(s, SYN_ACK, 3);
    CHECK_MILESTONE(s, ACK, 4);
    CHECK_EQUAL(s->end[1].isn.n, seq_add(u.talk.isn[SERVER], 5000).n);
    CHECK_EQUAL(s->end[1].window, 2222);
    CHECK_EQUAL(s->end[1].mss, 1300);
    CHECK_SPAN(s, SERVER_RTT, 70 * MS);
    CHECK_SPAN(s, CLIENT_RTT, 20 * MS);
}

static void test_of_several_syn_acks_the_first_may_be_acknowledged(void)
{
    struct updating u = twice_answered(1);
    const struct summary *s = &u.summary[0];

    CHECK_MILESTONE(s, SYN_ACK, 2);
    CHECK_EQUAL(s->end[1].isn.n, u.talk.isn[SERVER].n);
    CHECK_EQUAL(s->end[1].window, 1111);
    CHECK_SPAN(s, SERVER_RTT, 30 * MS);
    CHECK_SPAN(s, CLIENT_RTT, 60 * MS);
}

/* The first can be compared with nothing but the SYN; without that it is only the first. */
static void test_without_the_syn_no_answer_has_a_time(void)
{
    struct updating u = updating_begin();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 30);
    UPDATE(&u, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1, .wait = 40);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 5001, .wait = 20);
    CHECK_MILESTONE(s, SYN_ACK, 2);
    CHECK_SPAN(s, SERVER_RTT, NO_TIME);
    CHECK_SPAN(s, SYN_WAIT, NO_TIME);
    CHECK_SPAN(s, CLIENT_RTT, 20 * MS);
}

static void test_a_copy_of_the_other_syn_ack_keeps_its_first_frame(void)
{
    struct updating u = updating_begin();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1, .wait = 1000);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 5001, .wait = 20);
    CHECK_MILESTONE(s, SYN_ACK, 3);
    CHECK_SPAN(s, CLIENT_RTT, 20 * MS); /* of the copy that came through */
}

static void test_of_three_syn_acks_the_last_may_be_acknowledged(void)
{
    struct updating u = updating_begin();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = CLIENT, .flags = S);
    for (uint32_t i = 0; i < 3; i++)
        UPDATE(&u, .from = SERVER, .flags = SA, .seq = 5000 * i, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 10001);
    CHECK_MILESTONE(s, SYN_ACK, 4);
}

/* An ISN may be any number, also 0. */
static void test_the_other_isn_may_be_zero(void)
{
    struct updating u = updating_begin();
    const struct summary *s = &u.summary[0];

    u.talk.isn[SERVER] = seq_of(0);
    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_MILESTONE(s, SYN_ACK, 3);
    CHECK_EQUAL(s->end[1].isn.n, 0);
}

/* Each of both has a SYN-ACK of its own where their SYNs have crossed. */
static void test_a_syn_ack_of_the_other_end_is_no_other_answer(void)
{
    struct updating u = updating_begin();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = CLIENT, .flags = SA, .ack = 1); /* to a SYN that was not captured */
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .window = 777);
    CHECK(s->end[0].syn_seen && s->end[1].syn_seen);
    CHECK_EQUAL(s->end[!(s->client_from == CLIENT)].isn.n, u.talk.isn[CLIENT].n);
    CHECK_EQUAL(s->end[s->client_from == CLIENT].window, 777);
}

/* Whose number is 0 was captured all the same. */
static void test_the_first_isn_may_be_zero(void)
{
    struct updating u = updating_begin();

    u.talk.isn[SERVER] = seq_of(0);
    updating_open(&u);
    CHECK_MILESTONE(&u.summary[0], SYN_ACK, 2);
}

/* How long an answer took is told if the SYN was captured and is what it answers. */
static void test_only_the_answer_to_a_captured_syn_has_a_time(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    HEAR(&u, .from = SERVER, .flags = SA, .ack = 1);
    u.talk.o.ack_verdict = ACK_NOT_CAPTURED;
    updating_take(&u);
    CHECK_MILESTONE(&u.summary[0], SYN_ACK, 2);
    CHECK_SPAN(&u.summary[0], SERVER_RTT, NO_TIME);
    u = updating_begin();
    HEAR(&u, .from = SERVER, .flags = SA, .ack = 1);
    u.talk.o.ack_verdict = ACK_HANDSHAKE;
    updating_take(&u);
    CHECK_MILESTONE(&u.summary[0], SYN_ACK, 1);
    CHECK_SPAN(&u.summary[0], SERVER_RTT, NO_TIME);
}

int main(void)
{
    test_of_several_syn_acks_the_acknowledged_one_counts();
    test_of_several_syn_acks_the_first_may_be_acknowledged();
    test_without_the_syn_no_answer_has_a_time();
    test_a_copy_of_the_other_syn_ack_keeps_its_first_frame();
    test_of_three_syn_acks_the_last_may_be_acknowledged();
    test_the_other_isn_may_be_zero();
    test_a_syn_ack_of_the_other_end_is_no_other_answer();
    test_the_first_isn_may_be_zero();
    test_only_the_answer_to_a_captured_syn_has_a_time();
    return check_result();
}
