/* SPDX-License-Identifier: MIT */
/*
 * run.c - putting a run down. What determines the weights is kept apart from what does not: only the former goes into
 * the model file.
 */
#include "cli/run.h"

#include "cli/confusion.h"
#include "cli/diagnosis.h"
#include "cli/noise.h"
#include "cli/recorded.h"
#include "lab/text/json.h"
#include "util/number.h"
#include "lab/recipe/recipe.h"
#include "lab/stats/stats.h"
#include "lab/study/models.h"
#include "cli/parts.h"
#include "util/file.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODEL_FILE, HISTORY_FILE, RECORD_FILE };

const char *const *run_file_names(void)
{
    static const char *const names[] = {"model.safetensors", "history.csv", "run.json", NULL};
    return names;
}

const char *const *repetition_file_names(void)
{
    static const char *const names[] = {"runs.json", "runs.csv", NULL};
    return names;
}

bool run_add_epoch(run *r, const lenet_epoch *epoch)
{
    if (r->epoch_count == r->epoch_capacity) {
        const size_t capacity = 2 * r->epoch_capacity + 16;
        lenet_epoch *epochs = realloc(r->epochs, capacity * sizeof *epochs);
        if (!epochs)
            return false;
        r->epochs = epochs;
        r->epoch_capacity = capacity;
    }
    r->epochs[r->epoch_count] = *epoch;
    r->epochs[r->epoch_count].diagnosis = copy_diagnosis(epoch->diagnosis);
    return r->epochs[r->epoch_count++].diagnosis || !epoch->diagnosis;
}

void run_close_epochs(run *r)
{
    for (size_t i = 0; i < r->epoch_count; i++)
        free((lenet_diagnosis *)r->epochs[i].diagnosis);
    free(r->epochs);
    r->epochs = NULL;
    r->epoch_count = r->epoch_capacity = 0;
}

/* In the folder of --out a checkpoint of another run is refused, for it is there to be gone on with. */
lenet_status run_train_model(run *r)
{
    return (r->out ? lenet_train : lab_train)(r->model, r->train, r->test, &r->settings, &r->result, &r->error);
}

lab_trained run_trained(const run *r)
{
    return (lab_trained){r->model, r->train, r->test, &r->settings, &r->result, r->status, r->error.text};
}

void run_note_weights(run *r)
{
    if (r->result.best_epoch)
        lenet_model_sha256(r->model, r->kept_sha256);
}

const lenet_epoch *run_best_epoch(const run *r)
{
    const int best = r->result.best_epoch;
    return best >= 1 && (size_t)best <= r->epoch_count ? &r->epochs[best - 1] : NULL;
}

void run_curve(const run *r, int metric, double *values)
{
    const char *unit = lenet_metric_list()[metric].unit;
    for (size_t i = 0; i < r->epoch_count; i++)
        values[i] = (unit && *unit == '%' ? 100 : 1) * r->epochs[i].values[metric];
}

const char *run_choice(const run *r)
{
    if (r->settings.keep == LENET_KEEP_TEST)
        return "best test accuracy, which flatters it";
    return r->settings.keep == LENET_KEEP_VALIDATION && r->result.val_count ? "best validation accuracy"
                                                                            : "the last one";
}

/* ------------------------------------------------------------------------------------------------------- history */

/* Those of a diagnosis are in run.json alone, beside what it has of each layer. */
static bool is_in_history(const lenet_metric *metric) { return metric->when != LENET_WITH_DIAGNOSIS; }

static void print_row(FILE *file, const lenet_epoch *e)
{
    const lenet_metric *metrics = lenet_metric_list();
    char text[LN_NUMBER_LENGTH];
    fprintf(file, "%d", e->epoch);
    for (int i = 0; i < LENET_METRICS; i++)
        if (is_in_history(&metrics[i]))
            fprintf(file, ",%s", ln_shortest_number(e->values[i], text));
    fputc('\n', file);
}

static void print_names(FILE *file)
{
    const lenet_metric *metrics = lenet_metric_list();
    fputs("epoch", file);
    for (int i = 0; i < LENET_METRICS; i++)
        if (is_in_history(&metrics[i]))
            fprintf(file, ",%s", metrics[i].name);
    fputc('\n', file);
}

/* The history as CSV, to be freed; what was not measured is empty. NULL: out of memory. */
static char *history_text(const run *r)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return NULL;
    print_names(file);
    for (size_t i = 0; i < r->epoch_count; i++)
        print_row(file, &r->epochs[i]);
    const bool failed = ferror(file);
    if (!fclose(file) && !failed)
        return text;
    free(text);
    return NULL;
}

