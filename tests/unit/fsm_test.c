/* fsm_test.c - the table against figure 5 of RFC 9293, arrow by arrow
 *
 * The arrows are typed here from the RFC, not from the table. Every cell of the
 * table belongs to exactly one of the lists below, or leaves the state as it is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "machine/fsm.h"

struct arrow {
    enum state from;
    enum event event;
    enum state to;
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Figure 5, from top to bottom, with the notes below it. Passive OPEN, and CLOSE in LISTEN and in SYN-SENT,
 * send no segment: nobody on the wire can see them. */
static const struct arrow figure_5[] = {
    {CLOSED, SND_SYN, SYN_SENT},              /* active OPEN: create TCB, snd SYN */
    {LISTEN, RCV_SYN, SYN_RECEIVED},          /* rcv SYN: snd SYN,ACK */
    {LISTEN, SND_SYN, SYN_SENT},              /* SEND: snd SYN */
    {SYN_SENT, RCV_SYN, SYN_RECEIVED},        /* rcv SYN: snd SYN,ACK */
    {SYN_SENT, RCV_SYN_ACK, ESTABLISHED},     /* rcv SYN,ACK: snd ACK */
    {SYN_RECEIVED, RCV_RST_LISTENER, LISTEN}, /* rcv RST, note 1: after a passive OPEN only */
    {SYN_RECEIVED, RCV_ACK_OF_SYN, ESTABLISHED},
    {SYN_RECEIVED, SND_FIN, FIN_WAIT_1}, /* CLOSE: snd FIN */
    {ESTABLISHED, SND_FIN, FIN_WAIT_1},  /* CLOSE: snd FIN */
    {ESTABLISHED, RCV_FIN, CLOSE_WAIT},  /* rcv FIN: snd ACK */
    {FIN_WAIT_1, RCV_ACK_OF_FIN, FIN_WAIT_2},
    {FIN_WAIT_1, RCV_FIN, CLOSING},   /* rcv FIN: snd ACK */
    {FIN_WAIT_2, RCV_FIN, TIME_WAIT}, /* rcv FIN: snd ACK */
    {CLOSE_WAIT, SND_FIN, LAST_ACK},  /* CLOSE: snd FIN */
    {CLOSING, RCV_ACK_OF_FIN, TIME_WAIT},
    {LAST_ACK, RCV_ACK_OF_FIN, CLOSED},
    {TIME_WAIT, TIMEOUT_2MSL, CLOSED}, /* delete TCB */
};

/* Arrows that the text has and the figure leaves out: 3.10.7.4. */
static const struct arrow text[] = {
    {SYN_RECEIVED, RCV_FIN, CLOSE_WAIT},      /* "eighth, check the FIN bit" */
    {SYN_RECEIVED, RCV_SYN_ACK, ESTABLISHED}, /* its ACK, "fifth", of a simultaneous open */
    {TIME_WAIT, RCV_SYN, SYN_RECEIVED},       /* "may accept the new SYN", RFC 1122 4.2.2.13 */
};

