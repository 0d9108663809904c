/* owing.c - see owing.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary/owing.h"

#include "tell/addition.h"

static enum debt most_urgent(unsigned set)
{
    enum debt list[DEBT_COUNT];
    debts_in_order(set & ~(1u << OWES_UNKNOWN), list);
    return list[0];
}

void owing_update(struct summary_end *end, unsigned owes, struct moment now, bool paid)
{
    if (owes == end->owes && !paid) {
        return;
    }
    unsigned renewed = owes & ~(unsigned)end->owes, gone = end->owes & ~owes;
    if (paid) {
        renewed |= owes & 1u << OWES_ACK_OF_DATA;
    }
    for (unsigned debt = 0, set = renewed | gone; set != 0; debt++, set >>= 1) {
        if (set & 1u) {
            end->owed[debt] = renewed & 1u << debt ? now : (struct moment){0, 0};
        }
    }
    end->owes = (uint16_t)owes;
}

struct owed owing_by(const struct summary_end *end, struct moment now)
{
    unsigned old = 0;
    for (unsigned debt = 0, set = end->owes; set != 0; debt++, set >>= 1) {
        const struct moment *since = &end->owed[debt];
        if ((set & 1u) && since->frame != now.frame && now.time - since->time >= OWED_MS * NS_PER_MS) {
            old |= 1u << debt;
        }
    }
    enum debt debt = old != 0 ? most_urgent(old) : OWES_NOTHING;
    return debt == OWES_NOTHING ? (struct owed){OWES_NOTHING, 0, 0}
                                : (struct owed){debt, end->owed[debt].frame, now.time - end->owed[debt].time};
}

void owing_tell(struct update *u)
{
    tell_owed(u->o, owing_by(&u->s->end[0], u->now), owing_by(&u->s->end[1], u->now));
}
