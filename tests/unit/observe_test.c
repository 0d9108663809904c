/* observe_test.c - the one entry: what every observation has to keep, whatever the segment
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A connection with a retransmission, a half-close and a repeated last FIN. */
static const struct saying story[] = {
    {.from = CLIENT, .flags = S, .scale = 7, .tsval = 100},
    {.from = SERVER, .flags = SA, .ack = 1, .scale = 7, .tsval = 9000},
    {.from = CLIENT, .flags = A, .seq = 1, .ack = 1, .tsval = 110},
    {.from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 300, .tsval = 120},
    {.from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 300, .tsval = 420, .wait = 300},
    {.from = SERVER, .flags = A, .seq = 1, .ack = 301, .tsval = 9330},
    {.from = CLIENT, .flags = FA, .seq = 301, .ack = 1, .tsval = 440},
    {.from = SERVER, .flags = A, .seq = 1, .ack = 302, .data = 700, .tsval = 9350},
    {.from = CLIENT, .flags = A, .seq = 302, .ack = 701, .tsval = 460},
    {.from = SERVER, .flags = FA, .seq = 701, .ack = 302, .tsval = 9370},
    {.from = CLIENT, .flags = A, .seq = 302, .ack = 702, .tsval = 480},
    {.from = SERVER, .flags = FA, .seq = 701, .ack = 302, .tsval = 9600, .wait = 230},
    {.from = CLIENT, .flags = A, .seq = 302, .ack = 702, .tsval = 720},
};

static void test_a_connection_fits_the_promised_size(void)
{
    CHECK(connection_size() <= CONNECTION_SIZE_MAX);
    CHECK_EQUAL(connection_size(), sizeof(struct connection));
}

static void test_the_whole_story_in_states(void)
{
    static const enum state states[][2] = {
        {SYN_SENT, SYN_RECEIVED},   {SYN_RECEIVED, ESTABLISHED}, {ESTABLISHED, ESTABLISHED},
        {ESTABLISHED, ESTABLISHED}, {ESTABLISHED, ESTABLISHED},  {ESTABLISHED, ESTABLISHED},
        {FIN_WAIT_1, CLOSE_WAIT},   {CLOSE_WAIT, FIN_WAIT_2},    {FIN_WAIT_2, CLOSE_WAIT},
        {LAST_ACK, TIME_WAIT},      {TIME_WAIT, CLOSED},         {CLOSED, TIME_WAIT}, /* it crossed */
        {TIME_WAIT, CLOSED},
    };
    struct talk t = talk_begin();

    CHECK_EQUAL(COUNT(states), COUNT(story));
    for (size_t i = 0; i < COUNT(story); i++)
        CHECK_STATES(talk_say(&t, story[i]), states[i][0], states[i][1]);
}

static bool is_flag(bool flag)
{
    unsigned char byte;

    memcpy(&byte, &flag, 1);
    return byte <= 1;
}

static void check_end(const struct observed_end *end)
{
    CHECK(end->before < STATE_COUNT && end->after < STATE_COUNT);
    CHECK(end->basis > 0 && end->basis < BASIS_COUNT);
    CHECK(end->rule < RULE_COUNT);
    CHECK(end->time_in_state == NO_TIME || (end->time_in_state >= 0 && end->after != end->before));
    CHECK((end->basis == BASIS_UNKNOWN) == (end->after == UNKNOWN));
}

