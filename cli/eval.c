/* SPDX-License-Identifier: MIT */
/*
 * eval.c - `lenet eval`: how good stored models are, and at what they fail. This file opens models and
 * images; measure.h has the numbers. What is said of data and classes is decided by the first model, and all
 * others must fit it.
 */
#include "cli/attack.h"
#include "cli/command.h"
#include "cli/confusion.h"
#include "cli/find-run.h"
#include "cli/images.h"
#include "cli/measure.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/print-json.h"
#include "cli/terminal.h"
#include "lab/data/classes.h"
#include "lab/data/folders.h"
#include "lab/data/split.h"
#include "lab/data/transform.h"
#include "lab/stats/stats.h"
#include "lab/text/json.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MODELS = 100 };

typedef struct request {
    const char *model, *db, *data, *folder;    /* model: the first */
    const char *split;                         /* of split_names; NULL until it is chosen */
    const char *transform, *predictions, *roc; /* NULL: not asked for */
    ordeal how;
    skipping bad;
    bool json, by_order, all;
    lab_classes classes; /* of the first model; count 0: paired by order */
    image_list files;
    size_t count; /* of models */
    char **names;
    char (*paths)[PATH_MAX];
    lenet_model **models;
} request;

/* Images that were read; NULL: not wanted, or there are none. */
typedef struct parts {
    lenet_dataset *train, *test, *all;
} parts;

static bool is(const char *split, const char *name) { return split && !strcmp(split, name); }

/* Fills in what the model file records about its data. */
static int choose_data(const command_line *line, request *q, const lenet_model *model)
{
    if (q->data)
        return PARSED;
    q->data = lenet_model_note(model, "data");
    if (q->data && !lab_data_check(q->data, NULL))
        return PARSED;
    if (q->data)
        return usage_error(line, "--data NAME is missing, and '%s', which %s was trained on, is not here", q->data,
                           q->model);
    return usage_error(line, "--data NAME is missing, and %s does not record what it was trained on", q->model);
}

/* --------------------------------------------------------------------------------------------------------- results */

/* What the numbers are of: data, split, and what was done to the images. */
static json_t *value_of_subject(const request *q, const lenet_dataset *dataset)
{
    return json_pack("{s:o, s:s, s:s, s:s, s:o, s:o}", "data", value_of_text(q->data), "split", q->split,
                     "classes_paired", q->classes.count ? "by name" : "by order", "data_sha256",
                     lenet_dataset_sha256(dataset), "transform", value_of_text(q->transform), "attack",
                     value_of_text(q->how.attack));
}

/* A model alone: its file, its weights, its figures. */
static json_t *value_of_model(const measured *m)
{
    char weights[65];
    json_t *value = value_of_measured(m);
    if (!m->model || !value)
        return value;
    lenet_model_sha256(m->model, weights);
    json_t *record = json_pack("{s:o, s:s, s:o}", "model", value_of_text(m->name), "weights_sha256", weights,
                               "architecture", value_of_text(lenet_model_architecture(m->model)));
    add_all_to_object(&record, value);
    return record;
}

static json_t *value_of_models(const measured *m, size_t count)
{
    json_t *models = json_array();
    for (size_t i = 0; i < count; i++)
        add_to_list(&models, value_of_model(&m[i]));
    return models;
}

static int print_json(const request *q, const lenet_dataset *dataset, const measured *m)
{
    json_t *record = value_of_subject(q, dataset);
    json_t *figures = q->count == 1
                          ? value_of_model(m)
                          : json_pack("{s:o, s:o, s:o}", "models", value_of_models(m, q->count), "ensemble",
                                      value_of_model(&m[q->count]), "pairs", value_of_pairs_of_models(m, q->count));
    add_all_to_object(&record, figures);
    return print_document(record);
}

