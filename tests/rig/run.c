/* run.c - a scenario, fed to the engine
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "run.h"

#include "../support/checked.h"

#include <stdlib.h>
#include <string.h>

const struct variation plain_run = {.name = "", .numbering = {.isn = {1000, 5000}}, .only = BOTH_ENDS};

/* A moment of the run: a line, or its copy from a mirror port. */
struct showing {
    int64_t time;
    unsigned line;
    bool copy;
};

struct block {
    struct summary summary;
    struct witness *witness;
    max_align_t bytes[];
};

static struct connection *connection(void *context, uint32_t number)
{
    struct arena *arena = context;

    if (number < arena->count)
        return (struct connection *)arena->blocks[number]->bytes;
    if (arena->count == arena->room) {
        uint32_t room = 2 * arena->room + 8;
        struct block **blocks = realloc(arena->blocks, room * sizeof(struct block *));

        if (!blocks)
            return NULL;
        arena->blocks = blocks;
        arena->room = room;
    }
    arena->blocks[number] = calloc(1, sizeof **arena->blocks + connection_size());
    if (!arena->blocks[number])
        return NULL;
    arena->blocks[number]->witness = receiver_witness();
    if (!arena->blocks[number]->witness)
        abort();
    arena->count++;
    return (struct connection *)arena->blocks[number]->bytes;
}

void arena_open(struct arena *arena)
{
    *arena = (struct arena){.observer = {.connection = connection, .context = arena}};
}

void arena_close(struct arena *arena)
{
    for (uint32_t i = 0; i < arena->count; i++) {
        free(arena->blocks[i]->witness);
        free(arena->blocks[i]);
    }
    free(arena->blocks);
    arena->blocks = NULL;
    arena->count = arena->room = 0;
}

const struct summary *arena_summary(const struct arena *arena, uint32_t number)
{
    return &arena->blocks[number]->summary;
}

struct testimony arena_received(const struct arena *arena, const struct seen *seen, int64_t now)
{
    const struct block *block = arena->blocks[seen->observation.connection];

    return receiver_at(seen, block->witness, &block->summary, now);
}

/* Number of the incarnation before, plus one. */
static uint32_t previous_of(const struct arena *arena, uint32_t number)
{
    return connection_previous((const struct connection *)arena->blocks[number]->bytes);
}

/* By time, and in the order of the scenario where the times are equal. */
static void insert(struct showing *moments, unsigned count, struct showing moment)
{
    for (; count > 0 && moments[count - 1].time > moment.time; count--)
        moments[count] = moments[count - 1];
    moments[count] = moment;
}

static bool is_captured(const struct scenario *scenario, const struct variation *variation, unsigned line)
{
    return line >= variation->skip && line + 1 != variation->without &&
           (variation->only == BOTH_ENDS || variation->only == scenario->line[line].sending.from);
}

static unsigned moments_of(struct showing *moments, const struct scenario *scenario,
                           const struct variation *variation)
{
    unsigned count = 0;

    for (unsigned i = 0; i < scenario->count; i++) {
        int64_t time = scenario->line[i].sending.time;

        if (!is_captured(scenario, variation, i))
            continue;
        if (i + 1 == variation->late)
            time = scenario->line[i + variation->late_by].sending.time + 1;
        insert(moments, count++, (struct showing){time, i, false});
        if (variation->mirror)
            insert(moments, count++, (struct showing){time + variation->mirror, i, true});
    }
    return count;
}

static void segment_of(struct segment *segment, const struct scenario *scenario,
                       const struct sending *sending, const struct variation *variation)
{
    struct header header;

    header_build(&header, scenario, sending, &variation->numbering);
    segment_parse(segment, header.bytes, header.captured,
                  sending->fragment ? SEGMENT_LENGTH_UNKNOWN : header.length);
    segment->has_ip_id = !scenario->ipv6;
    segment->ip_id = scenario->ipv6 ? 0 : sending->ip_id;
    segment->path = segment->point = sending->path;
    segment->from = sending->from != variation->numbering.swapped;
}

