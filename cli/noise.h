/* SPDX-License-Identifier: MIT */
/*
 * noise.h - the label noise of a run: the matrix of what labels became, and what the network made of wrong ones, for people and for
 * JSON.
 */
#ifndef LENET_CLI_NOISE_H
#define LENET_CLI_NOISE_H

#include "cli/run.h"

bool has_noise(const run *r);

/* On stdout: a curve of each share over the epochs, the matrix as counts and as shares, and how many labels are wrong; and the estimated matrix. */
void print_noise(const run *r);

/* The matrix, rows are the true class; null without noise. NULL if there is no memory. */
json_t *value_of_noise(const run *r);

/* The same of the matrix that training estimated: shares; null if it did not. */
json_t *value_of_estimate(const run *r);

#endif
