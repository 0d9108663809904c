/* evidence_closing_test.c - does a segment show what its sender had received of the closing, or a reset?
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

/* A number that may have come up before the segment was captured: it tells of then, not of now. */
static void test_an_old_ack_with_old_data_is_late(void)
{
    struct talk t = talk_half_acknowledged();

    for (int verdict = 0; verdict < SEQ_VERDICT_COUNT; verdict++) {
        struct look *l = LOOK(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
        bool moves_on = verdict == SEQ_IN_ORDER || verdict == SEQ_GAP || verdict == SEQ_OVERLAP;

        l->j = (struct judgment){.seq_verdict = (enum seq_verdict)verdict, .ack_verdict = ACK_OLD};
        CHECK_EQUAL(evidence_is_late(&l->ctx, &l->j), !moves_on);
        l->j.ack_verdict = ACK_CURRENT;
        CHECK(!evidence_is_late(&l->ctx, &l->j));
    }
}

static void test_the_ack_number_shows_whether_a_fin_has_come(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 401, .ack = 1);
    CHECK_EQUAL(EVIDENCE(&t, FACT_FIN, .from = SERVER, .flags = A, .seq = 1, .ack = 402), CONFIRMED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_FIN, .from = SERVER, .flags = A, .seq = 1, .ack = 401), LACKED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_FIN, .from = SERVER, .flags = RA, .seq = 1, .ack = 401), SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_FIN, .from = SERVER, .flags = S, .seq = 1), SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_FIN, .from = SERVER, .flags = SA, .ack = 1), SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_FIN, .from = SERVER, .flags = A, .seq = 90000000, .ack = 401, .data = 1),
                SILENT); /* not acceptable */
}

/* A FIN behind SYN-ACK that crosses the third step: RFC 9293 3.10.4, CLOSE in SYN-RECEIVED. */
static void test_a_syn_ack_tells_of_a_fin_while_its_sender_is_opening(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    CHECK_EQUAL(EVIDENCE(&t, FACT_FIN, .from = SERVER, .flags = SA, .ack = 1), LACKED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_FIN, .from = SERVER, .flags = S), SILENT);
}

static void test_without_an_ack_nothing_is_said_of_the_fin(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 100, .ack = 100);
    CHECK_EQUAL(EVIDENCE(&t, FACT_FIN, .from = SERVER, .flags = 0, .seq = 100, .data = 5), SILENT);
}

static void test_who_repeats_its_fin_lacks_the_ack_of_it(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_FIN, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1), LACKED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_FIN, .from = CLIENT, .flags = RA, .seq = 2, .ack = 1), SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_FIN, .from = CLIENT, .flags = A, .seq = 2, .ack = 1), SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_FIN, .from = CLIENT, .flags = FA, .seq = 0, .ack = 1), SILENT);
}

/* It has acknowledged what the peer sent behind its ACK of the FIN. */
static void test_who_knows_what_came_behind_the_ack_of_its_fin_has_that_too(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2, .data = 100);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_FIN, .from = CLIENT, .flags = A, .seq = 2, .ack = 1), SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_FIN, .from = CLIENT, .flags = A, .seq = 2, .ack = 101), CONFIRMED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_FIN, .from = CLIENT, .flags = 0, .seq = 2), SILENT);
    CHECK_EQUAL(
        EVIDENCE(&t, FACT_ACK_OF_FIN, .from = CLIENT, .flags = A, .seq = 90000000, .ack = 101, .data = 1),
        SILENT); /* not acceptable */
}

/* On two ways nobody is accused, be it for want of an ACK: it says nothing all the same. */
static void test_what_carries_no_ack_does_not_know_of_one(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .path = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2, .data = 100);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_FIN, .from = CLIENT, .flags = 0, .seq = 2), SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_FIN, .from = CLIENT, .flags = 0, .seq = 2), SILENT);
}

static void test_before_anybody_acknowledged_the_fin_nobody_knows_of_it(void)
{
    struct talk t = talk_begin();

    t.isn[SERVER] = seq_of(70000);
    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_FIN, .from = CLIENT, .flags = A, .seq = 2, .ack = 101), SILENT);
}

/* LAST-ACK ends with that ACK, and then nothing comes but a RST. */
static void test_in_last_ack_whoever_speaks_lacks_the_last_ack(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_FIN, .from = SERVER, .flags = A, .seq = 2, .ack = 2), LACKED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_FIN, .from = SERVER, .flags = R, .seq = 2), SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_FIN, .from = SERVER, .flags = S), SILENT); /* of long ago */
    CHECK_EQUAL(EVIDENCE(&t, FACT_ACK_OF_FIN, .from = CLIENT, .flags = A, .seq = 2, .ack = 2), CONFIRMED);
}

