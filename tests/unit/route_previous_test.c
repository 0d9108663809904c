/* route_previous_test.c - what still belongs to the connection before, and what is a copy of it?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "routing.h"

#include "route/route.h"

enum { FAR = 1 << 28, REACH = 1 << 20 };

/* --- two openings, neither of them complete --- */

enum { LATER = 70000 };

static struct talk two_syns(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S, .seq = LATER), "new_syn", 1);
    return t;
}

static void test_a_repeat_of_the_first_syn_brings_the_first_back(void)
{
    struct talk t = two_syns();

    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S, .wait = 1000), "old_syn_again", 0);
    CHECK(t.o.repeat);
    CHECK_EQUAL(t.handle, 1);
    CHECK_EQUAL(t.pool[0].lineage.previous, 2); /* they have changed places */
    CHECK_EQUAL(t.pool[1].lineage.previous, 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S, .seq = LATER, .wait = 1000), "old_syn_again", 1);
    CHECK_EQUAL(t.handle, 2);
}

static void test_the_syn_ack_tells_which_syn_it_answers(void)
{
    struct talk t = two_syns();

    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), "old_syn_answered", 0);
    t = two_syns();
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .ack = LATER + 1), "answer", 1);
    t = two_syns();
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .ack = 5000), "usual", 1);
}

static void test_only_a_syn_repeats_a_syn_and_only_a_syn_ack_answers_one(void)
{
    struct talk t = two_syns();

    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = R, .seq = 0), "delayed", 1);
    t = two_syns();
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1), "usual", 1);
}

static void test_the_one_that_comes_back_has_the_other_behind_it(void)
{
    struct talk t = two_syns();
    struct routing at;

    SAY(&t, .from = CLIENT, .flags = S, .seq = 2 * LATER);
    talk_segment(&t, (struct saying){.from = SERVER, .flags = SA, .ack = LATER + 1});
    route(&t.handle, &t.seg, &t.observer, &at);
    CHECK(at.c == &t.pool[1] && at.previous == &t.pool[2]);
    CHECK_EQUAL(t.pool[2].lineage.previous, 1);
    CHECK_EQUAL(t.handle, 2);
}

/* With Fast Open the numbers of both SYNs may overlap: the later one is meant. */
static void test_what_acknowledges_both_syns_answers_the_later_one(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .seq = 0, .data = 100, .fast_open = true);
    SAY(&t, .from = CLIENT, .flags = S, .seq = 50, .data = 100, .fast_open = true);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .ack = 80), "answer", 1);
}

/* The first was answered: its server repeats, and does not know of the second. */
static void test_a_syn_that_was_answered_is_not_answered_first_by_the_repeat(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = S, .seq = LATER);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000);
    CHECK_EQUAL(t.handle, 2);
}

static void test_a_syn_of_long_ago_does_not_bring_back_a_connection_that_is_over(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    SAY(&t, .from = CLIENT, .flags = S, .seq = LATER, .wait = 1000);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S), "new_syn", 2);
}

static void test_a_syn_of_long_ago_does_not_take_an_open_connection_away(void)
{
    struct talk t = two_syns();

    SAY(&t, .from = SERVER, .flags = SA, .ack = LATER + 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = LATER + 1, .ack = 1);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S), "new_syn", 2);
}

/* RFC 9293 3.5.1: an ISN that the old server had, too, says nothing of the new SYN. */
static void test_a_new_syn_may_be_answered_with_the_isn_of_before(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = S, .seq = LATER, .wait = 1000);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .ack = LATER + 1), "answer", 1);
}

/* --- delayed --- */

enum { NEXT = 3 * REACH };

/* The next connection's numbers lie NEXT further. */
static struct talk reopened(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    t.isn[CLIENT] = seq_add(t.isn[CLIENT], NEXT);
    t.isn[SERVER] = seq_add(t.isn[SERVER], NEXT);
    talk_open(&t);
    CHECK_EQUAL(t.o.connection, 1);
    return t;
}

