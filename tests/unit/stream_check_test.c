/* stream_check_test.c - a struct stream that can't be is noticed
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "streaming.h"

/* A SYN-ACK and 100 bytes of data, the SYN of which is acknowledged. */
static struct streaming good(void)
{
    return (struct streaming){
        .s =
            {
                .isn = at(0),
                .una = at(1),
                .acked_unseen = at(301),
                .right = at(9000),
                .acks_seen = 1,
                .isn_known = true,
                .una_known = true,
                .right_known = true,
                .syn_sent = true,
                .syn_ack_sent = true,
                .has_acked_unseen = true,
                .has_other_isn = true,
            },
        .sent = {.nxt = at(101), .nxt_known = true},
    };
}

/* One member of good() is `value`. */
#define CHECK_FAULT(member, value, fault)                             \
    do {                                                              \
        struct streaming broken_ = good();                            \
        broken_.member = (value);                                     \
        CHECK_STRING(stream_check(&broken_.s, &broken_.sent), fault); \
    } while (0)

#define CHECK_FINE(member, value)                           \
    do {                                                    \
        struct streaming fine_ = good();                    \
        fine_.member = (value);                             \
        CHECK(stream_check(&fine_.s, &fine_.sent) == NULL); \
    } while (0)

static void test_a_stream_of_which_all_or_nothing_is_known_is_fine(void)
{
    struct streaming nothing = {0}, all = good();

    CHECK(stream_check(&nothing.s, &nothing.sent) == NULL);
    CHECK(stream_check(&all.s, &all.sent) == NULL);
}

static void test_a_syn_has_an_isn(void)
{
    CHECK_FAULT(s.isn_known, false, "stream: a SYN without an ISN");
}

static void test_a_syn_ack_is_a_syn(void)
{
    CHECK_FAULT(s.syn_sent, false, "stream: a SYN-ACK that is no SYN");
    CHECK_FINE(s.syn_ack_sent, false);
}

static void test_who_has_an_isn_has_sent_something(void)
{
    CHECK_FAULT(sent.nxt_known, false, "stream: an ISN, but no SND.NXT");

    struct streaming t = {.s = {.isn_known = true}};

    CHECK_STRING(stream_check(&t.s, &t.sent), "stream: an ISN, but no SND.NXT");
    t.sent.nxt_known = true; /* a SYN-ACK told of it */
    CHECK(stream_check(&t.s, &t.sent) == NULL);
}

static void test_what_is_claimed_lies_ahead(void)
{
    CHECK_FAULT(s.acked_unseen, at(101), "stream: SND.NXT < what was acknowledged unseen");
    CHECK_FINE(s.acked_unseen, at(102));

    struct streaming t = good();

    t.s.has_acked_unseen = false;
    t.s.acked_unseen = at(0);
    CHECK(stream_check(&t.s, &t.sent) == NULL);
}

static void test_what_is_acknowledged_was_sent(void)
{
    CHECK_FAULT(s.una, at(102), "stream: SND.UNA <= SND.NXT");
    CHECK_FINE(s.una, at(101));

    struct streaming unknown = good(), only_acked = {.s = {.una_known = true, .una = at(5)}};

    unknown.s.una_known = false;
    unknown.s.una = at(102);
    CHECK(stream_check(&unknown.s, &unknown.sent) == NULL);
    CHECK(stream_check(&only_acked.s, &only_acked.sent) == NULL);
}

static void test_two_isns_need_a_syn(void)
{
    struct streaming t = good();

    t.s.syn_sent = t.s.syn_ack_sent = false;
    CHECK_STRING(stream_check(&t.s, &t.sent), "stream: two ISNs, but no SYN");
    t.s.has_other_isn = false;
    CHECK(stream_check(&t.s, &t.sent) == NULL);
    CHECK_FINE(s.has_other_isn, false);
}

static void test_a_right_edge_came_with_an_ack(void)
{
    CHECK_FAULT(s.acks_seen, 0, "stream: a right edge without an ACK");
    CHECK_FINE(s.right_known, false);
}

int main(void)
{
    test_a_stream_of_which_all_or_nothing_is_known_is_fine();
    test_a_syn_has_an_isn();
    test_a_syn_ack_is_a_syn();
    test_who_has_an_isn_has_sent_something();
    test_what_is_claimed_lies_ahead();
    test_what_is_acknowledged_was_sent();
    test_two_isns_need_a_syn();
    test_a_right_edge_came_with_an_ack();
    return check_result();
}
