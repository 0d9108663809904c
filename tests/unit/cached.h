/* cached.h - the store's cache of connections, for the tests of what it packs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_CACHED_H
#define TCPFSM_TESTS_UNIT_CACHED_H

#include "store/cold/conn_cache.h"
#include "store.h"

enum { NEVER_MANY = 1000000 };

/* The same numbers in each run. */
static inline uint32_t dice(void)
{
    static uint64_t state = 20240301;
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33);
}

/* How many connections are cached. */
static inline uint32_t cached_count(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < conn_cache_count(); i++) {
        count += conn_cache_index(i)->cached;
    }
    return count;
}

#endif
