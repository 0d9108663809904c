/* facts.h - which facts move an end, and which state follows from several of them?
 *
 * Read RFC 9293 section 3.3.2. A fact is a column of the state machine's table, as far as it is
 * presumed, or proven, of one end. Several can stand beside each other: what an end is presumed
 * to have received, until it shows whether that is so.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_FACTS_H
#define TCPFSM_ENGINE_FACTS_H

#include "machine/fsm.h"

#include <stdbool.h>
#include <stdint.h>

/* What an end is presumed, or proven, to have received, and two presumptions about itself. The
 * order is that in which they take effect. */
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

/* A set of facts, and the set of all that take effect before one. */
#define FACT(fact) ((uint8_t)(1u << (fact)))
#define FACTS_BEFORE(fact) ((uint8_t)(FACT(fact) - 1u))

/* Where the segment is remembered that brought a fact. */
enum arrival_slot {
    SLOT_FLAG, /* of FACT_SYN, FACT_SYN_ACK, FACT_FIN, FACT_RST: one at a time matters */
    SLOT_ACK,  /* of FACT_ACK_OF_SYN, FACT_ACK_OF_FIN */
    SLOT_COUNT
};

static inline bool fact_is(uint8_t set, enum fact fact)
{
    return (set & FACT(fact)) != 0;
}

static inline enum arrival_slot fact_slot(enum fact fact)
{
    return fact == FACT_ACK_OF_SYN || fact == FACT_ACK_OF_FIN ? SLOT_ACK : SLOT_FLAG;
}

/* The column of the table. `passive`: the end opened passively, so that it listens again after a
 * RST (RFC 9293 3.10.7.4). */
enum event fact_event(enum fact fact, bool passive);

/* The state that follows from `proven` and these facts. */
enum state facts_follow(enum state proven, uint8_t facts, bool passive);

#endif
