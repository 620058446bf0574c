/* SPDX-License-Identifier: MIT */
/*
 * idx.c - the format of MNIST and its relatives: an array, one file for the images of a split and one for its
 * labels. Of known data sets all that is accepted is unsigned bytes of the expected rank, of others every
 * type; always with exactly the elements that its header declares.
 *
 *     OFFSET    SIZE   MEANING
 *     0         2      zero
 *     2         1      type of an element: 08 u8, 09 i8, 0b i16, 0c i32, 0d f32, 0e f64, big-endian
 *     3         1      rank r: 3 for images, 1 for labels
 *     4         4      first dimension, the count; all dimensions are big-endian
 *     8         4      height, if r = 3
 *     12        4      width, if r = 3
 *     4 + 4r    -      the elements, row-major, to the end of the file
 */
#include "data/idx.h"

#include "data/content.h"
#include "data/format.h"
#include "data/source.h"
#include "lenet/tools.h"
#include "util/error.h"
#include "util/sha256.h"

#include <stdio.h>
#include <string.h>

enum { TYPE_U8 = 0x08 };

static const char *type_name(unsigned char type)
{
    static const char *const names[] = {"u8", "i8", "", "i16", "i32", "f32", "f64"};
    return type >= TYPE_U8 && type < TYPE_U8 + 7 && type != 0x0a ? names[type - TYPE_U8] : NULL;
}

/* What a file that is no IDX file is instead, for the error. */
static const char *guess_content(const unsigned char *data)
{
    if (memcmp(data, "PK", 2) == 0)
        return " (a zip archive?)";
    if (data[0] == 0x1f && data[1] == 0x8b)
        return " (compressed twice?)";
    return data[0] == '<' ? " (a web page?)" : "";
}

static const char *kind_of(int rank) { return rank == 1 ? "labels" : rank == 3 ? "images" : "data"; }

static lenet_status parse_magic(const char *path, const unsigned char *data, size_t size, int rank, lenet_error *error)
{
    if (size < 4)
        return ln_fail(error, LENET_INPUT, "%s: truncated: %zu bytes, too few for an IDX file", path, size);
    const char *type = type_name(data[2]);
    if (data[0] || data[1] || !type || !data[3])
        return ln_fail(error, LENET_INPUT, "%s: not an IDX file: wrong magic number %02x%02x%02x%02x%s", path, data[0],
                       data[1], data[2], data[3], guess_content(data));
    if (data[2] != TYPE_U8)
        return ln_fail(error, LENET_INPUT, "%s: its elements are %s, where u8 is needed", path, type);
    if (data[3] != rank)
        return ln_fail(error, LENET_INPUT, "%s: holds %s (rank %d) where %s (rank %d) belong%s", path, kind_of(data[3]),
                       data[3], kind_of(rank), rank,
                       data[3] == 1 || data[3] == 3 ? ": are the two files swapped?" : "");
    return LENET_OK;
}

static size_t big_endian(const unsigned char *b)
{
    return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
}

static lenet_status parse_dimensions(const char *path, const unsigned char *data, size_t size, ln_idx *idx,
                                     lenet_error *error)
{
    const size_t header = 4 + 4 * (size_t)idx->rank;
    if (size < header)
        return ln_fail(error, LENET_INPUT, "%s: truncated: %zu bytes, and its header alone has %zu", path, size,
                       header);
    idx->size = 1;
    for (int i = 0; i < idx->rank; i++) {
        const size_t dimension = idx->dimensions[i] = big_endian(data + 4 + 4 * i);
        if (!dimension)
            return ln_fail(error, LENET_INPUT, "%s: dimension %d is zero", path, i + 1);
        if (idx->size > SIZE_MAX / dimension)
            return ln_fail(error, LENET_INPUT, "%s: declares more elements than memory can be addressed", path);
        idx->size *= dimension;
    }
    idx->elements = data + header;
    const size_t held = size - header;
    if (held < idx->size)
        return ln_fail(error, LENET_INPUT, "%s: truncated: declares %zu bytes of %s and holds %zu", path, idx->size,
                       kind_of(idx->rank), held);
    if (held > idx->size)
        return ln_fail(error, LENET_INPUT, "%s: too long: declares %zu bytes of %s and holds %zu", path, idx->size,
                       kind_of(idx->rank), held);
    return LENET_OK;
}

lenet_status ln_idx_parse(const char *path, const unsigned char *data, size_t size, int rank, ln_idx *idx,
                          lenet_error *error)
{
    ln_idx parsed = {.rank = rank};
    lenet_status status = parse_magic(path, data, size, rank, error);
    if (!status)
        status = parse_dimensions(path, data, size, &parsed, error);
    if (!status)
        *idx = parsed;
    return status;
}

