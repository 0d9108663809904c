/* word_codec.c - see word_codec.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/cold/word_codec.h"

#include <string.h>

enum { SAME = 0 << 6, NEAR = 1 << 6, CLOSE = 2 << 6, LITERAL = 3 << 6, KIND = 3 << 6 };

enum {
    WORD = 4,
    GROUP_WORDS = WORD_CODEC_GROUP / WORD,
    KNOWN = 64, /* different words that are remembered */
    RUN_MAX = UINT8_MAX,
    NEAR_REACH = 1 << 7,
    CLOSE_REACH = 1 << 15,
    BUCKETS = 256,
    HIGH = WORD + 1, /* a literal of the two high bytes, the low ones being zero */
    HIGH_SHIFT = 16,
};

/* The words that were put, and where each stands, by all of it and by its upper half. The first is
 * zero, where leads what was not seen yet. */
struct packer {
    unsigned count;
    uint8_t same[BUCKETS], similar[BUCKETS];
    uint32_t known[KNOWN];
};

static inline unsigned bucket(uint32_t word)
{
    return (word * 0x9e3779b1u) >> 24;
}

/* Writes four bytes, of which the first `count` count. */
static inline uint8_t *put_bytes(uint8_t *out, uint32_t bytes, unsigned count)
{
    out[0] = (uint8_t)bytes;
    out[1] = (uint8_t)(bytes >> 8);
    out[2] = (uint8_t)(bytes >> 16);
    out[3] = (uint8_t)(bytes >> 24);
    return out + count;
}

static inline uint8_t *put_literal(uint8_t *out, uint32_t word)
{
    if ((word & UINT16_MAX) == 0) {
        *out = LITERAL | HIGH;
        return put_bytes(out + 1, word >> HIGH_SHIFT, WORD / 2);
    }
    if (word >> 24 != 0) {
        *out = LITERAL | WORD;
        return put_bytes(out + 1, word, WORD);
    }
    unsigned bytes = 1u + (word > 0xff) + (word > 0xffff);
    *out = (uint8_t)(LITERAL | bytes);
    return put_bytes(out + 1, word, bytes);
}

/* Returns the end of what counts. */
static inline uint8_t *put(struct packer *p, uint8_t *out, uint32_t word)
{
    uint8_t *same = &p->same[bucket(word)];
    unsigned at = *same;
    if (p->known[at] == word) {
        *out = (uint8_t)(SAME | at);
        return out + 1;
    }
    uint8_t *similar = &p->similar[bucket(word >> HIGH_SHIFT)];
    at = *similar;
    uint32_t ahead = word - p->known[at];
    unsigned count = p->count;
    if (count < KNOWN) {
        *same = *similar = (uint8_t)count;
        p->known[count] = word;
        p->count = count + 1;
    }
    if (ahead + CLOSE_REACH >= 2 * CLOSE_REACH) {
        return put_literal(out, word);
    }
    bool near = ahead + NEAR_REACH < 2 * NEAR_REACH;
    out[0] = (uint8_t)((near ? NEAR : CLOSE) | at);
    out[1] = (uint8_t)ahead;
    out[2] = (uint8_t)(ahead >> 8);
    return out + (near ? 2 : 3);
}

/* Four pairs of words at once, to be compared. */
static inline uint64_t pair_at(const uint8_t *memory, unsigned i)
{
    uint64_t pair;
    memcpy(&pair, memory + i * sizeof pair, sizeof pair);
    return pair;
}

static inline bool is_like(const uint8_t *memory, const uint8_t *like)
{
    return ((pair_at(memory, 0) ^ pair_at(like, 0)) | (pair_at(memory, 1) ^ pair_at(like, 1)) |
            (pair_at(memory, 2) ^ pair_at(like, 2)) | (pair_at(memory, 3) ^ pair_at(like, 3))) == 0;
}

/* A map, then the words that it tells of. */
static inline uint8_t *put_group(struct packer *p, uint8_t *out, const uint8_t *memory, const uint8_t *like)
{
    uint32_t words[GROUP_WORDS], before[GROUP_WORDS];
    uint8_t *map = out++;
    unsigned differing = 0;
    memcpy(words, memory, sizeof words);
    memcpy(before, like, sizeof before);
    for (unsigned i = 0; i < GROUP_WORDS; i++) {
        if (words[i] != before[i]) {
            out = put(p, out, words[i]);
            differing |= 1u << i;
        }
    }
    *map = (uint8_t)differing;
    return out;
}

size_t word_codec_pack(uint8_t *packed, const void *memory, const void *like, size_t size)
{
    struct packer p;
    const uint8_t *from = (const uint8_t *)memory, *end = from + size, *before = (const uint8_t *)like;
    uint8_t *out = packed;
    unsigned run = 0;
    memset(p.same, 0, sizeof p.same);
    memset(p.similar, 0, sizeof p.similar);
    p.count = 1;
    p.known[0] = 0;
    for (; from != end; from += WORD_CODEC_GROUP, before += WORD_CODEC_GROUP) {
        if (!is_like(from, before)) {
            run = 0;
            out = put_group(&p, out, from, before);
        } else if (run++ % RUN_MAX == 0) {
            out[0] = 0;
            out[1] = 1;
            out += 2;
        } else {
            out[-1]++;
        }
    }
    return (size_t)(out - packed);
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
        if (at > HIGH || !take(u, word, at == HIGH ? WORD / 2 : at)) {
            return false;
        }
        *word <<= at == HIGH ? HIGH_SHIFT : 0;
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

static bool get_group(struct unpacker *u, uint8_t *memory, unsigned differing)
{
    for (unsigned i = 0; differing >> i; i++) {
        uint32_t word;
        if (differing >> i & 1) {
            if (!get(u, &word)) {
                return false;
            }
            memcpy(memory + i * WORD, &word, sizeof word);
        }
    }
    return true;
}

bool word_codec_unpack(void *memory, size_t size, const uint8_t *packed, size_t length)
{
    struct unpacker u;
    u.in = packed;
    u.end = packed + length;
    u.known[0] = 0;
    u.count = 1;
    uint8_t *to = (uint8_t *)memory, *end = to + size;
    while (to != end) {
        if (u.in == u.end) {
            return false;
        }
        unsigned differing = *u.in++;
        if (differing != 0) {
            if (!get_group(&u, to, differing)) {
                return false;
            }
            to += WORD_CODEC_GROUP;
            continue;
        }
        size_t run = u.in != u.end ? (size_t)*u.in++ * WORD_CODEC_GROUP : 0;
        if (run == 0) {
            return false;
        }
        to += run < (size_t)(end - to) ? run : (size_t)(end - to);
    }
    return true;
}
