/* stream_test.c - how far was a stream sent, and how far must it have been?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "streaming.h"

static void test_a_stream_joined_late_begins_with_its_first_segment(void)
{
    struct streaming t = {0};

    send(&t, 1, 101, 7);
    CHECK_STREAM(&t, 1, 101, 101);
    CHECK_EQUAL(t.sent.nxt_frame, 7);
    CHECK(!t.s.una_known && !t.s.isn_known && !t.sent.missing);
}

static void test_what_was_acknowledged_before_the_first_segment_had_been_sent(void)
{
    struct streaming t = {0};

    stream_learn_una(&t.s, at(301));
    send(&t, 1, 101, 7);
    CHECK_STREAM(&t, 301, 301, 301);
    CHECK_EQUAL(t.sent.nxt_frame, 0);
    CHECK(t.sent.missing);

    struct streaming level = {0};

    stream_learn_una(&level.s, at(101));
    send(&level, 1, 101, 7);
    CHECK_STREAM(&level, 101, 101, 101);
    CHECK_EQUAL(level.sent.nxt_frame, 7);
    CHECK(!level.sent.missing);
}

static void test_nothing_comes_behind_a_fin(void)
{
    struct streaming t = {0};

    send(&t, 1, 101, 1);
    stream_close(&t.s, 0);
    send(&t, 101, 102, 2);
    CHECK_STREAM(&t, 1, 101, 101);
    send(&t, 1, 101, 3);
    CHECK_STREAM(&t, 1, 101, 101);
}

/* What lay before it may still come. */
static void test_a_gap_before_a_fin_may_be_filled(void)
{
    struct streaming t = {0};

    send(&t, 1, 101, 1);
    send(&t, 201, 301, 2);
    stream_close(&t.s, 0);
    CHECK_STREAM(&t, 1, 101, 301);
    send(&t, 101, 201, 3);
    CHECK_STREAM(&t, 1, 301, 301);
}

static void test_a_claim_holds_as_long_as_it_lies_ahead(void)
{
    struct streaming t = {0};

    send(&t, 1, 101, 1);
    stream_claim(&t.s, at(301));
    send(&t, 101, 300, 2);
    CHECK(t.s.has_acked_unseen);
    send(&t, 300, 301, 3);
    CHECK(!t.s.has_acked_unseen);
    stream_claim(&t.s, at(401));
    stream_drop_claim(&t.s);
    CHECK(!t.s.has_acked_unseen);
}

static void test_a_redeemed_claim_is_where_the_stream_goes_on(void)
{
    struct streaming t = {0};

    send(&t, 1, 101, 1);
    stream_claim(&t.s, at(301));
    stream_redeem(&t.s, &t.sent);
    CHECK_STREAM(&t, 1, 301, 301);
    CHECK(t.sent.missing && !t.s.has_acked_unseen);
    CHECK_EQUAL(t.sent.nxt_frame, 0);
}

static void test_who_was_suspected_wrongly_goes_on_from_there(void)
{
    struct streaming t = {0};

    send(&t, 1, 101, 1);
    stream_claim(&t.s, at(301));
    stream_suspect(&t.s, at(90100));
    CHECK(t.s.suspect_rewrite && !t.s.rewritten);
    stream_vindicate(&t.s, &t.sent);
    CHECK(!t.s.suspect_rewrite && t.s.rewritten && t.sent.missing && !t.s.has_acked_unseen);
    CHECK_STREAM(&t, 90100, 90100, 90100);
    CHECK(stream_check(&t.s, &t.sent) == NULL);
}

int main(void)
{
    test_a_stream_joined_late_begins_with_its_first_segment();
    test_what_was_acknowledged_before_the_first_segment_had_been_sent();
    test_nothing_comes_behind_a_fin();
    test_a_gap_before_a_fin_may_be_filled();
    test_a_claim_holds_as_long_as_it_lies_ahead();
    test_a_redeemed_claim_is_where_the_stream_goes_on();
    test_who_was_suspected_wrongly_goes_on_from_there();
    return check_result();
}
