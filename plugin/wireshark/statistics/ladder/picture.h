/* picture.h - the ladder of one connection, drawn with two lifelines
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_PICTURE_H
#define TCPFSM_WIRESHARK_PICTURE_H

#include "statistics/ladder/canvas.h"
#include "statistics/ladder/rungs.h"

/* Draws it on `canvas`, which is empty before and after, line by line. */
void picture_draw(const struct ladder *ladder, struct canvas *canvas, struct output *output);

/* Was it captured at two points? */
bool picture_has_points(const struct ladder *ladder);

/* What the marks mean. */
void picture_legend(bool points, struct canvas *canvas, struct output *output);

#endif
