/* reduction.h - which frames of a capture are needed for an accusation?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_SIMULATION_REDUCTION_H
#define TCPFSM_SIMULATION_REDUCTION_H

#include "capture.h"

/* Removes all frames without which somebody honest is accused of the same nevertheless: an observer that
 * missed them must not accuse, either. With `tail_only`, only what follows the accusation goes. Without
 * an accusation nothing is removed. */
void reduce_accusation(struct capture *capture, bool tail_only);

#endif
