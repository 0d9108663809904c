/* belief_test.c - in which state is an end: what has it proven, what is presumed of it?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "endpoint/belief.h"

#define SECOND INT64_C(1000000000)

enum { NOW_MS = 7000 };

static const int64_t now = NOW_MS * INT64_C(1000000);
static const int64_t time_wait = 60 * SECOND;

static struct belief in_state(enum state state)
{
    struct belief b;

    memset(&b, 0xa5, sizeof b);
    belief_begin(&b, state);
    CHECK(belief_check(&b, false) == NULL);
    return b;
}

/* The presumed facts have their effect on the state that is shown. */
static void settle(struct belief *b)
{
    belief_settle(b, facts_follow((enum state)b->proven, b->presumed, false), now);
    CHECK(belief_check(b, false) == NULL);
}

static void presume(struct belief *b, enum fact fact, uint32_t frame)
{
    const struct segment seg = {.frame = frame, .time = now};

    belief_presume(b, fact, &seg, false);
    settle(b);
}

#define CHECK_BELIEF(b, proven_, expected_)                                         \
    do {                                                                            \
        CHECK_STRING(state_name((enum state)(b)->proven), state_name(proven_));     \
        CHECK_STRING(state_name((enum state)(b)->expected), state_name(expected_)); \
    } while (0)

static void test_a_new_end_is_in_its_state_since_an_unknown_time(void)
{
    struct belief b = in_state(SYN_SENT);

    CHECK_BELIEF(&b, SYN_SENT, SYN_SENT);
    CHECK_EQUAL(b.since, NO_TIME);
    CHECK(b.presumed == 0 && b.confirmed == 0 && !b.assumed && !b.from_previous && !b.reset_counted);
}

static void test_an_end_may_begin_in_the_middle_of_its_wait(void)
{
    struct belief b;

    belief_begin_waiting(&b, now);
    CHECK_BELIEF(&b, TIME_WAIT, TIME_WAIT);
    CHECK_EQUAL(b.since, now);
}

static void test_what_arrives_is_expected_and_its_frame_remembered(void)
{
    struct belief b = in_state(ESTABLISHED);

    presume(&b, FACT_FIN, 7);
    CHECK_BELIEF(&b, ESTABLISHED, CLOSE_WAIT);
    CHECK_EQUAL(b.arrival[SLOT_FLAG].frame, 7);
    CHECK_EQUAL(b.arrival[SLOT_FLAG].ms, NOW_MS);
    CHECK_EQUAL(b.arrival[SLOT_ACK].frame, 0);
    CHECK_EQUAL(b.since, now);
}

static void test_repeats_are_told_apart_of_flags_and_of_acks(void)
{
    const struct segment seg = {.frame = 3};
    struct belief b = in_state(FIN_WAIT_1);

    belief_presume(&b, FACT_FIN, &seg, true);
    CHECK(b.flag_repeated && !b.ack_repeated);
    belief_presume(&b, FACT_ACK_OF_FIN, &seg, true);
    belief_presume(&b, FACT_FIN, &seg, false);
    CHECK(!b.flag_repeated && b.ack_repeated);
    belief_presume(&b, FACT_ACK_OF_FIN, &seg, false);
    CHECK(!b.ack_repeated);
}

static void test_a_confirmed_fact_is_proven_and_no_presumption_any_more(void)
{
    struct belief b = in_state(ESTABLISHED);

    presume(&b, FACT_FIN, 7);
    belief_confirm(&b, FACT_FIN, false);
    CHECK(belief_check(&b, false) == NULL);
    CHECK_BELIEF(&b, CLOSE_WAIT, CLOSE_WAIT);
    CHECK_EQUAL(b.presumed, 0);
    CHECK_EQUAL(b.confirmed, FACT(FACT_FIN));
}

