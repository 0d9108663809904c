/* late_fuzz.c - does who joins late accuse anybody, where the whole capture accuses nobody?
 *
 * The first byte says how many segments are missing at the beginning; the others tell a story (story.h).
 * Where the whole is in order, so is any end of it: nobody is accused by what a receiver made of a segment,
 * and no warning comes with time.
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

#define WARNINGS ((1u << (TIMEOUT_FINDING_PEER_SILENT + 1)) - 1)

static const struct timeouts timeouts = {.handshake = 5 * SECOND,
                                         .fin = 5 * SECOND,
                                         .close_wait = 60 * SECOND,
                                         .fin_wait_2 = 60 * SECOND,
                                         .idle = 75 * SECOND,
                                         .silent = 3 * SECOND};

static struct story story;

static struct reading {
    unsigned first; /* segment that was captured */
    struct observation o[SEGMENTS_MAX];
    findings_t accused[SEGMENTS_MAX];
    unsigned warned; /* of any connection */
    uint32_t connections;
} whole, late;

static void print_observation(const struct reading *r, unsigned at)
{
    const struct observation *o = &r->o[at];

    if (at < r->first)
        return;
    printf("    %s connection %" PRIu32 " %s->%s peer %s->%s steps 0x%x %s, %s cause %d findings 0x%" PRIx64
           " accused 0x%" PRIx64 "\n",
           r == &whole ? "whole" : "late", o->connection, state_name(o->sender.before),
           state_name(o->sender.after), state_name(o->peer.before), state_name(o->peer.after), o->steps,
           seq_verdicts[o->seq_verdict].name, ack_verdicts[o->ack_verdict].name, o->reset_cause, o->findings,
           r->accused[at]);
}

void require_failed(const char *file, int line, const char *condition)
{
    for (unsigned i = 0; i < story.count; i++) {
        story_print(&story.segments[i]);
        print_observation(&whole, i);
        print_observation(&late, i);
    }
    printf("warnings: whole 0x%x, late 0x%x\n", whole.warned, late.warned);
    printf("%s:%d: does not hold: %s\n", file, line, condition);
    fflush(stdout);
    abort();
}

static void broken(const char *fault)
{
    require_failed(__FILE__, __LINE__, fault);
}

static void read_from(struct reading *r, unsigned first)
{
    struct memory memory;
    struct heard heard;
    uint32_t newest = 0;

    memset(r, 0, sizeof *r);
    memory_open(&memory, 60 * SECOND);
    r->first = first;
    for (unsigned i = first; i < story.count; i++) {
        memory_observe(&memory, &newest, &story.segments[i], &timeouts, &r->o[i], &heard);
        for (unsigned k = 0; k < heard.count; k++)
            r->accused[story_place(heard.testimony[k].suspect)] |= witness_accusations(
                heard.testimony[k].accuses);
    }
    r->connections = memory.count;
    for (uint32_t n = 0; n < memory.count; n++)
        r->warned |= timeout_findings_at(memory_summary(&memory, n), &timeouts, NEVER) & WARNINGS;
    memory_close(&memory);
}

/* Does an end that follows RFC 9293 send such a segment? */
static bool is_sound(const struct segment *segment)
{
    unsigned kind = segment->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST);

    return (kind & (kind - 1)) == 0 && (segment->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) != 0;
}

/* One connection, of which nothing is missing or doubtful. */
static bool is_in_order(void)
{
    static const findings_t odd = FINDING_SYN_IN_CONNECTION | FINDING_MULTIPATH | FINDING_UNUSABLE |
                                  FINDING_LENGTH_UNKNOWN;

    for (unsigned i = 0; i < story.count; i++) {
        const struct observation *o = &whole.o[i];

        if (!is_sound(&story.segments[i]) || invariants_accusations(o) || whole.accused[i] ||
            (o->findings & odd) || o->ack_verdict == ACK_NOT_CAPTURED)
            return false;
    }
    return whole.connections == 1 && !whole.warned;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned missing = size > 0 ? data[0] % SEGMENTS_MAX : 0;

    memory_broken = broken;
    late.first = SEGMENTS_MAX;
    story_make(&story, 1, data + 1, size > 0 ? size - 1 : 0);
    read_from(&whole, 0);
    if (missing >= story.count || !is_in_order())
        return 0;
    read_from(&late, missing);
    for (unsigned i = missing; i < story.count; i++)
        REQUIRE(!late.accused[i]);
    REQUIRE(!late.warned);
    return 0;
}
