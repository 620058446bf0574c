/* SPDX-License-Identifier: MIT */
/*
 * runs.c - `lenet runs`: the content of a database of runs. Everything here could be queried in
 * SQL too (docs/formats.md); only `gc` changes anything.
 */
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/find-run.h"
#include "cli/options.h"
#include "cli/print-json.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "lab/runs/store.h"
#include "lab/text/json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The request. */
typedef struct query {
    const char *db, *where, *sort;
    bool json, csv, group;
    double days;
    lab_store *store;
} query;

/* -------------------------------------------------------------------------------------------------------- questions */

/* The rows of an answer, and what became of reading them. */
typedef struct answer {
    json_t *rows;
    lenet_status status;
    const char *unsound; /* the column whose text should be JSON and is none */
} answer;

/*
 * A value of a row; texts that are JSON (recipes and lists) become JSON values. NULL: the answer has the reason.
 */
static json_t *value_of_cell(answer *a, const char *name, const lab_value *value)
{
    bool lacks_memory;
    switch (value->type) {
    case LAB_INTEGER: return json_integer(value->integer);
    case LAB_REAL: return value_of_number(value->real);
    case LAB_TEXT:
        if (strcmp(name, "recipe") && strcmp(name, "measured") && strcmp(name, "class_names"))
            return value_of_text(value->text);
        json_t *parsed = json_read(value->text, &lacks_memory);
        if (!parsed && !lacks_memory)
            a->status = LENET_INPUT, a->unsound = name;
        return parsed;
    case LAB_NULL:
    case LAB_BLOB: break;
    }
    return json_null();
}

static int take_row(void *context, int columns, const char *const *names, const lab_value *values)
{
    answer *a = context;
    json_t *row = json_object();
    bool is_whole = row != NULL;
    for (int i = 0; i < columns && is_whole; i++)
        is_whole = !json_object_set_new(row, names[i], value_of_cell(a, names[i], &values[i]));
    if (is_whole)
        is_whole = !json_array_append_new(a->rows, row);
    else
        json_decref(row);
    if (!is_whole && !a->status)
        a->status = LENET_FAILURE;
    return !is_whole;
}

/* All rows of an answer; NULL after a complaint, whose exit code goes to *code. */
static json_t *ask(const query *q, const char *sql, const char *text, int *code)
{
    lenet_error error;
    answer a = {.rows = json_array()};
    const char *const texts[] = {text, NULL};
    *code = LENET_OK;
    if (!a.rows)
        a.status = LENET_FAILURE;
    else if (lab_store_query(q->store, sql, texts, take_row, &a, &error))
        *code = report_error(&error);
    if (!*code && a.unsound)
        print_notice("%s: damaged: a text of the column %s is no JSON", q->db, a.unsound);
    else if (!*code && a.status)
        report_no_memory();
    *code = *code ? *code : (int)a.status;
    if (!*code)
        return a.rows;
    json_decref(a.rows);
    return NULL;
}

/*
 * A run that finished no epoch measured nothing. Older versions stored epoch 0 and figures of untrained
 * weights.
 */
#define RUN_COLUMNS                                                                                                   \
    "id, identity, data, iif(state = 'running' AND lenet_is_dead(owner), 'stopped', state) AS state, message, seed, " \
    "epochs, nullif(best_epoch, 0) AS best_epoch, iif(best_epoch > 0, test_accuracy, NULL) AS test_accuracy, "        \
    "iif(best_epoch > 0, test_loss, NULL) AS test_loss, seconds, train_count, val_count, "                            \
    "iif(best_epoch > 0, test_count, NULL) AS test_count, weights_sha256, kept_weights_sha256, version, machine, "    \
    "isa, "                                                                                                           \
    "threads, claimed, ended, measured, recipe"

/* Adds the settings to the recipe. Returns an exit code. */
static int describe_run(json_t *run)
{
    const bool is_28 = json_integer_value(json_object_get(run, "is_28")) == 1;
    json_object_del(run, "is_28");
    return json_object_set_new(run, "choices", describe_recipe(json_object_get(run, "recipe"), is_28))
               ? report_no_memory()
               : LENET_OK;
}

/* `alone`: in the place of the recipe. Returns an exit code. */
static int describe_recipes(json_t *rows, bool alone)
{
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        const int code = describe_run(row);
        if (code)
            return code;
        if (alone)
            json_object_del(row, "recipe");
    }
    return LENET_OK;
}

