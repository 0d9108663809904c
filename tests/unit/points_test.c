/* points_test.c - connections that are captured at two points
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store.h"
#include "points/changes.h"

enum { NEAR_CLIENT = 1, NEAR_SERVER = 2, MIDDLE = 3, BYSTANDER_PORT = 9, TTL = 64, HOPS = 3 };

/* A segment between two hosts, and what devices on its way make of it. */
static struct spot spot, translated;
static const struct spot *at_server; /* the four-tuple as the server has it */
static uint32_t isn_offset[2];       /* by sender: added on the way to the second point */
static uint16_t mss_at_server;
static bool with_id, with_vlans;
static int64_t clock_offset; /* of the second point */
static uint16_t ids[2];
static unsigned told_of; /* the crossing of the newest segment: its point */

static void begin(void)
{
    store_begin(32);
    spot = spot_of(1, 2, 40000, 80);
    at_server = &spot;
    isn_offset[0] = isn_offset[1] = 0;
    mss_at_server = 1460;
    with_id = true;
    with_vlans = false;
    clock_offset = 0;
    ids[0] = 1000;
    ids[1] = 5000;
}

static void end(void)
{
    connections_close();
}

static uint16_t place(unsigned point)
{
    unsigned interface = with_vlans ? 1 : point;
    return (uint16_t)(interface << PLACE_LINK_BITS | point);
}

struct sight {
    struct shot shot;
    unsigned point, ttl;
    uint16_t id;
};

/* Captured at one point. Returns its frame. */
static uint32_t see(struct sight sight)
{
    const struct shot *shot = &sight.shot;
    bool second = sight.point == NEAR_SERVER, departs = second == (shot->from == SERVER);
    uint32_t own = second ? isn_offset[shot->from] : 0, other = second ? isn_offset[!shot->from] : 0;
    struct segment segment = {
        .seq = {spot.isn[shot->from] + shot->seq + own},
        .ack = {shot->flags & FLAG_ACK ? spot.isn[!shot->from] + shot->ack + other : 0},
        .flags = (uint16_t)shot->flags,
        .window = 64240,
        .data = shot->data,
        .mss = shot->flags & FLAG_SYN ? (second ? mss_at_server : 1460) : 0,
    };
    int64_t now = store.now;
    store.now += second ? clock_offset : 0;
    struct tuple tuple = store_tuple(second ? at_server : &spot, shot->from, &segment);
    store.now = now;
    segment.ttl = (uint8_t)(sight.ttl != 0 ? sight.ttl : departs ? TTL : TTL - HOPS);
    segment.has_ip_id = with_id;
    segment.ip_id = with_id ? sight.id : 0;
    segment.path = (uint16_t)sight.point;
    segment.point = (uint16_t)(sight.point << 8 | segment.ttl);
    segment.place = place(sight.point);
    store_observe(&tuple, &segment);
    told_of = store.crossing.point;
    return segment.frame;
}

static uint16_t next_id(unsigned from)
{
    return ++ids[from];
}

/* It departs at its sender's point, and arrives 5 ms later. Returns the frame of the arrival. */
static uint32_t pass(struct shot shot)
{
    unsigned near = shot.from == CLIENT ? NEAR_CLIENT : NEAR_SERVER;
    uint16_t id = next_id(shot.from);
    see((struct sight){.shot = shot, .point = near, .id = id});
    store.now += 5 * MILLISECOND;
    return see((struct sight){.shot = shot, .point = NEAR_CLIENT + NEAR_SERVER - near, .id = id});
}

/* It departs and never arrives. */
static uint32_t lose(struct shot shot)
{
    unsigned near = shot.from == CLIENT ? NEAR_CLIENT : NEAR_SERVER;
    store.now += MILLISECOND;
    return see((struct sight){.shot = shot, .point = near, .id = next_id(shot.from)});
}

/* It arrives and never departed. */
static uint32_t appear(struct shot shot, unsigned ttl)
{
    unsigned far = shot.from == CLIENT ? NEAR_SERVER : NEAR_CLIENT;
    store.now += MILLISECOND;
    return see((struct sight){.shot = shot, .point = far, .id = next_id(shot.from), .ttl = ttl});
}

#define PASS(...) pass((struct shot){__VA_ARGS__})
#define LOSE(...) lose((struct shot){__VA_ARGS__})
#define APPEAR(...) appear((struct shot){__VA_ARGS__}, 0)

