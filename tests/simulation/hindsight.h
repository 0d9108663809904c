/* hindsight.h - what must be true of what is said of a connection once time has passed
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_HINDSIGHT_H
#define TCPFSM_SIMULATION_HINDSIGHT_H

#include "tell/names.h"
#include "properties.h"
#include "spoiling.h"

#define QUIET (600 * SECOND) /* that long nothing comes after the capture's last packet */

/* The timeout_findings that are warnings, and one more. */
#define WARNINGS                                                                         \
    (1u << TIMEOUT_FINDING_UNANSWERED | 1u << TIMEOUT_FINDING_EMBRYONIC |                \
     1u << TIMEOUT_FINDING_FIN_UNACKNOWLEDGED | 1u << TIMEOUT_FINDING_CLOSE_WAIT_STUCK | \
     1u << TIMEOUT_FINDING_PEER_SILENT | 1u << TIMEOUT_FINDING_BACKLOG_OVERFLOW)
#define DESYNCHRONIZED (1u << TIMEOUT_FINDING_COUNT)

/* The time of the last packet. */
int64_t capture_end(const struct capture *capture);

/* Those that hold with hindsight. */
unsigned warnings_at(const struct summary *summary, int64_t now);

/* These hold of captures that show all that passed. */

/* Who opened and closed in order is not warned of, however long nothing comes any more. */
struct breach check_closed_in_peace(const struct capture *capture, const struct reading *reading);

/* Who is said to have lost a connection has: its host crashed or gave up, in silence or with a RST that was
 * lost. */
struct breach check_losses(const struct capture *capture, const struct reading *reading);

/* A warning of the capture's end is told only where the captured segments bear it out, at that moment or at
 * the end; in one pass each once a connection. */
struct breach check_warnings(const struct capture *capture, const struct reading *reading);

/* Outcome, opening, closing, closer and holder are those of the hosts, if the network was kind. Counts
 * in `seen` the connections of each outcome that were compared. */
struct breach check_outcomes(const struct capture *capture, const struct reading *reading,
                             unsigned seen[OUTCOME_COUNT]);

/* What a worse observer can't promise, counted. */
struct limits {
    unsigned unshown;    /* nothing that was captured shows that something is missing */
    unsigned other_kind; /* it is warned, but of something else */
    unsigned hasty;      /* users in a hurry: openings of several connections cross */
};

/* A worse observer warns of no connection that the better one, who captured `full`, doesn't warn of. */
struct breach check_spoilt(const struct capture *full, const struct reading *reading,
                           const struct capture *worse, const struct reading *other, enum fault fault,
                           struct limits *limits);

#endif
