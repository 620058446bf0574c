/* SPDX-License-Identifier: MIT */
/*
 * run.c - the files of a run. What determines the weights is kept apart from what does not: only the former
 * goes into the model file.
 */
#include "cli/run.h"

#include "cli/diagnosis.h"
#include "cli/noise.h"
#include "cli/parts.h"
#include "cli/recorded.h"
#include "cli/unfinished.h"
#include "lab/runs/models.h"
#include "lab/stats/stats.h"
#include "lab/text/json.h"
#include "util/error.h"
#include "util/file.h"
#include "util/number.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODEL_FILE, HISTORY_FILE, RECORD_FILE };

lenet_status run_open(run *r, const training *request, uint64_t seed, int fold, const char *out, lenet_error *error)
{
    const lab_subject subject = lab_subject_of(request->train, request->test);
    *r = (run){.request = request,
               .job = {.data = request->data,
                       .architecture = request->architecture,
                       .train = request->train,
                       .test = request->test,
                       .settings = request->settings,
                       .again = request->force}};
    r->job.settings.seed += seed;
    r->job.settings.fold += fold;
    r->job.wants_result = true;
    r->job.wants_model = out && !request->is_in_folder;
    r->job.wants_confusion = !request->quiet && !request->json;
    if (out && (!(r->out = strdup(out)) || asprintf(&r->checkpoint, "%s/%s", out, checkpoint_file_name()) < 0))
        return ln_fail(error, LENET_FAILURE, "out of memory for the runs");
    r->job.checkpoint = r->checkpoint;
    return lab_recipe_make(&r->job.recipe, request->data, &subject, request->architecture, &r->job.settings, error);
}

void run_close(run *r)
{
    lab_job_close(&r->job);
    free(r->out);
    free(r->checkpoint);
}

lenet_status run_keep_model(void *context, lab_job *job, lenet_error *error)
{
    const training *request = ((const run *)job)->request;
    (void)context;
    return request->db && !job->status ? lab_model_keep(request->store, job, error) : LENET_OK;
}

lenet_status run_note_epoch(lab_job *job, const lenet_epoch *epoch, lenet_error *error)
{
    return lab_job_add_epoch(job, epoch) ? LENET_OK
                                         : ln_fail(error, LENET_FAILURE, "out of memory for the record of the epochs");
}

bool run_has_ended(const run *r) { return r->job.status == LENET_OK || r->job.status == LENET_DIVERGED; }

const char *run_choice(const run *r)
{
    const lab_job *job = &r->job;
    if (job->settings.keep == LENET_KEEP_TEST)
        return "best test accuracy, which flatters it";
    return job->settings.keep == LENET_KEEP_VALIDATION && job->result.val_count ? "best validation accuracy"
                                                                                : "the last one";
}

/* ------------------------------------------------------------------------------------------------------- history */

/* Those of a diagnosis are only in run.json, with its values for each layer. */
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
static char *history_text(const lab_job *job)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return NULL;
    print_names(file);
    for (size_t i = 0; i < job->epoch_count; i++)
        print_row(file, &job->epochs[i]);
    return ln_close_text(file, &text);
}

/* -------------------------------------------------------------------------------------------------------- record */

/* Was a metric that is measured when this one is measured in this epoch? */
static bool is_measured(const lenet_epoch *e, lenet_when when)
{
    for (int i = 0; i < LENET_METRICS; i++)
        if (lenet_metric_list()[i].when == when && !isnan(e->values[i]))
            return true;
    return false;
}

/*
 * Without is_best, as best_epoch says it, and without those of a diagnosis. What was not measured is null, or
 * left out if it is rare.
 */
static json_t *value_of_epoch(const lenet_epoch *e)
{
    json_t *epoch = json_pack("{s:i}", "epoch", e->epoch);
    for (int i = 0; i < LENET_METRICS; i++) {
        const lenet_metric *metric = &lenet_metric_list()[i];
        const bool is_rare = metric->when != LENET_ALWAYS && metric->when != LENET_WITH_VALIDATION;
        if (i != LENET_IS_BEST && is_in_history(metric) && !(is_rare && !is_measured(e, metric->when)))
            add_to_object(&epoch, metric->name, value_of_number(e->values[i]));
    }
    if (e->diagnosis)
        add_to_object(&epoch, "diagnosis", value_of_diagnosis(e));
    return epoch;
}

static json_t *value_of_epochs(const lab_job *job)
{
    json_t *epochs = json_array();
    for (size_t i = 0; i < job->epoch_count; i++)
        add_to_list(&epochs, value_of_epoch(&job->epochs[i]));
    return epochs;
}

static json_t *value_of_files(const run *r)
{
    json_t *files = json_array();
    char path[PATH_MAX + 64];
    for (size_t i = 0; r->is_saved && run_file_names()[i]; i++) {
        snprintf(path, sizeof path, "%s/%s", r->out, run_file_names()[i]);
        add_to_list(&files, value_of_text(path));
    }
    return files;
}

