/* check.h - the checks of the unit tests: a failure names the place and both values
 *
 * A test is a main() that calls its test functions and ends with
 * `return check_result();`. A failed check doesn't end the test.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_TESTS_UNIT_CHECK_H
#define TCPFSM_TESTS_UNIT_CHECK_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static unsigned checks_made, checks_failed;

/* A line that says what all following checks belong to; "" for nothing. */
static const char *check_case = "";

static inline bool check_report(bool good, const char *file, int line)
{
    checks_made++;
    if (good)
        return true;
    checks_failed++;
    fprintf(stderr, "%s:%d: %s%s", file, line, check_case, *check_case ? ": " : "");
    return false;
}

static inline void check_true(bool good, const char *text, const char *file, int line)
{
    if (!check_report(good, file, line))
        fprintf(stderr, "not true: %s\n", text);
}

static inline void check_equal(int64_t actual, int64_t expected, const char *text, const char *file, int line)
{
    if (!check_report(actual == expected, file, line))
        fprintf(stderr, "%s is %" PRId64 " (0x%" PRIx64 "), expected %" PRId64 " (0x%" PRIx64 ")\n", text,
                actual, (uint64_t)actual, expected, (uint64_t)expected);
}

static inline void check_string(const char *actual, const char *expected, const char *text, const char *file,
                                int line)
{
    bool good = actual && strcmp(actual, expected) == 0;

    if (!check_report(good, file, line))
        fprintf(stderr, "%s is \"%s\", expected \"%s\"\n", text, actual ? actual : "(null)", expected);
}

#define CHECK(condition) check_true((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(actual, expected) \
    check_equal((int64_t)(actual), (int64_t)(expected), #actual, __FILE__, __LINE__)
#define CHECK_STRING(actual, expected) check_string((actual), (expected), #actual, __FILE__, __LINE__)

/* The exit status; a test that checked nothing has failed. */
static inline int check_result(void)
{
    fprintf(stderr, "%u checks, %u failed\n", checks_made, checks_failed);
    return checks_made > 0 && checks_failed == 0 ? 0 : 1;
}

#endif
