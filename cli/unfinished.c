/* SPDX-License-Identifier: MIT */
/* unfinished.c - see unfinished.h. */
#include "cli/unfinished.h"

#include "cli/command-line.h"
#include "cli/folder.h"
#include "cli/print-json.h"
#include "cli/recorded.h"
#include "cli/terminal.h"
#include "lab/data/folders.h"
#include "lab/text/json.h"
#include "settings/setting.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* in the order in which they go: without a recipe there is nothing to go on with */
enum { RECIPE_FILE, CHECKPOINT_FILE };

static const char *const records[] = {"run.json", "runs.json"}; /* of one run, and of several */
enum { RECORDS = sizeof records / sizeof *records, MOST_BYTES = 1 << 28 };

const char *const *unfinished_file_names(void)
{
    static const char *const names[] = {"recipe.json", "checkpoint.safetensors", NULL};
    return names;
}

/* The path of a file in a folder; whether it is there. */
static bool is_there(const char *where, const char *name, char *path, size_t capacity)
{
    const int length = snprintf(path, capacity, "%s/%s", where, name);
    return length >= 0 && (size_t)length < capacity && !access(path, F_OK);
}

const char *find_record(const char *where)
{
    const char *const names[] = {unfinished_file_names()[RECIPE_FILE], records[0], records[1]};
    char path[PATH_MAX + 64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_there(where, names[i], path, sizeof path))
            return names[i];
    return NULL;
}

const char *finished_record_name(int are_several) { return records[are_several]; }

json_t *read_record(const char *where, const char *name, lenet_error *error)
{
    char path[PATH_MAX + 64];
    unsigned char *text = NULL;
    size_t size = 0;
    *error = (lenet_error){LENET_OK, ""};
    if (!is_there(where, name, path, sizeof path) || ln_read_file(path, MOST_BYTES, &text, &size, error))
        return NULL;
    json_t *record = json_loadb((const char *)text, size, 0, NULL);
    ln_free(text);
    if (!record && json_lacked_memory())
        ln_fail_memory(error, path, size);
    return record;
}

/* A folder in there with a recipe is none of them: it holds an unfinished run of its own. */
void tidy_up(const char *where, bool is_of_several)
{
    char path[PATH_MAX], recipe[PATH_MAX + 64];
    DIR *inside = is_of_several ? opendir(where) : NULL;
    const struct dirent *entry;
    end_unfinished(where);
    while (inside && (entry = readdir(inside)) != NULL)
        if (entry->d_name[0] != '.' && snprintf(path, sizeof path, "%s/%s", where, entry->d_name) < PATH_MAX &&
            !is_there(path, unfinished_file_names()[RECIPE_FILE], recipe, sizeof recipe))
            end_unfinished(path);
    if (inside)
        closedir(inside);
}

void print_finished(const char *where, const char *name, const json_t *record)
{
    printf("%s: the run is %s, and %s/%s is its record\n", where, json_string_value(json_object_get(record, "status")),
           where, name);
}

/* Says what is in the folder: a run that came to its end, or none. */
static int report_finished(const training *t)
{
    const char *found = records[0];
    json_t *record = NULL;
    lenet_error error = {LENET_OK, ""};
    for (int i = 0; i < RECORDS && !record && !error.status; i++)
        record = read_record(t->resume, found = records[i], &error);
    if (error.status)
        return report_error(&error);
    const char *word = json_string_value(json_object_get(record, "status"));
    char status[16];
    snprintf(status, sizeof status, "%s", word ? word : "");
    const bool is_over = *status && strcmp(status, "stopped");
    if (is_over && t->db) {
        json_decref(record);
        print_notice(
            "--db %s: the run in %s is finished and not put into it; lenet train --config %s/%s --db %s trains it "
            "again",
            t->db, t->resume, t->resume, found, t->db);
        return LENET_USAGE;
    }
    if (is_over) {
        tidy_up(t->resume, found != records[0]);
        folder_remove_lock(t->resume);
    }
    if (is_over && t->json)
        return print_document(record);
    if (is_over)
        print_finished(t->resume, found, record);
    json_decref(record);
    if (is_over)
        return LENET_OK;
    if (!*status) {
        print_notice("%s: there is no run to continue: neither %s nor %s", t->resume,
                     unfinished_file_names()[RECIPE_FILE], records[0]);
        return LENET_INPUT;
    }
    print_notice(
        "%s: the run was stopped, but %s is missing, so it cannot continue; lenet train --config %s/%s --out DIR "
        "starts again",
        t->resume, unfinished_file_names()[RECIPE_FILE], t->resume, found);
    return LENET_INPUT;
}

