/* summary_previous_test.c - what does a new connection mean for the one before?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define MS INT64_C(1000000)

static void test_the_age_since_the_connection_before(void)
{
    struct updating u = updating_closed();

    u.talk.isn[CLIENT] = seq_add(u.talk.isn[CLIENT], 100000);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 5000);
    CHECK_EQUAL(u.talk.o.connection, 1);
    CHECK_EQUAL(u.summary[1].previous, 1);
    CHECK_EQUAL(u.summary[1].since_previous, 5 * SECOND);
    CHECK_EQUAL(u.summary[0].previous, 0);
    CHECK(!u.summary[0].replaced);
}

static void test_a_new_syn_replaces_until_the_old_connection_goes_on(void)
{
    struct updating u = updating_in_use();

    u.talk.isn[CLIENT] = seq_add(u.talk.isn[CLIENT], 500000);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 5000);
    CHECK(u.summary[0].replaced);
    CHECK(u.summary[1].into_connection);
    u.talk.isn[CLIENT] = seq_sub(u.talk.isn[CLIENT], 500000);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 101); /* the challenge */
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = 1000);
    CHECK_EQUAL(u.talk.o.connection, 0);
    CHECK(!u.summary[0].replaced);
}

/* A step shows it as well as data does. */
static void test_the_old_connection_goes_on_with_a_fin(void)
{
    struct updating u = updating_in_use();

    u.talk.isn[CLIENT] = seq_add(u.talk.isn[CLIENT], 500000);
    UPDATE(&u, .from = CLIENT, .flags = S, .wait = 5000);
    CHECK(u.summary[0].replaced);
    u.talk.isn[CLIENT] = seq_sub(u.talk.isn[CLIENT], 500000);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 101);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 101, .wait = 1000);
    CHECK_EQUAL(u.talk.o.connection, 0);
    CHECK(!u.summary[0].replaced);
}

/* A new connection after this one, five seconds after its last segment. */
static struct summary *next_after(struct updating *u)
{
    u->talk.isn[CLIENT] = seq_add(u->talk.isn[CLIENT], 500000);
    UPDATE(u, .from = CLIENT, .flags = S, .wait = 5000);
    CHECK_EQUAL(u->talk.o.connection, 1);
    return &u->summary[1];
}

static void test_the_age_counts_from_the_end_not_from_what_came_later(void)
{
    struct updating u = updating_closed();

    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 51, .ack = 102, .wait = 2000); /* the last ACK was lost */
    CHECK_EQUAL(next_after(&u)->since_previous, 7 * SECOND);
    u = updating_in_use();
    UPDATE(&u, .from = SERVER, .flags = RA, .seq = 51, .ack = 101);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = 3); /* crossed it */
    CHECK_EQUAL(next_after(&u)->since_previous, 5003 * MS);
    CHECK(!u.summary[0].replaced); /* it was over */
}

/* What did not end it is no end. */
static void test_the_age_counts_from_the_last_segment_where_there_was_no_end(void)
{
    struct updating u = updating_in_use();

    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 50); /* too old to have an effect */
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .data = 10, .wait = 2000);
    CHECK(!u.summary[0].reset);
    CHECK_EQUAL(next_after(&u)->since_previous, 5 * SECOND);
}

/* With RST it is a RST, whatever else it carries. */
static void test_only_a_syn_replaces(void)
{
    struct updating u = updating_in_use();
    struct summary next = {.begun = false};

    next_after(&u);
    u.summary[0].replaced = false;
    u.talk.seg.flags = S | R;
    summary_update(&next, &u.summary[0], 1, &u.talk.seg, &u.talk.o);
    CHECK(!u.summary[0].replaced);
    next = (struct summary){.begun = false};
    u.talk.seg.flags = S;
    summary_update(&next, &u.summary[0], 1, &u.talk.seg, &u.talk.o);
    CHECK(u.summary[0].replaced);
}

static void test_only_what_was_open_is_replaced(void)
{
    struct updating u = updating_in_use();
    struct summary next = {.begun = false};

    next_after(&u);
    CHECK(u.summary[0].replaced);
    u.summary[0].replaced = u.summary[0].opened = false;
    summary_update(&next, &u.summary[0], 1, &u.talk.seg, &u.talk.o);
    CHECK(!u.summary[0].replaced);
    u.summary[0].opened = true;
    u.talk.seg.flags = A; /* joined late: maybe it goes on */
    next = (struct summary){.begun = false};
    summary_update(&next, &u.summary[0], 1, &u.talk.seg, &u.talk.o);
    CHECK(!u.summary[0].replaced);
}

int main(void)
{
    test_the_age_since_the_connection_before();
    test_the_age_counts_from_the_end_not_from_what_came_later();
    test_the_age_counts_from_the_last_segment_where_there_was_no_end();
    test_only_a_syn_replaces();
    test_a_new_syn_replaces_until_the_old_connection_goes_on();
    test_the_old_connection_goes_on_with_a_fin();
    test_only_what_was_open_is_replaced();
    return check_result();
}
