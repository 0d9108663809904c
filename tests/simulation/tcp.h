/* tcp.h - a true endpoint: RFC 9293 as the host runs it, who knows its own state
 *
 * One four-tuple only. Data are counted, not carried. Read RFC 9293 section 3.10
 * beside it, RFC 5961 (challenge ACKs), RFC 7323 (window scale, timestamps),
 * RFC 2018 (SACK), RFC 6298 (the retransmission timer).
 *
 * OBSERVER: RFC 9293 3.10.4 enters FIN-WAIT-1 when the user closes; here an end
 * enters it when its FIN leaves, which is all that a wire can show. LISTEN is the
 * state of the port: `rest` tells what has become of the connection itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_TCP_H
#define TCPFSM_SIMULATION_TCP_H

#include "dice.h"
#include "wire/segment.h"
#include "wire/state.h"

#define MILLISECOND INT64_C(1000000)
#define SECOND (1000 * MILLISECOND)
#define NEVER INT64_MAX

enum { PIECES_MAX = 32, LIVES_MAX = 64 };

/* What the RFCs leave open, and implementations differ in. */
struct habits {
    uint32_t buffer; /* receive buffer in bytes */
    uint16_t mss;    /* largest segment it sends; with offload far above the path's */
    uint8_t scale;   /* window scale shift */
    bool scaling, timestamps, sack, d_sack;
    bool random_isn;    /* else the clock of RFC 9293 3.4.1 */
    bool syn_ack_again; /* a repeated SYN is answered by another SYN-ACK, else by an ACK */
    bool fin_with_data; /* the last data carry the FIN */
    bool fin_at_any_window;
    bool probe_with_byte; /* window probe: the next byte; else none, one below SND.UNA */
    bool keepalive_with_byte;
    bool coalesces;        /* a repeat may bring new data behind the old */
    bool reset_with_ack;   /* an abort carries the ACK flag */
    bool reset_on_give_up; /* else it gives up in silence */
    bool keeps_time_wait;  /* RFC 1337: a RST doesn't end TIME-WAIT */
    bool drops_third_ack;  /* with a full backlog: the third step, else the SYN */
    bool closes_on_fin;    /* the application closes at once: its FIN acknowledges the peer's */
    unsigned tries_max;
    int64_t delayed_ack; /* 0: none */
    int64_t rto;
    int64_t keepalive;  /* 0: none */
    int64_t time_wait;  /* 2MSL */
    int64_t fin_wait_2; /* 0: waits for ever */
};

/* What became of a segment at the host that it reached. */
enum fate {
    FATE_LOST,
    FATE_TAKEN,
    FATE_DROPPED,
    FATE_CHALLENGED, /* answered with an ACK, nothing of it taken */
    FATE_RESET,      /* a RST that ended the connection */
    FATE_TOO_OLD,    /* an ACK below all windows, RFC 5961 5 */
};

/* A segment on its way, with the truth about its sender. */
struct packet {
    struct segment seg;
    enum state state; /* the sender's, when it had sent this; UNKNOWN: two states send the same */
    seq_t nxt_before; /* the sender's SND.NXT before it */
    uint32_t life;    /* number of the sender's connection; 0: it had none */
    uint32_t order;   /* counts what this end sent */
    bool probe;       /* a window probe or keepalive: does not move SND.NXT */
    seq_t iss, irs;   /* the sender's, with a life */
    enum fate fate;   /* of the first copy that arrived */
    bool off_edge;    /* a RST that wasn't at its receiver's RCV.NXT when the observer saw it */
    bool foreign;     /* of another connection than its receiver's, or a number that has to be rejected */
};

/* What an end did in one of its connections, from its own point of view. */
struct biography {
    seq_t iss, irs; /* irs with `met` */
    bool met;       /* it has had a SYN of the peer */
    bool passive, opened;
    bool fin_sent, fin_first; /* first: it had none of the peer then */
    bool fin_acked, fin_received;
    bool waited; /* in TIME-WAIT */
    bool reset_sent, reset_received;
    bool left;               /* without a word */
    uint32_t oldest, newest; /* order of the first and of the last segment it sent */
};

