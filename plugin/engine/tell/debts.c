/* debts.c - see debts.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tell/debts.h"

#define DEBT(debt) (1u << (debt))

static bool owes_ack_of_syn_ack(const struct connection *c, const struct end *e, const struct end *peer)
{
    if (!peer->stream.syn_ack_sent || peer->belief.from_previous) {
        return false;
    }
    bool arrived = fact_is(e->belief.presumed, FACT_SYN_ACK);
    return (arrived && !c->dialogue.complete) || (e->attempts.answer_due && !peer->stream.fin_sent);
}

static bool owes_ack_of_fin(const struct end *e, const struct end *peer)
{
    bool acked = peer->stream.una_known && seq_equal(peer->stream.una, peer->sent.nxt); /* captured before */
    return end_fin_arrived(peer) &&
           ((fact_is(e->belief.presumed, FACT_FIN) && !acked) || e->attempts.answer_due);
}

static bool has_closed_window(const struct end *end)
{
    return end->stream.acks_seen > 0 && end->stream.window == 0;
}

/* Open, and nothing special going on: no debt but that of an ACK is possible. */
static bool is_plain(const struct connection *c, const struct end *e, const struct end *peer)
{
    return c->dialogue.complete && e->stream.window != 0 && !e->attempts.answer_due && !e->attempts.probed &&
           !e->attempts.retransmission_due && !peer->stream.fin_sent;
}

static unsigned debt(enum debt debt, bool owed)
{
    return owed ? DEBT(debt) : 0u;
}

unsigned debts_of(const struct connection *c, const struct end *e, const struct end *peer, enum state state)
{
    if (state == ESTABLISHED && is_plain(c, e, peer)) {
        return debt(OWES_ACK_OF_DATA, debts_owes_data(c, peer));
    }
    if (state_is_closed(state)) {
        return 0;
    }
    if (state == UNKNOWN) {
        return DEBT(OWES_UNKNOWN);
    }
    bool answered = e->stream.syn_ack_sent && !e->belief.from_previous && !e->attempts.answer_due;
    return debt(OWES_SYN_ACK, state == SYN_RECEIVED && !answered) |
           debt(OWES_ACK_OF_SYN_ACK, owes_ack_of_syn_ack(c, e, peer)) |
           debt(OWES_ACK_OF_DATA, debts_owes_data(c, peer)) |
           debt(OWES_FIN, state == CLOSE_WAIT && !has_closed_window(peer)) |
           debt(OWES_ACK_OF_FIN, owes_ack_of_fin(e, peer)) | debt(OWES_PROBE_ANSWER, e->attempts.probed) |
           debt(OWES_WINDOW_UPDATE, has_closed_window(e) && state != SYN_SENT && !peer->stream.fin_sent) |
           debt(OWES_RETRANSMISSION, e->attempts.retransmission_due);
}
