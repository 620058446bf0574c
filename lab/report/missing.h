/* SPDX-License-Identifier: MIT */
/*
 * missing.h - data sets that are asked for and are not on this machine: which they are, the command that gets them,
 * and what a quick study leaves out because of them.
 */
#ifndef LENET_LAB_REPORT_MISSING_H
#define LENET_LAB_REPORT_MISSING_H

#include "lab/data/datasets.h"
#include "lab/study/study.h"
#include "lab/text/pool.h"

/*
 * A known data set of which a file is not there. `folder`: where to look, as for lenet_dataset_open. Reads the files
 * that are there.
 */
bool lab_is_missing(const char *data, const char *folder);

/* One that is missing. */
typedef struct lab_lack {
    const char *data;   /* its name; or a folder of images, which no command gets */
    const char *folder; /* in which it was searched; NULL: the default folders */
} lab_lack;

typedef struct lab_lacks {
    size_t count;
    lab_lack *all; /* in the order of the study; each once */
} lab_lacks;

/*
 * Reads all data of a study into `datasets`. LENET_INPUT, LENET_IO: it is there and cannot be used. What is missing
 * is no error.
 */
lenet_status lab_lacks_find(lab_lacks *lacks, const lab_study *study, lab_datasets *datasets, lenet_error *error);
void lab_lacks_close(lab_lacks *lacks);

/*
 * "mnist, cifar10"; and "lenet data get mnist cifar10", in folders that differ more such commands with " && " between
 * them.
 */
const char *lab_lacks_names(lab_pool *pool, const lab_lacks *lacks);
const char *lab_lacks_command(lab_pool *pool, const lab_lacks *lacks);

/*
 * The points of an experiment that have no recipe, for their data is not known (lab_study_identify): "all points", or
 * their labels, "MNIST; CIFAR-10", at most 6 of them; NULL: there are none.
 */
const char *lab_missing_points(lab_pool *pool, const lab_experiment *experiment);

/* The data of all such points, wherever it is wanted; in the pool. */
lab_lacks lab_missing_data(lab_pool *pool, const lab_study *study);

#endif
