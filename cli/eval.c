/* SPDX-License-Identifier: MIT */
/* eval.c - `lenet eval`: how good a stored model is, and at what it fails. */
#include "cli/command.h"
#include "cli/confusion.h"
#include "cli/document.h"
#include "cli/images.h"
#include "cli/named.h"
#include "lab/data/classes.h"
#include "lab/data/folders.h"
#include "lab/text/json.h"
#include "lab/data/split.h"
#include "lab/stats/stats.h"
#include "cli/options.h"
#include "cli/terminal.h"

#include <stdio.h>
#include <string.h>

typedef struct request {
    const char *model, *db, *data, *folder;
    const char *split; /* of split_names; NULL until it is chosen */
    lenet_compute compute;
    skipping bad;
    bool json, by_order;
    lab_classes classes; /* of the model; count 0: paired by order */
} request;

/* Images that were read; NULL: not wanted, or there are none. */
typedef struct parts {
    lenet_dataset *train, *test, *all;
} parts;

static bool is(const char *split, const char *name) { return split && !strcmp(split, name); }

/* Fills in what the model file itself says about its data. */
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
    return usage_error(line, "--data NAME is missing, and %s does not say what it was trained on", q->model);
}

/* ---------------------------------------------------------------------------------------------------------- results */

static int print_json(const request *q, const lenet_model *model, const lenet_dataset *dataset,
                      const lenet_evaluation *evaluation)
{
    char weights[65];
    lenet_model_sha256(model, weights);
    /* clang-format off */
    json_t *record = json_pack("{s:o, s:o, s:s, s:s, s:s, s:s, s:o}",
                               "model", value_of_text(q->model),
                               "data", value_of_text(q->data),
                               "split", q->split,
                               "classes_paired", q->classes.count ? "by name" : "by order",
                               "data_sha256", lenet_dataset_sha256(dataset),
                               "weights_sha256", weights,
                               "architecture", value_of_text(lenet_model_architecture(model)));
    /* clang-format on */
    json_t *figures = value_of_evaluation(evaluation);
    if (!record || !figures || json_object_update(record, figures)) {
        json_decref(record);
        record = NULL;
    }
    json_decref(figures);
    return print_document(record);
}

/* "the 10,000 test", "all 12" */
static void print_heading(const request *q, const char *count)
{
    const bool is_all = is(q->split, "all");
    printf("%s on %s %s %simages of %s\n\n", shown(q->model), is_all ? "all" : "the", count,
           is_all                  ? ""
           : is(q->split, "train") ? "training "
           : is(q->split, "val")   ? "held-out "
                                   : "test ",
           q->data);
}

static void print_tables(const request *q, const lenet_evaluation *evaluation)
{
    char count[32];
    const style look = style_of(stdout);
    const lab_interval interval = lab_wilson(evaluation->correct, evaluation->count, 0.95);
    print_heading(q, format_count((double)evaluation->count, count, sizeof count));
    print_classes(evaluation);
    print_confusion(evaluation);
    print_confused_pairs(evaluation);
    printf("accuracy  %s%.2f %%%s (95 %% interval %.2f to %.2f %%) on %s images\n", look.bold, 100 * evaluation->accuracy,
           look.reset, 100 * interval.low, 100 * interval.high, count);
    printf("loss      %.4f\n", evaluation->loss);
}

/* ------------------------------------------------------------------------------------------------ what is measured */

static bool is_trained_on(const lenet_model *model, const lenet_dataset *dataset)
{
    const char *sha256 = lenet_model_note(model, "data_sha256");
    return sha256 && dataset && !strcmp(sha256, lenet_dataset_sha256(dataset));
}

/*
 * Of a folder that does not say what tests, all images are new to the model, unless it was trained on this folder. A
 * folder of that name with other images is one or the other, and which cannot be known.
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
    complain("%s: its images are not those that %s was trained on, though the name is; --split all measures all of "
             "them, --split test a fifth of each class",
             q->data, q->model);
    return LENET_USAGE;
}

/* Reads what may be measured. Returns an exit code, or PARSED. */
static int open_parts(request *q, const lenet_model *model, parts *p)
{
    if (!q->split && (!lab_is_folder(q->data) || lab_is_split_folder(q->data)))
        q->split = "test";
    const bool any = !q->split, wants_train = any || is(q->split, "train") || is(q->split, "val");
    const lab_intake intake = {lenet_model_shape(model), q->classes.count ? &q->classes : NULL,
                               any || is(q->split, "all") ? &p->all : NULL};
    const int failed = open_images_skipping(wants_train ? &p->train : NULL, any || is(q->split, "test") ? &p->test : NULL,
                                            q->data, q->folder, &intake, q->json, &q->bad);
    return failed ? failed : choose_split(q, model, p);
}

