/* rest.c - see rest.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "points/rest.h"

struct rest rest_of(seq_t seq, seq_t end)
{
    return (struct rest){.left = seq, .right = end, .middle_left = seq, .middle_right = seq};
}

static bool has_middle(const struct rest *r)
{
    return seq_before(r->middle_left, r->middle_right);
}

/* One that doesn't touch the piece before takes its place: it is the later one. */
static void take_middle(struct rest *r, seq_t left, seq_t right)
{
    bool joins = has_middle(r) && !seq_after(left, r->middle_right) && !seq_before(right, r->middle_left);
    r->middle_left = joins ? seq_min(r->middle_left, left) : left;
    r->middle_right = joins ? seq_max(r->middle_right, right) : right;
}

/* The piece that an edge has come to is taken off with it. */
static void join_edges(struct rest *r)
{
    if (has_middle(r) && !seq_before(r->middle_right, r->right)) {
        r->right = seq_min(r->right, seq_max(r->left, r->middle_left));
    }
    if (has_middle(r) && !seq_after(r->middle_left, r->left)) {
        r->left = seq_min(r->right, seq_max(r->left, r->middle_right));
    }
}

void rest_take(struct rest *r, seq_t left, seq_t right)
{
    if (!seq_after(right, r->left) || !seq_before(left, r->right)) {
        return;
    }
    if (!seq_after(left, r->left)) {
        r->left = seq_min(right, r->right);
    } else if (!seq_before(right, r->right)) {
        r->right = left;
    } else {
        take_middle(r, left, right);
    }
    join_edges(r);
}

void rest_end(struct rest *r)
{
    r->left = r->right;
}

void rest_shift(struct rest *r, uint32_t by)
{
    r->left = seq_sub(r->left, by);
    r->right = seq_sub(r->right, by);
    r->middle_left = seq_sub(r->middle_left, by);
    r->middle_right = seq_sub(r->middle_right, by);
}

bool rest_has_nothing_of(const struct rest *a, const struct rest *b)
{
    return !seq_before(seq_max(a->left, b->left), seq_min(a->right, b->right));
}
