/* counted_test.c - one warning of many connections covers those that come after it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store.h"

#include "store/counted.h"
#include "capture/capture_clock.h"

enum { LIMIT = 5, PORT = 80, OTHER_PORT = 8000, SCANNER = 7 };

#define BIT(name) (1u << TIMEOUT_FINDING_##name)

static struct spot spot_at(uint32_t client, uint16_t client_port, uint32_t server, uint16_t port)
{
    return spot_of(client, server, client_port, port);
}

/* Each SYN of a client has a port of its own. */
static findings_t syn(uint32_t client, uint16_t client_port, uint32_t server, uint16_t port)
{
    struct spot spot = spot_at(client, client_port, server, port);
    STORE(&spot, .from = CLIENT, .flags = S);
    return store.record.of_load;
}

static void answer(uint32_t client, uint16_t client_port, uint32_t server, uint16_t port, unsigned flags)
{
    struct spot spot = spot_at(client, client_port, server, port);
    STORE(&spot, .from = SERVER, .flags = flags, .ack = 1);
}

static void complete(uint32_t client, uint16_t client_port, uint32_t server, uint16_t port)
{
    struct spot spot = spot_at(client, client_port, server, port);
    answer(client, client_port, server, port, SA);
    STORE(&spot, .from = CLIENT, .flags = A, .seq = 1, .ack = 1);
}

/* What is told of a connection after an hour. */
static unsigned told(uint32_t number)
{
    struct summary summary = store_summary(number);
    int64_t end = store.now + 3600 * SECOND;
    return timeout_findings_covered(&summary, timeout_findings_at(&summary, &store_timeouts, end));
}

/* Of those connections, how many have it. */
static unsigned count_told(uint32_t first, uint32_t behind, unsigned set)
{
    unsigned count = 0;
    for (uint32_t i = first; i < behind; i++) {
        count += told(i) == set;
    }
    return count;
}

/* Clients, one SYN each; then time passes. */
static void flood(uint32_t first_client, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        syn(first_client + i, 40000, 1, PORT);
    }
    store.now += 2 * SECOND;
}

/* The one with which the limit was passed keeps its warning: it is the last one that has. */
static void further_ones_of_a_server(void)
{
    store_begin(LIMIT);
    flood(100, 3 * LIMIT);
    connections_finish(store.now);
    CHECK_EQUAL(count_told(0, LIMIT + 1, BIT(UNANSWERED)), LIMIT + 1);
    CHECK_EQUAL(count_told(LIMIT + 1, 3 * LIMIT, BIT(UNANSWERED_MINOR)), 2 * LIMIT - 1);
    CHECK(store_summary(LIMIT).passes_embryonic);
    CHECK(store_summary(LIMIT + 1).server_passed && !store_summary(LIMIT + 1).client_passed);
    CHECK(!store_summary(LIMIT).server_passed);
    uint32_t next = connections_count(); /* whoever it is, and whether it is answered or not */
    for (uint32_t i = 0; i < LIMIT; i++) {
        syn(300 + i, 40000, 1, PORT);
        answer(300 + i, 40000, 1, PORT, SA);
        store.now += SECOND;
        answer(300 + i, 40000, 1, PORT, SA); /* again: that would be a warning */
    }
    syn(400, 40000, 2, PORT); /* another server */
    store.now += 2 * SECOND;
    connections_finish(store.now);
    CHECK_EQUAL(count_told(next, next + LIMIT, BIT(EMBRYONIC_MINOR)), LIMIT);
    CHECK_EQUAL(told(next + LIMIT), BIT(UNANSWERED));
    connections_close();
}

/* Once enough of them are done, a new one that waits has a warning. */
static void load_falls(void)
{
    store_begin(LIMIT);
    flood(100, LIMIT + 1);
    syn(200, 40000, 1, PORT);
    store.now += 2 * SECOND;
    for (uint32_t i = 0; i < 2; i++) {
        complete(100 + i, 40000, 1, PORT);
    }
    syn(201, 40000, 1, PORT);
    syn(202, 40000, 1, PORT);
    store.now += 2 * SECOND;
    connections_finish(store.now);
    CHECK_EQUAL(told(LIMIT + 1), BIT(UNANSWERED_MINOR));
    CHECK_EQUAL(told(LIMIT + 2), BIT(UNANSWERED));
    CHECK_EQUAL(told(LIMIT + 3), BIT(UNANSWERED_MINOR));
    connections_close();
}

