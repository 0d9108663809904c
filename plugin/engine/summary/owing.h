/* owing.h - since when does an end owe what it owes?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_OWING_H
#define TCPFSM_ENGINE_OWING_H

#include "summary/update.h"

/* Takes over what the end owes now (bit n: enum debt n). `paid`: it has just acknowledged some data, so what
 * is left is younger. */
void owing_update(struct summary_end *end, unsigned owes, struct moment now, bool paid);

/* The most urgent of what it owes for OWED_MS or more. */
struct owed owing_by(const struct summary_end *end, struct moment now);

/* Adds that of both ends to the observation. */
void owing_tell(struct update *update);

#endif
