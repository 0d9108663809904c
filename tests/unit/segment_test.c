/* segment_test.c - reading headers, with each input at the very end of a mapped page
 *
 * Behind the input lies a page without access: a read of one byte too many
 * ends the test with a fault.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "check.h"
#include "wire/segment.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static uint8_t *page_end; /* the first byte without access */
static size_t page_size;

static void map_pages(void)
{
    page_size = (size_t)sysconf(_SC_PAGESIZE);

    uint8_t *pages = mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED || mprotect(pages + page_size, page_size, PROT_NONE) != 0) {
        perror("a page without access");
        exit(1);
    }
    page_end = pages + page_size;
}

/* Parses `captured` bytes that end where access ends. */
static struct segment parse(const uint8_t *bytes, size_t captured, uint32_t length)
{
    struct segment segment;

    memset(&segment, 0xff, sizeof segment);
    if (captured > 0)
        memcpy(page_end - captured, bytes, captured);

    bool usable = segment_parse(&segment, page_end - captured, captured, length);

    CHECK_EQUAL(usable, segment.usable);
    return segment;
}

/* Port 0x1234 to 80, SEQ 0xfffffff0, ACK 0x01020304, window 0xabcd; then the options. */
struct packet {
    uint8_t bytes[SEGMENT_HEADER_MAX];
    unsigned size;
};

static struct packet packet_with(unsigned flags, const uint8_t *options, unsigned options_size)
{
    struct packet packet = {
        {0x12, 0x34, 0, 80, 0xff, 0xff, 0xff, 0xf0, 1, 2, 3, 4, 0, 0, 0xab, 0xcd, 0, 0, 0, 0}, 20};

    packet.size += options_size;
    packet.bytes[12] = (uint8_t)(packet.size / 4 << 4 | (flags >> 8 & 1));
    packet.bytes[13] = (uint8_t)flags;
    if (options_size > 0)
        memcpy(packet.bytes + 20, options, options_size);
    return packet;
}

static struct segment parse_packet(unsigned flags, const uint8_t *options, unsigned options_size)
{
    struct packet packet = packet_with(flags, options, options_size);

    return parse(packet.bytes, packet.size, packet.size);
}

