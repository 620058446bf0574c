/* SPDX-License-Identifier: MIT */
/*
 * train.c - `lenet train`: from a data set to the best weights, their record, and a summary for people.
 *
 * The order is that of what can go wrong: the command line, the architecture, the data, the folder for the
 * results, and only then training. Once training has begun, whatever ends it, the best weights so far are
 * saved.
 */
#include "cli/chart.h"
#include "cli/command.h"
#include "cli/confusion.h"
#include "cli/diagnosis.h"
#include "cli/duplicates.h"
#include "cli/earlier.h"
#include "cli/folder.h"
#include "cli/help.h"
#include "cli/images.h"
#include "cli/interrupt.h"
#include "cli/noise.h"
#include "cli/options.h"
#include "cli/print-json.h"
#include "cli/progress.h"
#include "cli/recorded.h"
#include "cli/repeat.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "cli/unfinished.h"
#include "lab/data/folders.h"
#include "lab/data/split.h"
#include "lab/runs/job.h"
#include "lab/stats/stats.h"
#include "lenet/tools.h"
#include "settings/setting.h"
#include "util/error.h"
#include "util/nearest.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -------------------------------------------------------------------------------------------------------- options */

static void print_names(const char *title, lenet_option kind)
{
    const style look = style_of(stdout);
    const char *const *names = lenet_option_names(kind);
    printf("\n%s%s%s\n", look.bold, title, look.reset);
    for (; *names; names++)
        print_help_entry(*names, lenet_option_help(kind, *names));
}

static void print_training_notes(void)
{
    print_names("architectures", LENET_ARCHITECTURES);
    print_names("or a specification: layers separated by commas, the last one dense:CLASSES", LENET_LAYERS);
    print_names("optimizers (g: gradient; t: the step, from 1)", LENET_OPTIMIZERS);
    print_names("schedules (t: the step, from 0; e: the epoch, from 0; N: all steps)", LENET_SCHEDULES);
    print_names("initializers", LENET_INITIALIZERS);
    print_names("initializers of biases", LENET_BIAS_INITIALIZERS);
    print_names("operations of --augment, by numbers in pixels, shares or degrees", LENET_AUGMENTATIONS);
    print_names("losses (p: softmax of the outputs z; y: the label, t: as one-hot; K classes)", LENET_LOSSES);
    fputs("\nFiles in DIR after the run: model.safetensors (the weights that were kept),\n"
          "history.csv and run.json; during the run: checkpoint.safetensors and recipe.json,\n"
          "from which --resume continues. Ctrl-C stops training after the current step and\n"
          "keeps the best weights so far. The same options and seed give the same weights, bit\n"
          "for bit, for any --threads and --isa, also after --resume.\n",
          stdout);
}

/*
 * Rows of the table: those that say what is trained on what, all settings, and those of the machine and the
 * output.
 */
enum { ROWS_BEFORE = 4, MOST_ROWS = 100 };

/* Of folds where none is named, each has a run. */
static void count_runs(training *t)
{
    t->all_folds = t->settings.folds && t->settings.fold < 0;
    t->settings.fold = t->settings.fold < 0 ? 0 : t->settings.fold;
}

/* A row for each setting, under its heading. Returns how many. */
static size_t add_settings(ln_option *rows, lenet_settings *settings)
{
    const char *group = NULL;
    size_t count = 0;
    for (const ln_option *setting = ln_settings; setting->name; setting++, count++) {
        group = setting->group ? setting->group : group;
        rows[count] = *setting;
        rows[count].value = ln_setting_field(setting, settings);
        rows[count].group = group;
        if (!strcmp(setting->name, "fold"))
            rows[count].fallback = "all, one after the other";
    }
    return count;
}

