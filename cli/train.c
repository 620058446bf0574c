/* SPDX-License-Identifier: MIT */
/*
 * train.c - `lenet train`: from a data set to the best weights, their record, and a summary for people.
 *
 * The order is that of what can go wrong: the command line, the architecture, the data, the folder for the results,
 * and only then training. Once training has begun, whatever ends it, the best weights so far are saved.
 */
#include "cli/chart.h"
#include "cli/command.h"
#include "cli/confusion.h"
#include "cli/database.h"
#include "cli/diagnosis.h"
#include "cli/document.h"
#include "cli/duplicates.h"
#include "cli/earlier.h"
#include "cli/folder.h"
#include "cli/help.h"
#include "cli/images.h"
#include "cli/interrupt.h"
#include "cli/noise.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/recipe.h"
#include "cli/recorded.h"
#include "cli/repeat.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "cli/unfinished.h"
#include "lab/data/folders.h"
#include "lab/data/split.h"
#include "lab/stats/stats.h"
#include "lab/runs/store.h"
#include "util/clock.h"

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
    fputs("\nDIR receives model.safetensors (the weights that were kept), history.csv and\n"
          "run.json; until then checkpoint.safetensors and recipe.json, from which --resume\n"
          "goes on with a run that was killed. Ctrl-C ends training after the step at hand,\n"
          "and keeps the best so far. The same options and seed give the same weights, bit\n"
          "for bit, whatever --threads and --isa are, and however often it was resumed.\n",
          stdout);
}

/* Rows of the table: those that say what is trained on what, all settings, and those of the machine and the output. */
enum { ROWS_BEFORE = 4, MOST_ROWS = 100 };

/* Of folds where none is named, each has a run. */
static void count_runs(run *r)
{
    r->all_folds = r->settings.folds && r->settings.fold < 0;
    r->settings.fold = r->settings.fold < 0 ? 0 : r->settings.fold;
}

/* A row for each setting, under its heading. Returns how many. */
static size_t add_settings(option_row *rows, lenet_settings *settings)
{
    const char *group = NULL;
    size_t count = 0;
    for (const lenet_setting *setting = lenet_setting_list(); setting->name; setting++, count++) {
        group = setting->group ? setting->group : group;
        rows[count] = option_of_setting(setting, settings);
        rows[count].group = group;
        if (!strcmp(setting->name, "fold"))
            rows[count].fallback = "each in its turn";
    }
    return count;
}

