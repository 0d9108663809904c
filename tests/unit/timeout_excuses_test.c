/* timeout_excuses_test.c - what keeps a connection from a finding that it would have got otherwise
 *
 * Each story ends in a finding; then one thing of what is known of it is another, and the finding is gone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

static unsigned found(const struct summary *s)
{
    CHECK(timeout_findings_check(s) == NULL);
    return timeout_findings_at(s, &usual_timeouts, NEVER);
}

/* With `member` being `value`, the story `a` would have no finding. */
#define CHECK_EXCUSED(s, member, value) \
    do {                                \
        struct summary other_ = (s);    \
        other_.member = (value);        \
        CHECK_EQUAL(found(&other_), 0); \
    } while (0)

/* With `member` being `value`, it would still have those. */
#define CHECK_STILL(s, finding, member, value)     \
    do {                                           \
        struct summary other_ = (s);               \
        other_.member = (value);                   \
        CHECK_EQUAL(found(&other_), BIT(finding)); \
    } while (0)

static struct summary unanswered(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    return u.summary[0];
}

static struct summary embryonic(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    return u.summary[0];
}

/* The client's FIN three times, a second apart. */
static struct summary unacknowledged(void)
{
    struct updating u = updating_in_use();

    for (unsigned i = 0; i < 3; i++)
        UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51, .wait = 1000);
    return u.summary[0];
}

static struct summary silent(void)
{
    struct updating u = updating_in_use();

    for (unsigned i = 0; i < 3; i++)
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = 1000);
    return u.summary[0];
}

/* The server's FIN, after the client's. */
static struct summary unconfirmed(void)
{
    struct updating u = updating_half_closed();

    for (unsigned i = 0; i < 3; i++)
        UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 102, .wait = 1000);
    return u.summary[0];
}

static void check_excuses_of_all(struct summary s, enum timeout_finding finding)
{
    CHECK_EQUAL(found(&s), BIT(finding));
    CHECK_EXCUSED(s, desynchronized, true);
    CHECK_EXCUSED(s, succeeded, true); /* at once: its successor came as early as itself */
    CHECK_EXCUSED(s, steps, s.steps | STEPS_OF_TEARDOWN);
    CHECK_EXCUSED(s, incomplete, true);
    CHECK_EXCUSED(s, multipath, true);
    CHECK_EXCUSED(s, end[0].unseen, true);
    CHECK_EXCUSED(s, end[1].unseen, true);
    s.milestone[MILESTONE_RESET] = (struct moment){9, s.last + 100 * SECOND};
    s.reset_cause = RESET_ABORT;
    CHECK_STILL(s, finding, end[0].seen, true); /* a RST that had no effect */
    CHECK_EXCUSED(s, reset, true);
    if (finding != TIMEOUT_FINDING_UNANSWERED) {
        CHECK_EXCUSED(s, end[0].seen, false);
        CHECK_EXCUSED(s, end[1].seen, false);
    }
}

static void test_nothing_is_found_where_it_cannot_be_told_or_is_over(void)
{
    struct updating half_closed = updating_half_closed(), idle = updating_opened();

    check_case = "unanswered";
    check_excuses_of_all(unanswered(), TIMEOUT_FINDING_UNANSWERED);
    check_case = "embryonic";
    check_excuses_of_all(embryonic(), TIMEOUT_FINDING_EMBRYONIC);
    check_case = "FIN unacknowledged";
    check_excuses_of_all(unacknowledged(), TIMEOUT_FINDING_FIN_UNACKNOWLEDGED);
    check_case = "silent";
    check_excuses_of_all(silent(), TIMEOUT_FINDING_PEER_SILENT);
    check_case = "last ACK missing";
    check_excuses_of_all(unconfirmed(), TIMEOUT_FINDING_LAST_ACK_MISSING);
    check_case = "CLOSE-WAIT";
    check_excuses_of_all(half_closed.summary[0], TIMEOUT_FINDING_CLOSE_WAIT_STUCK);
    check_case = "idle";
    check_excuses_of_all(idle.summary[0], TIMEOUT_FINDING_IDLE);
    check_case = "";
}

