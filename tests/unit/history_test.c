/* history_test.c - the story of a connection in a few letters
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"
#include "summary/history.h"

static void test_an_ordinary_story(void)
{
    struct booking b = update_opened();

    CHECK_STRING(b.summary[0].history, "ShA");
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 5);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 6);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 6, .data = 7);
    BOOK(&b, .from = CLIENT, .flags = FA, .seq = 6, .ack = 8);
    BOOK(&b, .from = SERVER, .flags = FA, .seq = 8, .ack = 7);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 7, .ack = 9);
    CHECK_STRING(b.summary[0].history, "ShADadFf");
}

static void test_who_opens_is_upper_case_whatever_its_number(void)
{
    struct booking b = update_begin();

    BOOK(&b, .from = SERVER, .flags = S);
    BOOK(&b, .from = CLIENT, .flags = RA, .ack = 1);
    CHECK_STRING(b.summary[0].history, "Sr");
}

static void test_what_goes_wrong(void)
{
    struct booking b = update_opened();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10);              /* a gap */
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 11, .ack = 1, .data = 10, .wait = 300); /* again */
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .shut = true);
    CHECK_STRING(b.summary[0].history, "ShAGDTaw");
    BOOK(&b, .from = SERVER, .flags = RA, .seq = 1, .ack = 1, .shut = true);
    CHECK_STRING(b.summary[0].history, "ShAGDTawr");
}

static void test_probes_are_no_data(void)
{
    struct booking b = update_opened();

    BOOK(&b, .from = SERVER, .flags = A, .seq = 0, .ack = 1, .data = 1);
    BOOK(&b, .from = SERVER, .flags = A, .seq = 0, .ack = 1);
    CHECK_STRING(b.summary[0].history, "ShAa");
    BOOK(&b, .from = SERVER, .flags = A, .seq = 1, .ack = 1, .shut = true);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 1);
    CHECK_STRING(seq_verdicts[b.talk.o.seq_verdict].name, seq_verdicts[SEQ_WINDOW_PROBE].name);
    CHECK_STRING(b.summary[0].history, "ShAaw");
}

static void test_a_copy_tells_nothing(void)
{
    struct booking b = update_opened();

    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .ip_id = 9);
    BOOK(&b, .from = CLIENT, .flags = A, .seq = 1, .ack = 1, .data = 10, .ip_id = 9, .wait = 1);
    CHECK_STRING(seq_verdicts[b.talk.o.seq_verdict].name, seq_verdicts[SEQ_COPY].name);
    CHECK_STRING(b.summary[0].history, "ShAD");
}

/* One segment of its own, on a connection that knows nothing. */
static const char *letters(struct summary *a, unsigned flags, uint32_t data, enum seq_verdict verdict,
                           enum role role)
{
    struct segment seg = {.flags = (uint16_t)flags, .data = data, .window = 1};
    struct observation o = {.seq_verdict = verdict, .sender_role = role};

    history_update(a, &seg, &o);
    return a->history;
}

static void test_flags_that_contradict_each_other(void)
{
    struct summary a = {.begun = true};

    CHECK_STRING(letters(&a, S | F, 0, SEQ_SYN, ROLE_CLIENT), "QS");
    CHECK_STRING(letters(&a, F | R, 0, SEQ_IN_ORDER, ROLE_SERVER), "QSir");
}

static void test_every_letter_fits(void)
{
    struct summary a = {.begun = true};

    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        struct segment shut = {.flags = A};
        struct observation o = {.seq_verdict = SEQ_IN_ORDER, .sender_role = role};
        letters(&a, S | F, 0, SEQ_SYN, role);
        letters(&a, F | R, 0, SEQ_IN_ORDER, role);
        letters(&a, SA, 0, SEQ_SYN, role);
        letters(&a, A, 5, SEQ_GAP, role);
        letters(&a, A, 5, SEQ_RETRANSMISSION, role);
        letters(&a, FA, 0, SEQ_IN_ORDER, role);
        history_update(&a, &shut, &o);
        letters(&a, FA, 5, SEQ_IN_ORDER, role); /* nothing new */
    }
    CHECK_STRING(a.history, "QSIRHGDTFAWqsirhgdtfaw");
}

int main(void)
{
    test_an_ordinary_story();
    test_who_opens_is_upper_case_whatever_its_number();
    test_what_goes_wrong();
    test_probes_are_no_data();
    test_a_copy_tells_nothing();
    test_flags_that_contradict_each_other();
    test_every_letter_fits();
    return check_result();
}
