/* SPDX-License-Identifier: MIT */
/*
 * differs.c - see differs.h. The values of all keys are written down first; then those that are equal everywhere are
 * left out.
 */
#include "lab/study/differs.h"

#include "settings/setting.h"

#include <string.h>

/* All keys that a point may have, before it is known which differ. */
typedef struct candidates {
    size_t count;
    const char **keys;
    const ln_option **settings; /* NULL: not a setting */
} candidates;

static bool is_among(const candidates *all, const char *key)
{
    for (size_t i = 0; i < all->count; i++)
        if (!strcmp(all->keys[i], key))
            return true;
    return false;
}

static void add_key(candidates *all, const char *key)
{
    const ln_option *setting = ln_setting_find(key);
    const bool is_of_the_run = !strcmp(key, "seed") || !strcmp(key, "fold");
    if (is_among(all, key) || is_of_the_run || (setting && setting->is_observational))
        return;
    all->keys[all->count] = key;
    all->settings[all->count++] = setting;
}

/* "val_split", as a file may have it, is "val-split". */
static const char *spelled(lab_pool *pool, const char *key)
{
    char *name = lab_format(pool, "%s", key);
    for (char *c = name; *c; c++)
        *c = *c == '_' ? '-' : *c;
    return name;
}

static candidates list_keys(lab_pool *pool, const lab_point *first)
{
    size_t most = first->value_count + 3;
    for (const ln_option *s = ln_settings; s->name; s++)
        most++;
    candidates all = {.keys = lab_alloc(pool, most, sizeof *all.keys),
                      .settings = lab_alloc(pool, most, sizeof *all.settings)};
    for (size_t i = 0; i < first->value_count; i++)
        add_key(&all, spelled(pool, first->values[i].key));
    add_key(&all, "data");
    add_key(&all, "data-dir");
    add_key(&all, "arch");
    for (const ln_option *s = ln_settings; s->name; s++)
        add_key(&all, s->name);
    return all;
}

static const char *value_of(lab_pool *pool, const lab_point *point, const candidates *all, size_t key)
{
    const char *name = all->keys[key];
    const ln_option *setting = all->settings[key];
    char number[LN_OPTION_LENGTH];
    if (!setting)
        return !strcmp(name, "data")   ? point->data
               : !strcmp(name, "arch") ? point->architecture
               : point->folder         ? point->folder
                                       : "-";
    const void *value = ln_setting_value(setting, &point->settings);
    if (ln_option_is_default(setting, value) || (!strcmp(name, "val-split") && point->settings.folds))
        return "-";
    const char *text = ln_option_format(setting, value, number);
    return !text ? "-" : text == number ? lab_format(pool, "%s", text) : text;
}

lab_differs lab_differs_of(lab_pool *pool, const lab_point *const *points, size_t count)
{
    if (!count)
        return (lab_differs){.count = 0};
    const candidates all = list_keys(pool, points[0]);
    const char **values = lab_alloc(pool, count * all.count, sizeof *values),
               **column = lab_alloc(pool, count, sizeof *column);
    lab_differs found = {.keys = lab_alloc(pool, all.count, sizeof *found.keys), .values = values};
    size_t *places = lab_alloc(pool, all.count, sizeof *places);
    for (size_t k = 0; k < all.count; k++) {
        bool is_equal = true;
        for (size_t p = 0; p < count; p++) {
            column[p] = value_of(pool, points[p], &all, k);
            is_equal &= !strcmp(column[p], column[0]);
        }
        if (is_equal)
            continue;
        places[found.count] = k;
        found.keys[found.count++] = all.keys[k];
    }
    for (size_t p = 0; p < count; p++)
        for (size_t k = 0; k < found.count; k++)
            values[p * found.count + k] = value_of(pool, points[p], &all, places[k]);
    return found;
}