static void list_options(training *t, ln_option rows[MOST_ROWS])
{
    lenet_settings *s = &t->settings;
    const ln_option own[] = {
        {"data", "NAME", LN_OPTION_TEXT, &t->data, .names = lenet_option_names(LENET_DATASETS), .check = lab_data_check,
         .help = "data set, or a folder or file of your own: PATH or PATH@HxW (docs/data.md)", .is_required = true,
         .group = "data"},
        {"data-dir", "DIR", LN_OPTION_TEXT, &t->folder, .fallback = "$LENET_DATA and the default folders",
         .help = "only folder in which to search for the data", .group = "data"},
        {"skip-bad", NULL, LN_OPTION_BOOL, &t->bad.is_on, .help = "skip damaged images of a folder, and list them",
         .group = "data"},
        {"arch", "A", LN_OPTION_TEXT, &t->architecture, .names = lenet_option_names(LENET_ARCHITECTURES),
         .help = "network: a name or a specification", .group = "network"},
        {"config", "FILE", LN_OPTION_TEXT, &t->config, .fallback = "none",
         .help = "recipe: options from a YAML or JSON file, or a run.json; options of the command line replace them",
         .group = "recipe and repeats"},
        {"changed-data", NULL, LN_OPTION_BOOL, &t->changed_data, .is_of_the_call = true, .group = "recipe and repeats",
         .help = "with --config: train although the data differ from those of the recorded run"},
        {"resume", "DIR", LN_OPTION_TEXT, &t->resume, .fallback = "a new run",
         .help = "continue the stopped or killed run of this folder; the results are as without the stop",
         .is_of_the_call = true, .group = "recipe and repeats"},
        {"threads", "N", LN_OPTION_INT, &s->compute.threads, .low = 1, .high = 256,
         .fallback = "all processors that this process may use", .help = "number of threads", .group = "machine"},
        {"isa", "NAME", LN_OPTION_CHOICE, &s->compute.isa, .names = lenet_isa_list(), .refusal = lenet_isa_refusal,
         .fallback = "the fastest", .help = "instruction set", .group = "machine"},
        {"runs", "N", LN_OPTION_INT, &t->runs, .low = 1, .high = MOST_RUNS,
         .help = "train N times, with the seeds SEED, SEED + 1, ..., and print mean and spread",
         .group = "recipe and repeats"},
        {"jobs", "J", LN_OPTION_INT, &t->jobs, .low = 1, .high = 256, .fallback = "the number of processors",
         .help = "number of runs at the same time, with one thread each unless --threads is given",
         .group = "recipe and repeats"},
        {"out", "DIR", LN_OPTION_TEXT, &t->out, .fallback = "no files are written",
         .help = "folder of the results; made if missing", .is_of_the_call = true, .group = "output"},
        {"db", "FILE", LN_OPTION_TEXT, &t->db, .fallback = "none",
         .help = "database of runs to add this run to (lenet runs, lenet study)", .is_of_the_call = true,
         .group = "output"},
        {"force", NULL, LN_OPTION_BOOL, &t->force,
         .help = "replace another run in DIR; train again a run that is there already", .is_of_the_call = true,
         .group = "output"},
        {"quiet", NULL, LN_OPTION_BOOL, &t->quiet, .help = "print only the summary: no progress, no tables",
         .is_of_the_call = true, .group = "output"},
        {"json", NULL, LN_OPTION_BOOL, &t->json,
         .help = "print the record of the run (run.json) instead of the summary", .is_of_the_call = true,
         .group = "output"},
    };
    size_t rows_used = 0;
    for (; rows_used < ROWS_BEFORE; rows_used++)
        rows[rows_used] = own[rows_used];
    rows_used += add_settings(rows + rows_used, s);
    for (size_t i = ROWS_BEFORE; i < sizeof own / sizeof own[0]; i++)
        rows[rows_used++] = own[i];
}

/* With --resume: how to go on and what to show. All else is of the run, which stays what it is. */
static bool goes_with_resume(const char *name)
{
    static const char *const names[] = {
        "checkpoint-seconds", "data-dir", "db", "isa", "jobs", "json", "quiet", "resume", "threads", NULL};
    return ln_is_name(name, names);
}

/* The folder to go on in has the recipe. */
static int find_recipe(const command_line *line, const bool *given)
{
    static char path[PATH_MAX + 64];
    training *t = line->context;
    if (!t->resume && t->changed_data && !t->config)
        return usage_error(line, "--changed-data: there is no --config with a record that the data could differ from");
    if (!t->resume)
        return PARSED;
    const char *record = find_record(t->resume);
    for (size_t i = 0; record && line->options[i].name; i++)
        if (given[i] && !goes_with_resume(line->options[i].name)) {
            print_notice("--resume and --%s: the run keeps its recipe and its folder; for another run: lenet train "
                         "--config %s/%s --out DIR with options that differ",
                         line->options[i].name, t->resume, record);
            return LENET_USAGE;
        }
    return find_unfinished(t, path, sizeof path);
}

