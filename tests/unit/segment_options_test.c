/* segment_options_test.c - reading the options of a header
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "parsing.h"

static void test_the_options_of_a_syn_are_read(void)
{
    /* As Linux sends it. */
    struct segment segment = PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1,
                                           3, 3, 7);

    CHECK(segment.usable && segment.options_known);
    CHECK_EQUAL(segment.mss, 1460);
    CHECK(segment.sack_permitted);
    CHECK(segment.has_timestamps);
    CHECK_EQUAL(segment.tsval, 0x01020304);
    CHECK_EQUAL(segment.tsecr, 0x05060708);
    CHECK(segment.has_scale);
    CHECK_EQUAL(segment.scale, 7);
}

static void test_options_of_a_syn_are_ignored_elsewhere(void)
{
    struct segment segment = PARSE_OPTIONS(FLAG_ACK, 2, 4, 0x05, 0xb4, 4, 2, 34, 2, 1, 3, 3, 7);

    CHECK(segment.options_known);
    CHECK_EQUAL(segment.mss, 0);
    CHECK_EQUAL(segment.scale, 0);
    CHECK(!segment.has_scale && !segment.sack_permitted && !segment.fast_open);
}

static void test_a_scale_beyond_14_is_14(void)
{
    CHECK_EQUAL(PARSE_OPTIONS(FLAG_SYN, 3, 3, 0, 0).scale, 0);
    CHECK(PARSE_OPTIONS(FLAG_SYN, 3, 3, 0, 0).has_scale);
    CHECK_EQUAL(PARSE_OPTIONS(FLAG_SYN, 3, 3, 14, 0).scale, 14);
    CHECK_EQUAL(PARSE_OPTIONS(FLAG_SYN, 3, 3, 15, 0).scale, 14);
    CHECK_EQUAL(PARSE_OPTIONS(FLAG_SYN, 3, 3, 255, 0).scale, 14);
}

static void test_up_to_four_sack_blocks_are_read(void)
{
    uint8_t options[40] = {1, 1, 5, 2 + 8 * SACK_BLOCKS_MAX};

    for (unsigned i = 4; i < 4 + 8 * SACK_BLOCKS_MAX; i++)
        options[i] = (uint8_t)i;
    for (unsigned blocks = 1; blocks <= SACK_BLOCKS_MAX; blocks++) {
        options[3] = (uint8_t)(2 + 8 * blocks);

        struct segment segment = parse_packet(FLAG_ACK, options, 4 + 8 * blocks);

        CHECK(segment.options_known);
        CHECK_EQUAL(segment.sack_blocks, blocks);
        for (unsigned i = 0; i < blocks; i++) {
            CHECK_EQUAL(segment.sack[i].left.n, 0x04050607 + 0x08080808 * i);
            CHECK_EQUAL(segment.sack[i].right.n, 0x08090a0b + 0x08080808 * i);
        }
    }
}

static void test_fast_open_is_known_by_its_option_or_the_experiment(void)
{
    CHECK(PARSE_OPTIONS(FLAG_SYN, 34, 2, 1, 1).fast_open);
    CHECK(PARSE_OPTIONS(FLAG_SYN, 34, 6, 1, 2, 3, 4, 0, 0).fast_open);
    CHECK(PARSE_OPTIONS(FLAG_SYN, 34, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0, 0)
              .fast_open);
    CHECK(PARSE_OPTIONS(FLAG_SYN | FLAG_ACK, 34, 6, 1, 2, 3, 4, 0, 0).fast_open);
    /* Lengths that RFC 7413 4.1.1 tells to ignore: 2, 3, 5 and 18 bytes. */
    CHECK(!PARSE_OPTIONS(FLAG_SYN, 34, 4, 1, 2).fast_open);
    CHECK(!PARSE_OPTIONS(FLAG_SYN, 34, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)
               .fast_open);
    CHECK(!PARSE_OPTIONS(FLAG_SYN, 34, 5, 1, 2, 3, 0, 0, 0).fast_open);
    CHECK(!PARSE_OPTIONS(FLAG_SYN, 34, 7, 1, 2, 3, 4, 5, 0).fast_open);
    CHECK(PARSE_OPTIONS(FLAG_SYN, 34, 5, 1, 2, 3, 0, 0, 0).options_known);
    /* The experiment, and another one. */
    CHECK(PARSE_OPTIONS(FLAG_SYN, 254, 4, 0xf9, 0x89).fast_open);
    CHECK(PARSE_OPTIONS(FLAG_SYN, 253, 8, 0xf9, 0x89, 1, 2, 3, 4).fast_open);
    CHECK(!PARSE_OPTIONS(FLAG_SYN, 254, 4, 0x12, 0x34).fast_open);
    CHECK(!PARSE_OPTIONS(FLAG_SYN, 254, 3, 0xf9, 0).fast_open);
    CHECK(!PARSE_OPTIONS(FLAG_SYN, 254, 2, 0xf9, 0x89).fast_open);
    CHECK(!PARSE_OPTIONS(FLAG_ACK, 254, 4, 0xf9, 0x89).fast_open);
}

