/* sparse.c - see sparse.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sparse.h"

#include <string.h>

enum { SAME = 0 << 6, NEAR = 1 << 6, CLOSE = 2 << 6, LITERAL = 3 << 6, KIND = 3 << 6 };

enum {
    WORD = 4,
    GROUP_WORDS = SPARSE_GROUP / WORD,
    KNOWN = 64, /* different words that are remembered */
    RUN_MAX = UINT8_MAX,
    NEAR_REACH = 1 << 7,
    CLOSE_REACH = 1 << 15,
    BUCKETS = 256,
};

/* The words that were seen: where each stands, by all of it and by its upper half. A position is
 * counted from 1; 0: none. */
struct packer {
    uint8_t *out;
    uint32_t known[KNOWN];
    unsigned count;
    uint8_t same[BUCKETS], similar[BUCKETS];
};

static unsigned bucket(uint32_t word)
{
    return (word * 0x9e3779b1u) >> 24;
}

static void put_literal(struct packer *p, uint32_t word)
{
    unsigned bytes = word >> 16 ? (word >> 24 ? 4 : 3) : (word >> 8 ? 2 : 1);
    *p->out++ = (uint8_t)(LITERAL | bytes);
    for (unsigned i = 0; i < bytes; i++) {
        *p->out++ = (uint8_t)(word >> 8 * i);
    }
}

static void put(struct packer *p, uint32_t word)
{
    uint8_t *same = &p->same[bucket(word)], *similar = &p->similar[bucket(word >> 16)];
    unsigned at = *same - 1u;
    if (*same != 0 && p->known[at] == word) {
        *p->out++ = (uint8_t)(SAME | at);
        return;
    }
    at = *similar - 1u;
    uint32_t ahead = *similar != 0 ? word - p->known[at] : INT32_MAX;
    if (ahead + NEAR_REACH < 2 * NEAR_REACH) {
        *p->out++ = (uint8_t)(NEAR | at);
        *p->out++ = (uint8_t)ahead;
    } else if (ahead + CLOSE_REACH < 2 * CLOSE_REACH && word >> 16 != 0) {
        *p->out++ = (uint8_t)(CLOSE | at);
        *p->out++ = (uint8_t)ahead;
        *p->out++ = (uint8_t)(ahead >> 8);
    } else {
        put_literal(p, word);
    }
    if (p->count < KNOWN) {
        p->known[p->count++] = word;
        *same = *similar = (uint8_t)p->count;
    }
}

static void put_group(struct packer *p, const uint32_t words[GROUP_WORDS])
{
    uint8_t *map = p->out++;
    unsigned present = 0;
    for (unsigned i = 0; i < GROUP_WORDS; i++) {
        if (words[i] != 0) {
            present |= 1u << i;
            put(p, words[i]);
        }
    }
    *map = (uint8_t)present;
}

size_t sparse_pack(uint8_t *packed, const void *memory, size_t size)
{
    struct packer p = {.out = packed};
    const uint8_t *from = (const uint8_t *)memory, *end = from + size;
    uint32_t words[GROUP_WORDS];
    unsigned run = 0;
    for (; from != end; from += SPARSE_GROUP) {
        uint64_t pairs[GROUP_WORDS / 2];
        memcpy(pairs, from, sizeof pairs);
        if ((pairs[0] | pairs[1] | pairs[2] | pairs[3]) == 0) {
            run = run % RUN_MAX + 1;
            if (run == 1) {
                *p.out++ = 0;
                p.out++;
            }
            p.out[-1] = (uint8_t)run;
        } else {
            run = 0;
            memcpy(words, pairs, sizeof words);
            put_group(&p, words);
        }
    }
    return (size_t)(p.out - packed);
}

struct unpacker {
    const uint8_t *in, *end;
    uint32_t known[KNOWN];
    unsigned count;
};

/* False at the end. */
static bool take(struct unpacker *u, uint32_t *bytes, unsigned count)
{
    if ((size_t)(u->end - u->in) < count) {
        return false;
    }
    *bytes = 0;
    for (unsigned i = 0; i < count; i++) {
        *bytes |= (uint32_t)*u->in++ << 8 * i;
    }
    return true;
}

static uint32_t sign_extend(uint32_t value, uint32_t reach)
{
    return (value ^ reach) - reach;
}

static bool get(struct unpacker *u, uint32_t *word)
{
    static const uint8_t payload[] = {0, 1, 2};
    if (u->in == u->end) {
        return false;
    }
    unsigned kind = *u->in & KIND, at = *u->in & (KNOWN - 1u);
    u->in++;
    if (kind == LITERAL) {
        if (at > WORD || !take(u, word, at)) {
            return false;
        }
    } else {
        uint32_t ahead;
        if (at >= u->count || !take(u, &ahead, payload[kind >> 6])) {
            return false;
        }
        *word = u->known[at];
        if (kind == SAME) {
            return true;
        }
        *word += sign_extend(ahead, kind == NEAR ? NEAR_REACH : CLOSE_REACH);
    }
    if (u->count < KNOWN) {
        u->known[u->count++] = *word;
    }
    return true;
}

static bool get_group(struct unpacker *u, uint8_t *memory, unsigned present)
{
    uint32_t words[GROUP_WORDS] = {0};
    for (unsigned i = 0; present >> i; i++) {
        if ((present >> i & 1) && !get(u, &words[i])) {
            return false;
        }
    }
    memcpy(memory, words, sizeof words);
    return true;
}

bool sparse_unpack(void *memory, size_t size, const uint8_t *packed, size_t length)
{
    struct unpacker u = {.in = packed, .end = packed + length};
    uint8_t *to = (uint8_t *)memory, *end = to + size;
    memset(memory, 0, size);
    while (to != end) {
        if (u.in == u.end) {
            return false;
        }
        unsigned present = *u.in++;
        if (present != 0) {
            if (!get_group(&u, to, present)) {
                return false;
            }
            to += SPARSE_GROUP;
            continue;
        }
        size_t run = u.in != u.end ? (size_t)*u.in++ * SPARSE_GROUP : 0;
        if (run == 0) {
            return false;
        }
        to += run < (size_t)(end - to) ? run : (size_t)(end - to);
    }
    return true;
}