struct piece {
    seq_t from, to; /* from <= n < to */
};

struct tcp {
    struct habits habits;
    struct dice *dice;
    void (*send)(void *context, const struct packet *packet);
    void *context;
    int64_t now;
    uint32_t order, lives;
    uint16_t port, peer_port, ip_id;
    uint8_t self;
    bool listens, backlog_full;
    bool silent;      /* its state changed since it sent something, and nothing sent or received tells */
    bool cut_short;   /* it gave up with data outstanding, which its RST does not repair if they were lost */
    bool gave_up;     /* its opening: a RST to what comes then looks as if from SYN-SENT */
    enum state state; /* CLOSED or LISTEN: no connection */
    enum state rest;  /* without a connection: what its last one ended in */
    uint32_t ts_offset, isn_offset;
    struct biography biographies[LIVES_MAX]; /* by life; 0: what belongs to none */

    /* of the connection */
    uint32_t life;
    struct biography *biography; /* of this life, or of the last one; never NULL */
    bool passive;
    seq_t iss, una, nxt; /* nxt: highest number sent, plus one */
    uint32_t wnd, max_wnd, cwnd;
    seq_t wl1, wl2;
    uint32_t unsent;
    bool fin_wanted, fin_sent, probe_byte;
    bool scale_on, timestamps_on, sack_on;
    uint8_t peer_scale;
    seq_t irs, rcv_nxt, advertised; /* advertised: right edge of the receive window */
    uint32_t unread;
    bool reads, app_gone;
    bool fin_known;
    seq_t fin_at;
    struct piece piece[PIECES_MAX], doubled; /* beyond rcv_nxt; last one received twice (D-SACK) */
    unsigned pieces;
    bool has_doubled;
    uint32_t ts_recent;
    seq_t last_ack_sent;
    unsigned unacked, duplicates, tries, probes;
    seq_t recover;
    bool recovering;
    int64_t rto, retransmit_at, persist_at, ack_at, keepalive_at, wait_until;
};

void tcp_start(struct tcp *t, unsigned self, const struct habits *habits, struct dice *dice);

/* The user's calls. */
void tcp_open(struct tcp *t);
void tcp_write(struct tcp *t, uint32_t bytes);
void tcp_read(struct tcp *t, uint32_t bytes);
void tcp_close(struct tcp *t, bool half);
void tcp_abort(struct tcp *t);
void tcp_crash(struct tcp *t); /* the host restarts and has forgotten everything */

enum fate tcp_receive(struct tcp *t, const struct segment *seg);
int64_t tcp_next_timer(const struct tcp *t);
void tcp_expire(struct tcp *t);

bool tcp_has_connection(const struct tcp *t);
enum state tcp_state(const struct tcp *t); /* what an observer should show */
bool tcp_is_foreign(const struct tcp *t, const struct packet *packet);

/* ---- among the files of the endpoint */

void tcp_begin(struct tcp *t, enum state state);
void tcp_end(struct tcp *t, enum state rest);
void tcp_leave(struct tcp *t); /* without a word */
void tcp_enter_time_wait(struct tcp *t);
uint32_t tcp_window(const struct tcp *t); /* the receive window, never shrinking */

enum emission { ORDINARY, PROBE };
void tcp_emit(struct tcp *t, unsigned flags, seq_t seq, uint32_t data, enum emission kind);
void tcp_ack(struct tcp *t);
void tcp_output(struct tcp *t);
void tcp_retransmit(struct tcp *t);
void tcp_refuse(struct tcp *t, const struct segment *seg); /* RST in answer, RFC 9293 3.10.7.1 */
void tcp_give_up(struct tcp *t);

void tcp_take_window(struct tcp *t, const struct segment *seg);
void tcp_become_established(struct tcp *t);
enum fate tcp_receive_synchronized(struct tcp *t, const struct segment *seg);
void tcp_take_data(struct tcp *t, seq_t from, seq_t to);

#endif
