/* tcp_synchronized.c - segment arrives in SYN-RECEIVED and later: RFC 9293 section 3.10.7.4, in its order
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp.h"

/* RFC 9293 3.10.7.4, first: the four cases. */
static bool is_acceptable(const struct tcp *t, const struct segment *seg)
{
    uint32_t wnd = (uint32_t)seq_diff(t->advertised, t->rcv_nxt), length = segment_length(seg);
    seq_t last = seq_add(seg->seq, length - 1);
    bool begins = seq_between(seg->seq, t->rcv_nxt, seq_add(t->rcv_nxt, wnd - 1));
    if (length == 0) {
        return wnd == 0 ? seq_equal(seg->seq, t->rcv_nxt) : begins;
    }
    return wnd > 0 && (begins || seq_between(last, t->rcv_nxt, seq_add(t->rcv_nxt, wnd - 1)));
}

/* RFC 5961 3.2 wants RCV.NXT. Linux also takes the number of the peer's FIN that has arrived, and the highest
 * edge that SACK reported. */
static bool is_exact(const struct tcp *t, seq_t seq)
{
    bool fin = (t->state == CLOSE_WAIT || t->state == LAST_ACK || t->state == CLOSING) &&
               seq_equal(seq, seq_sub(t->rcv_nxt, 1));
    seq_t edge = t->rcv_nxt;
    for (unsigned i = 0; i < t->pieces && t->sack_on; i++) {
        edge = seq_max(edge, t->piece[i].to);
    }
    return fin || seq_equal(seq, t->rcv_nxt) || seq_equal(seq, edge);
}

static enum fate receive_reset(struct tcp *t, const struct segment *seg)
{
    if (t->state == TIME_WAIT && t->habits.keeps_time_wait) {
        return FATE_DROPPED;
    }
    if (!is_exact(t, seg->seq)) {
        tcp_ack(t);
        return FATE_CHALLENGED;
    }
    t->biography->reset_received = true;
    tcp_end(t, t->state == SYN_RECEIVED && t->passive ? LISTEN : CLOSED);
    return FATE_RESET;
}

static void move_on_ack_of_fin(struct tcp *t)
{
    if (!t->fin_sent || !seq_equal(t->una, t->nxt)) {
        return;
    }
    t->biography->fin_acked = true;
    if (t->state == FIN_WAIT_1) {
        t->state = FIN_WAIT_2;
        t->wait_until = t->habits.fin_wait_2 && t->app_gone ? t->now + t->habits.fin_wait_2 : NEVER;
    } else if (t->state == CLOSING) {
        tcp_enter_time_wait(t);
    } else if (t->state == LAST_ACK) {
        tcp_end(t, CLOSED);
    }
}

static void advance(struct tcp *t, seq_t ack)
{
    if (seq_after(ack, t->nxt)) { /* the byte of a probe was accepted */
        t->nxt = ack;
        t->unsent--;
    }
    if (t->probe_byte && !seq_before(ack, t->nxt)) {
        t->probe_byte = false;
    }
    t->cwnd += (uint32_t)seq_diff(ack, t->una);
    t->una = ack;
    t->tries = t->duplicates = 0;
    bool outstanding = seq_before(t->una, t->nxt);
    t->retransmit_at = outstanding ? t->now + t->rto : NEVER;
    if (t->recovering && outstanding && seq_before(t->una, t->recover)) {
        tcp_retransmit(t);
    } else {
        t->recovering = false;
    }
    move_on_ack_of_fin(t);
}

static void count_duplicate(struct tcp *t, const struct segment *seg)
{
    bool duplicate = seq_equal(seg->ack, t->una) && seq_before(t->una, t->nxt) && segment_length(seg) == 0;
    if (duplicate && ++t->duplicates == 3 && !t->recovering) {
        t->recover = t->nxt;
        t->recovering = true;
        tcp_retransmit(t);
    }
}

/* RFC 9293 3.10.7.4, fifth. False: the segment goes no further. */
static bool receive_ack(struct tcp *t, const struct segment *seg)
{
    seq_t limit = t->probe_byte ? seq_add(t->nxt, 1) : t->nxt;
    if (t->state == SYN_RECEIVED) {
        if (!seq_after(seg->ack, t->una) || seq_after(seg->ack, t->nxt)) {
            tcp_refuse(t, seg);
            return false;
        }
        if (t->passive && t->backlog_full) {
            return false;
        }
        tcp_become_established(t);
        t->una = seg->ack;
        tcp_take_window(t, seg);
    }
    if (seq_after(seg->ack, limit) || seq_before(seg->ack, seq_sub(t->una, t->max_wnd))) {
        tcp_ack(t); /* RFC 5961 5.2 */
        return false;
    }
    bool newer = seq_before(t->wl1, seg->seq) ||
                 (seq_equal(t->wl1, seg->seq) && !seq_before(seg->ack, t->wl2));
    if (!seq_before(seg->ack, t->una) && newer) {
        tcp_take_window(t, seg);
    }
    if (seq_after(seg->ack, t->una)) {
        advance(t, seg->ack);
    } else {
        count_duplicate(t, seg);
    }
    return tcp_has_connection(t);
}

