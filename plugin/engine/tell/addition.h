/* addition.h - what the summary of a connection adds to what is told of a segment
 *
 * With tell.c the only writer of an observation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_ADDITION_H
#define TCPFSM_ENGINE_ADDITION_H

#include "connection.h"

/* What each end has owed for a second or more. */
void tell_owed(struct observation *observation, struct owed client, struct owed server);

/* One end of a connection, as it is known at the capture point that is near to it. */
struct end_there {
    enum state state;
    enum basis basis;
    unsigned owes;
    struct owed owed;
    bool hole;
};

/* `end`: what segments call `from`. Without what it has owed for long. */
void tell_end_there(struct end_there *there, const struct connection *connection, unsigned end);

/* The segment was captured at the point near to one end; what is told of the other end is `there`.
 * `arrives`: it was captured where it arrives, so that its sender is the other end. */
void tell_other_point(struct observation *observation, const struct end_there *there, bool arrives);

/* Its sender is the client, the server: it is known from elsewhere that the roles are the other way round. */
void tell_role(struct observation *observation, enum role sender);

/* What is told by the capture point where it departed: here it arrives, and nothing is told twice. */
void tell_arrival(struct observation *observation);

/* Something that only shows in what came before. */
void tell_finding(struct observation *observation, findings_t finding);

/* Its sender is trusted: none of its numbers is suspected. */
void tell_trust(struct observation *observation);

#endif
