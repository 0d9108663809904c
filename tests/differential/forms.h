/* forms.h - what an engine says, as plain numbers (compiled against each engine)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_DIFFERENTIAL_FORMS_H
#define TCPFSM_DIFFERENTIAL_FORMS_H

#include "side.h"

#include NAMES

#define FORM_SECOND INT64_C(1000000000)

/* Of an observation as the engine leaves it, all. */
void form_observation(struct form *form, const struct observation *o);

/* What booking adds to it. */
void form_booked(struct form *form, const struct observation *o);

/* Of an account, all, and what is concluded from it at several moments from `now` on. */
void form_account(struct form *form, const struct account *a, const struct timeouts *timeouts, int64_t now);

void print_tables(FILE *stream);

#endif
