/* SPDX-License-Identifier: MIT */
/* report.c - see report.h: the order of a report, and what every part of it has. */
#include "lab/report/report.h"

#include "lab/report/drawing.h"
#include "lab/report/markup.h"
#include "lab/report/missing.h"
#include "lab/report/output.h"
#include "lab/report/place.h"
#include "lab/report/plan.h"
#include "lab/report/show.h"
#include "lab/report/summary.h"
#include "lab/text/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------------- remarks */

static const char *count_words(lab_pool *pool, size_t count)
{
    return count ? lab_thousands(pool, (double)count) : "all";
}

/* "20 to 30": of what the points of an experiment have. */
static const char *span_of(lab_pool *pool, const lab_experiment *experiment, int is_epochs)
{
    size_t least = SIZE_MAX, most = 0;
    for (size_t i = 0; i < experiment->point_count; i++) {
        const lab_point *p = &experiment->points[i];
        const size_t number = is_epochs ? (size_t)p->settings.epochs : p->run_count;
        least = number < least ? number : least;
        most = number > most ? number : most;
    }
    return least == most ? lab_format(pool, "%zu", most) : lab_format(pool, "%zu to %zu", least, most);
}

static void write_reduced(lab_text *out, const char *quick, const char *full, const char *what)
{
    if (strcmp(quick, full) != 0)
        lab_append(out, "%s%s instead of %s %s", out->used ? ", " : "", quick, full, what);
}

/* What a quick study lacks against the full one, of one experiment; NULL: nothing. */
static const char *reduction_of(lab_pool *pool, const lab_experiment *quick, const lab_experiment *full)
{
    lab_text out = {.pool = pool};
    write_reduced(&out, span_of(pool, quick, 1), span_of(pool, full, 1), "epochs");
    write_reduced(&out, span_of(pool, quick, 0), span_of(pool, full, 0), "runs of each point");
    write_reduced(&out, count_words(pool, quick->points[0].settings.train_limit),
                  count_words(pool, full->points[0].settings.train_limit), "training images");
    write_reduced(&out, lab_format(pool, "%zu", quick->point_count), lab_format(pool, "%zu", full->point_count),
                  "points");
    return out.data;
}

static const lab_experiment *experiment_called(const lab_study *study, const char *name)
{
    for (size_t i = 0; study && i < study->experiment_count; i++)
        if (!strcmp(study->experiments[i].name, name))
            return &study->experiments[i];
    return NULL;
}

static void count_runs(const lab_trials *trials, size_t *wanted, size_t *there)
{
    *wanted = *there = 0;
    for (size_t t = 0; t < trials->count; t++) {
        *wanted += trials->trials[t].count;
        *there += lab_trial_there(&trials->trials[t]);
    }
}

static void add_notes(lab_scene *scene, const lab_study *full)
{
    lab_pool *pool = scene->pool;
    const lab_experiment *same = experiment_called(full, scene->here->experiment->name);
    const char *reduced = same ? reduction_of(pool, scene->here->experiment, same) : NULL;
    size_t wanted, there;
    count_runs(scene->here, &wanted, &there);
    if (reduced)
        lab_add_note(
            scene->document,
            lab_format(pool, "Quick version: %s. What follows shows that everything works; it is no result.", reduced));
    if (scene->has_data && there < wanted)
        lab_add_note(
            scene->document,
            lab_format(
                pool,
                "%zu of %zu runs of this part are not in the database yet: its numbers are those of the runs that are.",
                wanted - there, wanted));
}

/* ------------------------------------------------------------------------------------------------------ experiments */

static json_t *value_of_runs(const lab_trial *trial)
{
    json_t *runs = json_array();
    for (size_t i = 0; runs && i < trial->count; i++) {
        const lab_run *run = &trial->runs[i];
        json_array_append_new(runs,
                              json_pack("{s:o, s:i, s:s, s:s, s:o, s:o, s:o}", "seed",
                                        value_of_unsigned(run->planned->seed), "fold", run->planned->fold, "state",
                                        !run->is_there      ? "missing"
                                        : run->has_diverged ? "diverged"
                                        : run->is_collapsed ? "collapsed"
                                                            : "finished",
                                        "identity", run->planned->recipe.identity, "weights_sha256",
                                        value_of_text(run->weights_sha256), "kept_test_accuracy",
                                        value_of_number(run->kept_accuracy), "seconds", value_of_number(run->seconds)));
    }
    return runs;
}

