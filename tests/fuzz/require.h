/* require.h - an invariant of a fuzz target: if it doesn't hold, say which, and abort
 *
 * Unlike assert() it can't be compiled away.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_FUZZ_REQUIRE_H
#define TCPFSM_TESTS_FUZZ_REQUIRE_H

#define REQUIRE(condition) ((condition) ? (void)0 : require_failed(__FILE__, __LINE__, #condition))

/* The same of a text that says what is wrong; NULL: nothing. */
#define REQUIRE_NONE(fault) require_none(__FILE__, __LINE__, (fault))

/* Each target's own: says what failed on which input, and aborts. */
_Noreturn void require_failed(const char *file, int line, const char *condition);

static inline void require_none(const char *file, int line, const char *fault)
{
    if (fault)
        require_failed(file, line, fault);
}

#endif