static void handshake(void)
{
    PASS(.from = CLIENT, .flags = S);
    PASS(.from = SERVER, .flags = SA, .ack = 1);
    PASS(.from = CLIENT, .flags = A, .seq = 1, .ack = 1);
}

/* Both points go on for a while. */
static void finish(void)
{
    points_see(1, store.now + 20 * SECOND);
    points_see(2, store.now + 20 * SECOND);
    connections_finish(store.now + 20 * SECOND);
}

static enum state client_state(void)
{
    const struct observation *o = &store.record.observation;
    return o->sender_role == ROLE_CLIENT ? o->sender.after : o->peer.after;
}

static enum state server_state(void)
{
    const struct observation *o = &store.record.observation;
    return o->sender_role == ROLE_CLIENT ? o->peer.after : o->sender.after;
}

static unsigned marks_of(findings_t finding)
{
    unsigned count = 0;
    for (uint32_t frame = 1; frame <= store.frame; frame++) {
        count += (links_marks(frame) & finding) != 0;
    }
    return count;
}

/* From the second sighting on there are two points; each end is known at its own. */
static void two_points(void)
{
    begin();
    PASS(.from = CLIENT, .flags = S);
    CHECK_EQUAL(told_of, NEAR_SERVER);
    CHECK_EQUAL(client_state(), SYN_SENT);
    CHECK_EQUAL(server_state(), SYN_RECEIVED);
    uint32_t departed = LOSE(.from = SERVER, .flags = SA, .ack = 1);
    CHECK_EQUAL(told_of, NEAR_SERVER);
    CHECK_EQUAL(client_state(), SYN_SENT); /* it has not come there */
    store.now += SECOND;
    PASS(.from = SERVER, .flags = SA, .ack = 1);
    CHECK_EQUAL(told_of, NEAR_CLIENT);
    CHECK_EQUAL(client_state(), ESTABLISHED);
    CHECK_EQUAL(server_state(), SYN_RECEIVED);
    CHECK(store.crossing.findings & FINDING_LOST_BETWEEN);
    CHECK_EQUAL(store.crossing.lost, departed);
    PASS(.from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(server_state(), ESTABLISHED);
    CHECK(store.record.observation.findings & FINDING_ARRIVAL);
    finish();
    struct summary s = store_summary(0);
    CHECK_EQUAL(connections_count(), 1);
    CHECK_EQUAL(s.between.points, 2);
    CHECK_EQUAL(s.between.lost[0], 0);
    CHECK_EQUAL(s.between.lost[1], 1);
    CHECK_EQUAL(s.between.transit[0], 5 * MILLISECOND);
    CHECK_EQUAL(s.between.transit[1], 5 * MILLISECOND);
    CHECK_EQUAL(s.between.changed & ~(unsigned)CHANGE_TTL, 0);
    CHECK_EQUAL(links_marks(departed), FINDING_LOST_BETWEEN);
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN | FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE), 1);
    end();
}

/* One place shows each packet twice: copies, as ever. */
static void one_place(void)
{
    begin();
    for (unsigned i = 0; i < 4; i++) {
        struct shot shot = i == 0   ? (struct shot){.from = CLIENT, .flags = S}
                           : i == 1 ? (struct shot){.from = SERVER, .flags = SA, .ack = 1}
                                    : (struct shot){.from = CLIENT, .flags = A, .seq = 1, .ack = 1};
        uint16_t id = next_id(shot.from);
        see((struct sight){.shot = shot, .point = NEAR_CLIENT, .id = id, .ttl = TTL});
        store.now += 3000; /* ns */
        see((struct sight){.shot = shot, .point = NEAR_SERVER, .id = id, .ttl = TTL});
        store.now += 2 * MILLISECOND;
    }
    CHECK_EQUAL(told_of, 0);
    CHECK_EQUAL(store.record.observation.seq_verdict, SEQ_COPY);
    LOSE(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 10); /* at one interface only */
    finish();
    CHECK_EQUAL(store_summary(0).between.points, 0);
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN | FINDING_SEEN_ONCE), 0);
    end();
}

