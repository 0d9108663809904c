/* path_test.c - by which way do the packets of an end come, and does their IP ID count them?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "endpoint/path.h"

static struct segment packet(uint16_t path, uint16_t ip_id)
{
    return (struct segment){.path = path, .ip_id = ip_id, .has_ip_id = ip_id != 0};
}

/* One packet came, with that IP ID; 0: without one. */
static struct path after(uint16_t ip_id)
{
    struct path p = {0};
    const struct segment first = packet(3, ip_id);

    path_take(&p, &first);
    path_follow(&p, &first, true);
    CHECK(path_check(&p) == NULL);
    return p;
}

/* Another packet of the same way. */
static void follow(struct path *p, uint16_t ip_id, bool in_order)
{
    const struct segment seg = packet(3, ip_id);

    path_follow(p, &seg, in_order);
}

static bool is_overtaken(const struct path *p, uint16_t ip_id)
{
    const struct segment seg = packet(3, ip_id);

    return path_is_overtaken(p, &seg);
}

static bool skips(const struct path *p, uint16_t ip_id)
{
    const struct segment seg = packet(3, ip_id);

    return path_skips(p, &seg);
}

static bool is_before(const struct path *p, uint16_t ip_id)
{
    const struct segment seg = packet(3, ip_id);

    return path_is_before(p, &seg);
}

static bool counts(const struct path *p, uint16_t ip_id)
{
    const struct segment seg = packet(3, ip_id);

    return path_counts(p, &seg);
}

/* Half way round the circle; where IDs jump, only nearby. */
static void test_an_id_that_was_given_before_tells_an_earlier_packet(void)
{
    struct path p = after(40000);

    CHECK(is_before(&p, 39999) && is_before(&p, 40000 - 32767));
    CHECK(!is_before(&p, 40000) && !is_before(&p, 40001) && !is_before(&p, 40000 - 32768) &&
          !is_before(&p, 0));
    follow(&p, 50000, true); /* from now on one of many may count */
    CHECK(is_before(&p, 50000 - 1024) && !is_before(&p, 50000 - 1025));
}

static void test_what_is_captured_late_is_no_jump(void)
{
    struct path p = after(1000);

    follow(&p, 990, false);
    CHECK(p.ip_id == 1000);
    follow(&p, 1001, true);
    CHECK(p.ip_id == 1001 && !p.ids_jump);
    follow(&p, 1000, true); /* in order, so they don't count */
    CHECK(p.ip_id == 1000 && p.ids_jump);
}

static void test_the_first_way_is_no_other(void)
{
    struct path p = {0};
    const struct segment here = packet(3, 1), there = packet(4, 2);

    CHECK(!path_take(&p, &here));
    CHECK(!path_take(&p, &here));
    CHECK(path_take(&p, &there));
    CHECK(path_take(&p, &here)); /* the last one counts */
}

/* VLAN numbers and interfaces are small, or differ in a digit. */
static void test_ways_that_differ_in_four_bits_are_told_apart(void)
{
    for (unsigned shift = 0; shift <= 12; shift += 4) {
        for (unsigned a = 0; a < 16; a++)
            for (unsigned b = 0; b < 16; b++)
                CHECK_EQUAL(path_fold((uint16_t)(0x1230 ^ a << shift)) ==
                                path_fold((uint16_t)(0x1230 ^ b << shift)),
                            a == b);
        CHECK(path_fold((uint16_t)(0xffffu << shift)) < 16);
    }
}

static void test_a_smaller_ip_id_was_given_before_the_last_packet(void)
{
    const struct path p = after(1000);

    CHECK(is_overtaken(&p, 999));
    CHECK(is_overtaken(&p, 1000 - 64)); /* as many as may wait in a queue */
    CHECK(!is_overtaken(&p, 1000 - 65));
    CHECK(!is_overtaken(&p, 1000));
    CHECK(!is_overtaken(&p, 1001));
}

static void test_ip_ids_go_round(void)
{
    const struct path p = after(2);

    CHECK(is_overtaken(&p, 65535));
    CHECK(is_overtaken(&p, 65536 - 62));
    CHECK(!is_overtaken(&p, 65536 - 63));

    const struct path last = after(65534);

    CHECK(skips(&last, 1));
    CHECK(counts(&last, 1));
}

