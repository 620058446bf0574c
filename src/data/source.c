/* SPDX-License-Identifier: MIT */
/* source.c - see source.h. Which data sets there are is LN_SOURCE_LIST; what is known of one is its file in sets/. */
#include "data/source.h"

#include "lenet/tools.h"
#include "util/error.h"
#include "util/nearest.h"

#include <stdio.h>
#include <string.h>

static const ln_known *const known[] = {
#define ROW(id, name) &ln_source_##id,
    LN_SOURCE_LIST(ROW)
#undef ROW
};
enum { KNOWN = LN_COUNT_OF(known) };

static const lenet_source *const list[] = {
#define ROW(id, name) &ln_source_##id.source,
    LN_SOURCE_LIST(ROW)
#undef ROW
        NULL};

const char *const ln_source_names[] = {
#define ROW(id, name) name,
    LN_SOURCE_LIST(ROW)
#undef ROW
        NULL};

const lenet_source *const *lenet_source_list(void) { return list; }

const lenet_source *lenet_source_find(const char *name)
{
    for (size_t i = 0; name && i < KNOWN; i++)
        if (strcmp(known[i]->source.name, name) == 0)
            return &known[i]->source;
    return NULL;
}

const ln_known *ln_source_known(const lenet_source *source)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (&known[i]->source == source)
            return known[i];
    return NULL;
}

lenet_status ln_source_require(const char *name, const ln_known **row, lenet_error *error)
{
    const lenet_source *source = lenet_source_find(name);
    if (source) {
        *row = ln_source_known(source);
        return LENET_OK;
    }
    char names[128] = "";
    for (size_t i = 0, used = 0; i < KNOWN && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", known[i]->source.name);
    const char *nearest = name ? ln_nearest_name(name, ln_source_names) : NULL;
    if (nearest)
        return ln_fail(error, LENET_USAGE, "unknown data set '%.64s': did you mean '%s'? Known are %s", name, nearest,
                       names);
    return ln_fail(error, LENET_USAGE, "unknown data set '%.64s': known are %s", name ? name : "", names);
}

const lenet_source *ln_source_of_content(const char *sha256, int packed, size_t *index)
{
    for (size_t i = 0; i < KNOWN; i++)
        for (size_t j = 0; j < known[i]->source.file_count; j++) {
            const lenet_source_file *file = &known[i]->source.files[j];
            const char *published = packed ? file->gz_sha256 : file->sha256;
            if (published && strcmp(published, sha256) == 0) {
                *index = j;
                return &known[i]->source;
            }
        }
    return NULL;
}
