/* require.h - an invariant of a fuzz target: if it doesn't hold, say which, and abort
 *
 * Unlike assert() it can't be compiled away.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_FUZZ_REQUIRE_H
#define TCPFSM_TESTS_FUZZ_REQUIRE_H

#define REQUIRE(condition) ((condition) ? (void)0 : require_failed(__FILE__, __LINE__, #condition))

/* Each target's own: says what failed on which input, and aborts. */
_Noreturn void require_failed(const char *file, int line, const char *condition);

#endif
