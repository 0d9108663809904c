/* timeout_finding_test.c - what is concluded, exactly from when on, and where it began
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

/* Nothing a millisecond before, `set` from there on, and so for ever. */
static void check_from(const struct booking *b, int64_t ms, unsigned set)
{
    CHECK_EQUAL(update_after(b, ms - 1), 0);
    CHECK_EQUAL(update_after(b, ms), set);
    CHECK_EQUAL(timeout_findings_at(&b->summary[0], &usual_timeouts, NEVER), set);
}

static void check_never(const struct booking *b)
{
    CHECK_EQUAL(timeout_findings_at(&b->summary[0], &usual_timeouts, NEVER), 0);
}

static void check_begin(const struct booking *b, enum timeout_finding timeout_finding, uint32_t frame)
{
    CHECK_EQUAL(timeout_finding_begin(&b->summary[0], timeout_finding).frame, frame);
}

/* The same client data again and again, at 0.3, 0.9, 2.1 s after its first. */
static void try_data(struct booking *b, unsigned copies)
{
    for (unsigned i = 0; i < copies; i++)
        BOOK(b, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10,
             .wait = i ? 300u << (i - 1) : 0);
}

static void test_unanswered(void)
{
    struct booking b = update_begin();

    check_case = "unanswered";
    BOOK(&b, .from = CLIENT, .flags = S);
    check_from(&b, 5000, BIT(TIMEOUT_FINDING_UNANSWERED));
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 1000);
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 2000);
    check_from(&b, 2000, BIT(TIMEOUT_FINDING_UNANSWERED)); /* counts from the first try */
    check_begin(&b, TIMEOUT_FINDING_UNANSWERED, 1);
    CHECK_EQUAL(timeout_finding_begin(&b.summary[0], TIMEOUT_FINDING_UNANSWERED).time, b.summary[0].start);
    CHECK(summary_is_embryonic(&b.summary[0]));
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 4000);
    check_from(&b, 1000, BIT(TIMEOUT_FINDING_UNANSWERED)); /* and a second from the last */
    BOOK(&b, .from = SERVER, .flags = RA, .ack = 1);
    check_never(&b);
    CHECK(!summary_is_embryonic(&b.summary[0]));
    b = update_begin();
    BOOK(&b, .from = CLIENT, .flags = S);
    summary_update_icmp(&b.summary[0], CLIENT, b.talk.isn[CLIENT], 2, b.talk.now);
    check_never(&b);
}

static void test_embryonic(void)
{
    struct booking b = update_begin();

    check_case = "embryonic";
    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    check_from(&b, 5000, BIT(TIMEOUT_FINDING_EMBRYONIC));
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    check_from(&b, 4000, BIT(TIMEOUT_FINDING_EMBRYONIC));
    check_begin(&b, TIMEOUT_FINDING_EMBRYONIC, 2);
    CHECK(summary_is_embryonic(&b.summary[0]));
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK(!summary_is_embryonic(&b.summary[0]));
    b = update_begin(); /* the SYN was not captured */
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    check_never(&b);
}

static void test_fin_unacknowledged(void)
{
    struct booking b = update_in_use();

    check_case = "fin_unacknowledged";
    for (unsigned copies = 1; copies <= 3; copies++) {
        BOOK(&b, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51, .wait = 1000);
        if (copies < 3)
            check_never(&b);
    }
    check_from(&b, 3000, BIT(TIMEOUT_FINDING_FIN_UNACKNOWLEDGED));
    check_begin(&b, TIMEOUT_FINDING_FIN_UNACKNOWLEDGED, 7);
    CHECK_EQUAL(timeout_finding_subject(&b.summary[0], TIMEOUT_FINDING_FIN_UNACKNOWLEDGED), 0);
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51, .wait = 7000);
    check_from(&b, 1000, BIT(TIMEOUT_FINDING_FIN_UNACKNOWLEDGED));
    BOOK(&b, .from = SERVER, .flags = A, .seq = 51, .ack = 102);
    CHECK_EQUAL(update_after(&b, 5000), 0);
}

static void test_last_ack_missing(void)
{
    struct booking b = update_half_closed();

    check_case = "last_ack_missing";
    for (unsigned copies = 1; copies <= 3; copies++) {
        BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 102, .wait = 1000);
        if (copies < 3)
            check_never(&b);
    }
    check_from(&b, 3000, BIT(TIMEOUT_FINDING_LAST_ACK_MISSING));
    check_begin(&b, TIMEOUT_FINDING_LAST_ACK_MISSING, 9);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 102, .ack = 52);
    check_never(&b);
}

