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

static bool is_same(const struct flight *a, const struct flight *b)
{
    return seq_equal(a->seq, b->seq) && seq_equal(a->end, b->end) && seq_equal(a->ack, b->ack) &&
           a->flags == b->flags;
}

static bool is_copy(const struct reset *reset, const struct flight *arrival)
{
    return seq_equal(reset->seq, arrival->seq) && seq_equal(reset->end, arrival->end) &&
           seq_equal(reset->ack, arrival->ack) && reset->flags == arrival->flags &&
           reset->ip_id == arrival->ip_id;
}

static bool has_departed(const struct strays *s, const struct flight *arrival)
{
    for (unsigned i = 0; i < RESETS_KEPT && i < s->resets; i++) {
        if (is_copy(&s->reset[i], arrival)) {
            return true;
        }
    }
    return false;
}

bool strays_add(struct strays *s, const struct flight *arrival, bool suspect, bool exact)
{
    if (has_departed(s, arrival)) {
        return false;
    }
    if (s->count == STRAYS_MAX) {
        take_out(s, dispensable(s));
    }
    s->stray[s->count++] = (struct stray){.flight = *arrival, .suspect = suspect, .exact = exact};
    return true;
}

static void note_departure(struct strays *s, const struct flight *departure)
{
    if (departure->flags & FLAG_RST) {
        s->reset[s->resets % RESETS_KEPT] = (struct reset){departure->seq, departure->end, departure->ack,
                                                           departure->ip_id, departure->flags};
        s->resets = (uint8_t)(s->resets + 1 < 2 * RESETS_KEPT ? s->resets + 1 : RESETS_KEPT);
    }
    for (unsigned i = 0; i < s->count; i++) {
        const struct flight *stray = &s->stray[i].flight;
        s->stray[i].again = s->stray[i].again ||
                            (seq_before(departure->seq, stray->end) && seq_after(departure->end, stray->seq));
    }
}

bool strays_claim(struct strays *s, const struct flight *departure, int64_t ms, struct parts *parts)
{
    note_departure(s, departure);
    for (unsigned i = 0; i < s->count; i++) {
        const struct flight *arrival = &s->stray[i].flight;
        if (is_same(arrival, departure) && departure->time - arrival->time <= ms * NS_PER_MS) {
            parts->ttl = arrival->ttl;
            parts->count = 1;
            parts->whole = true;
            parts->part[0] = (struct part){arrival->frame, arrival->time};
            take_out(s, i);
            return true;
        }
    }
    return false;
}

static bool has_data(const struct flight *flight)
{
    return seq_distance(flight->seq, flight->end) > ((flight->flags & FLAG_FIN) != 0);
}

/* The next connection on the same ports has other numbers, and its SYN may have been missed. */
static bool goes_on_behind(const struct flight *departure, const struct flight *reset)
{
    return (departure->flags & (FLAG_RST | FLAG_SYN)) == 0 && !seq_after(departure->seq, reset->seq) &&
           seq_distance(departure->seq, reset->seq) < SENT_AGAIN_MAX;
}

/* It has data where the FIN stands, and behind. A keepalive may have a byte there. */
static bool fills(const struct flight *departure, const struct flight *fin)
{
    return has_data(departure) && seq_before(departure->seq, fin->end) &&
           seq_after(departure->end, fin->end) &&
           seq_distance(departure->seq, departure->end) < SENT_AGAIN_MAX;
}

/* Its sender stands in the midst of it, though it was acknowledged. A keepalive has the number before
 * SND.NXT. */
static bool is_below(const struct flight *departure, const struct stray *stray)
{
    return stray->acked && departure->time > stray->acked_time + INVERTED &&
           seq_equal(departure->seq, departure->end) && !seq_before(departure->seq, stray->flight.seq) &&
           seq_before(seq_add(departure->seq, 1), stray->flight.end);
}

static bool contradicts(const struct flight *departure, const struct stray *stray)
{
    const struct flight *arrival = &stray->flight;
    if (departure->time <= arrival->time + INVERTED) {
        return false;
    }
    if (arrival->flags & FLAG_RST) {
        return stray->exact && goes_on_behind(departure, arrival);
    }
    return ((arrival->flags & FLAG_FIN) && fills(departure, arrival)) ||
           (!(departure->flags & (FLAG_RST | FLAG_SYN)) && is_below(departure, stray));
}

const struct flight *strays_contradict(struct strays *s, const struct flight *departure)
{
    const struct flight *first = NULL;
    for (unsigned i = 0; i < s->count; i++) {
        struct stray *stray = &s->stray[i];
        if (stray->suspect && !stray->made && contradicts(departure, stray)) {
            stray->made = true;
            s->contradicted = departure->frame;
            first = first == NULL ? &stray->flight : first;
        }
    }
    return first;
}

/* The sender has gone on behind it, and has not sent its bytes since. Behind a FIN there are no data. */
static bool confirms(const struct flight *departure, const struct stray *stray)
{
    return stray->exact && !stray->again && !seq_after(stray->flight.end, departure->seq) &&
           !((stray->flight.flags & FLAG_FIN) && has_data(departure));
}

/* What takes numbers, and may have been sent. */
static bool is_open(const struct stray *stray)
{
    return stray->suspect && !stray->made && !(stray->flight.flags & FLAG_RST);
}

bool strays_confirm(struct strays *s, const struct flight *departure, struct flight *stray)
{
    for (unsigned i = 0; i < s->count; i++) {
        if (is_open(&s->stray[i]) && confirms(departure, &s->stray[i])) {
            bool observed = s->stray[i].observed;
            *stray = s->stray[i].flight;
            take_out(s, i--);
            if (!observed) {
                return true;
            }
        }
    }
    return false;
}

const struct flight *strays_acknowledge(struct strays *s, const struct segment *ack, bool observed)
{
    for (unsigned i = 0; i < s->count; i++) {
        struct stray *stray = &s->stray[i];
        if (is_open(stray) && !stray->acked && !seq_after(stray->flight.end, ack->ack)) {
            stray->acked = true;
            stray->acked_time = ack->time;
            stray->observed = observed;
            return &stray->flight;
        }
    }
    return NULL;
}

static bool has_reset(const struct strays *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        if ((s->stray[i].flight.flags & FLAG_RST) && s->stray[i].suspect && s->stray[i].exact) {
            return true;
        }
    }
    return false;
}

bool stray_is_made(const struct strays *s, const struct strays *other, const struct stray *stray)
{
    bool strange_ttl = s->ttl != 0 && !s->ttl_varies && stray->flight.ttl != 0 && stray->flight.ttl != s->ttl;
    bool both_reset = (stray->flight.flags & FLAG_RST) != 0 && stray->exact && other != NULL &&
                      has_reset(other);
    return stray->made || (stray->suspect && (strange_ttl || both_reset));
}
