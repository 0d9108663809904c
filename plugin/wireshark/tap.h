/* tap.h - what the tap "tcpfsm" delivers, once for every TCP segment of a frame
 *
 * A listener registers with register_tap_listener("tcpfsm", ...); the data of
 * its packet function is a `const struct tcpfsm_segment *`. All of it lives as
 * long as the dissection of the frame: copy what is to be kept.
 *
 * The observation is complete in itself: what it says is valid as of this
 * segment, and the same in one pass and in two.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TAP_H
#define TCPFSM_WIRESHARK_TAP_H

#include "capture/serials.h"
#include "findings/hindsight.h"
#include "observation.h"
#include "wire/segment.h"

#include <epan/address.h>

#define TCPFSM_TAP "tcpfsm"

struct tcpfsm_segment {
    const struct segment *segment;         /* the header; time included */
    const struct observation *observation; /* what the engine said about it */
    const address *source, *destination;   /* of this TCP header, also inside a tunnel */
    unsigned layer;                        /* 0 for the outermost TCP header of the frame */
    uint32_t stream;                       /* tcp.stream, or UINT32_MAX if there is none */
    const struct reported *reported;       /* findings, as of now */
    uint8_t point;                         /* crossing.point of points.h */
    frame_t frame;                         /* in the segment and in the observation stand serial numbers */
};

#endif
