/* gaps_test.c - which numbers of a stream have passed, and where are the gaps?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "gaps.h"

/* The number circle is entered just below its wrap. */
static const seq_t isn = {0xfffffffe};

/* Bytes from ... to - 1 pass, in a frame of that number. */
static void pass(struct end *e, uint32_t from, uint32_t to, uint32_t frame)
{
    if (e->nxt_known)
        gaps_extend(e, seq_add(isn, from), seq_add(isn, to), frame);
    else
        gaps_begin(e, seq_add(isn, from), seq_add(isn, to), frame);
}

#define CHECK_STREAM(e, edge_, nxt_, gaps_)             \
    do {                                                \
        CHECK_EQUAL(seq_diff((e)->edge, isn), (edge_)); \
        CHECK_EQUAL(seq_diff((e)->nxt, isn), (nxt_));   \
        CHECK_EQUAL((e)->gaps, (gaps_));                \
    } while (0)

static void test_the_first_segment_begins_the_stream(void)
{
    struct end e = {0};

    pass(&e, 1, 101, 7);
    CHECK(e.nxt_known);
    CHECK_STREAM(&e, 101, 101, 0);
    CHECK_EQUAL(seq_diff(e.una, isn), 1);
    CHECK_EQUAL(e.nxt_frame, 7);
    CHECK_EQUAL(e.edge_frame, 7);
}

static void test_what_was_acknowledged_before_the_first_segment_had_been_sent(void)
{
    struct end e = {.una_known = true, .una = seq_add(isn, 301)};

    pass(&e, 1, 101, 7);
    CHECK_STREAM(&e, 301, 301, 0);
    CHECK_EQUAL(e.nxt_frame, 0);
    CHECK(e.missing);
}

static void test_what_follows_moves_both_edges_and_names_its_frame(void)
{
    struct end e = {0};

    pass(&e, 1, 101, 1);
    pass(&e, 101, 201, 2);
    CHECK_STREAM(&e, 201, 201, 0);
    CHECK_EQUAL(e.nxt_frame, 2);
    pass(&e, 1, 101, 3); /* old bytes move nothing */
    CHECK_STREAM(&e, 201, 201, 0);
    CHECK_EQUAL(e.nxt_frame, 2);
    pass(&e, 151, 301, 4); /* old and new */
    CHECK_STREAM(&e, 301, 301, 0);
    CHECK_EQUAL(e.edge_frame, 4);
}

static void test_a_gap_stops_the_edge_until_it_is_filled(void)
{
    struct end e = {0};

    pass(&e, 1, 101, 1);
    pass(&e, 201, 301, 2);
    CHECK_STREAM(&e, 101, 301, 1);
    CHECK_EQUAL(e.edge_frame, 1);
    CHECK_EQUAL(e.nxt_frame, 2);
    CHECK(e.missing);
    pass(&e, 101, 151, 3);
    CHECK_STREAM(&e, 151, 301, 1);
    CHECK_EQUAL(e.edge_frame, 3);
    pass(&e, 151, 201, 4);
    CHECK_STREAM(&e, 301, 301, 0);
    CHECK_EQUAL(e.edge_frame, 2); /* where the last byte stands */
}

static void test_two_gaps_are_kept_apart_and_filled_in_either_order(void)
{
    for (int later_first = 0; later_first <= 1; later_first++) {
        struct end e = {0};

        pass(&e, 1, 101, 1);
        pass(&e, 201, 301, 2);
        pass(&e, 401, 501, 3);
        CHECK_STREAM(&e, 101, 501, 2);
        pass(&e, later_first ? 301 : 101, later_first ? 401 : 201, 4);
        CHECK_STREAM(&e, later_first ? 101 : 301, 501, 1);
        pass(&e, later_first ? 101 : 301, later_first ? 201 : 401, 5);
        CHECK_STREAM(&e, 501, 501, 0);
    }
}

