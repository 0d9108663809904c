/* tcp.c - the life of a connection at its end, and the user's calls (RFC 9293 3.10.1 to 3.10.6)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp.h"

#include <string.h>

void tcp_start(struct tcp *t, unsigned self, const struct habits *habits, struct dice *dice)
{
    memset(t, 0, sizeof *t);
    t->habits = *habits;
    t->dice = dice;
    t->self = (uint8_t)self;
    t->ip_id = (uint16_t)dice_next(dice);
    t->ts_offset = (uint32_t)dice_next(dice);
    t->isn_offset = (uint32_t)dice_next(dice);
    t->retransmit_at = t->persist_at = t->ack_at = t->keepalive_at = t->wait_until = NEVER;
    t->biography = &t->biographies[0];
}

bool tcp_has_connection(const struct tcp *t)
{
    return t->state != CLOSED && t->state != LISTEN;
}

enum state tcp_state(const struct tcp *t)
{
    return tcp_has_connection(t) ? t->state : t->rest;
}

static void stop_timers(struct tcp *t)
{
    t->retransmit_at = t->persist_at = t->ack_at = t->keepalive_at = t->wait_until = NEVER;
    t->tries = t->probes = 0;
}

/* A new transmission control block. The clock of the ISN ticks every 4 microseconds (RFC 9293 3.4.1). */
void tcp_begin(struct tcp *t, enum state state)
{
    uint32_t clock = t->isn_offset + (uint32_t)(t->now / 4000);
    t->life = ++t->lives;
    t->state = state;
    t->passive = state == SYN_RECEIVED;
    t->iss = seq_of(t->habits.random_isn ? (uint32_t)dice_next(t->dice) : clock);
    t->biography = &t->biographies[t->life < LIVES_MAX ? t->life : 0];
    *t->biography = (struct biography){.iss = t->iss, .passive = t->passive};
    t->una = t->nxt = t->recover = t->iss;
    t->wnd = t->max_wnd = 0;
    t->cwnd = 10u * t->habits.mss;
    t->unsent = t->unread = 0;
    t->fin_wanted = t->fin_sent = t->probe_byte = t->recovering = false;
    t->scale_on = t->timestamps_on = t->sack_on = false;
    t->app_gone = t->fin_known = t->has_doubled = false;
    t->reads = true;
    t->pieces = t->unacked = t->duplicates = 0;
    t->silent = t->gave_up = t->cut_short = false;
    t->rto = SECOND;
    stop_timers(t);
    if (t->habits.keepalive) {
        t->keepalive_at = t->now + t->habits.keepalive;
    }
}

void tcp_end(struct tcp *t, enum state rest)
{
    t->state = t->listens ? LISTEN : CLOSED;
    t->rest = rest;
    t->life = 0;
    stop_timers(t);
}

void tcp_leave(struct tcp *t)
{
    t->gave_up = t->state == SYN_SENT;
    t->silent = true;
    t->biography->left = t->state != TIME_WAIT;
    tcp_end(t, CLOSED);
}

void tcp_enter_time_wait(struct tcp *t)
{
    t->state = TIME_WAIT;
    t->biography->waited = true;
    stop_timers(t);
    t->wait_until = t->now + t->habits.time_wait;
}

uint32_t tcp_window(const struct tcp *t)
{
    uint32_t space = t->unread < t->habits.buffer ? t->habits.buffer - t->unread : 0;
    int32_t promised = seq_diff(t->advertised, t->rcv_nxt);
    return promised > (int32_t)space ? (uint32_t)promised : space;
}

void tcp_open(struct tcp *t)
{
    if (!tcp_has_connection(t)) {
        tcp_begin(t, SYN_SENT);
        t->rcv_nxt = t->advertised = seq_of(0);
        tcp_emit(t, FLAG_SYN, t->iss, 0, ORDINARY);
        t->retransmit_at = t->now + t->rto;
    }
}

static bool may_write(const struct tcp *t)
{
    return (t->state == ESTABLISHED || t->state == CLOSE_WAIT) && !t->fin_wanted;
}

void tcp_write(struct tcp *t, uint32_t bytes)
{
    if (may_write(t)) {
        t->unsent += bytes;
        tcp_output(t);
    }
}

/* RFC 9293 3.8.6.2.2: a window update once it is worth it. */
void tcp_read(struct tcp *t, uint32_t bytes)
{
    uint32_t before = tcp_window(t);
    t->unread -= bytes < t->unread ? bytes : t->unread;
    bool receives = t->state == ESTABLISHED || t->state == FIN_WAIT_1 || t->state == FIN_WAIT_2;
    uint32_t unit = t->habits.mss < t->habits.buffer / 2 ? t->habits.mss : t->habits.buffer / 2;
    if (receives && before < unit && tcp_window(t) >= unit) {
        tcp_ack(t);
    }
}

void tcp_close(struct tcp *t, bool half)
{
    if (!half && t->unread > 0 && may_write(t)) {
        tcp_abort(t); /* RFC 2525 2.17: unread data are lost, which the peer has to hear */
        return;
    }
    if (may_write(t)) {
        t->fin_wanted = true;
        t->app_gone = !half;
        tcp_output(t);
    } else if (t->state == SYN_SENT) {
        tcp_leave(t);
    }
}

void tcp_abort(struct tcp *t)
{
    switch (t->state) {
    case SYN_SENT: tcp_leave(t); break;
    case SYN_RECEIVED:
    case ESTABLISHED:
    case FIN_WAIT_1:
    case FIN_WAIT_2:
    case CLOSE_WAIT: tcp_give_up(t); break;
    default: break;
    }
}

void tcp_crash(struct tcp *t)
{
    if (tcp_has_connection(t)) {
        tcp_leave(t);
    }
}
