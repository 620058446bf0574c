/* SPDX-License-Identifier: MIT */
/*
 * diagnosis.h - `lenet train --diagnose`: the figures of each epoch, and in plain words what is wrong with a
 * run and what to change: that it sits at chance, that it diverges, that units are dead, that the data are
 * not what their name says.
 */
#ifndef LENET_CLI_DIAGNOSIS_H
#define LENET_CLI_DIAGNOSIS_H

#include "lab/runs/job.h"

#include <jansson.h>

/* A line for each layer on stderr, of an epoch with a diagnosis. */
void print_diagnosis(const lenet_epoch *epoch);

/*
 * Writes what is seen and what to change on stdout; "nothing found" if that is so. `data_fault`: as of
 * check_data.
 */
void print_findings(const lab_job *job, const char *data_fault);

/* For the record: the figures of an epoch, and the findings as a list of texts. NULL: out of memory. */
json_t *value_of_diagnosis(const lenet_epoch *epoch);
json_t *value_of_findings(const lab_job *job, const char *data_fault);

/*
 * What is wrong with the files of the data set, by their hashes; "": nothing. `folder`: where to look, may be
 * NULL.
 */
enum { DATA_FAULT = 512 };
void check_data(const char *data, const char *folder, char fault[DATA_FAULT]);

#endif
