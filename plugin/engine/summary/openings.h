/* openings.h - what does a segment add to the summary of an opening?
 *
 * Read RFC 9293 section 3.5, RFC 7413 (Fast Open), RFC 7323 section 4 (which SYN was answered).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_OPENINGS_H
#define TCPFSM_ENGINE_OPENINGS_H

#include "summary/update.h"

/* Its steps, what the SYNs offer, how long it took, and whether the server repeats its SYN-ACK in vain. */
void openings_update(struct update *update);

#endif