/* A VLAN or a pair of MAC addresses is a point only after both directions were seen at both. */
static void by_vlan(void)
{
    begin();
    with_vlans = true;
    PASS(.from = CLIENT, .flags = S);
    CHECK_EQUAL(told_of, 0);
    PASS(.from = SERVER, .flags = SA, .ack = 1);
    CHECK_EQUAL(told_of, NEAR_CLIENT);
    PASS(.from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(told_of, NEAR_SERVER);
    uint32_t lost = LOSE(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 10);
    finish();
    CHECK_EQUAL(links_marks(lost), FINDING_LOST_BETWEEN);
    end();
}

/* 10 ms of inverted order are borne; more, and the clocks differ: one point judges, and nothing is named. */
static void clocks(int64_t ahead, bool differ)
{
    begin();
    clock_offset = ahead;
    findings_t told = 0;
    for (unsigned i = 0; i < 4; i++) {
        PASS(.from = CLIENT, .flags = i == 0 ? S : A, .seq = i != 0, .ack = i != 0);
        told |= store.record.observation.findings;
        PASS(.from = SERVER, .flags = i == 0 ? SA : A, .seq = i != 0, .ack = 1);
        told |= store.record.observation.findings;
    }
    CHECK_EQUAL((told & FINDING_CLOCKS_DIFFER) != 0, differ);
    LOSE(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 10);
    finish();
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN), differ ? 0 : 1);
    CHECK_EQUAL(store_summary(0).between.points, differ ? 0 : 2);
    end();
}

/* Lost: only while the other point captures. What it stops to see isn't lost. */
static void until_the_other_point_ends(void)
{
    begin();
    handshake();
    store.now += 5 * SECOND;
    LOSE(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 10);
    connections_finish(store.now + 100 * SECOND);
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN), 0);
    points_see(2, store.now + SECOND - 1);
    connections_finish(store.now + 100 * SECOND);
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN), 0);
    points_see(2, store.now + SECOND);
    connections_finish(store.now + 100 * SECOND); /* again, as the capture grows */
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN), 1);
    connections_finish(store.now + 100 * SECOND);
    CHECK_EQUAL(store_summary(0).between.lost[0], 1);
    end();
}

/* In one pass: not before it is so late that no other way takes as long; 200 ms, or a transit of 5 ms. */
static bool is_told_after(int64_t later)
{
    begin();
    handshake();
    uint32_t lost = LOSE(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 10);
    store.now += later;
    PASS(.from = CLIENT, .flags = PA, .seq = 11, .ack = 1, .data = 10);
    bool told = (store.crossing.findings & FINDING_LOST_BETWEEN) != 0;
    finish();
    CHECK_EQUAL(links_marks(lost), FINDING_LOST_BETWEEN);
    end();
    return told;
}

static void told_late(void)
{
    CHECK(!is_told_after(200 * MILLISECOND));
    CHECK(is_told_after(200 * MILLISECOND + 1));
}

/* What the far end acknowledges was missed by the other point. */
static void missed(void)
{
    begin();
    handshake();
    LOSE(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 10);
    PASS(.from = SERVER, .flags = A, .seq = 1, .ack = 11);
    LOSE(.from = CLIENT, .flags = FA, .seq = 11, .ack = 1); /* its ACK is missed at the server's point, too */
    APPEAR(.from = SERVER, .flags = A, .seq = 1, .ack = 12);
    LOSE(.from = CLIENT, .flags = A, .seq = 12, .ack = 1); /* a pure ACK beside those */
    finish();
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN), 0);
    CHECK_EQUAL(store_summary(0).between.lost[0], 0);
    end();
}

