/* server_load_test.c - the limit of unfinished and of idle connections is reported once a server
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store.h"

enum { LIMIT = 5, PORT = 80, OTHERS = 2000 };

/* A segment of somebody who has nothing to do with it lets time be seen. */
static unsigned time_is_seen(void)
{
    struct spot spot = spot_of(9999, 9998, 50000, 443);
    STORE(&spot, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    return store.record.of_load;
}

static unsigned syn(uint32_t client, uint32_t server)
{
    struct spot spot = spot_of(client, server, 40000, PORT);
    STORE(&spot, .from = CLIENT, .flags = S);
    return store.record.of_load;
}

static unsigned syn_ack(uint32_t client, uint32_t server)
{
    struct spot spot = spot_of(client, server, 40000, PORT);
    STORE(&spot, .from = SERVER, .flags = SA, .ack = 1);
    return store.record.of_load;
}

static unsigned ack(uint32_t client, uint32_t server)
{
    struct spot spot = spot_of(client, server, 40000, PORT);
    STORE(&spot, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    return store.record.of_load;
}

static unsigned data(uint32_t client, uint32_t server)
{
    struct spot spot = spot_of(client, server, 40000, PORT);
    STORE(&spot, .from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 10);
    return store.record.of_load;
}

static void open_idle(uint32_t client, uint32_t server)
{
    struct spot spot = spot_of(client, server, 40000, PORT);
    store_handshake(&spot);
}

/* The limit itself is not many, one more is; each has to be a second old; it is told once. */
static void limit(void)
{
    store_begin(LIMIT);
    for (uint32_t i = 0; i < LIMIT; i++) {
        CHECK_EQUAL(syn(i, 1), 0);
    }
    store.now += 10 * SECOND;
    CHECK_EQUAL(syn(LIMIT, 1), 0); /* the sixth, but young */
    store.now += SECOND - 1;
    CHECK_EQUAL(syn(0, 1), 0);
    store.now += 1;
    CHECK_EQUAL(time_is_seen(), 0); /* not the right server */
    CHECK_EQUAL(syn(3, 1), FINDING_MANY_EMBRYONIC);
    CHECK_EQUAL(syn(4, 1), 0);
    for (uint32_t i = 0; i < 3 * LIMIT; i++) {
        store.now += SECOND;
        CHECK_EQUAL(syn(100 + i, 1), 0); /* never again */
    }
    connections_finish(store.now + 100 * SECOND);
    for (uint32_t i = 0; i < connections_count(); i++) {
        CHECK(!store_summary(i).passes_embryonic);
    }
    connections_close();
}

/* Answered or not, they count; the very SYN that lets the limit be seen carries it. */
static void on_the_segment_at_hand(void)
{
    store_begin(LIMIT);
    for (uint32_t i = 0; i <= LIMIT; i++) {
        CHECK_EQUAL(syn(i, 1), 0);
        if (i % 2) {
            CHECK_EQUAL(syn_ack(i, 1), 0);
        }
    }
    store.now += 2 * SECOND;
    CHECK_EQUAL(syn(77, 1), FINDING_MANY_EMBRYONIC);
    connections_close();
}

/* Those that were finished, refused or reset meanwhile don't count. */
static void finished_in_between(void)
{
    store_begin(LIMIT);
    for (uint32_t i = 0; i < 4 * LIMIT; i++) {
        CHECK_EQUAL(syn(i, 1), 0);
    }
    store.now += SECOND / 2;
    for (uint32_t i = 0; i < 2 * LIMIT; i++) { /* in time */
        CHECK_EQUAL(syn_ack(i, 1), 0);
        CHECK_EQUAL(ack(i, 1), 0);
    }
    struct spot refused = spot_of(2 * LIMIT, 1, 40000, PORT);
    STORE(&refused, .from = SERVER, .flags = RA, .ack = 1);
    for (uint32_t i = 2 * LIMIT + 1; i < 3 * LIMIT; i++) {
        struct spot spot = spot_of(i, 1, 40000, PORT);
        uint32_t number;
        struct segment segment = {0};
        struct tuple tuple = store_tuple(&spot, CLIENT, &segment);
        CHECK(connections_icmp(&tuple, tuple.from, (seq_t){spot.isn[0]}, store.frame, store.now, &number));
    }
    store.now += 2 * SECOND;
    CHECK_EQUAL(data(0, 1), 0);
    CHECK_EQUAL(syn_ack(3 * LIMIT, 1), 0);
    CHECK_EQUAL(ack(3 * LIMIT, 1), 0); /* late, but finished */
    syn(1000, 1);
    store.now += 2 * SECOND;
    CHECK_EQUAL(data(1, 1), 0); /* five again */
    syn(1001, 1);
    store.now += 2 * SECOND;
    CHECK_EQUAL(data(1, 1), FINDING_MANY_EMBRYONIC);
    connections_close();
}

/* An error that comes when it was counted already takes it back, too, even if it is packed. */
static void unreachable_after_it_was_counted(bool is_unreachable)
{
    store_begin(0);
    struct spot spot = spot_of(0, 1, 40000, PORT);
    syn(0, 1);
    for (uint32_t i = 0; i < OTHERS; i++) {
        syn(10 + i, 2 + i);
    }
    store.now += 2 * SECOND;
    time_is_seen();
    if (is_unreachable) {
        uint32_t number;
        struct segment segment = {0};
        struct tuple tuple = store_tuple(&spot, CLIENT, &segment);
        CHECK(connections_icmp(&tuple, tuple.from, (seq_t){spot.isn[0]}, store.frame, store.now, &number));
    }
    CHECK_EQUAL(syn(1, 1), is_unreachable ? 0 : FINDING_MANY_EMBRYONIC);
    connections_close();
}

/* A new try on the same ports takes the place of the one before. */
static void same_ports_again(void)
{
    store_begin(LIMIT);
    struct spot spot = spot_of(1, 1, 40000, PORT);
    for (uint32_t i = 0; i < 3 * LIMIT; i++) {
        spot.isn[0] += 100000000;
        STORE(&spot, .from = CLIENT, .flags = S);
        CHECK_EQUAL(store.record.of_load, 0);
        store.now += 3 * SECOND;
    }
    CHECK(connections_count() > 2 * LIMIT);
    for (uint32_t i = 0; i < LIMIT; i++) {
        CHECK_EQUAL(syn(10 + i, 1), 0);
        store.now += 2 * SECOND;
    }
    CHECK_EQUAL(syn(10, 1), FINDING_MANY_EMBRYONIC); /* they are the newest and five others */
    connections_close();
}

/* Address and port make a server; each is told of. */
static void servers_apart(void)
{
    store_begin(LIMIT);
    unsigned told = 0;
    for (uint32_t i = 0; i <= LIMIT; i++) {
        for (uint32_t server = 1; server < 5; server++) {
            syn(i, server);
        }
        struct spot port = spot_of(i, 1, 40000, 81);
        STORE(&port, .from = CLIENT, .flags = S);
    }
    store.now += 5 * SECOND;
    for (uint32_t i = 0; i <= LIMIT; i++) {
        for (uint32_t server = 1; server < 5; server++) {
            told += syn(i, server) == FINDING_MANY_EMBRYONIC;
        }
    }
    CHECK_EQUAL(told, 4);
    CHECK_EQUAL(syn(0, 1), 0);
    struct spot port = spot_of(0, 1, 40000, 81);
    STORE(&port, .from = CLIENT, .flags = S);
    CHECK_EQUAL(store.record.of_load, FINDING_MANY_EMBRYONIC);
    connections_close();
}

/* Many servers with one unfinished connection each: a scan. */
static void scan(unsigned limit, unsigned expected)
{
    unsigned told = 0;
    store_begin(limit);
    for (uint32_t i = 0; i < OTHERS; i++) {
        store.now += SECOND;
        CHECK_EQUAL(syn(1, 1000 + i), 0);
    }
    store.now += 2 * SECOND;
    for (uint32_t i = 0; i < OTHERS; i++) {
        told += syn(2, 1000 + i) == FINDING_MANY_EMBRYONIC;
    }
    CHECK_EQUAL(told, expected);
    connections_close();
}

static void idle(void)
{
    store_begin(LIMIT);
    for (uint32_t i = 0; i <= LIMIT + 1; i++) {
        open_idle(i, 1);
    }
    CHECK_EQUAL(data(0, 1), 0); /* not idle any more; six are */
    store.now += 75 * SECOND - 1;
    CHECK_EQUAL(time_is_seen(), 0);
    store.now += 1;
    CHECK_EQUAL(time_is_seen(), 0);
    CHECK_EQUAL(data(0, 1), FINDING_MANY_IDLE);
    CHECK_EQUAL(data(1, 1), 0);
    connections_close();
}

/* As many as the limit allows are not too many, however long they are idle. */
static void idle_at_the_limit(void)
{
    store_begin(LIMIT);
    for (uint32_t i = 0; i < LIMIT; i++) {
        open_idle(i, 1);
    }
    open_idle(LIMIT, 1);
    store.now += 100 * SECOND;
    CHECK_EQUAL(data(LIMIT, 1), 0); /* the sixth speaks just now */
    connections_finish(store.now + 1000 * SECOND);
    for (uint32_t i = 0; i < connections_count(); i++) {
        CHECK(!store_summary(i).passes_idle);
    }
    connections_close();
}

/* Not one whose opening was not captured. */
static void joined_late(void)
{
    store_begin(LIMIT);
    for (uint32_t i = 0; i < 4 * LIMIT; i++) {
        struct spot spot = spot_of(i, 1, 40000, PORT);
        STORE(&spot, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
        STORE(&spot, .from = SERVER, .flags = A, .seq = 1, .ack = 1);
    }
    store.now += 1000 * SECOND;
    CHECK_EQUAL(data(0, 1), 0);
    connections_close();
}

static unsigned marks(unsigned *embryonic)
{
    unsigned idle_marks = 0;
    *embryonic = 0;
    for (uint32_t i = 0; i < connections_count(); i++) {
        struct summary summary = store_summary(i);
        *embryonic += summary.passes_embryonic;
        idle_marks += summary.passes_idle;
    }
    return idle_marks;
}

/* What no segment could tell of stands on the connection with which it was passed. */
static void at_the_end(void)
{
    store_begin(LIMIT);
    for (uint32_t i = 0; i <= LIMIT + 3; i++) {
        syn(i, 1);
        open_idle(i, 2);
    }
    unsigned embryonic;
    connections_finish(store.now + SECOND - 1);
    CHECK_EQUAL(marks(&embryonic), 0);
    CHECK_EQUAL(embryonic, 0);
    for (unsigned i = 0; i < 3; i++) { /* however often */
        connections_finish(store.now + 80 * SECOND);
        CHECK_EQUAL(marks(&embryonic), 1);
        CHECK_EQUAL(embryonic, 1);
        CHECK(store_summary(2 * LIMIT).passes_embryonic); /* the sixth of its kind */
        CHECK(store_summary(2 * LIMIT + 1).passes_idle);
    }
    store.now += 2 * SECOND; /* the capture has grown, and a segment tells */
    CHECK_EQUAL(syn(0, 1), FINDING_MANY_EMBRYONIC);
    connections_finish(store.now + 80 * SECOND);
    CHECK_EQUAL(marks(&embryonic), 1);
    CHECK_EQUAL(embryonic, 0);
    for (uint32_t i = 0; i < 4; i++) { /* the others have finished before a segment could */
        struct spot spot = spot_of(i, 2, 40000, PORT);
        STORE(&spot, .from = CLIENT, .flags = i ? PA : R, .seq = 1, .ack = 1, .data = i ? 10 : 0);
    }
    connections_finish(store.now + 80 * SECOND);
    CHECK_EQUAL(marks(&embryonic), 0);
    connections_close();
}

/* Time that runs back, or jumps, makes nobody wait for ever. */
static void backwards(void)
{
    store_begin(LIMIT);
    for (uint32_t i = 0; i < 3 * LIMIT; i++) {
        store.now += i % 2 ? 5000 * SECOND : -7000 * SECOND;
        syn(1000 + i, 3);
    }
    store.now = -4000000000 * SECOND;
    time_is_seen();
    for (uint32_t i = 0; i <= LIMIT; i++) {
        syn(i, 1);
    }
    store.now += 2 * SECOND;
    CHECK_EQUAL(syn(0, 1), FINDING_MANY_EMBRYONIC);
    store.now = 4000000000 * SECOND;
    CHECK_EQUAL(syn(50, 1), 0);
    store.now -= 8000000000 * SECOND;
    CHECK_EQUAL(syn(51, 1), 0);
    connections_finish(INT64_MAX);
    connections_finish(INT64_MIN);
    connections_close();
}

int main(void)
{
    limit();
    on_the_segment_at_hand();
    finished_in_between();
    unreachable_after_it_was_counted(false);
    unreachable_after_it_was_counted(true);
    same_ports_again();
    servers_apart();
    scan(LIMIT, 0);
    scan(0, OTHERS);
    idle();
    idle_at_the_limit();
    joined_late();
    at_the_end();
    backwards();
    return check_result();
}