/* Too many idle ones are the reason, too, why a server takes no more. */
static void idle_ones(void)
{
    store_begin(LIMIT);
    for (uint32_t i = 0; i <= LIMIT; i++) {
        struct spot spot = spot_at(100 + i, 40000, 1, PORT);
        store_handshake(&spot);
    }
    syn(200, 40000, 1, PORT);
    store.now += 80 * SECOND;
    syn(201, 40000, 1, PORT);
    CHECK_EQUAL(store.record.of_load, FINDING_MANY_IDLE);
    store.now += 2 * SECOND;
    connections_finish(store.now);
    CHECK_EQUAL(told(LIMIT + 1), BIT(UNANSWERED)); /* it came before they were idle */
    CHECK_EQUAL(told(LIMIT + 2), BIT(UNANSWERED_MINOR));
    connections_close();
}

/* In one pass, on the SYN that comes after the time-out: the same as in two. */
static void in_one_pass(void)
{
    store_begin(LIMIT);
    flood(100, LIMIT + 2);
    store.now += 10 * SECOND;
    for (uint32_t i = 0; i < LIMIT + 2; i++) {
        syn(100 + i, 40000, 1, PORT);
        CHECK_EQUAL(store.reported, i <= LIMIT ? BIT(UNANSWERED) : BIT(UNANSWERED_MINOR));
    }
    store.now += 10 * SECOND;
    syn(100, 40000, 1, PORT);
    CHECK_EQUAL(store.reported, 0); /* once */
    connections_close();
}

/* Nobody was captured meanwhile: then it is counted and told on the same segment. */
static void counted_when_told(void)
{
    store_begin(LIMIT);
    for (uint32_t i = 0; i < LIMIT + 2; i++) {
        syn(100 + i, 40000, 1, PORT);
    }
    store.now += 10 * SECOND;
    syn(100 + LIMIT + 1, 40000, 1, PORT);
    CHECK_EQUAL(store.reported, BIT(UNANSWERED_MINOR));
    connections_close();
}

/* Ports of a host. */
static void scan(uint16_t first_port, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint16_t port = (uint16_t)(first_port + i);
        syn(SCANNER, (uint16_t)(port + 20000), 1, port);
    }
    store.now += 2 * SECOND;
}

/* As many as the limit allows are no scan; one more is, and is told once. */
static void ports_of_a_host(void)
{
    store_begin(LIMIT);
    scan(1, LIMIT);
    CHECK_EQUAL(syn(SCANNER, 39999, 2, PORT), 0); /* this one is young */
    store.now += SECOND - 1;
    CHECK_EQUAL(syn(SCANNER, 39998, 1, 1), 0);
    store.now += 1;
    CHECK_EQUAL(syn(100, 40000, 1, 2), 0); /* not that client */
    CHECK_EQUAL(syn(SCANNER, 39998, 1, 1), FINDING_MANY_UNANSWERED);
    store.now += 2 * SECOND;
    scan(1000, 3 * LIMIT);
    CHECK_EQUAL(syn(SCANNER, 39997, 1, 1), 0);
    store.now += 2 * SECOND;
    connections_finish(store.now);
    CHECK_EQUAL(count_told(0, LIMIT + 1, BIT(UNANSWERED)), LIMIT + 1);
    CHECK_EQUAL(told(LIMIT + 1), BIT(UNANSWERED_MINOR)); /* the port that was tried already, twice */
    CHECK_EQUAL(told(LIMIT + 2), BIT(UNANSWERED));       /* another client's */
    CHECK_EQUAL(count_told(LIMIT + 3, connections_count(), BIT(UNANSWERED_MINOR)), 3 * LIMIT + 1);
    CHECK(store_summary(LIMIT + 3).client_passed && !store_summary(LIMIT + 3).server_passed);
    connections_close();
}

