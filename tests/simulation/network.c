/* network.c - delay, loss, reordering and duplication on the way, and the observer on it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "world.h"

static void travel(struct world *world, unsigned from, unsigned which, uint32_t packet)
{
    struct leg *leg = &world->leg[from][which];
    enum happening arrives = which == 0 ? AT_OBSERVER : AT_HOST;
    if (dice_chance(&world->dice, leg->loss)) {
        return;
    }
    int64_t time = world->now + leg->delay + dice_between(&world->dice, 0, leg->jitter);
    if (dice_chance(&world->dice, leg->reordering)) {
        time += dice_scaled(&world->dice, 1000, leg->straying);
    } else {
        time = time > leg->last ? time : leg->last;
        leg->last = time;
    }
    world_schedule(world, time, arrives, from, packet);
    if (dice_chance(&world->dice, leg->duplication)) {
        time += dice_scaled(&world->dice, 1000, leg->straying);
        world_schedule(world, time, arrives, from, packet);
    }
}

void network_send(void *context, const struct packet *packet)
{
    struct world *world = context;
    if (world->packets == PACKETS_MAX) {
        return;
    }
    uint32_t number = world->packets++;
    world->packet[number] = *packet;
    world->last_arrived[packet->seg.from] = false;
    travel(world, packet->seg.from, 0, number);
}

static void record(struct world *world, uint32_t number)
{
    struct capture *capture = world->capture;
    if (capture->count == FRAMES_MAX) {
        return;
    }
    struct frame *frame = &capture->frame[capture->count++];
    struct packet *packet = &world->packet[number];
    const struct tcp *receiver = &world->host[!packet->seg.from];
    packet->foreign = packet->foreign || tcp_is_foreign(receiver, packet);
    packet->off_edge = (packet->seg.flags & FLAG_RST) && tcp_has_connection(receiver) &&
                       !seq_equal(packet->seg.seq, receiver->rcv_nxt);
    frame->packet = world->packet[number];
    frame->after.is = false;
    frame->packet.seg.time = world->now;
    frame->packet.seg.frame = capture->count;
    world->frame_of[number] = capture->count;
}

static void deliver(struct world *world, uint32_t number)
{
    struct packet *packet = &world->packet[number];
    unsigned from = packet->seg.from;
    struct tcp *host = &world->host[!from];
    if (packet->order == world->host[from].order) {
        world->last_arrived[from] = true;
    }
    packet->foreign = packet->foreign || tcp_is_foreign(host, packet);
    enum fate fate = tcp_receive(host, &packet->seg);
    if (!world->arrived_once[number]) {
        world->arrived_once[number] = true;
        packet->fate = fate;
    }
}

void network_carry(struct world *world, const struct appointment *event)
{
    if (event->what == AT_OBSERVER) {
        record(world, event->packet);
        travel(world, event->from, 1, event->packet);
    } else {
        deliver(world, event->packet);
    }
}
