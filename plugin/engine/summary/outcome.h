/* outcome.h - how did a connection open, how did it close, what became of it?
 *
 * The enumerations stand in names.def. "So far" is what the summary says as of
 * its last segment; what is settled will not change by anything legal that may
 * still come.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_OUTCOME_H
#define TCPFSM_ENGINE_OUTCOME_H

#include "summary/summary.h"

/* `timeout_findings`: what timeout_findings_at() said. */
enum outcome outcome_of(const struct summary *summary, unsigned timeout_findings);

/* Whether the outcome is settled before the capture ends. */
bool outcome_is_settled(const struct summary *summary);

/* OPENING_NONE, CLOSER_NONE: not known (yet). */
enum opening opening_of(const struct summary *summary);
enum closing closing_of(const struct summary *summary);
enum closer closer_of(const struct summary *summary);

/* Who has to wait for 2MSL; meaningful once the outcome is settled. */
enum time_wait_side time_wait_side_of(const struct summary *summary);

#endif