/* Where no segment could tell, it stands on the connection with which the limit was passed. */
static void at_the_end(void)
{
    store_begin(LIMIT);
    scan(1, LIMIT + 3);
    for (unsigned i = 0; i < 3; i++) { /* however often */
        connections_finish(store.now);
        CHECK(store_summary(LIMIT).passes_unanswered);
        CHECK(!store_summary(LIMIT - 1).passes_unanswered && !store_summary(LIMIT + 1).passes_unanswered);
    }
    CHECK_EQUAL(syn(SCANNER, 39999, 1, 60000), FINDING_MANY_UNANSWERED); /* the capture has grown */
    connections_finish(store.now);
    CHECK(!store_summary(LIMIT).passes_unanswered);
    connections_close();
}

/* One port that is dead, however often it is tried: no scan. Nor are those that answer, in whatever way. */
static void no_scan(void)
{
    store_begin(LIMIT);
    for (uint32_t i = 0; i < LIMIT; i++) { /* a health checker, and four dead hosts */
        for (uint32_t server = 1; server < LIMIT; server++) {
            CHECK_EQUAL(syn(SCANNER, (uint16_t)(40000 + 100 * i + server), server, PORT), 0);
            store.now += 2 * SECOND;
        }
    }
    for (uint32_t i = 0; i < 10 * LIMIT; i++) {
        uint16_t port = (uint16_t)(50000 + i);
        CHECK_EQUAL(syn(SCANNER, port, 1, port), 0);
        store.now += SECOND / 2;
        switch (i % 3) {
        case 0: answer(SCANNER, port, 1, port, RA); break;
        case 1: answer(SCANNER, port, 1, port, SA); break; /* never completed: it answers nevertheless */
        default: complete(SCANNER, port, 1, port); break;
        }
        store.now += 2 * SECOND;
    }
    CHECK_EQUAL(syn(SCANNER, 39999, 1, OTHER_PORT), 0);
    connections_finish(store.now);
    for (uint32_t i = 0; i < connections_count(); i++) {
        CHECK(!store_summary(i).passes_unanswered && !store_summary(i).client_passed);
    }
    connections_close();
}

/* An answer that comes when it was counted already takes it back: a SYN-ACK, a RST, an ICMP error. */
static void answered_late(unsigned flags)
{
    store_begin(LIMIT);
    scan(1, LIMIT);
    syn(SCANNER, 39999, 2, PORT); /* counts the others */
    if (flags != 0) {
        answer(SCANNER, 20001, 1, 1, flags);
    } else {
        struct spot spot = spot_at(SCANNER, 20001, 1, 1);
        uint32_t number;
        struct segment segment = {0};
        struct tuple tuple = store_tuple(&spot, CLIENT, &segment);
        CHECK(connections_icmp(&tuple, tuple.from, (seq_t){spot.isn[0]}, store.frame, store.now, &number));
    }
    store.now += 2 * SECOND;
    CHECK_EQUAL(syn(SCANNER, 39998, 2, PORT + 1), 0);
    store.now += 2 * SECOND;
    CHECK_EQUAL(syn(SCANNER, 39997, 2, PORT), FINDING_MANY_UNANSWERED); /* with one more */
    connections_close();
}

/* What answered late and then falls silent counts again. */
static void silent_again(void)
{
    store_begin(LIMIT);
    scan(1, LIMIT);
    syn(SCANNER, 39999, 1, 1); /* counts the others; itself, it is one of them */
    answer(SCANNER, 20001, 1, 1, RA);
    store.now += 2 * SECOND;
    CHECK_EQUAL(syn(SCANNER, 39998, 2, PORT), 0);
    store.now += 2 * SECOND;
    CHECK_EQUAL(syn(SCANNER, 39997, 2, PORT + 1), FINDING_MANY_UNANSWERED);
    connections_close();
}

/* Sends the SYN on that port so often, a second apart. */
static void insist(uint16_t port, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        syn(SCANNER, (uint16_t)(port + 20000), 1, port);
        store.now += SECOND;
    }
}

