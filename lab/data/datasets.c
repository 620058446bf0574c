/* SPDX-License-Identifier: MIT */
/* datasets.c - see datasets.h. */
#include "lab/data/datasets.h"

#include "lab/data/folders.h"
#include "lenet/tools.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

typedef struct entry {
    char *data, *folder; /* folder: NULL for the default folders */
    lenet_dataset *train, *test;
} entry;

struct lab_datasets {
    char *folder;
    size_t count;
    entry *entries;
};

static char *copy(const char *text) { return text ? strdup(text) : NULL; }

lenet_status lab_datasets_create(lab_datasets **out, const char *folder, lenet_error *error)
{
    lab_datasets *made = calloc(1, sizeof *made);
    if (made)
        made->folder = copy(folder);
    if (!made || (folder && !made->folder)) {
        free(made);
        return ln_fail(error, LENET_FAILURE, "out of memory for data sets");
    }
    *out = made;
    return LENET_OK;
}

static void close_entry(entry *e)
{
    free(e->data);
    free(e->folder);
    lenet_dataset_close(&e->train);
    lenet_dataset_close(&e->test);
}

void lab_datasets_close(lab_datasets **handle)
{
    lab_datasets *sets = *handle;
    *handle = NULL;
    if (!sets)
        return;
    for (size_t i = 0; i < sets->count; i++)
        close_entry(&sets->entries[i]);
    free(sets->entries);
    free(sets->folder);
    free(sets);
}

static bool is_same(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

static lenet_status add(lab_datasets *sets, const char *data, const char *folder, lenet_error *error)
{
    entry made = {.data = copy(data), .folder = copy(folder)};
    entry *entries = realloc(sets->entries, (sets->count + 1) * sizeof *entries);
    sets->entries = entries ? entries : sets->entries;
    lenet_status status = LENET_OK;
    if (!entries || !made.data || (folder && !made.folder))
        status = ln_fail(error, LENET_FAILURE, "out of memory for data sets");
    if (!status)
        status = lab_data_open(&made.train, &made.test, data, folder, NULL, NULL, error);
    if (status)
        close_entry(&made);
    else
        sets->entries[sets->count++] = made;
    return status;
}

const char *lab_datasets_folder(const lab_datasets *sets, const char *folder)
{
    return sets->folder ? sets->folder : folder;
}

static size_t place_of(const lab_datasets *sets, const char *data, const char *folder)
{
    size_t at = 0;
    folder = lab_datasets_folder(sets, folder);
    while (at < sets->count && !(is_same(sets->entries[at].data, data) && is_same(sets->entries[at].folder, folder)))
        at++;
    return at;
}

bool lab_datasets_has(const lab_datasets *sets, const char *data, const char *folder)
{
    return place_of(sets, data, folder) < sets->count;
}

lenet_status lab_datasets_open(lab_datasets *sets, const char *data, const char *folder, const lenet_dataset **train,
                               const lenet_dataset **test, lenet_error *error)
{
    const size_t at = place_of(sets, data, folder);
    const lenet_status status =
        at == sets->count ? add(sets, data, lab_datasets_folder(sets, folder), error) : LENET_OK;
    if (status)
        return status;
    *train = sets->entries[at].train;
    *test = sets->entries[at].test;
    return LENET_OK;
}

bool lab_datasets_at(const lab_datasets *sets, size_t index, const char **data, const lenet_dataset **train,
                     const lenet_dataset **test)
{
    if (index >= sets->count)
        return false;
    *data = sets->entries[index].data;
    *train = sets->entries[index].train;
    *test = sets->entries[index].test;
    return true;
}

const char *lab_datasets_doubt(const lab_datasets *sets, size_t *at)
{
    while (*at < 2 * sets->count) {
        const entry *e = &sets->entries[*at / 2];
        const char *doubt = lenet_dataset_doubt((*at)++ % 2 ? e->test : e->train);
        if (doubt)
            return doubt;
    }
    return NULL;
}

lenet_status lab_datasets_subject(void *context, const char *data, const char *folder, lab_subject *subject,
                                  lenet_error *error)
{
    const lenet_dataset *train, *test;
    const lenet_status status = lab_datasets_open(context, data, folder, &train, &test, error);
    if (!status)
        *subject = lab_subject_of(train, test);
    return status;
}
