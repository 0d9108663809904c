/* world.c - time passes: the next event, or the next timer of a host
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "world.h"

#include <string.h>

static bool comes_before(const struct appointment *a, const struct appointment *b)
{
    return a->time != b->time ? a->time < b->time : a->number < b->number;
}

bool world_schedule(struct world *world, const struct appointment *appointment)
{
    if (world->events == EVENTS_MAX) {
        return false; /* a packet more that the network loses */
    }
    struct appointment event = *appointment;
    event.number = world->event_numbers++;
    unsigned at = world->events++;
    for (; at > 0 && comes_before(&event, &world->heap[(at - 1) / 2]); at = (at - 1) / 2) {
        world->heap[at] = world->heap[(at - 1) / 2];
    }
    world->heap[at] = event;
    world->in_flight += event.what < USER_ACTS;
    return true;
}

static struct appointment take_next(struct world *world)
{
    struct appointment first = world->heap[0], last = world->heap[--world->events];
    unsigned at = 0;
    for (unsigned child = 1; child < world->events; child = 2 * at + 1) {
        if (child + 1 < world->events && comes_before(&world->heap[child + 1], &world->heap[child])) {
            child++;
        }
        if (!comes_before(&world->heap[child], &last)) {
            break;
        }
        world->heap[at] = world->heap[child];
        at = child;
    }
    world->heap[at] = last;
    world->in_flight -= first.what < USER_ACTS;
    return first;
}

static bool is_settled(const struct tcp *host, const struct tcp *peer, bool last_arrived)
{
    bool outstanding = tcp_has_connection(host) ? !seq_equal(host->una, host->nxt)
                                                : host->cut_short && tcp_has_connection(peer);
    return !host->silent && !host->gave_up && !outstanding && (last_arrived || host->order == 0);
}

static void note_quiet(struct world *world)
{
    struct capture *capture = world->capture;
    if (world->in_flight > 0 || capture->count == 0) {
        return;
    }
    struct quiet *after = &capture->frame[capture->count - 1].after;
    if (after->is || !is_settled(&world->host[0], &world->host[1], world->last_arrived[0]) ||
        !is_settled(&world->host[1], &world->host[0], world->last_arrived[1])) {
        return;
    }
    *after = (struct quiet){true, {tcp_state(&world->host[0]), tcp_state(&world->host[1])}};
}

static bool is_opening(const struct tcp *host)
{
    return host->state == SYN_SENT || host->state == SYN_RECEIVED;
}

/* Who gives up an opening that crosses the peer's leaves a SYN on the way that may open yet another. */
static void note_haste(struct world *world)
{
    const struct tcp *a = &world->host[0], *b = &world->host[1];
    if ((a->gave_up && is_opening(b)) || (b->gave_up && is_opening(a))) {
        world->capture->hasty = true;
    }
}

static void advance_to(struct world *world, int64_t time)
{
    world->now = world->host[0].now = world->host[1].now = time;
}

/* The host whose timer comes next; its time in `at`. */
static unsigned next_timer(const struct world *world, int64_t *at)
{
    int64_t first = tcp_next_timer(&world->host[0]), second = tcp_next_timer(&world->host[1]);
    *at = first <= second ? first : second;
    return first <= second ? 0 : 1;
}

static void step(struct world *world)
{
    int64_t timer;
    unsigned host = next_timer(world, &timer);
    if (world->events == 0 || timer <= world->heap[0].time) {
        advance_to(world, timer);
        tcp_expire(&world->host[host]);
        return;
    }
    struct appointment event = take_next(world);
    advance_to(world, event.time);
    if (event.what == USER_ACTS) {
        users_act(world, event.from);
    } else if (event.what == FORGES) {
        network_forge(world);
    } else {
        network_carry(world, &event);
        note_quiet(world);
    }
}

static bool goes_on(const struct world *world)
{
    int64_t timer;
    next_timer(world, &timer);
    int64_t next = world->events > 0 && world->heap[0].time < timer ? world->heap[0].time : timer;
    return next < world->end && world->capture->count < world->frames_max &&
           world->packets < PACKETS_MAX - 100;
}

static int64_t forging_time(struct world *world)
{
    return world->now + dice_scaled(&world->dice, MILLISECOND, 5 * SECOND);
}

void world_run(struct world *world, uint64_t seed, struct capture *capture)
{
    memset(world, 0, sizeof *world);
    world->dice.state = seed * UINT64_C(0xD1342543DE82EF95) + 1;
    world->capture = capture;
    capture->count = 0;
    settings_choose(world);
    advance_to(world, SECOND);
    tcp_open(&world->host[0]);
    world->opened = 1;
    for (uint8_t who = 0; who < 2; who++) {
        int64_t time = world->now + dice_scaled(&world->dice, MILLISECOND, SECOND);
        world_schedule(world, &(struct appointment){.time = time, .from = who, .what = USER_ACTS});
    }
    if (capture->forgeries > 0) {
        world_schedule(world, &(struct appointment){.time = forging_time(world), .what = FORGES});
    }
    while (goes_on(world)) {
        step(world);
        note_haste(world);
    }
    for (unsigned i = 0; i < world->packets; i++) { /* what became of each is known by now */
        if (world->frame_of[i] > 0) {
            struct packet *packet = &capture->frame[world->frame_of[i] - 1].packet;
            packet->fate = world->packet[i].fate;
            packet->foreign = world->packet[i].foreign;
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        memcpy(capture->biographies[i], world->host[i].biographies, sizeof capture->biographies[i]);
    }
}
