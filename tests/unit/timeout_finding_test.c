/* timeout_finding_test.c - what is found once time has passed, exactly from when on, and where it began
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

/* Nothing a millisecond before, `set` from there on, and so for ever. */
static void check_from(const struct updating *u, int64_t ms, unsigned set)
{
    CHECK_EQUAL(updating_after(u, ms - 1), 0);
    CHECK_EQUAL(updating_after(u, ms), set);
    CHECK_EQUAL(timeout_findings_at(&u->summary[0], &usual_timeouts, NEVER), set);
}

static void check_never(const struct updating *u)
{
    CHECK_EQUAL(timeout_findings_at(&u->summary[0], &usual_timeouts, NEVER), 0);
}

static void check_begin(const struct updating *u, enum timeout_finding timeout_finding, uint32_t frame)
{
    CHECK_EQUAL(timeout_finding_begin(&u->summary[0], timeout_finding).frame, frame);
}

/* The same client data again and again, at 0.3, 0.9, 2.1 s after its first. */
static void try_data(struct updating *u, unsigned copies)
{
    for (unsigned i = 0; i < copies; i++)
        UPDATE(u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10,
               .wait = i ? 300u << (i - 1) : 0);
}

static void test_unanswered(void)
{
    struct updating u = updating_begin();

    check_case = "unanswered";
    UPDATE(&u, .from = CLIENT, .flags = S);
    check_from(&u, 5000, BIT(TIMEOUT_FINDING_UNANSWERED));
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 1000);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 2000);
    check_from(&u, 2000, BIT(TIMEOUT_FINDING_UNANSWERED)); /* counts from the first try */
    check_begin(&u, TIMEOUT_FINDING_UNANSWERED, 1);
    CHECK_EQUAL(timeout_finding_begin(&u.summary[0], TIMEOUT_FINDING_UNANSWERED).time, u.summary[0].start);
    CHECK(summary_is_embryonic(&u.summary[0]));
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 4000);
    check_from(&u, 1000, BIT(TIMEOUT_FINDING_UNANSWERED)); /* and a second from the last */
    UPDATE(&u, .from = SERVER, .flags = RA, .ack = 1);
    check_never(&u);
    CHECK(!summary_is_embryonic(&u.summary[0]));
    u = updating_begin();
    UPDATE(&u, .from = CLIENT, .flags = S);
    summary_update_icmp(&u.summary[0], CLIENT, u.talk.isn[CLIENT], 2, u.talk.now);
    check_never(&u);
}

/* What comes directly behind the connection before may stand in another order than on the wire. */
static void test_unanswered_behind_another_connection(void)
{
    check_case = "unanswered behind another";
    for (uint32_t wait = 4; wait <= 5; wait++) {
        struct updating u = updating_closed();

        u.talk.isn[CLIENT] = seq_add(u.talk.isn[CLIENT], 100000);
        UPDATE(&u, .from = CLIENT, .flags = S, .wait = wait);
        CHECK_EQUAL(u.talk.o.connection, 1);
        CHECK_EQUAL(timeout_findings_at(&u.summary[1], &usual_timeouts, NEVER),
                    wait == 5 ? BIT(TIMEOUT_FINDING_UNANSWERED) : 0);
    }
}

static void test_embryonic(void)
{
    struct updating u = updating_begin();

    check_case = "embryonic";
    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    check_from(&u, 5000, BIT(TIMEOUT_FINDING_EMBRYONIC_MINOR)); /* not sent again: a cookie, most likely */
    check_begin(&u, TIMEOUT_FINDING_EMBRYONIC_MINOR, 2);
    CHECK_EQUAL(timeout_finding_subject(&u.summary[0], TIMEOUT_FINDING_EMBRYONIC_MINOR), 1);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    check_from(&u, 4000, BIT(TIMEOUT_FINDING_EMBRYONIC));
    check_begin(&u, TIMEOUT_FINDING_EMBRYONIC, 2);
    CHECK(summary_is_embryonic(&u.summary[0]));
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK(!summary_is_embryonic(&u.summary[0]));
    u = updating_begin(); /* the SYN was not captured */
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    check_never(&u);
}

/* The time-out passes before the server tries again: in one pass and in two it is the note. */
static void test_a_syn_ack_sent_again_too_late(void)
{
    check_case = "sent again too late";
    for (uint32_t ms = 4999; ms <= 5000; ms++) {
        struct updating u = updating_begin();
        unsigned expected = BIT(ms < 5000 ? TIMEOUT_FINDING_EMBRYONIC : TIMEOUT_FINDING_EMBRYONIC_MINOR);

        UPDATE(&u, .from = CLIENT, .flags = S);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = ms);
        CHECK_EQUAL(u.told, ms < 5000 ? 0 : expected);
        CHECK_EQUAL(updating_after(&u, 1000), expected);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 2000);
        CHECK_EQUAL(u.told, ms < 5000 ? expected : 0);
        CHECK_EQUAL(updating_after(&u, 1000), expected);
    }
}

