/* observation.h - all that the engine says about one segment
 *
 * An observation is complete in itself: who shows it needs neither the
 * connection nor any earlier segment, only the captured header again. It is
 * valid as of its segment and never changes afterwards.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_OBSERVATION_H
#define TCPFSM_ENGINE_OBSERVATION_H

#include "judge/rule_id.h"
#include "machine/fsm.h"
#include "route/route_id.h"
#include "tell/verdicts.h"
#include "wire/segment.h"
#include "wire/state.h"

/* The textbook's seven steps as bits: handshake 1-3, then teardown 1-4. */
enum step_bit {
    STEP_SYN = 1 << 0,
    STEP_SYN_ACK = 1 << 1,
    STEP_ACK = 1 << 2,
    STEP_FIN = 1 << 3,
    STEP_ACK_OF_FIN = 1 << 4,
    STEP_SECOND_FIN = 1 << 5,
    STEP_ACK_OF_SECOND_FIN = 1 << 6,
    STEPS_OF_HANDSHAKE = STEP_SYN | STEP_SYN_ACK | STEP_ACK,
    STEPS_OF_TEARDOWN = STEP_FIN | STEP_ACK_OF_FIN | STEP_SECOND_FIN | STEP_ACK_OF_SECOND_FIN,
};

/* What is worth a finding; each is an expert info of that name. */
enum segment_finding {
    FINDING_JOINED_LATE = 1 << 0,
    FINDING_SIMULTANEOUS_OPEN = 1 << 1,
    FINDING_SIMULTANEOUS_CLOSE = 1 << 2,
    FINDING_HALF_CLOSED = 1 << 3,
    FINDING_SYN_RETRANSMITTED = 1 << 4,
    FINDING_SYN_ACK_RETRANSMITTED = 1 << 5,
    FINDING_FIN_RETRANSMITTED = 1 << 6,
    FINDING_SYN_ACK_REJECTED = 1 << 7,
    FINDING_RESET_STALE = 1 << 8,
    FINDING_FAST_OPEN = 1 << 9, /* data in a SYN, with the option of RFC 7413 */
    FINDING_SYN_DATA = 1 << 10, /* data in a SYN, without it */
    FINDING_CHALLENGE_ACK = 1 << 11,
    FINDING_TIME_WAIT_REUSE = 1 << 12,
    FINDING_TIME_WAIT_REUSE_ALLOWED = 1 << 13, /* with the former: RFC 1122 4.2.2.13 or RFC 6191 allows it */
    FINDING_TIME_WAIT_ASSASSINATION = 1 << 14,
    FINDING_SYN_IN_CONNECTION = 1 << 15,
    FINDING_DATA_AFTER_FIN = 1 << 16,
    FINDING_DATA_AFTER_RESET = 1 << 17,
    FINDING_SEQ_INVALID = 1 << 18,
    FINDING_ACK_INVALID = 1 << 19,
    FINDING_RESET_INVALID = 1 << 20,
    FINDING_SPLIT_OPEN = 1 << 21,     /* not an expert; for the explanation */
    FINDING_LENGTH_UNKNOWN = 1 << 22, /* not an expert: a first fragment */
    FINDING_UNUSABLE = 1 << 23,       /* not an expert: cut or malformed, nothing judged */
    FINDING_CROSSED = 1 << 24,        /* not an expert: a correction whose earlier segment crossed this one */
    FINDING_MULTIPATH = 1 << 25, /* not an expert: seen on two interfaces or VLANs, accusations are muted */
    FINDING_DESYNCHRONIZED = 1 << 26, /* by summary.h */
    FINDING_MANY_EMBRYONIC = 1 << 27, /* both by who counts the connections of a server */
    FINDING_MANY_IDLE = 1 << 28,
    FINDING_FIN_ACKED = 1 << 29, /* not an expert: this FIN had been acknowledged before it was captured */
    FINDING_ACKS_SYN_DATA =
        1 << 30, /* not an expert: step 2 or 3 acknowledges data, too, not the SYN alone */
    /* Only for the explanation, or to say more of another one. */
    FINDINGS_INTERNAL = FINDING_TIME_WAIT_REUSE_ALLOWED | FINDING_SPLIT_OPEN | FINDING_LENGTH_UNKNOWN |
                        FINDING_UNUSABLE | FINDING_CROSSED | FINDING_MULTIPATH | FINDING_FIN_ACKED |
                        FINDING_ACKS_SYN_DATA,
};

/* One end, as of the segment. */
struct observed_end {
    enum state before, after;
    enum basis basis;
    enum rule rule;        /* what moved it, or why it stayed: rules.def */
    int64_t time_in_state; /* ns spent in `before`, only if after != before; else NO_TIME */
};

/* The most urgent of an end's debts that it has for a second or more. */
struct owed {
    enum debt debt; /* OWES_NOTHING: there is none */
    uint32_t frame; /* the segment after which it was due; 0: absent */
    int64_t age;    /* ns since then; 0 if absent */
};

struct observation {
    uint32_t connection;   /* number of the connection, from 0 */
    enum role sender_role; /* ROLE_CLIENT or ROLE_SERVER */
    enum phase phase;
    unsigned steps;     /* enum step_bit */
    bool repeat;        /* this segment repeats `steps` */
    uint32_t repeat_of; /* frame; 0: absent */

    struct observed_end sender, peer;
    bool assumed;
    bool state_changed;
    bool corrected;      /* this segment proves that an earlier presumption was wrong: */
    enum state presumed; /* the sender's state that was shown before; only if corrected */
    uint32_t lost_frame; /* the earlier segment proven lost; 0: none (it crossed) */

    bool has_seq_expected, has_ack_expected;
    seq_t seq_expected, ack_expected;
    uint32_t seq_from_frame, ack_from_frame; /* 0: absent */
    enum seq_verdict seq_verdict;
    enum ack_verdict ack_verdict;
    bool has_bound; /* only with a verdict that has a bound: */
    seq_t bound;    /* the bound of the window or of the handshake that was broken */
    enum reset_cause reset_cause;

    enum timer timer;
    uint32_t timer_count;   /* in a row, from 1; 0: absent */
    int64_t timer_interval; /* ns since the previous try, or NO_TIME */

    unsigned client_owes, server_owes;    /* bit n: enum debt n; 0: nothing */
    struct owed client_owed, server_owed; /* by summary.h */
    bool incomplete;   /* packets of either end are known to be missing; not kept in records */
    unsigned findings; /* enum segment_finding */

    /* The rows that applied, for tests; not kept in records. */
    enum route_id route;
    enum seq_rule_id seq_rule;
    enum ack_rule_id ack_rule;
    enum cause_rule_id cause_rule;
    enum pardon_id pardon;
};

/* The debts of a set in order of urgency: writes at most DEBT_COUNT of them to
 * `list` and returns how many; an empty set is one OWES_NOTHING. */
unsigned debts_in_order(unsigned set, enum debt list[DEBT_COUNT]);

#endif