/* What most people need: --help shows these. */
static const char *const basic_options[] = {"data",     "arch",    "epochs",     "batch",   "optimizer", "lr",
                                            "schedule", "augment", "activation", "dropout", "seed",      "val-split",
                                            "out",      "runs",    "threads",    NULL};

static int read_options(training *t, int argc, char **argv)
{
    ln_option rows[MOST_ROWS] = {{.name = NULL}};
    list_options(t, rows);
    const command_line line = {
        .command = "train",
        .arguments = "--data NAME | --config FILE | --resume DIR [options]",
        .summary = "Trains a network on a data set, stores the best weights, and measures them on the test images.",
        .examples = "  lenet train --data mnist --out runs/mnist\n"
                    "  lenet train --data fashion-mnist --epochs 20 --batch 64 --lr 0.002 \\\n"
                    "      --decay 0.9 --out runs/fashion\n"
                    "  lenet train --data cifar10 \\\n"
                    "      --arch conv:16@3x3:pad=1,relu,maxpool:2,dense:64,relu,dense:10\n"
                    "  lenet train --data photos@32x32 --out runs/photos \\\n"
                    "      --arch conv:8@5x5,relu,maxpool:2,dense:2\n"
                    "  lenet train --data mnist --runs 10 --out runs/ten\n"
                    "  lenet train --config recipe.yaml --epochs 5\n"
                    "  lenet train --resume runs/mnist\n"
                    "  lenet train --data mnist --train-limit 1000 --epochs 3 --json --quiet\n",
        .options = rows,
        .basic = basic_options,
        .print_notes = print_training_notes,
        .config = &t->config,
        .recipe = &t->recipe,
        .find_config = find_recipe,
        .context = t,
    };
    int count = 0;
    const int code = parse_command_line(&line, argc, argv, &count);
    if (code == PARSED)
        count_runs(t);
    return code;
}

static void set_defaults(training *t)
{
    memset(t, 0, sizeof *t);
    lenet_settings_default(&t->settings);
    t->architecture = "lenet5";
    t->settings.fold = -1; /* until one is named */
    t->runs = 1;
}

/* -------------------------------------------------------------------------------------------------------- training */

/*
 * Warns once of what is odd about what is held out; of all folds, the first of which something is. Returns an
 * exit code.
 */
static int warn_of_split(const training *t)
{
    lenet_settings settings = t->settings;
    lenet_error error;
    char warning[256] = "";
    const int folds = t->all_folds ? settings.folds : settings.fold + 1;
    for (; settings.fold < folds && !*warning; settings.fold++)
        if (lab_split_warning(t->train, &settings, warning, sizeof warning, &error))
            return report_error(&error);
    if (*warning)
        print_notice("%s", warning);
    return LENET_OK;
}

/* Before anything long begins. Returns an exit code. */
static int open_database(training *t)
{
    static const char *const files[] = {".lenet.lock", "*.safetensors", "history.csv", "recipe.json",
                                        "run.json",    "runs.csv",      "runs.json",   NULL};
    lenet_error error;
    if (t->db && t->out && folder_protects(t->out, t->db, files))
        return LENET_USAGE;
    if (lab_store_open(&t->store, t->db, 1, &error) ||
        (t->db && lab_store_save_subject(t->store, t->data, t->train, t->test, &error)))
        return report_error(&error);
    return LENET_OK;
}

/* What else a run depends on, and the database. Returns an exit code. */
static int open_others(training *t)
{
    lenet_error error;
    if (find_files_of_run(t, &error))
        return report_error(&error);
    const lab_subject subject = lab_subject_of(t->train, t->test);
    if (lab_recipe_make(&t->full_recipe, t->data, &subject, t->architecture, &t->settings, &error))
        return report_error(&error);
    int code = check_recorded_files(t);
    if (!code && lab_is_own_data(t->data))
        code = warn_of_duplicates(t->data, t->train, t->test);
    if (code)
        return code;
    if (t->settings.diagnose)
        check_data(t->data, t->folder, t->data_fault);
    code = warn_of_split(t);
    return code ? code : open_database(t);
}