/* -------------------------------------------------------------------------------------------------------- record */

/* What the weights depend on. */
static json_t *value_of_recipe(const run *r)
{
    json_t *recipe = json_pack("{s:o, s:o}", "data", value_of_text(r->data), "arch", value_of_text(r->architecture));
    if (recipe && lab_add_settings(recipe, &r->settings, false))
        return recipe;
    json_decref(recipe);
    return NULL;
}

/* null is "not given" where the default is not a value. */
json_t *run_options(const run *r)
{
    const lenet_settings *s = &r->settings;
    json_t *options = value_of_recipe(r);
    json_t *threads = s->compute.threads ? json_integer(s->compute.threads) : json_null();
    /* clang-format off */
    if (options && r->all_folds && json_object_set_new(options, "fold", json_null())) {
        json_decref(options);
        options = NULL;
    }
    json_t *others = json_pack("{s:o, s:o, s:o, s:o, s:i, s:o, s:b, s:b}",
                               "data_dir", value_of_text(r->folder),
                               "threads", threads,
                               "isa", value_of_text(s->compute.isa),
                               "out", value_of_text(r->out),
                               "runs", r->runs,
                               "jobs", r->jobs ? json_integer(r->jobs) : json_null(),
                               "quiet", r->quiet,
                               "json", r->json);
    /* clang-format on */
    if (others)
        json_object_set_new(others, "skip_bad", json_boolean(r->bad.is_on));
    const bool failed = !options || !others || json_object_update(options, others) || !lab_add_settings(options, s, true);
    json_decref(others);
    if (!failed)
        return options;
    json_decref(options);
    return NULL;
}

/* Was a metric that is measured when this one is measured in this epoch? */
static bool is_measured(const lenet_epoch *e, lenet_when when)
{
    for (int i = 0; i < LENET_METRICS; i++)
        if (lenet_metric_list()[i].when == when && !isnan(e->values[i]))
            return true;
    return false;
}

/* Without is_best, as best_epoch says it, and without those of a diagnosis. What was not measured is null, or left out if it is rare. */
static bool add_metrics(json_t *epoch, const lenet_epoch *e)
{
    for (int i = 0; i < LENET_METRICS; i++) {
        const lenet_metric *metric = &lenet_metric_list()[i];
        const bool is_rare = metric->when != LENET_ALWAYS && metric->when != LENET_WITH_VALIDATION;
        if (i == LENET_IS_BEST || !is_in_history(metric) || (is_rare && !is_measured(e, metric->when)))
            continue;
        if (json_object_set_new(epoch, metric->name, value_of_number(e->values[i])))
            return false;
    }
    return true;
}

static json_t *value_of_epoch(const lenet_epoch *e)
{
    json_t *epoch = json_pack("{s:i}", "epoch", e->epoch);
    if (epoch && add_metrics(epoch, e) &&
        (!e->diagnosis || !json_object_set_new(epoch, "diagnosis", value_of_diagnosis(e))))
        return epoch;
    json_decref(epoch);
    return NULL;
}

static json_t *value_of_epochs(const run *r)
{
    json_t *epochs = json_array();
    for (size_t i = 0; i < r->epoch_count; i++)
        if (!epochs || json_array_append_new(epochs, value_of_epoch(&r->epochs[i]))) {
            json_decref(epochs);
            return NULL;
        }
    return epochs;
}

static json_t *value_of_files(const run *r)
{
    json_t *files = json_array();
    char path[PATH_MAX + 64];
    for (size_t i = 0; r->is_saved && run_file_names()[i]; i++) {
        snprintf(path, sizeof path, "%s/%s", r->out, run_file_names()[i]);
        if (!files || json_array_append_new(files, value_of_text(path))) {
            json_decref(files);
            return NULL;
        }
    }
    return files;
}

static const char *status_word(lenet_status status)
{
    return status == LENET_OK ? "finished" : status == LENET_DIVERGED ? "diverged" : "stopped";
}

/* Where, when, with what. */
static json_t *value_of_circumstances(const run *r)
{
    char when[32] = "";
    struct tm utc;
    if (gmtime_r(&r->started, &utc))
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    /* clang-format off */
    return json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:s, s:i, s:o, s:o, s:o, s:o}",
                     "version", lenet_version(),
                     "compiler", compiler_name(),
                     "status", status_word(r->status),
                     "error", value_of_text(r->status ? r->error.text : NULL),
                     "started", when,
                     "seed", value_of_unsigned(r->settings.seed),
                     "isa", r->result.isa ? r->result.isa : "",
                     "threads", r->result.threads,
                     "total_seconds", value_of_number(r->seconds),
                     "seconds", value_of_number(r->result.seconds),
                     "images_per_second", value_of_number(r->result.images_per_second),
                     "options", run_options(r));
    /* clang-format on */
}