/* Not in the RFC: what an end sends proves its state, whatever we thought. */
static const struct arrow resynchronising[] = {
    {CLOSED, SND_SYN_ACK, SYN_RECEIVED},   {CLOSED, SND_SEGMENT, ESTABLISHED},
    {CLOSED, SND_FIN, FIN_WAIT_1},         {LISTEN, SND_SYN_ACK, SYN_RECEIVED},
    {LISTEN, SND_SEGMENT, ESTABLISHED},    {LISTEN, SND_FIN, FIN_WAIT_1},
    {SYN_SENT, SND_SYN_ACK, SYN_RECEIVED}, {SYN_SENT, SND_SEGMENT, ESTABLISHED},
    {SYN_SENT, SND_FIN, FIN_WAIT_1},       {SYN_RECEIVED, SND_SEGMENT, ESTABLISHED},
    {ESTABLISHED, SND_SYN, SYN_SENT},      {ESTABLISHED, SND_SYN_ACK, SYN_RECEIVED},
    {FIN_WAIT_1, SND_SYN, SYN_SENT},       {FIN_WAIT_1, SND_SYN_ACK, SYN_RECEIVED},
    {FIN_WAIT_2, SND_SYN, SYN_SENT},       {FIN_WAIT_2, SND_SYN_ACK, SYN_RECEIVED},
    {CLOSE_WAIT, SND_SYN, SYN_SENT},       {CLOSE_WAIT, SND_SYN_ACK, SYN_RECEIVED},
    {CLOSING, SND_SYN, SYN_SENT},          {CLOSING, SND_SYN_ACK, SYN_RECEIVED},
    {LAST_ACK, SND_SYN, SYN_SENT},         {LAST_ACK, SND_SYN_ACK, SYN_RECEIVED},
    {TIME_WAIT, SND_SYN, SYN_SENT},        {TIME_WAIT, SND_SYN_ACK, SYN_RECEIVED},
    {UNKNOWN, SND_SYN, SYN_SENT},          {UNKNOWN, SND_SYN_ACK, SYN_RECEIVED},
    {UNKNOWN, SND_SEGMENT, ESTABLISHED},   {UNKNOWN, SND_FIN, FIN_WAIT_1},
    {UNKNOWN, RCV_SYN_ACK, ESTABLISHED}, /* who is answered had asked */
};

/* Nothing happened that a rule could tell of: an ACK that says what was known. */
static const struct arrow uneventful[] = {
    {ESTABLISHED, RCV_ACK_OF_SYN, ESTABLISHED}, {FIN_WAIT_1, RCV_ACK_OF_SYN, FIN_WAIT_1},
    {FIN_WAIT_2, RCV_ACK_OF_SYN, FIN_WAIT_2},   {CLOSE_WAIT, RCV_ACK_OF_SYN, CLOSE_WAIT},
    {CLOSING, RCV_ACK_OF_SYN, CLOSING},         {LAST_ACK, RCV_ACK_OF_SYN, LAST_ACK},
    {TIME_WAIT, RCV_ACK_OF_SYN, TIME_WAIT},     {FIN_WAIT_2, RCV_ACK_OF_FIN, FIN_WAIT_2},
    {TIME_WAIT, RCV_ACK_OF_FIN, TIME_WAIT},
};

/* What was sent long ago and is captured once more moves nobody, in no state. */
static const enum event copies[] = {SND_SYN_COPY, SND_SYN_ACK_COPY, SND_FIN_COPY};

static const struct arrow *find(const struct arrow *arrows, size_t count, enum state from, enum event event)
{
    for (size_t i = 0; i < count; i++)
        if (arrows[i].from == from && arrows[i].event == event)
            return &arrows[i];
    return NULL;
}

#define FIND(arrows, from, event) find((arrows), COUNT(arrows), (from), (event))

static void name_case(enum state from, enum event event)
{
    static char text_of_case[64];

    snprintf(text_of_case, sizeof text_of_case, "%s, event %d", state_name(from), (int)event);
    check_case = text_of_case;
}

static void follow(const struct arrow *arrows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        name_case(arrows[i].from, arrows[i].event);
        CHECK_STRING(state_name(fsm_step(arrows[i].from, arrows[i].event).next), state_name(arrows[i].to));
    }
    check_case = "";
}

static void test_every_arrow_of_figure_5_is_in_the_table(void)
{
    follow(figure_5, COUNT(figure_5));
}

static void test_every_arrow_of_the_text_is_in_the_table(void)
{
    follow(text, COUNT(text));
}

static void test_what_an_end_sends_resynchronises_it(void)
{
    follow(resynchronising, COUNT(resynchronising));
}