/* A FIN that got lost: the server is not in CLOSE-WAIT; one that arrived: it is. */
static void fins(void)
{
    begin();
    handshake();
    uint32_t lost = LOSE(.from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    CHECK_EQUAL(client_state(), FIN_WAIT_1);
    CHECK_EQUAL(server_state(), ESTABLISHED);
    store.now += SECOND;
    PASS(.from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    CHECK_EQUAL(server_state(), CLOSE_WAIT);
    PASS(.from = SERVER, .flags = FA, .seq = 1, .ack = 2);
    PASS(.from = CLIENT, .flags = A, .seq = 2, .ack = 2);
    CHECK_EQUAL(client_state(), TIME_WAIT);
    CHECK_EQUAL(server_state(), CLOSED);
    finish();
    CHECK_EQUAL(links_marks(lost), FINDING_LOST_BETWEEN);
    CHECK_EQUAL(store_summary(0).between.lost[0], 1);
    end();
}

/* A RST that arrives and never departed: who sent it goes on. */
static void made_reset(bool goes_on)
{
    begin();
    handshake();
    store.now += SECOND;
    uint32_t frame = APPEAR(.from = SERVER, .flags = R, .seq = 1);
    store.now += SECOND;
    if (goes_on) {
        LOSE(.from = SERVER, .flags = PA, .seq = 1, .ack = 1, .data = 10);
        CHECK(store.crossing.findings & FINDING_MADE_BETWEEN);
        CHECK_EQUAL(store.crossing.made, frame);
    }
    finish();
    CHECK_EQUAL(links_marks(frame), goes_on ? FINDING_MADE_BETWEEN : FINDING_SEEN_ONCE);
    CHECK_EQUAL(marks_of(FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE), 1);
    end();
}

/* Its TTL is that of nothing else there. */
static void strange_ttl(void)
{
    begin();
    handshake();
    store.now += SECOND;
    uint32_t frame = appear((struct shot){.from = SERVER, .flags = R, .seq = 1}, TTL - HOPS + 1);
    finish();
    CHECK_EQUAL(links_marks(frame), FINDING_MADE_BETWEEN);
    end();
}

/* Both ends got one, and neither sent any; unless the points miss packets. */
static void both_reset(bool misses)
{
    begin();
    handshake();
    if (misses) {
        APPEAR(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 10);
        PASS(.from = CLIENT, .flags = PA, .seq = 11, .ack = 1, .data = 10);
    }
    store.now += SECOND;
    uint32_t to_client = APPEAR(.from = SERVER, .flags = R, .seq = 1);
    uint32_t to_server = APPEAR(.from = CLIENT, .flags = R, .seq = misses ? 21 : 1);
    finish();
    findings_t expected = misses ? FINDING_SEEN_ONCE : FINDING_MADE_BETWEEN;
    CHECK_EQUAL(links_marks(to_client), expected);
    CHECK_EQUAL(links_marks(to_server), expected);
    end();
}

/* An abort that overtakes the last data: its number is ahead of what has arrived, so that the server
 * challenges it (RFC 5961). The IP ID shows that something is missing before it: that is still on its way. */
static void reset_overtakes(bool data)
{
    begin();
    handshake();
    if (data) {
        LOSE(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 5);
    } else {
        next_id(CLIENT); /* missed at both points */
    }
    PASS(.from = CLIENT, .flags = RA, .seq = 6, .ack = 1);
    CHECK_EQUAL(client_state(), CLOSED);
    CHECK_EQUAL(server_state(), data ? ESTABLISHED : CLOSED);
    end();
}

/* A network that copies a RST has made none. */
static void copied_reset(void)
{
    begin();
    handshake();
    PASS(.from = CLIENT, .flags = R, .seq = 1);
    store.now += 50 * MILLISECOND;
    see((struct sight){.shot = {.from = CLIENT, .flags = R, .seq = 1}, .point = NEAR_SERVER, .id = ids[0]});
    finish();
    CHECK_EQUAL(marks_of(FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE | FINDING_LOST_BETWEEN), 0);
    end();
}

/* Address translation: one candidate that is the same packet. */
static void translation(void)
{
    begin();
    translated = spot_of(77, 2, 61000, 80);
    at_server = &translated;
    handshake();
    CHECK_EQUAL(connections_count(), 1);
    CHECK_EQUAL(told_of, NEAR_SERVER);
    uint32_t lost = LOSE(.from = SERVER, .flags = PA, .seq = 1, .ack = 1, .data = 10);
    finish();
    struct summary s = store_summary(0);
    CHECK_EQUAL(s.between.changed & CHANGE_ADDRESS, CHANGE_ADDRESS);
    CHECK_EQUAL(s.between.changed & CHANGE_SERVER, 0);
    CHECK_EQUAL(links_marks(lost), FINDING_LOST_BETWEEN);
    end();
}

/* A device answers the client's SYN, and opens with the server afterwards, `apart` from the client's ISN. */
static void open_apart(uint32_t apart)
{
    begin();
    isn_offset[CLIENT] = apart;
    isn_offset[SERVER] = 573808919;
    mss_at_server = 1300;
    LOSE(.from = CLIENT, .flags = S);
    APPEAR(.from = SERVER, .flags = SA, .ack = 1);
    LOSE(.from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(client_state(), ESTABLISHED);
    store.now += 5 * MILLISECOND;
    APPEAR(.from = CLIENT, .flags = S);
    LOSE(.from = SERVER, .flags = SA, .ack = 1);
    APPEAR(.from = CLIENT, .flags = A, .seq = 1, .ack = 1);
}

/* It adds a constant from then on: one connection, which it changes. */
static void spliced(void)
{
    open_apart(0);
    CHECK_EQUAL(client_state(), ESTABLISHED);
    CHECK_EQUAL(server_state(), ESTABLISHED);
    store.now += SECOND;
    PASS(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 100);
    CHECK(store.record.observation.findings & FINDING_ARRIVAL);
    PASS(.from = SERVER, .flags = PA, .seq = 1, .ack = 101, .data = 50);
    CHECK(store.record.observation.findings & FINDING_ARRIVAL);
    uint32_t lost = LOSE(.from = SERVER, .flags = PA, .seq = 51, .ack = 101, .data = 50);
    store.now += SECOND;
    PASS(.from = SERVER, .flags = PA, .seq = 51, .ack = 101, .data = 50);
    PASS(.from = CLIENT, .flags = FA, .seq = 101, .ack = 101);
    CHECK_EQUAL(server_state(), CLOSE_WAIT);
    finish();
    struct summary s = store_summary(0);
    unsigned expected = CHANGE_SPLICED | CHANGE_SERVER_ISN | CHANGE_MSS;
    CHECK_EQUAL(connections_count(), 1);
    CHECK_EQUAL(s.between.points, 2);
    CHECK_EQUAL(s.between.changed & (expected | CHANGE_ENDED | CHANGE_CLIENT_ISN), expected);
    CHECK_EQUAL(s.between.isn_offset[1], 573808919);
    CHECK_EQUAL(links_marks(lost), FINDING_LOST_BETWEEN);
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN | FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE), 1);
    end();
}

/* It speaks for either end with numbers of its own: two connections, each seen whole at its point. */
static void proxied(void)
{
    open_apart(987654321);
    store.now += SECOND;
    LOSE(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 100);
    APPEAR(.from = SERVER, .flags = A, .seq = 1, .ack = 101);
    APPEAR(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 60); /* cut otherwise */
    LOSE(.from = SERVER, .flags = A, .seq = 1, .ack = 61);
    LOSE(.from = CLIENT, .flags = FA, .seq = 101, .ack = 1);
    CHECK_EQUAL(server_state(), CLOSE_WAIT); /* of the proxy, as nobody sees it arrive */
    finish();
    CHECK_EQUAL(connections_count(), 2);
    for (uint32_t i = 0; i < 2; i++) {
        struct summary s = store_summary(i);
        CHECK_EQUAL(s.between.changed, CHANGE_ENDED);
        CHECK_EQUAL(s.between.lost[0] + s.between.lost[1], 0);
        CHECK_EQUAL(s.end[1].state, i == 0 ? CLOSE_WAIT : ESTABLISHED);
    }
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN | FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE), 0);
    end();
}

