/* SPDX-License-Identifier: MIT */
/*
 * model.c - a network's layers, its table of tensors, and their values in one arena; and the file it is
 * stored in.
 *
 * Always: tensors stand in layer order, weight before bias before what is remembered of batches, each at a
 * multiple of 16 floats; the numbers between them are zero. All that walks over weights (optimisers, files,
 * hashes, tests) walks over this table.
 */
#include "nn/model.h"

#include "nn/proof.h"
#include "nn/safetensors.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/sha256.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TENSORS = 4 }; /* of a layer */

/* A model file holds weights, 4 bytes each, and a header. */
static const size_t largest_file = (size_t)1 << 31;

/* ----------------------------------------------------------------------------------------------------- tensors */

/* Returns its place in the arena. */
static size_t add_tensor(lenet_model *model, const ln_layer *layer, const char *suffix, int rank, const int shape[4],
                         ln_start start)
{
    ln_tensor_row *row = &model->tensors[model->tensor_count++];
    char name[32];
    snprintf(row->name, sizeof row->name, "%.16s.%s", ln_layer_name(layer, name), suffix);
    row->rank = rank;
    row->size = 1;
    row->is_trained = 1;
    row->start = start;
    for (int i = 0; i < rank; i++) {
        row->shape[i] = shape[i];
        row->size *= (size_t)shape[i];
    }
    row->offset = model->weight_count;
    model->weight_count += (row->size + LN_BLOCK - 1) / LN_BLOCK * LN_BLOCK;
    return row->offset;
}

/* What a batch normalisation remembers, as PyTorch names it. */
static void add_running(lenet_model *model, ln_layer *layer, const int shape[4])
{
    layer->running_mean = add_tensor(model, layer, "running_mean", 1, shape, LN_STARTS_AT_0);
    layer->running_variance = add_tensor(model, layer, "running_var", 1, shape, LN_STARTS_AT_1);
    model->tensors[model->tensor_count - 2].is_trained = model->tensors[model->tensor_count - 1].is_trained = 0;
}

/* Numbers of the model, all or those that are trained. */
static size_t count_numbers(const lenet_model *model, int all)
{
    size_t count = 0;
    for (size_t i = 0; i < model->tensor_count; i++)
        if (all || model->tensors[i].is_trained)
            count += model->tensors[i].size;
    return count;
}

/*
 * The table and the arena of at most `most` numbers. Layers are limited to 2^20 inputs, 2^16 units and 200 of
 * them: 2^44 numbers at most, so nothing overflows here.
 */
static lenet_status place_tensors(lenet_model *model, size_t most, lenet_error *error)
{
    model->tensors = ln_alloc(MOST_TENSORS * model->layer_count, sizeof *model->tensors);
    if (!model->tensors)
        return ln_fail_memory(error, "the table of tensors",
                              MOST_TENSORS * model->layer_count * sizeof *model->tensors);
    for (size_t i = 0; i < model->layer_count; i++) {
        ln_layer *layer = &model->layers[i];
        if (!layer->kind->prefix)
            continue;
        int shape[4];
        const int rank = layer->kind->weight_shape(layer, shape);
        layer->weight = add_tensor(model, layer, "weight", rank, shape, rank > 1 ? LN_DRAWN_WEIGHTS : LN_STARTS_AT_1);
        layer->bias = add_tensor(model, layer, "bias", 1, shape, rank > 1 ? LN_DRAWN_BIASES : LN_STARTS_AT_0);
        if (layer->kind->batch)
            add_running(model, layer, shape);
    }
    if (count_numbers(model, 1) > most)
        return ln_fail(error, LENET_USAGE, "the architecture has %zu weights, more than the %zu that there are",
                       count_numbers(model, 1), most);
    model->weights = ln_alloc(model->weight_count, sizeof *model->weights);
    return model->weights ? LENET_OK
                          : ln_fail_memory(error, "the weights", model->weight_count * sizeof *model->weights);
}