/* The client is reset in its opening, and goes on with the same SYN: nobody answers that. */
static void test_a_syn_behind_a_reset(void)
{
    struct updating u = updating_begin();

    check_case = "SYN behind a RST";
    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 1);
    check_never(&u);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 8000);
    const struct summary *s = &u.summary[u.talk.o.connection];
    CHECK(timeout_findings_check(s) == NULL);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 61000);
    CHECK_EQUAL(u.told, BIT(TIMEOUT_FINDING_UNANSWERED));
    CHECK_EQUAL(timeout_findings_at(s, &usual_timeouts, u.talk.now + 1000000000), u.told);
    CHECK_EQUAL(timeout_finding_begin(s, TIMEOUT_FINDING_UNANSWERED).frame, 4);
    CHECK_EQUAL(outcome_of(s, u.told), OUTCOME_UNANSWERED);
    CHECK(timeout_findings_check(s) == NULL);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .seq = 0);
    CHECK_EQUAL(outcome_of(s, 0), OUTCOME_EMBRYONIC);
    CHECK_EQUAL(timeout_findings_at(s, &usual_timeouts, NEVER), BIT(TIMEOUT_FINDING_EMBRYONIC_MINOR));
}

static void test_fin_unacknowledged(void)
{
    struct updating u = updating_in_use();

    check_case = "fin_unacknowledged";
    for (unsigned copies = 1; copies <= 3; copies++) {
        UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51, .wait = 1000);
        if (copies < 3)
            check_never(&u);
    }
    check_from(&u, 3000, BIT(TIMEOUT_FINDING_FIN_UNACKNOWLEDGED));
    check_begin(&u, TIMEOUT_FINDING_FIN_UNACKNOWLEDGED, 7);
    CHECK_EQUAL(timeout_finding_subject(&u.summary[0], TIMEOUT_FINDING_FIN_UNACKNOWLEDGED), 0);
    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51, .wait = 7000);
    check_from(&u, 1000, BIT(TIMEOUT_FINDING_FIN_UNACKNOWLEDGED));
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 102);
    CHECK_EQUAL(updating_after(&u, 5000), 0);
}

static void test_last_ack_missing(void)
{
    struct updating u = updating_half_closed();

    check_case = "last_ack_missing";
    for (unsigned copies = 1; copies <= 3; copies++) {
        UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 102, .wait = 1000);
        if (copies < 3)
            check_never(&u);
    }
    check_from(&u, 3000, BIT(TIMEOUT_FINDING_LAST_ACK_MISSING));
    check_begin(&u, TIMEOUT_FINDING_LAST_ACK_MISSING, 9);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 102, .ack = 52);
    check_never(&u);
}

static void test_close_wait_stuck(void)
{
    struct updating u = updating_half_closed();

    check_case = "close_wait_stuck";
    check_from(&u, 60000, BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK));
    check_begin(&u, TIMEOUT_FINDING_CLOSE_WAIT_STUCK, 7);
    CHECK_EQUAL(timeout_finding_subject(&u.summary[0], TIMEOUT_FINDING_CLOSE_WAIT_STUCK),
                0); /* waits in vain */
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 102, .data = 10, .wait = 50000);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 102, .ack = 61);
    check_from(&u, 60000, BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK));
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 102, .ack = 61, .shut = true);
    check_never(&u); /* it may want to send, and can't */
    u = updating_half_closed();
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 102, .ack = 52); /* what was not captured may be its FIN */
    check_never(&u);
}

static void test_fin_wait_2_stuck(void)
{
    struct updating u = updating_half_closed();

    check_case = "fin_wait_2_stuck";
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .wait = 30000); /* a keepalive */
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 102);
    check_from(&u, 60000 - 30000 - STEP_MS,
               BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK) | BIT(TIMEOUT_FINDING_FIN_WAIT_2_STUCK));
    check_begin(&u, TIMEOUT_FINDING_FIN_WAIT_2_STUCK, 8);
}

static void test_peer_silent(void)
{
    struct updating u = updating_in_use();

    check_case = "peer_silent";
    try_data(&u, 2);
    check_never(&u);
    u = updating_in_use();
    try_data(&u, 3);
    check_from(&u, 3000 - 900, BIT(TIMEOUT_FINDING_PEER_SILENT));
    check_begin(&u, TIMEOUT_FINDING_PEER_SILENT, 7);
    CHECK_EQUAL(timeout_finding_subject(&u.summary[0], TIMEOUT_FINDING_PEER_SILENT), 0);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 111);
    check_never(&u);
}

