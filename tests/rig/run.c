/* run.c - a scenario, fed to the engine
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "run.h"

#include <string.h>

const struct variation plain_run = {.name = "", .numbering = {.isn = {1000, 5000}}, .only = BOTH_ENDS};

/* A moment of the run: a line, or its copy from a mirror port. */
struct showing {
    int64_t time;
    unsigned line;
    bool copy;
};

void arena_open(struct arena *arena)
{
    memory_open(&arena->memory, 0);
    arena->frames = 0;
    arena->time = 0;
}

void arena_close(struct arena *arena)
{
    memory_close(&arena->memory);
}

const struct summary *arena_summary(const struct arena *arena, uint32_t number)
{
    return memory_summary(&arena->memory, number);
}

struct testimony arena_received(const struct arena *arena, const struct seen *seen, int64_t now)
{
    return memory_received(&arena->memory, seen->observation.connection, seen->segment.frame, seen->received,
                           now);
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

static struct seen *seen_at(struct run *run, uint32_t frame)
{
    for (unsigned i = 0; i < LINES_MAX; i++) {
        if (run->seen[i].captured && run->seen[i].segment.frame == frame)
            return &run->seen[i];
        if (run->copy[i].captured && run->copy[i].segment.frame == frame)
            return &run->copy[i];
    }
    return NULL;
}

/* What this segment shows of earlier ones. */
static void take(struct run *run, struct seen *seen, const struct heard *heard)
{
    for (unsigned i = 0; i < heard->count; i++) {
        const struct testimony *t = &heard->testimony[i];
        struct seen *suspect = seen_at(run, t->suspect);

        seen->testimonies |= UINT64_C(1) << t->row;
        seen->accuses |= witness_accusations(t->accuses);
        if (suspect && t->verdict != RECEIVER_NONE)
            suspect->received = *t;
    }
}

static void observe(struct run *run, struct seen *seen, uint32_t *newest, const struct timeouts *timeouts,
                    struct arena *arena)
{
    struct observation *seg = &seen->observation;
    struct heard heard;

    memory_observe(&arena->memory, newest, &seen->segment, timeouts, seg, &heard);
    seen->trusted = heard.trusted;
    if (seg->findings & FINDING_UNUSABLE)
        return;
    seen->told = heard.told;
    take(run, seen, &heard);
    seen->after[seg->sender_role] = seg->sender.after;
    seen->after[ROLE_CLIENT + ROLE_SERVER - seg->sender_role] = seg->peer.after;
}

static void look_back(struct run *run, const struct scenario *scenario, const struct arena *arena)
{
    run->connections = arena->memory.count - run->first;
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
    run->first = arena->memory.count;
    arena->memory.observer.time_wait = scenario->time_wait;
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
        seen->observation.connection = run->first;
        if (seen->quotes)
            seen->unreachable = memory_icmp(&arena->memory, newest, seen->segment.from, seen->segment.seq,
                                            seen->segment.frame, seen->segment.time,
                                            &seen->observation.connection);
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
