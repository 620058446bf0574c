/* SPDX-License-Identifier: MIT */
/* classes.c - see classes.h. */
#include "lab/data/classes.h"

#include "lab/text/json.h"
#include "util/error.h"
#include "util/nearest.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAMES_SHOWN = 3 };

/* -1: it is none of them. */
static int find_name(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(names[i], name))
            return i;
    return -1;
}

/* One text for each class, all different. */
static bool is_complete(const lab_classes *classes)
{
    for (int i = 0; i < classes->count; i++)
        if (!classes->names[i] || find_name(classes->names, i, classes->names[i]) >= 0)
            return false;
    return true;
}

lenet_status lab_classes_open(lab_classes *classes, const lenet_model *model, lenet_error *error)
{
    const char *note = lenet_model_note(model, "class_names");
    const int count = lenet_model_classes(model);
    bool lacks_memory = false;
    lab_classes made = {.list = note ? json_read(note, &lacks_memory) : NULL};
    if (lacks_memory)
        return ln_fail(error, LENET_FAILURE, "out of memory for the names of classes");
    if (json_array_size(made.list) == (size_t)count) {
        made.count = count;
        made.names = calloc((size_t)count + 1, sizeof *made.names);
        if (!made.names) {
            lab_classes_close(&made);
            return ln_fail(error, LENET_FAILURE, "out of memory for the names of classes");
        }
        for (int i = 0; i < count; i++)
            made.names[i] = json_string_value(json_array_get(made.list, (size_t)i));
    }
    if (!made.count || !is_complete(&made))
        lab_classes_close(&made);
    *classes = made;
    return LENET_OK;
}

void lab_classes_close(lab_classes *classes)
{
    free((void *)classes->names);
    json_decref(classes->list);
    *classes = (lab_classes){.count = 0};
}

/* ---------------------------------------------------------------------------------------------------------- pairing */

/* Model files have UTF-8 alone, so bytes of a folder's name that are not are compared as they were written there. */
static int place_of(const lab_classes *classes, const char *name)
{
    json_t *written = value_of_text(name);
    const int place = find_name(classes->names, classes->count, written ? json_string_value(written) : name);
    json_decref(written);
    return place;
}

/* A name in other letters is the nearest, whatever its length. */
static const char *nearest(const lab_classes *classes, const char *name)
{
    for (int i = 0; i < classes->count; i++)
        if (!strcasecmp(classes->names[i], name))
            return classes->names[i];
    return ln_nearest_name(name, classes->names);
}

/* "did you mean 'shirt'?", or the first classes of the model that the data do not have. */
static void suggest(const lab_classes *classes, const char *const *names, int count, const char *missing, char *text,
                    size_t capacity)
{
    const char *near = nearest(classes, missing);
    int shown = 0;
    size_t used = 0;
    text[0] = '\0';
    if (near) {
        snprintf(text, capacity, "did you mean '%.40s'?", near);
        return;
    }
    for (int i = 0; i < classes->count && shown <= NAMES_SHOWN && used < capacity; i++) {
        if (find_name(names, count, classes->names[i]) >= 0)
            continue;
        const char *between = shown ? ", " : "";
        used += (size_t)(shown++ < NAMES_SHOWN
                             ? snprintf(text + used, capacity - used, "%s'%.20s'", between, classes->names[i])
                             : snprintf(text + used, capacity - used, ", ..."));
    }
}

static lenet_status refuse(const lab_classes *classes, const char *data, const char *const *names, int count, int first,
                           int others, lenet_error *error)
{
    char more[32] = "", near[120];
    if (others)
        snprintf(more, sizeof more, " and %d more", others);
    suggest(classes, names, count, names[first], near, sizeof near);
    return ln_fail(error, LENET_USAGE, "%.150s: class '%.40s'%s: not among the model's classes%s%s%s; %s", data,
                   names[first], more, *near ? " (" : "", near, *near ? ")" : "",
                   count == classes->count ? "rename it, or pair the classes by their order with --by-order"
                                           : "rename or remove it");
}

lenet_status lab_classes_match(const lab_classes *classes, const char *data, const char *const *names, int count,
                               uint8_t *place, lenet_error *error)
{
    int first = -1, missing = 0;
    for (int i = 0; i < count; i++) {
        const int found = place_of(classes, names[i]);
        if (found < 0 && !missing++)
            first = i;
        place[i] = (uint8_t)(found < 0 ? 0 : found);
    }
    return missing ? refuse(classes, data, names, count, first, missing - 1, error) : LENET_OK;
}

static void list_names(const lenet_dataset *dataset, const char *names[LENET_MAX_CLASSES])
{
    for (int i = 0; i < lenet_dataset_classes(dataset); i++)
        names[i] = lenet_dataset_class_name(dataset, i);
}

static lenet_status relabel(const lab_classes *classes, const uint8_t *place, lenet_dataset **dataset,
                            lenet_error *error)
{
    const lenet_dataset *old = *dataset;
    const size_t count = lenet_dataset_count(old);
    lenet_dataset *made = NULL;
    uint8_t *labels = malloc(count);
    if (!labels)
        return ln_fail(error, LENET_FAILURE, "%s: out of memory", lenet_dataset_name(old));
    for (size_t i = 0; i < count; i++)
        labels[i] = place[lenet_dataset_labels(old)[i]];
    lenet_status status =
        lenet_dataset_create_named(&made, lenet_dataset_name(old), classes->names, lenet_dataset_shape(old),
                                   classes->count, count, lenet_dataset_images(old), labels, error);
    free(labels);
    if (!status)
        status = lenet_dataset_set_validation(made, lenet_dataset_validation(old), error);
    if (status) {
        lenet_dataset_close(&made);
        return status;
    }
    lenet_dataset_close(dataset);
    *dataset = made;
    return LENET_OK;
}

lenet_status lab_classes_apply(const lab_classes *classes, lenet_dataset **dataset, lenet_error *error)
{
    const int count = lenet_dataset_classes(*dataset);
    const char *names[LENET_MAX_CLASSES];
    uint8_t place[LENET_MAX_CLASSES];
    list_names(*dataset, names);
    const lenet_status status = lab_classes_match(classes, lenet_dataset_name(*dataset), names, count, place, error);
    bool is_same = count == classes->count;
    for (int i = 0; i < count && !status; i++)
        is_same &= place[i] == i;
    return status || is_same ? status : relabel(classes, place, dataset, error);
}

lenet_status lab_dataset_like(lenet_dataset **dataset, const lenet_dataset *like, size_t count, const uint8_t *images,
                              const uint8_t *labels, lenet_error *error)
{
    const char *names[LENET_MAX_CLASSES];
    list_names(like, names);
    return lenet_dataset_create_named(dataset, lenet_dataset_name(like), names, lenet_dataset_shape(like),
                                      lenet_dataset_classes(like), count, images, labels, error);
}
