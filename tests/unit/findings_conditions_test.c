/* findings_conditions_test.c - what a finding needs: without one thing of it, it isn't there
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

/* What is found of a segment that was judged and weighed. */
static unsigned found(const struct look *l)
{
    return findings_of(&l->ctx, &l->j, &l->w);
}

#define HAS(l, finding) CHECK((found(l) & (finding)) != 0)
#define LACKS(l, finding) CHECK((found(l) & (finding)) == 0)

/* With `member` of the look being `value`, the finding isn't there. */
#define LACKS_WITH(l, finding, member, value) \
    do {                                      \
        struct look other_ = *(l);            \
        other_.member = (value);              \
        LACKS(&other_, finding);              \
    } while (0)

/* The same of a member of the connection. */
#define LACKS_WHERE(l, finding, member, value)   \
    do {                                         \
        const struct connection kept_ = *(l)->c; \
        (l)->member = (value);                   \
        LACKS(l, finding);                       \
        *(l)->c = kept_;                         \
        HAS(l, finding);                         \
    } while (0)

static void test_what_syns_that_cross_need(void)
{
    struct talk t = talk_begin();
    struct look *l;

    SAY(&t, .from = CLIENT, .flags = S);
    l = LOOK(&t, .from = SERVER, .flags = S);
    talk_weigh(l);
    HAS(l, FINDING_SIMULTANEOUS_OPEN);
    LACKS_WITH(l, FINDING_SIMULTANEOUS_OPEN, j.step.repeat, true);
    LACKS_WHERE(l, FINDING_SIMULTANEOUS_OPEN, peer->stream.syn_sent, false);
    LACKS_WHERE(l, FINDING_SIMULTANEOUS_OPEN, peer->stream.syn_ack_sent, true);
    LACKS_WHERE(l, FINDING_SIMULTANEOUS_OPEN, peer->belief.from_previous, true);
    LACKS_WHERE(l, FINDING_SIMULTANEOUS_OPEN, sender->stream.syn_sent, true);
    LACKS_WHERE(l, FINDING_SIMULTANEOUS_OPEN, c->lineage.ambiguous, true);
    /* Split, once the SYN was acknowledged, and not before. */
    LACKS(l, FINDING_SPLIT_OPEN);
    l->peer->stream.una = seq_add(l->peer->stream.isn, 1);
    l->peer->stream.una_known = false;
    HAS(l, FINDING_SIMULTANEOUS_OPEN);
    l->peer->stream.una_known = true;
    HAS(l, FINDING_SPLIT_OPEN);
    LACKS(l, FINDING_SIMULTANEOUS_OPEN);
    LACKS_WHERE(l, FINDING_SPLIT_OPEN, peer->stream.una, l->peer->stream.isn);
}

/* Both ends may send data before step 3, if the SYN asked for that. */
static void test_fast_open_is_that_of_both_ends(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .data = 50, .fast_open = true);
    CHECK(SAY(&t, .from = SERVER, .flags = SA, .ack = 51, .data = 5)->findings & FINDING_FAST_OPEN);
    CHECK((t.o.findings & FINDING_SYN_DATA) == 0);
}

static void test_what_an_ack_of_data_in_a_syn_needs(void)
{
    struct talk t = talk_begin();
    struct look *l;

    SAY(&t, .from = CLIENT, .flags = S, .data = 100);
    l = LOOK(&t, .from = SERVER, .flags = SA, .ack = 101);
    talk_weigh(l);
    HAS(l, FINDING_ACKS_SYN_DATA);
    LACKS_WITH(l, FINDING_ACKS_SYN_DATA, j.step.steps, 0);
    LACKS_WITH(l, FINDING_ACKS_SYN_DATA, j.step.steps, STEP_ACK_OF_FIN);
    LACKS_WITH(l, FINDING_ACKS_SYN_DATA, j.ack_verdict, ACK_CURRENT);
    LACKS_WHERE(l, FINDING_ACKS_SYN_DATA, peer->stream.isn_known, false);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1);
    l = LOOK(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1); /* the ISN of the first SYN-ACK */
    talk_weigh(l);
    LACKS(l, FINDING_ACKS_SYN_DATA);
    l = LOOK(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 5001);
    talk_weigh(l);
    LACKS(l, FINDING_ACKS_SYN_DATA);
}