/* The runs that are wanted, in their order; NULL after a complaint, whose exit code goes to *code. */
static json_t *find_runs(const query *q, const command_line *line, int *code)
{
    char sql[8192], filter[4096], order[256];
    *code = sort_sql(line, q->sort, order, sizeof order);
    if (*code != PARSED)
        return NULL;
    if (!filter_sql(q->where, filter, sizeof filter)) {
        *code = usage_error(line, "--where: longer than %zu characters", sizeof filter);
        return NULL;
    }
    snprintf(sql, sizeof sql, "SELECT " RUN_COLUMNS ", " LAB_RUN_IS_28 " AS is_28 FROM run WHERE (%s) ORDER BY %s",
             filter, order);
    return ask(q, sql, NULL, code);
}

/* CSV; of no runs at all the line of columns, which a row of nothing has. Returns an exit code. */
static int print_runs_csv(const query *q, const json_t *rows)
{
    int code = LENET_OK;
    if (json_array_size(rows)) {
        print_csv(rows);
        return code;
    }
    json_t *none = ask(q, "SELECT " RUN_COLUMNS " FROM (SELECT 1) LEFT JOIN run ON 0", NULL, &code);
    if (none)
        code = describe_recipes(none, true);
    if (!code)
        print_csv_titles(none);
    json_decref(none);
    return code;
}

/* ------------------------------------------------------------------------------------------------------------- list */

/* Runs of one recipe but for the seed, on the same images. */
typedef struct group {
    json_t *row;
    const json_t *images; /* their hash */
    size_t measured;
    double sum, squares, best;
} group;

static const json_t *hash_of_images(const json_t *run)
{
    return json_object_get(json_object_get(run, "recipe"), "data_sha256");
}

static bool is_of_group(const group *g, const json_t *run)
{
    return json_equal(g->images, hash_of_images(run)) &&
           json_equal(json_object_get(g->row, "data"), json_object_get(run, "data")) &&
           json_equal(json_object_get(g->row, "choices"), json_object_get(run, "choices"));
}

static void add_to_group(group *g, const json_t *run)
{
    const json_t *accuracy = json_object_get(run, "test_accuracy");
    const double value = json_number_value(accuracy);
    json_object_set_new(g->row, "runs", json_integer(json_integer_value(json_object_get(g->row, "runs")) + 1));
    if (!json_is_number(accuracy))
        return;
    g->best = g->measured && g->best > value ? g->best : value;
    g->measured++;
    g->sum += value;
    g->squares += value * value;
}

/* Mean, deviation and best of the accuracies. False: out of memory. */
static bool finish_group(const group *g)
{
    const double count = (double)g->measured, mean = g->measured ? g->sum / count : NAN;
    const double variance = g->measured > 1 ? (g->squares - g->sum * mean) / (count - 1) : NAN;
    return !json_object_set_new(g->row, "test_accuracy", value_of_number(mean)) &&
           !json_object_set_new(g->row, "deviation", value_of_number(variance > 0 ? sqrt(variance) : variance)) &&
           !json_object_set_new(g->row, "best", value_of_number(g->measured ? g->best : NAN));
}

/* A row for each group, in the order of its first run. NULL: out of memory. */
static json_t *group_runs(const json_t *runs)
{
    group *groups = calloc(json_array_size(runs) + 1, sizeof *groups);
    json_t *rows = json_array(), *run;
    size_t i, count = 0;
    bool is_whole = groups && rows;
    json_array_foreach(runs, i, run)
    {
        size_t at = 0;
        while (is_whole && at < count && !is_of_group(&groups[at], run))
            at++;
        if (is_whole && at == count) {
            groups[count].row = json_pack("{s:i, s:O, s:O}", "runs", 0, "data", json_object_get(run, "data"), "choices",
                                          json_object_get(run, "choices"));
            groups[count].images = hash_of_images(run);
            is_whole = groups[count].row && !json_array_append_new(rows, groups[count].row);
            count++;
        }
        if (is_whole)
            add_to_group(&groups[at], run);
    }
    for (i = 0; i < count && is_whole; i++)
        is_whole = finish_group(&groups[i]);
    free(groups);
    if (is_whole)
        return rows;
    json_decref(rows);
    return NULL;
}

