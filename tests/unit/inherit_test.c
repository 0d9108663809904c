/* inherit_test.c - what does a new connection, or a SYN, SYN-ACK or answer, find at either end?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

/* From here on an end counts from another ISN. */
static void restart(struct talk *t, unsigned end, uint32_t further)
{
    t->isn[end] = seq_add(t->isn[end], further);
}

/* Before its own SYN an end is in TIME-WAIT if the connection before ended there not long ago. */
static void test_time_wait_is_inherited_while_it_lasts(void)
{
    for (int over = 0; over <= 1; over++) {
        struct talk t = talk_opened();

        talk_close(&t);
        restart(&t, CLIENT, 100000);
        SAY(&t, .from = CLIENT, .flags = S, .wait = over ? 61000 : 1000);
        CHECK_EQUAL(t.o.sender.before, over ? CLOSED : TIME_WAIT);
        CHECK_EQUAL(t.o.peer.before, LISTEN);
    }
}

static void test_a_syn_sent_into_time_wait_opens_there_anew(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 2);
    SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    CHECK_STATES(&t.o, TIME_WAIT, CLOSED);
    restart(&t, CLIENT, 100000);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK_EQUAL(t.o.peer.before, TIME_WAIT);
    CHECK_STATES(&t.o, SYN_SENT, SYN_RECEIVED);
    restart(&t, SERVER, 100000);
    CHECK_STATES(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), SYN_RECEIVED, ESTABLISHED);
}

/* The RST took the server back to LISTEN; the same SYN finds it there. */
static void test_after_a_rejected_syn_ack_the_same_syn_finds_a_listener(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_STATES(SAY(&t, .from = CLIENT, .flags = R, .seq = 1), CLOSED, LISTEN);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK_EQUAL(t.o.connection, 1);
    CHECK_EQUAL(t.o.peer.before, LISTEN);
    CHECK_STATES(&t.o, SYN_SENT, SYN_RECEIVED);
    restart(&t, SERVER, 100000);
    CHECK_STATES(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), SYN_RECEIVED, ESTABLISHED);
    CHECK_STATES(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), ESTABLISHED, ESTABLISHED);
    CHECK_EQUAL(t.o.connection, 1);
}

/* RFC 9293 3.5.1, figure 9: the client has lost the connection, the server has not. */
static void test_a_challenged_syn_shows_the_new_client_and_the_old_server(void)
{
    struct talk t = talk_opened();

    restart(&t, CLIENT, 500000);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK_EQUAL(t.o.connection, 1);
    CHECK_STATES(&t.o, SYN_SENT, ESTABLISHED);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1u - 500000u);
    CHECK_EQUAL(t.o.connection, 1);
    CHECK_STATES(&t.o, ESTABLISHED, SYN_SENT);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 1u - 500000u);
    CHECK_EQUAL(t.o.connection, 1);
    CHECK_STATES(&t.o, SYN_SENT, CLOSED);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000); /* the same again: now somebody listens */
    CHECK_EQUAL(t.o.connection, 1);
    CHECK_STATES(&t.o, SYN_SENT, SYN_RECEIVED);
}

/* --- beginning --- */

static void test_a_syn_ack_shows_where_its_receiver_was(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_EQUAL(t.o.peer.before, SYN_SENT);
    CHECK(!talk_newest(&t)->dialogue.complete && !talk_newest(&t)->lineage.joined_late);
}

static void test_who_is_joined_late_is_open_and_that_is_assumed(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 5, .ack = 5, .data = 1);
    CHECK_EQUAL(t.o.peer.before, UNKNOWN);
    CHECK(talk_newest(&t)->dialogue.complete && talk_newest(&t)->lineage.joined_late);
    CHECK(talk_newest(&t)->end[CLIENT].belief.assumed && talk_newest(&t)->end[SERVER].belief.assumed);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 5, .ack = 5);
    CHECK(talk_newest(&t)->dialogue.complete && t.o.assumed);
}

/* A second attempt with another ISN, before or after the first was answered. */
static void test_a_server_that_has_answered_is_found_in_syn_received(void)
{
    for (int answered = 0; answered <= 1; answered++) {
        struct talk t = talk_begin();

        SAY(&t, .from = CLIENT, .flags = S);
        if (answered) {
            SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
        }
        SAY(&t, .from = CLIENT, .flags = S, .seq = 70000, .wait = 1000);
        CHECK_EQUAL(t.o.connection, 1);
        CHECK_EQUAL(t.o.peer.before, answered ? SYN_RECEIVED : LISTEN);
        CHECK_EQUAL(talk_newest(&t)->lineage.ambiguous, answered);
        CHECK(!(t.o.findings & FINDING_SYN_IN_CONNECTION));
    }
}

/* Both had opened actively; the repeat shows that one is still in SYN-SENT, and a new SYN replaces its
 * attempt. */
static void test_who_is_in_syn_sent_may_listen_by_the_next_attempt(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = S);
    SAY(&t, .from = SERVER, .flags = S, .wait = 1500);
    CHECK_EQUAL(t.o.sender.after, SYN_SENT);
    SAY(&t, .from = CLIENT, .flags = S, .seq = 70000);
    CHECK_EQUAL(t.o.connection, 1);
    CHECK_EQUAL(t.o.peer.before, LISTEN);
}

