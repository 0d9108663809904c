/* conversation.c - which filter finds the rest of this packet's connection?
 *
 * Wireshark asks for the packet that is selected, whose dissection it still holds:
 * what we found in it lies in its pool, so nothing is kept for this.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "menu/menu.h"

#include "statistics/address_text.h"
#include "compat.h"
#include "observe.h"
#include "words/words.h"

#include <epan/conversation_filter.h>
#include <inttypes.h>

/* The connection of the outermost segment, or of the one that an ICMP error quotes. */
static bool find_connection(packet_info *pinfo, uint32_t *number)
{
    for (const struct tcp_layer *layer = observe_layers(pinfo); layer != NULL; layer = layer->next) {
        if (layer->quote != NULL || layer->observed) {
            *number = layer->quote != NULL ? layer->quote->connection : layer->record.observation.connection;
            return true;
        }
    }
    return false;
}

static compat_filter_valid is_valid(COMPAT_FILTER_ARGUMENTS)
{
    uint32_t number;
    return find_connection(pinfo, &number);
}

static char *build_connection(COMPAT_FILTER_ARGUMENTS)
{
    uint32_t number;
    return find_connection(pinfo, &number) ? g_strdup_printf("tcpfsm.connection == %" PRIu32, number) : NULL;
}

/* The same addresses and ports, whichever streams Wireshark made of them. */
static char *build_incarnations(COMPAT_FILTER_ARGUMENTS)
{
    uint32_t number;
    struct tuple_end ends[2];
    size_t length;
    char text[2][ADDRESS_TEXT_MAX];
    if (!find_connection(pinfo, &number) || !connections_ends(number, ends, &length)) {
        return NULL;
    }
    for (unsigned i = 0; i < 2; i++) {
        address_write(text[i], &ends[i], length);
    }
    const char *field = length == ADDRESS_SHORT ? "ip.addr" : "ipv6.addr";
    return g_strdup_printf("%s == %s && %s == %s && tcp.port == %u && tcp.port == %u", field, text[0], field,
                           text[1], ends[0].port, ends[1].port);
}

void conversation_register(void)
{
    register_conversation_filter("tcpfsm", WORDS_MENU_CONNECTION, is_valid,
                                 build_connection COMPAT_FILTER_REGISTERED);
    register_conversation_filter("tcpfsm", WORDS_MENU_INCARNATIONS, is_valid,
                                 build_incarnations COMPAT_FILTER_REGISTERED);
}
