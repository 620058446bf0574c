/* SPDX-License-Identifier: MIT */
/*
 * bench.c - `lenet bench`: what this machine can do at most, what each stage of a training step makes of it,
 * and what whole epochs do.
 *
 * A share of the peak always means the peak measured here, in this run, with the instruction set and the
 * threads that trained; that of an epoch the peak measured next to it, for a processor's clock and its neighbours
 * change within seconds. Nothing is stored.
 */
#include "cli/bench.h"
#include "cli/command.h"
#include "cli/images.h"
#include "cli/options.h"
#include "cli/print-json.h"
#include "cli/synthetic.h"
#include "cli/terminal.h"
#include "lab/data/folders.h"
#include "lab/runs/machine.h"
#include "lenet/lenet.h"
#include "lenet/tools.h"
#include "util/clock.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STEPS = 1000000, EVALUATIONS = 3, SYNTHETIC_TRAIN = 60000, SYNTHETIC_TEST = 10000 };

/* Seconds to spend on a part. */
typedef struct budget {
    double peak, stages, peak_beside, epochs, evaluation;
} budget;

/*
 * INFINITY: all images there are. Quick is done within 3 seconds, on a machine that is busy with something
 * else too.
 */
static budget budget_of(const bench *b)
{
    static const budget full = {0.25, 1, 0.1, INFINITY, INFINITY}, quick = {0.04, 0.25, 0.02, 0.5, 0.1};
    return b->quick ? quick : full;
}

/* -------------------------------------------------------------------------------------------------------- options */

