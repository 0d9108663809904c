/* facts.h - what is an end presumed to have received, and which state follows?
 *
 * Each end holds a proven state and a set of facts that are presumed to have
 * arrived there; the expected state is the one that follows from both.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_FACTS_H
#define TCPFSM_ENGINE_FACTS_H

#include "endpoint.h"

/* The state of `end` with its pending facts, without those in `except`. */
enum state facts_state(const struct view *view, const struct end *end, uint8_t except);

/* The column of the table that a fact stands for at this end. */
enum event facts_event(const struct connection *connection, const struct end *end, enum fact fact);

/* Where the segment is remembered that brought the fact. */
enum arrival_slot facts_slot(enum fact fact);

/* Presumes that TIME-WAIT ran out at an end where 2MSL have passed. */
void facts_expire(const struct view *view, struct end *end, int64_t time_wait);

/* Does the sender's ACK cover the peer's SYN? */
bool facts_ack_covers_syn(const struct view *view);

/* With Fast Open (RFC 7413) a server sends data before its SYN-ACK is acknowledged. */
bool facts_may_be_fast_open(const struct view *view);

#endif
