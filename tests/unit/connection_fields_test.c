/* connection_fields_test.c - what is told of a connection, and when it is not told
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "updating.h"

#include "summary/connection_fields.h"

#include <string.h>

static struct connection_view so_far(const struct summary *summary)
{
    return connection_view_of(summary, 0, false);
}

static struct connection_view at_the_end(const struct summary *summary)
{
    return connection_view_of(summary, 0, true);
}

static int64_t value_of(const struct connection_view *view, enum connection_field field)
{
    return connection_values(view).of[field];
}

static const char *name_of(const struct connection_view *view, enum connection_field field)
{
    return connection_value_name(field, value_of(view, field));
}

static void test_each_has_a_name_of_its_own(void)
{
    for (enum connection_field i = 0; i < CONNECTION_FIELD_COUNT; i++) {
        for (enum connection_field j = 0; j < i; j++) {
            CHECK(strcmp(connection_fields[i].name, connection_fields[j].name) != 0);
        }
        CHECK((connection_fields[i].kind == VALUE_TEXT) == (i == CONNECTION_HISTORY));
    }
}

/* Of a SYN alone. */
static void test_what_has_not_happened_is_absent(void)
{
    struct updating u = updating_begin();
    struct connection_view view = at_the_end(u.summary);

    UPDATE(&u, .from = CLIENT, .flags = S, .seq = 0);
    for (enum connection_field i = 0; i < CONNECTION_FIELD_COUNT; i++) {
        bool there = connection_fields[i].group == GROUP_EXTENT || i == CONNECTION_OUTCOME ||
                     i == CONNECTION_CLOSING || i == CONNECTION_SYN_FRAME || i == CONNECTION_CLIENT_ISN ||
                     i == CONNECTION_CLIENT_WINDOW;

        check_case = connection_fields[i].name;
        CHECK_EQUAL(value_of(&view, i) != ABSENT, there);
        if (!there) {
            CHECK_STRING(name_of(&view, i), "");
        }
    }
    CHECK_STRING(name_of(&view, CONNECTION_OUTCOME), "unanswered");
    CHECK_STRING(name_of(&view, CONNECTION_CLOSING), "none");
    CHECK_EQUAL(value_of(&view, CONNECTION_SYN_FRAME), 1);
    check_case = "";
}

/* Of a connection that goes on, too: so far. */
static void test_how_much_there_was(void)
{
    struct updating u = updating_in_use();
    struct connection_view view = so_far(u.summary);
    int64_t start = value_of(&view, CONNECTION_START);

    CHECK_EQUAL(value_of(&view, CONNECTION_PACKETS), 6);
    CHECK_EQUAL(value_of(&view, CONNECTION_BYTES_CLIENT), 100);
    CHECK_EQUAL(value_of(&view, CONNECTION_BYTES_SERVER), 50);
    CHECK_EQUAL(start + value_of(&view, CONNECTION_DURATION), u.talk.seg.time);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 51, .data = 100, .ip_id = 7); /* again */
    CHECK_EQUAL(value_of(&view, CONNECTION_PACKETS), 7);
    CHECK_EQUAL(value_of(&view, CONNECTION_BYTES_CLIENT), 200);
    UPDATE(&u, .from = CLIENT, .flags = A, .seq = 1, .ack = 51, .data = 100, .ip_id = 7, .wait = 1);
    CHECK_STRING(seq_verdicts[u.talk.o.seq_verdict].name, seq_verdicts[SEQ_COPY].name);
    CHECK_EQUAL(value_of(&view, CONNECTION_PACKETS), 7); /* captured twice */
    CHECK_EQUAL(value_of(&view, CONNECTION_BYTES_CLIENT), 200);
    CHECK_EQUAL(value_of(&view, CONNECTION_BYTES_SERVER), 50);
    CHECK_EQUAL(value_of(&view, CONNECTION_START), start);
}

/* What later segments may change is not told before the capture ends. */
static void test_in_one_pass_only_what_is_settled(void)
{
    struct updating u = updating_in_use();
    struct connection_view early = so_far(u.summary), late = at_the_end(u.summary);

    CHECK_EQUAL(value_of(&early, CONNECTION_OUTCOME), ABSENT);
    CHECK_EQUAL(value_of(&early, CONNECTION_CLOSING), ABSENT);
    CHECK_STRING(name_of(&early, CONNECTION_OPENING), "three-way");
    CHECK_STRING(name_of(&late, CONNECTION_OUTCOME), "open");
    u.summary->opened = false;
    u.summary->simultaneous_open = true; /* so far: it may become a split one */
    CHECK_EQUAL(value_of(&early, CONNECTION_OPENING), ABSENT);
    CHECK_STRING(name_of(&late, CONNECTION_OPENING), "simultaneous");
}

