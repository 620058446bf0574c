/* SPDX-License-Identifier: MIT */
/* drawing.c - see drawing.h. The page is draw.html with its marks replaced. */
#include "lab/live/drawing.h"

#include "lab/data/classes.h"
#include "lab/data/prepare.h"
#include "lab/live/files.h"
#include "lab/text/base64.h"
#include "lab/text/json.h"
#include "util/sha256.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the work for lack of memory where there is no value. */
static json_t *check_value(lab_pool *pool, json_t *value)
{
    if (!value)
        lab_fail(pool, LENET_FAILURE, "out of memory for a page");
    return value;
}

/* A value goes into an object, which it belongs to from then on. */
static void set(lab_pool *pool, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value))
        lab_fail(pool, LENET_FAILURE, "out of memory for a page");
}

/* ---------------------------------------------------------------------------------------------------------- model */

/* Float32 numbers, little-endian, as base64. */
static json_t *value_of_numbers(lab_pool *pool, const lenet_tensor *tensor)
{
    lab_text text = {.pool = pool};
    uint8_t *bytes = lab_alloc(pool, tensor->size, sizeof(float));
    for (size_t i = 0; i < tensor->size; i++) {
        uint32_t bits;
        memcpy(&bits, &tensor->data[i], sizeof bits);
        for (int byte = 0; byte < 4; byte++)
            bytes[4 * i + (size_t)byte] = (uint8_t)(bits >> 8 * byte);
    }
    lab_append_base64(&text, bytes, tensor->size * sizeof(float));
    return json_stringn(text.data, text.used);
}

/* {"epoch": "7", "tensors": {"conv1.weight": "..."}} */
static json_t *value_of_weights(lab_pool *pool, lenet_model *model)
{
    const char *epoch = lenet_model_note(model, "epoch");
    json_t *object = check_value(pool, json_object()), *tensors = check_value(pool, json_object());
    set(pool, object, "epoch", value_of_text(epoch ? epoch : "?"));
    set(pool, object, "tensors", tensors);
    for (size_t i = 0; i < lenet_model_tensor_count(model); i++) {
        lenet_tensor tensor;
        lab_check(pool, lenet_model_tensor(model, i, &tensor, &pool->error));
        set(pool, tensors, tensor.name, value_of_numbers(pool, &tensor));
    }
    return object;
}

static json_t *value_of_classes(lab_pool *pool, const lenet_model *model)
{
    lab_classes named;
    json_t *list = check_value(pool, json_array());
    lab_check(pool, lab_classes_open(&named, model, &pool->error));
    int failed = 0;
    for (int i = 0; i < lenet_model_classes(model); i++)
        failed |= json_array_append_new(list, named.count ? value_of_text(named.names[i]) : json_sprintf("%d", i));
    lab_classes_close(&named);
    return check_value(pool, failed ? NULL : list);
}

/* Means, or deviations, of the pixels of each channel. */
static json_t *value_of_channels(const double *numbers, int channels)
{
    json_t *list = json_array();
    for (int i = 0; list && i < channels; i++)
        json_array_append_new(list, value_of_number(numbers[i]));
    return list;
}

static void set_input(lab_pool *pool, json_t *object, const lenet_model *model)
{
    static const char *const styles[] = {[LAB_STYLE_DIGIT] = "digit",
                                         [LAB_STYLE_ARTICLE] = "article",
                                         [LAB_STYLE_PHOTO] = "photo",
                                         [LAB_STYLE_RAW] = "raw"};
    const lenet_shape shape = lenet_model_shape(model);
    double mean[3], std[3];
    lenet_model_normalization(model, mean, std);
    set(pool, object, "input", json_pack("[i, i, i]", shape.channels, shape.height, shape.width));
    set(pool, object, "mean", value_of_channels(mean, shape.channels));
    set(pool, object, "std", value_of_channels(std, shape.channels));
    set(pool, object, "style", json_string(styles[lab_style_of_model(model)]));
}

static void check_models(lab_pool *pool, lenet_model *const *models, size_t count)
{
    const lenet_shape shape = lenet_model_shape(models[0]);
    if (shape.channels != 1 && shape.channels != 3)
        lab_fail(pool, LENET_USAGE, "the model takes images of %d channels; only grey and colour can be drawn",
                 shape.channels);
    for (size_t i = 1; i < count; i++) {
        const lenet_shape other = lenet_model_shape(models[i]);
        if (strcmp(lenet_model_architecture(models[0]), lenet_model_architecture(models[i])) ||
            memcmp(&shape, &other, sizeof shape) || lenet_model_classes(models[0]) != lenet_model_classes(models[i]))
            lab_fail(pool, LENET_USAGE, "model %zu has not the architecture of the first; a page is of one network",
                     i + 1);
    }
}

