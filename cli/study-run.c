/* SPDX-License-Identifier: MIT */
/*
 * study-run.c - `lenet study run` and `lenet study plan`: what a study comes to and will take, and the doing of it. Every
 * run is in the database before the next begins, so there is nothing to lose: the same command goes on.
 */
#include "cli/command.h"
#include "cli/document.h"
#include "cli/duplicates.h"
#include "cli/earlier.h"
#include "cli/folder.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/study-data.h"
#include "cli/study-result.h"
#include "cli/study.h"
#include "cli/terminal.h"
#include "cli/watch.h"
#include "lab/data/folders.h"
#include "lab/study/jobs.h"
#include "lab/text/json.h"
#include "lab/report/report.h"
#include "lab/study/keep.h"
#include "lab/data/split.h"
#include "util/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What was asked for, and what it needs. */
typedef struct errand {
    const char *name, *out, *db;
    int side_by_side, keep; /* keep: a lab_keep */
    bool quick, quiet, json;
    int seeds; /* of each point; 0: those of the study */
    char place[PATH_MAX], database[PATH_MAX + 16];
    lab_study *study;
    study_data data;
    lab_store *store; /* NULL: there is none yet */
    lab_jobs jobs;
} errand;

/* ---------------------------------------------------------------------------------------------------------- reading */

static void find_places(errand *e)
{
    snprintf(e->place, sizeof e->place, "%s", e->out ? e->out : e->study->name);
    if (!e->out && e->quick)
        strncat(e->place, "-quick", sizeof e->place - strlen(e->place) - 1);
    if (e->db)
        snprintf(e->database, sizeof e->database, "%s", e->db);
    else
        snprintf(e->database, sizeof e->database, "%s/lenet.db", e->place);
    if (!e->side_by_side)
        e->side_by_side = lenet_processor_count();
}

/* `write`: the database is made if it is missing, and told what the data sets are. */
static int open_database(errand *e, bool write)
{
    lenet_error error;
    if (!write && access(e->database, F_OK))
        return LENET_OK;
    if (lab_store_open(&e->store, e->database, write, &error))
        return report_error(&error);
    return write && lab_jobs_remember(e->study, e->data.datasets, e->store, &error) ? report_error(&error) : LENET_OK;
}

/* What is odd about what points hold out; the same is printed once. A split that is refused is reported by its run. */
static void warn_of_splits(const errand *e)
{
    char warning[256], last[256] = "";
    for (size_t i = 0; i < e->jobs.count; i++) {
        const lab_study_job *job = &e->jobs.jobs[i];
        if (job->run != job->point->runs || lab_split_warning(job->job.train, &job->point->settings, warning, sizeof warning, NULL))
            continue;
        if (*warning && strcmp(warning, last))
            complain("%s: %s", job->point->data, warning);
        if (*warning)
            strcpy(last, warning);
    }
}

static int list_jobs(errand *e)
{
    lenet_error error;
    if (lab_jobs_list(&e->jobs, e->study, e->data.datasets, e->store, &error) || lab_jobs_forecast(&e->jobs, &error))
        return report_error(&error);
    const char *doubt;
    for (size_t at = 0; (doubt = lab_datasets_doubt(e->data.datasets, &at)) != NULL;)
        complain("warning: %s", doubt);
    warn_of_splits(e);
    return LENET_OK;
}

/* Pictures that a folder of own images has more than once, said once of each folder. Returns an exit code. */
static int look_at_images(const errand *e)
{
    const lenet_dataset *train, *test;
    const char *data;
    int code = LENET_OK;
    for (size_t i = 0; !code && lab_datasets_at(e->data.datasets, i, &data, &train, &test); i++)
        if (lab_is_own_data(data))
            code = warn_of_duplicates(data, train, test);
    return code;
}

static void close_errand(errand *e)
{
    lab_jobs_close(&e->jobs);
    lab_store_close(&e->store);
    close_study_data(&e->data);
    lab_study_close(&e->study);
}

