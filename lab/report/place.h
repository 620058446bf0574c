/* SPDX-License-Identifier: MIT */
/*
 * place.h - the folder of a report, in which it is replaced as a whole. A new report is made in
 * FOLDER/.report.new; when it is complete, that is renamed to FOLDER/.report.ready, and then its files are
 * moved to their places. Killed before the first rename, the old report is there; killed after it, the new
 * one is, and the next call moves what is left. Other files of the folder stay.
 */
#ifndef LENET_LAB_REPORT_PLACE_H
#define LENET_LAB_REPORT_PLACE_H

#include "lenet/lenet.h"

#include <limits.h>

typedef struct lab_place {
    const char *folder;
    char made[PATH_MAX]; /* where files are to be written */
    int lock;            /* the folder, open and locked: one report at a time */
} lab_place;

/*
 * Waits for other processes that make a report there, and tidies up after killed ones. `folder` must be
 * there. LENET_IO: the system failed.
 */
lenet_status lab_place_open(lab_place *place, const char *folder, lenet_error *error);

/*
 * Puts the new report into its place if `status` is LENET_OK; else removes what there is of it. Returns
 * `status`, or what failed.
 */
lenet_status lab_place_close(lab_place *place, lenet_status status, lenet_error *error);

#endif
