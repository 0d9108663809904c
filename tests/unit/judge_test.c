/* judge_test.c - what is said of a segment's numbers as a whole, and which accusations are dropped?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

#define CHECK_PARDON(t, row, ...) CHECK_STRING(PARDON_ROW((t), __VA_ARGS__), (row))
#define CHECK_NO_PARDON(t, ...)                      \
    do {                                             \
        CHECK(PARDON_ROW((t), __VA_ARGS__) == NULL); \
        CHECK(!(t)->look.j.acceptable);              \
    } while (0)

/* An accusation that was dropped leaves nothing. */
static void check_innocent(const struct judgment *j)
{
    CHECK(j->acceptable);
    CHECK(!j->has_bound);
    CHECK(!seq_is_invalid(j->seq_verdict) && !ack_is_invalid(j->ack_verdict));
}

static void test_judging_changes_nothing(void)
{
    static const struct saying sayings[] = {
        {.from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 10},
        {.from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10},
        {.from = CLIENT, .flags = A, .seq = 10000000, .ack = 10000000, .data = 10},
        {.from = SERVER, .flags = A, .seq = 1, .ack = 401},
        {.from = SERVER, .flags = R, .seq = 700},
        {.from = SERVER, .flags = SA, .seq = 0, .ack = 1},
        {.from = CLIENT, .flags = S, .seq = 0},
    };

    for (size_t i = 0; i < sizeof sayings / sizeof sayings[0]; i++) {
        struct talk t = talk_half_acknowledged();
        struct snapshot before = talk_snapshot(&t);

        talk_judge(talk_look(&t, sayings[i]));
        CHECK(talk_is_unchanged(&t, &before));
    }
}

static void test_acceptable_means_that_neither_number_is_invalid(void)
{
    struct talk t = talk_half_acknowledged();

    CHECK(JUDGE(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 10)->acceptable);
    CHECK(!JUDGE(&t, .from = CLIENT, .flags = A, .seq = 10000000, .ack = 1, .data = 10)->acceptable);
    CHECK(!JUDGE(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 10000000, .data = 10)->acceptable);
}

static void test_the_bound_of_the_sequence_number_goes_first(void)
{
    struct talk t = talk_half_acknowledged();

    CHECK(JUDGE(&t, .from = CLIENT, .flags = A, .seq = 10000000, .ack = 20000000, .data = 10)->has_bound);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.look.j.bound), 201 + WINDOW);
}

/* --- pardons --- */

/* A proxy or a firewall rewrote the numbers: the receiver takes them. */
static void test_who_is_acknowledged_is_accused_no_more(void)
{
    struct talk t = talk_opened();

    CHECK_SEQ(SAY(&t, .from = CLIENT, .flags = A, .seq = 70000000, .ack = 1, .data = 10), SEQ_OUT_OF_WINDOW);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 70000010);
    CHECK(t.o.assumed && !(t.o.findings & FINDING_ACK_SUSPECT));
    SAY(&t, .from = CLIENT, .flags = A, .seq = 70000010, .ack = 1, .data = 10);
    CHECK_SEQ(&t.o, SEQ_IN_ORDER);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 170000010, .ack = 1, .data = 10);
    CHECK(!(t.o.findings & FINDING_SEQ_SUSPECT));
}

static void test_numbers_that_are_rewritten_look_wrong_to_us_only(void)
{
    struct talk t = talk_half_acknowledged();

    talk_newest(&t)->end[CLIENT].stream.rewritten = true;
    CHECK_PARDON(&t, "rewritten", .from = CLIENT, .flags = A, .seq = 10000000, .ack = 20000000, .data = 10);
    check_innocent(&t.look.j);
    CHECK_SEQ(&t.look.j, SEQ_NOT_JUDGED);
    CHECK_ACK(&t.look.j, ACK_NOT_JUDGED);
    CHECK_PARDON(&t, "rewritten", .from = CLIENT, .flags = A, .seq = 10000000, .ack = 1, .data = 10);
    CHECK_ACK(&t.look.j, ACK_CURRENT); /* what is right stays */
    CHECK_PARDON(&t, "rewritten", .from = CLIENT, .flags = A, .seq = 401, .ack = 20000000, .data = 10);
    CHECK_SEQ(&t.look.j, SEQ_IN_ORDER);
    CHECK(PARDON_ROW(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 1) == NULL); /* nothing to forgive */
    CHECK_NO_PARDON(&t, .from = SERVER, .flags = A, .seq = 10000000, .ack = 201, .data = 10);
}

