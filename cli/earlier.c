/* SPDX-License-Identifier: MIT */
/*
 * earlier.c - see earlier.h. The identity of a record shows its run; one of a version that did not note
 * it is of something else.
 */
#include "cli/earlier.h"

#include "cli/print-json.h"
#include "cli/terminal.h"
#include "cli/unfinished.h"
#include "lab/text/json.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = PATH_MAX + 64 };

static bool is_in(const char *where, const char *name)
{
    char path[PATH_ROOM];
    return snprintf(path, sizeof path, "%s/%s", where, name) < PATH_ROOM && !access(path, F_OK);
}

/* ------------------------------------------------------------------------------------------------------- comparing */

/* The record is of the run, or of all the runs, that are asked for. */
static bool is_same(const training *t, const json_t *record)
{
    const char *identity = json_string_value(json_object_get(record, "identity"));
    const json_t *options = json_object_get(record, "options"), *runs = json_object_get(options, "runs");
    return identity && !strcmp(identity, t->full_recipe.identity) && json_integer_value(runs) == t->runs &&
           json_is_null(json_object_get(options, "fold")) == t->all_folds;
}

/*
 * What is asked for and what the earlier run measured, both. True: the earlier one measured all that is requested
 * for.
 */
static bool join_measured(training *t, const json_t *record)
{
    json_t *request = json_loads(t->full_recipe.measured, 0, NULL), *had = json_array(), *value;
    const char *key;
    bool has_all = true;
    size_t i;
    json_array_foreach(request, i, value) has_all &=
        json_is_true(json_object_get(json_object_get(record, "options"), json_string_value(value)));
    json_object_foreach(json_object_get(record, "options"), key, value) if (json_is_true(value))
        json_array_append_new(had, json_string(key));
    char *names = json_text(had, 0);
    if (names && !has_all)
        lab_measure_also(&t->settings, names);
    free(names);
    json_decref(request);
    json_decref(had);
    return has_all;
}

/* ", test accuracy 97.12 %", of several runs the mean; "" if it was not measured. */
static const char *accuracy_of(const json_t *record, char text[64])
{
    const json_t *statistics = json_object_get(record, "statistics"),
                 *of_all = json_object_get(statistics, "test_accuracy");
    const json_t *accuracy = json_object_get(of_all ? of_all : record, of_all ? "mean" : "test_accuracy");
    text[0] = '\0';
    if (json_is_number(accuracy))
        snprintf(text, 64, ", %stest accuracy %.2f %%", of_all ? "mean " : "", 100 * json_number_value(accuracy));
    return text;
}

static int refuse_finished(const training *t, const char *name, const json_t *record)
{
    char accuracy[64];
    print_notice("%s: holds another run already (%s: %s%s); take another --out, or replace it with --force", t->out,
                 name, json_string_value(json_object_get(record, "status")), accuracy_of(record, accuracy));
    return LENET_USAGE;
}

/*
 * One of an earlier version is compared by its checkpoint, if it has one: lenet_train reports how they
 * differ.
 */
static int check_unfinished(const training *t)
{
    lenet_error error;
    json_t *record = read_record(t->out, unfinished_file_names()[0], &error);
    if (error.status)
        return report_error(&error);
    const bool is_known = json_object_get(record, "identity") != NULL, is_other = is_known && !is_same(t, record);
    json_decref(record);
    if (is_other)
        print_notice("%s: holds another run, which is not finished; continue it: lenet train --resume %s, or replace "
                     "it with --force",
                     t->out, t->out);
    return is_other ? LENET_USAGE : LENET_OK;
}

static int check_finished(training *t, bool is_of_several, bool *is_there)
{
    lenet_error error;
    for (int i = 0; i < 2; i++) {
        const char *name = finished_record_name(i);
        json_t *record = read_record(t->out, name, &error);
        if (error.status && !t->force)
            return report_error(&error);
        const char *status = json_string_value(json_object_get(record, "status"));
        if (!status || !strcmp(status, "stopped")) {
            json_decref(record);
            continue;
        }
        const bool is_ours = (i == 1) == is_of_several && is_same(t, record);
        const int code = is_ours || t->force ? LENET_OK : refuse_finished(t, name, record);
        *is_there = is_ours && join_measured(t, record) && !t->force;
        json_decref(record);
        if (code || is_ours)
            return code;
    }
    return LENET_OK;
}

/* A database in the folder may be the one that the run goes into. */
static int check_study(const training *t)
{
    char path[PATH_ROOM];
    struct stat here, wanted;
    snprintf(path, sizeof path, "%s/lenet.db", t->out);
    const bool is_other = !stat(path, &here) && (!t->db || stat(t->db, &wanted) || here.st_dev != wanted.st_dev ||
                                                 here.st_ino != wanted.st_ino);
    if (!is_other && !is_in(t->out, "results.json"))
        return LENET_OK;
    print_notice("%s: holds a study (%s); take another --out", t->out, is_other ? "lenet.db" : "results.json");
    return LENET_USAGE;
}

/* ---------------------------------------------------------------------------------------------------- folders of runs */

