/* SPDX-License-Identifier: MIT */
/* report.h - the report of a study as the end of a command. */
#ifndef LENET_CLI_REPORT_H
#define LENET_CLI_REPORT_H

#include "lab/data/datasets.h"
#include "lab/runs/store.h"
#include "lab/study/study.h"

#include <stdbool.h>

/*
 * Returns LENET_OK if a report in the folder `out` would replace neither its database nor its study (a name
 * or a file); or having complained LENET_USAGE.
 */
int report_protects(const char *out, const char *study, const char *database);

/*
 * Writes the report of an identified study into the folder `out`, made if it is missing. `name`: what the
 * study was opened by. Returns the exit code.
 */
int write_report(const lab_study *study, lab_store *store, lab_datasets *datasets, const char *name, const char *out);

extern const char report_file_names[]; /* for people: "report.html, report.md, results.json" */

#endif
