/* canvas.c - see canvas.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/ladder/canvas.h"

#include <stdlib.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <sys/ioctl.h>
#include <unistd.h>
#endif

/* Columns: of a file or pipe, the least in which all is legible, the most at which arrows look well. */
enum { WIDTH_OF_FILE = 100, WIDTH_MIN = 60, WIDTH_MAX = 132 };

enum { NO_BREAK = 0xa0 }; /* a blank at which no line ends */

/* 0: standard output is no terminal. */
static int width_of_terminal(void)
{
#ifdef _WIN32
    CONSOLE_SCREEN_BUFFER_INFO info;
    bool known = GetConsoleScreenBufferInfo(GetStdHandle(STD_OUTPUT_HANDLE), &info);
    return known ? info.srWindow.Right - info.srWindow.Left + 1 : 0;
#else
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
#endif
}

static int width_wanted(void)
{
    const char *columns = g_getenv("COLUMNS");
    long width = columns != NULL ? strtol(columns, NULL, 10) : 0;
    if (width <= 0) {
        width = width_of_terminal();
    }
    return width <= 0 ? WIDTH_OF_FILE : (int)CLAMP(width, WIDTH_MIN, WIDTH_MAX);
}

void canvas_open(struct canvas *canvas)
{
    const char *charset;
    canvas->width = width_wanted();
    canvas->unicode = g_get_charset(&charset);
    canvas->cells = g_new(gunichar, (gsize)canvas->width);
    canvas_fill(canvas, 0, canvas->width, ' ');
}

void canvas_close(struct canvas *canvas)
{
    g_free(canvas->cells);
}

/* GLib's own casts const away. */
static const char *next_char(const char *text)
{
    return text + g_utf8_skip[(unsigned char)*text];
}

void canvas_put(struct canvas *canvas, int column, const char *text)
{
    for (; *text != '\0'; text = next_char(text), column++) {
        gunichar glyph = g_utf8_get_char(text);
        canvas_fill(canvas, column, column + 1, glyph == NO_BREAK ? ' ' : glyph);
    }
}

void canvas_put_before(struct canvas *canvas, int end, const char *text)
{
    canvas_put(canvas, end - canvas_columns(text), text);
}

void canvas_put_between(struct canvas *canvas, int column, int end, const char *text)
{
    canvas_put(canvas, column + (end - column - canvas_columns(text)) / 2, text);
}

void canvas_fill(struct canvas *canvas, int column, int end, gunichar glyph)
{
    end = MIN(end, canvas->width);
    for (int i = MAX(column, 0); i < end; i++) {
        canvas->cells[i] = glyph;
    }
}

static char plain(gunichar glyph)
{
    static const struct {
        const char *glyph;
        char plain;
    } table[] = {
        {"│", '|'}, {"├", '|'}, {"┤", '|'}, {"┊", ':'}, {"─", '-'}, {"═", '='},  {"►", '>'}, {"◄", '<'},
        {"╳", 'x'}, {"✗", 'X'}, {"╎", ':'}, {"┼", '+'}, {"╪", '+'}, {"╲", '\\'}, {"╱", '/'}, {"●", 'o'},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        if (glyph == g_utf8_get_char(table[i].glyph)) {
            return table[i].plain;
        }
    }
    return glyph < 0x80 ? (char)glyph : '?';
}

void canvas_write(struct canvas *canvas, struct output *output)
{
    GString *line = g_string_new(NULL);
    int end = canvas->width;
    while (end > 0 && canvas->cells[end - 1] == ' ') {
        end--;
    }
    for (int i = 0; i < end; i++) {
        if (canvas->unicode) {
            g_string_append_unichar(line, canvas->cells[i]);
        } else {
            g_string_append_c(line, plain(canvas->cells[i]));
        }
    }
    g_string_append_c(line, '\n');
    output_write(output, line->str);
    g_string_free(line, TRUE);
    canvas_fill(canvas, 0, canvas->width, ' ');
}

/* Where a line that begins at `text` ends: behind its last word, or within a word that is too long. */
static const char *line_end(const char *text, int width)
{
    const char *end = NULL, *p = text;
    for (int column = 0; column <= width; column++, p = next_char(p)) {
        if (*p == '\0') {
            return p;
        }
        if (*p == ' ') {
            end = p;
        }
        if (column == width) {
            break;
        }
    }
    return end != NULL ? end : p;
}

char *canvas_break(wmem_allocator_t *pool, const char **text, int width)
{
    const char *begin = *text, *end = line_end(begin, width);
    *text = *end == ' ' ? end + 1 : end;
    return wmem_strndup(pool, begin, (size_t)(end - begin));
}

void canvas_write_all(struct canvas *canvas, const char *text, struct output *output)
{
    while (*text != '\0') {
        char *line = canvas_break(NULL, &text, canvas->width);
        canvas_put(canvas, 0, line);
        canvas_write(canvas, output);
        wmem_free(NULL, line);
    }
}

int canvas_columns(const char *text)
{
    return (int)g_utf8_strlen(text, -1);
}
