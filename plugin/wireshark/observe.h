/* observe.h - how segments get from Wireshark to the engine
 *
 * A handle in front of TCP sees every TCP header with the addresses and the
 * length that the IP layer found. A post-dissector shows what became of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_OBSERVE_H
#define TCPFSM_WIRESHARK_OBSERVE_H

#include "store/connections.h"
#include "icmp_errors.h"
#include "store/records.h"

#include <epan/packet.h>

/* One TCP header of the frame being dissected; lives in pinfo->pool. */
struct sighting {
    struct sighting *next; /* further inside the same frame */
    unsigned layer;        /* 0 for the outermost */
    tvbuff_t *tvb;
    uint32_t serial; /* of the frame, see serials.h */
    address source, destination;
    struct segment segment;
    struct tuple tuple;
    struct tuple_entry *entry;  /* on the first visit, else NULL */
    const struct quote *quote;  /* no segment, but quoted by an ICMP error; else NULL */
    bool observed;              /* `record` is filled (its stream comes last) */
    unsigned timeout_findings;  /* bit n: enum timeout_finding n is told on this segment */
    struct rejection rejection; /* on the first visit: what it shows of earlier segments */
    struct testimony received;  /* on later visits: what its receiver made of it */
    bool begins;                /* a connection */
    bool info_shown;            /* the Info column has its text */
    bool base_watched;          /* TCP may change where relative numbers count from: */
    uint32_t base;              /* where the sender's did before */
    struct record record;
};

/* The TCP headers of a frame, as far as its dissection is there: the outermost, or NULL. */
struct sighting *observe_sightings(packet_info *pinfo);

/* `protocol`: of this plugin. Call from the registration, then from the handoff. */
void observe_register(int protocol);
void observe_handoff(void);

#endif
