/* openings_test.c - what does a segment add to the summary of an opening?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define MS INT64_C(1000000)
#define CHECK_MILESTONE(a, which, frame_) CHECK_EQUAL((a)->milestone[MILESTONE_##which].frame, (frame_))
#define CHECK_SPAN(a, which, time) CHECK_EQUAL(summary_span((a), SPAN_##which), (time))

static void test_the_steps_and_what_lies_between_them(void)
{
    struct booking b = update_begin();
    const struct summary *a = &b.summary[0];

    BOOK(&b, .from = CLIENT, .flags = S);
    CHECK_SPAN(a, SERVER_RTT, NO_TIME);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = 30);
    CHECK_SPAN(a, CLIENT_RTT, NO_TIME);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .wait = 20);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 5);
    CHECK_MILESTONE(a, SYN, 1);
    CHECK_MILESTONE(a, SYN_ACK, 2);
    CHECK_MILESTONE(a, ACK, 3);
    CHECK_SPAN(a, SYN_WAIT, 0);
    CHECK_SPAN(a, SERVER_RTT, 30 * MS);
    CHECK_SPAN(a, CLIENT_RTT, 20 * MS);
    CHECK_EQUAL(summary_between(a, MILESTONE_SYN, MILESTONE_ACK), 50 * MS);
    CHECK(a->opened && !a->fast_open && !a->simultaneous_open && !a->split_open && !a->mptcp);
}

static void test_what_the_syns_offer(void)
{
    struct booking b = update_begin();
    const struct summary *a = &b.summary[0];

    BOOK(&b, .from = CLIENT, .flags = S, .window = 7000, .mss = 1460, .scale = 7, .sack_permitted = true,
         .tsval = 5);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .window = 8000, .mss = 1400);
    CHECK(a->end[0].syn_seen && a->end[1].syn_seen);
    CHECK_EQUAL(a->end[0].isn.n, b.talk.isn[CLIENT].n);
    CHECK_EQUAL(a->end[1].isn.n, b.talk.isn[SERVER].n);
    CHECK_EQUAL(a->end[0].window, 7000);
    CHECK_EQUAL(a->end[1].window, 8000);
    CHECK_EQUAL(a->end[0].mss, 1460);
    CHECK_EQUAL(a->end[1].mss, 1400);
    CHECK_EQUAL(a->end[0].scale_plus_one, 8);
    CHECK_EQUAL(a->end[1].scale_plus_one, 0);
    CHECK(a->end[0].sack_permitted && !a->end[1].sack_permitted);
    CHECK(a->end[0].timestamps && !a->end[1].timestamps);
}

/* The SYN at 0, 1 and 3 s, then its SYN-ACK at 3.5 s, which echoes `tsecr`; the first `copies` of the SYN. */
static struct booking answered_late(uint32_t tsval, uint32_t tsecr, unsigned copies)
{
    static const uint32_t waits[] = {0, 1000, 2000};
    struct booking b = update_begin();
    uint32_t left = 3500;

    for (unsigned i = 0; i < copies; i++) {
        left -= waits[i];
        BOOK(&b, .from = CLIENT, .flags = S, .wait = waits[i], .tsval = tsval ? tsval + i : 0);
    }
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = left, .tsval = tsecr ? 9000 : 0, .tsecr = tsecr);
    return b;
}

static void test_timestamps_tell_which_copy_of_the_syn_was_answered(void)
{
    struct booking b = answered_late(100, 100, 2);
    CHECK_SPAN(&b.summary[0], SERVER_RTT, 3500 * MS);
    CHECK_SPAN(&b.summary[0], SYN_WAIT, 0);
    b = answered_late(100, 101, 2);
    CHECK_SPAN(&b.summary[0], SERVER_RTT, 2500 * MS);
    CHECK_SPAN(&b.summary[0], SYN_WAIT, 1000 * MS);
    b = answered_late(100, 102, 3);
    CHECK_SPAN(&b.summary[0], SERVER_RTT, 500 * MS);
    CHECK_SPAN(&b.summary[0], SYN_WAIT, 3000 * MS);
    b = answered_late(100, 101, 3);
    CHECK_SPAN(&b.summary[0], SERVER_RTT, 2500 * MS);
    CHECK_SPAN(&b.summary[0], SYN_WAIT, 1000 * MS);
}

