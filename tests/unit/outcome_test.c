/* outcome_test.c - how a connection opened, how it closed, what became of it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

/* What the summary says as of its last segment, and whether that is the last word. */
static void check_summary(const struct summary *summary, const char *name, enum outcome outcome, bool settled)
{
    check_case = name;
    CHECK_STRING(outcome_name(outcome_of(summary, 0)), outcome_name(outcome));
    CHECK_EQUAL(outcome_is_settled(summary), settled);
}

static void check_ways(const struct summary *summary, enum opening opening, enum closing closing,
                       enum closer closer, enum time_wait_side holder)
{
    CHECK_STRING(opening_name(opening_of(summary)), opening_name(opening));
    CHECK_STRING(closing_name(closing_of(summary)), closing_name(closing));
    CHECK_STRING(closer_name(closer_of(summary)), closer_name(closer));
    CHECK_STRING(time_wait_side_name(time_wait_side_of(summary)), time_wait_side_name(holder));
}

static void test_stages_of_an_ordinary_life(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    check_summary(u.summary, "SYN", OUTCOME_UNANSWERED, false);
    check_ways(u.summary, OPENING_NONE, CLOSING_NONE, CLOSER_NONE, TIME_WAIT_SIDE_NONE);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    check_summary(u.summary, "SYN-ACK", OUTCOME_EMBRYONIC, false);
    check_ways(u.summary, OPENING_NONE, CLOSING_NONE, CLOSER_NONE, TIME_WAIT_SIDE_NONE);
    u = updating_in_use();
    check_summary(u.summary, "in use", OUTCOME_OPEN, false);
    check_ways(u.summary, OPENING_THREE_WAY, CLOSING_NONE, CLOSER_NONE, TIME_WAIT_SIDE_NONE);
    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    check_summary(u.summary, "FIN", OUTCOME_CLOSING, false);
    u = updating_half_closed();
    check_summary(u.summary, "half-closed", OUTCOME_HALF_CLOSED, false);
    check_ways(u.summary, OPENING_THREE_WAY, CLOSING_ONE_FIN, CLOSER_CLIENT, TIME_WAIT_SIDE_NONE);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 102);
    check_summary(u.summary, "second FIN", OUTCOME_CLOSING, false);
    u = updating_closed();
    check_summary(u.summary, "closed", OUTCOME_CLOSED, true);
    check_ways(u.summary, OPENING_THREE_WAY, CLOSING_FOUR_WAY, CLOSER_CLIENT, TIME_WAIT_SIDE_CLIENT);
    UPDATE(&u, .from = CLIENT, .flags = RA, .seq = 102, .ack = 52, .wait = 1000);
    check_summary(u.summary, "RST after both FINs", OUTCOME_CLOSED, true);
    CHECK_STRING(closing_name(closing_of(u.summary)), closing_name(CLOSING_FOUR_WAY));
}

static void test_ways_to_close(void)
{
    struct updating u = updating_in_use();

    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 101);
    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 101, .ack = 52);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 52, .ack = 102);
    check_summary(u.summary, "three segments", OUTCOME_CLOSED, true);
    check_ways(u.summary, OPENING_THREE_WAY, CLOSING_THREE_SEGMENT, CLOSER_SERVER, TIME_WAIT_SIDE_SERVER);
    u = updating_in_use();
    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 101);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 102, .ack = 52);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 52, .ack = 102);
    check_summary(u.summary, "at once", OUTCOME_CLOSED, true);
    check_ways(u.summary, OPENING_THREE_WAY, CLOSING_SIMULTANEOUS, CLOSER_BOTH, TIME_WAIT_SIDE_BOTH);
    u = updating_in_use();
    UPDATE(&u, .from = SERVER, .flags = RA, .seq = 51, .ack = 101);
    check_summary(u.summary, "reset", OUTCOME_RESET, true);
    check_ways(u.summary, OPENING_THREE_WAY, CLOSING_RESET, CLOSER_SERVER, TIME_WAIT_SIDE_NONE);
    u = updating_half_closed();
    UPDATE(&u, .from = SERVER, .flags = RA, .seq = 51, .ack = 102);
    check_summary(u.summary, "FIN, then RST", OUTCOME_RESET, true);
    check_ways(u.summary, OPENING_THREE_WAY, CLOSING_FIN_RESET, CLOSER_CLIENT, TIME_WAIT_SIDE_NONE);
}

