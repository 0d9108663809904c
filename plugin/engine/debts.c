/* debts.c - see debts.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "debts.h"

#include "stream.h"

#define DEBT(debt) (1u << (debt))

/* Has data of the peer arrived that this end has not acknowledged? SYN and FIN are no data. */
static bool owes_ack_of_data(const struct connection *c, const struct end *peer)
{
    if (!peer->nxt_known || !peer->una_known || !c->complete || peer->data_lost) {
        return false;
    }
    bool with_fin = peer->fin_sent && peer->gaps == 0;
    seq_t arrived = with_fin ? seq_sub(peer->edge, 1) : peer->edge;
    seq_t acked = peer->una;
    if (peer->isn_known && !peer->isn_far) {
        acked = seq_max(acked, seq_add(peer->isn, 1));
    }
    return seq_after(arrived, acked);
}

static bool owes_ack_of_syn_ack(const struct connection *c, const struct end *e, const struct end *peer)
{
    if (!peer->syn_acks || peer->inherited) {
        return false;
    }
    bool arrived = fact_is(e->pending, FACT_SYN_ACK);
    return (arrived && !c->complete) || (e->answer_due && !peer->fin_sent);
}

static bool owes_ack_of_fin(const struct end *e, const struct end *peer)
{
    bool arrived = fact_is(e->pending, FACT_FIN) && stream_fin_arrived(peer);
    return peer->fin_sent && (arrived || (e->answer_due && stream_fin_arrived(peer)));
}

/* Open, and nothing special going on: no debt but that of an ACK is possible. */
static bool is_plain(const struct connection *c, const struct end *e, const struct end *peer)
{
    return c->complete && e->window != 0 && !e->answer_due && !e->probed && !e->retransmission_due &&
           !peer->fin_sent;
}

unsigned debts_of(const struct connection *c, unsigned index, enum state state)
{
    const struct end *e = &c->end[index], *peer = &c->end[!index];
    if (state == ESTABLISHED && is_plain(c, e, peer)) {
        return owes_ack_of_data(c, peer) ? DEBT(OWES_ACK_OF_DATA) : 0;
    }
    if (state == CLOSED || state == LISTEN) {
        return 0;
    }
    if (state == UNKNOWN) {
        return DEBT(OWES_UNKNOWN);
    }
    unsigned set = 0;
    if (state == SYN_RECEIVED && (!e->syn_acks || e->inherited || e->answer_due)) {
        set |= DEBT(OWES_SYN_ACK);
    }
    if (owes_ack_of_syn_ack(c, e, peer)) {
        set |= DEBT(OWES_ACK_OF_SYN_ACK);
    }
    if (owes_ack_of_data(c, peer)) {
        set |= DEBT(OWES_ACK_OF_DATA);
    }
    if (state == CLOSE_WAIT && !(peer->acks_seen > 0 && peer->window == 0)) {
        set |= DEBT(OWES_FIN);
    }
    if (owes_ack_of_fin(e, peer)) {
        set |= DEBT(OWES_ACK_OF_FIN);
    }
    if (e->probed) {
        set |= DEBT(OWES_PROBE_ANSWER);
    }
    if (e->acks_seen > 0 && e->window == 0 && state != SYN_SENT && !peer->fin_sent) {
        set |= DEBT(OWES_WINDOW_UPDATE);
    }
    if (e->retransmission_due) {
        set |= DEBT(OWES_RETRANSMISSION);
    }
    return set;
}
