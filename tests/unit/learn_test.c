/* learn_test.c - what does a segment tell of its stream before its numbers can be judged?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "talk.h"

#include "thresholds.h"

enum { TIME_WAIT_MS = 60000 };

static struct learnt *learn_from(struct talk *t, struct saying s)
{
    return talk_learn(talk_look(t, s), TIME_WAIT_MS * NS_PER_MS);
}

#define LEARN(t, ...) learn_from((t), (struct saying){__VA_ARGS__})

static struct end *client_of(struct talk *t)
{
    return &talk_newest(t)->end[CLIENT];
}

static struct end *server_of(struct talk *t)
{
    return &talk_newest(t)->end[SERVER];
}

/* Both ends have closed, the client waits. */
static struct talk waiting(void)
{
    struct talk t = talk_opened();

    talk_close(&t);
    return t;
}

static void test_the_wait_is_over_after_2msl(void)
{
    for (uint32_t more = 0; more <= 1; more++) {
        struct talk t = waiting();

        CHECK_EQUAL(client_of(&t)->belief.expected, TIME_WAIT);
        belief_restart(&client_of(&t)->belief, t.now);

        const struct learnt *l = LEARN(&t, .from = SERVER, .flags = FA, .seq = 1, .ack = 2,
                                       .wait = TIME_WAIT_MS + more);

        CHECK_EQUAL(l->peer_expired, more);
        CHECK_EQUAL(end_state(talk_newest(&t), client_of(&t), 0), more ? CLOSED : TIME_WAIT);
        CHECK_EQUAL(client_of(&t)->belief.assumed, more);
        CHECK(!l->sender_expired && !server_of(&t)->belief.assumed); /* it does not wait */
    }
}

static void test_the_sender_may_have_been_the_one_who_waited(void)
{
    struct talk t = waiting();
    const struct learnt *l = LEARN(&t, .from = CLIENT, .flags = A, .seq = 2, .ack = 2,
                                   .wait = TIME_WAIT_MS + 1000);

    CHECK(l->sender_expired && !l->peer_expired);
    CHECK_EQUAL(end_state(talk_newest(&t), client_of(&t), 0), CLOSED);
}

/* Perhaps two connections are mirrored, or one behind a device that rewrites it. */
static void test_whoever_comes_by_another_way_is_noted(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S, .path = 3);
    LEARN(&t, .from = SERVER, .flags = SA, .ack = 1, .path = 4); /* its own way */
    CHECK(!talk_newest(&t)->dialogue.multipath);
    LEARN(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .path = 3);
    CHECK(!talk_newest(&t)->dialogue.multipath);
    LEARN(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .path = 4);
    CHECK(talk_newest(&t)->dialogue.multipath);
}

static void test_an_expired_wait_is_the_rule_that_moved_an_end(void)
{
    CHECK_STRING(rules[learnt_rule(true)].name, "RULE_2MSL_OVER");
    CHECK_STRING(rules[learnt_rule(false)].name, "RULE_NO_EVENT");
}

/* The server acknowledged 300 bytes of which 100 were captured. */
static struct talk with_a_claim(void)
{
    struct talk t = talk_opened();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    SAY(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 301);
    CHECK_ACK(&t.o, ACK_NOT_CAPTURED);
    CHECK(client_of(&t)->stream.has_acked_unseen);
    return t;
}

static void check_end(struct talk *t, uint32_t nxt, bool claimed)
{
    CHECK_EQUAL(talk_offset(t, CLIENT, client_of(t)->sent.nxt), nxt);
    CHECK_EQUAL(client_of(t)->stream.has_acked_unseen, claimed);
}

static void test_who_goes_on_from_an_acknowledged_number_had_come_that_far(void)
{
    struct talk t = with_a_claim(), u = with_a_claim(), v = with_a_claim();

    LEARN(&t, .from = CLIENT, .flags = A, .seq = 300, .ack = 1, .data = 100);
    check_end(&t, 101, true); /* from below */
    LEARN(&t, .from = CLIENT, .flags = A, .seq = 301, .ack = 1, .data = 100);
    check_end(&t, 301, false);
    CHECK(client_of(&t)->sent.missing);
    LEARN(&u, .from = CLIENT, .flags = A, .seq = 401, .ack = 1, .data = 100);
    check_end(&u, 301, false);
    LEARN(&v, .from = CLIENT, .flags = R, .seq = 301); /* a RST may be forged */
    check_end(&v, 101, true);
}

static void test_who_goes_on_without_a_claim_only_goes_on(void)
{
    struct talk t = talk_half_acknowledged();

    stream_drop_claim(&client_of(&t)->stream);
    LEARN(&t, .from = CLIENT, .flags = A, .seq = 9001, .ack = 1, .data = 100);
    check_end(&t, 401, false);
}

/* The client sent 10 bytes far outside of the window. */
static struct talk with_a_suspect(void)
{
    struct talk t = talk_half_acknowledged();

    SAY(&t, .from = CLIENT, .flags = A, .seq = 10000001, .ack = 1, .data = 10);
    CHECK_SEQ(&t.o, SEQ_OUT_OF_WINDOW);
    CHECK(client_of(&t)->stream.suspect_rewrite);
    return t;
}

