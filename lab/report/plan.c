/* SPDX-License-Identifier: MIT */
/* plan.c - see plan.h. */
#include "lab/report/plan.h"

#include "lab/text/json.h"

#include <math.h>
#include <string.h>

static bool is_before(const lab_results *results, size_t experiment, size_t trial, size_t run, const char *identity)
{
    if (!*identity) /* of data that is missing */
        return false;
    for (size_t x = 0; x <= experiment; x++)
        for (size_t t = 0; t < results->experiments[x].count; t++)
            for (size_t r = 0; r < results->experiments[x].trials[t].count; r++) {
                if (x == experiment && t == trial && r == run)
                    return false;
                if (!strcmp(results->experiments[x].trials[t].runs[r].planned->recipe.identity, identity))
                    return true;
            }
    return false;
}

/* Runs that an earlier part has too count there alone. */
static lab_tally count_of(const lab_results *results, size_t experiment)
{
    lab_tally sum = {0};
    const lab_trials *trials = &results->experiments[experiment];
    for (size_t t = 0; t < trials->count; t++)
        for (size_t r = 0; r < trials->trials[t].count; r++) {
            const lab_run *run = &trials->trials[t].runs[r];
            if (is_before(results, experiment, t, r, run->planned->recipe.identity))
                continue;
            sum.runs++;
            sum.there += run->is_there;
            sum.epochs += (double)run->epochs;
            sum.seconds += run->is_there && !isnan(run->seconds) ? run->seconds : 0;
        }
    return sum;
}

static const char *duration(lab_pool *pool, double seconds)
{
    if (seconds < 120)
        return lab_format(pool, "%.1f s", seconds);
    return seconds < 7200 ? lab_format(pool, "%.1f min", seconds / 60) : lab_format(pool, "%.1f h", seconds / 3600);
}

lab_tally lab_count_runs(const lab_results *results)
{
    lab_tally all = {0};
    for (size_t x = 0; x < results->count; x++) {
        const lab_tally t = count_of(results, x);
        all = (lab_tally){all.runs + t.runs, all.there + t.there, all.seconds + t.seconds, all.epochs + t.epochs};
    }
    return all;
}

void lab_add_plan(lab_document *document, const lab_results *results)
{
    lab_pool *pool = lab_document_pool(document);
    const lab_column columns[] = {{"part", true},      {"points", false}, {"runs", false},
                                  {"finished", false}, {"epochs", false}, {"training time", false}};
    lab_table *table = lab_add_table(document, columns, 6, "What was planned, and what of it is in the database.");
    lab_add_rule(
        document,
        "*Plan.* A run that two parts share is counted where it stands first; training time is that of one thread.");
    const lab_tally all = lab_count_runs(results);
    json_t *list = json_array();
    for (size_t x = 0; x < results->count; x++) {
        const lab_tally t = count_of(results, x);
        const lab_experiment *experiment = results->experiments[x].experiment;
        lab_cell(table, "%s", lab_printable(pool, experiment->title));
        lab_cell(table, "%zu", experiment->point_count);
        lab_cell(table, "%zu", t.runs);
        lab_cell(table, "%zu", t.there);
        lab_cell(table, "%.0f", t.epochs);
        lab_cell(table, "%s", duration(pool, t.seconds));
        json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I, s:o, s:o}", "experiment", experiment->name,
                                              "points", (json_int_t)experiment->point_count, "runs", (json_int_t)t.runs,
                                              "finished", (json_int_t)t.there, "epochs", value_of_number(t.epochs),
                                              "seconds", value_of_number(t.seconds)));
    }
    lab_cell(table, "all");
    lab_cell(table, "%s", "");
    lab_cell(table, "%zu", all.runs);
    lab_cell(table, "%zu", all.there);
    lab_cell(table, "%.0f", all.epochs);
    lab_cell(table, "%s", duration(pool, all.seconds));
    lab_set_result(document, "plan", list);
}

/* One kind of machine that runs were made on. */
typedef struct place {
    const char *machine, *isa, *version;
    size_t runs;
} place;

static bool is_same_text(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

static void note_place(place *places, size_t *count, const lab_run *run)
{
    size_t i = 0;
    while (i < *count && !(is_same_text(places[i].machine, run->machine) && is_same_text(places[i].isa, run->isa) &&
                           is_same_text(places[i].version, run->version)))
        i++;
    if (i == *count)
        places[(*count)++] = (place){run->machine, run->isa, run->version, 0};
    places[i].runs++;
}

void lab_add_machines(lab_document *document, const lab_results *results)
{
    lab_pool *pool = lab_document_pool(document);
    size_t runs = 0, count = 0;
    for (size_t x = 0; x < results->count; x++)
        for (size_t t = 0; t < results->experiments[x].count; t++)
            runs += results->experiments[x].trials[t].count;
    place *places = lab_alloc(pool, runs, sizeof *places);
    for (size_t x = 0; x < results->count; x++)
        for (size_t t = 0; t < results->experiments[x].count; t++)
            for (size_t r = 0; r < results->experiments[x].trials[t].count; r++) {
                const lab_run *run = &results->experiments[x].trials[t].runs[r];
                if (run->is_there && !is_before(results, x, t, r, run->planned->recipe.identity))
                    note_place(places, &count, run);
            }
    const lab_column columns[] = {{"machine", true}, {"instruction set", true}, {"lenet", true}, {"runs", false}};
    lab_table *table =
        lab_add_table(document, columns, 4, "Where the runs were made; no number but times depends on it.");
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        lab_cell(table, "%s", places[i].machine ? lab_printable(pool, places[i].machine) : "not noted");
        lab_cell(table, "%s", places[i].isa ? lab_printable(pool, places[i].isa) : "not noted");
        lab_cell(table, "%s", places[i].version ? lab_printable(pool, places[i].version) : "not noted");
        lab_cell(table, "%zu", places[i].runs);
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:I}", "machine", value_of_text(places[i].machine),
                                              "isa", value_of_text(places[i].isa), "version",
                                              value_of_text(places[i].version), "runs", (json_int_t)places[i].runs));
    }
    lab_set_result(document, "machines", list);
}
