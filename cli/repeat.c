/* SPDX-License-Identifier: MIT */
/* repeat.c - several runs, side by side: their folders, their display, and what is left of them. */
#include "cli/repeat.h"

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/interrupt.h"
#include "cli/print-json.h"
#include "cli/run-jobs.h"
#include "cli/terminal.h"
#include "cli/unfinished.h"
#include "lab/text/json.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool has_finished(const run *r) { return r->job.state == LAB_JOB_DONE; }

bool has_collapsed(const repetition *all, const run *r)
{
    const double right = r->job.result.test_accuracy * (double)lenet_dataset_count(r->job.test);
    /* half an image: rounding */
    return has_finished(r) && r->job.status == LENET_OK && right <= (double)all->chance_bound + 0.5;
}

double val_accuracy_of(const run *r)
{
    const lenet_epoch *kept = lab_job_kept_epoch(&r->job);
    return kept ? kept->values[LENET_VAL_ACCURACY] : NAN;
}

double val_loss_of(const run *r)
{
    const lenet_epoch *kept = lab_job_kept_epoch(&r->job);
    return kept ? kept->values[LENET_VAL_LOSS] : NAN;
}

int number_of(const repetition *all, const run *r) { return (int)(r - all->runs) + 1; }

/* ------------------------------------------------------------------------------------------------------ each run */

/* The folder of a run is its own while it is trained and written. */
static lenet_status enter_folder(run *r, lenet_error *error)
{
    if (!r->out || r->place)
        return LENET_OK;
    r->place = malloc(sizeof *r->place);
    if (r->place && !folder_prepare(r->place, r->out, run_file_names()) && !folder_own(r->place))
        return LENET_OK;
    free(r->place);
    r->place = NULL;
    return ln_fail(error, LENET_IO, "the results of a run could not be stored");
}

static void leave_folder(run *r)
{
    if (!r->place)
        return;
    if (r->is_saved)
        folder_release(r->place);
    else
        folder_undo(r->place);
    free(r->place);
    r->place = NULL;
}

static lenet_status on_begin(void *context, lab_job *job, lenet_error *error)
{
    (void)context;
    return enter_folder((run *)job, error);
}

static lenet_status on_epoch(void *context, lab_job *job, const lenet_epoch *epoch, lenet_error *error)
{
    (void)context;
    return run_note_epoch(job, epoch, error);
}

/* A run that was in the database gets its files too. What one run cannot do, none can: it stops all. */
static lenet_status on_ended(void *context, lab_job *job, lenet_error *error)
{
    run *r = (run *)job;
    const bool has_results = run_has_ended(r) && (job->status == LENET_OK || job->result.best_epoch);
    lenet_status status = LENET_OK;
    (void)context;
    if (job->was_there && r->request->is_in_folder)
        r->is_saved = true;
    else if (has_results && r->out && !(status = enter_folder(r, error)))
        status = run_save(r, error);
    leave_folder(r);
    if (run_has_ended(r) || job->status == LENET_STOPPED)
        return status;
    if (error)
        *error = job->error;
    return job->status;
}

/* ------------------------------------------------------------------------------------------------------- display */

/* "3 of 10 runs done  left 1:20  run 4 epoch 3/10  run 5 epoch 2/10" */
static void compose_line(void *context, char *text, size_t capacity)
{
    const repetition *all = context;
    char left[32];
    double share = 0;
    size_t done = 0;
    for (size_t i = 0; i < all->count; i++) {
        share += lab_job_share(all->jobs[i]) / (double)all->count;
        done += has_finished(&all->runs[i]);
    }
    const double seconds = share > 0 ? (ln_seconds() - all->started) * (1 - share) / share : NAN;
    size_t used = (size_t)snprintf(text, capacity, "%zu of %zu runs done  left %s ", done, all->count,
                                   format_duration(seconds, left, sizeof left));
    for (size_t i = 0; i < all->count && used + 64 < capacity; i++)
        if (all->jobs[i]->state == LAB_JOB_RUNNING)
            used += (size_t)snprintf(text + used, capacity - used, " run %zu epoch %d/%d", i + 1,
                                     all->jobs[i]->now.epoch, all->request->settings.epochs);
}