static void test_a_passive_opener_confirms_a_reset_by_listening(void)
{
    struct belief b = in_state(SYN_RECEIVED), active = in_state(SYN_RECEIVED);

    belief_confirm(&b, FACT_RST, true);
    CHECK_EQUAL(b.proven, LISTEN);
    belief_confirm(&active, FACT_RST, false);
    CHECK_EQUAL(active.proven, CLOSED);
}

static void test_a_fact_that_turned_out_wrong_is_dropped_alone(void)
{
    struct belief b = in_state(FIN_WAIT_1);

    presume(&b, FACT_FIN, 7);
    presume(&b, FACT_ACK_OF_FIN, 8);
    CHECK_BELIEF(&b, FIN_WAIT_1, TIME_WAIT);
    belief_drop(&b, FACT(FACT_FIN));
    settle(&b);
    CHECK_BELIEF(&b, FIN_WAIT_1, FIN_WAIT_2);
}

static void test_what_an_end_sends_moves_what_is_proven(void)
{
    struct belief b = in_state(ESTABLISHED);
    struct transition t = belief_move(&b, SND_FIN);

    CHECK_EQUAL(t.rule, RULE_ACTIVE_CLOSE);
    CHECK_EQUAL(t.next, FIN_WAIT_1);
    CHECK_EQUAL(b.proven, FIN_WAIT_1);
    belief_correct(&b, CLOSE_WAIT);
    CHECK_EQUAL(b.proven, CLOSE_WAIT);
}

static void test_a_fact_may_come_without_a_segment(void)
{
    struct belief b = in_state(TIME_WAIT);

    belief_add(&b, FACT_EXPIRED);
    settle(&b);
    CHECK_BELIEF(&b, TIME_WAIT, CLOSED);
    CHECK_EQUAL(b.arrival[SLOT_FLAG].frame, 0);
    belief_assume(&b, true);
    CHECK(b.assumed);
    belief_assume(&b, false);
    CHECK(!b.assumed);
}

static void test_a_renewed_end_keeps_what_was_shown_and_since_when(void)
{
    struct belief b = in_state(ESTABLISHED);

    presume(&b, FACT_FIN, 7);
    belief_count_reset(&b);
    CHECK(b.reset_counted);
    belief_renew(&b, SYN_RECEIVED);
    CHECK_BELIEF(&b, SYN_RECEIVED, CLOSE_WAIT);
    CHECK_EQUAL(b.since, now);
    CHECK(b.presumed == 0 && b.arrival[SLOT_FLAG].frame == 0 && !b.reset_counted);
}

static void test_who_listens_again_is_shown_so(void)
{
    struct belief b = in_state(ESTABLISHED);

    presume(&b, FACT_RST, 7);
    belief_listen(&b);
    CHECK_BELIEF(&b, LISTEN, LISTEN);
    CHECK(belief_check(&b, false) == NULL);
}

/* What the new SYN finds is the state that was shown, as if it were proven. */
static void test_an_heir_begins_where_the_end_before_was_presumed(void)
{
    struct belief old = in_state(ESTABLISHED), b;

    belief_confirm(&old, FACT_SYN, false);
    belief_confirm(&old, FACT_ACK_OF_SYN, false);
    presume(&old, FACT_FIN, 7);
    belief_assume(&old, true);
    belief_inherit(&b, &old);
    CHECK_BELIEF(&b, CLOSE_WAIT, CLOSE_WAIT);
    CHECK(b.from_previous && !b.assumed && b.presumed == 0);
    CHECK_EQUAL(b.confirmed, FACT(FACT_ACK_OF_SYN)); /* the new SYN is another */
    CHECK_EQUAL(b.since, now);
}

/* A second SYN in a row: what the first was presumed to have done is undone. */
static void test_an_heir_of_an_heir_begins_where_the_first_was(void)
{
    struct belief old = in_state(TIME_WAIT), heir, b;

    belief_inherit(&heir, &old);
    presume(&heir, FACT_SYN, 9);
    CHECK_BELIEF(&heir, TIME_WAIT, SYN_RECEIVED);
    belief_inherit(&b, &heir);
    CHECK_BELIEF(&b, TIME_WAIT, TIME_WAIT);
    CHECK(b.presumed == 0);
}