/* Whoever tries for the third time wants an answer: up to the limit they have a warning of their own. */
static void those_that_go_on(void)
{
    store_begin(LIMIT);
    scan(1, LIMIT + 1);
    uint32_t next = connections_count();
    insist(100, 2);
    for (uint32_t i = 0; i < LIMIT + 2; i++) {
        insist((uint16_t)(200 + i), 3);
    }
    store.now += 10 * SECOND;
    connections_finish(store.now);
    CHECK_EQUAL(told(next), BIT(UNANSWERED_MINOR));
    CHECK_EQUAL(count_told(next + 1, next + 1 + LIMIT, BIT(UNANSWERED)), LIMIT);
    CHECK_EQUAL(count_told(next + 1 + LIMIT, next + 3 + LIMIT, BIT(UNANSWERED_MINOR)), 2);
    connections_close();
}

/* Three SYNs within the first second: it was them already when it is counted. */
static void in_haste(void)
{
    store_begin(LIMIT);
    scan(1, LIMIT + 1);
    uint32_t next = connections_count();
    for (unsigned i = 0; i < 3; i++) {
        syn(SCANNER, 39999, 1, 100);
        store.now += SECOND / 4;
    }
    store.now += 10 * SECOND;
    connections_finish(store.now);
    CHECK_EQUAL(told(next), BIT(UNANSWERED));
    connections_close();
}

/* What waited before a hole of the capture's clock isn't there at once with what waits behind it. */
static void hole(void)
{
    store_begin(LIMIT);
    capture_clock_open(600 * SECOND);
    for (unsigned part = 0; part < 2; part++) {
        capture_clock_advance(store.frame + 1, store.now);
        uint32_t next = connections_count();
        for (uint32_t i = 0; i < 2 * LIMIT; i++) {
            syn(SCANNER, (uint16_t)(1000 + 100 * part + i), 1, (uint16_t)(1 + i)); /* the same ports */
        }
        store.now += 3 * SECOND;
        for (uint32_t i = 0; i < LIMIT; i++) {
            insist((uint16_t)(100 + 100 * part + i), 3);
        }
        capture_clock_advance(store.frame + 1, store.now);
        connections_finish(store.now);
        CHECK_EQUAL(count_told(next + 2 * LIMIT, next + 3 * LIMIT, BIT(UNANSWERED)), LIMIT);
        CHECK_EQUAL(count_told(next, next + LIMIT + 1, BIT(UNANSWERED)), LIMIT + 1);
        CHECK_EQUAL(count_told(next + LIMIT + 1, next + 2 * LIMIT, BIT(UNANSWERED_MINOR)), LIMIT - 1);
        store.now += 10000 * SECOND;
    }
    capture_clock_close();
    connections_close();
}

/* However short the time-out: it is counted before it could be warned of. */
static void short_time_out(void)
{
    struct timeouts timeouts = store_timeouts;
    timeouts.handshake = 0;
    connections_open(&(struct limits){.time_wait = 60 * SECOND, .timeouts = timeouts, .many = LIMIT});
    flood(100, LIMIT + 1);
    struct spot late = spot_at(200, 40000, 1, PORT);
    STORE(&late, .from = CLIENT, .flags = S);
    store.now += SECOND;
    STORE(&late, .from = CLIENT, .flags = S);
    CHECK_EQUAL(store.reported, BIT(UNANSWERED_MINOR));
    connections_close();
}

/* A flood from forged addresses: what the server's warning covers takes no memory for its client. */
static void memory(void)
{
    enum { MANY = 20000 };
    store_begin(LIMIT);
    for (uint32_t i = 0; i < MANY; i++) {
        syn(1000 + i, 40000, 1, PORT);
        store.now += SECOND / 10;
    }
    connections_finish(store.now + 2 * SECOND);
    CHECK(counted_bytes() < 2 * MANY);
    connections_close();

    store_begin(LIMIT); /* as many servers as clients */
    for (uint32_t i = 0; i < MANY; i++) {
        syn(1000 + i, 40000, 1000000 + i, PORT);
        store.now += SECOND / 10;
    }
    connections_finish(store.now + 2 * SECOND);
    CHECK(counted_bytes() < 80 * MANY);
    connections_close();
}

int main(void)
{
    further_ones_of_a_server();
    load_falls();
    idle_ones();
    in_one_pass();
    counted_when_told();
    ports_of_a_host();
    at_the_end();
    no_scan();
    answered_late(SA);
    answered_late(RA);
    answered_late(0);
    silent_again();
    those_that_go_on();
    in_haste();
    hole();
    short_time_out();
    memory();
    return check_result();
}