/*
 * The architecture is tried on the shape that the data set is known to have, before hundreds of megabytes are
 * read. Returns an exit code.
 */
static int open_parts(training *t)
{
    lenet_error error;
    if (lenet_settings_complete(&t->settings, &t->settings, &error))
        return report_error(&error);
    const lenet_source *source = lenet_source_find(t->data);
    if (source &&
        lenet_model_create_with(&t->model, t->architecture, &t->settings, source->shape, source->classes, &error))
        return refuse_architecture(t->architecture, &error);
    const int code = open_images_skipping(&t->train, &t->test, t->data, t->folder, NULL, t->quiet, &t->bad);
    if (code)
        return code;
    if (!source && lenet_model_create_with(&t->model, t->architecture, &t->settings, lenet_dataset_shape(t->train),
                                           lenet_dataset_classes(t->train), &error))
        return refuse_architecture(t->architecture, &error);
    return open_others(t);
}

static void close_parts(training *t)
{
    lenet_model_close(&t->model);
    lenet_dataset_close(&t->train);
    lenet_dataset_close(&t->test);
    lab_store_close(&t->store);
    lab_recipe_close(&t->full_recipe);
    json_decref(t->setting_files);
    lab_yaml_close(&t->recipe);
}

/* --------------------------------------------------------------------------------------------------------- summary */

/* Of the training, validation and test images. */
static void print_curves(const lab_job *job, const char *title, const int metrics[3])
{
    static const char *const names[] = {"training", "validation", "test"};
    const size_t count = job->epoch_count;
    double *values = calloc(3 * count + 1, sizeof *values);
    curve curves[3];
    if (!values)
        return; /* a picture less; the numbers are in the history */
    for (size_t k = 0; k < 3; k++) {
        lab_job_curve(job, metrics[k], values + k * count);
        curves[k] = (curve){names[k], "tvx"[k], values + k * count};
    }
    print_chart(title, curves, 3, count);
    free(values);
}

static void print_accuracy(const lab_job *job)
{
    char count[32];
    const size_t images = lenet_dataset_count(job->test);
    const double accuracy = job->result.test_accuracy;
    const style look = style_of(stdout);
    const lab_interval interval = lab_accuracy_interval(accuracy, images, 0.95);
    if (isnan(accuracy))
        printf("test accuracy  not measured\n");
    else
        printf("test accuracy  %s%.2f %%%s (95 %% interval %.2f to %.2f %%), loss %.4f; %s images\n", look.bold,
               100 * accuracy, look.reset, 100 * interval.low, 100 * interval.high, job->result.test_loss,
               format_count((double)images, count, sizeof count));
}

static void print_training(const lab_job *job)
{
    char speed[32];
    const lenet_result *result = &job->result;
    if (result->stopped_early)
        printf("ended early    after epoch %d of %d: %d without a better validation loss\n", result->epochs,
               job->settings.epochs, job->settings.patience);
    if (job->was_there)
        puts("trained        earlier; nothing was trained now (--force trains again)");
    else
        printf("speed          %s images/s, %s, %d thread%s, %.2f s of training\n",
               format_count(result->images_per_second, speed, sizeof speed), result->isa, result->threads,
               result->threads == 1 ? "" : "s", result->seconds);
}

/* `is_listed`: the run is in the database of --db. */
static void print_summary(const run *r, bool is_listed)
{
    const lab_job *job = &r->job;
    const lenet_epoch *best = lab_job_kept_epoch(job);
    print_accuracy(job);
    if (best && !isnan(best->values[LENET_VAL_ACCURACY]))
        printf("kept epoch     %d of %d (%s; validation %.2f %%)\n", best->epoch, job->result.epochs, run_choice(r),
               100 * best->values[LENET_VAL_ACCURACY]);
    else if (best)
        printf("kept epoch     %d of %d (%s)\n", best->epoch, job->result.epochs, run_choice(r));
    print_training(job);
    print_item("weights", "%s", job->result.weights_sha256);
    if (is_listed)
        printf("database       %s, run %jd\n", r->request->db, (intmax_t)job->claim.run);
    if (!r->out && !is_listed)
        puts("stored         nothing (--out DIR stores the model and its record)");
    for (size_t i = 0; r->is_saved && run_file_names()[i]; i++)
        printf("%s%s/%s\n", i ? "               " : "stored         ", r->out, run_file_names()[i]);
}

