/* witnesses_test.c - what the plugin's store keeps of doubtful segments and who shows what they were
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#include "store/witnesses.h"

static struct updating u;
static struct rejection rejection;

static const struct observation *hear(struct saying saying, bool another_way)
{
    struct talk *t = &u.talk;

    talk_segment(t, saying);
    t->seg.path ^= another_way;
    updating_observe(&u);
    witnesses_hear(0, 0, &t->seg, &t->o, &u.summary[0], &rejection);
    return &t->o;
}

#define HEAR_ALONG(way, ...) hear((struct saying){__VA_ARGS__}, (way))

/* Who was once suspected wrongly isn't any more, whichever way his segments come, though nobody waits for an
 * answer to one of them. Here a SYN-ACK acknowledges what its receiver sends only later. */
static void trust_holds_on_every_way(bool trusted)
{
    u = updating_begin();
    witnesses_open();
    HEAR_ALONG(0, .from = CLIENT, .flags = S);
    CHECK(HEAR_ALONG(0, .from = SERVER, .flags = SA, .ack = 4)->findings & FINDING_ACK_SUSPECT);
    if (trusted) {
        HEAR_ALONG(1, .from = CLIENT, .flags = 0, .seq = 4);
        CHECK(!u.summary[0].suspected);
    }
    const struct observation *o = HEAR_ALONG(1, .from = SERVER, .flags = R, .seq = 1);
    CHECK(o->findings & FINDING_MULTIPATH);
    CHECK_EQUAL((o->findings & FINDING_RESET_SUSPECT) != 0, !trusted);
    witnesses_close();
}

int main(void)
{
    trust_holds_on_every_way(true);
    trust_holds_on_every_way(false);
    return check_result();
}
