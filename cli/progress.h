/* SPDX-License-Identifier: MIT */
/*
 * progress.h - how training looks while it goes on, on stderr: a live bar on a terminal, and one line for each
 * finished epoch.
 */
#ifndef LENET_CLI_PROGRESS_H
#define LENET_CLI_PROGRESS_H

#include "cli/terminal.h"

typedef struct progress {
    live line;
    bool is_quiet, has_begun;
    int epochs;
    double started;      /* on ln_seconds, if it has begun */
    double share_before; /* of the run that was done then: by a process whose run this one resumes */
} progress;

void progress_open(progress *p, int epochs, bool quiet);
void progress_show(progress *p, const lenet_progress *now);
void progress_epoch(progress *p, const lenet_epoch *epoch);
void progress_close(progress *p);

#endif