static void test_of_an_end_that_was_not_captured_nothing_is_inherited(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 5, .ack = 5, .data = 1);
    SAY(&t, .from = CLIENT, .flags = S, .seq = 70000, .wait = 1000);
    CHECK_EQUAL(t.o.connection, 1);
    CHECK_EQUAL(t.o.peer.before, LISTEN);
    CHECK(!talk_newest(&t)->lineage.ambiguous);
    CHECK(!(t.o.findings & FINDING_SYN_IN_CONNECTION));
}

/* --- a SYN, a SYN-ACK --- */

/* What opened was not captured; a copy of the SYN does not make up for that. */
static void test_a_repeated_syn_leaves_what_is_assumed(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 5);
    CHECK(talk_newest(&t)->end[CLIENT].belief.assumed);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK(t.o.repeat);
    CHECK(talk_newest(&t)->end[CLIENT].belief.assumed);
}

static void test_a_syn_captured_behind_its_syn_ack_ends_what_was_assumed(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK(talk_newest(&t)->end[CLIENT].belief.assumed);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1);
    CHECK(!talk_newest(&t)->end[CLIENT].belief.assumed);
}

/* The RST arrives right after: the listener it leaves behind was asked once. */
static void test_a_syn_ack_that_crosses_the_reset_shows_no_second_syn(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 1);
    CHECK_EQUAL(t.o.peer.after, LISTEN);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_STRING(state_name(t.o.sender.after), "LISTEN");

    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 1);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1); /* the same once more */
    CHECK_STRING(state_name(t.o.sender.after), "LISTEN");
}

static void test_after_the_reset_another_isn_shows_another_syn(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 1);
    SAY(&t, .from = SERVER, .flags = SA, .seq = 90000, .ack = 1);
    CHECK_EQUAL(t.o.connection, 0);
    CHECK_STRING(state_name(t.o.sender.after), "SYN-RECEIVED");
}

/* --- TIME-WAIT --- */

/* The server waits; the client's last number was 1. */
static struct talk waiting(uint32_t tsval)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .tsval = tsval);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .tsval = tsval);
    SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 2, .tsval = tsval);
    SAY(&t, .from = SERVER, .flags = A, .seq = 2, .ack = 2);
    CHECK_STATES(&t.o, TIME_WAIT, CLOSED);
    return t;
}

#define REUSE (FINDING_TIME_WAIT_REUSE | FINDING_TIME_WAIT_REUSE_ALLOWED)

static void test_a_higher_isn_may_open_time_wait_anew(void)
{
    for (uint32_t seq = 1; seq <= 2; seq++) {
        struct talk t = waiting(0);

        SAY(&t, .from = CLIENT, .flags = S, .seq = seq, .wait = 1000);
        CHECK_EQUAL(t.o.connection, 1);
        CHECK_EQUAL(t.o.findings & REUSE, seq == 1 ? FINDING_TIME_WAIT_REUSE : REUSE);
        CHECK_EQUAL(t.o.peer.after, seq == 1 ? TIME_WAIT : SYN_RECEIVED);
    }
}

/* RFC 6191: the timestamp decides, if both have one; equal ones leave it to the ISN. */
static void test_a_higher_timestamp_may_open_time_wait_anew(void)
{
    static const struct {
        uint32_t before, now, seq;
        bool allowed;
    } cases[] = {
        {500, 501, (uint32_t)-90000, true},  {500, 499, 90000, false},     {500, 500, 90000, true},
        {500, 500, (uint32_t)-90000, false}, {500, 0, 90000, true},        {500, 0, (uint32_t)-90000, false},
        {0, 500, (uint32_t)-90000, false},   {0, 0x90000000, 90000, true},
    };

    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct talk t = waiting(cases[i].before);

        SAY(&t, .from = CLIENT, .flags = S, .seq = cases[i].seq, .tsval = cases[i].now, .wait = 1000);
        CHECK_EQUAL((t.o.findings & FINDING_TIME_WAIT_REUSE_ALLOWED) != 0, cases[i].allowed);
    }
}

/* A RST without ACK acknowledges nothing, whatever stands in its header. */
static void test_what_carries_no_ack_does_not_come_from_the_new_connection(void)
{
    struct talk t = waiting(0);

    t.isn[CLIENT] = seq_of(UINT32_MAX);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK(talk_newest(&t)->end[SERVER].belief.from_previous);
    SAY(&t, .from = SERVER, .flags = R, .seq = 2);
    CHECK_EQUAL(t.o.connection, 1);
    CHECK(talk_newest(&t)->end[SERVER].belief.from_previous);
}

int main(void)
{
    test_time_wait_is_inherited_while_it_lasts();
    test_a_syn_sent_into_time_wait_opens_there_anew();
    test_after_a_rejected_syn_ack_the_same_syn_finds_a_listener();
    test_a_challenged_syn_shows_the_new_client_and_the_old_server();
    test_a_syn_ack_shows_where_its_receiver_was();
    test_who_is_joined_late_is_open_and_that_is_assumed();
    test_a_server_that_has_answered_is_found_in_syn_received();
    test_who_is_in_syn_sent_may_listen_by_the_next_attempt();
    test_of_an_end_that_was_not_captured_nothing_is_inherited();
    test_a_repeated_syn_leaves_what_is_assumed();
    test_a_syn_captured_behind_its_syn_ack_ends_what_was_assumed();
    test_a_syn_ack_that_crosses_the_reset_shows_no_second_syn();
    test_after_the_reset_another_isn_shows_another_syn();
    test_a_higher_isn_may_open_time_wait_anew();
    test_a_higher_timestamp_may_open_time_wait_anew();
    test_what_carries_no_ack_does_not_come_from_the_new_connection();
    return check_result();
}
