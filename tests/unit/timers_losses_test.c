/* timers_losses_test.c - when is a segment taken for lost, and when is a retransmission asked for?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

/* 100 bytes, `repeats` times again every 300 ms; `wait` later the server says that it lacks them. */
static bool is_held_for_lost(unsigned repeats, uint32_t wait)
{
    struct talk t = talk_opened();

    for (unsigned i = 0; i <= repeats; i++)
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 300);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = wait);
    CHECK_EQUAL(t.o.server_owes & ~(1u << OWES_ACK_OF_DATA), 0);
    return t.o.server_owes == 0;
}

static void test_data_may_be_under_way_for_a_second(void)
{
    CHECK(!is_held_for_lost(0, 1000));
    CHECK(is_held_for_lost(0, 1001));
}

static void test_repeated_data_may_be_under_way_for_200_ms(void)
{
    CHECK(!is_held_for_lost(1, 200));
    CHECK(is_held_for_lost(1, 201));
    CHECK(!is_held_for_lost(2, 200));
    CHECK(is_held_for_lost(2, 201));
}

static const struct attempts *attempts_of(struct talk *t, unsigned end)
{
    return &talk_newest(t)->end[end].attempts;
}

static void test_what_was_lost_and_is_sent_again_is_owed_an_ack(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 1500);
    CHECK(attempts_of(&t, CLIENT)->data_lost);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 11);
    CHECK(attempts_of(&t, CLIENT)->data_lost);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 11, .data = 100);
    CHECK(!attempts_of(&t, CLIENT)->data_lost);
    CHECK_EQUAL(t.o.server_owes, 1u << OWES_ACK_OF_DATA);
}

/* Only an ACK at the oldest number that is outstanding, and since when that is so, tells of a loss. */
static void test_what_tells_nothing_of_a_loss(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .wait = 1500); /* an old ACK */
    CHECK(!attempts_of(&t, CLIENT)->data_lost);
    SAY(&t, .from = SERVER, .flags = A, .seq = 10000000, .ack = 101, .data = 10); /* not acceptable */
    CHECK(!attempts_of(&t, CLIENT)->data_lost);
    t = talk_half_acknowledged(); /* when the second was sent is not kept */
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 201, .data = 10, .wait = 1500);
    CHECK(!attempts_of(&t, CLIENT)->data_lost);
    t = talk_opened(); /* nothing is outstanding */
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 1500);
    CHECK(!attempts_of(&t, CLIENT)->data_lost);
    t = talk_opened(); /* a RST acknowledges nothing */
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = RA, .seq = 1, .ack = 1, .wait = 1500);
    CHECK(!attempts_of(&t, CLIENT)->data_lost);
}

static bool asks(struct talk *t)
{
    return attempts_of(t, CLIENT)->retransmission_due;
}

static void test_only_pure_duplicate_acks_ask_for_a_retransmission(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    for (uint32_t i = 0; i < 4; i++)
        SAY(&t, .from = SERVER, .flags = A, .seq = 1 + 10 * i, .ack = 1, .data = 10);
    CHECK(!asks(&t));
    t = talk_opened(); /* nothing was outstanding when they came */
    for (uint32_t i = 0; i < 4; i++)
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .window = 900);
    CHECK(!asks(&t));
}

/* What is sacked but was not captured may lie before a hole, too; nothing that was captured does. */
static void test_a_hole_where_nothing_is_outstanding_asks_for_nothing(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    for (unsigned i = 0; i < 2; i++) {
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101, .sack = {201, 301});
        CHECK(!asks(&t));
        CHECK(!attempts_of(&t, CLIENT)->loss_reported);
    }
}

/* RFC 2883: the first block may be of a duplicate; any other shows a hole. */
static void test_any_block_may_show_the_hole(void)
{
    for (unsigned hole = 0; hole < 2; hole++) {
        struct talk t = talk_opened();

        for (uint32_t i = 0; i < 3; i++)
            SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + 100 * i, .ack = 1, .data = 100);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 101);
        talk_segment(&t, (struct saying){.from = SERVER, .flags = A, .seq = 1, .ack = 101});
        t.seg.sack_blocks = 2;
        t.seg.sack[hole] = (struct sack_block){seq_add(t.isn[CLIENT], 201), seq_add(t.isn[CLIENT], 301)};
        t.seg.sack[!hole] = (struct sack_block){seq_add(t.isn[CLIENT], 1), seq_add(t.isn[CLIENT], 101)};
        talk_observe(&t);
        CHECK(asks(&t));
    }
}

int main(void)
{
    test_data_may_be_under_way_for_a_second();
    test_repeated_data_may_be_under_way_for_200_ms();
    test_what_was_lost_and_is_sent_again_is_owed_an_ack();
    test_what_tells_nothing_of_a_loss();
    test_only_pure_duplicate_acks_ask_for_a_retransmission();
    test_a_hole_where_nothing_is_outstanding_asks_for_nothing();
    test_any_block_may_show_the_hole();
    return check_result();
}
