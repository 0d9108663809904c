/* reset.h - does a RST count, and why was it sent?
 *
 * Read RFC 9293 sections 3.5.2 (who sends a RST and with which numbers), 3.5.3
 * (who believes it), 3.10.7.3 (in SYN-SENT the ACK decides), RFC 5961 section 3.
 *
 * What can't be known: whether a device in between sent it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_RESET_H
#define TCPFSM_ENGINE_RESET_H

#include "endpoint.h"

/* Sets view->rst_counts and the cause. `sender` and `peer`: their states before the RST. */
void reset_judge(struct view *view, enum state sender, enum state peer);

/* Does this RST leave its sender's state alone? In LISTEN, SYN-SENT and SYN-RECEIVED an
 * unacceptable ACK is answered with a RST, and nothing else happens (RFC 9293 3.10.7). */
bool reset_only_answers(const struct view *view, enum state sender);

#endif
