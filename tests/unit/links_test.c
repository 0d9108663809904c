/* links_test.c - frames that show one segment, and what stands on frames with hindsight
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store.h"

static void closed(void)
{
    struct link link;
    CHECK_EQUAL(links_of(1, &link, 1), 0);
    CHECK_EQUAL(links_marks(1), 0);
    CHECK_EQUAL(links_all_marks(), 0);
    CHECK_EQUAL(links_bytes(), 0);
}

static void both_ways(void)
{
    struct link links[4];
    links_open();
    links_add(5, 2, 100);
    links_add(6, 3, 200);
    links_add(6, 4, 300);
    links_add(9, 2, -50);
    CHECK_EQUAL(links_of(6, links, 4), 2);
    CHECK_EQUAL(links[0].other, 3);
    CHECK_EQUAL(links[1].other, 4);
    CHECK_EQUAL(links[1].transit, 300);
    CHECK_EQUAL(links_of(2, links, 4), 2); /* by the other frame, in order */
    CHECK_EQUAL(links[0].other, 5);
    CHECK_EQUAL(links[0].transit, 100);
    CHECK_EQUAL(links[1].other, 9);
    CHECK_EQUAL(links_of(1, links, 4), 0);
    CHECK_EQUAL(links_of(10, links, 4), 0);
    links_add(11, 3, 1); /* the capture has grown */
    CHECK_EQUAL(links_of(3, links, 4), 2);
    CHECK_EQUAL(links_of(11, links, 4), 1);
    CHECK_EQUAL(links_of(6, links, 1), 2); /* more than there is room for */
    links_close();
}

static void marks(void)
{
    links_open();
    links_mark(7, FINDING_LOST_BETWEEN, false);
    links_mark(7, FINDING_SEEN_ONCE, true);
    links_mark(8, FINDING_MADE_BETWEEN, true);
    CHECK_EQUAL(links_marks(7), FINDING_LOST_BETWEEN | FINDING_SEEN_ONCE);
    CHECK_EQUAL(links_marks(8), FINDING_MADE_BETWEEN);
    CHECK_EQUAL(links_marks(9), 0);
    CHECK_EQUAL(links_all_marks(), FINDING_LOST_BETWEEN | FINDING_SEEN_ONCE | FINDING_MADE_BETWEEN);
    links_forget_last();
    CHECK_EQUAL(links_marks(7), FINDING_LOST_BETWEEN);
    CHECK_EQUAL(links_marks(8), 0);
    CHECK_EQUAL(links_all_marks(), FINDING_LOST_BETWEEN);
    links_close();
    links_open();
    CHECK_EQUAL(links_marks(7), 0);
    links_close();
}

int main(void)
{
    closed();
    both_ways();
    marks();
    closed();
    return check_result();
}