static void test_close_wait_stuck(void)
{
    struct booking b = update_half_closed();

    check_case = "close_wait_stuck";
    check_from(&b, 60000, BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK));
    check_begin(&b, TIMEOUT_FINDING_CLOSE_WAIT_STUCK, 7);
    CHECK_EQUAL(timeout_finding_subject(&b.summary[0], TIMEOUT_FINDING_CLOSE_WAIT_STUCK),
                0); /* waits in vain */
    BOOK(&b, .from = SERVER, .flags = A, .seq = 51, .ack = 102, .data = 10, .wait = 50000);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 102, .ack = 61);
    check_from(&b, 60000, BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK));
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 102, .ack = 61, .shut = true);
    check_never(&b); /* it may want to send, and can't */
    b = update_half_closed();
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 102, .ack = 52); /* what was not captured may be its FIN */
    check_never(&b);
}

static void test_fin_wait_2_stuck(void)
{
    struct booking b = update_half_closed();

    check_case = "fin_wait_2_stuck";
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .wait = 30000); /* a keepalive */
    BOOK(&b, .from = SERVER, .flags = A, .seq = 51, .ack = 102);
    check_from(&b, 60000 - 30000 - STEP_MS,
               BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK) | BIT(TIMEOUT_FINDING_FIN_WAIT_2_STUCK));
    check_begin(&b, TIMEOUT_FINDING_FIN_WAIT_2_STUCK, 8);
}

static void test_peer_silent(void)
{
    struct booking b = update_in_use();

    check_case = "peer_silent";
    try_data(&b, 2);
    check_never(&b);
    b = update_in_use();
    try_data(&b, 3);
    check_from(&b, 3000 - 900, BIT(TIMEOUT_FINDING_PEER_SILENT));
    check_begin(&b, TIMEOUT_FINDING_PEER_SILENT, 7);
    CHECK_EQUAL(timeout_finding_subject(&b.summary[0], TIMEOUT_FINDING_PEER_SILENT), 0);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 51, .ack = 111);
    check_never(&b);
}

/* Of the warnings, the first in their order; a note may stand beside it. */
static void test_one_warning_at_most(void)
{
    struct booking b = update_half_closed();

    check_case = "precedence";
    for (unsigned i = 0; i < 3; i++)
        BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .wait = i ? 2000 : 80000);
    CHECK_EQUAL(update_after(&b, 5000),
                BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK) | BIT(TIMEOUT_FINDING_FIN_WAIT_2_STUCK));
}

/* Each of two SYN-ACKs has to come a second after step 3 at least. */
static void test_backlog_overflow(void)
{
    check_case = "backlog_overflow";
    for (uint32_t ms = 999; ms <= 1000; ms++) {
        struct booking b = update_opened();
        unsigned expected = ms < 1000 ? 0 : BIT(TIMEOUT_FINDING_BACKLOG_OVERFLOW);

        BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
        BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = ms - STEP_MS);
        CHECK_EQUAL(update_after(&b, 0), 0);
        BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = 2000);
        CHECK_EQUAL(update_after(&b, 0), expected);
        CHECK_EQUAL(b.told, expected);
        if (expected)
            check_begin(&b, TIMEOUT_FINDING_BACKLOG_OVERFLOW, 5);
    }
}

static void test_idle(void)
{
    struct booking b = update_opened();

    check_case = "idle";
    check_from(&b, 75000, BIT(TIMEOUT_FINDING_IDLE));
    check_begin(&b, TIMEOUT_FINDING_IDLE, 3);
    CHECK(summary_is_idle(&b.summary[0]));
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 1);
    CHECK(!summary_is_idle(&b.summary[0]));
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 2);
    check_never(&b);
}

/* In one pass: with the first segment after the time-out, once, and not if that segment puts it right. */
static void test_told_in_one_pass(void)
{
    struct booking b = update_begin();

    check_case = "told";
    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 3000);
    CHECK_EQUAL(b.told, 0);
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 4000);
    CHECK_EQUAL(b.told, BIT(TIMEOUT_FINDING_UNANSWERED));
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 8000);
    CHECK_EQUAL(b.told, 0);
    b = update_half_closed();
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 102, .wait = 70000);
    CHECK_EQUAL(b.told, 0);
    b = update_half_closed();
    BOOK(&b, .from = SERVER, .flags = A, .seq = 51, .ack = 102, .data = 10, .wait = 70000);
    CHECK_EQUAL(b.told, BIT(TIMEOUT_FINDING_CLOSE_WAIT_STUCK)); /* it still owes its FIN */
}

static void test_who_sees_one_direction_concludes_nothing(void)
{
    struct booking b = update_begin();

    check_case = "one direction";
    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    for (unsigned i = 0; i < 4; i++)
        BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 1000);
    check_never(&b);
    for (unsigned i = 0; i < 4; i++)
        BOOK(&b, .from = CLIENT, .flags = FA, .seq = 11, .ack = 1, .wait = 2000);
    check_never(&b);
}

int main(void)
{
    test_unanswered();
    test_embryonic();
    test_fin_unacknowledged();
    test_last_ack_missing();
    test_close_wait_stuck();
    test_fin_wait_2_stuck();
    test_peer_silent();
    test_one_warning_at_most();
    test_backlog_overflow();
    test_idle();
    test_told_in_one_pass();
    test_who_sees_one_direction_concludes_nothing();
    return check_result();
}
