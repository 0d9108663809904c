/* impure.c - all that the engine must not do; purity.py has to notice each
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>

int *impure(void);

int *impure(void)
{
    static int calls;

    printf("call %d\n", ++calls);
    return malloc(sizeof calls);
}