static void test_what_excuses_a_syn_without_an_answer(void)
{
    struct summary s = unanswered();

    CHECK_EXCUSED(s, milestone[MILESTONE_SYN].frame, 0);
    CHECK_EXCUSED(s, milestone[MILESTONE_ICMP].frame, 2);
    CHECK_EXCUSED(s, opened, true);
    CHECK_EXCUSED(s, end[1].seen, true);
    CHECK_EXCUSED(s, end[0].state, ESTABLISHED);
    CHECK_EXCUSED(s, end[0].heard, s.end[0].heard + 1); /* the client went on: it was answered */
    CHECK_EXCUSED(s, disorder, true);
    CHECK(summary_is_embryonic(&s));
    s.incomplete = true;
    CHECK(!summary_is_embryonic(&s));
}

static void test_what_excuses_a_missing_third_step(void)
{
    struct summary s = embryonic();

    CHECK_EXCUSED(s, milestone[MILESTONE_SYN].frame, 0);
    CHECK_EXCUSED(s, end[1].opening.count, 0); /* a RST came since */
    CHECK_EXCUSED(s, opened, true);
    CHECK_EXCUSED(s, simultaneous_open, true);
    CHECK_EXCUSED(s, split_open, true);
    CHECK_EXCUSED(s, end[1].state, ESTABLISHED);
    CHECK_EXCUSED(s, disorder, true);
    CHECK(summary_is_embryonic(&s));
    s.incomplete = true;
    CHECK(!summary_is_embryonic(&s));
}

static void test_what_is_not_idle(void)
{
    struct updating u = updating_opened();
    struct summary s = u.summary[0];

    CHECK_EXCUSED(s, milestone[MILESTONE_SYN].frame, 0);
    CHECK_EXCUSED(s, milestone[MILESTONE_SYN_ACK].frame, 0);
    CHECK_EXCUSED(s, milestone[MILESTONE_ACK].frame, 0);
    CHECK_EXCUSED(s, milestone[MILESTONE_FIN].frame, 4);
    CHECK_EXCUSED(s, end[0].sent_data, true);
    CHECK_EXCUSED(s, end[1].sent_data, true);
    CHECK_EXCUSED(s, mptcp, true); /* a subflow may be a spare one */
    CHECK_EXCUSED(s, end[0].state, FIN_WAIT_1);
    CHECK_EXCUSED(s, end[1].state, SYN_RECEIVED);
    CHECK(summary_is_idle(&s));
    s.incomplete = true;
    CHECK(!summary_is_idle(&s));
}

static void test_who_was_closed_before_the_capture_owes_nothing(void)
{
    struct summary s = unacknowledged();
    struct updating u = updating_half_closed();

    s.end[1].syn_seen = s.end[1].sent_next = false;
    CHECK_EQUAL(found(&s), 0);
    s.end[1].sent_next = true; /* it had not closed */
    CHECK_EQUAL(found(&s), BIT(TIMEOUT_FINDING_FIN_UNACKNOWLEDGED));
    s = u.summary[0];
    s.end[1].syn_seen = s.end[1].sent_next = false;
    CHECK_EQUAL(found(&s), 0);
}

static void test_what_excuses_an_end_in_close_wait(void)
{
    struct updating u = updating_half_closed();
    struct summary s = u.summary[0];

    CHECK_EXCUSED(s, milestone[MILESTONE_FIN_ACK].frame, 0);
    CHECK_EXCUSED(s, end[1].state, LAST_ACK);
    CHECK_EXCUSED(s, end[0].state, FIN_WAIT_1);
    CHECK_EXCUSED(s, end[1].owes, 0);
    s.milestone[MILESTONE_RESET].frame = 9; /* of the end in CLOSE-WAIT, even if it did not count */
    CHECK_EXCUSED(s, reset_by, ROLE_SERVER);
    CHECK_STILL(s, TIMEOUT_FINDING_CLOSE_WAIT_STUCK, reset_by, ROLE_CLIENT);
    s.milestone[MILESTONE_RESET].frame = 0;
    CHECK_STILL(s, TIMEOUT_FINDING_CLOSE_WAIT_STUCK, reset_by, ROLE_SERVER);
}