/* Every number's command: below what it made. */
static void add_commands(const lab_scene *scene)
{
    const lab_column columns[] = {{"", true}, {"n", false}, {"command", true}};
    lab_table *table =
        lab_add_table(scene->document, columns, 3,
                      "The commands that make the numbers above again, on any machine to the same bits.");
    lab_fold(scene->document, lab_format(scene->pool, "Commands (%zu)", scene->here->count));
    lab_add_rule(scene->document, "*Commands.* Each makes the runs of one setting again; where several seeds or folds "
                                  "are named with |, each is a run.");
    json_t *list = json_array();
    for (size_t t = 0; t < scene->here->count; t++) {
        const lab_trial *trial = &scene->here->trials[t];
        const char *command = lab_trial_command(scene->pool, trial->point, NULL);
        lab_cell(table, "%s", lab_printable(scene->pool, trial->point->label));
        lab_cell(table, "%zu", lab_trial_finished(trial));
        lab_cell_code(table, lab_printable(scene->pool, command));
        json_array_append_new(list, json_pack("{s:o, s:o, s:I, s:o}", "point", value_of_text(trial->point->label),
                                              "command", value_of_text(command), "n",
                                              (json_int_t)lab_trial_finished(trial), "runs", value_of_runs(trial)));
    }
    lab_add_result(scene->document, "points", list);
}

/* What is shown where a study has no `show`. */
static void show_default(lab_scene *scene)
{
    static char curves[] = "curves", table[] = "table";
    lab_yaml bodies[] = {{.kind = LAB_YAML_MAP, .key = table}, {.kind = LAB_YAML_MAP, .key = curves}};
    for (int i = 0; i < 2; i++) {
        const lab_yaml item = {.kind = LAB_YAML_MAP, .count = 1, .items = &bodies[i]};
        lab_show(scene, &item);
    }
}

/*
 * A section holds what follows until the next; an experiment that begins one and has no title of its own is
 * its beginning.
 */
static void add_headings(lab_scene *scene)
{
    const lab_experiment *experiment = scene->here->experiment;
    const char **anchor = &scene->anchors[scene->here - scene->results->experiments];
    if (experiment->section) {
        *anchor = lab_add_section(scene->document, 2, lab_printable(scene->pool, experiment->section));
        scene->is_in_section = true;
    }
    if (!experiment->section || experiment->title != experiment->name)
        *anchor = lab_add_section(scene->document, scene->is_in_section ? 3 : 2,
                                  lab_printable(scene->pool, experiment->title));
}

static void add_experiment(lab_scene *scene, const lab_study *full)
{
    const lab_experiment *experiment = scene->here->experiment;
    add_headings(scene);
    add_notes(scene, full);
    if (experiment->text)
        lab_add_prose(scene->document, experiment->text);
    if (!experiment->show)
        show_default(scene);
    for (size_t i = 0; experiment->show && i < experiment->show->count; i++)
        lab_show(scene, &experiment->show->items[i]);
    if (scene->has_data)
        add_commands(scene);
}

/* ------------------------------------------------------------------------------------------------------------- end */

static void add_end(lab_document *document, const lab_results *results)
{
    lab_pool *pool = lab_document_pool(document);
    const lab_study *study = results->study;
    const char *seeds = study->variant.seeds ? lab_format(pool, " --seeds %zu", study->variant.seeds) : "";
    const char *quick = lab_format(pool, "%s%s", study->variant.is_quick ? " --quick" : "", seeds);
    const lab_tally all = lab_count_runs(results);
    lab_add_rule(
        document,
        "*Mean ± sd* is of n runs that differ by their seed alone. Intervals of means are Student’s, at 95 %, and are "
        "about the "
        "seeds: what another test set would show is another matter (standard error of an accuracy p on m images: "
        "sqrt(p (1 - p) / m), 0.1 points at 99 % and 10,000 images). Formulas and sources are in "
        "`docs/statistics.md`.");
    lab_add_section(document, 2, "How to read this report");
    lab_add_rules(document);
    lab_add_section(document, 2, "Plan and machine");
    lab_set_finding(document, LAB_RANK_ASIDE,
                    lab_format(pool, "%s of %s runs are done.", lab_thousands(pool, (double)all.there),
                               lab_thousands(pool, (double)all.runs)));
    lab_add_plan(document, results);
    lab_add_machines(document, results);
    lab_add_prose(
        document,
        "The whole study, from the data to this report; runs that are in its database are not trained again:");
    lab_add_code(document,
                 lab_format(pool,
                            "lenet study run %s%s --out DIR\nlenet report --study %s%s --db DIR/lenet.db --out DIR",
                            study->file, quick, study->file, quick));
}

/* --------------------------------------------------------------------------------------------------------- report */

