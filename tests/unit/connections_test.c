/* connections_test.c - what connections cost, where they are found, and which an ICMP error means
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cached.h"
#include "store.h"

enum {
    FLOOD = 100000,
    CACHED_FEW = 400, /* that a flood needs at most */
};

/* ------------------------------------------------------------------- memory */

/* A million SYNs cost what these cost. */
static void flood_is_cheap(void)
{
    store_begin(NEVER_MANY);
    for (uint32_t i = 0; i < FLOOD; i++) {
        struct spot spot = spot_of(dice(), 80, (uint16_t)dice(), 80);
        struct segment segment = {.seq = {spot.isn[0]}, .flags = S, .window = 64240, .mss = 1460};
        segment.has_timestamps = segment.has_scale = segment.sack_permitted = true;
        segment.tsval = dice();
        segment.scale = 7;
        store.now += 10000;
        struct tuple tuple = store_tuple(&spot, CLIENT, &segment);
        store_observe(&tuple, &segment);
        CHECK(i % 1000 != 0 || cached_count() <= CACHED_FEW);
    }
    double each = (double)connections_bytes() / connections_count();
    fprintf(stderr, "an unanswered SYN: %.1f bytes\n", each);
    CHECK(each < 200);
    connections_close();
}

static void talk(const struct spot *spot, unsigned segments)
{
    static const struct shot shots[] = {
        {CLIENT, S, 0, 0, 0},       {SERVER, SA, 0, 1, 0},      {CLIENT, A, 1, 1, 0},
        {CLIENT, PA, 1, 1, 400},    {SERVER, PA, 1, 401, 1400}, {CLIENT, FA, 401, 1401, 0},
        {SERVER, FA, 1401, 402, 0}, {CLIENT, A, 402, 1402, 0},
    };
    for (unsigned i = 0; i < segments; i++) {
        store.now += dice() % (10 * MILLISECOND);
        store_shoot(spot, shots[i]);
    }
}

static void closed_ones_are_cheap(void)
{
    store_begin(NEVER_MANY);
    for (uint32_t i = 0; i < FLOOD; i++) {
        struct spot spot = spot_of(dice(), 80, (uint16_t)dice(), 80);
        talk(&spot, 8);
    }
    CHECK(cached_count() <= CACHED_FEW);
    double each = (double)connections_bytes() / connections_count();
    fprintf(stderr, "a closed connection: %.1f bytes\n", each);
    CHECK(each < 345);
    connections_close();
}

/* What was packed, unpacked and packed again leaves no garbage behind. */
static void resting_and_waking_is_free(void)
{
    enum { RESTING = 5000, TURNS = 30 };
    store_begin(NEVER_MANY);
    size_t first = 0;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        for (unsigned i = 0; i < RESTING; i++) {
            struct spot spot = spot_of(i, 80, (uint16_t)i, 80);
            store.now += 100000;
            if (turn == 0) {
                store_handshake(&spot);
            }
            STORE(&spot, .from = CLIENT, .flags = PA, .seq = 1 + 100 * turn, .ack = 1, .data = 100);
        }
        first = turn == 1 ? connections_bytes() : first;
        CHECK(cached_count() <= CACHED_FEW);
    }
    CHECK_EQUAL(connections_count(), RESTING);
    CHECK(connections_bytes() < 2 * first);
    connections_close();
}

/* ------------------------------------------------------------------ readers */

static void readers(void)
{
    enum { COUNT = 2000 };
    store_begin(NEVER_MANY);
    for (uint32_t i = 0; i < COUNT; i++) {
        struct spot spot = spot_of(i, 1u << 31, (uint16_t)(i % 2 ? 1000 + i : 79), 80);
        STORE(&spot, .from = CLIENT, .flags = S);
        connections_set_stream(store.record.observation.connection, 3 * i);
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        struct tuple_end ends[2];
        size_t length;
        uint32_t address[2];
        struct summary summary = store_summary(i);
        CHECK_EQUAL(summary.milestone[MILESTONE_SYN].frame, i + 1);
        CHECK_EQUAL(connections_stream(i), 3 * i);
        CHECK(connections_ends(i, ends, &length));
        CHECK_EQUAL(length, ADDRESS_SHORT);
        memcpy(&address[0], ends[summary.client_from].address, length);
        memcpy(&address[1], ends[!summary.client_from].address, length);
        CHECK_EQUAL(address[0], i);
        CHECK_EQUAL(address[1], 1u << 31);
        CHECK_EQUAL(ends[summary.client_from].port, i % 2 ? 1000 + i : 79);
        CHECK_EQUAL(ends[!summary.client_from].port, 80);
    }
    struct summary summary;
    struct tuple_end ends[2];
    size_t length;
    CHECK(!connections_summary(COUNT, &summary));
    CHECK(!connections_ends(COUNT, ends, &length));
    CHECK_EQUAL(connections_stream(COUNT), STREAM_NONE);
    CHECK(cached_count() <= CACHED_FEW); /* reading has unpacked nothing */
    connections_close();
    CHECK_EQUAL(connections_count(), 0);
}

