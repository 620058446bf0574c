/* SPDX-License-Identifier: MIT */
/*
 * interrupt.h - Ctrl-C and its relatives (SIGINT, SIGTERM, SIGHUP): the first only leaves a note, so that what is
 * worth keeping can be kept; the second ends the program at once, as without a handler.
 */
#ifndef LENET_CLI_INTERRUPT_H
#define LENET_CLI_INTERRUPT_H

/* From now on. A signal that the caller of the program had ignored (nohup, a background job) stays ignored. */
void interrupt_watch(void);

int interrupt_signal(void); /* the signal that came, 0 if none has */

#endif
