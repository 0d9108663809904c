/* names.h - the words for the numbers of names.def
 *
 * state_name() stands in state.h, event_name() in fsm.h, the verdicts in verdicts.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_NAMES_H
#define TCPFSM_ENGINE_NAMES_H

#include "tell/verdicts.h"

/* What a number without a name is called. */
#define NO_NAME "?"

/* role_name(), phase_name(), basis_name(), timer_name(), debt_name(), reset_cause_name(). */
#define ENUMERATION(type, count) const char *type##_name(enum type number);
#define NAME(id, number, name)
#define ENUMERATION_END(type, count)
#include "tell/names.def"
#undef ENUMERATION
#undef NAME
#undef ENUMERATION_END

#endif
