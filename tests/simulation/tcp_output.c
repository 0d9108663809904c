/* tcp_output.c - what an end sends, and when its timers make it send again
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp.h"

#include <string.h>

enum { SACK_OFFERED = 3, RTO_DOUBLINGS_MAX = 6 };

static uint32_t ts_clock(const struct tcp *t)
{
    return t->ts_offset + (uint32_t)(t->now / MILLISECOND);
}

static void put_options(struct tcp *t, struct segment *seg)
{
    bool syn = seg->flags & FLAG_SYN, ack = seg->flags & FLAG_ACK;
    bool timestamps = syn && !ack ? t->habits.timestamps : t->timestamps_on;
    if (syn) {
        seg->mss = 1460;
        seg->has_scale = ack ? t->scale_on : t->habits.scaling;
        seg->scale = seg->has_scale ? t->habits.scale : 0;
        seg->sack_permitted = ack ? t->sack_on : t->habits.sack;
    }
    if (timestamps) {
        seg->has_timestamps = true;
        seg->tsval = ts_clock(t);
        seg->tsecr = ack ? t->ts_recent : 0;
    }
    if (!ack || syn || !t->sack_on || (seg->flags & FLAG_RST)) {
        return;
    }
    if (t->has_doubled) {
        seg->sack[seg->sack_blocks++] = (struct sack_block){t->doubled.from, t->doubled.to};
        t->has_doubled = false;
    }
    for (unsigned i = 0; i < t->pieces && seg->sack_blocks < SACK_OFFERED; i++) {
        seg->sack[seg->sack_blocks++] = (struct sack_block){t->piece[i].from, t->piece[i].to};
    }
}

/* RFC 7323 2.2: the window of a SYN isn't scaled. */
static uint16_t put_window(struct tcp *t, unsigned flags)
{
    unsigned shift = t->scale_on && !(flags & FLAG_SYN) ? t->habits.scale : 0;
    uint32_t field = tcp_window(t) >> shift;
    field = field < 65535 ? field : 65535;
    if (flags & FLAG_ACK) {
        t->advertised = seq_max(t->advertised, seq_add(t->rcv_nxt, field << shift));
    }
    return (uint16_t)field;
}

static void dispatch(struct tcp *t, struct packet *packet)
{
    struct segment *seg = &packet->seg;
    seg->source_port = t->port;
    seg->destination_port = t->peer_port;
    seg->from = t->self;
    seg->usable = seg->options_known = seg->length_known = seg->has_ip_id = true;
    seg->ip_id = ++t->ip_id == 0 ? ++t->ip_id : t->ip_id;
    packet->state = t->gave_up ? UNKNOWN : tcp_state(t);
    packet->nxt_before = t->nxt;
    packet->life = t->life;
    packet->iss = t->iss;
    packet->irs = t->irs;
    packet->order = ++t->order;
    if (t->life != 0) {
        t->biography->oldest = t->biography->oldest ? t->biography->oldest : t->order;
        t->biography->newest = t->order;
    }
    t->silent = false;
    t->send(t->context, packet);
}

void tcp_emit(struct tcp *t, unsigned flags, seq_t seq, uint32_t data, enum emission kind)
{
    struct packet packet;
    memset(&packet, 0, sizeof packet);
    packet.seg.flags = (uint16_t)flags;
    packet.seg.seq = seq;
    packet.seg.data = data;
    packet.probe = kind == PROBE;
    if (flags & FLAG_ACK) {
        packet.seg.ack = t->rcv_nxt;
        t->last_ack_sent = t->rcv_nxt;
        t->ack_at = NEVER;
        t->unacked = 0;
    }
    packet.seg.window = put_window(t, flags);
    put_options(t, &packet.seg);
    dispatch(t, &packet);
    if (kind == ORDINARY && !(flags & FLAG_RST)) {
        t->nxt = seq_max(t->nxt, segment_end(&packet.seg));
    }
}

