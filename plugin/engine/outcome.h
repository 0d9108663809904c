/* outcome.h - how did a connection open, how did it close, what became of it?
 *
 * The enumerations stand in names.def. "So far" is what the account says as of
 * its last segment; what is settled will not change by anything legal that may
 * still come.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_OUTCOME_H
#define TCPFSM_ENGINE_OUTCOME_H

#include "account.h"

/* `conclusions`: what conclusions_at() said. */
enum outcome outcome_of(const struct account *account, unsigned conclusions);

/* Whether the outcome is settled before the capture ends. */
bool outcome_is_settled(const struct account *account);

/* OPENING_NONE, CLOSER_NONE: not known (yet). */
enum opening opening_of(const struct account *account);
enum closing closing_of(const struct account *account);
enum closer closer_of(const struct account *account);

/* Who has to wait for 2MSL; meaningful once the outcome is settled. */
enum holder time_wait_holder_of(const struct account *account);

#endif
