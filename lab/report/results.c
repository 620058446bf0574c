/* SPDX-License-Identifier: MIT */
/*
 * results.c - see results.h: from rows of the database to runs, and from runs to the numbers that are
 * compared.
 */
#include "lab/report/results.h"

#include "lab/text/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char gap_words[] = "the gap is running training accuracy less test accuracy, in percentage points";
static const char gap_after_words[] =
    "the gap is training accuracy after the epoch less test accuracy, in percentage points";

static const char dead_words[] = "a unit is dead if it is off for every training image; layers with an activation";

const lenet_metric *lab_metric_row(lab_metric metric)
{
    static const lenet_metric derived[LAB_METRICS - LENET_METRICS] = {
        {"gap", "gap", NULL, "%", -1, LENET_WITH_TEST, gap_words},
        {"gap_after", "gap", NULL, "%", -1, LENET_WITH_DIAGNOSIS, gap_after_words},
        {"dead_units", "dead units", NULL, "%", -1, LENET_WITH_DIAGNOSIS, dead_words},
    };
    return metric < LENET_METRICS ? &lenet_metric_list()[metric] : &derived[metric - LENET_METRICS];
}

/* -------------------------------------------------------------------------------------------------------- reading */

/* What a row is read into; rows come while the store is locked, so nothing may leave from there. */
typedef struct reading {
    lab_pool *pool;
    lab_run *run;
    bool has_failed; /* no memory */
} reading;

static const char *copy_text(reading *r, const lab_value *value)
{
    char *text = value->type == LAB_TEXT ? lab_try_alloc(r->pool, value->bytes + 1, 1) : NULL;
    r->has_failed |= value->type == LAB_TEXT && !text;
    if (text)
        memcpy(text, value->text, value->bytes);
    return text;
}

static int64_t whole(const lab_value *value) { return value->type == LAB_INTEGER ? value->integer : 0; }

static int read_run(void *context, int columns, const char *const *names, const lab_value *v)
{
    reading *r = context;
    (void)names;
    if (columns < 15)
        return 1;
    lab_run *run = r->run;
    run->key = whole(&v[0]);
    const bool has_ended = v[1].type == LAB_TEXT && (!strcmp(v[1].text, "finished") || !strcmp(v[1].text, "diverged"));
    run->is_there = has_ended;
    run->has_diverged = has_ended && *v[1].text == 'd';
    run->message = copy_text(r, &v[2]);
    run->machine = copy_text(r, &v[3]);
    run->isa = copy_text(r, &v[4]);
    run->version = copy_text(r, &v[5]);
    run->seconds = v[6].real;
    run->best_epoch = whole(&v[7]);
    run->train_count = whole(&v[8]);
    run->test_count = whole(&v[9]);
    run->kept_accuracy = run->best_epoch ? v[10].real : NAN; /* older versions measured untrained weights */
    run->weights_sha256 = copy_text(r, &v[11]);
    run->data_sha256 = copy_text(r, &v[12]);
    if (v[13].type == LAB_BLOB && (run->predicted = lab_try_alloc(r->pool, v[13].bytes + 1, 1)) != NULL) {
        memcpy((void *)run->predicted, v[13].blob, v[13].bytes);
        run->predicted_count = v[13].bytes;
    }
    run->test_sha256 = copy_text(r, &v[14]);
    return 0;
}

static int read_epoch(void *context, const lenet_epoch *epoch)
{
    lab_run *run = context;
    const size_t at = (size_t)epoch->epoch - 1;
    for (int i = 0; i < LENET_METRICS && at < run->epochs; i++)
        run->values[i][at] = epoch->values[i];
    return 0;
}

static int read_cell(double **cells, reading *r, const lab_value *v)
{
    const size_t classes = r->run->classes, row = (size_t)whole(&v[0]), column = (size_t)whole(&v[1]);
    if (!*cells)
        *cells = lab_try_alloc(r->pool, classes * classes, sizeof **cells);
    r->has_failed |= !*cells;
    if (*cells && row < classes && column < classes)
        (*cells)[row * classes + column] = v[2].real;
    return !*cells;
}

static int read_confusion(void *context, int columns, const char *const *names, const lab_value *v)
{
    reading *r = context;
    (void)names, (void)columns;
    return read_cell(&r->run->confusion, r, v);
}

static int read_noise(void *context, int columns, const char *const *names, const lab_value *v)
{
    reading *r = context;
    (void)names, (void)columns;
    return read_cell(&r->run->noise, r, v);
}

