/* tcp_layer.h - one TCP header of the frame being dissected
 *
 * What Wireshark hands over with it, what the engine said of it, and what is reported.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TCP_LAYER_H
#define TCPFSM_WIRESHARK_TCP_LAYER_H

#include "findings/hindsight.h"
#include "icmp_errors.h"
#include "store/points/points.h"

#include <epan/packet.h>

/* Lives in pinfo->pool. */
struct tcp_layer {
    struct tcp_layer *next; /* further inside the same frame */
    unsigned depth;         /* 0 for the outermost */
    tvbuff_t *tvb;
    address source, destination;
    struct segment segment;
    struct tuple tuple;
    struct tuple_entry *entry;  /* on the first visit, else NULL */
    const struct quote *quote;  /* no segment, but quoted by an ICMP error; else NULL */
    bool observed;              /* `record` is filled (its stream comes last) */
    bool begins;                /* a connection */
    bool info_shown;            /* the Info column has its text */
    bool base_watched;          /* TCP may change where relative numbers count from: */
    uint32_t base;              /* where the sender's did before */
    struct record record;       /* as of this segment, for ever */
    struct reported reported;   /* as of now */
    struct rejection rejection; /* on the first visit: what it shows of earlier segments */
    struct crossing crossing;   /* between two capture points */
    struct testimony received;  /* on later visits: what its receiver made of it */
};

/* Fills what comes from the header and around it; false if there is nothing to observe. */
bool tcp_layer_read(struct tcp_layer *layer, packet_info *pinfo, const void *ip);

/* Where it was captured, as the file numbers its interfaces; 0 if it doesn't. */
uint32_t tcp_layer_interface(const packet_info *pinfo);

/* Of the packet, in ns. */
int64_t tcp_layer_time(const packet_info *pinfo);

#endif
