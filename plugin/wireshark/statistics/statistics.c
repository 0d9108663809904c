/* statistics.c - see statistics.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

void statistics_handoff(void)
{
}