/* Rows by layer, and of one layer by epoch. */
static int read_layer(void *context, int columns, const char *const *names, const lab_value *v)
{
    enum { MOST_LAYERS = 64 };
    reading *r = context;
    lab_run *run = r->run;
    (void)names, (void)columns;
    const char *name = copy_text(r, &v[0]);
    if (!run->layers)
        run->layers = lab_try_alloc(r->pool, MOST_LAYERS, sizeof *run->layers);
    if (!name || !run->layers)
        return 1;
    if (!run->layer_count || strcmp(run->layers[run->layer_count - 1].name, name)) {
        if (run->layer_count == MOST_LAYERS)
            return 1;
        double *dead = lab_try_alloc(r->pool, run->epochs + 1, sizeof *dead);
        if (!dead)
            return r->has_failed = true;
        for (size_t i = 0; i < run->epochs; i++)
            dead[i] = NAN;
        run->layers[run->layer_count++] = (lab_layer_life){name, (size_t)whole(&v[1]), dead};
    }
    const size_t at = (size_t)whole(&v[2]) - 1;
    if (at < run->epochs)
        run->layers[run->layer_count - 1].dead[at] = v[3].real;
    return 0;
}

static void ask(reading *r, lab_store *store, const char *sql, const char *text, lab_row *row)
{
    lab_check(r->pool, lab_store_query(store, sql, (const char *[]){text, NULL}, row, r, &r->pool->error));
    if (r->has_failed)
        lab_fail(r->pool, LENET_FAILURE, "out of memory");
}

static int read_count(void *context, int columns, const char *const *names, const lab_value *v)
{
    (void)names, (void)columns;
    *(int64_t *)context = whole(&v[0]);
    return 1;
}

static size_t count_of(lab_pool *pool, lab_store *store, const char *sql, const char *text)
{
    int64_t count = 0;
    lab_check(pool, lab_store_query(store, sql, (const char *[]){text, NULL}, read_count, &count, &pool->error));
    return count > 0 ? (size_t)count : 0;
}

/* What follows from the numbers of an epoch. */
static void derive(lab_run *run)
{
    for (size_t e = 0; e < run->epochs; e++) {
        double units = 0, dead = 0;
        run->values[LAB_GAP][e] = run->values[LENET_TRAIN_ACCURACY][e] - run->values[LENET_TEST_ACCURACY][e];
        run->values[LAB_GAP_AFTER][e] = run->values[LENET_AFTER_ACCURACY][e] - run->values[LENET_TEST_ACCURACY][e];
        for (size_t i = 0; i < run->layer_count; i++) {
            units += (double)run->layers[i].units;
            dead += run->layers[i].dead[e];
        }
        run->values[LAB_DEAD_SHARE][e] = units > 0 ? dead / units : NAN;
    }
}

/* The true classes are the rows of the confusion matrix. */
static bool is_collapsed(const lab_run *run)
{
    double all = 0, largest = 0;
    for (size_t row = 0; run->confusion && row < run->classes; row++) {
        double sum = 0;
        for (size_t column = 0; column < run->classes; column++)
            sum += run->confusion[row * run->classes + column];
        all += sum;
        largest = fmax(largest, sum);
    }
    return lab_has_collapsed(run->kept_accuracy, (size_t)all, largest / all);
}

static void read_tables(reading *r, lab_store *store)
{
    lab_run *run = r->run;
    const char *key = lab_format(r->pool, "%lld", (long long)run->key);
    run->epochs = count_of(r->pool, store, "SELECT max(epoch) FROM epoch WHERE run = ?1", key);
    run->classes = count_of(r->pool, store, "SELECT max(truth) + 1 FROM confusion WHERE run = ?1", key);
    for (int i = 0; i < LAB_METRICS; i++) {
        run->values[i] = lab_alloc(r->pool, run->epochs, sizeof(double));
        for (size_t e = 0; e < run->epochs; e++)
            run->values[i][e] = NAN;
    }
    lab_check(r->pool, lab_store_epochs(store, run->key, read_epoch, run, &r->pool->error));
    ask(r, store, "SELECT truth, predicted, count FROM confusion WHERE run = ?1", key, read_confusion);
    ask(r, store, "SELECT truth, label, count FROM noise WHERE run = ?1", key, read_noise);
    ask(r, store,
        "SELECT name, units, epoch, dead FROM layer WHERE run = ?1 AND dead IS NOT NULL ORDER BY place, epoch", key,
        read_layer);
    derive(run);
    run->is_collapsed = !run->has_diverged && is_collapsed(run);
}

static void read_one(lab_pool *pool, lab_store *store, lab_run *run)
{
    reading r = {.pool = pool, .run = run};
    run->seconds = run->kept_accuracy = NAN;
    if (!store || !*run->planned->recipe.identity)
        return;
    ask(&r, store,
        "SELECT id, state, message, machine, isa, version, seconds, best_epoch, train_count, test_count, test_accuracy,"
        " weights_sha256, data_sha256, predicted, json_extract(recipe, '$.test_data_sha256')"
        " FROM run WHERE identity = ?1",
        run->planned->recipe.identity, read_run);
    if (run->is_there)
        read_tables(&r, store);
}