/* "the 10,000 test", "all 12" */
static void print_heading(const request *q, const char *count)
{
    const bool is_all = is(q->split, "all");
    if (q->count == 1)
        printf("%s", shown(q->model));
    else
        printf("%zu models", q->count);
    printf(" on %s %s %simages of %s%s%s%s%s\n\n", is_all ? "all" : "the", count,
           is_all                  ? ""
           : is(q->split, "train") ? "training "
           : is(q->split, "val")   ? "held-out "
                                   : "test ",
           q->data, q->transform ? ", " : "", q->transform ? q->transform : "", q->how.attack ? ", attacked by " : "",
           q->how.attack ? q->how.attack : "");
}

static void print_tables(const request *q, const measured *m)
{
    char count[32];
    const style look = style_of(stdout);
    const lenet_evaluation *evaluation = &m->evaluation;
    const lab_interval interval = lab_wilson(evaluation->correct, evaluation->count, 0.95);
    print_heading(q, format_count((double)evaluation->count, count, sizeof count));
    if (q->count > 1) {
        print_models(m, q->count);
        return;
    }
    print_classes(evaluation);
    print_confusion(evaluation);
    print_confused_pairs(evaluation);
    print_scores(m, q->all);
    printf("accuracy  %s%.2f %%%s (95 %% interval %.2f to %.2f %%) on %s images\n", look.bold,
           100 * evaluation->accuracy, look.reset, 100 * interval.low, 100 * interval.high, count);
    printf("loss      %.4f\n", evaluation->loss);
}

/* ------------------------------------------------------------------------------------------------ what is measured */

static bool is_trained_on(const lenet_model *model, const lenet_dataset *dataset)
{
    const char *sha256 = lenet_model_note(model, "data_sha256");
    return sha256 && dataset && !strcmp(sha256, lenet_dataset_sha256(dataset));
}

/*
 * Of a folder that does not say what tests, all images are new to the model, unless it was trained on this
 * folder. A folder of that name with other images is one or the other, and which cannot be known.
 */
static int choose_split(request *q, const lenet_model *model, const parts *p)
{
    const char *name = lenet_model_note(model, "data");
    const bool is_own = is_trained_on(model, p->train);
    if (q->split)
        return PARSED;
    q->split = is_own ? "test" : "all";
    if (is_own || !name || !lab_is_same_folder(name, q->data))
        return PARSED;
    print_notice("%s: its images are not those that %s was trained on, though the name is; --split all measures all of "
                 "them, --split test a fifth of each class",
                 q->data, q->model);
    return LENET_USAGE;
}

/* Reads what may be measured. Returns an exit code, or PARSED. */
static int open_parts(request *q, const lenet_model *model, parts *p)
{
    if (!q->split && (!lab_is_own_data(q->data) || lab_is_split_folder(q->data)))
        q->split = "test";
    const bool any = !q->split, wants_train = any || is(q->split, "train") || is(q->split, "val");
    const lab_preparation intake = {lenet_model_shape(model), q->classes.count ? &q->classes : NULL,
                                    any || is(q->split, "all") ? &p->all : NULL};
    const int failed =
        open_listed_images_skipping(wants_train ? &p->train : NULL, any || is(q->split, "test") ? &p->test : NULL,
                                    q->data, q->folder, &intake, q->json, &q->bad, q->predictions ? &q->files : NULL);
    return failed ? failed : choose_split(q, model, p);
}

/*
 * Finds the images of the split among the parts, or reports why they are not there. Returns an exit code, or
 * PARSED.
 */
static int find_split(const request *q, const lenet_model *model, const parts *p, lenet_dataset **held_out,
                      const lenet_dataset **found)
{
    lenet_error error;
    if (is(q->split, "val") && p->train && lab_held_out(held_out, model, p->train, &error)) {
        print_notice("--split val: %s", error.text);
        return (int)error.status;
    }
    *found = is(q->split, "all")     ? p->all
             : is(q->split, "train") ? p->train
             : is(q->split, "val")   ? *held_out
                                     : p->test;
    if (*found)
        return PARSED;
    print_notice("--split %s: %s has no such images; --split all measures all images", q->split, q->data);
    return LENET_USAGE;
}