/* Finds the images of the split among the parts, or says why they are not there. Returns an exit code, or PARSED. */
static int find_split(const request *q, const lenet_model *model, const parts *p, lenet_dataset **held_out,
                      const lenet_dataset **found)
{
    lenet_error error;
    if (is(q->split, "val") && p->train && lab_held_out(held_out, model, p->train, &error)) {
        complain("--split val: %s", error.text);
        return (int)error.status;
    }
    *found = is(q->split, "all")     ? p->all
             : is(q->split, "train") ? p->train
             : is(q->split, "val")   ? *held_out
                                     : p->test;
    if (*found)
        return PARSED;
    complain("--split %s: %s has no such images; --split all measures all that are there", q->split, q->data);
    return LENET_USAGE;
}

/* What a reader must know of the figures, on stderr. */
static void warn(const request *q, const lenet_model *model, const lenet_dataset *dataset)
{
    if (is(q->split, "all") && is_trained_on(model, dataset))
        complain("%s: these are the images that %s was trained on", q->data, q->model);
    if (!q->classes.count && !q->by_order && lenet_dataset_classes(dataset) == lenet_model_classes(model))
        complain("%s does not name its classes: they are paired with those of %s by their order", q->model, q->data);
}

static int evaluate(const request *q, const lenet_model *model, const lenet_dataset *dataset)
{
    lenet_evaluation evaluation;
    lenet_error error;
    int code = LENET_OK;
    if (lenet_evaluate(model, dataset, &q->compute, &evaluation, &error))
        return report_error(&error);
    warn(q, model, dataset);
    if (q->json)
        code = print_json(q, model, dataset, &evaluation);
    else
        print_tables(q, &evaluation);
    lenet_evaluation_close(&evaluation);
    return code;
}

static int open_and_evaluate(const command_line *line, request *q)
{
    lenet_model *model = NULL;
    parts p = {NULL, NULL, NULL};
    lenet_dataset *held_out = NULL;
    const lenet_dataset *dataset = NULL;
    lenet_error error;
    char path[PATH_MAX];
    const int missing = find_model(q->model, q->db, path);
    if (missing)
        return missing;
    q->model = path;
    if (lenet_model_load(&model, path, &error))
        return report_error(&error);
    int code = choose_data(line, q, model);
    if (code == PARSED && !q->by_order && lab_classes_open(&q->classes, model, &error))
        code = report_error(&error);
    if (code == PARSED)
        code = open_parts(q, model, &p);
    if (code == PARSED)
        code = find_split(q, model, &p, &held_out, &dataset);
    if (code == PARSED)
        code = evaluate(q, model, dataset);
    lenet_dataset_close(&held_out);
    lenet_dataset_close(&p.train);
    lenet_dataset_close(&p.test);
    lenet_dataset_close(&p.all);
    lab_classes_close(&q->classes);
    lenet_model_close(&model);
    return code;
}

int run_eval(int argc, char **argv)
{
    request q = {.split = NULL};
    const option_row rows[] = {
        {"db", "FILE", OPTION_STRING, &q.db, .fallback = "MODEL is a file",
         .help = "a database of runs: MODEL names one of them, as in 'runs show'"},
        {"data", "NAME", OPTION_STRING, &q.data, .choices = lenet_option_names(LENET_DATASETS), .check = lab_data_check,
         .fallback = "what the model was trained on",
         .help = "what to measure on; or a folder of images for each class, which are made as large as the model wants them"},
        {"data-dir", "DIR", OPTION_STRING, &q.folder, .fallback = "$LENET_DATA and the usual places",
         .help = "look for the data here alone"},
        {"skip-bad", NULL, OPTION_FLAG, &q.bad.is_on, .help = "go on without damaged images of a folder, and name them"},
        {"split", "PART", OPTION_CHOICE, &q.split, .choices = split_names,
         .fallback = "test; of a folder without train/ and test/ that the model was not trained on, all",
         .help = "which images: train are all training images, val those that the model's run held out of them"},
        {"by-order", NULL, OPTION_FLAG, &q.by_order,
         .help = "pair the classes of model and data by their order, not by their names"},
        {"threads", "N", OPTION_INT, &q.compute.threads, .range = {.low = 1, .high = 256},
         .fallback = "the processors this process may use", .help = "threads to compute with"},
        {"isa", "NAME", OPTION_CHOICE, &q.compute.isa, .choices = lenet_isa_list(), .refusal = lenet_isa_refusal,
         .fallback = "the fastest", .help = "instruction set"},
        {"json", NULL, OPTION_FLAG, &q.json, .help = "print all of it as JSON"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "eval",
        .arguments = "MODEL [options]",
        .summary =
            "Measures a trained model: accuracy with its interval, loss, precision, recall and F1 of each class, "
            "the confusion matrix, and the pairs that are most often confused.",
        .examples = "  lenet eval runs/mnist/model.safetensors\n"
                    "  lenet eval runs/mnist/model.safetensors --data mnist --split train\n"
                    "  lenet eval runs/photos/model.safetensors --data new-photos\n"
                    "  lenet eval 12 --db lenet-report/lenet.db\n"
                    "  lenet eval runs/mnist/model.safetensors --json | jq .accuracy\n",
        .options = rows,
        .fewest = 1,
        .most = 1,
    };
    int count = 0;
    const int code = parse_command_line(&line, argc, argv, &count);
    if (code != PARSED)
        return code;
    q.model = argv[0];
    return open_and_evaluate(&line, &q);
}
