/* hindsight_filter.h - does a display filter ask for what is known only at the end of the capture?
 *
 * In one pass, a packet is filtered when it is read: a filter on the outcome of its connection lets hardly
 * any pass, and nothing else would say why.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_HINDSIGHT_FILTER_H
#define TCPFSM_WIRESHARK_HINDSIGHT_FILTER_H

#include <glib.h>

/* To be called when the capture has ended: warns if it was read in one pass and `filter` (NULL: none) has
 * such a field. `argument`: of -z; `instead`: what else the statistic offers, or "". */
void hindsight_filter_warn(const char *argument, const char *filter, const char *instead);

#endif