static void long_addresses(void)
{
    static const uint8_t a[16] = {0x20, 1, 0xd, 0xb8, 1}, b[16] = {0x20, 1, 0xd, 0xb8, 2};
    store_begin(NEVER_MANY);
    struct segment segment = {.flags = S, .seq = {7}, .usable = true, .length_known = true, .frame = 1};
    struct tuple tuple;
    CHECK(tuple_make(&tuple, (struct tuple_end){b, 4444}, (struct tuple_end){a, 80}, sizeof a));
    segment.from = tuple.from;
    struct spot spot = spot_of(1, 2, 3, 4);
    STORE(&spot, .from = CLIENT, .flags = S); /* the other table has entries of the same numbers */
    store_observe(&tuple, &segment);
    struct tuple_end ends[2];
    size_t length;
    CHECK(connections_ends(1, ends, &length));
    CHECK_EQUAL(length, ADDRESS_LONG);
    CHECK(memcmp(ends[tuple.from].address, b, sizeof b) == 0);
    CHECK(memcmp(ends[!tuple.from].address, a, sizeof a) == 0);
    CHECK_EQUAL(ends[tuple.from].port, 4444);
    CHECK(connections_ends(0, ends, &length));
    CHECK_EQUAL(length, ADDRESS_SHORT);
    connections_close();
}

/* --------------------------------------------------------------------- ICMP */

static bool icmp(const struct spot *spot, uint32_t isn, uint32_t *number)
{
    struct segment segment = {0};
    struct tuple tuple = store_tuple(spot, CLIENT, &segment);
    return connections_icmp(&tuple, tuple.from, (seq_t){isn}, store.frame, store.now, number);
}

static bool icmp_find(const struct spot *spot, uint32_t frame, uint32_t *number)
{
    struct segment segment = {0};
    struct tuple tuple = store_tuple(spot, CLIENT, &segment);
    return connections_icmp_find(&tuple, frame, number);
}

static void icmp_answers_a_syn(void)
{
    enum { OTHERS = 1000, TRIES = 10 };
    store_begin(NEVER_MANY);
    struct spot spot = spot_of(1, 2, 40000, 80), other = spot_of(1, 2, 40001, 80);
    uint32_t number = 4711, isn[TRIES];
    CHECK(!icmp(&spot, spot.isn[0], &number)); /* nothing is there, and nothing is made */
    CHECK_EQUAL(connections_count(), 0);
    size_t bytes = connections_bytes();
    CHECK(!icmp(&other, spot.isn[0], &number));
    CHECK_EQUAL(connections_bytes(), bytes);

    for (unsigned i = 0; i < TRIES; i++) { /* one after the other on the same ports, given up each time */
        spot.isn[0] = isn[i] = dice();
        store.now += 300 * SECOND;
        STORE(&spot, .from = CLIENT, .flags = S);
        CHECK_EQUAL(store.record.observation.connection, i);
    }
    for (unsigned i = 0; i < OTHERS; i++) { /* meanwhile they are packed */
        struct spot more = spot_of(100 + i, 2, 40000, 80);
        STORE(&more, .from = CLIENT, .flags = S);
    }
    CHECK(!icmp(&spot, spot.isn[0] + 1, &number));
    CHECK(icmp(&spot, isn[TRIES - 1], &number));
    CHECK_EQUAL(number, TRIES - 1);
    uint32_t first = store.frame;
    CHECK(icmp(&spot, isn[TRIES - 8], &number)); /* the eighth, from the newest back */
    CHECK_EQUAL(number, TRIES - 8);
    uint32_t second = store.frame;
    CHECK(!icmp(&spot, isn[TRIES - 9], &number));
    CHECK_EQUAL(store_summary(TRIES - 1).milestone[MILESTONE_ICMP].frame, first);
    CHECK_EQUAL(store_summary(TRIES - 8).milestone[MILESTONE_ICMP].frame, second);
    CHECK_EQUAL(store_summary(TRIES - 9).milestone[MILESTONE_ICMP].frame, 0);

    CHECK(icmp_find(&spot, first, &number) && number == TRIES - 1);
    CHECK(icmp_find(&spot, second, &number) && number == TRIES - 8);
    CHECK(!icmp_find(&other, first, &number));
    CHECK(!icmp_find(&spot, first - 1, &number));
    CHECK(!icmp_find(&spot, store.frame, &number));
    connections_close();
}

int main(void)
{
    flood_is_cheap();
    closed_ones_are_cheap();
    resting_and_waking_is_free();
    readers();
    long_addresses();
    icmp_answers_a_syn();
    return check_result();
}