/* It lets the handshake pass, and acknowledges what has not passed yet. */
static void acknowledged_early(bool early)
{
    begin();
    handshake();
    store.now += SECOND;
    struct shot data = {.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 100};
    lose(data);
    uint16_t id = ids[CLIENT];
    if (early) {
        APPEAR(.from = SERVER, .flags = A, .seq = 1, .ack = 101);
    }
    store.now += 50 * MILLISECOND;
    see((struct sight){.shot = data, .point = NEAR_SERVER, .id = id});
    if (early) {
        LOSE(.from = SERVER, .flags = A, .seq = 1, .ack = 101);
    } else {
        PASS(.from = SERVER, .flags = A, .seq = 1, .ack = 101);
    }
    finish();
    CHECK_EQUAL(connections_count(), early ? 2 : 1);
    CHECK_EQUAL((store_summary(0).between.changed & CHANGE_ENDED) != 0, early);
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN | FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE), 0);
    end();
}

/* Somebody who uses one ISN for all: no candidate. */
static void scanner(void)
{
    begin();
    with_id = false;
    for (uint32_t i = 0; i < 20; i++) {
        struct spot one = spot_of(1, 100 + i, 40000, 80);
        one.isn[0] = 7;
        struct segment segment = {.seq = {7}, .flags = S, .window = 1024};
        struct tuple tuple = store_tuple(&one, CLIENT, &segment);
        segment.place = place(i % 2 ? NEAR_CLIENT : NEAR_SERVER);
        store_observe(&tuple, &segment);
        store.now += MILLISECOND;
    }
    CHECK_EQUAL(connections_count(), 20);
    end();
}

