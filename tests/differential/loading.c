/* loading.c - where is an engine compiled for comparison?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "loading.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

const struct side *side_load(const char *path)
{
    const struct side *(*get)(void) = NULL;
    void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    void *symbol = library ? dlsym(library, "side") : NULL;

    if (!symbol) {
        fprintf(stderr, "no engine to compare with: %s\n", path ? dlerror() : "no path was given");
        exit(3);
    }
    memcpy(&get, &symbol, sizeof get);
    return get();
}