static int read_options(bench *b, int argc, char **argv)
{
    lenet_settings *s = &b->settings;
    const ln_option rows[] = {
        {"data", "NAME", LN_OPTION_TEXT, &b->data, .names = lenet_option_names(LENET_DATASETS), .check = lab_data_check,
         .fallback = "synthetic images of 1x28x28",
         .help = "data set or folder of images to train on; if a data set is not found, synthetic images of its "
                 "shape"},
        {"data-dir", "DIR", LN_OPTION_TEXT, &b->folder, .fallback = "$LENET_DATA and the default folders",
         .help = "only folder in which to search for the data"},
        {"arch", "A", LN_OPTION_TEXT, &b->architecture, .names = lenet_option_names(LENET_ARCHITECTURES),
         .help = "network: a name or a specification"},
        {"batch", "N", LN_OPTION_INT, &s->batch, .low = 1, .high = 65536, .help = "images in a step"},
        {"threads", "N", LN_OPTION_INT, &s->compute.threads, .low = 1, .high = 256,
         .fallback = "all processors that this process may use", .help = "number of threads"},
        {"isa", "NAME", LN_OPTION_CHOICE, &s->compute.isa, .names = lenet_isa_list(), .refusal = lenet_isa_refusal,
         .fallback = "the fastest", .help = "instruction set"},
        {"optimizer", "NAME", LN_OPTION_CHOICE, &s->optimizer, .names = lenet_option_names(LENET_OPTIMIZERS),
         .help = "rule that updates the weights from the gradient"},
        {"epochs", "N", LN_OPTION_INT, &s->epochs, .low = 1, .high = 1000,
         .help = "passes over the training images; each is timed"},
        {"quick", NULL, LN_OPTION_BOOL, &b->quick, .help = "stop after 3 seconds of images; less exact"},
        {"json", NULL, LN_OPTION_BOOL, &b->json, .help = "print everything as JSON"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "bench",
        .arguments = "[options]",
        .summary = "Measures the machine's peak, then the stages of a training step, then whole epochs and the "
                   "evaluation of the test images.",
        .examples = "  lenet bench --quick\n"
                    "  lenet bench --data mnist --batch 64\n"
                    "  lenet bench --data cifar10 --arch conv:20@5x5,relu,maxpool:2,dense:10 --threads 1 --isa scalar\n"
                    "  lenet bench --data mnist --json | jq .share_of_peak\n",
        .notes = "GFLOP/s: 10^9 additions and multiplications per second; only convolutional and dense\n"
                 "layers count. Each time is that of one thread while all threads work. If other\n"
                 "programs use the processors at the same time, the measured speed is too low.\n",
        .options = rows,
    };
    int count = 0;
    return parse_command_line(&line, argc, argv, &count);
}

static void set_defaults(bench *b)
{
    memset(b, 0, sizeof *b);
    lenet_settings_default(&b->settings);
    b->settings.epochs = 3;
    b->settings.validation_split = 0;
    b->settings.keep = LENET_KEEP_LAST;
    b->architecture = "lenet5";
}

/* From here on the settings hold what is used, not what was requested. */
static void name_what_is_used(bench *b)
{
    lenet_compute *c = &b->settings.compute;
    c->isa = c->isa ? c->isa : lenet_isa_list()[0];
    c->threads = c->threads ? c->threads : lenet_processor_count();
}

/* ----------------------------------------------------------------------------------------------------- the subject */

static int open_subject(bench *b, const lenet_source *source, lenet_shape shape, int classes)
{
    char path[PATH_MAX];
    lenet_error error;
    const bool is_here = source && !lenet_source_locate(source, b->folder, path, sizeof path, NULL);
    if (source && !is_here)
        print_notice("%s is not found, so synthetic images of its shape are used (see 'lenet data get %s')", b->data,
                     b->data);
    if (is_here)
        return open_images(&b->train, &b->test, b->data, b->folder, NULL, b->json);
    if (b->train) /* of a folder */
        return LENET_OK;
    const bool failed =
        make_synthetic(&b->train, shape, classes, b->quick ? SYNTHETIC_TEST : SYNTHETIC_TRAIN, &error) ||
        make_synthetic(&b->test, shape, classes, SYNTHETIC_TEST, &error);
    b->data = "synthetic";
    return failed ? report_error(&error) : LENET_OK;
}

static int open_parts(bench *b)
{
    static const lenet_shape digits = {1, 28, 28};
    lenet_error error;
    const lenet_source *source = b->data ? lenet_source_find(b->data) : NULL;
    if (b->data && !source) {
        const int code = open_images(&b->train, &b->test, b->data, NULL, NULL, b->json);
        if (code)
            return code;
    }
    const lenet_shape shape = source ? source->shape : b->train ? lenet_dataset_shape(b->train) : digits;
    const int classes = source ? source->classes : b->train ? lenet_dataset_classes(b->train) : 10;
    if (lenet_model_create(&b->model, b->architecture, shape, classes, &error))
        return refuse_architecture(b->architecture, &error);
    b->epoch_seconds = calloc((size_t)b->settings.epochs, sizeof *b->epoch_seconds);
    b->epoch_peaks = calloc((size_t)b->settings.epochs + 1, sizeof *b->epoch_peaks);
    return b->epoch_seconds && b->epoch_peaks ? open_subject(b, source, shape, classes) : report_no_memory();
}

static void close_parts(bench *b)
{
    lenet_model_close(&b->model);
    lenet_dataset_close(&b->train);
    lenet_dataset_close(&b->test);
    free(b->stages);
    free(b->epoch_seconds);
    free(b->epoch_peaks);
}

/* ------------------------------------------------------------------------------------------------------- measuring */

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* NaN if there are none or no memory. */
static double median(const double *values, int count)
{
    double *sorted = count > 0 ? malloc((size_t)count * sizeof *sorted) : NULL;
    if (!sorted)
        return NAN;
    memcpy(sorted, values, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, compare_doubles);
    const double middle = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    free(sorted);
    return middle;
}

static lenet_status measure_peak(bench *b, const char *isa, int threads, lenet_error *error)
{
    char text[96];
    const lenet_compute compute = {threads, isa};
    peak *p = &b->peaks[b->peak_count];
    snprintf(text, sizeof text, "the peak of %s, threads: %d", isa, threads);
    live_show(&b->shown.line, text);
    *p = (peak){isa, threads, NAN};
    const lenet_status status = lenet_measure_peak(&compute, budget_of(b).peak, &p->gflops, error);
    if (status)
        return status;
    b->peak_count++;
    if (threads == b->settings.compute.threads && !strcmp(isa, b->settings.compute.isa))
        b->peak_gflops = p->gflops;
    return LENET_OK;
}

/* Each instruction set on one thread, on all, and on as many as train. */
static lenet_status measure_peaks(bench *b, lenet_error *error)
{
    const int all = lenet_processor_count(), used = b->settings.compute.threads;
    const int threads[] = {1, all, used};
    const bool counts[] = {true, all != 1, used != 1 && used != all};
    for (const char *const *isa = lenet_isa_list(); *isa; isa++)
        for (size_t i = 0; i < 3 && b->peak_count < MOST_PEAKS; i++)
            if (counts[i] && measure_peak(b, *isa, threads[i], error))
                return error->status;
    return LENET_OK;
}

/* Measures once more if the stages were more than there was room for. */
static lenet_status measure_steps(bench *b, int steps, lenet_error *error)
{
    for (;;) {
        const lenet_status status = lenet_measure_stages(b->model, b->train, &b->settings, steps, b->stages,
                                                         b->stage_capacity, &b->stage_count, error);
        if (status || b->stage_count <= b->stage_capacity)
            return status;
        free(b->stages);
        b->stage_capacity = b->stage_count;
        b->stages = calloc(b->stage_capacity, sizeof *b->stages);
        if (b->stages)
            continue;
        *error = (lenet_error){LENET_FAILURE, "out of memory for the stages of a step"};
        return LENET_FAILURE;
    }
}

static void add_up_stages(bench *b)
{
    b->step_seconds = b->image_flop = 0;
    for (size_t i = 0; i < b->stage_count; i++) {
        b->step_seconds += b->stages[i].seconds;
        b->image_flop += b->stages[i].flop / b->settings.batch;
    }
}

/*
 * Begins with one step and goes on until the budget is filled: the time of a step is not known before.
 */
static lenet_status measure_stages(bench *b, lenet_error *error)
{
    const double seconds = budget_of(b).stages;
    live_show(&b->shown.line, "the stages of a step");
    if (lenet_model_initialize(b->model, b->settings.initializer, b->settings.seed, error))
        return error->status;
    for (int steps = 1;;) {
        if (measure_steps(b, steps, error))
            return error->status;
        add_up_stages(b);
        if (steps * b->step_seconds >= seconds / 2 || steps == MOST_STEPS)
            return LENET_OK;
        const double wanted = seconds / b->step_seconds;
        steps = wanted < MOST_STEPS ? (int)wanted + 1 : MOST_STEPS;
    }
}

static int on_progress(void *context, const lenet_progress *now)
{
    bench *b = context;
    progress_show(&b->shown, now);
    return 0;
}

static lenet_status measure_peak_beside(bench *b, lenet_error *error)
{
    return lenet_measure_peak(&b->settings.compute, budget_of(b).peak_beside, &b->epoch_peaks[b->epoch_count], error);
}

static int on_epoch(void *context, const lenet_epoch *epoch)
{
    bench *b = context;
    b->epoch_seconds[b->epoch_count++] = epoch->values[LENET_SECONDS];
    progress_epoch(&b->shown, epoch);
    return measure_peak_beside(b, NULL) != LENET_OK;
}

static double median_share(const bench *b)
{
    double *shares = calloc((size_t)b->epoch_count, sizeof *shares);
    for (int i = 0; shares && i < b->epoch_count; i++)
        shares[i] = (double)b->images * b->image_flop / 1e9 / b->epoch_seconds[i] /
                    ((b->epoch_peaks[i] + b->epoch_peaks[i + 1]) / 2);
    const double share = shares ? median(shares, b->epoch_count) : NAN;
    free(shares);
    return share;
}

/* How many of `count` images to use, where `seconds` are to pass at the speed of a training step. */
static size_t images_within(const bench *b, double seconds, size_t count)
{
    const double images = seconds / b->step_seconds * b->settings.batch;
    const size_t fewest = (size_t)b->settings.batch < count ? (size_t)b->settings.batch : count;
    return images >= (double)count ? count : images > (double)fewest ? (size_t)images : fewest;
}

static lenet_status measure_epochs(bench *b, lenet_error *error)
{
    lenet_settings *s = &b->settings;
    lenet_result result;
    s->train_limit = images_within(b, budget_of(b).epochs / s->epochs, lenet_dataset_count(b->train));
    s->on_progress = on_progress;
    s->on_epoch = on_epoch;
    s->context = b;
    const lenet_status status =
        measure_peak_beside(b, error) ? error->status : lenet_train(b->model, b->train, NULL, s, &result, error);
    live_clear(&b->shown.line);
    if (status)
        return status;
    b->images = result.train_count;
    b->median_epoch = median(b->epoch_seconds, b->epoch_count);
    b->images_per_second = (double)b->images / b->median_epoch;
    b->gflops = b->images_per_second * b->image_flop / 1e9;
    b->share_of_peak = median_share(b);
    return LENET_OK;
}

/* Cuts the test images to what the budget allows. */
static lenet_status shorten_test(bench *b, lenet_error *error)
{
    lenet_dataset *cut = NULL;
    const size_t count = images_within(b, budget_of(b).evaluation, lenet_dataset_count(b->test));
    if (count == lenet_dataset_count(b->test))
        return LENET_OK;
    const lenet_status status =
        lenet_dataset_create(&cut, lenet_dataset_shape(b->test), lenet_dataset_classes(b->test), count,
                             lenet_dataset_images(b->test), lenet_dataset_labels(b->test), error);
    if (status)
        return status;
    lenet_dataset_close(&b->test);
    b->test = cut;
    return LENET_OK;
}

static lenet_status measure_evaluation(bench *b, lenet_error *error)
{
    double seconds[EVALUATIONS];
    lenet_evaluation evaluation;
    live_show(&b->shown.line, "evaluation");
    if (shorten_test(b, error))
        return error->status;
    for (int i = 0; i < EVALUATIONS; i++) {
        const double before = ln_seconds();
        if (lenet_evaluate(b->model, b->test, &b->settings.compute, &evaluation, error))
            return error->status;
        seconds[i] = ln_seconds() - before;
        lenet_evaluation_close(&evaluation);
    }
    b->evaluation_seconds = median(seconds, EVALUATIONS);
    return LENET_OK;
}

/* ----------------------------------------------------------------------------------------------------- the command */

/* Each table is printed as soon as it is known. */
static int measure_and_report(bench *b)
{
    static const struct {
        lenet_status (*measure)(bench *, lenet_error *);
        void (*print)(const bench *);
    } parts[] = {
        {measure_peaks, print_bench_peaks},
        {measure_stages, print_bench_stages},
        {measure_epochs, print_bench_epochs},
        {measure_evaluation, print_bench_evaluation},
    };
    lenet_error error;
    if (!b->json)
        print_bench_subject(b);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        fflush(stdout);
        const lenet_status status = parts[i].measure(b, &error);
        live_clear(&b->shown.line);
        if (status)
            return report_error(&error);
        if (!b->json)
            parts[i].print(b);
    }
    return b->json ? print_document(bench_record(b)) : LENET_OK;
}

int run_bench(int argc, char **argv)
{
    bench b;
    set_defaults(&b);
    int code = read_options(&b, argc, argv);
    if (code != PARSED)
        return code;
    name_what_is_used(&b);
    lab_machine_name(b.machine, sizeof b.machine);
    progress_open(&b.shown, b.settings.epochs, b.quick);
    code = open_parts(&b);
    if (!code)
        code = measure_and_report(&b);
    close_parts(&b);
    return code;
}
