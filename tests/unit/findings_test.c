/* findings_test.c - what is worth a finding, exactly once and exactly there
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "tell/findings.h"

#define HAS(o, finding) CHECK(((o)->findings & (finding)) != 0)

#define LACKS(o, finding) CHECK(((o)->findings & (finding)) == 0)

static void test_a_healthy_connection_has_no_findings(void)
{
    struct talk t = talk_begin();

    findings_t findings = SAY(&t, .from = CLIENT, .flags = S)->findings;

    findings |= SAY(&t, .from = SERVER, .flags = SA, .ack = 1)->findings;
    findings |= SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1)->findings;
    findings |= SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 300)->findings;
    findings |= SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 301, .data = 300)->findings;
    findings |= SAY(&t, .from = CLIENT, .flags = FA, .seq = 301, .ack = 301)->findings;
    findings |= SAY(&t, .from = SERVER, .flags = FA, .seq = 301, .ack = 302)->findings;
    findings |= SAY(&t, .from = CLIENT, .flags = A, .seq = 302, .ack = 302)->findings;
    CHECK_EQUAL(findings, 0);
}

static void test_joining_late_is_said_once(void)
{
    struct talk t = talk_begin();

    HAS(SAY(&t, .from = CLIENT, .flags = A, .seq = 500, .ack = 900, .data = 10), FINDING_JOINED_LATE);
    LACKS(SAY(&t, .from = SERVER, .flags = A, .seq = 900, .ack = 510), FINDING_JOINED_LATE);
    LACKS(SAY(&t, .from = CLIENT, .flags = A, .seq = 510, .ack = 900, .data = 10), FINDING_JOINED_LATE);
}

static void test_crossing_syns_are_a_simultaneous_open(void)
{
    struct talk t = talk_begin();

    LACKS(SAY(&t, .from = CLIENT, .flags = S), FINDING_SIMULTANEOUS_OPEN);
    HAS(SAY(&t, .from = SERVER, .flags = S), FINDING_SIMULTANEOUS_OPEN);
    LACKS(SAY(&t, .from = SERVER, .flags = S, .wait = 1000), FINDING_SIMULTANEOUS_OPEN);
}

static void test_a_syn_behind_the_ack_of_the_syn_is_a_split_open(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = A, .seq = 0, .ack = 1);
    HAS(SAY(&t, .from = SERVER, .flags = S), FINDING_SPLIT_OPEN);
    LACKS(&t.o, FINDING_SIMULTANEOUS_OPEN);
}

static void test_crossing_fins_are_a_simultaneous_close(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    LACKS(SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1), FINDING_SIMULTANEOUS_CLOSE);
    HAS(SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1), FINDING_SIMULTANEOUS_CLOSE);
    CHECK_STATES(&t.o, CLOSING, CLOSING);
    LACKS(SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 1, .wait = 300), FINDING_SIMULTANEOUS_CLOSE);
}

static void test_a_fin_that_acknowledges_the_first_crossed_nothing(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    LACKS(SAY(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2), FINDING_SIMULTANEOUS_CLOSE);
}

static void test_the_first_data_after_the_others_fin_is_half_closed(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    LACKS(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2), FINDING_HALF_CLOSED);
    HAS(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2, .data = 100), FINDING_HALF_CLOSED);
    LACKS(SAY(&t, .from = SERVER, .flags = A, .seq = 101, .ack = 2, .data = 100), FINDING_HALF_CLOSED);
}

static void test_retransmissions_of_syn_syn_ack_and_fin_are_told_apart(void)
{
    struct talk t = talk_begin();
    unsigned all = FINDING_SYN_RETRANSMITTED | FINDING_SYN_ACK_RETRANSMITTED | FINDING_FIN_RETRANSMITTED;

    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = S)->findings & all, 0);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = S, .wait = 1000)->findings & all, FINDING_SYN_RETRANSMITTED);
    CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = SA, .ack = 1)->findings & all, 0);
    CHECK_EQUAL(SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .wait = 1000)->findings & all,
                FINDING_SYN_ACK_RETRANSMITTED);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1)->findings & all, 0);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1, .wait = 300)->findings & all,
                FINDING_FIN_RETRANSMITTED);
}

static void test_data_in_a_syn_is_fast_open_only_with_the_option(void)
{
    struct talk t = talk_begin(), u = talk_begin(), w = talk_begin();

    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = S, .data = 50, .fast_open = true)->findings,
                FINDING_FAST_OPEN);
    CHECK_EQUAL(SAY(&u, .from = CLIENT, .flags = S, .data = 50)->findings, FINDING_SYN_DATA);
    CHECK_EQUAL(SAY(&w, .from = CLIENT, .flags = S, .fast_open = true)->findings, 0); /* asks for a cookie */
}