static void test_of_three_gaps_the_later_count_as_filled(void)
{
    struct end e = {0};

    pass(&e, 1, 101, 1);
    pass(&e, 201, 301, 2);
    pass(&e, 401, 501, 3);
    pass(&e, 601, 701, 4);
    CHECK_STREAM(&e, 101, 701, 2);
    pass(&e, 101, 201, 5);
    CHECK_STREAM(&e, 501, 701, 1); /* 301 to 400 is forgotten, 501 to 600 is not */
}

static void test_an_edge_that_was_moved_takes_in_what_it_reached(void)
{
    struct end e = {0};

    pass(&e, 1, 101, 1);
    pass(&e, 201, 301, 2);
    pass(&e, 401, 501, 3);
    e.edge = seq_add(isn, 251);
    gaps_swallow(&e);
    CHECK_STREAM(&e, 301, 501, 1);
    CHECK_EQUAL(e.edge_frame, 0);
    e.edge = seq_add(isn, 401);
    gaps_swallow(&e);
    CHECK_STREAM(&e, 501, 501, 0);
}

static void test_closed_gaps_leave_the_edge_at_the_end(void)
{
    struct end e = {0};

    pass(&e, 1, 101, 1);
    pass(&e, 201, 301, 2);
    gaps_close(&e);
    CHECK_STREAM(&e, 301, 301, 0);
    CHECK_EQUAL(e.edge_frame, 2);
}

/* What a receiver would hold: the truth that the few numbers of a stream stand for. */
enum { BYTES = 48 };

struct model {
    bool held[BYTES + 1];
    uint32_t end; /* the highest byte that is held */
};

static unsigned gaps_of(const struct model *model)
{
    unsigned gaps = 0;

    for (uint32_t i = 1; i < model->end; i++)
        gaps += !model->held[i] && model->held[i + 1];
    return gaps;
}

static uint32_t edge_of(const struct model *model)
{
    uint32_t edge = 0;

    while (edge < model->end && model->held[edge + 1])
        edge++;
    return edge + 1;
}

static uint32_t tail_of(const struct model *model)
{
    uint32_t tail = model->end;

    while (tail > 1 && model->held[tail - 1])
        tail--;
    return tail;
}

/* xorshift: the same pieces in each run. */
static uint32_t random_below(uint32_t bound)
{
    static uint32_t state = 2463534242u;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % bound;
}

/* Returns how many pieces could be compared before there was a third gap. */
static unsigned compare_with_the_model(void)
{
    struct end e = {0};
    struct model model = {.held = {[1] = true}, .end = 1};
    unsigned compared = 0;

    pass(&e, 1, 2, 1);
    while (edge_of(&model) <= BYTES) {
        uint32_t from = 1 + random_below(BYTES), to = from + 1 + random_below(6);

        to = to > BYTES + 1 ? BYTES + 1 : to;
        for (uint32_t i = from; i < to; i++)
            model.held[i] = true;
        model.end = to - 1 > model.end ? to - 1 : model.end;
        if (gaps_of(&model) > 2)
            break;
        pass(&e, from, to, 1);
        CHECK_STREAM(&e, edge_of(&model), model.end + 1, gaps_of(&model));
        if (e.gaps > 0)
            CHECK_EQUAL(seq_diff(e.tail, isn), tail_of(&model));
        compared++;
    }
    return compared;
}

static void test_with_at_most_two_gaps_nothing_is_forgotten(void)
{
    unsigned compared = 0;

    for (unsigned i = 0; i < 5000; i++)
        compared += compare_with_the_model();
    CHECK(compared > 10000);
}

int main(void)
{
    test_the_first_segment_begins_the_stream();
    test_what_was_acknowledged_before_the_first_segment_had_been_sent();
    test_what_follows_moves_both_edges_and_names_its_frame();
    test_a_gap_stops_the_edge_until_it_is_filled();
    test_two_gaps_are_kept_apart_and_filled_in_either_order();
    test_of_three_gaps_the_later_count_as_filled();
    test_an_edge_that_was_moved_takes_in_what_it_reached();
    test_closed_gaps_leave_the_edge_at_the_end();
    test_with_at_most_two_gaps_nothing_is_forgotten();
    return check_result();
}
