/* text.h - a text under construction
 *
 * A tree that somebody sees has some twenty texts for each segment. printf reads its format a character at a
 * time and writes through a stream; it was most of what they cost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_WIRESHARK_TEXT_H
#define TCPFSM_WIRESHARK_TEXT_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* What doesn't fit is cut off. */
struct text {
    char *chars; /* of the caller; always ends with a zero */
    size_t size, length;
};

/* An empty one in `size` bytes. */
struct text text_in(char *chars, size_t size);

void text_add(struct text *text, const char *more);
void text_add_part(struct text *text, const char *more, size_t length);
void text_add_number(struct text *text, uint32_t number);

/* As printf, but of its conversions only %s and %u (or PRIu32). */
void text_format(struct text *text, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
