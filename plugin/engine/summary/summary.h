/* summary.h - what is known of a connection, beyond the states of its ends?
 *
 * The summary of a connection is the sum of what was observed of it: the frames of
 * its steps, what its SYNs offered, what is tried and not answered, when anything
 * last moved. It grows segment by segment, from the observation alone, so it
 * knows nothing that was not shown. With hindsight it tells the outcome
 * (outcome.h) and what went wrong (timeout_finding.h).
 *
 * Read RFC 9293 sections 3.5 (opening), 3.6 (closing), 3.8.3 (connection failures).
 *
 * What can't be known: what happens after the capture's last packet, and what the
 * capture missed where no later number shows it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_SUMMARY_H
#define TCPFSM_ENGINE_SUMMARY_H

#include "observation.h"
#include "wire/segment.h"

/* The partner frames, first copies. */
enum milestone {
    MILESTONE_SYN,
    MILESTONE_SYN_ACK, /* the one that step 3 acknowledges; until then the first */
    MILESTONE_ACK,
    MILESTONE_FIN,
    MILESTONE_FIN_ACK,
    MILESTONE_SECOND_FIN,
    MILESTONE_SECOND_FIN_ACK,
    MILESTONE_RESET, /* the RST that ended it; until then the first */
    MILESTONE_ICMP,  /* an ICMP error that quotes the SYN */
    MILESTONE_COUNT
};

/* Durations that no two milestones give. */
enum span {
    SPAN_SYN_WAIT,   /* the first SYN to the answered one: what retries cost */
    SPAN_SERVER_RTT, /* the answered SYN to the SYN-ACK */
    SPAN_CLIENT_RTT, /* the SYN-ACK to step 3 */
    SPAN_CLOSE_WAIT, /* how long CLOSE-WAIT lasted */
    SPAN_FIN_WAIT_2, /* how long FIN-WAIT-2 lasted */
    SPAN_COUNT
};

/* All times are in ns, counted from the connection's first segment. */
struct moment {
    uint32_t frame; /* 0: none */
    int64_t time;
};

/* What was sent again and again, and not answered yet. */
struct tries {
    struct moment first; /* the first unanswered copy */
    int64_t last;        /* time of the newest one */
    uint32_t count;      /* copies, those within 200 ms of each other counted once (of a SYN or FIN: all) */
};

enum { HISTORY_MAX = 24 };

/* What a SYN offers. */
struct offer {
    seq_t isn;
    uint16_t window, mss;   /* not scaled; mss 0: no option */
    uint8_t scale_plus_one; /* shift count plus one; 0: no option */
    bool sack_permitted : 1;
    bool timestamps : 1;
};

/* A SYN-ACK beside the first one; which of them counts is known at step 3. */
struct answer {
    struct moment first; /* frame 0: there is none */
    int64_t last;        /* time of its newest copy */
    int64_t answered;    /* time of the SYN that it answers; NO_TIME: not known */
    struct offer offer;
};

/* One end, by role. */
struct summary_end {
    seq_t isn;              /* with syn_seen; so is what follows, not scaled */
    uint16_t window, mss;   /* mss 0: no option */
    uint16_t owes;          /* bit n: enum debt n, after the last segment */
    uint8_t state, basis;   /* enum state, enum basis: after the last segment */
    uint8_t scale_plus_one; /* shift count plus one; 0: no option */
    bool syn_seen : 1;      /* its SYN or SYN-ACK was captured */
    bool sack_permitted : 1;
    bool timestamps : 1;
    bool seen : 1;      /* it sent anything that was captured */
    bool sent_data : 1; /* ever, a keepalive's byte not counted */
    bool sent_next : 1; /* data exactly where the next was expected: it had not closed before the capture */
    bool waited : 1;    /* was in TIME-WAIT */
    bool spoke : 1;     /* it sent more than SYNs, SYN-ACKs and RSTs */
    bool unseen : 1;    /* its newest numbers were not captured: its FIN may be among them */
    bool acked_known : 1;
    bool closed_window : 1;         /* its last segment offered no window */
    bool pure_ack : 1;              /* it sent a pure ACK */
    bool acked_more : 1;            /* its ACK number has moved */
    bool resent : 1;                /* it sent data again, and the peer has acknowledged nothing new since */
    seq_t acked;                    /* the highest SEG.ACK it sent; with acked_known */
    struct moment owed[DEBT_COUNT]; /* since when each of `owes` */
    struct tries opening;           /* copies of its SYN or SYN-ACK */
    struct tries fins;              /* copies of its FIN */
    struct tries probes; /* data sent again, keepalives and window probes; reset by any segment of the peer */
    int64_t sent;        /* when it last sent data */
    int64_t heard;       /* when it last sent anything, as far as is known */
    uint64_t bytes;      /* of data that it sent; sent again, they count again */
    uint32_t echoed; /* the last timestamp that it echoed of a segment of the peer that was not captured */
};

/* What two capture points show; of a connection that was captured at one, all is zero. By direction: what the
 * client sent, the server. */
struct between {
    uint8_t points;         /* how many there are, from 2 */
    int8_t hops[2];         /* by how much the TTL is lower where it arrives */
    bool reset_between;     /* the RST was lost between them, or made there: one end goes on */
    uint16_t changed;       /* bits of enum change: points/changes.h */
    uint32_t isn_offset[2]; /* what is added to sequence numbers on the way */
    uint16_t mss[2][2];     /* as it departed, as it arrived */
    uint32_t lost[2];       /* segments */
    int64_t transit[2];     /* median in ns, or NO_TIME */
};

