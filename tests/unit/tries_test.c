/* tries_test.c - what is sent again and again, and not answered?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define MS INT64_C(1000000)

/* What the client tries, after a handshake and 10 bytes that nobody answers. */
static struct updating after_data(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    return u;
}

static const struct tries *probes(struct updating *u)
{
    return &u->summary[0].end[0].probes;
}

static void test_all_copies_of_syns_and_fins_count(void)
{
    struct updating u = updating_begin();
    const struct summary *a = &u.summary[0];

    for (unsigned i = 0; i < 3; i++)
        UPDATE(&u, .from = CLIENT, .flags = S, .wait = 20);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1);
    UPDATE(&u, .from = SERVER, .flags = SA, .ack = 1, .wait = 50);
    CHECK_EQUAL(a->end[0].opening.count, 3);
    CHECK_EQUAL(a->end[0].opening.first.frame, 1);
    CHECK_EQUAL(a->end[0].opening.last, 40 * MS);
    CHECK_EQUAL(a->end[1].opening.count, 2);
    CHECK_EQUAL(a->end[1].opening.first.frame, 4);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    for (unsigned i = 0; i < 4; i++)
        UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 20);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 1, .ack = 1); /* crossing */
    CHECK_EQUAL(a->end[0].fins.count, 4);
    CHECK_EQUAL(a->end[0].fins.first.frame, 7);
    CHECK_EQUAL(a->end[0].fins.last - a->end[0].fins.first.time, 60 * MS);
    CHECK_EQUAL(a->end[1].fins.count, 1);
    CHECK_EQUAL(a->end[1].fins.first.frame, 11);
}

static void test_data_sent_again_200_ms_later_is_a_try(void)
{
    struct updating u = after_data();

    CHECK_EQUAL(probes(&u)->count, 1);
    CHECK_EQUAL(probes(&u)->first.frame, 4);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 199);
    CHECK_EQUAL(probes(&u)->count, 1);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 200);
    CHECK_EQUAL(probes(&u)->count, 2);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 400);
    CHECK_EQUAL(probes(&u)->count, 3);
    CHECK_EQUAL(probes(&u)->first.frame, 4);
    CHECK_EQUAL(probes(&u)->last - probes(&u)->first.time, 799 * MS);
}

static void test_old_and_new_data_in_one_is_a_try(void)
{
    struct updating u = after_data();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 20, .wait = 300);
    CHECK_STRING(seq_verdicts[u.talk.o.seq_verdict].name, seq_verdicts[SEQ_OVERLAP].name);
    CHECK_EQUAL(probes(&u)->count, 2);
}

static void test_new_data_is_none(void)
{
    struct updating u = after_data();

    for (unsigned i = 1; i < 5; i++)
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1 + 10 * i, .ack = 1, .data = 10, .wait = 300);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 100, .ack = 1, .data = 10, .wait = 300); /* a gap */
    CHECK_EQUAL(probes(&u)->count, 1);
    CHECK_EQUAL(probes(&u)->first.frame, 4);
}

static void test_data_behind_a_gap_begins_a_series_too(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 51, .ack = 1, .data = 10);
    CHECK_EQUAL(probes(&u)->count, 1);
}

static void test_the_first_keepalive_is_a_try_however_young_the_connection(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .wait = 20);
    CHECK_EQUAL(probes(&u)->count, 1);
}

/* Who has just sent new data does not wait for the answer to the old since longer than that. */
static void test_tries_are_apart_from_new_data_as_well(void)
{
    struct updating u = after_data();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10, .wait = 150);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 150);
    CHECK_EQUAL(probes(&u)->count, 1);
}

static void test_a_pure_ack_is_none(void)
{
    struct updating u = updating_opened();

    for (unsigned i = 0; i < 4; i++)
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .wait = 300,
               .window = (uint16_t)(500 + i));
    CHECK_EQUAL(probes(&u)->count, 0);
}

static void test_keepalives_are_tries(void)
{
    struct updating u = updating_opened();

    for (unsigned i = 0; i < 3; i++)
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .data = i % 2, .wait = 1000);
    CHECK_STRING(seq_verdicts[u.talk.o.seq_verdict].name, seq_verdicts[SEQ_KEEPALIVE].name);
    CHECK_EQUAL(probes(&u)->count, 3);
    CHECK_EQUAL(probes(&u)->first.frame, 4);
}

static void test_window_probes_are_tries(void)
{
    struct updating u = after_data();

    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 11, .shut = true);
    CHECK_EQUAL(probes(&u)->count, 0);
    for (unsigned i = 0; i < 3; i++)
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 1, .wait = 500);
    CHECK_STRING(seq_verdicts[u.talk.o.seq_verdict].name, seq_verdicts[SEQ_WINDOW_PROBE].name);
    CHECK_EQUAL(probes(&u)->count, 3);
    CHECK_EQUAL(probes(&u)->first.frame, 6);
}

/* Three tries, and then the server says this. */
static unsigned left_after(struct saying s)
{
    struct updating u = after_data();

    for (unsigned i = 0; i < 2; i++)
        UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 300);
    CHECK_EQUAL(probes(&u)->count, 3);
    s.from = SERVER;
    updating_say(&u, s);
    return probes(&u)->count;
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
    struct updating u = after_data();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 300);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 11);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10, .wait = 300);
    CHECK_EQUAL(probes(&u)->count, 1);
    CHECK_EQUAL(probes(&u)->first.frame, 7);
}

static void test_the_peers_own_tries_are_counted_apart(void)
{
    struct updating u = after_data();

    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK_EQUAL(probes(&u)->count, 0);
    CHECK_EQUAL(u.summary[0].end[1].probes.count, 1);
    CHECK_EQUAL(u.summary[0].end[1].probes.first.frame, 5);
}

/* Whether it is new can't be told. */
static void test_the_first_data_of_who_was_joined_late_is_none(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK_STRING(seq_verdicts[u.talk.o.seq_verdict].name, seq_verdicts[SEQ_NOT_JUDGED].name);
    CHECK_EQUAL(probes(&u)->count, 0);
}

static void test_a_repeated_fin_is_no_data(void)
{
    struct updating u = updating_opened();

    for (unsigned i = 0; i < 3; i++)
        UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 300);
    CHECK_EQUAL(u.summary[0].end[0].fins.count, 3);
    CHECK_EQUAL(probes(&u)->count, 0);
}

int main(void)
{
    test_all_copies_of_syns_and_fins_count();
    test_data_sent_again_200_ms_later_is_a_try();
    test_old_and_new_data_in_one_is_a_try();
    test_new_data_is_none();
    test_data_behind_a_gap_begins_a_series_too();
    test_the_first_keepalive_is_a_try_however_young_the_connection();
    test_tries_are_apart_from_new_data_as_well();
    test_a_pure_ack_is_none();
    test_keepalives_are_tries();
    test_window_probes_are_tries();
    test_any_segment_of_the_peer_answers();
    test_the_next_series_begins_anew();
    test_the_peers_own_tries_are_counted_apart();
    test_the_first_data_of_who_was_joined_late_is_none();
    test_a_repeated_fin_is_no_data();
    return check_result();
}
