/* apply_numbers_test.c - which numbers does a segment move: sent, acknowledged, offered?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

static const struct end *end_of(struct talk *t, unsigned end)
{
    return &talk_newest(t)->end[end];
}

#define CHECK_NUMBER(t, of, number, offset) CHECK_EQUAL(talk_offset((t), (of), (number)), (offset))

static void test_what_is_sent_is_next_and_what_is_acknowledged_is_not_outstanding(void)
{
    struct talk t = talk_half_acknowledged();

    CHECK_NUMBER(&t, CLIENT, end_of(&t, CLIENT)->sent.nxt, 401);
    CHECK_NUMBER(&t, CLIENT, end_of(&t, CLIENT)->stream.una, 201);
    CHECK_NUMBER(&t, SERVER, end_of(&t, SERVER)->sent.nxt, 1);
    CHECK_NUMBER(&t, SERVER, end_of(&t, SERVER)->stream.una, 1);
    CHECK_NUMBER(&t, CLIENT, end_of(&t, SERVER)->stream.last_ack, 201);
}

static void test_a_reset_ahead_tells_how_far_its_sender_had_come(void)
{
    struct talk t = talk_opened();

    talk_newest(&t)->end[CLIENT].sent.missing = true;
    SAY(&t, .from = CLIENT, .flags = R, .seq = 51);
    CHECK(end_of(&t, CLIENT)->stream.has_acked_unseen);
    CHECK_NUMBER(&t, CLIENT, end_of(&t, CLIENT)->stream.acked_unseen, 51);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 1511); /* one behind another is a guess */
    CHECK_NUMBER(&t, CLIENT, end_of(&t, CLIENT)->stream.acked_unseen, 51);
    t = talk_opened(); /* whether it counts its receiver has to show */
    SAY(&t, .from = CLIENT, .flags = R, .seq = 51);
    CHECK(!end_of(&t, CLIENT)->stream.has_acked_unseen);
    t = talk_opened();
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 51); /* nothing comes behind a FIN */
    CHECK(!end_of(&t, CLIENT)->stream.has_acked_unseen);
}

/* RFC 9293 3.8.6.1: the byte of a probe is not yet sent, if the window stays closed. */
static void test_the_byte_of_a_window_probe_is_kept_apart(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 401, .shut = true);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 400, .ack = 1, .wait = 500);
    CHECK(!end_of(&t, CLIENT)->stream.probe_byte);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 400, .ack = 1, .data = 1, .wait = 500);
    CHECK(!end_of(&t, CLIENT)->stream.probe_byte); /* an old byte */
    SAY(&t, .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 1, .wait = 500);
    CHECK(end_of(&t, CLIENT)->stream.probe_byte);
    CHECK_NUMBER(&t, CLIENT, end_of(&t, CLIENT)->sent.nxt, 401);
}

static void test_only_data_is_suspected_to_be_rewritten(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 10000000, .ack = 1);
    CHECK(!end_of(&t, CLIENT)->stream.suspect_rewrite);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 10000000, .ack = 1, .data = 10);
    CHECK(end_of(&t, CLIENT)->stream.suspect_rewrite);
}

static void test_a_first_fragment_leaves_bytes_missing(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK(!end_of(&t, CLIENT)->sent.missing);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .no_length = true);
    CHECK(end_of(&t, CLIENT)->sent.missing);
}

/* What was acknowledged and not captured counts once the same number comes again, be it 0. */
static void test_what_was_acknowledged_unseen_counts_the_second_time(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 64); /* as a number, 0 */
    CHECK_NUMBER(&t, SERVER, end_of(&t, SERVER)->stream.una, 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 81);
    CHECK_NUMBER(&t, SERVER, end_of(&t, SERVER)->stream.una, 1);
    CHECK(end_of(&t, SERVER)->stream.has_acked_unseen);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 81);
    CHECK_NUMBER(&t, SERVER, end_of(&t, SERVER)->stream.una, 81);
    CHECK(!end_of(&t, SERVER)->stream.has_acked_unseen);
}

/* How many different ACKs an end has sent is known only if none can have been missed. */
static void test_acks_are_counted_where_all_of_them_were_captured(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1); /* the SYN was missed, but this is the first */
    CHECK_EQUAL(end_of(&t, SERVER)->stream.acks_seen, 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(end_of(&t, CLIENT)->stream.acks_seen, ACKS_SEEN_MANY);
    t = talk_opened();
    CHECK_EQUAL(end_of(&t, CLIENT)->stream.acks_seen, 1);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1); /* the SYN-ACK was missed */
    CHECK_EQUAL(end_of(&t, CLIENT)->stream.acks_seen, ACKS_SEEN_MANY);
}

static void test_what_is_not_acceptable_offers_no_window(void)
{
    struct talk t = talk_opened();

    CHECK_NUMBER(&t, SERVER, end_of(&t, CLIENT)->stream.right, 1 + WINDOW);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 10000000, .ack = 1, .window = 50000);
    CHECK_NUMBER(&t, SERVER, end_of(&t, CLIENT)->stream.right, 1 + WINDOW);
    CHECK_EQUAL(end_of(&t, CLIENT)->stream.max_window, WINDOW);
    CHECK_EQUAL(end_of(&t, CLIENT)->stream.window, WINDOW);
}

/* RFC 7323 2.2: windows are scaled if both ends offer it, that of a SYN-ACK never. */
static void test_windows_are_scaled_behind_the_syns(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .scale = 7);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .scale = 3);
    CHECK_NUMBER(&t, CLIENT, end_of(&t, SERVER)->stream.right, 1 + WINDOW);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .window = 100);
    CHECK_NUMBER(&t, SERVER, end_of(&t, CLIENT)->stream.right, 1 + (100 << 7));
    t = talk_begin(); /* without the SYN nobody knows the scale */
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .scale = 3);
    CHECK(end_of(&t, SERVER)->stream.right_known);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK(!end_of(&t, CLIENT)->stream.right_known);
}

int main(void)
{
    test_what_is_sent_is_next_and_what_is_acknowledged_is_not_outstanding();
    test_a_reset_ahead_tells_how_far_its_sender_had_come();
    test_the_byte_of_a_window_probe_is_kept_apart();
    test_only_data_is_suspected_to_be_rewritten();
    test_a_first_fragment_leaves_bytes_missing();
    test_what_was_acknowledged_unseen_counts_the_second_time();
    test_acks_are_counted_where_all_of_them_were_captured();
    test_what_is_not_acceptable_offers_no_window();
    test_windows_are_scaled_behind_the_syns();
    return check_result();
}