struct summary {
    struct summary_end end[2]; /* the client, the server */
    int64_t start;             /* time of the first segment in ns, as segments count it */
    int64_t last;              /* of the last segment */
    int64_t progress;          /* when last a step was made, or new data or a new ACK came */
    uint32_t previous;         /* number of the connection before on these addresses and ports, plus one */
    uint32_t packets;          /* one captured twice counts once */
    int64_t since_previous;    /* from the end of that one to the start of this; NO_TIME: it had none */
    struct moment milestone[MILESTONE_COUNT];
    int64_t syn_ack_last;        /* time of the newest copy of the first SYN-ACK */
    struct moment syn_ack_again; /* when the server first sent it again */
    struct answer other;         /* the newest SYN-ACK with another ISN */
    int64_t span[SPAN_COUNT];
    uint8_t spans;     /* bit n: span n is known */
    uint16_t reported; /* bit n: enum timeout_finding n was reported already: timeout_findings_update() */
    uint32_t steps;    /* enum step_bit that were made */
    uint32_t first_tsval, newest_tsval; /* of the first and the newest copy of the SYN */
    uint32_t earlier_tsval;             /* of the copy before the newest one */
    int64_t earlier;                    /* its time */
    struct moment overflow;  /* the first SYN-ACK that came again, no repeated SYN being the reason */
    uint32_t overflows;      /* how many such there were */
    struct moment challenge; /* the challenge ACK that answered its SYN */
    uint32_t challenged_syn; /* frame of the SYN that it answered */
    uint32_t lost_by;    /* number of the connection whose opening showed that this one was lost, plus one */
    int64_t successor;   /* when a new SYN took its place; with `succeeded` */
    uint8_t reset_cause; /* enum reset_cause of MILESTONE_RESET */
    uint8_t reset_by;    /* enum role of its sender */
    char history[HISTORY_MAX]; /* history_tell() tells it */
    uint16_t letters[2];       /* of `history`, by end: see history.c */
    unsigned client_from : 1;  /* the client is the end that segments call `from` 0 or 1 */
    unsigned closer : 1;       /* index in `end` of who sent the first FIN; with MILESTONE_FIN */
    bool begun : 1;
    bool joined_late : 1;
    bool opened : 1;          /* both ends were open, or beyond that */
    bool overflowed : 1;      /* two of `overflows`, and the client's data not acknowledged */
    bool succeeded : 1;       /* a new SYN came on its addresses and ports: nobody waits any more */
    bool supplanted : 1;      /* and was accepted, or a RST ended this one: its ends weren't open any more */
    bool reset : 1;           /* a RST ended it */
    bool reset_moved : 1;     /* and it was one that moved its receiver */
    bool reset_assumed : 1;   /* as far as packets before it were not captured */
    bool desynchronized : 1;  /* a RST showed that one end had lost it */
    bool replaced : 1;        /* a new SYN came while it was open */
    bool into_connection : 1; /* its SYN came into a live connection */
    bool delivered : 1; /* the next SYN was challenged in LAST-ACK or CLOSING: only an ACK was missing */
    bool simultaneous_open : 1;
    bool split_open : 1; /* both sent a SYN, only one a SYN-ACK */
    bool fast_open : 1;  /* the SYN-ACK acknowledged data of the SYN */
    bool simultaneous_close : 1;
    bool three_segments : 1; /* one segment acknowledged the first FIN and was the second */
    bool mptcp : 1;
    bool proven_open : 1; /* data, a FIN or a RST was captured that only an open connection has: captured.h */
    bool bare_opening : 1; /* and until then no pure ACK */
    bool incomplete : 1;   /* packets of it are known to be missing, as of its last segment */
    unsigned lacks : 2;    /* bit n: those of end n, which segments call `from` */
    bool disorder : 1; /* another connection's segments came directly before, or its own before the SYN-ACK */
    bool multipath : 1; /* captured on two interfaces or VLANs */

    /* Of who counts the unfinished and the idle connections of each server and client. */
    bool suspected : 1; /* of who asks witnesses: they wait for what is made of its segments */
    bool passes_embryonic : 1, passes_idle : 1; /* with this one they are too many, at the capture's end */
    bool passes_unanswered : 1;                 /* likewise, at its client */
    bool server_passed : 1, client_passed : 1;  /* they were too many before it came */

    struct between between; /* by summary_join(), in no summary that is kept */
};

/* Adds the next segment of a connection. `summary` is zeroed before its first; `previous` is the summary of
 * the incarnation before, or NULL, and `previous_number` its number plus one, or 0. Adds to
 * the observation what only a summary knows: `client_owed`, `server_owed`, FINDING_DESYNCHRONIZED. One with
 * FINDING_UNUSABLE changes nothing. */
void summary_update(struct summary *summary, struct summary *previous, uint32_t previous_number,
                    const struct segment *segment, struct observation *observation);

/* Adds an ICMP error that quotes a segment with that number, sent by that end. Returns
 * whether it quotes this connection's SYN while nothing else had answered that. */
bool summary_update_icmp(struct summary *summary, unsigned from, seq_t seq, uint32_t frame, int64_t time);

/* What that end has owed for a second or more at `time`, in the time of segments. */
struct owed summary_owed(const struct summary *summary, enum role role, uint32_t frame, int64_t time);

/* The time between two milestones, or NO_TIME. */
int64_t summary_between(const struct summary *summary, enum milestone from, enum milestone to);

/* That duration, or NO_TIME. */
int64_t summary_span(const struct summary *summary, enum span span);

#endif
