/* tries.h - what is sent again and again, and not answered?
 *
 * Read RFC 9293 sections 3.8.1 (retransmission), 3.8.4 (keepalives), 3.8.6.1 (window probes).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_TRIES_H
#define TCPFSM_ENGINE_TRIES_H

#include "summary/update.h"

/* Counts the copies of SYN and FIN, and the tries with data; answers what the peer tried. */
void tries_update(struct update *update);

#endif
