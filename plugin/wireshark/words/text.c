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

static char *end_of(const struct text *text)
{
    return text->chars + text->size - 1;
}

static void end_at(struct text *text, char *at)
{
    *at = '\0';
    text->length = (size_t)(at - text->chars);
}

void text_add_part(struct text *text, const char *more, size_t length)
{
    size_t room = text->size - 1 - text->length;
    length = length < room ? length : room;
    memcpy(text->chars + text->length, more, length);
    end_at(text, text->chars + text->length + length);
}

void text_add(struct text *text, const char *more)
{
    text_add_part(text, more, strlen(more));
}

/* Writes at `at`, and returns where to go on. What is put together is short: a character at a time takes less
 * than calls that measure and copy. */
static char *put_chars(char *at, const char *end, const char *more)
{
    while (at != end && *more != '\0') {
        *at++ = *more++;
    }
    return at;
}

static char *put_number(char *at, const char *end, uint32_t number)
{
    char digits[] = "4294967295"; /* UINT32_MAX, the longest */
    size_t first = sizeof digits - 1;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return put_chars(at, end, digits + first);
}

void text_add_number(struct text *text, uint32_t number)
{
    end_at(text, put_number(text->chars + text->length, end_of(text), number));
}

void text_format(struct text *text, const char *format, ...)
{
    va_list arguments;
    char *at = text->chars + text->length, *end = end_of(text);
    va_start(arguments, format);
    for (; *format != '\0' && at != end; format++) {
        /* clang-tidy 14 doesn't see va_start(). NOLINTBEGIN(clang-analyzer-valist.Uninitialized) */
        if (*format != '%') {
            *at++ = *format;
        } else if (*++format == 's') {
            at = put_chars(at, end, va_arg(arguments, const char *));
        } else {
            assert(*format == 'u');
            at = put_number(at, end, va_arg(arguments, uint32_t));
        }
        /* NOLINTEND(clang-analyzer-valist.Uninitialized) */
    }
    end_at(text, at);
    va_end(arguments);
}
