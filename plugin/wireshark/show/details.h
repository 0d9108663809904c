/* details.h - what is shown of a segment below its line
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_DETAILS_H
#define TCPFSM_WIRESHARK_DETAILS_H

#include "show/tree_writer.h"

/* In this order: first what explains the segment; then, behind the expert infos, what it is, what is expected
 * next and where both ends stand, each in a line; then the rest, closed. */
void details_put_explanation(const struct tree_writer *writer);
void details_put_lines(const struct tree_writer *writer);
void details_put_rest(const struct tree_writer *writer);

#endif