static json_t *value_of_subject(const run *r)
{
    /* clang-format off */
    return json_pack("{s:o, s:I, s:I, s:I, s:o, s:I, s:o, s:o}",
                     "data", value_of_text(r->data),
                     "train_count", (json_int_t)r->result.train_count,
                     "val_count", (json_int_t)r->result.val_count,
                     "test_count", (json_int_t)lenet_dataset_count(r->test),
                     "architecture", value_of_text(lenet_model_architecture(r->model)),
                     "parameters", (json_int_t)lenet_model_parameters(r->model),
                     "noise_matrix", value_of_noise(r),
                     "noise_matrix_estimated", value_of_estimate(r));
    /* clang-format on */
}

static json_t *value_of_outcome(const run *r)
{
    const int epoch = r->result.best_epoch;
    const lenet_epoch *best = run_best_epoch(r);
    const double accuracy = r->result.test_accuracy;
    const double standard_error = lab_accuracy_error(accuracy, lenet_dataset_count(r->test));
    const lab_interval interval = lab_accuracy_interval(accuracy, lenet_dataset_count(r->test), 0.95);
    /* clang-format off */
    return json_pack("{s:i, s:b, s:o, s:o, s:o, s:o, s:o, s:[o, o], s:o, s:s, s:o, s:o, s:o}",
                     "epochs_finished", r->result.epochs,
                     "stopped_early", r->result.stopped_early,
                     "best_epoch", epoch ? json_integer(epoch) : json_null(),
                     "val_accuracy", value_of_number(best ? best->values[LENET_VAL_ACCURACY] : NAN),
                     "val_loss", value_of_number(best ? best->values[LENET_VAL_LOSS] : NAN),
                     "test_accuracy", value_of_number(accuracy),
                     "test_accuracy_standard_error", value_of_number(standard_error),
                     "test_accuracy_interval_95", value_of_number(interval.low), value_of_number(interval.high),
                     "test_loss", value_of_number(r->result.test_loss),
                     "weights_sha256", r->result.weights_sha256,
                     "kept_weights_sha256", value_of_text(epoch ? r->kept_sha256 : NULL),
                     "epochs", value_of_epochs(r),
                     "files", value_of_files(r));
    /* clang-format on */
}

json_t *run_record(const run *r)
{
    json_t *record = value_of_circumstances(r);
    json_t *const parts[] = {value_of_subject(r), value_of_files_used(r), value_of_outcome(r)};
    bool failed = !record;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        failed = failed || !parts[i] || json_object_update(record, parts[i]);
        json_decref(parts[i]);
    }
    if (!failed)
        json_object_set_new(record, "skipped_files", json_integer((json_int_t)r->bad.count));
    failed = failed || json_object_set_new(record, "identity", json_string(r->full_recipe.identity));
    if (!failed && r->settings.diagnose)
        json_object_set_new(record, "findings", value_of_findings(r));
    if (!failed)
        return record;
    json_decref(record);
    return NULL;
}

/* --------------------------------------------------------------------------------------------------------- files */

static lenet_status fail(lenet_error *error, const char *text)
{
    *error = (lenet_error){.status = LENET_FAILURE};
    snprintf(error->text, sizeof error->text, "%s", text);
    return LENET_FAILURE;
}

static lenet_status write_text(const run *r, int file, char *text, lenet_error *error)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", r->out, run_file_names()[file]);
    const lenet_status failed = text ? ln_write_file(path, text, strlen(text), error)
                                     : fail(error, "out of memory for the record of the run");
    free(text);
    return failed;
}

static lenet_status write_record(run *r, lenet_error *error)
{
    r->is_saved = true; /* as the record is to say, once it is there */
    json_t *record = run_record(r);
    char *text = document_text(record);
    json_decref(record);
    const lenet_status failed = write_text(r, RECORD_FILE, text, error);
    r->is_saved = !failed;
    return failed;
}

lenet_status run_save(run *r, lenet_error *error)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", r->out, run_file_names()[MODEL_FILE]);
    const lab_trained trained = run_trained(r);
    lenet_status failed = lab_note_run(r->model, r->data, r->architecture, &trained, error);
    if (!failed)
        failed = lenet_model_save(r->model, path, error);
    if (!failed)
        failed = write_text(r, HISTORY_FILE, history_text(r), error);
    return failed ? failed : write_record(r, error);
}
