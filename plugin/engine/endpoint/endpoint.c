/* endpoint.c - see endpoint.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "endpoint/endpoint.h"

void end_forget(struct end *end)
{
    attempts_forget(&end->attempts);
    sent_forget(&end->sent);
    stream_forget(&end->stream);
    path_forget(&end->path);
}

void end_inherit(struct end *end, const struct end *old)
{
    belief_inherit(&end->belief, &old->belief);
    attempts_inherit(&end->attempts, &old->attempts);
    sent_inherit(&end->sent, &old->sent);
    stream_inherit(&end->stream, &old->stream);
    path_inherit(&end->path, &old->path);
}

static const char *check_end(const struct connection *c, const struct end *end)
{
    const char *faults[] = {
        belief_check(&end->belief, end_is_passive(c, end)),
        attempts_check(&end->attempts),
        sent_check(&end->sent),
        stream_check(&end->stream, &end->sent),
        path_check(&end->path),
    };
    for (unsigned i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (faults[i]) {
            return faults[i];
        }
    }
    return NULL;
}

const char *connection_check(const struct connection *c, unsigned *end)
{
    for (*end = 0; *end < 2; (*end)++) {
        const char *fault = check_end(c, &c->end[*end]);
        if (fault) {
            return fault;
        }
    }
    return dialogue_check(&c->dialogue);
}
