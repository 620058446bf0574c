/* SPDX-License-Identifier: MIT */
/* recorded.c - see recorded.h. */
#include "cli/recorded.h"

#include "cli/terminal.h"
#include "lab/recipe/recipe.h"
#include "lab/text/json.h"
#include "lab/text/yaml.h"

#include <stdio.h>
#include <string.h>

lenet_status find_files_of_run(training *t, lenet_error *error)
{
    t->setting_files = json_object();
    if (!t->setting_files) {
        *error = (lenet_error){LENET_FAILURE, "out of memory for the files of a run"};
        return LENET_FAILURE;
    }
    return lab_add_file_hashes(t->setting_files, &t->settings, error);
}

json_t *value_of_files_used(const training *t)
{
    json_t *files = json_pack("{s:s, s:s}", "data_sha256", lenet_dataset_sha256(t->train), "test_data_sha256",
                              lenet_dataset_sha256(t->test));
    /* several runs write their records at the same time */
    add_all_to_object(&files, json_deep_copy(t->setting_files));
    return files;
}

/*
 * The option that names the file of such a key: "data" of "test_data_sha256", "noise_kind" of
 * "noise_kind_sha256".
 */
static void name_option(const char *key, char option[64])
{
    snprintf(option, 64, "%.*s", (int)(strlen(key) - strlen("_sha256")), key);
    if (!strcmp(option, "test_data"))
        strcpy(option, "data");
}

static const char *text_of(const lab_yaml *map, const char *key)
{
    const lab_yaml *item = lab_yaml_find(map, key);
    return item && item->kind == LAB_YAML_SCALAR && !item->is_null ? item->text : NULL;
}

static int refuse(const training *t, const char *key, const char *option, const char *value)
{
    const char *images = !strcmp(key, "data_sha256") ? "training images of "
                         : !strcmp(option, "data")   ? "test images of "
                                                     : "";
    if (t->resume)
        print_notice(
            "%s%s: changed since the run in %s began; restore them, or begin a new run: lenet train --config %s "
            "--changed-data --out DIR",
            images, value, t->resume, t->config);
    else
        print_notice("%s%s: changed since %s was written, so its weights would not come again; restore them, or add "
                     "--changed-data",
                     images, value, t->config);
    return LENET_INPUT;
}

int check_recorded_files(const training *t)
{
    const lab_yaml *recorded = lab_yaml_find(t->recipe, "options");
    json_t *files = recorded ? value_of_files_used(t) : NULL, *options = recorded ? training_options(t) : NULL, *hash;
    const char *key;
    int code = recorded && (!files || !options) ? report_no_memory() : LENET_OK;
    json_object_foreach(files, key, hash)
    {
        char option[64];
        name_option(key, option);
        const char *value = json_string_value(json_object_get(options, option)), *said = text_of(recorded, option);
        const char *before = text_of(t->recipe, key);
        const bool is_same_file = value && said && !strcmp(value, said);
        if (!code && is_same_file && before && strcmp(before, json_string_value(hash)) != 0 && !t->changed_data)
            code = refuse(t, key, option, value);
    }
    json_decref(files);
    json_decref(options);
    return code;
}