/* ------------------------------------------------------------------------------------------------------------- plan */

typedef struct amount {
    size_t runs, done, epochs; /* epochs: of what is not done */
    double seconds;            /* of one processor */
} amount;

static void count_job(amount *sum, const lab_study_job *job)
{
    const bool is_done = job->job.state == LAB_JOB_DONE;
    sum->runs++;
    sum->done += is_done;
    sum->epochs += is_done ? 0 : (size_t)job->job.settings.epochs;
    sum->seconds += is_done ? 0 : job->forecast;
}

/* Of the runs that no earlier experiment has; of all if `experiment` is NULL. */
static amount amount_of(const errand *e, const lab_experiment *experiment)
{
    amount sum = {0};
    for (size_t i = 0; i < e->jobs.count; i++)
        if (!experiment || e->jobs.jobs[i].experiment == experiment)
            count_job(&sum, &e->jobs.jobs[i]);
    return sum;
}

/* Recipes and runs of an experiment whose data is there. */
static void count_points(const errand *e, const lab_experiment *experiment, size_t *recipes, size_t *places)
{
    *recipes = *places = 0;
    for (size_t i = 0; i < experiment->point_count; i++) {
        const lab_point *point = &experiment->points[i];
        const bool counts = has_data(&e->data, point);
        *recipes += counts;
        *places += counts ? point->run_count : 0;
    }
}

/* Fewer runs than places for them leave places empty. */
static double wall_seconds(const errand *e, const amount *sum)
{
    const size_t waiting = sum->runs - sum->done;
    const size_t busy = waiting < (size_t)e->side_by_side ? waiting : (size_t)e->side_by_side;
    return busy ? sum->seconds / (double)busy : 0;
}

static void print_amount(FILE *to, const errand *e, const char *name, size_t recipes, size_t places, const amount *sum)
{
    char epochs[32], time[32], cut[64];
    snprintf(cut, sizeof cut, "%s", name);
    fprintf(to, "%-24s %8zu %6zu %6zu %6zu %8s %9s\n", shorten(cut, sizeof cut, 24), recipes, places,
            places - sum->runs, sum->done, format_count((double)sum->epochs, epochs, sizeof epochs),
            format_duration(wall_seconds(e, sum), time, sizeof time));
}

static void print_plan(FILE *to, const errand *e)
{
    const style look = style_of(to);
    const amount all = amount_of(e, NULL);
    char time[32];
    size_t recipes = 0, places = 0;
    fputs(look.bold, to);
    print_wrapped(to, e->study->title, 0);
    fprintf(to, "%s%s", look.reset, e->quick ? "quick: fewer epochs, runs and images\n" : "");
    fprintf(to, "database  %s%s\n\n", e->database, e->store ? "" : " (not there yet)");
    fprintf(to, "%s%-24s %8s %6s %6s %6s %8s %9s%s\n", look.bold, "experiment", "recipes", "runs", "shared", "done", "epochs", "about",
            look.reset);
    for (size_t i = 0; i < e->study->experiment_count; i++) {
        const lab_experiment *x = &e->study->experiments[i];
        const amount sum = amount_of(e, x);
        size_t own, runs;
        count_points(e, x, &own, &runs);
        print_amount(to, e, x->name, own, runs, &sum);
        recipes += own;
        places += runs;
    }
    print_amount(to, e, "all", recipes, places, &all);
    fputs("\nshared: with an experiment above, and trained once; epochs: still to be trained\n", to);
    if (all.done == all.runs)
        fputs("every run is in the database\n", to);
    else
        fprintf(to, "%zu run%s to train, %d at a time: about %s, by a few steps of each timed here\n",
                all.runs - all.done, all.runs - all.done == 1 ? "" : "s", e->side_by_side,
                format_duration(wall_seconds(e, &all), time, sizeof time));
}

