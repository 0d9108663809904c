/* points_end.c - what two points show once the capture has ended
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store/points/points.h"

#include "store/cold/conn_cache.h"
#include "store/connections.h"
#include "store/points/joined.h"
#include "store/points/passage.h"

static void mark_lost(void *context, const struct flight *flight)
{
    struct passage *p = (struct passage *)context;
    p->far->lost_at_end[p->seg.from]++;
    p->far->reset_between_at_end = p->far->reset_between_at_end || (flight->flags & FLAG_RST);
    links_mark(flight->frame, FINDING_LOST_BETWEEN, true);
}

static void mark_strays(struct far *far, unsigned from)
{
    const struct strays *strays = &far->strays[from];
    for (unsigned i = 0; i < strays->count; i++) {
        const struct stray *stray = &strays->stray[i];
        bool dropping = far->flights[0]->missed != 0 || far->flights[1]->missed != 0;
        bool made = stray_is_made(strays, dropping ? NULL : &far->strays[!from], stray);
        if (stray->suspect) {
            links_mark(stray->flight.frame, made ? FINDING_MADE_BETWEEN : FINDING_SEEN_ONCE, true);
        }
        far->reset_between_at_end = far->reset_between_at_end || (made && (stray->flight.flags & FLAG_RST));
    }
}

static struct trunk *far_trunk(const struct far *far)
{
    return trunks_of(tuples_at(conn_cache_index(far->primary)->tuple));
}

/* The SYNs of a connection that never came to the second point. */
static unsigned lost_syns(struct trunk *trunk, const struct summary *s, bool mark)
{
    const struct tuple_entry *entry = tuples_at(trunk->tuple[0]);
    const struct opening_syn *syn = s->end[0].syn_seen ? trunks_syn(entry, s->end[0].isn) : NULL;
    struct passage p = {.trunk = trunk, .client = true, .seg.from = s->client_from};
    uint32_t first = s->milestone[MILESTONE_SYN].frame, own = 0, count = 0;
    bool waits = trunk->on_route && trunk_is_first_near(trunk, s->client_from) &&
                 s->end[0].state == SYN_SENT && !s->end[1].seen && syn != NULL;
    int64_t until = waits ? passage_watched_until(&p) : INT64_MIN;
    /* Another connection may have begun with the same number. */
    for (unsigned i = 0; waits && i < syn->copies && own < s->end[0].opening.count; i++) {
        own += syn->copy[i].frame >= first;
        if (syn->copy[i].frame >= first && syn->copy[i].time <= until) {
            count++;
            if (mark) {
                links_mark(syn->copy[i].frame, FINDING_LOST_BETWEEN, true);
            }
        }
    }
    return count;
}

static void mark_lost_syns(void)
{
    for (uint32_t number = 0; points_exist && number < connections_count(); number++) {
        struct trunk *trunk = trunks_of(tuples_at(conn_cache_index(number)->tuple));
        if (trunk != NULL && trunk->on_route && far_of(number) == NULL) {
            const struct summary *s = passage_primary_summary(number);
            if (s != NULL) {
                lost_syns(trunk, s, true);
            }
            conn_cache_sweep();
        }
    }
}

void points_finish(int64_t end)
{
    (void)end;
    links_forget_last();
    for (uint32_t i = 0; i < far_count(); i++) {
        struct far *far = far_at(i);
        struct trunk *trunk = far_trunk(far);
        far->lost_at_end[0] = far->lost_at_end[1] = 0;
        far->reset_between_at_end = false;
        if (trunk == NULL || !trunk_is_active(trunk) || trunk->order == ORDER_CLOCKS || trunk->ended) {
            continue;
        }
        const struct summary *s = passage_primary_summary(far->primary);
        for (unsigned from = 0; from < 2 && s != NULL; from++) {
            struct passage p = {.trunk = trunk, .far = far, .client = s->client_from == from};
            p.seg.from = from & 1u;
            flights_finish(far->flights[from], passage_watched_until(&p), mark_lost, &p);
            mark_strays(far, from);
        }
        conn_cache_sweep(); /* or else all of them lie unpacked in the end */
    }
    mark_lost_syns();
}

uint8_t points_point(const struct tuple *tuple, const struct segment *segment, enum role sender)
{
    const struct tuple_entry *entry = points_exist ? tuples_find(tuple) : NULL;
    const struct trunk *trunk = entry != NULL ? trunks_of(entry) : NULL;
    if (trunk == NULL || trunk->order == ORDER_CLOCKS) {
        return 0;
    }
    enum spot spot = trunk_spot(trunk, entry, segment);
    unsigned from = segment->from ^ (spot == SPOT_SECOND && trunk->flip);
    return spot == SPOT_NONE ? 0 : trunk_point(trunk, spot, sender == ROLE_CLIENT ? from : !from);
}

/* In the order of roles, what is kept in that of segments. */
static void tell_between(struct between *between, const struct trunk *trunk, const struct far *far,
                         unsigned client)
{
    bool client_first = trunk_is_first_near(trunk, client);
    between->points = trunk->points;
    bool hops = trunk->hops[0] != 0 || trunk->hops[1] != 0;
    between->changed = (uint16_t)(far->changed | (hops ? CHANGE_TTL : 0u));
    between->reset_between = far->reset_between || far->reset_between_at_end;
    for (unsigned role = 0; role < 2; role++) {
        unsigned from = role == 0 ? client : !client;
        bool departs_first = (role == 0) == client_first;
        const struct opener *at[2] = {&far->opener[from][!departs_first], &far->opener[from][departs_first]};
        int64_t median = transits_median(&trunk->difference[from]);
        between->lost[role] = far->lost[from] + far->lost_at_end[from];
        between->transit[role] = median == NO_TIME || departs_first ? median : -median;
        between->hops[role] = trunk->hops[from];
        between->isn_offset[role] = client_first ? far->offset[from] : 0u - far->offset[from];
        between->mss[role][0] = at[0]->mss;
        between->mss[role][1] = at[1]->mss;
    }
}

void points_join(uint32_t number, struct summary *summary)
{
    struct far *far = points_exist ? far_of(number) : NULL;
    struct trunk *trunk = points_exist ? trunks_of(tuples_at(conn_cache_index(number)->tuple)) : NULL;
    if (trunk != NULL && trunk->ended) {
        summary->between = (struct between){
            .points = trunk->points, .changed = CHANGE_ENDED, .transit = {NO_TIME, NO_TIME}};
        return;
    }
    if (trunk != NULL && far == NULL && trunk->on_route) {
        unsigned lost = lost_syns(trunk, summary, false);
        summary->between = (struct between){
            .points = lost != 0 ? trunk->points : 0, .lost = {lost, 0}, .transit = {NO_TIME, NO_TIME}};
        return;
    }
    trunk = far != NULL ? trunk : NULL;
    if (trunk == NULL || !trunk_is_active(trunk) || trunk->order == ORDER_CLOCKS) {
        return;
    }
    struct between between = {0};
    struct summary first = *summary;
    tell_between(&between, trunk, far, first.client_from);
    if (trunk_is_first_near(trunk, first.client_from)) {
        summary_join(summary, &first, &far->summary, &between);
    } else {
        summary_join(summary, &far->summary, &first, &between);
    }
}

uint32_t points_witness(uint32_t number)
{
    const struct far *far = points_exist ? far_of(number) : NULL;
    return far != NULL ? far_witness(far) : UINT32_MAX;
}
