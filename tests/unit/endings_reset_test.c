/* endings_reset_test.c - what does a RST end, and who takes it back?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define CHECK_MILESTONE(s, which, frame_) CHECK_EQUAL((s)->milestone[MILESTONE_##which].frame, (frame_))

static void test_an_abort_ends_it(void)
{
    struct updating u = updating_opened();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = SERVER, .flags = RA, .seq = 1, .ack = 1);
    CHECK_MILESTONE(s, RESET, 4);
    CHECK(s->reset && !s->desynchronized);
    CHECK_EQUAL(s->reset_cause, RESET_ABORT);
    CHECK_EQUAL(s->reset_by, ROLE_SERVER);
    UPDATE(&u, .from = SERVER, .flags = RA, .seq = 1, .ack = 1, .wait = 50);
    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 1, .wait = 50);
    CHECK_MILESTONE(s, RESET, 4);
    CHECK_EQUAL(s->reset_by, ROLE_SERVER);
}

static void test_until_one_ends_it_the_first_counts(void)
{
    struct updating u = updating_opened();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 101, .ip_id = 1000); /* in the window, not at its edge */
    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 201, .ip_id = 1001);
    CHECK_MILESTONE(s, RESET, 4);
    CHECK_EQUAL(s->reset_cause, RESET_CANNOT_TELL);
    CHECK(!s->reset);
    UPDATE(&u, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    CHECK_MILESTONE(s, RESET, 6);
    CHECK_EQUAL(s->reset_cause, RESET_ABORT);
    CHECK(s->reset);
}

static void test_a_new_try_takes_a_refusal_back(void)
{
    struct updating u = updating_begin();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = RA, .ack = 1);
    CHECK(s->reset);
    CHECK_EQUAL(s->reset_cause, RESET_REFUSED);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 500);
    CHECK(!s->reset);
    UPDATE(&u, .from = SERVER, .flags = RA, .ack = 1);
    CHECK(s->reset);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 500);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK(!s->reset && s->opened);
    CHECK_EQUAL(outcome_of(s, 0), OUTCOME_OPEN);
}

/* A RST that nobody listened to, say of a forger or for a host that keeps TIME-WAIT. */
static void test_who_goes_on_takes_a_reset_back(void)
{
    struct updating u = updating_opened();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = SERVER, .flags = R, .seq = 1);
    CHECK(s->reset);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 20);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 21);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 21, .ack = 1, .data = 20);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 41);
    CHECK(!s->reset && !s->desynchronized);
    CHECK_EQUAL(outcome_of(s, 0), OUTCOME_OPEN);
}

static void test_who_hasnt_heard_of_a_reset_yet_doesnt_take_it_back(void)
{
    struct updating u = updating_opened();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = SERVER, .flags = RA, .seq = 1, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 5, .wait = 2); /* crosses it */
    CHECK(s->reset);
    CHECK_EQUAL(outcome_of(s, 0), OUTCOME_RESET);
}

static void test_a_reset_after_both_fins_changes_nothing(void)
{
    struct updating u = updating_opened();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 1, .ack = 2);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 2, .ack = 2);
    UPDATE(&u, .from = SERVER, .flags = R, .seq = 2);
    CHECK(!s->desynchronized);
    CHECK(!(u.talk.o.findings & FINDING_DESYNCHRONIZED));
    CHECK_EQUAL(outcome_of(s, 0), OUTCOME_CLOSED);
}

/* What became of the peer of a RST that has a cause, on a connection with a RST before or without. */
static struct summary after_reset(struct updating u, enum reset_cause cause, enum state before,
                                  enum state after)
{
    HEAR(&u, .from = SERVER, .flags = RA, .seq = 1, .ack = 1);
    u.talk.o.reset_cause = cause;
    u.talk.o.peer.before = before;
    u.talk.o.peer.after = after;
    updating_take(&u);
    return u.summary[0];
}

