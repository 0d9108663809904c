/* memory.c - see memory.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory.h"

#include "checked.h"

#include <string.h>

void (*memory_broken)(const char *fault);

/* Blocks of exactly the promised size, so that a sanitizer guards their ends. */
struct remembered {
    struct connection *connection;
    struct witness *witness;
    struct summary summary;
};

static void *zeroes(size_t size)
{
    void *bytes = calloc(1, size);
    if (!bytes) {
        abort();
    }
    return bytes;
}

static struct connection *connection(void *context, uint32_t number)
{
    struct memory *m = context;
    if (number < m->count) {
        return m->blocks[number]->connection;
    }
    if (m->max != 0 && m->count == m->max) {
        return NULL;
    }
    if (m->count == m->room) {
        m->room = 2 * m->room + 8;
        m->blocks = realloc(m->blocks, m->room * sizeof(struct remembered *));
        if (!m->blocks) {
            abort();
        }
    }
    struct remembered *block = zeroes(sizeof *block);
    block->connection = zeroes(connection_size());
    block->witness = zeroes(sizeof *block->witness + SUSPECTS_MAX * sizeof *block->witness->suspect);
    block->witness->room = SUSPECTS_MAX;
    m->blocks[m->count++] = block;
    return block->connection;
}

void memory_open(struct memory *m, int64_t time_wait)
{
    *m = (struct memory){.observer = {.time_wait = time_wait, .connection = connection}};
}

void memory_close(struct memory *m)
{
    for (uint32_t i = 0; i < m->count; i++) {
        free(m->blocks[i]->connection);
        free(m->blocks[i]->witness);
        free(m->blocks[i]);
    }
    free(m->blocks);
    m->blocks = NULL;
    m->count = m->room = 0;
}

const struct connection *memory_connection(const struct memory *m, uint32_t number)
{
    return m->blocks[number]->connection;
}

const struct summary *memory_summary(const struct memory *m, uint32_t number)
{
    return &m->blocks[number]->summary;
}

void memory_observe(struct memory *m, uint32_t *newest, const struct segment *segment,
                    const struct timeouts *timeouts, struct observation *o, struct heard *heard)
{
    m->observer.context = m;
    checked_broken = memory_broken;
    memset(o, 0xa5, sizeof *o); /* the engine has to fill all of it */
    heard->told = heard->count = 0;
    heard->trusted = false;
    checked_observe(newest, segment, &m->observer, o);
    if (o->findings & FINDING_UNUSABLE) {
        return;
    }
    struct remembered *block = m->blocks[o->connection];
    uint32_t number = connection_previous(block->connection);
    struct remembered *before = number ? m->blocks[number - 1] : NULL;
    bool waits = witness_waits(block->witness);
    heard->told = checked_update(&block->summary, before ? &before->summary : NULL, number, segment, o,
                                 timeouts);
    if (before && segment_has(segment, FLAG_SYN)) {
        heard->count = witness_hear_of_next(before->witness, segment, heard->testimony);
    }
    if (witness_is_called(segment, o, waits)) {
        heard->count += witness_hear(block->witness, segment, o, &block->summary,
                                     heard->testimony + heard->count);
    }
    heard->trusted = (block->witness->trusted >> segment->from & 1u) != 0;
}

bool memory_icmp(struct memory *m, uint32_t newest, unsigned from, seq_t seq, uint32_t frame, int64_t time,
                 uint32_t *number)
{
    for (; newest; newest = connection_previous(m->blocks[newest - 1]->connection)) {
        if (summary_update_icmp(&m->blocks[newest - 1]->summary, from, seq, frame, time)) {
            *number = newest - 1;
            return true;
        }
    }
    return false;
}

struct testimony memory_received(const struct memory *m, uint32_t number, uint32_t frame,
                                 struct testimony shown, int64_t now)
{
    const struct remembered *block = m->blocks[number];
    struct testimony later = witness_at(block->witness, &block->summary, frame, now);
    if (shown.verdict == RECEIVER_REJECTED && later.names) {
        shown.names = later.names;
        shown.accuses = later.accuses;
    }
    return shown;
}
