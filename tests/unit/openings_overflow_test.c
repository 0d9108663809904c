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
    repeat_syn_acks(&u, 50, 1000, 1499); /* a burst */
    CHECK_EQUAL(u.summary[0].overflows, 2);
    CHECK(!u.summary[0].overflowed);
    repeat_syn_acks(&u, 50, 1000, 1500);
    CHECK(u.summary[0].overflowed);
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
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 2000);
    CHECK_EQUAL(u.summary[0].overflows, 2);
    CHECK(!u.summary[0].overflowed);
}

/* The round trip is 800 ms long: the second of the repeats may have crossed step 3. */
static void test_the_second_comes_a_round_trip_after_the_third_step(void)
{
    for (uint32_t ms = 800; ms <= 801; ms++) {
        struct updating u = updating_begin();

        UPDATE(&u, .from = CLIENT, .flags = S);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 500);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .wait = 300);
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 50, .wait = 100);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = ms - 100);
        CHECK_EQUAL(u.summary[0].overflows, 2);
        CHECK_EQUAL(u.summary[0].overflowed, ms > 800);
        CHECK_EQUAL(u.summary[0].overflow.frame, ms > 800 ? 6 : 3); /* not one before step 3 */
    }
}

/* Its SYN-ACKs may answer the SYNs: one of them each. */
static void test_a_syn_that_was_sent_again_explains_a_syn_ack(void)
{
    for (unsigned syns = 1; syns <= 3; syns++) {
        struct updating u = updating_begin();

        for (unsigned i = 0; i < syns; i++)
            UPDATE(&u, .from = CLIENT, .flags = S, .wait = 1000);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 50);
        for (unsigned i = 1; i <= 4; i++) {
            UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
            CHECK_EQUAL(u.summary[0].overflows, i < syns ? 0 : i - syns + 1);
            CHECK_EQUAL(u.summary[0].overflowed, i >= syns + 1);
        }
    }
}

/* Some of the data was acknowledged, and the rest is sent in vain. */
static void test_data_that_is_sent_again_waits(void)
{
    for (unsigned copies = 1; copies <= 2; copies++) {
        struct updating u = updating_in_use();

        for (unsigned i = 0; i < copies; i++)
            UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 50, .wait = 300);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 2000);
        CHECK_EQUAL(u.summary[0].overflowed, copies == 2);
        u = updating_in_use();
        for (unsigned i = 0; i < copies; i++)
            UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 50, .wait = 300);
        UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 151);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
        UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 2000);
        CHECK(!u.summary[0].overflowed);
    }
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
    test_the_second_comes_a_round_trip_after_the_third_step();
    test_a_syn_that_was_sent_again_explains_a_syn_ack();
    test_data_that_is_sent_again_waits();
    test_the_first_syn_ack_is_no_overflow_however_late();
    test_without_the_syn_there_is_no_overflow();
    return check_result();
}
