/* ladder_heading.h - which connection a ladder is of, and what became of it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_LADDER_HEADING_H
#define TCPFSM_WIRESHARK_LADDER_HEADING_H

#include "summary/summary.h"
#include "statistics/ladder/lifelines.h"

void heading_draw(struct lifelines *lines, uint32_t number, const struct summary *summary,
                  unsigned timeout_findings);

#endif
