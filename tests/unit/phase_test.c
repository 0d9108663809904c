/* phase_test.c - in which phase of a connection does a segment come?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "tell/names.h"
#include "tell/phase.h"

/* What a phase is made of; whatever isn't mentioned is 0. */
struct given {
    enum state sender, peer; /* before the segment */
    unsigned steps;          /* that it makes, or repeats */
    unsigned made;           /* before it */
    bool repeat, first, rst, complete;
};

static const char *phase_in(struct given g)
{
    struct connection c = {.dialogue = {.steps = (uint8_t)g.made, .complete = g.complete}};
    struct judgment j = {.rst_counts = g.rst, .step = {.steps = g.steps, .repeat = g.repeat}};
    struct seg_ctx ctx = {.c = &c};

    return phase_name(phase_of(&ctx, &j, g.sender, g.peer, g.first));
}

#define CHECK_PHASE(expected, ...) CHECK_STRING(phase_in((struct given){__VA_ARGS__}), phase_name(expected))

static void test_a_reset_that_counts_goes_first(void)
{
    CHECK_PHASE(PHASE_RESET, .sender = ESTABLISHED, .peer = ESTABLISHED, .complete = true, .rst = true);
    CHECK_PHASE(PHASE_RESET, .sender = LISTEN, .peer = SYN_SENT, .rst = true);
    CHECK_PHASE(PHASE_RESET, .sender = SYN_SENT, .peer = LISTEN, .complete = true, .rst = true);
    CHECK_PHASE(PHASE_RESET, .sender = CLOSED, .peer = TIME_WAIT, .complete = true, .rst = true);
    CHECK_PHASE(PHASE_RESET, .sender = TIME_WAIT, .peer = CLOSED, .complete = true, .rst = true);
    CHECK_PHASE(PHASE_RESET, .sender = CLOSED, .peer = LISTEN, .rst = true); /* a refusal comes again */
    CHECK_PHASE(PHASE_ESTABLISHED, .sender = ESTABLISHED, .peer = ESTABLISHED, .complete = true);
}

static void test_a_reset_where_both_were_closed_ends_nothing(void)
{
    CHECK_PHASE(PHASE_CLOSED, .sender = CLOSED, .peer = CLOSED, .complete = true, .rst = true);
    CHECK_PHASE(PHASE_CLOSED, .sender = LISTEN, .peer = CLOSED, .complete = true, .rst = true);
}

static void test_steps_1_to_3_are_the_handshake_wherever_they_come(void)
{
    CHECK_PHASE(PHASE_HANDSHAKE, .sender = CLOSED, .peer = LISTEN, .steps = STEP_SYN, .first = true);
    CHECK_PHASE(PHASE_HANDSHAKE, .sender = LISTEN, .peer = SYN_SENT, .steps = STEP_SYN_ACK);
    CHECK_PHASE(PHASE_HANDSHAKE, .sender = ESTABLISHED, .peer = ESTABLISHED, .steps = STEP_ACK,
                .repeat = true);
    CHECK_PHASE(PHASE_HANDSHAKE, .sender = TIME_WAIT, .peer = CLOSED, .steps = STEP_SYN, .made = STEP_FIN);
}

static void test_steps_4_to_7_are_the_teardown_until_both_are_gone(void)
{
    unsigned last = STEP_ACK_OF_SECOND_FIN;

    CHECK_PHASE(PHASE_TEARDOWN, .sender = ESTABLISHED, .peer = ESTABLISHED, .steps = STEP_FIN);
    CHECK_PHASE(PHASE_TEARDOWN, .sender = TIME_WAIT, .peer = LAST_ACK, .steps = last);
    CHECK_PHASE(PHASE_TEARDOWN, .sender = LAST_ACK, .peer = TIME_WAIT, .steps = last);
    CHECK_PHASE(PHASE_CLOSED, .sender = TIME_WAIT, .peer = CLOSED, .steps = last);
    CHECK_PHASE(PHASE_CLOSED, .sender = CLOSED, .peer = TIME_WAIT, .made = STEPS_OF_TEARDOWN);
}

/* Who waits for 2MSL does so to answer a repeated FIN: that belongs to the teardown. */
static void test_the_answer_to_a_repeated_fin_is_teardown_also_in_time_wait(void)
{
    unsigned last = STEP_ACK_OF_SECOND_FIN;

    CHECK_PHASE(PHASE_TEARDOWN, .sender = TIME_WAIT, .peer = CLOSED, .steps = last, .repeat = true);
    CHECK_PHASE(PHASE_TEARDOWN, .sender = CLOSED, .peer = TIME_WAIT, .steps = STEP_SECOND_FIN,
                .repeat = true);
    CHECK_PHASE(PHASE_CLOSED, .sender = CLOSED, .peer = CLOSED, .steps = STEP_SECOND_FIN, .repeat = true);
    CHECK_PHASE(PHASE_CLOSED, .sender = TIME_WAIT, .peer = TIME_WAIT, .repeat = true);
}

static void test_between_the_steps_the_states_tell(void)
{
    unsigned fin = STEPS_OF_HANDSHAKE | STEP_FIN;

    CHECK_PHASE(PHASE_HANDSHAKE, .sender = SYN_SENT, .peer = LISTEN, .made = STEP_SYN);
    CHECK_PHASE(PHASE_HANDSHAKE, .sender = ESTABLISHED, .peer = SYN_RECEIVED, .made = STEPS_OF_HANDSHAKE);
    CHECK_PHASE(PHASE_ESTABLISHED, .sender = ESTABLISHED, .peer = ESTABLISHED, .made = STEPS_OF_HANDSHAKE);
    CHECK_PHASE(PHASE_TEARDOWN, .sender = CLOSE_WAIT, .peer = FIN_WAIT_2, .made = fin);
    CHECK_PHASE(PHASE_UNKNOWN, .sender = ESTABLISHED, .peer = UNKNOWN);
    CHECK_PHASE(PHASE_UNKNOWN, .sender = UNKNOWN, .peer = ESTABLISHED);
}

/* Nobody has heard of the ends of a new connection yet. */
static void test_a_first_segment_is_not_too_late(void)
{
    CHECK_PHASE(PHASE_CLOSED, .sender = CLOSED, .peer = CLOSED);
    CHECK_PHASE(PHASE_ESTABLISHED, .sender = CLOSED, .peer = CLOSED, .first = true);
    CHECK_PHASE(PHASE_UNKNOWN, .sender = UNKNOWN, .peer = UNKNOWN, .first = true);
}

int main(void)
{
    test_a_reset_that_counts_goes_first();
    test_a_reset_where_both_were_closed_ends_nothing();
    test_steps_1_to_3_are_the_handshake_wherever_they_come();
    test_steps_4_to_7_are_the_teardown_until_both_are_gone();
    test_the_answer_to_a_repeated_fin_is_teardown_also_in_time_wait();
    test_between_the_steps_the_states_tell();
    test_a_first_segment_is_not_too_late();
    return check_result();
}
