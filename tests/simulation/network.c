/* network.c - delay, loss, reordering and duplication on the way, and the observers on it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "world.h"

enum { TTL = 64 };

/* False: it is lost on that leg. */
static bool travel(struct world *world, const struct appointment *passed, unsigned which)
{
    struct leg *leg = &world->leg[passed->from][which];
    bool last = which == (world->capture->two_points ? 2 : 1);
    struct appointment event = {.packet = passed->packet,
                                .frame = passed->frame,
                                .from = passed->from,
                                .leg = (uint8_t)which,
                                .what = last ? AT_HOST : AT_OBSERVER};
    if (dice_chance(&world->dice, leg->loss)) {
        return false;
    }
    event.time = world->now + leg->delay + dice_between(&world->dice, 0, leg->jitter);
    if (dice_chance(&world->dice, leg->reordering)) {
        event.time += dice_scaled(&world->dice, 1000, leg->straying);
    } else {
        event.time = event.time > leg->last ? event.time : leg->last;
        leg->last = event.time;
    }
    bool goes = world_schedule(world, &event);
    if (dice_chance(&world->dice, leg->duplication)) {
        event.time += dice_scaled(&world->dice, 1000, leg->straying);
        goes = world_schedule(world, &event) || goes;
    }
    return goes;
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
    travel(world, &(struct appointment){.packet = number, .from = packet->seg.from}, 0);
}

static struct frame *record(struct world *world, const struct appointment *event)
{
    struct capture *capture = world->capture;
    if (capture->count == FRAMES_MAX) {
        return NULL;
    }
    struct frame *frame = &capture->frame[capture->count++];
    struct packet *packet = &world->packet[event->packet];
    const struct tcp *receiver = &world->host[!packet->seg.from];
    bool far = event->leg == 1;
    packet->foreign = packet->foreign || tcp_is_foreign(receiver, packet);
    packet->off_edge = (packet->seg.flags & FLAG_RST) && tcp_has_connection(receiver) &&
                       !seq_equal(packet->seg.seq, receiver->rcv_nxt);
    *frame = (struct frame){.packet = *packet,
                            .point = packet->seg.from ^ far,
                            .forged = far && event->frame == 0,
                            .departed = event->frame};
    frame->packet.seg.time = world->now;
    frame->packet.seg.frame = capture->count;
    frame->packet.seg.ttl = far && !frame->forged ? TTL - world->hops
                            : packet->seg.ttl     ? packet->seg.ttl
                                                  : TTL;
    if (event->frame != 0 && capture->frame[event->frame - 1].arrived == 0) {
        capture->frame[event->frame - 1].arrived = capture->count;
    }
    world->frame_of[event->packet] = capture->count;
    return frame;
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
    if (event->what == AT_HOST) {
        deliver(world, event->packet);
        return;
    }
    struct frame *frame = record(world, event);
    struct appointment passed = *event;
    passed.frame = frame != NULL ? frame->packet.seg.frame : 0;
    bool goes = travel(world, &passed, event->leg + 1u);
    if (frame != NULL && event->leg == 0) {
        frame->lost = !goes;
    }
}

/* A device between the observers speaks in the name of a host: with what that host would send next. */
void network_forge(struct world *world)
{
    struct dice *dice = &world->dice;
    unsigned from = dice_below(dice, 2), kind = dice_below(dice, 3);
    const struct tcp *host = &world->host[from];
    int64_t next = world->now + dice_scaled(dice, MILLISECOND, 5 * SECOND);
    if (host->state >= ESTABLISHED && tcp_has_connection(host) && world->packets < PACKETS_MAX) {
        uint32_t number = world->packets++;
        struct packet forged = {.seg = {.source_port = host->port,
                                        .destination_port = host->peer_port,
                                        .seq = host->nxt,
                                        .ack = host->rcv_nxt,
                                        .flags = kind == 0   ? FLAG_RST
                                                 : kind == 1 ? FLAG_FIN | FLAG_ACK
                                                             : FLAG_PSH | FLAG_ACK,
                                        .window = 1000,
                                        .data = kind == 2 ? 100 : 0,
                                        .usable = true,
                                        .options_known = true,
                                        .length_known = true,
                                        .has_ip_id = true,
                                        .ip_id = 0,
                                        .ttl = (uint8_t)(TTL - world->hops - dice_below(dice, 2)),
                                        .from = (uint8_t)from}};
        world->packet[number] = forged;
        travel(world, &(struct appointment){.packet = number, .from = (uint8_t)from}, 1);
        world->capture->forgeries--;
    }
    if (world->capture->forgeries > 0) {
        world_schedule(world, &(struct appointment){.time = next, .what = FORGES});
    }
}
