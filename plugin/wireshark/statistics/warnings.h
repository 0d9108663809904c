/* warnings.h - which expert infos of kind Note or Warn does a connection have?
 *
 * Those of a segment are read from its observation; those that take time, or come
 * from elsewhere, from the account.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_WARNINGS_H
#define TCPFSM_WIRESHARK_WARNINGS_H

#include "experts.h"

/* What a segment carries, except for the conclusions. */
uint64_t warnings_of_segment(const struct observation *observation);

/* What the account tells. */
uint64_t warnings_of_account(const struct account *account, unsigned conclusions);

/* The frame on which such a one stands, as a serial number (frames.h); 0: not known. */
uint32_t warnings_frame(const struct account *account, enum expert warning);

#endif
