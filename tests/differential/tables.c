/* tables.c - tables ENGINE.so: what does that engine say that no segment changes?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "loading.h"

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    side_load(argv[1])->side_print_tables(stdout);
    return 0;
}
