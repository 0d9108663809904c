/* records.c - what the engine said about each segment
 *
 * Records lie one behind the other in blocks, in the order of their frames. A
 * block names its first frame, so a binary search finds the block and a walk of
 * some thirty records the record; who asks for one after the other is spared both.
 * Each is: length, frames since the record before, fingerprint, then what packing.c
 * makes of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/records.h"

#include "store/pool.h"
#include "store/varint.h"

#include <string.h>

enum {
    BLOCK_BYTES = 512,
    HEAD_MAX = 1 + 5 + 2, /* length, frames as a varint, fingerprint */
    LAYER_BITS = 3,
    LAYER_MAX = (1 << LAYER_BITS) - 1,
};

struct block {
    uint32_t first_frame;
    uint16_t used;
    uint8_t bytes[BLOCK_BYTES - 6];
};
_Static_assert(sizeof(struct block) == BLOCK_BYTES, "no padding");
_Static_assert(PACKED_MAX + HEAD_MAX <= UINT8_MAX, "a length fits a byte");

/* Where a walk through a block stands. */
struct walk {
    const uint8_t *next, *end;
    uint32_t frame;      /* of the record stepped on */
    uint32_t connection; /* of the record before it */
    uint16_t fingerprint;
    const uint8_t *packed;
};

static struct {
    struct pool blocks;
    uint32_t count;
    uint32_t last_frame, last_connection; /* of the newest record */
    struct manners manners;
    struct walk found; /* where the last search ended: the next one mostly goes on there */
    uint32_t found_block;
} records;

struct record_key record_key(const struct segment *segment, unsigned layer, uint32_t tuple_hash)
{
    uint32_t hash = (segment->seq.n ^ segment->ack.n * 0x85ebca6bu ^ tuple_hash) * 0x9e3779b1u;
    unsigned place = layer < LAYER_MAX ? layer : LAYER_MAX;
    return (struct record_key){segment->frame, (uint16_t)(hash >> 19 << LAYER_BITS | place)};
}

void records_open(void)
{
    memset(&records, 0, sizeof records);
    pool_init(&records.blocks, sizeof(struct block));
}

void records_close(void)
{
    pool_free(&records.blocks);
    memset(&records, 0, sizeof records);
}

static struct block *block_at(uint32_t number)
{
    return (struct block *)pool_at(&records.blocks, number);
}

static struct block *block_new(uint32_t first_frame)
{
    uint32_t number = pool_add(&records.blocks);
    if (number == POOL_NONE) {
        return NULL;
    }
    struct block *block = block_at(number);
    block->first_frame = first_frame;
    records.last_frame = first_frame;
    records.last_connection = 0;
    return block;
}

/* Writes a whole record to `bytes`, as it would follow the newest one. */
static size_t record_write(struct record_key key, const struct segment *segment, const struct record *record,
                           uint8_t bytes[HEAD_MAX + PACKED_MAX])
{
    struct known known = {key.frame, segment->seq, segment->ack, records.last_connection, &records.manners};
    uint8_t *to = varint_put(bytes + 1, key.frame - records.last_frame);
    *to++ = (uint8_t)key.fingerprint;
    *to++ = (uint8_t)(key.fingerprint >> 8);
    to += record_pack(record, &known, to);
    bytes[0] = (uint8_t)(to - bytes);
    return bytes[0];
}

void records_add(struct record_key key, const struct segment *segment, const struct record *record)
{
    uint8_t bytes[HEAD_MAX + PACKED_MAX];
    if (key.frame < records.last_frame) {
        return; /* the search relies on the order */
    }
    struct block *block = records.blocks.count ? block_at(records.blocks.count - 1) : NULL;
    size_t length = block ? record_write(key, segment, record, bytes) : 0;
    if (block == NULL || block->used + length > sizeof block->bytes) {
        block = block_new(key.frame);
        if (block == NULL) {
            return;
        }
        length = record_write(key, segment, record, bytes); /* differences count from the block's begin */
    }
    memcpy(block->bytes + block->used, bytes, length);
    block->used = (uint16_t)(block->used + length);
    records.last_frame = key.frame;
    records.last_connection = record->observation.connection;
    records.count++;
}

static struct walk walk_begin(const struct block *block)
{
    return (struct walk){
        .next = block->bytes, .end = block->bytes + block->used, .frame = block->first_frame};
}

/* To the next record of the block; false at the end. */
static bool walk_step(struct walk *walk)
{
    uint64_t frames;
    if (walk->packed != NULL) {
        struct known known = {.connection = walk->connection};
        walk->connection = record_connection(&known, walk->packed);
    }
    if (walk->next == walk->end) {
        return false;
    }
    const uint8_t *from = varint_get(walk->next + 1, &frames);
    walk->frame += (uint32_t)frames;
    walk->fingerprint = (uint16_t)(from[0] | from[1] << 8);
    walk->packed = from + 2;
    walk->next += walk->next[0];
    return true;
}

/* To the block's begin, or to where the last search ended, if the record lies behind that. */
static struct walk walk_towards(uint32_t number, uint32_t frame)
{
    const struct block *block = block_at(number);
    struct walk walk = walk_begin(block);
    if (records.found.packed != NULL && records.found_block == number && records.found.frame < frame) {
        walk = records.found;
        walk.end = block->bytes + block->used;
    }
    return walk;
}

/* The last match of one block. */
static bool block_find(uint32_t number, struct record_key key, struct walk *found)
{
    bool any = false;
    struct walk walk = walk_towards(number, key.frame);
    while (walk_step(&walk) && walk.frame <= key.frame) {
        if (walk.frame == key.frame && walk.fingerprint == key.fingerprint) {
            *found = walk;
            any = true;
        }
    }
    return any;
}

/* Does that block begin at `frame` or before, and the next one behind it? */
static bool is_last_until(uint32_t number, uint32_t frame)
{
    return number < records.blocks.count && block_at(number)->first_frame <= frame &&
           (number + 1 == records.blocks.count || block_at(number + 1)->first_frame > frame);
}

/* The number of blocks that begin at `frame` or before. */
static uint32_t blocks_until(uint32_t frame)
{
    uint32_t low = 0, high = records.blocks.count, near = records.found_block;
    if (is_last_until(near, frame) || is_last_until(++near, frame)) {
        return near + 1;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (block_at(middle)->first_frame <= frame) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool records_find(struct record_key key, const struct segment *segment, struct record *record)
{
    struct walk found;
    for (uint32_t i = blocks_until(key.frame); i-- > 0;) {
        if (block_find(i, key, &found)) {
            records.found = found;
            records.found_block = i;
            struct known known = {key.frame, segment->seq, segment->ack, found.connection, &records.manners};
            record_unpack(record, &known, found.packed);
            return true;
        }
        if (block_at(i)->first_frame < key.frame) {
            return false;
        }
    }
    return false;
}

void records_each(record_visitor visit, void *data)
{
    for (uint32_t i = 0; i < records.blocks.count; i++) {
        struct walk walk = walk_begin(block_at(i));
        while (walk_step(&walk)) {
            struct record record;
            struct known known = {
                .frame = walk.frame, .connection = walk.connection, .manners = &records.manners};
            record_unpack(&record, &known, walk.packed);
            visit(data, walk.frame, &record);
        }
    }
}

uint32_t records_count(void)
{
    return records.count;
}

size_t records_bytes(void)
{
    return pool_bytes(&records.blocks) + (records.count != 0 ? sizeof records.manners : 0);
}
