/* attempts.h - what has an end tried, what of it was lost, and what is it asked for?
 *
 * Read RFC 6298 (retransmission), RFC 9293 sections 3.8.1, 3.8.4 (keepalive), 3.8.6.1 (persist),
 * RFC 5681 section 2 and RFC 2018 (duplicate ACKs, SACK).
 *
 * What can't be known: when a segment was sent that is not the oldest outstanding one; its repeats
 * have no interval.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_ATTEMPTS_H
#define TCPFSM_ENGINE_ATTEMPTS_H

#include "tell/verdicts.h"
#include "wire/segment.h"

enum {
    TRIES_COUNTED = 255,
    DUPLICATES_ASK = 3, /* RFC 5681 3.2: so many duplicate ACKs ask for a retransmission */
};

/* Written by attempts.c alone. */
struct attempts {
    int64_t tried_at;    /* when SND.UNA was last sent, or the last probe or keepalive, ns; see tried */
    uint32_t flag_frame; /* first copy of its SYN, later of its FIN; 0: not captured */
    uint32_t ack_frame;  /* first copy of its ACK of the peer's SYN-ACK, later of the peer's FIN; 0 */
    unsigned tries : 8;  /* repeats, probes or keepalives in a row */
    unsigned tried : 2;  /* enum timer of `tried_at`; TIMER_RETRANSMISSION also for a first copy; TIMER_NONE:
                            tried_at is unknown */
    unsigned duplicate_acks : 2; /* in a row, that the peer sent */
    bool tried_flag : 1;         /* tried_at is (also) when its SYN or FIN was sent last */
    bool answer_due : 1;    /* the peer repeated a SYN, SYN-ACK or FIN: the next pure ACK repeats a step */
    bool probed : 1;        /* the peer's last segment was a keepalive or a probe */
    bool loss_reported : 1; /* the peer reported a loss since SND.UNA: 3 duplicate ACKs or SACK */
    bool retransmission_due : 1; /* and it was not answered yet */
    bool data_lost : 1;          /* proven not to have arrived, not repeated since */
    bool fin_lost : 1;           /* likewise its FIN */
    bool step_lost : 1;          /* its step 3 was proven lost: data may repeat it */
};

/* A try that a timer explains, and what there is to say of it. */
struct attempt {
    enum timer timer;
    uint32_t count;   /* in a row, from 1; 0: absent */
    int64_t interval; /* ns since the previous try, or NO_TIME */
};

/* The timer fires: a repeat, a probe, a keepalive. */
struct attempt attempts_fire(struct attempts *attempts, enum timer timer, int64_t now);

/* When the last copy of its SYN or FIN was sent isn't known. */
void attempts_forget_time(struct attempts *attempts);

/* SYN or FIN is (also) what was tried last. */
void attempts_note_flag(struct attempts *attempts, bool flag);

/* Sent again, but not by the timer: ACKs asked for it. */
void attempts_resend(struct attempts *attempts, int64_t now);

/* New numbers while nothing is outstanding; `flag`: SYN or FIN among them. */
void attempts_start(struct attempts *attempts, int64_t now, bool flag);

/* Another series begins with the next try. */
void attempts_end_series(struct attempts *attempts);

/* The retransmission that was asked for has come. */
void attempts_answer_loss(struct attempts *attempts);

/* The first copy of its SYN or FIN, of its ACK of a SYN-ACK or FIN, is in `frame`. */
void attempts_note_flag_frame(struct attempts *attempts, uint32_t frame);
void attempts_note_ack_frame(struct attempts *attempts, uint32_t frame);

/* The peer repeated what wants an answer; or this end has spoken. */
void attempts_ask_answer(struct attempts *attempts, bool due);

/* The peer's segment was a keepalive or a probe, or wasn't. */
void attempts_probe(struct attempts *attempts, bool probed);

/* The peer sent a duplicate ACK; or reported a loss. */
void attempts_count_duplicate(struct attempts *attempts);
void attempts_report_loss(struct attempts *attempts);

/* What this end sent was acknowledged: a part of it, or `all`. */
void attempts_acknowledged(struct attempts *attempts, bool all);

/* Its data, its FIN, its step 3: proven lost; or sent again. */
void attempts_lose_data(struct attempts *attempts, bool lost);
void attempts_lose_fin(struct attempts *attempts, bool lost);
void attempts_lose_step(struct attempts *attempts, bool lost);

/* Nothing is known. */
void attempts_forget(struct attempts *attempts);

/* A new SYN finds the end of the connection before. */
void attempts_inherit(struct attempts *attempts, const struct attempts *old);

/* The first thing that isn't as it has to be, or NULL. */
const char *attempts_check(const struct attempts *attempts);

#endif
