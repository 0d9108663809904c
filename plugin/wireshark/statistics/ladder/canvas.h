/* canvas.h - a line of text under construction, cell by cell
 *
 * Drawn in Unicode; where the locale's charset is another, plain ASCII stands for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_CANVAS_H
#define TCPFSM_WIRESHARK_CANVAS_H

#include "statistics/report.h"

#include <epan/packet.h>

struct canvas {
    gunichar *cells;
    int width;
    bool unicode;
};

/* As wide as COLUMNS or the terminal says. */
void canvas_open(struct canvas *canvas);
void canvas_close(struct canvas *canvas);

/* What doesn't fit into the line is cut off. Columns count from 0; `end` is the one behind the last. */
void canvas_put(struct canvas *canvas, int column, const char *text);
void canvas_put_before(struct canvas *canvas, int end, const char *text);
void canvas_put_between(struct canvas *canvas, int column, int end, const char *text);
void canvas_fill(struct canvas *canvas, int column, int end, gunichar glyph);

/* Writes the line without the blanks at its end; it is empty then. */
void canvas_write(struct canvas *canvas, struct output *output);

/* Writes a text of its own, in as many lines as it takes. */
void canvas_write_all(struct canvas *canvas, const char *text, struct output *output);

/* The next line, of at most `width` columns, ended at a blank (but not at U+00A0) if there is any; `text`
 * moves behind it. */
char *canvas_break(wmem_allocator_t *pool, const char **text, int width);

/* Columns of `text`. */
int canvas_columns(const char *text);

#endif
