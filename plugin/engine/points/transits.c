/* transits.c - see transits.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "points/transits.h"

/* Every second one is dropped when there is no more room, and from then on twice as many are passed over. */
static void thin_out(struct transits *t)
{
    for (unsigned i = 0; i < TRANSITS_KEPT / 2; i++) {
        t->kept[i] = t->kept[2 * i];
    }
    t->count = TRANSITS_KEPT / 2;
    t->every++;
}

void transits_add(struct transits *t, int64_t time)
{
    t->least = t->seen == 0 || time < t->least ? time : t->least;
    t->greatest = t->seen == 0 || time > t->greatest ? time : t->greatest;
    if (t->count == TRANSITS_KEPT) {
        thin_out(t);
    }
    if ((t->seen & ((UINT32_C(1) << t->every) - 1)) == 0) {
        t->kept[t->count++] = time;
    }
    t->seen++;
}

int64_t transits_median(const struct transits *t)
{
    int64_t sorted[TRANSITS_KEPT];
    for (unsigned i = 0; i < t->count; i++) {
        unsigned at = i;
        for (; at > 0 && sorted[at - 1] > t->kept[i]; at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = t->kept[i];
    }
    return t->count == 0 ? NO_TIME : sorted[t->count / 2];
}
