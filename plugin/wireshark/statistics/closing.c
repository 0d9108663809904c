/* closing.c - see closing.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/closing.h"

#include <glib.h>

struct watcher {
    closing_callback callback;
    void *data;
};

static GList *watchers;

void closing_watch(closing_callback callback, void *data)
{
    struct watcher *watcher = g_new(struct watcher, 1);
    *watcher = (struct watcher){callback, data};
    watchers = g_list_append(watchers, watcher);
}

void closing_unwatch(closing_callback callback, void *data)
{
    for (GList *link = watchers; link != NULL; link = link->next) {
        const struct watcher *watcher = (const struct watcher *)link->data;
        if (watcher->callback == callback && watcher->data == data) {
            g_free(link->data);
            watchers = g_list_delete_link(watchers, link);
            return;
        }
    }
}

void closing_tell(void)
{
    for (GList *link = watchers, *next; link != NULL; link = next) {
        next = link->next;
        const struct watcher *watcher = (const struct watcher *)link->data;
        watcher->callback(watcher->data);
    }
}
