/* SPDX-License-Identifier: MIT */
/*
 * differs.h - in what the points of a table differ: the keys that have more than one value among them, and the
 * values. A table with a column for each of them needs no label for its rows.
 */
#ifndef LENET_LAB_STUDY_DIFFERS_H
#define LENET_LAB_STUDY_DIFFERS_H

#include "lab/study/study.h"
#include "lab/text/pool.h"

typedef struct lab_differs {
    size_t count;        /* keys */
    const char **keys;   /* [count]: "data", "data-dir", "arch" and names of settings: "lr", "val-split" */
    const char **values; /* [points][count]: complete recipes, so each point has a value of each key */
} lab_differs;

/*
 * Of `count` points. The keys of the first point's grid come first, in their order; then the data, the network and
 * the settings in the order of ln_settings. Left out: seed and fold, which are those of the runs, what weights
 * do not depend on, and with folds the share that is held out, which follows from them. A value that is not given is
 * "-".
 */
lab_differs lab_differs_of(lab_pool *pool, const lab_point *const *points, size_t count);

#endif
