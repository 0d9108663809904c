/* fates.h - what became of a segment that hasn't come to the other capture point?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_FATES_H
#define TCPFSM_ENGINE_FATES_H

#include "points/flights.h"

/* Its receiver has it, as `segment` shows, and it can only be this copy of it. Neither a RST nor a segment
 * that takes no number is acknowledged. */
bool fate_is_acknowledged(const struct flight *flight, const struct segment *segment);

bool fate_is_pure_ack(const struct flight *flight);

/* Was it lost? `until`: what departed up to then had to be seen at the other point. A pure ACK has no
 * witness, and devices thin them out: it is lost only if the other point misses nothing about then. */
bool fate_is_lost(const struct flight *flight, int64_t until);

/* IP ID or timestamp tells that what arrives is another one, as far as devices leave those. */
bool fate_is_other(const struct flights *flights, const struct flight *flight, const struct flight *arrival);

/* A FIN takes the last number of its segment: it is no byte of data. `right`: where what both have ends. */
bool fate_ends_alike(const struct flight *flight, const struct flight *arrival, seq_t right);

#endif
