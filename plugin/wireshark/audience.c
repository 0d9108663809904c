/* audience.c - see audience.h
 *
 * The first frame decides. Whoever shows a frame when it is dissected for the first time (its columns, its
 * tree, or listeners of taps get it) has no second pass in which to do so: that is tshark in one pass. But
 * Wireshark does all of that whenever it dissects.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "audience.h"

#include "compat.h"
#include "findings/experts.h"
#include "preferences.h"
#include "show/show.h"

static struct {
    bool decided;
    bool one_pass; /* nobody comes back to a frame */
} all;

bool audience_sleeps;

void audience_open(void)
{
    all.decided = all.one_pass = audience_sleeps = false;
}

static bool shows(packet_info *pinfo, proto_tree *tree)
{
    return pinfo->cinfo != NULL || (tree != NULL && PTREE_DATA(tree)->visible) || show_taps_listen(pinfo);
}

static bool looks(const packet_info *pinfo, proto_tree *tree)
{
    return show_is_asked(tree) || experts_are_asked(pinfo, tree) ||
           (preferences.info_column && pinfo->cinfo != NULL);
}

void audience_consider(packet_info *pinfo, proto_tree *tree)
{
    if (!all.decided) {
        all.decided = true;
        all.one_pass = !show_is_tapped() && shows(pinfo, tree) && !compat_has_window();
        audience_sleeps = all.one_pass && !looks(pinfo, tree);
    }
}

bool audience_listens(const packet_info *pinfo, proto_tree *tree)
{
    audience_sleeps = audience_sleeps && !looks(pinfo, tree);
    return !audience_sleeps;
}

bool audience_returns(void)
{
    return !all.one_pass || show_is_tapped();
}
