/* state.h - the states of a connection's end, RFC 9293 section 3.3.2
 *
 * The numbers are those that users see and filter on; they never change.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_STATE_H
#define TCPFSM_ENGINE_STATE_H

#include <stdbool.h>

enum state {
    CLOSED = 0,
    LISTEN = 1,
    SYN_SENT = 2,
    SYN_RECEIVED = 3,
    ESTABLISHED = 4,
    FIN_WAIT_1 = 5,
    FIN_WAIT_2 = 6,
    CLOSE_WAIT = 7,
    CLOSING = 8,
    LAST_ACK = 9,
    TIME_WAIT = 10,
    UNKNOWN = 11, /* nothing captured tells: joined late, or never heard of */
    STATE_COUNT
};

/* "SYN-SENT", as RFC 9293 spells it. `state` below STATE_COUNT. */
const char *state_name(enum state state);

/* No connection there: nothing yet, or nothing any more. */
static inline bool state_is_closed(enum state state)
{
    return state == CLOSED || state == LISTEN;
}

/* The same, or only its 2MSL wait is left. */
static inline bool state_is_gone(enum state state)
{
    return state_is_closed(state) || state == TIME_WAIT;
}

static inline bool state_is_opening(enum state state)
{
    return state == SYN_SENT || state == SYN_RECEIVED;
}

/* RFC 9293 3.10.7.4: past SYN-RECEIVED. */
static inline bool state_is_synchronized(enum state state)
{
    return state >= ESTABLISHED && state <= TIME_WAIT;
}

#endif