static void test_the_wait_lasts_2msl_to_the_nanosecond(void)
{
    struct belief b;

    belief_begin_waiting(&b, now);
    CHECK(belief_waits(&b, now + time_wait, time_wait));
    CHECK(!belief_has_expired(&b, now + time_wait, time_wait));
    CHECK(!belief_waits(&b, now + time_wait + 1, time_wait));
    CHECK(belief_has_expired(&b, now + time_wait + 1, time_wait));
    belief_restart(&b, now + 1);
    CHECK(belief_waits(&b, now + time_wait + 1, time_wait));
}

static void test_a_wait_of_unknown_begin_does_not_expire(void)
{
    struct belief b = in_state(TIME_WAIT);

    CHECK(belief_waits(&b, INT64_MAX, time_wait));
    CHECK(belief_waits(&b, -1, time_wait)); /* before the epoch */
    CHECK(!belief_has_expired(&b, INT64_MAX, time_wait));
}

static void test_only_time_wait_waits_and_expires(void)
{
    for (int state = 0; state < STATE_COUNT; state++) {
        struct belief b = in_state((enum state)state);

        belief_restart(&b, now);
        CHECK_EQUAL(belief_waits(&b, now + 1, time_wait), state == TIME_WAIT);
        CHECK_EQUAL(belief_has_expired(&b, now + 2 * time_wait, time_wait), state == TIME_WAIT);
    }
}

static void test_a_state_without_a_name_is_noticed(void)
{
    struct belief b = in_state(CLOSED);

    b.proven = STATE_COUNT;
    CHECK_STRING(belief_check(&b, false), "belief: a state without a name");
    b = in_state(CLOSED);
    b.expected = STATE_COUNT;
    CHECK_STRING(belief_check(&b, false), "belief: a state without a name");
}

static void test_an_expected_state_that_does_not_follow_is_noticed(void)
{
    static const char *const fault = "belief: the expected state isn't what follows from the presumed facts";
    struct belief b = in_state(SYN_RECEIVED);

    b.expected = ESTABLISHED;
    CHECK_STRING(belief_check(&b, false), fault);
    b.presumed = FACT(FACT_ACK_OF_SYN);
    CHECK(belief_check(&b, false) == NULL);
    b.presumed = FACT(FACT_RST);
    b.expected = LISTEN;
    CHECK(belief_check(&b, true) == NULL);
    CHECK_STRING(belief_check(&b, false), fault);
}

int main(void)
{
    test_a_new_end_is_in_its_state_since_an_unknown_time();
    test_an_end_may_begin_in_the_middle_of_its_wait();
    test_what_arrives_is_expected_and_its_frame_remembered();
    test_repeats_are_told_apart_of_flags_and_of_acks();
    test_a_confirmed_fact_is_proven_and_no_presumption_any_more();
    test_a_passive_opener_confirms_a_reset_by_listening();
    test_a_fact_that_turned_out_wrong_is_dropped_alone();
    test_what_an_end_sends_moves_what_is_proven();
    test_a_fact_may_come_without_a_segment();
    test_a_renewed_end_keeps_what_was_shown_and_since_when();
    test_who_listens_again_is_shown_so();
    test_an_heir_begins_where_the_end_before_was_presumed();
    test_an_heir_of_an_heir_begins_where_the_first_was();
    test_the_wait_lasts_2msl_to_the_nanosecond();
    test_a_wait_of_unknown_begin_does_not_expire();
    test_only_time_wait_waits_and_expires();
    test_a_state_without_a_name_is_noticed();
    test_an_expected_state_that_does_not_follow_is_noticed();
    return check_result();
}