static lenet_status create(lenet_model **out, const char *architecture, lenet_shape shape, int classes, size_t most,
                           lenet_error *error)
{
    lenet_model *model = ln_alloc(1, sizeof *model);
    if (!model)
        return ln_fail_memory(error, "a model", sizeof *model);
    model->shape = shape;
    model->classes = classes;
    model->hash = ln_sha256_open();
    lenet_status status = model->hash ? LENET_OK : ln_fail_memory(error, "a model", sizeof *model);
    if (!status)
        status = ln_architecture_parse(architecture, shape, classes, &model->layers, &model->layer_count,
                                       &model->architecture, error);
    if (!status)
        status = ln_normalize_open(model, error);
    if (!status)
        status = place_tensors(model, most, error);
    if (status) {
        lenet_model_close(&model);
        return status;
    }
    *out = model;
    return LENET_OK;
}

lenet_status lenet_model_create(lenet_model **model, const char *architecture, lenet_shape shape, int classes,
                                lenet_error *error)
{
    return create(model, architecture, shape, classes, SIZE_MAX, error);
}

lenet_status lenet_model_create_with(lenet_model **model, const char *architecture, const lenet_settings *settings,
                                     lenet_shape shape, int classes, lenet_error *error)
{
    char *full = architecture ? ln_architecture_expand(architecture, shape, classes) : NULL;
    if (architecture && !full)
        return ln_fail_memory(error, "an architecture", LN_ARCHITECTURE_LENGTH);
    lenet_status status = full ? ln_architecture_vary(&full, settings, error) : LENET_OK;
    if (!status)
        status = lenet_model_create(model, full, shape, classes, error);
    ln_free(full);
    return status;
}

void lenet_model_close(lenet_model **handle)
{
    lenet_model *model = *handle;
    *handle = NULL;
    if (!model)
        return;
    for (size_t i = 0; i < model->note_count; i++) {
        ln_free(model->notes[i].key);
        ln_free(model->notes[i].value);
    }
    ln_free(model->notes);
    char unused[LN_SHA256_HEX];
    ln_sha256_close(model->hash, unused);
    ln_normalize_close(model);
    ln_free(model->weights);
    ln_free(model->tensors);
    ln_free(model->layers);
    ln_free(model->architecture);
    ln_free(model);
}

/* ------------------------------------------------------------------------------------------------------ reading */

const char *lenet_model_architecture(const lenet_model *model) { return model->architecture; }
lenet_shape lenet_model_shape(const lenet_model *model) { return model->shape; }
int lenet_model_classes(const lenet_model *model) { return model->classes; }

size_t lenet_model_parameters(const lenet_model *model) { return count_numbers(model, 0); }

size_t lenet_model_layer_count(const lenet_model *model) { return model->layer_count; }

lenet_status lenet_model_layer(const lenet_model *model, size_t index, lenet_layer *layer, lenet_error *error)
{
    if (index >= model->layer_count)
        return ln_fail(error, LENET_USAGE, "layer %zu: the model has %zu", index, model->layer_count);
    const ln_layer *from = &model->layers[index];
    *layer = (lenet_layer){.kind = from->kind->name,
                           .in = from->in,
                           .out = from->out,
                           .kernel_height = from->kernel_height,
                           .kernel_width = from->kernel_width,
                           .stride = from->stride,
                           .pad = from->pad};
    char name[32];
    snprintf(layer->name, sizeof layer->name, "%s", ln_layer_name(from, name));
    if (from->kind->prefix)
        for (size_t i = 0; i < model->tensor_count; i++)
            if (model->tensors[i].offset == from->weight || model->tensors[i].offset == from->bias)
                layer->parameters += model->tensors[i].size;
    return LENET_OK;
}

size_t lenet_model_tensor_count(const lenet_model *model) { return model->tensor_count; }

static lenet_tensor tensor_of(const lenet_model *model, size_t index)
{
    const ln_tensor_row *row = &model->tensors[index];
    lenet_tensor tensor = {
        .name = row->name, .rank = row->rank, .size = row->size, .data = model->weights + row->offset};
    memcpy(tensor.shape, row->shape, sizeof tensor.shape);
    return tensor;
}

