/* routing.h - to which connection does a segment lead?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_ROUTING_H
#define TCPFSM_TESTS_UNIT_ROUTING_H

#include "talk.h"

#include "route/route.h"

/* The row, and the connection to which it leads. */
#define CHECK_ROUTE(o, name, number)                 \
    do {                                             \
        const struct observation *r_ = (o);          \
        CHECK_STRING(route_name(r_->route), (name)); \
        CHECK_EQUAL(r_->connection, (number));       \
    } while (0)

#endif
