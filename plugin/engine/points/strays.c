/* strays.c - see strays.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "points/strays.h"

#include "thresholds.h"

#include <string.h>

#define INVERTED (INVERTED_MS * NS_PER_MS)

void strays_learn_ttl(struct strays *s, uint8_t ttl)
{
    if (ttl != 0) {
        s->ttl_varies = s->ttl_varies || (s->ttl != 0 && s->ttl != ttl);
        s->ttl = ttl;
    }
}

static void take_out(struct strays *s, unsigned at)
{
    s->count--;
    memmove(&s->stray[at], &s->stray[at + 1], (s->count - at) * sizeof *s->stray);
}

/* The oldest that nobody asks for, or else the oldest. */
static unsigned dispensable(const struct strays *s)
{
    unsigned at = 0;
    while (at < s->count && s->stray[at].suspect) {
        at++;
    }
    return at < s->count ? at : 0;
}

void strays_add(struct strays *s, const struct flight *arrival, bool suspect)
{
    if (s->count == STRAYS_MAX) {
        take_out(s, dispensable(s));
    }
    s->stray[s->count++] = (struct stray){.flight = *arrival, .suspect = suspect};
}

static bool is_same(const struct flight *a, const struct flight *b)
{
    return seq_equal(a->seq, b->seq) && seq_equal(a->end, b->end) && seq_equal(a->ack, b->ack) &&
           a->flags == b->flags;
}

bool strays_claim(struct strays *s, const struct flight *departure, struct parts *parts)
{
    for (unsigned i = 0; i < s->count; i++) {
        const struct flight *arrival = &s->stray[i].flight;
        if (is_same(arrival, departure) && departure->time - arrival->time <= INVERTED) {
            parts->count = 1;
            parts->whole = true;
            parts->part[0] = (struct part){arrival->frame, arrival->time};
            take_out(s, i);
            return true;
        }
    }
    return false;
}

static bool goes_on(const struct flight *departure)
{
    return (departure->flags & (FLAG_RST | FLAG_SYN)) == 0;
}

/* After a RST, anything but another one; of FINs and data, its newest segment ends below them. */
static bool contradicts(const struct flight *departure, seq_t nxt, const struct flight *arrival)
{
    if (!goes_on(departure) || departure->time <= arrival->time + INVERTED) {
        return false;
    }
    return (arrival->flags & FLAG_RST) != 0 ||
           (seq_equal(departure->end, nxt) && seq_before(nxt, arrival->end));
}

const struct flight *strays_contradict(struct strays *s, const struct flight *departure, seq_t nxt)
{
    const struct flight *first = NULL;
    for (unsigned i = 0; i < s->count; i++) {
        struct stray *stray = &s->stray[i];
        if (stray->suspect && !stray->made && contradicts(departure, nxt, &stray->flight)) {
            stray->made = true;
            s->contradicted = departure->frame;
            first = first == NULL ? &stray->flight : first;
        }
    }
    return first;
}

/* What takes numbers, and may have been sent. */
static bool is_open(const struct stray *stray)
{
    return stray->suspect && !stray->made && !(stray->flight.flags & FLAG_RST);
}

bool strays_confirm(struct strays *s, const struct flight *departure, struct flight *stray)
{
    for (unsigned i = 0; i < s->count; i++) {
        if (is_open(&s->stray[i]) && !seq_after(s->stray[i].flight.end, departure->seq)) {
            bool acked = s->stray[i].acked;
            *stray = s->stray[i].flight;
            take_out(s, i--);
            if (!acked) {
                return true;
            }
        }
    }
    return false;
}

const struct flight *strays_acknowledge(struct strays *s, seq_t ack)
{
    for (unsigned i = 0; i < s->count; i++) {
        struct stray *stray = &s->stray[i];
        if (is_open(stray) && !stray->acked && !seq_after(stray->flight.end, ack)) {
            stray->acked = true;
            return &stray->flight;
        }
    }
    return NULL;
}

static bool has_reset(const struct strays *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        if (s->stray[i].flight.flags & FLAG_RST) {
            return true;
        }
    }
    return false;
}

bool stray_is_made(const struct strays *s, const struct strays *other, const struct stray *stray)
{
    bool strange_ttl = s->ttl != 0 && !s->ttl_varies && stray->flight.ttl != 0 && stray->flight.ttl != s->ttl;
    bool both_reset = (stray->flight.flags & FLAG_RST) != 0 && has_reset(other);
    return stray->made || (stray->suspect && (strange_ttl || both_reset));
}
