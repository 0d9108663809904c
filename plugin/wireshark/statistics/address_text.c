/* address_text.c - see address_text.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/address_text.h"

#include <stdio.h>
#include <string.h>

void address_write(char text[ADDRESS_TEXT_MAX], const struct tuple_end *end, size_t address_length)
{
    if (address_length == ADDRESS_SHORT) {
        ws_inet_ntop4(end->address, text, ADDRESS_TEXT_MAX);
    } else {
        ws_inet_ntop6(end->address, text, ADDRESS_TEXT_MAX);
    }
}

void socket_write(char text[SOCKET_TEXT_MAX], const char *host, uint16_t port)
{
    bool brackets = strchr(host, ':') != NULL;
    snprintf(text, SOCKET_TEXT_MAX, brackets ? "[%s]:%u" : "%s:%u", host, (unsigned)port);
}
