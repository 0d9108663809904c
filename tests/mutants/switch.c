/* switch.c - see switch.h
 *
 * TCPFSM_MUTANT=NUMBER chooses the mutant. TCPFSM_MUTANTS_MET=FILE is written at the end: a byte a mutant,
 * 1 if the program came to where it differs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "switch.h"

#include <stdio.h>
#include <stdlib.h>

unsigned tcpfsm_mutant;
unsigned char tcpfsm_mutants_met[MUTANTS + 1];

static int always(void)
{
    return 1;
}

static int never(void)
{
    return 0;
}

int (*const volatile tcpfsm_mutant_always)(void) = always;
int (*const volatile tcpfsm_mutant_never)(void) = never;

__attribute__((constructor)) static void choose(void)
{
    const char *number = getenv("TCPFSM_MUTANT");
    tcpfsm_mutant = number ? (unsigned)strtoul(number, NULL, 10) : 0;
}

__attribute__((destructor)) static void tell(void)
{
    const char *name = getenv("TCPFSM_MUTANTS_MET");
    FILE *stream = name ? fopen(name, "wb") : NULL;
    if (stream) {
        fwrite(tcpfsm_mutants_met, 1, sizeof tcpfsm_mutants_met, stream);
        fclose(stream);
    }
}