void tcp_ack(struct tcp *t)
{
    tcp_emit(t, FLAG_ACK, t->nxt, 0, ORDINARY);
}

void tcp_refuse(struct tcp *t, const struct segment *seg)
{
    struct packet packet;
    memset(&packet, 0, sizeof packet);
    packet.seg.flags = FLAG_RST;
    if (seg->flags & FLAG_ACK) {
        packet.seg.seq = seg->ack;
    } else {
        packet.seg.flags |= FLAG_ACK;
        packet.seg.ack = segment_end(seg);
    }
    dispatch(t, &packet);
}

void tcp_give_up(struct tcp *t)
{
    seq_t nxt = t->nxt;
    t->cut_short = !seq_equal(t->una, t->nxt);
    unsigned flags = FLAG_RST | (t->habits.reset_with_ack ? FLAG_ACK : 0u);
    t->state = CLOSED;
    t->rest = CLOSED;
    t->biography->reset_sent = true;
    tcp_emit(t, flags, nxt, 0, ORDINARY);
    tcp_end(t, CLOSED);
}

static bool may_send_data(const struct tcp *t)
{
    return (t->state == ESTABLISHED || t->state == CLOSE_WAIT) && !t->fin_sent;
}

static uint32_t usable_window(const struct tcp *t)
{
    uint32_t wnd = t->wnd < t->cwnd ? t->wnd : t->cwnd;
    int32_t usable = seq_diff(seq_add(t->una, wnd), t->nxt);
    return usable > 0 ? (uint32_t)usable : 0;
}

/* The FIN leaves now: figure 5's arrow. */
static void leave_open(struct tcp *t)
{
    t->fin_sent = t->biography->fin_sent = true;
    t->biography->fin_first = t->state != CLOSE_WAIT;
    t->state = t->state == CLOSE_WAIT ? LAST_ACK : FIN_WAIT_1;
}

static void send_data(struct tcp *t)
{
    for (uint32_t room = usable_window(t); t->unsent > 0 && room > 0; room = usable_window(t)) {
        uint32_t count = t->unsent < t->habits.mss ? t->unsent : t->habits.mss;
        count = count < room ? count : room;
        bool last = count == t->unsent;
        unsigned flags = FLAG_ACK | (last ? FLAG_PSH : 0u);
        if (last && t->fin_wanted && t->habits.fin_with_data && count < room) {
            flags |= FLAG_FIN;
            leave_open(t);
        }
        t->unsent -= count;
        tcp_emit(t, flags, t->nxt, count, ORDINARY);
    }
}

void tcp_output(struct tcp *t)
{
    if (!may_send_data(t)) {
        return;
    }
    seq_t before = t->nxt;
    send_data(t);
    t->probe_byte = t->probe_byte && seq_equal(before, t->nxt);
    bool room = seq_before(t->nxt, seq_add(t->una, t->wnd)) || t->habits.fin_at_any_window;
    if (t->fin_wanted && !t->fin_sent && t->unsent == 0 && room) {
        leave_open(t);
        tcp_emit(t, FLAG_FIN | FLAG_ACK, t->nxt, 0, ORDINARY);
    }
    if (!seq_equal(before, t->nxt) && t->retransmit_at == NEVER) {
        t->retransmit_at = t->now + t->rto;
    }
    bool waits = t->unsent > 0 || (t->fin_wanted && !t->fin_sent);
    bool idle = seq_equal(t->una, t->nxt);
    if (waits && idle && t->persist_at == NEVER) {
        t->persist_at = t->now + t->rto;
    } else if (!waits || !idle) {
        t->persist_at = NEVER;
        t->probes = 0;
    }
}

