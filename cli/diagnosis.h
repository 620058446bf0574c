/* SPDX-License-Identifier: MIT */
/*
 * diagnosis.h - `lenet train --diagnose`: the figures of each epoch, and in plain words what is wrong with a run and what
 * to change: that it sits at chance, that it diverges, that units are dead, that the data are not what their name says.
 */
#ifndef LENET_CLI_DIAGNOSIS_H
#define LENET_CLI_DIAGNOSIS_H

#include "cli/run.h"

/* A copy to be freed in one piece; NULL: out of memory, or nothing to copy. */
lenet_diagnosis *copy_diagnosis(const lenet_diagnosis *seen);

/* A line for each layer on stderr, of an epoch with a diagnosis. */
void print_diagnosis(const lenet_epoch *epoch);

/* Writes what is seen and what to change on stdout; "nothing found" if that is so. */
void print_findings(const run *r);

/* For the record: the figures of an epoch, and the findings as a list of texts. NULL: out of memory. */
json_t *value_of_diagnosis(const lenet_epoch *epoch);
json_t *value_of_findings(const run *r);

/* Looks at the files of the data set for what is wrong with them, by their hashes; notes it in r->data_fault. */
void check_data(run *r);

#endif
