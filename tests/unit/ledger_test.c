/* ledger_test.c - the numbers, names and texts that users rely on
 *
 * Typed a second time from what is promised to users: these numbers stand in
 * their filters, and these names in their scripts. They never change meaning.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "machine/fsm.h"
#include "tell/names.h"
#include "observation.h"

#include <ctype.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct entry {
    int enumerator, number;
    const char *name;
};

/* clang-format off */
static const struct entry states[] = {
    {CLOSED, 0, "CLOSED"}, {LISTEN, 1, "LISTEN"}, {SYN_SENT, 2, "SYN-SENT"},
    {SYN_RECEIVED, 3, "SYN-RECEIVED"},
    {ESTABLISHED, 4, "ESTABLISHED"}, {FIN_WAIT_1, 5, "FIN-WAIT-1"}, {FIN_WAIT_2, 6, "FIN-WAIT-2"},
    {CLOSE_WAIT, 7, "CLOSE-WAIT"}, {CLOSING, 8, "CLOSING"}, {LAST_ACK, 9, "LAST-ACK"},
    {TIME_WAIT, 10, "TIME-WAIT"}, {UNKNOWN, 11, "UNKNOWN"},
};

static const struct entry phases[] = {
    {PHASE_UNKNOWN, 0, "unknown"}, {PHASE_HANDSHAKE, 1, "handshake"}, {PHASE_ESTABLISHED, 2, "established"},
    {PHASE_TEARDOWN, 3, "teardown"}, {PHASE_CLOSED, 4, "closed"}, {PHASE_RESET, 5, "reset"},
};

static const struct entry roles[] = {{ROLE_CLIENT, 1, "client"}, {ROLE_SERVER, 2, "server"}};

static const struct entry bases[] = {
    {BASIS_PROVEN, 1, "proven"}, {BASIS_EXPECTED, 2, "expected"}, {BASIS_ASSUMED, 3, "assumed"},
    {BASIS_UNKNOWN, 4, "unknown"},
};

static const struct entry timers[] = {
    {TIMER_RETRANSMISSION, 1, "retransmission"}, {TIMER_PERSIST, 2, "persist"},
    {TIMER_KEEPALIVE, 3, "keepalive"},
    {TIMER_2MSL, 4, "2MSL"},
};

static const struct entry debts[] = {
    {OWES_NOTHING, 0, "nothing"}, {OWES_SYN_ACK, 1, "SYN-ACK"},
    {OWES_ACK_OF_SYN_ACK, 2, "ACK of the SYN-ACK"},
    {OWES_ACK_OF_DATA, 3, "ACK of data"}, {OWES_FIN, 4, "FIN"}, {OWES_ACK_OF_FIN, 5, "ACK of a FIN"},
    {OWES_PROBE_ANSWER, 6, "answer to a keepalive or probe"}, {OWES_WINDOW_UPDATE, 7, "window update"},
    {OWES_RETRANSMISSION, 8, "retransmission"}, {OWES_UNKNOWN, 9, "unknown"},
};

static const struct entry causes[] = {
    {RESET_REFUSED, 1, "refused"}, {RESET_SYN_ACK_REJECTED, 2, "SYN-ACK rejected"},
    {RESET_ABORT, 3, "abort by the application"}, {RESET_NO_CONNECTION, 4, "no such connection"},
    {RESET_AFTER_CLOSE, 5, "after close"}, {RESET_PROBE_ANSWER, 6, "answer to a keepalive or probe"},
    {RESET_UNANSWERED_TRIES, 7, "aborted after unanswered tries"}, {RESET_STALE, 8, "stale"},
    {RESET_NOT_ACCEPTABLE, 9, "not acceptable"}, {RESET_CANNOT_TELL, 10, "can't tell"},
    {RESET_NOT_ACCEPTED, 11, "not accepted"},
};