/* A run that was to be put into a database still is, and what it was to replace is replaced. */
static void recall_wishes(training *t)
{
    static char database[PATH_MAX];
    lenet_error error;
    json_t *recipe = read_record(t->resume, unfinished_file_names()[RECIPE_FILE], &error);
    const char *found = json_string_value(json_object_get(recipe, "db"));
    snprintf(database, sizeof database, "%s", found ? found : "");
    t->force = json_is_true(json_object_get(recipe, "force"));
    json_decref(recipe);
    if (*database && !t->db)
        t->db = database;
}

int find_unfinished(training *t, char *path, size_t capacity)
{
    if (!is_there(t->resume, unfinished_file_names()[RECIPE_FILE], path, capacity))
        return report_finished(t);
    t->config = path;
    t->out = t->resume;
    recall_wishes(t);
    return PARSED;
}

const char *checkpoint_file_name(void) { return unfinished_file_names()[CHECKPOINT_FILE]; }

bool has_checkpoint(const char *out)
{
    char path[PATH_MAX + 64];
    return out && is_there(out, unfinished_file_names()[CHECKPOINT_FILE], path, sizeof path);
}

bool has_finished_run(const char *out)
{
    char path[PATH_MAX + 64];
    lenet_error error;
    json_t *record = read_record(out, records[0], &error);
    const char *status = json_string_value(json_object_get(record, "status"));
    /* one that cannot be read now is not replaced */
    const bool is_over = error.status || (status && strcmp(status, "stopped") != 0);
    json_decref(record);
    return is_over && is_there(out, run_file_names()[0], path, sizeof path);
}

/*
 * A path from the root, for --resume may be called in another folder than `here`; after `before`, which is what a
 * setting has before the path of its file. NULL stays NULL.
 */
static json_t *value_of_path(const char *here, const char *before, const char *path)
{
    char whole[2 * PATH_MAX];
    const bool is_relative = path && *path != '/';
    snprintf(whole, sizeof whole, "%s%s%s%s", before, is_relative ? here : "", is_relative ? "/" : "",
             path ? path : "");
    return value_of_text(path ? whole : NULL);
}

/* Returns false if memory is lacking. */
static bool set_files_from_root(json_t *options, const lenet_settings *settings, const char *here)
{
    bool failed = false;
    for (const ln_option *setting = ln_settings; setting->name && !failed; setting++) {
        const char *file = ln_setting_file(setting, settings);
        char key[LN_OPTION_KEY];
        ln_option_key(setting, "", key);
        failed = file && json_object_set_new(options, key, value_of_path(here, setting->file_after, file));
    }
    return !failed;
}

/* All options, those that name files and folders from the root. NULL: out of memory. */
static json_t *options_from_root(const training *t, const char *here)
{
    json_t *options = training_options(t);
    if (options && !json_object_set_new(options, "data_dir", value_of_path(here, "", t->folder)) &&
        (!lab_is_own_data(t->data) || !json_object_set_new(options, "data", value_of_path(here, "", t->data))) &&
        set_files_from_root(options, &t->settings, here))
        return options;
    json_decref(options);
    return NULL;
}

lenet_status begin_unfinished(const training *t, lenet_error *error)
{
    char path[PATH_MAX + 64], here[PATH_MAX];
    if (has_checkpoint(t->out))
        return LENET_OK;
    snprintf(path, sizeof path, "%s/%s", t->out, unfinished_file_names()[RECIPE_FILE]);
    if (!getcwd(here, sizeof here))
        return ln_fail(error, ln_status_of(errno), "the folder that lenet was started in: %s", strerror(errno));
    json_t *recipe =
        json_pack("{s:s, s:s, s:o, s:b, s:o}", "version", lenet_version(), "identity", t->full_recipe.identity, "db",
                  value_of_path(here, "", t->db), "force", t->force, "options", options_from_root(t, here));
    json_t *files = value_of_files_used(t);
    char *text = recipe && files && !json_object_update(recipe, files) ? document_text(recipe) : NULL;
    json_decref(files);
    json_decref(recipe);
    const lenet_status status = text ? ln_write_file(path, text, strlen(text), error)
                                     : ln_fail(error, LENET_FAILURE, "out of memory for the recipe of the run");
    free(text);
    return status;
}

void end_unfinished(const char *out)
{
    char path[PATH_MAX + 64];
    for (const char *const *name = unfinished_file_names(); *name; name++)
        if (is_there(out, *name, path, sizeof path))
            unlink(path);
}
