/* thresholds.h - the numbers of thresholds.def as constants
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_THRESHOLDS_H
#define TCPFSM_ENGINE_THRESHOLDS_H

enum threshold {
#define THRESHOLD(id, value, unit, source, too_small, too_large) id = (value),
#include "thresholds.def"
#undef THRESHOLD
};

#define NS_PER_MS INT64_C(1000000)

#endif