static void test_a_receiver_that_acknowledges_it_shows_that_a_segment_was_not_invalid(void)
{
    struct talk t = with_a_suspect();

    LEARN(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 10000011);
    CHECK(client_of(&t)->stream.rewritten && client_of(&t)->belief.assumed);
    CHECK(!server_of(&t)->belief.assumed);
    check_end(&t, 10000011, false);
}

static void test_nobody_else_shows_that(void)
{
    static const struct saying sayings[] = {
        {.from = SERVER, .flags = A, .seq = 1, .ack = 10000010}, /* another number */
        {.from = SERVER, .flags = A, .seq = 1, .ack = 401},
        {.from = SERVER, .flags = RA, .seq = 1, .ack = 10000011}, /* who denies it acknowledges it, too */
        {.from = CLIENT, .flags = A, .seq = 10000011, .ack = 10000011},
    };

    for (unsigned i = 0; i < sizeof sayings / sizeof sayings[0]; i++) {
        struct talk t = with_a_suspect();

        learn_from(&t, sayings[i]);
        CHECK(!client_of(&t)->stream.rewritten && !client_of(&t)->belief.assumed);
        check_end(&t, 401, false);
    }
}

/* The number may be that of a segment without ACK by chance: its ACK field means nothing. */
static void test_without_the_flag_nothing_is_acknowledged(void)
{
    struct talk t = with_a_suspect();
    struct look *l = LOOK(&t, .from = SERVER, .flags = FLAG_PSH, .seq = 1, .data = 1);

    t.seg.ack = client_of(&t)->stream.rewritten_end;
    talk_learn(l, TIME_WAIT_MS * NS_PER_MS);
    CHECK(!client_of(&t)->stream.rewritten);
}

/* Its number lay where the stream has come to in the meantime: an ACK of that proves nothing. */
static void test_an_ack_of_what_was_sent_proves_no_rewriting(void)
{
    struct talk t = talk_half_acknowledged();

    stream_suspect(&client_of(&t)->stream, seq_add(t.isn[CLIENT], 301));
    LEARN(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 301);
    CHECK(!client_of(&t)->stream.rewritten);
}

static void test_without_a_suspect_nobody_is_cleared(void)
{
    struct talk t = talk_half_acknowledged();

    client_of(&t)->stream.rewritten_end = seq_add(t.isn[CLIENT], 9000);
    LEARN(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 9000);
    CHECK(!client_of(&t)->stream.rewritten);
}

/* Two SYN-ACKs, the second with an ISN 5000 further on. */
static struct talk with_two_isns(void)
{
    struct talk t = talk_begin();

    SAY(&t, .from = CLIENT, .flags = S);
    SAY(&t, .from = SERVER, .flags = SA, .ack = 1);
    SAY(&t, .from = SERVER, .flags = SA, .seq = 5000, .ack = 1);
    CHECK(server_of(&t)->stream.has_other_isn);
    CHECK_EQUAL(talk_offset(&t, SERVER, server_of(&t)->stream.isn), 5000);
    return t;
}

static void check_isn(struct talk *t, int64_t isn)
{
    CHECK_EQUAL(talk_offset(t, SERVER, server_of(t)->stream.isn), isn);
}

static void test_the_sender_of_two_syn_acks_shows_which_of_them_counts(void)
{
    struct talk t = with_two_isns();

    LEARN(&t, .from = SERVER, .flags = A, .seq = 5001, .ack = 1);
    check_isn(&t, 5000);
    LEARN(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    check_isn(&t, 0);
}

static void test_another_syn_ack_at_that_number_decides_nothing(void)
{
    static const unsigned flags[] = {S, SA};

    for (unsigned i = 0; i < 2; i++) {
        struct talk t = with_two_isns();

        LEARN(&t, .from = SERVER, .flags = flags[i], .seq = 1, .ack = 1);
        check_isn(&t, 5000);
    }
}

static void test_after_the_handshake_the_isn_is_settled(void)
{
    struct talk t = with_two_isns();

    dialogue_complete(&talk_newest(&t)->dialogue);
    LEARN(&t, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    check_isn(&t, 5000);
}

int main(void)
{
    test_the_wait_is_over_after_2msl();
    test_the_sender_may_have_been_the_one_who_waited();
    test_whoever_comes_by_another_way_is_noted();
    test_an_expired_wait_is_the_rule_that_moved_an_end();
    test_who_goes_on_from_an_acknowledged_number_had_come_that_far();
    test_who_goes_on_without_a_claim_only_goes_on();
    test_a_receiver_that_acknowledges_it_shows_that_a_segment_was_not_invalid();
    test_nobody_else_shows_that();
    test_without_the_flag_nothing_is_acknowledged();
    test_an_ack_of_what_was_sent_proves_no_rewriting();
    test_without_a_suspect_nobody_is_cleared();
    test_the_sender_of_two_syn_acks_shows_which_of_them_counts();
    test_another_syn_ack_at_that_number_decides_nothing();
    test_after_the_handshake_the_isn_is_settled();
    return check_result();
}