static void test_mptcp_and_signatures_are_known(void)
{
    CHECK(PARSE_OPTIONS(FLAG_SYN, 30, 4, 0, 1).mptcp);
    CHECK(PARSE_OPTIONS(FLAG_ACK, 30, 3, 0x20, 0).mptcp);
    CHECK(PARSE_OPTIONS(FLAG_ACK, 29, 4, 1, 1).signature);
    CHECK(PARSE_OPTIONS(FLAG_ACK, 19, 18, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0)
              .signature);
    CHECK(!PARSE_OPTIONS(FLAG_ACK, 19, 4, 0, 1).signature);
    CHECK(!PARSE_OPTIONS(FLAG_ACK, 19, 4, 0, 1).options_known);
}

static void test_nothing_is_read_behind_the_end_of_options(void)
{
    struct segment segment = PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 0, 3, 3, 7);

    CHECK(segment.options_known);
    CHECK_EQUAL(segment.mss, 1460);
    CHECK(!segment.has_scale);
}

static void test_unknown_options_are_skipped(void)
{
    struct segment segment = PARSE_OPTIONS(FLAG_SYN, 172, 5, 1, 2, 3, 2, 4, 0x05, 0xb4, 99, 2, 1);

    CHECK(segment.options_known);
    CHECK_EQUAL(segment.mss, 1460);
}

/* Malformed: not known, yet what stood before is kept, and what stands behind isn't read. */
static void check_kept(struct segment segment)
{
    CHECK(segment.usable);
    CHECK(!segment.options_known);
    CHECK_EQUAL(segment.mss, 1460);
    CHECK(!segment.has_scale && !segment.has_timestamps && !segment.sack_permitted);
    CHECK_EQUAL(segment.sack_blocks, 0);
}

static void test_what_stood_before_a_malformed_option_is_kept(void)
{
    check_kept(PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 3, 0, 7, 1));  /* length 0 */
    check_kept(PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 99, 1, 4, 2)); /* length 1 */
    check_kept(PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 99, 5, 3, 3)); /* longer than the rest */
    check_kept(PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 99, 255, 3, 3));
    check_kept(PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 1, 1, 1, 3)); /* no room for a length */
    check_kept(PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 3, 4, 7, 7)); /* lengths of others */
    check_kept(PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 4, 3, 7, 1));
    check_kept(PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 2, 3, 7, 1));
    check_kept(PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 8, 8, 1, 2, 3, 4, 5, 6));
    check_kept(PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 5, 2, 1, 1));
    check_kept(PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 5, 6, 1, 2, 3, 4, 1, 1));
    check_kept(PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 29, 3, 1, 1));
    check_kept(PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 30, 2, 1, 1));
}
/* As above: what the first one said is kept. */
static void test_a_malformed_repeat_takes_nothing_back(void)
{
    struct segment md5 = PARSE_OPTIONS(FLAG_ACK, 19, 18, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
                                       19, 4, 0, 1, 1, 1);
    struct segment ao = PARSE_OPTIONS(FLAG_ACK, 29, 4, 1, 1, 29, 3, 1, 1);
    struct segment mptcp = PARSE_OPTIONS(FLAG_ACK, 30, 4, 1, 1, 30, 2, 1, 1);

    CHECK(md5.signature && !md5.options_known);
    CHECK(ao.signature && !ao.options_known);
    CHECK(mptcp.mptcp && !mptcp.options_known);
}

int main(void)
{
    map_pages();
    test_the_options_of_a_syn_are_read();
    test_options_of_a_syn_are_ignored_elsewhere();
    test_a_scale_beyond_14_is_14();
    test_up_to_four_sack_blocks_are_read();
    test_fast_open_is_known_by_its_option_or_the_experiment();
    test_mptcp_and_signatures_are_known();
    test_nothing_is_read_behind_the_end_of_options();
    test_unknown_options_are_skipped();
    test_what_stood_before_a_malformed_option_is_kept();
    test_a_malformed_repeat_takes_nothing_back();
    return check_result();
}
