/* changes_test.c - what a device changed in a SYN
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "points/changes.h"

static struct segment syn(void)
{
    return (struct segment){.seq = {1000},
                            .flags = FLAG_SYN,
                            .mss = 1460,
                            .has_scale = true,
                            .scale = 7,
                            .sack_permitted = true,
                            .has_timestamps = true,
                            .tsval = 5,
                            .ttl = 64,
                            .usable = true,
                            .options_known = true};
}

static unsigned changed(const struct segment *arrived, bool by_client)
{
    struct segment departed = syn();
    struct opener a = opener_of(&departed), b = opener_of(arrived);
    return changes_between(&a, &b, by_client);
}

#define CHANGED(member, value, expected)              \
    do {                                              \
        struct segment seg = syn();                   \
        seg.member = (value);                         \
        CHECK_EQUAL(changed(&seg, true), (expected)); \
    } while (0)

static void one_by_one(void)
{
    CHANGED(mss, 1360, CHANGE_MSS);
    CHANGED(mss, 0, CHANGE_MSS);
    CHANGED(scale, 2, CHANGE_SCALE);
    CHANGED(has_scale, false, CHANGE_SCALE);
    CHANGED(sack_permitted, false, CHANGE_SACK);
    CHANGED(has_timestamps, false, CHANGE_TIMESTAMPS);
    CHANGED(fast_open, true, CHANGE_OPTIONS);
    CHANGED(mptcp, true, CHANGE_OPTIONS);
    CHANGED(signature, true, CHANGE_OPTIONS);
    CHANGED(flags, FLAG_SYN | FLAG_ECE | FLAG_CWR, CHANGE_FLAGS);
    CHANGED(flags, FLAG_SYN | FLAG_AE, CHANGE_FLAGS);
    CHANGED(flags, FLAG_SYN | FLAG_URG, CHANGE_FLAGS);
    CHANGED(seq.n, 7, CHANGE_CLIENT_ISN);
}

/* Routers take from the TTL, clocks tick, and a PSH means nothing in a SYN. */
static void nothing(void)
{
    CHANGED(ttl, 60, 0u);
    CHANGED(tsval, 6, 0u);
    CHANGED(ip_id, 6, 0u);
    CHANGED(window, 6, 0u);
    CHANGED(flags, FLAG_SYN | FLAG_PSH, 0u);
    CHANGED(mss, 1460, 0u);
}

static void of_the_server(void)
{
    struct segment seg = syn();
    seg.seq.n = 8;
    CHECK_EQUAL(changed(&seg, false), CHANGE_SERVER_ISN);
}

/* What was cut off, or wasn't captured at one of the points, differs in nothing. */
static void unknown(void)
{
    struct segment seg = syn(), cut = syn();
    struct opener departed = opener_of(&seg), nobody = {.known = false};
    cut.options_known = false;
    cut.mss = 0;
    CHECK_EQUAL(changed(&cut, true), 0);
    cut.seq.n = 3;
    CHECK_EQUAL(changed(&cut, true), CHANGE_CLIENT_ISN);
    CHECK_EQUAL(changes_between(&departed, &nobody, true), 0);
    CHECK_EQUAL(changes_between(&nobody, &departed, true), 0);
}

int main(void)
{
    one_by_one();
    nothing();
    of_the_server();
    unknown();
    return check_result();
}