/* What a reader must know of the figures, on stderr. */
static void warn(const request *q, const lenet_model *model, const lenet_dataset *dataset)
{
    if (is(q->split, "all") && is_trained_on(model, dataset))
        print_notice("%s: these are the images that %s was trained on", q->data, q->model);
    if (!q->classes.count && !q->by_order && lenet_dataset_classes(dataset) == lenet_model_classes(model))
        print_notice("%s does not name its classes: they are paired with those of %s by their order", q->model,
                     q->data);
}

/* The file of each image; NULL: not known. */
static char *const *files_of(const request *q, const lenet_dataset *dataset)
{
    const size_t count = lenet_dataset_count(dataset), *listed = q->files.count;
    const lenet_split part = is(q->split, "train") ? LENET_TRAIN : LENET_TEST;
    if (is(q->split, "all"))
        return listed[LENET_TRAIN] + listed[LENET_TEST] == count ? q->files.all : NULL;
    return !is(q->split, "val") && listed[part] == count ? q->files.path[part] : NULL;
}

/* The models, and after several of them their ensemble. */
static const measured *measure(lab_pool *pool, const request *q, const lenet_dataset *dataset)
{
    measured *m = lab_alloc(pool, q->count + 1, sizeof *m);
    for (size_t i = 0; i < q->count; i++)
        m[i] = measure_model(pool, q->paths[i], q->models[i], q->models[0], dataset, &q->how);
    if (q->count > 1)
        m[q->count] = measure_ensemble(pool, m, q->count, dataset);
    return m;
}

static void write_files(lab_pool *pool, const request *q, const lenet_dataset *dataset, const measured *m)
{
    const measured *last = q->count > 1 ? &m[q->count] : m;
    if (q->predictions)
        lab_check(pool, write_predictions(pool, last, files_of(q, dataset), q->predictions, &pool->error));
    if (q->roc)
        lab_check(pool, write_roc(pool, last, q->roc, &pool->error));
}

/* The exit code; left by the pool if anything fails. */
static int measure_and_print(lab_pool *pool, const request *q, const lenet_dataset *dataset)
{
    const measured *m = measure(pool, q, dataset);
    write_files(pool, q, dataset, m);
    if (q->json)
        return print_json(q, dataset, m);
    print_tables(q, m);
    return LENET_OK;
}

static int evaluate(const request *q, const lenet_model *model, lenet_dataset **dataset)
{
    lab_pool pool = {.blocks = NULL};
    int code;
    if (lenet_model_fits(model, *dataset, &pool.error))
        return report_error(&pool.error);
    warn(q, model, *dataset);
    if (q->transform && lab_transform_apply(q->transform, dataset, &pool.error))
        return report_error(&pool.error);
    if (setjmp(pool.on_failure) == 0)
        code = measure_and_print(&pool, q, *dataset);
    else
        code = report_error(&pool.error);
    lab_pool_close(&pool);
    return code;
}

/* --------------------------------------------------------------------------------------------------------- opening */

static bool is_same_shape(lenet_shape a, lenet_shape b)
{
    return a.channels == b.channels && a.height == b.height && a.width == b.width;
}

