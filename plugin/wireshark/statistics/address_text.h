/* address_text.h - the address of an end as Wireshark shows it without a name
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_ADDRESS_TEXT_H
#define TCPFSM_WIRESHARK_ADDRESS_TEXT_H

#include "store/connections.h"

#include <wsutil/inet_addr.h>

enum {
    ADDRESS_TEXT_MAX = WS_INET6_ADDRSTRLEN,
    SOCKET_TEXT_MAX = ADDRESS_TEXT_MAX + 8,
};

/* `address_length`: what connections_ends() said. */
void address_write(char text[ADDRESS_TEXT_MAX], const struct tuple_end *end, size_t address_length);

/* "192.0.2.1:80", "[2001:db8::1]:80" */
void socket_write(char text[SOCKET_TEXT_MAX], const char *host, uint16_t port);

#endif
