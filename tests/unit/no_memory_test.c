/* no_memory_test.c - what if there is no memory, at any place where the store asks for some?
 *
 * The same traffic goes to the store again and again. Each time another allocation fails: that one alone, or
 * that one and all behind it until shortly before the end. What couldn't be noted is missing, like packets
 * that were not captured; nothing else may be wrong.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store.h"

#include "../support/invariants.h"
#include "store/records.h"

#include <glib.h>

enum {
    SPOTS = 400, /* more than are ever ready for use at once: some are packed */
    ROUNDS = 9,  /* segments of each */
    LATER = SPOTS * (ROUNDS - 1),
    SEGMENTS = SPOTS * ROUNDS,
    LOST_MAX = 40, /* segments that one failed allocation may cost: all of a connection, and some records */
};

/* --- the allocator's place --- */

static struct {
    unsigned asked;       /* so far */
    unsigned first, last; /* that fail; from 1 */
} memory;

static bool is_there(void)
{
    memory.asked++;
    return memory.asked < memory.first || memory.asked > memory.last;
}

/* The linker calls these instead: __wrap_NAME and __real_NAME are its words. */
#define WRAP(name, parameters, arguments) \
    gpointer __real_##name parameters;    \
    gpointer __wrap_##name parameters;    \
    gpointer __wrap_##name parameters     \
    {                                     \
        if (!is_there())                  \
            return NULL;                  \
        return __real_##name arguments;   \
    }                                     \
    struct wrapped_##name /* takes the semicolon */

WRAP(g_try_malloc, (gsize size), (size));
WRAP(g_try_malloc0, (gsize size), (size));
WRAP(g_try_realloc, (gpointer old, gsize size), (old, size));
WRAP(g_try_malloc_n, (gsize count, gsize size), (count, size));
WRAP(g_try_malloc0_n, (gsize count, gsize size), (count, size));
WRAP(g_try_realloc_n, (gpointer old, gsize count, gsize size), (old, count, size));

/* --- the traffic --- */

/* What was said of a segment, and whether anything was. */
struct said {
    struct segment segment;
    struct record_key key;
    struct record record;
    bool noted, judged;
};

static struct said usual[SEGMENTS], said[SEGMENTS];

static const struct shot shots[ROUNDS] = {
    {.from = CLIENT, .flags = S},
    {.from = SERVER, .flags = SA, .ack = 1},
    {.from = CLIENT, .flags = A, .seq = 1, .ack = 1},
    {.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 100},
    {.from = SERVER, .flags = A, .seq = 1, .ack = 101},
    {.from = CLIENT, .flags = FA, .seq = 101, .ack = 1},
    {.from = SERVER, .flags = A, .seq = 1, .ack = 102},
    {.from = SERVER, .flags = FA, .seq = 1, .ack = 102},
    {.from = CLIENT, .flags = A, .seq = 102, .ack = 2},
};

static void send(const struct spot *spot, const struct shot *shot, struct said *to)
{
    to->segment = (struct segment){
        .seq = {spot->isn[shot->from] + shot->seq},
        .ack = {shot->flags & FLAG_ACK ? spot->isn[!shot->from] + shot->ack : 0},
        .flags = (uint16_t)shot->flags,
        .window = 64240,
        .data = shot->data,
    };
    struct tuple tuple = store_tuple(spot, shot->from, &to->segment);
    struct tuple_entry *entry = connections_entry(&tuple);

    to->noted = to->judged = false;
    to->key = record_key(&to->segment, 0, tuple.hash);
    if (!entry)
        return;
    connections_observe(entry, &to->segment, &to->record, &store.rejection, &store.crossing);
    to->record.stream = to->record.observation.connection;
    to->judged = !(to->record.observation.findings & FINDING_UNUSABLE);
    to->noted = true;
    records_add(to->key, &to->segment, &to->record);
}

/* Each connection opens, then each sends data, and so on. From `LATER` on there is memory again. */
static void read_all(struct said *to, unsigned first, unsigned last)
{
    memory.asked = 0;
    memory.first = first;
    memory.last = last;
    store_begin(1000000);
    records_open();
    for (unsigned i = 0; i < SEGMENTS; i++) {
        unsigned number = i % SPOTS;
        struct spot spot = spot_of(10 + number / 16, 1 + number % 3, (uint16_t)(40000 + number), 80);

        if (i == LATER)
            memory.last = 0;
        store.now += 100 * 1000;
        send(&spot, &shots[i / SPOTS], &to[i]);
    }
}

static void end(void)
{
    records_close();
    connections_close();
}

/* --- what must hold --- */

/* As if nothing had failed, but for the number of the connection. */
static bool is_as_usual(unsigned at)
{
    struct observation o = said[at].record.observation;

    o.connection = usual[at].record.observation.connection;
    return said[at].judged && invariants_of_both(&usual[at].record.observation, &o, 0, 0) == NULL;
}

/* The record is missing, or it is what was noted. Returns whether it is there. */
static bool check_record(unsigned at)
{
    struct record record;
    bool found = records_find(said[at].key, &said[at].segment, &record);

    if (found)
        CHECK(said[at].noted &&
              invariants_of_both(&said[at].record.observation, &record.observation, 0, 0) == NULL);
    return found;
}

/* Who lost nothing is told of as usual, who lost something is not accused. Returns how many segments lost
 * something. */
static unsigned check_all(void)
{
    bool lost[SPOTS] = {false};
    unsigned count = 0;

    for (unsigned i = 0; i < SEGMENTS; i++) {
        unsigned number = i % SPOTS;

        lost[number] = lost[number] || !said[i].judged;
        if (said[i].judged) {
            CHECK(invariants_of(&said[i].segment, &said[i].record.observation, false) == NULL);
            CHECK_EQUAL(invariants_accusations(&said[i].record.observation), 0);
            CHECK(lost[number] || is_as_usual(i));
        }
        count += !check_record(i) || lost[number];
    }
    return count;
}

static void check_connections(void)
{
    struct summary summary;
    struct tuple_end ends[2];
    size_t length;

    for (uint32_t i = 0; i < connections_count(); i++) {
        CHECK(connections_summary(i, &summary));
        CHECK(connections_ends(i, ends, &length));
    }
    CHECK(!connections_summary(connections_count(), &summary));
}

static void test_usual(void)
{
    read_all(usual, 0, 0);
    for (unsigned i = 0; i < SEGMENTS; i++)
        CHECK(usual[i].judged);
    CHECK_EQUAL(connections_count(), SPOTS);
    CHECK_EQUAL(usual[SEGMENTS - 1].record.observation.phase, PHASE_TEARDOWN);
    end();
}

static void test_failing(unsigned count)
{
    for (unsigned i = 1; i <= count; i++) {
        char text[40];

        snprintf(text, sizeof text, "allocation %u fails", i);
        check_case = text;
        read_all(said, i, i);
        CHECK(check_all() <= LOST_MAX);
        check_connections();
        end();

        snprintf(text, sizeof text, "allocation %u and more fail", i);
        read_all(said, i, UINT32_MAX);
        check_all();
        check_connections();
        CHECK(said[SEGMENTS - 1].judged); /* there is memory again */
        CHECK(check_record(SEGMENTS - 1));
        end();
    }
    check_case = "";
}

int main(void)
{
    unsigned count;

    test_usual();
    count = memory.asked;
    CHECK(count > 50); /* else these aren't called any more */
    test_failing(count);
    return check_result();
}