/* One segment from SND.UNA on, cut anew. */
void tcp_retransmit(struct tcp *t)
{
    if (t->state == SYN_SENT) {
        tcp_emit(t, FLAG_SYN, t->iss, 0, ORDINARY);
        return;
    }
    if (t->state == SYN_RECEIVED) {
        tcp_emit(t, FLAG_SYN | FLAG_ACK, t->iss, 0, ORDINARY);
        return;
    }
    uint32_t sent = (uint32_t)seq_diff(t->nxt, t->una) - (t->fin_sent ? 1u : 0u);
    uint32_t count = sent < t->habits.mss ? sent : t->habits.mss;
    bool whole = count == sent;
    if (whole && t->habits.coalesces && may_send_data(t) && t->unsent > 0) {
        uint32_t room = t->habits.mss - count;
        uint32_t more = usable_window(t) < room ? usable_window(t) : room;
        more = more < t->unsent ? more : t->unsent;
        t->unsent -= more;
        count += more;
    }
    unsigned flags = FLAG_ACK | (whole && t->fin_sent ? FLAG_FIN : 0u);
    tcp_emit(t, flags, t->una, count, ORDINARY);
}

/* -------------------------------------------------------------------- timers */

int64_t tcp_next_timer(const struct tcp *t)
{
    int64_t next = t->retransmit_at;
    next = t->persist_at < next ? t->persist_at : next;
    next = t->ack_at < next ? t->ack_at : next;
    next = t->keepalive_at < next ? t->keepalive_at : next;
    return t->wait_until < next ? t->wait_until : next;
}

static void give_up_after_tries(struct tcp *t)
{
    if (t->habits.reset_on_give_up && t->state != SYN_SENT) {
        tcp_give_up(t);
    } else {
        tcp_crash(t);
    }
}

static int64_t backed_off(const struct tcp *t, unsigned tries)
{
    return t->rto << (tries < RTO_DOUBLINGS_MAX ? tries : RTO_DOUBLINGS_MAX);
}

static void expire_retransmission(struct tcp *t)
{
    if (t->tries >= t->habits.tries_max) {
        give_up_after_tries(t);
        return;
    }
    t->tries++;
    t->retransmit_at = t->now + backed_off(t, t->tries);
    t->cwnd = t->habits.mss;
    t->recover = t->nxt;
    t->recovering = true;
    t->duplicates = 0;
    tcp_retransmit(t);
}

/* RFC 9293 3.8.6.1. The byte of a probe counts as sent only once it is acknowledged. */
static void expire_persist(struct tcp *t)
{
    if (t->probes >= t->habits.tries_max + 2) {
        give_up_after_tries(t);
        return;
    }
    t->probes++;
    t->persist_at = t->now + backed_off(t, t->probes);
    if (t->habits.probe_with_byte && t->unsent > 0) {
        t->probe_byte = true;
        tcp_emit(t, FLAG_ACK | FLAG_PSH, t->nxt, 1, PROBE);
    } else {
        tcp_emit(t, FLAG_ACK, seq_sub(t->una, 1), 0, PROBE);
    }
}

/* RFC 9293 3.8.4: only with nothing outstanding. */
static void expire_keepalive(struct tcp *t)
{
    t->keepalive_at = t->now + t->habits.keepalive;
    bool open = t->state == ESTABLISHED || t->state == CLOSE_WAIT || t->state == FIN_WAIT_2;
    if (!open || !seq_equal(t->una, t->nxt) || t->persist_at != NEVER) {
        return;
    }
    if (t->tries >= t->habits.tries_max) {
        give_up_after_tries(t);
        return;
    }
    t->tries++;
    tcp_emit(t, FLAG_ACK, seq_sub(t->nxt, 1), t->habits.keepalive_with_byte && !t->fin_sent, PROBE);
}

void tcp_expire(struct tcp *t)
{
    if (t->ack_at <= t->now) {
        tcp_ack(t);
    } else if (t->retransmit_at <= t->now) {
        expire_retransmission(t);
    } else if (t->persist_at <= t->now) {
        expire_persist(t);
    } else if (t->keepalive_at <= t->now) {
        expire_keepalive(t);
    } else if (t->wait_until <= t->now) { /* 2MSL, or the patience with FIN-WAIT-2 */
        tcp_crash(t);
    }
}
