/* summary_test.c - what is booked of a connection
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define FRAME(b, which) ((b)->summary[0].milestone[which].frame)
#define MS INT64_C(1000000)

static void test_the_partner_frames_of_a_life(void)
{
    struct booking b = update_closed();

    CHECK_EQUAL(FRAME(&b, MILESTONE_SYN), 1);
    CHECK_EQUAL(FRAME(&b, MILESTONE_SYN_ACK), 2);
    CHECK_EQUAL(FRAME(&b, MILESTONE_ACK), 3);
    CHECK_EQUAL(FRAME(&b, MILESTONE_FIN), 7);
    CHECK_EQUAL(FRAME(&b, MILESTONE_FIN_ACK), 8);
    CHECK_EQUAL(FRAME(&b, MILESTONE_SECOND_FIN), 9);
    CHECK_EQUAL(FRAME(&b, MILESTONE_SECOND_FIN_ACK), 10);
    CHECK_EQUAL(FRAME(&b, MILESTONE_RESET), 0);
    CHECK_EQUAL(FRAME(&b, MILESTONE_ICMP), 0);
    CHECK_EQUAL(summary_between(&b.summary[0], MILESTONE_SYN, MILESTONE_ACK), 2 * STEP_MS * MS);
    CHECK_EQUAL(summary_between(&b.summary[0], MILESTONE_FIN, MILESTONE_SECOND_FIN_ACK), 3 * STEP_MS * MS);
    CHECK_EQUAL(summary_between(&b.summary[0], MILESTONE_SYN, MILESTONE_RESET), NO_TIME);
    CHECK_EQUAL(summary_between(&b.summary[0], MILESTONE_ACK, MILESTONE_SYN), NO_TIME); /* backwards */
}

static void test_the_durations_of_a_life(void)
{
    struct booking b = update_half_closed();

    CHECK_EQUAL(summary_span(&b.summary[0], SPAN_CLOSE_WAIT), NO_TIME);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 102, .wait = 3000);
    CHECK_EQUAL(summary_span(&b.summary[0], SPAN_SYN_WAIT), 0);
    CHECK_EQUAL(summary_span(&b.summary[0], SPAN_SERVER_RTT), STEP_MS * MS);
    CHECK_EQUAL(summary_span(&b.summary[0], SPAN_CLIENT_RTT), STEP_MS * MS);
    CHECK_EQUAL(summary_span(&b.summary[0], SPAN_CLOSE_WAIT), (3000 + STEP_MS) * MS);
    CHECK_EQUAL(summary_span(&b.summary[0], SPAN_FIN_WAIT_2), 3000 * MS);
}

static void test_copies_keep_the_first_frame(void)
{
    struct booking b = update_half_closed();

    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 102);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 102, .wait = 1500);
    CHECK_EQUAL(b.summary[0].end[1].fins.count, 2);
    CHECK_EQUAL(b.summary[0].end[1].fins.first.frame, 9);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 102, .ack = 52);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 102, .wait = 1500); /* the ACK was lost */
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 102, .ack = 52);
    CHECK_EQUAL(FRAME(&b, MILESTONE_SECOND_FIN), 9);
    CHECK_EQUAL(FRAME(&b, MILESTONE_SECOND_FIN_ACK), 11);
}

/* The round trip counts from the newest SYN, unless timestamps tell that an earlier one was answered. */
static void test_what_retries_cost(void)
{
    for (int with = 0; with < 2; with++) {
        struct booking b = update_begin();

        BOOK(&b, .from = CLIENT, .flags = S, .tsval = with ? 1000u : 0u);
        BOOK(&b, .from = CLIENT, .flags = S, .wait = 1000, .tsval = with ? 2000u : 0u);
        talk_segment(&b.talk, (struct saying){.from = SERVER, .flags = SA, .ack = 1, .wait = 200});
        b.talk.seg.has_timestamps = with;
        b.talk.seg.tsecr = 1000;
        update_observe(&b);
        CHECK_EQUAL(summary_span(&b.summary[0], SPAN_SYN_WAIT), with ? 0 : 1000 * MS);
        CHECK_EQUAL(summary_span(&b.summary[0], SPAN_SERVER_RTT), with ? 1200 * MS : 200 * MS);
    }
}

static void test_step_3_chooses_the_syn_ack(void)
{
    struct booking b = update_begin();

    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    BOOK(&b, .from = SERVER, .flags = SA, .seq = 60000, .ack = 1);
    CHECK_EQUAL(FRAME(&b, MILESTONE_SYN_ACK), 2);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 60001);
    CHECK_EQUAL(FRAME(&b, MILESTONE_SYN_ACK), 3);
    CHECK_EQUAL(talk_offset(&b.talk, SERVER, b.summary[0].end[1].isn), 60000);
}