/* The model as JSON that may stand in a script element. */
static const char *model_text(lab_pool *pool, lenet_model *const *models, size_t count)
{
    json_t *object = check_value(pool, json_object()), *epochs = check_value(pool, json_array());
    lab_text text = {.pool = pool};
    const char *data = lenet_model_note(models[0], "data");
    set(pool, object, "version", json_string(lenet_version()));
    set(pool, object, "data", value_of_text(data ? data : ""));
    set(pool, object, "architecture", json_string(lenet_model_architecture(models[0])));
    set(pool, object, "classes", json_integer(lenet_model_classes(models[0])));
    set(pool, object, "class_names", value_of_classes(pool, models[0]));
    set_input(pool, object, models[0]);
    set(pool, object, "epochs", epochs);
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(epochs, value_of_weights(pool, models[i])))
            lab_fail(pool, LENET_FAILURE, "out of memory for a page");
    char *line = json_line(object);
    json_decref(object);
    if (!line)
        lab_fail(pool, LENET_FAILURE, "out of memory for a page");
    for (const char *at = line; *at;) { /* "</script>" would end the element */
        const size_t length = strcspn(at, "<");
        lab_append_bytes(&text, at, length);
        at += length;
        if (*at && *at++)
            lab_append(&text, "\\u003c");
    }
    free(line);
    return text.data;
}

/* ----------------------------------------------------------------------------------------------------------- page */

static const char *join_files(lab_pool *pool, const char *const *names)
{
    lab_text text = {.pool = pool};
    for (; *names; names++) {
        const lab_built_in *file = lab_live_file(*names);
        lab_append(&text, "\n");
        lab_append_bytes(&text, file->text, file->size);
    }
    return text.data;
}

/* A source of a content security policy: the text of an element by its hash. */
static void append_hash(lab_text *out, const char *text)
{
    char hex[LN_SHA256_HEX];
    uint8_t bytes[32];
    ln_sha256_of(text, strlen(text), hex);
    for (size_t i = 0; i < sizeof bytes; i++) {
        const char pair[] = {hex[2 * i], hex[2 * i + 1], '\0'};
        bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    lab_append(out, "'sha256-");
    lab_append_base64(out, bytes, sizeof bytes);
    lab_append(out, "'");
}

static const char *policy_of(lab_pool *pool, const char *style, const char *script)
{
    lab_text policy = {.pool = pool};
    lab_append(&policy, "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src ");
    append_hash(&policy, style);
    lab_append(&policy, "; script-src ");
    append_hash(&policy, script);
    return policy.data;
}

/* The value of "@name@" at `at`; NULL: there is no mark. */
static const char *value_of_mark(const char *at, const char *const marks[][2])
{
    for (; (*marks)[0]; marks++)
        if (!strncmp(at, (*marks)[0], strlen((*marks)[0])))
            return (*marks)[1];
    return NULL;
}

lab_page_text lab_drawing_page(lab_pool *pool, lenet_model *const *models, size_t count)
{
    static const char *const styles[] = {"common.css", "draw.css", NULL}, *const scripts[] = {"network.js",
                                                                                              "prepare.js", "draw.js",
                                                                                              NULL};
    check_models(pool, models, count);
    const char *style = join_files(pool, styles), *script = join_files(pool, scripts);
    const char *const marks[][2] = {{"@policy@", policy_of(pool, style, script)},
                                    {"@style@", style},
                                    {"@model@", model_text(pool, models, count)},
                                    {"@script@", script},
                                    {NULL, NULL}};
    lab_text page = {.pool = pool};
    for (const char *at = lab_live_file("draw.html")->text; *at;) {
        const char *value = value_of_mark(at, marks);
        if (value) {
            lab_append_bytes(&page, value, strlen(value));
            at = strchr(at + 1, '@') + 1;
        } else {
            const size_t length = 1 + strcspn(at + 1, "@");
            lab_append_bytes(&page, at, length);
            at += length;
        }
    }
    return (lab_page_text){page.data, page.used};
}
