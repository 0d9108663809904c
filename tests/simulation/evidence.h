/* evidence.h - what the captured segments of a connection bear out, by the letter of the contract
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_EVIDENCE_H
#define TCPFSM_SIMULATION_EVIDENCE_H

#include "reading.h"

/* What was captured of one end. Times are those of segments. */
struct testimony {
    bool heard, syn, syn_ack, spoke; /* spoke: anything but SYN and RST */
    int64_t last, syn_at, syn_ack_at, spoke_at;
    int64_t moved; /* when it last sent data, or acknowledged more */
    bool acked_known;
    seq_t acked; /* the highest */
    unsigned fins;
    int64_t fin_at; /* the first copy */
    seq_t fin_end;
    bool data;
    bool answered_fin;      /* it acknowledged the peer's FIN, */
    bool answered_with_fin; /* and with its own */
    unsigned tries;         /* data, keepalives and probes 200 ms apart since the peer was heard of */
    int64_t first_try, last_try;
    unsigned syns, syn_acks;          /* copies */
    int64_t last_syn_at, repeated_at; /* the newest SYN; the first SYN-ACK again that no SYN explains */
    int64_t round_trip;               /* of the handshake, seen by the server's end */
    bool repeated, overflows; /* SYN-ACKs again 500 ms apart, the second a round trip after the peer spoke */
};

struct evidence {
    struct testimony end[2];
    unsigned frames, last; /* index of the last one */
    unsigned first_syn;    /* the end that sent it */
    unsigned reset_from;
    bool has_syn, reset;
    bool reset_bare; /* without the ACK flag: it may come from a host without the connection */
};

/* Goes on with the next segment of the connection. */
void evidence_add(struct evidence *evidence, const struct packet *packet, unsigned index);

/* Of each connection in a whole capture. */
void evidence_gather(struct evidence evidence[CONNECTIONS_MAX], const struct capture *capture,
                     const struct reading *reading);

/* May that be told at `now`, if nothing came since? Only of the warnings. */
bool evidence_bears(const struct evidence *evidence, enum timeout_finding timeout_finding, int64_t now);

#endif
