/* owing.h - what an end owes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_OWING_H
#define TCPFSM_TESTS_UNIT_OWING_H

#include "talk.h"

#include "tell/debts.h"

#define DEBT(debt) (1u << (debt))

#define CHECK_OWES(o, client, server)              \
    do {                                           \
        const struct observation *owed_ = (o);     \
        CHECK_EQUAL(owed_->client_owes, (client)); \
        CHECK_EQUAL(owed_->server_owes, (server)); \
    } while (0)

/* What `end` would owe now, were it in that state. */
static inline unsigned debts_in(struct talk *t, unsigned end, enum state state)
{
    const struct connection *c = talk_newest(t);

    return debts_of(c, &c->end[end], &c->end[!end], state);
}

#endif
