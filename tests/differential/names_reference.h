/* names_reference.h - what is the reference engine called?
 *
 * The rest of this folder speaks the reference's names, so it needs no more than its headers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_DIFFERENTIAL_NAMES_H
#define TCPFSM_DIFFERENTIAL_NAMES_H

#include "conclusion.h"
#include "connection.h"
#include "fsm.h"
#include "names.h"
#include "observation.h"
#include "outcome.h"
#include "segment.h"

#endif
