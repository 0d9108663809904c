/* varint.c - see varint.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/varint.h"

uint8_t *varint_put(uint8_t *to, uint64_t value)
{
    while (value >= 0x80) {
        *to++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *to++ = (uint8_t)value;
    return to;
}

const uint8_t *varint_get(const uint8_t *from, uint64_t *value)
{
    unsigned shift = 0;
    *value = *from & 0x7f;
    while (*from++ & 0x80) {
        shift += 7;
        *value |= (uint64_t)(*from & 0x7f) << shift;
    }
    return from;
}

uint8_t *signed_put(uint8_t *to, int64_t value)
{
    return varint_put(to, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

const uint8_t *signed_get(const uint8_t *from, int64_t *value)
{
    uint64_t zigzag;
    from = varint_get(from, &zigzag);
    *value = (int64_t)((zigzag >> 1) ^ (0 - (zigzag & 1)));
    return from;
}

uint8_t *near_put(uint8_t *to, uint32_t value, uint32_t near)
{
    return signed_put(to, (int32_t)(value - near));
}

const uint8_t *near_get(const uint8_t *from, uint32_t *value, uint32_t near)
{
    int64_t difference;
    from = signed_get(from, &difference);
    *value = near + (uint32_t)difference;
    return from;
}
