/* SPDX-License-Identifier: MIT */
/* recipe.c - see recipe.h. All settings come from the table of settings; none is named here. */
#include "lab/recipe/recipe.h"

#include "lab/text/json.h"
#include "settings/setting.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/sha256.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 26 }; /* of a file that a setting names */

bool lab_sha256(const void *bytes, size_t size, char hex[65])
{
    ln_sha256_of(bytes, size, hex);
    return hex[0];
}

lab_subject lab_subject_of(const lenet_dataset *train, const lenet_dataset *test)
{
    lab_subject subject = {.shape = lenet_dataset_shape(train), .classes = lenet_dataset_classes(train)};
    snprintf(subject.train_sha256, sizeof subject.train_sha256, "%s", lenet_dataset_sha256(train));
    snprintf(subject.test_sha256, sizeof subject.test_sha256, "%s", lenet_dataset_sha256(test));
    return subject;
}

/* -------------------------------------------------------------------------------------------------------- settings */

static json_t *value_of_setting(const ln_option *setting, const lenet_settings *settings)
{
    const void *field = ln_setting_value(setting, settings);
    char number[LN_OPTION_LENGTH];
    if (ln_option_is_default(setting, field))
        return json_null();
    if (ln_option_is_flag(setting))
        return json_boolean(ln_option_whole(setting, field));
    if (ln_option_is_whole(setting))
        return value_of_unsigned(ln_option_whole(setting, field));
    if (setting->kind == LN_OPTION_REAL)
        return value_of_number(*(const double *)field);
    return value_of_text(ln_option_format(setting, field, number));
}

bool lab_add_settings(json_t *object, const lenet_settings *settings, bool aside)
{
    char key[LN_OPTION_KEY];
    for (const ln_option *setting = ln_settings; setting->name; setting++) {
        if ((setting->is_observational != 0) != aside)
            continue;
        ln_option_key(setting, "", key);
        if (json_object_set_new(object, key, value_of_setting(setting, settings)))
            return false;
    }
    return true;
}

/* ----------------------------------------------------------------------------------------------------- files in it */

lenet_status lab_sha256_file(const char *path, size_t most, char hex[65], lenet_error *error)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    const lenet_status status = ln_read_file(path, most, &bytes, &size, error);
    if (status)
        return status;
    const bool is_done = lab_sha256(bytes, size, hex);
    ln_free(bytes);
    return is_done ? LENET_OK : ln_fail(error, LENET_FAILURE, "%s: out of memory for its SHA-256", path);
}

lenet_status lab_add_file_hashes(json_t *object, const lenet_settings *settings, lenet_error *error)
{
    char key[LN_OPTION_KEY], hex[65];
    for (const ln_option *setting = ln_settings; setting->name; setting++) {
        const char *path = ln_setting_file(setting, settings);
        if (!path)
            continue;
        const lenet_status status = lab_sha256_file(path, MOST_BYTES, hex, error);
        if (status)
            return status;
        ln_option_key(setting, "_sha256", key);
        if (json_object_set_new(object, key, json_string(hex)))
            return ln_fail(error, LENET_FAILURE, "out of memory for a recipe");
    }
    return LENET_OK;
}

/* ---------------------------------------------------------------------------------------------------------- identity */

void lab_default_settings(lenet_settings *settings)
{
    lenet_settings_default(settings);
    lenet_settings_complete(settings, settings, NULL);
}

/* Removes the settings that are not part of a recipe's identity. */
static bool reduce(json_t *recipe, const lenet_settings *settings)
{
    char key[LN_OPTION_KEY];
    lenet_settings defaults;
    lab_default_settings(&defaults);
    json_object_del(recipe, "data");
    for (const ln_option *setting = ln_settings; setting->name; setting++) {
        if (setting->is_observational)
            continue;
        ln_option_key(setting, "", key);
        json_t *fallback = value_of_setting(setting, &defaults);
        if (!fallback)
            return false;
        if (ln_setting_file(setting, settings) || json_equal(fallback, json_object_get(recipe, key)))
            json_object_del(recipe, key);
        json_decref(fallback);
    }
    return true;
}

/* Puts text and identity of the recipe down and gives it back. */
static lenet_status write_down(json_t *object, const lenet_settings *settings, lab_recipe *recipe, lenet_error *error)
{
    recipe->text = json_line(object);
    char *counted = recipe->text && reduce(object, settings) ? json_line(object) : NULL;
    const bool is_done = counted && lab_sha256(counted, strlen(counted), recipe->identity);
    free(counted);
    json_decref(object);
    return is_done ? LENET_OK : ln_fail(error, LENET_FAILURE, "out of memory for a recipe");
}

static lenet_status list_measured(const lenet_settings *settings, lab_recipe *recipe, lenet_error *error)
{
    json_t *object = json_object(), *names = json_array();
    const char *key;
    json_t *value;
    bool failed = !object || !names || !lab_add_settings(object, settings, true);
    json_object_foreach(object, key, value) if (json_is_true(value)) failed |=
        json_array_append_new(names, json_string(key)) != 0;
    recipe->measured = failed ? NULL : json_line(names);
    json_decref(object);
    json_decref(names);
    return recipe->measured ? LENET_OK : ln_fail(error, LENET_FAILURE, "out of memory for a recipe");
}

void lab_measure_also(lenet_settings *settings, const char *measured)
{
    char key[LN_OPTION_KEY];
    json_t *names = json_loads(measured, 0, NULL), *name;
    size_t i;
    for (const ln_option *setting = ln_settings; setting->name; setting++) {
        ln_option_key(setting, "", key);
        if (setting->is_observational && ln_option_is_flag(setting))
            json_array_foreach(names, i, name) if (!strcmp(json_string_value(name), key))
                ln_option_parse(setting, "true", ln_setting_field(setting, settings), NULL);
    }
    json_decref(names);
}

/* ------------------------------------------------------------------------------------------------------ the whole */

static lenet_status compose(json_t **object, const char *data, const lab_subject *subject, const char *architecture,
                            const lenet_settings *settings, lenet_error *error)
{
    lenet_model *model = NULL;
    const lenet_status status =
        lenet_model_create_with(&model, architecture, settings, subject->shape, subject->classes, error);
    if (status)
        return status;
    *object = json_pack("{s:o, s:s, s:s, s:s, s:i}", "data", value_of_text(data), "arch",
                        lenet_model_architecture(model), "data_sha256", subject->train_sha256, "test_data_sha256",
                        subject->test_sha256, "numerics", LAB_NUMERICS);
    lenet_model_close(&model);
    if (*object && lab_add_settings(*object, settings, false))
        return LENET_OK;
    return ln_fail(error, LENET_FAILURE, "out of memory for a recipe");
}

lenet_status lab_recipe_make(lab_recipe *recipe, const char *data, const lab_subject *subject, const char *architecture,
                             const lenet_settings *settings, lenet_error *error)
{
    lenet_settings complete;
    lab_recipe made = {0};
    json_t *object = NULL;
    lenet_status status = lenet_settings_complete(settings, &complete, error);
    if (!status)
        status = compose(&object, data, subject, architecture, &complete, error);
    if (!status)
        status = lab_add_file_hashes(object, &complete, error);
    if (status)
        json_decref(object);
    else
        status = write_down(object, &complete, &made, error);
    if (!status)
        status = list_measured(&complete, &made, error);
    if (status)
        lab_recipe_close(&made);
    else
        *recipe = made;
    return status;
}

void lab_recipe_close(lab_recipe *recipe)
{
    free(recipe->text);
    free(recipe->measured);
    *recipe = (lab_recipe){0};
}