/* A device that replaces both ISNs and clamps the MSS. */
static void changed(void)
{
    begin();
    isn_offset[0] = 123456789;
    isn_offset[1] = 987654321;
    mss_at_server = 1360;
    handshake();
    PASS(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 100);
    CHECK(store.record.observation.findings & FINDING_ARRIVAL);
    PASS(.from = SERVER, .flags = A, .seq = 1, .ack = 101);
    finish();
    struct summary s = store_summary(0);
    unsigned expected = CHANGE_MSS | CHANGE_CLIENT_ISN | CHANGE_SERVER_ISN;
    CHECK_EQUAL(connections_count(), 1);
    CHECK_EQUAL(s.between.changed & expected, expected);
    CHECK_EQUAL(s.between.isn_offset[0], 123456789);
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN | FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE), 0);
    end();
}

/* Without IP ID and timestamps: equal copies by their usual transit. */
static void without_ids(void)
{
    begin();
    with_id = false;
    handshake();
    PASS(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 100);
    uint32_t lost = LOSE(.from = CLIENT, .flags = PA, .seq = 101, .ack = 1, .data = 100);
    store.now += SECOND / 2;
    PASS(.from = CLIENT, .flags = PA, .seq = 101, .ack = 1, .data = 100);
    PASS(.from = SERVER, .flags = A, .seq = 1, .ack = 201);
    finish();
    CHECK_EQUAL(links_marks(lost), FINDING_LOST_BETWEEN);
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN), 1);
    end();
}

/* Joined late at one point: nothing is named of what was before. */
static void joined_late(void)
{
    begin();
    LOSE(.from = CLIENT, .flags = S);
    APPEAR(.from = SERVER, .flags = SA, .ack = 1);
    LOSE(.from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    store.now += SECOND;
    PASS(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 10);
    PASS(.from = SERVER, .flags = A, .seq = 1, .ack = 11);
    PASS(.from = CLIENT, .flags = PA, .seq = 11, .ack = 1, .data = 10);
    CHECK_EQUAL(told_of, NEAR_SERVER);
    CHECK_EQUAL(server_state(), ESTABLISHED);
    finish();
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN | FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE), 0);
    end();
}

/* The next connection on the same ports, which the other end opens: its first SYN gets lost. */
static void ports_used_again(void)
{
    begin();
    handshake();
    PASS(.from = CLIENT, .flags = RA, .seq = 1, .ack = 1);
    store.now += 200 * SECOND;
    spot.isn[0] += 900000000;
    spot.isn[1] += 900000000;
    uint32_t lost = LOSE(.from = SERVER, .flags = S);
    store.now += SECOND;
    PASS(.from = SERVER, .flags = S);
    PASS(.from = CLIENT, .flags = SA, .ack = 1);
    CHECK_EQUAL(told_of, NEAR_CLIENT); /* the point is the same, but near to the client of this one */
    PASS(.from = SERVER, .flags = A, .seq = 1, .ack = 1);
    CHECK_EQUAL(client_state(), ESTABLISHED);
    CHECK_EQUAL(server_state(), ESTABLISHED);
    finish();
    CHECK_EQUAL(connections_count(), 2);
    CHECK_EQUAL(links_marks(lost), FINDING_LOST_BETWEEN);
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN | FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE), 1);
    end();
}

/* The same, and the server's point sees neither the end of the one before nor the SYNs: what departs there
 * seems to be of that one, and that it arrived shows where nobody asks for it. */
