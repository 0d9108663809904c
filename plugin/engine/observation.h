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

/* What is worth a finding; each is an expert info of that name. A set of them; macros, for an enum ends at
 * 31 bits in C11. tests/rig/words.c has their names in this order. */
typedef uint64_t findings_t;

#define FINDING_BIT(n) (UINT64_C(1) << (n))
#define FINDING_JOINED_LATE FINDING_BIT(0)
#define FINDING_SIMULTANEOUS_OPEN FINDING_BIT(1)
#define FINDING_SIMULTANEOUS_CLOSE FINDING_BIT(2)
#define FINDING_HALF_CLOSED FINDING_BIT(3)
#define FINDING_SYN_RETRANSMITTED FINDING_BIT(4)
#define FINDING_SYN_ACK_RETRANSMITTED FINDING_BIT(5)
#define FINDING_FIN_RETRANSMITTED FINDING_BIT(6)
#define FINDING_SYN_ACK_REJECTED FINDING_BIT(7)
#define FINDING_RESET_STALE FINDING_BIT(8)
#define FINDING_FAST_OPEN FINDING_BIT(9) /* data in a SYN, with the option of RFC 7413 */
#define FINDING_SYN_DATA FINDING_BIT(10) /* data in a SYN, without it */
#define FINDING_CHALLENGE_ACK FINDING_BIT(11)
#define FINDING_TIME_WAIT_REUSE FINDING_BIT(12)
#define FINDING_TIME_WAIT_REUSE_ALLOWED \
    FINDING_BIT(13) /* with the former: RFC 1122 4.2.2.13 or RFC 6191 allows it */
#define FINDING_TIME_WAIT_ASSASSINATION FINDING_BIT(14)
#define FINDING_SYN_IN_CONNECTION FINDING_BIT(15)
#define FINDING_DATA_AFTER_FIN FINDING_BIT(16)
#define FINDING_DATA_AFTER_RESET FINDING_BIT(17)
#define FINDING_SEQ_INVALID FINDING_BIT(18)
#define FINDING_ACK_INVALID FINDING_BIT(19)
#define FINDING_RESET_INVALID FINDING_BIT(20)
#define FINDING_SPLIT_OPEN FINDING_BIT(21)     /* not an expert; for the explanation */
#define FINDING_LENGTH_UNKNOWN FINDING_BIT(22) /* not an expert: a first fragment */
#define FINDING_UNUSABLE FINDING_BIT(23)       /* not an expert: cut or malformed, nothing judged */
#define FINDING_CROSSED FINDING_BIT(24)        /* not an expert: a correction whose earlier segment crossed */
#define FINDING_MULTIPATH FINDING_BIT(25) /* not an expert: seen on two interfaces or VLANs, never accused */
#define FINDING_DESYNCHRONIZED FINDING_BIT(26) /* by summary.h */
#define FINDING_MANY_EMBRYONIC FINDING_BIT(27) /* by who counts the connections of a server, or client */
#define FINDING_MANY_IDLE FINDING_BIT(28)
#define FINDING_FIN_ACKED \
    FINDING_BIT(29) /* not an expert: this FIN was acknowledged before it was captured */
#define FINDING_ACKS_SYN_DATA FINDING_BIT(30) /* not an expert: step 2 or 3 acknowledges data, too */
#define FINDING_SEQ_SUSPECT FINDING_BIT(31)
#define FINDING_ACK_SUSPECT FINDING_BIT(32)
#define FINDING_RESET_SUSPECT FINDING_BIT(33)
#define FINDING_RESET_ABORT FINDING_BIT(34)
#define FINDING_NOT_ACCEPTED FINDING_BIT(35)
#define FINDING_MANY_UNANSWERED FINDING_BIT(36)
#define FINDING_LOST_BETWEEN FINDING_BIT(37) /* by who knows two capture points, like those that follow */
#define FINDING_MADE_BETWEEN FINDING_BIT(38)
#define FINDING_SEEN_ONCE FINDING_BIT(39)
#define FINDING_CHANGED_BETWEEN FINDING_BIT(40)
#define FINDING_CLOCKS_DIFFER FINDING_BIT(41)
#define FINDING_ARRIVAL FINDING_BIT(42) /* not an expert: it departed before, at another capture point */
#define FINDINGS_COUNT 43
/* Only for the explanation, or to say more of another one. */
#define FINDINGS_INTERNAL                                                                               \
    (FINDING_TIME_WAIT_REUSE_ALLOWED | FINDING_SPLIT_OPEN | FINDING_LENGTH_UNKNOWN | FINDING_UNUSABLE | \
     FINDING_CROSSED | FINDING_MULTIPATH | FINDING_FIN_ACKED | FINDING_ACKS_SYN_DATA | FINDING_ARRIVAL)

/* One end, as of the segment. */
struct observed_end {
    enum state before, after;
    enum basis basis;
    enum rule rule;        /* what moved it, or why it stayed: rules.def */
    int64_t time_in_state; /* ns spent in `before`, only if after != before; else NO_TIME */
    bool hole;             /* some of what it sent was not captured yet; not kept in records */
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
    bool incomplete; /* packets of either end are known to be missing; not kept in records */
    /* The sender has heard of the peer since what was captured of it last: it echoes a later timestamp
     * (RFC 7323 3.2). Not kept in records. */
    bool echoes_unseen;
    uint8_t lacks;   /* bit n: those of end n, which segments call `from`; likewise */
    uint8_t skipped; /* bit n: of end n, and this segment shows that they have arrived; likewise */
    findings_t findings;

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