static void test_who_closed_is_known_once_that_is_answered(void)
{
    struct updating u = updating_in_use();
    struct connection_view early = so_far(u.summary), late = at_the_end(u.summary);

    UPDATE(&u, .from = CLIENT, .flags = FA, .seq = 101, .ack = 51);
    CHECK_EQUAL(value_of(&early, CONNECTION_CLOSER), ABSENT);
    CHECK_STRING(name_of(&late, CONNECTION_CLOSER), "client");
    UPDATE(&u, .from = SERVER, .flags = A, .seq = 51, .ack = 102);
    CHECK_STRING(name_of(&early, CONNECTION_CLOSER), "client");
    CHECK_EQUAL(value_of(&late, CONNECTION_TIME_WAIT_HOLDER), ABSENT);
    u = updating_closed();
    early = so_far(u.summary);
    CHECK_STRING(name_of(&early, CONNECTION_TIME_WAIT_HOLDER), "client");
    CHECK_STRING(name_of(&early, CONNECTION_OUTCOME), "closed");
}

static void test_nobody_is_in_time_wait_after_a_reset(void)
{
    struct updating u = updating_in_use();
    struct connection_view view = so_far(u.summary);

    CHECK_EQUAL(value_of(&view, CONNECTION_RESET_CAUSE), ABSENT);
    UPDATE(&u, .from = SERVER, .flags = RA, .seq = 51, .ack = 101);
    view = so_far(u.summary);
    CHECK_STRING(name_of(&view, CONNECTION_TIME_WAIT_HOLDER), "none");
    CHECK_STRING(name_of(&view, CONNECTION_RESET_CAUSE), "abort by the application");
    u.summary->reset_cause = RESET_NONE;
    CHECK_EQUAL(value_of(&view, CONNECTION_RESET_CAUSE), ABSENT);
}

static void test_an_option_counts_if_both_syns_carry_it(void)
{
    static const enum connection_field both[] = {CONNECTION_CLIENT_SCALE, CONNECTION_SERVER_SCALE,
                                                 CONNECTION_SACK, CONNECTION_TIMESTAMPS};
    struct updating u = updating_in_use();
    struct connection_view view = at_the_end(u.summary);
    struct summary_end *end = u.summary->end;

    for (unsigned carried = 0; carried < 4; carried++) {
        for (unsigned i = 0; i < 2; i++) {
            bool carries = carried >> i & 1;

            end[i].scale_plus_one = carries ? 8 : 0;
            end[i].sack_permitted = end[i].timestamps = carries;
        }
        for (unsigned i = 0; i < sizeof both / sizeof *both; i++) {
            CHECK_EQUAL(value_of(&view, both[i]), carried != 3 ? ABSENT : i < 2 ? 7 : 1);
        }
    }
    end[0].mss = 1460;
    end[1].mss = 0;
    CHECK_EQUAL(value_of(&view, CONNECTION_CLIENT_MSS), 1460);
    CHECK_EQUAL(value_of(&view, CONNECTION_SERVER_MSS), ABSENT);
    end[0].syn_seen = false;
    CHECK_EQUAL(value_of(&view, CONNECTION_CLIENT_MSS), ABSENT);
    CHECK_EQUAL(value_of(&view, CONNECTION_CLIENT_ISN), ABSENT);
    CHECK_EQUAL(value_of(&view, CONNECTION_CLIENT_WINDOW), ABSENT);
}

static void test_the_connection_before(void)
{
    struct updating u = updating_in_use();
    struct connection_view view = so_far(u.summary);

    u.summary->previous = 1; /* number 0 */
    u.summary->since_previous = NO_TIME;
    CHECK_EQUAL(value_of(&view, CONNECTION_PREVIOUS), 0);
    CHECK_EQUAL(value_of(&view, CONNECTION_REUSE_AGE), ABSENT);
    u.summary->since_previous = -1;
    CHECK_EQUAL(value_of(&view, CONNECTION_REUSE_AGE), ABSENT);
    u.summary->since_previous = 0;
    CHECK_EQUAL(value_of(&view, CONNECTION_REUSE_AGE), 0);
    u.summary->previous = UINT32_MAX;
    CHECK_EQUAL(value_of(&view, CONNECTION_PREVIOUS), UINT32_MAX - INT64_C(1));
}

/* Only then it is known what is missing. */
static void test_the_history_says_at_the_end_what_is_missing(void)
{
    struct updating u = updating_in_use();
    struct connection_view early = so_far(u.summary), late = at_the_end(u.summary);
    char text[HISTORY_MAX], whole[HISTORY_MAX];

    u.summary->lacks = 1;
    CHECK_STRING(connection_history(&early, text), u.summary->history);
    CHECK_EQUAL(strlen(connection_history(&late, whole)), strlen(u.summary->history) + 1);
}

int main(void)
{
    test_each_has_a_name_of_its_own();
    test_what_has_not_happened_is_absent();
    test_how_much_there_was();
    test_in_one_pass_only_what_is_settled();
    test_who_closed_is_known_once_that_is_answered();
    test_nobody_is_in_time_wait_after_a_reset();
    test_an_option_counts_if_both_syns_carry_it();
    test_the_connection_before();
    test_the_history_says_at_the_end_what_is_missing();
    return check_result();
}
