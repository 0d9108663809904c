/* plain_test.c - which segments surprise nobody?
 *
 * That plain_take() does what the stages do, checked_observe() checks wherever the engine is fed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "plain/plain.h"

/* Both ends have shown in data that they are open. */
static struct talk talking(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 11, .data = 20);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 21);
    return t;
}

static bool is_plain(struct talk *t, struct saying s)
{
    return plain_is(talk_newest(t), talk_segment(t, s));
}

#define IS_PLAIN(t, ...) is_plain((t), (struct saying){__VA_ARGS__})

static void test_data_and_acks_in_order_are_plain(void)
{
    struct talk t = talking();

    CHECK(IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 21, .data = 100));
    CHECK(IS_PLAIN(&t, .from = CLIENT, .flags = A | FLAG_PSH, .seq = 11, .ack = 21, .data = 100));
    CHECK(IS_PLAIN(&t, .from = SERVER, .flags = A, .seq = 21, .ack = 11));
    CHECK(IS_PLAIN(&t, .from = SERVER, .flags = A, .seq = 21, .ack = 11, .tsval = 1, .tsecr = 1));
    SAY(&t, .from = SERVER, .flags = A, .seq = 21, .ack = 11, .data = 100);
    CHECK(IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 71)); /* a part of it */
    CHECK(IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 121));
}

static void test_so_are_those_of_a_connection_joined_late(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1000, .ack = 500, .data = 10);
    SAY(&t, .from = SERVER, .flags = A, .seq = 500, .ack = 1010, .data = 10);
    CHECK(IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 1010, .ack = 510));
}

static void test_a_segment_that_is_anything_else_is_not(void)
{
    struct talk t = talking();

    CHECK(!IS_PLAIN(&t, .from = CLIENT, .flags = FA, .seq = 11, .ack = 21));
    CHECK(!IS_PLAIN(&t, .from = CLIENT, .flags = RA, .seq = 11, .ack = 21));
    CHECK(!IS_PLAIN(&t, .from = CLIENT, .flags = SA, .seq = 11, .ack = 21));
    CHECK(!IS_PLAIN(&t, .from = CLIENT, .flags = 0, .seq = 11));
    CHECK(!IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 21, .data = 10));
    CHECK(!IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 12, .ack = 21));
    CHECK(!IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 22));
    CHECK(!IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 20));
    CHECK(!IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 21, .sack = {30, 40}));
    CHECK(!IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 21, .no_length = true));
    CHECK(!IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 21, .path = 1));
    SAY(&t, .from = SERVER, .flags = A, .seq = 21, .ack = 11, .data = 100);
    CHECK(!IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 21)); /* a duplicate ACK */
}

static void test_nor_is_one_that_proves_a_state(void)
{
    struct talk t = talk_opened();

    CHECK(IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10));
    CHECK(!IS_PLAIN(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10)); /* step 3 arrived */
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK(IS_PLAIN(&t, .from = SERVER, .flags = A, .seq = 11, .ack = 1, .data = 10));
    CHECK(IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 11, .data = 10));
}

/* What each doubt would need the stages for. */
static void test_a_connection_with_any_doubt_is_not_calm(void)
{
#define DOUBT(change)                                          \
    do {                                                       \
        struct talk t = talking();                             \
        struct connection *c = talk_newest(&t);                \
        struct end *s = &c->end[CLIENT], *p = &c->end[SERVER]; \
        (void)s, (void)p;                                      \
        CHECK(c->dialogue.calm &&plain_is_calm(c));            \
        change;                                                \
        check_case = #change;                                  \
        CHECK(!plain_is_calm(c));                              \
        check_case = "";                                       \
    } while (0)
    DOUBT(s->belief.expected = CLOSE_WAIT);
    DOUBT(p->belief.expected = SYN_RECEIVED);
    DOUBT(s->belief.from_previous = true);
    DOUBT(p->belief.from_previous = true);
    DOUBT(s->belief.aside = ESTABLISHED);
    DOUBT(s->belief.assumed = true);
    DOUBT(s->sent.nxt_known = false);
    DOUBT(p->sent.nxt_known = false);
    DOUBT(s->sent.gaps = 1);
    DOUBT(p->sent.gaps = 1);
    DOUBT(s->stream.una_known = false);
    DOUBT(p->stream.una_known = false);
    DOUBT(s->stream.fin_sent = true);
    DOUBT(p->stream.fin_sent = true);
    DOUBT(p->stream.fin_data = 1);
    DOUBT(s->stream.has_acked_unseen = true);
    DOUBT(p->stream.has_acked_unseen = true);
    DOUBT(s->stream.has_other_isn = true);
    DOUBT(p->stream.has_other_isn = true);
    DOUBT(p->stream.suspect_rewrite = true);
    DOUBT(s->stream.has_sack_edge = true);
    DOUBT(s->attempts.answer_due = true);
    DOUBT(s->path.known = false);
    DOUBT(c->dialogue.begun = false);
    DOUBT(c->dialogue.complete = false);
    DOUBT(c->dialogue.multipath = true);
    DOUBT(c->dialogue.challenge_expected = true);
    DOUBT(c->dialogue.steps |= STEP_FIN);
    DOUBT(c->dialogue.steps = STEP_SYN | STEP_SYN_ACK);
    DOUBT(c->lineage.ambiguous = true);
#undef DOUBT
}

static void test_what_the_segment_finds_counts_too(void)
{
    struct talk t = talking();
    struct connection *c = talk_newest(&t);

    CHECK(IS_PLAIN(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 21));
    c->end[SERVER].stream.window = 0;
    CHECK(!plain_is(c, &t.seg)); /* it may be a probe */
    c->end[SERVER].stream.window = 1;
    c->end[CLIENT].belief.presumed = FACT(FACT_ACK_OF_SYN);
    CHECK(!plain_is(c, &t.seg));
    c->end[CLIENT].belief.presumed = 0;
    CHECK(plain_is(c, &t.seg));
    c->lineage.previous = 1;
    CHECK(!plain_is(c, &t.seg)); /* it may be of the connection before */
    c->lineage.previous = 0;
    c->dialogue.calm = false;
    CHECK(!plain_is(c, &t.seg));
}

int main(void)
{
    test_data_and_acks_in_order_are_plain();
    test_so_are_those_of_a_connection_joined_late();
    test_a_segment_that_is_anything_else_is_not();
    test_nor_is_one_that_proves_a_state();
    test_what_the_segment_finds_counts_too();
    test_a_connection_with_any_doubt_is_not_calm();
    return check_result();
}