lenet_status ln_idx_array(const char *path, const unsigned char *data, size_t size, ln_array *array, lenet_error *error)
{
    static const struct {
        ln_element element;
        int bytes;
    } types[] = {{LN_UNSIGNED, 1}, {LN_SIGNED, 1}, {LN_REAL, 0}, {LN_SIGNED, 2},
                 {LN_SIGNED, 4},   {LN_REAL, 4},   {LN_REAL, 8}};
    if (size < 4)
        return ln_fail(error, LENET_INPUT, "%s: truncated: %zu bytes, too few for an IDX file", path, size);
    if (data[0] || data[1] || !type_name(data[2]) || !data[3])
        return ln_fail(error, LENET_INPUT, "%s: not an IDX file: wrong magic number %02x%02x%02x%02x%s", path, data[0],
                       data[1], data[2], data[3], guess_content(data));
    const int type = data[2] - TYPE_U8, rank = data[3];
    const size_t header = 4 + 4 * (size_t)rank;
    ln_array a = {
        .path = path, .element = types[type].element, .bytes = types[type].bytes, .is_big_endian = 1, .rank = rank};
    if (rank > LN_ARRAY_RANK)
        return ln_fail(error, LENET_INPUT, "%s: %d dimensions, more than %d", path, rank, LN_ARRAY_RANK);
    if (size < header)
        return ln_fail(error, LENET_INPUT, "%s: truncated: %zu bytes, and its header alone has %zu", path, size,
                       header);
    for (int i = 0; i < rank; i++)
        a.dimensions[i] = big_endian(data + 4 + 4 * i);
    a.data = data + header;
    const lenet_status status = ln_array_measure(&a, size - header, error);
    if (!status)
        *array = a;
    return status;
}

/* ---------------------------------------------------------------------------------------------------------- a split */

/* The files of a source of this format are train images, train labels, test images, test labels. */
static int rank_of_file(size_t index) { return index % 2 ? 1 : 3; }

static lenet_status parse_file(const lenet_source *source, size_t index, const char *path, const unsigned char *data,
                               size_t size, ln_idx *idx, lenet_error *error)
{
    const lenet_status status = ln_idx_parse(path, data, size, rank_of_file(index), idx, error);
    if (status)
        return status;
    if (idx->rank == 1)
        return ln_check_labels(path, idx->elements, idx->size, source->classes, error);
    if (idx->dimensions[1] != (size_t)source->shape.height || idx->dimensions[2] != (size_t)source->shape.width)
        return ln_fail(error, LENET_INPUT, "%s: its images are %zux%zu, and those of %s are %dx%d", path,
                       idx->dimensions[1], idx->dimensions[2], source->name, source->shape.height, source->shape.width);
    return LENET_OK;
}

/*
 * Often a whole folder is the wrong one: MNIST, Fashion-MNIST and KMNIST have the same file names and sizes.
 * The labels differ, and are few enough to be hashed at each opening. lenet_source_check checks the images
 * too.
 */
static lenet_status refuse_labels_of_others(const lenet_source *source, size_t index, const char *path,
                                            const unsigned char *data, size_t size, lenet_error *error)
{
    char sha256[LN_SHA256_HEX];
    size_t other_index = 0;
    ln_sha256_of(data, size, sha256);
    const lenet_source *other = ln_source_of_content(sha256, 0, &other_index);
    if (!other || (other == source && other_index == index))
        return LENET_OK;
    return ln_fail(error, LENET_INPUT, "%s: this is %s of %s, not %s of %s", path, other->files[other_index].name,
                   other->name, source->files[index].name, source->name);
}

typedef struct pair {
    const lenet_source *source;
    ln_images *images;
    size_t label_count;
    char path[2][LN_PATH]; /* of images and labels, for the error if they disagree */
} pair;

static lenet_status take(void *context, size_t index, const char *path, unsigned char *data, size_t size,
                         lenet_error *error)
{
    pair *p = context;
    ln_idx idx = {0};
    p->images->memory[index % 2] = data;
    snprintf(p->path[index % 2], LN_PATH, "%s", path);
    const lenet_status status = parse_file(p->source, index, path, data, size, &idx, error);
    if (status)
        return status;
    if (idx.rank == 3) {
        p->images->images = idx.elements;
        p->images->count = idx.dimensions[0];
        return LENET_OK;
    }
    p->images->labels = idx.elements;
    p->label_count = idx.size;
    return refuse_labels_of_others(p->source, index, path, data, size, error);
}

static lenet_status open_split(const lenet_source *source, const ln_place *place, lenet_split split, ln_images *images,
                               lenet_error *error)
{
    pair p = {.source = source, .images = images};
    const size_t first = split == LENET_TRAIN ? 0 : 2;
    images->shape = source->shape;
    const lenet_status status = ln_read_files(source, place, first, first + 2, take, &p, error);
    if (status)
        return status;
    if (images->count != p.label_count)
        return ln_fail(error, LENET_INPUT, "%s: %zu labels, and %s has %zu images", p.path[1], p.label_count, p.path[0],
                       images->count);
    return LENET_OK;
}

static lenet_status judge(const lenet_source *source, size_t index, const char *path, const unsigned char *data,
                          size_t size, lenet_error *error)
{
    ln_idx idx;
    return parse_file(source, index, path, data, size, &idx, error);
}

const ln_format ln_idx_format = {"IDX", open_split, judge};
