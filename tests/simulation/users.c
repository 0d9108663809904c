/* users.c - what the applications do, and which world they live in
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "world.h"

static bool often(struct world *world)
{
    return dice_chance(&world->dice, 500);
}

static bool seldom(struct world *world)
{
    return dice_chance(&world->dice, 150);
}

static void choose_habits(struct world *world, struct habits *h, bool fast)
{
    struct dice *dice = &world->dice;
    h->scaling = !seldom(world);
    h->timestamps = often(world);
    h->sack = often(world);
    h->d_sack = h->sack && often(world);
    h->scale = (uint8_t)dice_below(dice, 10);
    h->buffer = (uint32_t)dice_scaled(dice, fast ? 32768 : 512, fast ? 1 << 20 : 262144);
    h->mss = (uint16_t)dice_scaled(dice, 200, fast ? 60000 : 3000);
    h->random_isn = often(world);
    h->syn_ack_again = often(world);
    h->fin_with_data = often(world);
    h->fin_at_any_window = often(world);
    h->probe_with_byte = often(world);
    h->keepalive_with_byte = often(world);
    h->coalesces = often(world);
    h->reset_with_ack = often(world);
    h->reset_on_give_up = often(world);
    h->keeps_time_wait = often(world);
    h->drops_third_ack = often(world);
    h->tries_max = 2 + dice_below(dice, 6);
    h->delayed_ack = often(world) ? dice_between(dice, 20, 200) * MILLISECOND : 0;
    h->rto = dice_between(dice, 200, 1000) * MILLISECOND;
    h->keepalive = often(world) ? dice_scaled(dice, 500, 30000) * MILLISECOND : 0;
    h->time_wait = world->capture->time_wait;
    h->fin_wait_2 = often(world) ? dice_between(dice, 2, 60) * SECOND : 0;
}

static void choose_leg(struct world *world, struct leg *leg, int64_t delay, bool rough)
{
    struct dice *dice = &world->dice;
    leg->delay = delay + 1000;
    leg->jitter = often(world) ? 0 : leg->delay / 4;
    leg->straying = dice_scaled(dice, 10000, 10 * (leg->delay > MILLISECOND ? leg->delay : MILLISECOND));
    if (rough) {
        leg->loss = often(world) ? dice_below(dice, often(world) ? 200 : 20) : 0;
        leg->reordering = often(world) ? dice_below(dice, 100) : 0;
        leg->duplication = seldom(world) ? dice_below(dice, 100) : 0;
    }
}

/* The observer sits at one of the hosts or anywhere between. */
static void choose_network(struct world *world)
{
    struct dice *dice = &world->dice;
    int64_t delay = dice_scaled(dice, 10000, 200 * MILLISECOND);
    unsigned place = dice_below(dice, 3); /* 0 at host 0, 1 at host 1, 2 between */
    int64_t share = place == 0 ? 0 : place == 1 ? delay : dice_between(dice, 0, delay);
    unsigned rough = dice_below(dice, 4); /* bit n: the stretch between host n and the observer */
    bool stretch[2] = {place != 0 && (rough & 1u), place != 1 && (rough & 2u)};
    choose_leg(world, &world->leg[0][0], share, stretch[0]);
    choose_leg(world, &world->leg[0][1], delay - share, stretch[1]);
    choose_leg(world, &world->leg[1][0], delay - share, stretch[1]);
    choose_leg(world, &world->leg[1][1], share, stretch[0]);
}

/* Two observers, one at each host or somewhat away from it. Between them is most of the way. */
static void choose_long_network(struct world *world)
{
    struct dice *dice = &world->dice;
    int64_t between = dice_scaled(dice, 100000, 100 * MILLISECOND);
    unsigned rough = dice_below(dice, 8);
    world->hops = (uint8_t)dice_below(dice, 8);
    for (unsigned host = 0; host < 2; host++) {
        int64_t beside = often(world) ? 0 : dice_between(dice, 0, between / 4);
        bool roughly = beside > 0 && (rough & (1u << host));
        choose_leg(world, &world->leg[host][0], beside, roughly);
        choose_leg(world, &world->leg[host][1], between, rough & 4u);
        choose_leg(world, &world->leg[!host][2], beside, roughly);
    }
}

