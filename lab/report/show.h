/* SPDX-License-Identifier: MIT */
/*
 * show.h - the items under `show` of a study (docs/studies.md): each is a kind with its options, and puts
 * prose, tables and figures into the report.
 *
 * A kind reads all of its options before it looks at any number, and does so whether or not there are runs;
 * so a report made of nothing finds every mistake in a study before hours are spent on it (lab_report_check).
 */
#ifndef LENET_LAB_REPORT_SHOW_H
#define LENET_LAB_REPORT_SHOW_H

#include "lab/data/datasets.h"
#include "lab/report/document.h"
#include "lab/report/results.h"
#include "lab/study/differs.h"

/* Where an item stands. */
typedef struct lab_scene {
    lab_pool *pool;
    lab_document *document;
    const lab_results *results;
    const lab_trials *here; /* the experiment */
    const lab_yaml *item;   /* what stands under the kind */
    const char *kind;
    lab_datasets *datasets;          /* for images that are shown; NULL: none can be */
    bool is_in_section;              /* a section of several experiments has begun */
    bool has_data;                   /* false: nothing is there yet, and no file may be written */
    const char **anchors;            /* of each experiment's section; NULL: not wanted */
    struct lab_ruling_list *rulings; /* of all verdicts so far */
} lab_scene;

typedef struct lab_show_kind {
    const char *name;
    void (*show)(const lab_scene *scene);
    const char *const *keys; /* that may stand under it, ended by NULL; NULL: it is a text */
} lab_show_kind;
extern const lab_show_kind lab_show_kinds[]; /* ended by a NULL name */

/* One item of a list under `show`. Ends the work with LENET_USAGE if something in it is wrong. */
void lab_show(lab_scene *scene, const lab_yaml *item);

/* ------------------------------------------------------------------------------------------- for the kinds alone */

_Noreturn void lab_refuse(const lab_scene *scene, const lab_yaml *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A mapping with these keys alone, ended by NULL; `what` is what errors call it. */
void lab_check_keys(const lab_scene *scene, const lab_yaml *map, const char *what, const char *const *keys);

/* One value; `fallback` if it is not there. */
const char *lab_option_text(const lab_scene *scene, const lab_yaml *map, const char *key, const char *fallback);
double lab_option_number(const lab_scene *scene, const lab_yaml *map, const char *key, double fallback);
bool lab_option_flag(const lab_scene *scene, const lab_yaml *map, const char *key, bool fallback);

/* One text or a list of them; *count 0 and NULL if it is not there. */
const char **lab_option_texts(const lab_scene *scene, const lab_yaml *map, const char *key, size_t *count);
double *lab_option_numbers(const lab_scene *scene, const lab_yaml *map, const char *key, size_t *count);

/*
 * The points that are meant: "label" of this experiment or "experiment/label"; with a '*' all that fit.
 * Without the key all points of this experiment. lab_option_trial: exactly one; NULL if it is not there and
 * `is_needed` is not set.
 */
const lab_trial **lab_option_trials(const lab_scene *scene, const lab_yaml *map, const char *key, size_t *count);
const lab_trial *lab_option_trial(const lab_scene *scene, const lab_yaml *map, const char *key, bool is_needed);

/*
 * Measures (lab_measure_read), with those of `fallback` (ended by NULL) if there is no such key; metrics
 * likewise.
 */
lab_measure *lab_option_measures(const lab_scene *scene, const lab_yaml *map, const char *key,
                                 const char *const *fallback, size_t *count);
lab_metric *lab_option_metrics(const lab_scene *scene, const lab_yaml *map, const char *key,
                               const char *const *fallback, size_t *count);

/*
 * What a point is called in a figure: its label, with the experiment's title before it if it is of another
 * one.
 */
const char *lab_trial_name(const lab_scene *scene, const lab_trial *trial);
/* in prose, with quotation marks */
const char *lab_trial_prose(const lab_scene *scene, const lab_trial *trial);

/*
 * The columns of a table that describe its point: a column for each key in which the points differ, after the label
 * where points have labels of their own. Where they differ in more than LAB_MOST_KEYS keys, the label alone.
 */
enum { LAB_MOST_KEYS = 4 };
typedef struct lab_point_columns {
    lab_differs differs;
    bool has_label;
} lab_point_columns;
lab_point_columns lab_columns_of_points(const lab_scene *scene, const lab_trial *const *trials, size_t count);
/* returns how many it wrote */
size_t lab_point_headings(const lab_point_columns *points, lab_column *columns);
void lab_fold_point_columns(lab_table *table, const lab_point_columns *points); /* what the label has too */
void lab_point_cells(const lab_scene *scene, lab_table *table, const lab_point_columns *points, const lab_trial *trial,
                     size_t place);

/* "n = 5 runs each"; "n = 3 to 5 runs that learned; 9 of 25 collapsed"; "n = 0: not run yet". */
const char *lab_words_of_n(lab_pool *pool, const lab_trial *const *trials, size_t count);

/* "4 of 5 (28 to 99 %)": the runs that collapsed, of those that ended and did not diverge; "0 of 5". */
const char *lab_collapse_words(lab_pool *pool, const lab_trial *trial);
bool lab_any_collapsed(const lab_trial *const *trials, size_t count);

/* With a capital letter; "10,000". */
const char *lab_capital(lab_pool *pool, const char *text);
const char *lab_thousands(lab_pool *pool, double count);

/* Numbers as they are printed: a share times 100 where the metric has the unit %; "-" for NaN. */
double lab_scale(lab_metric metric);
const char *lab_number(lab_pool *pool, double number, int digits);
const char *lab_mean_and_sd(lab_pool *pool, const lab_sample *sample, double scale, int digits);
const char *lab_interval_words(lab_pool *pool, const lab_interval *interval, double scale, int digits);
const char *lab_p(lab_pool *pool, double p);
const char *lab_p_is(lab_pool *pool, double p); /* "p = 0.02", "p < 0.0001" */

/* A sample, and one with its trial: label, command, identities. NULL: no memory. */
json_t *lab_value_of_sample(const lab_sample *sample);
json_t *lab_value_of_trial(lab_pool *pool, const lab_trial *trial, const lab_measure *measure);

void lab_show_curves(const lab_scene *scene);
void lab_show_memorisation(const lab_scene *scene);
void lab_show_dead_units(const lab_scene *scene);
void lab_show_against(const lab_scene *scene);
void lab_show_table(const lab_scene *scene);
void lab_show_goals(const lab_scene *scene);
void lab_show_gap(const lab_scene *scene);
void lab_show_published(const lab_scene *scene);
void lab_show_nearest(const lab_scene *scene);
void lab_show_compare(const lab_scene *scene);
void lab_show_noise_matrix(const lab_scene *scene);
void lab_show_confusion(const lab_scene *scene);
void lab_show_functions(const lab_scene *scene);
void lab_show_verdict(const lab_scene *scene);

/* The verdicts of a report are corrected together, so they are written once all are known: see verdict.c. */
struct lab_ruling_list *lab_rulings_create(lab_pool *pool);
void lab_settle_verdicts(const lab_scene *scene);

#endif
