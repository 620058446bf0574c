/* SPDX-License-Identifier: MIT */
/* setting.c - see setting.h. */
#include "lab/recipe/setting.h"

#include "util/number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const void *field_of(const lenet_setting *setting, const lenet_settings *settings)
{
    return (const char *)settings + setting->offset;
}

bool lab_setting_is_left_out(const lenet_setting *setting, const lenet_settings *settings)
{
    const void *field = field_of(setting, settings);
    if (!setting->fallback)
        return false;
    switch (setting->kind) {
    case LENET_SETTING_INT: return !*(const int *)field;
    case LENET_SETTING_SIZE: return !*(const size_t *)field;
    case LENET_SETTING_U64: return !*(const uint64_t *)field;
    case LENET_SETTING_REAL:
        return setting->low == 0 && !setting->open_low ? isnan(*(const double *)field) : *(const double *)field == 0;
    case LENET_SETTING_FLAG:
    case LENET_SETTING_ENUM:
    case LENET_SETTING_CHOICE:
    case LENET_SETTING_TEXT: break;
    }
    return false;
}

bool lab_setting_is_same(const lenet_setting *setting, const lenet_settings *a, const lenet_settings *b)
{
    const void *x = field_of(setting, a), *y = field_of(setting, b);
    const char *text, *other;
    switch (setting->kind) {
    case LENET_SETTING_SIZE: return *(const size_t *)x == *(const size_t *)y;
    case LENET_SETTING_U64: return *(const uint64_t *)x == *(const uint64_t *)y;
    case LENET_SETTING_REAL: return *(const double *)x == *(const double *)y;
    case LENET_SETTING_CHOICE:
    case LENET_SETTING_TEXT:
        text = *(const char *const *)x;
        other = *(const char *const *)y;
        return text == other || (text && other && !strcmp(text, other));
    default: return *(const int *)x == *(const int *)y;
    }
}

const char *lab_setting_text(lab_pool *pool, const lenet_setting *setting, const lenet_settings *settings)
{
    char digits[LN_NUMBER_LENGTH];
    const void *field = field_of(setting, settings);
    const char *text;
    switch (setting->kind) {
    case LENET_SETTING_FLAG: return *(const int *)field ? "true" : "false";
    case LENET_SETTING_INT: return lab_print(pool, "%d", *(const int *)field);
    case LENET_SETTING_SIZE: return lab_print(pool, "%zu", *(const size_t *)field);
    case LENET_SETTING_U64: return lab_print(pool, "%ju", (uintmax_t) * (const uint64_t *)field);
    case LENET_SETTING_REAL: return lab_print(pool, "%s", ln_shortest_number(*(const double *)field, digits));
    case LENET_SETTING_ENUM: return setting->names[*(const int *)field];
    case LENET_SETTING_CHOICE:
    case LENET_SETTING_TEXT: break;
    }
    text = *(const char *const *)field;
    return text ? text : "";
}