/* The same where the server closes first. */
static void test_what_excuses_a_client_in_close_wait(void)
{
    struct updating u = updating_in_use();

    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 101);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 52);
    CHECK_EQUAL(found(&u.summary[0]), BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK));
    u.summary[0].milestone[MILESTONE_RESET].frame = 9;
    CHECK_EXCUSED(u.summary[0], reset_by, ROLE_CLIENT);
    CHECK_STILL(u.summary[0], TIMEOUT_FINDING_CLOSE_WAIT_STUCK, reset_by, ROLE_SERVER);
}

static void test_who_was_heard_of_after_the_second_fin_may_have_received_it(void)
{
    struct summary s = unconfirmed();
    int64_t first = s.end[1].fins.first.time;

    CHECK_STILL(s, TIMEOUT_FINDING_LAST_ACK_MISSING, end[0].heard, first);
    CHECK_EXCUSED(s, end[0].heard, first + 1);
    CHECK_EXCUSED(s, end[1].state, CLOSED);
}

/* A new SYN on the same addresses and ports: what was due before that is still found. */
static void test_nobody_waits_behind_a_new_syn(void)
{
    struct summary s = unanswered();

    s.succeeded = true;
    s.successor = usual_timeouts.handshake;
    CHECK_EQUAL(found(&s), BIT(TIMEOUT_FINDING_UNANSWERED));
    CHECK(!summary_is_embryonic(&s));
    CHECK_EXCUSED(s, successor, usual_timeouts.handshake - 1);
    s = unacknowledged();
    s.succeeded = true;
    s.successor = s.end[0].fins.first.time + usual_timeouts.fin;
    CHECK_EQUAL(found(&s), BIT(TIMEOUT_FINDING_FIN_UNACKNOWLEDGED));
    CHECK_STILL(s, TIMEOUT_FINDING_FIN_UNACKNOWLEDGED, supplanted, true);
    CHECK_EXCUSED(s, successor, s.successor - 1);
}

/* Where the new SYN was accepted, or the old connection reset for it, nobody owed a FIN any more. */
static void test_who_accepts_a_new_syn_had_closed_the_old_connection(void)
{
    struct updating u = updating_half_closed(), idle = updating_opened();
    struct summary s = u.summary[0];

    s.succeeded = true;
    s.successor = s.last + usual_timeouts.close_wait;
    CHECK_EQUAL(found(&s), BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK));
    CHECK_EXCUSED(s, supplanted, true);
    CHECK_EXCUSED(s, successor, s.successor - 1);
    s = idle.summary[0];
    s.succeeded = true;
    s.successor = s.last + usual_timeouts.idle;
    CHECK_EQUAL(found(&s), BIT(TIMEOUT_FINDING_IDLE));
    CHECK(!summary_is_idle(&s));
    CHECK_EXCUSED(s, supplanted, true);
}

static void test_who_answers_with_a_closed_window_cannot_take_the_fin(void)
{
    struct summary s = unacknowledged();

    s.end[1].heard = s.end[0].fins.first.time;
    CHECK_STILL(s, TIMEOUT_FINDING_FIN_UNACKNOWLEDGED, end[1].closed_window, true); /* it does not answer */
    s.end[1].heard++;
    CHECK_EXCUSED(s, end[1].closed_window, true);
    CHECK_STILL(s, TIMEOUT_FINDING_FIN_UNACKNOWLEDGED, end[1].closed_window, false);
}

/* The clock has a hole, and who begins to wait in that frame can't be told to have waited beyond it. */
static uint32_t limited_frame;
static int64_t limited_time;

static int64_t limit(uint32_t frame)
{
    return frame == limited_frame ? limited_time : NEVER;
}

