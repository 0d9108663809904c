/* reach_test.c - how far may a number lie from what was captured?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "judge/reach.h"

static bool is_beyond(struct talk *t, uint32_t number, uint32_t wait)
{
    const struct view *v = LOOK(t, .from = CLIENT, .flags = A, .seq = number, .ack = 1, .wait = wait);
    seq_t right;

    CHECK(reach_right_edge(v->peer, v->sender, &right));
    return reach_is_beyond(v, v->peer, right, v->seg->seq);
}

static void test_a_broken_bound_is_noted(void)
{
    struct talk t = talk_opened();
    struct view *v = LOOK(&t, .from = CLIENT, .flags = A);

    CHECK(!v->o->has_bound);
    reach_break(v, seq_of(5));
    CHECK(v->o->has_bound);
    CHECK_EQUAL(v->o->bound.n, 5);
}

static void test_the_largest_window_is_scaled_and_that_of_a_syn_is_not(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .scale = 3, .window = 60000);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .scale = 7, .window = 60000);

    struct connection *c = talk_newest(&t);

    CHECK_EQUAL(reach_max_window(c, &c->end[CLIENT]), 60000); /* that of the SYN */
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .window = 500);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .window = 400);
    CHECK_EQUAL(reach_max_window(c, &c->end[CLIENT]), 60000);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .window = 8000);
    CHECK_EQUAL(reach_max_window(c, &c->end[CLIENT]), 8000 << 3);
}

static void test_the_right_edge_begins_at_the_isn_as_long_as_there_is_no_ack(void)
{
    struct talk t = talk_begin();
    seq_t right;

    SAY(&t, .from = CLIENT, .flags = S, .window = 600);

    struct connection *c = talk_newest(&t);

    CHECK(!reach_right_edge(&c->end[CLIENT], &c->end[SERVER], &right));
    CHECK(!reach_right_edge(&c->end[SERVER], &c->end[CLIENT], &right));
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .window = 500);
    CHECK(reach_right_edge(&c->end[CLIENT], &c->end[SERVER], &right));
    CHECK_EQUAL(talk_offset(&t, SERVER, right), 601);
    CHECK(reach_right_edge(&c->end[SERVER], &c->end[CLIENT], &right));
    CHECK_EQUAL(talk_offset(&t, CLIENT, right), 501);
}

/* A window moves by its own size at most once a round trip: the longer nothing was captured, the more
 * windows may have come and gone beside the capture. The handshake took two times 10 ms. */
static void test_the_reach_grows_with_the_time_since_the_last_segment(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK(!is_beyond(&t, 1 + WINDOW, 1));
    CHECK(!is_beyond(&t, 1 + 2 * WINDOW, 1));
    CHECK(is_beyond(&t, 1 + 10 * WINDOW, 1));
    CHECK(!is_beyond(&t, 1 + 10 * WINDOW, 200));
    CHECK(is_beyond(&t, 1 + 1000 * WINDOW, 200));
}

static void test_without_a_round_trip_nothing_is_beyond(void)
{
    struct talk t = talk_opened();

    talk_newest(&t)->round_us = 0;
    CHECK(!is_beyond(&t, 1u << 30, 1));
}

static void test_without_a_known_scale_nothing_is_beyond(void)
{
    struct talk t = talk_opened();

    talk_newest(&t)->end[SERVER].options_known = false;
    CHECK(!is_beyond(&t, 1u << 30, 1));
}

static void test_only_an_isn_that_is_near_and_sure_tells_what_lies_before_it(void)
{
    struct talk t = talk_opened();
    struct end *end = &talk_newest(&t)->end[CLIENT];

    CHECK(reach_is_before_isn(end, seq_sub(t.isn[CLIENT], 1)));
    CHECK(!reach_is_before_isn(end, t.isn[CLIENT]));
    end->alternative = true;
    CHECK(!reach_is_before_isn(end, seq_sub(t.isn[CLIENT], 1)));
    end->alternative = false;
    end->isn_far = true;
    CHECK(!reach_is_before_isn(end, seq_sub(t.isn[CLIENT], 1)));
}

static void test_the_opening_is_known_if_the_syn_was_captured(void)
{
    struct talk t = talk_begin(), u = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK(reach_opening_is_known(talk_newest(&t)));
    SAY(&u, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(!reach_opening_is_known(talk_newest(&u)));
}

/* Packets 5 ms apart may stand in the capture in another order: in a fast network windows move meanwhile. */
static void test_an_ack_may_be_old_by_disorder_where_round_trips_are_short(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);

    const struct view *v = LOOK(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    seq_t lowest = seq_add(t.isn[SERVER], 1);

    talk_newest(&t)->round_us = 2000; /* five windows in 2 * 5 ms */
    CHECK(reach_may_be_disorder(v, lowest, seq_sub(lowest, 5 * WINDOW)));
    CHECK(!reach_may_be_disorder(v, lowest, seq_sub(lowest, 5 * WINDOW + 1)));
    talk_newest(&t)->round_us = 20000;
    CHECK(reach_may_be_disorder(v, lowest, seq_sub(lowest, WINDOW))); /* one in any case */
    CHECK(!reach_may_be_disorder(v, lowest, seq_sub(lowest, WINDOW + 1)));
}

int main(void)
{
    test_an_ack_may_be_old_by_disorder_where_round_trips_are_short();
    test_a_broken_bound_is_noted();
    test_the_largest_window_is_scaled_and_that_of_a_syn_is_not();
    test_the_right_edge_begins_at_the_isn_as_long_as_there_is_no_ack();
    test_the_reach_grows_with_the_time_since_the_last_segment();
    test_without_a_round_trip_nothing_is_beyond();
    test_without_a_known_scale_nothing_is_beyond();
    test_only_an_isn_that_is_near_and_sure_tells_what_lies_before_it();
    test_the_opening_is_known_if_the_syn_was_captured();
    return check_result();
}
