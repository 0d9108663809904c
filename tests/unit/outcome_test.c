/* outcome_test.c - how a connection opened, how it closed, what became of it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "booking.h"

/* What the account says as of its last segment, and whether that is the last word. */
static void check_account(const struct account *account, const char *name, enum outcome outcome, bool settled)
{
    check_case = name;
    CHECK_STRING(outcome_name(outcome_of(account, 0)), outcome_name(outcome));
    CHECK_EQUAL(outcome_is_settled(account), settled);
}

static void check_ways(const struct account *account, enum opening opening, enum closing closing,
                       enum closer closer, enum holder holder)
{
    CHECK_STRING(opening_name(opening_of(account)), opening_name(opening));
    CHECK_STRING(closing_name(closing_of(account)), closing_name(closing));
    CHECK_STRING(closer_name(closer_of(account)), closer_name(closer));
    CHECK_STRING(holder_name(time_wait_holder_of(account)), holder_name(holder));
}

static void test_stages_of_an_ordinary_life(void)
{
    struct booking b = booking_begin();

    BOOK(&b, .from = CLIENT, .flags = S);
    check_account(b.account, "SYN", OUTCOME_UNANSWERED, false);
    check_ways(b.account, OPENING_NONE, CLOSING_NONE, CLOSER_NONE, HOLDER_NONE);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    check_account(b.account, "SYN-ACK", OUTCOME_EMBRYONIC, false);
    check_ways(b.account, OPENING_NONE, CLOSING_NONE, CLOSER_NONE, HOLDER_NONE);
    b = booking_in_use();
    check_account(b.account, "in use", OUTCOME_OPEN, false);
    check_ways(b.account, OPENING_THREE_WAY, CLOSING_NONE, CLOSER_NONE, HOLDER_NONE);
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    check_account(b.account, "FIN", OUTCOME_CLOSING, false);
    b = booking_half_closed();
    check_account(b.account, "half-closed", OUTCOME_HALF_CLOSED, false);
    check_ways(b.account, OPENING_THREE_WAY, CLOSING_ONE_FIN, CLOSER_CLIENT, HOLDER_NONE);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 102);
    check_account(b.account, "second FIN", OUTCOME_CLOSING, false);
    b = booking_closed();
    check_account(b.account, "closed", OUTCOME_CLOSED, true);
    check_ways(b.account, OPENING_THREE_WAY, CLOSING_FOUR_WAY, CLOSER_CLIENT, HOLDER_CLIENT);
    BOOK(&b, .from = CLIENT, .flags = RA, .seq = 102, .ack = 52, .wait = 1000);
    check_account(b.account, "RST after both FINs", OUTCOME_CLOSED, true);
    CHECK_STRING(closing_name(closing_of(b.account)), closing_name(CLOSING_FOUR_WAY));
}

static void test_ways_to_close(void)
{
    struct booking b = booking_in_use();

    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 101);
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 101, .ack = 52);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 52, .ack = 102);
    check_account(b.account, "three segments", OUTCOME_CLOSED, true);
    check_ways(b.account, OPENING_THREE_WAY, CLOSING_THREE_SEGMENT, CLOSER_SERVER, HOLDER_SERVER);
    b = booking_in_use();
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 101);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 102, .ack = 52);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 52, .ack = 102);
    check_account(b.account, "at once", OUTCOME_CLOSED, true);
    check_ways(b.account, OPENING_THREE_WAY, CLOSING_SIMULTANEOUS, CLOSER_BOTH, HOLDER_BOTH);
    b = booking_in_use();
    BOOK(&b, .from = SERVER, .flags = RA, .seq = 51, .ack = 101);
    check_account(b.account, "reset", OUTCOME_RESET, true);
    check_ways(b.account, OPENING_THREE_WAY, CLOSING_RESET, CLOSER_SERVER, HOLDER_NONE);
    b = booking_half_closed();
    BOOK(&b, .from = SERVER, .flags = RA, .seq = 51, .ack = 102);
    check_account(b.account, "FIN, then RST", OUTCOME_RESET, true);
    check_ways(b.account, OPENING_THREE_WAY, CLOSING_FIN_RESET, CLOSER_CLIENT, HOLDER_NONE);
}