static void choose_users(struct world *world, bool fast)
{
    struct dice *dice = &world->dice;
    struct users *u = &world->users;
    u->pause = dice_scaled(dice, 2, 4000) * MILLISECOND;
    u->bytes_max = (uint32_t)dice_scaled(dice, 1, fast ? 3000000 : 60000);
    u->writes = dice_below(dice, 800);
    u->closes = 20 + dice_below(dice, 300);
    u->half_closes = often(world) ? 500 : 0;
    u->aborts = often(world) ? 0 : dice_below(dice, 60);
    u->crashes = seldom(world) ? dice_below(dice, 60) : 0;
    u->stops_reading = often(world) ? 0 : dice_below(dice, 200);
    u->reopens = often(world) ? 0 : 100 + dice_below(dice, 400);
    u->full_backlog = seldom(world) ? 300 : 0;
    u->hasty = world->capture->hasty = seldom(world);
    u->openings = 1 + (u->reopens ? dice_below(dice, 5) : 0);
}

void settings_choose(struct world *world)
{
    struct dice *dice = &world->dice;
    static const int64_t waits[] = {SECOND, 5 * SECOND, 60 * SECOND};
    bool fast = seldom(world);
    world->capture->time_wait = waits[dice_below(dice, 3)];
    for (unsigned i = 0; i < 2; i++) {
        struct habits habits = {0};
        choose_habits(world, &habits, fast);
        habits.closes_on_fin = habits.mss % 7 == 0;
        tcp_start(&world->host[i], i, &habits, dice);
        world->host[i].send = network_send;
        world->host[i].context = world;
    }
    world->host[0].port = world->host[1].peer_port = 40000;
    world->host[1].port = world->host[0].peer_port = 7777;
    if (world->capture->two_points) {
        choose_long_network(world);
    } else {
        choose_network(world);
    }
    choose_users(world, fast);
    world->host[1].listens = dice_chance(dice, 920);
    world->host[0].listens = dice_chance(dice, 100);
    for (unsigned i = 0; i < 2; i++) {
        world->host[i].state = world->host[i].listens ? LISTEN : CLOSED;
        world->host[i].rest = i == 1 && world->host[i].listens ? LISTEN : CLOSED;
    }
    world->end = dice_scaled(dice, 5, 200) * SECOND;
    world->frames_max = fast ? FRAMES_MAX / 4 : 400;
}

/* ----------------------------------------------------------------- every now and then */

static void use_connection(struct world *world, struct tcp *t)
{
    struct dice *dice = &world->dice;
    const struct users *u = &world->users;
    if (dice_chance(dice, u->writes)) {
        tcp_write(t, (uint32_t)dice_scaled(dice, 1, u->bytes_max));
    }
    if (dice_chance(dice, u->stops_reading)) {
        t->reads = !t->reads;
    }
    if (t->reads || seldom(world)) {
        tcp_read(t, t->reads ? UINT32_MAX : dice_below(dice, t->habits.buffer));
    }
    bool answers_fin = t->state == CLOSE_WAIT && dice_chance(dice, 400);
    if (answers_fin || dice_chance(dice, u->closes)) {
        tcp_close(t, dice_chance(dice, u->half_closes));
    } else if (dice_chance(dice, u->aborts)) {
        tcp_abort(t);
    } else if (t->state >= ESTABLISHED && dice_chance(dice, u->crashes)) {
        tcp_crash(t);
    }
}

/* Old duplicates have died out by then (RFC 9293 3.4.1), unless the user is hasty or its host crashed. */
static bool may_reopen(const struct world *world, unsigned who)
{
    const struct tcp *peer = &world->host[!who];
    bool peer_gone = !tcp_has_connection(peer) || peer->state == TIME_WAIT;
    bool desynchronized = world->users.crashes > 0 && peer->state != SYN_RECEIVED;
    return world->users.hasty || ((peer_gone || desynchronized) && world->in_flight == 0);
}

void users_act(struct world *world, unsigned who)
{
    struct dice *dice = &world->dice;
    const struct users *u = &world->users;
    struct tcp *t = &world->host[who];
    t->backlog_full = dice_chance(dice, u->full_backlog);
    if (tcp_has_connection(t)) {
        use_connection(world, t);
    } else if (world->opened < u->openings && may_reopen(world, who) &&
               dice_chance(dice, who == 0 ? u->reopens : u->reopens / 8)) {
        world->opened++;
        tcp_open(t);
    } else if (who == 1 && t->order == 0 && !t->listens && seldom(world)) {
        tcp_open(t); /* meant to be simultaneous */
    }
    int64_t next = world->now + dice_scaled(dice, 1 + u->pause / 8, 2 * u->pause);
    world_schedule(world, &(struct appointment){.time = next, .from = (uint8_t)who, .what = USER_ACTS});
}
