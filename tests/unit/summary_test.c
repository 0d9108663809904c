/* summary_test.c - what is kept of a connection
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define FRAME(u, which) ((u)->summary[0].milestone[which].frame)
#define MS INT64_C(1000000)

static void test_the_partner_frames_of_a_life(void)
{
    struct updating u = updating_closed();

    CHECK_EQUAL(FRAME(&u, MILESTONE_SYN), 1);
    CHECK_EQUAL(FRAME(&u, MILESTONE_SYN_ACK), 2);
    CHECK_EQUAL(FRAME(&u, MILESTONE_ACK), 3);
    CHECK_EQUAL(FRAME(&u, MILESTONE_FIN), 7);
    CHECK_EQUAL(FRAME(&u, MILESTONE_FIN_ACK), 8);
    CHECK_EQUAL(FRAME(&u, MILESTONE_SECOND_FIN), 9);
    CHECK_EQUAL(FRAME(&u, MILESTONE_SECOND_FIN_ACK), 10);
    CHECK_EQUAL(FRAME(&u, MILESTONE_RESET), 0);
    CHECK_EQUAL(FRAME(&u, MILESTONE_ICMP), 0);
    CHECK_EQUAL(summary_between(&u.summary[0], MILESTONE_SYN, MILESTONE_ACK), 2 * STEP_MS * MS);
    CHECK_EQUAL(summary_between(&u.summary[0], MILESTONE_FIN, MILESTONE_SECOND_FIN_ACK), 3 * STEP_MS * MS);
    CHECK_EQUAL(summary_between(&u.summary[0], MILESTONE_SYN, MILESTONE_RESET), NO_TIME);
    CHECK_EQUAL(summary_between(&u.summary[0], MILESTONE_RESET, MILESTONE_FIN), NO_TIME);
    CHECK_EQUAL(summary_between(&u.summary[0], MILESTONE_ACK, MILESTONE_SYN), NO_TIME); /* backwards */
}

static void test_the_durations_of_a_life(void)
{
    struct updating u = updating_half_closed();

    CHECK_EQUAL(summary_span(&u.summary[0], SPAN_CLOSE_WAIT), NO_TIME);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 102, .wait = 3000);
    CHECK_EQUAL(summary_span(&u.summary[0], SPAN_SYN_WAIT), 0);
    CHECK_EQUAL(summary_span(&u.summary[0], SPAN_SERVER_RTT), STEP_MS * MS);
    CHECK_EQUAL(summary_span(&u.summary[0], SPAN_CLIENT_RTT), STEP_MS * MS);
    CHECK_EQUAL(summary_span(&u.summary[0], SPAN_CLOSE_WAIT), (3000 + STEP_MS) * MS);
    CHECK_EQUAL(summary_span(&u.summary[0], SPAN_FIN_WAIT_2), 3000 * MS);
}

static void test_copies_keep_the_first_frame(void)
{
    struct updating u = updating_half_closed();

    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 102);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 102, .wait = 1500);
    CHECK_EQUAL(u.summary[0].end[1].fins.count, 2);
    CHECK_EQUAL(u.summary[0].end[1].fins.first.frame, 9);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 102, .ack = 52);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 102, .wait = 1500); /* the ACK was lost */
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 102, .ack = 52);
    CHECK_EQUAL(FRAME(&u, MILESTONE_SECOND_FIN), 9);
    CHECK_EQUAL(FRAME(&u, MILESTONE_SECOND_FIN_ACK), 11);
}

/* The round trip counts from the newest SYN, unless timestamps tell that an earlier one was answered. */
static void test_what_retries_cost(void)
{
    for (int with = 0; with < 2; with++) {
        struct updating u = updating_begin();

        UPDATE(&u, .from = CLIENT, .flags = S, .tsval = with ? 1000u : 0u);
        UPDATE(&u, .from = CLIENT, .flags = S, .wait = 1000, .tsval = with ? 2000u : 0u);
        talk_segment(&u.talk, (struct saying){.from = SERVER, .flags = SA, .ack = 1, .wait = 200});
        u.talk.seg.has_timestamps = with;
        u.talk.seg.tsecr = 1000;
        updating_observe(&u);
        CHECK_EQUAL(summary_span(&u.summary[0], SPAN_SYN_WAIT), with ? 0 : 1000 * MS);
        CHECK_EQUAL(summary_span(&u.summary[0], SPAN_SERVER_RTT), with ? 1200 * MS : 200 * MS);
    }
}

static void test_step_3_chooses_the_syn_ack(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = SA, .seq = 60000, .ack = 1);
    CHECK_EQUAL(FRAME(&u, MILESTONE_SYN_ACK), 2);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 60001);
    CHECK_EQUAL(FRAME(&u, MILESTONE_SYN_ACK), 3);
    CHECK_EQUAL(talk_offset(&u.talk, SERVER, u.summary[0].end[1].isn), 60000);
}

