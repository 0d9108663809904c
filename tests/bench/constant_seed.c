/* constant_seed.c - preloaded, it gives every run of tshark the same hash seeds
 *
 * Wireshark seeds its hash tables from g_random_int(); two runs otherwise differ by hundreds of
 * instructions a packet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdint.h>

uint32_t g_random_int(void);

uint32_t g_random_int(void)
{
    return 0x5eed;
}
