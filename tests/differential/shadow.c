/* shadow.c - do two engines say the same of all that a program feeds to one of them?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "shadow.h"

#include "loading.h"
#include "names_current.h"

#include <stdlib.h>
#include <string.h>

#define PASTE(a, b) a##b
#define LISTENER(name) PASTE(__wrap_, name)
#define ENGINE(name) PASTE(__real_, name)

enum { SHADOWS = 16 };

void ENGINE(LISTEN_OBSERVE)(uint32_t *newest, const struct segment *segment, struct observer *observer,
                            struct observation *observation);
void LISTENER(LISTEN_OBSERVE)(uint32_t *newest, const struct segment *segment, struct observer *observer,
                              struct observation *observation);
bool ENGINE(LISTEN_PARSE)(struct segment *segment, const uint8_t *header, size_t captured, uint32_t length);
bool LISTENER(LISTEN_PARSE)(struct segment *segment, const uint8_t *header, size_t captured, uint32_t length);

char shadow_subject[80];
FILE *shadow_report;

static const struct side *reference, *current;
static struct shadow shadows[SHADOWS];
static struct form expected, said, heard;
static unsigned long sequences, segments, headers, different, different_headers, shown_at_most;

static void write_counts(void)
{
    fprintf(shadow_report, "counts %lu %lu %lu %lu %lu\n", sequences, segments, different, headers,
            different_headers);
    fclose(shadow_report);
}

/* Before main(), for a program that feeds nothing has to say so. */
__attribute__((constructor)) static void open_sides(void)
{
    const char *shown = getenv("TCPFSM_SHOWN"), *report = getenv("TCPFSM_REPORT");

    reference = side_load(getenv("TCPFSM_REFERENCE"));
    current = side_load(getenv("TCPFSM_CURRENT"));
    shown_at_most = shown ? strtoul(shown, NULL, 10) : 10;
    shadow_report = report ? fopen(report, "w") : stdout;
    if (!shadow_report) {
        perror(report);
        exit(3);
    }
    atexit(write_counts);
}

static bool shows(void)
{
    return different + different_headers <= shown_at_most;
}

/* Did the observer see anything yet? */
static bool is_fresh(const struct observer *observer)
{
    static const struct observer fresh;

    return observer->connections == 0 && !memcmp(observer->recent, fresh.recent, sizeof fresh.recent);
}

static void start(struct shadow *shadow, const struct observer *observer)
{
    if (!shadow->reference) {
        shadow->reference = reference->side_open();
        shadow->current = current->side_open();
    }
    reference->side_restart(shadow->reference);
    current->side_restart(shadow->current);
    shadow->observer = observer;
    shadow->number = ++sequences;
    shadow->segments = 0;
    shadow->differs = false;
}

static struct shadow *shadow_of(const struct observer *observer)
{
    static unsigned next;
    struct shadow *found = NULL;

    for (unsigned i = 0; i < SHADOWS && !found; i++)
        if (shadows[i].observer == observer)
            found = &shadows[i];
    if (!found) {
        found = &shadows[next++ % SHADOWS];
        found->observer = NULL;
    }
    if (is_fresh(observer))
        start(found, observer);
    if (!found->observer) {
        fputs("the shadow didn't see how an observer began\n", stderr);
        abort();
    }
    return found;
}

static bool same(const struct form *a, const struct form *b, unsigned count)
{
    if (a->form_count > FORM_MAX || b->form_count > FORM_MAX) {
        fputs("FORM_MAX is too small\n", stderr);
        abort();
    }
    return a->form_count >= count && b->form_count >= count &&
           !memcmp(a->form_value, b->form_value, count * sizeof *a->form_value);
}

static void compare(struct shadow *shadow, const char *what)
{
    if (expected.form_count == said.form_count && same(&expected, &said, said.form_count))
        return;
    shadow->differs = true;
    different++;
    if (shows())
        report_difference(shadow, what, &expected, &said);
}

static uint32_t mixed(uint32_t a, uint32_t b)
{
    uint32_t mix = (a ^ b * UINT32_C(0x9e3779b9)) * UINT32_C(0x85ebca6b);

    return mix ^ mix >> 15;
}

/* In a quarter of the sequences ICMP errors come for some segments, always for the same. */
static bool is_quoted(const struct shadow *shadow, const int64_t *plain)
{
    uint32_t first = (uint32_t)shadow->last[0][PLAIN_SEQ] ^ (uint32_t)shadow->last[0][PLAIN_WINDOW];

    if (shadow->segments < REMEMBERED && mixed(first, 1) % 4 == 0)
        return mixed(first, (uint32_t)plain[PLAIN_FRAME]) % 4 == 0 || (plain[PLAIN_FLAGS] & FLAG_SYN);
    return false;
}

static void listen(struct shadow *shadow, uint32_t newest, int64_t time_wait, bool grew,
                   const struct observation *observation)
{
    const int64_t *plain = shadow->last[(shadow->segments - 1) % REMEMBERED];

    expected.form_count = said.form_count = heard.form_count = 0;
    reference->side_observe(shadow->reference, newest, time_wait, grew, plain, &expected);
    current->side_observe(shadow->current, newest, time_wait, grew, plain, &said);
    current->side_read_observation(observation, &heard);
    if (!same(&heard, &said, heard.form_count)) {
        report_difference(shadow, "the shadow is wrong: the program got something else", &heard, &said);
        abort();
    }
    compare(shadow, "observed and booked");
    if (shadow->differs || (observation->remarks & REMARK_UNUSABLE) || !is_quoted(shadow, plain))
        return;
    expected.form_count = said.form_count = 0;
    reference->side_quote(shadow->reference, observation->connection, plain, &expected);
    current->side_quote(shadow->current, observation->connection, plain, &said);
    compare(shadow, "an ICMP error that quotes this segment");
}

void LISTENER(LISTEN_OBSERVE)(uint32_t *newest, const struct segment *segment, struct observer *observer,
                              struct observation *observation)
{
    struct shadow *shadow;
    uint32_t newest_before = *newest;
    uint32_t connections = observer->connections;

    shadow = shadow_of(observer);
    ENGINE(LISTEN_OBSERVE)(newest, segment, observer, observation);
    if (shadow->differs)
        return;
    segments++;
    current->side_read_segment(segment, shadow->last[shadow->segments++ % REMEMBERED]);
    listen(shadow, newest_before, observer->time_wait, observer->connections > connections, observation);
}

bool LISTENER(LISTEN_PARSE)(struct segment *segment, const uint8_t *header, size_t captured, uint32_t length)
{
    bool usable = ENGINE(LISTEN_PARSE)(segment, header, captured, length);
    int64_t one[PLAIN_COUNT], other[PLAIN_COUNT];

    headers++;
    reference->side_parse(header, captured, length, one);
    current->side_read_segment(segment, other);
    if (memcmp(one, other, sizeof one) != 0 || usable != (bool)other[PLAIN_USABLE]) {
        different_headers++;
        if (shows())
            report_header(header, captured, length, one, other);
    }
    return usable;
}
