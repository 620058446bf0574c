/* SPDX-License-Identifier: MIT */
/* eval.c - `lenet eval`: how good a stored model is, and at what it fails. */
#include "cli/command.h"
#include "cli/confusion.h"
#include "cli/document.h"
#include "cli/images.h"
#include "cli/named.h"
#include "lab/folders.h"
#include "lab/json.h"
#include "lab/stats.h"
#include "cli/options.h"
#include "cli/terminal.h"

#include <stdio.h>
#include <string.h>

typedef struct request {
    const char *model, *db, *data, *folder, *split;
    lenet_compute compute;
    bool json;
} request;

/* Fills in what the model file itself says about its data. */
static int choose_data(const command_line *line, request *q, const lenet_model *model)
{
    if (q->data)
        return PARSED;
    q->data = lenet_model_note(model, "data");
    if (q->data && !lab_data_check(q->data, NULL))
        return PARSED;
    if (q->data)
        return usage_error(line, "--data NAME is missing, and '%s', which %s was trained on, is not here", q->data, q->model);
    return usage_error(line, "--data NAME is missing, and %s does not say what it was trained on", q->model);
}

static int print_json(const request *q, const lenet_model *model, const lenet_dataset *dataset,
                      const lenet_evaluation *evaluation)
{
    char weights[65];
    lenet_model_sha256(model, weights);
    /* clang-format off */
    json_t *record = json_pack("{s:o, s:o, s:s, s:s, s:s, s:o}",
                               "model", value_of_text(q->model),
                               "data", value_of_text(q->data),
                               "split", q->split,
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

static void print_tables(const request *q, const lenet_evaluation *evaluation)
{
    char count[32];
    const style look = style_of(stdout);
    printf("%s on the %s images of %s\n\n", q->model, q->split, q->data);
    print_classes(evaluation);
    print_confusion(evaluation);
    print_confused_pairs(evaluation);
    printf("accuracy  %s%.2f %%%s (standard error %.2f %%) on %s images\n", look.bold, 100 * evaluation->accuracy,
           look.reset, 100 * lab_accuracy_error(evaluation->accuracy, evaluation->count),
           format_count((double)evaluation->count, count, sizeof count));
    printf("loss      %.4f\n", evaluation->loss);
}

static int evaluate(const request *q, const lenet_model *model, const lenet_dataset *dataset)
{
    lenet_evaluation evaluation;
    lenet_error error;
    int code = LENET_OK;
    if (lenet_evaluate(model, dataset, &q->compute, &evaluation, &error))
        return report_error(&error);
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
    lenet_dataset *dataset = NULL;
    lenet_error error;
    char path[PATH_MAX];
    const int missing = find_model(q->model, q->db, path);
    if (missing)
        return missing;
    q->model = path;
    if (lenet_model_load(&model, path, &error))
        return report_error(&error);
    const bool is_train = !strcmp(q->split, "train");
    const lenet_shape shape = lenet_model_shape(model);
    int code = choose_data(line, q, model);
    if (code == PARSED) {
        const int failed = open_images(is_train ? &dataset : NULL, is_train ? NULL : &dataset, q->data, q->folder, &shape, q->json);
        code = failed ? failed : PARSED;
    }
    if (code == PARSED)
        code = evaluate(q, model, dataset);
    lenet_dataset_close(&dataset);
    lenet_model_close(&model);
    return code;
}

int run_eval(int argc, char **argv)
{
    request q = {.split = split_names[0]};
    const option_row rows[] = {
        {"db", "FILE", OPTION_STRING, &q.db, .fallback = "MODEL is a file",
         .help = "a database of runs: MODEL names one of them, as in 'runs show'"},
        {"data", "NAME", OPTION_STRING, &q.data, .choices = lenet_option_names(LENET_DATASETS), .check = lab_data_check,
         .fallback = "what the model was trained on",
         .help = "what to measure on; or a folder of images for each class, which are made as large as the model wants them"},
        {"data-dir", "DIR", OPTION_STRING, &q.folder, .fallback = "$LENET_DATA and the usual places",
         .help = "look for the data here alone"},
        {"split", "PART", OPTION_CHOICE, &q.split, .choices = split_names, .help = "which images"},
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
            "Measures a trained model: accuracy with its standard error, loss, precision, recall and F1 of each class, "
            "the confusion matrix, and the pairs that are most often confused.",
        .examples = "  lenet eval runs/mnist/model.safetensors\n"
                    "  lenet eval runs/mnist/model.safetensors --data mnist --split train\n"
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