static void test_on_two_ways_there_may_be_two_connections(void)
{
    struct talk t = talk_half_acknowledged();

    talk_newest(&t)->dialogue.multipath = true;
    CHECK_PARDON(&t, "multipath", .from = CLIENT, .flags = A, .seq = 10000000, .ack = 1, .data = 10);
    check_innocent(&t.look.j);
}

/* The last packets of the old connection may be captured behind the SYN of the new one. */
static void test_stale_numbers_directly_behind_a_new_syn_accuse_nobody(void)
{
    for (uint32_t wait = 5; wait <= 6; wait++) {
        struct talk t = talk_half_acknowledged();

        SAY(&t, .from = CLIENT, .flags = RA, .seq = 401, .ack = 1);
        t.isn[CLIENT] = seq_add(t.isn[CLIENT], 500000);
        SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 201u - 500000u, .ack = 1, .data = 200, .wait = wait);
        CHECK_EQUAL((t.o.findings & FINDING_SEQ_SUSPECT) != 0, wait > 5);
        CHECK_EQUAL(t.o.pardon, wait > 5 ? PARDON_NONE : PARDON_behind_new_syn);
    }
}

static void test_behind_a_new_syn_only_what_fits_the_old_connection_is_pardoned(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_NO_PARDON(&t, .from = SERVER, .flags = SA, .ack = 2, .wait = 1);
}

static void test_once_the_new_connection_is_open_old_numbers_are_accused(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = RA, .seq = 401, .ack = 1);
    t.isn[CLIENT] = seq_add(t.isn[CLIENT], 500000);
    talk_open(&t);
    CHECK_NO_PARDON(&t, .from = CLIENT, .flags = A, .seq = 201u - 500000u, .ack = 1, .data = 200, .wait = 1);
    CHECK_SEQ(&t.look.j, SEQ_STALE_INCARNATION);
}