static json_t *value_of_amount(const errand *e, const char *name, size_t recipes, size_t places, const amount *sum)
{
    return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:o}", "name", value_of_text(name), "recipes", (json_int_t)recipes, "runs",
                     (json_int_t)places, "shared", (json_int_t)(places - sum->runs), "done", (json_int_t)sum->done, "epochs",
                     (json_int_t)sum->epochs, "seconds", value_of_number(wall_seconds(e, sum)));
}

static json_t *value_of_plan(const errand *e)
{
    const amount all = amount_of(e, NULL);
    json_t *experiments = json_array();
    size_t recipes = 0, places = 0;
    for (size_t i = 0; i < e->study->experiment_count; i++) {
        const lab_experiment *x = &e->study->experiments[i];
        const amount sum = amount_of(e, x);
        size_t own, runs;
        count_points(e, x, &own, &runs);
        json_array_append_new(experiments, value_of_amount(e, x->name, own, runs, &sum));
        recipes += own;
        places += runs;
    }
    json_t *plan = value_of_amount(e, e->study->name, recipes, places, &all);
    json_t *more =
        json_pack("{s:b, s:o, s:i, s:o, s:o}", "quick", e->quick, "database", value_of_text(e->database), "jobs",
                  e->side_by_side, "experiments", experiments, "missing_data", value_of_missing(&e->data));
    json_object_update(plan, more);
    json_decref(more);
    return plan;
}

/* -------------------------------------------------------------------------------------------------------- display */

enum { MOST_SHOWN = 12, JOB_NAME = 384, LEAST_LABEL = 12 };

typedef struct status_table {
    const errand *e;
    double started;
} status_table;

/* Seconds left, from what the work done so far took; NaN: not known yet. */
static double seconds_left(const status_table *t)
{
    double done = 0, left = 0;
    for (size_t i = 0; i < t->e->jobs.count; i++) {
        const lab_study_job *job = &t->e->jobs.jobs[i];
        if (job->job.was_there)
            continue;
        done += job->forecast * lab_job_share(&job->job);
        left += job->forecast * (1 - lab_job_share(&job->job));
    }
    const double elapsed = ln_seconds() - t->started;
    return done > 0 && elapsed > 1 ? elapsed * left / done : wall_seconds(t->e, &(amount){.runs = t->e->jobs.count, .seconds = left});
}

/* "noise: lr 0.001, noise 0.2  seed 1" in at most `most` columns; the label is what is shortened. */
static char *describe_job(const lab_study_job *job, int most, char text[JOB_NAME])
{
    char runs[64];
    int used = snprintf(runs, sizeof runs, "  seed %ju", (uintmax_t)job->run->seed);
    if (job->point->is_over_folds)
        used += snprintf(runs + used, sizeof runs - (size_t)used, "  fold %d", job->run->fold);
    snprintf(text, JOB_NAME - sizeof runs, "%s: %s", job->experiment->name, job->point->label);
    shorten(make_printable(text), JOB_NAME - sizeof runs, most - used > LEAST_LABEL ? most - used : LEAST_LABEL);
    return strcat(text, runs);
}

static void compose_table(void *context, char *text, size_t capacity)
{
    const status_table *t = context;
    char left[32];
    const size_t count = t->e->jobs.count;
    size_t done = 0, shown = 0;
    for (size_t i = 0; i < count; i++)
        done += t->e->jobs.list[i]->state == LAB_JOB_DONE;
    size_t used = (size_t)snprintf(text, capacity, "%zu of %zu runs done  left %s", done, count,
                                   format_duration(seconds_left(t), left, sizeof left));
    for (size_t i = 0; i < count && shown < MOST_SHOWN && used + 400 < capacity; i++) {
        const lab_job *job = t->e->jobs.list[i];
        char head[64], name[JOB_NAME];
        if (job->state != LAB_JOB_RUNNING)
            continue;
        snprintf(head, sizeof head, "  epoch %*d/%d  %6.2f %%  ", snprintf(NULL, 0, "%d", job->now.epochs),
                 job->now.epoch, job->now.epochs, 100 * job->now.accuracy);
        describe_job(&t->e->jobs.jobs[i], terminal_width(stderr) - 1 - text_width(head), name);
        used += (size_t)snprintf(text + used, capacity - used, "\n%s%s", head, name);
        shown++;
    }
}

