/* SPDX-License-Identifier: MIT */
/* describe.c - see describe.h. */
#include "lab/recipe/describe.h"

#include "lab/recipe/recipe.h"
#include "lab/text/json.h"
#include "lenet/lenet.h"
#include "util/file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lab_describer {
    json_t *defaults;
    json_t *names[2]; /* [is_28]: of architectures, their short names, or null */
};

lab_describer *lab_describer_open(void)
{
    lab_describer *made = calloc(1, sizeof *made);
    lenet_settings defaults;
    if (!made)
        return NULL;
    lab_default_settings(&defaults);
    made->defaults = json_object();
    made->names[0] = json_object();
    made->names[1] = json_object();
    if (!made->defaults || !made->names[0] || !made->names[1] || !lab_add_settings(made->defaults, &defaults, false))
        lab_describer_close(&made);
    return made;
}

void lab_describer_close(lab_describer **handle)
{
    lab_describer *describer = *handle;
    *handle = NULL;
    if (!describer)
        return;
    json_decref(describer->defaults);
    json_decref(describer->names[0]);
    json_decref(describer->names[1]);
    free(describer);
}

/*
 * The name of an architecture in full, for images of that size and as many classes as its last layer has;
 * NULL: it has none.
 */
static const char *find_short_name(const char *architecture, bool is_28)
{
    const char *found = NULL, *last = strrchr(architecture, ':');
    const int side = is_28 ? 28 : 32, classes = last ? atoi(last + 1) : 0;
    for (const char *const *name = lenet_option_names(LENET_ARCHITECTURES); *name && !found; name++) {
        lenet_model *model = NULL;
        if (!lenet_model_create(&model, *name, (lenet_shape){1, side, side}, classes, NULL) &&
            !strcmp(lenet_model_architecture(model), architecture))
            found = *name;
        lenet_model_close(&model);
    }
    return found;
}

static const char *short_name(lab_describer *describer, const char *architecture, bool is_28)
{
    json_t *names = describer->names[is_28];
    const json_t *known = json_object_get(names, architecture);
    if (known)
        return json_string_value(known);
    const char *name = find_short_name(architecture, is_28);
    json_object_set_new(names, architecture, name ? json_string(name) : json_null());
    return name;
}

/* A value as an option would be given: texts without quotes. False: out of memory. */
static bool write_value(FILE *file, const char *between, const char *key, const json_t *value)
{
    char *dumped = json_is_string(value) ? NULL : json_text(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
    const char *text = dumped ? dumped : json_string_value(value);
    const bool is_whole = text && fprintf(file, "%s%s %s", between, key, text) >= 0;
    free(dumped);
    return is_whole;
}

json_t *lab_recipe_words(lab_describer *describer, const json_t *recipe, bool is_28)
{
    json_t *value;
    const char *key, *between = "";
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    const char *architecture = json_string_value(json_object_get(recipe, "arch"));
    const char *name = short_name(describer, architecture ? architecture : "", is_28);
    bool is_whole = true;
    if (file && architecture && (!name || strcmp(name, "lenet5") != 0)) {
        fprintf(file, "arch %s", name ? name : architecture);
        between = ", ";
    }
    json_object_foreach((json_t *)recipe, key, value)
    {
        const json_t *fallback = json_object_get(describer->defaults, key);
        if (!file || !fallback || json_equal(fallback, value) || !strcmp(key, "seed"))
            continue;
        is_whole &= write_value(file, between, key, value);
        between = ", ";
    }
    json_t *described = ln_close_text(file, &text) && is_whole ? value_of_text(text) : NULL;
    free(text);
    return described;
}
