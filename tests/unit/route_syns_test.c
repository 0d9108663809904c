/* route_syns_test.c - which SYNs and SYN-ACKs open a connection anew, and which belong to it?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "routing.h"

#include "route/route.h"

enum { FAR = 1 << 28 };

/* From here on an end counts from another ISN. */
static void restart(struct talk *t, unsigned end, uint32_t further)
{
    t->isn[end] = seq_add(t->isn[end], further);
}

static struct talk closed(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    return t;
}

static void test_every_row_has_its_name(void)
{
    CHECK_STRING(route_name(ROUTE_NONE), "none");
    CHECK_STRING(route_name(ROUTE_COPY_OF_NEWEST), "copy_of_newest");
    CHECK_STRING(route_name(ROUTE_usual), "usual");
    CHECK(route_name(ROUTE_COUNT) == NULL);
}

static void test_a_plain_connection_takes_the_usual_way(void)
{
    struct talk t = talk_begin();

    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S), "first", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S, .wait = 1000), "syn_again", 0);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), "answer", 0);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000), "syn_ack_again", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), "usual", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 0, .ack = 1, .data = 1), "usual",
                0); /* keepalives */
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 0, .ack = 1), "usual", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 5, .ip_id = 7), "usual", 0);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 5, .ip_id = 7, .wait = 1),
                "usual", 0);
    CHECK_SEQ(&t.o, SEQ_COPY);
}

static void test_an_unusable_header_takes_no_way(void)
{
    struct talk t = closed();

    restart(&t, CLIENT, FAR);
    talk_segment(&t, (struct saying){.from = CLIENT, .flags = S});
    t.seg.usable = false;
    CHECK_ROUTE(talk_observe(&t), "none", 0);
    CHECK_EQUAL(t.observer.connections, 1);
}

/* --- SYNs --- */

static void test_what_answers_before_the_syn_ack_is_no_crossing_syn(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1), "usual", 0);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = S), "crossing_syn", 0);
}

/* The SYN-ACK and step 3 are over: who opens now opens anew. */
static void test_a_syn_from_the_other_side_of_an_open_connection_crosses_nothing(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 5);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = S), "new_syn", 1);
}

static void test_a_syn_that_was_not_answered_by_this_syn_ack_begins_anew(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S, .seq = 70000), "new_syn", 1);
}

/* RFC 9293 3.10.7.3: from a connection that was not captured comes a challenge; then its end opens anew,
 * too. */
static void test_no_syn_crosses_another_one_that_was_challenged(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = A, .seq = 9000, .ack = 70000000);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = S), "new_syn", 1);
}

static void test_a_syn_whose_data_the_syn_ack_acknowledged_was_captured_behind_it(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = SERVER, .flags = SA, .ack = 101);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S, .data = 100, .wait = 1), "syn_behind_answer", 0);
    t = talk_begin();
    SAY(&t, .from = SERVER, .flags = SA, .ack = 101);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = A, .seq = 100, .ack = 1, .data = 1), "usual", 0);
}

/* An old one, which happens to end at the same number. */
static void test_who_has_sent_a_syn_sends_no_other_one_behind_the_answer(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S, .seq = (uint32_t)-5, .data = 5), "new_syn", 1);
}

/* Zero is a number like any other: what isn't known isn't zero. */
static void test_an_isn_that_is_not_known_is_not_repeated(void)
{
    struct talk t = talk_begin();

    t.isn[CLIENT] = seq_of(0);
    t.isn[SERVER] = seq_of(0);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 5000, .ack = 9, .data = 1);
    CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S), "new_syn", 1);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), "answer", 1);
}

/* RFC 9293 3.4.1: after so many bytes, the same ISN may come again. */
static void test_an_isn_comes_again_when_numbers_have_gone_far(void)
{
    for (unsigned far = 0; far <= 1; far++) {
        struct talk t = talk_opened();

        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 1u << 29);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1 + (1u << 29), .ack = 1, .data = (1u << 29) - 1 + far);
        CHECK_ROUTE(SAY(&t, .from = CLIENT, .flags = S), far ? "new_syn" : "syn_again", far);
    }
}

/* --- SYN-ACKs --- */

/* RFC 9293 3.10.7.3: behind a load balancer, two hosts answer one SYN. */
static void test_a_second_syn_ack_to_the_same_syn_is_another_answer(void)
{
    struct talk t = talk_opened();

    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1), "answer", 0);
    t = talk_begin();
    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 1);
    CHECK(connection_is_over(talk_newest(&t)));
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .ack = 1), "answer", 0);
}

static void test_after_the_end_a_syn_ack_answers_another_syn(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 900);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 901, .ack = 1);
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 500), "answer_after_end", 1);
    t = closed();
    CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .seq = FAR, .ack = FAR), "strange_answer", 1);
}

/* Its sender has closed: RFC 9293 3.10.4 lets it in SYN-RECEIVED. */
static void test_who_has_closed_answers_no_syn_of_this_connection(void)
{
    for (int closes = 0; closes <= 1; closes++) {
        struct talk t = talk_begin();

        SAY(&t, .from = CLIENT, .flags = S);
        SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
        SAY(&t, .from = SERVER, .flags = closes ? FA : A, .seq = 1, .ack = 1);
        CHECK_ROUTE(SAY(&t, .from = SERVER, .flags = SA, .seq = FAR, .ack = FAR),
                    closes ? "strange_answer" : "usual", closes);
    }
}

int main(void)
{
    test_every_row_has_its_name();
    test_a_plain_connection_takes_the_usual_way();
    test_an_unusable_header_takes_no_way();
    test_what_answers_before_the_syn_ack_is_no_crossing_syn();
    test_a_syn_from_the_other_side_of_an_open_connection_crosses_nothing();
    test_a_syn_that_was_not_answered_by_this_syn_ack_begins_anew();
    test_no_syn_crosses_another_one_that_was_challenged();
    test_a_syn_whose_data_the_syn_ack_acknowledged_was_captured_behind_it();
    test_who_has_sent_a_syn_sends_no_other_one_behind_the_answer();
    test_an_isn_that_is_not_known_is_not_repeated();
    test_an_isn_comes_again_when_numbers_have_gone_far();
    test_a_second_syn_ack_to_the_same_syn_is_another_answer();
    test_after_the_end_a_syn_ack_answers_another_syn();
    test_who_has_closed_answers_no_syn_of_this_connection();
    return check_result();
}
