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
    struct booking b = update_begin();

    BOOK(&b, .from = CLIENT, .flags = S);
    check_summary(b.summary, "SYN", OUTCOME_UNANSWERED, false);
    check_ways(b.summary, OPENING_NONE, CLOSING_NONE, CLOSER_NONE, TIME_WAIT_SIDE_NONE);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    check_summary(b.summary, "SYN-ACK", OUTCOME_EMBRYONIC, false);
    check_ways(b.summary, OPENING_NONE, CLOSING_NONE, CLOSER_NONE, TIME_WAIT_SIDE_NONE);
    b = update_in_use();
    check_summary(b.summary, "in use", OUTCOME_OPEN, false);
    check_ways(b.summary, OPENING_THREE_WAY, CLOSING_NONE, CLOSER_NONE, TIME_WAIT_SIDE_NONE);
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    check_summary(b.summary, "FIN", OUTCOME_CLOSING, false);
    b = update_half_closed();
    check_summary(b.summary, "half-closed", OUTCOME_HALF_CLOSED, false);
    check_ways(b.summary, OPENING_THREE_WAY, CLOSING_ONE_FIN, CLOSER_CLIENT, TIME_WAIT_SIDE_NONE);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 102);
    check_summary(b.summary, "second FIN", OUTCOME_CLOSING, false);
    b = update_closed();
    check_summary(b.summary, "closed", OUTCOME_CLOSED, true);
    check_ways(b.summary, OPENING_THREE_WAY, CLOSING_FOUR_WAY, CLOSER_CLIENT, TIME_WAIT_SIDE_CLIENT);
    BOOK(&b, .from = CLIENT, .flags = RA, .seq = 102, .ack = 52, .wait = 1000);
    check_summary(b.summary, "RST after both FINs", OUTCOME_CLOSED, true);
    CHECK_STRING(closing_name(closing_of(b.summary)), closing_name(CLOSING_FOUR_WAY));
}

static void test_ways_to_close(void)
{
    struct booking b = update_in_use();

    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 101);
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 101, .ack = 52);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 52, .ack = 102);
    check_summary(b.summary, "three segments", OUTCOME_CLOSED, true);
    check_ways(b.summary, OPENING_THREE_WAY, CLOSING_THREE_SEGMENT, CLOSER_SERVER, TIME_WAIT_SIDE_SERVER);
    b = update_in_use();
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 101);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 102, .ack = 52);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 52, .ack = 102);
    check_summary(b.summary, "at once", OUTCOME_CLOSED, true);
    check_ways(b.summary, OPENING_THREE_WAY, CLOSING_SIMULTANEOUS, CLOSER_BOTH, TIME_WAIT_SIDE_BOTH);
    b = update_in_use();
    BOOK(&b, .from = SERVER, .flags = RA, .seq = 51, .ack = 101);
    check_summary(b.summary, "reset", OUTCOME_RESET, true);
    check_ways(b.summary, OPENING_THREE_WAY, CLOSING_RESET, CLOSER_SERVER, TIME_WAIT_SIDE_NONE);
    b = update_half_closed();
    BOOK(&b, .from = SERVER, .flags = RA, .seq = 51, .ack = 102);
    check_summary(b.summary, "FIN, then RST", OUTCOME_RESET, true);
    check_ways(b.summary, OPENING_THREE_WAY, CLOSING_FIN_RESET, CLOSER_CLIENT, TIME_WAIT_SIDE_NONE);
}

static void test_handshakes_that_fail(void)
{
    struct booking b = update_begin();

    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = RA, .ack = 1);
    check_summary(b.summary, "refused", OUTCOME_REFUSED, true);
    check_ways(b.summary, OPENING_NONE, CLOSING_RESET, CLOSER_SERVER, TIME_WAIT_SIDE_NONE);
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 1000);
    check_summary(b.summary, "tried again", OUTCOME_UNANSWERED, false);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    check_summary(b.summary, "and answered", OUTCOME_OPEN, false);
    b = update_begin();
    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = R, .seq = 1);
    check_summary(b.summary, "SYN-ACK rejected", OUTCOME_HANDSHAKE_RESET, true);
    check_ways(b.summary, OPENING_NONE, CLOSING_RESET, CLOSER_CLIENT, TIME_WAIT_SIDE_NONE);
    b = update_begin();
    BOOK(&b, .from = CLIENT, .flags = S);
    CHECK(summary_update_icmp(b.summary, CLIENT, b.talk.isn[CLIENT], 2, b.talk.now));
    check_summary(b.summary, "unreachable", OUTCOME_UNREACHABLE, true);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    check_summary(b.summary, "reachable after all", OUTCOME_OPEN, false);
}