static void test_a_delayed_segment_lies_within_reach_and_not_behind_the_end(void)
{
    struct talk t = reopened();

    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 2 - NEXT, .ack = FAR), "delayed", 1);
    t = reopened();
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 3 - NEXT, .ack = FAR), "stranger", 2);
    t = reopened();
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 2 - NEXT - REACH, .ack = FAR), "delayed", 1);
    t = reopened();
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 1 - NEXT - REACH, .ack = FAR), "stranger", 2);
}

/* It is no answer to the new SYN, and what it belongs to can't be told. */
static void test_a_delayed_syn_ack_is_left_to_the_newest(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    SAY(&t, .from = CLIENT, .flags = S, .seq = NEXT, .wait = 1000);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), "usual", 1);
}

/* Of the one before, only one direction was captured; zero is a number like any other. */
static void test_nothing_is_delayed_by_an_end_that_was_not_captured(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 5, .ack = 5, .data = 10);
    SAY(&t, .from = CLIENT, .flags = S, .seq = FAR, .wait = 1000);
    t.isn[SERVER] = seq_of(0);
    SAY(&t, .from = SERVER, .flags = SA, .seq = (uint32_t)-5, .ack = FAR + 1);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = (uint32_t)-4, .ack = FAR + 1), "usual", 1);
}

/* --- copies --- */

static void test_a_copy_of_the_syn_before_is_told_there(void)
{
    struct talk t = talk_begin();
    struct routing at;

    SAY(&t, .from = CLIENT, .flags = S, .ip_id = 70);
    SAY(&t, .from = CLIENT, .flags = S, .seq = LATER, .ip_id = 71, .wait = 1);
    SAY(&t, .from = CLIENT, .flags = S, .seq = 2 * LATER, .ip_id = 72, .wait = 1);
    talk_segment(&t, (struct saying){.from = CLIENT, .flags = S, .seq = LATER, .ip_id = 71, .wait = 1});
    route(&t.handle, &t.seg, &t.observer, &at);
    CHECK_STRING(route_name(at.route), "copy_of_previous");
    CHECK(at.copy && !at.first);
    CHECK(at.c == &t.pool[1] && at.previous == &t.pool[0]);
    CHECK_EQUAL(t.handle, 3);
}

/* The mirror port shows the last packet of a connection behind the SYN of the next. */
static void test_a_copy_of_the_last_segment_before_is_a_copy_still(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1, .ip_id = 7);
    SAY(&t, .from = CLIENT, .flags = S, .seq = LATER, .ip_id = 8, .wait = 1);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1, .ip_id = 7, .wait = 1);
    CHECK_SEQ(&t.o, SEQ_COPY);
    CHECK_EQUAL(t.observer.connections, 2);
}

static void test_a_copy_of_the_challenge_is_told_where_that_was(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = S, .seq = LATER, .wait = 1000);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .ip_id = 9);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .ip_id = 9, .wait = 1),
                "copy_of_newest", 1);
    CHECK_SEQ(&t.o, SEQ_COPY);
}

int main(void)
{
    test_a_repeat_of_the_first_syn_brings_the_first_back();
    test_the_syn_ack_tells_which_syn_it_answers();
    test_only_a_syn_repeats_a_syn_and_only_a_syn_ack_answers_one();
    test_the_one_that_comes_back_has_the_other_behind_it();
    test_what_acknowledges_both_syns_answers_the_later_one();
    test_a_syn_that_was_answered_is_not_answered_first_by_the_repeat();
    test_a_syn_of_long_ago_does_not_bring_back_a_connection_that_is_over();
    test_a_syn_of_long_ago_does_not_take_an_open_connection_away();
    test_a_new_syn_may_be_answered_with_the_isn_of_before();
    test_a_delayed_segment_lies_within_reach_and_not_behind_the_end();
    test_a_delayed_syn_ack_is_left_to_the_newest();
    test_nothing_is_delayed_by_an_end_that_was_not_captured();
    test_a_copy_of_the_syn_before_is_told_there();
    test_a_copy_of_the_last_segment_before_is_a_copy_still();
    test_a_copy_of_the_challenge_is_told_where_that_was();
    return check_result();
}
