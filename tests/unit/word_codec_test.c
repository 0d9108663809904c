/* word_codec_test.c - what was packed is unpacked again, and nothing is read or written beside it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "store/cold/word_codec.h"

#include <stdlib.h>

enum { SIZE_MAX_TESTED = 64 * WORD_CODEC_GROUP, WORDS = SIZE_MAX_TESTED / 4, ROUNDS = 20000, GUARD = 16 };

static uint32_t dice(void)
{
    static uint64_t state = 20240229;
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33);
}

/* Exactly as many bytes as are needed, so that a sanitizer sees each step too far. */
static uint8_t *pack(const uint32_t *words, const uint32_t *like, size_t size, size_t *length)
{
    uint8_t *room = malloc(WORD_CODEC_MAX(size) + GUARD);
    memset(room, 0xa5, WORD_CODEC_MAX(size) + GUARD);
    *length = word_codec_pack(room, words, like, size);
    CHECK(*length <= WORD_CODEC_MAX(size));
    for (size_t i = 0; i < GUARD; i++) {
        CHECK_EQUAL(room[WORD_CODEC_MAX(size) + i], 0xa5);
    }
    uint8_t *exact = malloc(*length > 0 ? *length : 1);
    memcpy(exact, room, *length);
    free(room);
    return exact;
}

/* All of it, its first half, and cut off anywhere. Returns the packed size. */
static size_t round_trip_like(const uint32_t *words, const uint32_t *like, size_t size)
{
    size_t length;
    uint8_t *packed = pack(words, like, size, &length);
    uint32_t *out = malloc(size);
    memcpy(out, like, size);
    CHECK(word_codec_unpack(out, size, packed, length));
    CHECK(memcmp(out, words, size) == 0);

    size_t half = size / 2 / WORD_CODEC_GROUP * WORD_CODEC_GROUP;
    memcpy(out, like, half);
    memset((uint8_t *)out + half, 0x5a, size - half);
    CHECK(word_codec_unpack(out, half, packed, length));
    CHECK(memcmp(out, words, half) == 0);
    CHECK(half == size || ((uint8_t *)out)[half] == 0x5a);
    CHECK(!word_codec_unpack(out, size, packed, dice() % length));
    free(out);
    free(packed);
    return length;
}

static size_t round_trip(const uint32_t *words, size_t size)
{
    uint32_t *zeroes = calloc(size, 1);
    size_t length = round_trip_like(words, zeroes, size);
    free(zeroes);
    return length;
}

/* Words as connections have them: zeroes, numbers near each other, the same again, any. */
static uint32_t word(const uint32_t *before, size_t count, unsigned zeroes)
{
    uint32_t n = dice();
    if (n % 16 < zeroes) {
        return 0;
    }
    switch (n / 16 % 5) {
    case 0: return count > 0 ? before[dice() % count] : 1;
    case 1: return (count > 0 ? before[dice() % count] : 0) + dice() % 300 - 150;
    case 2: return (count > 0 ? before[dice() % count] : 0) + dice() % 70000 - 35000;
    case 3: return dice() >> dice() % 31;
    default: return dice() << 1;
    }
}

static void random_memory(void)
{
    uint32_t words[WORDS];
    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t size = (1 + dice() % (SIZE_MAX_TESTED / WORD_CODEC_GROUP)) * WORD_CODEC_GROUP;
        unsigned zeroes = dice() % 17;
        for (size_t k = 0; k < size / 4; k++) {
            words[k] = word(words, k, zeroes);
        }
        round_trip(words, size);
        uint32_t like[WORDS];
        for (size_t k = 0; k < size / 4; k++) {
            like[k] = dice() % 4 ? words[k] : word(words, size / 4, zeroes);
        }
        round_trip_like(words, like, size);
    }
}

