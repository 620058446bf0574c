/* SPDX-License-Identifier: MIT */
/*
 * safetensors.h - the model file format, in memory: bytes to tensors and notes, and back.
 *
 * A safetensors file is
 *
 *     OFFSET  SIZE  MEANING
 *     0       8     N, little-endian
 *     8       N     a JSON object in UTF-8:
 *                   {"__metadata__": {key: string, ...},
 *                    tensor name: {"dtype": "F32", "shape": [4, 3], "data_offsets": [begin, end]}, ...}
 *     8 + N   rest  the tensors' values, little-endian, row-major, at [begin, end) from here
 *
 * What always holds: of a file that was read, every byte of the data belongs to exactly one tensor, names are
 * unique, and each tensor's size is the product of its shape. What was written can be read, and equal input
 * gives equal bytes, in any locale. Models are of float32 alone; what a checkpoint keeps (util/state.h) is of
 * several types. What it is not: it knows nothing of networks (which names must be there is the caller's
 * business), and touches no file.
 */
#ifndef LENET_NN_SAFETENSORS_H
#define LENET_NN_SAFETENSORS_H

#include "util/state.h"

enum {
    LN_SAFETENSORS_MAX_HEADER =
        1 << 24, /* bytes of JSON; the format allows 100 million, which no model of ours needs */
    LN_SAFETENSORS_MAX_RANK = 4,
};

/* One entry of __metadata__. */
typedef struct ln_note {
    const char *key, *value;
} ln_note;

/* A tensor of any type that state.h knows. */
typedef struct ln_part {
    const char *name;
    ln_type type;
    int rank;
    size_t shape[LN_SAFETENSORS_MAX_RANK];
    const void *data; /* aligned for bytes */
    size_t bytes;
} ln_part;

/* What a file holds. Everything pointed at belongs to it. */
typedef struct ln_safetensors {
    size_t tensor_count;
    /* in the order of their data; rank 0..4 (rank 0: one number), a dimension may be 0 */
    lenet_tensor *tensors;
    ln_part *parts; /* the same where any type was allowed, and then instead */
    size_t note_count;
    ln_note *notes; /* in the order of the header */
    void *header;   /* owns names and notes */
    float *values;  /* owns the tensors' data */
} ln_safetensors;

/*
 * Reads the `size` bytes at `data`, which are no longer needed afterwards. `name` is what errors call the
 * file. LENET_INPUT: anything that is not exactly right; the error names the tensor and the reason. NaN and
 * infinity are legal here.
 */
lenet_status ln_safetensors_parse(const void *data, size_t size, const char *name, ln_safetensors **file,
                                  lenet_error *error);
/* The same, of any type: file->parts. */
lenet_status ln_safetensors_parse_parts(const void *data, size_t size, const char *name, ln_safetensors **file,
                                        lenet_error *error);
void ln_safetensors_close(ln_safetensors **file);

/* NULL: there is none of that name. */
const lenet_tensor *ln_safetensors_find(const ln_safetensors *file, const char *name);
const char *ln_safetensors_note(const ln_safetensors *file, const char *key);

/* LENET_INPUT if a value is infinite or not a number: names file, tensor and the value's index. */
lenet_status ln_safetensors_check_finite(const ln_safetensors *file, const char *name, lenet_error *error);

/*
 * Makes a file of the tensors and notes, in the order given, in *data (freed by ln_free) and *size.
 * LENET_USAGE: a name or note is twice there or not UTF-8, a tensor has the reserved name "__metadata__" or a
 * size that is not the product of its shape, or the header would exceed LN_SAFETENSORS_MAX_HEADER.
 */
lenet_status ln_safetensors_write(const lenet_tensor *tensors, size_t tensor_count, const ln_note *notes,
                                  size_t note_count, unsigned char **data, size_t *size, lenet_error *error);

/*
 * The same of pieces of any type, those of the longest numbers first, so that each is aligned for whoever
 * maps the file.
 */
lenet_status ln_safetensors_write_state(const ln_state *state, const ln_note *notes, size_t note_count,
                                        unsigned char **data, size_t *size, lenet_error *error);

#endif
