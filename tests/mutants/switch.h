/* switch.h - which mutant the engine is; see run
 *
 * Included before every file that is compiled. Mutant 0 is the engine as it is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_MUTANTS_SWITCH_H
#define TCPFSM_MUTANTS_SWITCH_H

extern unsigned tcpfsm_mutant;
extern unsigned char tcpfsm_mutants_met[];
extern int (*const volatile tcpfsm_mutant_always)(void), (*const volatile tcpfsm_mutant_never)(void);

/* Asked where mutant `number` differs from the engine. */
static inline int tcpfsm_mutant_met(unsigned number)
{
    tcpfsm_mutants_met[number] = 1;
    return tcpfsm_mutant == number;
}

#endif
