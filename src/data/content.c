/* SPDX-License-Identifier: MIT */
/*
 * content.c - see content.h. What lies in another packing is made into the published file, whose hash then
 * proves it.
 */
#include "data/content.h"

#include "data/inflate.h"
#include "data/npy.h"
#include "data/python-batch.h"
#include "data/source.h"
#include "lenet/tools.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

#include <stdio.h>
#include <string.h>

/* What a pickle or an archive has around the content: names of images, headers. */
enum { SLACK = 16 * 1024 * 1024 };

static lenet_status read_pickle(const lenet_source *source, size_t index, const char *path, ln_take *take,
                                void *context, lenet_error *error)
{
    unsigned char *data = NULL, *batch = NULL;
    size_t size = 0, batch_size = 0;
    lenet_status status = ln_read_file(path, source->files[index].bytes + SLACK, &data, &size, error);
    if (!status)
        status = ln_cifar_unpickle(path, data, size, ln_source_known(source)->labels, &batch, &batch_size, error);
    ln_free(data);
    return status ? status : take(context, index, path, batch, batch_size, error);
}

/* An IDX file of the array. */
static lenet_status make_idx(const ln_array *a, unsigned char **data, size_t *size, lenet_error *error)
{
    const size_t header = 4 + 4 * (size_t)a->rank;
    if (a->element != LN_UNSIGNED || a->bytes != 1 || a->is_fortran || a->rank < 1)
        return ln_fail(error, LENET_INPUT, "%s: no array of bytes in the order of C", a->path);
    unsigned char *made = ln_alloc(header + a->count, 1);
    if (!made)
        return ln_fail_memory(error, a->path, header + a->count);
    made[2] = 8, made[3] = (unsigned char)a->rank;
    for (size_t i = 0; i < header - 4; i++)
        made[4 + i] = (unsigned char)(a->dimensions[i / 4] >> (24 - 8 * (i % 4)) & 0xff);
    memcpy(made + header, a->data, a->count);
    *data = made, *size = header + a->count;
    return LENET_OK;
}

static lenet_status read_array(const lenet_source *source, size_t index, const char *path, ln_take *take, void *context,
                               lenet_error *error)
{
    size_t most = SLACK, size = 0, idx_size = 0;
    unsigned char *data = NULL, *idx = NULL;
    char name[LN_PATH + 80];
    ln_array array;
    for (size_t i = 0; i < source->file_count; i++)
        most += source->files[i].bytes;
    ln_npz *npz = ln_alloc(1, sizeof *npz);
    if (!npz)
        return ln_fail_memory(error, path, sizeof *npz);
    lenet_status status = ln_read_file(path, most, &data, &size, error);
    if (!status)
        status = ln_npz_parse(npz, path, data, size, most, error);
    if (!status)
        status = ln_npz_array(npz, ln_source_known(source)->packing->names[index], name, sizeof name, &array, error);
    if (!status)
        status = make_idx(&array, &idx, &idx_size, error);
    ln_npz_close(npz);
    ln_free(npz);
    ln_free(data);
    return status ? status : take(context, index, name, idx, idx_size, error);
}

static lenet_status read_file(const lenet_source *source, size_t index, ln_found found, const char *path, ln_take *take,
                              void *context, lenet_error *error)
{
    if (found == LN_PICKLE)
        return read_pickle(source, index, path, take, context, error);
    if (found == LN_ARRAY)
        return read_array(source, index, path, take, context, error);
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
        const lenet_status status = read_file(source, i, found, path, take, context, error);
        if (status)
            return status;
    }
    return archive[0] ? ln_read_archive(source, archive, first, last, in_archive, take, context, error) : LENET_OK;
}