/* A JSON list of names; numbers stand in for what is missing. */
typedef struct name_list {
    json_t *list;
    bool is_text, lacks_memory;
} name_list;

static int read_names(void *context, int columns, const char *const *names, const lab_value *v)
{
    name_list *found = context;
    (void)names, (void)columns;
    found->is_text = v[0].type == LAB_TEXT;
    found->list = found->is_text ? json_read(v[0].text, &found->lacks_memory) : NULL;
    return 1;
}

/*
 * As the data of this point call them: the same images may be known by another name, with other names of
 * classes.
 */
static void name_classes(lab_pool *pool, lab_store *store, lab_trial *trial)
{
    const lab_run *run = NULL;
    name_list found = {.list = NULL};
    for (size_t i = 0; i < trial->count && !run; i++)
        run = trial->runs[i].classes && trial->runs[i].data_sha256 ? &trial->runs[i] : NULL;
    if (!run)
        return;
    lab_check(pool, lab_store_query(store,
                                    "SELECT class_names FROM subject WHERE train_sha256 = ?1"
                                    " ORDER BY data <> ?2, data, seen DESC LIMIT 1",
                                    (const char *[]){run->data_sha256, trial->point->data, NULL}, read_names, &found,
                                    &pool->error));
    json_t *list = found.list;
    if (found.is_text && found.lacks_memory)
        lab_fail(pool, LENET_FAILURE, "out of memory");
    if (found.is_text && !list)
        lab_fail(pool, LENET_INPUT, "damaged database: the class names of %s are no JSON", run->data_sha256);
    trial->classes = run->classes;
    trial->class_names = (const char **)lab_try_alloc(pool, run->classes, sizeof(char *));
    bool is_whole = trial->class_names;
    for (size_t i = 0; is_whole && i < trial->classes; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        char number[24], *copy;
        snprintf(number, sizeof number, "%zu", i);
        name = name ? name : number;
        copy = lab_try_alloc(pool, strlen(name) + 1, 1);
        is_whole = copy != NULL;
        if (copy)
            trial->class_names[i] = strcpy(copy, name);
    }
    json_decref(list);
    if (!is_whole)
        lab_fail(pool, LENET_FAILURE, "out of memory");
}

lab_results *lab_results_read(lab_pool *pool, const lab_study *study, lab_store *store)
{
    lab_results *results = lab_alloc(pool, 1, sizeof *results);
    *results =
        (lab_results){study, study->experiment_count, lab_alloc(pool, study->experiment_count, sizeof(lab_trials))};
    for (size_t i = 0; i < results->count; i++) {
        const lab_experiment *experiment = &study->experiments[i];
        lab_trials *trials = &results->experiments[i];
        *trials = (lab_trials){experiment, experiment->point_count,
                               lab_alloc(pool, experiment->point_count, sizeof(lab_trial))};
        for (size_t p = 0; p < trials->count; p++) {
            const lab_point *point = &experiment->points[p];
            lab_trial *trial = &trials->trials[p];
            *trial = (lab_trial){.experiment = experiment, .point = point, .count = point->run_count};
            trial->runs = lab_alloc(pool, trial->count, sizeof *trial->runs);
            for (size_t r = 0; r < trial->count; r++) {
                trial->runs[r].planned = &point->runs[r];
                read_one(pool, store, &trial->runs[r]);
            }
            name_classes(pool, store, trial);
        }
    }
    return results;
}

/* ------------------------------------------------------------------------------------------------------ one number */

static bool find_metric(const char *name, lab_metric *metric)
{
    for (int i = 0; i < LAB_METRICS; i++)
        if (!strcmp(lab_metric_row(i)->name, name)) {
            *metric = i;
            return true;
        }
    return false;
}

bool lab_measure_read(const char *text, lab_measure *measure)
{
    int read = 0;
    *measure = (lab_measure){.moment = LAB_AT_END};
    if (!strncmp(text, "best ", 5)) {
        measure->moment = LAB_AT_BEST;
        text += 5;
    } else if (!strncmp(text, "kept ", 5)) {
        measure->moment = LAB_AT_KEPT;
        text += 5;
    } else if (sscanf(text, "epoch %6d %n", &measure->epoch, &read) == 1 && read && measure->epoch > 0) {
        measure->moment = LAB_AT_EPOCH;
        text += read;
    }
    return find_metric(text, &measure->metric);
}