/* Note 2: "if a FIN is received and the local FIN is also acknowledged". */
static void test_a_fin_with_the_ack_of_our_fin_leads_to_time_wait_in_either_order(void)
{
    enum state first = fsm_step(FIN_WAIT_1, RCV_ACK_OF_FIN).next;
    enum state second = fsm_step(FIN_WAIT_1, RCV_FIN).next;

    CHECK_EQUAL(fsm_step(first, RCV_FIN).next, TIME_WAIT);
    CHECK_EQUAL(fsm_step(second, RCV_ACK_OF_FIN).next, TIME_WAIT);
}

/* Note 3, 3.5.2: "a RST can be sent from any state". */
static void test_who_sends_a_reset_is_closed(void)
{
    for (int state = 0; state < STATE_COUNT; state++) {
        name_case((enum state)state, SND_RST);
        CHECK_EQUAL(fsm_step((enum state)state, SND_RST).next, CLOSED);
    }
    check_case = "";
}

/* 3.5.3: "If the receiver was in the LISTEN state, it ignores it. [...] in SYN-RECEIVED state and had
 * previously been in the LISTEN state, then the receiver returns to the LISTEN state; otherwise, the
 * receiver aborts the connection and goes to the CLOSED state." */
static void test_who_receives_a_reset_is_closed_or_listens_again(void)
{
    for (int state = 0; state < STATE_COUNT; state++) {
        name_case((enum state)state, RCV_RST);
        CHECK_EQUAL(fsm_step((enum state)state, RCV_RST).next, state == LISTEN ? LISTEN : CLOSED);
        name_case((enum state)state, RCV_RST_LISTENER);
        CHECK_EQUAL(fsm_step((enum state)state, RCV_RST_LISTENER).next,
                    state == LISTEN || state == SYN_RECEIVED ? LISTEN : CLOSED);
    }
    check_case = "";
}

static void test_who_sends_a_copy_stays(void)
{
    static const enum rule expected[] = {RULE_SYN_AGAIN, RULE_SYN_ACK_SENT, RULE_FIN_AGAIN};

    for (int state = 0; state < STATE_COUNT; state++) {
        for (size_t i = 0; i < COUNT(copies); i++) {
            struct transition t = fsm_step((enum state)state, copies[i]);

            name_case((enum state)state, copies[i]);
            CHECK_EQUAL(t.next, state);
            CHECK_STRING(rules[t.rule].name, rules[expected[i]].name);
        }
    }
    check_case = "";
}

/* RFC 1122 4.2.2.13: "MAY accept a new SYN from the remote TCP to reopen the connection directly from
 * TIME-WAIT state, if" its numbers are above the old ones. Else it is a SYN in a synchronized state:
 * RFC 5961 4.2, a challenge ACK. Only TIME-WAIT asks whether a SYN is fit. */
static void test_a_syn_that_may_not_open_anew_leaves_time_wait(void)
{
    for (int state = 0; state < STATE_COUNT; state++) {
        struct transition t = fsm_step((enum state)state, RCV_SYN_UNFIT);

        name_case((enum state)state, RCV_SYN_UNFIT);
        CHECK_EQUAL(t.next, state);
        CHECK_STRING(rules[t.rule].name,
                     rules[state == TIME_WAIT ? RULE_SYN_CHALLENGED : RULE_NO_ARROW].name);
    }
    check_case = "";
}

static bool is_reset(enum event event)
{
    return event == SND_RST || event == RCV_RST || event == RCV_RST_LISTENER;
}

static void test_nothing_else_changes_a_state(void)
{
    for (int s = 0; s < STATE_COUNT; s++) {
        for (int e = 0; e < EVENT_COUNT; e++) {
            enum state from = (enum state)s;
            enum event event = (enum event)e;
            int listed = (FIND(figure_5, from, event) != NULL) + (FIND(text, from, event) != NULL) +
                         (FIND(resynchronising, from, event) != NULL);

            name_case(from, event);
            CHECK(listed <= 1);
            if (listed == 0 && !is_reset(event))
                CHECK_STRING(state_name(fsm_step(from, event).next), state_name(from));
        }
    }
    check_case = "";
}

