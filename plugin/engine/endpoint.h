/* endpoint.h - what is remembered of each end of a connection (private to the engine)
 *
 * One struct serves both directions: end[from] sent the segment, end[!from] is
 * its peer. Names are RFC 9293's (section 3.3.1), seen from the sender of a stream:
 *
 *        una            edge           nxt            peer's right
 *   ------|--------------|--------------|--------------|------------
 *    acknow-   presumed     sent, but     may be sent     forbidden
 *    ledged    to have      a gap lies
 *              arrived      before it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_ENDPOINT_H
#define TCPFSM_ENGINE_ENDPOINT_H

#include "connection.h"

/* What an end is presumed (`pending`) or proven (`received`) to have received, and two
 * presumptions about itself. The order is that in which they take effect. */
enum fact {
    FACT_SYN,        /* the peer's SYN */
    FACT_SYN_ACK,    /* the peer's SYN with an acceptable ACK of its own */
    FACT_ACK_OF_SYN, /* an acceptable ACK of its SYN */
    FACT_FIN,        /* the peer's FIN and all before it */
    FACT_ACK_OF_FIN, /* an ACK of its FIN */
    FACT_RST,        /* an acceptable RST */
    FACT_EXPIRED,    /* 2MSL have passed here */
    FACT_RST_SENT,   /* it sent a RST itself; somebody else may have forged it */
    FACT_COUNT
};

#define FACT(fact) ((uint8_t)(1u << (fact)))

/* Where a presumption came from: the last copy of the segment that carried it. */
struct arrival {
    uint32_t frame; /* 0: none */
    uint32_t ms;    /* its time in milliseconds, modulo 2^32 */
};

enum { SCALE_NONE = 15 };

enum arrival_slot {
    SLOT_FLAG, /* of FACT_SYN, FACT_SYN_ACK, FACT_FIN, FACT_RST: one at a time matters */
    SLOT_ACK,  /* of FACT_ACK_OF_SYN, FACT_ACK_OF_FIN */
    SLOT_COUNT
};

struct end {
    seq_t isn;       /* with isn_known */
    seq_t nxt;       /* SND.NXT: highest number ever sent, plus one; with nxt_known */
    seq_t una;       /* SND.UNA: highest ACK that the peer sent; with una_known */
    seq_t edge;      /* up to here all is presumed to have arrived: nxt, or the left edge of the first gap */
    seq_t island[2];    /* with gaps == 2: the piece behind the first gap, [0] <= n < [1] */
    seq_t tail;         /* with gaps >= 1: the piece behind the last gap, tail <= n < nxt */
    seq_t claim;        /* with has_claim: beyond nxt; the peer acknowledged up to it, or its own RST came from there */
    seq_t accused_end;  /* with accused: where a segment ends that was accused */
    seq_t other_isn;    /* with alternative: the ISN of another SYN-ACK of its */
    seq_t fin_acked_at; /* once its FIN is acknowledged: the peer's SND.NXT when it did so */
    seq_t right; /* highest right edge of the window that this end offered (RCV.NXT + RCV.WND); right_known */
    seq_t ack_sent; /* the last SEG.ACK this end sent, be it acceptable or not; with acks_seen > 0 */

    uint32_t nxt_frame, edge_frame; /* the frames that end there; 0: not captured */
    uint32_t ts_recent;             /* TS.Recent of the peer (RFC 7323): last TSval in order; with ts_known */
    uint32_t flag_frame;            /* first copy of its SYN, later of its FIN */
    uint32_t ack_frame;             /* first copy of its ACK of the peer's SYN-ACK, later of the peer's FIN */
    struct arrival arrival[SLOT_COUNT]; /* what it is presumed to have received */
    int64_t since;                      /* when `shown` was entered, ns; NO_TIME: unknown */
    int64_t tried_at; /* when una was last sent, or the last probe or keepalive, ns; see tried */

    uint16_t window;           /* as last offered, not scaled */
    uint16_t max_window;       /* the largest offered, not scaled: MAX.SND.WND of the peer */
    uint16_t ip_id;            /* of its last packet; 0: none */
    uint8_t pending, received; /* FACT() sets */

