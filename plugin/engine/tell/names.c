/* names.c - what are the numbers called that an observation is made of?
 *
 * The words are the RFCs'. Each table is made from the one line a name has in
 * its .def file, so a number and its name can't part.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tell/names.h"

#include "machine/fsm.h"
#include "observation.h"

static const char *name_at(const char *const names[], unsigned count, unsigned number)
{
    return number < count && names[number] ? names[number] : NO_NAME;
}

/* RFC 9293 section 3.3.2. */
const char *state_name(enum state state)
{
    static const char *const names[STATE_COUNT] = {
        [CLOSED] = "CLOSED",           [LISTEN] = "LISTEN",
        [SYN_SENT] = "SYN-SENT",       [SYN_RECEIVED] = "SYN-RECEIVED",
        [ESTABLISHED] = "ESTABLISHED", [FIN_WAIT_1] = "FIN-WAIT-1",
        [FIN_WAIT_2] = "FIN-WAIT-2",   [CLOSE_WAIT] = "CLOSE-WAIT",
        [CLOSING] = "CLOSING",         [LAST_ACK] = "LAST-ACK",
        [TIME_WAIT] = "TIME-WAIT",     [UNKNOWN] = "UNKNOWN",
    };

    return name_at(names, STATE_COUNT, (unsigned)state);
}

const char *event_name(enum event event)
{
    static const char *const names[EVENT_COUNT] = {
        [SND_SYN] = "SND-SYN",           [SND_SYN_ACK] = "SND-SYN-ACK",
        [SND_SEGMENT] = "SND-SEGMENT",   [SND_FIN] = "SND-FIN",
        [SND_SYN_COPY] = "SND-SYN-COPY", [SND_SYN_ACK_COPY] = "SND-SYN-ACK-COPY",
        [SND_FIN_COPY] = "SND-FIN-COPY", [RCV_SYN_UNFIT] = "RCV-SYN-UNFIT",
        [SND_RST] = "SND-RST",           [RCV_SYN] = "RCV-SYN",
        [RCV_SYN_ACK] = "RCV-SYN-ACK",   [RCV_ACK_OF_SYN] = "RCV-ACK-OF-SYN",
        [RCV_FIN] = "RCV-FIN",           [RCV_ACK_OF_FIN] = "RCV-ACK-OF-FIN",
        [RCV_RST] = "RCV-RST",           [RCV_RST_LISTENER] = "RCV-RST-LISTENER",
        [TIMEOUT_2MSL] = "TIMEOUT-2MSL",
    };

    return name_at(names, EVENT_COUNT, (unsigned)event);
}

/* role_name(), phase_name(), basis_name(), timer_name(), debt_name(), reset_cause_name(). */
/* clang-format off */
#define ENUMERATION(type, count)              \
    const char *type##_name(enum type number) \
    {                                         \
        static const char *const names[count] = {
#define NAME(id, number, name) [id] = name,
#define ENUMERATION_END(type, count)                    \
        };                                              \
        return name_at(names, count, (unsigned)number); \
    }
/* clang-format on */
#include "tell/names.def"
#undef ENUMERATION
#undef NAME
#undef ENUMERATION_END

const struct verdict seq_verdicts[SEQ_VERDICT_COUNT] = {
#define SEQ_VERDICT(id, number, name, valid, section, brings) [id] = {name, section, valid, brings},
#define ACK_VERDICT(id, number, name, valid, section)
#include "tell/verdicts.def"
#undef SEQ_VERDICT
#undef ACK_VERDICT
};

const struct verdict ack_verdicts[ACK_VERDICT_COUNT] = {
#define SEQ_VERDICT(id, number, name, valid, section, brings)
#define ACK_VERDICT(id, number, name, valid, section) [id] = {name, section, valid, BRINGS_OTHER},
#include "tell/verdicts.def"
#undef SEQ_VERDICT
#undef ACK_VERDICT
};

/* What holds up the connection stands first: without a handshake nothing moves, without a
 * retransmission the stream stands still; a FIN may be owed for hours in a lawful half-close. */
unsigned debts_in_order(unsigned set, enum debt list[DEBT_COUNT])
{
    static const enum debt by_urgency[] = {
        OWES_SYN_ACK,      OWES_ACK_OF_SYN_ACK, OWES_RETRANSMISSION, OWES_ACK_OF_FIN,
        OWES_PROBE_ANSWER, OWES_ACK_OF_DATA,    OWES_WINDOW_UPDATE,  OWES_FIN,
        OWES_UNKNOWN,
    };
    unsigned count = 0;

    for (unsigned i = 0; i < sizeof by_urgency / sizeof by_urgency[0]; i++)
        if (set & 1u << by_urgency[i])
            list[count++] = by_urgency[i];
    if (count == 0)
        list[count++] = OWES_NOTHING;
    return count;
}
