/* sent_model_test.c - random pieces of a stream against what a receiver would hold
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pieces.h"

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

static uint32_t rcv_nxt_of(const struct model *model)
{
    uint32_t edge = 0;

    while (edge < model->end && model->held[edge + 1])
        edge++;
    return edge + 1;
}

static uint32_t last_left_of(const struct model *model)
{
    uint32_t left = model->end;

    while (left > 1 && model->held[left - 1])
        left--;
    return left;
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

static void check_against(const struct sent *s, const struct model *model)
{
    CHECK_EQUAL(seq_diff(sent_rcv_nxt(s), at(0)), rcv_nxt_of(model));
    CHECK_EQUAL(seq_diff(s->nxt, at(0)), model->end + 1);
    CHECK_EQUAL(s->gaps, gaps_of(model));
    CHECK(sent_check(s) == NULL);
    if (s->gaps > 0)
        CHECK_EQUAL(seq_diff(s->last_left, at(0)), last_left_of(model));
}

static void hold(struct model *model, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        model->held[i] = true;
    model->end = to - 1 > model->end ? to - 1 : model->end;
}

/* Now and then, an ACK fills all below it, captured or not. Returns how many pieces could be compared before
 * there was a third gap. */
static unsigned compare_with_the_model(uint32_t acks)
{
    struct sent s = {0};
    struct model model = {.held = {[1] = true}, .end = 1};
    unsigned compared = 0;

    sent_begin(&s, at(2), 1);
    while (rcv_nxt_of(&model) <= BYTES) {
        uint32_t from = 1 + random_below(BYTES), to = from + 1 + random_below(6);

        to = to > BYTES + 1 ? BYTES + 1 : to;
        if (random_below(100) < acks) {
            to = 2 + random_below(model.end);
            hold(&model, 1, to);
            sent_acknowledged(&s, at(to));
        } else {
            hold(&model, from, to);
            if (gaps_of(&model) > 2)
                break;
            sent_extend(&s, at(from), at(to), 1);
        }
        check_against(&s, &model);
        compared++;
    }
    return compared;
}

static void test_with_at_most_two_gaps_nothing_is_forgotten(void)
{
    unsigned compared = 0, acknowledged = 0;

    for (unsigned i = 0; i < 5000; i++) {
        compared += compare_with_the_model(0);
        acknowledged += compare_with_the_model(10);
    }
    CHECK(compared > 10000);
    CHECK(acknowledged > 10000);
}

/* SACK shows a hole in what seemed to have arrived. */
static void test_a_hole_that_sack_shows_is_filled_like_a_gap(void)
{
    for (unsigned i = 0; i < 2000; i++) {
        struct sent s = {0};
        struct model model = {.end = 0};
        uint32_t end = 4 + random_below(BYTES - 4), left = 2 + random_below(end - 1);
        uint32_t acked = 1 + random_below(left - 1);

        hold(&model, 1, acked);
        hold(&model, left, end + 1);
        sent_begin(&s, at(end + 1), 1);
        sent_reopen_gap(&s, at(acked), at(left));
        check_against(&s, &model);
        for (unsigned pieces = 0; pieces < 20; pieces++) {
            uint32_t from = 1 + random_below(end), to = from + 1 + random_below(end + 1 - from);

            hold(&model, from, to);
            if (gaps_of(&model) > 2)
                break;
            sent_extend(&s, at(from), at(to), 1);
            check_against(&s, &model);
        }
    }
}

int main(void)
{
    test_with_at_most_two_gaps_nothing_is_forgotten();
    test_a_hole_that_sack_shows_is_filled_like_a_gap();
    return check_result();
}
