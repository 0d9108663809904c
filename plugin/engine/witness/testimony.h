/* testimony.h - a suspect, and a later segment (private to the engine)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_TESTIMONY_H
#define TCPFSM_ENGINE_TESTIMONY_H

#include "witness/witness.h"

struct hearing {
    const struct suspect *s;
    const struct segment *seg;
    const struct observation *o;
    seq_t acked;  /* the highest that the later segment's sender has acknowledged, this one included */
    int64_t wait; /* ns after which what was under way has come */
};

/* Who sends the later segment. */
enum speaker { BY_ANYBODY, BY_SENDER, BY_RECEIVER, BY_NEXT };

enum shown {
    SHOWS_NONE, /* no row applies */
    SHOWS_ACCEPTED,
    SHOWS_REJECTED,
    SHOWS_DENIED,
    SHOWS_GENUINE,
    SHOWS_FORGED,
    SHOWS_SENT_AGAIN,
    SHOWS_NOTHING
};

/* The first row of testimony.def that applies. */
enum shown testimony_of(const struct hearing *hearing, enum speaker speaker, enum testimony_id *row);

#endif
