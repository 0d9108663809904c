/* names_current.h - what is the engine of this tree called?
 *
 * This is the file to adapt when something in the engine gets another name or place. The rest of
 * this folder speaks the reference's names, so a new name is a line here:
 *
 *     #define account summary                       a struct, a function, an enumerator
 *     #define acked_known acked.known               a member that has moved into a struct
 *     #define conclusions_at(a, t, now) ...         a function with other arguments
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_DIFFERENTIAL_NAMES_H
#define TCPFSM_DIFFERENTIAL_NAMES_H

#include "connection.h"
#include "observation.h"

#include "machine/fsm.h"
#include "summary/outcome.h"
#include "summary/summary.h"
#include "summary/timeout_finding.h"
#include "tell/names.h"
#include "wire/segment.h"

#define account summary
#define account_end summary_end
#define account_between summary_between
#define account_book_icmp summary_update_icmp
#define account_is_embryonic summary_is_embryonic
#define account_is_idle summary_is_idle
#define account_span summary_span
#define conclusion timeout_finding
#define CONCLUSION_COUNT TIMEOUT_FINDING_COUNT
#define conclusions_at timeout_findings_at
#define conclusions_book timeout_findings_update
#define conclusion_begin timeout_finding_begin
#define conclusion_subject timeout_finding_subject
#define remarks findings
#define REMARK_UNUSABLE FINDING_UNUSABLE
#define told reported
#define two_paths multipath
#define holder time_wait_side
#define holder_name time_wait_side_name
#define HOLDER_COUNT TIME_WAIT_SIDE_COUNT
#define time_wait_holder_of time_wait_side_of

/* The two functions that programs call and the shadow listens to; `run` reads these two lines, too. */
#define LISTEN_OBSERVE connection_observe
#define LISTEN_PARSE segment_parse

#endif
