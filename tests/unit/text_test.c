/* text_test.c - what stands in a text that is put together, and what of it fits
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "words/text.h"
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void test_a_new_text_is_empty(void)
{
    char chars[4] = "old";
    struct text text = text_in(chars, sizeof chars);
    CHECK_EQUAL(text.length, 0);
    CHECK_STRING(chars, "");
}

static void test_parts_follow_each_other(void)
{
    char chars[32];
    struct text text = text_in(chars, sizeof chars);
    text_add(&text, "frame ");
    text_add_number(&text, 17);
    text_add_part(&text, ", lost", 1);
    text_add(&text, "");
    CHECK_STRING(chars, "frame 17,");
    CHECK_EQUAL(text.length, strlen(chars));
}

static void test_numbers_are_those_of_printf(void)
{
    const uint32_t numbers[] = {0, 9, 10, 99, 4000000000u, UINT32_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char chars[16], expected[16];
        struct text text = text_in(chars, sizeof chars);
        text_add_number(&text, numbers[i]);
        snprintf(expected, sizeof expected, "%" PRIu32, numbers[i]);
        CHECK_STRING(chars, expected);
    }
}

static void test_formats_are_those_of_printf(void)
{
    char chars[64];
    struct text text = text_in(chars, sizeof chars);
    text_format(&text, "%s: ", "seq");
    text_format(&text, "%" PRIu32 " (%s%s)", UINT32_C(10), "in-order", "");
    text_format(&text, "!");
    text_format(&text, "%u", 5u);
    CHECK_STRING(chars, "seq: 10 (in-order)!5");
    CHECK_EQUAL(text.length, strlen(chars));
}

static void test_what_does_not_fit_is_cut_off(void)
{
    char chars[8];
    memset(chars, '#', sizeof chars);
    struct text text = text_in(chars, 6);
    text_format(&text, "%s-%u", "abc", 4294967295u);
    CHECK_STRING(chars, "abc-4");
    text_add(&text, "more");
    text_add_number(&text, 1);
    CHECK_STRING(chars, "abc-4");
    CHECK_EQUAL(text.length, 5);
    CHECK(chars[6] == '#' && chars[7] == '#');
}

int main(void)
{
    test_a_new_text_is_empty();
    test_parts_follow_each_other();
    test_numbers_are_those_of_printf();
    test_formats_are_those_of_printf();
    test_what_does_not_fit_is_cut_off();
    return check_result();
}
