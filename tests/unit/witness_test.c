/* witness_test.c - bounds and times of what a witness tells; what counts is shown by scenarios/witness
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#include "tell/names.h"
#include "thresholds.h"
#include "witness/witness.h"

#include <string.h>

enum { FAR = 90000000 };

struct court {
    struct updating u;
    struct witness *witness;
    struct testimony list[SUSPECTS_MAX];
    unsigned count;
    _Alignas(
        max_align_t) unsigned char memory[sizeof(struct witness) + SUSPECTS_MAX * sizeof(struct suspect)];
};

static void open_court(struct court *c, unsigned room)
{
    memset(c, 0, sizeof *c);
    c->u = updating_in_use();
    c->witness = (struct witness *)c->memory;
    c->witness->room = (uint8_t)room;
}

static void hear(struct court *c, struct saying saying)
{
    struct talk *t = &c->u.talk;

    updating_say(&c->u, saying);
    c->count = witness_hear(c->witness, &t->seg, &t->o, &c->u.summary[t->o.connection], c->list);
}

#define HEAR_OF(c, ...) hear((c), (struct saying){__VA_ARGS__})

static void forge(struct court *c, unsigned number)
{
    HEAR_OF(c, .from = SERVER, .flags = A, .seq = FAR + 10 * number, .ack = 101, .data = 10);
}

/* One forged segment of the server, and an ACK of the client `ms` later. */
static bool is_rejected_after(uint32_t ms)
{
    static struct court c;

    open_court(&c, SUSPECTS_MAX);
    forge(&c, 0);
    HEAR_OF(&c, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .wait = ms);
    return c.count == 1 && c.list[0].verdict == RECEIVER_REJECTED && c.list[0].accuses == 1 << SUSPICION_SEQ;
}

/* The round trip is 20 ms: four of them are less than a second. */
static void test_a_second_has_to_pass(void)
{
    CHECK(!is_rejected_after(WITNESS_MS - 1));
    CHECK(is_rejected_after(WITNESS_MS));
}

/* However many come, so many are kept: the first ones, for a while. */
static void test_a_flood_takes_no_more_room(void)
{
    static struct court c;

    open_court(&c, SUSPECTS_MAX);
    for (unsigned i = 0; i < 1000; i++) {
        forge(&c, i);
        CHECK(c.witness->count <= SUSPECTS_MAX);
    }
    CHECK_EQUAL(c.witness->count, SUSPECTS_MAX);
    CHECK(seq_equal(c.witness->suspect[0].begin, seq_add(c.witness->suspect[7].begin, (uint32_t)-70)));
}

static void test_no_more_than_there_is_room_for(void)
{
    static struct court c;

    open_court(&c, 2);
    for (unsigned i = 0; i < 5; i++)
        forge(&c, i);
    CHECK_EQUAL(c.witness->count, 2);
}

/* One that nobody has answered for long makes room. */
static void test_the_oldest_makes_room(void)
{
    for (uint32_t more = 0; more <= 1; more++) {
        static struct court c;
        uint32_t first;

        open_court(&c, SUSPECTS_MAX);
        for (unsigned i = 0; i < SUSPECTS_MAX; i++)
            forge(&c, i);
        first = c.witness->suspect[0].frame;
        HEAR_OF(&c, .from = SERVER, .flags = A, .seq = 2 * FAR, .ack = 101, .data = 10,
                .wait = SUSPECT_MS - (SUSPECTS_MAX - 1) * STEP_MS + more);
        CHECK_EQUAL(c.witness->suspect[0].frame == first, more == 0);
        CHECK_EQUAL(c.witness->count, SUSPECTS_MAX);
    }
}

static void test_names(void)
{
    CHECK(testimony_name(TESTIMONY_NONE) == NULL && testimony_name(TESTIMONY_COUNT) == NULL);
    for (unsigned i = TESTIMONY_NONE + 1; i < TESTIMONY_COUNT; i++)
        CHECK(testimony_name((enum testimony_id)i) != NULL);
    CHECK_STRING(receiver_verdict_name(RECEIVER_ACCEPTED), "accepted");
    CHECK_STRING(receiver_verdict_name(RECEIVER_REJECTED), "rejected");
}

static void test_what_stands_in_the_end(void)
{
    struct testimony t = {.verdict = RECEIVER_ACCEPTED};

    CHECK_EQUAL(witness_findings(FINDING_SEQ_SUSPECT, &t), 0);
    t = (struct testimony){.verdict = RECEIVER_NONE};
    CHECK_EQUAL(witness_findings(FINDING_SEQ_SUSPECT | FINDING_CHALLENGE_ACK, &t), FINDING_SEQ_SUSPECT);
    t = (struct testimony){.verdict = RECEIVER_REJECTED, .names = 1 << SUSPICION_ACK};
    CHECK_EQUAL(witness_findings(0, &t), FINDING_ACK_SUSPECT);
    t.accuses = t.names;
    CHECK_EQUAL(witness_findings(FINDING_ACK_SUSPECT, &t), FINDING_ACK_INVALID);
}

int main(void)
{
    test_a_second_has_to_pass();
    test_a_flood_takes_no_more_room();
    test_no_more_than_there_is_room_for();
    test_the_oldest_makes_room();
    test_names();
    test_what_stands_in_the_end();
    return check_result();
}
