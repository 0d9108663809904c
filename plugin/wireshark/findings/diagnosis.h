/* diagnosis.h - what an expert info says of a segment, and the numbers below it
 *
 * The sentence is the same for all of its kind and role; who owes it since which frame and for how long, and
 * what was tried meanwhile, are numbers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_DIAGNOSIS_H
#define TCPFSM_WIRESHARK_DIAGNOSIS_H

#include "findings/experts.h"

/* The words of an expert info, or those of a variant of it. */
enum wording {
#define EXPERT(when, name, severity, tells) WORDING_##name,
#define VARIANT(variant, name) WORDING_##variant,
#include "findings/experts.def"
    WORDING_COUNT
};

struct diagnosis {
    enum wording wording;
    enum role end; /* who is {end} in it */
};

/* Of `step` it is the first step's. One with a timeout_finding needs the summary. */
struct diagnosis diagnosis_make(const struct text_ctx *ctx, enum expert expert);

/* What differs from segment to segment; absent: 0 or NO_TIME. */
struct particulars {
    uint32_t frame; /* the other one: in which it began, that was repeated, that shows it; serial number */
    int64_t age;
    int64_t heard; /* who doesn't answer was heard last so long before */
    uint32_t tries;
    int64_t tried; /* for so long */
    uint32_t count;
    uint32_t answers; /* `frame` is a challenge ACK to the SYN in this one, serial number... */
    uint32_t lost;    /* ... in place of the connection with this number, plus one */
};

struct particulars diagnosis_particulars(const struct text_ctx *ctx, enum expert expert);

#endif
