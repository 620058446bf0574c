/* SPDX-License-Identifier: MIT */
/* model.h - what a lenet_model is, for the rest of the library. */
#ifndef LENET_NN_MODEL_H
#define LENET_NN_MODEL_H

#include "nn/layer.h"
#include "util/sha256.h"
#include "util/state.h"

/* What a tensor holds before training. */
typedef enum ln_start { LN_DRAWN_WEIGHTS, LN_DRAWN_BIASES, LN_STARTS_AT_0, LN_STARTS_AT_1 } ln_start;

/* A tensor's place in the arena. */
typedef struct ln_tensor_row {
    char name[32];
    int rank, shape[4];
    size_t size, offset; /* in floats; offsets are multiples of LN_BLOCK */
    int is_trained;      /* gradients change it; else it has running statistics of batches */
    ln_start start;
} ln_tensor_row;

/* A note's two strings, owned. */
typedef struct ln_note_row {
    char *key, *value;
} ln_note_row;

struct lenet_model {
    char *architecture; /* in full */
    lenet_shape shape;
    int classes;
    size_t layer_count, tensor_count, note_count;
    ln_layer *layers;
    /* in layer order: weight, bias, and of a batch normalisation running_mean, running_var */
    ln_tensor_row *tensors;
    ln_note_row *notes;
    float *weights;        /* the arena: all tensors, zeros between them */
    size_t weight_count;   /* floats of the arena */
    ln_sha256 *hash;       /* for lenet_model_sha256, which may not fail */
    double *mean, *std;    /* [channels]: what pixels are normalised by, */
    float *scale, *offset; /* and the same as one multiply-add: p * scale + offset for a pixel p */
};

/*
 * Layers of `architecture` (a name or a specification) for `shape` and `classes`: *layers (freed by ln_free),
 * fitted, and the specification in full in *full (freed by ln_free).
 */
lenet_status ln_architecture_parse(const char *architecture, lenet_shape shape, int classes, ln_layer **layers,
                                   size_t *count, char **full, lenet_error *error);

/*
 * The specification that a name stands for, or a copy of the text without its spaces (freed by ln_free).
 * NULL: out of memory.
 */
enum { LN_ARCHITECTURE_LENGTH = 4000 };
char *ln_architecture_expand(const char *architecture, lenet_shape shape, int classes);

/*
 * Replaces *full, a specification made by ln_architecture_expand, by what `settings` make of it (vary.c).
 * LENET_USAGE: it has nothing that could be replaced, or becomes too long.
 */
lenet_status ln_architecture_vary(char **full, const lenet_settings *settings, lenet_error *error);

/* "conv2", "maxpool": a layer's name for people, static or inside the buffer. */
const char *ln_layer_name(const ln_layer *layer, char buffer[32]);

/*
 * Adds numbers that are laid out like the model's arena (its weights, a moment of each) to what checkpoints
 * save, tensor by tensor: "PREFIX.conv1.weight".
 */
void ln_model_add_state(const lenet_model *model, ln_state *state, const char *prefix, float *arena);

/* Removes the note, if it is there. */
void ln_model_drop_note(lenet_model *model, const char *key);

/*
 * Mean and std of the pixels: open allocates them, with 0 and 1; close frees them; load sets them by the
 * model's note. LENET_INPUT: the note of file `path` has no such numbers.
 */
lenet_status ln_normalize_open(lenet_model *model, lenet_error *error);
void ln_normalize_close(lenet_model *model);
lenet_status ln_normalize_load(lenet_model *model, const char *path, lenet_error *error);

/* What a weight or bias initializer does; NULL: unknown name. */
const char *ln_initializer_help(const char *name);
const char *ln_bias_initializer_help(const char *name);

/* LENET_USAGE: an initializer that is unknown, or a number after its name that it does not take. */
lenet_status ln_initializers_check(const lenet_settings *settings, lenet_error *error);

#endif
