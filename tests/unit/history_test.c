/* history_test.c - the story of a connection in a few letters
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#include "summary/history.h"

static void test_an_ordinary_story(void)
{
    struct updating u = updating_opened();

    CHECK_STRING(u.summary[0].history, "ShA");
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 5);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 6);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 6, .data = 7);
    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 6, .ack = 8);
    UPDATE(&u, .from = SERVER, .flags = FA, .seq = 8, .ack = 7);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 7, .ack = 9);
    CHECK_STRING(u.summary[0].history, "ShADadFf");
}

static void test_who_opens_is_upper_case_whatever_its_number(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = SERVER, .flags = S);
    UPDATE(&u, .from = CLIENT, .flags = RA, .ack = 1);
    CHECK_STRING(u.summary[0].history, "Sr");
}

static void test_what_goes_wrong(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10);              /* a gap */
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10, .wait = 300); /* again */
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .shut = true);
    CHECK_STRING(u.summary[0].history, "ShADTaw");
    UPDATE(&u, .from = SERVER, .flags = RA, .seq = 1, .ack = 1, .shut = true);
    CHECK_STRING(u.summary[0].history, "ShADTawr");
}

static void test_probes_are_no_data(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = SERVER, .flags = A, .seq = 0, .ack = 1, .data = 1);
    CHECK_STRING(u.summary[0].history, "ShA");
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 0, .ack = 1);
    CHECK_STRING(u.summary[0].history, "ShAa");
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .shut = true);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 1);
    CHECK_STRING(seq_verdicts[u.talk.o.seq_verdict].name, seq_verdicts[SEQ_WINDOW_PROBE].name);
    CHECK_STRING(u.summary[0].history, "ShAaw");
}

static void test_a_copy_tells_nothing(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .ip_id = 9);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .ip_id = 9, .wait = 1);
    CHECK_STRING(seq_verdicts[u.talk.o.seq_verdict].name, seq_verdicts[SEQ_COPY].name);
    CHECK_STRING(u.summary[0].history, "ShAD");
}

/* One segment of its own, on a connection that knows nothing. */
static const char *letters(struct summary *s, unsigned flags, uint32_t data, enum seq_verdict verdict,
                           enum role role)
{
    struct segment seg = {.flags = (uint16_t)flags, .data = data, .window = 1};
    struct observation o = {.seq_verdict = verdict, .sender_role = role};

    history_update(s, &seg, &o);
    return s->history;
}

static void test_flags_that_contradict_each_other(void)
{
    struct summary s = {.begun = true};

    CHECK_STRING(letters(&s, S | F, 0, SEQ_SYN, ROLE_CLIENT), "QS");
    CHECK_STRING(letters(&s, F | R, 0, SEQ_IN_ORDER, ROLE_SERVER), "QSir");
    s = (struct summary){.begun = true};
    CHECK_STRING(letters(&s, S | R, 0, SEQ_SYN, ROLE_CLIENT), "QR"); /* a RST, whatever else it carries */
    CHECK_STRING(letters(&s, SA | R, 0, SEQ_SYN, ROLE_CLIENT), "QR");
    CHECK_STRING(letters(&s, F, 0, SEQ_IN_ORDER, ROLE_SERVER), "QRf");
}

/* A SYN with a window of 0 has not yet offered any; a RST offers none. */
static void test_a_zero_window_is_that_of_an_open_connection(void)
{
    struct updating u = updating_begin();

    UPDATE(&u, .from = CLIENT, .flags = S, .shut = true);
    UPDATE(&u, .from = SERVER, .flags = RA, .ack = 1, .shut = true);
    CHECK_STRING(u.summary[0].history, "Sr");
}

static const char *told(struct updating *u)
{
    static char text[HISTORY_MAX];

    return history_tell(&u->summary[0], text);
}

static void test_data_that_is_missing_at_the_end_is_a_content_gap(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10);
    CHECK_STRING(u.summary[0].history, "ShAD");
    CHECK_STRING(told(&u), "ShADG");
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 11, .ack = 1, .data = 10);
    CHECK_STRING(told(&u), "ShADdGg");
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10);
    CHECK_STRING(told(&u), "ShADdTg"); /* that was filled */
}

static void test_data_that_was_acknowledged_unseen_is_a_content_gap(void)
{
    struct updating u = updating_opened();

    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10);
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 1, .ack = 21);
    CHECK_STRING(u.summary[0].history, "ShADGa");
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .wait = 300);
    CHECK_STRING(told(&u), "ShADGaT");
}

static void test_every_letter_fits(void)
{
    struct summary s = {.begun = true};

    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        struct segment shut = {.flags = A};
        struct observation o = {.seq_verdict = SEQ_IN_ORDER, .sender_role = role};
        letters(&s, S | F, 0, SEQ_SYN, role);
        letters(&s, F | R, 0, SEQ_IN_ORDER, role);
        letters(&s, SA, 0, SEQ_SYN, role);
        o.skipped = 1;
        history_update(&s, &(struct segment){.flags = A, .window = 1, .data = 5}, &o);
        o.skipped = 0;
        letters(&s, A, 5, SEQ_RETRANSMISSION, role);
        letters(&s, FA, 0, SEQ_IN_ORDER, role);
        history_update(&s, &shut, &o);
        letters(&s, FA, 5, SEQ_IN_ORDER, role); /* nothing new */
    }
    CHECK_STRING(s.history, "QSIRHGDTFAWqsirhgdtfaw");
}

int main(void)
{
    test_an_ordinary_story();
    test_who_opens_is_upper_case_whatever_its_number();
    test_what_goes_wrong();
    test_probes_are_no_data();
    test_a_copy_tells_nothing();
    test_flags_that_contradict_each_other();
    test_a_zero_window_is_that_of_an_open_connection();
    test_data_that_is_missing_at_the_end_is_a_content_gap();
    test_data_that_was_acknowledged_unseen_is_a_content_gap();
    test_every_letter_fits();
    return check_result();
}
