/* captured_test.c - what of a connection was captured
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/captured.h"
#include "updating.h"

static unsigned captured(const struct updating *u)
{
    return captured_of(&u->summary[0]);
}

static void test_a_handshake_alone_shows_nothing(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    CHECK_EQUAL(captured(&u), 0);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_EQUAL(captured(&u), CAPTURED_BOTH_WAYS);
    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 1); /* rejects the SYN-ACK */
    CHECK_EQUAL(captured(&u), CAPTURED_BOTH_WAYS);
    CHECK_EQUAL(outcome_of(&u.summary[0], 0), OUTCOME_HANDSHAKE_RESET);
}

static void test_what_shows_that_it_was_open(void)
{
    const struct saying rows[] = {
        {.from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 1},
        {.from = CLIENT, .flags = FA, .seq = 1, .ack = 1},
        {.from = CLIENT, .flags = R, .seq = 3},
        {.from = SERVER, .flags = RA, .seq = 5000, .ack = 9000},
        {.from = CLIENT, .flags = FA, .seq = 500000, .ack = 1}, /* whatever window was offered */
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct updating u = updating_begin();

        UPDATE(&u, .from = CLIENT, .flags = S);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
        updating_say(&u, rows[i]);
        CHECK_EQUAL(captured(&u),
                    CAPTURED_OPEN | CAPTURED_OPENING | CAPTURED_BARE_OPENING | CAPTURED_BOTH_WAYS);
        CHECK_EQUAL(timeout_findings_at(&u.summary[0], &usual_timeouts, NEVER), 0);
        if (u.talk.seg.flags & R)
            CHECK_EQUAL(outcome_of(&u.summary[0], 0), OUTCOME_RESET);
    }
}

static void test_pure_acks(void)
{
    struct updating u = updating_opened();

    CHECK_EQUAL(captured(&u), CAPTURED_BOTH_WAYS | CAPTURED_PURE_ACK);
    CHECK(captured_is_whole(&u.summary[0]));
    u = updating_in_use();
    CHECK_EQUAL(captured(&u), CAPTURED_OPEN | CAPTURED_OPENING | CAPTURED_BOTH_WAYS | CAPTURED_PURE_ACK);
    u = updating_begin(); /* the first comes behind the data */
    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK(!captured_is_whole(&u.summary[0]));
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    CHECK_EQUAL(captured(&u), CAPTURED_OPEN | CAPTURED_OPENING | CAPTURED_BARE_OPENING | CAPTURED_BOTH_WAYS |
                                  CAPTURED_PURE_ACK);
}

static void test_one_way(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK_EQUAL(captured(&u), 0);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1); /* of a SYN-ACK that was not captured */
    CHECK_EQUAL(captured(&u), CAPTURED_ONE_WAY | CAPTURED_PURE_ACK);
    CHECK(!captured_is_whole(&u.summary[0]));

    u = updating_begin(); /* an ACK out of nowhere may be a scan's; one that moves is none */
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(captured(&u), CAPTURED_PURE_ACK);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 101);
    CHECK_EQUAL(captured(&u), CAPTURED_ONE_WAY | CAPTURED_PURE_ACK);

    u = updating_begin();
    UPDATE(&u, .from = SERVER, .flags = R, .seq = 1);
    CHECK_EQUAL(captured(&u), 0);
}

static void test_what_a_filter_explains(void)
{
    const unsigned all = (1u << TIMEOUT_FINDING_COUNT) - 1;
    const unsigned doubtful = BIT(TIMEOUT_FINDING_EMBRYONIC) | BIT(TIMEOUT_FINDING_EMBRYONIC_MINOR) |
                              BIT(TIMEOUT_FINDING_PEER_SILENT);
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    CHECK_EQUAL(captured_doubtful(&u.summary[0], all), doubtful | BIT(TIMEOUT_FINDING_UNANSWERED));
    CHECK_EQUAL(captured_doubtful(&u.summary[0], BIT(TIMEOUT_FINDING_IDLE)), 0);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK_EQUAL(captured_doubtful(&u.summary[0], all), doubtful);
    u = updating_in_use();
    CHECK_EQUAL(captured_doubtful(&u.summary[0], all), 0);
}

int main(void)
{
    test_a_handshake_alone_shows_nothing();
    test_what_shows_that_it_was_open();
    test_pure_acks();
    test_one_way();
    test_what_a_filter_explains();
    return check_result();
}