static void test_offers_are_those_of_the_syns(void)
{
    struct booking b = update_begin();
    const struct summary_end *ends = b.summary[0].end;

    talk_segment(&b.talk, (struct saying){.from = CLIENT, .flags = S, .window = 64240, .scale = 7});
    b.talk.seg.mss = 1460;
    b.talk.seg.sack_permitted = true;
    update_observe(&b);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .window = 8192);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .window = 500);
    CHECK(ends[0].syn_seen && ends[1].syn_seen);
    CHECK_EQUAL(ends[0].window, 64240);
    CHECK_EQUAL(ends[0].mss, 1460);
    CHECK_EQUAL(ends[0].scale_plus_one, 8);
    CHECK(ends[0].sack_permitted && !ends[0].timestamps);
    CHECK_EQUAL(ends[1].window, 8192);
    CHECK_EQUAL(ends[1].mss, 0);
    CHECK_EQUAL(ends[1].scale_plus_one, 0);
    CHECK(!ends[1].sack_permitted);
    CHECK_EQUAL(talk_offset(&b.talk, CLIENT, ends[0].isn), 0);
}

static void test_debts_have_an_age_from_a_second_on(void)
{
    struct booking b = update_opened();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_EQUAL(b.talk.o.server_owed.frame, 0);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 999);
    CHECK_EQUAL(b.talk.o.server_owed.frame, 0);
    CHECK_EQUAL(b.talk.o.server_owed.age, 0);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 1);
    CHECK_EQUAL(b.talk.o.server_owed.frame, 4);
    CHECK_EQUAL(b.talk.o.server_owed.age, SECOND);
    CHECK_EQUAL(b.talk.o.client_owed.frame, 0);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 101, .wait = 500);
    CHECK_EQUAL(b.talk.o.server_owed.frame, 0);
}

/* The FIN is owed since the other's, whatever else is owed that is younger. */
static void test_the_fin_is_owed_all_the_time(void)
{
    struct booking b = update_half_closed();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .wait = 30000); /* a keepalive */
    CHECK_EQUAL(b.talk.o.server_owed.debt, OWES_FIN);
    CHECK_EQUAL(b.talk.o.server_owed.frame, 7);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 51, .ack = 102);
    CHECK_EQUAL(b.talk.o.server_owed.frame, 7);
    CHECK_EQUAL(b.talk.o.server_owed.age, (30000 + 2 * STEP_MS) * MS);
}

/* Copies within 200 ms of each other are one try, and an answer ends the series. */
static void test_tries_are_apart(void)
{
    static const struct {
        uint32_t wait;
        unsigned count;
    } copies[] = {{100, 1}, {199, 1}, {200, 2}, {1000, 3}, {50, 3}};
    struct booking b = update_in_use();
    const struct tries *tries = &b.summary[0].end[0].probes;

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10);
    CHECK_EQUAL(tries->count, 1);
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++) {
        BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = copies[i].wait);
        CHECK_EQUAL(tries->count, copies[i].count);
        CHECK_EQUAL(tries->first.frame, 7);
    }
    BOOK(&b, .from = SERVER, .flags = A, .seq = 51, .ack = 111);
    CHECK_EQUAL(tries->count, 0);
}

static void test_the_age_since_the_connection_before(void)
{
    struct booking b = update_closed();

    b.talk.isn[CLIENT] = seq_add(b.talk.isn[CLIENT], 100000);
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 5000);
    CHECK_EQUAL(b.talk.o.connection, 1);
    CHECK_EQUAL(b.summary[1].previous, 1);
    CHECK_EQUAL(b.summary[1].since_previous, 5 * SECOND);
    CHECK_EQUAL(b.summary[0].previous, 0);
    CHECK(!b.summary[0].replaced);
}

static void test_a_new_syn_replaces_until_the_old_connection_goes_on(void)
{
    struct booking b = update_in_use();

    b.talk.isn[CLIENT] = seq_add(b.talk.isn[CLIENT], 500000);
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 5000);
    CHECK(b.summary[0].replaced);
    CHECK(b.summary[1].into_connection);
    b.talk.isn[CLIENT] = seq_sub(b.talk.isn[CLIENT], 500000);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 51, .ack = 101); /* the challenge */
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = 1000);
    CHECK_EQUAL(b.talk.o.connection, 0);
    CHECK(!b.summary[0].replaced);
}

/* A step shows it as well as data does. */
static void test_the_old_connection_goes_on_with_a_fin(void)
{
    struct booking b = update_in_use();

    b.talk.isn[CLIENT] = seq_add(b.talk.isn[CLIENT], 500000);
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 5000);
    CHECK(b.summary[0].replaced);
    b.talk.isn[CLIENT] = seq_sub(b.talk.isn[CLIENT], 500000);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 51, .ack = 101);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 101, .wait = 1000);
    CHECK_EQUAL(b.talk.o.connection, 0);
    CHECK(!b.summary[0].replaced);
}