static int print_results(const run *r, bool is_listed)
{
    const lab_job *job = &r->job;
    if (r->request->json)
        return print_document(run_record(r));
    if (!r->request->quiet && !job->was_there) {
        print_curves(job, "accuracy, %", (const int[]){LENET_TRAIN_ACCURACY, LENET_VAL_ACCURACY, LENET_TEST_ACCURACY});
        print_curves(job, "loss", (const int[]){LENET_TRAIN_LOSS, LENET_VAL_LOSS, LENET_TEST_LOSS});
        print_noise(job);
        if (job->tested.count) {
            print_confusion(&job->tested);
            print_confused_pairs(&job->tested);
        }
    }
    print_summary(r, is_listed);
    return LENET_OK;
}

/* --------------------------------------------------------------------------------------------------------- one run */

/* A run in the folder of --out itself, if there is one. */
typedef struct single {
    run r;
    folder place;
    bool has_begun; /* training */
    progress shown;
    lenet_error not_saved; /* why its files are not in the folder */
} single;

static const run_names one_run = {.count = 0};

static void on_progress(void *context, const lenet_progress *now)
{
    single *s = context;
    progress_show(&s->shown, now);
}

static bool is_stopped(void *context)
{
    (void)context;
    return interrupt_signal() != 0;
}

static lenet_status on_epoch(void *context, lab_job *job, const lenet_epoch *epoch, lenet_error *error)
{
    single *s = context;
    const lenet_status status = run_note_epoch(job, epoch, error);
    progress_epoch(&s->shown, epoch);
    if (epoch->diagnosis && !s->shown.is_quiet)
        print_diagnosis(epoch);
    return status;
}

/* From now on the run can be resumed. */
static lenet_status on_begin(void *context, lab_job *job, lenet_error *error)
{
    single *s = context;
    const training *t = s->r.request;
    const lenet_status status = t->out ? begin_unfinished(t, error) : LENET_OK;
    s->has_begun = !status;
    progress_open(&s->shown, job->settings.epochs, t->quiet);
    interrupt_watch();
    return status;
}

/* Training may end early and still have something to keep; what ended it decides the exit code. */
static bool has_results(const run *r)
{
    const lenet_status status = r->job.status;
    return status == LENET_OK || ((status == LENET_DIVERGED || status == LENET_STOPPED || status == LENET_IO) &&
                                  r->job.result.best_epoch > 0);
}

/*
 * Part of a run replaces no whole one. That the files could not be written takes nothing from the database.
 */
static lenet_status on_ended(void *context, lab_job *job, lenet_error *error)
{
    single *s = context;
    run *r = &s->r;
    (void)error;
    if (s->has_begun)
        progress_close(&s->shown);
    if (job->was_there && r->request->is_in_folder)
        return LENET_OK;
    if (r->out && has_results(r) && (run_has_ended(r) || !has_finished_run(r->out)))
        run_save(r, &s->not_saved);
    return LENET_OK;
}

/* The folder has a checkpoint that is damaged or of another run. */
static bool is_refused(const run *r)
{
    const lab_job *job = &r->job;
    return (job->status == LENET_USAGE || job->status == LENET_INPUT) && r->checkpoint &&
           !strncmp(job->error.text, r->checkpoint, strlen(r->checkpoint));
}

/*
 * The checkpoint beside the database that is left of the run, for the same command to go on from. False: none
 * is.
 */
static bool find_left_checkpoint(const run *r, char path[PATH_MAX])
{
    const char *beside = lab_store_checkpoints(r->request->store);
    const bool is_left = !r->out && beside &&
                         snprintf(path, PATH_MAX, "%s/%s", beside, r->job.recipe.identity) < PATH_MAX &&
                         !access(path, F_OK);
    if (!is_left)
        lab_store_tidy(r->request->store);
    return is_left;
}