static int print_groups(const query *q, json_t *runs)
{
    static const column columns[] = {{"runs", "runs", COLUMN_NUMBER, 0},
                                     {"data", "data", COLUMN_TEXT, 20},
                                     {"test_accuracy", "mean test %", COLUMN_PERCENT, 0},
                                     {"deviation", "deviation", COLUMN_PERCENT, 0},
                                     {"best", "best", COLUMN_PERCENT, 0},
                                     {"choices", "other than the defaults", COLUMN_REST, 0},
                                     {NULL, NULL, COLUMN_TEXT, 0}};
    json_t *rows = group_runs(runs);
    json_decref(runs);
    if (!rows)
        return report_no_memory();
    if (q->json)
        return print_document(rows);
    if (q->csv)
        print_csv(rows);
    else
        print_columns(rows, columns);
    json_decref(rows);
    return LENET_OK;
}

static int list_runs(const query *q, const command_line *line)
{
    static const column columns[] = {{"id", "run", COLUMN_NUMBER, 0},
                                     {"identity", "identity", COLUMN_TEXT, 9},
                                     {"data", "data", COLUMN_TEXT, 20},
                                     {"state", "state", COLUMN_TEXT, 0},
                                     {"seed", "seed", COLUMN_NUMBER, 0},
                                     {"epochs", "epochs", COLUMN_NUMBER, 0},
                                     {"best_epoch", "kept", COLUMN_NUMBER, 0},
                                     {"test_accuracy", "test %", COLUMN_PERCENT, 0},
                                     {"seconds", "seconds", COLUMN_SECONDS, 0},
                                     {"choices", "other than the defaults", COLUMN_REST, 0},
                                     {NULL, NULL, COLUMN_TEXT, 0}};
    int code;
    json_t *rows = find_runs(q, line, &code);
    if (!rows)
        return code;
    code = describe_recipes(rows, q->csv && !q->group);
    if (!code && q->group)
        return print_groups(q, rows);
    if (!code && q->json)
        return print_document(rows);
    if (!code && q->csv)
        code = print_runs_csv(q, rows);
    else if (!code)
        print_columns(rows, columns);
    json_decref(rows);
    return code;
}

/* ------------------------------------------------------------------------------------------------------------- show */

/* The run that is called `name` (cli/find-run.h); NULL after a complaint. */
static json_t *find_run(const query *q, const char *name, int *code)
{
    named_run found;
    char id[32];
    *code = find_named_run(q->store, q->db, name, &found);
    if (*code)
        return NULL;
    snprintf(id, sizeof id, "%lld", (long long)found.number);
    json_t *rows = ask(q, "SELECT " RUN_COLUMNS ", " LAB_RUN_IS_28 " AS is_28 FROM run WHERE id = ?1", id, code);
    json_t *run = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    *code = run ? describe_run(run) : *code;
    if (!*code)
        return run;
    json_decref(run);
    return NULL;
}

/* Adds what other tables have of the run. */
static int add_tables(const query *q, json_t *run)
{
    static const char *const tables[][2] = {
        {"epoch_list", "SELECT * FROM epoch WHERE run = ?1 ORDER BY epoch"},
        {"layers", "SELECT * FROM layer WHERE run = ?1 ORDER BY epoch, place"},
        {"confusion",
         "SELECT truth, predicted, count FROM confusion WHERE run = ?1 AND count > 0 ORDER BY truth, predicted"},
        {"noise", "SELECT truth, label, count FROM noise WHERE run = ?1 AND count > 0 ORDER BY truth, label"},
    };
    char id[32];
    int code = LENET_OK;
    snprintf(id, sizeof id, "%lld", (long long)json_integer_value(json_object_get(run, "id")));
    for (size_t i = 0; i < sizeof tables / sizeof *tables && !code; i++) {
        json_t *rows = ask(q, tables[i][1], id, &code), *row;
        size_t at;
        json_array_foreach(rows, at, row) json_object_del(row, "run");
        if (rows && json_object_set_new(run, tables[i][0], rows))
            code = report_no_memory();
    }
    return code;
}

/* What is too long for its column begins a line. */
static void print_pair(const char *key, const char *text)
{
    enum { COLUMN = 25, INNER = 4 };
    const bool fits = COLUMN + text_width(text) <= LINE_WIDTH;
    printf(fits ? "  %-22s " : "  %s\n    ", key);
    print_wrapped(stdout, text, fits ? COLUMN : INNER);
}

static void print_pairs(const json_t *object, const char *const *but)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        char *text = json_is_string(value) ? strdup(json_string_value(value))
                                           : json_text(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6) | JSON_COMPACT);
        bool is_left_out = json_is_null(value);
        for (const char *const *name = but; *name; name++)
            is_left_out |= !strcmp(*name, key);
        if (!is_left_out && text)
            print_pair(key, make_printable(text));
        free(text);
    }
}

