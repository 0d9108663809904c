/* segment_test.c - reading headers, and what kind of segment one is
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "parsing.h"

#include "wire/age.h"

static void test_the_fixed_part_is_read(void)
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

static void test_syn_and_fin_take_a_number_each(void)
{
    for (unsigned flags = 0; flags < 0x200; flags++) {
        struct packet packet = packet_with(flags, NULL, 0);
        struct segment segment = parse(packet.bytes, 20, 25);

        CHECK_EQUAL(segment.flags, flags);
        CHECK_EQUAL(segment.data, 5);
        CHECK_EQUAL(segment_length(&segment), 5 + !!(flags & FLAG_SYN) + !!(flags & FLAG_FIN));
    }
}

/* Every data offset against every length. */
static void test_an_impossible_header_length_is_unusable(void)
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
static void test_what_was_captured_is_read(void)
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

static void test_without_options_all_of_them_are_known(void)
{
    struct packet packet = packet_with(FLAG_ACK, NULL, 0);

    CHECK(parse(packet.bytes, 16, 20).options_known);
    CHECK(parse(packet.bytes, 16, 20).usable);
    CHECK(!parse(packet.bytes, 15, 20).usable);
}

static void test_an_unknown_length_is_told(void)
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
static void test_padding_is_no_part_of_a_segment(void)
{
    struct packet packet = packet_with(FLAG_ACK, NULL, 0);

    memset(packet.bytes + 20, 0x41, 6);
    CHECK_EQUAL(parse(packet.bytes, 26, 20).data, 0);
    packet.bytes[12] = 6 << 4;
    CHECK(!parse(packet.bytes, 26, 20).usable);
    CHECK_EQUAL(parse(packet.bytes, 26, 8).seq.n, 0xfffffff0);
    CHECK_EQUAL(parse(packet.bytes, 26, 8).ack.n, 0);
}

static struct segment flagged(unsigned flags)
{
    return (struct segment){.flags = (uint16_t)flags, .length_known = true};
}

/* RST before SYN before FIN: no segment is two of them. */
static void test_a_reset_is_neither_a_syn_nor_a_fin(void)
{
    for (unsigned flags = 0; flags < 0x200; flags++) {
        struct segment seg = flagged(flags);
        bool syn = flags & FLAG_SYN, ack = flags & FLAG_ACK, fin = flags & FLAG_FIN, rst = flags & FLAG_RST;

        CHECK_EQUAL(segment_is_rst(&seg), rst);
        CHECK_EQUAL(segment_is_syn(&seg), syn && !ack && !rst);
        CHECK_EQUAL(segment_is_syn_ack(&seg), syn && ack && !rst);
        CHECK_EQUAL(segment_is_fin(&seg), fin && !syn && !rst);
        CHECK_EQUAL(segment_has(&seg, FLAG_SYN | FLAG_ACK), syn && ack);
    }
}

/* Where a first fragment ends isn't known, so neither is the number of its FIN. */
static void test_a_fin_of_unknown_length_is_none(void)
{
    struct segment seg = flagged(FLAG_FIN | FLAG_ACK);

    CHECK(segment_is_fin(&seg));
    seg.length_known = false;
    CHECK(!segment_is_fin(&seg));
}

static void test_milliseconds_are_rounded_down_before_the_epoch_too(void)
{
    CHECK_EQUAL(time_ms(0), 0);
    CHECK_EQUAL(time_ms(999999), 0);
    CHECK_EQUAL(time_ms(1000000), 1);
    CHECK_EQUAL(time_ms(-1), UINT32_MAX);
    CHECK_EQUAL(time_ms(-1000000), UINT32_MAX);
    CHECK_EQUAL(time_ms(-1000001), UINT32_MAX - 1);
    CHECK_EQUAL(time_ms(INT64_C(4294967296) * 1000000 + 5000000), 5); /* after 50 days */
    CHECK_EQUAL(time_ms(-1) + 1, time_ms(0));
}

/* What seems to be younger than what came before it has no age. */
static void test_time_that_runs_backwards_makes_nothing_old(void)
{
    const int64_t ms = 1000000;

    CHECK_EQUAL(time_age_ms(7 * ms, 5), 2);
    CHECK_EQUAL(time_age_ms(5 * ms, 5), 0);
    CHECK_EQUAL(time_age_ms(4 * ms, 5), 0);
    CHECK_EQUAL(time_age_ms(0, CLOCK_BACK_MS), 0);
    CHECK_EQUAL(time_age_ms(0, CLOCK_BACK_MS + 1), UINT32_MAX - CLOCK_BACK_MS);
    CHECK_EQUAL(time_age_ms(INT64_C(2160000000) * ms, 0), 2160000000u); /* 25 days */
}

int main(void)
{
    map_pages();
    test_the_fixed_part_is_read();
    test_syn_and_fin_take_a_number_each();
    test_an_impossible_header_length_is_unusable();
    test_what_was_captured_is_read();
    test_without_options_all_of_them_are_known();
    test_an_unknown_length_is_told();
    test_padding_is_no_part_of_a_segment();
    test_a_reset_is_neither_a_syn_nor_a_fin();
    test_a_fin_of_unknown_length_is_none();
    test_milliseconds_are_rounded_down_before_the_epoch_too();
    test_time_that_runs_backwards_makes_nothing_old();
    return check_result();
}
