/* timeout_told_test.c - whatever the clock says, and however closely packets follow
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

static unsigned found(const struct summary *s)
{
    return timeout_findings_at(s, &usual_timeouts, NEVER);
}

static struct summary unanswered(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    return u.summary[0];
}

/* Times are as the clock said: a SYN may be captured earlier than the one before. */
static void test_a_clock_that_was_set_back_hides_nothing(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    u.talk.now -= 500 * SECOND;
    UPDATE(&u, .from = CLIENT, .flags = S);
    CHECK_EQUAL(found(&u.summary[0]), BIT(TIMEOUT_FINDING_UNANSWERED));
}

static void test_times_before_the_epoch_are_times(void)
{
    struct updating u = updating_begin();

    u.talk.now = -1000 * SECOND;
    UPDATE(&u, .from = CLIENT, .flags = S);
    CHECK_EQUAL(found(&u.summary[0]), BIT(TIMEOUT_FINDING_UNANSWERED));
}

/* Though packets follow one another closely: keepalives and their answers. */
static unsigned told_while_it_is_kept_alive(const struct timeouts *timeouts, unsigned seconds)
{
    struct updating u = updating_half_closed();
    unsigned told = 0;

    for (unsigned i = 0; i < 2 * seconds; i++) {
        HEAR(&u, .from = i % 2 ? SERVER : CLIENT, .flags = A, .seq = i % 2 ? 51 : 101,
             .ack = i % 2 ? 102 : 51, .wait = 500);
        told |= timeout_findings_update(&u.summary[0], NULL, 0, &u.talk.seg, &u.talk.o, timeouts);
    }
    return told;
}

static void test_what_falls_due_is_told_though_packets_follow_closely(void)
{
    struct timeouts sooner = usual_timeouts;
    unsigned stuck = BIT(TIMEOUT_FINDING_FIN_WAIT_2_STUCK);

    CHECK_EQUAL(told_while_it_is_kept_alive(&usual_timeouts, 50), 0);
    CHECK_EQUAL(told_while_it_is_kept_alive(&usual_timeouts, 70),
                stuck | BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK));
    sooner.fin_wait_2 = 30 * SECOND;
    CHECK_EQUAL(told_while_it_is_kept_alive(&sooner, 50), stuck);
    sooner = usual_timeouts;
    sooner.close_wait = 30 * SECOND;
    CHECK_EQUAL(told_while_it_is_kept_alive(&sooner, 50), BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK));
}

static void test_what_is_not_found_has_no_beginning(void)
{
    struct summary s = unanswered();

    CHECK_EQUAL(timeout_finding_begin(&s, TIMEOUT_FINDING_PEER_SILENT).frame, 0);
    CHECK_EQUAL(timeout_finding_begin(&s, TIMEOUT_FINDING_FIN_UNACKNOWLEDGED).frame, 0);
    CHECK_EQUAL(timeout_finding_begin(&s, TIMEOUT_FINDING_LAST_ACK_MISSING).frame, 0);
}

/* An answer to the last try may be under way for a second, however long the first is past. */
static void test_the_last_try_waits_for_its_answer(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 4500);
    CHECK_EQUAL(updating_after(&u, 999), 0);
    CHECK_EQUAL(updating_after(&u, 1000), BIT(TIMEOUT_FINDING_EMBRYONIC));
    u = updating_in_use();
    for (unsigned i = 0; i < 4; i++)
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = 900);
    CHECK_EQUAL(updating_after(&u, 999), 0);
    CHECK_EQUAL(updating_after(&u, 1000), BIT(TIMEOUT_FINDING_PEER_SILENT));
}

/* The FINs crossed, and neither is acknowledged. */
static void test_a_fin_is_unacknowledged_also_where_both_have_closed(void)
{
    struct updating u = updating_in_use();

    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 101);
    for (unsigned i = 0; i < 3; i++)
        UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 101, .ack = 52, .wait = 1000);
    CHECK_EQUAL(u.summary[0].end[0].state, CLOSING);
    CHECK_EQUAL(updating_after(&u, 5000), BIT(TIMEOUT_FINDING_FIN_UNACKNOWLEDGED));
}

/* The RST of who gave up is no answer. */
static void test_who_gave_up_was_not_answered(void)
{
    struct updating u = updating_in_use();

    for (unsigned i = 0; i < 5; i++)
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = 1000);
    UPDATE(&u, .from = CLIENT, .flags = RA, .seq = 111, .ack = 51, .wait = 2000);
    CHECK_EQUAL(u.talk.o.reset_cause, RESET_UNANSWERED_TRIES);
    CHECK_EQUAL(found(&u.summary[0]), BIT(TIMEOUT_FINDING_PEER_SILENT));
}

int main(void)
{
    test_times_before_the_epoch_are_times();
    test_what_falls_due_is_told_though_packets_follow_closely();
    test_what_is_not_found_has_no_beginning();
    test_a_clock_that_was_set_back_hides_nothing();
    test_the_last_try_waits_for_its_answer();
    test_a_fin_is_unacknowledged_also_where_both_have_closed();
    test_who_gave_up_was_not_answered();
    return check_result();
}
