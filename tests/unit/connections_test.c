/* connections_test.c - whether a connection was packed meanwhile can be told by nothing
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/outcome.h"
#include "store/cold/conn_cache.h"
#include "store.h"

enum {
    NEVER_MANY = 1000000,
    SPOTS = 6000,
    SEGMENTS = 150000,
    CONNECTIONS_MAX = 100000,
    FLOOD = 100000,
    CACHED_FEW = 400, /* that a flood needs at most */
};

static uint32_t dice(void)
{
    static uint64_t state = 20240301;
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33);
}

/* How many connections are cached. */
static uint32_t cached_count(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < conn_cache_count(); i++) {
        count += conn_cache_index(i)->cached;
    }
    return count;
}

/* ------------------------------------------------- a store that never packs */

static struct {
    struct observer observer;
    struct connection *connections[CONNECTIONS_MAX];
    struct summary summaries[CONNECTIONS_MAX];
    uint32_t newest[SPOTS];
    struct timeouts timeouts;
} plain;

static struct connection *plain_connection(void *context, uint32_t number)
{
    (void)context;
    if (number < CONNECTIONS_MAX && plain.connections[number] == NULL) {
        plain.connections[number] = calloc(1, connection_size());
    }
    return number < CONNECTIONS_MAX ? plain.connections[number] : NULL;
}

static void plain_begin(void)
{
    plain.observer.time_wait = 60 * SECOND;
    plain.observer.connection = plain_connection;
    plain.timeouts = (struct timeouts){.handshake = 5 * SECOND,
                                       .fin = 5 * SECOND,
                                       .close_wait = 60 * SECOND,
                                       .fin_wait_2 = 60 * SECOND,
                                       .idle = 75 * SECOND,
                                       .silent = 3 * SECOND};
}

static void plain_end(void)
{
    for (uint32_t i = 0; i < plain.observer.connections; i++) {
        free(plain.connections[i]);
    }
}

static unsigned plain_observe(unsigned spot, const struct segment *segment, struct observation *o)
{
    memset(o, 0xa5, sizeof *o);
    connection_observe(&plain.newest[spot], segment, &plain.observer, o);
    if (o->findings & FINDING_UNUSABLE) {
        return 0;
    }
    uint32_t previous = connection_previous(plain.connections[o->connection]);
    return timeout_findings_update(&plain.summaries[o->connection],
                                   previous ? &plain.summaries[previous - 1] : NULL, previous, segment, o,
                                   &plain.timeouts);
}

/* ------------------------------------------------------------ random traffic */

/* One four-tuple and how far its talk has come. */
struct place {
    struct spot spot;
    uint32_t sent[2];
    unsigned stage;
};

static struct place places[SPOTS];

/* The next segment of an ordinary connection, then its stages begin anew with other ISNs. */
static struct shot ordinary(struct place *place)
{
    uint32_t c = place->sent[CLIENT], s = place->sent[SERVER];
    switch (place->stage++) {
    case 0:
        place->spot.isn[CLIENT] = dice() * 2;
        place->spot.isn[SERVER] = dice() * 2;
        place->sent[CLIENT] = place->sent[SERVER] = 1;
        return (struct shot){.from = CLIENT, .flags = S};
    case 1: return (struct shot){.from = SERVER, .flags = SA, .ack = 1};
    case 2: return (struct shot){.from = CLIENT, .flags = A, .seq = 1, .ack = 1};
    case 3: place->sent[CLIENT] += 400; return (struct shot){CLIENT, PA, c, s, 400};
    case 4: place->sent[SERVER] += 1460; return (struct shot){SERVER, PA, s, c, 1460};
    case 5: place->sent[CLIENT]++; return (struct shot){CLIENT, FA, c, s, 0};
    case 6: place->sent[SERVER]++; return (struct shot){SERVER, FA, s, c, 0};
    default: place->stage = 0; return (struct shot){CLIENT, A, c, s, 0};
    }
}

/* Stragglers, repeats, resets, keepalives, numbers from nowhere. */
static struct shot odd(const struct place *place)
{
    unsigned from = dice() % 2;
    uint32_t seq = place->sent[from], ack = place->sent[!from];
    switch (dice() % 8) {
    case 0: return (struct shot){from, R, seq, 0, 0};
    case 1: return (struct shot){from, RA, seq, ack, 0};
    case 2: return (struct shot){from, A, seq - 1, ack, dice() % 2};
    case 3: return (struct shot){from, PA, dice() % (seq + 1), ack, 200};
    case 4: return (struct shot){from, S, dice() % 2 ? 0 : dice(), 0, 0};
    case 5: return (struct shot){from, SA, dice() % 2 ? 0 : dice(), 1, 0};
    case 6: return (struct shot){from, FA, seq, ack - dice() % 3, 0};
    default: return (struct shot){from, A, dice(), dice(), dice() % 100};
    }
}

/* Mostly of those that are active now, sometimes of one that rested for long. */
static unsigned any_spot(unsigned i)
{
    unsigned drift = (unsigned)((uint64_t)i * SPOTS / SEGMENTS);
    return dice() % 16 ? (drift + dice() % 200) % SPOTS : dice() % SPOTS;
}

