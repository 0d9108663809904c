/* changes.h - what did a device between two capture points change?
 *
 * Read RFC 9293 section 3.2 (options of a SYN), RFC 3022 (address translation), RFC 3168 (ECN).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_CHANGES_H
#define TCPFSM_ENGINE_CHANGES_H

#include "wire/segment.h"

/* As bits of a set. */
enum change {
    CHANGE_ADDRESS = 1 << 0, /* of the client, or its port */
    CHANGE_SERVER = 1 << 1,  /* of the server, or its port */
    CHANGE_CLIENT_ISN = 1 << 2,
    CHANGE_SERVER_ISN = 1 << 3,
    CHANGE_MSS = 1 << 4,
    CHANGE_SCALE = 1 << 5,
    CHANGE_SACK = 1 << 6,
    CHANGE_TIMESTAMPS = 1 << 7,
    CHANGE_OPTIONS = 1 << 8,   /* others: Fast Open, MPTCP, signature */
    CHANGE_FLAGS = 1 << 9,     /* ECE, CWR, AE, URG */
    CHANGE_SEGMENTS = 1 << 10, /* cut or put together */
    CHANGE_TTL = 1 << 11,      /* by more than routers take off, or not at all the same in both directions */
    CHANGE_SPLICED = 1 << 12,  /* it completed the client's handshake before it asked the server */
    CHANGE_ENDED = 1 << 13,    /* it ends the connection and has another one with the other end: a proxy */
    CHANGE_COUNT = 14
};

/* What a SYN or SYN-ACK said where it departed; to compare with where it arrives. */
struct opener {
    bool known : 1;
    bool has_scale : 1;
    bool sack_permitted : 1;
    bool timestamps : 1;
    bool options_known : 1;
    unsigned others : 3; /* Fast Open, MPTCP, signature */
    uint8_t scale;
    uint8_t ttl;
    uint16_t mss;
    uint16_t flags;
    seq_t isn;
};

struct opener opener_of(const struct segment *segment);

/* The set of enum change that `arrived` differs in; `by_client`: it is the client's. */
unsigned changes_between(const struct opener *departed, const struct opener *arrived, bool by_client);

/* "MSS", "client ISN" and so on: what a bit of the set stands for is a word of whoever tells it. */

#endif
