/* choice.h - which connections does a -z ask for, beside its display filter?
 *
 * Its options are applied once the capture has ended, when all is known of each connection, so they
 * choose the same in one pass and in two:
 *
 *     outcome=half-closed     connections of that outcome
 *     server=192.0.2.1:443    to that server; without port or without address (:443), to any
 *     limit=20                no more than that many
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CHOICE_H
#define TCPFSM_WIRESHARK_CHOICE_H

#include "statistics/connections/roster.h"
#include "statistics/options.h"

struct choice {
    int outcome;                   /* enum outcome; ANY_OUTCOME */
    char server[ADDRESS_TEXT_MAX]; /* as address_write() writes it; "": any */
    uint16_t port;                 /* of the server; 0: any */
    uint32_t limit;                /* 0: none */
};

enum { ANY_OUTCOME = -1 };

/* The names of its options. */
extern const char *const choice_options[];

extern const struct choice choice_of_all;

/* Returns what is wrong with them, for g_free(), or NULL. */
char *choice_check(const struct options *options);
char *choice_read(struct choice *choice, const struct options *options);

/* Whether outcome and server are those that are asked for. */
bool choice_takes(const struct choice *choice, const struct connection_row *row);

#endif
