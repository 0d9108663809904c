/* names_test.c - every number has its word, and the words stay what they are
 *
 * The words and numbers are typed here a second time, on purpose: users' filters
 * and scripts rest on them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "machine/fsm.h"
#include "observation.h"
#include "tell/names.h"

/* Of as many names as there are numbers; else the other checks would read beyond the table. */
#define CHECK_COUNT(table, count) _Static_assert(sizeof(table) / sizeof((table)[0]) == (count), #table)

static void test_states_have_their_words(void)
{
    static const char *const expected[] = {
        "CLOSED",     "LISTEN",     "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
        "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",  "LAST-ACK",     "TIME-WAIT",   "UNKNOWN",
    };

    CHECK_COUNT(expected, STATE_COUNT);
    for (int i = 0; i < STATE_COUNT; i++)
        CHECK_STRING(state_name((enum state)i), expected[i]);
    CHECK_STRING(state_name(STATE_COUNT), NO_NAME);
}

static void test_events_have_their_words(void)
{
    /* clang-format off */
    static const char *const expected[] = {
        "SND-SYN", "SND-SYN-ACK", "SND-SEGMENT", "SND-FIN", "SND-SYN-COPY", "SND-SYN-ACK-COPY",
        "SND-FIN-COPY", "SND-RST", "RCV-SYN", "RCV-SYN-UNFIT", "RCV-SYN-ACK", "RCV-ACK-OF-SYN",
        "RCV-FIN", "RCV-ACK-OF-FIN", "RCV-RST", "RCV-RST-LISTENER", "TIMEOUT-2MSL",
    };
    /* clang-format on */

    CHECK_COUNT(expected, EVENT_COUNT);
    for (int i = 0; i < EVENT_COUNT; i++)
        CHECK_STRING(event_name((enum event)i), expected[i]);
    CHECK_STRING(event_name(EVENT_COUNT), NO_NAME);
}

#define CHECK_NAMES(type, count, ...)                                \
    do {                                                             \
        static const char *const expected_[] = {__VA_ARGS__};        \
        CHECK_COUNT(expected_, count);                               \
        for (int i_ = 0; i_ < (int)(count); i_++)                    \
            CHECK_STRING(type##_name((enum type)i_), expected_[i_]); \
        CHECK_STRING(type##_name((enum type)(count)), NO_NAME);      \
    } while (0)

static void test_enumerations_have_their_words(void)
{
    CHECK_NAMES(role, ROLE_COUNT, NO_NAME, "client", "server");
    CHECK_NAMES(phase, PHASE_COUNT, "unknown", "handshake", "established", "teardown", "closed", "reset");
    CHECK_NAMES(basis, BASIS_COUNT, NO_NAME, "proven", "expected", "assumed", "unknown", "seen arriving");
    CHECK_NAMES(timer, TIMER_COUNT, "none", "retransmission", "persist", "keepalive", "2MSL");
    CHECK_NAMES(debt, DEBT_COUNT, "nothing", "SYN-ACK", "ACK of the SYN-ACK", "ACK of data", "FIN",
                "ACK of a FIN", "answer to a keepalive or probe", "window update", "retransmission",
                "unknown");
    CHECK_NAMES(receiver_verdict, RECEIVER_VERDICT_COUNT, "none", "accepted", "rejected");
    CHECK_NAMES(reset_cause, RESET_CAUSE_COUNT, "none", "refused", "SYN-ACK rejected",
                "abort by the application", "no such connection", "after close",
                "answer to a keepalive or probe", "aborted after unanswered tries", "stale", "not acceptable",
                "can't tell", "not accepted");
}

/* Which verdicts accuse (✗), by number. */
static void test_verdicts_accuse_as_promised(void)
{
    static const int seq_accusing[] = {8, 9, 10, 11, 12, 13};
    static const int ack_accusing[] = {8, 9, 11, 12};
    unsigned seq_set = 0, ack_set = 0;

    for (unsigned i = 0; i < sizeof seq_accusing / sizeof seq_accusing[0]; i++)
        seq_set |= 1u << seq_accusing[i];
    for (unsigned i = 0; i < sizeof ack_accusing / sizeof ack_accusing[0]; i++)
        ack_set |= 1u << ack_accusing[i];
    for (int i = 0; i < SEQ_VERDICT_COUNT; i++)
        CHECK_EQUAL(seq_verdicts[i].valid == INVALID, seq_set >> i & 1u);
    for (int i = 0; i < ACK_VERDICT_COUNT; i++)
        CHECK_EQUAL(ack_verdicts[i].valid == INVALID, ack_set >> i & 1u);
    CHECK_EQUAL(seq_verdicts[SEQ_NOT_JUDGED].valid, UNTOLD);
    CHECK_EQUAL(ack_verdicts[ACK_NOT_JUDGED].valid, UNTOLD);
    CHECK_EQUAL(ack_verdicts[ACK_NOT_CAPTURED].valid, UNTOLD);
}

static void check_verdict(const struct verdict *verdict, const char *expected)
{
    CHECK_STRING(verdict->name, expected);
    CHECK(verdict->section != NULL);
}

static void test_verdicts_have_their_words(void)
{
    /* clang-format off */
    static const char *const seq_expected[] = {
        "not judged", "in-order", "retransmission", "overlap", "gap", "keepalive", "window-probe", "syn",
        "out-of-window", "handshake-mismatch", "after-fin", "inexact-reset", "stale-incarnation",
        "old-timestamp", "copy", "stale-reset",
    };
    static const char *const ack_expected[] = {
        "not judged", "current", "partial", "duplicate", "old", "none", "handshake", "of-fin",
        "beyond-sent", "handshake-mismatch", "not-captured", "missing", "too-old",
    };
    /* clang-format on */

    CHECK_COUNT(seq_expected, SEQ_VERDICT_COUNT);
    CHECK_COUNT(ack_expected, ACK_VERDICT_COUNT);
    for (int i = 0; i < SEQ_VERDICT_COUNT; i++)
        check_verdict(&seq_verdicts[i], seq_expected[i]);
    for (int i = 0; i < ACK_VERDICT_COUNT; i++)
        check_verdict(&ack_verdicts[i], ack_expected[i]);
}

static void test_debts_are_ordered_by_urgency(void)
{
    static const int urgency[] = {1, 2, 8, 5, 6, 3, 7, 4, 9};
    enum debt list[DEBT_COUNT];
    unsigned all = 0;

    CHECK_EQUAL(debts_in_order(0, list), 1);
    CHECK_EQUAL(list[0], OWES_NOTHING);
    for (unsigned i = 0; i < 9; i++) {
        all |= 1u << urgency[i];
        CHECK_EQUAL(debts_in_order(1u << urgency[i], list), 1);
        CHECK_EQUAL(list[0], urgency[i]);
    }
    CHECK_EQUAL(debts_in_order(all, list), 9);
    for (unsigned i = 0; i < 9; i++)
        CHECK_EQUAL(list[i], urgency[i]);
    /* "Nothing" beside a debt is no debt. */
    CHECK_EQUAL(debts_in_order(1u << OWES_NOTHING | 1u << OWES_FIN, list), 1);
    CHECK_EQUAL(list[0], OWES_FIN);
}

int main(void)
{
    test_states_have_their_words();
    test_events_have_their_words();
    test_enumerations_have_their_words();
    test_verdicts_have_their_words();
    test_verdicts_accuse_as_promised();
    test_debts_are_ordered_by_urgency();
    return check_result();
}