const char *lab_measure_words(lab_pool *pool, const lab_measure *measure)
{
    const char *words = lab_metric_row(measure->metric)->words;
    switch (measure->moment) {
    case LAB_AT_BEST: return lab_format(pool, "best %s of all epochs", words);
    case LAB_AT_KEPT:
        return lab_format(
            pool, measure->metric == LENET_TEST_ACCURACY ? "%s of the kept weights" : "%s in the kept epoch", words);
    case LAB_AT_EPOCH: return lab_format(pool, "%s in epoch %d", words, measure->epoch);
    default: return lab_format(pool, "final %s", words);
    }
}

bool lab_run_has_learned(const lab_run *run) { return run->is_there && !run->has_diverged && !run->is_collapsed; }

double lab_measure_of(const lab_run *run, const lab_measure *measure)
{
    return lab_run_has_learned(run) ? lab_measure_any(run, measure) : NAN;
}

double lab_measure_any(const lab_run *run, const lab_measure *measure)
{
    if (!run->is_there || run->has_diverged)
        return NAN;
    const double *values = run->values[measure->metric];
    if (measure->moment == LAB_AT_KEPT && measure->metric == LENET_TEST_ACCURACY)
        return run->kept_accuracy;
    if (measure->moment == LAB_AT_KEPT)
        return run->best_epoch > 0 && (size_t)run->best_epoch <= run->epochs ? values[run->best_epoch - 1] : NAN;
    if (measure->moment == LAB_AT_END)
        return run->epochs ? values[run->epochs - 1] : NAN;
    if (measure->moment == LAB_AT_EPOCH)
        return (size_t)measure->epoch <= run->epochs ? values[measure->epoch - 1] : NAN;
    double best = NAN;
    for (size_t e = 0; e < run->epochs; e++)
        best = lab_metric_row(measure->metric)->better < 0 ? fmin(best, values[e]) : fmax(best, values[e]);
    return best;
}

bool lab_metric_is_share(lab_metric metric)
{
    const char *unit = lab_metric_row(metric)->unit;
    return unit && *unit == '%' && metric != LAB_GAP && metric != LAB_GAP_AFTER;
}

lab_sample lab_measure_trial(lab_pool *pool, const lab_trial *trial, const lab_measure *measure)
{
    double *values = lab_alloc(pool, trial->count, sizeof *values);
    size_t count = 0;
    for (size_t i = 0; i < trial->count; i++) {
        values[count] = lab_measure_of(&trial->runs[i], measure);
        count += isnan(values[count]) ? 0 : 1;
    }
    lab_sample sample = lab_metric_is_share(measure->metric) ? lab_describe_shares(values, count, 0.95)
                                                             : lab_describe(values, count, 0.95);
    if (trial->point->is_over_folds) /* they share training images: no interval (docs/statistics.md) */
        sample.interval = (lab_interval){NAN, NAN};
    return sample;
}

size_t lab_measure_pairs(lab_pool *pool, const lab_trial *a, const lab_trial *b, const lab_measure *measure,
                         double **of_a, double **of_b)
{
    size_t count = 0;
    *of_a = lab_alloc(pool, a->count, sizeof **of_a);
    *of_b = lab_alloc(pool, a->count, sizeof **of_b);
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++) {
            if (a->runs[i].planned->seed != b->runs[k].planned->seed ||
                a->runs[i].planned->fold != b->runs[k].planned->fold)
                continue;
            (*of_a)[count] = lab_measure_of(&a->runs[i], measure);
            (*of_b)[count] = lab_measure_of(&b->runs[k], measure);
            count += isnan((*of_a)[count] - (*of_b)[count]) ? 0 : 1;
        }
    return count;
}

/* ------------------------------------------------------------------------------------------------------- counting */

const uint8_t *lab_run_answers(const lab_run *run, const lenet_dataset *test)
{
    const bool is_of_these = run->predicted && run->predicted_count == lenet_dataset_count(test) && run->test_sha256 &&
                             !strcmp(run->test_sha256, lenet_dataset_sha256(test));
    return is_of_these ? run->predicted : NULL;
}

size_t lab_trial_there(const lab_trial *trial)
{
    size_t count = 0;
    for (size_t i = 0; i < trial->count; i++)
        count += trial->runs[i].is_there;
    return count;
}

size_t lab_trial_learned(const lab_trial *trial)
{
    size_t count = 0;
    for (size_t i = 0; i < trial->count; i++)
        count += lab_run_has_learned(&trial->runs[i]);
    return count;
}

size_t lab_trial_finished(const lab_trial *trial) { return lab_trial_there(trial) - lab_trial_diverged(trial); }

size_t lab_trial_diverged(const lab_trial *trial)
{
    size_t count = 0;
    for (size_t i = 0; i < trial->count; i++)
        count += trial->runs[i].has_diverged;
    return count;
}

size_t lab_trial_collapsed(const lab_trial *trial)
{
    size_t count = 0;
    for (size_t i = 0; i < trial->count; i++)
        count += trial->runs[i].is_collapsed;
    return count;
}
