/* SPDX-License-Identifier: MIT */
/*
 * study-run.c - `lenet study run` and `lenet study plan`: what a study comes to and will take, and the doing
 * of it. Every run is in the database before the next begins, so there is nothing to lose: the same command
 * goes on.
 */
#include "cli/command.h"
#include "cli/duplicates.h"
#include "cli/earlier.h"
#include "cli/folder.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/print-json.h"
#include "cli/report.h"
#include "cli/run-jobs.h"
#include "cli/serve.h"
#include "cli/study-data.h"
#include "cli/study-result.h"
#include "cli/study.h"
#include "cli/terminal.h"
#include "lab/data/folders.h"
#include "lab/data/split.h"
#include "lab/report/report.h"
#include "lab/study/jobs.h"
#include "lab/study/keep.h"
#include "lab/text/json.h"
#include "util/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The request, and what it needs. */
typedef struct study_call {
    const char *name, *out, *db;
    int side_by_side, keep; /* keep: a lab_keep */
    bool quick, quiet, json, serves;
    int seeds; /* of each point; 0: those of the study */
    char place[PATH_MAX], database[PATH_MAX + 16];
    lab_study *study;
    study_data data;
    lab_store *store; /* NULL: there is none yet */
    lab_jobs jobs;
} study_call;

/* ---------------------------------------------------------------------------------------------------------- reading */

static void find_places(study_call *c)
{
    snprintf(c->place, sizeof c->place, "%s", c->out ? c->out : c->study->name);
    if (!c->out && c->quick)
        strncat(c->place, "-quick", sizeof c->place - strlen(c->place) - 1);
    if (c->db)
        snprintf(c->database, sizeof c->database, "%s", c->db);
    else
        snprintf(c->database, sizeof c->database, "%s/lenet.db", c->place);
    if (!c->side_by_side)
        c->side_by_side = lenet_processor_count();
}

/* `write`: the database is made if it is missing, and the data sets are stored in it. */
static int open_database(study_call *c, bool write)
{
    lenet_error error;
    if (!write && access(c->database, F_OK))
        return LENET_OK;
    if (lab_store_open(&c->store, c->database, write, &error))
        return report_error(&error);
    return write && lab_jobs_save_subjects(c->study, c->data.datasets, c->store, &error) ? report_error(&error)
                                                                                         : LENET_OK;
}

/*
 * What is odd about what points hold out; the same is printed once. A split that is refused is reported by
 * its run.
 */
static void warn_of_splits(const study_call *c)
{
    char warning[256], last[256] = "";
    for (size_t i = 0; i < c->jobs.count; i++) {
        const lab_study_job *job = &c->jobs.jobs[i];
        if (job->run != job->point->runs ||
            lab_split_warning(job->job.train, &job->point->settings, warning, sizeof warning, NULL))
            continue;
        if (*warning && strcmp(warning, last))
            print_notice("%s: %s", job->point->data, warning);
        if (*warning)
            strcpy(last, warning);
    }
}

static int list_jobs(study_call *c)
{
    lenet_error error;
    if (lab_jobs_list(&c->jobs, c->study, c->data.datasets, c->store, &error) || lab_jobs_forecast(&c->jobs, &error))
        return report_error(&error);
    const char *doubt;
    for (size_t at = 0; (doubt = lab_datasets_doubt(c->data.datasets, &at)) != NULL;)
        print_notice("warning: %s", doubt);
    warn_of_splits(c);
    return LENET_OK;
}

/* Pictures that a folder of own images has more than once, said once of each folder. Returns an exit code. */
static int warn_of_images(const study_call *c)
{
    const lenet_dataset *train, *test;
    const char *data;
    int code = LENET_OK;
    for (size_t i = 0; !code && lab_datasets_at(c->data.datasets, i, &data, &train, &test); i++)
        if (lab_is_own_data(data))
            code = warn_of_duplicates(data, train, test);
    return code;
}

static void close_call(study_call *c)
{
    lab_jobs_close(&c->jobs);
    lab_store_close(&c->store);
    close_study_data(&c->data);
    lab_study_close(&c->study);
}

/* ------------------------------------------------------------------------------------------------------------- plan */

/* The size of an experiment, or of all of them. */
typedef struct amount {
    const char *name;
    size_t recipes, places;    /* whose data is there; places: for runs, which experiments may share */
    size_t runs, done, epochs; /* runs that no earlier experiment has; epochs: of what is not done */
    double seconds;            /* of one processor */
} amount;

