/* community_id.h - the Community ID of a connection, version 1, seed 0
 *
 * The same text in Zeek, Suricata, Arkime and others, from either direction: a hash of addresses, ports and
 * protocol. https://github.com/corelight/community-id-spec
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_COMMUNITY_ID_H
#define TCPFSM_WIRESHARK_COMMUNITY_ID_H

#include "store/tuples.h"

/* "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" */
struct community_id {
    char text[32];
};

/* `address_length`: of either, ADDRESS_SHORT or ADDRESS_LONG. */
struct community_id community_id(const struct tuple_end ends[2], size_t address_length);

#endif
