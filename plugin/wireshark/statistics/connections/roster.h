/* roster.h - which connections did a listener of our tap see, and what became of them?
 *
 * A segment costs a look into an array; all else is asked of the summary and the
 * records when a connection is to be shown, which is possible while the capture
 * file is open.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_ROSTER_H
#define TCPFSM_WIRESHARK_ROSTER_H

#include "summary/connection_fields.h"
#include "statistics/address_text.h"
#include "tap.h"
#include "statistics/warnings.h"

#include <glib.h>

struct roster;

struct roster *roster_new(void);
void roster_free(struct roster *roster);
void roster_clear(struct roster *roster);

/* Notes the connection of a segment. Returns whether it wasn't noted before. */
bool roster_note(struct roster *roster, const struct tcpfsm_segment *segment);

/* Reads the warnings of all segments of the capture, whichever the listener heard of. All that was captured
 * so far is taken for the whole capture. To be called before what follows. */
void roster_read(struct roster *roster);

/* The numbers of the connections that were noted (uint32_t), in order of stream, then number; for the caller
 * to free. */
GArray *roster_order(const struct roster *roster);

bool roster_has(const struct roster *roster, uint32_t connection);

/* A connection as of the end of the capture. In the summary, frames are serial numbers (serials.h). */
struct connection_row {
    uint32_t connection;
    struct tuple_end end[2]; /* the client, the server */
    size_t address_length;
    struct summary summary;
    unsigned timeout_findings;
    int64_t now;                          /* the end of the capture, in the time of segments */
    uint64_t warnings;                    /* bit n: enum expert n */
    uint32_t warning_frame[EXPERT_COUNT]; /* the first with it; 0: not known */
};

bool roster_row(const struct roster *roster, uint32_t connection, struct connection_row *row);

struct row_end {
    char address[ADDRESS_TEXT_MAX];
    uint16_t port;
};

/* 0: the client, 1: the server. A text only for those that are shown: all connections are looked through for
 * the most troubled. */
struct row_end row_end(const struct connection_row *row, unsigned end);

/* Lives as long as the row. */
static inline struct connection_view row_view(const struct connection_row *row)
{
    return connection_view_of(&row->summary, row->timeout_findings, true);
}

/* What an end has yet to send. */
struct due {
    enum debt debt;
    uint32_t frame; /* the segment after which it was due; 0: absent */
    int64_t age;    /* ns until the end of the capture; NO_TIME: absent */
};

/* Most urgent first; `end` 0 is the client. Returns how many. */
unsigned row_dues(const struct connection_row *row, unsigned end, struct due dues[DEBT_COUNT]);

#endif
