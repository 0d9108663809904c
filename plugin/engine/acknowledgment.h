/* acknowledgment.h - is the acknowledgment number of a segment acceptable?
 *
 * Read RFC 9293 sections 3.4 and 3.10.7.3 to 3.10.7.4 (fifth), RFC 5961 section 5.
 *
 * What can't be known: whether a number ahead of all that was captured was made up.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_ACKNOWLEDGMENT_H
#define TCPFSM_ENGINE_ACKNOWLEDGMENT_H

#include "endpoint.h"

/* The verdict; sets view->acks_syn and, for an invalid one, the bound. */
enum ack_verdict acknowledgment_judge(struct view *view);

#endif
