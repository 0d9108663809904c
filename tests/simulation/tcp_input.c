/* tcp_input.c - segment arrives: RFC 9293 sections 3.10.7.1 to 3.10.7.3
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp.h"

static void negotiate(struct tcp *t, const struct segment *syn)
{
    t->scale_on = t->habits.scaling && syn->has_scale;
    t->peer_scale = t->scale_on ? syn->scale : 0;
    t->timestamps_on = t->habits.timestamps && syn->has_timestamps;
    t->sack_on = t->habits.sack && syn->sack_permitted;
    t->ts_recent = syn->tsval;
    t->irs = t->biography->irs = syn->seq;
    t->biography->met = true;
    t->rcv_nxt = t->advertised = seq_add(syn->seq, 1);
    t->last_ack_sent = t->rcv_nxt;
}

void tcp_take_window(struct tcp *t, const struct segment *seg)
{
    bool syn = seg->flags & FLAG_SYN;
    t->wnd = (uint32_t)seg->window << (syn ? 0 : t->peer_scale);
    t->max_wnd = t->wnd > t->max_wnd ? t->wnd : t->max_wnd;
    t->wl1 = seg->seq;
    t->wl2 = seg->ack;
}

static enum fate passive_open(struct tcp *t, const struct segment *seg)
{
    if (t->backlog_full && !t->habits.drops_third_ack) {
        return FATE_DROPPED;
    }
    tcp_begin(t, SYN_RECEIVED);
    negotiate(t, seg);
    tcp_take_window(t, seg);
    tcp_emit(t, FLAG_SYN | FLAG_ACK, t->iss, 0, ORDINARY);
    t->retransmit_at = t->now + t->rto;
    return FATE_TAKEN;
}

static enum fate receive_without_connection(struct tcp *t, const struct segment *seg)
{
    if (seg->flags & FLAG_RST) {
        return FATE_DROPPED;
    }
    if (t->state == LISTEN && !(seg->flags & FLAG_ACK)) {
        return seg->flags & FLAG_SYN ? passive_open(t, seg) : FATE_DROPPED;
    }
    tcp_refuse(t, seg);
    return FATE_DROPPED;
}

void tcp_become_established(struct tcp *t)
{
    t->state = ESTABLISHED;
    t->biography->opened = true;
    t->retransmit_at = NEVER;
    t->tries = 0;
    t->rto = t->habits.rto;
}

static enum fate receive_in_syn_sent(struct tcp *t, const struct segment *seg)
{
    bool ack = seg->flags & FLAG_ACK;
    if (ack && (!seq_after(seg->ack, t->iss) || seq_after(seg->ack, t->nxt))) {
        if (!(seg->flags & FLAG_RST)) {
            tcp_refuse(t, seg);
        }
        return FATE_DROPPED;
    }
    if (seg->flags & FLAG_RST) {
        if (ack) {
            t->biography->reset_received = true;
            tcp_end(t, CLOSED);
        }
        return ack ? FATE_RESET : FATE_DROPPED;
    }
    if (!(seg->flags & FLAG_SYN)) {
        return FATE_DROPPED;
    }
    negotiate(t, seg);
    tcp_take_window(t, seg);
    if (ack) {
        t->una = seg->ack;
        tcp_become_established(t);
        tcp_ack(t);
    } else {
        t->state = SYN_RECEIVED;
        tcp_emit(t, FLAG_SYN | FLAG_ACK, t->iss, 0, ORDINARY);
        t->retransmit_at = t->now + t->rto;
    }
    return FATE_TAKEN;
}

/* RFC 1122 4.2.2.13, RFC 6191 */
static bool reopens_time_wait(const struct tcp *t, const struct segment *seg)
{
    if (t->state != TIME_WAIT || !t->listens || (seg->flags & FLAG_ACK)) {
        return false;
    }
    if (t->timestamps_on && seg->has_timestamps && seg->tsval != t->ts_recent) {
        return (int32_t)(seg->tsval - t->ts_recent) > 0;
    }
    return seq_after(seg->seq, t->rcv_nxt);
}

/* Left over from another connection, be it that its sender has not heard of the receiver's newest; or a
 * number that the receiver has to reject: RFC 9293 3.10.7.3 for the ACK in SYN-SENT, 3.10.7.4 for a RST
 * outside the window. */
bool tcp_is_foreign(const struct tcp *t, const struct packet *packet)
{
    const struct segment *seg = &packet->seg;
    bool rst = seg->flags & FLAG_RST, syn = (seg->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
    if (syn || t->lives == 0) {
        return false;
    }
    if (packet->life != 0 && packet->state != SYN_SENT && !seq_equal(packet->irs, t->iss)) {
        return true;
    }
    if (t->state == SYN_SENT || t->gave_up) {
        bool covers = seq_after(seg->ack, t->iss) && !seq_after(seg->ack, t->nxt);
        return seg->flags & FLAG_ACK ? !covers : rst;
    }
    bool refusal = rst && (seg->flags & FLAG_ACK) && packet->life == 0; /* its number is always zero */
    if (refusal && t->rcv_nxt.n == 0) {
        return false; /* gone already, but the SYN is all that it ever sent */
    }
    if (rst && (refusal || tcp_has_connection(t))) {
        return !seq_between(seg->seq, t->rcv_nxt, t->advertised);
    }
    return tcp_has_connection(t) && packet->life != 0 && !seq_equal(packet->iss, t->irs);
}

enum fate tcp_receive(struct tcp *t, const struct segment *seg)
{
    if (!tcp_has_connection(t)) {
        return receive_without_connection(t, seg);
    }
    if (t->habits.keepalive) {
        t->keepalive_at = t->now + t->habits.keepalive;
    }
    if (t->state == SYN_SENT) {
        return receive_in_syn_sent(t, seg);
    }
    if (t->retransmit_at == NEVER) {
        t->tries = 0; /* it answers keepalives */
    }
    if ((seg->flags & FLAG_SYN) && reopens_time_wait(t, seg)) {
        tcp_end(t, CLOSED);
        return passive_open(t, seg);
    }
    return tcp_receive_synchronized(t, seg);
}