static void test_offers_are_those_of_the_syns(void)
{
    struct updating u = updating_begin();
    const struct summary_end *ends = u.summary[0].end;

    talk_segment(&u.talk, (struct saying){.from = CLIENT, .flags = S, .window = 64240, .scale = 7});
    u.talk.seg.mss = 1460;
    u.talk.seg.sack_permitted = true;
    updating_observe(&u);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .window = 8192);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .window = 500);
    CHECK(ends[0].syn_seen && ends[1].syn_seen);
    CHECK_EQUAL(ends[0].window, 64240);
    CHECK_EQUAL(ends[0].mss, 1460);
    CHECK_EQUAL(ends[0].scale_plus_one, 8);
    CHECK(ends[0].sack_permitted && !ends[0].timestamps);
    CHECK_EQUAL(ends[1].window, 8192);
    CHECK_EQUAL(ends[1].mss, 0);
    CHECK_EQUAL(ends[1].scale_plus_one, 0);
    CHECK(!ends[1].sack_permitted);
    CHECK_EQUAL(talk_offset(&u.talk, CLIENT, ends[0].isn), 0);
}

/* Copies within 200 ms of each other are one try, and an answer ends the series. */
static void test_tries_are_apart(void)
{
    static const struct {
        uint32_t wait;
        unsigned count;
    } copies[] = {{100, 1}, {199, 1}, {200, 2}, {1000, 3}, {50, 3}};
    struct updating u = updating_in_use();
    const struct tries *tries = &u.summary[0].end[0].probes;

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10);
    CHECK_EQUAL(tries->count, 1);
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++) {
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = copies[i].wait);
        CHECK_EQUAL(tries->count, copies[i].count);
        CHECK_EQUAL(tries->first.frame, 7);
    }
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 111);
    CHECK_EQUAL(tries->count, 0);
}

/* RFC 9293 3.5.1, figure 9: the RST ends the connection before, on whose summary it is. */
static void test_who_lost_the_connection_says_so_on_the_new_syns_stream(void)
{
    struct updating u = updating_in_use();
    uint32_t rst;

    u.talk.isn[CLIENT] = seq_add(u.talk.isn[CLIENT], 500000);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 5000);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 101u - 500000u);
    CHECK_EQUAL(u.talk.o.findings & FINDING_DESYNCHRONIZED, 0);
    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 101u - 500000u);
    rst = u.talk.frame;
    CHECK(u.talk.o.findings & FINDING_DESYNCHRONIZED);
    CHECK(u.summary[0].desynchronized && !u.summary[1].desynchronized);
    CHECK_EQUAL(FRAME(&u, MILESTONE_RESET), rst);
    CHECK_EQUAL(u.summary[0].lost_by, 2);
    CHECK(!u.summary[1].reset);
}

static void test_data_finds_nobody(void)
{
    struct updating u = updating_in_use();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = 60000);
    UPDATE(&u, .from = SERVER, .flags = R, .seq = 51);
    CHECK(u.talk.o.findings & FINDING_DESYNCHRONIZED);
    CHECK(u.summary[0].desynchronized);
    CHECK_EQUAL(u.summary[0].reset_by, ROLE_SERVER);
}

/* The server's FIN may be what the capture missed: then its RST is an ordinary one. */
static void test_what_is_missing_may_be_a_fin(void)
{
    struct updating u = updating_in_use();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 52);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 52, .data = 10, .wait = 60000);
    UPDATE(&u, .from = SERVER, .flags = R, .seq = 52);
    CHECK_EQUAL(u.talk.o.findings & FINDING_DESYNCHRONIZED, 0);
    CHECK(!u.summary[0].desynchronized);
}

static void test_an_icmp_error_quotes_the_syn_and_nothing_else(void)
{
    struct updating u = updating_begin();
    seq_t isn = u.talk.isn[CLIENT];

    UPDATE(&u, .from = CLIENT, .flags = S);
    CHECK(!summary_update_icmp(&u.summary[0], SERVER, isn, 2, u.talk.now));
    CHECK(!summary_update_icmp(&u.summary[0], CLIENT, seq_add(isn, 1), 2, u.talk.now));
    CHECK_EQUAL(FRAME(&u, MILESTONE_ICMP), 0);
    CHECK(summary_update_icmp(&u.summary[0], CLIENT, isn, 2, u.talk.now + SECOND));
    CHECK(summary_update_icmp(&u.summary[0], CLIENT, isn, 3, u.talk.now + 2 * SECOND));
    CHECK_EQUAL(FRAME(&u, MILESTONE_ICMP), 2); /* the first */
    CHECK_EQUAL(summary_between(&u.summary[0], MILESTONE_SYN, MILESTONE_ICMP), SECOND);
    u = updating_opened();
    CHECK(!summary_update_icmp(&u.summary[0], CLIENT, isn, 4, u.talk.now)); /* it was answered */
    CHECK_EQUAL(FRAME(&u, MILESTONE_ICMP), 0);
}

static void test_closings_are_told_apart(void)
{
    struct updating u = updating_closed();

    CHECK(!u.summary[0].three_segments && !u.summary[0].simultaneous_close);
    u = updating_in_use();
    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 102);
    CHECK(u.summary[0].three_segments && !u.summary[0].simultaneous_close);
    u = updating_in_use();
    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 101);
    CHECK(u.summary[0].simultaneous_close && !u.summary[0].three_segments);
}

int main(void)
{
    test_the_partner_frames_of_a_life();
    test_the_durations_of_a_life();
    test_copies_keep_the_first_frame();
    test_what_retries_cost();
    test_step_3_chooses_the_syn_ack();
    test_offers_are_those_of_the_syns();
    test_tries_are_apart();
    test_who_lost_the_connection_says_so_on_the_new_syns_stream();
    test_data_finds_nobody();
    test_what_is_missing_may_be_a_fin();
    test_an_icmp_error_quotes_the_syn_and_nothing_else();
    test_closings_are_told_apart();
    return check_result();
}