static void test_what_data_after_the_others_fin_needs(void)
{
    struct talk t = talk_opened();
    struct look *l;

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    l = LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2, .data = 10);
    talk_weigh(l);
    HAS(l, FINDING_HALF_CLOSED);
    LACKS_WITH(l, FINDING_HALF_CLOSED, j.ack_verdict, ACK_CURRENT);
    LACKS_WITH(l, FINDING_HALF_CLOSED, ctx.fin, true);
    LACKS_WITH(l, FINDING_HALF_CLOSED, ctx.end, t.seg.seq); /* sent before */
    LACKS_WHERE(l, FINDING_HALF_CLOSED, sender->stream.fin_sent, true);
    LACKS_WHERE(l, FINDING_HALF_CLOSED, sender->sent.nxt_known, false);
    LACKS_WHERE(l, FINDING_HALF_CLOSED, c->dialogue.half_closed, true);
    t.seg.data = 0;
    LACKS(l, FINDING_HALF_CLOSED);
}

static void test_what_fins_that_cross_need(void)
{
    struct talk t = talk_opened();
    struct look *l;

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    l = LOOK(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    talk_weigh(l);
    HAS(l, FINDING_SIMULTANEOUS_CLOSE);
    LACKS_WITH(l, FINDING_SIMULTANEOUS_CLOSE, ctx.fin, false);
    LACKS_WITH(l, FINDING_SIMULTANEOUS_CLOSE, ctx.ack, false);
    LACKS_WITH(l, FINDING_SIMULTANEOUS_CLOSE, j.ack_verdict, ACK_OF_FIN);
    LACKS_WITH(l, FINDING_SIMULTANEOUS_CLOSE, j.step.steps, STEP_FIN);
    LACKS_WITH(l, FINDING_SIMULTANEOUS_CLOSE, w.crossed, false); /* the first was lost */
    LACKS_WHERE(l, FINDING_SIMULTANEOUS_CLOSE, sender->stream.fin_sent, true);
    LACKS_WHERE(l, FINDING_SIMULTANEOUS_CLOSE, peer->stream.fin_sent, false);
    LACKS_WHERE(l, FINDING_SIMULTANEOUS_CLOSE, c->dialogue.crossed_fins, true);
}

static void test_what_a_retransmitted_fin_needs(void)
{
    struct talk t = talk_opened();
    struct look *l;

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2);
    l = LOOK(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 300);
    talk_weigh(l);
    HAS(l, FINDING_FIN_RETRANSMITTED);
    LACKS_WITH(l, FINDING_FIN_RETRANSMITTED, ctx.fin, false);
    LACKS_WITH(l, FINDING_FIN_RETRANSMITTED, j.step.repeat, false);
    LACKS_WHERE(l, FINDING_FIN_RETRANSMITTED, sender->stream.fin_sent, false);
}

static void test_what_ends_a_time_wait_too_early(void)
{
    struct talk t = talk_opened();
    struct look *l;

    talk_close(&t);
    l = LOOK(&t, .from = SERVER, .flags = R, .seq = 2);
    talk_weigh(l);
    HAS(l, FINDING_TIME_WAIT_ASSASSINATION);
    LACKS_WITH(l, FINDING_TIME_WAIT_ASSASSINATION, j.rst_counts, false);
    LACKS_WITH(l, FINDING_TIME_WAIT_ASSASSINATION, j.peer_before, LAST_ACK);
}

int main(void)
{
    test_what_syns_that_cross_need();
    test_fast_open_is_that_of_both_ends();
    test_what_an_ack_of_data_in_a_syn_needs();
    test_what_data_after_the_others_fin_needs();
    test_what_fins_that_cross_need();
    test_what_a_retransmitted_fin_needs();
    test_what_ends_a_time_wait_too_early();
    return check_result();
}
