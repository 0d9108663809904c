/* tally.h - the counts of one tree
 *
 * They are our own until the tree is drawn: to tick Wireshark's nodes with each
 * segment is dearer than all that the engine does with it. So Wireshark knows how
 * many there were and at what rate, but of no bursts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TALLY_H
#define TCPFSM_WIRESHARK_TALLY_H

#include "tap.h"

#include "statistics/marks.h"

#include <epan/stats_tree.h>

/* In the order of tshark. The dialog of Wireshark begins with names from Z to A, but outcomes first. */
enum section {
    SECTION_OUTCOMES,
    SECTION_WARNINGS,
    SECTION_SERVERS,
    SECTION_CLIENTS,
    SECTION_CLOSERS,
    SECTION_RESETS,
    SECTION_STEPS,
    SECTION_REPEATS,
    SECTION_CLIENT_MOVES,
    SECTION_SERVER_MOVES,
    SECTION_TIMERS,
    SECTION_SEQ,
    SECTION_ACK,
    SECTION_NOTES,
    SECTION_COUNT
};

struct tally;

/* With the nodes of all sections. */
struct tally *tally_make(stats_tree *tree);
void tally_free(struct tally *tally);

/* What that segment says. */
void tally_segment(struct tally *tally, const struct observation *observation);

/* The notes and warnings that stand on that segment, whenever it is looked at. */
void tally_warnings(struct tally *tally, const struct tcpfsm_segment *segment);

/* What became of the connection of that number, as of the capture's end. */
void tally_connection(struct tally *tally, uint32_t number, const struct marks *marks);

/* Sets the nodes of Wireshark's tree to what was counted. */
void tally_show(const struct tally *tally);

#endif