/* "run-03", "fold-0", "run-03-fold-0" */
static bool is_name_of_run(const char *name)
{
    static const char *const forms[] = {"run-%*[0-9]%n", "fold-%*[0-9]%n", "run-%*[0-9]-fold-%*[0-9]%n"};
    for (int i = 0; i < 3; i++) {
        int end = 0;
        if (sscanf(name, forms[i], &end) >= 0 && end && !name[end])
            return true;
    }
    return false;
}

static bool is_of_call(const run_names *runs, const char *name)
{
    for (size_t i = 0; i < runs->count; i++)
        if (!strcmp(runs->names[i], name))
            return true;
    return false;
}

static bool has_results(const char *where)
{
    bool found = find_record(where) != NULL;
    for (const char *const *name = run_file_names(); *name; name++)
        found |= is_in(where, *name);
    return found;
}

/* Calls `visit` for the folder of each run that is not of this call, until it returns an exit code. */
static int visit_others(const training *t, const run_names *runs, int (*visit)(const training *t, const char *path))
{
    char path[PATH_MAX];
    DIR *listing = opendir(t->out);
    const struct dirent *entry;
    int code = LENET_OK;
    while (listing && !code && (entry = readdir(listing)) != NULL)
        if (is_name_of_run(entry->d_name) && !is_of_call(runs, entry->d_name) &&
            snprintf(path, sizeof path, "%s/%s", t->out, entry->d_name) < PATH_MAX && has_results(path))
            code = visit(t, path);
    if (listing)
        closedir(listing);
    return code;
}

static int refuse_run(const training *t, const char *path)
{
    print_notice(
        "%s: is a run of an earlier call, not of this one; take another --out than %s, or remove it with --force", path,
        t->out);
    return LENET_USAGE;
}

static void remove_files(const char *where, const char *const *names)
{
    char path[PATH_ROOM];
    for (; *names; names++)
        if (snprintf(path, sizeof path, "%s/%s", where, *names) < PATH_ROOM)
            unlink(path);
}

static int remove_run(const training *t, const char *path)
{
    (void)t;
    remove_files(path, run_file_names());
    end_unfinished(path);
    rmdir(path); /* only if nothing else is in it */
    return LENET_OK;
}

/* A run must not go on where another one stood. */
static int forget_checkpoint(const training *t, const char *path)
{
    (void)t;
    end_unfinished(path);
    return LENET_OK;
}

/* ------------------------------------------------------------------------------------------------------- from outside */

static int check_earlier(training *t, const run_names *runs, bool *is_there)
{
    static const run_names none = {.count = 0};
    *is_there = false;
    int code = check_study(t);
    if (code || t->resume)
        return code;
    if (t->force) {
        end_unfinished(t->out);
        if (runs->count)
            visit_others(t, &none, forget_checkpoint);
    } else {
        code = check_unfinished(t);
    }
    if (!code && !is_in(t->out, unfinished_file_names()[0]))
        code = check_finished(t, runs->count > 0, is_there);
    if (!code && !t->force && runs->count)
        code = visit_others(t, runs, refuse_run);
    return code;
}

int open_out_folder(training *t, const run_names *runs, folder *place)
{
    if (!t->out)
        return LENET_OK;
    if (folder_prepare(place, t->out, runs->count ? repetition_file_names() : run_file_names()))
        return LENET_IO;
    t->out = place->path;
    int code = folder_own(place);
    if (!code)
        code = check_earlier(t, runs, &t->is_in_folder);
    if (code)
        folder_undo(place);
    return code;
}

int print_earlier(const training *t)
{
    const char *name = finished_record_name(t->runs > 1 || t->all_folds);
    lenet_error error;
    json_t *record = read_record(t->out, name, &error);
    if (!record)
        return error.status ? report_error(&error) : report_no_memory();
    const json_t *finished = json_object_get(record, "runs_finished");
    const char *status = json_string_value(json_object_get(record, "status"));
    const bool has_diverged =
        finished ? json_equal(finished, json_object_get(record, "diverged")) : status && !strcmp(status, "diverged");
    const int code = has_diverged ? LENET_DIVERGED : LENET_OK;
    tidy_up(t->out, finished != NULL);
    if (t->json) {
        const int failed = print_document(record);
        return failed ? failed : code;
    }
    char accuracy[64];
    print_finished(t->out, name, record);
    printf("nothing was trained%s; --force trains again, to the same weights\n", accuracy_of(record, accuracy));
    json_decref(record);
    return code;
}

void remove_earlier(const training *t, const run_names *runs)
{
    const bool are_several = is_in(t->out, repetition_file_names()[0]);
    if (!t->force || (!runs->count && !are_several))
        return;
    remove_files(t->out, runs->count ? run_file_names() : repetition_file_names());
    visit_others(t, runs, remove_run);
}

int check_report_folder(const char *where, const char *study)
{
    const char *found = find_record(where);
    if (found) {
        print_notice("%s: holds a run of lenet train (%s); take another --out", where, found);
        return LENET_USAGE;
    }
    lenet_error error;
    json_t *results = read_record(where, "results.json", &error);
    if (error.status)
        return report_error(&error);
    const char *name = json_string_value(json_object_get(results, "study"));
    const bool is_other = name && strcmp(name, study) != 0;
    if (is_other)
        print_notice("%s: holds the report of another study (%.60s); take another --out", where, name);
    json_decref(results);
    return is_other ? LENET_USAGE : LENET_OK;
}
