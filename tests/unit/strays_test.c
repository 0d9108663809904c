/* strays_test.c - what shows at its receiver's point only: missed, or made by a device between
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "flying.h"
#include "points/strays.h"
#include "thresholds.h"

enum { TTL = 60, BURST = 12 };

static struct strays s, other;

static void begin(void)
{
    s = other = (struct strays){.count = 0};
    flying_frame = 0;
}

static uint32_t stray(struct shown shown)
{
    struct flight flight = shown_flight(shown);
    strays_add(&s, &flight, true, true);
    return flight.frame;
}

/* The frame of what that contradicts, or 0. */
static uint32_t depart(struct shown shown)
{
    struct flight flight = shown_flight(shown), confirmed;
    struct parts parts;
    if (strays_claim(&s, &flight, INVERTED_MS, &parts)) {
        return 0;
    }
    strays_confirm(&s, &flight, &confirmed);
    const struct flight *made = strays_contradict(&s, &flight);
    return made != NULL ? made->frame : 0;
}

static bool is_made(unsigned at)
{
    return stray_is_made(&s, &other, &s.stray[at]);
}

#define STRAY(...) stray((struct shown){__VA_ARGS__})
#define GOES_ON(...) depart((struct shown){__VA_ARGS__})

/* The first witness, of a RST: its sender goes on. */
static void goes_on_after_a_reset(void)
{
    begin();
    uint32_t frame = STRAY(.at = 100, .seq = 50, .flags = FLAG_RST, .ttl = TTL);
    CHECK(!is_made(0));
    CHECK_EQUAL(GOES_ON(.at = 100 + INVERTED_MS, .seq = 50, .data = 5), 0); /* may have been sent before */
    CHECK_EQUAL(GOES_ON(.at = 150, .seq = 50, .flags = FLAG_RST), 0);       /* another one */
    CHECK_EQUAL(GOES_ON(.at = 150, .seq = 900, .flags = FLAG_SYN), 0);      /* a new connection... */
    CHECK_EQUAL(GOES_ON(.at = 150, .seq = 901, .ack = 3), 0);               /* ...and its numbers */
    CHECK_EQUAL(GOES_ON(.at = 150, .seq = 50u - (1u << 18), .ack = 3), 0);  /* far below */
    CHECK(!is_made(0));
    CHECK_EQUAL(GOES_ON(.at = 101 + INVERTED_MS, .seq = 50, .data = 5), frame);
    CHECK(is_made(0));
    CHECK_EQUAL(GOES_ON(.at = 200, .seq = 55, .data = 5), 0); /* told once */
    CHECK_EQUAL(s.contradicted, flying_frame - 1);
}

/* A RST in answer to what belongs to nobody is no end of a connection: its sender may go on. */
static void reset_elsewhere(void)
{
    begin();
    struct flight reset = shown_flight((struct shown){.at = 0, .seq = 7, .flags = FLAG_RST, .ttl = TTL});
    strays_add(&s, &reset, true, false);
    CHECK_EQUAL(GOES_ON(.at = 500, .seq = 7, .data = 5), 0);
    CHECK(!is_made(0));
}

/* Of a FIN: data in its place, and behind. */
static void data_in_place_of_a_fin(void)
{
    begin();
    uint32_t frame = STRAY(.at = 0, .seq = 50, .flags = FLAG_FIN | FLAG_ACK, .ttl = TTL);
    CHECK_EQUAL(GOES_ON(.at = 100, .seq = 40, .data = 10), 0);  /* in front of it */
    CHECK_EQUAL(GOES_ON(.at = 100, .seq = 50, .data = 1), 0);   /* a keepalive may have a byte there */
    CHECK_EQUAL(GOES_ON(.at = 100, .seq = 50, .ack = 9), 0);    /* it stood there when it was on its way */
    CHECK_EQUAL(GOES_ON(.at = 100, .seq = 2000, .data = 9), 0); /* the next connection */
    CHECK_EQUAL(GOES_ON(.at = 100, .seq = 50, .data = 2), frame);
    CHECK(is_made(0));
}