static void print_run(const json_t *run)
{
    static const char *const tables[] = {"recipe", "choices", "epoch_list", "layers", "confusion", "noise", NULL},
                             *const none[] = {NULL};
    static const column epochs[] = {{"epoch", "epoch", COLUMN_NUMBER, 0},
                                    {"learning_rate", "rate", COLUMN_NUMBER, 0},
                                    {"train_loss", "train loss", COLUMN_LOSS, 0},
                                    {"train_accuracy", "train %", COLUMN_PERCENT, 0},
                                    {"val_accuracy", "validation %", COLUMN_PERCENT, 0},
                                    {"test_accuracy", "test %", COLUMN_PERCENT, 0},
                                    {"seconds", "seconds", COLUMN_SECONDS, 0},
                                    {NULL, NULL, COLUMN_TEXT, 0}};
    const style look = style_of(stdout);
    printf("%srun%s\n", look.bold, look.reset);
    print_pairs(run, tables);
    printf("\n%srecipe%s\n", look.bold, look.reset);
    print_pairs(json_object_get(run, "recipe"), none);
    printf("\n%sepochs%s\n", look.bold, look.reset);
    print_columns(json_object_get(run, "epoch_list"), epochs);
}

static int show_run(query *q, const char *name)
{
    int code;
    json_t *run = find_run(q, name, &code);
    if (!run)
        return code;
    code = add_tables(q, run);
    if (!code && q->json)
        return print_document(run);
    if (!code && q->csv)
        print_csv(json_object_get(run, "epoch_list"));
    else if (!code)
        print_run(run);
    json_decref(run);
    return code;
}

/* ------------------------------------------------------------------------------------------------------------- diff */

/* A row for each key of either that differs. */
static void add_differences(json_t *rows, const json_t *a, const json_t *b, const char *of)
{
    const char *key;
    json_t *value, *all = json_copy((json_t *)a);
    json_object_update_missing(all, (json_t *)b);
    json_object_foreach(all, key, value)
    {
        const json_t *left = json_object_get(a, key), *right = json_object_get(b, key);
        if (json_is_object(value) || json_equal(left, right))
            continue;
        json_array_append_new(rows, json_pack("{s:s, s:s, s:O?, s:O?}", "of", of, "key", key, "a", left, "b", right));
    }
    json_decref(all);
}

/* What the classes of the run's data are called; nothing where that is not known. */
static void add_class_names(const query *q, json_t *run)
{
    char id[32];
    int code;
    snprintf(id, sizeof id, "%lld", (long long)json_integer_value(json_object_get(run, "id")));
    json_t *rows = ask(q,
                       "SELECT class_names FROM run JOIN subject ON subject.data = run.data"
                       " AND train_sha256 = data_sha256 WHERE run.id = ?1 ORDER BY seen DESC LIMIT 1",
                       id, &code);
    json_t *names = json_object_get(json_array_get(rows, 0), "class_names");
    if (names)
        json_object_set(run, "class_names", names);
    json_decref(rows);
}

/* As text: the column kinds do not fit where each row is of another key. */
static int diff_runs(query *q, const char *first, const char *second)
{
    static const column columns[] = {{"of", "of", COLUMN_TEXT, 0},
                                     {"key", "key", COLUMN_TEXT, 0},
                                     {"a", "first", COLUMN_TEXT, 40},
                                     {"b", "second", COLUMN_TEXT, 40},
                                     {NULL, NULL, COLUMN_TEXT, 0}};
    int code;
    json_t *a = find_run(q, first, &code), *b = a ? find_run(q, second, &code) : NULL, *rows = json_array();
    if (a && b) {
        json_object_del(a, "choices"); /* which are in the recipes */
        json_object_del(a, "seed");
        json_object_del(b, "choices");
        json_object_del(b, "seed");
        add_class_names(q, a);
        add_class_names(q, b);
        add_differences(rows, json_object_get(a, "recipe"), json_object_get(b, "recipe"), "recipe");
        add_differences(rows, a, b, "run");
        if (q->json)
            code = print_document(json_incref(rows));
        else if (q->csv)
            print_csv(rows);
        else
            print_columns(rows, columns);
    }
    json_decref(a);
    json_decref(b);
    json_decref(rows);
    return code;
}

/* ----------------------------------------------------------------------------------------------------------- export */

