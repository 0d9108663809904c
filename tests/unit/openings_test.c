/* openings_test.c - what does a segment add to the summary of an opening?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define MS INT64_C(1000000)
#define CHECK_MILESTONE(s, which, frame_) CHECK_EQUAL((s)->milestone[MILESTONE_##which].frame, (frame_))
#define CHECK_SPAN(s, which, time) CHECK_EQUAL(summary_span((s), SPAN_##which), (time))

static void test_the_steps_and_what_lies_between_them(void)
{
    struct updating u = updating_begin();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = CLIENT, .flags = S);
    CHECK_SPAN(s, SERVER_RTT, NO_TIME);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 30);
    CHECK_SPAN(s, CLIENT_RTT, NO_TIME);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .wait = 20);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 5);
    CHECK_MILESTONE(s, SYN, 1);
    CHECK_MILESTONE(s, SYN_ACK, 2);
    CHECK_MILESTONE(s, ACK, 3);
    CHECK_SPAN(s, SYN_WAIT, 0);
    CHECK_SPAN(s, SERVER_RTT, 30 * MS);
    CHECK_SPAN(s, CLIENT_RTT, 20 * MS);
    CHECK_EQUAL(summary_between(s, MILESTONE_SYN, MILESTONE_ACK), 50 * MS);
    CHECK(s->opened && !s->fast_open && !s->simultaneous_open && !s->split_open && !s->mptcp);
}

static void test_what_the_syns_offer(void)
{
    struct updating u = updating_begin();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = CLIENT, .flags = S, .window = 7000, .mss = 1460, .scale = 7, .sack_permitted = true,
           .tsval = 5);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .window = 8000, .mss = 1400);
    CHECK(s->end[0].syn_seen && s->end[1].syn_seen);
    CHECK_EQUAL(s->end[0].isn.n, u.talk.isn[CLIENT].n);
    CHECK_EQUAL(s->end[1].isn.n, u.talk.isn[SERVER].n);
    CHECK_EQUAL(s->end[0].window, 7000);
    CHECK_EQUAL(s->end[1].window, 8000);
    CHECK_EQUAL(s->end[0].mss, 1460);
    CHECK_EQUAL(s->end[1].mss, 1400);
    CHECK_EQUAL(s->end[0].scale_plus_one, 8);
    CHECK_EQUAL(s->end[1].scale_plus_one, 0);
    CHECK(s->end[0].sack_permitted && !s->end[1].sack_permitted);
    CHECK(s->end[0].timestamps && !s->end[1].timestamps);
}

/* The SYN at 0, 1 and 3 s, then its SYN-ACK at 3.5 s, which echoes `tsecr`; the first `copies` of the SYN. */
static struct updating answered_late(uint32_t tsval, uint32_t tsecr, unsigned copies)
{
    static const uint32_t waits[] = {0, 1000, 2000};
    struct updating u = updating_begin();
    uint32_t left = 3500;

    for (unsigned i = 0; i < copies; i++) {
        left -= waits[i];
        UPDATE(&u, .from = CLIENT, .flags = S, .wait = waits[i], .tsval = tsval ? tsval + i : 0);
    }
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = left, .tsval = tsecr ? 9000 : 0,
           .tsecr = tsecr);
    return u;
}

static void test_timestamps_tell_which_copy_of_the_syn_was_answered(void)
{
    struct updating u = answered_late(100, 100, 2);
    CHECK_SPAN(&u.summary[0], SERVER_RTT, 3500 * MS);
    CHECK_SPAN(&u.summary[0], SYN_WAIT, 0);
    u = answered_late(100, 101, 2);
    CHECK_SPAN(&u.summary[0], SERVER_RTT, 2500 * MS);
    CHECK_SPAN(&u.summary[0], SYN_WAIT, 1000 * MS);
    u = answered_late(100, 102, 3);
    CHECK_SPAN(&u.summary[0], SERVER_RTT, 500 * MS);
    CHECK_SPAN(&u.summary[0], SYN_WAIT, 3000 * MS);
    u = answered_late(100, 101, 3);
    CHECK_SPAN(&u.summary[0], SERVER_RTT, 2500 * MS);
    CHECK_SPAN(&u.summary[0], SYN_WAIT, 1000 * MS);
}

static void test_the_first_of_three_was_answered(void)
{
    struct updating u = answered_late(100, 100, 3);

    CHECK_SPAN(&u.summary[0], SERVER_RTT, 3500 * MS);
    CHECK_SPAN(&u.summary[0], SYN_WAIT, 0);
}

/* Rather nothing than a wrong time: when the second of four was sent is not kept. */
static void test_a_copy_in_the_middle_was_answered(void)
{
    struct updating u = updating_begin();

    for (unsigned i = 0; i < 4; i++)
        UPDATE(&u, .from = CLIENT, .flags = S, .wait = 1000, .tsval = 100 + i);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .tsval = 9000, .tsecr = 101);
    CHECK_SPAN(&u.summary[0], SERVER_RTT, NO_TIME);
    CHECK_SPAN(&u.summary[0], SYN_WAIT, NO_TIME);
}

/* An echo that the client can't have asked for tells nothing. */
static void test_an_echo_counts_only_where_it_can_tell(void)
{
    struct updating u = answered_late(100, 77, 1); /* one SYN: which else? */

    CHECK_SPAN(&u.summary[0], SERVER_RTT, 3500 * MS);
    u = answered_late(0, 77, 2); /* the SYN had no timestamp */
    CHECK_SPAN(&u.summary[0], SERVER_RTT, 2500 * MS);
    u = updating_begin();
    for (unsigned i = 0; i < 2; i++)
        UPDATE(&u, .from = CLIENT, .flags = S, .wait = 1000, .tsval = 100 + i);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .tsval = 9000, .wait = 30); /* an echo of 0 */
    CHECK_SPAN(&u.summary[0], SERVER_RTT, 30 * MS);
}

static void test_without_timestamps_the_newest_was_answered(void)
{
    struct updating u = answered_late(0, 0, 3);
    CHECK_SPAN(&u.summary[0], SERVER_RTT, 500 * MS);
    CHECK_SPAN(&u.summary[0], SYN_WAIT, 3000 * MS);
    u = answered_late(100, 0, 2); /* the server doesn't take part */
    CHECK_SPAN(&u.summary[0], SERVER_RTT, 2500 * MS);
}

static void test_a_repeated_syn_ack_doesnt_lengthen_what_the_server_took(void)
{
    struct updating u = updating_begin();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 30);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .wait = 20);
    CHECK_MILESTONE(s, SYN_ACK, 2);
    CHECK_SPAN(s, SERVER_RTT, 30 * MS);
    CHECK_SPAN(s, CLIENT_RTT, 20 * MS); /* of the copy that came through */
}

int main(void)
{
    test_the_steps_and_what_lies_between_them();
    test_what_the_syns_offer();
    test_timestamps_tell_which_copy_of_the_syn_was_answered();
    test_the_first_of_three_was_answered();
    test_a_copy_in_the_middle_was_answered();
    test_an_echo_counts_only_where_it_can_tell();
    test_without_timestamps_the_newest_was_answered();
    test_a_repeated_syn_ack_doesnt_lengthen_what_the_server_took();
    return check_result();
}
