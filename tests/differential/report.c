/* report.c - where do two engines differ, and after what?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "shadow.h"

#include <inttypes.h>
#include <string.h>

enum { VALUES_SHOWN = 16 };

static void print_segment(const int64_t *s)
{
    static const char letters[] = "FSRPAUEC";

    fprintf(shadow_report, "    frame %" PRId64 " at %.6f %c ", s[PLAIN_FRAME], (double)s[PLAIN_TIME] / 1e9,
            s[PLAIN_FROM] ? '<' : '>');
    for (int i = 0; letters[i]; i++)
        if (s[PLAIN_FLAGS] & 1 << i)
            fputc(letters[i], shadow_report);
    fprintf(shadow_report, " seq %" PRId64 " ack %" PRId64 " data %" PRId64 " window %" PRId64, s[PLAIN_SEQ],
            s[PLAIN_ACK], s[PLAIN_DATA], s[PLAIN_WINDOW]);
    if (s[PLAIN_HAS_IP_ID])
        fprintf(shadow_report, " id %" PRId64, s[PLAIN_IP_ID]);
    if (s[PLAIN_PATH])
        fprintf(shadow_report, " path %" PRId64, s[PLAIN_PATH]);
    if (s[PLAIN_HAS_TIMESTAMPS])
        fprintf(shadow_report, " ts %" PRId64 "/%" PRId64, s[PLAIN_TSVAL], s[PLAIN_TSECR]);
    if (s[PLAIN_MSS])
        fprintf(shadow_report, " mss %" PRId64, s[PLAIN_MSS]);
    if (s[PLAIN_HAS_SCALE])
        fprintf(shadow_report, " scale %" PRId64, s[PLAIN_SCALE]);
    for (int i = 0; i < s[PLAIN_SACK_BLOCKS]; i++)
        fprintf(shadow_report, " sack %" PRId64 "-%" PRId64, s[PLAIN_SACK + 2 * i],
                s[PLAIN_SACK + 2 * i + 1]);
    fprintf(shadow_report, "%s%s%s%s%s%s%s\n", s[PLAIN_SACK_PERMITTED] ? " sack-permitted" : "",
            s[PLAIN_FAST_OPEN] ? " fast-open" : "", s[PLAIN_MPTCP] ? " mptcp" : "",
            s[PLAIN_SIGNATURE] ? " signature" : "", s[PLAIN_USABLE] ? "" : " unusable",
            s[PLAIN_OPTIONS_KNOWN] ? "" : " options-unknown", s[PLAIN_LENGTH_KNOWN] ? "" : " length-unknown");
}

static void print_value(const struct form *form, unsigned at)
{
    int64_t value = form->form_value[at];

    if (at >= form->form_count)
        fprintf(shadow_report, "nothing");
    else if (strcmp(form->form_name[at], "letters") == 0)
        fprintf(shadow_report, "\"%.8s\"", (const char *)&form->form_value[at]);
    else if (value == INT64_MIN)
        fprintf(shadow_report, "NO_TIME");
    else
        fprintf(shadow_report, "%" PRId64, value);
}

static void print_differences(const struct form *reference, const struct form *current)
{
    unsigned shown = 0, differing = 0;
    unsigned most = reference->form_count > current->form_count ? reference->form_count : current->form_count;

    for (unsigned i = 0; i < most; i++) {
        const struct form *longer = i < reference->form_count ? reference : current;

        if (i < reference->form_count && i < current->form_count &&
            reference->form_value[i] == current->form_value[i])
            continue;
        if (++differing > VALUES_SHOWN)
            continue;
        shown++;
        fprintf(shadow_report, "  %s", longer->form_name[i]);
        if (longer->form_where[i] != WHERE_NONE)
            fprintf(shadow_report, " of %d", longer->form_where[i]);
        fprintf(shadow_report, ": reference ");
        print_value(reference, i);
        fprintf(shadow_report, ", current ");
        print_value(current, i);
        fputc('\n', shadow_report);
    }
    if (differing > shown)
        fprintf(shadow_report, "  ... and %u more\n", differing - shown);
}

void report_difference(const struct shadow *shadow, const char *what, const struct form *reference,
                       const struct form *current)
{
    unsigned long first = shadow->segments > REMEMBERED ? shadow->segments - REMEMBERED : 0;

    fprintf(shadow_report, "difference in sequence %lu%s%s, segment %lu, %s:\n", shadow->number,
            *shadow_subject ? ", " : "", shadow_subject, shadow->segments, what);
    print_differences(reference, current);
    fprintf(shadow_report, "  the last segments:\n");
    for (unsigned long i = first; i < shadow->segments; i++)
        print_segment(shadow->last[i % REMEMBERED]);
    fflush(shadow_report);
}

void report_header(const uint8_t *header, size_t captured, uint32_t length, const int64_t *reference,
                   const int64_t *current)
{
    fprintf(shadow_report, "difference in a header of length %" PRIu32 ":", length);
    for (size_t i = 0; i < captured; i++)
        fprintf(shadow_report, " %02x", header[i]);
    fprintf(shadow_report, "\n  reference:\n");
    print_segment(reference);
    fprintf(shadow_report, "  current:\n");
    print_segment(current);
    fflush(shadow_report);
}