/* The observation is overwritten with nonsense before each segment. */
static void check_whole(const struct observation *o)
{
    CHECK(o->connection < CONNECTIONS_MAX);
    CHECK(o->sender_role == ROLE_CLIENT || o->sender_role == ROLE_SERVER);
    CHECK(o->phase < PHASE_COUNT && o->timer < TIMER_COUNT && o->reset_cause < RESET_CAUSE_COUNT);
    CHECK(o->seq_verdict < SEQ_VERDICT_COUNT && o->ack_verdict < ACK_VERDICT_COUNT);
    CHECK((o->steps & ~(unsigned)(STEPS_OF_HANDSHAKE | STEPS_OF_TEARDOWN)) == 0);
    CHECK(is_flag(o->repeat) && is_flag(o->assumed) && is_flag(o->state_changed) && is_flag(o->corrected));
    CHECK(is_flag(o->has_seq_expected) && is_flag(o->has_ack_expected) && is_flag(o->has_bound));
    CHECK(o->repeat || o->repeat_of == 0);
    CHECK(o->corrected || o->lost_frame == 0);
    CHECK(o->timer != TIMER_NONE || o->timer_count == 0);
    CHECK((o->client_owes >> DEBT_COUNT) == 0 && (o->server_owes >> DEBT_COUNT) == 0);
    CHECK((o->findings >> FINDINGS_COUNT) == 0);
    check_end(&o->sender);
    check_end(&o->peer);
}

static void test_every_observation_is_written_whole(void)
{
    struct talk t = talk_begin();

    for (size_t i = 0; i < COUNT(story); i++)
        check_whole(talk_say(&t, story[i]));
}

static void check_same(const struct observation *a, const struct observation *b)
{
    CHECK_STATES(a, b->sender.after, b->peer.after);
    CHECK_EQUAL(a->sender.before, b->sender.before);
    CHECK_EQUAL(a->peer.before, b->peer.before);
    CHECK_EQUAL(a->sender.basis, b->sender.basis);
    CHECK_EQUAL(a->steps, b->steps);
    CHECK_EQUAL(a->repeat_of, b->repeat_of);
    CHECK_EQUAL(a->phase, b->phase);
    CHECK_SEQ(a, b->seq_verdict);
    CHECK_ACK(a, b->ack_verdict);
    CHECK_EQUAL(a->timer, b->timer);
    CHECK_EQUAL(a->client_owes, b->client_owes);
    CHECK_EQUAL(a->server_owes, b->server_owes);
    CHECK_EQUAL(a->findings, b->findings);
    CHECK_EQUAL(a->sender_role, b->sender_role);
}

static void test_the_isns_make_no_difference(void)
{
    static const uint32_t isns[] = {0,          1,          0x7ffffffe, 0x7fffff00,
                                    0xfffffed5, 0xffffff00, 0xfffffd40, 0xffffffff};

    for (size_t i = 0; i < COUNT(isns); i++) {
        struct talk t = talk_begin(), u = talk_begin();

        u.isn[CLIENT] = seq_of(isns[i]);
        u.isn[SERVER] = seq_of(isns[COUNT(isns) - 1 - i]);
        for (size_t k = 0; k < COUNT(story); k++) {
            talk_say(&t, story[k]);
            talk_say(&u, story[k]);
            check_same(&t.o, &u.o);
            CHECK_EQUAL(talk_offset(&t, story[k].from, t.o.seq_expected) * t.o.has_seq_expected,
                        talk_offset(&u, story[k].from, u.o.seq_expected) * u.o.has_seq_expected);
        }
    }
}

static void test_which_end_is_called_0_makes_no_difference(void)
{
    struct talk t = talk_begin(), u = talk_begin();

    u.isn[CLIENT] = t.isn[SERVER];
    u.isn[SERVER] = t.isn[CLIENT];
    for (size_t k = 0; k < COUNT(story); k++) {
        struct saying swapped = story[k];

        swapped.from = !swapped.from;
        check_same(talk_say(&t, story[k]), talk_say(&u, swapped));
    }
}

/* Whoever joins late knows less, and accuses nobody whom the full capture would not accuse. */
static void test_joining_late_accuses_nobody(void)
{
    findings_t accusations = FINDING_SEQ_SUSPECT | FINDING_ACK_SUSPECT | FINDING_RESET_SUSPECT |
                             FINDING_DATA_AFTER_FIN | FINDING_DATA_AFTER_RESET;

    for (size_t first = 0; first < COUNT(story); first++) {
        struct talk t = talk_begin();

        for (size_t k = first; k < COUNT(story); k++) {
            check_whole(talk_say(&t, story[k]));
            CHECK_EQUAL(t.o.findings & accusations, 0);
        }
    }
}