lenet_status lenet_model_tensor(lenet_model *model, size_t index, lenet_tensor *tensor, lenet_error *error)
{
    if (index >= model->tensor_count)
        return ln_fail(error, LENET_USAGE, "tensor %zu: the model has %zu", index, model->tensor_count);
    *tensor = tensor_of(model, index);
    return LENET_OK;
}

/*
 * Weights are hashed as they lie in memory, which is little-endian on every machine that this library is
 * built for.
 */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files and hashes are little-endian");

/*
 * One hash is always ready, opened where lack of memory can be said: the proof of a run does not fail at its
 * end.
 */
void lenet_model_sha256(const lenet_model *model, char hex[65])
{
    lenet_model *mine = (lenet_model *)model; /* every model was made by create(), so none is really const */
    if (!mine->hash)
        mine->hash = ln_sha256_open();
    for (size_t i = 0; i < model->tensor_count; i++)
        ln_sha256_add(mine->hash, model->weights + model->tensors[i].offset,
                      model->tensors[i].size * sizeof *model->weights);
    ln_sha256_close(mine->hash, hex);
    mine->hash = ln_sha256_open();
}

void ln_model_add_state(const lenet_model *model, ln_state *state, const char *prefix, float *arena)
{
    for (size_t i = 0; i < model->tensor_count; i++) {
        const ln_tensor_row *row = &model->tensors[i];
        char name[80];
        snprintf(name, sizeof name, "%s.%s", prefix, row->name);
        ln_state_add_tensor(state, name, LN_F32, arena + row->offset, row->rank, row->shape);
    }
}

/* -------------------------------------------------------------------------------------------------------- notes */

static ln_note_row *find_note(const lenet_model *model, const char *key)
{
    for (size_t i = 0; i < model->note_count; i++)
        if (!strcmp(model->notes[i].key, key))
            return &model->notes[i];
    return NULL;
}

const char *lenet_model_note(const lenet_model *model, const char *key)
{
    const ln_note_row *note = find_note(model, key);
    return note ? note->value : NULL;
}

void ln_model_drop_note(lenet_model *model, const char *key)
{
    ln_note_row *note = find_note(model, key);
    if (!note)
        return;
    ln_free(note->key);
    ln_free(note->value);
    model->note_count--;
    memmove(note, note + 1, (size_t)(model->notes + model->note_count - note) * sizeof *note);
}

static int append_note(lenet_model *model, const char *key, char *value)
{
    ln_note_row *notes = ln_alloc(model->note_count + 1, sizeof *notes);
    char *name = ln_copy_string(key);
    if (!notes || !name) {
        ln_free(notes);
        ln_free(name);
        return 0;
    }
    if (model->note_count)
        memcpy(notes, model->notes, model->note_count * sizeof *notes);
    notes[model->note_count++] = (ln_note_row){name, value};
    ln_free(model->notes);
    model->notes = notes;
    return 1;
}

lenet_status lenet_model_set_note(lenet_model *model, const char *key, const char *value, lenet_error *error)
{
    char *copy = ln_copy_string(value);
    ln_note_row *note = find_note(model, key);
    if (copy && note) {
        ln_free(note->value);
        note->value = copy;
        return LENET_OK;
    }
    if (copy && append_note(model, key, copy))
        return LENET_OK;
    ln_free(copy);
    return ln_fail_memory(error, "a note", strlen(value));
}

/* ------------------------------------------------------------------------------------------------------- files */

/* What a file must say of the network beside its weights, as notes of these names. */
static const char *const own_notes[] = {"format",  "lenet",       "architecture", "input",
                                        "classes", LN_PROOF_NOTE, LN_PROOF_HASH};
enum { OWN_NOTES = sizeof own_notes / sizeof *own_notes };

static int is_own_note(const char *key)
{
    for (int i = 0; i < OWN_NOTES; i++)
        if (!strcmp(key, own_notes[i]))
            return 1;
    return 0;
}