/* --- resets and time-outs --- */

static void test_who_goes_on_is_not_reset_and_still_waits(void)
{
    static const enum fact facts[] = {FACT_RST, FACT_EXPIRED, FACT_RST_SENT};

    for (unsigned i = 0; i < 3; i++) {
        struct talk t = talk_opened();

        CHECK_EQUAL(EVIDENCE(&t, facts[i], .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 5),
                    LACKED);
        CHECK_EQUAL(EVIDENCE(&t, facts[i], .from = CLIENT, .flags = R, .seq = 1), SILENT);
    }
}

/* What the sender of a RST sent before may be captured behind it. */
static struct talk reset_after_data(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 101);
    return t;
}

static void test_old_data_behind_a_reset_was_sent_before_it(void)
{
    struct talk t = reset_after_data();

    CHECK_EQUAL(EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100),
                SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = A, .seq = 51, .ack = 1, .data = 51),
                LACKED); /* the last byte is new */
}

static void test_nothing_is_under_way_longer_than_a_second(void)
{
    struct talk t = reset_after_data();

    CHECK_EQUAL(
        EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 999),
        SILENT);
    t = reset_after_data();
    CHECK_EQUAL(EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100,
                         .wait = 1000),
                LACKED);
}

/* The server acknowledges 300, and from there comes the RST: its sender had sent what lies before. */
static void test_a_reset_from_ahead_shows_how_far_its_sender_had_come(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 301);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 301);
    CHECK_EQUAL(t.o.peer.after, CLOSED);
    CHECK_EQUAL(EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 100),
                SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 101),
                LACKED);
}

/* A device that guesses sends several: the second tells nothing of the sender. */
static void test_a_second_reset_shows_nothing(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = R, .seq = 1);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 1461);
    CHECK_EQUAL(EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100),
                LACKED);
}

/* A RST that nobody has to accept may be forged: whoever goes on was not its sender. */
static void test_behind_a_reset_that_does_not_count_nothing_is_older(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 151);
    CHECK_EQUAL(EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100),
                LACKED);
}

/* Who closes while data is on the way sends a FIN, and when that meets it, a RST: both at once. */
static void test_a_lone_fin_within_5_ms_behind_a_reset_was_sent_before_it(void)
{
    for (uint32_t wait = 5; wait <= 6; wait++) {
        struct talk t = reset_after_data();

        CHECK_EQUAL(
            EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1, .wait = wait),
            wait == 5 ? SILENT : LACKED);
    }

    struct talk t = reset_after_data();

    CHECK_EQUAL(EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = FA, .seq = 102, .ack = 1, .wait = 1),
                LACKED);
    CHECK_EQUAL(
        EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = FA, .seq = 101, .ack = 1, .data = 9, .wait = 1),
        LACKED);
    t = reset_after_data();
    CHECK_EQUAL(EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = A, .seq = 102, .ack = 1, .wait = 1),
                LACKED);
}

/* The stream began with the RST. */
static void test_a_lone_fin_may_be_the_first_that_is_known_of_the_stream(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = A, .seq = 5, .ack = 5, .data = 10);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 5);
    CHECK(!talk_newest(&t)->end[CLIENT].sent.nxt_known);
    CHECK_EQUAL(EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = FA, .seq = 4, .ack = 5, .wait = 1),
                SILENT);
    CHECK_EQUAL(EVIDENCE(&t, FACT_RST_SENT, .from = CLIENT, .flags = A, .seq = 4, .ack = 5, .wait = 1),
                LACKED);
}

int main(void)
{
    test_an_old_ack_with_old_data_is_late();
    test_the_ack_number_shows_whether_a_fin_has_come();
    test_a_syn_ack_tells_of_a_fin_while_its_sender_is_opening();
    test_without_an_ack_nothing_is_said_of_the_fin();
    test_who_repeats_its_fin_lacks_the_ack_of_it();
    test_who_knows_what_came_behind_the_ack_of_its_fin_has_that_too();
    test_what_carries_no_ack_does_not_know_of_one();
    test_before_anybody_acknowledged_the_fin_nobody_knows_of_it();
    test_in_last_ack_whoever_speaks_lacks_the_last_ack();
    test_who_goes_on_is_not_reset_and_still_waits();
    test_old_data_behind_a_reset_was_sent_before_it();
    test_nothing_is_under_way_longer_than_a_second();
    test_a_reset_from_ahead_shows_how_far_its_sender_had_come();
    test_a_second_reset_shows_nothing();
    test_behind_a_reset_that_does_not_count_nothing_is_older();
    test_a_lone_fin_within_5_ms_behind_a_reset_was_sent_before_it();
    test_a_lone_fin_may_be_the_first_that_is_known_of_the_stream();
    return check_result();
}
