/* judgment.h - what is judged of a segment, with the connection as it was before
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_JUDGMENT_H
#define TCPFSM_ENGINE_JUDGMENT_H

#include "endpoint/endpoint.h"
#include "judge/rule_id.h"
#include "observation.h"

/* What a RST does to its receiver. */
enum reset_effect {
    RST_IGNORED,
    RST_ENDS,
    RST_ENDS_ASSUMED, /* packets before it weren't captured: taken for exact until its receiver goes on */
    RST_AHEAD,        /* in the window, not at its edge: nothing, until its receiver shows */
};

/* Which of the textbook's steps a segment makes or repeats, and what it leaves behind. */
struct step_judgment {
    unsigned steps;     /* enum step_bit: made or repeated */
    unsigned made;      /* those made for the first time, and those that were made before this was captured */
    bool repeat;        /* repeats `steps` */
    uint32_t repeat_of; /* frame; 0: absent */
    bool first_flag;    /* the first copy of its SYN or FIN */
    bool first_ack;     /* the first copy of its ACK of the peer's SYN-ACK or FIN */
    bool first_fin;     /* the first FIN of both */
    bool fin_acked;     /* its FIN, captured first now, was acknowledged before */
    bool completes;     /* the handshake is over with it */
    bool asks_again;    /* the peer has to answer once more */
    bool mends_step;    /* step 3, which was lost, is repeated */
};

struct judgment {
    enum seq_verdict seq_verdict;
    enum ack_verdict ack_verdict;
    enum seq_rule_id seq_rule; /* the rows that applied */
    enum ack_rule_id ack_rule;
    enum cause_rule_id cause_rule; /* of a RST */
    enum pardon_id pardon;         /* why an invalid number isn't called so */
    bool has_bound;
    seq_t bound;                    /* the bound that was broken, with an invalid verdict */
    bool acceptable;                /* neither number is invalid */
    bool acks_syn;                  /* the sender's ACK covers the peer's SYN for the first time */
    enum reset_effect reset_effect; /* of a RST's number, whatever the receiver's state */
    bool rst_counts;                /* a RST that its receiver accepts, be it assumed */
    enum reset_cause reset_cause;
    enum state peer_before;
    struct expected_seq next, due; /* SEG.SEQ, SEG.ACK */
    struct step_judgment step;
};

#endif