    unsigned held : 4;  /* enum state: proven, with the facts received */
    unsigned shown : 4; /* enum state: as last observed, with the pending facts */
    unsigned scale : 4; /* shift count of its windows; SCALE_NONE: it did not offer the option */
    unsigned tries : 8; /* repeats, probes or keepalives in a row */
    unsigned path : 4;  /* where its segments were captured, folded; with path_known */
    unsigned gaps : 2;
    unsigned acks_seen : 2; /* different SEG.ACKs it sent: 3 stands for more than two, or some not captured */
    unsigned duplicate_acks : 2;
    bool flag_repeated : 1; /* arrival[SLOT_FLAG] is of a repeat */
    bool ack_repeated : 1;  /* arrival[SLOT_ACK] is of a repeat */
    bool isn_known : 1;
    bool isn_far : 1; /* so much was sent that isn says nothing on order any more */
    bool nxt_known : 1;
    bool una_known : 1;
    bool right_known : 1;
    bool ts_known : 1;
    bool has_claim : 1;
    bool path_known : 1;
    unsigned tried : 2;      /* enum timer of `tried_at`; 1 also for a first copy; 0: tried_at is unknown */
    bool tried_flag : 1;     /* tried_at is (also) when its SYN or FIN was sent last */
    bool syn_sent : 1;       /* its SYN (or SYN-ACK) was captured */
    bool syn_acks : 1;       /* and one was a SYN-ACK */
    bool alternative : 1;    /* it sent SYN-ACKs with two different ISNs: isn, and other_isn */
    bool ids_jump : 1;       /* its IP IDs don't count its packets */
    bool options_known : 1;  /* of its SYN */
    bool fin_sent : 1;       /* its FIN was captured and acceptable; nxt is behind it */
    bool fin_lost : 1;       /* proven not to have arrived, not repeated since */
    bool rst_acceptable : 1; /* it sent an acceptable RST */
    bool answer_due : 1;     /* the peer repeated a SYN-ACK or FIN: the next pure ACK repeats a step */
    bool data_lost : 1;      /* proven not to have arrived, not repeated since */
    bool step_lost : 1;      /* its step 3 was proven lost: data may repeat it */
    bool probed : 1;         /* the peer's last segment was a keepalive or a probe */
    bool loss_reported : 1;  /* the peer reported a loss since una: 3 duplicate ACKs or SACK */
    bool retransmission_due : 1; /* and it was not answered yet */
    bool assumed : 1;            /* its state rests on packets that were not captured */
    bool inherited : 1;          /* of the connection before; the new SYN has not reached it yet */
    bool missing : 1;            /* a segment of it is known not to be captured */
    bool muted : 1;              /* accused wrongly: numbers are rewritten on the way */
    bool accused : 1;            /* a segment that ends at accused_end was */
    bool probe_byte : 1;         /* a window probe carried the byte at nxt */
    bool padded : 1;             /* sent bytes behind its FIN that the peer denied */
};

struct connection {
    struct end end[2];
    uint32_t previous;      /* number of the incarnation before, plus one; 0: none */
    uint32_t last_ms;       /* time of its last segment in milliseconds, modulo 2^32 */
    uint32_t round_us;      /* SYN to SYN-ACK in microseconds: at most a round trip; 0: not captured */
    uint8_t steps;          /* enum step_bit that were seen */
    unsigned client : 1;    /* index of the client's end */
    unsigned closer : 1;    /* index of the end that sent the first FIN */
    unsigned last_from : 1; /* who sent its last segment */
    bool begun : 1;         /* it has a segment */
    bool joined_late : 1;
    bool complete : 1;     /* the handshake is over, or was not captured */
    bool provoked : 1;     /* the last segment earns a challenge ACK */
    bool fast_open : 1;    /* a SYN carried the option */
    bool simultaneous : 1; /* SYNs crossed */
    bool half_closed : 1;  /* remarked */
    bool crossed_fins : 1; /* remarked */
    bool two_paths : 1;    /* the same end was captured on two interfaces or VLANs */
    bool contested : 1;    /* its SYN came into a live connection; that one may go on */
};

/* One segment on its connection: what the stages of connection_observe() hand on. */
struct view {
    struct connection *c;
    const struct connection *previous; /* the incarnation before, or NULL */
    const struct segment *seg;
    struct end *sender, *peer;
    struct observation *o;
    seq_t end;     /* SEG.SEQ + SEG.LEN */
    seq_t had_nxt; /* the sender's SND.NXT before this segment, or SEG.SEQ */
    bool syn, syn_ack, fin, rst,
        ack;         /* kind, exclusive but for fin and ack: SYN before RST before FIN counts */
    bool pure_ack;   /* ACK and nothing else that takes a sequence number */
    bool acceptable; /* neither number is invalid */
    bool rst_counts; /* a RST that its receiver accepts */
    bool acks_syn;   /* the sender's ACK covers the peer's SYN for the first time */
};

/* Is the window scale of both ends known, be it that both offered it or that one did not? */
static inline bool scale_is_known(const struct connection *c)
{
    return c->end[0].syn_sent && c->end[1].syn_sent && c->end[0].options_known && c->end[1].options_known;
}

/* By how many bits the windows that `end` offers are shifted (RFC 7323 section 2.2). */
static inline unsigned scale_of(const struct connection *c, const struct end *end)
{
    return c->end[0].scale != SCALE_NONE && c->end[1].scale != SCALE_NONE ? end->scale : 0;
}

/* What is kept of segment->path: different paths mostly differ here, too. */
static inline unsigned path_fold(uint16_t path)
{
    return (path ^ (path >> 4) ^ (path >> 8) ^ (path >> 12)) & 15u;
}

static inline uint32_t time_ms(int64_t time)
{
    int64_t ms = time / 1000000;
    return (uint32_t)(uint64_t)(time % 1000000 < 0 ? ms - 1 : ms); /* rounded down before the epoch, too */
}

static inline bool fact_is(uint8_t set, enum fact fact)
{
    return (set & FACT(fact)) != 0;
}

static inline bool seq_is_invalid(enum seq_verdict verdict)
{
    return seq_verdicts[verdict].valid == INVALID;
}

static inline bool ack_is_invalid(enum ack_verdict verdict)
{
    return ack_verdicts[verdict].valid == INVALID;
}

#endif
