/* debts.h - what has an end yet to send?
 *
 * Read RFC 9293 sections 3.5 and 3.6 (who answers what), 3.8.4 (keepalives),
 * 3.8.6 (window updates), RFC 5681 section 3.2 and RFC 2018 (retransmission asked for).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_DEBTS_H
#define TCPFSM_ENGINE_DEBTS_H

#include "endpoint/endpoint.h"

/* Has data of the peer arrived that this end has not acknowledged? SYN and FIN are no data. */
static inline bool debts_owes_data(const struct connection *c, const struct end *peer)
{
    const struct stream *stream = &peer->stream;
    bool lacks_it = peer->attempts.data_lost || peer->attempts.retransmission_due;
    if (!peer->sent.nxt_known || !stream->una_known || !c->dialogue.complete || lacks_it) {
        return false;
    }
    bool with_fin = stream->fin_sent && peer->sent.gaps == 0;
    seq_t arrived = seq_sub(sent_rcv_nxt(&peer->sent), with_fin ? 1 : 0);
    seq_t acked = stream->una;
    if (stream->isn_known && !stream->isn_far) {
        acked = seq_max(acked, seq_add(stream->isn, 1));
    }
    return seq_after(arrived, acked);
}

/* The set (bit n: enum debt n) that `end` owes its `peer` after the segment, in that state. */
unsigned debts_of(const struct connection *connection, const struct end *end, const struct end *peer,
                  enum state state);

#endif