/* The recipe's keys among the others, for a table. */
static void flatten(json_t *run)
{
    json_t *recipe = json_incref(json_object_get(run, "recipe"));
    json_object_del(run, "recipe");
    json_object_update_missing(run, recipe);
    json_decref(recipe);
}

static int print_export(const query *q, const command_line *line)
{
    int code;
    size_t i;
    json_t *run, *rows = find_runs(q, line, &code);
    if (!rows)
        return code;
    json_array_foreach(rows, i, run)
    {
        json_object_del(run, "is_28");
        if (q->csv)
            flatten(run);
        else if (!code)
            code = add_tables(q, run);
    }
    if (!code && !q->csv)
        return print_document(rows);
    if (!code)
        code = print_runs_csv(q, rows);
    json_decref(rows);
    return code;
}

/* --------------------------------------------------------------------------------------------------------------- gc */

static int collect(query *q)
{
    lenet_error error;
    size_t removed = 0;
    if (lab_store_collect(q->store, q->days, &removed, &error))
        return report_error(&error);
    printf("%zu failed or abandoned run%s removed\n", removed, removed == 1 ? "" : "s");
    return LENET_OK;
}

/* --------------------------------------------------------------------------------------------------------- commands */

#define DB_ROW(q)                                                                                             \
    {                                                                                                         \
        .name = "db", .metavar = "FILE", .kind = LN_OPTION_TEXT, .value = &(q).db, .help = "database of runs" \
    }
#define WHERE_ROW(q)                                                                                              \
    {                                                                                                             \
        .name = "where", .metavar = "CONDITION", .kind = LN_OPTION_TEXT, .value = &(q).where, .fallback = "all",  \
        .help = "only runs that meet this condition on settings and columns: \"lr=0.001 and data=mnist\"; or SQL" \
    }
#define SORT_ROW(q)                                                                                      \
    {                                                                                                    \
        .name = "sort", .metavar = "KEY", .kind = LN_OPTION_TEXT, .value = &(q).sort, .fallback = "run", \
        .help = "sort by a column or a setting: test_accuracy, lr; -KEY sorts the largest first"         \
    }
#define JSON_ROW(q)                                                                      \
    {                                                                                    \
        .name = "json", .kind = LN_OPTION_BOOL, .value = &(q).json, .help = "print JSON" \
    }
#define CSV_ROW(q, what)                                                       \
    {                                                                          \
        .name = "csv", .kind = LN_OPTION_BOOL, .value = &(q).csv, .help = what \
    }

static int read_line(query *q, const command_line *line, bool write, int argc, char **argv)
{
    lenet_error error;
    int count = 0;
    q->db = "lenet.db";
    const int stop = parse_command_line(line, argc, argv, &count);
    if (stop != PARSED)
        return stop;
    if (q->json && q->csv)
        return usage_error(line, "--json and --csv: one of them");
    if (write && access(q->db, F_OK)) { /* a misspelled name makes no database */
        print_notice("%s: %s", q->db, strerror(errno));
        return LENET_IO;
    }
    return lab_store_open(&q->store, q->db, write, &error) ? report_error(&error) : PARSED;
}

static int run_list(int argc, char **argv)
{
    query q = {.db = "lenet.db"};
    const ln_option options[] = {
        DB_ROW(q),
        WHERE_ROW(q),
        SORT_ROW(q),
        {.name = "group",
         .kind = LN_OPTION_BOOL,
         .value = &q.group,
         .help = "one line for all runs that differ only in the seed: number, mean, standard deviation and best"},
        JSON_ROW(q),
        CSV_ROW(q, "print CSV, a line for each run"),
        {.name = NULL}};
    const command_line line = {.command = "runs list",
                               .arguments = "[options]",
                               .options = options,
                               .summary = "Lists the runs of a database: settings and results.",
                               .examples =
                                   "  lenet runs list --db lenet-report/lenet.db\n"
                                   "  lenet runs list --where \"lr=0.01 and arch=lenet5-valid\" --sort -test_accuracy\n"
                                   "  lenet runs list --group\n"
                                   "  lenet runs list --where \"state = 'finished' AND test_accuracy > 0.99\" --csv\n"};
    int code = read_line(&q, &line, false, argc, argv);
    code = code == PARSED ? list_runs(&q, &line) : code;
    lab_store_close(&q.store);
    return code;
}