/* A cell that was forgotten would read: CLOSED, RULE_NO_EVENT. */
static void test_every_cell_is_filled(void)
{
    for (int s = 0; s < STATE_COUNT; s++) {
        for (int e = 0; e < EVENT_COUNT; e++) {
            enum state from = (enum state)s;
            enum event event = (enum event)e;
            struct transition t = fsm_step(from, event);
            bool quiet = FIND(uneventful, from, event) || (event == TIMEOUT_2MSL && from != TIME_WAIT);

            name_case(from, event);
            CHECK(t.next < STATE_COUNT && t.rule < RULE_COUNT);
            if (quiet)
                CHECK(t.rule == RULE_NO_EVENT || t.rule == RULE_CANNOT_TELL);
            else
                CHECK(t.rule != RULE_NO_EVENT);
        }
    }
    check_case = "";
}

static void test_a_move_has_a_reason(void)
{
    for (int s = 0; s < STATE_COUNT; s++) {
        for (int e = 0; e < EVENT_COUNT; e++) {
            struct transition t = fsm_step((enum state)s, (enum event)e);

            name_case((enum state)s, (enum event)e);
            if (t.next != (enum state)s)
                CHECK(t.rule != RULE_NO_EVENT && t.rule != RULE_NO_ARROW && t.rule != RULE_CANNOT_TELL);
        }
    }
    check_case = "";
}

/* A rule says where it stands. */
static void test_every_rule_has_a_section(void)
{
    for (int rule = 0; rule < RULE_COUNT; rule++) {
        check_case = rules[rule].name;
        CHECK(strncmp(rules[rule].name, "RULE_", 5) == 0);
        CHECK(strncmp(rules[rule].section, "RFC ", 4) == 0);
    }
    check_case = "";
}

/* Every walk of the textbook, from CLOSED to CLOSED. */
static void test_the_normal_paths_lead_home(void)
{
    static const enum event active[] = {SND_SYN, RCV_SYN_ACK, SND_FIN, RCV_ACK_OF_FIN, RCV_FIN, TIMEOUT_2MSL};
    static const enum event passive[] = {RCV_SYN, SND_SYN_ACK, RCV_ACK_OF_SYN,
                                         RCV_FIN, SND_FIN,     RCV_ACK_OF_FIN};
    static const enum event both[] = {SND_SYN, RCV_SYN, SND_SYN_ACK,    RCV_SYN_ACK,
                                      SND_FIN, RCV_FIN, RCV_ACK_OF_FIN, TIMEOUT_2MSL};
    enum state a = CLOSED, p = LISTEN, b = CLOSED;

    for (size_t i = 0; i < COUNT(active); i++)
        a = fsm_step(a, active[i]).next;
    for (size_t i = 0; i < COUNT(passive); i++)
        p = fsm_step(p, passive[i]).next;
    for (size_t i = 0; i + 1 < COUNT(both); i++)
        b = fsm_step(b, both[i]).next;
    CHECK_EQUAL(a, CLOSED);
    CHECK_EQUAL(p, CLOSED);
    CHECK_EQUAL(b, TIME_WAIT);
    CHECK_EQUAL(fsm_step(b, both[COUNT(both) - 1]).next, CLOSED);
}

int main(void)
{
    test_every_arrow_of_figure_5_is_in_the_table();
    test_every_arrow_of_the_text_is_in_the_table();
    test_what_an_end_sends_resynchronises_it();
    test_a_fin_with_the_ack_of_our_fin_leads_to_time_wait_in_either_order();
    test_who_sends_a_reset_is_closed();
    test_who_receives_a_reset_is_closed_or_listens_again();
    test_who_sends_a_copy_stays();
    test_a_syn_that_may_not_open_anew_leaves_time_wait();
    test_nothing_else_changes_a_state();
    test_every_cell_is_filled();
    test_a_move_has_a_reason();
    test_every_rule_has_a_section();
    test_the_normal_paths_lead_home();
    return check_result();
}