static void count_points(const study_call *c, const lab_experiment *experiment, amount *sum)
{
    for (const lab_point *p = experiment->points; p < experiment->points + experiment->point_count; p++) {
        const bool counts = has_data(&c->data, p);
        sum->recipes += counts;
        sum->places += counts ? p->run_count : 0;
    }
}

/* `experiment` NULL: of all. */
static amount amount_of(const study_call *c, const lab_experiment *experiment)
{
    amount sum = {.name = experiment ? experiment->name : "all"};
    for (const lab_study_job *job = c->jobs.jobs; job < c->jobs.jobs + c->jobs.count; job++) {
        const bool counts = !experiment || job->experiment == experiment,
                   is_waiting = counts && job->job.state != LAB_JOB_DONE;
        sum.runs += counts;
        sum.done += counts && !is_waiting;
        sum.epochs += is_waiting ? (size_t)job->job.settings.epochs : 0;
        sum.seconds += is_waiting ? job->forecast : 0;
    }
    for (size_t i = 0; i < c->study->experiment_count; i++)
        if (!experiment || experiment == &c->study->experiments[i])
            count_points(c, &c->study->experiments[i], &sum);
    return sum;
}

/* Fewer runs than workers leave workers idle. */
static double wall_seconds(const study_call *c, const amount *sum)
{
    const size_t waiting = sum->runs - sum->done;
    const size_t busy = waiting < (size_t)c->side_by_side ? waiting : (size_t)c->side_by_side;
    return busy ? sum->seconds / (double)busy : 0;
}

static void print_amount(FILE *to, const study_call *c, const amount *sum)
{
    char epochs[32], time[32], cut[64];
    snprintf(cut, sizeof cut, "%s", sum->name);
    fprintf(to, "%-24s %8zu %6zu %6zu %6zu %8s %9s\n", shorten(cut, sizeof cut, 24), sum->recipes, sum->places,
            sum->places - sum->runs, sum->done, format_count((double)sum->epochs, epochs, sizeof epochs),
            format_duration(wall_seconds(c, sum), time, sizeof time));
}

static void print_plan(FILE *to, const study_call *c)
{
    const style look = style_of(to);
    const amount all = amount_of(c, NULL);
    char time[32];
    fputs(look.bold, to);
    print_wrapped(to, c->study->title, 0);
    fprintf(to, "%s%s", look.reset, c->quick ? "quick: fewer epochs, runs and images\n" : "");
    fprintf(to, "database  %s%s\n\n", c->database, c->store ? "" : " (not there yet)");
    fprintf(to, "%s%-24s %8s %6s %6s %6s %8s %9s%s\n", look.bold, "experiment", "recipes", "runs", "shared", "done",
            "epochs", "about", look.reset);
    for (size_t i = 0; i < c->study->experiment_count; i++) {
        const amount sum = amount_of(c, &c->study->experiments[i]);
        print_amount(to, c, &sum);
    }
    print_amount(to, c, &all);
    fputs("\nshared: with an experiment above, and trained once; epochs: still to be trained\n", to);
    if (all.done == all.runs)
        fputs("every run is in the database\n", to);
    else
        fprintf(to, "%zu run%s to train, %d at a time: about %s, by a few steps of each timed here\n",
                all.runs - all.done, all.runs - all.done == 1 ? "" : "s", c->side_by_side,
                format_duration(wall_seconds(c, &all), time, sizeof time));
}

static json_t *value_of_amount(const study_call *c, const amount *sum)
{
    return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:o}", "name", value_of_text(sum->name), "recipes",
                     (json_int_t)sum->recipes, "runs", (json_int_t)sum->places, "shared",
                     (json_int_t)(sum->places - sum->runs), "done", (json_int_t)sum->done, "epochs",
                     (json_int_t)sum->epochs, "seconds", value_of_number(wall_seconds(c, sum)));
}

static json_t *value_of_plan(const study_call *c)
{
    amount all = amount_of(c, NULL);
    json_t *experiments = json_array();
    for (size_t i = 0; i < c->study->experiment_count; i++) {
        const amount sum = amount_of(c, &c->study->experiments[i]);
        add_to_list(&experiments, value_of_amount(c, &sum));
    }
    all.name = c->study->name;
    json_t *plan = value_of_amount(c, &all);
    add_all_to_object(&plan, json_pack("{s:b, s:o, s:i, s:o, s:o}", "quick", c->quick, "database",
                                       value_of_text(c->database), "jobs", c->side_by_side, "experiments", experiments,
                                       "missing_data", value_of_missing(&c->data)));
    return plan;
}

/* -------------------------------------------------------------------------------------------------------- display */

enum { MOST_SHOWN = 12, JOB_NAME = 384, LEAST_LABEL = 12 };