static const struct {
    struct entry entry;
    bool accuses;
} seq_entries[] = {
    {{SEQ_NOT_JUDGED, 0, "not judged"}, false}, {{SEQ_IN_ORDER, 1, "in-order"}, false},
    {{SEQ_RETRANSMISSION, 2, "retransmission"}, false}, {{SEQ_OVERLAP, 3, "overlap"}, false},
    {{SEQ_GAP, 4, "gap"}, false}, {{SEQ_KEEPALIVE, 5, "keepalive"}, false},
    {{SEQ_WINDOW_PROBE, 6, "window-probe"}, false}, {{SEQ_SYN, 7, "syn"}, false},
    {{SEQ_OUT_OF_WINDOW, 8, "out-of-window"}, true},
    {{SEQ_HANDSHAKE_MISMATCH, 9, "handshake-mismatch"}, true},
    {{SEQ_AFTER_FIN, 10, "after-fin"}, true}, {{SEQ_INEXACT_RESET, 11, "inexact-reset"}, true},
    {{SEQ_STALE_INCARNATION, 12, "stale-incarnation"}, true},
    {{SEQ_OLD_TIMESTAMP, 13, "old-timestamp"}, true},
    {{SEQ_COPY, 14, "copy"}, false}, {{SEQ_STALE_RESET, 15, "stale-reset"}, false},
}, ack_entries[] = {
    {{ACK_NOT_JUDGED, 0, "not judged"}, false}, {{ACK_CURRENT, 1, "current"}, false},
    {{ACK_PARTIAL, 2, "partial"}, false}, {{ACK_DUPLICATE, 3, "duplicate"}, false},
    {{ACK_OLD, 4, "old"}, false},
    {{ACK_NONE, 5, "none"}, false}, {{ACK_HANDSHAKE, 6, "handshake"}, false},
    {{ACK_OF_FIN, 7, "of-fin"}, false},
    {{ACK_BEYOND_SENT, 8, "beyond-sent"}, true}, {{ACK_HANDSHAKE_MISMATCH, 9, "handshake-mismatch"}, true},
    {{ACK_NOT_CAPTURED, 10, "not-captured"}, false}, {{ACK_MISSING, 11, "missing"}, true},
    {{ACK_TOO_OLD, 12, "too-old"}, true},
};