/* Rather nothing than a wrong time. */
static void test_the_first_of_three_was_answered(void)
{
    struct booking b = answered_late(100, 100, 3);
    int64_t rtt = summary_span(&b.summary[0], SPAN_SERVER_RTT);
    int64_t wait = summary_span(&b.summary[0], SPAN_SYN_WAIT);

    CHECK(rtt == 3500 * MS || rtt == NO_TIME);
    CHECK(wait == 0 || wait == NO_TIME);
}

static void test_without_timestamps_the_newest_was_answered(void)
{
    struct booking b = answered_late(0, 0, 3);
    CHECK_SPAN(&b.summary[0], SERVER_RTT, 500 * MS);
    CHECK_SPAN(&b.summary[0], SYN_WAIT, 3000 * MS);
    b = answered_late(100, 0, 2); /* the server doesn't take part */
    CHECK_SPAN(&b.summary[0], SERVER_RTT, 2500 * MS);
}

static void test_a_repeated_syn_ack_doesnt_lengthen_what_the_server_took(void)
{
    struct booking b = update_begin();
    const struct summary *a = &b.summary[0];

    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = 30);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .wait = 20);
    CHECK_MILESTONE(a, SYN_ACK, 2);
    CHECK_SPAN(a, SERVER_RTT, 30 * MS);
    CHECK_SPAN(a, CLIENT_RTT, 20 * MS); /* of the copy that came through */
}

/* Two servers answer, say behind a broken balancer: the ISN of the second is 5000 off. */
static struct booking twice_answered(uint32_t acknowledged)
{
    struct booking b = update_begin();

    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .window = 1111, .mss = 1400, .wait = 30);
    BOOK(&b, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1, .window = 2222, .mss = 1300, .wait = 40);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = acknowledged, .wait = 20);
    return b;
}

static void test_of_several_syn_acks_the_acknowledged_one_counts(void)
{
    struct booking b = twice_answered(5001);
    const struct summary *a = &b.summary[0];

    CHECK_MILESTONE(a, SYN_ACK, 3);
    CHECK_MILESTONE(a, ACK, 4);
    CHECK_EQUAL(a->end[1].isn.n, seq_add(b.talk.isn[SERVER], 5000).n);
    CHECK_EQUAL(a->end[1].window, 2222);
    CHECK_EQUAL(a->end[1].mss, 1300);
    CHECK_SPAN(a, SERVER_RTT, 70 * MS);
    CHECK_SPAN(a, CLIENT_RTT, 20 * MS);
}

static void test_of_several_syn_acks_the_first_may_be_acknowledged(void)
{
    struct booking b = twice_answered(1);
    const struct summary *a = &b.summary[0];

    CHECK_MILESTONE(a, SYN_ACK, 2);
    CHECK_EQUAL(a->end[1].isn.n, b.talk.isn[SERVER].n);
    CHECK_EQUAL(a->end[1].window, 1111);
    CHECK_SPAN(a, SERVER_RTT, 30 * MS);
    CHECK_SPAN(a, CLIENT_RTT, 60 * MS);
}

static bool opens_fast(uint32_t data, uint32_t acknowledged, bool option)
{
    struct booking b = update_begin();

    BOOK(&b, .from = CLIENT, .flags = S, .data = data, .fast_open = option);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = acknowledged);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = acknowledged, .ack = 1);
    return b.summary[0].fast_open;
}

static void test_fast_is_what_the_syn_ack_acknowledges(void)
{
    CHECK(opens_fast(100, 101, true));
    CHECK(opens_fast(100, 101, false));
    CHECK(!opens_fast(100, 1, true)); /* a stale cookie */
    CHECK(!opens_fast(0, 1, true));   /* it only asks for one */
}

