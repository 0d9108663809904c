/* conclusion.h - what went wrong with a connection, once time has passed?
 *
 * A conclusion is drawn from the account and a moment: nothing has happened until
 * then that was not booked. What can't be told is not concluded: a connection of
 * which packets are missing, or one direction, or that was joined too late to
 * know who owes what, gives none.
 *
 * Read RFC 9293 sections 3.8.3 (R1 and R2), 3.6 (FIN-WAIT-2), RFC 1122 4.2.2.13,
 * 4.2.3.5, RFC 6298 (how tries are spaced).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_CONCLUSION_H
#define TCPFSM_ENGINE_CONCLUSION_H

#include "account.h"

/* In the order of precedence: of the first five, which are warnings, a connection gets one at most. */
enum conclusion {
    CONCLUSION_UNANSWERED,
    CONCLUSION_EMBRYONIC,
    CONCLUSION_FIN_UNACKNOWLEDGED,
    CONCLUSION_CLOSE_WAIT_STUCK,
    CONCLUSION_PEER_SILENT,
    CONCLUSION_BACKLOG_OVERFLOW,
    CONCLUSION_LAST_ACK_MISSING,
    CONCLUSION_FIN_WAIT_2_STUCK,
    CONCLUSION_IDLE,
    CONCLUSION_COUNT
};

/* How long has to pass, in ns. */
struct timeouts {
    int64_t handshake;
    int64_t fin;
    int64_t close_wait;
    int64_t fin_wait_2;
    int64_t idle;
    int64_t silent;
};

#define NEVER INT64_MAX

/* The set (bit n: enum conclusion n) as of `now`, in the time of segments; NEVER: nothing will come
 * any more. */
unsigned conclusions_at(const struct account *account, const struct timeouts *timeouts, int64_t now);

/* Books the segment as account_book() does, and returns the set that is to be told on it: what holds for the
 * first time, as time has passed before this segment, and is not put right by it. Each is told once a
 * connection. */
unsigned conclusions_book(struct account *account, struct account *previous, uint32_t previous_number,
                          const struct segment *segment, struct observation *observation,
                          const struct timeouts *timeouts);

/* The segment that began it, and its time in the time of segments. */
struct moment conclusion_begin(const struct account *account, enum conclusion conclusion);

/* The end that tries, or waits, in vain: its index in account->end. */
unsigned conclusion_subject(const struct account *account, enum conclusion conclusion);

/* Is the SYN unanswered, or the handshake not completed, so far? However young it is. */
bool account_is_embryonic(const struct account *account);

/* Opened, never a byte, not closed, so far. */
bool account_is_idle(const struct account *account);

#endif