static void test_one_direction_alone_accuses_nobody(void)
{
    for (unsigned only = CLIENT; only <= SERVER; only++) {
        struct talk t = talk_begin();

        for (size_t k = 0; k < COUNT(story); k++) {
            if (story[k].from != only)
                continue;
            check_whole(talk_say(&t, story[k]));
            CHECK_EQUAL(t.o.findings & (FINDING_SEQ_SUSPECT | FINDING_ACK_SUSPECT), 0);
        }
    }
}

static void test_memory_is_asked_for_once_a_connection(void)
{
    struct talk t = talk_begin();

    for (size_t i = 0; i < COUNT(story); i++)
        talk_say(&t, story[i]);
    CHECK_EQUAL(t.allocations, 1);
    CHECK_EQUAL(t.observer.connections, 1);
    t.isn[CLIENT] = seq_add(t.isn[CLIENT], 100000);
    SAY(&t, .from = CLIENT, .flags = S, .wait = 1000);
    CHECK_EQUAL(t.allocations, 2);
}

static void test_without_memory_nothing_is_judged(void)
{
    struct talk t = talk_begin();

    t.out_of_memory = true;
    for (size_t i = 0; i < COUNT(story); i++) {
        check_whole(talk_say(&t, story[i]));
        CHECK_EQUAL(t.o.findings, FINDING_UNUSABLE);
        CHECK_SEQ(&t.o, SEQ_NOT_JUDGED);
        CHECK_STATES(&t.o, UNKNOWN, UNKNOWN);
    }
}

static void test_an_unusable_header_moves_nobody(void)
{
    struct talk t = talk_opened();
    struct snapshot before = talk_snapshot(&t);

    talk_segment(&t, (struct saying){.from = CLIENT, .flags = FA, .seq = 1, .ack = 1});
    t.seg.usable = false;
    check_whole(talk_observe(&t));
    CHECK_EQUAL(t.o.findings, FINDING_UNUSABLE);
    CHECK_STATES(&t.o, ESTABLISHED, ESTABLISHED);
    CHECK(talk_is_unchanged(&t, &before));
}

static void test_an_unusable_header_begins_no_connection(void)
{
    struct talk t = talk_begin();

    talk_segment(&t, (struct saying){.from = CLIENT, .flags = S});
    t.seg.usable = false;
    talk_observe(&t);
    CHECK_EQUAL(t.o.findings, FINDING_UNUSABLE);
    CHECK_EQUAL(t.handle, 0);
    CHECK_EQUAL(t.allocations, 0);
}

/* Any flags at any moment: an answer that makes sense, and the connections stay a bounded few. */
static void test_no_flags_are_without_an_answer(void)
{
    for (unsigned flags = 0; flags < 64; flags++) {
        for (size_t moment = 0; moment <= COUNT(story); moment++) {
            struct talk t = talk_begin();

            for (size_t i = 0; i < moment; i++)
                talk_say(&t, story[i]);
            for (unsigned from = CLIENT; from <= SERVER; from++)
                check_whole(SAY(&t, .from = from, .flags = flags, .seq = 1, .ack = 1, .data = 3));
            CHECK(t.allocations <= 3);
        }
    }
}

int main(void)
{
    test_a_connection_fits_the_promised_size();
    test_the_whole_story_in_states();
    test_every_observation_is_written_whole();
    test_the_isns_make_no_difference();
    test_which_end_is_called_0_makes_no_difference();
    test_joining_late_accuses_nobody();
    test_one_direction_alone_accuses_nobody();
    test_memory_is_asked_for_once_a_connection();
    test_without_memory_nothing_is_judged();
    test_an_unusable_header_moves_nobody();
    test_an_unusable_header_begins_no_connection();
    test_no_flags_are_without_an_answer();
    return check_result();
}
