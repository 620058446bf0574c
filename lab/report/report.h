/* SPDX-License-Identifier: MIT */
/*
 * report.h - a study and its runs as a document for people: report.html, report.md, results.json and the
 * files of the figures.
 *
 * It is a function of the study and the database (and, for images that are shown, of the data set): made
 * again from the same it is the same to the byte, whoever makes it when. Runs that are not there yet are said
 * to be missing; the rest is reported.
 */
#ifndef LENET_LAB_REPORT_REPORT_H
#define LENET_LAB_REPORT_REPORT_H

#include "lab/data/datasets.h"
#include "lab/report/document.h"
#include "lab/report/results.h"
#include "lab/runs/store.h"
#include "lab/study/study.h"

/*
 * Whether everything under `show` can be shown, as far as that can be known without runs. LENET_USAGE:
 * "FILE:LINE: why". Before hours are spent on a study.
 */
lenet_status lab_report_check(const lab_study *study, lenet_error *error);

/* The names of all files that a report may write, as patterns of fnmatch(3), ended by NULL. */
extern const char *const lab_report_files[];

/*
 * Calls `look` with the runs of an identified study and with its report as far as that has numbers and
 * verdicts: for those who show them elsewhere. Nothing is written. What `look` gets lives until it returns;
 * it may end the work by lab_fail(pool).
 */
typedef void lab_look(void *context, lab_pool *pool, const lab_results *results, const lab_document *document);
lenet_status lab_report_read(const lab_study *study, lab_store *store, lab_look *look, void *context,
                             lenet_error *error);

/*
 * Writes the report into `folder`, which must be there, and replaces an older one as a whole (place.h). The
 * study has been identified, and is checked again. `full`: of a quick study the same one as it is in full, so
 * that the report can state what was reduced; else NULL. `datasets` NULL: no images of data sets are shown.
 * LENET_FAILURE: gnuplot failed; without gnuplot the report is made with a note that figures are missing.
 */
lenet_status lab_report_make(const lab_study *study, const lab_study *full, lab_store *store, lab_datasets *datasets,
                             const char *folder, lenet_error *error);

#endif
