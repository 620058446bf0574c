/* SPDX-License-Identifier: MIT */
/* content.c - see content.h. */
#include "data/content.h"

#include "util/error.h"
#include "data/inflate.h"

#include <string.h>

static lenet_status read_file(const lenet_source *source, size_t index, const char *path, ln_take *take, void *context,
                              lenet_error *error)
{
    unsigned char *data = NULL;
    size_t size = 0;
    const lenet_status status = ln_load(path, source->files[index].bytes, &data, &size, error);
    return status ? status : take(context, index, path, data, size, error);
}

lenet_status ln_read_files(const lenet_source *source, const ln_place *place, size_t first, size_t last, ln_take *take,
                           void *context, lenet_error *error)
{
    unsigned char in_archive[LN_MOST_FILES] = {0};
    char path[LN_PATH], archive[LN_PATH] = "";
    for (size_t i = first; i < last; i++) {
        const ln_found found = ln_find_file(source, i, place->folder, path);
        if (found == LN_ABSENT)
            return ln_fail(error, LENET_INPUT, "%s: %s is missing in this folder", place->folder,
                           source->files[i].name);
        in_archive[i] = found == LN_MEMBER;
        if (found == LN_MEMBER) {
            strcpy(archive, path);
            continue;
        }
        const lenet_status status = read_file(source, i, path, take, context, error);
        if (status)
            return status;
    }
    return archive[0] ? ln_read_archive(source, archive, first, last, in_archive, take, context, error) : LENET_OK;
}