/* Models are measured together if they take the same images and name the same classes, in one order. */
static int check_fit(const request *q, size_t index)
{
    const lenet_shape first = lenet_model_shape(q->models[0]), other = lenet_model_shape(q->models[index]);
    const char *names = lenet_model_note(q->models[0], "class_names"),
               *others = lenet_model_note(q->models[index], "class_names");
    if (!is_same_shape(first, other))
        print_notice(
            "%s takes images of %dx%dx%d (channels, height, width), %s of %dx%dx%d: they cannot be measured together",
            q->paths[index], other.channels, other.height, other.width, q->paths[0], first.channels, first.height,
            first.width);
    else if (lenet_model_classes(q->models[0]) != lenet_model_classes(q->models[index]))
        print_notice("%s has %d classes, %s has %d: they cannot be measured together", q->paths[index],
                     lenet_model_classes(q->models[index]), q->paths[0], lenet_model_classes(q->models[0]));
    else if (!q->by_order && names && others && strcmp(names, others) != 0)
        print_notice(
            "%s names other classes than %s: they cannot be measured together (--by-order pairs classes by their "
            "order)",
            q->paths[index], q->paths[0]);
    else
        return LENET_OK;
    return LENET_USAGE;
}

static int open_models(request *q)
{
    lenet_error error;
    for (size_t i = 0; i < q->count; i++) {
        const int missing = find_model(q->names[i], q->db, q->paths[i]);
        if (missing)
            return missing;
        if (lenet_model_load(&q->models[i], q->paths[i], &error))
            return report_error(&error);
        const int code = i ? check_fit(q, i) : LENET_OK;
        if (code)
            return code;
    }
    q->model = q->paths[0];
    return PARSED;
}

/*
 * Replaces what `dataset` is by a copy if it is one of the parts, which are needed no more: a transform
 * changes it.
 */
static int evaluate_parts(const request *q, parts *p, lenet_dataset **held_out, const lenet_dataset *dataset)
{
    lenet_dataset **const owners[] = {&p->train, &p->test, &p->all, held_out};
    for (int i = 0; i < 4; i++)
        if (*owners[i] == dataset)
            return evaluate(q, q->models[0], owners[i]);
    return LENET_FAILURE;
}

static int open_and_evaluate(const command_line *line, request *q)
{
    parts p = {NULL, NULL, NULL};
    lenet_dataset *held_out = NULL;
    const lenet_dataset *dataset = NULL;
    lenet_error error;
    int code = open_models(q);
    if (code == PARSED)
        code = choose_data(line, q, q->models[0]);
    if (code == PARSED && !q->by_order && lab_classes_open(&q->classes, q->models[0], &error))
        code = report_error(&error);
    if (code == PARSED)
        code = open_parts(q, q->models[0], &p);
    if (code == PARSED)
        code = find_split(q, q->models[0], &p, &held_out, &dataset);
    if (code == PARSED)
        code = evaluate_parts(q, &p, &held_out, dataset);
    lenet_dataset_close(&held_out);
    lenet_dataset_close(&p.train);
    lenet_dataset_close(&p.test);
    lenet_dataset_close(&p.all);
    lab_classes_close(&q->classes);
    close_image_list(&q->files);
    return code;
}

static int open_room(const command_line *line, request *q, char **names, size_t count)
{
    q->names = names, q->count = count;
    q->paths = calloc(count, sizeof *q->paths);
    q->models = calloc(count, sizeof *q->models);
    int code = q->paths && q->models ? LENET_OK : report_no_memory();
    if (!code)
        code = open_and_evaluate(line, q);
    for (size_t i = 0; q->models && i < count; i++)
        lenet_model_close(&q->models[i]);
    free(q->models);
    free(q->paths);
    return code;
}

static void print_transforms(void)
{
    puts("Operations of --transform, separated by commas:");
    for (const char *const *help = lab_transform_help; *help; help++)
        printf("  %s\n", *help);
}

static const char examples[] = "  lenet eval runs/mnist/model.safetensors\n"
                               "  lenet eval runs/mnist/model.safetensors --data mnist --split train\n"
                               "  lenet eval runs/photos/model.safetensors --data new-photos\n"
                               "  lenet eval 12 --db lenet-report/lenet.db\n"
                               "  lenet eval a/model.safetensors b/model.safetensors c/model.safetensors\n"
                               "  lenet eval runs/mnist/model.safetensors --transform invert\n"
                               "  lenet eval runs/mnist/model.safetensors --attack fgsm:0.1\n"
                               "  lenet eval runs/mnist/model.safetensors --predictions predictions.csv\n"
                               "  lenet eval runs/mnist/model.safetensors --json | jq .accuracy\n";

