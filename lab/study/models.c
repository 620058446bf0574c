/* SPDX-License-Identifier: MIT */
/* models.c - see models.h. */
#include "lab/study/models.h"

#include "util/error.h"
#include "lab/data/folders.h"
#include "lab/text/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------------------------------- notes */

/* Stores a value as compact JSON, or as itself if it is a text. Takes the value over. */
static lenet_status note(lenet_model *model, const char *key, json_t *value, lenet_error *error)
{
    char *text = value && !json_is_string(value) ? json_text(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
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
        if (!names || json_array_append_new(names, value_of_text(lenet_dataset_class_name(dataset, i)))) {
            json_decref(names);
            return NULL;
        }
    return names;
}

static json_t *value_of_recipe(const char *data, const char *architecture, const lenet_settings *settings)
{
    json_t *recipe = json_pack("{s:o, s:o}", "data", value_of_text(data), "arch", value_of_text(architecture));
    if (recipe && lab_add_settings(recipe, settings, false))
        return recipe;
    json_decref(recipe);
    return NULL;
}

/* Of the labels that were trained on, rows in rows; null without label noise. */
static json_t *value_of_noise(const lenet_dataset *train, const lenet_settings *settings)
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

lenet_status lab_note_run(lenet_model *model, const char *data, const char *architecture, const lab_trained *t, lenet_error *error)
{
    const struct {
        const char *key;
        json_t *value;
    } notes[] = {
        {"lenet", json_string(lenet_version())},
        {"data", value_of_text(data)},
        {"data_sha256", json_string(lenet_dataset_sha256(t->train))},
        {"class_names", value_of_class_names(t->train)},
        {"seed", value_of_unsigned(t->settings->seed)},
        {"options", value_of_recipe(data, architecture, t->settings)},
        {"epoch", json_integer(t->result->best_epoch)},
        {"val_count", json_integer((json_int_t)t->result->val_count)},
        {"noise_matrix", value_of_noise(t->train, t->settings)}, /* null: not noted */
        {"prepare", lab_is_folder(data) ? json_string("raw") : json_null()},
    };
    lenet_status failed = LENET_OK;
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
        if (failed || json_is_null(notes[i].value))
            json_decref(notes[i].value);
        else
            failed = note(model, notes[i].key, notes[i].value, error);
    return failed;
}

/* ------------------------------------------------------------------------------------------------------------- files */

lenet_status lab_model_keep(const lab_store *store, const char *identity, const lenet_model *model, lenet_error *error)
{
    char path[PATH_MAX];
    const lenet_status status = lab_store_model(store, identity, 1, path, error);
    return status ? status : lenet_model_save(model, path, error);
}

void lab_model_remove(const lab_store *store, const char *identity)
{
    char path[PATH_MAX];
    if (!lab_store_model(store, identity, 0, path, NULL))
        unlink(path);
}

/* ------------------------------------------------------------------------------------------------------ the best runs */

typedef struct best {
    char identity[65];
    double score;
    int64_t place; /* among the runs of its point */
} best;

static int take_best(void *context, int columns, const char *const *names, const lab_value *v)
{
    best *found = context;
    (void)columns, (void)names;
    snprintf(found->identity, sizeof found->identity, "%s", v[0].text);
    found->score = v[1].real;
    found->place = v[2].integer;
    return 1;
}

/* The best finished run of a point; its score is NaN if there is none. False: it could not be asked. */
static bool find_best(lab_store *store, const lab_point *point, best *found)
{
    *found = (best){.score = NAN};
    json_t *identities = json_array();
    for (size_t i = 0; i < point->run_count; i++)
        json_array_append_new(identities, json_string(point->runs[i].recipe.identity));
    char *list = json_line(identities);
    json_decref(identities);
    const bool is_asked =
        list && !lab_store_ask(store,
                               "SELECT r.identity, coalesce((SELECT val_accuracy FROM epoch WHERE run = r.id AND epoch = r.best_epoch),"
                               " r.test_accuracy) AS score, p.key FROM json_each(?1) AS p JOIN run AS r ON r.identity = p.value"
                               " WHERE r.state = 'finished' AND r.best_epoch > 0 ORDER BY score DESC, p.key LIMIT 1",
                               (const char *const[]){list, NULL}, take_best, found, NULL);
    free(list);
    return is_asked;
}

static int take_score(void *context, int columns, const char *const *names, const lab_value *v)
{
    (void)columns, (void)names;
    *(double *)context = v[0].real;
    return 1;
}

/* Of a run whose epochs are stored, but not its results. */
static double score_of(lab_store *store, int64_t run, const lenet_result *result)
{
    char id[32], epoch[32];
    double score = NAN;
    snprintf(id, sizeof id, "%jd", (intmax_t)run);
    snprintf(epoch, sizeof epoch, "%d", result->best_epoch);
    lab_store_ask(store, "SELECT val_accuracy FROM epoch WHERE run = ?1 AND epoch = ?2", (const char *const[]){id, epoch, NULL}, take_score,
                  &score, NULL);
    return isnan(score) ? result->test_accuracy : score;
}

/* A question that fails is answered with yes: a model too many is no loss. */
static bool is_best_of(lab_store *store, const lab_point *point, size_t place, const double *score)
{
    best found;
    if (!find_best(store, point, &found))
        return true;
    if (!score)
        return !strcmp(found.identity, point->runs[place].recipe.identity);
    return isnan(found.score) || *score > found.score || (*score == found.score && (int64_t)place <= found.place);
}

bool lab_is_best(lab_store *store, const lab_study *study, const char *identity, int64_t run, const lenet_result *result)
{
    const double score = result ? score_of(store, run, result) : NAN;
    for (size_t i = 0; i < study->experiment_count; i++)
        for (size_t j = 0; j < study->experiments[i].point_count; j++) {
            const lab_point *point = &study->experiments[i].points[j];
            for (size_t k = 0; k < point->run_count; k++)
                if (!strcmp(point->runs[k].recipe.identity, identity) && is_best_of(store, point, k, result ? &score : NULL))
                    return true;
        }
    return false;
}