lenet_status lenet_model_save(const lenet_model *model, const char *path, lenet_error *error)
{
    char input[64], classes[16];
    snprintf(input, sizeof input, "%dx%dx%d", model->shape.channels, model->shape.height, model->shape.width);
    snprintf(classes, sizeof classes, "%d", model->classes);
    char hash[LN_SHA256_HEX] = "";
    const char *const values[OWN_NOTES] = {"pt",          LENET_VERSION, model->architecture, input, classes,
                                           LN_PROOF_KIND, hash};
    lenet_tensor *tensors = ln_alloc(model->tensor_count, sizeof *tensors);
    ln_note *notes = ln_alloc(OWN_NOTES + model->note_count, sizeof *notes);
    unsigned char *data = NULL;
    size_t size = 0, note_count = 0;
    lenet_status status =
        tensors && notes ? LENET_OK : ln_fail_memory(error, path, model->tensor_count * sizeof *tensors);
    if (!status) {
        for (size_t i = 0; i < model->tensor_count; i++)
            tensors[i] = tensor_of(model, i);
        for (; note_count < OWN_NOTES; note_count++)
            notes[note_count] = (ln_note){own_notes[note_count], values[note_count]};
        for (size_t i = 0; i < model->note_count; i++)
            if (!is_own_note(model->notes[i].key))
                notes[note_count++] = (ln_note){model->notes[i].key, model->notes[i].value};
        status = ln_proof_make(tensors, model->tensor_count, notes, note_count, hash, error);
    }
    if (!status)
        status = ln_safetensors_write(tensors, model->tensor_count, notes, note_count, &data, &size, error);
    if (!status)
        status = ln_write_file(path, data, size, error);
    ln_free(data);
    ln_free(notes);
    ln_free(tensors);
    return status;
}

/* "1x28x28" */
static int read_shape(const char *text, lenet_shape *shape)
{
    shape->channels = ln_read_whole(&text);
    if (*text++ != 'x')
        return 0;
    shape->height = ln_read_whole(&text);
    if (*text++ != 'x')
        return 0;
    shape->width = ln_read_whole(&text);
    return !*text;
}

/* What notes a file needs to be a model, as Python writes them. */
#define NOTES "{'architecture': 'lenet5', 'input': '1x28x28', 'classes': '10'}"

/* The network that a file's notes describe. */
static lenet_status create_described(lenet_model **model, const ln_safetensors *file, const char *path,
                                     lenet_error *error)
{
    const char *architecture = ln_safetensors_note(file, "architecture"), *input = ln_safetensors_note(file, "input");
    const char *classes = ln_safetensors_note(file, "classes");
    lenet_shape shape;
    if (!architecture || !input || !classes)
        return ln_fail(
            error, LENET_INPUT,
            "%s: no model of this program: the note '%s' is missing (safetensors' save_file(tensors, path, " NOTES
            ") writes what is needed)",
            path,
            !architecture ? "architecture"
            : !input      ? "input"
                          : "classes");
    if (!read_shape(input, &shape))
        return ln_fail(error, LENET_INPUT, "%s: the note 'input' is '%s', not CHANNELSxHEIGHTxWIDTH", path, input);
    lenet_error reason;
    const char *digits = classes;
    const int count = ln_read_whole(&digits);
    size_t values = 0; /* a small file must not ask for a large network */
    for (size_t i = 0; i < file->tensor_count; i++)
        values += file->tensors[i].size;
    const lenet_status status = *digits
                                    ? ln_fail(&reason, LENET_INPUT, "the note 'classes' is '%s', no number", classes)
                                    : create(model, architecture, shape, count, values, &reason);
    return status == LENET_USAGE || status == LENET_INPUT ? ln_fail(error, LENET_INPUT, "%s: %s", path, reason.text)
           : status                                       ? ln_fail(error, status, "%s: %s", path, reason.text)
                                                          : LENET_OK;
}

static int same_shape(const lenet_tensor *tensor, const ln_tensor_row *row)
{
    if (tensor->rank != row->rank)
        return 0;
    for (int i = 0; i < row->rank; i++)
        if (tensor->shape[i] != row->shape[i])
            return 0;
    return 1;
}

