/* route_strangers_test.c - which numbers have nothing to do with a connection?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "routing.h"

#include "route/route.h"

enum { FAR = 1 << 28, REACH = 1 << 20 };

static struct talk closed(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    return t;
}

static void test_a_number_may_lie_a_mebibyte_from_what_was_captured(void)
{
    for (int beyond = 0; beyond <= 1; beyond++) {
        const char *way = beyond ? "stranger" : "usual";
        struct talk t = talk_opened();

        CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + REACH + beyond, .ack = FAR), way, beyond);
        t = talk_opened();
        CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 1 - (uint32_t)REACH - beyond, .ack = FAR), way,
                    beyond);
        t = talk_opened();
        CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = FAR, .ack = 1 + REACH + beyond), way, beyond);
    }
}

static void test_while_it_opens_a_connection_keeps_what_is_strange(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = FAR, .ack = FAR), "usual", 0);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1); /* it is over, though it never opened */
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = FAR, .ack = FAR), "stranger", 1);
}

/* Only what both ends' numbers are known of can be strange. */
static void test_nothing_is_strange_to_numbers_that_are_not_known(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = FAR, .ack = FAR, .data = 10);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 2 * FAR, .ack = 3 * FAR), "usual", 0);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = A, .seq = FAR, .data = 10);
    talk_newest(&t)->end[SERVER].stream.una_known = false;
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 2 * FAR, .ack = 2 * FAR), "usual", 0);
}

static void test_what_was_sent_and_what_was_acknowledged_tell_a_stranger(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 5, .ack = 5, .data = 10); /* of the server, only this ACK */
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = FAR, .ack = FAR), "stranger", 1);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = A, .seq = 5, .ack = 5, .data = 10); /* and of the client, no ACK */
    SAY(&t, .from = SERVER, .flags = A, .seq = 5, .ack = 15, .data = 10);
    talk_newest(&t)->end[CLIENT].stream.una_known = false;
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = FAR, .ack = FAR), "stranger", 1);
}

/* The acknowledged number counts, too, where more was sent than could be captured. */
static void test_an_ack_near_the_last_one_is_not_strange(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 3 * REACH);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = FAR, .ack = 1 + REACH), "usual", 0);
    t = talk_opened();
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 3 * REACH);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = FAR, .ack = 2 + REACH), "stranger", 1);
}

/* The ACKs of a gibibyte were not captured: the last one of them says nothing any more. */
static void test_an_ack_of_long_ago_is_strange(void)
{
    struct talk t = talk_opened();

    for (uint32_t i = 0; i < 3; i++) {
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + (i << 29), .ack = 1, .data = 1u << 29);
    }
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = FAR, .ack = 1), "stranger", 1);
}

/* The challenge came from a connection that was not captured, and the SYN was given up. */
static void test_after_a_challenged_syn_was_given_up_a_stranger_begins_anew(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = A, .seq = FAR, .ack = 2 * FAR);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = FAR);
    CHECK(connection_is_over(talk_newest(&t)));
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 3 * FAR, .ack = 4 * (uint32_t)FAR), "stranger", 1);
}

/* --- after both FINs --- */

static void test_behind_both_ends_both_numbers_have_to_lie(void)
{
    struct talk t = closed();

    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 500), "usual", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 500, .ack = 2), "usual", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = RA, .seq = 500, .ack = 500), "usual", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 500, .ack = 500), "behind_both_ends", 1);
}

static void test_who_has_not_closed_may_send_beyond_all_that_was_captured(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 500, .ack = 500), "usual", 0);
}

/* FINs without ACK in the handshake close nothing. */
static void test_before_the_handshake_is_over_nothing_lies_behind(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = F, .seq = 1);
    SAY(&t, .from = SERVER, .flags = F, .seq = 1);
    CHECK(!talk_newest(&t)->dialogue.complete);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 500, .ack = 500), "usual", 0);
}

/* The other direction is not in the capture: what this one has acknowledged stands for it. */
static void test_behind_an_end_that_was_not_captured_lies_what_was_never_acknowledged(void)
{
    struct talk t = talk_begin();

    t.isn[SERVER] = seq_of(1000);
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 2, .ack = 1);
    CHECK(connection_is_over(talk_newest(&t)));
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 500, .ack = 1), "usual", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 500, .ack = 500), "behind_both_ends", 1);
}

/* --- without ACK --- */

static void test_only_after_the_end_a_bare_stranger_begins_anew(void)
{
    struct talk t = talk_opened();

    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = F, .seq = FAR), "usual", 0);
    t = closed();
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = F, .seq = 2), "usual", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = R, .seq = FAR), "usual", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = F, .seq = FAR), "bare_stranger", 1);
}

int main(void)
{
    test_a_number_may_lie_a_mebibyte_from_what_was_captured();
    test_while_it_opens_a_connection_keeps_what_is_strange();
    test_nothing_is_strange_to_numbers_that_are_not_known();
    test_what_was_sent_and_what_was_acknowledged_tell_a_stranger();
    test_an_ack_near_the_last_one_is_not_strange();
    test_an_ack_of_long_ago_is_strange();
    test_after_a_challenged_syn_was_given_up_a_stranger_begins_anew();
    test_behind_both_ends_both_numbers_have_to_lie();
    test_who_has_not_closed_may_send_beyond_all_that_was_captured();
    test_before_the_handshake_is_over_nothing_lies_behind();
    test_behind_an_end_that_was_not_captured_lies_what_was_never_acknowledged();
    test_only_after_the_end_a_bare_stranger_begins_anew();
    return check_result();
}