#define SAME_NAMES(entries, type)                                             \
    for (size_t i = 0; i < COUNT(entries); i++) {                             \
        CHECK_EQUAL((entries)[i].enumerator, (entries)[i].number);            \
        CHECK_STRING(type##_name((enum type)(entries)[i].number), (entries)[i].name); \
    }
/* clang-format on */

static void test_numbers_and_names_are_those_that_were_promised(void)
{
    SAME_NAMES(states, state)
    SAME_NAMES(phases, phase)
    SAME_NAMES(roles, role)
    SAME_NAMES(bases, basis)
    SAME_NAMES(timers, timer)
    SAME_NAMES(debts, debt)
    SAME_NAMES(causes, reset_cause)
    CHECK_EQUAL(STATE_COUNT, COUNT(states));
    CHECK_EQUAL(PHASE_COUNT, COUNT(phases));
    CHECK_EQUAL(DEBT_COUNT, COUNT(debts));
    CHECK_EQUAL(RESET_CAUSE_COUNT, COUNT(causes) + 1); /* 0 is: no RST */
}

static void check_verdict(const struct verdict *verdict, struct entry entry, bool accuses)
{
    CHECK_EQUAL(entry.enumerator, entry.number);
    CHECK_STRING(verdict->name, entry.name);
    check_case = entry.name;
    CHECK_EQUAL(verdict->valid == INVALID, accuses);
    check_case = "";
}

static void test_only_the_marked_verdicts_accuse(void)
{
    CHECK_EQUAL(SEQ_VERDICT_COUNT, COUNT(seq_entries));
    CHECK_EQUAL(ACK_VERDICT_COUNT, COUNT(ack_entries));
    for (size_t i = 0; i < COUNT(seq_entries); i++)
        check_verdict(&seq_verdicts[seq_entries[i].entry.number], seq_entries[i].entry,
                      seq_entries[i].accuses);
    for (size_t i = 0; i < COUNT(ack_entries); i++)
        check_verdict(&ack_verdicts[ack_entries[i].entry.number], ack_entries[i].entry,
                      ack_entries[i].accuses);
}

/* "absent where it can't be told" */
static void test_what_was_not_judged_is_neither_valid_nor_invalid(void)
{
    CHECK_EQUAL(seq_verdicts[0].valid, UNTOLD);
    CHECK_EQUAL(ack_verdicts[0].valid, UNTOLD);
    CHECK_EQUAL(ack_verdicts[10].valid, UNTOLD); /* not-captured */
    for (size_t i = 1; i < COUNT(seq_entries); i++)
        CHECK(seq_verdicts[i].valid != UNTOLD);
}

/* The textbook's seven: handshake 1-3, teardown as 4-7. */
static void test_the_seven_steps_are_the_lowest_seven_bits(void)
{
    static const unsigned in_order[] = {
        STEP_SYN, STEP_SYN_ACK, STEP_ACK, STEP_FIN, STEP_ACK_OF_FIN, STEP_SECOND_FIN, STEP_ACK_OF_SECOND_FIN};

    CHECK_EQUAL(COUNT(in_order), 7);
    for (unsigned i = 0; i < COUNT(in_order); i++)
        CHECK_EQUAL(in_order[i], 1u << i);
    CHECK_EQUAL(STEPS_OF_HANDSHAKE, 0x07);
    CHECK_EQUAL(STEPS_OF_TEARDOWN, 0x78);
}

static void check_numbers(const int *numbers, size_t used, size_t count)
{
    bool seen[64] = {false};

    CHECK_EQUAL(used, count);
    for (size_t i = 0; i < used; i++) {
        if (numbers[i] < 0 || numbers[i] >= (int)count) {
            CHECK_EQUAL(numbers[i], count - 1);
            continue;
        }
        CHECK(!seen[numbers[i]]);
        seen[numbers[i]] = true;
    }
}

/* A number used twice would let the later line win without a word. */
static void test_no_verdict_number_is_used_twice(void)
{
    static const int seq_numbers[] = {
#define SEQ_VERDICT(id, number, name, valid, section, brings) number,
#define ACK_VERDICT(id, number, name, valid, section)
#include "tell/verdicts.def"
#undef SEQ_VERDICT
#undef ACK_VERDICT
    };
    static const int ack_numbers[] = {
#define SEQ_VERDICT(id, number, name, valid, section, brings)
#define ACK_VERDICT(id, number, name, valid, section) number,
#include "tell/verdicts.def"
#undef SEQ_VERDICT
#undef ACK_VERDICT
    };

    check_numbers(seq_numbers, COUNT(seq_numbers), SEQ_VERDICT_COUNT);
    check_numbers(ack_numbers, COUNT(ack_numbers), ACK_VERDICT_COUNT);
}

static void test_no_rule_stands_twice(void)
{
    static const enum rule in_order[] = {
#define RULE(id, section) id,
#include "machine/rules.def"
#undef RULE
    };

    CHECK_EQUAL(COUNT(in_order), RULE_COUNT);
    for (size_t i = 0; i < COUNT(in_order); i++) {
        CHECK_EQUAL(in_order[i], i);
        for (size_t k = 0; k < i; k++) {
            check_case = rules[i].name;
            CHECK(strcmp(rules[i].name, rules[k].name) != 0);
        }
    }
    check_case = "";
}

/* "RFC 9293 3.10.7.4" or "RFC 1337" */
static bool is_section(const char *section)
{
    const char *at = section;

    if (strncmp(at, "RFC ", 4) != 0 || !isdigit((unsigned char)at[4]))
        return false;
    at += 4;
    at += strspn(at, "0123456789");
    if (*at == ' ')
        at += 1 + strspn(at + 1, "0123456789.");
    return *at == '\0' && isdigit((unsigned char)at[-1]);
}

static void test_every_rule_has_a_section(void)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        check_case = rules[i].name;
        CHECK(strncmp(rules[i].name, "RULE_", 5) == 0);
        CHECK(is_section(rules[i].section));
    }
    check_case = "";
}

static void test_every_verdict_has_a_section(void)
{
    for (size_t i = 0; i < SEQ_VERDICT_COUNT; i++) {
        check_case = seq_verdicts[i].name;
        CHECK(i == SEQ_COPY ? seq_verdicts[i].section[0] == '\0' : is_section(seq_verdicts[i].section));
    }
    for (size_t i = 0; i < ACK_VERDICT_COUNT; i++) {
        check_case = ack_verdicts[i].name;
        CHECK(is_section(ack_verdicts[i].section));
    }
    check_case = "";
}

int main(void)
{
    test_numbers_and_names_are_those_that_were_promised();
    test_only_the_marked_verdicts_accuse();
    test_what_was_not_judged_is_neither_valid_nor_invalid();
    test_the_seven_steps_are_the_lowest_seven_bits();
    test_no_verdict_number_is_used_twice();
    test_no_rule_stands_twice();
    test_every_rule_has_a_section();
    test_every_verdict_has_a_section();
    return check_result();
}
