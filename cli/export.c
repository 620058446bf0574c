/* SPDX-License-Identifier: MIT */
/*
 * export.c - `lenet export`: a model as something that works without lenet. So far that is a page to draw on
 * (lab/live/drawing.h).
 */
#include "cli/command.h"
#include "cli/find-run.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "lab/live/drawing.h"
#include "lenet/lenet.h"
#include "util/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct errand {
    const char *out, *db; /* NULL: standard output; models are files */
    size_t count;
    lenet_model **models;
} errand;

/* Refuses to replace a model by its page. */
static int check_out(const errand *e, const char *path)
{
    struct stat model, out;
    if (!e->out || stat(path, &model) || stat(e->out, &out) || model.st_dev != out.st_dev || model.st_ino != out.st_ino)
        return LENET_OK;
    print_notice("--out %s: this is the model itself; name another file", e->out);
    return LENET_USAGE;
}

static int load_models(errand *e, char **names)
{
    for (size_t i = 0; i < e->count; i++) {
        char path[PATH_MAX];
        lenet_error error;
        int code = find_model(names[i], e->db, path);
        if (!code)
            code = check_out(e, path);
        if (!code && lenet_model_load(&e->models[i], path, &error))
            code = report_error(&error);
        if (code)
            return code;
    }
    return LENET_OK;
}

static int write_page(const errand *e)
{
    lab_pool pool = {0};
    if (setjmp(pool.on_failure) == 0) {
        const lab_page_text page = lab_drawing_page(&pool, e->models, e->count);
        if (e->out)
            lab_check(&pool, ln_write_file(e->out, page.text, page.size, &pool.error));
        else
            fwrite(page.text, 1, page.size, stdout);
    }
    lab_pool_close(&pool);
    return pool.error.status ? report_error(&pool.error) : LENET_OK;
}

static int export_page(errand *e, char **names)
{
    e->models = calloc(e->count, sizeof *e->models);
    int code = e->models ? load_models(e, names) : report_no_memory();
    if (!code)
        code = write_page(e);
    for (size_t i = 0; e->models && i < e->count; i++)
        lenet_model_close(&e->models[i]);
    free(e->models);
    return code;
}

static int run_html(int argc, char **argv)
{
    errand e = {.out = NULL};
    const ln_option options[] = {
        {.name = "out",
         .metavar = "FILE",
         .kind = LN_OPTION_TEXT,
         .value = &e.out,
         .fallback = "standard output",
         .help = "file of the page"},
        {.name = "db",
         .metavar = "FILE",
         .kind = LN_OPTION_TEXT,
         .value = &e.db,
         .fallback = "none: MODEL is a file",
         .help = "database of runs; MODEL is then a run, named as in 'runs show'"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "export html",
        .arguments = "MODEL... [options]",
        .summary =
            "Writes a web page on which you draw and the model classifies: one HTML file that contains the model "
            "and needs no network. It shows the class probabilities, equal to those of 'lenet predict', and "
            "the output of each layer.",
        .examples = "  lenet export html runs/mnist/model.safetensors --out digit.html\n"
                    "  lenet export html 12 --db lenet.db --out digit.html\n",
        .notes = "Several models of one architecture (one run after several epochs) get a slider.\n"
                 "LeNet-5 makes a page of 0.4 MB; each weight takes 5.3 bytes.\n",
        .options = options,
        .fewest = 1,
        .most = 256,
    };
    int count = 0;
    const int stop = parse_command_line(&line, argc, argv, &count);
    if (stop != PARSED)
        return stop;
    if (!e.out && isatty(STDOUT_FILENO))
        return usage_error(&line, "the page would go to the terminal; name a file with --out");
    e.count = (size_t)count;
    return export_page(&e, argv);
}

static const command parts[] = {
    {"html", "write a web page to draw on", run_html},
    {NULL, NULL, NULL},
};

static int print_usage(void)
{
    const style look = style_of(stdout);
    fputs("usage: lenet export html [arguments]\n\n", stdout);
    printf("%sexamples%s\n", look.bold, look.reset);
    fputs("  lenet export html runs/mnist/model.safetensors --out digit.html\n\n", stdout);
    for (const command *part = parts; part->name; part++)
        printf("  lenet export %-8s%s\n", part->name, part->summary);
    fputs("\n'lenet export html --help' explains it.\n", stdout);
    return LENET_OK;
}

int run_export(int argc, char **argv) { return run_part("export", parts, print_usage, argc, argv); }
