/* SPDX-License-Identifier: MIT */
/*
 * safetensors.c - see safetensors.h for the format.
 *
 * The reader trusts nothing: each number of the header is checked before it is used, and the tensors, sorted
 * by where their data begins, must cover the data without a gap or an overlap, so that a file has one meaning
 * only and cannot hide another inside. It is stricter than the reference where no sound file is refused:
 * duplicate keys, unknown members of a tensor's entry, and a header above 16 MiB are refused.
 */
#include "nn/safetensors.h"

#include "util/error.h"
#include "util/memory.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char metadata_key[] = "__metadata__";

enum { LENGTH_BYTES = 8, VALUE_BYTES = 4, LARGEST_BYTES = 8, PADDING = 8 };

_Static_assert(sizeof(float) == VALUE_BYTES, "float must be the IEEE single that F32 names");

/* ----------------------------------------------------------------------------------------------- little-endian */

static uint64_t load_u64(const unsigned char *bytes)
{
    uint64_t value = 0;
    for (int i = LENGTH_BYTES - 1; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

static void store_u64(unsigned char *bytes, uint64_t value)
{
    for (int i = 0; i < LENGTH_BYTES; i++, value >>= 8)
        bytes[i] = (unsigned char)(value & 0xff);
}

/* Values are copied as they lie in memory. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files are little-endian");

/* --------------------------------------------------------------------------------------------------- the reader */

/* One tensor's place in the data, in bytes; `order` is its place in the header. */
typedef struct extent {
    size_t begin, end, order;
    ln_type type;
    lenet_tensor tensor;
} extent;

/* What the functions of the reader share: the input, and how to print_notice about it. */
typedef struct reader {
    const char *name; /* of the file */
    const unsigned char *data;
    size_t data_size;
    bool any_type; /* not float32 alone */
    lenet_error *error;
} reader;

/*
 * How a complaint about a tensor begins. A hostile name may be as long as the header: its beginning will do.
 */
#define TENSOR "%s: tensor '%.80s': "

static lenet_status check_length(const unsigned char *bytes, size_t size, const char *name, size_t *header_size,
                                 lenet_error *error)
{
    if (size < LENGTH_BYTES)
        return ln_fail(error, LENET_INPUT, "%s: %zu bytes are too few for a safetensors file", name, size);
    const uint64_t length = load_u64(bytes);
    if (length > LN_SAFETENSORS_MAX_HEADER)
        return ln_fail(error, LENET_INPUT,
                       "%s: not a safetensors file: it begins with a header length of %ju, above the limit of %d", name,
                       (uintmax_t)length, LN_SAFETENSORS_MAX_HEADER);
    if (length > size - LENGTH_BYTES)
        return ln_fail(error, LENET_INPUT, "%s: truncated: a header of %ju bytes is announced, %zu bytes follow", name,
                       (uintmax_t)length, size - LENGTH_BYTES);
    *header_size = (size_t)length;
    return LENET_OK;
}

static lenet_status fail_json(const json_error_t *reason, const char *name, lenet_error *error)
{
    switch (json_error_code(reason)) {
    case json_error_out_of_memory: return ln_fail(error, LENET_FAILURE, "%s: out of memory for the header", name);
    case json_error_invalid_utf8: return ln_fail(error, LENET_INPUT, "%s: the header is not UTF-8", name);
    case json_error_end_of_input_expected:
        return ln_fail(error, LENET_INPUT, "%s: the header goes on after its JSON object ends", name);
    default:
        return ln_fail(error, LENET_INPUT, "%s: the header is not valid JSON: %s (at byte %d of it)", name,
                       reason->text, reason->position);
    }
}

static lenet_status parse_header(const unsigned char *header, size_t size, const char *name, json_t **root,
                                 lenet_error *error)
{
    json_error_t reason;
    errno = 0;
    json_t *object = json_loadb((const char *)header, size, JSON_REJECT_DUPLICATES, &reason);
    /* Jansson takes a token that it had no memory for as one that does not fit, or as a shorter one */
    if (errno == ENOMEM) {
        json_decref(object);
        return ln_fail(error, LENET_FAILURE, "%s: out of memory for the header", name);
    }
    if (!object)
        return fail_json(&reason, name, error);
    if (!json_is_object(object)) {
        json_decref(object);
        return ln_fail(error, LENET_INPUT, "%s: the header is not a JSON object", name);
    }
    *root = object;
    return LENET_OK;
}

static lenet_status read_notes(const reader *in, json_t *metadata, ln_safetensors *file)
{
    if (!metadata)
        return LENET_OK;
    if (!json_is_object(metadata))
        return ln_fail(in->error, LENET_INPUT, "%s: %s is not an object", in->name, metadata_key);
    file->notes = ln_alloc(json_object_size(metadata), sizeof *file->notes);
    if (!file->notes)
        return ln_fail_memory(in->error, in->name, json_object_size(metadata) * sizeof *file->notes);
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value)
    {
        if (!json_is_string(value))
            return ln_fail(in->error, LENET_INPUT, "%s: %s: the value of '%.80s' is not a string", in->name,
                           metadata_key, key);
        file->notes[file->note_count++] = (ln_note){key, json_string_value(value)};
    }
    return LENET_OK;
}

/*
 * PyTorch's count of batches that batch normalisation has seen: no evaluation depends on it, and it is passed
 * over.
 */
static bool is_batch_count(const char *tensor)
{
    static const char ending[] = ".num_batches_tracked";
    const size_t length = strlen(tensor), tail = sizeof ending - 1;
    return length > tail && !strcmp(tensor + length - tail, ending);
}

static lenet_status read_dtype(const reader *in, const char *tensor, const json_t *dtype, ln_type *type)
{
    static const char *const other[] = {"BOOL", "U8",  "I8",  "F8_E5M2",     "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ",
                                        "I16",  "U16", "F16", "F8_E5M2FNUZ", "BF16",    "I32",     "U32",
                                        "C64",  "F64", "I64", "U64",         "F4",      "F6_E2M3", "F6_E3M2"};
    if (!json_is_string(dtype))
        return ln_fail(in->error, LENET_INPUT, TENSOR "dtype is missing or not a string", in->name, tensor);
    const char *name = json_string_value(dtype);
    for (*type = 0; *type < LN_TYPES; ++*type)
        if (strcmp(name, ln_type_name(*type)) == 0 &&
            (in->any_type || *type == LN_F32 || (*type == LN_I64 && is_batch_count(tensor))))
            return LENET_OK;
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (strcmp(name, other[i]) == 0)
            return ln_fail(in->error, LENET_INPUT, TENSOR "dtype %s, but %s", in->name, tensor, name,
                           in->any_type ? "none of that kind is read" : "only F32 is read");
    return ln_fail(in->error, LENET_INPUT, TENSOR "unknown dtype '%.20s'", in->name, tensor, name);
}

/* A whole number of 0 or more; what JSON calls a real (also 4.0 and 1e3) is not one. */
static lenet_status read_count(const reader *in, const char *tensor, const char *what, const json_t *number,
                               uintmax_t limit, size_t *count)
{
    if (!json_is_integer(number))
        return ln_fail(in->error, LENET_INPUT, TENSOR "%s holds something that is not a whole number", in->name, tensor,
                       what);
    const json_int_t value = json_integer_value(number);
    if (value < 0)
        return ln_fail(in->error, LENET_INPUT, TENSOR "%s holds the negative number %jd", in->name, tensor, what,
                       (intmax_t)value);
    if ((uintmax_t)value > limit)
        return ln_fail(in->error, LENET_INPUT, TENSOR "%s holds %jd, more than the %ju possible here", in->name, tensor,
                       what, (intmax_t)value, limit);
    *count = (size_t)value;
    return LENET_OK;
}

static lenet_status read_shape(const reader *in, const json_t *shape, lenet_tensor *tensor)
{
    if (!json_is_array(shape))
        return ln_fail(in->error, LENET_INPUT, TENSOR "shape is missing or not an array", in->name, tensor->name);
    if (json_array_size(shape) > LN_SAFETENSORS_MAX_RANK)
        return ln_fail(in->error, LENET_INPUT, TENSOR "%zu dimensions, more than the %d that are read", in->name,
                       tensor->name, json_array_size(shape), LN_SAFETENSORS_MAX_RANK);
    tensor->rank = (int)json_array_size(shape);
    tensor->size = 1;
    for (int i = 0; i < tensor->rank; i++) {
        size_t dimension = 0;
        const lenet_status failed =
            read_count(in, tensor->name, "shape", json_array_get(shape, (size_t)i), INT_MAX, &dimension);
        if (failed)
            return failed;
        if (dimension && tensor->size > SIZE_MAX / LARGEST_BYTES / dimension)
            return ln_fail(in->error, LENET_INPUT, TENSOR "its shape is too large: the size overflows", in->name,
                           tensor->name);
        tensor->shape[i] = (int)dimension;
        tensor->size *= dimension;
    }
    return LENET_OK;
}

static lenet_status read_offsets(const reader *in, const json_t *offsets, extent *out)
{
    const char *tensor = out->tensor.name;
    if (!json_is_array(offsets) || json_array_size(offsets) != 2)
        return ln_fail(in->error, LENET_INPUT, TENSOR "data_offsets is missing or not a pair", in->name, tensor);
    lenet_status failed = read_count(in, tensor, "data_offsets", json_array_get(offsets, 0), SIZE_MAX, &out->begin);
    if (!failed)
        failed = read_count(in, tensor, "data_offsets", json_array_get(offsets, 1), SIZE_MAX, &out->end);
    if (failed)
        return failed;
    if (out->end < out->begin)
        return ln_fail(in->error, LENET_INPUT, TENSOR "its data ends at %zu, before it begins at %zu", in->name, tensor,
                       out->end, out->begin);
    if (out->end > in->data_size)
        return ln_fail(in->error, LENET_INPUT, TENSOR "its data ends at byte %zu, but the file has %zu bytes of data",
                       in->name, tensor, out->end, in->data_size);
    const size_t needed = out->tensor.size * ln_type_size(out->type);
    if (out->end - out->begin != needed)
        return ln_fail(in->error, LENET_INPUT, TENSOR "%zu bytes of data, but its shape needs %zu", in->name, tensor,
                       out->end - out->begin, needed);
    return LENET_OK;
}

static lenet_status read_entry(const reader *in, const char *name, const json_t *entry, extent *out)
{
    if (!json_is_object(entry))
        return ln_fail(in->error, LENET_INPUT, TENSOR "its entry is not an object", in->name, name);
    out->tensor.name = name;
    lenet_status failed = read_dtype(in, name, json_object_get(entry, "dtype"), &out->type);
    if (!failed)
        failed = read_shape(in, json_object_get(entry, "shape"), &out->tensor);
    if (!failed)
        failed = read_offsets(in, json_object_get(entry, "data_offsets"), out);
    if (!failed && json_object_size(entry) != 3)
        failed = ln_fail(in->error, LENET_INPUT,
                         TENSOR "its entry has members other than dtype, shape and data_offsets", in->name, name);
    return failed;
}

/* By place in the data; an empty tensor comes before one that begins where it stands. */
static int compare_extents(const void *left, const void *right)
{
    const extent *a = left, *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static lenet_status check_cover(const reader *in, const extent *extents, size_t count)
{
    size_t covered = 0;
    for (size_t i = 0; i < count; i++) {
        const char *tensor = extents[i].tensor.name;
        if (extents[i].begin < covered)
            return ln_fail(in->error, LENET_INPUT, TENSOR "its data overlaps that of '%.80s'", in->name, tensor,
                           extents[i - 1].tensor.name);
        if (extents[i].begin > covered)
            return ln_fail(in->error, LENET_INPUT, TENSOR "a gap of %zu bytes before its data", in->name, tensor,
                           extents[i].begin - covered);
        covered = extents[i].end;
    }
    if (covered != in->data_size)
        return ln_fail(in->error, LENET_INPUT, "%s: %zu bytes at the end belong to no tensor", in->name,
                       in->data_size - covered);
    return LENET_OK;
}

static lenet_status read_entries(const reader *in, json_t *root, extent *extents, size_t *count)
{
    const char *name;
    json_t *entry;
    size_t done = 0;
    json_object_foreach(root, name, entry)
    {
        if (strcmp(name, metadata_key) == 0)
            continue;
        extents[done].order = done;
        const lenet_status failed = read_entry(in, name, entry, &extents[done]);
        if (failed)
            return failed;
        done++;
    }
    qsort(extents, done, sizeof *extents, compare_extents);
    *count = done;
    return check_cover(in, extents, done);
}

static ln_part part_of(const extent *e, const unsigned char *values)
{
    ln_part part = {.name = e->tensor.name,
                    .type = e->type,
                    .rank = e->tensor.rank,
                    .data = values + e->begin,
                    .bytes = e->end - e->begin};
    for (int i = 0; i < part.rank; i++)
        part.shape[i] = (size_t)e->tensor.shape[i];
    return part;
}

/* The extents are checked: copies tensors and values. The copy is what makes floats aligned. */
static lenet_status take_tensors(const reader *in, const extent *extents, size_t count, ln_safetensors *file)
{
    if (in->any_type)
        file->parts = ln_alloc(count, sizeof *file->parts);
    else
        file->tensors = ln_alloc(count, sizeof *file->tensors);
    file->values = ln_alloc(in->data_size, 1);
    if ((!file->tensors && !file->parts) || !file->values)
        return ln_fail_memory(in->error, in->name, in->data_size);
    if (in->data_size)
        memcpy(file->values, in->data, in->data_size);
    for (size_t i = 0; i < count; i++)
        if (in->any_type) {
            file->parts[file->tensor_count++] = part_of(&extents[i], (const unsigned char *)file->values);
        } else if (!is_batch_count(extents[i].tensor.name)) {
            lenet_tensor *tensor = &file->tensors[file->tensor_count++];
            *tensor = extents[i].tensor;
            tensor->data = file->values + extents[i].begin / VALUE_BYTES;
        }
    return LENET_OK;
}

static lenet_status read_tensors(const reader *in, ln_safetensors *file)
{
    json_t *root = file->header;
    const size_t capacity = json_object_size(root);
    extent *extents = ln_alloc(capacity, sizeof *extents);
    if (!extents)
        return ln_fail_memory(in->error, in->name, capacity * sizeof *extents);
    size_t count = 0;
    lenet_status status = read_entries(in, root, extents, &count);
    if (!status)
        status = take_tensors(in, extents, count, file);
    ln_free(extents);
    return status;
}

static lenet_status parse(const void *data, size_t size, const char *name, bool any_type, ln_safetensors **file,
                          lenet_error *error)
{
    const unsigned char *bytes = data;
    size_t header_size = 0;
    lenet_status status = check_length(bytes, size, name, &header_size, error);
    if (status)
        return status;
    json_t *root = NULL;
    status = parse_header(bytes + LENGTH_BYTES, header_size, name, &root, error);
    if (status)
        return status;
    ln_safetensors *made = ln_alloc(1, sizeof *made);
    if (!made) {
        json_decref(root);
        return ln_fail_memory(error, name, sizeof *made);
    }
    made->header = root;
    const reader in = {name, bytes + LENGTH_BYTES + header_size, size - LENGTH_BYTES - header_size, any_type, error};
    status = read_notes(&in, json_object_get(root, metadata_key), made);
    if (!status)
        status = read_tensors(&in, made);
    if (status)
        ln_safetensors_close(&made);
    else
        *file = made;
    return status;
}

lenet_status ln_safetensors_parse(const void *data, size_t size, const char *name, ln_safetensors **file,
                                  lenet_error *error)
{
    return parse(data, size, name, false, file, error);
}

lenet_status ln_safetensors_parse_parts(const void *data, size_t size, const char *name, ln_safetensors **file,
                                        lenet_error *error)
{
    return parse(data, size, name, true, file, error);
}

void ln_safetensors_close(ln_safetensors **file)
{
    if (!*file)
        return;
    ln_free((*file)->parts);
    ln_free((*file)->tensors);
    ln_free((*file)->notes);
    ln_free((*file)->values);
    json_decref((*file)->header);
    ln_free(*file);
    *file = NULL;
}

const lenet_tensor *ln_safetensors_find(const ln_safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->tensor_count; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

const char *ln_safetensors_note(const ln_safetensors *file, const char *key)
{
    for (size_t i = 0; i < file->note_count; i++)
        if (strcmp(file->notes[i].key, key) == 0)
            return file->notes[i].value;
    return NULL;
}

lenet_status ln_safetensors_check_finite(const ln_safetensors *file, const char *name, lenet_error *error)
{
    for (size_t i = 0; i < file->tensor_count; i++) {
        const lenet_tensor *tensor = &file->tensors[i];
        for (size_t j = 0; j < tensor->size; j++)
            if (!isfinite(tensor->data[j]))
                return ln_fail(error, LENET_INPUT, TENSOR "value %zu is %s", name, tensor->name, j,
                               isnan(tensor->data[j]) ? "not a number" : "infinite");
    }
    return LENET_OK;
}

/* --------------------------------------------------------------------------------------------------- the writer */

/* Puts `value` (a new reference, possibly NULL) under `key`, which must be new and UTF-8. */
static lenet_status put_new(json_t *object, const char *what, const char *key, json_t *value, lenet_error *error)
{
    if (json_object_get(object, key)) {
        json_decref(value);
        return ln_fail(error, LENET_USAGE, "safetensors: %s '%.80s' is given twice", what, key);
    }
    if (value && !json_object_set_new(object, key, value))
        return LENET_OK;
    if (errno == ENOMEM) /* write_parts has set it to 0 */
        return ln_fail(error, LENET_FAILURE, "out of memory for a safetensors header");
    return ln_fail(error, LENET_USAGE, "safetensors: %s '%.80s': not UTF-8", what, key);
}

static lenet_status put_notes(json_t *metadata, const ln_note *notes, size_t count, lenet_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const lenet_status failed = put_new(metadata, "note", notes[i].key, json_string(notes[i].value), error);
        if (failed)
            return failed;
    }
    return LENET_OK;
}

/*
 * A part of a tensor, if its size is the product of its shape. The data exist, so a true product cannot
 * overflow.
 */
static bool to_part(const lenet_tensor *tensor, ln_part *part)
{
    if (tensor->rank < 0 || tensor->rank > LN_SAFETENSORS_MAX_RANK)
        return false;
    *part = (ln_part){.name = tensor->name, .type = LN_F32, .rank = tensor->rank, .data = tensor->data};
    size_t size = 1;
    for (int i = 0; i < tensor->rank; i++) {
        if (tensor->shape[i] < 0 || (tensor->shape[i] && size > SIZE_MAX / VALUE_BYTES / (size_t)tensor->shape[i]))
            return false;
        part->shape[i] = (size_t)tensor->shape[i];
        size *= part->shape[i];
    }
    part->bytes = size * VALUE_BYTES;
    return size == tensor->size;
}

static json_t *shape_of(const ln_part *part)
{
    json_t *shape = json_array();
    for (int i = 0; shape && i < part->rank; i++) {
        if (json_array_append_new(shape, json_integer((json_int_t)part->shape[i]))) {
            json_decref(shape);
            shape = NULL;
        }
    }
    return shape;
}

/* NULL: out of memory. */
static json_t *entry_of(const ln_part *part, size_t begin)
{
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", ln_type_name(part->type), "shape", shape_of(part), "data_offsets",
                     (json_int_t)begin, (json_int_t)(begin + part->bytes));
}

static lenet_status put_parts(json_t *root, const ln_part *parts, size_t count, size_t *data_size, lenet_error *error)
{
    size_t begin = 0;
    for (size_t i = 0; i < count; i++) {
        const ln_part *part = &parts[i];
        if (strcmp(part->name, metadata_key) == 0)
            return ln_fail(error, LENET_USAGE, "safetensors: a tensor cannot have the reserved name %s", metadata_key);
        if (part->bytes > SIZE_MAX / 2 - begin)
            return ln_fail(error, LENET_USAGE, "safetensors: tensor '%.80s': too large", part->name);
        const lenet_status failed = put_new(root, "tensor", part->name, entry_of(part, begin), error);
        if (failed)
            return failed;
        begin += part->bytes;
    }
    *data_size = begin;
    return LENET_OK;
}

static lenet_status fill_header(json_t *root, const ln_part *parts, size_t part_count, const ln_note *notes,
                                size_t note_count, size_t *data_size, lenet_error *error)
{
    if (note_count) {
        json_t *metadata = json_object(); /* belongs to root from here on */
        if (json_object_set_new(root, metadata_key, metadata))
            return ln_fail(error, LENET_FAILURE, "out of memory for a safetensors header");
        const lenet_status failed = put_notes(metadata, notes, note_count, error);
        if (failed)
            return failed;
    }
    return put_parts(root, parts, part_count, data_size, error);
}

/*
 * Lays out the file: length, header padded with spaces (so that the values are aligned for whoever maps the
 * file), values.
 */
static lenet_status lay_out(const json_t *root, const ln_part *parts, size_t part_count, size_t data_size,
                            unsigned char **data, size_t *size, lenet_error *error)
{
    const size_t text = json_dumpb(root, NULL, 0, JSON_COMPACT);
    const size_t header = (text + PADDING - 1) / PADDING * PADDING;
    if (text == 0)
        return ln_fail(error, LENET_FAILURE, "out of memory for a safetensors header");
    if (header > LN_SAFETENSORS_MAX_HEADER)
        return ln_fail(error, LENET_USAGE, "safetensors: names and notes need %zu bytes, more than the %d possible",
                       header, LN_SAFETENSORS_MAX_HEADER);
    unsigned char *bytes = ln_alloc(LENGTH_BYTES + header + data_size, 1);
    if (!bytes)
        return ln_fail_memory(error, "a safetensors file", LENGTH_BYTES + header + data_size);
    store_u64(bytes, header);
    memset(bytes + LENGTH_BYTES, ' ', header);
    if (json_dumpb(root, (char *)bytes + LENGTH_BYTES, header, JSON_COMPACT) != text) {
        ln_free(bytes);
        return ln_fail(error, LENET_FAILURE, "out of memory for a safetensors header");
    }
    unsigned char *to = bytes + LENGTH_BYTES + header;
    for (size_t i = 0; i < part_count; to += parts[i++].bytes)
        if (parts[i].bytes)
            memcpy(to, parts[i].data, parts[i].bytes);
    *data = bytes;
    *size = LENGTH_BYTES + header + data_size;
    return LENET_OK;
}

static lenet_status write_parts(const ln_part *parts, size_t part_count, const ln_note *notes, size_t note_count,
                                unsigned char **data, size_t *size, lenet_error *error)
{
    json_t *root = json_object();
    if (!root)
        return ln_fail(error, LENET_FAILURE, "out of memory for a safetensors header");
    size_t data_size = 0;
    errno = 0;
    lenet_status status = fill_header(root, parts, part_count, notes, note_count, &data_size, error);
    if (!status)
        status = lay_out(root, parts, part_count, data_size, data, size, error);
    json_decref(root);
    return status;
}

/*
 * The reference orders tensors by the size of their type, then as it likes: with one type, the order given is
 * such an order.
 */
lenet_status ln_safetensors_write(const lenet_tensor *tensors, size_t tensor_count, const ln_note *notes,
                                  size_t note_count, unsigned char **data, size_t *size, lenet_error *error)
{
    ln_part *parts = ln_alloc(tensor_count, sizeof *parts);
    if (!parts)
        return ln_fail_memory(error, "a safetensors header", tensor_count * sizeof *parts);
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < tensor_count && !status; i++)
        if (!to_part(&tensors[i], &parts[i]))
            status = ln_fail(error, LENET_USAGE, "safetensors: tensor '%.80s': its size is not that of its shape",
                             tensors[i].name);
    if (!status)
        status = write_parts(parts, tensor_count, notes, note_count, data, size, error);
    ln_free(parts);
    return status;
}

lenet_status ln_safetensors_write_state(const ln_state *state, const ln_note *notes, size_t note_count,
                                        unsigned char **data, size_t *size, lenet_error *error)
{
    ln_part *parts = ln_alloc(state->count, sizeof *parts);
    size_t count = 0;
    if (!parts)
        return ln_fail_memory(error, "a safetensors header", state->count * sizeof *parts);
    for (size_t bytes = LARGEST_BYTES; bytes; bytes /= 2)
        for (const ln_piece *p = state->pieces; p < state->pieces + state->count; p++)
            if (ln_type_size(p->type) == bytes) {
                parts[count] =
                    (ln_part){.name = p->name, .type = p->type, .rank = p->rank, .data = p->memory, .bytes = p->bytes};
                memcpy(parts[count++].shape, p->shape, sizeof p->shape);
            }
    const lenet_status status = write_parts(parts, count, notes, note_count, data, size, error);
    ln_free(parts);
    return status;
}
