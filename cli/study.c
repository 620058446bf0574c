/* SPDX-License-Identifier: MIT */
/* study.c - `lenet study`: which studies there are, and what is in one. study-run.c plans and runs them. */
#include "cli/study.h"

#include "cli/command.h"
#include "cli/options.h"
#include "cli/print-json.h"
#include "cli/terminal.h"
#include "lab/study/study.h"
#include "lab/text/json.h"
#include "util/file.h"
#include "util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 26 }; /* of a study */

/* ------------------------------------------------------------------------------------------------------------ list */

typedef struct study_size {
    size_t experiments, recipes, runs, epochs;
} study_size;

/* As in the file; runs that several experiments share count in each. */
static study_size size_of(const lab_study *study)
{
    study_size size = {.experiments = study->experiment_count};
    for (size_t i = 0; i < study->experiment_count; i++)
        for (size_t j = 0; j < study->experiments[i].point_count; j++) {
            const lab_point *point = &study->experiments[i].points[j];
            size.recipes++;
            size.runs += point->run_count;
            size.epochs += point->run_count * (size_t)point->settings.epochs;
        }
    return size;
}

static json_t *value_of_study(const lab_study *study)
{
    const study_size size = size_of(study);
    return json_pack("{s:o, s:o, s:I, s:I, s:I, s:I}", "name", value_of_text(study->name), "title",
                     value_of_text(study->title), "experiments", (json_int_t)size.experiments, "recipes",
                     (json_int_t)size.recipes, "runs", (json_int_t)size.runs, "epochs", (json_int_t)size.epochs);
}

static void print_study(const lab_study *study)
{
    const study_size size = size_of(study);
    char runs[32], epochs[32], title[256];
    snprintf(title, sizeof title, "%s", study->title);
    shorten(title, sizeof title, LINE_WIDTH - 60);
    printf("%-20s %11zu %8zu %7s %8s  %s\n", study->name, size.experiments, size.recipes,
           format_count((double)size.runs, runs, sizeof runs), format_count((double)size.epochs, epochs, sizeof epochs),
           title);
}

static int list_studies(bool json)
{
    const style look = style_of(stdout);
    json_t *all = json_array();
    if (!json)
        printf("%s%-20s %11s %8s %7s %8s  %s%s\n", look.bold, "name", "experiments", "recipes", "runs", "epochs",
               "title", look.reset);
    for (const lab_built_in *at = lab_built_in_studies; at->name; at++) {
        lab_study *study = NULL;
        lenet_error error;
        if (lab_study_open(&study, at->name, (lab_variant){0}, &error)) {
            json_decref(all);
            return report_error(&error);
        }
        if (json)
            json_array_append_new(all, value_of_study(study));
        else
            print_study(study);
        lab_study_close(&study);
    }
    if (json)
        return print_document(all);
    json_decref(all);
    puts("\nAny other is a YAML file (docs/studies.md): lenet study run FILE.yaml");
    return LENET_OK;
}

static int run_list(int argc, char **argv)
{
    bool json = false;
    const ln_option options[] = {
        {.name = "json", .kind = LN_OPTION_BOOL, .value = &json, .help = "print JSON"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "study list",
        .arguments = "[options]",
        .summary = "Lists the built-in studies with their size.",
        .examples = "  lenet study list\n",
        .options = options,
    };
    int count = 0;
    const int stop = parse_command_line(&line, argc, argv, &count);
    return stop == PARSED ? list_studies(json) : stop;
}

/* ------------------------------------------------------------------------------------------------------------ show */

static int copy_file(const char *path)
{
    unsigned char *text = NULL;
    size_t size = 0;
    lenet_error error;
    if (ln_read_file(path, MOST_BYTES, &text, &size, &error))
        return report_error(&error);
    fwrite(text, 1, size, stdout);
    ln_free(text);
    return LENET_OK;
}

/* What is shown was read first: a file with a mistake is refused. */
static int show_study(const char *name)
{
    lab_study *study = NULL;
    lenet_error error;
    if (lab_study_open(&study, name, (lab_variant){0}, &error))
        return report_error(&error);
    lab_study_close(&study);
    for (const lab_built_in *at = lab_built_in_studies; at->name; at++)
        if (!strcmp(at->name, name)) {
            fwrite(at->text, 1, at->size, stdout);
            return LENET_OK;
        }
    return copy_file(name);
}

static int run_show_study(int argc, char **argv)
{
    const ln_option options[] = {{.name = NULL}};
    const command_line line = {
        .command = "study show",
        .arguments = "NAME",
        .summary = "Checks a study and prints its file, to be read, or changed and run.",
        .examples = "  lenet study show lenet-report > mine.yaml\n"
                    "  lenet study run mine.yaml --out mine\n",
        .options = options,
        .fewest = 1,
        .most = 1,
    };
    int count = 0;
    const int stop = parse_command_line(&line, argc, argv, &count);
    return stop == PARSED ? show_study(argv[0]) : stop;
}

/* ----------------------------------------------------------------------------------------------------------- study */

static const command parts[] = {
    {"run", "train the runs that are not in the database yet", run_study_run},
    {"plan", "show the size of a study and how much is done", run_study_plan},
    {"list", "list the built-in studies", run_list},
    {"show", "print the file of a study", run_show_study},
    {NULL, NULL, NULL},
};

static int print_usage(void)
{
    const style look = style_of(stdout);
    fputs("usage: lenet study run|plan|list|show [arguments]\n\n", stdout);
    printf("%sexamples%s\n", look.bold, look.reset);
    fputs("  lenet study plan lenet-report\n"
          "  lenet study run lenet-report --quick --out quick\n"
          "  lenet study show lenet-report > mine.yaml\n\n",
          stdout);
    for (const command *part = parts; part->name; part++)
        printf("  lenet study %-8s%s\n", part->name, part->summary);
    fputs("\nA study is a file (docs/studies.md): experiments, each a list or a grid of recipes and the\n"
          "seeds to run them with. 'lenet study run --help' and so on explain each.\n",
          stdout);
    return LENET_OK;
}

int run_study(int argc, char **argv) { return run_part("study", parts, print_usage, argc, argv); }