/* "12/442  noise: lr 0.001, noise 0.2  seed 1  3.2 s  test 98.12 %" */
static void print_ended(void *context, size_t index, size_t done)
{
    const errand *e = ((const status_table *)context)->e;
    const lab_study_job *named = &e->jobs.jobs[index];
    const lab_job *job = &named->job;
    char head[64], name[JOB_NAME], end[64];
    if (job->state == LAB_JOB_FAILED) {
        complain("%s: %s", describe_job(named, LINE_WIDTH, name), job->error.text);
        return;
    }
    if (e->quiet)
        return;
    snprintf(head, sizeof head, "%zu/%zu  ", done, e->jobs.count);
    if (job->was_there)
        snprintf(end, sizeof end, "done by another process");
    else if (job->status)
        snprintf(end, sizeof end, "%.1f s  diverged", job->seconds);
    else
        snprintf(end, sizeof end, "%.1f s  test %.2f %%", job->seconds, 100 * job->result.test_accuracy);
    describe_job(named, LINE_WIDTH - text_width(head) - 2 - text_width(end), name);
    fprintf(stderr, "%s%s  %s\n", head, name, end);
}

static int train_all(errand *e, double *seconds)
{
    lenet_error error;
    status_table table = {.e = e, .started = ln_seconds()};
    lab_keeper keeper = {&e->jobs, e->store, (lab_keep)e->keep, PTHREAD_MUTEX_INITIALIZER};
    const lab_work work = {e->jobs.list, e->jobs.count, e->store, lab_keep_models(&keeper), e->side_by_side};
    const display shown = {e->quiet, &table, compose_table, print_ended};
    return run_jobs(&work, &shown, seconds, &error) ? report_error(&error) : LENET_OK;
}

/* ---------------------------------------------------------------------------------------------------------- the end */

/* How to go on: the command as it was given. */
static void say_how_to_go_on(const errand *e)
{
    complain("what is finished is stored, and what was begun goes on where it stands: lenet study run %s%s%s%s%s%s%s%s",
             e->name, e->quick ? " --quick" : "", e->out ? " --out " : "", e->out ? e->out : "", e->db ? " --db " : "",
             e->db ? e->db : "", e->data.folder ? " --data-dir " : "", e->data.folder ? e->data.folder : "");
}

/* The exit code. Runs that diverged are results like others. */
static int conclude(const errand *e, int code, double seconds)
{
    size_t done = 0, there = 0, diverged = 0, failed = 0;
    char time[32];
    for (size_t i = 0; i < e->jobs.count; i++) {
        const lab_job *job = e->jobs.list[i];
        done += job->state == LAB_JOB_DONE;
        there += job->was_there;
        diverged += job->state == LAB_JOB_DONE && job->status;
        failed += job->state == LAB_JOB_FAILED;
        if (job->state == LAB_JOB_FAILED && !code)
            code = (int)job->error.status;
    }
    if (interrupt_signal())
        complain("stopped by a signal: %zu of %zu runs are done", done, e->jobs.count);
    if (done < e->jobs.count)
        say_how_to_go_on(e);
    flow line = {.to = stdout, .indent = 2};
    flow_add(&line, "%zu of %zu runs done: %zu trained in %s, %zu were there", done, e->jobs.count, done - there,
             format_duration(seconds, time, sizeof time), there);
    if (diverged)
        flow_add(&line, "%zu diverged", diverged);
    if (failed)
        flow_add(&line, "%zu failed", failed);
    flow_end(&line);
    return code;
}

