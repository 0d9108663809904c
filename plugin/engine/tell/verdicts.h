/* verdicts.h - the enumerators and names of all that an observation can say
 *
 * One line in a .def file makes the enumerator, the name and the validity.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_VERDICTS_H
#define TCPFSM_ENGINE_VERDICTS_H

#include <stdbool.h>

enum seq_verdict {
#define SEQ_VERDICT(id, number, name, valid, section, brings) id = number,
#define ACK_VERDICT(id, number, name, valid, section)
#include "tell/verdicts.def"
#undef SEQ_VERDICT
#undef ACK_VERDICT
    SEQ_VERDICT_COUNT
};

enum ack_verdict {
#define SEQ_VERDICT(id, number, name, valid, section, brings)
#define ACK_VERDICT(id, number, name, valid, section) id = number,
#include "tell/verdicts.def"
#undef SEQ_VERDICT
#undef ACK_VERDICT
    ACK_VERDICT_COUNT
};

enum validity { UNTOLD, VALID, INVALID };

/* What a segment brings to its stream. */
enum brings { BRINGS_OTHER, BRINGS_NEXT, BRINGS_AHEAD, BRINGS_OLD, BRINGS_OLD_AND_NEW, BRINGS_PROBE };

struct verdict {
    const char *name;    /* "in-order" */
    const char *section; /* "RFC 9293 3.4", or "" */
    enum validity valid; /* INVALID is an accusation */
    enum brings brings;  /* of a sequence number */
};

extern const struct verdict seq_verdicts[SEQ_VERDICT_COUNT];
extern const struct verdict ack_verdicts[ACK_VERDICT_COUNT];

static inline bool seq_is_invalid(enum seq_verdict verdict)
{
    return seq_verdicts[verdict].valid == INVALID;
}

/* What comes next, new data behind a gap, old data, new data behind old: whatever the verdict is called. */
static inline bool seq_brings(enum seq_verdict verdict, enum brings what)
{
    return seq_verdicts[verdict].brings == what;
}

static inline bool ack_is_invalid(enum ack_verdict verdict)
{
    return ack_verdicts[verdict].valid == INVALID;
}

/* The enumerations of names.def: enum role, phase, basis, timer, debt, reset_cause. */
#define ENUMERATION(type, count) enum type {
#define NAME(id, number, name) id = number,
#define ENUMERATION_END(type, count) \
    count                            \
    }                                \
    ;
#include "tell/names.def"
#undef ENUMERATION
#undef NAME
#undef ENUMERATION_END

#endif
