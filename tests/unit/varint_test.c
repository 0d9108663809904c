/* varint_test.c - numbers in as few bytes as they take, and back
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "store/varint.h"

/* Writes between guards, reads it back; returns the number of bytes. */
static int64_t unsigned_bytes(uint64_t value)
{
    uint8_t bytes[VARINT_MAX + 1];
    uint64_t read;

    memset(bytes, 0xff, sizeof bytes);
    uint8_t *end = varint_put(bytes, value);
    CHECK(varint_get(bytes, &read) == end);
    CHECK(read == value);
    CHECK_EQUAL(bytes[VARINT_MAX], 0xff);
    return end - bytes;
}

static int64_t signed_bytes(int64_t value)
{
    uint8_t bytes[VARINT_MAX + 1];
    int64_t read;

    memset(bytes, 0xff, sizeof bytes);
    uint8_t *end = signed_put(bytes, value);
    CHECK(signed_get(bytes, &read) == end);
    CHECK_EQUAL(read, value);
    CHECK_EQUAL(bytes[VARINT_MAX], 0xff);
    return end - bytes;
}

static int64_t near_bytes(uint32_t value, uint32_t near)
{
    uint8_t bytes[VARINT_MAX + 1];
    uint32_t read;

    memset(bytes, 0xff, sizeof bytes);
    uint8_t *end = near_put(bytes, value, near);
    CHECK(near_get(bytes, &read, near) == end);
    CHECK_EQUAL(read, value);
    return end - bytes;
}

static void test_seven_bits_a_byte(void)
{
    CHECK_EQUAL(unsigned_bytes(0), 1);
    for (unsigned bits = 1; bits <= 64; bits++) {
        uint64_t most = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
        CHECK_EQUAL(unsigned_bytes(most), (bits + 6) / 7);
        CHECK_EQUAL(unsigned_bytes(UINT64_C(1) << (bits - 1)), (bits + 6) / 7);
    }
}

static void test_the_bytes_themselves(void)
{
    uint8_t bytes[VARINT_MAX];

    CHECK_EQUAL(varint_put(bytes, 300) - bytes, 2);
    CHECK_EQUAL(bytes[0], 0xac);
    CHECK_EQUAL(bytes[1], 0x02);
}

static void test_small_numbers_of_both_signs_are_short(void)
{
    CHECK_EQUAL(signed_bytes(0), 1);
    CHECK_EQUAL(signed_bytes(63), 1);
    CHECK_EQUAL(signed_bytes(-64), 1);
    CHECK_EQUAL(signed_bytes(64), 2);
    CHECK_EQUAL(signed_bytes(-65), 2);
    CHECK_EQUAL(signed_bytes(INT64_MAX), VARINT_MAX);
    CHECK_EQUAL(signed_bytes(INT64_MIN), VARINT_MAX);
    CHECK_EQUAL(signed_bytes(INT64_MIN + 1), VARINT_MAX);
}

static void test_near_numbers_are_short_on_both_sides_of_the_wrap(void)
{
    CHECK_EQUAL(near_bytes(5, 5), 1);
    CHECK_EQUAL(near_bytes(60, 5), 1);
    CHECK_EQUAL(near_bytes(5, 60), 1);
    CHECK_EQUAL(near_bytes(3, 0xfffffff0), 1);
    CHECK_EQUAL(near_bytes(0xfffffff0, 3), 1);
    CHECK_EQUAL(near_bytes(0x80000000, 0), 5);
    CHECK_EQUAL(near_bytes(0, 0x80000000), 5);
    CHECK_EQUAL(near_bytes(0x7fffffff, 0), 5);
}

static void test_many(void)
{
    uint64_t value = 1;

    for (unsigned i = 0; i < 100000 && checks_failed == 0; i++) {
        value = value * 6364136223846793005u + 1442695040888963407u;
        uint64_t shifted = value >> i % 64;
        unsigned_bytes(shifted);
        signed_bytes((int64_t)shifted);
        signed_bytes((int64_t)(0 - shifted));
        near_bytes((uint32_t)shifted, (uint32_t)(value >> 32));
    }
}

int main(void)
{
    test_seven_bits_a_byte();
    test_the_bytes_themselves();
    test_small_numbers_of_both_signs_are_short();
    test_near_numbers_are_short_on_both_sides_of_the_wrap();
    test_many();
    return check_result();
}