typedef struct status_table {
    const study_call *c;
    double started;
} status_table;

/* Seconds left, from what the work done so far took; NaN: not known yet. */
static double seconds_left(const status_table *t)
{
    double done = 0, left = 0;
    for (size_t i = 0; i < t->c->jobs.count; i++) {
        const lab_study_job *job = &t->c->jobs.jobs[i];
        if (job->job.was_there)
            continue;
        done += job->forecast * lab_job_share(&job->job);
        left += job->forecast * (1 - lab_job_share(&job->job));
    }
    const double elapsed = ln_seconds() - t->started;
    return done > 0 && elapsed > 1 ? elapsed * left / done
                                   : wall_seconds(t->c, &(amount){.runs = t->c->jobs.count, .seconds = left});
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
    const size_t count = t->c->jobs.count;
    size_t done = 0, shown = 0;
    for (size_t i = 0; i < count; i++)
        done += t->c->jobs.list[i]->state == LAB_JOB_DONE;
    size_t used = (size_t)snprintf(text, capacity, "%zu of %zu runs done  left %s", done, count,
                                   format_duration(seconds_left(t), left, sizeof left));
    for (size_t i = 0; i < count && shown < MOST_SHOWN && used + 400 < capacity; i++) {
        const lab_job *job = t->c->jobs.list[i];
        char head[64], name[JOB_NAME];
        if (job->state != LAB_JOB_RUNNING)
            continue;
        snprintf(head, sizeof head, "  epoch %*d/%d  %6.2f %%  ", snprintf(NULL, 0, "%d", job->now.epochs),
                 job->now.epoch, job->now.epochs, 100 * job->now.accuracy);
        describe_job(&t->c->jobs.jobs[i], terminal_width(stderr) - 1 - text_width(head), name);
        used += (size_t)snprintf(text + used, capacity - used, "\n%s%s", head, name);
        shown++;
    }
}

/* "12/442  noise: lr 0.001, noise 0.2  seed 1  3.2 s  test 98.12 %" */
static void print_ended(void *context, size_t index, size_t done)
{
    const study_call *c = ((const status_table *)context)->c;
    const lab_study_job *named = &c->jobs.jobs[index];
    const lab_job *job = &named->job;
    char head[64], name[JOB_NAME], end[64];
    if (job->state == LAB_JOB_FAILED) {
        print_notice("%s: %s", describe_job(named, LINE_WIDTH, name), job->error.text);
        return;
    }
    if (c->quiet)
        return;
    snprintf(head, sizeof head, "%zu/%zu  ", done, c->jobs.count);
    if (job->was_there)
        snprintf(end, sizeof end, "done by another process");
    else if (job->status)
        snprintf(end, sizeof end, "%.1f s  diverged", job->seconds);
    else
        snprintf(end, sizeof end, "%.1f s  test %.2f %%", job->seconds, 100 * job->result.test_accuracy);
    describe_job(named, LINE_WIDTH - text_width(head) - 2 - text_width(end), name);
    fprintf(stderr, "%s%s  %s\n", head, name, end);
}

/* Shows the study in a browser while it runs, and prints where. */
static int serve_study(const study_call *c, served_page *page)
{
    const lab_live_setup setup = {
        c->database, c->name, {.is_quick = c->quick, .seeds = (size_t)c->seeds}, c->data.folder};
    const int code = open_served_page(page, &setup, "127.0.0.1", 0);
    if (!code)
        fprintf(stderr, "page      %s\n", lab_server_url(page->server));
    return code;
}

static int train_all(study_call *c, double *seconds)
{
    lenet_error error;
    status_table table = {.c = c, .started = ln_seconds()};
    lab_keeper keeper = {&c->jobs, c->store, (lab_keep)c->keep, PTHREAD_MUTEX_INITIALIZER};
    const lab_work work = {c->jobs.list, c->jobs.count, c->store, lab_keep_models(&keeper), c->side_by_side};
    const display shown = {c->quiet, &table, compose_table, print_ended};
    return run_jobs(&work, &shown, seconds, &error) ? report_error(&error) : LENET_OK;
}

/* ---------------------------------------------------------------------------------------------------------- the end */

/* How to continue: the command as it was given. */
static void print_how_to_continue(const study_call *c)
{
    print_notice("finished runs are stored; to continue the others: lenet study run %s%s%s%s%s%s%s%s", c->name,
                 c->quick ? " --quick" : "", c->out ? " --out " : "", c->out ? c->out : "", c->db ? " --db " : "",
                 c->db ? c->db : "", c->data.folder ? " --data-dir " : "", c->data.folder ? c->data.folder : "");
}

