/* steps_closing_test.c - FINs whose number was passed before, and repeated ACKs of FINs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* --- a FIN that is captured late --- */

/* A pure ACK behind it shows that something of length 1 was missed there: the FIN. */
static void test_a_fin_captured_behind_its_senders_next_ack_is_a_step(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 1);
    CHECK_EQUAL(JUDGE(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1)->step.made, STEP_FIN);
    CHECK(!t.look.j.step.fin_acked);
}

/* What was acknowledged beside the capture counts when it is acknowledged twice. */
static void test_a_fin_captured_behind_its_ack_is_two_steps(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    JUDGE(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    CHECK_EQUAL(t.look.j.step.steps, STEP_FIN);
    CHECK_EQUAL(t.look.j.step.made, STEP_FIN | STEP_ACK_OF_FIN);
    CHECK(t.look.j.step.fin_acked);
    talk_newest(&t)->end[CLIENT].stream.una_known = false;
    CHECK_EQUAL(JUDGE(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1)->step.made, STEP_FIN);
}

/* One ACK of what was not captured yet, then the FIN, `wait` ms later. */
static bool is_just_behind_its_ack(uint32_t ack, uint32_t wait)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = ack);
    JUDGE(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = wait);
    return t.look.j.step.fin_acked;
}

static void test_a_fin_just_behind_its_only_ack_is_two_steps(void)
{
    struct talk t = talk_opened();

    CHECK(is_just_behind_its_ack(2, 5));
    CHECK(!is_just_behind_its_ack(2, 6)); /* it may be a repeat that the ACK had not reached */
    CHECK(!is_just_behind_its_ack(3, 5));
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK(!JUDGE(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 1)->step.fin_acked);
    t = talk_opened();
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    talk_newest(&t)->end[CLIENT].stream.has_acked_unseen = false;
    CHECK(!JUDGE(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 1)->step.fin_acked);
    t = talk_opened();
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    talk_newest(&t)->end[CLIENT].stream.acked_unseen = seq_add(t.isn[CLIENT], 3); /* by a RST */
    CHECK(!JUDGE(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 1)->step.fin_acked);
}

static void test_a_second_fin_captured_behind_its_ack_is_the_other_two_steps(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    JUDGE(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 2);
    CHECK_EQUAL(t.look.j.step.made, STEP_ACK_OF_FIN | STEP_SECOND_FIN | STEP_ACK_OF_SECOND_FIN);
}

static void test_a_fin_may_be_the_first_that_is_known_of_its_sender(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 9);
    CHECK_EQUAL(JUDGE(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 10)->step.made, STEP_FIN);
}

/* A number that data had is not one that a FIN can have. */
static void test_a_fin_in_the_place_of_data_is_no_step(void)
{
    struct talk t = talk_half_acknowledged();

    CHECK_EQUAL(JUDGE(&t, .from = CLIENT, .flags = FA, .seq = 400, .ack = 1)->step.steps, 0);
    CHECK_EQUAL(JUDGE(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1)->step.steps, STEP_FIN);
}

/* --- repeats --- */

static void test_data_repeats_no_ack_of_a_fin(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 300);
    CHECK(JUDGE(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2)->step.repeat);
    CHECK_EQUAL(t.look.j.step.repeat_of, 5);
    CHECK_EQUAL(JUDGE(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2, .data = 9)->step.steps, 0);
}

/* The third step at the same time: the frame that is kept is none that acknowledged the FIN. */
static void test_the_first_ack_of_a_fin_need_not_have_been_captured(void)
{
    struct talk t = talk_begin();
    struct connection *c;

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    c = talk_newest(&t);
    c->end[SERVER].stream.fin_sent = true;
    c->dialogue.steps |= STEP_FIN | STEP_ACK_OF_FIN;
    c->dialogue.closer = SERVER;
    c->end[CLIENT].attempts.answer_due = true;
    c->end[CLIENT].attempts.ack_frame = 77;
    JUDGE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(t.look.j.step.steps, STEP_ACK | STEP_ACK_OF_FIN);
    CHECK_EQUAL(t.look.j.step.repeat_of, 0);
}

int main(void)
{
    test_a_fin_captured_behind_its_senders_next_ack_is_a_step();
    test_a_fin_captured_behind_its_ack_is_two_steps();
    test_a_fin_just_behind_its_only_ack_is_two_steps();
    test_a_second_fin_captured_behind_its_ack_is_the_other_two_steps();
    test_a_fin_may_be_the_first_that_is_known_of_its_sender();
    test_a_fin_in_the_place_of_data_is_no_step();
    test_data_repeats_no_ack_of_a_fin();
    test_the_first_ack_of_a_fin_need_not_have_been_captured();
    return check_result();
}
