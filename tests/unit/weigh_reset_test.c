/* weigh_reset_test.c - what does a segment behind a RST prove?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "weigh/weigh.h"

static bool goes_on_after_reset(struct talk *t)
{
    return (t->o.findings & FINDING_DATA_AFTER_RESET) != 0;
}

static struct talk reset_by(unsigned from)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401, .data = 10);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 11);
    SAY(&t, .from = from, .flags = R, .seq = from == CLIENT ? 401 : 11);
    CHECK_STATES(&t.o, CLOSED, CLOSED);
    return t;
}

static void test_only_new_data_shows_that_a_reset_was_not_taken_for_long(void)
{
    struct talk t = reset_by(CLIENT);

    SAY(&t, .from = SERVER, .flags = A, .seq = 11, .ack = 401, .data = 5, .wait = 3000);
    CHECK(goes_on_after_reset(&t) && t.o.corrected);
    t = reset_by(CLIENT);
    SAY(&t, .from = SERVER, .flags = A, .seq = 11, .ack = 401, .wait = 3000);
    CHECK(!goes_on_after_reset(&t) && t.o.corrected);
    t = reset_by(CLIENT);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 11, .ack = 401, .wait = 3000);
    CHECK(!goes_on_after_reset(&t) && t.o.corrected);
    t = reset_by(CLIENT);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401, .data = 10, .wait = 3000);
    CHECK(!goes_on_after_reset(&t) && t.o.corrected); /* a retransmission */
}

static void test_what_is_the_first_of_a_stream_need_not_be_new(void)
{
    struct talk t = talk_begin();

    t.isn[SERVER] = seq_of(1000);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 400, .ack = 10, .data = 1);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 401);
    SAY(&t, .from = SERVER, .flags = A, .seq = 10, .ack = 401, .data = 5, .wait = 3000);
    CHECK(!goes_on_after_reset(&t));
}

static void test_who_goes_on_did_not_send_the_reset_and_nothing_was_lost(void)
{
    struct talk t = reset_by(CLIENT);

    SAY(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 11, .data = 5, .wait = 3000);
    CHECK(goes_on_after_reset(&t) && t.o.corrected);
    CHECK_STRING(state_name(t.o.presumed), "CLOSED");
    CHECK_STRING(state_name(t.o.sender.before), "ESTABLISHED");
    CHECK_EQUAL(t.o.lost_frame, 0);
    CHECK(!(t.o.findings & FINDING_CROSSED));
}

/* The number was wrong: the peer did not heed it, and who goes on had not sent it, or in vain. */
static void test_after_a_reset_that_does_not_count_going_on_is_not_strange(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = R, .seq = 1000);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 5, .wait = 3000);
    CHECK(!goes_on_after_reset(&t));
}

static void test_where_packets_are_missing_a_reset_may_belong_to_them(void)
{
    for (int missing = 0; missing <= 1; missing++) {
        struct talk t = reset_by(CLIENT);

        talk_newest(&t)->end[CLIENT].sent.missing = missing;
        SAY(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 11, .data = 5, .wait = 3000);
        CHECK_EQUAL(goes_on_after_reset(&t), !missing);
    }
}

/* New data of the RST's receiver, so many milliseconds later. `round_trip` in ms; 0: not known. */
static bool peer_goes_on(uint32_t round_trip, uint32_t wait)
{
    struct talk t = reset_by(CLIENT);
    struct dialogue *d = &talk_newest(&t)->dialogue;

    d->round_trip_us = round_trip * 1000;
    d->halves = round_trip ? BOTH_HALVES : 0;
    SAY(&t, .from = SERVER, .flags = A, .seq = 11, .ack = 401, .data = 5, .wait = wait);
    return goes_on_after_reset(&t);
}

static void test_data_that_was_under_way_does_not_go_on(void)
{
    CHECK(!peer_goes_on(20, 1000));
    CHECK(peer_goes_on(20, 1001));
    CHECK(!peer_goes_on(1400, 1400));
    CHECK(peer_goes_on(1400, 1401));
    CHECK(!peer_goes_on(0, 3000));
    CHECK(peer_goes_on(0, 3001));
}

/* Opening again is another attempt. */
static void test_a_syn_or_syn_ack_after_a_reset_does_not_go_on(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 3000);
    CHECK(!goes_on_after_reset(&t));
    CHECK_EQUAL(t.o.sender.after, SYN_SENT);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = SERVER, .flags = RA, .seq = 1, .ack = 1);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 3000);
    CHECK(!goes_on_after_reset(&t));
}

/* What was lost here is the peer's FIN; the data is older than the RST. */
static void test_old_data_behind_a_reset_that_lacks_the_fin_does_not_go_on(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = R, .seq = 401);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 401);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 401, .wait = 300);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 200, .wait = 250);
    CHECK(!goes_on_after_reset(&t));
}

/* A FIN can wait behind a gap; a RST that was not taken is lost. */
static void test_a_reset_does_not_wait_behind_a_gap(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 100);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 201);
    CHECK_STATES(&t.o, CLOSED, CLOSED);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .sack = {101, 201}, .wait = 3000);
    CHECK(t.o.corrected);
    CHECK_EQUAL(t.o.lost_frame, 7);
}

int main(void)
{
    test_data_that_was_under_way_does_not_go_on();
    test_only_new_data_shows_that_a_reset_was_not_taken_for_long();
    test_what_is_the_first_of_a_stream_need_not_be_new();
    test_who_goes_on_did_not_send_the_reset_and_nothing_was_lost();
    test_after_a_reset_that_does_not_count_going_on_is_not_strange();
    test_where_packets_are_missing_a_reset_may_belong_to_them();
    test_a_syn_or_syn_ack_after_a_reset_does_not_go_on();
    test_old_data_behind_a_reset_that_lacks_the_fin_does_not_go_on();
    test_a_reset_does_not_wait_behind_a_gap();
    return check_result();
}
