/* SPDX-License-Identifier: MIT */
/* report.c - `lenet report`: makes the report of a study again, from its database alone. */
#include "cli/report.h"
#include "cli/command.h"
#include "cli/earlier.h"
#include "cli/folder.h"
#include "cli/options.h"
#include "cli/study.h"
#include "cli/terminal.h"
#include "lab/report/drawing.h"
#include "lab/report/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct errand {
    const char *study, *database, *out, *folder;
    bool quick, quiet;
    int seeds; /* 0: those of the study */
} errand;

int report_protects(const char *out, const char *study, const char *database)
{
    const int code = folder_protects(out, database, lab_report_files);
    return code || !strchr(study, '/') ? code : folder_protects(out, study, lab_report_files);
}

const char report_file_names[] = "report.html, report.md, results.json";

int write_report(const lab_study *study, lab_store *store, lab_datasets *datasets, const char *name, const char *out)
{
    lab_study *full = NULL;
    lenet_error error;
    if (study->variant.is_quick &&
        lab_study_open(&full, name, (lab_variant){.seeds = study->variant.seeds, .is_over = study->variant.is_over},
                       &error))
        return report_error(&error);
    if (mkdir(out, 0777) && errno != EEXIST) {
        print_notice("%s: %s", out, strerror(errno));
        return LENET_IO;
    }
    if (!lab_figure_can_draw())
        print_notice("gnuplot is not here, so the report has no PNG and PDF files of its figures (Debian: apt-get "
                     "install gnuplot-nox)");
    const lenet_status status = lab_report_make(study, full, store, datasets, out, &error);
    lab_study_close(&full);
    return status ? report_error(&error) : LENET_OK;
}

static int make_report(const errand *e)
{
    lab_study *study = NULL;
    lab_store *store = NULL;
    lab_datasets *datasets = NULL;
    lenet_error error;
    int code = report_protects(e->out, e->study, e->database);
    if (code)
        return code;
    const lab_variant variant = {.is_quick = e->quick, .seeds = (size_t)e->seeds, .is_over = true};
    if (lab_study_open(&study, e->study, variant, &error) || lab_store_open(&store, e->database, 0, &error) ||
        lab_study_identify(study, lab_store_subject, store, &error) ||
        lab_datasets_create(&datasets, e->folder, &error))
        code = report_error(&error);
    else
        code = check_report_folder(e->out, study->name);
    if (!code)
        code = write_report(study, store, datasets, e->study, e->out);
    if (!code && !e->quiet)
        printf("%s/%s\n", e->out, report_file_names);
    lab_datasets_close(&datasets);
    lab_store_close(&store);
    lab_study_close(&study);
    return code;
}

int run_report(int argc, char **argv)
{
    errand e = {.study = "lenet-report"};
    const ln_option options[] = {
        {.name = "study",
         .metavar = "NAME|FILE",
         .kind = LN_OPTION_TEXT,
         .value = &e.study,
         .help = "study: a built-in one or a file"},
        {.name = "db",
         .metavar = "FILE",
         .kind = LN_OPTION_TEXT,
         .value = &e.database,
         .help = "database of the study's runs",
         .is_required = true},
        {.name = "out",
         .metavar = "DIR",
         .kind = LN_OPTION_TEXT,
         .value = &e.out,
         .help = "folder of the report",
         .is_required = true},
        STUDY_QUICK_ROW(e.quick, "use the quick version of the study"),
        STUDY_SEEDS_ROW(e.seeds, "use N seeds for each point of the study"),
        {.name = "data-dir",
         .metavar = "DIR",
         .kind = LN_OPTION_TEXT,
         .value = &e.folder,
         .help = "folder in which to search for the data sets, whose images are shown",
         .fallback = "$LENET_DATA and the default folders"},
        {.name = "quiet", .kind = LN_OPTION_BOOL, .value = &e.quiet, .help = "print only errors"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "report",
        .arguments = "[options]",
        .summary = "Makes the report of a study from its database: report.html, report.md, results.json, and each "
                   "figure as SVG, PNG, PDF and LaTeX with its data and its gnuplot script. The same database gives "
                   "the same report.",
        .examples = "  lenet report --db quick/lenet.db --study lenet-report --quick --out quick\n"
                    "  lenet report --db lenet.db --study mine.yaml --out report\n",
        .options = options,
    };
    int count = 0;
    const int stop = parse_command_line(&line, argc, argv, &count);
    return stop == PARSED ? make_report(&e) : stop;
}
