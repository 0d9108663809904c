/* receiver.c - what the receivers of doubtful segments made of them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "receiver.h"

#include "run.h"

#include <stdlib.h>

struct witness *receiver_witness(void)
{
    struct witness *witness = calloc(1, sizeof *witness + SUSPECTS_MAX * sizeof *witness->suspect);

    if (witness)
        witness->room = SUSPECTS_MAX;
    return witness;
}

static struct seen *seen_at(struct run *run, uint32_t frame)
{
    for (unsigned i = 0; i < LINES_MAX; i++) {
        if (run->seen[i].captured && run->seen[i].segment.frame == frame)
            return &run->seen[i];
        if (run->copy[i].captured && run->copy[i].segment.frame == frame)
            return &run->copy[i];
    }
    return NULL;
}

static void take(struct run *run, struct seen *seen, const struct testimony *list, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct seen *suspect = seen_at(run, list[i].suspect);

        seen->testimonies |= UINT64_C(1) << list[i].row;
        seen->accuses |= witness_accusations(list[i].accuses);
        if (suspect && list[i].verdict != RECEIVER_NONE)
            suspect->received = list[i];
    }
}

void receiver_hear(struct run *run, struct seen *seen, struct witness *witness, struct witness *before,
                   const struct summary *summary)
{
    struct testimony list[SUSPECTS_MAX];
    bool waits = witness_waits(witness);

    seen->suspicions = seen->observation.findings & FINDINGS_SUSPECTED;
    if (before && segment_has(&seen->segment, FLAG_SYN))
        take(run, seen, list, witness_hear_of_next(before, &seen->segment, list));
    if (witness_is_called(&seen->segment, &seen->observation, waits))
        take(run, seen, list, witness_hear(witness, &seen->segment, &seen->observation, summary, list));
}

struct testimony receiver_at(const struct seen *seen, const struct witness *witness,
                             const struct summary *summary, int64_t now)
{
    struct testimony received = seen->received;
    struct testimony later = witness_at(witness, summary, seen->segment.frame, now);

    if (received.verdict == RECEIVER_REJECTED && later.names) {
        received.names = later.names;
        received.accuses = later.accuses;
    }
    return received;
}