/* RFC 9293 3.5.1, figure 9: the RST ends the connection before, on whose summary it is. */
static void test_who_lost_the_connection_says_so_on_the_new_syns_stream(void)
{
    struct booking b = update_in_use();
    uint32_t rst;

    b.talk.isn[CLIENT] = seq_add(b.talk.isn[CLIENT], 500000);
    BOOK(&b, .from = CLIENT, .flags = S, .wait = 5000);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 51, .ack = 101u - 500000u);
    CHECK_EQUAL(b.talk.o.findings & FINDING_DESYNCHRONIZED, 0);
    BOOK(&b, .from = CLIENT, .flags = R, .seq = 101u - 500000u);
    rst = b.talk.frame;
    CHECK(b.talk.o.findings & FINDING_DESYNCHRONIZED);
    CHECK(b.summary[0].desynchronized && !b.summary[1].desynchronized);
    CHECK_EQUAL(FRAME(&b, MILESTONE_RESET), rst);
    CHECK_EQUAL(b.summary[0].lost_by, 2);
    CHECK(!b.summary[1].reset);
}

static void test_data_finds_nobody(void)
{
    struct booking b = update_in_use();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = 60000);
    BOOK(&b, .from = SERVER, .flags = R, .seq = 51);
    CHECK(b.talk.o.findings & FINDING_DESYNCHRONIZED);
    CHECK(b.summary[0].desynchronized);
    CHECK_EQUAL(b.summary[0].reset_by, ROLE_SERVER);
}

/* The server's FIN may be what the capture missed: then its RST is an ordinary one. */
static void test_what_is_missing_may_be_a_fin(void)
{
    struct booking b = update_in_use();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 52);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 101, .ack = 52, .data = 10, .wait = 60000);
    BOOK(&b, .from = SERVER, .flags = R, .seq = 52);
    CHECK_EQUAL(b.talk.o.findings & FINDING_DESYNCHRONIZED, 0);
    CHECK(!b.summary[0].desynchronized);
}

static void test_an_icmp_error_quotes_the_syn_and_nothing_else(void)
{
    struct booking b = update_begin();
    seq_t isn = b.talk.isn[CLIENT];

    BOOK(&b, .from = CLIENT, .flags = S);
    CHECK(!summary_update_icmp(&b.summary[0], SERVER, isn, 2, b.talk.now));
    CHECK(!summary_update_icmp(&b.summary[0], CLIENT, seq_add(isn, 1), 2, b.talk.now));
    CHECK_EQUAL(FRAME(&b, MILESTONE_ICMP), 0);
    CHECK(summary_update_icmp(&b.summary[0], CLIENT, isn, 2, b.talk.now + SECOND));
    CHECK(summary_update_icmp(&b.summary[0], CLIENT, isn, 3, b.talk.now + 2 * SECOND));
    CHECK_EQUAL(FRAME(&b, MILESTONE_ICMP), 2); /* the first */
    CHECK_EQUAL(summary_between(&b.summary[0], MILESTONE_SYN, MILESTONE_ICMP), SECOND);
    b = update_opened();
    CHECK(!summary_update_icmp(&b.summary[0], CLIENT, isn, 4, b.talk.now)); /* it was answered */
    CHECK_EQUAL(FRAME(&b, MILESTONE_ICMP), 0);
}

static void test_closings_are_told_apart(void)
{
    struct booking b = update_closed();

    CHECK(!b.summary[0].three_segments && !b.summary[0].simultaneous_close);
    b = update_in_use();
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 102);
    CHECK(b.summary[0].three_segments && !b.summary[0].simultaneous_close);
    b = update_in_use();
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 51, .ack = 101);
    CHECK(b.summary[0].simultaneous_close && !b.summary[0].three_segments);
}

int main(void)
{
    test_the_partner_frames_of_a_life();
    test_the_durations_of_a_life();
    test_copies_keep_the_first_frame();
    test_what_retries_cost();
    test_step_3_chooses_the_syn_ack();
    test_offers_are_those_of_the_syns();
    test_debts_have_an_age_from_a_second_on();
    test_the_fin_is_owed_all_the_time();
    test_tries_are_apart();
    test_the_age_since_the_connection_before();
    test_a_new_syn_replaces_until_the_old_connection_goes_on();
    test_the_old_connection_goes_on_with_a_fin();
    test_who_lost_the_connection_says_so_on_the_new_syns_stream();
    test_data_finds_nobody();
    test_what_is_missing_may_be_a_fin();
    test_an_icmp_error_quotes_the_syn_and_nothing_else();
    test_closings_are_told_apart();
    return check_result();
}
