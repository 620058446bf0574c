/* SPDX-License-Identifier: MIT */
/*
 * live.h - what the live page shows: the answers to its requests, made from a database that others may be
 * writing. server.h brings them to browsers.
 *
 * Always: the database is only read, and so are the models beside it. Names are JSON texts. Not for several
 * threads.
 */
#ifndef LENET_LAB_LIVE_LIVE_H
#define LENET_LAB_LIVE_LIVE_H

#include "lab/live/drawing.h"
#include "lab/study/study.h"

typedef struct lab_live lab_live;

typedef struct lab_live_setup {
    const char *db;
    const char *study;   /* as lab_study_open takes it, whose progress is shown; NULL: none */
    lab_variant variant; /* of the study */
    const char *folder;  /* where to look for data sets, whose images are shown; NULL: the default places */
} lab_live_setup;

lenet_status lab_live_open(lab_live **live, const lab_live_setup *setup, lenet_error *error);
void lab_live_close(lab_live **live);

/* The value of "key" in a request's address; NULL: it has none. */
typedef const char *lab_argument(void *request, const char *key);

typedef struct lab_answer {
    lab_page_text body; /* of the pool, or static */
    const char *type;   /* NULL: there is nothing at this path */
} lab_answer;

/*
 * The answer at `path` ("", "live.js", "runs", "curves", "run", "wrong", "draw"). Gives up with LENET_USAGE
 * where an argument is wrong, LENET_INPUT where what is asked for is not there.
 */
lab_answer lab_live_answer(lab_live *live, lab_pool *pool, const char *path, lab_argument *argument, void *request);

#endif
