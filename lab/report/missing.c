/* SPDX-License-Identifier: MIT */
/* missing.c - see missing.h. */
#include "lab/report/missing.h"

#include "lab/report/results.h"
#include "lenet/tools.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_LABELS = 6 };

bool lab_is_missing(const char *data, const char *folder)
{
    char path[4096];
    const lenet_source *source = lenet_source_find(data);
    if (!source)
        return false;
    if (lenet_source_locate(source, folder, path, sizeof path, NULL) == LENET_INPUT)
        return true;
    for (size_t i = 0; i < source->file_count; i++) {
        lenet_file_check check;
        if (!lenet_source_check(source, i, folder, &check, NULL) && check.state == LENET_FILE_MISSING)
            return true;
    }
    return false;
}

/* ----------------------------------------------------------------------------------------------------------- lacks */

static bool is_same(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

static bool is_noted(const lab_lacks *lacks, const char *data, const char *folder)
{
    for (size_t i = 0; i < lacks->count; i++)
        if (!strcmp(lacks->all[i].data, data) && is_same(lacks->all[i].folder, folder))
            return true;
    return false;
}

static lenet_status note(lab_lacks *lacks, const char *data, const char *folder, lenet_error *error)
{
    lab_lack *all = realloc(lacks->all, (lacks->count + 1) * sizeof *all);
    if (!all)
        return ln_fail(error, LENET_FAILURE, "out of memory for data sets");
    lacks->all = all;
    lacks->all[lacks->count++] = (lab_lack){data, folder};
    return LENET_OK;
}

static lenet_status look_for(lab_lacks *lacks, const lab_study *study, const lab_point *point, lab_datasets *datasets,
                             lenet_error *error)
{
    const lenet_dataset *train, *test;
    const char *folder = lab_datasets_folder(datasets, point->folder);
    lenet_error why;
    if (is_noted(lacks, point->data, folder))
        return LENET_OK;
    const lenet_status status = lab_datasets_open(datasets, point->data, point->folder, &train, &test, &why);
    if (status == LENET_INPUT && lab_is_missing(point->data, folder))
        return note(lacks, point->data, folder, error);
    return status ? ln_fail(error, status, "%s:%d: '%s': %s", study->file, point->line, point->label, why.text)
                  : LENET_OK;
}

lenet_status lab_lacks_find(lab_lacks *lacks, const lab_study *study, lab_datasets *datasets, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < study->experiment_count; i++)
        for (size_t j = 0; j < study->experiments[i].point_count && !status; j++)
            status = look_for(lacks, study, &study->experiments[i].points[j], datasets, error);
    return status;
}

void lab_lacks_close(lab_lacks *lacks)
{
    free(lacks->all);
    *lacks = (lab_lacks){0};
}

/* ----------------------------------------------------------------------------------------------------------- words */

/* A folder of own images cannot be downloaded. */
static bool can_be_had(const lab_lack *lack) { return lenet_source_find(lack->data) != NULL; }

/* Whether an earlier one is of the same data, or wanted in the same folder. */
static bool is_before(const lab_lacks *lacks, size_t at, bool is_about_folders)
{
    const lab_lack *this = &lacks->all[at];
    for (const lab_lack *l = lacks->all; l < this; l++)
        if (is_about_folders ? can_be_had(l) && is_same(l->folder, this->folder) : !strcmp(l->data, this->data))
            return true;
    return false;
}

const char *lab_lacks_names(lab_pool *pool, const lab_lacks *lacks)
{
    lab_text out = {.pool = pool};
    lab_append(&out, "%s", "");
    for (size_t i = 0; i < lacks->count; i++)
        if (!is_before(lacks, i, false))
            lab_append(&out, "%s%s", out.used ? ", " : "", lab_printable(pool, lacks->all[i].data));
    return out.data;
}

const char *lab_lacks_command(lab_pool *pool, const lab_lacks *lacks)
{
    lab_text out = {.pool = pool};
    lab_append(&out, "%s", "");
    for (size_t i = 0; i < lacks->count; i++) {
        const char *folder = lacks->all[i].folder;
        if (!can_be_had(&lacks->all[i]) || is_before(lacks, i, true))
            continue;
        lab_append(&out, "%slenet data get", out.used ? " && " : "");
        for (size_t j = i; j < lacks->count; j++)
            if (can_be_had(&lacks->all[j]) && is_same(lacks->all[j].folder, folder))
                lab_append(&out, " %s", lacks->all[j].data);
        if (folder) {
            lab_append(&out, " --data-dir ");
            lab_append_word(&out, folder);
        }
    }
    return out.data;
}

const char *lab_missing_points(lab_pool *pool, const lab_experiment *experiment)
{
    lab_text out = {.pool = pool};
    size_t count = 0;
    for (size_t i = 0; i < experiment->point_count; i++) {
        if (!experiment->points[i].is_missing)
            continue;
        if (++count <= MOST_LABELS)
            lab_append(&out, "%s%s", count > 1 ? "; " : "", lab_printable(pool, experiment->points[i].label));
    }
    if (count && count == experiment->point_count)
        return "all points";
    if (count > MOST_LABELS)
        lab_append(&out, "; and %zu more", count - MOST_LABELS);
    return count ? out.data : NULL;
}

lab_lacks lab_missing_data(lab_pool *pool, const lab_study *study)
{
    size_t most = 0;
    for (size_t i = 0; i < study->experiment_count; i++)
        most += study->experiments[i].point_count;
    lab_lacks lacks = {.all = lab_alloc(pool, most, sizeof *lacks.all)};
    for (size_t i = 0; i < study->experiment_count; i++)
        for (size_t j = 0; j < study->experiments[i].point_count; j++) {
            const lab_point *point = &study->experiments[i].points[j];
            if (point->is_missing && !is_noted(&lacks, point->data, NULL))
                lacks.all[lacks.count++] = (lab_lack){point->data, NULL};
        }
    return lacks;
}