/* The exit code. Runs that diverged are results like others. */
static int print_outcome(const study_call *c, int code, double seconds)
{
    size_t done = 0, there = 0, diverged = 0, failed = 0;
    char time[32];
    for (size_t i = 0; i < c->jobs.count; i++) {
        const lab_job *job = c->jobs.list[i];
        done += job->state == LAB_JOB_DONE;
        there += job->was_there;
        diverged += job->state == LAB_JOB_DONE && job->status;
        failed += job->state == LAB_JOB_FAILED;
        if (job->state == LAB_JOB_FAILED && !code)
            code = (int)job->error.status;
    }
    if (interrupt_signal())
        print_notice("stopped by a signal: %zu of %zu runs are done", done, c->jobs.count);
    if (done < c->jobs.count)
        print_how_to_continue(c);
    flow line = {.to = stdout, .indent = 2};
    flow_add(&line, "%zu of %zu runs done: %zu trained in %s, %zu were there", done, c->jobs.count, done - there,
             format_duration(seconds, time, sizeof time), there);
    if (diverged)
        flow_add(&line, "%zu diverged", diverged);
    if (failed)
        flow_add(&line, "%zu failed", failed);
    flow_end(&line);
    return code;
}

/* The result, then the files. */
static int print_result(const study_call *c)
{
    const bool has_report = !c->db || c->out; /* a database elsewhere is no place for a report */
    int code = has_report ? write_report(c->study, c->store, c->data.datasets, c->name, c->place) : LENET_OK;
    if (!code)
        code = print_study_result(c->study, c->store);
    if (!code)
        append_missing(stdout, &c->data);
    if (!code && has_report)
        printf("report    %s/%s\n", c->place, report_file_names);
    return code;
}

static int train_study(study_call *c)
{
    static const char *const names[] = {"lenet.db", NULL};
    folder place;
    double seconds = 0;
    int code = !c->db || c->out ? check_report_folder(c->place, c->study->name) : LENET_OK;
    if (!code)
        code = read_study_data(&c->data);
    if (!code && (!c->db || c->out))
        code = folder_prepare(&place, c->place, names);
    if (!code)
        code = open_database(c, true);
    if (!code && c->data.lacks.count)
        code = identify_study(&c->data, c->store);
    if (!code)
        code = list_jobs(c);
    if (!code)
        code = warn_of_images(c);
    if (code)
        return code;
    if (!c->quiet)
        print_plan(stderr, c);
    served_page page = {NULL, NULL};
    if (c->serves)
        code = serve_study(c, &page);
    if (code)
        return code;
    code = train_all(c, &seconds);
    close_served_page(&page);
    code = print_outcome(c, code, seconds);
    if (!code && !interrupt_signal())
        code = print_result(c);
    printf("database  %s\n", c->database);
    if (interrupt_signal()) {
        close_call(c); /* which leaves the database in one file */
        end_by_signal(interrupt_signal());
    }
    return code;
}

static int plan_study(study_call *c)
{
    int code = read_study_data(&c->data);
    if (!code)
        code = open_database(c, false);
    if (!code && c->data.lacks.count)
        code = identify_study(&c->data, c->store);
    if (!code)
        code = list_jobs(c);
    if (code)
        return code;
    if (c->json)
        return print_document(value_of_plan(c));
    print_plan(stdout, c);
    append_missing(stdout, &c->data);
    return LENET_OK;
}

/* ---------------------------------------------------------------------------------------------------------- commands */

/* Opens the study that the command line names. PARSED, or an exit code. */
static int open_call(study_call *c, const command_line *line, int argc, char **argv)
{
    lenet_error error;
    int count = 0;
    const int stop = parse_command_line(line, argc, argv, &count);
    if (stop != PARSED)
        return stop;
    if (check_data_order(line, &c->data.order) != PARSED)
        return LENET_USAGE;
    if (c->data.order.mirrors && !c->data.gets)
        return usage_error(line, "--mirror needs --get");
    c->name = argv[0];
    if (lab_study_open(&c->study, c->name, (lab_variant){.is_quick = c->quick, .seeds = (size_t)c->seeds}, &error) ||
        lab_report_check(c->study, &error))
        return report_error(&error);
    c->data.study = c->study;
    c->data.order.quiet = c->quiet;
    find_places(c);
    if (c->db && !c->out) /* no report is written */
        return PARSED;
    const int code = report_protects(c->place, c->name, c->database);
    return code ? code : PARSED;
}