#define PARSE_OPTIONS(flags, ...) \
    parse_packet((flags), (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void reads_the_fixed_part(void)
{
    struct packet packet = packet_with(FLAG_ACK | FLAG_PSH | FLAG_AE, NULL, 0);
    struct segment segment = parse(packet.bytes, 20, 120);

    CHECK(segment.usable && segment.options_known && segment.length_known);
    CHECK_EQUAL(segment.source_port, 0x1234);
    CHECK_EQUAL(segment.destination_port, 80);
    CHECK_EQUAL(segment.seq.n, 0xfffffff0);
    CHECK_EQUAL(segment.ack.n, 0x01020304);
    CHECK_EQUAL(segment.flags, FLAG_ACK | FLAG_PSH | FLAG_AE);
    CHECK_EQUAL(segment.window, 0xabcd);
    CHECK_EQUAL(segment.data, 100);
    CHECK_EQUAL(segment_end(&segment).n, 84); /* wrapped */
    CHECK_EQUAL(segment.mss, 0);
    CHECK_EQUAL(segment.sack_blocks, 0);
    CHECK(!segment.has_scale && !segment.has_timestamps && !segment.sack_permitted && !segment.fast_open);
    CHECK(!segment.mptcp && !segment.signature && !segment.has_ip_id);
    CHECK_EQUAL(segment.frame, 0);
    CHECK_EQUAL(segment.time, 0);
    CHECK_EQUAL(segment.from, 0);
}

static void counts_syn_and_fin(void)
{
    for (unsigned flags = 0; flags < 0x200; flags++) {
        struct packet packet = packet_with(flags, NULL, 0);
        struct segment segment = parse(packet.bytes, 20, 25);

        CHECK_EQUAL(segment.flags, flags);
        CHECK_EQUAL(segment.data, 5);
        CHECK_EQUAL(segment_length(&segment), 5 + !!(flags & FLAG_SYN) + !!(flags & FLAG_FIN));
    }
}

static void reads_the_options_of_a_syn(void)
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

static void ignores_syn_options_elsewhere(void)
{
    struct segment segment = PARSE_OPTIONS(FLAG_ACK, 2, 4, 0x05, 0xb4, 4, 2, 34, 2, 1, 3, 3, 7);

    CHECK(segment.options_known);
    CHECK_EQUAL(segment.mss, 0);
    CHECK_EQUAL(segment.scale, 0);
    CHECK(!segment.has_scale && !segment.sack_permitted && !segment.fast_open);
}

static void limits_the_scale(void)
{
    CHECK_EQUAL(PARSE_OPTIONS(FLAG_SYN, 3, 3, 0, 0).scale, 0);
    CHECK(PARSE_OPTIONS(FLAG_SYN, 3, 3, 0, 0).has_scale);
    CHECK_EQUAL(PARSE_OPTIONS(FLAG_SYN, 3, 3, 14, 0).scale, 14);
    CHECK_EQUAL(PARSE_OPTIONS(FLAG_SYN, 3, 3, 15, 0).scale, 14);
    CHECK_EQUAL(PARSE_OPTIONS(FLAG_SYN, 3, 3, 255, 0).scale, 14);
}

static void reads_sack_blocks(void)
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

static void knows_fast_open(void)
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
}

static void knows_mptcp_and_signatures(void)
{
    CHECK(PARSE_OPTIONS(FLAG_SYN, 30, 4, 0, 1).mptcp);
    CHECK(PARSE_OPTIONS(FLAG_ACK, 30, 3, 0x20, 0).mptcp);
    CHECK(PARSE_OPTIONS(FLAG_ACK, 29, 4, 1, 1).signature);
    CHECK(PARSE_OPTIONS(FLAG_ACK, 19, 18, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0)
              .signature);
    CHECK(!PARSE_OPTIONS(FLAG_ACK, 19, 4, 0, 1).signature);
    CHECK(!PARSE_OPTIONS(FLAG_ACK, 19, 4, 0, 1).options_known);
}

static void stops_at_the_end_of_options(void)
{
    struct segment segment = PARSE_OPTIONS(FLAG_SYN, 2, 4, 0x05, 0xb4, 0, 3, 3, 7);

    CHECK(segment.options_known);
    CHECK_EQUAL(segment.mss, 1460);
    CHECK(!segment.has_scale);
}

static void skips_unknown_options(void)
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

static void keeps_what_stood_before_a_malformed_option(void)
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

/* Every data offset against every length. */
static void demands_a_possible_header_length(void)
{
    for (unsigned offset = 0; offset < 16; offset++) {
        for (unsigned length = 0; length <= 64; length++) {
            struct packet packet = packet_with(FLAG_ACK, NULL, 0);

            packet.bytes[12] = (uint8_t)(offset << 4);
            memset(packet.bytes + 20, 1, 40);

            unsigned captured = length < SEGMENT_HEADER_MAX ? length : SEGMENT_HEADER_MAX;
            struct segment segment = parse(packet.bytes, captured, length);
            bool possible = offset >= 5 && offset * 4 <= length;

            CHECK_EQUAL(segment.usable, possible);
            CHECK_EQUAL(segment.options_known, possible);
            CHECK_EQUAL(segment.length_known, possible);
            CHECK_EQUAL(segment.data, possible ? length - offset * 4 : 0);
        }
    }
}

/* A snap length that cuts anywhere. */
static void reads_what_was_captured(void)
{
    static const uint8_t options[] = {2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7};
    struct packet packet = packet_with(FLAG_SYN, options, sizeof options);

    for (unsigned captured = 0; captured <= packet.size; captured++) {
        struct segment segment = parse(packet.bytes, captured, 140);

        CHECK_EQUAL(segment.usable, captured >= SEGMENT_HEADER_NEED);
        CHECK_EQUAL(segment.options_known, captured == packet.size);
        CHECK_EQUAL(segment.data, captured >= SEGMENT_HEADER_NEED ? 100 : 0);
        CHECK_EQUAL(segment.source_port, captured >= 4 ? 0x1234 : 0);
        CHECK_EQUAL(segment.seq.n, captured >= 8 ? 0xfffffff0 : 0);
        CHECK_EQUAL(segment.ack.n, captured >= 12 ? 0x01020304 : 0);
        CHECK_EQUAL(segment.flags, captured >= 14 ? FLAG_SYN : 0);
        CHECK_EQUAL(segment.window, captured >= 16 ? 0xabcd : 0);
        CHECK_EQUAL(segment.mss, captured >= 24 ? 1460 : 0);
        CHECK_EQUAL(segment.sack_permitted, captured >= 26);
        CHECK_EQUAL(segment.has_timestamps, captured >= 36);
        CHECK_EQUAL(segment.has_scale, captured >= 40);
    }
}

static void needs_no_options_to_know_them(void)
{
    struct packet packet = packet_with(FLAG_ACK, NULL, 0);

    CHECK(parse(packet.bytes, 16, 20).options_known);
    CHECK(parse(packet.bytes, 16, 20).usable);
    CHECK(!parse(packet.bytes, 15, 20).usable);
}

static void tells_an_unknown_length(void)
{
    static const uint8_t options[] = {2, 4, 0x05, 0xb4};
    struct packet packet = packet_with(FLAG_SYN, options, sizeof options);
    struct segment segment = parse(packet.bytes, 24, SEGMENT_LENGTH_UNKNOWN);

    CHECK(segment.usable && segment.options_known && !segment.length_known);
    CHECK_EQUAL(segment.data, 0);
    CHECK_EQUAL(segment.mss, 1460);
    /* The first eight bytes, as an ICMP error quotes them. */
    segment = parse(packet.bytes, 8, SEGMENT_LENGTH_UNKNOWN);
    CHECK(!segment.usable);
    CHECK_EQUAL(segment.destination_port, 80);
    CHECK_EQUAL(segment.seq.n, 0xfffffff0);
}

/* Ethernet pads short frames to 60 bytes: the padding is neither header nor options. */
static void leaves_padding_alone(void)
{
    struct packet packet = packet_with(FLAG_ACK, NULL, 0);

    memset(packet.bytes + 20, 0x41, 6);
    CHECK_EQUAL(parse(packet.bytes, 26, 20).data, 0);
    packet.bytes[12] = 6 << 4;
    CHECK(!parse(packet.bytes, 26, 20).usable);
    CHECK_EQUAL(parse(packet.bytes, 26, 8).seq.n, 0xfffffff0);
    CHECK_EQUAL(parse(packet.bytes, 26, 8).ack.n, 0);
}

int main(void)
{
    map_pages();
    reads_the_fixed_part();
    counts_syn_and_fin();
    reads_the_options_of_a_syn();
    ignores_syn_options_elsewhere();
    limits_the_scale();
    reads_sack_blocks();
    knows_fast_open();
    knows_mptcp_and_signatures();
    stops_at_the_end_of_options();
    skips_unknown_options();
    keeps_what_stood_before_a_malformed_option();
    demands_a_possible_header_length();
    reads_what_was_captured();
    needs_no_options_to_know_them();
    tells_an_unknown_length();
    leaves_padding_alone();
    return check_result();
}
