/* witness.h - what does the receiver make of a doubtful segment?
 *
 * A capture shows what was sent. Whether it was wrong shows in what its receiver does: it acknowledges the
 * segment and goes on from there, or challenges it, or goes on as if it had never come. Until then there is
 * only a suspicion. Like the summary, a witness reads what was observed, and nothing that is said of a
 * segment as such rests on it. testimony.def has what counts.
 *
 * Read RFC 9293 section 3.10.7.4 (what a receiver does with what is unacceptable), RFC 5961 (challenge ACKs).
 *
 * What can't be known: whether a segment that its receiver ignores has arrived there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_WITNESS_H
#define TCPFSM_ENGINE_WITNESS_H

#include "summary/summary.h"
#include "witness/testimony_id.h"

enum {
    SUSPECTS_MAX = 8,   /* open ones of a connection */
    ACCUSATIONS_MAX = 5 /* of a name, in a direction: the rest of them is told as a Note */
};

/* What is told of a doubtful segment, before its receiver shows and after. */
#define SUSPICIONS (FINDING_SEQ_SUSPECT | FINDING_ACK_SUSPECT | FINDING_RESET_SUSPECT)
#define ACCUSATIONS (FINDING_SEQ_INVALID | FINDING_ACK_INVALID | FINDING_RESET_INVALID)

/* By what name a segment is suspected, and accused. */
enum suspicion { SUSPICION_SEQ, SUSPICION_ACK, SUSPICION_RESET, SUSPICION_COUNT };

/* A doubtful segment whose receiver has not shown yet what it makes of it. */
struct suspect {
    int64_t time;        /* when it was sent; of one that was sent again, the last copy */
    int64_t denied_time; /* with denied: of the segment that shows it */
    uint32_t frame;
    uint32_t denied_by;    /* with denied: the frame that shows it */
    seq_t next;            /* with claims: SND.NXT of its receiver, as far as captured */
    seq_t claim;           /* with claims: its SEG.ACK */
    seq_t begin, end;      /* its SEG.SEQ and what follows it */
    seq_t answer;          /* with denied: where a RST of its sender has to be if it was genuine */
    uint8_t names;         /* bit n: enum suspicion n, by which it is accused if it is rejected */
    unsigned from : 1;     /* which end sent it, as segment->from */
    unsigned is_reset : 1; /* else it has numbers to be acknowledged */
    unsigned invalid : 1;  /* a number of it is invalid: a Note stands on it */
    unsigned claims : 1;   /* its SEG.ACK lies ahead of all that its receiver was seen to send */
    unsigned ahead : 1;    /* its end lies ahead of all that its receiver had acknowledged */
    unsigned bare : 1;     /* an ordinary receiver answers nothing to it: an ACK without data */
    unsigned harmless : 1; /* never accused: data_after_fin has judged of it; or a RST of another SYN-ACK */
    unsigned last : 1;     /* it is the connection's last segment */
    unsigned went_on : 1;  /* its sender has sent more since, and no RST */
    unsigned denied : 1;   /* a RST: its receiver goes on; its sender may still show that it was genuine */
};

struct witness {
    uint8_t accused[2][SUSPICION_COUNT]; /* how often, by sender */
    uint8_t trusted;                     /* bit n: end n isn't suspected any more */
    uint8_t count;                       /* of `suspect` */
    uint8_t room;                        /* so many does the caller have memory for */
    struct suspect suspect[];            /* in the order of their frames */
};

/* What a segment shows of a suspect, or what time does. */
struct testimony {
    uint32_t suspect;              /* its frame */
    uint32_t frame;                /* the one that shows it */
    enum receiver_verdict verdict; /* RECEIVER_NONE: nothing will be shown any more */
    enum testimony_id row;
    uint8_t names;   /* bit n: enum suspicion n: by which it is found guilty; 0: it isn't */
    uint8_t accuses; /* the same, those by which it is accused: a Warn each, the rest a Note */
    bool settled;    /* nothing more comes of this suspect */
};

/* Is it worth asking witness_hear()? True for few segments. `waits`: witness_waits(). */
static inline bool witness_is_called(const struct segment *segment, const struct observation *o, bool waits)
{
    return waits || (segment->flags & FLAG_RST) != 0 || o->ack_verdict == ACK_NOT_CAPTURED ||
           (o->findings & SUSPICIONS) != 0;
}

/* Would the segment be noted as a suspect? Then there has to be room for it. */
bool witness_suspects(const struct witness *witness, const struct segment *segment,
                      const struct observation *observation);

/* The next segment of the connection: what it shows of the suspects goes to `list`; then it may be one
 * itself, and is noted as long as there is room. Takes the suspicion out of the observation where its
 * sender is trusted. `summary` with this segment. Returns how many testimonies there are. */
unsigned witness_hear(struct witness *witness, const struct segment *segment, struct observation *observation,
                      const struct summary *summary, struct testimony list[SUSPECTS_MAX]);

/* The same, of a segment of the next connection on these addresses and ports. */
unsigned witness_hear_of_next(struct witness *witness, const struct segment *segment,
                              struct testimony list[SUSPECTS_MAX]);

/* What is to be added of a suspect whose receiver goes on, when nothing more has come until `now`: the names
 * by which it is found guilty and accused, as in a testimony. */
struct testimony witness_at(const struct witness *witness, const struct summary *summary, uint32_t frame,
                            int64_t now);

/* The Warns by these names. */
findings_t witness_accusations(uint8_t names);

/* With hindsight, what stands on a segment in place of the suspicions that its observation had. */
findings_t witness_findings(findings_t suspicions, const struct testimony *testimony);

/* Does it still wait for something? */
static inline bool witness_waits(const struct witness *witness)
{
    return witness->count != 0;
}

#endif
