/* lineage.h - where does a connection come from, and who is its client?
 *
 * Read RFC 9293 sections 3.4.1, 3.5 and 3.5.1.
 *
 * What can't be known: whether a SYN into a live connection is a new client on the old port or a
 * forgery. Until one of both is answered, the connection is ambiguous.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_LINEAGE_H
#define TCPFSM_ENGINE_LINEAGE_H

#include <stdbool.h>
#include <stdint.h>

/* Written by lineage.c alone. */
struct lineage {
    uint32_t previous;   /* number of the incarnation before, plus one; 0: none */
    unsigned client : 1; /* index of the client's end */
    bool joined_late : 1;
    bool ambiguous : 1; /* it begins in a live connection; that one may go on */
};

/* A new connection behind `previous`. */
void lineage_begin(struct lineage *lineage, uint32_t previous, unsigned client, bool joined_late);

/* The incarnation before is another one now. */
void lineage_relink(struct lineage *lineage, uint32_t previous);

/* Who its client is. */
void lineage_set_client(struct lineage *lineage, unsigned client);

/* The connection before may, or can't, go on. */
void lineage_doubt(struct lineage *lineage, bool ambiguous);

#endif
