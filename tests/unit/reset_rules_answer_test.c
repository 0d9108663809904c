/* reset_rules_answer_test.c - which RSTs only answer, and leave their sender's state alone?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* RFC 9293 3.10.7.4: in the states before ESTABLISHED an unacceptable ACK is answered by a RST that
 * takes its number, and the state stays. */
static void test_a_reset_that_only_answers_leaves_its_sender_alone(void)
{
    struct talk t = talk_with_syn();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 70); /* it answers an older SYN */
    CHECK_STATES(SAY(&t, .from = CLIENT, .flags = R, .seq = 70), SYN_SENT, LISTEN);
    CHECK(!t.o.corrected);
}

static bool only_answers(struct talk *t, uint32_t seq, enum state sender)
{
    return judge_reset_only_answers(&LOOK(t, .from = CLIENT, .flags = R, .seq = seq)->ctx, sender);
}

static void test_only_before_the_opening_a_reset_merely_answers(void)
{
    struct talk t = talk_with_syn();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 70);
    CHECK(only_answers(&t, 70, SYN_SENT));
    CHECK(only_answers(&t, 70, LISTEN));
    CHECK(only_answers(&t, 70, SYN_RECEIVED));
    CHECK(!only_answers(&t, 70, ESTABLISHED));
    CHECK(!only_answers(&t, 70, CLOSED));
    CHECK(!only_answers(&t, 71, SYN_SENT));
    CHECK(!judge_reset_only_answers(&LOOK(&t, .from = CLIENT, .flags = RA, .seq = 70, .ack = 1)->ctx,
                                    SYN_SENT));
}

static void test_an_acceptable_ack_is_not_answered_by_a_reset(void)
{
    struct talk t = talk_answered();

    CHECK(!only_answers(&t, 1, SYN_SENT));
    talk_newest(&t)->end[CLIENT].stream.syn_sent = false; /* who sent no SYN accepts no ACK */
    CHECK(only_answers(&t, 1, LISTEN));
}

int main(void)
{
    test_a_reset_that_only_answers_leaves_its_sender_alone();
    test_only_before_the_opening_a_reset_merely_answers();
    test_an_acceptable_ack_is_not_answered_by_a_reset();
    return check_result();
}