/* "run 2/6  seed 1  fold 1  0.52 s  kept epoch 1  validation 98.00 %  test 98.00 %" */
static void print_finished_run(const repetition *all, const run *r)
{
    const lab_job *job = &r->job;
    const double val_accuracy = val_accuracy_of(r);
    flow line = {.to = stderr, .indent = 4};
    flow_add(&line, "run %*d/%zu", snprintf(NULL, 0, "%zu", all->count), number_of(all, r), all->count);
    flow_add(&line, "seed %ju", (uintmax_t)job->settings.seed);
    if (is_over_folds(all))
        flow_add(&line, "fold %d", job->settings.fold);
    flow_add(&line, "%.2f s", job->was_there ? job->result.seconds : job->seconds);
    flow_add(&line, "kept epoch %d", job->result.best_epoch);
    if (!isnan(val_accuracy))
        flow_add(&line, "validation %.2f %%", 100 * val_accuracy);
    flow_add(&line, "test %.2f %%", 100 * job->result.test_accuracy);
    if (has_collapsed(all, r))
        flow_add(&line, "at chance");
    flow_end(&line);
}

static void print_ended(void *context, size_t index, size_t done)
{
    const repetition *all = context;
    const run *r = &all->runs[index];
    (void)done;
    if (r->job.status)
        print_notice("run %d, seed %ju: %s", number_of(all, r), (uintmax_t)r->job.settings.seed, r->job.error.text);
    else if (!all->request->quiet)
        print_finished_run(all, r);
}

/* ---------------------------------------------------------------------------------------------- before and after */

static double largest_share(const lenet_dataset *dataset)
{
    size_t count[LENET_MAX_CLASSES] = {0}, most = 0;
    const uint8_t *labels = lenet_dataset_labels(dataset);
    for (size_t i = 0; i < lenet_dataset_count(dataset); i++)
        most = ++count[labels[i]] > most ? count[labels[i]] : most;
    return (double)most / (double)lenet_dataset_count(dataset);
}

enum { MOST_WORKERS = 256 };

/* By default each run has one thread, and there are as many side by side as there are processors. */
static void divide_processors(repetition *all)
{
    const training *request = all->request;
    const int most = all->count < MOST_WORKERS ? (int)all->count : MOST_WORKERS;
    all->threads = request->settings.compute.threads ? request->settings.compute.threads : 1;
    all->workers = request->jobs ? request->jobs : lenet_processor_count() / all->threads;
    all->workers = all->workers < 1 ? 1 : all->workers > most ? most : all->workers;
}

bool is_over_folds(const repetition *all) { return all->request->all_folds; }

static int folds_of(const training *request) { return request->all_folds ? request->settings.folds : 1; }

static int digits_of(int number) { return snprintf(NULL, 0, "%d", number); }

/* "run-03", "fold-0", "run-03-fold-0": the folder of run `index` in the folder of all. */
static void name_run(const training *request, int index, char name[48])
{
    const int folds = folds_of(request), digits = digits_of(request->runs);
    int used = 0;
    if (request->runs > 1 || folds == 1)
        used = snprintf(name, 48, "run-%0*d", digits < 2 ? 2 : digits, index / folds + 1);
    if (folds > 1)
        snprintf(name + used, 48 - (size_t)used, "%sfold-%0*d", used ? "-" : "", digits_of(folds - 1), index % folds);
}

/* Returns an exit code. */
static int open_runs(repetition *all)
{
    const training *request = all->request;
    const int folds = folds_of(request);
    char path[PATH_MAX + 64];
    lenet_error error;
    all->runs = calloc(all->count, sizeof *all->runs);
    all->jobs = calloc(all->count, sizeof *all->jobs);
    if (!all->runs || !all->jobs)
        return report_no_memory();
    for (size_t i = 0; i < all->count; i++) {
        run *r = &all->runs[i];
        snprintf(path, sizeof path, "%s/%s", request->out ? request->out : "", all->names.names[i]);
        if (run_open(r, request, i / (size_t)folds, (int)i % folds, request->out ? path : NULL, &error))
            return report_error(&error);
        r->job.settings.compute.threads = all->threads;
        all->jobs[i] = &r->job;
    }
    return LENET_OK;
}

static void close_runs(repetition *all)
{
    for (size_t i = 0; all->runs && i < all->count; i++)
        run_close(&all->runs[i]);
    free(all->runs);
    free(all->jobs);
    free(all->names.names);
}

static void count_outcomes(repetition *all)
{
    for (const run *r = all->runs; r < all->runs + all->count; r++) {
        all->finished += has_finished(r);
        all->diverged += has_finished(r) && r->job.status == LENET_DIVERGED;
        all->collapsed += has_collapsed(all, r);
    }
}

static int write_file(const repetition *all, const char *name, char *text)
{
    char path[PATH_MAX + 64];
    lenet_error error;
    if (!text)
        return report_no_memory();
    snprintf(path, sizeof path, "%s/%s", all->request->out, name);
    const int code = ln_write_file(path, text, strlen(text), &error) ? report_error(&error) : LENET_OK;
    free(text);
    return code;
}