static bool is_same(const void *a, const void *b, size_t size)
{
    return memcmp(a, b, size) == 0;
}

/* Padding may differ, so what is in the records is compared. */
static bool is_same_observation(const struct observation *a, const struct observation *b)
{
    static const struct known known = {.frame = 0};
    struct record record[2] = {{.observation = *a}, {.observation = *b}};
    uint8_t bytes[2][PACKED_MAX];
    size_t size = record_pack(&record[0], &known, bytes[0]);
    return size == record_pack(&record[1], &known, bytes[1]) && is_same(bytes[0], bytes[1], size);
}

static bool is_same_moment(struct moment a, struct moment b)
{
    return a.frame == b.frame && a.time == b.time;
}

static bool is_same_tries(const struct tries *a, const struct tries *b)
{
    return is_same_moment(a->first, b->first) && a->last == b->last && a->count == b->count;
}

static bool is_same_end(const struct summary_end *a, const struct summary_end *b)
{
    return seq_equal(a->isn, b->isn) && a->window == b->window && a->mss == b->mss && a->owes == b->owes &&
           a->state == b->state && a->basis == b->basis && a->seen == b->seen &&
           a->sent_data == b->sent_data && seq_equal(a->acked, b->acked) &&
           is_same_tries(&a->opening, &b->opening) && is_same_tries(&a->fins, &b->fins) &&
           is_same_tries(&a->probes, &b->probes) && a->sent == b->sent && a->heard == b->heard;
}

static bool is_same_summary(const struct summary *a, const struct summary *b)
{
    bool same = is_same_end(&a->end[0], &b->end[0]) && is_same_end(&a->end[1], &b->end[1]) &&
                a->start == b->start && a->last == b->last && a->progress == b->progress &&
                a->previous == b->previous && a->since_previous == b->since_previous &&
                a->steps == b->steps && strcmp(a->history, b->history) == 0;
    for (unsigned i = 0; i < MILESTONE_COUNT; i++) {
        same = same && is_same_moment(a->milestone[i], b->milestone[i]);
    }
    for (unsigned i = 0; i < SPAN_COUNT; i++) {
        same = same && summary_span(a, (enum span)i) == summary_span(b, (enum span)i);
    }
    unsigned end = timeout_findings_at(a, &plain.timeouts, NEVER);
    return same && end == timeout_findings_at(b, &plain.timeouts, NEVER) &&
           outcome_of(a, end) == outcome_of(b, end) && opening_of(a) == opening_of(b) &&
           closing_of(a) == closing_of(b) && closer_of(a) == closer_of(b);
}

static void observe_both(unsigned i)
{
    unsigned at = any_spot(i);
    struct place *place = &places[at];
    struct shot shot = dice() % 12 ? ordinary(place) : odd(place);
    struct segment segment = {
        .seq = {place->spot.isn[shot.from] + shot.seq},
        .ack = {shot.flags & FLAG_ACK ? place->spot.isn[!shot.from] + shot.ack : 0},
        .flags = (uint16_t)shot.flags,
        .window = (uint16_t)(dice() % 16 ? 64240 : 0),
        .data = shot.data,
        .mss = 1460,
        .has_timestamps = at % 2,
        .tsval = i,
        .tsecr = i - 1,
    };
    store.now += dice() % (dice() % 64 ? 20 * MILLISECOND : 3 * SECOND);
    struct tuple tuple = store_tuple(&place->spot, shot.from, &segment);
    segment.usable = dice() % 512 != 0;
    struct observation expected;
    unsigned told = plain_observe(at, &segment, &expected);
    const struct observation *o = store_observe(&tuple, &segment);
    CHECK(is_same_observation(o, &expected));
    CHECK_EQUAL(store.reported, told);
}

static void equal_to_what_never_packs(void)
{
    store_begin(NEVER_MANY);
    plain_begin();
    for (unsigned i = 0; i < SPOTS; i++) {
        places[i].spot = spot_of(i, 77, (uint16_t)(1024 + i), 80);
    }
    for (unsigned i = 0; i < SEGMENTS; i++) {
        observe_both(i);
    }
    uint32_t count = connections_count(), incarnations = 0;
    CHECK_EQUAL(count, plain.observer.connections);
    CHECK(count > 10000);
    CHECK(cached_count() < count / 8); /* so that there was something to pack */
    for (uint32_t i = 0; i < count; i++) {
        struct summary summary = store_summary(i);
        CHECK(is_same_summary(&summary, &plain.summaries[i]));
        incarnations += summary.previous != 0;
    }
    CHECK(incarnations > 10000);
    plain_end();
    connections_close();
}

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
        struct summary summary = store_summary(i), again = store_summary(i);
        CHECK(is_same_summary(&summary, &again));
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
    CHECK(is_same(ends[tuple.from].address, b, sizeof b) && is_same(ends[!tuple.from].address, a, sizeof a));
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
    equal_to_what_never_packs();
    flood_is_cheap();
    closed_ones_are_cheap();
    resting_and_waking_is_free();
    readers();
    long_addresses();
    icmp_answers_a_syn();
    return check_result();
}
