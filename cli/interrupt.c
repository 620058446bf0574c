/* SPDX-License-Identifier: MIT */
/* interrupt.c - the one variable that a signal handler may write, and nothing else that lasts. */
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

static const int watched[] = {SIGINT, SIGTERM, SIGHUP};
enum { WATCHED = sizeof watched / sizeof watched[0] };

static volatile sig_atomic_t received;

static void note_signal(int number)
{
    received = number;
    for (size_t i = 0; i < WATCHED; i++) /* whichever comes next ends the program */
        signal(watched[i], SIG_DFL);
}

void interrupt_watch(void)
{
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_signal;
    action.sa_flags = SA_RESTART;
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < WATCHED; i++)
        if (!sigaction(watched[i], NULL, &before) && before.sa_handler != SIG_IGN)
            sigaction(watched[i], &action, NULL);
}

int interrupt_signal(void) { return received; }
