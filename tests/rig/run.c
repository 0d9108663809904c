/* run.c - a scenario, fed to the engine
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "run.h"

#include <stdlib.h>
#include <string.h>

const struct variation plain_run = {.name = "", .numbering = {.isn = {1000, 5000}}, .only = BOTH_ENDS};

/* A moment of the run: a line, or its copy from a mirror port. */
struct moment {
    int64_t time;
    unsigned line;
    bool copy;
};

struct block {
    struct block *next;
    max_align_t bytes[];
};

static struct connection *connection(void *context, uint32_t number)
{
    struct arena *arena = context;
    struct block *block = arena->blocks;

    for (uint32_t behind = number; block && behind + 1 < arena->count; behind++)
        block = block->next; /* the last one first */
    if (number < arena->count)
        return (struct connection *)block->bytes;
    block = calloc(1, sizeof *block + connection_size());
    if (!block)
        return NULL;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->count++;
    return (struct connection *)block->bytes;
}

void arena_open(struct arena *arena)
{
    *arena = (struct arena){.observer = {.connection = connection, .context = arena}};
}

void arena_close(struct arena *arena)
{
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    arena->blocks = NULL;
}

/* By time, and in the order of the scenario where the times are equal. */
static void insert(struct moment *moments, unsigned count, struct moment moment)
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

static unsigned moments_of(struct moment *moments, const struct scenario *scenario,
                           const struct variation *variation)
{
    unsigned count = 0;

    for (unsigned i = 0; i < scenario->count; i++) {
        int64_t time = scenario->line[i].sending.time;

        if (!is_captured(scenario, variation, i))
            continue;
        if (i + 1 == variation->late)
            time = scenario->line[i + 1].sending.time + 1;
        insert(moments, count++, (struct moment){time, i, false});
        if (variation->mirror)
            insert(moments, count++, (struct moment){time + variation->mirror, i, true});
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
    segment->path = sending->path;
    segment->from = sending->from != variation->numbering.swapped;
}

void run_scenario(struct run *run, const struct scenario *scenario, const struct variation *variation,
                  struct arena *arena)
{
    struct moment moments[2 * LINES_MAX];
    unsigned count = moments_of(moments, scenario, variation);
    uint32_t newest = 0;
    bool in_order = !variation->mirror && !variation->late; /* then frames go by the numbers of lines */

    memset(run, 0, sizeof *run);
    arena->observer.time_wait = scenario->time_wait;
    for (unsigned i = 0; i < count; i++) {
        const struct moment *moment = &moments[i];
        struct seen *seen = &(moment->copy ? run->copy : run->seen)[moment->line];
        struct observation *seg = &seen->observation;

        segment_of(&seen->segment, scenario, &scenario->line[moment->line].sending, variation);
        seen->segment.frame = arena->frames + (in_order ? moment->line : i) + 1;
        seen->segment.time = arena->time + moment->time;
        seen->captured = true;
        memset(seg, 0xa5, sizeof *seg); /* the engine has to fill all of it */
        connection_observe(&newest, &seen->segment, &arena->observer, seg);
        if (seg->remarks & REMARK_UNUSABLE)
            continue;
        seen->after[seg->sender_role] = seg->sender.after;
        seen->after[ROLE_CLIENT + ROLE_SERVER - seg->sender_role] = seg->peer.after;
    }
}

uint32_t line_of_frame(const struct run *run, const struct scenario *scenario, uint32_t frame)
{
    for (unsigned i = 0; frame != NO_FRAME && i < scenario->count; i++)
        if (run->seen[i].captured && run->seen[i].segment.frame == frame)
            return i + 1;
    return NO_FRAME;
}
