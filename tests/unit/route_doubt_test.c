/* route_doubt_test.c - who is meant while two connections on one four-tuple may both be alive?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "routing.h"

#include "route/route.h"

enum { FAR = 1 << 28, REACH = 1 << 20 };

/* An open connection into which a SYN falls: connection 1. Numbers of the client count from the new ISN,
 * those of the old one are OLD further. */
enum { NEW = 50000000, OLD = -NEW };

static struct talk challenged(void)
{
    struct talk t = talk_opened();

    t.isn[CLIENT] = seq_add(t.isn[CLIENT], NEW);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S, .wait = 1000), "new_syn", 1);
    return t;
}

/* --- a SYN in a live connection --- */

static void test_the_first_bare_ack_is_the_challenge_and_belongs_to_the_new_one(void)
{
    struct talk t = challenged();

    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = OLD + 1), "delayed", 1);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = OLD + 1), "old_server_goes_on", 0);
}

static void test_data_a_fin_or_a_reset_is_no_challenge(void)
{
    struct talk t = challenged();

    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = OLD + 1, .data = 9),
                "old_server_goes_on", 0);
    t = challenged();
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = OLD + 1), "old_server_goes_on", 0);
    t = challenged();
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = R, .seq = 1), "old_server_goes_on", 0);
}

/* The client has given up: what comes from the server now is no answer to the SYN. */
static void test_only_what_directly_follows_the_syn_challenges_it(void)
{
    struct talk t = challenged();

    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = R, .seq = 1), "usual", 1);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = OLD + 1), "old_server_goes_on", 0);
}

static void test_an_ack_of_the_new_syn_answers_it_be_it_with_a_reset(void)
{
    struct talk t = challenged();

    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = FAR, .ack = 1), "acks_new_syn", 1);
    t = challenged();
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = RA, .ack = 1), "acks_new_syn", 1);
}

/* The number in the ACK field of a RST without ACK is none. */
static void test_without_ack_nothing_answers_the_new_syn(void)
{
    struct talk t = talk_opened();

    t.isn[CLIENT] = seq_of(UINT32_MAX);
    SAY(&t, .from = CLIENT, .flags = S, .seq = 0, .wait = 1000);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = R, .seq = 1), "old_server_goes_on", 0);
}

static void test_the_old_client_goes_on_with_its_old_numbers(void)
{
    struct talk t = challenged();

    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = OLD + 1, .ack = 1, .data = 9),
                "old_client_goes_on", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = OLD + 1 + REACH, .ack = 1), "old_client_goes_on",
                0);
    t = challenged();
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), "usual", 1);
    t = challenged();
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 500, .ack = 1, .data = 9), "usual", 1);
    t = challenged();
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = R, .seq = OLD + 1), "delayed",
                1); /* answers the challenge */
}

/* Both were given up, and then there is a third one: which of both is over can't be told. */
static void test_while_both_may_be_alive_a_stranger_begins_no_third_one(void)
{
    struct talk t = challenged();

    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = OLD + 1);
    SAY(&t, .from = CLIENT, .flags = R, .seq = OLD + 1);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 2 * FAR, .ack = 2 * FAR), "usual", 1);
}

static void test_after_a_closed_connection_a_refused_one_is_over(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    t.isn[CLIENT] = seq_add(t.isn[CLIENT], NEW);
    t.isn[SERVER] = seq_add(t.isn[SERVER], NEW);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 2 * FAR, .ack = 2 * FAR), "stranger", 2);
}

/* --- a lone SYN-ACK, or a stranger, in a live connection --- */

static struct talk answered(uint32_t seq)
{
    struct talk t = talk_opened();

    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .seq = seq, .ack = FAR), "strange_answer", 1);
    return t;
}

static void test_beside_a_lone_syn_ack_the_numbers_tell_which_one_is_meant(void)
{
    struct talk t = answered(FAR);

    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 9), "beside_lone_answer", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 10), "beside_lone_answer", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S, .seq = 5), "new_syn", 2);
    t = answered(FAR);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = FAR, .ack = FAR + 1), "usual", 1);
    t = answered(5000); /* near both */
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 5001, .ack = FAR, .data = 9), "usual", 1);
}

/* But what fits the old one exactly belongs to it, for its end was not captured. */
static void test_a_syn_ack_that_is_acknowledged_replaces_the_connection(void)
{
    struct talk t = answered(FAR);

    SAY(&t, .from = CLIENT, .flags = A, .seq = FAR, .ack = FAR + 1);
    CHECK_EQUAL(t.o.steps, STEP_ACK);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 9), "old_goes_on", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 2 * FAR, .ack = 3 * FAR), "stranger", 2);
}

/* Joined late, in the middle of another one: neither has to give way. */
static void test_a_stranger_and_the_connection_go_on_side_by_side(void)
{
    struct talk t = talk_opened();

    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = FAR, .ack = FAR, .data = 9), "stranger", 1);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 9), "beside_lone_answer", 0);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = FAR, .ack = FAR + 9), "usual", 1);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 10), "beside_lone_answer", 0);
}

/* What goes on in the one before has the one before that behind it. */
static void test_the_connection_before_has_its_own_predecessor(void)
{
    struct talk t = talk_opened();
    struct routing at;

    talk_close(&t);
    t.isn[CLIENT] = seq_add(t.isn[CLIENT], NEW);
    t.isn[SERVER] = seq_add(t.isn[SERVER], NEW);
    talk_open(&t);
    CHECK_EQUAL(t.o.connection, 1);
    SAY(&t, .from = SERVER, .flags = SA, .seq = FAR, .ack = FAR);
    CHECK_EQUAL(t.o.connection, 2);
    talk_segment(&t, (struct saying){.from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 9});
    route(&t.handle, &t.seg, &t.observer, &at);
    CHECK(at.c == &t.pool[1] && at.previous == &t.pool[0]);
    CHECK_EQUAL(at.number, 2);
    CHECK_EQUAL(at.newest, 3);
}

int main(void)
{
    test_the_first_bare_ack_is_the_challenge_and_belongs_to_the_new_one();
    test_data_a_fin_or_a_reset_is_no_challenge();
    test_only_what_directly_follows_the_syn_challenges_it();
    test_an_ack_of_the_new_syn_answers_it_be_it_with_a_reset();
    test_without_ack_nothing_answers_the_new_syn();
    test_the_old_client_goes_on_with_its_old_numbers();
    test_while_both_may_be_alive_a_stranger_begins_no_third_one();
    test_after_a_closed_connection_a_refused_one_is_over();
    test_beside_a_lone_syn_ack_the_numbers_tell_which_one_is_meant();
    test_a_syn_ack_that_is_acknowledged_replaces_the_connection();
    test_a_stranger_and_the_connection_go_on_side_by_side();
    test_the_connection_before_has_its_own_predecessor();
    return check_result();
}
