/* sequence_fuzz.c - can any sequence of segments bring the engine out of its invariants?
 *
 * Each story is told three times: as it is; with the two ends exchanged; and with
 * other initial numbers at another time. The observations must be alike.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../support/invariants.h"
#include "../support/memory.h"
#include "require.h"
#include "story.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How a story is told. */
struct telling {
    const char *name;
    bool exchanged;
    uint32_t shift[2]; /* of the numbers of an end */
    int64_t epoch;
};

static const struct telling tellings[] = {
    {"as it is", false, {0, 0}, INT64_C(1700000000) * SECOND},
    {"with the ends exchanged", true, {0, 0}, INT64_C(1700000000) * SECOND},
    {"with other numbers", false, {0xfffff000, 0x7ffffe00}, INT64_C(5000000) * SECOND},
};

enum { TELLINGS = sizeof tellings / sizeof tellings[0] };

/* What was observed in a telling. */
struct retelling {
    struct observation observations[SEGMENTS_MAX];
    uint32_t connections[SEGMENTS_MAX]; /* counted after each */
    unsigned count;
};

static struct story story;
static struct retelling retellings[TELLINGS];

static void print_observation(const struct observation *o)
{
    printf(
        "    connection %" PRIu32 " %s->%s peer %s->%s basis %d %d steps 0x%x%s of %" PRIu32
        " verdicts %s, %s reset %d timer %d/%" PRIu32 " owes 0x%x 0x%x findings 0x%" PRIx64 " changed %d\n",
        o->connection, state_name(o->sender.before), state_name(o->sender.after), state_name(o->peer.before),
        state_name(o->peer.after), o->sender.basis, o->peer.basis, o->steps, o->repeat ? " repeat" : "",
        o->repeat_of, seq_verdicts[o->seq_verdict].name, ack_verdicts[o->ack_verdict].name, o->reset_cause,
        o->timer, o->timer_count, o->client_owes, o->server_owes, o->findings, o->state_changed);
}

void require_failed(const char *file, int line, const char *condition)
{
    for (unsigned i = 0; i < story.count; i++) {
        story_print(&story.segments[i]);
        for (unsigned t = 0; t < TELLINGS; t++)
            if (i < retellings[t].count)
                print_observation(&retellings[t].observations[i]);
    }
    printf("%s:%d: does not hold: %s\n", file, line, condition);
    fflush(stdout);
    abort();
}

static struct segment told(const struct segment *segment, const struct telling *telling)
{
    struct segment result = *segment;
    uint32_t own = telling->shift[segment->from], peer = telling->shift[!segment->from];

    result.seq = seq_add(segment->seq, own);
    result.ack = seq_add(segment->ack, peer);
    for (unsigned i = 0; i < segment->sack_blocks; i++) {
        result.sack[i].left = seq_add(segment->sack[i].left, peer);
        result.sack[i].right = seq_add(segment->sack[i].right, peer);
    }
    result.from = segment->from != telling->exchanged;
    result.time += telling->epoch;
    return result;
}
/* An invariant of the connection: with the story, too. */
static void broken(const char *fault)
{
    require_failed(__FILE__, __LINE__, fault);
}

static void observe(struct retelling *retelling, const struct telling *telling, unsigned connections_max)
{
    static const struct timeouts none;
    struct memory memory;
    struct heard heard;
    uint32_t newest = 0;

    memory_open(&memory, 60 * SECOND);
    memory.max = connections_max;
    for (unsigned i = 0; i < story.count; i++) {
        struct segment segment = told(&story.segments[i], telling);
        struct observation *observation = &retelling->observations[i];
        uint32_t connections = memory.count;

        memory_observe(&memory, &newest, &segment, &none, observation, &heard);
        retelling->count = i + 1;
        REQUIRE_NONE(invariants_of(&segment, observation, heard.trusted));
        REQUIRE((observation->findings & FINDING_UNUSABLE) || observation->connection < memory.count);
        REQUIRE(memory.count == memory.observer.connections && memory.count <= connections + 1);
        retelling->connections[i] = memory.count;
    }
    memory_close(&memory);
}

static bool is_copy(const struct observation *observation)
{
    return observation->seq_verdict == SEQ_COPY;
}

/* Which packets the engine remembers, to know a copy, depends on a hash of their numbers: where one
 * telling has forgotten a packet, the rest of the story may differ. */
static void require_same_retelling(const struct retelling *a, const struct retelling *b,
                                   const uint32_t shift[2])
{
    for (unsigned i = 0; i < story.count; i++) {
        unsigned from = story.segments[i].from;

        if (is_copy(&a->observations[i]) != is_copy(&b->observations[i]))
            return;
        REQUIRE_NONE(invariants_of_both(&a->observations[i], &b->observations[i], shift[from], shift[!from]));
        REQUIRE(a->connections[i] == b->connections[i]);
    }
}

/* `state_changed` says that an end's state isn't the one last shown. */
static void require_changes_told(const struct retelling *retelling)
{
    enum state shown[2] = {UNKNOWN, UNKNOWN};
    const struct observation *before = NULL;

    for (unsigned i = 0; i < retelling->count; i++) {
        const struct observation *now = &retelling->observations[i];
        unsigned from = story.segments[i].from;

        if (now->findings & FINDING_UNUSABLE)
            continue;
        if (before && before->connection == now->connection)
            REQUIRE(now->state_changed ==
                    (now->sender.after != shown[from] || now->peer.after != shown[!from]));
        shown[from] = now->sender.after;
        shown[!from] = now->peer.after;
        before = now;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned connections_max = size > 0 && data[0] % 8 == 7; /* memory ends early */

    REQUIRE(connection_size() <= CONNECTION_SIZE_MAX);
    memory_broken = broken;
    story_make(&story, 1, data + 1, size > 0 ? size - 1 : 0);
    for (unsigned i = 0; i < TELLINGS; i++)
        retellings[i].count = 0;
    for (unsigned i = 0; i < TELLINGS; i++) {
        observe(&retellings[i], &tellings[i], connections_max);
        if (i == 0)
            require_changes_told(&retellings[0]);
        else
            require_same_retelling(&retellings[0], &retellings[i], tellings[i].shift);
    }
    return 0;
}