static void test_syns_that_cross(void)
{
    struct booking b = update_begin();

    BOOK(&b, .from = CLIENT, .flags = S);
    BOOK(&b, .from = SERVER, .flags = S);
    CHECK(b.summary[0].simultaneous_open);
    BOOK(&b, .from = CLIENT, .flags = SA, .ack = 1);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(b.summary[0].opened && !b.summary[0].split_open);
    CHECK_MILESTONE(&b.summary[0], ACK, 0);
}

/* The other side opens anew into a TIME-WAIT: nobody else's SYN is on its way. */
static void test_a_syn_into_time_wait_is_no_split(void)
{
    struct booking b = update_opened();

    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 1, .ack = 2);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 2, .ack = 2);
    BOOK(&b, .from = SERVER, .flags = S, .seq = 5000, .wait = 500);
    BOOK(&b, .from = CLIENT, .flags = SA, .seq = 7000, .ack = 5001);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 5001, .ack = 7001);
    CHECK_EQUAL(b.talk.o.connection, 1);
    CHECK(b.summary[1].opened && !b.summary[1].split_open && !b.summary[1].simultaneous_open);
}

static void test_mptcp_is_noted(void)
{
    struct booking b = update_begin();

    BOOK(&b, .from = CLIENT, .flags = S, .mptcp = true);
    CHECK(b.summary[0].mptcp);
}

/* ------------------------------------------------------------- a full backlog */

/* The third step arrives in vain; SYN-ACKs come again that many milliseconds after it. */
static void repeat_syn_acks(struct booking *b, uint32_t data, uint32_t first, uint32_t second)
{
    *b = update_opened();
    if (data > 0)
        BOOK(b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = data, .wait = 100);
    BOOK(b, .from = SERVER, .flags = SA, .ack = 1, .wait = first - (data > 0 ? 100 : 0));
    if (second > 0)
        BOOK(b, .from = SERVER, .flags = SA, .ack = 1, .wait = second - first);
}

static void test_two_syn_acks_a_second_after_the_third_step_overflow(void)
{
    struct booking b;
    const struct summary *a = &b.summary[0];

    b = update_begin();
    repeat_syn_acks(&b, 50, 1000, 3000);
    CHECK_EQUAL(a->overflows, 2);
    CHECK(a->overflowed);
    CHECK_EQUAL(a->overflow.frame, 5);
    CHECK_EQUAL(b.told, 1u << TIMEOUT_FINDING_BACKLOG_OVERFLOW);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = 4000);
    CHECK_EQUAL(a->overflows, 3);
    CHECK_EQUAL(b.told, 0); /* once */
}

static void test_what_is_no_overflow(void)
{
    struct booking b;

    repeat_syn_acks(&b, 50, 1000, 0); /* one: step 3 was lost */
    CHECK(!b.summary[0].overflowed);
    repeat_syn_acks(&b, 50, 999, 3000); /* the first crossed it */
    CHECK_EQUAL(b.summary[0].overflows, 1);
    CHECK(!b.summary[0].overflowed);
    repeat_syn_acks(&b, 0, 1000, 3000); /* nothing waits for it */
    CHECK(!b.summary[0].overflowed);

    b = update_opened();
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 50);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 51);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = 2000);
    CHECK(!b.summary[0].overflowed);

    b = update_opened();
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 50);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000, .path = 7);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = 2000, .path = 8);
    CHECK(!b.summary[0].overflowed);
}

int main(void)
{
    test_the_steps_and_what_lies_between_them();
    test_what_the_syns_offer();
    test_timestamps_tell_which_copy_of_the_syn_was_answered();
    test_the_first_of_three_was_answered();
    test_without_timestamps_the_newest_was_answered();
    test_a_repeated_syn_ack_doesnt_lengthen_what_the_server_took();
    test_of_several_syn_acks_the_acknowledged_one_counts();
    test_of_several_syn_acks_the_first_may_be_acknowledged();
    test_fast_is_what_the_syn_ack_acknowledges();
    test_syns_that_cross();
    test_a_syn_into_time_wait_is_no_split();
    test_mptcp_is_noted();
    test_two_syn_acks_a_second_after_the_third_step_overflow();
    test_what_is_no_overflow();
    return check_result();
}