static void test_a_reset_that_finds_nothing_harms_nobody(void)
{
    struct talk t = talk_opened(), u = talk_opened();

    CHECK_NO_PARDON(&t, .from = CLIENT, .flags = RA, .seq = 10000000, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    CHECK_PARDON(&t, "harmless_reset", .from = CLIENT, .flags = RA, .seq = 10000000, .ack = 1);
    check_innocent(&t.look.j);
    SAY(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    SAY(&u, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    CHECK_NO_PARDON(&u, .from = CLIENT, .flags = A, .seq = 10000000, .ack = 1, .data = 9); /* it is no RST */
}

/* RFC 9293 3.10.7.4 looks at no ACK of a RST; in the handshake the ACK decides. */
static void test_the_ack_of_a_reset_is_not_judged_in_a_synchronized_connection(void)
{
    struct talk t = talk_opened(), u = talk_begin();

    CHECK_ACK(JUDGE(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1), ACK_CURRENT);
    CHECK_ACK(JUDGE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 10000000), ACK_BEYOND_SENT);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 10000000);
    CHECK_ACK(&t.o, ACK_NOT_JUDGED);
    CHECK(t.o.findings == FINDING_RESET_ABORT);
    CHECK_EQUAL(t.o.peer.after, CLOSED);
    SAY(&u, .from = CLIENT, .flags = S);
    CHECK_ACK(JUDGE(&u, .from = SERVER, .flags = RA, .ack = 2), ACK_HANDSHAKE_MISMATCH);
}

/* --- what was expected --- */

static void test_a_first_syn_is_expected_by_nobody(void)
{
    struct talk t = talk_begin(), u = talk_begin();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1); /* from which the client's numbers are known */
    CHECK(!JUDGE(&t, .from = CLIENT, .flags = S)->next.known);
    CHECK(JUDGE(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1)->next.known);
    SAY(&u, .from = CLIENT, .flags = S);
    SAY(&u, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(!JUDGE(&u, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1)->next.known);
    CHECK(JUDGE(&u, .from = SERVER, .flags = SA, .ack = 1)->next.known); /* a repeat is */
    CHECK(JUDGE(&u, .from = CLIENT, .flags = S)->next.known);
}

static const struct expected_seq *due(struct talk *t)
{
    return &JUDGE(t, .from = SERVER, .flags = A, .seq = 1, .ack = 1)->due;
}

/* An ACK is due of what was captured, or is known to be missing; not of what an ACK alone told of. */
static void test_an_ack_is_due_of_what_was_sent(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(!due(&t)->known);
    talk_newest(&t)->end[CLIENT].sent.missing = true;
    CHECK(due(&t)->known);
    talk_newest(&t)->end[CLIENT].sent.missing = false;
    talk_newest(&t)->end[CLIENT].stream.syn_sent = true;
    CHECK(due(&t)->known);
    talk_newest(&t)->end[CLIENT].belief.from_previous = true;
    CHECK(!due(&t)->known);
    talk_newest(&t)->end[CLIENT].belief.from_previous = false;
    talk_newest(&t)->end[CLIENT].sent.nxt_known = false;
    CHECK(!due(&t)->known);
}

static void test_data_that_was_captured_is_due_without_its_syn(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 1, .data = 50);
    CHECK(due(&t)->known);
    CHECK_EQUAL(talk_offset(&t, CLIENT, t.look.j.due.number), 150);
    CHECK_EQUAL(t.look.j.due.from_frame, 1);
}

/* --- copies --- */

static void test_of_a_copy_nothing_is_said_again(void)
{
    struct talk t = talk_half_acknowledged();
    struct judgment j;

    judge_copy(&LOOK(&t, .from = CLIENT, .flags = A, .seq = 10000000, .ack = 20000000, .data = 9)->ctx, &j);
    CHECK_SEQ(&j, SEQ_COPY);
    CHECK_ACK(&j, ACK_NOT_JUDGED);
    CHECK(!j.has_bound);
    judge_copy(&LOOK(&t, .from = CLIENT, .flags = 0, .seq = 401, .data = 9)->ctx, &j);
    CHECK_ACK(&j, ACK_NONE);
    judge_copy(&LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401)->ctx, &j);
    CHECK_ACK(&j, ACK_CURRENT);
    CHECK_EQUAL(j.peer_before, talk_newest(&t)->end[CLIENT].belief.expected);
}

int main(void)
{
    test_judging_changes_nothing();
    test_acceptable_means_that_neither_number_is_invalid();
    test_the_bound_of_the_sequence_number_goes_first();
    test_who_is_acknowledged_is_accused_no_more();
    test_numbers_that_are_rewritten_look_wrong_to_us_only();
    test_on_two_ways_there_may_be_two_connections();
    test_stale_numbers_directly_behind_a_new_syn_accuse_nobody();
    test_behind_a_new_syn_only_what_fits_the_old_connection_is_pardoned();
    test_once_the_new_connection_is_open_old_numbers_are_accused();
    test_a_reset_that_finds_nothing_harms_nobody();
    test_the_ack_of_a_reset_is_not_judged_in_a_synchronized_connection();
    test_a_first_syn_is_expected_by_nobody();
    test_an_ack_is_due_of_what_was_sent();
    test_data_that_was_captured_is_due_without_its_syn();
    test_of_a_copy_nothing_is_said_again();
    return check_result();
}
