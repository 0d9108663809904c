/* evidence_test.c - does a segment show what its sender had received of the opening?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "weigh/evidence.h"

/* What the looked at segment says of a fact. */
static enum evidence of(struct look *l, enum fact fact)
{
    talk_judge(l);
    return evidence_of(&l->ctx, &l->j, fact);
}

#define EVIDENCE(t, fact, ...) of(LOOK((t), __VA_ARGS__), (fact))

/* --- opening --- */

static void test_who_answers_a_syn_has_it_and_who_opens_himself_lacks_it(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_EQUAL(EVIDENCE(&t, FACT_SYN, .from = SERVER, .flags = SA, .ack = 1), CONFIRMED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_SYN, .from = SERVER, .flags = SA, .ack = 9000), CONFIRMED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_SYN, .from = SERVER, .flags = A, .seq = 1, .ack = 1), CONFIRMED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_SYN, .from = SERVER, .flags = S), LACKED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_SYN, .from = SERVER, .flags = A, .seq = 1, .ack = (uint32_t)-70000),
                SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_SYN, .from = SERVER, .flags = RA, .ack = 1), SILENT);
}

static void test_who_repeats_its_syn_lacks_the_syn_ack(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_EQUAL(EVIDENCE(&t, FACT_SYN_ACK, .from = CLIENT, .flags = S), LACKED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_SYN_ACK, .from = CLIENT, .flags = SA, .ack = 1), LACKED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_SYN_ACK, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), CONFIRMED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_SYN_ACK, .from = CLIENT, .flags = 0, .seq = 1), SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_SYN_ACK, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1), SILENT);
}

static void test_who_repeats_its_syn_ack_lacks_the_third_step(void)
{
    struct talk t = talk_opened();

    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_SYN, .from = SERVER, .flags = SA, .ack = 1), LACKED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_SYN, .from = SERVER, .flags = S), LACKED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_SYN, .from = SERVER, .flags = RA, .seq = 1, .ack = 1), SILENT);
}

/* In SYN-RECEIVED an unacceptable segment is answered by a bare ACK, too: RFC 9293 3.10.7.4, first. */
static void test_a_bare_ack_of_the_syn_alone_does_not_show_the_third_step(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_SYN, .from = SERVER, .flags = A, .seq = 1, .ack = 1), SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_SYN, .from = SERVER, .flags = A, .seq = 1, .ack = 101), CONFIRMED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_SYN, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 5),
                CONFIRMED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_SYN, .from = SERVER, .flags = FA, .seq = 1, .ack = 1), CONFIRMED);
    CHECK_EQUAL(
        EVIDENCE(&t, FACT_ACK_OF_SYN, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .sack = {51, 101}),
        CONFIRMED); /* data behind a gap is taken in ESTABLISHED only */
}

static void test_an_isn_that_is_not_known_is_not_compared_with(void)
{
    struct talk t = talk_opened();
    struct look *l = LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);

    l->peer->stream.isn_known = false;
    CHECK_EQUAL(of(l, FACT_ACK_OF_SYN), CONFIRMED);
}

/* RFC 7413: a server sends data in SYN-RECEIVED. */
static void test_with_fast_open_data_does_not_show_the_third_step(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .data = 100, .fast_open = true);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 101);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_SYN, .from = SERVER, .flags = A, .seq = 1, .ack = 101, .data = 9),
                SILENT);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_SYN, .from = SERVER, .flags = A, .seq = 1, .ack = 101, .data = 9),
                CONFIRMED);
}

/* --- an open end where we thought of none --- */

static bool shows_open(struct look *l, enum state before)
{
    talk_judge(l);
    return evidence_of_open(&l->ctx, &l->j, before);
}

#define SHOWS_OPEN(t, before, ...) shows_open(LOOK((t), __VA_ARGS__), (before))

static void test_any_segment_shows_that_a_closed_end_is_open(void)
{
    struct talk t = talk_opened();

    for (int state = 0; state < STATE_COUNT; state++) {
        bool expected = state == UNKNOWN || state == CLOSED || state == LISTEN;

        CHECK_EQUAL(SHOWS_OPEN(&t, (enum state)state, .from = CLIENT, .flags = A, .seq = 1, .ack = 1),
                    expected);
    }
}

