/* SPDX-License-Identifier: MIT */
/* split.c - see split.h. */
#include "lab/data/split.h"

#include "lab/data/classes.h"
#include "lab/text/json.h"
#include "lenet/tools.h"
#include "util/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the training does with each image, to be freed. */
static lenet_status measure(const lenet_dataset *train, const lenet_settings *settings, uint8_t **use,
                            lenet_error *error)
{
    *use = malloc(lenet_dataset_count(train));
    if (!*use)
        return ln_fail(error, LENET_FAILURE, "out of memory for the split of %zu images", lenet_dataset_count(train));
    return lenet_measure_split(train, settings, *use, error);
}

/* ---------------------------------------------------------------------------------------------------------- warning */

/* "class 'a'", "class 'a' and 3 more" */
static void name_classes(const lenet_dataset *train, int first, int count, char *text, size_t capacity)
{
    const int used = snprintf(text, capacity, "class '%.40s'", lenet_dataset_class_name(train, first));
    if (count > 1)
        snprintf(text + used, capacity - (size_t)used, " and %d more", count - 1);
}

lenet_status lab_split_warning(const lenet_dataset *train, const lenet_settings *settings, char *text, size_t capacity,
                               lenet_error *error)
{
    const bool is_own = lenet_dataset_validation(train) > 0;
    const bool is_last = settings->validation_kind == LENET_VALIDATION_LAST && !settings->folds && !is_own;
    const char *option = is_own            ? "validation set"
                         : is_last         ? "val-kind last"
                         : settings->folds ? "folds"
                                           : "val-split";
    size_t images[LENET_MAX_CLASSES][LENET_USE_HOLD_OUT + 1] = {{0}};
    int untrained = 0, unheld = 0, first_untrained = 0, first_unheld = 0;
    char classes[96];
    uint8_t *use;
    text[0] = '\0';
    if (settings->validation_split == 0 && !settings->folds && !is_own)
        return LENET_OK;
    const lenet_status status = measure(train, settings, &use, error);
    for (size_t i = 0; i < lenet_dataset_count(train) && !status; i++)
        images[lenet_dataset_labels(train)[i]][use[i]]++;
    free(use);
    for (int k = lenet_dataset_classes(train) - 1; k >= 0; k--) {
        const size_t trained = images[k][LENET_USE_TRAIN], held_out = images[k][LENET_USE_HOLD_OUT];
        if (held_out && !trained)
            untrained++, first_untrained = k;
        if (is_last && !held_out && (size_t)(settings->validation_split * (double)trained + 0.5))
            unheld++, first_unheld = k;
    }
    name_classes(train, untrained ? first_untrained : first_unheld, untrained ? untrained : unheld, classes,
                 sizeof classes);
    const char *advice = is_last ? "; if the data are sorted by class, take --val-kind stratified" : "";
    if (untrained)
        snprintf(text, capacity, "%s: all images of %s are held out, none is trained on%s", option, classes, advice);
    else if (unheld)
        snprintf(text, capacity, "%s: no image of %s is held out%s", option, classes, advice);
    return status;
}

/* -------------------------------------------------------------------------------------------------- found again */

/* What a split depends on; folds determine the share. */
static lenet_status read_settings(lenet_settings *settings, const json_t *options, lenet_error *error)
{
    static const char *const keys[] = {"seed", "train_limit", "val_kind", "val_resample", "folds", "fold", "val_split"};
    lenet_status status = LENET_OK;
    lenet_settings_default(settings);
    for (size_t i = 0; i < sizeof keys / sizeof *keys && !status; i++) {
        const json_t *value = json_object_get(options, keys[i]);
        if (!value || json_is_null(value) || (settings->folds && !strcmp(keys[i], "val_split")))
            continue;
        char *text = json_is_string(value) ? strdup(json_string_value(value)) : json_text(value, JSON_ENCODE_ANY);
        status = text ? lenet_settings_set(settings, keys[i], text, error)
                      : ln_fail(error, LENET_FAILURE, "out of memory for the options of a run");
        free(text);
    }
    return status;
}

/* The settings of the run, if its split can be known. */
static lenet_status recall(lenet_settings *settings, const lenet_model *model, const lenet_dataset *train,
                           lenet_error *error)
{
    const char *sha256 = lenet_model_note(model, "data_sha256"), *note = lenet_model_note(model, "options"),
               *why = NULL;
    bool lacks_memory = false;
    json_t *options = note ? json_read(note, &lacks_memory) : NULL;
    lenet_status status = LENET_OK;
    if (lacks_memory)
        return ln_fail(error, LENET_FAILURE, "out of memory for the options of the model");
    if (!sha256 || !options || !lenet_model_note(model, "val_count"))
        why = "the model file does not record them (it is of another program or an older lenet)";
    else if (strcmp(sha256, lenet_dataset_sha256(train)))
        why = "the training images are not those that the model was trained on";
    else if (!(status = read_settings(settings, options, error)) && settings->validation_resample)
        why = "with val-resample other images were held out in each epoch";
    else if (!status && settings->validation_split == 0 && !settings->folds && !lenet_dataset_validation(train))
        why = "its run held out none (val-split 0)";
    json_decref(options);
    return why ? ln_fail(error, LENET_USAGE, "held-out images of the model: %s", why) : status;
}

/* The images that are used so. */
static lenet_status take(lenet_dataset **taken, const lenet_dataset *from, const uint8_t *use, lenet_use wanted,
                         lenet_error *error)
{
    const lenet_shape shape = lenet_dataset_shape(from);
    const size_t all = lenet_dataset_count(from);
    const size_t size = (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
    uint8_t *images = malloc(all * size), *labels = malloc(all);
    size_t count = 0;
    lenet_status status =
        images && labels ? LENET_OK : ln_fail(error, LENET_FAILURE, "%s: out of memory", lenet_dataset_name(from));
    for (size_t i = 0; i < all && !status; i++)
        if (use[i] == wanted) {
            memcpy(images + count * size, lenet_dataset_images(from) + i * size, size);
            labels[count++] = lenet_dataset_labels(from)[i];
        }
    if (!status)
        status = lab_dataset_like(taken, from, count, images, labels, error);
    free(images);
    free(labels);
    return status;
}

lenet_status lab_held_out(lenet_dataset **held_out, const lenet_model *model, const lenet_dataset *train,
                          lenet_error *error)
{
    lenet_settings settings;
    lenet_dataset *found = NULL;
    uint8_t *use = NULL;
    lenet_status status = recall(&settings, model, train, error);
    if (!status)
        status = measure(train, &settings, &use, error);
    if (!status)
        status = take(&found, train, use, LENET_USE_HOLD_OUT, error);
    free(use);
    if (status)
        return status;
    if (lenet_dataset_count(found) != strtoull(lenet_model_note(model, "val_count"), NULL, 10)) {
        lenet_dataset_close(&found);
        return ln_fail(error, LENET_USAGE, "held-out images of the model: their number is not the recorded one");
    }
    *held_out = found;
    return LENET_OK;
}
