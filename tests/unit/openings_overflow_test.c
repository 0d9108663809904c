/* openings_overflow_test.c - a full backlog: SYN-ACKs come again after step 3
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

/* The third step arrives in vain; SYN-ACKs come again that many milliseconds after it. */
static void repeat_syn_acks(struct updating *u, uint32_t data, uint32_t first, uint32_t second)
{
    *u = updating_opened();
    if (data > 0)
        UPDATE(u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = data, .wait = 100);
    UPDATE(u, .from = SERVER, .flags = SA, .ack = 1, .wait = first - (data > 0 ? 100 : 0));
    if (second > 0)
        UPDATE(u, .from = SERVER, .flags = SA, .ack = 1, .wait = second - first);
}

static void test_two_syn_acks_a_second_after_the_third_step_overflow(void)
{
    struct updating u;
    const struct summary *s = &u.summary[0];

    u = updating_begin();
    repeat_syn_acks(&u, 50, 1000, 3000);
    CHECK_EQUAL(s->overflows, 2);
    CHECK(s->overflowed);
    CHECK_EQUAL(s->overflow.frame, 5);
    CHECK_EQUAL(u.told, 1u << TIMEOUT_FINDING_BACKLOG_OVERFLOW);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 4000);
    CHECK_EQUAL(s->overflows, 3);
    CHECK_EQUAL(u.told, 0); /* once */
}

static void test_what_is_no_overflow(void)
{
    struct updating u;

    repeat_syn_acks(&u, 50, 1000, 0); /* one: step 3 was lost */
    CHECK(!u.summary[0].overflowed);
    repeat_syn_acks(&u, 50, 999, 3000); /* the first crossed it */
    CHECK_EQUAL(u.summary[0].overflows, 1);
    CHECK(!u.summary[0].overflowed);
    repeat_syn_acks(&u, 0, 1000, 3000); /* nothing waits for it */
    CHECK(!u.summary[0].overflowed);

    u = updating_opened();
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 50);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 51);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 2000);
    CHECK(!u.summary[0].overflowed);

    u = updating_opened();
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 50);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000, .path = 7);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 2000, .path = 8);
    CHECK(!u.summary[0].overflowed);
}

/* Once the client has tried in vain, the server's acceptance is a late one. */
static void test_an_overflow_is_not_forgotten(void)
{
    struct updating u;

    repeat_syn_acks(&u, 50, 1000, 3000);
    CHECK(u.summary[0].overflowed);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 51);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    CHECK_EQUAL(u.summary[0].overflows, 3);
    CHECK(u.summary[0].overflowed);
}

static void test_a_syn_ack_without_a_third_step_is_no_overflow(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    CHECK_EQUAL(u.summary[0].overflows, 0);
}

static void test_the_first_syn_ack_is_no_overflow_however_late(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(u.summary[0].milestone[MILESTONE_ACK].frame, 2);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    CHECK_EQUAL(u.summary[0].overflows, 0);
}

/* Whether the client's data waits can't be told without its SYN. */
static void test_without_the_syn_there_is_no_overflow(void)
{
    struct updating u = updating_begin();

    u.talk.isn[CLIENT] = seq_of(0x80000100);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 50);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 2000);
    CHECK(!u.summary[0].overflowed);
}

int main(void)
{
    test_two_syn_acks_a_second_after_the_third_step_overflow();
    test_what_is_no_overflow();
    test_an_overflow_is_not_forgotten();
    test_a_syn_ack_without_a_third_step_is_no_overflow();
    test_the_first_syn_ack_is_no_overflow_however_late();
    test_without_the_syn_there_is_no_overflow();
    return check_result();
}