static void explain_early_end(const run *r)
{
    const lab_job *job = &r->job;
    char checkpoint[PATH_MAX];
    const bool is_left = find_left_checkpoint(r, checkpoint);
    if (job->status == LENET_STOPPED && interrupt_signal())
        print_notice("stopped by a signal after %d of %d epochs", job->result.epochs, job->settings.epochs);
    else if (job->status)
        print_notice("%s%s", job->error.text, is_refused(r) ? "; remove it to start again, or take another --out" : "");
    if (job->status && r->is_saved)
        print_notice("the weights of epoch %d, the best so far, are in %s/%s", job->result.best_epoch, r->out,
                     run_file_names()[0]);
    else if (job->status && has_results(r) && r->out && has_finished_run(r->out))
        print_notice("%s has the results of a run that ended before, and they stay", r->out);
    else if ((job->status == LENET_DIVERGED || job->status == LENET_STOPPED) && !job->result.best_epoch &&
             !has_checkpoint(r->out))
        print_notice("no epoch was finished, so there is nothing to keep");
    if ((job->status == LENET_STOPPED || job->status == LENET_IO) && has_checkpoint(r->out))
        print_notice("to continue: lenet train --resume %s", r->out);
    else if (is_left)
        print_notice("%s: the same command %s", checkpoint,
                     job->status ? "continues the run" : "stores the results, and does not train again");
}

/*
 * Training has ended: what is left in the folder. The checkpoint goes once folder and database have the
 * results.
 */
static void tidy_place(single *s, bool is_stored)
{
    const run *r = &s->r;
    if (!r->out)
        return;
    if ((run_has_ended(r) && is_stored) || !has_checkpoint(r->out))
        end_unfinished(r->out);
    else if (run_has_ended(r))
        print_notice("to store the results again: lenet train --resume %s", r->out);
    if (r->is_saved)
        remove_earlier(r->request, &one_run);
    else
        folder_undo(&s->place);
}

/* Reports the result of training; `why` is the error of the database or of training. Returns the exit code. */
static int report_run(single *s, const lenet_error *why)
{
    const run *r = &s->r;
    const lab_job *job = &r->job;
    const training *t = r->request;
    int code = s->not_saved.status ? report_error(&s->not_saved) : LENET_OK;
    if (why->status && !job->status)
        code = report_error(why);
    tidy_place(s, !code);
    folder_release(&s->place);
    explain_early_end(r);
    if (has_results(r) || (t->json && job->status == LENET_DIVERGED)) {
        const int failed = print_results(r, t->db && !why->status);
        code = code ? code : failed;
    }
    if (job->settings.diagnose && !job->was_there && !t->json && (has_results(r) || job->status == LENET_DIVERGED))
        print_findings(job, t->data_fault);
    if (interrupt_signal())
        end_by_signal(interrupt_signal());
    if (job->status == LENET_STOPPED) /* by lack of memory, or by the database */
        return why->status ? (int)why->status : LENET_FAILURE;
    return job->status ? (int)job->status : code;
}

/* Trains the run, unless it is there. Returns the exit code. */
static int do_run(training *t, single *s)
{
    run *r = &s->r;
    lab_job *job = &r->job;
    lenet_error error = {LENET_OK, ""};
    const lab_observer observer = {s, on_begin, on_progress, is_stopped, on_epoch, run_keep_model, on_ended};
    if (run_open(r, t, 0, 0, t->out, &error))
        return report_error(&error);
    job->model = t->model;
    t->model = NULL;
    error.status = lab_job_do(job, t->store, &observer, NULL, &error);
    if (job->state == LAB_JOB_ELSEWHERE)
        ln_fail(&error, LENET_IO, "%s: run %jd is being trained by another process; wait for it, or stop it", t->db,
                (intmax_t)job->claim.run);
    if (s->has_begun || (job->was_there && !t->is_in_folder))
        return report_run(s, &error);
    const int code = error.status ? report_error(&error) : print_earlier(t);
    folder_undo(&s->place);
    return code;
}

static int train_and_report(training *t)
{
    single s = {.place = {.lock = -1}};
    int code = open_out_folder(t, &one_run, &s.place);
    if (!code && !(t->is_in_folder && !t->db))
        code = do_run(t, &s);
    else {
        code = code ? code : print_earlier(t);
        folder_undo(&s.place);
    }
    run_close(&s.r);
    return code;
}

int run_train(int argc, char **argv)
{
    training t;
    set_defaults(&t);
    int code = read_options(&t, argc, argv);
    if (code == PARSED) {
        code = open_parts(&t);
        if (!code)
            code = has_several_runs(&t) ? repeat_and_report(&t) : train_and_report(&t);
    }
    close_parts(&t);
    return code;
}
