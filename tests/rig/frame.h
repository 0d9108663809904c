/* frame.h - the bytes of a scenario's segment: TCP header, and the packet around it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_RIG_FRAME_H
#define TCPFSM_RIG_FRAME_H

#include "scenario.h"
#include "wire/segment.h"

enum { QUOTE_MAX = 8 + 40 + SEGMENT_HEADER_MAX, FRAME_MAX = 14 + 4 + 40 + QUOTE_MAX };

/* How a scenario's numbers become real ones. */
struct numbering {
    uint32_t isn[2]; /* of ">" and of "<" */
    bool swapped;    /* end 0 becomes end 1: the lower address the higher */
    uint16_t pair;   /* picks the addresses: a four-tuple for each scenario */
};

extern const struct numbering plain_numbering;

struct header {
    uint8_t bytes[QUOTE_MAX];
    size_t captured;  /* <= what was built, if cut */
    uint32_t length;  /* of the segment on the wire, header and data */
    uint8_t protocol; /* of IP: TCP, or ICMP in its place */
};

seq_t number_resolve(struct number number, uint32_t isn);

void header_build(struct header *header, const struct scenario *scenario, const struct sending *sending,
                  const struct numbering *numbering);

/* In place of a TCP header: an ICMP error (port unreachable) that quotes `quoted`. */
void quote_build(struct header *header, const struct scenario *scenario, const struct sending *quoted,
                 const struct numbering *numbering);

/* Ethernet, perhaps a VLAN tag, IP and what was captured of `header`. Returns the captured bytes;
 * `length` becomes those on the wire. The data itself is never captured. */
size_t frame_build(uint8_t frame[FRAME_MAX], uint32_t *length, const struct header *header,
                   const struct scenario *scenario, const struct sending *sending,
                   const struct numbering *numbering);

#endif