#define QUICK_ROW(c) STUDY_QUICK_ROW((c).quick, "run the short version of the study")
#define SEEDS_ROW(c) STUDY_SEEDS_ROW((c).seeds, "train each point with the seeds 1 to N")
#define OUT_ROW(c)                                                                                                  \
    {                                                                                                               \
        .name = "out", .metavar = "DIR", .kind = LN_OPTION_TEXT, .value = &(c).out, .fallback = "the study's name", \
        .help = "folder of the results and the report; made if missing; with --db alone no report is made"          \
    }
#define DB_ROW(c)                                                                                                     \
    {                                                                                                                 \
        .name = "db", .metavar = "FILE", .kind = LN_OPTION_TEXT, .value = &(c).db,                                    \
        .fallback = "lenet.db in that folder", .help = "database of runs; several studies and processes may share it" \
    }
#define DATA_ROW(c)                                                                              \
    {                                                                                            \
        .name = "data-dir", .metavar = "DIR", .kind = LN_OPTION_TEXT, .value = &(c).data.folder, \
        .fallback = "as in the study", .help = "only folder in which to search for all data"     \
    }
#define JOBS_ROW(c)                                                                                               \
    {                                                                                                             \
        .name = "jobs", .metavar = "J", .kind = LN_OPTION_INT, .value = &(c).side_by_side, .low = 1, .high = 256, \
        .fallback = "the number of processors",                                                                   \
        .help = "number of runs at the same time, with one thread each; results do not depend on it"              \
    }

int run_study_run(int argc, char **argv)
{
    static const char *const whose[] = {"best", "all", "none", NULL}; /* as lab_keep */
    study_call c = {.data = {.can_get = true, .order = {.has_folders = true, .output = stderr}}};
    const ln_option options[] = {
        QUICK_ROW(c),
        SEEDS_ROW(c),
        OUT_ROW(c),
        DB_ROW(c),
        DATA_ROW(c),
        JOBS_ROW(c),
        {.name = "get",
         .kind = LN_OPTION_BOOL,
         .value = &c.data.gets,
         .help = "first download missing data sets, as 'lenet data get' does"},
        {.name = "mirror",
         .metavar = "URL,...",
         .kind = LN_OPTION_TEXT,
         .value = &c.data.order.mirrors,
         .fallback = "the published mirrors",
         .help = "with --get, try these mirrors first; each has a folder NAME for each data set"},
        {.name = "only-mirror",
         .kind = LN_OPTION_BOOL,
         .value = &c.data.order.only_mirrors,
         .help = "with --get, use only the mirrors of --mirror"},
        {.name = "keep-models",
         .metavar = "WHOSE",
         .kind = LN_OPTION_ENUM,
         .value = &c.keep,
         .names = whose,
         .help = "runs of each recipe whose weights are kept, next to the database"},
        {.name = "serve",
         .kind = LN_OPTION_BOOL,
         .value = &c.serves,
         .help = "show the runs in a browser while they train; the address is printed"},
        {.name = "quiet",
         .kind = LN_OPTION_BOOL,
         .value = &c.quiet,
         .help = "print only the result: no plan and no progress"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "study run",
        .arguments = "NAME|FILE.yaml [options]",
        .summary = "Trains every run of a study that is not in the database yet. If it is killed and started again, it "
                   "continues with the same results. Several processes with one database share the work.",
        .examples = "  lenet study run lenet-report --quick --out quick\n"
                    "  lenet study run mine.yaml --out mine\n",
        .options = options,
        .fewest = 1,
        .most = 1,
    };
    int code = open_call(&c, &line, argc, argv);
    if (code == PARSED)
        code = train_study(&c);
    close_call(&c);
    return code;
}

int run_study_plan(int argc, char **argv)
{
    study_call c = {.name = NULL};
    const ln_option options[] = {
        QUICK_ROW(c),   OUT_ROW(c),  DB_ROW(c),
        DATA_ROW(c),    JOBS_ROW(c), {.name = "json", .kind = LN_OPTION_BOOL, .value = &c.json, .help = "print JSON"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "study plan",
        .arguments = "NAME|FILE.yaml [options]",
        .summary = "Shows the size of a study: recipes, runs, epochs, how many runs are in the database, and how long "
                   "the rest will "
                   "take on this machine. It trains and writes nothing.",
        .examples = "  lenet study plan lenet-report\n"
                    "  lenet study plan mine.yaml --db runs.db\n",
        .options = options,
        .fewest = 1,
        .most = 1,
    };
    int code = open_call(&c, &line, argc, argv);
    if (code == PARSED)
        code = plan_study(&c);
    close_call(&c);
    return code;
}