static int run_show_run(int argc, char **argv)
{
    query q = {.db = "lenet.db"};
    const ln_option options[] = {
        DB_ROW(q), JSON_ROW(q), CSV_ROW(q, "print CSV, a line for each epoch"), {.name = NULL}};
    const command_line line = {
        .command = "runs show",
        .arguments = "RUN [options]",
        .options = options,
        .fewest = 1,
        .most = 1,
        .summary =
            "Shows everything about one run. RUN is its number, the beginning of its identity, or its description "
            "in 'runs list', such as \"lr 0.002, seed 3\".",
        .examples = "  lenet runs show 12 --db lenet-report/lenet.db\n  lenet runs show fbe47f6d --json\n"};
    int code = read_line(&q, &line, false, argc, argv);
    code = code == PARSED ? show_run(&q, argv[0]) : code;
    lab_store_close(&q.store);
    return code;
}

static int run_diff(int argc, char **argv)
{
    query q = {.db = "lenet.db"};
    const ln_option options[] = {DB_ROW(q), JSON_ROW(q), CSV_ROW(q, "print CSV"), {.name = NULL}};
    const command_line line = {.command = "runs diff",
                               .arguments = "RUN RUN [options]",
                               .options = options,
                               .fewest = 2,
                               .most = 2,
                               .summary = "Shows how two runs differ: first their recipes, then their results.",
                               .examples = "  lenet runs diff 3 4 --db lenet-report/lenet.db\n"};
    int code = read_line(&q, &line, false, argc, argv);
    code = code == PARSED ? diff_runs(&q, argv[0], argv[1]) : code;
    lab_store_close(&q.store);
    return code;
}

static int export_runs(int argc, char **argv)
{
    query q = {.db = "lenet.db"};
    const ln_option options[] = {
        DB_ROW(q),
        WHERE_ROW(q),
        SORT_ROW(q),
        JSON_ROW(q),
        CSV_ROW(q, "print CSV instead: a line for each run, a column for each setting and result"),
        {.name = NULL}};
    const command_line line = {
        .command = "runs export",
        .arguments = "[options]",
        .options = options,
        .summary = "Prints everything in the database as JSON: recipes, results, epochs, layers, matrices.",
        .examples =
            "  lenet runs export --db lenet-report/lenet.db > runs.json\n  lenet runs export --csv > runs.csv\n"};
    int code = read_line(&q, &line, false, argc, argv);
    code = code == PARSED ? print_export(&q, &line) : code;
    lab_store_close(&q.store);
    return code;
}

static int run_gc(int argc, char **argv)
{
    query q = {.db = "lenet.db"};
    const ln_option options[] = {DB_ROW(q),
                                 {.name = "days",
                                  .metavar = "N",
                                  .kind = LN_OPTION_REAL,
                                  .value = &q.days,
                                  .low = 0,
                                  .high = INFINITY,
                                  .help = "only runs that began at least so many days ago"},
                                 {.name = NULL}};
    const command_line line = {.command = "runs gc",
                               .arguments = "[options]",
                               .options = options,
                               .summary = "Removes failed runs and runs whose process has died, with their "
                                          "checkpoints and models, and frees the "
                                          "space. Finished runs stay.",
                               .examples = "  lenet runs gc --days 7\n"};
    int code = read_line(&q, &line, true, argc, argv);
    code = code == PARSED ? collect(&q) : code;
    lab_store_close(&q.store);
    return code;
}

static const command parts[] = {
    {"list", "list the runs with their settings and results", run_list},
    {"show", "show everything about one run", run_show_run},
    {"diff", "compare two runs", run_diff},
    {"export", "print everything as JSON or CSV", export_runs},
    {"gc", "remove failed and abandoned runs", run_gc},
    {NULL, NULL, NULL},
};

static int print_usage(void)
{
    const style look = style_of(stdout);
    fputs("usage: lenet runs list|show|diff|export|gc [arguments]\n\n", stdout);
    printf("%sexamples%s\n", look.bold, look.reset);
    fputs("  lenet runs list --db lenet-report/lenet.db\n"
          "  lenet runs show 12 --db lenet-report/lenet.db\n"
          "  lenet runs export --csv > runs.csv\n\n",
          stdout);
    for (const command *part = parts; part->name; part++)
        printf("  lenet runs %-8s%s\n", part->name, part->summary);
    fputs("\nA database is one SQLite file, lenet.db unless --db names another; docs/formats.md has its\n"
          "tables, for questions in SQL. 'lenet runs list --help' and so on explain each.\n",
          stdout);
    return LENET_OK;
}

int run_runs(int argc, char **argv) { return run_part("runs", parts, print_usage, argc, argv); }