/* Of data: an ACK that stands below them, when they came back acknowledged. */
static void stands_below_data(bool acked)
{
    begin();
    uint32_t frame = STRAY(.at = 0, .seq = 50, .data = 100, .ttl = TTL);
    CHECK_EQUAL(GOES_ON(.at = 100, .seq = 50, .data = 10), 0); /* which may be sent again */
    CHECK_EQUAL(GOES_ON(.at = 100, .seq = 50, .ack = 9), 0);   /* not acknowledged */
    if (acked) {
        CHECK(strays_acknowledge(&s, &(struct segment){.ack = {150}, .time = 120 * MS}, true) != NULL);
        CHECK(strays_acknowledge(&s, &(struct segment){.ack = {150}, .time = 121 * MS}, true) ==
              NULL); /* once */
    }
    CHECK_EQUAL(GOES_ON(.at = 120 + INVERTED_MS, .seq = 50, .ack = 9), 0); /* was on its way */
    CHECK_EQUAL(GOES_ON(.at = 200, .seq = 149, .ack = 9), 0);              /* a keepalive */
    CHECK_EQUAL(GOES_ON(.at = 200, .seq = 50, .data = 10), 0);
    CHECK_EQUAL(GOES_ON(.at = 200, .seq = 50, .ack = 9), acked ? frame : 0);
    CHECK_EQUAL(is_made(0), acked);
}

/* The point of the sender missed them: what goes on behind shows it, and nobody is accused. */
static void missed(void)
{
    begin();
    STRAY(.at = 0, .seq = 50, .data = 100, .ttl = TTL);
    CHECK_EQUAL(GOES_ON(.at = 100, .seq = 150, .data = 100), 0);
    CHECK_EQUAL(s.count, 0);
    STRAY(.at = 200, .seq = 250, .flags = FLAG_FIN | FLAG_ACK, .ttl = TTL);
    CHECK_EQUAL(GOES_ON(.at = 300, .seq = 251, .ack = 9), 0);
    CHECK_EQUAL(s.count, 0);
}

/* But not if the sender's point has seen those bytes depart otherwise: it stays what was seen once. */
static void sent_otherwise(void)
{
    begin();
    STRAY(.at = 0, .seq = 50, .data = 100, .ttl = TTL);
    CHECK_EQUAL(GOES_ON(.at = 100, .seq = 50, .data = 20), 0);
    CHECK_EQUAL(GOES_ON(.at = 110, .seq = 500, .data = 20), 0);
    CHECK_EQUAL(s.count, 1);
    CHECK(!is_made(0));
}

/* The second witness: its TTL is that of nothing else there. */
static void strange_ttl(void)
{
    begin();
    STRAY(.at = 0, .seq = 50, .flags = FLAG_RST, .ttl = TTL);
    CHECK(!is_made(0)); /* nothing to compare with */
    strays_learn_ttl(&s, TTL);
    strays_learn_ttl(&s, 0); /* not known */
    CHECK(!is_made(0));
    STRAY(.at = 0, .seq = 50, .flags = FLAG_RST, .ttl = TTL + 3);
    STRAY(.at = 0, .seq = 50, .flags = FLAG_RST);
    CHECK(is_made(1));
    CHECK(!is_made(2));            /* its own isn't known */
    strays_learn_ttl(&s, TTL + 1); /* paths that change */
    CHECK(!is_made(1));
}

