/* SPDX-License-Identifier: MIT */
/*
 * earlier.h - what an earlier call left in the folder for the results. The same run, or runs, are not trained again; others
 * are not overwritten without --force. With --force they stay until the new results are stored.
 */
#ifndef LENET_CLI_EARLIER_H
#define LENET_CLI_EARLIER_H

#include "cli/training.h"

/* The runs that a call trains: one in the folder itself, or `count` in folders of their own, called names[]. */
typedef struct run_names {
    size_t count; /* 0: one run */
    char (*names)[48];
} run_names;

/*
 * Looks at the folder t->out, which this process owns. LENET_OK: it may be used, and *is_there says whether the results that are
 * asked for are in there; measurements that only the earlier run has are asked for, too. LENET_USAGE after a complaint: it
 * holds something else. With --force what was unfinished is removed.
 */
int check_earlier(training *t, const run_names *runs, bool *is_there);

/* Says what is there: its record with --json. Returns the exit code, that of a run that ended so. */
int print_earlier(const training *t);

/* Removes what --force replaces and the new results did not overwrite. */
void remove_earlier(const training *t, const run_names *runs);

/* LENET_OK, or LENET_USAGE after a complaint: the folder holds a run of `lenet train`, or the report of another study. */
int check_report_folder(const char *folder, const char *study);

#endif
