/* stories.c - stories FIRST COUNT SEED...: do two engines say the same of random stories?
 *
 * Story n is the same on every machine and whatever comes before it. Some are told in other numbers or
 * with the ends exchanged, some end early for want of memory, and some two at a time to one observer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "plot.h"
#include "shadow.h"

#include "names_current.h"

#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS_MAX = 2 * SEGMENTS_MAX, CONNECTION_BYTES = 512, TOLD_AT_ONCE = 2 };

/* One that is being told. */
struct told {
    struct story story;
    unsigned next;
    uint32_t newest;
    bool exchanged;
    uint32_t shift[2]; /* of the numbers of an end */
    int64_t epoch;
};

struct memory {
    unsigned count, max;
    _Alignas(max_align_t) unsigned char connection[CONNECTIONS_MAX][CONNECTION_BYTES];
};

static struct seeds seeds;
static struct memory memory;
static struct told told[TOLD_AT_ONCE];

static struct connection *connection_memory(void *context, uint32_t number)
{
    struct memory *all = context;

    if (number >= all->count) {
        if (all->count == all->max)
            return NULL;
        memset(all->connection[all->count++], 0, CONNECTION_BYTES);
    }
    return (struct connection *)all->connection[number];
}

static void begin(struct told *one, struct chance *chance)
{
    uint8_t plot[PLOT_MAX];
    size_t size = plot_make(plot, &seeds, chance);

    memset(one, 0, sizeof *one);
    story_begin(&one->story);
    for (size_t at = 0; at + CHOICE <= size && one->story.count < SEGMENTS_MAX; at += CHOICE)
        story_add(&one->story, plot + at);
    one->exchanged = chance_below(chance, 4) == 0;
    if (chance_below(chance, 2)) {
        one->shift[0] = (uint32_t)chance_next(chance);
        one->shift[1] = chance_below(chance, 4) ? (uint32_t)chance_next(chance) : 0xfffffff0 - 5000000;
    }
    one->epoch = chance_below(chance, 4) ? INT64_C(1700000000) * SECOND : 0;
}

static void tell(struct told *one, struct observer *observer)
{
    struct segment s = one->story.segments[one->next++];
    uint32_t own = one->shift[s.from], peer = one->shift[!s.from];
    struct observation o;

    s.seq = seq_add(s.seq, own);
    s.ack = seq_add(s.ack, peer);
    for (unsigned i = 0; i < s.sack_blocks; i++) {
        s.sack[i].left = seq_add(s.sack[i].left, peer);
        s.sack[i].right = seq_add(s.sack[i].right, peer);
    }
    s.from = s.from != one->exchanged;
    s.time += one->epoch;
    memset(&o, 0xa5, sizeof o);
    LISTEN_OBSERVE(&one->newest, &s, observer, &o);
}

/* Whose segment comes next; or NULL. */
static struct told *next_of(unsigned count)
{
    struct told *found = NULL;

    for (unsigned i = 0; i < count; i++) {
        struct told *one = &told[i];

        if (one->next < one->story.count &&
            (!found || one->story.segments[one->next].time < found->story.segments[found->next].time))
            found = one;
    }
    return found;
}

static void tell_stories(uint64_t number)
{
    static struct observer observer;
    struct chance chance = {number * UINT64_C(0x2545f4914f6cdd1d)};
    unsigned count = chance_below(&chance, 8) == 0 ? TOLD_AT_ONCE : 1;

    snprintf(shadow_subject, sizeof shadow_subject, "story %llu", (unsigned long long)number);
    memset(&observer, 0, sizeof observer);
    observer.time_wait = (chance_below(&chance, 4) ? 60 : 240) * SECOND;
    observer.connection = connection_memory;
    observer.context = &memory;
    memory.count = 0;
    memory.max = chance_below(&chance, 16) ? CONNECTIONS_MAX : 1 + chance_below(&chance, 2);
    for (unsigned i = 0; i < count; i++)
        begin(&told[i], &chance);
    for (struct told *one = next_of(count); one; one = next_of(count))
        tell(one, &observer);
}

static void read_header(uint64_t number)
{
    struct chance chance = {~number * UINT64_C(0x2545f4914f6cdd1d)};
    uint8_t header[60];
    uint32_t length;
    size_t captured = plot_header(header, &length, &chance);
    struct segment segment;

    LISTEN_PARSE(&segment, header, captured, length);
}

int main(int argc, char **argv)
{
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;

    for (int i = 3; i < argc; i++)
        if (!seeds_read(&seeds, argv[i]))
            return 2;
    if (seeds.count == 0 || connection_size() > CONNECTION_BYTES) {
        fputs("usage: stories FIRST COUNT SEED...\n", stderr);
        return 2;
    }
    for (uint64_t number = first; number < first + count; number++) {
        tell_stories(number);
        read_header(number);
    }
    return 0;
}
