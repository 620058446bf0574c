/* SPDX-License-Identifier: MIT */
/*
 * study.c - from the tree of a file to experiments, points and runs. Options are known by the table of
 * settings alone, so that a new setting can be studied once it is there.
 */
#include "lab/study/study.h"

#include "lab/data/folders.h"
#include "lenet/tools.h"
#include "settings/setting.h"
#include "util/error.h"
#include "util/nearest.h"
#include "util/printable.h"
#include "util/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_POINTS = 10000, MOST_OPTIONS = 200 };

/* What is being read: for errors and for what holds everywhere. */
typedef struct reader {
    lab_study *study;
    const lab_yaml *base, *seeds, *quick; /* of the study */
    lenet_error *error;
} reader;

static lenet_status refuse(const reader *r, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
static lenet_status refuse(const reader *r, int line, const char *format, ...)
{
    char text[480];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return ln_fail(r->error, LENET_USAGE, "%s:%d: %s", r->study->file, line, text);
}

/* The error of another part about the line, with its status: a lack of memory is no mistake of the file. */
static lenet_status pass_on(const reader *r, int line, const char *label, const lenet_error *why)
{
    return ln_fail(r->error, why->status == LENET_INPUT ? LENET_USAGE : why->status, "%s:%d: %s%s%s%s", r->study->file,
                   line, label ? "'" : "", label ? label : "", label ? "': " : "", why->text);
}

static lenet_status no_memory(const reader *r)
{
    return ln_fail(r->error, LENET_FAILURE, "%s: out of memory", r->study->file);
}

/* ------------------------------------------------------------------------------------------------------------ keys */

/* A mapping that has none but these keys. */
static lenet_status check_keys(const reader *r, const lab_yaml *map, const char *what, const char *const *keys)
{
    if (map->kind != LAB_YAML_MAP)
        return refuse(r, map->line, "%s: a mapping is wanted, as in 'key: value'", what);
    for (size_t i = 0; i < map->count; i++)
        if (!ln_is_name(map->items[i].key, keys)) {
            const char *near = ln_nearest_name(map->items[i].key, keys);
            return refuse(r, map->items[i].line, "%s: unknown key '%.60s'%s%s%s", what, map->items[i].key,
                          near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
        }
    return LENET_OK;
}

/* What `map` has under `key`, if it is of this kind; *item NULL: it has nothing. */
static lenet_status find(const reader *r, const lab_yaml *map, const char *key, lab_yaml_kind kind,
                         const lab_yaml **item)
{
    /* in the order of lab_yaml_kind */
    static const char *const kinds[] = {"one value", "a list", "a mapping"};
    *item = map ? lab_yaml_find(map, key) : NULL;
    if (*item && (*item)->kind == LAB_YAML_SCALAR && (*item)->is_null)
        *item = NULL;
    if (*item && (*item)->kind != kind)
        return refuse(r, (*item)->line, "%s: %s is wanted", key, kinds[kind]);
    return LENET_OK;
}

static lenet_status find_text(const reader *r, const lab_yaml *map, const char *key, const char **text)
{
    const lab_yaml *item;
    const lenet_status status = find(r, map, key, LAB_YAML_SCALAR, &item);
    *text = !status && item ? ln_make_printable(item->text, "\t\n") : NULL; /* it is shown */
    return status;
}

/* A name that files are called by. */
static lenet_status find_name(const reader *r, const lab_yaml *map, const char *key, const char **name)
{
    const lenet_status status = find_text(r, map, key, name);
    if (status)
        return status;
    if (!*name)
        return refuse(r, map->line, "'%s' is missing: a name of lower-case letters, digits and hyphens", key);
    const size_t length = strlen(*name);
    if (!length || length > 60 || strspn(*name, "abcdefghijklmnopqrstuvwxyz0123456789-") != length || **name == '-')
        return refuse(r, lab_yaml_find(map, key)->line,
                      "%s: '%.60s' is no name of up to 60 lower-case letters, digits and hyphens", key, *name);
    return LENET_OK;
}

/* --------------------------------------------------------------------------------------------------------- options */

/* A key as options are spelled. */
static void spell(const char *key, char name[64])
{
    snprintf(name, 64, "%s", key);
    for (char *c = name; *c; c++)
        *c = *c == '_' ? '-' : *c;
}

static lenet_status refuse_option(const reader *r, const lab_yaml *item, const char *name)
{
    const char *names[MOST_OPTIONS + 4] = {"data", "data-dir", "arch"};
    size_t count = 3;
    for (const ln_option *s = ln_settings; s->name && count < MOST_OPTIONS; s++)
        names[count++] = s->name;
    if (!strcmp(name, "seed"))
        return refuse(r, item->line, "seed: every recipe is run with the seeds under 'seeds'");
    const char *near = ln_nearest_name(name, names);
    return refuse(r, item->line, "unknown option '%.60s'%s%s%s", item->key ? item->key : name,
                  near ? "; did you mean " : "", near ? near : "",
                  near ? "?" : " (options are those of 'lenet train' that the weights or the measurements depend on)");
}

/* Gives the point the option `key` with the value of `item`; null leaves it as it is. */
static lenet_status set_option(const reader *r, lab_point *point, const char *key, const lab_yaml *item)
{
    char name[64];
    lenet_error why;
    spell(key, name);
    if (item->kind != LAB_YAML_SCALAR)
        return refuse(r, item->line, "%s: one value is wanted, not a %s", key,
                      item->kind == LAB_YAML_LIST ? "list" : "mapping");
    const char **text = !strcmp(name, "data")       ? &point->data
                        : !strcmp(name, "data-dir") ? &point->folder
                        : !strcmp(name, "arch")     ? &point->architecture
                                                    : NULL;
    const ln_option *setting = ln_setting_find(name);
    if (!text && (!setting || !strcmp(name, "seed") || ln_setting_is_of_the_call(setting)))
        return refuse_option(r, item, name);
    if (item->is_null)
        return LENET_OK;
    if (text && !*item->text)
        return refuse(r, item->line, "%s: must not be empty", key);
    if (text)
        *text = item->text;
    else if (ln_option_parse(setting, item->text, ln_setting_field(setting, &point->settings), &why))
        return pass_on(r, item->line, NULL, &why);
    return LENET_OK;
}

/* All of a mapping but the keys that are none. */
static lenet_status set_options(const reader *r, lab_point *point, const lab_yaml *map, const char *const *others)
{
    lenet_status status = LENET_OK;
    for (size_t i = 0; map && i < map->count && !status; i++)
        if (!ln_is_name(map->items[i].key, others))
            status = set_option(r, point, map->items[i].key, &map->items[i]);
    return status;
}

/* ----------------------------------------------------------------------------------------------------------- seeds */

static lenet_status read_number(const reader *r, const lab_yaml *item, uint64_t *number)
{
    lenet_error why;
    if (item->kind != LAB_YAML_SCALAR)
        return refuse(r, item->line, "seeds: a number, or a list of numbers, is wanted");
    if (ln_option_parse(ln_setting_find("seed"), item->text, number, &why))
        return pass_on(r, item->line, NULL, &why);
    return LENET_OK;
}

/* `seeds: 5` is 1 to 5, `seeds: [7, 9]` is these. */
static lenet_status read_seeds(const reader *r, const lab_yaml *item, uint64_t **seeds, size_t *count)
{
    uint64_t number = 1;
    lenet_status status = LENET_OK;
    const bool is_list = item && item->kind == LAB_YAML_LIST && !r->study->variant.seeds;
    if (r->study->variant.seeds)
        number = r->study->variant.seeds;
    else if (item && !is_list)
        status = read_number(r, item, &number);
    if (status)
        return status;
    if (item && (is_list ? item->count < 1 || item->count > LAB_MOST_SEEDS : number < 1 || number > LAB_MOST_SEEDS))
        return refuse(r, item->line, "seeds: from 1 to %d are wanted", LAB_MOST_SEEDS);
    *count = is_list ? item->count : (size_t)number;
    *seeds = calloc(*count, sizeof **seeds);
    if (!*seeds)
        return no_memory(r);
    for (size_t i = 0; i < *count && !status; i++) {
        (*seeds)[i] = i + 1;
        if (is_list)
            status = read_number(r, &item->items[i], &(*seeds)[i]);
        for (size_t j = 0; j < i && !status; j++)
            if ((*seeds)[i] == (*seeds)[j])
                status = refuse(r, item->items[i].line, "seeds: %ju comes twice", (uintmax_t)(*seeds)[i]);
    }
    return status;
}

/* ---------------------------------------------------------------------------------------------------------- points */

/* Where an experiment's points come from. */
typedef struct recipe_source {
    const lab_yaml *base, *grid, *settings, *seeds, *quick; /* of the experiment */
} recipe_source;

static lenet_status check_data(const reader *r, const lab_point *point)
{
    lenet_model *model = NULL;
    lenet_error why;
    if (!point->data)
        return refuse(r, point->line, "'%s' has no data: name a data set under 'base'", point->label);
    if (!r->study->variant.is_over && lab_data_check(point->data, &why))
        return pass_on(r, point->line, NULL, &why);
    const lenet_source *source = lenet_source_find(point->data);
    if (!source)
        return LENET_OK;
    if (lenet_model_create_with(&model, point->architecture, &point->settings, source->shape, source->classes, &why))
        return pass_on(r, point->line, point->label, &why);
    lenet_model_close(&model);
    return LENET_OK;
}

/* Settles what follows from other settings, and how many runs there are. */
static lenet_status complete(const reader *r, lab_point *point, const lab_yaml *seeds_item)
{
    lenet_error why;
    uint64_t *seeds = NULL;
    size_t seed_count = 0;
    point->is_over_folds = point->settings.folds && point->settings.fold < 0;
    point->settings.fold = point->settings.fold < 0 ? 0 : point->settings.fold;
    if (lenet_settings_complete(&point->settings, &point->settings, &why))
        return pass_on(r, point->line, point->label, &why);
    const lenet_status status = read_seeds(r, seeds_item, &seeds, &seed_count);
    if (status) {
        free(seeds);
        return status;
    }
    const size_t folds = point->is_over_folds ? (size_t)point->settings.folds : 1;
    point->run_count = seed_count * folds;
    point->runs = calloc(point->run_count, sizeof *point->runs);
    for (size_t i = 0; point->runs && i < point->run_count; i++)
        point->runs[i] = (lab_study_run){.seed = seeds[i / folds], .fold = point->settings.fold + (int)(i % folds)};
    free(seeds);
    return point->runs ? check_data(r, point) : no_memory(r);
}

/* "row's label, lr 0.001, noise 0.2"; of a row without a label, its options. */
static char *compose_label(const lab_yaml *row, const lab_point *point)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    const char *between = "";
    if (!file)
        return NULL;
    if (point->row) {
        fputs(point->row, file);
        between = ", ";
    }
    for (size_t i = 0; row && !point->row && i < row->count; i++)
        if (row->items[i].text && strcmp(row->items[i].key, "seeds") != 0) {
            fprintf(file, "%s%s %s", between, row->items[i].key, row->items[i].text);
            between = ", ";
        }
    for (size_t i = 0; i < point->value_count; i++, between = ", ")
        fprintf(file, "%s%s %s", between, point->values[i].key, point->values[i].text);
    if (!*between)
        fputs("as given", file);
    return ln_close_text(file, &text);
}

/* The value of each key of the grid that belongs to place `at` of its product. */
static lenet_status set_grid(const reader *r, lab_point *point, const lab_yaml *grid, size_t at)
{
    lenet_status status = LENET_OK;
    if (!grid)
        return status;
    point->values = calloc(grid->count, sizeof *point->values);
    if (!point->values)
        return no_memory(r);
    point->value_count = grid->count;
    for (size_t k = grid->count; k-- > 0;) { /* the last key changes fastest */
        const lab_yaml *value = &grid->items[k].items[at % grid->items[k].count];
        at /= grid->items[k].count;
        point->values[k] = (lab_grid_value){grid->items[k].key, value->kind == LAB_YAML_SCALAR ? value->text : ""};
        status = status ? status : set_option(r, point, grid->items[k].key, value);
    }
    return status;
}

static lenet_status read_point(const reader *r, const recipe_source *from, const lab_yaml *row, size_t at,
                               lab_point *point)
{
    static const char *const none[] = {NULL}, *const of_a_row[] = {"label", "seeds", NULL},
                             *const of_quick[] = {"seeds", NULL};
    const bool is_quick = r->study->variant.is_quick;
    *point = (lab_point){.architecture = "lenet5",
                         .line = row          ? row->line
                                 : from->grid ? from->grid->line
                                              : r->study->tree->line};
    lenet_settings_default(&point->settings);
    point->settings.fold = -1; /* until one is named */
    if (row && row->kind != LAB_YAML_MAP)
        return refuse(r, row->line, "settings: each is a mapping from options to values");
    lenet_status status = row ? find_text(r, row, "label", &point->row) : LENET_OK;
    if (!status)
        status = set_options(r, point, r->base, none);
    if (!status)
        status = set_options(r, point, from->base, none);
    if (!status)
        status = set_options(r, point, row, of_a_row);
    if (!status)
        status = set_grid(r, point, from->grid, at);
    if (!status && is_quick)
        status = set_options(r, point, r->quick, of_quick);
    if (!status && is_quick)
        status = set_options(r, point, from->quick, of_quick);
    if (status)
        return status;
    point->label = compose_label(row, point);
    return point->label ? LENET_OK : no_memory(r);
}

static lenet_status check_grid(const reader *r, const lab_yaml *grid, size_t *points)
{
    *points = 1;
    for (size_t k = 0; grid && k < grid->count; k++) {
        const lab_yaml *axis = &grid->items[k];
        if (axis->kind != LAB_YAML_LIST || !axis->count)
            return refuse(r, axis->line, "grid: %s: a list of values is wanted, as in [0.1, 0.2]", axis->key);
        if (*points * axis->count > MOST_POINTS)
            return refuse(r, axis->line, "grid: more than %d combinations", MOST_POINTS);
        *points *= axis->count;
    }
    return LENET_OK;
}

static const lab_yaml *first_of(const lab_yaml *a, const lab_yaml *b) { return a ? a : b; }

static const lab_yaml *seeds_of(const reader *r, const recipe_source *from, const lab_yaml *row)
{
    const lab_yaml *quick = NULL;
    if (r->study->variant.is_quick)
        quick = first_of(from->quick ? lab_yaml_find(from->quick, "seeds") : NULL,
                         r->quick ? lab_yaml_find(r->quick, "seeds") : NULL);
    return first_of(quick, first_of(row ? lab_yaml_find(row, "seeds") : NULL, first_of(from->seeds, r->seeds)));
}

static lenet_status check_labels(const reader *r, const lab_experiment *e)
{
    for (size_t i = 0; i < e->point_count; i++)
        for (size_t j = 0; j < i; j++)
            if (!strcmp(e->points[i].label, e->points[j].label))
                return refuse(r, e->points[i].line, "%s: '%s' stands for two recipes", e->name, e->points[i].label);
    return LENET_OK;
}

static lenet_status read_points(const reader *r, const recipe_source *from, lab_experiment *e)
{
    size_t in_grid = 1;
    lenet_status status = check_grid(r, from->grid, &in_grid);
    if (status)
        return status;
    const size_t rows = from->settings ? from->settings->count : 1;
    if (!rows || rows * in_grid > MOST_POINTS)
        return refuse(r, from->settings->line, "settings: from 1 to %d recipes are wanted", MOST_POINTS);
    e->points = calloc(rows * in_grid, sizeof *e->points);
    status = e->points ? LENET_OK : no_memory(r);
    for (size_t i = 0; i < rows * in_grid && !status; i++) {
        const lab_yaml *row = from->settings ? &from->settings->items[i / in_grid] : NULL;
        lab_point *point = &e->points[e->point_count++];
        status = read_point(r, from, row, i % in_grid, point);
        if (!status)
            status = complete(r, point, seeds_of(r, from, row));
    }
    return status ? status : check_labels(r, e);
}

/* ----------------------------------------------------------------------------------------------------- experiments */

static lenet_status check_show(const reader *r, const lab_yaml *show)
{
    for (size_t i = 0; show && i < show->count; i++)
        if (show->items[i].kind != LAB_YAML_MAP || show->items[i].count != 1)
            return refuse(r, show->items[i].line,
                          "show: each is one kind with its mapping, as in '- curves: {of: train_accuracy}'");
    return LENET_OK;
}

static lenet_status read_experiment(const reader *r, const lab_yaml *map, lab_experiment *e)
{
    static const char *const keys[] = {"base",     "grid", "name", "quick", "section", "seeds",
                                       "settings", "show", "text", "title", NULL};
    recipe_source from = {0};
    lenet_status status = check_keys(r, map, "experiment", keys);
    if (!status)
        status = find_name(r, map, "name", &e->name);
    if (!status)
        status = find_text(r, map, "title", &e->title);
    if (!status)
        status = find_text(r, map, "text", &e->text);
    if (!status)
        status = find_text(r, map, "section", &e->section);
    if (!status)
        status = find(r, map, "base", LAB_YAML_MAP, &from.base);
    if (!status)
        status = find(r, map, "grid", LAB_YAML_MAP, &from.grid);
    if (!status)
        status = find(r, map, "settings", LAB_YAML_LIST, &from.settings);
    if (!status)
        status = find(r, map, "quick", LAB_YAML_MAP, &from.quick);
    if (!status)
        status = find(r, map, "show", LAB_YAML_LIST, &e->show);
    if (!status)
        status = check_show(r, e->show);
    if (status)
        return status;
    from.seeds = lab_yaml_find(map, "seeds");
    e->line = map->line;
    e->title = e->title ? e->title : e->name;
    e->grid = from.grid;
    return read_points(r, &from, e);
}

static lenet_status read_experiments(const reader *r, const lab_yaml *list)
{
    lab_study *study = r->study;
    lenet_status status = LENET_OK;
    study->experiments = calloc(list->count + 1, sizeof *study->experiments);
    if (!study->experiments)
        return no_memory(r);
    for (size_t i = 0; i < list->count && !status; i++) {
        lab_experiment *e = &study->experiments[study->experiment_count++];
        status = read_experiment(r, &list->items[i], e);
        for (size_t j = 0; j < i && !status; j++)
            if (!strcmp(study->experiments[j].name, e->name))
                status = refuse(r, e->line, "name: two experiments are called '%s'", e->name);
    }
    return status;
}

static lenet_status read_study(reader *r)
{
    static const char *const keys[] = {"base", "experiments", "quick", "seeds", "study", "text", "title", NULL};
    lab_study *study = r->study;
    const lab_yaml *root = study->tree, *list = NULL;
    lenet_status status = check_keys(r, root, "study", keys);
    if (!status)
        status = find_name(r, root, "study", &study->name);
    if (!status)
        status = find_text(r, root, "title", &study->title);
    if (!status)
        status = find_text(r, root, "text", &study->text);
    if (!status)
        status = find(r, root, "base", LAB_YAML_MAP, &r->base);
    if (!status)
        status = find(r, root, "quick", LAB_YAML_MAP, &r->quick);
    if (!status)
        status = find(r, root, "experiments", LAB_YAML_LIST, &list);
    if (status)
        return status;
    if (!list || !list->count)
        return refuse(r, root->line, "'experiments' is missing: a list with at least one");
    r->seeds = lab_yaml_find(root, "seeds");
    study->title = study->title ? study->title : study->name;
    return read_experiments(r, list);
}

/* -------------------------------------------------------------------------------------------------- open and close */

/* Takes the tree over. */
static lenet_status take_tree(lab_study **out, const char *file, lab_yaml *tree, lab_variant variant,
                              lenet_error *error)
{
    lab_study *study = calloc(1, sizeof *study);
    char *name = strdup(file);
    if (!study || !name) {
        free(study);
        free(name);
        lab_yaml_close(&tree);
        return ln_fail(error, LENET_FAILURE, "%s: out of memory", file);
    }
    *study = (lab_study){.variant = variant, .file = name, .tree = tree};
    reader r = {.study = study, .error = error};
    const lenet_status status = read_study(&r);
    if (status)
        lab_study_close(&study);
    else
        *out = study;
    return status;
}

lenet_status lab_study_parse(lab_study **study, const char *file, const char *text, size_t size, lab_variant variant,
                             lenet_error *error)
{
    lab_yaml *tree = NULL;
    const lenet_status status = lab_yaml_parse(&tree, file, text, size, error);
    return status ? status : take_tree(study, file, tree, variant, error);
}

static bool is_path(const char *name)
{
    const char *dot = strrchr(name, '.');
    return strchr(name, '/') || (dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml")));
}

lenet_status lab_study_open(lab_study **study, const char *name, lab_variant variant, lenet_error *error)
{
    lab_yaml *tree = NULL;
    const char *names[64] = {NULL};
    if (is_path(name)) {
        const lenet_status status = lab_yaml_read(&tree, name, error);
        return status ? status : take_tree(study, name, tree, variant, error);
    }
    for (size_t i = 0; i < 63 && lab_built_in_studies[i].name; i++) {
        names[i] = lab_built_in_studies[i].name;
        if (!strcmp(name, names[i]))
            return lab_study_parse(study, name, lab_built_in_studies[i].text, lab_built_in_studies[i].size, variant,
                                   error);
    }
    const char *near = ln_nearest_name(name, names);
    return ln_fail(error, LENET_USAGE, "unknown study '%s'%s%s%s; 'lenet study list' shows them, a file ends in .yaml",
                   name, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static void close_point(lab_point *point)
{
    for (size_t i = 0; point->runs && i < point->run_count; i++)
        lab_recipe_close(&point->runs[i].recipe);
    free(point->runs);
    free(point->values);
    free(point->label);
}

void lab_study_close(lab_study **handle)
{
    lab_study *study = *handle;
    *handle = NULL;
    if (!study)
        return;
    for (size_t i = 0; i < study->experiment_count; i++) {
        lab_experiment *e = &study->experiments[i];
        for (size_t j = 0; j < e->point_count; j++)
            close_point(&e->points[j]);
        free(e->points);
    }
    free(study->experiments);
    lab_yaml_close(&study->tree);
    free(study->file);
    free(study);
}

/* -------------------------------------------------------------------------------------------------------- identity */

static lenet_status identify_point(lab_point *point, const lab_subject *subject, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < point->run_count && !status; i++) {
        lab_study_run *run = &point->runs[i];
        lenet_settings settings = point->settings;
        settings.seed = run->seed;
        settings.fold = run->fold;
        lab_recipe_close(&run->recipe);
        status = lab_recipe_make(&run->recipe, point->data, subject, point->architecture, &settings, error);
    }
    return status;
}

lenet_status lab_study_identify(lab_study *study, lab_find_subject *find_subject, void *context, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < study->experiment_count; i++)
        for (size_t j = 0; j < study->experiments[i].point_count && !status; j++) {
            lab_point *point = &study->experiments[i].points[j];
            lab_subject subject;
            lenet_error why;
            status = find_subject(context, point->data, point->folder, &subject, &why);
            point->is_missing = !status && !subject.classes;
            if (point->is_missing && !study->variant.is_quick)
                status = ln_fail(&why, LENET_INPUT, "no run on the data set '%s' is there yet", point->data);
            if (!status && !point->is_missing)
                status = identify_point(point, &subject, &why);
            if (status)
                ln_fail(error, status, "%s:%d: '%s': %s", study->file, point->line, point->label, why.text);
        }
    return status;
}

const char *lab_point_value(const lab_point *point, const char *key)
{
    for (size_t i = 0; i < point->value_count; i++)
        if (!strcmp(point->values[i].key, key))
            return point->values[i].text;
    return NULL;
}