static void receive_fin(struct tcp *t)
{
    t->biography->fin_received = true;
    t->rcv_nxt = seq_add(t->rcv_nxt, 1);
    t->advertised = seq_max(t->advertised, t->rcv_nxt);
    switch (t->state) {
    case ESTABLISHED: t->state = CLOSE_WAIT; break;
    case FIN_WAIT_1: t->state = CLOSING; break;
    case FIN_WAIT_2: tcp_enter_time_wait(t); break;
    default: break;
    }
    if (t->state == CLOSE_WAIT && t->habits.closes_on_fin && t->unread == 0) {
        tcp_close(t, false);
    }
    if (!t->fin_sent || t->state != LAST_ACK) {
        tcp_ack(t);
    }
}

/* RFC 9293 3.10.7.4, seventh and eighth. */
static void receive_text(struct tcp *t, const struct segment *seg, seq_t from)
{
    bool receives = t->state == ESTABLISHED || t->state == FIN_WAIT_1 || t->state == FIN_WAIT_2;
    seq_t to = seq_add(seg->seq, seg->data + ((seg->flags & FLAG_SYN) ? 1u : 0u));
    bool new_data = seg->data > 0 && seq_after(to, t->rcv_nxt);
    if (!receives) {
        if (segment_length(seg) > 0 && t->state != SYN_RECEIVED) {
            tcp_ack(t);
        }
        return;
    }
    if (new_data && t->app_gone && t->fin_sent) { /* RFC 9293 3.6.1: nobody will read it */
        tcp_give_up(t);
        return;
    }
    bool was_gap = t->pieces > 0;
    seq_t before = t->rcv_nxt, right = seq_max(t->advertised, t->rcv_nxt);
    bool fits = !seq_after(to, right);
    tcp_take_data(t, from, fits ? to : right);
    if ((seg->flags & FLAG_FIN) && fits && !t->fin_known) {
        t->fin_known = true;
        t->fin_at = to;
    }
    if (t->fin_known && seq_equal(t->rcv_nxt, t->fin_at)) {
        receive_fin(t);
        return;
    }
    if (segment_length(seg) == 0) {
        return;
    }
    t->unacked++;
    bool now = !t->habits.delayed_ack || t->unacked >= 2 || was_gap || t->pieces > 0 ||
               seq_equal(before, t->rcv_nxt);
    if (now) {
        tcp_ack(t);
    } else if (t->ack_at == NEVER) {
        t->ack_at = t->now + t->habits.delayed_ack;
    }
}

static enum fate reject(struct tcp *t, const struct segment *seg)
{
    if (seg->flags & FLAG_RST) {
        return FATE_DROPPED;
    }
    bool syn = (seg->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
    if (t->state == TIME_WAIT && (seg->flags & FLAG_FIN)) {
        tcp_enter_time_wait(t);
    }
    if (t->state == SYN_RECEIVED && syn && seq_equal(seg->seq, t->irs) && t->habits.syn_ack_again) {
        tcp_emit(t, FLAG_SYN | FLAG_ACK, t->iss, 0, ORDINARY);
        return FATE_DROPPED;
    }
    bool probe = seq_equal(seg->seq, t->rcv_nxt) && (seg->flags & FLAG_ACK) && !(seg->flags & FLAG_SYN);
    if (probe && t->state != SYN_RECEIVED && !receive_ack(t, seg)) { /* a closed window still takes ACKs */
        return FATE_DROPPED;
    }
    if (segment_length(seg) > 0 && t->sack_on && t->habits.d_sack && seg->data > 0 &&
        !seq_after(segment_end(seg), t->rcv_nxt)) {
        t->doubled = (struct piece){seg->seq, seq_add(seg->seq, seg->data)};
        t->has_doubled = true;
    }
    tcp_ack(t);
    return FATE_CHALLENGED;
}

enum fate tcp_receive_synchronized(struct tcp *t, const struct segment *seg)
{
    bool rst = seg->flags & FLAG_RST, syn = seg->flags & FLAG_SYN;
    bool ack = seg->flags & FLAG_ACK;
    bool too_old = ack && !rst && t->state != SYN_RECEIVED &&
                   seq_before(seg->ack, seq_sub(t->una, t->max_wnd));
    if (t->timestamps_on && !rst && seg->has_timestamps && (int32_t)(seg->tsval - t->ts_recent) < 0) {
        tcp_ack(t); /* PAWS */
        return too_old ? FATE_TOO_OLD : FATE_CHALLENGED;
    }
    /* RFC 9293 figure 8: the SYN-ACK of a simultaneous open brings the ACK, its SYN is trimmed. */
    bool crossing = t->state == SYN_RECEIVED && syn && ack && seq_equal(seg->seq, t->irs);
    if (!crossing && !is_acceptable(t, seg) && !(rst && is_exact(t, seg->seq))) {
        return reject(t, seg);
    }
    if (rst) {
        return receive_reset(t, seg);
    }
    if (syn && !crossing) {
        tcp_ack(t); /* RFC 5961 4.2 */
        return FATE_CHALLENGED;
    }
    if (t->timestamps_on && seg->has_timestamps && !seq_after(seg->seq, t->last_ack_sent)) {
        t->ts_recent = seg->tsval;
    }
    if (!ack || !receive_ack(t, seg)) {
        return too_old                 ? FATE_TOO_OLD
               : tcp_has_connection(t) ? FATE_DROPPED
                                       : FATE_TAKEN; /* the last of it */
    }
    receive_text(t, seg, seq_max(seg->seq, t->rcv_nxt));
    if (tcp_has_connection(t)) {
        tcp_output(t);
    }
    return FATE_TAKEN;
}
