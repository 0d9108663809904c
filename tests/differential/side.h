/* side.h - how does one look at two engines alike?
 *
 * Each engine is compiled into a shared object with side.c and its forms, which
 * turn all that the engine says into rows of plain numbers. Nothing here knows a
 * name of either engine, so that they may differ in all their names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_DIFFERENTIAL_SIDE_H
#define TCPFSM_DIFFERENTIAL_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A segment in plain numbers. The order is that of SEGMENT_MEMBERS in side.c. */
enum plain {
    PLAIN_SOURCE_PORT,
    PLAIN_DESTINATION_PORT,
    PLAIN_SEQ,
    PLAIN_ACK,
    PLAIN_FLAGS,
    PLAIN_WINDOW,
    PLAIN_DATA,
    PLAIN_MSS,
    PLAIN_SCALE,
    PLAIN_SACK_BLOCKS,
    PLAIN_SACK, /* four blocks: left, right */
    PLAIN_TSVAL = PLAIN_SACK + 8,
    PLAIN_TSECR,
    PLAIN_HAS_SCALE,
    PLAIN_HAS_TIMESTAMPS,
    PLAIN_SACK_PERMITTED,
    PLAIN_FAST_OPEN,
    PLAIN_MPTCP,
    PLAIN_SIGNATURE,
    PLAIN_USABLE,
    PLAIN_OPTIONS_KNOWN,
    PLAIN_LENGTH_KNOWN,
    PLAIN_HAS_IP_ID,
    PLAIN_IP_ID,
    PLAIN_PATH,
    PLAIN_FROM,
    PLAIN_FRAME,
    PLAIN_TIME,
    PLAIN_COUNT
};

enum { FORM_MAX = 1024, WHERE_NONE = -1 };

/* What an engine says, in plain numbers, each with the expression that gave it. */
struct form {
    unsigned form_count;
    int64_t form_value[FORM_MAX];
    const char *form_name[FORM_MAX];
    int form_where[FORM_MAX]; /* of which end, milestone, ...: the index; or WHERE_NONE */
};

static inline void form_put(struct form *form, const char *name, int where, int64_t value)
{
    if (form->form_count < FORM_MAX) {
        form->form_value[form->form_count] = value;
        form->form_name[form->form_count] = name;
        form->form_where[form->form_count] = where;
    }
    form->form_count++; /* the shadow complains if there are too many */
}

#define PUT(form, value) form_put(form, #value, WHERE_NONE, (int64_t)(value))
#define PUT_OF(form, where, value) form_put(form, #value, (int)(where), (int64_t)(value))

struct side_life; /* an observer of that engine, with connections and their accounts */

struct side {
    struct side_life *(*side_open)(void);

    /* Forgets all. */
    void (*side_restart)(struct side_life *life);

    /* Observes and books. If not `may_grow`, there is no memory for a new connection. Fills `form`. */
    void (*side_observe)(struct side_life *life, uint32_t newest, int64_t time_wait, bool may_grow,
                         const int64_t plain[PLAIN_COUNT], struct form *form);

    /* Books an ICMP error that quotes this segment, on that connection. Adds to `form`. */
    void (*side_quote)(struct side_life *life, uint32_t number, const int64_t plain[PLAIN_COUNT],
                       struct form *form);

    /* For what a program has in hands, who is linked with the same engine. They add to `form`. */
    void (*side_read_segment)(const void *segment, int64_t plain[PLAIN_COUNT]);
    void (*side_read_observation)(const void *observation, struct form *form);

    void (*side_parse)(const uint8_t *header, size_t captured, uint32_t length, int64_t plain[PLAIN_COUNT]);

    /* Everything of the engine that no segment changes: words, sentences, the state machine. */
    void (*side_print_tables)(FILE *stream);
};

/* The only symbol that a side's shared object shows. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const struct side *
side(void);

#endif
