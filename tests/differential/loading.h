/* loading.h - where is an engine compiled for comparison?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_DIFFERENTIAL_LOADING_H
#define TCPFSM_DIFFERENTIAL_LOADING_H

#include "side.h"

/* The side in that shared object; ends the program if there is none. */
const struct side *side_load(const char *path);

#endif
