/* state_test.c - which states are alike, RFC 9293 section 3.3.2
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "wire/state.h"

/* Closed, gone, opening, synchronized; of UNKNOWN none is said. */
static const struct {
    enum state state;
    bool closed, gone, opening, synchronized;
} kinds[] = {
    {CLOSED, true, true, false, false},       {LISTEN, true, true, false, false},
    {SYN_SENT, false, false, true, false},    {SYN_RECEIVED, false, false, true, false},
    {ESTABLISHED, false, false, false, true}, {FIN_WAIT_1, false, false, false, true},
    {FIN_WAIT_2, false, false, false, true},  {CLOSE_WAIT, false, false, false, true},
    {CLOSING, false, false, false, true},     {LAST_ACK, false, false, false, true},
    {TIME_WAIT, false, true, false, true},    {UNKNOWN, false, false, false, false},
};

_Static_assert(sizeof kinds / sizeof kinds[0] == STATE_COUNT, "a row a state");

static void test_every_state_is_of_its_kinds(void)
{
    for (unsigned i = 0; i < STATE_COUNT; i++) {
        enum state state = kinds[i].state;

        check_case = state_name(state);
        CHECK_EQUAL(state, i);
        CHECK_EQUAL(state_is_closed(state), kinds[i].closed);
        CHECK_EQUAL(state_is_gone(state), kinds[i].gone);
        CHECK_EQUAL(state_is_opening(state), kinds[i].opening);
        CHECK_EQUAL(state_is_synchronized(state), kinds[i].synchronized);
    }
    check_case = "";
}

int main(void)
{
    test_every_state_is_of_its_kinds();
    return check_result();
}