static void test_handshakes_that_fail(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = RA, .ack = 1);
    check_summary(u.summary, "refused", OUTCOME_REFUSED, true);
    check_ways(u.summary, OPENING_NONE, CLOSING_RESET, CLOSER_SERVER, TIME_WAIT_SIDE_NONE);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 1000);
    check_summary(u.summary, "tried again", OUTCOME_UNANSWERED, false);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    check_summary(u.summary, "and answered", OUTCOME_OPEN, false);
    u = updating_begin();
    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 1);
    check_summary(u.summary, "SYN-ACK rejected", OUTCOME_HANDSHAKE_RESET, true);
    check_ways(u.summary, OPENING_NONE, CLOSING_RESET, CLOSER_CLIENT, TIME_WAIT_SIDE_NONE);
    u = updating_begin();
    UPDATE(&u, .from = CLIENT, .flags = S);
    CHECK(summary_update_icmp(u.summary, CLIENT, u.talk.isn[CLIENT], 2, u.talk.now));
    check_summary(u.summary, "unreachable", OUTCOME_UNREACHABLE, true);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    check_summary(u.summary, "reachable after all", OUTCOME_OPEN, false);
}

static void test_ways_to_open(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = S, .wait = 5);
    check_summary(u.summary, "crossing SYNs", OUTCOME_EMBRYONIC, false);
    UPDATE(&u, .from = CLIENT, .flags = SA, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1);
    check_summary(u.summary, "simultaneous", OUTCOME_OPEN, false);
    check_ways(u.summary, OPENING_SIMULTANEOUS, CLOSING_NONE, CLOSER_NONE, TIME_WAIT_SIDE_NONE);
    u = updating_begin();
    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = S);
    UPDATE(&u, .from = CLIENT, .flags = SA, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    check_summary(u.summary, "split", OUTCOME_OPEN, false);
    check_ways(u.summary, OPENING_SPLIT, CLOSING_NONE, CLOSER_NONE, TIME_WAIT_SIDE_NONE);
    for (uint32_t taken = 0; taken <= 100; taken += 100) {
        u = updating_begin();
        UPDATE(&u, .from = CLIENT, .flags = S, .data = 100, .fast_open = true);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1 + taken);
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 1);
        check_summary(u.summary, taken ? "data in the SYN" : "data in the SYN, not taken", OUTCOME_OPEN,
                      false);
        CHECK_STRING(opening_name(opening_of(u.summary)),
                     opening_name(taken ? OPENING_FAST : OPENING_THREE_WAY));
    }
    u = updating_begin();
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    check_summary(u.summary, "joined late", OUTCOME_PARTIAL, false);
    check_ways(u.summary, OPENING_NOT_CAPTURED, CLOSING_NONE, CLOSER_NONE, TIME_WAIT_SIDE_NONE);
}

static void test_connections_that_are_lost(void)
{
    struct updating u = updating_in_use();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = 60000);
    UPDATE(&u, .from = SERVER, .flags = R, .seq = 51);
    check_summary(u.summary, "desynchronized", OUTCOME_DESYNCHRONIZED, true);
    check_ways(u.summary, OPENING_THREE_WAY, CLOSING_RESET, CLOSER_SERVER, TIME_WAIT_SIDE_NONE);
    u = updating_in_use();
    u.talk.isn[CLIENT] = seq_add(u.talk.isn[CLIENT], 500000);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 5000);
    UPDATE(&u, .from = SERVER, .flags = SA, .seq = 900000, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 900001);
    check_summary(u.summary, "replaced", OUTCOME_REPLACED, true);
    check_summary(&u.summary[1], "the one that replaced it", OUTCOME_OPEN, false);
}

/* What the time-outs say counts at the end; until then an answer may still come. */
static void test_timeout_findings_count(void)
{
    struct updating u = updating_begin();

    check_case = "";
    UPDATE(&u, .from = CLIENT, .flags = S);
    CHECK(!outcome_is_settled(u.summary));
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(!outcome_is_settled(u.summary));
    u = updating_in_use();
    CHECK_STRING(outcome_name(outcome_of(u.summary, BIT(TIMEOUT_FINDING_PEER_SILENT))),
                 outcome_name(OUTCOME_SILENT));
    CHECK_STRING(outcome_name(outcome_of(u.summary, BIT(TIMEOUT_FINDING_IDLE))), outcome_name(OUTCOME_OPEN));
    u = updating_closed();
    CHECK_STRING(outcome_name(outcome_of(u.summary, BIT(TIMEOUT_FINDING_PEER_SILENT))),
                 outcome_name(OUTCOME_CLOSED));
}

/* A RST on the stream of the next connection shows it; there is none on its own. */
static void test_what_is_desynchronized_was_closed_by_a_reset(void)
{
    struct updating u = updating_in_use();

    u.summary[0].desynchronized = true;
    u.summary[0].reset_by = ROLE_SERVER;
    check_summary(u.summary, "lost", OUTCOME_DESYNCHRONIZED, true);
    check_ways(u.summary, OPENING_THREE_WAY, CLOSING_RESET, CLOSER_SERVER, TIME_WAIT_SIDE_NONE);
}

int main(void)
{
    test_stages_of_an_ordinary_life();
    test_ways_to_close();
    test_handshakes_that_fail();
    test_ways_to_open();
    test_connections_that_are_lost();
    test_timeout_findings_count();
    test_what_is_desynchronized_was_closed_by_a_reset();
    return check_result();
}
