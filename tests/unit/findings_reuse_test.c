/* findings_reuse_test.c - what is found of SYNs and data after a connection has ended
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "tell/findings.h"

#define HAS(o, finding) CHECK(((o)->findings & (finding)) != 0)

#define LACKS(o, finding) CHECK(((o)->findings & (finding)) == 0)

static void test_a_syn_into_time_wait_is_a_reuse_and_says_whether_it_is_allowed(void)
{
    for (int higher = 0; higher <= 1; higher++) {
        struct talk t = talk_begin();

        talk_open(&t);
        talk_close(&t);
        t.isn[CLIENT] = higher ? seq_add(t.isn[CLIENT], 1000) : seq_sub(t.isn[CLIENT], 1000);
        HAS(SAY(&t, .from = CLIENT, .flags = S, .wait = 1000), FINDING_TIME_WAIT_REUSE);
        CHECK_EQUAL((t.o.findings & FINDING_TIME_WAIT_REUSE_ALLOWED) != 0, higher);
        LACKS(&t.o, FINDING_SYN_IN_CONNECTION);
    }
}

/* RFC 6191: a higher timestamp allows what a lower sequence number would not. */
static void test_a_higher_timestamp_allows_the_reuse(void)
{
    for (int higher = 0; higher <= 1; higher++) {
        struct talk t = talk_begin();

        SAY(&t, .from = CLIENT, .flags = S, .tsval = 5000);
        SAY(&t, .from = SERVER, .flags = SA, .ack = 1, .tsval = 9000);
        SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .tsval = 5010);
        talk_close(&t);
        t.isn[CLIENT] = higher ? seq_sub(t.isn[CLIENT], 1000) : seq_add(t.isn[CLIENT], 1000);
        SAY(&t, .from = CLIENT, .flags = S, .tsval = higher ? 5500 : 4000, .wait = 1000);
        HAS(&t.o, FINDING_TIME_WAIT_REUSE);
        CHECK_EQUAL((t.o.findings & FINDING_TIME_WAIT_REUSE_ALLOWED) != 0, higher);
    }
}

static void test_after_2msl_a_new_syn_is_no_reuse(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    talk_close(&t);
    t.isn[CLIENT] = seq_add(t.isn[CLIENT], 1000);
    CHECK_EQUAL(SAY(&t, .from = CLIENT, .flags = S, .wait = 61000)->findings, 0);
}

static void test_a_new_syn_into_a_live_connection_is_found(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    t.isn[CLIENT] = seq_add(t.isn[CLIENT], 500000);
    HAS(SAY(&t, .from = CLIENT, .flags = S, .wait = 1000), FINDING_SYN_IN_CONNECTION);
    LACKS(&t.o, FINDING_TIME_WAIT_REUSE);
    HAS(SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1u - 500000u), FINDING_CHALLENGE_ACK);
}

static void test_a_reset_that_ends_time_wait_is_an_assassination(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    talk_close(&t);
    HAS(SAY(&t, .from = SERVER, .flags = R, .seq = 2), FINDING_TIME_WAIT_ASSASSINATION);
    CHECK_STATES(&t.o, CLOSED, CLOSED);
}

static void test_who_goes_on_after_its_own_reset_is_found(void)
{
    struct talk t = talk_begin();

    talk_open(&t);
    SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    HAS(SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 2000),
        FINDING_DATA_AFTER_RESET);
}

static void test_new_data_long_after_a_received_reset_is_found(void)
{
    for (uint32_t wait = 500; wait <= 2000; wait += 1500) {
        struct talk t = talk_begin();

        talk_open(&t);
        SAY(&t, .from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
        SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = wait);
        CHECK_EQUAL((t.o.findings & FINDING_DATA_AFTER_RESET) != 0, wait > 1000);
    }
}

int main(void)
{
    test_a_syn_into_time_wait_is_a_reuse_and_says_whether_it_is_allowed();
    test_a_higher_timestamp_allows_the_reuse();
    test_after_2msl_a_new_syn_is_no_reuse();
    test_a_new_syn_into_a_live_connection_is_found();
    test_a_reset_that_ends_time_wait_is_an_assassination();
    test_who_goes_on_after_its_own_reset_is_found();
    test_new_data_long_after_a_received_reset_is_found();
    return check_result();
}