/* Of the warnings, the first in their order; a note may stand beside it. */
static void test_one_warning_at_most(void)
{
    struct updating u = updating_half_closed();

    check_case = "precedence";
    for (unsigned i = 0; i < 3; i++)
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .wait = i ? 2000 : 80000);
    CHECK_EQUAL(updating_after(&u, 5000),
                BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK) | BIT(TIMEOUT_FINDING_FIN_WAIT_2_STUCK));
}

/* Two SYN-ACKs again, 500 ms apart; the second one tells. */
static void test_backlog_overflow(void)
{
    check_case = "backlog_overflow";
    for (uint32_t ms = 499; ms <= 500; ms++) {
        struct updating u = updating_opened();
        unsigned expected = ms < 500 ? 0 : BIT(TIMEOUT_FINDING_BACKLOG_OVERFLOW);

        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
        CHECK_EQUAL(updating_after(&u, 0), 0);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = ms);
        CHECK_EQUAL(updating_after(&u, 0), expected);
        CHECK_EQUAL(u.told, expected);
        if (expected)
            check_begin(&u, TIMEOUT_FINDING_BACKLOG_OVERFLOW, 5);
    }
}

static void test_idle(void)
{
    struct updating u = updating_opened();

    check_case = "idle";
    check_from(&u, 75000, BIT(TIMEOUT_FINDING_IDLE));
    check_begin(&u, TIMEOUT_FINDING_IDLE, 3);
    CHECK(summary_is_idle(&u.summary[0]));
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 1);
    CHECK(!summary_is_idle(&u.summary[0]));
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 2);
    check_never(&u);
}

/* In one pass: with the first segment after the time-out, once, and not if that segment puts it right. */
static void test_told_in_one_pass(void)
{
    struct updating u = updating_begin();

    check_case = "told";
    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 3000);
    CHECK_EQUAL(u.told, 0);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 4000);
    CHECK_EQUAL(u.told, BIT(TIMEOUT_FINDING_UNANSWERED));
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 8000);
    CHECK_EQUAL(u.told, 0);
    u = updating_half_closed();
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 102, .wait = 70000);
    CHECK_EQUAL(u.told, 0);
    u = updating_half_closed();
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 102, .data = 10, .wait = 70000);
    CHECK_EQUAL(u.told, BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK)); /* it still owes its FIN */
}

static void test_one_direction_alone_tells_nothing(void)
{
    struct updating u = updating_begin();

    check_case = "one direction";
    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    for (unsigned i = 0; i < 4; i++)
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 1000);
    check_never(&u);
    for (unsigned i = 0; i < 4; i++)
        UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 11, .ack = 1, .wait = 2000);
    check_never(&u);
}

/* A warning of many to the server covers those that wait for an answer or a step 3; one of many of the
 * client, the SYNs alone. Other warnings are nobody else's. */
static void test_covered(void)
{
    struct updating u = updating_begin();
    struct summary *s = &u.summary[0];
    const unsigned other = BIT(TIMEOUT_FINDING_PEER_SILENT) | BIT(TIMEOUT_FINDING_IDLE);
    const unsigned unanswered = BIT(TIMEOUT_FINDING_UNANSWERED), embryonic = BIT(TIMEOUT_FINDING_EMBRYONIC);

    check_case = "covered";
    UPDATE(&u, .from = CLIENT, .flags = S);
    CHECK_EQUAL(timeout_findings_covered(s, unanswered | other), unanswered | other);
    CHECK_EQUAL(timeout_findings_covered(s, embryonic), embryonic);
    s->client_passed = true;
    CHECK_EQUAL(timeout_findings_covered(s, unanswered | other),
                BIT(TIMEOUT_FINDING_UNANSWERED_MINOR) | other);
    CHECK_EQUAL(timeout_findings_covered(s, embryonic), embryonic);
    s->client_passed = false;
    s->server_passed = true;
    CHECK_EQUAL(timeout_findings_covered(s, unanswered), BIT(TIMEOUT_FINDING_UNANSWERED_MINOR));
    CHECK_EQUAL(timeout_findings_covered(s, embryonic | other), BIT(TIMEOUT_FINDING_EMBRYONIC_MINOR) | other);
    CHECK_EQUAL(timeout_findings_covered(s, 0), 0);
    check_begin(&u, TIMEOUT_FINDING_UNANSWERED_MINOR, 1);
    CHECK_EQUAL(timeout_finding_subject(s, TIMEOUT_FINDING_UNANSWERED_MINOR), 0);
}

int main(void)
{
    test_unanswered();
    test_unanswered_behind_another_connection();
    test_embryonic();
    test_a_syn_ack_sent_again_too_late();
    test_a_syn_behind_a_reset();
    test_fin_unacknowledged();
    test_last_ack_missing();
    test_close_wait_stuck();
    test_fin_wait_2_stuck();
    test_peer_silent();
    test_one_warning_at_most();
    test_backlog_overflow();
    test_idle();
    test_told_in_one_pass();
    test_one_direction_alone_tells_nothing();
    test_covered();
    return check_result();
}
