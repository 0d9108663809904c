/* community_id.c - see community_id.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/connections/community_id.h"

#include <glib.h>
#include <string.h>

enum { SEED_BYTES = 2, PROTOCOL_TCP = 6, SHA1_BYTES = 20 };

/* Whether `a` comes first: the lower address, of equal ones the lower port. */
static bool comes_first(const struct tuple_end *a, const struct tuple_end *b, size_t length)
{
    int order = memcmp(a->address, b->address, length);
    return order < 0 || (order == 0 && a->port < b->port);
}

struct community_id community_id(const struct tuple_end ends[2], size_t length)
{
    struct community_id id = {"1:"};
    uint8_t bytes[SEED_BYTES + 2 * ADDRESS_LONG + 2 + 2 * 2] = {0}, *to = bytes + SEED_BYTES;
    uint8_t digest[SHA1_BYTES];
    gsize digest_length = sizeof digest;
    unsigned first = comes_first(&ends[0], &ends[1], length) ? 0 : 1;
    for (unsigned i = 0; i < 2; i++) {
        memcpy(to, ends[first ^ i].address, length);
        to += length;
    }
    *to++ = PROTOCOL_TCP;
    *to++ = 0; /* padding */
    for (unsigned i = 0; i < 2; i++) {
        uint16_t port = ends[first ^ i].port;
        *to++ = (uint8_t)(port >> 8);
        *to++ = (uint8_t)port;
    }
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA1);
    g_checksum_update(sum, bytes, to - bytes);
    g_checksum_get_digest(sum, digest, &digest_length);
    g_checksum_free(sum);
    char *base64 = g_base64_encode(digest, digest_length);
    g_strlcat(id.text, base64, sizeof id.text);
    g_free(base64);
    return id;
}
