/* order.c - see order.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "points/order.h"

#include "thresholds.h"
#include "wire/age.h"

/* Does a segment arrive before it has departed, by more than two capture devices may exchange packets?
 * `client_first`: the first point is nearer to the client. */
static bool runs_back(const struct transits *client, const struct transits *server, bool client_first)
{
    int64_t earliest = -INVERTED_MS * NS_PER_MS;
    return client_first ? client->least < earliest || -server->greatest < earliest
                        : server->least < earliest || -client->greatest < earliest;
}

enum order order_of(const struct transits *client, const struct transits *server)
{
    if (client->seen == 0 || server->seen == 0) {
        return ORDER_UNKNOWN;
    }
    int64_t both_ways = transits_median(client) - transits_median(server);
    bool client_first = both_ways > 0;
    if ((client_first ? both_ways : -both_ways) <= SAME_PLACE_US * NS_PER_MS / 1000) {
        return ORDER_SAME;
    }
    if (runs_back(client, server, client_first)) {
        return ORDER_CLOCKS;
    }
    return client_first ? ORDER_CLIENT_FIRST : ORDER_SERVER_FIRST;
}
