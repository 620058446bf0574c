/* SPDX-License-Identifier: MIT */
/* models.c - see models.h. */
#include "lab/runs/models.h"

#include "lab/data/folders.h"
#include "lab/text/json.h"
#include "lenet/tools.h"
#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------------------------------- notes */

/* Stores a value as compact JSON, or as itself if it is a text. Takes the value over. */
static lenet_status note(lenet_model *model, const char *key, json_t *value, lenet_error *error)
{
    char *text = value && !json_is_string(value)
                     ? json_text(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15))
                     : NULL;
    const char *plain = json_is_string(value) ? json_string_value(value) : text;
    const lenet_status failed = plain ? lenet_model_set_note(model, key, plain, error)
                                      : ln_fail(error, LENET_FAILURE, "out of memory for the notes of the model");
    free(text);
    json_decref(value);
    return failed;
}

static json_t *value_of_class_names(const lenet_dataset *dataset)
{
    json_t *names = json_array();
    for (int i = 0; i < lenet_dataset_classes(dataset); i++)
        add_to_list(&names, value_of_text(lenet_dataset_class_name(dataset, i)));
    return names;
}

json_t *lab_options_of(const char *data, const char *architecture, const lenet_settings *settings)
{
    json_t *recipe = json_pack("{s:o, s:o}", "data", value_of_text(data), "arch", value_of_text(architecture));
    if (recipe && lab_add_settings(recipe, settings, false))
        return recipe;
    json_decref(recipe);
    return NULL;
}

json_t *lab_noise_matrix(const lenet_dataset *train, const lenet_settings *settings)
{
    const size_t classes = (size_t)lenet_dataset_classes(train);
    if (settings->noise <= 0 && strncmp(settings->noise_kind, "matrix:", 7) != 0)
        return json_null();
    uint32_t *matrix = calloc(classes * classes, sizeof *matrix);
    json_t *rows = matrix && !lenet_measure_noise(train, settings, matrix, NULL) ? json_array() : NULL;
    for (size_t i = 0; rows && i < classes * classes; i++) {
        if (i % classes == 0)
            json_array_append_new(rows, json_array());
        json_array_append_new(json_array_get(rows, i / classes), json_integer(matrix[i]));
    }
    free(matrix);
    return rows;
}

static lenet_status note_run(const lab_job *t, lenet_error *error)
{
    const char *data = t->data, *architecture = t->architecture;
    const struct {
        const char *key;
        json_t *value;
    } notes[] = {
        {"lenet", json_string(lenet_version())},
        {"data", value_of_text(data)},
        {"data_sha256", json_string(lenet_dataset_sha256(t->train))},
        {"class_names", value_of_class_names(t->train)},
        {"seed", value_of_unsigned(t->settings.seed)},
        {"options", lab_options_of(data, architecture, &t->settings)},
        {"epoch", json_integer(t->result.best_epoch)},
        {"val_count", json_integer((json_int_t)t->result.val_count)},
        {"noise_matrix", lab_noise_matrix(t->train, &t->settings)}, /* null: not noted */
        {"prepare", lab_is_own_data(data) ? json_string("raw") : json_null()},
    };
    lenet_status failed = LENET_OK;
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
        if (failed || json_is_null(notes[i].value))
            json_decref(notes[i].value);
        else
            failed = note(t->model, notes[i].key, notes[i].value, error);
    return failed;
}

/* ------------------------------------------------------------------------------------------------------------- files */

lenet_status lab_model_write(const lab_job *job, const char *path, lenet_error *error)
{
    const lenet_status status = note_run(job, error);
    return status ? status : lenet_model_save(job->model, path, error);
}

lenet_status lab_model_keep(const lab_store *store, const lab_job *job, lenet_error *error)
{
    char path[PATH_MAX];
    const lenet_status status = lab_store_model(store, job->recipe.identity, 1, path, error);
    return status ? status : lab_model_write(job, path, error);
}

void lab_model_remove(const lab_store *store, const char *identity)
{
    char path[PATH_MAX];
    if (!lab_store_model(store, identity, 0, path, NULL))
        unlink(path);
}