static void list_options(run *r, option_row rows[MOST_ROWS])
{
    lenet_settings *s = &r->settings;
    const option_row own[] = {
        {"data", "NAME", OPTION_STRING, &r->data, .choices = lenet_option_names(LENET_DATASETS), .check = lab_data_check,
         .help = "what to learn; or a folder or file of your own, PATH or PATH@HxW (docs/data.md)", .is_required = true, .group = "data"},
        {"data-dir", "DIR", OPTION_STRING, &r->folder, .fallback = "$LENET_DATA and the usual places",
         .help = "look for the data here alone", .group = "data"},
        {"skip-bad", NULL, OPTION_FLAG, &r->bad.is_on,
         .help = "go on without damaged images of a folder, and name them", .group = "data"},
        {"arch", "A", OPTION_STRING, &r->architecture, .choices = lenet_option_names(LENET_ARCHITECTURES),
         .help = "the network, a name or a specification", .group = "network"},
        {"config", "FILE", OPTION_STRING, &r->config, .fallback = "none",
         .help = "a recipe: options from a YAML or JSON file, or a run.json; the command line wins", .group = "recipe and repeats"},
        {"changed-data", NULL, OPTION_FLAG, &r->changed_data, .is_of_the_call = true, .group = "recipe and repeats",
         .help = "with --config: train although the data are not those that the record was made of"},
        {"resume", "DIR", OPTION_STRING, &r->resume, .fallback = "a new run",
         .help = "go on with the run of this folder that was stopped or killed, as if it had not been", .is_of_the_call = true,
         .group = "recipe and repeats"},
        {"threads", "N", OPTION_INT, &s->compute.threads, .range = {.low = 1, .high = 256},
         .fallback = "the processors this process may use", .help = "threads to train with", .group = "machine"},
        {"isa", "NAME", OPTION_CHOICE, &s->compute.isa, .choices = lenet_isa_list(), .refusal = lenet_isa_refusal,
         .fallback = "the fastest", .help = "instruction set", .group = "machine"},
        {"runs", "N", OPTION_INT, &r->runs, .range = {.low = 1, .high = MOST_RUNS},
         .help = "train N times with the seeds SEED, SEED + 1, ..., and say mean and spread",
         .group = "recipe and repeats"},
        {"jobs", "J", OPTION_INT, &r->jobs, .range = {.low = 1, .high = 256}, .fallback = "as many as there are processors",
         .help = "runs side by side, with one thread each unless --threads says more", .group = "recipe and repeats"},
        {"out", "DIR", OPTION_STRING, &r->out, .fallback = "nothing is stored",
         .help = "where the results go; made if missing", .is_of_the_call = true, .group = "output"},
        {"db", "FILE", OPTION_STRING, &r->db, .fallback = "none", .help = "a database of runs to put this one into (lenet runs, lenet study)",
         .is_of_the_call = true, .group = "output"},
        {"force", NULL, OPTION_FLAG, &r->force, .help = "replace another run in DIR; train again what is there already",
         .is_of_the_call = true, .group = "output"},
        {"quiet", NULL, OPTION_FLAG, &r->quiet, .help = "no progress, no tables: only the summary",
         .is_of_the_call = true, .group = "output"},
        {"json", NULL, OPTION_FLAG, &r->json, .help = "print the record of the run (run.json) instead of the summary",
         .is_of_the_call = true, .group = "output"},
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
    static const char *const names[] = {"checkpoint-seconds", "data-dir", "db",     "isa",    "jobs",
                                        "json",               "quiet",    "resume", "threads"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

/* The folder to go on in has the recipe. */
static int find_recipe(const command_line *line, const bool *given)
{
    static char path[PATH_MAX + 64];
    run *r = line->context;
    if (!r->resume && r->changed_data && !r->config)
        return usage_error(line, "--changed-data: there is no --config with a record that the data could differ from");
    if (!r->resume)
        return PARSED;
    const char *record = find_record(r->resume);
    for (size_t i = 0; record && line->options[i].name; i++)
        if (given[i] && !goes_with_resume(line->options[i].name)) {
            complain("--resume and --%s: the run keeps its recipe and its folder; for another run: lenet train "
                     "--config %s/%s --out DIR with options that differ",
                     line->options[i].name, r->resume, record);
            return LENET_USAGE;
        }
    return find_unfinished(r, path, sizeof path);
}

/* What most people need: --help shows these. */
static const char *const basic_options[] = {"data", "arch", "epochs", "batch", "optimizer", "lr", "schedule", "augment",
                                            "activation", "dropout", "seed", "val-split", "out", "runs", "threads", NULL};

static int read_options(run *r, int argc, char **argv)
{
    option_row rows[MOST_ROWS] = {{.name = NULL}};
    list_options(r, rows);
    const command_line line = {
        .command = "train",
        .arguments = "--data NAME | --config FILE | --resume DIR [options]",
        .summary =
            "Trains a network on a data set, measures it on the test images, and stores the weights that did best.",
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
        .config = &r->config,
        .recipe = &r->recipe,
        .find_config = find_recipe,
        .context = r,
    };
    int count = 0;
    const int code = parse_command_line(&line, argc, argv, &count);
    if (code == PARSED)
        count_runs(r);
    return code;
}

static void set_defaults(run *r)
{
    memset(r, 0, sizeof *r);
    lenet_settings_default(&r->settings);
    r->architecture = "lenet5";
    r->settings.fold = -1; /* until one is named */
    r->runs = 1;
}

/* -------------------------------------------------------------------------------------------------------- training */

typedef struct watcher {
    run *r;
    progress shown;
    bool lacks_memory;
} watcher;

static int on_progress(void *context, const lenet_progress *now)
{
    watcher *w = context;
    progress_show(&w->shown, now);
    return interrupt_signal() != 0;
}

static int on_epoch(void *context, const lenet_epoch *epoch)
{
    watcher *w = context;
    w->lacks_memory = !run_add_epoch(w->r, epoch);
    progress_epoch(&w->shown, epoch);
    if (epoch->diagnosis && !w->r->quiet)
        print_diagnosis(epoch->diagnosis);
    return w->lacks_memory || interrupt_signal() != 0;
}

/* Says once what is odd about what is held out; of all folds, the first of which something is. Returns an exit code. */
static int look_at_split(const run *r)
{
    lenet_settings settings = r->settings;
    lenet_error error;
    char warning[256] = "";
    const int folds = r->all_folds ? settings.folds : settings.fold + 1;
    for (; settings.fold < folds && !*warning; settings.fold++)
        if (lab_split_warning(r->train, &settings, warning, sizeof warning, &error))
            return report_error(&error);
    if (*warning)
        complain("%s", warning);
    return LENET_OK;
}

/* What else a run depends on, and the database. Returns an exit code. */
static int open_others(run *r)
{
    lenet_error error;
    if (find_files_of_run(r, &error))
        return report_error(&error);
    const lab_subject subject = lab_subject_of(r->train, r->test);
    if (lab_recipe_make(&r->full_recipe, r->data, &subject, r->architecture, &r->settings, &error))
        return report_error(&error);
    int code = check_recorded_files(r);
    if (!code && lab_is_own_data(r->data))
        code = warn_of_duplicates(r->data, r->train, r->test);
    if (code)
        return code;
    if (r->settings.diagnose)
        check_data(r);
    code = look_at_split(r);
    return code ? code : open_database(r);
}

/*
 * The architecture is tried on the shape that the data set is known to have, before hundreds of megabytes are read.
 * Returns an exit code.
 */
static int open_parts(run *r)
{
    lenet_error error;
    if (lenet_settings_complete(&r->settings, &r->settings, &error))
        return report_error(&error);
    const lenet_source *source = lenet_source_find(r->data);
    if (source && lenet_model_create_with(&r->model, r->architecture, &r->settings, source->shape, source->classes, &error))
        return refuse_architecture(r->architecture, &error);
    const int code = open_images_skipping(&r->train, &r->test, r->data, r->folder, NULL, r->quiet, &r->bad);
    if (code)
        return code;
    if (!source && lenet_model_create_with(&r->model, r->architecture, &r->settings, lenet_dataset_shape(r->train), lenet_dataset_classes(r->train), &error))
        return refuse_architecture(r->architecture, &error);
    return open_others(r);
}

static void close_parts(run *r)
{
    lenet_model_close(&r->model);
    lenet_dataset_close(&r->train);
    lenet_dataset_close(&r->test);
    lab_store_close(&r->store);
    lab_recipe_close(&r->full_recipe);
    json_decref(r->setting_files);
    run_close_epochs(r);
    lab_yaml_close(&r->recipe);
}

static void train(run *r)
{
    watcher w = {.r = r};
    const double before = ln_seconds();
    r->settings.on_progress = on_progress;
    r->settings.on_epoch = on_epoch;
    r->settings.context = &w;
    progress_open(&w.shown, r->settings.epochs, r->quiet);
    interrupt_watch();
    r->status = run_train_model(r);
    run_note_weights(r);
    progress_close(&w.shown);
    r->seconds = ln_seconds() - before;
    if (w.lacks_memory)
        snprintf(r->error.text, sizeof r->error.text, "out of memory for the record of the epochs");
}

/* --------------------------------------------------------------------------------------------------------- summary */

/* Picks one number of each epoch. Accuracies are drawn in percent. */
typedef enum figure { TRAIN_LOSS, VAL_LOSS, TEST_LOSS, TRAIN_ACCURACY, VAL_ACCURACY, TEST_ACCURACY } figure;

static double figure_of(const lenet_epoch *e, figure which)
{
    switch (which) {
    case TRAIN_LOSS: return e->train_loss;
    case VAL_LOSS: return e->val_loss;
    case TEST_LOSS: return e->test_loss;
    case TRAIN_ACCURACY: return 100 * e->train_accuracy;
    case VAL_ACCURACY: return 100 * e->val_accuracy;
    case TEST_ACCURACY: break;
    }
    return 100 * e->test_accuracy;
}

static void print_curves(const run *r, const char *title, figure first)
{
    const size_t count = r->epoch_count;
    double *values = calloc(3 * count + 1, sizeof *values);
    if (!values)
        return; /* a picture less; the numbers are in the history */
    for (size_t i = 0; i < 3 * count; i++)
        values[i] = figure_of(&r->epochs[i % count], (figure)(first + i / count));
    const curve curves[] = {
        {"training", 't', values}, {"validation", 'v', values + count}, {"test", 'x', values + 2 * count}};
    print_chart(title, curves, 3, count);
    free(values);
}

/* What the test images say about the kept weights. Failing here takes nothing from what was trained and saved. */
static void print_test_tables(const run *r)
{
    lenet_evaluation evaluation;
    lenet_error error;
    if (lenet_evaluate(r->model, r->test, &r->settings.compute, &evaluation, &error)) {
        report_error(&error);
        return;
    }
    print_confusion(&evaluation);
    print_confused_pairs(&evaluation);
    lenet_evaluation_close(&evaluation);
}

static void print_accuracy(const run *r)
{
    char count[32];
    const size_t images = lenet_dataset_count(r->test);
    const double accuracy = r->result.test_accuracy;
    const style look = style_of(stdout);
    const lab_interval interval = lab_accuracy_interval(accuracy, images, 0.95);
    if (isnan(accuracy))
        printf("test accuracy  not measured\n");
    else
        printf("test accuracy  %s%.2f %%%s (95 %% interval %.2f to %.2f %%), loss %.4f; %s images\n", look.bold, 100 * accuracy,
               look.reset, 100 * interval.low, 100 * interval.high, r->result.test_loss,
               format_count((double)images, count, sizeof count));
}

static void print_summary(const run *r)
{
    char speed[32];
    const lenet_epoch *best = run_best_epoch(r);
    print_accuracy(r);
    if (best && !isnan(best->val_accuracy))
        printf("kept epoch     %d of %d (%s; validation %.2f %%)\n", best->epoch, r->result.epochs, run_choice(r),
               100 * best->val_accuracy);
    else if (best)
        printf("kept epoch     %d of %d (%s)\n", best->epoch, r->result.epochs, run_choice(r));
    if (r->result.stopped_early)
        printf("ended early    after epoch %d of %d: %d without a better validation loss\n", r->result.epochs, r->settings.epochs,
               r->settings.patience);
    if (r->is_recalled)
        puts("trained        earlier; nothing was trained now (--force trains again)");
    else
        printf("speed          %s images/s, %s, %d thread%s, %.2f s of training\n",
               format_count(r->result.images_per_second, speed, sizeof speed), r->result.isa, r->result.threads,
               r->result.threads == 1 ? "" : "s", r->result.seconds);
    print_item("weights", "%s", r->result.weights_sha256);
    if (r->number)
        printf("database       %s, run %jd\n", r->db, (intmax_t)r->number);
    if (!r->out && !r->number)
        puts("stored         nothing (--out DIR stores the model and its record)");
    for (size_t i = 0; r->is_saved && run_file_names()[i]; i++)
        printf("%s%s/%s\n", i ? "               " : "stored         ", r->out, run_file_names()[i]);
}

static int print_results(const run *r)
{
    if (r->json)
        return print_document(run_record(r));
    if (!r->quiet) {
        print_curves(r, "accuracy, %", TRAIN_ACCURACY);
        print_curves(r, "loss", TRAIN_LOSS);
        print_noise(r);
        if (r->status == LENET_OK)
            print_test_tables(r);
    }
    print_summary(r);
    return LENET_OK;
}

/* ----------------------------------------------------------------------------------------------------- the command */

/* Training may end early and still have something to keep; what ended it decides the exit code. */
static bool has_results(const run *r)
{
    return r->status == LENET_OK ||
           ((r->status == LENET_DIVERGED || r->status == LENET_STOPPED || r->status == LENET_IO) && r->result.best_epoch > 0);
}

/* The folder has a checkpoint that is damaged or of another run. */
static bool is_refused(const run *r)
{
    const char *path = r->settings.checkpoint;
    return (r->status == LENET_USAGE || r->status == LENET_INPUT) && path && !strncmp(r->error.text, path, strlen(path));
}

static void explain_early_end(const run *r)
{
    if (r->status == LENET_STOPPED && interrupt_signal())
        complain("stopped by a signal after %d of %d epochs", r->result.epochs, r->settings.epochs);
    else if (r->status)
        complain("%s%s", r->error.text, is_refused(r) ? "; remove it to begin anew, or take another --out" : "");
    if (r->status && r->is_saved)
        complain("the weights of epoch %d, the best so far, are in %s/%s", r->result.best_epoch, r->out,
                 run_file_names()[0]);
    else if (r->status && has_results(r) && r->out && has_finished_run(r->out))
        complain("%s has the results of a run that ended before, and they stay", r->out);
    else if ((r->status == LENET_DIVERGED || r->status == LENET_STOPPED) && !r->result.best_epoch && !has_checkpoint(r->out))
        complain("no epoch was finished, so there is nothing to keep");
    if ((r->status == LENET_STOPPED || r->status == LENET_IO) && has_checkpoint(r->out))
        complain("to go on from there: lenet train --resume %s", r->out);
    else if (!r->out && r->store && r->settings.checkpoint && !access(r->settings.checkpoint, F_OK))
        complain("%s: the same command %s", r->settings.checkpoint,
                 r->status ? "goes on from there" : "stores the results, and does not train again");
}

static const run_names one_run = {.count = 0};

/* The folder is ours, and what an earlier call left there was looked at. Returns an exit code. */
static int open_place(run *r, folder *place)
{
    if (!r->out)
        return LENET_OK;
    if (folder_prepare(place, r->out, run_file_names()))
        return LENET_IO;
    r->out = place->path;
    const int code = folder_own(place);
    return code ? code : check_earlier(r, &one_run, &r->is_in_folder);
}

/* From now on the run can be taken up. Returns an exit code. */
static int begin(run *r, char *checkpoint, size_t capacity)
{
    lenet_error error;
    if (!r->out)
        return r->store && use_database_checkpoint(r, checkpoint, &error) ? report_error(&error) : LENET_OK;
    use_checkpoint(r, checkpoint, capacity);
    return begin_unfinished(r, &error) ? report_error(&error) : LENET_OK;
}

/* The results were there before this call. Returns the exit code, that of a run that ended so. */
static int print_stored(run *r)
{
    lenet_error error;
    if (r->out)
        return print_earlier(r);
    if (recall_from_database(r, &error))
        return report_error(&error);
    if (r->status)
        complain("%s", r->error.text);
    if (r->json) {
        const int failed = print_document(run_record(r));
        return failed ? failed : (int)r->status;
    }
    print_summary(r);
    return (int)r->status;
}

/* Into the folder and the database. The checkpoint goes once both have the results: --resume can store them again. */
static int save_results(run *r, folder *place)
{
    lenet_error error;
    const bool has_ended = r->status == LENET_OK || r->status == LENET_DIVERGED;
    const bool is_whole = has_ended || !r->out || !has_finished_run(r->out); /* part of a run replaces no whole one */
    int code = r->out && has_results(r) && is_whole && run_save(r, &error) ? report_error(&error) : LENET_OK;
    if (put_into_database(r, &error)) {
        code = report_error(&error);
        r->number = 0;
    }
    if (!r->out)
        return code;
    if ((has_ended && !code) || !has_checkpoint(r->out))
        end_unfinished(r->out);
    else if (has_ended)
        complain("to store the results again: lenet train --resume %s", r->out);
    if (r->is_saved)
        remove_earlier(r, &one_run);
    else
        folder_take_back(place);
    return code;
}

static int train_and_report(run *r)
{
    folder place = {.lock = -1};
    char checkpoint[PATH_MAX + 64];
    lenet_error error;
    int code = open_place(r, &place);
    if (!code && claim_run(r, &error))
        code = report_error(&error);
    const bool is_there = !code && is_stored(r);
    if (!code && !is_there)
        code = begin(r, checkpoint, sizeof checkpoint);
    if (code || is_there) {
        folder_take_back(&place);
        return code ? code : print_stored(r);
    }
    train(r);
    code = save_results(r, &place);
    folder_release(&place);
    explain_early_end(r);
    if (has_results(r) || (r->json && r->status == LENET_DIVERGED)) {
        const int failed = print_results(r);
        code = code ? code : failed;
    }
    if (r->settings.diagnose && !r->json && (has_results(r) || r->status == LENET_DIVERGED))
        print_findings(r);
    if (interrupt_signal())
        end_by_signal(interrupt_signal());
    if (r->status == LENET_STOPPED) /* by nobody else than on_epoch, for lack of memory */
        return LENET_FAILURE;
    return r->status ? (int)r->status : code;
}

int run_train(int argc, char **argv)
{
    run r;
    set_defaults(&r);
    int code = read_options(&r, argc, argv);
    r.started = time(NULL);
    if (code == PARSED) {
        code = open_parts(&r);
        if (!code)
            code = r.runs > 1 || r.all_folds ? repeat_and_report(&r) : train_and_report(&r);
    }
    close_parts(&r);
    return code;
}