static void next_beginning_missed(void)
{
    begin();
    handshake();
    PASS(.from = CLIENT, .flags = FA, .seq = 1, .ack = 1);
    PASS(.from = SERVER, .flags = A, .seq = 1, .ack = 2);
    LOSE(.from = CLIENT, .flags = R, .seq = 2);
    store.now += SECOND;
    spot.isn[0] += 650000;
    spot.isn[1] += 650000;
    LOSE(.from = CLIENT, .flags = S);
    APPEAR(.from = SERVER, .flags = SA, .ack = 1);
    PASS(.from = CLIENT, .flags = A, .seq = 1, .ack = 1);
    uint32_t arrived = LOSE(.from = SERVER, .flags = PA, .seq = 1, .ack = 1, .data = 10);
    APPEAR(.from = CLIENT, .flags = A, .seq = 1, .ack = 11);
    finish();
    CHECK_EQUAL(links_marks(arrived), 0);
    CHECK_EQUAL(marks_of(FINDING_MADE_BETWEEN), 0);
    end();
}

/* The server resets, and goes on in the next connection on the same ports: its point has missed all of that
 * but what is sent there last. That it goes on doesn't show the RST to be made. */
static void reset_before_the_next_missed(bool next)
{
    begin();
    handshake();
    store.now += SECOND;
    uint32_t frame = APPEAR(.from = SERVER, .flags = RA, .seq = 1, .ack = 1);
    store.now += SECOND;
    if (next) {
        spot.isn[0] += 900000000;
        spot.isn[1] -= 1000;
        LOSE(.from = CLIENT, .flags = S);
        APPEAR(.from = SERVER, .flags = SA, .ack = 1);
    }
    LOSE(.from = SERVER, .flags = PA, .seq = 1, .ack = 1, .data = 10);
    CHECK_EQUAL((store.crossing.findings & FINDING_MADE_BETWEEN) != 0, !next);
    finish();
    CHECK_EQUAL(links_marks(frame), next ? FINDING_SEEN_ONCE : FINDING_MADE_BETWEEN);
    end();
}

/* The client resets, with a number that the server throws away, and opens anew: the server answers the SYN by
 * an ACK of all that it has got before. */
static void acknowledged_in_the_next(void)
{
    begin();
    handshake();
    uint32_t arrived = LOSE(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 10);
    uint32_t lost = LOSE(.from = CLIENT, .flags = PA, .seq = 11, .ack = 1, .data = 10);
    PASS(.from = CLIENT, .flags = R, .seq = 1);
    spot.isn[0] += 900000000;
    PASS(.from = CLIENT, .flags = S);
    spot.isn[0] -= 900000000;
    PASS(.from = SERVER, .flags = A, .seq = 1, .ack = 11);
    finish();
    CHECK_EQUAL(links_marks(arrived), 0);
    CHECK_EQUAL(links_marks(lost), FINDING_LOST_BETWEEN);
    end();
}

/* RFC 9293 figure 8: an old SYN is late, and comes in front of the new one. */
static void old_syn_overtakes(void)
{
    begin();
    handshake(); /* of others, so that the way is known */
    spot = spot_of(1, 2, 40001, 80);
    store.now += SECOND;
    struct shot old = {.from = CLIENT, .flags = S}, fresh = {.from = CLIENT, .flags = S, .seq = 1738307};
    LOSE(.from = CLIENT, .flags = S);
    uint16_t id = ids[CLIENT];
    store.now += 100 * MILLISECOND;
    lose(fresh);
    store.now += 2 * MILLISECOND;
    see((struct sight){.shot = old, .point = NEAR_SERVER, .id = id});
    PASS(.from = SERVER, .flags = SA, .ack = 1);
    PASS(.from = CLIENT, .flags = R, .seq = 1);
    store.now += 80 * MILLISECOND;
    see((struct sight){.shot = fresh, .point = NEAR_SERVER, .id = (uint16_t)(id + 1)});
    PASS(.from = SERVER, .flags = SA, .seq = 1538609, .ack = 1738308);
    PASS(.from = CLIENT, .flags = A, .seq = 1738308, .ack = 1538610);
    CHECK_EQUAL(client_state(), ESTABLISHED);
    CHECK_EQUAL(server_state(), ESTABLISHED);
    finish();
    CHECK_EQUAL(connections_count(), 3);
    CHECK_EQUAL(store_summary(1).between.changed & ~(unsigned)CHANGE_TTL, 0);
    CHECK_EQUAL(store_summary(2).between.changed & ~(unsigned)CHANGE_TTL, 0);
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN | FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE), 0);
    end();
}

