/* capture_filter_test.c - from when on it is a capture's rule that pure ACKs, or a direction, are missing
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture/capture_filter.h"

#include "check.h"
#include "summary/captured.h"
#include "summary/timeout_finding.h"

static const unsigned open = CAPTURED_OPEN | CAPTURED_OPENING | CAPTURED_BOTH_WAYS;

static const unsigned finding = 1u << TIMEOUT_FINDING_EMBRYONIC;

/* Is anything withheld of a connection of which little was captured? */
static bool is_rule(void)
{
    struct summary bare = {.begun = true};
    return capture_filter_pass(&bare, finding) != finding;
}

static void add(unsigned set, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        capture_filter_count(0, set);
}

/* So many that are the rule, so many others that count. */
static bool rule_of(unsigned set, unsigned count, unsigned other, unsigned others)
{
    capture_filter_open();
    add(set, count);
    add(other, others);
    return is_rule();
}

static void test_three_and_three_of_four(void)
{
    const unsigned sets[] = {open | CAPTURED_BARE_OPENING | CAPTURED_PURE_ACK,
                             CAPTURED_OPEN | CAPTURED_BOTH_WAYS, CAPTURED_ONE_WAY | CAPTURED_PURE_ACK};

    for (unsigned i = 0; i < sizeof sets / sizeof *sets; i++) {
        const unsigned whole = open | CAPTURED_PURE_ACK;

        check_case = i == 0 ? "bare openings" : i == 1 ? "no pure ACK" : "one way";
        CHECK(rule_of(sets[i], 3, whole, 1));
        CHECK(!rule_of(sets[i], 3, whole, 2));
        CHECK(!rule_of(sets[i], 2, whole, 1));
        CHECK(rule_of(sets[i], 6, whole, 2));
        CHECK(!rule_of(sets[i], 8, whole, 3));
        CHECK(rule_of(sets[i], 3, CAPTURED_BOTH_WAYS | CAPTURED_PURE_ACK,
                      100)); /* never open: they don't count */
        CHECK(!rule_of(0, 3, whole, 0));
    }
    check_case = "";
}

static void test_all_if_no_pure_ack_was_read(void)
{
    CHECK(rule_of(open | CAPTURED_BARE_OPENING, 1, 0, 0));
    CHECK(!rule_of(open | CAPTURED_BARE_OPENING, 1, CAPTURED_PURE_ACK, 1));
    CHECK(rule_of(CAPTURED_ONE_WAY, 1, 0, 0));
    CHECK(!rule_of(CAPTURED_BOTH_WAYS, 5, 0, 0)); /* nothing was open */
    capture_filter_open();
    CHECK(!is_rule());
}

static void test_a_connection_that_shows_more_counts_anew(void)
{
    unsigned bare = open | CAPTURED_BARE_OPENING;

    capture_filter_open();
    capture_filter_count(0, CAPTURED_ONE_WAY);
    CHECK(is_rule());
    capture_filter_count(CAPTURED_ONE_WAY, CAPTURED_BOTH_WAYS);
    CHECK(!is_rule());
    capture_filter_count(CAPTURED_BOTH_WAYS, bare);
    CHECK(is_rule());
    capture_filter_count(bare, bare);
    capture_filter_count(bare, bare | CAPTURED_PURE_ACK);
    CHECK(!is_rule());
}

static void test_only_then_anything_is_withheld(void)
{
    struct summary s = {.begun = true};
    struct observation o = {.seq_verdict = SEQ_OUT_OF_WINDOW};
    unsigned set = 1u << TIMEOUT_FINDING_EMBRYONIC | 1u << TIMEOUT_FINDING_IDLE;

    capture_filter_open();
    CHECK_EQUAL(capture_filter_pass(&s, set), set);
    CHECK(!capture_filter_excuses(&s, &o));
    capture_filter_count(0, open | CAPTURED_BARE_OPENING);
    CHECK_EQUAL(capture_filter_pass(&s, set), 1u << TIMEOUT_FINDING_IDLE);
    CHECK(capture_filter_excuses(&s, &o));
    o.seq_verdict = SEQ_HANDSHAKE_MISMATCH;
    CHECK(capture_filter_excuses(&s, &o));
    o.seq_verdict = SEQ_AFTER_FIN;
    CHECK(!capture_filter_excuses(&s, &o));
    o.seq_verdict = SEQ_OUT_OF_WINDOW;
    s.end[0].seen = s.end[1].seen = s.end[0].pure_ack = true;
    CHECK_EQUAL(capture_filter_pass(&s, set), set);
    CHECK(!capture_filter_excuses(&s, &o));
}

int main(void)
{
    test_three_and_three_of_four();
    test_all_if_no_pure_ack_was_read();
    test_a_connection_that_shows_more_counts_anew();
    test_only_then_anything_is_withheld();
    return check_result();
}
