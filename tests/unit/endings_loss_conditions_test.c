/* endings_loss_conditions_test.c - what a RST needs that shows a loss
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

/* The client has crashed, its new SYN is challenged; next comes its RST (RFC 9293 3.5.1, figure 10). */
static struct updating restarted(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 11);
    UPDATE(&u, .from = CLIENT, .flags = S, .seq = 70000, .wait = 5000);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 11);
    return u;
}

/* The server answers 10 bytes as a host without that connection, after four silent seconds. */
static bool lost_to_data(struct updating *u)
{
    UPDATE(u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 4000);
    UPDATE(u, .from = SERVER, .flags = R, .seq = 1);
    CHECK_EQUAL(u->talk.o.reset_cause, RESET_NO_CONNECTION);
    CHECK_EQUAL((u->talk.o.findings & FINDING_DESYNCHRONIZED) != 0, u->summary[0].desynchronized);
    return u->summary[0].desynchronized;
}

/* The RST of the client that has restarted, when `what` of the story before it is another. */
static bool tells_of_a_loss(struct updating u)
{
    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 11);
    return u.summary[0].desynchronized;
}

#define CHECK_NO_LOSS(story, member, value) \
    do {                                    \
        struct updating other_ = (story);   \
        other_.member = (value);            \
        CHECK(!tells_of_a_loss(other_));    \
    } while (0)

static void test_the_challenge_must_come_from_the_connection_before(void)
{
    struct updating u = restarted();

    CHECK(tells_of_a_loss(u));
    CHECK_NO_LOSS(u, summary[0].steps, u.summary[0].steps | STEPS_OF_TEARDOWN);
    CHECK_NO_LOSS(u, summary[0].incomplete, true);
    CHECK_NO_LOSS(u, summary[0].multipath, true);
    CHECK_NO_LOSS(u, summary[0].end[0].unseen, true);
    CHECK_NO_LOSS(u, summary[0].end[1].unseen, true);
    CHECK_NO_LOSS(u, summary[1].into_connection, false);
    CHECK_NO_LOSS(u, summary[1].challenge.frame, 0);
    CHECK_NO_LOSS(u, summary[1].opened, true);
    for (unsigned i = 0; i < 2; i++) {
        struct updating closed = u;

        closed.summary[0].end[i].syn_seen = closed.summary[0].end[i].sent_next = false;
        CHECK(!tells_of_a_loss(closed));
    }
}

/* Only the client that waits for its SYN-ACK answers the challenge. */
static void test_who_resets_after_the_challenge_must_be_the_client_in_syn_sent(void)
{
    struct updating u = restarted();

    HEAR(&u, .from = CLIENT, .flags = R, .seq = 11);
    u.talk.o.sender.before = ESTABLISHED;
    updating_take(&u);
    CHECK(!u.summary[0].desynchronized);
    u = restarted();
    HEAR(&u, .from = CLIENT, .flags = R, .seq = 11);
    u.talk.o.sender_role = ROLE_SERVER;
    updating_take(&u);
    CHECK(!u.summary[0].desynchronized);
}

/* Data that the server answers as a host without that connection, when something else is known of it. */
static struct updating data_sent(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 4000);
    return u;
}

static bool is_lost(struct updating u, enum state peer)
{
    HEAR(&u, .from = SERVER, .flags = R, .seq = 1);
    u.talk.o.peer.before = peer;
    updating_take(&u);
    return u.summary[0].desynchronized;
}

#define CHECK_NOT_LOST(story, member, value)  \
    do {                                      \
        struct updating other_ = (story);     \
        other_.member = (value);              \
        CHECK(!is_lost(other_, ESTABLISHED)); \
    } while (0)

static void test_only_what_was_whole_and_open_can_be_lost(void)
{
    struct updating u = data_sent();

    CHECK(is_lost(u, ESTABLISHED));
    CHECK(!is_lost(u, TIME_WAIT));
    CHECK(!is_lost(u, SYN_SENT));
    CHECK(!is_lost(u, UNKNOWN));
    CHECK_NOT_LOST(u, summary[0].opened, false);
    CHECK_NOT_LOST(u, summary[0].steps, STEPS_OF_HANDSHAKE | STEPS_OF_TEARDOWN);
    CHECK_NOT_LOST(u, summary[0].reset, true);
    CHECK_NOT_LOST(u, summary[0].end[0].unseen, true);
    CHECK_NOT_LOST(u, summary[0].end[1].unseen, true);
}

static void test_a_reset_of_the_other_end_before_is_another_event(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 11);
    UPDATE(&u, .from = CLIENT, .flags = R, .seq = 5); /* too old to have an effect */
    CHECK_EQUAL(u.summary[0].milestone[MILESTONE_RESET].frame, 6);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10, .wait = 2000);
    CHECK(is_lost(u, ESTABLISHED));
}

static void test_a_refusal_before_the_connection_opened_is_another_event(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S);
    UPDATE(&u, .from = SERVER, .flags = RA, .ack = 1);
    updating_open(&u);
    CHECK(u.summary[0].opened);
    CHECK(lost_to_data(&u));
}

int main(void)
{
    test_the_challenge_must_come_from_the_connection_before();
    test_who_resets_after_the_challenge_must_be_the_client_in_syn_sent();
    test_only_what_was_whole_and_open_can_be_lost();
    test_a_reset_of_the_other_end_before_is_another_event();
    test_a_refusal_before_the_connection_opened_is_another_event();
    return check_result();
}