/* Is there a run that is stored, or one to go on with? */
static bool has_begun(const repetition *all)
{
    bool found = all->finished > 0;
    for (size_t i = 0; i < all->count && !found; i++)
        found = has_checkpoint(all->runs[i].out);
    return found;
}

/* The table, then the record: who finds the record finds the rest. */
static int save_repetition(repetition *all, folder *place)
{
    if (!all->request->out)
        return LENET_OK;
    int code = LENET_OK;
    if (all->finished) {
        all->is_saved = true;
        code = write_file(all, repetition_file_names()[1], repetition_table(all));
        json_t *record = repetition_record(all);
        code = code ? code : write_file(all, repetition_file_names()[0], document_text(record));
        json_decref(record);
        all->is_saved = !code;
    }
    if (all->is_saved)
        remove_earlier(all->request, &all->names);
    const bool is_over = !code && all->finished == all->count;
    if (is_over || !has_begun(all))
        /* before those of its runs: killed in between, there is nothing to go on with */
        end_unfinished(all->request->out);
    for (size_t i = 0; i < all->count && is_over; i++) {
        end_unfinished(all->runs[i].out);
        rmdir(all->runs[i].out); /* of a run that diverged before there was anything to keep */
    }
    if (!all->finished)
        folder_undo(place);
    return code;
}

/* Diverged runs are a result like others, unless there is nothing else. */
static int report(const repetition *all, const lenet_error *why)
{
    if (interrupt_signal())
        print_notice("stopped by a signal: %zu of %zu runs are finished%s", all->finished, all->count,
                     all->finished && all->is_saved ? " and stored" : "");
    if ((interrupt_signal() || why->status == LENET_IO) && all->request->out && has_begun(all))
        print_notice("to continue: lenet train --resume %s", all->request->out);
    int code = why->status ? report_error(why) : LENET_OK;
    if (all->finished && all->request->json)
        code = code ? code : print_document(repetition_record(all));
    else if (all->finished)
        print_repetition(all);
    if (!code && all->finished && all->diverged == all->finished)
        code = LENET_DIVERGED;
    return code;
}

/* From now on all can be resumed. Returns an exit code. */
static int begin_repetition(const repetition *all, folder *place)
{
    lenet_error error;
    if (!all->request->out || has_begun(all) || !begin_unfinished(all->request, &error))
        return LENET_OK;
    folder_undo(place);
    return report_error(&error);
}

/* Trains all, stores and reports. */
static int train_all(repetition *all, folder *place)
{
    lenet_error error = {LENET_OK, ""};
    const lab_observer observer = {
        .context = all, .begin = on_begin, .epoch = on_epoch, .keep = run_keep_model, .ended = on_ended};
    const lab_work work = {all->jobs, all->count, all->request->store, observer, all->workers};
    const display shown = {all->request->quiet, all, compose_line, print_ended};
    all->started = ln_seconds();
    error.status = run_jobs(&work, &shown, &all->seconds, &error);
    count_outcomes(all);
    const int code = save_repetition(all, place), reported = report(all, &error);
    return code ? code : reported;
}

/* The folder is there and ours. */
static int repeat_in(repetition *all, folder *place)
{
    training *request = all->request;
    if (request->is_in_folder && !request->db)
        return print_earlier(request);
    divide_processors(all);
    all->chance_share = largest_share(request->test);
    all->chance_bound = lab_chance_bound(lenet_dataset_count(request->test), all->chance_share, LAB_CHANCE_ALARM);
    int code = open_runs(all);
    if (!code)
        code = begin_repetition(all, place);
    return code ? code : train_all(all, place);
}

int repeat_and_report(training *request)
{
    repetition all = {.request = request, .count = (size_t)request->runs * (size_t)folds_of(request)};
    folder place = {.lock = -1};
    if (request->settings.seed > UINT64_MAX - (uint64_t)(request->runs - 1)) {
        print_notice("--seed %ju: with --runs %d the last seed would pass 2^64 - 1", (uintmax_t)request->settings.seed,
                     request->runs);
        return LENET_USAGE;
    }
    all.names = (run_names){all.count, calloc(all.count, sizeof *all.names.names)};
    for (size_t i = 0; all.names.names && i < all.count; i++)
        name_run(request, (int)i, all.names.names[i]);
    int code = all.names.names ? open_out_folder(request, &all.names, &place) : report_no_memory();
    if (!code)
        code = repeat_in(&all, &place);
    close_runs(&all);
    folder_release(&place);
    if (interrupt_signal())
        end_by_signal(interrupt_signal());
    return code;
}