static void test_without_two_ip_ids_nothing_was_overtaken(void)
{
    const struct path with = after(40), without = after(0);

    CHECK(!is_overtaken(&with, 0));
    CHECK(!is_overtaken(&without, 65535));
    CHECK(is_overtaken(&with, 39));
}

/* Another connection of the same host takes numbers, too. */
static void test_ids_that_jump_between_packets_in_order_count_nothing(void)
{
    struct path p = after(1000);

    follow(&p, 1001, true);
    CHECK(counts(&p, 1002));
    follow(&p, 1010, false); /* packets are missing before it */
    CHECK(counts(&p, 1011));
    follow(&p, 1012, true);
    CHECK(!counts(&p, 1013));
    follow(&p, 1013, true); /* once is enough */
    CHECK(!counts(&p, 1014));
    CHECK(path_check(&p) == NULL);
}

static void test_the_order_of_packets_needs_two_ip_ids(void)
{
    const struct path with = after(1000), without = after(0);

    CHECK(counts(&with, 1001));
    CHECK(!counts(&with, 0));
    CHECK(!counts(&without, 1001));

    struct path then = after(0);

    follow(&then, 1000, true); /* the first ID jumps from nowhere */
    CHECK(counts(&then, 1001));
    follow(&then, 0, false);
    CHECK(!counts(&then, 1001));
}

static void test_a_gap_in_the_ids_shows_that_packets_are_missing(void)
{
    struct path p = after(1000);

    CHECK(!skips(&p, 1001)); /* the next packet */
    CHECK(skips(&p, 1002));
    CHECK(skips(&p, 1063));
    CHECK(!skips(&p, 1064)); /* that many are not dropped at once */
    CHECK(!skips(&p, 1000));
    CHECK(!skips(&p, 999));
    p.ids_jump = true;
    CHECK(!skips(&p, 1002));
}

static void test_without_an_id_nothing_shows_what_is_missing(void)
{
    const struct path with = after(1000), without = after(0);

    CHECK(!skips(&with, 0));
    CHECK(!skips(&without, 0));
    CHECK(!skips(&without, 1002)); /* the packet before had none: it says nothing */
}

static void test_an_heir_knows_the_way_until_it_is_forgotten(void)
{
    struct path old = after(1000), p = {0};

    path_inherit(&p, &old);
    CHECK(is_overtaken(&p, 999));
    path_forget(&p);
    CHECK(!is_overtaken(&p, 999));
}

static void test_a_way_that_is_not_known_is_noticed(void)
{
    struct path p = {.folded = 1};

    CHECK_STRING(path_check(&p), "path: a way that isn't known");
    p.known = true;
    CHECK(path_check(&p) == NULL);
    p = (struct path){0};
    CHECK(path_check(&p) == NULL);
}

static void test_ids_of_who_sent_nothing_are_noticed(void)
{
    struct path p = {.ids_jump = true};

    CHECK_STRING(path_check(&p), "path: IP IDs of an end that sent nothing");
    p.known = true;
    CHECK(path_check(&p) == NULL);
}

/* Where an end was forgotten since path_take(), its packet is known all the same. */
static void test_follows_what_was_forgotten(void)
{
    struct path p = after(7);

    path_forget(&p);
    follow(&p, 9, true);
    follow(&p, 20, true);
    CHECK(p.known && p.ids_jump);
    CHECK(path_check(&p) == NULL);
}

int main(void)
{
    test_follows_what_was_forgotten();
    test_an_id_that_was_given_before_tells_an_earlier_packet();
    test_what_is_captured_late_is_no_jump();
    test_the_first_way_is_no_other();
    test_ways_that_differ_in_four_bits_are_told_apart();
    test_a_smaller_ip_id_was_given_before_the_last_packet();
    test_ip_ids_go_round();
    test_without_two_ip_ids_nothing_was_overtaken();
    test_ids_that_jump_between_packets_in_order_count_nothing();
    test_the_order_of_packets_needs_two_ip_ids();
    test_a_gap_in_the_ids_shows_that_packets_are_missing();
    test_without_an_id_nothing_shows_what_is_missing();
    test_an_heir_knows_the_way_until_it_is_forgotten();
    test_a_way_that_is_not_known_is_noticed();
    test_ids_of_who_sent_nothing_are_noticed();
    return check_result();
}