/* The third: both ends got a RST, and neither sent one. */
static void both_reset(void)
{
    begin();
    STRAY(.at = 0, .seq = 50, .flags = FLAG_RST, .ttl = TTL);
    STRAY(.at = 0, .seq = 50, .data = 5, .ttl = TTL);
    struct flight back = shown_flight((struct shown){.at = 1, .seq = 9, .data = 5});
    strays_add(&other, &back, true, true);
    CHECK(!is_made(0));
    back = shown_flight((struct shown){.at = 1, .seq = 9, .flags = FLAG_RST});
    strays_add(&other, &back, true, true);
    CHECK(is_made(0));
    CHECK(!is_made(1));                           /* of RSTs only */
    CHECK(!stray_is_made(&s, NULL, &s.stray[0])); /* points that miss packets may have missed both */
}

/* Who is beyond suspicion isn't accused, whatever follows. */
static void not_suspect(void)
{
    begin();
    struct flight flight = shown_flight((struct shown){.at = 0, .seq = 50, .flags = FLAG_RST, .ttl = 9});
    strays_learn_ttl(&s, TTL);
    strays_add(&s, &flight, false, true);
    CHECK_EQUAL(GOES_ON(.at = 100, .seq = 50, .data = 2), 0);
    CHECK(!is_made(0));
}

/* A network that copies a RST makes none. */
static void copied(void)
{
    begin();
    GOES_ON(.at = 0, .seq = 50, .flags = FLAG_RST, .ip_id = 4);
    STRAY(.at = 20, .seq = 50, .flags = FLAG_RST, .ip_id = 4, .ttl = TTL);
    CHECK_EQUAL(s.count, 0);
    STRAY(.at = 20, .seq = 50, .flags = FLAG_RST, .ip_id = 5, .ttl = TTL);
    CHECK_EQUAL(s.count, 1);
    begin();
    for (unsigned id = 4; id < 4 + BURST; id++) { /* who answers a burst, each segment of it */
        GOES_ON(.at = 0, .seq = 50, .flags = FLAG_RST, .ip_id = (uint16_t)id);
    }
    STRAY(.at = 20, .seq = 50, .flags = FLAG_RST, .ip_id = 4, .ttl = TTL);
    CHECK_EQUAL(s.count, 0);
}

/* 10 ms of inverted order are borne: it departs after it arrived. */
static void inverted(void)
{
    struct parts parts;
    begin();
    uint32_t frame = STRAY(.at = 100, .seq = 50, .data = 5);
    struct flight late = shown_flight((struct shown){.at = 101 + INVERTED_MS, .seq = 50, .data = 5});
    struct flight departure = shown_flight((struct shown){.at = 100 + INVERTED_MS, .seq = 50, .data = 5});
    CHECK(!strays_claim(&s, &late, INVERTED_MS, &parts));
    CHECK(strays_claim(&s, &departure, INVERTED_MS, &parts));
    CHECK_EQUAL(parts.count, 1);
    CHECK_EQUAL(parts.part[0].frame, frame);
    CHECK(!strays_claim(&s, &departure, INVERTED_MS, &parts));
}

/* Few are kept; suspects longest. */
static void bounded(void)
{
    begin();
    uint32_t frame = STRAY(.at = 0, .seq = 50, .flags = FLAG_RST, .ttl = TTL);
    for (unsigned i = 0; i < 100; i++) {
        struct flight flight = shown_flight((struct shown){.at = 1, .seq = i});
        strays_add(&s, &flight, false, false);
        CHECK(s.count <= STRAYS_MAX);
    }
    CHECK_EQUAL(s.stray[0].flight.frame, frame);
    for (unsigned i = 0; i < 100; i++) {
        STRAY(.at = 2, .seq = i, .flags = FLAG_RST, .ttl = TTL);
        CHECK(s.count <= STRAYS_MAX);
    }
}

int main(void)
{
    goes_on_after_a_reset();
    reset_elsewhere();
    data_in_place_of_a_fin();
    stands_below_data(true);
    stands_below_data(false);
    missed();
    sent_otherwise();
    strange_ttl();
    both_reset();
    not_suspect();
    copied();
    inverted();
    bounded();
    return check_result();
}