static void test_handshakes_that_fail(void)
{
    struct booking b = booking_begin();

    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = RA, .ack = 1);
    check_account(b.account, "refused", OUTCOME_REFUSED, true);
    check_ways(b.account, OPENING_NONE, CLOSING_RESET, CLOSER_SERVER, HOLDER_NONE);
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 1000);
    check_account(b.account, "tried again", OUTCOME_UNANSWERED, false);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    check_account(b.account, "and answered", OUTCOME_OPEN, false);
    b = booking_begin();
    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = R, .seq = 1);
    check_account(b.account, "SYN-ACK rejected", OUTCOME_HANDSHAKE_RESET, true);
    check_ways(b.account, OPENING_NONE, CLOSING_RESET, CLOSER_CLIENT, HOLDER_NONE);
    b = booking_begin();
    BOOK(&b, .from = CLIENT, .flags = S);
    CHECK(account_book_icmp(b.account, CLIENT, b.talk.isn[CLIENT], 2, b.talk.now));
    check_account(b.account, "unreachable", OUTCOME_UNREACHABLE, true);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    check_account(b.account, "reachable after all", OUTCOME_OPEN, false);
}

static void test_ways_to_open(void)
{
    struct booking b = booking_begin();

    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = S, .wait = 5);
    check_account(b.account, "crossing SYNs", OUTCOME_EMBRYONIC, false);
    BOOK(&b, .from = CLIENT, .flags = SA, .ack = 1);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = 1);
    check_account(b.account, "simultaneous", OUTCOME_OPEN, false);
    check_ways(b.account, OPENING_SIMULTANEOUS, CLOSING_NONE, CLOSER_NONE, HOLDER_NONE);
    b = booking_begin();
    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = S);
    BOOK(&b, .from = CLIENT, .flags = SA, .ack = 1);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    check_account(b.account, "split", OUTCOME_OPEN, false);
    check_ways(b.account, OPENING_SPLIT, CLOSING_NONE, CLOSER_NONE, HOLDER_NONE);
    for (uint32_t taken = 0; taken <= 100; taken += 100) {
        b = booking_begin();
        BOOK(&b, .from = CLIENT, .flags = S, .data = 100, .fast_open = true);
        BOOK(&b, .from = SERVER, .flags = SA, .ack = 1 + taken);
        BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 1);
        check_account(b.account, taken ? "data in the SYN" : "data in the SYN, not taken", OUTCOME_OPEN,
                      false);
        CHECK_STRING(opening_name(opening_of(b.account)),
                     opening_name(taken ? OPENING_FAST : OPENING_THREE_WAY));
    }
    b = booking_begin();
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    check_account(b.account, "joined late", OUTCOME_PARTIAL, false);
    check_ways(b.account, OPENING_NOT_CAPTURED, CLOSING_NONE, CLOSER_NONE, HOLDER_NONE);
}

static void test_connections_that_are_lost(void)
{
    struct booking b = booking_in_use();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = 60000);
    BOOK(&b, .from = SERVER, .flags = R, .seq = 51);
    check_account(b.account, "desynchronized", OUTCOME_DESYNCHRONIZED, true);
    check_ways(b.account, OPENING_THREE_WAY, CLOSING_RESET, CLOSER_SERVER, HOLDER_NONE);
    b = booking_in_use();
    b.talk.isn[CLIENT] = seq_add(b.talk.isn[CLIENT], 500000);
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 5000);
    BOOK(&b, .from = SERVER, .flags = SA, .seq = 900000, .ack = 1);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 900001);
    check_account(b.account, "replaced", OUTCOME_REPLACED, true);
    check_account(&b.account[1], "the one that replaced it", OUTCOME_OPEN, false);
}

/* What the time-outs say counts at the end; until then an answer may still come. */
static void test_conclusions_count(void)
{
    struct booking b = booking_begin();

    check_case = "";
    BOOK(&b, .from = CLIENT, .flags = S);
    CHECK(!outcome_is_settled(b.account));
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(!outcome_is_settled(b.account));
    b = booking_in_use();
    CHECK_STRING(outcome_name(outcome_of(b.account, BIT(CONCLUSION_PEER_SILENT))),
                 outcome_name(OUTCOME_SILENT));
    CHECK_STRING(outcome_name(outcome_of(b.account, BIT(CONCLUSION_IDLE))), outcome_name(OUTCOME_OPEN));
    b = booking_closed();
    CHECK_STRING(outcome_name(outcome_of(b.account, BIT(CONCLUSION_PEER_SILENT))),
                 outcome_name(OUTCOME_CLOSED));
}

int main(void)
{
    test_stages_of_an_ordinary_life();
    test_ways_to_close();
    test_handshakes_that_fail();
    test_ways_to_open();
    test_connections_that_are_lost();
    test_conclusions_count();
    return check_result();
}
