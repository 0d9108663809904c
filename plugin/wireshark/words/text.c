/* text.c - see text.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "words/text.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

struct text text_in(char *chars, size_t size)
{
    chars[0] = '\0';
    return (struct text){chars, size, 0};
}

void text_add_part(struct text *text, const char *more, size_t length)
{
    size_t room = text->size - 1 - text->length;
    length = length < room ? length : room;
    memcpy(text->chars + text->length, more, length);
    text->length += length;
    text->chars[text->length] = '\0';
}

void text_add(struct text *text, const char *more)
{
    text_add_part(text, more, strlen(more));
}

void text_add_number(struct text *text, uint32_t number)
{
    char digits[10]; /* of UINT32_MAX */
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    text_add_part(text, digits + first, sizeof digits - first);
}

void text_format(struct text *text, const char *format, ...)
{
    va_list arguments;
    const char *percent;
    va_start(arguments, format);
    while ((percent = strchr(format, '%')) != NULL) {
        text_add_part(text, format, (size_t)(percent - format));
        /* clang-tidy 14 doesn't see va_start(). NOLINTBEGIN(clang-analyzer-valist.Uninitialized) */
        if (percent[1] == 's') {
            text_add(text, va_arg(arguments, const char *));
        } else {
            assert(percent[1] == 'u');
            text_add_number(text, va_arg(arguments, uint32_t));
        }
        /* NOLINTEND(clang-analyzer-valist.Uninitialized) */
        format = percent + 2;
    }
    text_add(text, format);
    va_end(arguments);
}
