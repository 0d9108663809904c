/* endings_test.c - what do FINs add to the summary of how a connection ends?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define MS INT64_C(1000000)
#define CHECK_MILESTONE(s, which, frame_) CHECK_EQUAL((s)->milestone[MILESTONE_##which].frame, (frame_))
#define CHECK_SPAN(s, which, time) CHECK_EQUAL(summary_span((s), SPAN_##which), (time))

static void test_four_segments(void)
{
    struct updating u = updating_opened();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 2, .wait = 40);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 1, .ack = 2, .wait = 700);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 2, .ack = 2, .wait = 30);
    CHECK_MILESTONE(s, FIN, 4);
    CHECK_MILESTONE(s, FIN_ACK, 5);
    CHECK_MILESTONE(s, SECOND_FIN, 6);
    CHECK_MILESTONE(s, SECOND_FIN_ACK, 7);
    CHECK_MILESTONE(s, RESET, 0);
    CHECK(!s->closer && !s->simultaneous_close && !s->three_segments);
    CHECK(s->end[0].waited && !s->end[1].waited);
    CHECK_SPAN(s, CLOSE_WAIT, 740 * MS);
    CHECK_SPAN(s, FIN_WAIT_2, 700 * MS);
    CHECK_EQUAL(summary_between(s, MILESTONE_FIN, MILESTONE_SECOND_FIN_ACK), 770 * MS);
}

static void test_repeats_are_no_milestones(void)
{
    struct updating u = updating_opened();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 300);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 2);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 2, .window = 900);
    CHECK_MILESTONE(s, FIN, 4);
    CHECK_MILESTONE(s, FIN_ACK, 6);
}

static void test_the_server_closes_first(void)
{
    struct updating u = updating_opened();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 1, .ack = 2);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    CHECK(s->closer);
    CHECK(s->three_segments && !s->simultaneous_close);
    CHECK_MILESTONE(s, FIN_ACK, 5);
    CHECK_MILESTONE(s, SECOND_FIN, 5);
    CHECK_SPAN(s, FIN_WAIT_2, NO_TIME); /* it was never there */
    CHECK(!s->end[0].waited && s->end[1].waited);
}

static void test_fins_that_cross(void)
{
    struct updating u = updating_opened();
    const struct summary *s = &u.summary[0];

    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    CHECK(s->simultaneous_close && !s->three_segments);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 2, .ack = 2);
    CHECK(s->simultaneous_close);
    CHECK_MILESTONE(s, SECOND_FIN, 5);
    CHECK_MILESTONE(s, FIN_ACK, 6);
    CHECK_MILESTONE(s, SECOND_FIN_ACK, 7);
    CHECK(s->end[0].waited && s->end[1].waited);
}

/* The SYN meets the TIME-WAIT of the connection before: that is no TIME-WAIT of its own. */
static void test_who_waits_for_the_connection_before(void)
{
    enum { OLD = -70000 }; /* the ISN lies below, so that the SYN may not reopen it */
    struct updating u = updating_opened();

    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 1, .ack = 2);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    UPDATE(&u, .from = CLIENT, .flags = S, .seq = OLD, .wait = 1000);
    CHECK_EQUAL(u.talk.o.connection, 1);
    UPDATE(&u, .from = SERVER, .flags = SA, .seq = 900, .ack = OLD + 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = OLD + 1, .ack = 901);
    CHECK(u.summary[0].end[1].waited);
    CHECK(u.summary[1].opened && !u.summary[1].end[1].waited);
    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = OLD + 1, .ack = 901);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 901, .ack = OLD + 2);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = OLD + 2, .ack = 902);
    CHECK_EQUAL(time_wait_side_of(&u.summary[1]), TIME_WAIT_SIDE_CLIENT);
}

int main(void)
{
    test_four_segments();
    test_repeats_are_no_milestones();
    test_the_server_closes_first();
    test_fins_that_cross();
    test_who_waits_for_the_connection_before();
    return check_result();
}