static void test_what_a_reset_needs_to_end_a_connection(void)
{
    struct updating u = updating_opened();

    CHECK(after_reset(u, RESET_ABORT, ESTABLISHED, CLOSED).reset);
    CHECK(after_reset(u, RESET_CANNOT_TELL, ESTABLISHED, ESTABLISHED).reset);
    CHECK(!after_reset(u, RESET_STALE, ESTABLISHED, ESTABLISHED).reset);
    CHECK(!after_reset(u, RESET_NOT_ACCEPTABLE, ESTABLISHED, ESTABLISHED).reset);
    CHECK(!after_reset(u, RESET_STALE, CLOSED, CLOSED).reset);
    CHECK(!after_reset(u, RESET_STALE, CLOSED, LISTEN).reset);
    CHECK(!after_reset(u, RESET_STALE, TIME_WAIT, CLOSED).reset); /* it was over */
    CHECK(after_reset(u, RESET_STALE, SYN_SENT, CLOSED).reset);
    CHECK(after_reset(u, RESET_STALE, SYN_RECEIVED, LISTEN).reset);
}

static void test_the_reset_that_ended_it_is_the_one_that_is_noted(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 101, .ip_id = 1000); /* without effect */
    CHECK_EQUAL(after_reset(u, RESET_STALE, ESTABLISHED, ESTABLISHED).reset_by, ROLE_CLIENT);
    CHECK_EQUAL(after_reset(u, RESET_STALE, SYN_SENT, CLOSED).reset_by, ROLE_SERVER);
    CHECK_EQUAL(after_reset(u, RESET_ABORT, CLOSED, CLOSED).reset_by, ROLE_SERVER);
}

static void test_a_later_reset_without_effect_changes_nothing(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = SERVER, .flags = RA, .seq = 1, .ack = 1);
    CHECK(after_reset(u, RESET_STALE, CLOSED, CLOSED).reset);
    CHECK_MILESTONE(&u.summary[0], RESET, 4);
}

/* The server has reset it; then a segment of `role` that leaves its sender in `after`. */
static bool takes_back(enum role role, unsigned steps, enum state after, enum reset_cause cause)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = SERVER, .flags = RA, .seq = 1, .ack = 1);
    HEAR(&u, .from = role == ROLE_SERVER ? SERVER : CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 9);
    u.talk.o.sender_role = role;
    u.talk.o.steps = steps;
    u.talk.o.state_changed = true;
    u.talk.o.sender.after = after;
    u.talk.o.reset_cause = cause;
    updating_take(&u);
    return !u.summary[0].reset;
}

static void test_a_reset_is_taken_back_by_its_sender_or_by_a_new_try(void)
{
    CHECK(takes_back(ROLE_SERVER, 0, ESTABLISHED, RESET_NONE));
    CHECK(!takes_back(ROLE_SERVER, 0, UNKNOWN, RESET_NONE));
    CHECK(!takes_back(ROLE_SERVER, 0, TIME_WAIT, RESET_NONE));
    CHECK(!takes_back(ROLE_SERVER, 0, ESTABLISHED, RESET_STALE));
    CHECK(!takes_back(ROLE_CLIENT, 0, ESTABLISHED, RESET_NONE)); /* it has not heard of it */
    CHECK(takes_back(ROLE_CLIENT, STEP_SYN, SYN_SENT, RESET_NONE));
    CHECK(!takes_back(ROLE_CLIENT, STEP_SYN, CLOSED, RESET_NONE));
    CHECK(!takes_back(ROLE_CLIENT, STEP_SYN, LISTEN, RESET_NONE));
}

int main(void)
{
    test_an_abort_ends_it();
    test_until_one_ends_it_the_first_counts();
    test_a_new_try_takes_a_refusal_back();
    test_who_goes_on_takes_a_reset_back();
    test_who_hasnt_heard_of_a_reset_yet_doesnt_take_it_back();
    test_a_reset_after_both_fins_changes_nothing();
    test_what_a_reset_needs_to_end_a_connection();
    test_the_reset_that_ended_it_is_the_one_that_is_noted();
    test_a_later_reset_without_effect_changes_nothing();
    test_a_reset_is_taken_back_by_its_sender_or_by_a_new_try();
    return check_result();
}