static lenet_status copy_weights(lenet_model *model, const ln_safetensors *file, const char *path, lenet_error *error)
{
    for (size_t i = 0; i < model->tensor_count; i++) {
        const ln_tensor_row *row = &model->tensors[i];
        const lenet_tensor *tensor = ln_safetensors_find(file, row->name);
        if (!tensor)
            return ln_fail(error, LENET_INPUT, "%s: the tensor '%s' of its architecture is missing", path, row->name);
        if (!same_shape(tensor, row))
            return ln_fail(error, LENET_INPUT, "%s: the tensor '%s' has not the shape that its architecture gives it",
                           path, row->name);
        memcpy(model->weights + row->offset, tensor->data, row->size * sizeof *model->weights);
    }
    if (file->tensor_count != model->tensor_count)
        return ln_fail(error, LENET_INPUT, "%s: %zu tensors, but its architecture has %zu", path, file->tensor_count,
                       model->tensor_count);
    return LENET_OK;
}

static lenet_status copy_notes(lenet_model *model, const ln_safetensors *file, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < file->note_count && !status; i++)
        if (!is_own_note(file->notes[i].key))
            status = lenet_model_set_note(model, file->notes[i].key, file->notes[i].value, error);
    return status;
}

static lenet_status load_from(lenet_model **out, const ln_safetensors *file, const char *path, lenet_error *error)
{
    lenet_model *model = NULL;
    lenet_status status = ln_safetensors_check_finite(file, path, error);
    if (!status)
        status = ln_proof_check(file, path, error);
    if (!status)
        status = create_described(&model, file, path, error);
    if (!status)
        status = copy_weights(model, file, path, error);
    if (!status)
        status = copy_notes(model, file, error);
    if (!status)
        status = ln_normalize_load(model, path, error);
    if (status)
        lenet_model_close(&model);
    else
        *out = model;
    return status;
}

/* A file of torch.save: a zip archive with a pickle in it, or, of old versions, a pickle. */
static int is_torch_file(const unsigned char *data, size_t size)
{
    static const char member[] = "data.pkl";
    const size_t begin = size < 512 ? size : 512;
    if (size < 16)
        return 0;
    if (!memcmp(data, "PK\3\4", 4))
        return memmem(data, begin, member, sizeof member - 1) != NULL;
    /* which a safetensors file has there */
    return data[0] == 0x80 && data[1] >= 2 && data[1] <= 5 && data[8] != '{';
}

static lenet_status refuse_torch_file(const char *path, lenet_error *error)
{
    return ln_fail(error, LENET_INPUT,
                   "%.100s: a file of torch.save, a pickle, which is not executed here; convert it: python3 -c "
                   "\"import torch, safetensors.torch as s; "
                   "s.save_file({k: v.float().contiguous() for k, v in torch.load('%.100s', "
                   "weights_only=True).items()}, 'model.safetensors', " NOTES ")\"",
                   path, path);
}

static lenet_status load_bytes(lenet_model **model, const unsigned char *data, size_t size, const char *path,
                               lenet_error *error)
{
    ln_safetensors *file = NULL;
    if (is_torch_file(data, size))
        return refuse_torch_file(path, error);
    lenet_status status = ln_safetensors_parse(data, size, path, &file, error);
    if (!status)
        status = load_from(model, file, path, error);
    ln_safetensors_close(&file);
    return status;
}

lenet_status lenet_model_load(lenet_model **model, const char *path, lenet_error *error)
{
    unsigned char *data = NULL;
    size_t size = 0;
    lenet_status status = ln_read_file(path, largest_file, &data, &size, error);
    if (!status) {
        status = load_bytes(model, data, size, path, error);
        if (status ==
            LENET_INPUT) /* Jansson may shorten a text that it had no memory for: damage is there when looked at again */
            status = load_bytes(model, data, size, path, error);
    }
    ln_free(data);
    return status;
}
