/* SPDX-License-Identifier: MIT */
/*
 * noise.h - the label noise of a run: the matrix of what labels became, and what the network made of wrong
 * ones, for people and for JSON.
 */
#ifndef LENET_CLI_NOISE_H
#define LENET_CLI_NOISE_H

#include "lab/runs/job.h"

#include <jansson.h>

/*
 * On stdout: a curve of each share over the epochs, the matrix as counts and as shares, and how many labels
 * are wrong; and the estimated matrix.
 */
void print_noise(const lab_job *job);

/*
 * The matrix that training estimated: shares, rows are the true class; null if it did not. NULL: out of
 * memory.
 */
json_t *value_of_estimate(const lab_job *job);

#endif
