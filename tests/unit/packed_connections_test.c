/* packed_connections_test.c - whether a connection was packed meanwhile can be told by nothing
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../support/invariants.h"
#include "../support/memory.h"
#include "cached.h"
#include "store.h"

enum {
    SPOTS = 6000,
    SEGMENTS = 150000,
};

/* It never packs. */
static struct memory memory;
static uint32_t newest[SPOTS];

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
    struct heard heard;
    memory_observe(&memory, &newest[at], &segment, &store_timeouts, &expected, &heard);
    const struct observation *o = store_observe(&tuple, &segment);
    CHECK(invariants_of_both(&expected, o, 0, 0) == NULL);
    CHECK_EQUAL(store.reported, heard.told);
}

static void equal_to_what_never_packs(void)
{
    store_begin(NEVER_MANY);
    memory_open(&memory, 60 * SECOND);
    for (unsigned i = 0; i < SPOTS; i++) {
        places[i].spot = spot_of(i, 77, (uint16_t)(1024 + i), 80);
    }
    for (unsigned i = 0; i < SEGMENTS; i++) {
        observe_both(i);
    }
    uint32_t count = connections_count(), incarnations = 0;
    CHECK_EQUAL(count, memory.count);
    CHECK(count > 10000);
    CHECK(cached_count() < count / 8); /* so that there was something to pack */
    for (uint32_t i = 0; i < count; i++) {
        struct summary summary = store_summary(i);
        CHECK(invariants_of_summaries(memory_summary(&memory, i), &summary, &store_timeouts, store.now) ==
              NULL);
        incarnations += summary.previous != 0;
    }
    CHECK(incarnations > 10000);
    memory_close(&memory);
    connections_close();
}

int main(void)
{
    equal_to_what_never_packs();
    return check_result();
}