static void observe(struct run *run, struct seen *seen, uint32_t *newest, const struct timeouts *timeouts,
                    struct arena *arena)
{
    struct observation *seg = &seen->observation;
    struct summary *summary, *before;
    uint32_t previous;

    memset(seg, 0xa5, sizeof *seg); /* the engine has to fill all of it */
    checked_observe(newest, &seen->segment, &arena->observer, seg);
    if (seg->findings & FINDING_UNUSABLE)
        return;
    summary = &arena->blocks[seg->connection]->summary;
    previous = previous_of(arena, seg->connection);
    before = previous ? &arena->blocks[previous - 1]->summary : NULL;
    seen->told = checked_update(summary, before, previous, &seen->segment, seg, timeouts);
    receiver_hear(run, seen, arena->blocks[seg->connection]->witness,
                  previous ? arena->blocks[previous - 1]->witness : NULL, summary);
    seen->after[seg->sender_role] = seg->sender.after;
    seen->after[ROLE_CLIENT + ROLE_SERVER - seg->sender_role] = seg->peer.after;
}

/* An ICMP error quotes a segment of the newest connection, or of one before it. */
static void quote(struct seen *seen, uint32_t newest, const struct arena *arena)
{
    for (; newest && !seen->unreachable; newest = previous_of(arena, newest - 1)) {
        seen->unreachable = summary_update_icmp(&arena->blocks[newest - 1]->summary, seen->segment.from,
                                                seen->segment.seq, seen->segment.frame, seen->segment.time);
        seen->observation.connection = newest - 1;
    }
}

static void look_back(struct run *run, const struct scenario *scenario, const struct arena *arena)
{
    run->connections = arena->observer.connections - run->first;
    for (uint32_t i = 0; i < run->connections; i++)
        hindsight_of(&run->hindsight[i], arena_summary(arena, run->first + i), &scenario->timeouts, run->end);
    for (unsigned i = 0; i < scenario->count; i++)
        if (run->seen[i].received.verdict != RECEIVER_NONE)
            run->seen[i].received = arena_received(arena, &run->seen[i], run->end);
}

void run_scenario(struct run *run, const struct scenario *scenario, const struct variation *variation,
                  struct arena *arena)
{
    struct showing moments[2 * LINES_MAX];
    unsigned count = moments_of(moments, scenario, variation);
    uint32_t newest = 0;
    bool in_order = !variation->mirror && !variation->late; /* then frames go by the numbers of lines */

    memset(run, 0, sizeof *run);
    run->first = arena->observer.connections;
    arena->observer.time_wait = scenario->time_wait;
    for (unsigned i = 0; i < count; i++) {
        const struct showing *moment = &moments[i];
        const struct sending *sending = &scenario->line[moment->line].sending;
        struct seen *seen = &(moment->copy ? run->copy : run->seen)[moment->line];

        segment_of(&seen->segment, scenario,
                   sending->quoted ? &scenario->line[sending->quoted - 1].sending : sending, variation);
        seen->segment.frame = arena->frames + (in_order ? moment->line : i) + 1;
        seen->segment.time = arena->time + moment->time;
        if (moment->copy && seen->segment.ip_id == 0) /* only behind a router a copy is known then */
            seen->segment.point ^= 1;
        seen->quotes = sending->quoted > 0;
        seen->captured = !seen->quotes;
        run->end = seen->segment.time + (moment->line + 1 == scenario->count ? scenario->quiet : 0);
        if (seen->quotes)
            quote(seen, newest, arena);
        else
            observe(run, seen, &newest, &scenario->timeouts, arena);
    }
    look_back(run, scenario, arena);
}

uint32_t line_of_frame(const struct run *run, const struct scenario *scenario, uint32_t frame)
{
    for (unsigned i = 0; frame != NO_FRAME && i < scenario->count; i++)
        if ((run->seen[i].captured || run->seen[i].quotes) && run->seen[i].segment.frame == frame)
            return i + 1;
    return NO_FRAME;
}
