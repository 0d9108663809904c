/* tries_test.c - what is sent again and again, and not answered?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define MS INT64_C(1000000)

/* What the client tries, after a handshake and 10 bytes that nobody answers. */
static struct booking after_data(void)
{
    struct booking b = update_opened();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    return b;
}

static const struct tries *probes(struct booking *b)
{
    return &b->summary[0].end[0].probes;
}

static void test_all_copies_of_syns_and_fins_count(void)
{
    struct booking b = update_begin();
    const struct summary *a = &b.summary[0];

    for (unsigned i = 0; i < 3; i++)
        BOOK(&b, .from = CLIENT, .flags = S, .wait = 20);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1);
    BOOK(&b, .from = SERVER, .flags = SA, .ack = 1, .wait = 50);
    CHECK_EQUAL(a->end[0].opening.count, 3);
    CHECK_EQUAL(a->end[0].opening.first.frame, 1);
    CHECK_EQUAL(a->end[0].opening.last, 40 * MS);
    CHECK_EQUAL(a->end[1].opening.count, 2);
    CHECK_EQUAL(a->end[1].opening.first.frame, 4);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    for (unsigned i = 0; i < 4; i++)
        BOOK(&b, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 20);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 1, .ack = 1); /* crossing */
    CHECK_EQUAL(a->end[0].fins.count, 4);
    CHECK_EQUAL(a->end[0].fins.first.frame, 7);
    CHECK_EQUAL(a->end[0].fins.last - a->end[0].fins.first.time, 60 * MS);
    CHECK_EQUAL(a->end[1].fins.count, 1);
    CHECK_EQUAL(a->end[1].fins.first.frame, 11);
}

static void test_data_sent_again_200_ms_later_is_a_try(void)
{
    struct booking b = after_data();

    CHECK_EQUAL(probes(&b)->count, 1);
    CHECK_EQUAL(probes(&b)->first.frame, 4);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 199);
    CHECK_EQUAL(probes(&b)->count, 1);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 200);
    CHECK_EQUAL(probes(&b)->count, 2);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 400);
    CHECK_EQUAL(probes(&b)->count, 3);
    CHECK_EQUAL(probes(&b)->first.frame, 4);
    CHECK_EQUAL(probes(&b)->last - probes(&b)->first.time, 799 * MS);
}

static void test_old_and_new_data_in_one_is_a_try(void)
{
    struct booking b = after_data();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 20, .wait = 300);
    CHECK_STRING(seq_verdicts[b.talk.o.seq_verdict].name, seq_verdicts[SEQ_OVERLAP].name);
    CHECK_EQUAL(probes(&b)->count, 2);
}

static void test_new_data_is_none(void)
{
    struct booking b = after_data();

    for (unsigned i = 1; i < 5; i++)
        BOOK(&b, .from = CLIENT, .flags = A, .seq = 1 + 10 * i, .ack = 1, .data = 10, .wait = 300);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 100, .ack = 1, .data = 10, .wait = 300); /* a gap */
    CHECK_EQUAL(probes(&b)->count, 1);
    CHECK_EQUAL(probes(&b)->first.frame, 4);
}

static void test_a_pure_ack_is_none(void)
{
    struct booking b = update_opened();

    for (unsigned i = 0; i < 4; i++)
        BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .wait = 300, .window = (uint16_t)(500 + i));
    CHECK_EQUAL(probes(&b)->count, 0);
}

static void test_keepalives_are_tries(void)
{
    struct booking b = update_opened();

    for (unsigned i = 0; i < 3; i++)
        BOOK(&b, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .data = i % 2, .wait = 1000);
    CHECK_STRING(seq_verdicts[b.talk.o.seq_verdict].name, seq_verdicts[SEQ_KEEPALIVE].name);
    CHECK_EQUAL(probes(&b)->count, 3);
    CHECK_EQUAL(probes(&b)->first.frame, 4);
}

static void test_window_probes_are_tries(void)
{
    struct booking b = after_data();

    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 11, .shut = true);
    CHECK_EQUAL(probes(&b)->count, 0);
    for (unsigned i = 0; i < 3; i++)
        BOOK(&b, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 1, .wait = 500);
    CHECK_STRING(seq_verdicts[b.talk.o.seq_verdict].name, seq_verdicts[SEQ_WINDOW_PROBE].name);
    CHECK_EQUAL(probes(&b)->count, 3);
    CHECK_EQUAL(probes(&b)->first.frame, 6);
}

/* Three tries, and then the server says this. */
static unsigned left_after(struct saying s)
{
    struct booking b = after_data();

    for (unsigned i = 0; i < 2; i++)
        BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 300);
    CHECK_EQUAL(probes(&b)->count, 3);
    s.from = SERVER;
    update_say(&b, s);
    return probes(&b)->count;
}

static void test_any_segment_of_the_peer_answers(void)
{
    CHECK_EQUAL(left_after((struct saying){.flags = A, .seq = 1, .ack = 11}), 0);
    CHECK_EQUAL(left_after((struct saying){.flags = A, .seq = 1, .ack = 1}), 0); /* it lives, at least */
    CHECK_EQUAL(left_after((struct saying){.flags = A, .seq = 1, .ack = 1, .data = 7}), 0);
    CHECK_EQUAL(left_after((struct saying){.flags = FA, .seq = 1, .ack = 1}), 0);
    CHECK_EQUAL(left_after((struct saying){.flags = R, .seq = 1}), 0);
}

static void test_the_next_series_begins_anew(void)
{
    struct booking b = after_data();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 300);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 11);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10, .wait = 300);
    CHECK_EQUAL(probes(&b)->count, 1);
    CHECK_EQUAL(probes(&b)->first.frame, 7);
}

static void test_the_peers_own_tries_are_counted_apart(void)
{
    struct booking b = after_data();

    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK_EQUAL(probes(&b)->count, 0);
    CHECK_EQUAL(b.summary[0].end[1].probes.count, 1);
    CHECK_EQUAL(b.summary[0].end[1].probes.first.frame, 5);
}

int main(void)
{
    test_all_copies_of_syns_and_fins_count();
    test_data_sent_again_200_ms_later_is_a_try();
    test_old_and_new_data_in_one_is_a_try();
    test_new_data_is_none();
    test_a_pure_ack_is_none();
    test_keepalives_are_tries();
    test_window_probes_are_tries();
    test_any_segment_of_the_peer_answers();
    test_the_next_series_begins_anew();
    test_the_peers_own_tries_are_counted_apart();
    return check_result();
}
