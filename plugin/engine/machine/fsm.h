/* fsm.h - the state machine of RFC 9293 section 3.3.2, figure 5, as one table
 *
 * Its columns are facts, not flags: the arithmetic on numbers comes before the
 * table. A segment yields several facts, so a FIN that also acknowledges our FIN
 * needs no cell of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_FSM_H
#define TCPFSM_ENGINE_FSM_H

#include "wire/state.h"

/* What happens to one end. RCV_: arrived there (a presumption, or confirmed by
 * what it sends later). SND_: it sent (evidence). */
enum event {
    SND_SYN,          /* a SYN without ACK */
    SND_SYN_ACK,      /* a SYN with ACK */
    SND_SEGMENT,      /* any other segment that only a synchronized end sends */
    SND_FIN,          /* its first acceptable FIN */
    SND_SYN_COPY,     /* the SYN that opened it, once more, which was under way for long */
    SND_SYN_ACK_COPY, /* likewise its SYN-ACK */
    SND_FIN_COPY,     /* its FIN once more */
    SND_RST,          /* a RST that ends its connection */
    RCV_SYN,          /* the peer's SYN, without ACK of ours */
    RCV_SYN_UNFIT,    /* a SYN that may not open anew what waits for 2MSL: RFC 1122 4.2.2.13, RFC 6191 */
    RCV_SYN_ACK,      /* the peer's SYN with an acceptable ACK of ours */
    RCV_ACK_OF_SYN,   /* an acceptable ACK of its SYN, without SYN */
    RCV_FIN,          /* the peer's FIN, with nothing missing before it */
    RCV_ACK_OF_FIN,   /* an ACK that covers its FIN */
    RCV_RST,          /* a RST at exactly RCV.NXT (in SYN-SENT: whose ACK covers its SYN) */
    RCV_RST_LISTENER, /* the same, and it opened passively and was not acknowledged yet */
    TIMEOUT_2MSL,     /* 2MSL have passed since the TIME-WAIT began */
    EVENT_COUNT
};

enum rule {
#define RULE(id, section) id,
#include "machine/rules.def"
#undef RULE
    RULE_COUNT
};

struct rule_text {
    const char *name;    /* "RULE_PEER_CLOSED", for tests and documentation */
    const char *section; /* "RFC 9293 3.5" */
};

extern const struct rule_text rules[RULE_COUNT];

struct transition {
    enum state next;
    enum rule rule;
};

/* The cell of `state` and `event`. Every cell is filled. */
struct transition fsm_step(enum state state, enum event event);

/* "RCV-ACK-OF-FIN" */
const char *event_name(enum event event);

#endif