int run_eval(int argc, char **argv)
{
    request q = {.split = NULL};
    const ln_option rows[] = {
        {"db", "FILE", LN_OPTION_TEXT, &q.db, .fallback = "none: MODEL is a file",
         .help = "database of runs; MODEL is then a run, named as in 'runs show'"},
        {"data", "NAME", LN_OPTION_TEXT, &q.data, .names = lenet_option_names(LENET_DATASETS), .check = lab_data_check,
         .fallback = "the data set of the model's training",
         .help = "data set to measure on, or a folder or file of your own (docs/data.md); pictures are scaled to "
                 "the model's input"},
        {"data-dir", "DIR", LN_OPTION_TEXT, &q.folder, .fallback = "$LENET_DATA and the default folders",
         .help = "only folder in which to search for the data"},
        {"skip-bad", NULL, LN_OPTION_BOOL, &q.bad.is_on, .help = "skip damaged images of a folder, and list them"},
        {"split", "PART", LN_OPTION_CHOICE, &q.split, .names = split_names,
         .fallback = "test; all for a folder without train/ and test/ that the model was not trained on",
         .help = "images to measure (train: all training images; val: the validation images of the model's run)"},
        {"transform", "LIST", LN_OPTION_TEXT, &q.transform, .check = lab_transform_check, .fallback = "none",
         .help = "change the images first: 'invert' or 'rotate:15,noise:0.1' (see below)"},
        {"attack", "KIND", LN_OPTION_TEXT, &q.how.attack, .check = check_attack, .fallback = "none",
         .help = "adversarial attack on the first model: fgsm:EPS or pgd:EPS:STEPS; it changes each pixel (0..1) by "
                 "at most EPS"},
        {"by-order", NULL, LN_OPTION_BOOL, &q.by_order,
         .help = "match the classes of model and data by order, not by name"},
        {"threads", "N", LN_OPTION_INT, &q.how.compute.threads, .low = 1, .high = 256,
         .fallback = "all processors that this process may use", .help = "number of threads"},
        {"isa", "NAME", LN_OPTION_CHOICE, &q.how.compute.isa, .names = lenet_isa_list(), .refusal = lenet_isa_refusal,
         .fallback = "the fastest", .help = "instruction set"},
        {"all", NULL, LN_OPTION_BOOL, &q.all,
         .help = "also print the ROC area of each class and the reliability table"},
        {"predictions", "FILE", LN_OPTION_TEXT, &q.predictions, .fallback = "none",
         .help = "CSV file to write: for each image the true class, the predicted class and all probabilities"},
        {"roc", "FILE", LN_OPTION_TEXT, &q.roc, .fallback = "none",
         .help = "CSV file to write: the ROC curve of each class"},
        {"json", NULL, LN_OPTION_BOOL, &q.json, .help = "print everything as JSON"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "eval",
        .arguments = "MODEL... [options]",
        .summary = "Measures a trained model: accuracy with its interval, loss, precision, recall and F1 of each class "
                   "and their averages, "
                   "the confusion matrix and the pairs that are most often confused, ROC areas, calibration. Several "
                   "models are measured on the same "
                   "images, each alone and all as an ensemble (mean of the probabilities); --predictions and --roc "
                   "are then of the ensemble.",
        .examples = examples,
        .print_notes = print_transforms,
        .options = rows,
        .fewest = 1,
        .most = MOST_MODELS,
    };
    int count = 0;
    const int code = parse_command_line(&line, argc, argv, &count);
    if (code != PARSED)
        return code;
    return open_room(&line, &q, argv, (size_t)count);
}
