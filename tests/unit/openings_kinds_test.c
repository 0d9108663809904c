/* openings_kinds_test.c - is an opening fast, simultaneous, split?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define CHECK_MILESTONE(a, which, frame_) CHECK_EQUAL((a)->milestone[MILESTONE_##which].frame, (frame_))

static bool opens_fast(uint32_t data, uint32_t acknowledged, bool option)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S, .data = data, .fast_open = option);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = acknowledged);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = acknowledged, .ack = 1);
    return u.summary[0].fast_open;
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
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = S);
    CHECK(u.summary[0].simultaneous_open);
    UPDATE(&u, .from = CLIENT, .flags = SA, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(u.summary[0].opened && !u.summary[0].split_open);
    CHECK_MILESTONE(&u.summary[0], ACK, 0);
}

/* The other side opens anew into a TIME-WAIT: nobody else's SYN is on its way. */
static void test_a_syn_into_time_wait_is_no_split(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 1, .ack = 2);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 2, .ack = 2);
    UPDATE(&u, .from = SERVER, .flags = S, .seq = 5000, .wait = 500);
    UPDATE(&u, .from = CLIENT, .flags = SA, .seq = 7000, .ack = 5001);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 5001, .ack = 7001);
    CHECK_EQUAL(u.talk.o.connection, 1);
    CHECK(u.summary[1].opened && !u.summary[1].split_open && !u.summary[1].simultaneous_open);
}

static void test_mptcp_is_noted(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S, .mptcp = true);
    CHECK(u.summary[0].mptcp);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1); /* it does not take part */
    CHECK(u.summary[0].mptcp);
}

static void test_what_opened_fast_stays_so(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S, .data = 100, .fast_open = true);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 101);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 1);
    CHECK(u.summary[0].fast_open);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 10);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 111);
    HEAR(&u, .from = SERVER, .flags = SA, .ack = 101, .wait = 1000);
    u.talk.o.ack_verdict = ACK_OLD;
    updating_take(&u);
    CHECK(u.summary[0].fast_open);
}

/* Whether its data was accepted can't be told without the SYN, or by an ACK that nobody could send. */
static void test_what_does_not_open_fast(void)
{
    struct updating u = updating_begin();

    u.talk.isn[CLIENT] = seq_of(5000);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    CHECK(!u.summary[0].fast_open);
    u = updating_begin();
    UPDATE(&u, .from = CLIENT, .flags = S, .data = 100, .fast_open = true);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 90000);
    CHECK(!u.summary[0].fast_open);
}

static void test_a_syn_behind_the_ack_of_the_syn_is_a_split(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 0, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = S);
    CHECK(u.summary[0].split_open && !u.summary[0].simultaneous_open);
    UPDATE(&u, .from = CLIENT, .flags = SA, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK(u.summary[0].split_open && !u.summary[0].simultaneous_open);
}

static void test_without_the_syn_nothing_tells_whether_it_opened_fast(void)
{
    struct updating u = updating_begin();

    u.talk.isn[CLIENT] = seq_of(5000);
    HEAR(&u, .from = SERVER, .flags = SA, .ack = 1);
    u.talk.o.ack_verdict = ACK_HANDSHAKE;
    updating_take(&u);
    CHECK(!u.summary[0].fast_open);
}

int main(void)
{
    test_fast_is_what_the_syn_ack_acknowledges();
    test_syns_that_cross();
    test_a_syn_into_time_wait_is_no_split();
    test_mptcp_is_noted();
    test_what_opened_fast_stays_so();
    test_what_does_not_open_fast();
    test_a_syn_behind_the_ack_of_the_syn_is_a_split();
    test_without_the_syn_nothing_tells_whether_it_opened_fast();
    return check_result();
}
