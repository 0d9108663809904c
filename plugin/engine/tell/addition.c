/* addition.c - see addition.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tell/addition.h"

void tell_owed(struct observation *o, struct owed client, struct owed server)
{
    o->client_owed = client;
    o->server_owed = server;
}

void tell_finding(struct observation *o, findings_t finding)
{
    o->findings |= finding;
}

void tell_trust(struct observation *o)
{
    o->findings &= ~(FINDING_SEQ_SUSPECT | FINDING_ACK_SUSPECT | FINDING_RESET_SUSPECT);
}

void tell_role(struct observation *o, enum role sender)
{
    unsigned client_owes = o->client_owes;
    o->sender_role = sender;
    o->client_owes = o->server_owes;
    o->server_owes = client_owes;
    tell_owed(o, o->server_owed, o->client_owed);
}

void tell_arrival(struct observation *o)
{
    o->findings = (o->findings & FINDINGS_INTERNAL) | FINDING_ARRIVAL;
}
