/* warnings.h - which expert infos of kind Note or Warn does a connection have?
 *
 * Those of a segment are read from its observation; those that take time, or come
 * from elsewhere, from the summary.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_WARNINGS_H
#define TCPFSM_WIRESHARK_WARNINGS_H

#include "findings/experts.h"

/* What a segment carries, except for the timeout_findings and for what its receiver has to show. */
uint64_t warnings_of_segment(const struct observation *observation, struct reported reported);

/* What the summary tells. */
uint64_t warnings_of_summary(const struct summary *summary, unsigned timeout_findings);

/* The frame on which such a one stands, as a serial number (serials.h); 0: not known. */
uint32_t warnings_frame(const struct summary *summary, enum expert warning);

/* The one that is counted at that place of struct doubts (witnesses.h). */
enum expert warnings_of_doubt(unsigned place);

/* Those of a set that are Warns. */
uint64_t warnings_of_kind_warn(uint64_t set);

#endif
