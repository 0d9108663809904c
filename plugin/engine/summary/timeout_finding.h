/* timeout_finding.h - what went wrong with a connection, once time has passed?
 *
 * It is drawn from the summary and a moment: nothing has happened until then that the
 * summary doesn't know. A connection of which packets are missing, or one direction, or that
 * was joined too late to know who owes what, gives none.
 *
 * Read RFC 9293 sections 3.8.3 (R1 and R2), 3.6 (FIN-WAIT-2), RFC 1122 4.2.2.13,
 * 4.2.3.5, RFC 6298 (how tries are spaced).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_TIMEOUT_FINDING_H
#define TCPFSM_ENGINE_TIMEOUT_FINDING_H

#include "summary/summary.h"

/* In the order of precedence: of the first five, which are warnings, a connection gets one at most. */
enum timeout_finding {
    TIMEOUT_FINDING_UNANSWERED,
    TIMEOUT_FINDING_EMBRYONIC,
    TIMEOUT_FINDING_FIN_UNACKNOWLEDGED,
    TIMEOUT_FINDING_CLOSE_WAIT_STUCK,
    TIMEOUT_FINDING_PEER_SILENT,
    TIMEOUT_FINDING_BACKLOG_OVERFLOW,
    TIMEOUT_FINDING_LAST_ACK_MISSING,
    TIMEOUT_FINDING_FIN_WAIT_2_STUCK,
    TIMEOUT_FINDING_IDLE,
    TIMEOUT_FINDING_EMBRYONIC_MINOR,  /* the server sent its SYN-ACK once: no more than a note */
    TIMEOUT_FINDING_UNANSWERED_MINOR, /* one of many such connections, of which a warning tells */
    TIMEOUT_FINDING_COUNT
};

/* How long has to pass, in ns. */
struct timeouts {
    /* The time until which somebody may be said to wait who began to in that frame: the capture's clock may
     * have a hole behind it. NEVER: there is none. NULL: there are none at all. */
    int64_t (*limit)(uint32_t frame);
    int64_t handshake;
    int64_t fin;
    int64_t close_wait;
    int64_t fin_wait_2;
    int64_t idle;
    int64_t silent;
};

#define NEVER INT64_MAX

/* The set (bit n: enum timeout_finding n) as of `now`, in the time of segments; NEVER: nothing will come
 * any more. */
unsigned timeout_findings_at(const struct summary *summary, const struct timeouts *timeouts, int64_t now);

/* May anything have fallen due that timeout_findings_at() would tell as of `now`, before a segment of that
 * time? */
bool timeout_findings_due(const struct summary *summary, const struct timeouts *timeouts, int64_t now);

/* The same set with notes in place of the warnings that are covered by one warning of many such connections:
 * see `server_passed` and `client_passed` of the summary. */
unsigned timeout_findings_covered(const struct summary *summary, unsigned set);

/* Adds the segment as summary_update() does, and returns the set that is to be reported on it: what holds for
 * the first time, as time has passed before this segment, and is not put right by it. Each is reported once
 * a connection. */
unsigned timeout_findings_update(struct summary *summary, struct summary *previous, uint32_t previous_number,
                                 const struct segment *segment, struct observation *observation,
                                 const struct timeouts *timeouts);

/* The segment that began it, and its time in the time of segments. */
struct moment timeout_finding_begin(const struct summary *summary, enum timeout_finding timeout_finding);

/* For tests: what is wrong with the conclusions that may be drawn from this summary, or NULL. */
const char *timeout_findings_check(const struct summary *summary);

/* The end that tries, or waits, in vain: its index in summary->end. */
unsigned timeout_finding_subject(const struct summary *summary, enum timeout_finding timeout_finding);

/* Is the SYN unanswered, or the handshake not completed, so far? However young it is. */
bool summary_is_embryonic(const struct summary *summary);

/* Opened, never a byte, not closed, so far. */
bool summary_is_idle(const struct summary *summary);

#endif
