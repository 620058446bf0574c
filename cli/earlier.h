/* SPDX-License-Identifier: MIT */
/*
 * earlier.h - what an earlier call left in the folder for the results. The same run, or runs, are not trained
 * again; others are not overwritten without --force. With --force they stay until the new results are stored.
 */
#ifndef LENET_CLI_EARLIER_H
#define LENET_CLI_EARLIER_H

#include "cli/folder.h"
#include "cli/training.h"

/*
 * The runs that a call trains: one in the folder itself, or `count` in folders of their own, called names[].
 */
typedef struct run_names {
    size_t count; /* 0: one run */
    char (*names)[48];
} run_names;

/*
 * Makes the folder t->out, if there is one, and makes this process its owner until folder_release. LENET_OK:
 * it may be used, and t->is_in_folder says whether the results that are asked for are in there; measurements
 * that only the earlier run has are asked for, too. After a complaint LENET_USAGE: it holds something else,
 * or LENET_IO: it cannot be used. With --force what was unfinished is removed.
 */
int open_out_folder(training *t, const run_names *runs, folder *place);

/* Says what is there: its record with --json. Returns the exit code, that of a run that ended so. */
int print_earlier(const training *t);

/* Removes what --force replaces and the new results did not overwrite. */
void remove_earlier(const training *t, const run_names *runs);

/*
 * LENET_OK, or LENET_USAGE after a complaint: the folder holds a run of `lenet train`, or the report of
 * another study.
 */
int check_report_folder(const char *folder, const char *study);

#endif