/* As if it had been asked for alone. */
static json_t *value_of_options(const run *r)
{
    training own = *r->request;
    own.settings = r->job.settings;
    own.out = r->out;
    if (has_several_runs(r->request)) {
        own.runs = 1;
        own.jobs = 0;
        own.all_folds = false;
    }
    return training_options(&own);
}

static const char *status_word(lenet_status status)
{
    return status == LENET_OK ? "finished" : status == LENET_DIVERGED ? "diverged" : "stopped";
}

/* Where, when, with what. */
static json_t *value_of_circumstances(const run *r)
{
    const lab_job *job = &r->job;
    char when[32] = "";
    struct tm utc;
    if (gmtime_r(&job->started, &utc))
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    /* clang-format off */
    return json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:s, s:i, s:o, s:o, s:o, s:o}",
                     "version", lenet_version(),
                     "compiler", compiler_name(),
                     "status", status_word(job->status),
                     "error", value_of_text(job->status ? job->error.text : NULL),
                     "started", when,
                     "seed", value_of_unsigned(job->settings.seed),
                     "isa", job->result.isa ? job->result.isa : "",
                     "threads", job->result.threads,
                     "total_seconds", value_of_number(job->seconds),
                     "seconds", value_of_number(job->result.seconds),
                     "images_per_second", value_of_number(job->result.images_per_second),
                     "options", value_of_options(r));
    /* clang-format on */
}

static json_t *value_of_subject(const lab_job *job)
{
    /* clang-format off */
    return json_pack("{s:o, s:I, s:I, s:I, s:o, s:I, s:o, s:o}",
                     "data", value_of_text(job->data),
                     "train_count", (json_int_t)job->result.train_count,
                     "val_count", (json_int_t)job->result.val_count,
                     "test_count", (json_int_t)lenet_dataset_count(job->test),
                     "architecture", value_of_text(lenet_model_architecture(job->model)),
                     "parameters", (json_int_t)lenet_model_parameters(job->model),
                     "noise_matrix", lab_noise_matrix(job->train, &job->settings),
                     "noise_matrix_estimated", value_of_estimate(job));
    /* clang-format on */
}

static json_t *value_of_outcome(const run *r)
{
    const lab_job *job = &r->job;
    const int epoch = job->result.best_epoch;
    const lenet_epoch *best = lab_job_kept_epoch(job);
    const double accuracy = job->result.test_accuracy;
    const double standard_error = lab_accuracy_error(accuracy, lenet_dataset_count(job->test));
    const lab_interval interval = lab_accuracy_interval(accuracy, lenet_dataset_count(job->test), 0.95);
    /* clang-format off */
    return json_pack("{s:i, s:b, s:o, s:o, s:o, s:o, s:o, s:[o, o], s:o, s:s, s:o, s:o, s:o}",
                     "epochs_finished", job->result.epochs,
                     "stopped_early", job->result.stopped_early,
                     "best_epoch", epoch ? json_integer(epoch) : json_null(),
                     "val_accuracy", value_of_number(best ? best->values[LENET_VAL_ACCURACY] : NAN),
                     "val_loss", value_of_number(best ? best->values[LENET_VAL_LOSS] : NAN),
                     "test_accuracy", value_of_number(accuracy),
                     "test_accuracy_standard_error", value_of_number(standard_error),
                     "test_accuracy_interval_95", value_of_number(interval.low), value_of_number(interval.high),
                     "test_loss", value_of_number(job->result.test_loss),
                     "weights_sha256", job->result.weights_sha256,
                     "kept_weights_sha256", value_of_text(epoch ? job->kept_sha256 : NULL),
                     "epochs", value_of_epochs(job),
                     "files", value_of_files(r));
    /* clang-format on */
}

json_t *run_record(const run *r)
{
    const training *request = r->request;
    json_t *record = value_of_circumstances(r);
    add_all_to_object(&record, value_of_subject(&r->job));
    add_all_to_object(&record, value_of_files_used(request));
    add_all_to_object(&record, value_of_outcome(r));
    add_to_object(&record, "skipped_files", json_integer((json_int_t)request->bad.count));
    add_to_object(&record, "identity", json_string(r->job.recipe.identity));
    if (r->job.settings.diagnose)
        add_to_object(&record, "findings", value_of_findings(&r->job, request->data_fault));
    return record;
}

/* --------------------------------------------------------------------------------------------------------- files */

static lenet_status write_text(const run *r, int file, char *text, lenet_error *error)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", r->out, run_file_names()[file]);
    const lenet_status failed = text ? ln_write_file(path, text, strlen(text), error)
                                     : ln_fail(error, LENET_FAILURE, "out of memory for the record of the run");
    free(text);
    return failed;
}

static lenet_status write_record(run *r, lenet_error *error)
{
    r->is_saved = true; /* as the record states, once it is there */
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
    lenet_status failed = lab_model_write(&r->job, path, error);
    if (!failed)
        failed = write_text(r, HISTORY_FILE, history_text(&r->job), error);
    return failed ? failed : write_record(r, error);
}
