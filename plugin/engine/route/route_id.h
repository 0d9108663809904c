/* route_id.h - the rows of route.def as numbers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_ROUTE_ID_H
#define TCPFSM_ENGINE_ROUTE_ID_H

enum route_id {
    ROUTE_NONE,             /* no usable header, or no memory */
    ROUTE_COPY_OF_PREVIOUS, /* captured before, in the connection before the newest */
    ROUTE_COPY_OF_NEWEST,   /* captured before, in the newest */
#define ROUTE(name, kinds, newest, numbers, goal, section) ROUTE_##name,
#include "route/route.def"
#undef ROUTE
    ROUTE_COUNT
};

/* "behind_both_ends" */
const char *route_name(enum route_id route);

#endif