static void check_limit(struct summary s, enum timeout_finding finding, uint32_t frame, int64_t due)
{
    struct timeouts timeouts = usual_timeouts;

    timeouts.limit = limit;
    limited_frame = frame;
    limited_time = s.start + due;
    CHECK_EQUAL(timeout_findings_at(&s, &timeouts, s.start + 1000 * SECOND), BIT(finding));
    limited_time--;
    CHECK_EQUAL(timeout_findings_at(&s, &timeouts, s.start + 1000 * SECOND), 0);
    CHECK_EQUAL(timeout_findings_at(&s, &timeouts, NEVER), BIT(finding)); /* whatever time it is */
    limited_frame = frame + 100;
    CHECK_EQUAL(timeout_findings_at(&s, &timeouts, s.start + 1000 * SECOND), BIT(finding));
}

static void test_no_time_out_runs_over_a_hole(void)
{
    const struct timeouts *t = &usual_timeouts;
    struct updating half_closed = updating_half_closed(), idle = updating_opened();
    struct summary s = unanswered();

    check_limit(s, TIMEOUT_FINDING_UNANSWERED, 1, t->handshake);
    s = embryonic();
    check_limit(s, TIMEOUT_FINDING_EMBRYONIC, 2, s.end[1].opening.first.time + t->handshake);
    s = unacknowledged();
    check_limit(s, TIMEOUT_FINDING_FIN_UNACKNOWLEDGED, 7, s.end[0].fins.first.time + t->fin);
    s = silent();
    check_limit(s, TIMEOUT_FINDING_PEER_SILENT, 7, s.end[0].probes.first.time + t->silent);
    s = unconfirmed();
    check_limit(s, TIMEOUT_FINDING_LAST_ACK_MISSING, 9, s.end[1].fins.first.time + t->fin);
    s = half_closed.summary[0];
    check_limit(s, TIMEOUT_FINDING_CLOSE_WAIT_STUCK, 8, s.last + t->close_wait);
    s = idle.summary[0];
    check_limit(s, TIMEOUT_FINDING_IDLE, 3, s.last + t->idle);
}

static void test_only_what_was_open_falls_silent(void)
{
    CHECK_EXCUSED(silent(), opened, false);
}

/* Who gives up sends a RST: what had not fallen due until then, never does. */
static void test_who_gives_up_too_early_tells_nothing(void)
{
    struct summary s = silent();
    int64_t due = s.end[0].probes.first.time + usual_timeouts.silent;

    s.reset = true;
    s.reset_cause = RESET_UNANSWERED_TRIES;
    s.milestone[MILESTONE_RESET] = (struct moment){9, due};
    CHECK_EQUAL(found(&s), BIT(TIMEOUT_FINDING_PEER_SILENT));
    CHECK_EQUAL(timeout_findings_at(&s, &usual_timeouts, s.start + due - 1), 0); /* before the RST */
    CHECK_EXCUSED(s, milestone[MILESTONE_RESET].time, due - 1);
    s.milestone[MILESTONE_RESET].time = due - 1;
    CHECK_STILL(s, TIMEOUT_FINDING_PEER_SILENT, reset, false); /* the RST was taken back */
}

int main(void)
{
    test_nothing_is_found_where_it_cannot_be_told_or_is_over();
    test_what_excuses_a_syn_without_an_answer();
    test_what_excuses_a_missing_third_step();
    test_what_is_not_idle();
    test_who_was_closed_before_the_capture_owes_nothing();
    test_what_excuses_an_end_in_close_wait();
    test_what_excuses_a_client_in_close_wait();
    test_who_was_heard_of_after_the_second_fin_may_have_received_it();
    test_nobody_waits_behind_a_new_syn();
    test_who_accepts_a_new_syn_had_closed_the_old_connection();
    test_who_answers_with_a_closed_window_cannot_take_the_fin();
    test_no_time_out_runs_over_a_hole();
    test_only_what_was_open_falls_silent();
    test_who_gives_up_too_early_tells_nothing();
    return check_result();
}
