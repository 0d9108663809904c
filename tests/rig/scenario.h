/* scenario.h - a story of one connection: what is sent, and what must be said of it
 *
 * The notation is described in scenarios/README.md. One parser serves both rigs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_SCENARIO_H
#define TCPFSM_RIG_SCENARIO_H

#include "hindsight.h"
#include "observation.h"
#include "witness/witness.h"

#include <stddef.h>
#include <stdio.h>

enum {
    LINES_MAX = 96, /* frames of one scenario */
    SACK_MAX = 4,   /* SACK blocks of one segment */
    NO_FRAME = 0,
    NOT_CUT = UINT16_MAX,
    BY_DEFAULT = UINT16_MAX,
};

/* A number as the scenario writes it: counted from the ISN of its end, or absolute. */
struct number {
    int64_t value;
    bool absolute;
};

enum fast_open_option { FAST_OPEN_NONE, FAST_OPEN_REQUEST, FAST_OPEN_COOKIE };

/* What stands left of the bar: one frame. */
struct sending {
    int64_t time; /* ns since the scenario began */
    uint8_t from; /* 0: ">", 1: "<" */
    uint16_t flags;
    struct number seq, ack;
    uint32_t data;
    uint16_t window, urgent;
    uint16_t mss; /* 0: no option */
    int scale;    /* -1: no option */
    bool sack_permitted, timestamps, mptcp, signature, bad_option;
    uint32_t tsval, tsecr;
    unsigned sack_blocks;
    struct number sack[SACK_MAX][2];
    enum fast_open_option fast_open;
    uint16_t ip_id;
    uint16_t path;        /* VLAN; 0: untagged */
    uint16_t cut;         /* bytes of the TCP header that were captured, or NOT_CUT */
    uint16_t data_offset; /* in 32-bit words, or BY_DEFAULT */
    bool fragment;        /* a first IP fragment */
    unsigned quoted;      /* no segment but an ICMP error that quotes this line, counted from 1; else 0 */
};

/* Every `check_` says whether the scenario wants the member behind it. */
struct expected_end {
    bool check_before, check_after, check_basis, check_spent;
    bool given; /* stands on the line, isn't inherited from the line before */
    enum state before, after;
    enum basis basis;
    int64_t spent; /* ns in `before` */
};

struct expected_number {
    bool check, check_from;
    bool present;
    struct number number;
    uint32_t from_frame;
};

struct expectation {
    uint32_t connection; /* counted from 0 within the scenario */
    enum role role;      /* of the sender */
    enum phase phase;
    unsigned steps;
    bool check_phase, repeat, check_repeat_of;
    uint32_t repeat_of;
    struct expected_end end[ROLE_COUNT]; /* by role */
    bool check_assumed, assumed;
    bool check_corrected, corrected, check_presumed, check_lost;
    bool check_seq, check_ack, check_cause, check_timer, check_count, check_interval;
    enum state presumed;
    uint32_t lost_frame;
    struct expected_number next, due;    /* seq.expected, ack.expected */
    unsigned seq_verdicts, ack_verdicts; /* bit n: number n would do */
    unsigned causes;
    enum timer timer;
    uint32_t timer_count;
    int64_t timer_interval;
    bool check_owes[ROLE_COUNT];
    unsigned owes[ROLE_COUNT];
    bool check_owed[ROLE_COUNT];
    struct owed owed[ROLE_COUNT]; /* the frame is a line, counted from 1 */
    unsigned told;                /* bit n: timeout_finding n comes with this segment, in one pass */
    findings_t accuses;           /* by these it rejects earlier segments, in one pass */
    bool unreachable;             /* of an ICMP error: it says so of a connection */
    findings_t findings;          /* must be there */
    findings_t findings_free;     /* may be there */
};

/* "receiver rejected #8 by #9": what is known of segment 8 at the capture's end. */
struct expected_receipt {
    enum receiver_verdict verdict;
    uint32_t by;        /* line, counted from 1 */
    findings_t accuses; /* "finally seq-invalid #8" */
};

struct line {
    unsigned number; /* in the file */
    struct expected_receipt receipt;
    struct sending sending;
    struct expectation expectation;
};

/* "finally close-wait-stuck #7": as an expert info at the capture's end, on that segment. */
struct finally {
    unsigned line; /* in the file */
    enum timeout_finding timeout_finding;
    uint32_t begin; /* counted from 1 */
};

struct scenario {
    const char *file;
    uint16_t port[2];
    bool ipv6;
    bool fragile;      /* with a frame missing it is another story: not run so */
    int64_t time_wait; /* ns */
    int64_t quiet;     /* ns that the capture goes on after its last packet */
    struct timeouts timeouts;
    unsigned count;
    struct line line[LINES_MAX];
    struct expected_hindsight hindsight[CONNECTIONS_MAX];
    unsigned finals;
    struct finally finally[TIMEOUT_FINDING_COUNT];
};

/* Reads `file`; prints what is wrong with it to stderr and returns false if it can't. */
bool scenario_read(struct scenario *scenario, const char *file);

#endif