static void test_ways_to_open(void)
{
    struct booking b = update_begin();

    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = S, .wait = 5);
    check_summary(b.summary, "crossing SYNs", OUTCOME_EMBRYONIC, false);
    BOOK(&b, .from = CLIENT, .flags = SA, .ack = 1);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = 1);
    check_summary(b.summary, "simultaneous", OUTCOME_OPEN, false);
    check_ways(b.summary, OPENING_SIMULTANEOUS, CLOSING_NONE, CLOSER_NONE, TIME_WAIT_SIDE_NONE);
    b = update_begin();
    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = S);
    BOOK(&b, .from = CLIENT, .flags = SA, .ack = 1);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    check_summary(b.summary, "split", OUTCOME_OPEN, false);
    check_ways(b.summary, OPENING_SPLIT, CLOSING_NONE, CLOSER_NONE, TIME_WAIT_SIDE_NONE);
    for (uint32_t taken = 0; taken <= 100; taken += 100) {
        b = update_begin();
        BOOK(&b, .from = CLIENT, .flags = S, .data = 100, .fast_open = true);
        BOOK(&b, .from = SERVER, .flags = SA, .ack = 1 + taken);
        BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 1);
        check_summary(b.summary, taken ? "data in the SYN" : "data in the SYN, not taken", OUTCOME_OPEN,
                      false);
        CHECK_STRING(opening_name(opening_of(b.summary)),
                     opening_name(taken ? OPENING_FAST : OPENING_THREE_WAY));
    }
    b = update_begin();
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    check_summary(b.summary, "joined late", OUTCOME_PARTIAL, false);
    check_ways(b.summary, OPENING_NOT_CAPTURED, CLOSING_NONE, CLOSER_NONE, TIME_WAIT_SIDE_NONE);
}

static void test_connections_that_are_lost(void)
{
    struct booking b = update_in_use();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = 60000);
    BOOK(&b, .from = SERVER, .flags = R, .seq = 51);
    check_summary(b.summary, "desynchronized", OUTCOME_DESYNCHRONIZED, true);
    check_ways(b.summary, OPENING_THREE_WAY, CLOSING_RESET, CLOSER_SERVER, TIME_WAIT_SIDE_NONE);
    b = update_in_use();
    b.talk.isn[CLIENT] = seq_add(b.talk.isn[CLIENT], 500000);
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 5000);
    BOOK(&b, .from = SERVER, .flags = SA, .seq = 900000, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 900001);
    check_summary(b.summary, "replaced", OUTCOME_REPLACED, true);
    check_summary(&b.summary[1], "the one that replaced it", OUTCOME_OPEN, false);
}

/* What the time-outs say counts at the end; until then an answer may still come. */
static void test_timeout_findings_count(void)
{
    struct booking b = update_begin();

    check_case = "";
    BOOK(&b, .from = CLIENT, .flags = S);
    CHECK(!outcome_is_settled(b.summary));
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(!outcome_is_settled(b.summary));
    b = update_in_use();
    CHECK_STRING(outcome_name(outcome_of(b.summary, BIT(TIMEOUT_FINDING_PEER_SILENT))),
                 outcome_name(OUTCOME_SILENT));
    CHECK_STRING(outcome_name(outcome_of(b.summary, BIT(TIMEOUT_FINDING_IDLE))), outcome_name(OUTCOME_OPEN));
    b = update_closed();
    CHECK_STRING(outcome_name(outcome_of(b.summary, BIT(TIMEOUT_FINDING_PEER_SILENT))),
                 outcome_name(OUTCOME_CLOSED));
}

int main(void)
{
    test_stages_of_an_ordinary_life();
    test_ways_to_close();
    test_handshakes_that_fail();
    test_ways_to_open();
    test_connections_that_are_lost();
    test_timeout_findings_count();
    return check_result();
}