/* The result, then the files. */
static int tell_result(const errand *e)
{
    const bool has_report = !e->db || e->out; /* a database elsewhere is no place for a report */
    int code = has_report ? write_report(e->study, e->store, e->data.datasets, e->name, e->place) : LENET_OK;
    if (!code)
        code = print_study_result(e->study, e->store);
    if (!code)
        say_missing(stdout, &e->data);
    if (!code && has_report)
        printf("report    %s/%s\n", e->place, report_file_names);
    return code;
}

static int run_errand(errand *e)
{
    static const char *const names[] = {"lenet.db", NULL};
    folder place;
    double seconds = 0;
    int code = !e->db || e->out ? check_report_folder(e->place, e->study->name) : LENET_OK;
    if (!code)
        code = read_study_data(&e->data);
    if (!code && (!e->db || e->out))
        code = folder_prepare(&place, e->place, names);
    if (!code)
        code = open_database(e, true);
    if (!code && e->data.lacks.count)
        code = identify_study(&e->data, e->store);
    if (!code)
        code = list_jobs(e);
    if (!code)
        code = look_at_images(e);
    if (code)
        return code;
    if (!e->quiet)
        print_plan(stderr, e);
    code = train_all(e, &seconds);
    code = conclude(e, code, seconds);
    if (!code && !interrupt_signal())
        code = tell_result(e);
    printf("database  %s\n", e->database);
    if (interrupt_signal()) {
        close_errand(e); /* which leaves the database in one file */
        end_by_signal(interrupt_signal());
    }
    return code;
}

static int plan_errand(errand *e)
{
    int code = read_study_data(&e->data);
    if (!code)
        code = open_database(e, false);
    if (!code && e->data.lacks.count)
        code = identify_study(&e->data, e->store);
    if (!code)
        code = list_jobs(e);
    if (code)
        return code;
    if (e->json)
        return print_document(value_of_plan(e));
    print_plan(stdout, e);
    say_missing(stdout, &e->data);
    return LENET_OK;
}

/* ---------------------------------------------------------------------------------------------------------- commands */

/* Opens the study that the command line names. PARSED, or an exit code. */
static int begin(errand *e, const command_line *line, int argc, char **argv)
{
    lenet_error error;
    int count = 0;
    const int stop = parse_command_line(line, argc, argv, &count);
    if (stop != PARSED)
        return stop;
    if (check_data_order(line, &e->data.order) != PARSED)
        return LENET_USAGE;
    if (e->data.order.mirrors && !e->data.gets)
        return usage_error(line, "--mirror needs --get");
    e->name = argv[0];
    if (lab_study_open(&e->study, e->name, (lab_variant){.is_quick = e->quick, .seeds = (size_t)e->seeds}, &error) || lab_report_check(e->study, &error))
        return report_error(&error);
    e->data.study = e->study;
    e->data.order.quiet = e->quiet;
    find_places(e);
    if (e->db && !e->out) /* no report is written */
        return PARSED;
    const int code = report_spares(e->place, e->name, e->database);
    return code ? code : PARSED;
}

#define QUICK_ROW(e) {.name = "quick", .kind = LN_OPTION_BOOL, .value = &(e).quick, .help = "the study's short version"}
#define SEEDS_ROW(e)                                                                                                    \
    {.name = "seeds", .metavar = "N", .kind = LN_OPTION_INT, .value = &(e).seeds, .low = 1, .high = LAB_MOST_SEEDS, \
     .fallback = "as the study says", .help = "train each point with the seeds 1 to N"}
#define OUT_ROW(e)                                                                                                      \
    {.name = "out", .metavar = "DIR", .kind = LN_OPTION_TEXT, .value = &(e).out, .fallback = "the study's name",             \
     .help = "where the results go, the report too; made if missing; with --db alone there is no report"}
