/* summary_debts_test.c - since when does an end owe what it owes?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#define MS INT64_C(1000000)

static void test_debts_have_an_age_from_a_second_on(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    CHECK_EQUAL(u.talk.o.server_owed.frame, 0);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 999);
    CHECK_EQUAL(u.talk.o.server_owed.frame, 0);
    CHECK_EQUAL(u.talk.o.server_owed.age, 0);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100, .wait = 1);
    CHECK_EQUAL(u.talk.o.server_owed.frame, 4);
    CHECK_EQUAL(u.talk.o.server_owed.age, SECOND);
    CHECK_EQUAL(u.talk.o.client_owed.frame, 0);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 101, .wait = 500);
    CHECK_EQUAL(u.talk.o.server_owed.frame, 0);
}

/* The FIN is owed since the other's, whatever else is owed that is younger. */
static void test_the_fin_is_owed_all_the_time(void)
{
    struct updating u = updating_half_closed();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 51, .wait = 30000); /* a keepalive */
    CHECK_EQUAL(u.talk.o.server_owed.debt, OWES_FIN);
    CHECK_EQUAL(u.talk.o.server_owed.frame, 7);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 102);
    CHECK_EQUAL(u.talk.o.server_owed.frame, 7);
    CHECK_EQUAL(u.talk.o.server_owed.age, (30000 + 2 * STEP_MS) * MS);
}

/* Who has acknowledged a part of what it owes owes the rest since then; nobody else's debt is younger. */
static void test_only_who_acknowledges_pays(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 100);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .data = 100); /* acknowledges nothing */
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 101, .ack = 1, .data = 100, .wait = 490);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 101, .ack = 1, .data = 100, .wait = 500);
    CHECK_EQUAL(u.talk.o.server_owed.frame, 4);
    CHECK_EQUAL(u.talk.o.client_owed.frame, 0);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 201, .ack = 1, .data = 100);
    CHECK_EQUAL(u.talk.o.server_owed.frame, 4);
    CHECK_EQUAL(u.talk.o.client_owed.frame, 5);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 201, .ack = 51); /* half of it */
    CHECK_EQUAL(u.talk.o.server_owed.frame, 0);
    CHECK_EQUAL(u.talk.o.client_owed.frame, 5);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 301, .ack = 51, .wait = 1000);
    CHECK_EQUAL(u.talk.o.server_owed.frame, 9);
    CHECK_EQUAL(u.talk.o.client_owed.frame, 0);
}

int main(void)
{
    test_debts_have_an_age_from_a_second_on();
    test_the_fin_is_owed_all_the_time();
    test_only_who_acknowledges_pays();
    return check_result();
}
