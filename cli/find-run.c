/* SPDX-License-Identifier: MIT */
/* find-run.c - see find-run.h. */
#include "cli/find-run.h"

#include "cli/filter.h"
#include "cli/terminal.h"
#include "lab/recipe/describe.h"
#include "lab/text/json.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------------------------ what is chosen */

json_t *describe_recipe(const json_t *recipe, bool is_28)
{
    lab_describer *describer = lab_describer_open();
    json_t *described = describer ? lab_recipe_words(describer, recipe, is_28) : NULL;
    lab_describer_close(&describer);
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
static bool is_called(search *s, const char *recipe_text, int64_t seed, bool is_28)
{
    char with_seed[4096];
    bool lacks_memory;
    json_t *recipe = json_read(recipe_text, &lacks_memory), *described = recipe ? describe_recipe(recipe, is_28) : NULL;
    const char *label = json_string_value(described);
    snprintf(with_seed, sizeof with_seed, "%s%sseed %jd", label ? label : "", label && *label ? ", " : "",
             (intmax_t)seed);
    const bool is_it = label && (!strcmp(label, s->name) || !strcmp(with_seed, s->name));
    s->lacks_memory |= lacks_memory || (recipe && !described);
    json_decref(described);
    json_decref(recipe);
    return is_it;
}

/* id, identity, seed, recipe, LAB_RUN_IS_28 */
static int take_candidate(void *context, int columns, const char *const *names, const lab_value *v)
{
    search *s = context;
    (void)columns, (void)names;
    if (s->is_label &&
        (v[3].type != LAB_TEXT || !is_called(s, v[3].text, v[2].integer, v[4].type == LAB_INTEGER && v[4].integer)))
        return 0;
    if (!s->count) {
        s->first.number = v[0].integer;
        snprintf(s->first.identity, sizeof s->first.identity, "%s", v[1].text);
    }
    const size_t used = strlen(s->list);
    if (s->count < MOST_LISTED)
        snprintf(s->list + used, LIST_ROOM - used, "%s%jd (%.12s, seed %jd)", s->count ? ", " : "",
                 (intmax_t)v[0].integer, v[1].text, (intmax_t)v[2].integer);
    s->count++;
    return 0;
}

#define CANDIDATES "SELECT id, identity, seed, recipe, " LAB_RUN_IS_28 " FROM run "

/* Digits alone are a number; what may be the beginning of an identity and is none may still be a label. */
static lenet_status search_runs(lab_store *store, search *s, lenet_error *error)
{
    const char *const texts[] = {s->name, NULL};
    const size_t length = strlen(s->name);
    if (length && strspn(s->name, "0123456789") == length)
        return lab_store_query(store, CANDIDATES "WHERE id = ?1", texts, take_candidate, s, error);
    lenet_status status = LENET_OK;
    if (length >= 6 && strspn(s->name, "0123456789abcdef") == length)
        status = lab_store_query(store, CANDIDATES "WHERE substr(identity, 1, length(?1)) = ?1 ORDER BY id", texts,
                                 take_candidate, s, error);
    s->is_label = !s->count;
    if (!status && s->is_label)
        status = lab_store_query(store, CANDIDATES "ORDER BY seed, id", NULL, take_candidate, s, error);
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
        print_notice("%s: no run is called '%s': neither its number, nor the beginning of its identity (6 characters "
                     "or more), nor its "
                     "description in 'lenet runs list'",
                     db, name);
    else if (s.count > 1)
        print_notice("%s: '%s' names %zu runs; give the number of one: %s%s", db, name, s.count, s.list,
                     s.count > MOST_LISTED ? ", ..." : "");
    *found = s.first;
    return s.count == 1 ? LENET_OK : LENET_INPUT;
}

/* DIR/model.safetensors; for a folder of several runs, whose models are a level below, prints a notice. */
static int find_in_folder(const char *name, char path[PATH_MAX])
{
    char pattern[PATH_MAX + 32];
    glob_t found;
    if (snprintf(path, PATH_MAX, "%s/model.safetensors", name) >= PATH_MAX) {
        print_notice("%.60s...: the path is too long", name);
        return LENET_IO;
    }
    if (!access(path, F_OK))
        return LENET_OK;
    snprintf(pattern, sizeof pattern, "%s/*/model.safetensors", name);
    if (!glob(pattern, 0, NULL, &found) && found.gl_pathc)
        print_notice("%s: no model.safetensors in this folder, but in %zu below it; name one, as %s", name,
                     found.gl_pathc, found.gl_pathv[0]);
    else
        print_notice("%s: no model.safetensors in this folder", name);
    globfree(&found);
    return LENET_INPUT;
}

static bool is_folder(const char *path)
{
    struct stat status;
    return !stat(path, &status) && S_ISDIR(status.st_mode);
}

int find_model(const char *name, const char *db, char path[PATH_MAX])
{
    lenet_error error;
    named_run found;
    lab_store *store = NULL;
    if (!db && is_folder(name))
        return find_in_folder(name, path);
    if (!db) {
        if (snprintf(path, PATH_MAX, "%s", name) < PATH_MAX)
            return LENET_OK;
        print_notice("%.60s...: the path is too long", name);
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
    print_notice(
        "%s: run %jd has no weights there (%s is missing); 'study run --keep-models all' keeps those of every run", db,
        (intmax_t)found.number, path);
    return LENET_INPUT;
}