#define DB_ROW(e)                                                                                                       \
    {.name = "db", .metavar = "FILE", .kind = LN_OPTION_TEXT, .value = &(e).db, .fallback = "lenet.db in there",             \
     .help = "the database of runs; several studies and processes may share one"}
#define DATA_ROW(e)                                                                             \
    {                                                                                           \
        .name = "data-dir", .metavar = "DIR", .kind = LN_OPTION_TEXT, .value = &(e).data.folder, \
        .fallback = "where the study says", .help = "look for all data here alone"              \
    }
#define JOBS_ROW(e)                                                                                                     \
    {.name = "jobs", .metavar = "J", .kind = LN_OPTION_INT, .value = &(e).side_by_side, .low = 1, .high = 256,      \
     .fallback = "as many as there are processors", .help = "runs side by side, with one thread each; results do not depend on it"}

int run_study_run(int argc, char **argv)
{
    static const char *const whose[] = {"best", "all", "none", NULL}; /* as lab_keep */
    errand e = {.data = {.can_get = true, .order = {.has_folders = true, .told = stderr}}};
    const ln_option options[] = {
        QUICK_ROW(e),
        SEEDS_ROW(e),
        OUT_ROW(e),
        DB_ROW(e),
        DATA_ROW(e),
        JOBS_ROW(e),
        {.name = "get",
         .kind = LN_OPTION_BOOL,
         .value = &e.data.gets,
         .help = "first download the data sets that are missing, as 'lenet data get' does"},
        {.name = "mirror",
         .metavar = "URL,...",
         .kind = LN_OPTION_TEXT,
         .value = &e.data.order.mirrors,
         .fallback = "the published ones",
         .help = "with --get, ask these mirrors first: folders with a folder NAME of files for each data set"},
        {.name = "only-mirror",
         .kind = LN_OPTION_BOOL,
         .value = &e.data.order.only_mirrors,
         .help = "with --get, ask no other mirror than those"},
        {.name = "keep-models",
         .metavar = "WHOSE",
         .kind = LN_OPTION_ENUM,
         .value = &e.keep,
         .names = whose,
         .help = "whose weights stay beside the database: the best run's of each recipe, all, none"},
        {.name = "quiet",
         .kind = LN_OPTION_BOOL,
         .value = &e.quiet,
         .help = "no plan and no progress: only what came of it"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "study run",
        .arguments = "NAME|FILE.yaml [options]",
        .summary = "Trains every run of a study that is not in the database yet. Killed at any moment and started again, it goes on "
                   "where it stood, to the same results; processes that share a database share the work.",
        .examples = "  lenet study run lenet-report --quick --out quick\n"
                    "  lenet study run mine.yaml --out mine\n",
        .options = options,
        .fewest = 1,
        .most = 1,
    };
    int code = begin(&e, &line, argc, argv);
    if (code == PARSED)
        code = run_errand(&e);
    close_errand(&e);
    return code;
}

int run_study_plan(int argc, char **argv)
{
    errand e = {.name = NULL};
    const ln_option options[] = {
        QUICK_ROW(e), OUT_ROW(e), DB_ROW(e), DATA_ROW(e), JOBS_ROW(e),
        {.name = "json", .kind = LN_OPTION_BOOL, .value = &e.json, .help = "print JSON"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "study plan",
        .arguments = "NAME|FILE.yaml [options]",
        .summary = "Says what a study comes to: recipes, runs, epochs, how much of it is in the database, and how long the rest would "
                   "take here. Nothing is trained and nothing written.",
        .examples = "  lenet study plan lenet-report\n"
                    "  lenet study plan mine.yaml --db runs.db\n",
        .options = options,
        .fewest = 1,
        .most = 1,
    };
    int code = begin(&e, &line, argc, argv);
    if (code == PARSED)
        code = plan_errand(&e);
    close_errand(&e);
    return code;
}