static void test_who_has_closed_or_reset_is_not_open_again(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    CHECK(!SHOWS_OPEN(&t, CLOSED, .from = CLIENT, .flags = A, .seq = 2, .ack = 1));
    t = talk_opened();
    SAY(&t, .from = CLIENT, .flags = R, .seq = 1);
    CHECK(!SHOWS_OPEN(&t, LISTEN, .from = CLIENT, .flags = A, .seq = 1, .ack = 1));
}

/* The SYN-ACK was not captured: an ACK from behind the SYN. */
static void test_in_syn_sent_an_ack_shows_the_missing_syn_ack(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK(SHOWS_OPEN(&t, SYN_SENT, .from = CLIENT, .flags = A, .seq = 1, .ack = 1));
    CHECK(!SHOWS_OPEN(&t, SYN_SENT, .from = CLIENT, .flags = 0, .seq = 1, .data = 5));
    CHECK(!SHOWS_OPEN(&t, SYN_SENT, .from = CLIENT, .flags = A, .seq = 0, .ack = 1));

    struct look *l = LOOK(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);

    l->sender->sent.nxt_known = false;
    CHECK(!shows_open(l, SYN_SENT));
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(!SHOWS_OPEN(&t, SYN_SENT, .from = CLIENT, .flags = A, .seq = 1, .ack = 1));
}

static struct talk answered(bool fast_open)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .fast_open = fast_open);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    return t;
}

/* A bare ACK may be a challenge, or the first half of a split open. */
static void test_in_syn_received_data_or_a_higher_ack_shows_the_missing_third_step(void)
{
    struct talk t = answered(false);

    CHECK(SHOWS_OPEN(&t, SYN_RECEIVED, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 5));
    CHECK(SHOWS_OPEN(&t, SYN_RECEIVED, .from = SERVER, .flags = A, .seq = 1, .ack = 101));
    CHECK(SHOWS_OPEN(&t, SYN_RECEIVED, .from = SERVER, .flags = FA, .seq = 9, .ack = 1));
    CHECK(!SHOWS_OPEN(&t, SYN_RECEIVED, .from = SERVER, .flags = A, .seq = 1, .ack = 1));
    CHECK(!SHOWS_OPEN(&t, SYN_RECEIVED, .from = SERVER, .flags = 0, .seq = 1, .data = 5));
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = (uint32_t)-500); /* then this is its first ACK of the SYN */
    CHECK(!SHOWS_OPEN(&t, SYN_RECEIVED, .from = SERVER, .flags = A, .seq = 1, .ack = 1));
}

static void test_in_a_split_open_the_first_ack_is_no_third_step(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK(!SHOWS_OPEN(&t, SYN_RECEIVED, .from = SERVER, .flags = A, .seq = 1, .ack = 1));
    SAY(&t, .from = SERVER, .flags = A, .seq = 0, .ack = 1);
    CHECK(!SHOWS_OPEN(&t, SYN_RECEIVED, .from = SERVER, .flags = A, .seq = 1, .ack = 101));
}

static void test_with_fast_open_data_shows_a_third_step_only_with_it(void)
{
    struct talk t = answered(true);

    CHECK(!SHOWS_OPEN(&t, SYN_RECEIVED, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 5));
    CHECK(SHOWS_OPEN(&t, SYN_RECEIVED, .from = CLIENT, .flags = A, .seq = 1, .ack = 1,
                     .data = 5)); /* it is one */
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK(SHOWS_OPEN(&t, SYN_RECEIVED, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 5));
}

int main(void)
{
    test_who_answers_a_syn_has_it_and_who_opens_himself_lacks_it();
    test_who_repeats_its_syn_lacks_the_syn_ack();
    test_who_repeats_its_syn_ack_lacks_the_third_step();
    test_a_bare_ack_of_the_syn_alone_does_not_show_the_third_step();
    test_an_isn_that_is_not_known_is_not_compared_with();
    test_with_fast_open_data_does_not_show_the_third_step();
    test_any_segment_shows_that_a_closed_end_is_open();
    test_who_has_closed_or_reset_is_not_open_again();
    test_in_syn_sent_an_ack_shows_the_missing_syn_ack();
    test_in_syn_received_data_or_a_higher_ack_shows_the_missing_third_step();
    test_in_a_split_open_the_first_ack_is_no_third_step();
    test_with_fast_open_data_shows_a_third_step_only_with_it();
    return check_result();
}