static void sizes(void)
{
    uint32_t words[WORDS * 10] = {0};
    CHECK_EQUAL(round_trip(words, WORD_CODEC_GROUP), 2); /* a run of one group */
    CHECK_EQUAL(round_trip(words, SIZE_MAX_TESTED), 2);  /* of many */
    CHECK_EQUAL(round_trip(words, 255 * WORD_CODEC_GROUP), 2);
    CHECK_EQUAL(round_trip(words, 256 * WORD_CODEC_GROUP), 4); /* of more than a byte can tell */
    CHECK_EQUAL(round_trip(words, 520 * WORD_CODEC_GROUP), 6);

    memset(words, 0xff, sizeof words);
    /* A map for each group, the word once (it is near zero), then a byte that names it. */
    CHECK_EQUAL(round_trip(words, SIZE_MAX_TESTED), 64 + 2 + WORDS - 1);

    for (uint32_t i = 0; i < WORDS; i++) {
        words[i] = 0x01000001 + i * 0x00100000; /* never near, nor close */
    }
    CHECK_EQUAL(round_trip(words, SIZE_MAX_TESTED), WORD_CODEC_MAX(SIZE_MAX_TESTED)); /* the worst case */
}

/* What is like the model takes nothing, be it zero or not; a zero that isn't takes a byte. */
static void like_another(void)
{
    uint32_t words[16] = {1, 2, 3, 4, 5, 6, 7, 0x12345678}, like[16];
    memcpy(like, words, sizeof like);
    CHECK_EQUAL(round_trip_like(words, like, sizeof words), 2);
    words[7] = 0;
    CHECK_EQUAL(round_trip_like(words, like, sizeof words), 1 + 1 + 2);
}

/* One group with one word after another, by how they are kept. */
static void kinds(void)
{
    uint32_t words[8] = {0x12345678};
    size_t literal = round_trip(words, WORD_CODEC_GROUP);
    CHECK_EQUAL(literal, 1 + 1 + 4);
    words[3] = 0x12345678;
    CHECK_EQUAL(round_trip(words, WORD_CODEC_GROUP), literal + 1);
    words[3] = 0x12345678 - 128;
    CHECK_EQUAL(round_trip(words, WORD_CODEC_GROUP), literal + 2);
    words[3] = 0x12345678 + 127;
    CHECK_EQUAL(round_trip(words, WORD_CODEC_GROUP), literal + 2);
    words[3] = 0x12345678 + 128;
    CHECK_EQUAL(round_trip(words, WORD_CODEC_GROUP), literal + 3);
    words[3] = 0x12345678 - 129;
    CHECK_EQUAL(round_trip(words, WORD_CODEC_GROUP), literal + 3);
    words[3] = 0x77;
    CHECK_EQUAL(round_trip(words, WORD_CODEC_GROUP), literal + 2);
    words[3] = 0x7777;
    CHECK_EQUAL(round_trip(words, WORD_CODEC_GROUP), literal + 3);
    words[3] = 0x777777;
    CHECK_EQUAL(round_trip(words, WORD_CODEC_GROUP), literal + 4);
    words[3] = 0x77770000;
    CHECK_EQUAL(round_trip(words, WORD_CODEC_GROUP), literal + 3);
}

/* Bytes that word_codec_pack() would not have written do no harm. */
static void malformed(void)
{
    uint8_t memory[4 * WORD_CODEC_GROUP] = {0};
    CHECK(!word_codec_unpack(memory, sizeof memory, NULL, 0));
    CHECK(!word_codec_unpack(memory, sizeof memory, (const uint8_t[]){0, 0}, 2));    /* a run of none */
    CHECK(!word_codec_unpack(memory, sizeof memory, (const uint8_t[]){1, 0x01}, 2)); /* a word not seen yet */
    CHECK(!word_codec_unpack(memory, sizeof memory, (const uint8_t[]){1, 0xc6, 1, 2, 3, 4, 5}, 7));
    CHECK(word_codec_unpack(memory, sizeof memory, (const uint8_t[]){0, 255}, 2)); /* a run behind the end */
    unsigned good = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t length = 1 + dice() % 60;
        uint8_t *bytes = malloc(length);
        for (size_t k = 0; k < length; k++) {
            bytes[k] = (uint8_t)(dice() % 3 ? dice() : 0);
        }
        good += word_codec_unpack(memory, sizeof memory, bytes, length);
        free(bytes);
    }
    CHECK(good > 0 && good < ROUNDS);
}

int main(void)
{
    random_memory();
    sizes();
    kinds();
    like_another();
    malformed();
    return check_result();
}
