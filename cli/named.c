/* SPDX-License-Identifier: MIT */
/* named.c - see named.h. */
#include "cli/named.h"

#include "cli/terminal.h"
#include "lab/text/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------------------------ what is chosen */

/* The name of an architecture in full, for images of the shape it takes in some known data set; NULL: it has none. */
static const char *short_name(const char *architecture)
{
    const char *found = NULL;
    for (const char *const *name = lenet_option_names(LENET_ARCHITECTURES); *name && !found; name++)
        for (const lenet_source *const *source = lenet_source_list(); *source && !found; source++) {
            lenet_model *model = NULL;
            if (!lenet_model_create(&model, *name, (*source)->shape, (*source)->classes, NULL) &&
                !strcmp(lenet_model_architecture(model), architecture))
                found = *name;
            lenet_model_close(&model);
        }
    return found;
}

/* A value as an option would be given: texts without quotes. False: out of memory. */
static bool write_value(FILE *file, const char *between, const char *key, const json_t *value)
{
    char *dumped = json_is_string(value) ? NULL : json_text(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
    const char *text = dumped ? dumped : json_string_value(value);
    const bool is_whole = text && fprintf(file, "%s%s %s", between, key, text) >= 0;
    free(dumped);
    return is_whole;
}

json_t *describe_recipe(const json_t *recipe)
{
    lenet_settings usual;
    json_t *defaults = json_object(), *value;
    const char *key, *between = "";
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    const char *architecture = json_string_value(json_object_get(recipe, "arch")), *name = short_name(architecture ? architecture : "");
    lab_usual_settings(&usual);
    bool is_whole = file && defaults && lab_add_settings(defaults, &usual, false);
    if (file && architecture && (!name || strcmp(name, "lenet5") != 0)) {
        fprintf(file, "arch %s", name ? name : architecture);
        between = ", ";
    }
    json_object_foreach((json_t *)recipe, key, value) {
        const json_t *fallback = json_object_get(defaults, key);
        if (!file || !fallback || json_equal(fallback, value) || !strcmp(key, "seed"))
            continue;
        is_whole &= write_value(file, between, key, value);
        between = ", ";
    }
    json_decref(defaults);
    json_t *described = file && !fclose(file) && is_whole ? value_of_text(text) : NULL;
    free(text);
    return described;
}

/* ----------------------------------------------------------------------------------------------------------- searching */

enum { MOST_LISTED = 8, LIST_ROOM = 512 };

typedef struct search {
    const char *name;
    bool is_label;
    size_t count;
    bool lacks_memory;
    named_run first;
    char list[LIST_ROOM]; /* "2 (seed 3), 5 (seed 4)" */
} search;

/* With the seed or without it. A recipe that is no JSON has no name. */
static bool is_called(search *s, const char *recipe_text, int64_t seed)
{
    char with_seed[4096];
    bool lacks_memory;
    json_t *recipe = json_read(recipe_text, &lacks_memory), *described = recipe ? describe_recipe(recipe) : NULL;
    const char *label = json_string_value(described);
    snprintf(with_seed, sizeof with_seed, "%s%sseed %jd", label ? label : "", label && *label ? ", " : "", (intmax_t)seed);
    const bool is_it = label && (!strcmp(label, s->name) || !strcmp(with_seed, s->name));
    s->lacks_memory |= lacks_memory || (recipe && !described);
    json_decref(described);
    json_decref(recipe);
    return is_it;
}

/* id, identity, seed, recipe */
static int take_candidate(void *context, int columns, const char *const *names, const lab_value *v)
{
    search *s = context;
    (void)columns, (void)names;
    if (s->is_label && (v[3].type != LAB_TEXT || !is_called(s, v[3].text, v[2].integer)))
        return 0;
    if (!s->count) {
        s->first.number = v[0].integer;
        snprintf(s->first.identity, sizeof s->first.identity, "%s", v[1].text);
    }
    const size_t used = strlen(s->list);
    if (s->count < MOST_LISTED)
        snprintf(s->list + used, LIST_ROOM - used, "%s%jd (%.12s, seed %jd)", s->count ? ", " : "", (intmax_t)v[0].integer, v[1].text,
                 (intmax_t)v[2].integer);
    s->count++;
    return 0;
}

#define CANDIDATES "SELECT id, identity, seed, recipe FROM run "

/* Digits alone are a number; what may be the beginning of an identity and is none may still be a label. */
static lenet_status search_runs(lab_store *store, search *s, lenet_error *error)
{
    const char *const texts[] = {s->name, NULL};
    const size_t length = strlen(s->name);
    if (length && strspn(s->name, "0123456789") == length)
        return lab_store_ask(store, CANDIDATES "WHERE id = ?1", texts, take_candidate, s, error);
    lenet_status status = LENET_OK;
    if (length >= 6 && strspn(s->name, "0123456789abcdef") == length)
        status = lab_store_ask(store, CANDIDATES "WHERE substr(identity, 1, length(?1)) = ?1 ORDER BY id", texts, take_candidate, s, error);
    s->is_label = !s->count;
    if (!status && s->is_label)
        status = lab_store_ask(store, CANDIDATES "ORDER BY id", NULL, take_candidate, s, error);
    return status;
}

int find_named_run(lab_store *store, const char *db, const char *name, named_run *found)
{
    lenet_error error;
    search s = {.name = name};
    if (search_runs(store, &s, &error))
        return report_error(&error);
    if (s.lacks_memory)
        return report_no_memory();
    if (!s.count)
        complain("%s: no run is called '%s': neither its number, nor the beginning of its identity (6 characters or more), nor what "
                 "'lenet runs list' says of it", db, name);
    else if (s.count > 1)
        complain("%s: '%s' names %zu runs; give the number of one: %s%s", db, name, s.count, s.list, s.count > MOST_LISTED ? ", ..." : "");
    *found = s.first;
    return s.count == 1 ? LENET_OK : LENET_INPUT;
}

int find_model(const char *name, const char *db, char path[PATH_MAX])
{
    lenet_error error;
    named_run found;
    lab_store *store = NULL;
    if (!db) {
        if (snprintf(path, PATH_MAX, "%s", name) < PATH_MAX)
            return LENET_OK;
        complain("%.60s...: the path is too long", name);
        return LENET_IO;
    }
    if (lab_store_open(&store, db, 0, &error))
        return report_error(&error);
    int code = find_named_run(store, db, name, &found);
    if (!code && lab_store_model(store, found.identity, 0, path, &error))
        code = report_error(&error);
    lab_store_close(&store);
    if (code || !access(path, F_OK))
        return code;
    complain("%s: run %jd has no weights there (%s is missing); 'study run --keep-models all' keeps those of every run", db,
             (intmax_t)found.number, path);
    return LENET_INPUT;
}