static void test_a_reset_that_answers_a_syn_ack_rejects_it(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    HAS(SAY(&t, .from = CLIENT, .flags = R, .seq = 1), FINDING_SYN_ACK_REJECTED);
}

static void test_the_answer_to_a_provocation_is_a_challenge_ack(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1); /* inexact */
    HAS(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1), FINDING_CHALLENGE_ACK);
    LACKS(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1), FINDING_CHALLENGE_ACK); /* not directly */
}

static void test_a_challenge_ack_brings_nothing_new_and_comes_from_the_other_end(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 500, .ip_id = 1);
    LACKS(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1), FINDING_CHALLENGE_ACK);
    SAY(&t, .from = CLIENT, .flags = R, .seq = 500, .wait = 100, .ip_id = 2);
    LACKS(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 1), FINDING_CHALLENGE_ACK);
}

static void test_bytes_behind_a_fin_are_found_until_the_peer_denies_them(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    HAS(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 1, .data = 6), FINDING_DATA_AFTER_FIN);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 2); /* the FIN, and nothing behind it */
    LACKS(SAY(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 1, .data = 6), FINDING_DATA_AFTER_FIN);
}

static void test_invalid_numbers_are_found_each_for_itself(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    HAS(SAY(&t, .from = CLIENT, .flags = A, .seq = 10000000, .ack = 1, .data = 1), FINDING_SEQ_SUSPECT);
    LACKS(&t.o, FINDING_ACK_SUSPECT);
    HAS(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 10000000), FINDING_ACK_SUSPECT);
    LACKS(&t.o, FINDING_SEQ_SUSPECT);
    HAS(SAY(&t, .from = CLIENT, .flags = FLAG_PSH, .seq = 1, .data = 1),
        FINDING_ACK_SUSPECT); /* no ACK flag */
}

static void test_a_first_fragment_has_no_length_to_judge(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .no_length = true)->findings,
                FINDING_LENGTH_UNKNOWN);
    /* it may have carried the bytes before this one */
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = A, .seq = 1481, .ack = 1, .data = 10)->findings, 0);
}

static void test_two_paths_mute_accusations(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    HAS(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .path = 9), FINDING_MULTIPATH);
    SAY(&t, .from = CLIENT, .flags = A, .seq = 10000000, .ack = 1, .data = 1);
    LACKS(&t.o, FINDING_SEQ_SUSPECT | FINDING_ACK_SUSPECT);
}

int main(void)
{
    test_a_healthy_connection_has_no_findings();
    test_joining_late_is_said_once();
    test_crossing_syns_are_a_simultaneous_open();
    test_a_syn_behind_the_ack_of_the_syn_is_a_split_open();
    test_crossing_fins_are_a_simultaneous_close();
    test_a_fin_that_acknowledges_the_first_crossed_nothing();
    test_the_first_data_after_the_others_fin_is_half_closed();
    test_retransmissions_of_syn_syn_ack_and_fin_are_told_apart();
    test_data_in_a_syn_is_fast_open_only_with_the_option();
    test_a_reset_that_answers_a_syn_ack_rejects_it();
    test_the_answer_to_a_provocation_is_a_challenge_ack();
    test_a_challenge_ack_brings_nothing_new_and_comes_from_the_other_end();
    test_bytes_behind_a_fin_are_found_until_the_peer_denies_them();
    test_invalid_numbers_are_found_each_for_itself();
    test_a_first_fragment_has_no_length_to_judge();
    test_two_paths_mute_accusations();
    return check_result();
}
