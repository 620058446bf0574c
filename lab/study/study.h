/* SPDX-License-Identifier: MIT */
/*
 * study.h - a study: experiments, each a list of recipes that are run with several seeds and then compared.
 * It is a YAML file (docs/studies.md), or one that is built in.
 *
 * A study is only what is to be done; what came of it is in the database (store.h), under the identities of
 * its runs. So a report is a function of the two, and runs with the same recipe are one run, in whichever
 * experiments they stand.
 *
 * Always: what was read is complete and free of contradictions, as far as that can be known without the data;
 * mistakes are "FILE:LINE: why".
 */
#ifndef LENET_LAB_STUDY_STUDY_H
#define LENET_LAB_STUDY_STUDY_H

#include "lab/recipe/recipe.h"
#include "lab/text/built-in.h"
#include "lab/text/yaml.h"
#include "lenet/lenet.h"

/* One run of a point: its seed and, where folds take turns, its fold. */
typedef struct lab_study_run {
    uint64_t seed;
    int fold;
    lab_recipe recipe; /* identity "" before lab_study_identify */
} lab_study_run;

/* One value of a grid, as it was written. */
typedef struct lab_grid_value {
    const char *key;  /* "lr" */
    const char *text; /* "0.001" */
} lab_grid_value;

/* A complete recipe and its runs. */
typedef struct lab_point {
    char *label;        /* "(a) uniform, 0.01, 0.9"; "lr 0.001, noise 0.2"; unique in its experiment */
    int line;           /* of the file */
    size_t value_count; /* of the grid's keys, in their order */
    lab_grid_value *values;
    /* label of the entry of `settings` that it comes from; NULL: there are none */
    const char *row;
    const char *data, *folder, *architecture; /* as `lenet train` takes them; folder: NULL if not given */
    lenet_settings settings;                  /* complete but for seed and fold, which are the run's */
    bool is_missing;                          /* what its data is is not known: no run has a recipe */
    bool is_over_folds;                       /* the runs of a seed hold out one fold after the other */
    size_t run_count;                         /* seeds, or seeds x folds: all folds of the first seed come first */
    lab_study_run *runs;
} lab_point;

typedef struct lab_experiment {
    /* name: of lower-case letters, digits and hyphens, unique; text: NULL if not given */
    const char *name, *title, *text;
    /* title of the part of the report that begins with it; NULL: it stands with the one before */
    const char *section;
    int line;
    const lab_yaml *grid; /* mapping from keys to lists of their values; NULL: none */
    /* rows of `settings`, each with all of the grid, whose first key changes slowest */
    size_t point_count;
    lab_point *points;
    /* list of mappings with one key each, the kind of what is shown; NULL: none */
    const lab_yaml *show;
} lab_experiment;

/* Changes to how a study is run. All zeros: as in its file. */
typedef struct lab_variant {
    bool is_quick; /* its short version */
    size_t seeds;  /* each point with the seeds 1 to this; 0: those of the file */
    bool is_over;  /* nothing is trained: data need not be here, for a database knows what they were */
} lab_variant;
enum { LAB_MOST_SEEDS = 10000 };

typedef struct lab_study {
    const char *name, *title, *text; /* title: the name if not given; text: NULL if not given */
    lab_variant variant;
    size_t experiment_count;
    lab_experiment *experiments;
    char *file;     /* for errors about its lines */
    lab_yaml *tree; /* the texts above point into it */
} lab_study;

/* Reads the study that is called so, or the file `name` (if it has a '/' or ends in .yaml or .yml). */
lenet_status lab_study_open(lab_study **study, const char *name, lab_variant variant, lenet_error *error);
lenet_status lab_study_parse(lab_study **study, const char *file, const char *text, size_t size, lab_variant variant,
                             lenet_error *error);
void lab_study_close(lab_study **study);

/* The studies that are built in, ended by a NULL name. */
extern const lab_built_in lab_built_in_studies[];

/*
 * Gives every run its recipe. `find` returns the subject of a point: from the data itself
 * (lab/data/datasets.h), or from what the database has stored of it (lab_store_subject); no classes: it is not
 * known. A quick study goes on without such points (is_missing); otherwise LENET_INPUT.
 */
typedef lenet_status lab_find_subject(void *context, const char *data, const char *folder, lab_subject *subject,
                                      lenet_error *error);
lenet_status lab_study_identify(lab_study *study, lab_find_subject *find, void *context, lenet_error *error);

/* What a point is called where `key` counts: "0.2"; NULL if it is not in the grid. */
const char *lab_point_value(const lab_point *point, const char *key);

#endif