/* What a quick study went on without. */
static void add_missing(lab_document *document, const lab_study *study)
{
    lab_pool *pool = lab_document_pool(document);
    const lab_lacks lacks = lab_missing_data(pool, study);
    const char *command = lab_lacks_command(pool, &lacks);
    lab_text out = {.pool = pool};
    if (!lacks.count)
        return;
    lab_append(&out, "Not all data was there: ");
    lab_append_prose(&out, lab_lacks_names(pool, &lacks));
    lab_append(&out, ". So these points are missing:");
    for (size_t i = 0; i < study->experiment_count; i++) {
        const char *points = lab_missing_points(pool, &study->experiments[i]);
        if (!points)
            continue;
        lab_append(&out, "\n\n*");
        lab_append_prose(&out, lab_printable(pool, study->experiments[i].title));
        lab_append(&out, "*: ");
        lab_append_prose(&out, points);
        lab_append(&out, ".");
    }
    if (*command)
        lab_append(&out, "\n\n`%s`, and the study once more, add them.", command);
    lab_add_note(document, out.data);
}

static lab_document *begin(lab_pool *pool, const lab_study *study, const lab_study *full)
{
    const char *note = !study->variant.is_quick ? NULL
                       : full ? "Quick version: fewer epochs, runs and training images than the study has; each part "
                                "says what was reduced. It shows that everything "
                                "works, and is no result."
                              : "Quick version: fewer epochs, runs and training images than the study has.";
    lab_document *document = lab_document_create(pool, lab_printable(pool, study->title));
    if (note)
        lab_add_note(document, note);
    add_missing(document, study);
    if (study->text)
        lab_add_prose(document, study->text);
    lab_set_result(document, "study", value_of_text(study->name));
    lab_set_result(document, "quick", json_boolean(study->variant.is_quick));
    return document;
}

/* The page itself has all figures; what is missing are files for other documents. */
static void add_missing_drawings(lab_document *document)
{
    lab_add_note(document, "gnuplot is not here (Debian: gnuplot-nox), so the files of figures as PNG and PDF are "
                           "missing. All figures are "
                           "on the page and beside it as SVG; all tables are complete.");
}

static void add_all(lab_pool *pool, lab_document *document, const lab_results *results, const lab_study *full,
                    lab_datasets *datasets, bool has_data)
{
    lab_scene scene = {.pool = pool,
                       .document = document,
                       .results = results,
                       .datasets = datasets,
                       .has_data = has_data,
                       .anchors = lab_alloc(pool, results->count, sizeof(char *)),
                       .rulings = lab_rulings_create(pool)};
    for (size_t i = 0; i < results->count; i++) {
        scene.here = &results->experiments[i];
        add_experiment(&scene, full);
    }
    lab_settle_verdicts(&scene);
    if (has_data)
        lab_add_summary(&scene);
}

const char *const lab_report_files[] = {"report.html", "report.md", "results.json", "*.svg", "*.png", "*.pdf",
                                        "*.gp",        "*.tsv",     "*.txt",        "*.tex", NULL};

lenet_status lab_report_read(const lab_study *study, lab_store *store, lab_look *look, void *context,
                             lenet_error *error)
{
    lab_pool pool = {.blocks = NULL};
    lab_document *volatile document = NULL;
    if (setjmp(pool.on_failure) == 0) {
        document = begin(&pool, study, NULL);
        const lab_results *results = lab_results_read(&pool, study, store);
        add_all(&pool, document, results, NULL, NULL, false);
        look(context, &pool, results, document);
    }
    if (document)
        lab_document_close(document);
    if (error)
        *error = pool.error;
    lab_pool_close(&pool);
    return pool.error.status;
}

static void ignore_results(void *context, lab_pool *pool, const lab_results *results, const lab_document *document)
{
    (void)context, (void)pool, (void)results, (void)document;
}

lenet_status lab_report_check(const lab_study *study, lenet_error *error)
{
    return lab_report_read(study, NULL, ignore_results, NULL, error);
}

lenet_status lab_report_make(const lab_study *study, const lab_study *full, lab_store *store, lab_datasets *datasets,
                             const char *folder, lenet_error *error)
{
    lab_pool pool = {.blocks = NULL};
    lab_document *volatile document = NULL;
    lab_place where;
    lenet_status status = lab_report_check(study, error); /* before the first file is written */
    if (!status)
        status = lab_place_open(&where, folder, error);
    if (status)
        return status;
    if (setjmp(pool.on_failure) == 0) {
        document = begin(&pool, study, full);
        lab_document_set_folder(document, where.made);
        if (!lab_figure_can_draw())
            add_missing_drawings(document);
        const lab_results *results = lab_results_read(&pool, study, store);
        add_all(&pool, document, results, full, datasets, true);
        add_end(document, results);
        lab_document_write(document);
    }
    if (document)
        lab_document_close(document);
    if (error)
        *error = pool.error;
    status = pool.error.status;
    lab_pool_close(&pool);
    return lab_place_close(&where, status, error);
}
