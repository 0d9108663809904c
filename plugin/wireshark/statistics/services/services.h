/* services.h - how do the connections to each server address and port fare?
 *
 * Each connection is added once, as of the capture's end; then a service knows its counts, its clients, the
 * longest debt of either end, and all its handshake times in order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_SERVICES_H
#define TCPFSM_WIRESHARK_SERVICES_H

#include "statistics/connections/roster.h"

struct service {
    char address[ADDRESS_TEXT_MAX];
    uint16_t port;
    uint32_t connections, clients; /* clients: different addresses */
    uint32_t troubled;             /* connections that neither closed cleanly nor are still open */
    uint32_t outcomes[OUTCOME_COUNT];
    uint32_t close_wait[2]; /* in which the client, the server is in CLOSE-WAIT at the end */
    uint32_t resets, causes[RESET_CAUSE_COUNT];
    uint32_t two_points; /* connections that were captured at two points */
    uint32_t lost[2];    /* between these: segments of clients, of the server */
    struct due longest;  /* no younger than a second; OWES_NOTHING as its debt: there is none */
    bool of_server;      /* whose it is */
    GSequence *handshakes;
};

struct services;

struct services *services_new(void);
void services_free(struct services *services);
void services_clear(struct services *services);

/* Adds a connection that wasn't added yet. Returns the place of its service. */
guint services_add(struct services *services, const struct connection_row *row);

/* In the order of their first connections. They live until the next is added. */
guint services_count(const struct services *services);
const struct service *services_at(const struct services *services, guint place);

/* All of them together, a client of several counted once. */
const struct service *services_total(const struct services *services);

/* The places (guint) of all, those with the most trouble first; for the caller to free. */
GArray *services_order(const struct services *services);

/* The shortest time, in ms, within which that part of the handshakes was complete; 0 if there was none. */
double service_handshake(const struct service *service, unsigned percent);
guint service_handshakes(const struct service *service);

#endif