/* A point between the others. */
static void three_points(void)
{
    begin();
    handshake();
    for (unsigned i = 0; i < 3; i++) {
        struct shot shot = {.from = CLIENT, .flags = PA, .seq = 1 + 10 * i, .ack = 1, .data = 10};
        uint16_t id = next_id(CLIENT);
        see((struct sight){.shot = shot, .point = NEAR_CLIENT, .id = id});
        store.now += 2 * MILLISECOND;
        see((struct sight){.shot = shot, .point = MIDDLE, .id = id});
        CHECK_EQUAL(told_of, MIDDLE);
        store.now += 3 * MILLISECOND;
        see((struct sight){.shot = shot, .point = NEAR_SERVER, .id = id});
        CHECK_EQUAL(told_of, NEAR_SERVER);
    }
    finish();
    CHECK_EQUAL(store_summary(0).between.points, 3);
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN | FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE), 0);
    end();
}

/* It passes all three; calls `look`, unless it is NULL, at each. */
static void pass_three(struct shot shot, void (*look)(unsigned point))
{
    static const unsigned there[] = {NEAR_CLIENT, MIDDLE, NEAR_SERVER};
    uint16_t id = next_id(shot.from);
    for (unsigned i = 0; i < 3; i++) {
        unsigned point = there[shot.from == CLIENT ? i : 2 - i];
        see((struct sight){.shot = shot, .point = point, .id = id, .ttl = TTL - i});
        store.now += 2 * MILLISECOND;
        if (look != NULL) {
            look(point);
        }
    }
}

static void look_at_syn(unsigned point)
{
    CHECK_EQUAL(told_of, point == NEAR_SERVER ? 2 : point == MIDDLE ? 3 : 1);
    CHECK_EQUAL(client_state(), SYN_SENT);
    CHECK_EQUAL(server_state(), point == NEAR_SERVER ? SYN_RECEIVED : LISTEN);
}

/* The way between the outermost two is known from the next connection's first SYN on, though the middle was
 * seen before one of them. */
static void next_at_three_points(void)
{
    begin();
    pass_three((struct shot){.from = CLIENT, .flags = S}, NULL);
    pass_three((struct shot){.from = SERVER, .flags = SA, .ack = 1}, NULL);
    pass_three((struct shot){.from = CLIENT, .flags = A, .seq = 1, .ack = 1}, NULL);
    spot = spot_of(1, 2, 40001, 80);
    store.now += SECOND;
    pass_three((struct shot){.from = CLIENT, .flags = S}, look_at_syn);
    finish();
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN | FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE), 0);
    end();
}

/* Bytes arrive, not frames: what a card cuts isn't lost, and one frame is several there. */
static void offload(void)
{
    begin();
    handshake();
    uint32_t large = LOSE(.from = CLIENT, .flags = PA, .seq = 1, .ack = 1, .data = 3 * 1448);
    for (uint32_t i = 0; i < 3; i++) {
        APPEAR(.from = CLIENT, .flags = A, .seq = 1 + i * 1448, .ack = 1, .data = 1448);
    }
    PASS(.from = SERVER, .flags = A, .seq = 1, .ack = 1 + 3 * 1448);
    struct link links[8];
    CHECK_EQUAL(links_of(large, links, 8), 3);
    finish();
    CHECK_EQUAL(store_summary(0).between.changed & CHANGE_SEGMENTS, CHANGE_SEGMENTS);
    CHECK_EQUAL(marks_of(FINDING_LOST_BETWEEN | FINDING_MADE_BETWEEN | FINDING_SEEN_ONCE), 0);
    end();
}

int main(void)
{
    two_points();
    one_place();
    by_vlan();
    clocks(-14 * MILLISECOND, false);
    clocks(14 * MILLISECOND, false);
    clocks(-16 * MILLISECOND, true);
    clocks(3000 * MILLISECOND, true);
    until_the_other_point_ends();
    told_late();
    missed();
    fins();
    made_reset(true);
    made_reset(false);
    strange_ttl();
    both_reset(false);
    both_reset(true);
    reset_overtakes(true);
    reset_overtakes(false);
    copied_reset();
    translation();
    spliced();
    proxied();
    acknowledged_early(true);
    acknowledged_early(false);
    scanner();
    changed();
    without_ids();
    joined_late();
    ports_used_again();
    old_syn_overtakes();
    next_beginning_missed();
    acknowledged_in_the_next();
    reset_before_the_next_missed(false);
    reset_before_the_next_missed(true);
    three_points();
    next_at_three_points();
    offload();
    return check_result();
}
